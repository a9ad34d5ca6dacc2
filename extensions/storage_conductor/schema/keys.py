"""Indexes from access patterns: equality columns first, then range, then sort.

An index is drafted as groups of columns. The order within a group is free, since equality filters
may come in any order; fitting a shorter need into a draft splits a group. That is how an index on
(a, b) comes to serve a filter on b alone by becoming (b, a).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from .model import DataModel, Direction, Entity, Pattern, SortColumn
from .names import Names
from .result import Cost, Finding, IndexRow, Reason, ServedKind

_OTHER: dict[Direction, Direction] = {"asc": "desc", "desc": "asc"}
_VECTOR_DIMENSIONS = 4_000  # of half-precision values in a vector index of pgvector
_FEW_VALUES = 16  # an enum of more values divides a table well enough for an index to pay


@dataclass(frozen=True)
class Need:
    """Columns that an index must begin with.

    Args:
        equal: Columns in any order.
        tail: Columns after them in this order; `None` where the direction does not matter.
    """

    equal: tuple[str, ...]
    tail: tuple[tuple[str, Direction | None], ...]
    reason: Reason

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.equal) + len(self.tail)


@dataclass
class _Draft:
    kind: Literal["key", "unique", "index"]
    groups: list[list[str]]
    directions: dict[str, Direction] = field(default_factory=dict)
    why: list[Reason] = field(default_factory=list)
    method: str = ""

    @property
    def columns(self) -> tuple[SortColumn, ...]:
        flat = [column for group in self.groups for column in group]
        return tuple((column, self.directions.get(column, "asc")) for column in flat)


@dataclass(frozen=True)
class Served:
    """What answers a pattern."""

    name: str
    kind: ServedKind
    cost: Cost


@dataclass(frozen=True)
class IndexPlan:
    """The indexes of one entity, what they serve, and what they do not."""

    indexes: tuple[IndexRow, ...]
    served: dict[str, Served]
    findings: tuple[Finding, ...]

    @property
    def writes(self) -> int:
        """Structures that one insert writes: the table, its key and every index."""
        return 1 + len(self.indexes)


def plan_indexes(
    model: DataModel,
    entity: Entity,
    names: Names,
    *,
    range_last: bool = False,
    partial_unique: bool = False,
) -> IndexPlan:
    """Derive the indexes of an entity.

    Args:
        model: The whole model, for the patterns.
        entity: The entity.
        names: Gives the names of keys, constraints and indexes.
        range_last: Put sort columns before range columns, as MongoDB advises for its indexes
            (equality, sort, range), so that it need not sort in memory.
        partial_unique: The index of a unique constraint leaves out rows that lack a value, so it
            serves only patterns that give all of its columns.
    """
    fixed = _fixed(entity)
    drafts = list(fixed)
    needs = [*_pattern_needs(model, entity, range_last), *_other_needs(entity)]
    homes: dict[Reason, _Draft] = {}
    for need in sorted(needs, key=lambda need: -need.width):
        usable = [d for d in drafts if not (partial_unique and _is_partial(entity, d))]
        home = next((draft for draft in usable if _fit(draft, need)), None)
        if home is None:
            home = _Draft("index", [list(need.equal)] if need.equal else [])
            home.groups += [[column] for column, _ in need.tail]
            home.directions |= {column: way for column, way in need.tail if way}
            drafts.append(home)
        home.why.append(need.reason)
        homes[need.reason] = home
    for pattern in model.patterns_of(entity):
        exact = _exact(pattern, fixed)
        if exact is not None:
            reason = Reason("pattern", pattern.name)
            exact.why.append(reason)
            homes[reason] = exact
    vectors = _vector_drafts(model, entity)
    drafts += vectors.values()
    rows, named = _named(entity, names, drafts)
    served = {}
    findings: list[Finding] = []
    for pattern in model.patterns_of(entity):
        home = homes.get(Reason("pattern", pattern.name))
        if pattern.vector and _exact(pattern, fixed) is None:
            near = vectors.get(pattern.vector)
            served[pattern.name] = _nearest(near or home, named)
            findings.append(_nearest_finding(entity, pattern, approximate=near is not None))
            continue
        one_row = home is not None and home is _exact(pattern, drafts)
        sorting = sorts_in_memory(pattern, range_last=range_last)
        cost = _cost(pattern, indexed=home is not None, exact=one_row, sorting=sorting)
        if home is not None:
            served[pattern.name] = Served(named[id(home)], home.kind, cost)
        else:
            served[pattern.name] = Served("", "insert" if cost == "insert" else "scan", cost)
        findings += _pattern_findings(entity, pattern, cost, sorting=sorting)
    if not served:
        findings.append(Finding("no-patterns", entity.name))
    return IndexPlan(rows, served, tuple(findings))


def _vector_drafts(model: DataModel, entity: Entity) -> dict[str, _Draft]:
    """An index for each vector that a pattern compares, as long as an index can hold it."""
    drafts: dict[str, _Draft] = {}
    for pattern in model.patterns_of(entity):
        column = pattern.vector
        if column and (entity.column(column).type.length or 0) <= _VECTOR_DIMENSIONS:
            draft = drafts.setdefault(column, _Draft("index", [[column]], method="hnsw"))
            draft.why.append(Reason("pattern", pattern.name))
    return drafts


def _nearest(home: _Draft | None, named: dict[int, str]) -> Served:
    if home is None:
        return Served("", "scan", "scan")
    return Served(named[id(home)], home.kind, "nearest" if home.method else "sort")


def _nearest_finding(entity: Entity, pattern: Pattern, *, approximate: bool) -> Finding:
    if not approximate:
        size = entity.column(pattern.vector).type.length or 0
        numbers = (("dimensions", size), ("limit", _VECTOR_DIMENSIONS))
        return Finding("exact-nearest", pattern.name, numbers)
    filtered = ", ".join((*pattern.equal, *pattern.ranges))
    return Finding("approximate-nearest", pattern.name, (("filter", filtered),))


def _fixed(entity: Entity) -> list[_Draft]:
    label = ", ".join(entity.key)
    drafts = [_Draft("key", [[c] for c in entity.key], why=[Reason("key", label)])]
    for group in entity.unique:
        reason = Reason("unique", ", ".join(group))
        drafts.append(_Draft("unique", [[c] for c in group], why=[reason]))
    return drafts


def _is_partial(entity: Entity, draft: _Draft) -> bool:
    nullable = any(entity.column(column).nullable for column, _ in draft.columns)
    return draft.kind == "unique" and nullable


def _exact(pattern: Pattern, fixed: list[_Draft]) -> _Draft | None:
    """The key or unique constraint that lets at most one row match, if there is one."""
    if not pattern.finds_rows:
        return None
    for draft in fixed:
        one_row = draft.kind != "index"
        if one_row and {column for column, _ in draft.columns} <= set(pattern.equal):
            return draft
    return None


def row_order(entity: Entity, pattern: Pattern) -> tuple[SortColumn, ...]:
    """The order in which a pattern's rows are read.

    Pages need a total order, so that the next one can begin after the last row of this one; the
    key is added unless the order is total already.
    """
    order = list(pattern.sort)
    if pattern.page_size is None or pattern.vector:
        return tuple(order)
    if not order:
        order = [(column, "asc") for column in pattern.ranges[:1]]
    known = {*pattern.equal, *(column for column, _ in order)}
    if not any(set(group) <= known for group in (entity.key, *entity.unique)):
        way = order[-1][1] if order else "asc"
        order += [(column, way) for column in entity.key if column not in known]
    return tuple(order)


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
    """Whether the rows of a range do not come in the order asked for.

    Args:
        pattern: The pattern.
        range_last: The index puts sort columns before range columns, and so keeps the order.
    """
    order = [column for column, _ in pattern.sort if column not in pattern.equal]
    return bool(pattern.ranges and order) and order[0] != pattern.ranges[0] and not range_last


def _pattern_needs(model: DataModel, entity: Entity, range_last: bool) -> list[Need]:
    needs = []
    for pattern in model.patterns_of(entity):
        need = Need(
            pattern.equal,
            pattern_tail(entity, pattern, range_last=range_last),
            Reason("pattern", pattern.name),
        )
        exact = _exact(pattern, _fixed(entity)) is not None
        if need.width and pattern.finds_rows and not exact:
            needs.append(need)
    return needs


def _other_needs(entity: Entity) -> list[Need]:
    needs = [
        Need((), tuple((column, None) for column in key.columns), Reason("reference", key.field))
        for key in entity.foreign_keys
    ]
    for column in entity.indexed:
        needs.append(Need((column,), (), Reason("indexed", entity.column(column).field)))
    return needs


def _fit(draft: _Draft, need: Need) -> bool:
    """Fit a need into a draft, refining the draft's free order; unchanged when it does not fit."""
    groups = _split(draft.groups, need)
    if groups is None:
        return False
    asked = [(column, way) for column, way in need.tail if way]
    fixed = draft.kind != "index"
    known = {c: draft.directions.get(c, "asc") for c, _ in asked if fixed or c in draft.directions}
    turned = {way != known[column] for column, way in asked if column in known}
    if len(turned) > 1:
        return False
    flip = turned == {True}  # an index is read backwards as easily as forwards
    draft.groups = groups
    if not fixed:
        for column, way in asked:
            draft.directions.setdefault(column, _OTHER[way] if flip else way)
    return True


