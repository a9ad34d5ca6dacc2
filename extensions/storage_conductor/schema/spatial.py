"""Indexes of places: which a store can make for what asks for them, and what they cost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from .expressions import Expression
from .model import Entity, Pattern
from .needs import by_distance, row_order
from .places import PlaceWay, SoughtPlace
from .result import Cost, Finding, Reason


class Spatial(NamedTuple):
    """What an index of places can do in a store.

    Args:
        method: What the store calls it.
        prefix: Whether fields that are compared for equality may come before the place.
        limited: Whether it can leave out rows that a pattern never asks for.
        missing: Whether the place may be missing in some rows.
        ordered: The ways of asking in which it gives entries in the order of their distance.
    """

    method: str
    prefix: bool = False
    limited: bool = False
    missing: bool = True
    ordered: tuple[PlaceWay, ...] = ()


BY_DISTANCE: tuple[PlaceWay, ...] = ("near", "nearest")
ANYWHERE = Spatial("spatial", ordered=BY_DISTANCE)
"""An index of a store that nothing is known about."""


@dataclass
class PlaceNeed:
    """An index of places that patterns need.

    Args:
        columns: Those before the place, and its own.
        where: What holds for all rows that are looked for.
        why: What needs it.
    """

    columns: tuple[str, ...]
    where: tuple[Expression, ...]
    why: list[Reason] = field(default_factory=list)


def place_needs(
    entity: Entity,
    patterns: Sequence[Pattern],
    spatial: Spatial,
    partial: Callable[[Expression], bool],
) -> list[PlaceNeed]:
    """The indexes of places that an entity needs, each once.

    Args:
        entity: The entity.
        patterns: Its patterns, folded for the store.
        spatial: What the store's indexes of places can do.
        partial: Whether an index of the store can be limited to the rows that meet a condition.
    """
    found: dict[tuple[tuple[str, ...], tuple[Expression, ...]], PlaceNeed] = {}

    def need(pattern: Pattern, place: SoughtPlace, why: Reason) -> None:
        if not _indexable(entity, place, spatial):
            return
        limited = spatial.limited and all(map(partial, pattern.conditions))
        where = pattern.conditions if limited else ()
        columns = (*(pattern.equal if spatial.prefix else ()), *place.columns)
        found.setdefault((columns, where), PlaceNeed(columns, where)).why.append(why)

    for pattern in patterns:
        if pattern.by_place:
            need(pattern, pattern.by_place, Reason("pattern", pattern.name))
    for name in entity.indexed:
        column = entity.column(name)
        if column.type.name == "point":
            asked = Pattern("", entity.name)
            need(asked, SoughtPlace((name,), "near"), Reason("indexed", column.field))
    for (columns, where), partial_need in list(found.items()):
        if where and (columns, ()) in found:  # the index of all rows is written anyway
            found[columns, ()].why += partial_need.why
            del found[columns, where]
    return list(found.values())


def _indexable(entity: Entity, place: SoughtPlace, spatial: Spatial) -> bool:
    return spatial.missing or not any(entity.column(name).nullable for name in place.columns)


def place_cost(entity: Entity, pattern: Pattern, spatial: Spatial) -> Cost:
    """What a pattern reads that an index of places serves."""
    if pattern.place and by_distance(pattern):
        paged: Cost = "page" if pattern.page_size else "range"
        return paged if pattern.place.way in spatial.ordered else "sort"
    return "sort" if row_order(entity, pattern) else "range"


def place_notes(
    entity: Entity,
    pattern: Pattern,
    place: SoughtPlace,
    spatial: Spatial,
    where: tuple[Expression, ...],
) -> list[Finding]:
    """What a reader must know of how a pattern finds places by an index of those of some rows."""
    if not _indexable(entity, place, spatial):
        return [Finding("place-not-indexed", pattern.name, (("field", place.columns[0]),))]
    found = []
    if pattern.page_size is None and pattern.kind == "read":
        found.append(Finding("no-page-size", pattern.name))
    later = [] if spatial.prefix else list(pattern.equal)
    later += [*pattern.ranges, *pattern.among]
    if not where:
        later += [c for rule in pattern.conditions for c in sorted(rule.columns())]
    if later:
        columns = ", ".join(dict.fromkeys(later))
        found.append(Finding("filter-after-range", pattern.name, (("columns", columns),)))
    return found
