"""Indexes from access patterns: equality columns first, then range, then sort.

An index is drafted as groups of columns. The order within a group is free, since equality filters
may come in any order; fitting a shorter need into a draft splits a group. That is how an index on
(a, b) comes to serve a filter on b alone by becoming (b, a).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

from .expressions import Expression, Joined
from .model import DataModel, Direction, Entity, Pattern, SortColumn
from .names import Names
from .needs import (
    Need,
    folded,
    nearest_finding,
    pattern_cost,
    pattern_findings,
    pattern_need,
    sorts_in_memory,
)
from .result import Cost, Finding, FindingKey, IndexRow, Reason, ServedKind
from .spatial import ANYWHERE, Spatial, place_cost, place_needs, place_notes

_OTHER: dict[Direction, Direction] = {"asc": "desc", "desc": "asc"}


def _never(_: object) -> bool:
    return False


@dataclass(frozen=True)
class Abilities:
    """What the indexes of a store can do.

    Args:
        range_last: Sort columns go before range columns, as MongoDB advises for its indexes
            (equality, sort, range), so that it need not sort in memory.
        partial_unique: The index of a unique constraint leaves out rows that lack a value, so it
            serves only patterns that give all of its columns.
        partial: Whether an index can be limited to the rows that meet a condition.
        hashed: Whether the rule that columns of an entity are unique is kept by a hash, which
            serves no pattern.
        ascending_references: An index serves a reference only with its columns ascending; without
            such an index the store adds one of its own, as MySQL does.
        vector_dimensions: Most dimensions of a vector that an index holds; `None` for no limit.
        spatial: What its indexes of places can do.
    """

    range_last: bool = False
    partial_unique: bool = False
    partial: Callable[[Expression], bool] = _never
    hashed: Callable[[Entity, tuple[str, ...]], bool] = lambda _entity, _columns: False
    ascending_references: bool = False
    vector_dimensions: int | None = None
    spatial: Spatial = ANYWHERE


PLAIN = Abilities()


@dataclass
class _Draft:
    kind: Literal["key", "unique", "index"]
    groups: list[list[str]]
    directions: dict[str, Direction] = field(default_factory=dict)
    why: list[Reason] = field(default_factory=list)
    where: tuple[Expression, ...] = ()
    unique: bool = False
    label: tuple[str, ...] = ()
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
    model: DataModel, entity: Entity, names: Names, abilities: Abilities = PLAIN
) -> IndexPlan:
    """Derive the indexes of an entity.

    Args:
        model: The whole model, for the patterns.
        entity: The entity.
        names: Gives the names of keys, constraints and indexes.
        abilities: What the store's indexes can do.
    """
    fixed = _fixed(model, entity)
    own, findings = _own(entity, abilities)
    drafts = [*fixed, *own]
    single = [draft for draft in fixed if not _hashed(entity, draft, abilities)]
    patterns = [_timed(entity, folded(p, abilities.partial)) for p in model.patterns_of(entity)]
    needs = [
        *(
            pattern_need(entity, p, abilities.partial, range_last=abilities.range_last)
            for p in patterns
            if p.finds_rows and p.by_place is None and _exact(p, single) is None
        ),
        *_other_needs(entity, abilities),
    ]
    homes: dict[Reason, _Draft] = {}
    for need in sorted((need for need in needs if need.width), key=lambda need: -need.width):
        usable = [d for d in drafts if _readable(entity, d, abilities) and _covers(d, need)]
        home = next((draft for draft in usable if _fit(draft, need)), None)
        if home is None:
            home = _Draft("index", [list(need.equal)] if need.equal else [], where=need.where)
            home.groups += [[column] for column, _ in need.tail]
            home.directions |= {column: way for column, way in need.tail if way}
            drafts.append(home)
        home.why.append(need.reason)
        homes[need.reason] = home
    for pattern in patterns:
        exact = _exact(pattern, single)
        if exact is not None:
            reason = Reason("pattern", pattern.name)
            exact.why.append(reason)
            homes[reason] = exact
    vectors = _vector_drafts(model, entity, abilities.vector_dimensions)
    drafts += vectors.values()
    places = _place_drafts(entity, patterns, abilities)
    drafts += {id(draft): draft for draft in places.values()}.values()
    rows, named = _named(entity, names, drafts)
    served = {}
    for pattern in patterns:
        one_row = _exact(pattern, fixed) is not None
        home = homes.get(Reason("pattern", pattern.name))
        if pattern.vector and not one_row:
            near = vectors.get(pattern.vector)
            served[pattern.name] = _nearest(near or home, named)
            limit = None if near else abilities.vector_dimensions
            findings.append(nearest_finding(entity, pattern, limit))
        elif pattern.by_place and not one_row:
            found = places.get(pattern.name)
            served[pattern.name] = _placed(entity, pattern, found, named, abilities.spatial)
            where = found.where if found else ()
            findings += place_notes(entity, pattern, pattern.by_place, abilities.spatial, where)
        else:
            sorting = sorts_in_memory(pattern, range_last=abilities.range_last)
            cost = pattern_cost(pattern, indexed=home is not None, exact=one_row, sorting=sorting)
            served[pattern.name] = _found(home, cost, named)
            findings += pattern_findings(entity, pattern, cost, sorting=sorting)
    if not served:
        findings.append(Finding("no-patterns", entity.name))
    return IndexPlan(rows, served, tuple(findings))


def _vector_drafts(model: DataModel, entity: Entity, most: int | None) -> dict[str, _Draft]:
    """An index for each vector that a pattern compares, as long as an index can hold it."""
    drafts: dict[str, _Draft] = {}
    for pattern in model.patterns_of(entity):
        column = pattern.vector
        if column and (most is None or (entity.column(column).type.length or 0) <= most):
            draft = drafts.setdefault(column, _Draft("index", [[column]], method="hnsw"))
            draft.why.append(Reason("pattern", pattern.name))
    return drafts


def _place_drafts(
    entity: Entity, patterns: list[Pattern], abilities: Abilities
) -> dict[str, _Draft]:
    """The indexes of places by what needs each; several may need one."""
    found: dict[str, _Draft] = {}
    for need in place_needs(entity, patterns, abilities.spatial, abilities.partial):
        groups = [[column] for column in need.columns]
        method = abilities.spatial.method
        draft = _Draft("index", groups, why=need.why, where=need.where, method=method)
        found |= {reason.name: draft for reason in need.why}
    return found


def _placed(
    entity: Entity, pattern: Pattern, home: _Draft | None, named: dict[int, str], spatial: Spatial
) -> Served:
    cost = "scan" if home is None else place_cost(entity, pattern, spatial)
    return _found(home, cost, named)


def _found(home: _Draft | None, cost: Cost, named: dict[int, str]) -> Served:
    if home is not None:
        return Served(named[id(home)], home.kind, cost)
    return Served("", "insert" if cost == "insert" else "scan", cost)


def _nearest(home: _Draft | None, named: dict[int, str]) -> Served:
    if home is None:
        return Served("", "scan", "scan")
    return Served(named[id(home)], home.kind, "nearest" if home.method else "sort")


def _fixed(model: DataModel, entity: Entity) -> list[_Draft]:
    """The key and the unique rules; the columns of a rule come in the order that serves.

    Columns that a reference points to keep the given order, which MySQL asks for.
    """
    drafts = []
    if entity.key:
        reason = Reason("key", ", ".join(entity.key))
        drafts.append(_Draft("key", [[c] for c in entity.key], why=[reason]))
    for group in entity.unique:
        reason = Reason("unique", ", ".join(group))
        groups = [[c] for c in group] if _referenced(model, entity, group) else [list(group)]
        drafts.append(_Draft("unique", groups, why=[reason], label=group))
    return drafts


def _referenced(model: DataModel, entity: Entity, group: tuple[str, ...]) -> bool:
    return any(
        key.entity == entity.name and set(key.referenced) == set(group)
        for other in model.entities
        for key in other.foreign_keys
    )


def _own(entity: Entity, abilities: Abilities) -> tuple[list[_Draft], list[Finding]]:
    """The indexes that were asked for; one for some of the rows only where the store has that."""
    drafts: list[_Draft] = []
    findings: list[Finding] = []
    for index in entity.indexes:
        columns = [column for column, _ in index.columns]
        label = ", ".join(columns)
        where = () if index.where is None else (index.where,)
        if not all(map(abilities.partial, where)):
            lost: FindingKey = "partial-unique-lost" if index.unique else "partial-index-lost"
            numbers = (("columns", label), ("where", str(index.where)))
            findings.append(Finding(lost, entity.name, numbers))
            if index.unique:
                continue
            where = ()
        why = [Reason("indexed", label)]
        directions = dict(index.columns)
        groups = [[column] for column in columns]
        drafts.append(_Draft("index", groups, directions, why, where, index.unique))
    return drafts, findings


def _readable(entity: Entity, draft: _Draft, abilities: Abilities) -> bool:
    """Whether patterns can read by a draft, and not only the store by it keep a rule."""
    if draft.kind != "unique":
        return True
    nullable = any(entity.column(column).nullable for column, _ in draft.columns)
    partial = abilities.partial_unique and nullable
    return not partial and not _hashed(entity, draft, abilities)


def _hashed(entity: Entity, draft: _Draft, abilities: Abilities) -> bool:
    return draft.kind == "unique" and abilities.hashed(entity, draft.label)


def _covers(draft: _Draft, need: Need) -> bool:
    """Whether all rows that are looked for are in an index, and it is not a larger one."""
    return set(draft.where) <= set(need.where) and bool(draft.where) is bool(need.where)


def _exact(pattern: Pattern, fixed: list[_Draft]) -> _Draft | None:
    """The key or unique constraint that lets at most one row match, if there is one."""
    if not pattern.finds_rows:
        return None
    for draft in fixed:
        one_row = draft.kind != "index"
        if one_row and {column for column, _ in draft.columns} <= set(pattern.equal):
            return draft
    return None


def _timed(entity: Entity, pattern: Pattern) -> Pattern:
    """A pattern by the key that was given, which finds one row though the drafted one has more."""
    if not entity.partition or not entity.key or not set(entity.identity) <= set(pattern.equal):
        return pattern
    return replace(pattern, equal=tuple(dict.fromkeys((*pattern.equal, *entity.key))))


def _other_needs(entity: Entity, abilities: Abilities) -> list[Need]:
    way: Direction | None = "asc" if abilities.ascending_references else None
    needs = [
        Need((), tuple((column, way) for column in key.columns), Reason("reference", key.field))
        for key in entity.foreign_keys
    ]
    if entity.expiring:
        needs.append(Need((), ((entity.expiring, None),), Reason("expiry", entity.name)))
    for column in entity.indexed:
        if entity.column(column).type.name == "point":
            continue
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
    flip = turned == {True}  # an index is read backwards as easily as forwards, but by a reference
    if flip and need.reason.kind == "reference":
        return False
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
        columns = list(draft.label) or [column for column, _ in draft.columns]
        prefix = {"key": "pk", "unique": "uq", "index": "ix"}[draft.kind]
        limited = dict.fromkeys(c for rule in draft.where for c in sorted(rule.columns()))
        parts = [*columns, *(["where", *limited] if limited else [])]
        named[id(draft)] = names.make(prefix, entity.table, *(parts if draft.kind != "key" else []))
        rows.append(
            IndexRow(
                name=named[id(draft)],
                entity=entity.name,
                table=entity.table,
                columns=draft.columns,
                unique=draft.unique or draft.kind != "index",
                kind=draft.kind,
                why=tuple(draft.why),
                writes=1 + len(drafts),
                where=_together(draft.where),
                method=draft.method,
            )
        )
    return tuple(rows), named


def _together(rules: tuple[Expression, ...]) -> Expression | None:
    if len(rules) < 2:
        return rules[0] if rules else None
    return Joined("and", rules)
