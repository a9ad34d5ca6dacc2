"""What a pattern needs of an index: columns it begins with, their order, the rows it leaves out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from .expressions import Compare, Constant, Expression, Missing
from .model import DataModel, Direction, Entity, Pattern, SortColumn
from .result import Cost, Finding, Reason

_FEW_VALUES = 16  # an enum of more values divides a table well enough for an index to pay


@dataclass(frozen=True)
class Need:
    """Columns that an index must begin with.

    Args:
        equal: Columns in any order.
        tail: Columns after them in this order; `None` where the direction does not matter.
        where: What holds for all rows that are looked for.
    """

    equal: tuple[str, ...]
    tail: tuple[tuple[str, Direction | None], ...]
    reason: Reason
    where: tuple[Expression, ...] = ()

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.equal) + len(self.tail)


def folded(pattern: Pattern, partial: Callable[[Expression], bool]) -> Pattern:
    """Turn fixed values into filters for equality where an index cannot leave other rows out.

    Args:
        pattern: What it does.
        partial: Whether an index of the store can be limited to the rows that meet a condition.
    """
    if all(map(partial, pattern.conditions)):
        return pattern
    alike = [rule for rule in pattern.conditions if _one_value(rule)]
    used = {*pattern.equal, *pattern.ranges, *pattern.among}
    columns = [column for rule in alike for column in sorted(rule.columns()) if column not in used]
    rest = tuple(rule for rule in pattern.conditions if rule not in alike)
    equal = tuple(dict.fromkeys((*pattern.equal, *columns)))
    return replace(pattern, equal=equal, conditions=rest, fixed=tuple(alike))


def _one_value(rule: Expression) -> bool:
    """Whether all rows that meet a condition have the same value in its column."""
    match rule:
        case Missing():
            return not rule.negated
        case Compare():
            return rule.operator == "=" and isinstance(rule.right, Constant)
        case _:
            return False


def pattern_need(
    entity: Entity,
    pattern: Pattern,
    partial: Callable[[Expression], bool],
    *,
    range_last: bool = False,
) -> Need:
    """The index that a pattern needs, which may have no column at all.

    Args:
        entity: The pattern's entity.
        pattern: What it does, folded for the store.
        partial: As in `folded`.
        range_last: As in `pattern_tail`.
    """
    tail = pattern_tail(entity, pattern, range_last=range_last)
    equal = (*pattern.equal, *pattern.among)
    tail = tuple((column, way) for column, way in tail if column not in pattern.among)
    known = {*equal, *(column for column, _ in tail)}
    left = dict.fromkeys(c for rule in pattern.conditions for c in sorted(rule.columns()))
    where = pattern.conditions if all(map(partial, pattern.conditions)) else ()
    if not where:
        tail = (*tail, *((column, None) for column in left if column not in known))
    elif not known:
        tail = tuple((column, None) for column in entity.identity or left)
    return Need(equal, tail, Reason("pattern", pattern.name), where)


def row_order(entity: Entity, pattern: Pattern) -> tuple[SortColumn, ...]:
    """The order in which a pattern's rows are read.

    Pages need a total order, so that the next one can begin after the last row of this one; the
    key is added unless the order is total already.
    """
    order = list(pattern.sort)
    if pattern.page_size is None or pattern.vector or by_distance(pattern):
        return tuple(order)
    if not order:
        order = [(column, "asc") for column in pattern.ranges[:1]]
    known = {*pattern.equal, *(column for column, _ in order)}
    if not any(group and set(group) <= known for group in (entity.identity, *entity.unique)):
        way = order[-1][1] if order else "asc"
        rest = [column for column in entity.identity if column not in known]
        # Values that were asked for come first in the index, and so in the order that it keeps.
        rest.sort(key=lambda column: column not in pattern.among)
        order += [(column, way) for column in rest]
    return tuple(order)


def by_distance(pattern: Pattern) -> bool:
    """Whether entries come in the order of their distance from a place."""
    return bool(pattern.place and pattern.place.way != "within" and not pattern.sort)


def pattern_tail(
    entity: Entity, pattern: Pattern, *, range_last: bool = False
) -> tuple[tuple[str, Direction | None], ...]:
    """The range and sort columns that follow the equality columns of a pattern's index."""
    order = [(c, way) for c, way in row_order(entity, pattern) if c not in pattern.equal]
    ways: dict[str, Direction] = dict(order)
    bound = pattern.ranges[:1]
    if not bound:
        return tuple(order)
    if range_last:
        return (*order, *((c, None) for c in bound if c not in ways))
    rest = [(column, way) for column, way in order if column not in bound]
    return (*((column, ways.get(column)) for column in bound), *rest)


def sorts_in_memory(pattern: Pattern, *, range_last: bool = False) -> bool:
    """Whether the rows of a range, or of several values, do not come in the order asked for.

    Args:
        pattern: The pattern.
        range_last: The index puts sort columns before range columns, and so keeps the order.
    """
    order = [column for column, _ in pattern.sort if column not in pattern.equal]
    if pattern.among and order:
        return True
    return bool(pattern.ranges and order) and order[0] != pattern.ranges[0] and not range_last


