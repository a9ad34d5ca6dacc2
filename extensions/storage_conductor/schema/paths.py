"""Where things go in a store of paths: which patterns a path can serve, and which it cannot.

A path is found by its beginning, and listings come in the order of the path's bytes. One path
serves one way of listing, so the pattern with the highest rate decides, unless something reads a
thing by its key alone: then the path is the key, and every listing needs an index elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass

from .keys import Served
from .model import DataModel, Entity, Pattern
from .needs import sorts_in_memory
from .result import Cost, Finding

_BY_BYTES = {"uuid", "text", "varchar", "char", "enum", "date", "time", "timestamp", "timestamptz"}


@dataclass(frozen=True)
class PathPlan:
    """The path of one entity's things.

    Args:
        segments: Columns, in the order they stand in the path; the key's come last.
        serves: Names of the patterns that the path serves.
    """

    entity: Entity
    segments: tuple[str, ...]
    serves: tuple[str, ...]
    served: dict[str, Served]
    findings: tuple[Finding, ...]


def plan_path(model: DataModel, entity: Entity) -> PathPlan:
    """Choose the path of an entity."""
    patterns = model.patterns_of(entity)
    by_key = [p for p in patterns if p.finds_rows and set(p.equal) == set(entity.key)]
    listings = [p for p in patterns if p.finds_rows and p.equal and not _exact(entity, p)]
    lead = max(listings, key=lambda p: p.per_second or 0, default=None) if not by_key else None
    segments = entity.key if lead is None else _segments(entity, lead)
    served: dict[str, Served] = {}
    findings: list[Finding] = []
    for pattern in patterns:
        served[pattern.name] = _served(entity, pattern, segments)
        findings += _findings(entity, pattern, served[pattern.name], segments)
    if not patterns:
        findings.append(Finding("no-patterns", entity.name))
    for column in segments:
        if entity.column(column).nullable:
            subject = f"{entity.name}.{entity.column(column).field}"
            findings.append(Finding("nullable-key", subject, (("index", entity.table),)))
    serves = tuple(name for name, way in served.items() if way.kind == "key")
    return PathPlan(entity, segments, serves, served, tuple(findings))


def length_findings(plan: PathPlan, limit: int | None, encoded: int) -> list[Finding]:
    """Values in a path that can be longer than the store allows.

    Args:
        plan: The path.
        limit: Most bytes of a name or key, or `None` when there is no limit.
        encoded: Bytes that one character can take.
    """
    found = []
    for column in map(plan.entity.column, plan.segments):
        unbounded = column.type.name in {"text", "bytes"}
        if limit is not None and (unbounded or (column.type.length or 0) * encoded > limit):
            subject = f"{plan.entity.name}.{column.field}"
            found.append(Finding("key-length", subject, (("limit", limit),)))
    return found


def _exact(entity: Entity, pattern: Pattern) -> bool:
    return set(entity.key) <= set(pattern.equal)


def _segments(entity: Entity, pattern: Pattern) -> tuple[str, ...]:
    order = [*pattern.ranges[:1], *(column for column, _ in pattern.sort)]
    columns = [*pattern.equal, *order[:1], *entity.key]
    return tuple(dict.fromkeys(columns))


def _served(entity: Entity, pattern: Pattern, segments: tuple[str, ...]) -> Served:
    if not pattern.finds_rows:
        return Served("", "insert", "insert")
    if set(segments) <= set(pattern.equal):
        return Served(entity.table, "key", "point")
    known = set(segments[: len(pattern.equal)])
    if pattern.equal and known == set(pattern.equal):
        single = any(set(group) <= known for group in entity.unique)
        paged: Cost = "page" if pattern.page_size else "range"
        return Served(entity.table, "key", "point" if single else paged)
    return Served("", "scan" if pattern.whole else "none", "scan")


def _findings(
    entity: Entity, pattern: Pattern, way: Served, segments: tuple[str, ...]
) -> list[Finding]:
    if way.kind == "none":
        return [Finding("listing-needs-index", pattern.name)]
    if way.kind != "key" or way.cost == "point":
        return []
    found = []
    following = segments[len(pattern.equal)] if len(segments) > len(pattern.equal) else ""
    order = [column for column, _ in pattern.sort]
    backwards = any(direction == "desc" for _, direction in pattern.sort)
    unordered = order and (order[0] != following or len(order) > 1 or sorts_in_memory(pattern))
    by_bytes = not order or entity.column(order[0]).type.name in _BY_BYTES
    if backwards or unordered or not by_bytes:
        found.append(Finding("listing-order", pattern.name, (("path", "/".join(segments)),)))
    if pattern.ranges and pattern.ranges != (following,):
        rest = (("columns", ", ".join(pattern.ranges)),)
        found.append(Finding("filter-after-range", pattern.name, rest))
    return found