def _split(groups: list[list[str]], need: Need) -> list[list[str]] | None:
    result: list[list[str]] = []
    rest = [list(group) for group in groups]
    equal = set(need.equal)
    while equal:
        if not rest:
            return None
        group = rest.pop(0)
        inside = [column for column in group if column in equal]
        if len(inside) == len(group):
            result.append(group)
        elif len(inside) == len(equal):
            result.append(inside)
            rest.insert(0, [column for column in group if column not in equal])
        else:
            return None
        equal -= set(inside)
    for column, _ in need.tail:
        if not rest or column not in rest[0]:
            return None
        group = rest.pop(0)
        result.append([column])
        if len(group) > 1:
            rest.insert(0, [other for other in group if other != column])
    return result + rest


def _named(
    entity: Entity, names: Names, drafts: list[_Draft]
) -> tuple[tuple[IndexRow, ...], dict[int, str]]:
    """The drafts as rows, and the name of each by its identity."""
    named: dict[int, str] = {}
    rows = []
    for draft in drafts:
        columns = [column for column, _ in draft.columns]
        prefix = {"key": "pk", "unique": "uq", "index": "ix"}[draft.kind]
        named[id(draft)] = names.make(
            prefix, entity.table, *(columns if draft.kind != "key" else [])
        )
        rows.append(
            IndexRow(
                name=named[id(draft)],
                entity=entity.name,
                table=entity.table,
                columns=draft.columns,
                unique=draft.kind != "index",
                kind=draft.kind,
                why=tuple(draft.why),
                writes=1 + len(drafts),
                method=draft.method,
            )
        )
    return tuple(rows), named


def _cost(pattern: Pattern, *, indexed: bool, exact: bool, sorting: bool) -> Cost:
    if not pattern.finds_rows:
        return "insert"
    if exact:
        return "point"
    if pattern.kind == "scan" or not indexed:
        return "scan"
    if sorting:
        return "sort"
    return "page" if pattern.page_size else "range"


def _pattern_findings(
    entity: Entity, pattern: Pattern, cost: Cost, *, sorting: bool
) -> list[Finding]:
    found = range_findings(pattern, sorting=sorting)
    if cost == "scan" and pattern.kind != "scan":
        found.append(Finding("full-scan", pattern.name))
    if pattern.kind == "read" and cost in {"range", "sort"}:
        found.append(Finding("no-page-size", pattern.name))
    values = few_values(entity, pattern.equal)
    if values is not None and not pattern.sort and cost != "point":
        found.append(Finding("low-selectivity", pattern.name, (("values", values),)))
    return found


def range_findings(pattern: Pattern, *, sorting: bool) -> list[Finding]:
    """What a range filter costs: a sort of its own, and other ranges that no key narrows."""
    found = []
    if sorting:
        numbers = (("range", pattern.ranges[0]), ("sort", pattern.sort[0][0]))
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