def leading(model: DataModel, entity: Entity) -> Pattern | None:
    """The pattern that decides how a store of keys lays out a key of several columns, if any.

    It is the one that asks by the fewest of those columns and orders by others of them.
    """
    columns = set(entity.key)
    found = [
        pattern
        for pattern in model.patterns_of(entity)
        if pattern.equal
        and set(pattern.equal) < columns
        and {column for column, _ in useful_tail(entity, pattern)} <= columns
    ]
    return min(found, key=lambda pattern: len(pattern.equal), default=None)


def total(entity: Entity, pattern: Pattern) -> bool:
    """Whether the order in which a pattern's rows are read leaves no two of them equal."""
    known = {*pattern.equal, *(column for column, _ in row_order(entity, pattern))}
    groups = (entity.identity, *entity.unique)
    return any(group and set(group) <= known for group in groups)


def order_findings(entity: Entity, pattern: Pattern, *, nulls_last: bool) -> list[Finding]:
    """What keeps pages that continue after their last row from reaching every row.

    Args:
        entity: The pattern's entity.
        pattern: What it does.
        nulls_last: Whether the store orders rows without a value after all others.
    """
    if pattern.page_size is None or pattern.vector or by_distance(pattern):
        return []
    if not pattern.finds_rows:
        return []
    found = []
    if not total(entity, pattern):
        found.append(Finding("no-total-order", pattern.name))
    excluded = {*pattern.equal, *pattern.ranges, *pattern.among}
    excluded |= {
        column
        for rule in pattern.conditions
        if not (isinstance(rule, Missing) and not rule.negated)
        for column in rule.columns()
    }
    for name, way in row_order(entity, pattern):
        column = entity.column(name)
        if column.nullable and name not in excluded:
            place = "last" if nulls_last is (way == "asc") else "first"
            numbers = (("field", column.field), ("column", name), ("place", place))
            found.append(Finding("nullable-sort", pattern.name, numbers))
    return found


def range_findings(pattern: Pattern, *, sorting: bool) -> list[Finding]:
    """What a range filter costs: a sort of its own, and other ranges that no key narrows."""
    found = []
    if sorting:
        several = (*pattern.among, *pattern.ranges)[0]
        numbers = (("range", several), ("sort", pattern.sort[0][0]))
        found.append(Finding("sort-after-range", pattern.name, numbers))
    if len(pattern.ranges) > 1:
        rest = ", ".join(pattern.ranges[1:])
        found.append(Finding("filter-after-range", pattern.name, (("columns", rest),)))
    return found


def useful_tail(entity: Entity, pattern: Pattern) -> tuple[tuple[str, Direction | None], ...]:
    """Like `pattern_tail`, without sort columns that a range before them keeps from sorting."""
    tail = pattern_tail(entity, pattern)
    return tail[:1] if sorts_in_memory(pattern) else tail


def few_values(entity: Entity, columns: tuple[str, ...]) -> int | None:
    """How many different values columns can have together, when all are short lists."""
    product = 1
    for column in columns:
        kind = entity.column(column).type
        size = 2 if kind.name == "bool" else len(kind.values)
        if not size:
            return None
        product *= size
    return product if columns and product <= _FEW_VALUES else None


def pattern_cost(pattern: Pattern, *, indexed: bool, exact: bool, sorting: bool) -> Cost:
    """What a pattern reads, given whether an index serves it, alone one row, or needs a sort."""
    if not pattern.finds_rows:
        return "insert"
    if exact:
        return "point"
    if pattern.whole or not indexed:
        return "scan"
    if sorting:
        return "sort"
    return "page" if pattern.page_size else "range"


def pattern_findings(
    entity: Entity, pattern: Pattern, cost: Cost, *, sorting: bool
) -> list[Finding]:
    """What a reader must know about how a pattern is served."""
    found = range_findings(pattern, sorting=sorting)
    if cost == "scan" and not (pattern.whole or pattern.inside):
        found.append(Finding("full-scan", pattern.name))
    if pattern.kind == "read" and cost in {"range", "sort"} and not pattern.aggregates:
        found.append(Finding("no-page-size", pattern.name))
    values = few_values(entity, pattern.equal)
    if values is not None and cost != "point":
        found.append(Finding("low-selectivity", pattern.name, (("values", values),)))
    return found


def nearest_finding(entity: Entity, pattern: Pattern, limit: int | None) -> Finding:
    """What a reader must know about the search for the nearest vectors.

    Args:
        entity: The pattern's entity.
        pattern: What it does.
        limit: Most dimensions of an index, where there is none for that reason.
    """
    if limit is not None:
        size = entity.column(pattern.vector).type.length or 0
        return Finding("exact-nearest", pattern.name, (("dimensions", size), ("limit", limit)))
    fixed = (column for rule in pattern.conditions for column in sorted(rule.columns()))
    filtered = dict.fromkeys((*pattern.equal, *pattern.ranges, *pattern.among, *fixed))
    return Finding("approximate-nearest", pattern.name, (("filter", ", ".join(filtered)),))
