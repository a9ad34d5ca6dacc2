"""Every access pattern against the index that the design promises it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping

import sqlalchemy as sa

from ..schema.model import Pattern
from ..schema.result import IndexRow, PatternRow
from .outcome import Promise
from .plans import Plan, plan_of
from .rows import Made, Row
from .subject import Subject
from .writing import ROW_NUMBER, Writer

_SORTED = {"sort", "nearest", "scan", "point"}
"""Costs that allow a sort; that of a single row is none."""


def ask_patterns(subject: Subject, writer: Writer, made: Mapping[str, Made]) -> Iterator[Promise]:
    """Run the query of each pattern, and look whether what was promised is what was done."""
    rows = {row.name: row for row in subject.design.patterns}
    for pattern in subject.model.patterns:
        entity = subject.model.entity(pattern.entity)
        promised = rows[pattern.name]
        if not pattern.finds_rows:
            yield _written(pattern, len(made[entity.name].rows))
            continue
        row = typical(pattern, made[entity.name].rows)
        if row is None:
            yield Promise("pattern", pattern.name, None, "no row was made that it would find")
            continue
        yield _asked(subject, writer, pattern, promised, row)


def _written(pattern: Pattern, loaded: int) -> Promise:
    """Say what the rows that were loaded show of a pattern that adds some."""
    if not loaded:
        return Promise("pattern", pattern.name, None, "no row was made that it would write")
    return Promise("pattern", pattern.name, True, f"{loaded} rows were inserted")


def typical(pattern: Pattern, rows: list[Row]) -> Row | None:
    """Return a row that a pattern finds: the middle one by how many others share its values."""

    def compared(row: Row) -> bool:
        names = (*pattern.equal, *pattern.ranges, *pattern.among)
        near = (*filter(None, [pattern.vector]), *(pattern.place.columns if pattern.place else ()))
        whole = all(row[name] is not None for name in (*names, *near))
        return whole and all(rule.holds(row) for rule in pattern.conditions)

    found = [row for row in rows if compared(row)]
    often: dict[tuple[str, ...], int] = {}

    def group(row: Row) -> tuple[str, ...]:
        return tuple(repr(row[name]) for name in pattern.equal)

    for row in found:
        often[group(row)] = often.get(group(row), 0) + 1
    found.sort(key=lambda row: often[group(row)])
    if pattern.ranges and not pattern.equal:
        # From late in the order, so that the range is a part of the table.
        found.sort(key=lambda row: repr(row[pattern.ranges[0]]))
        return found[len(found) * 9 // 10] if found else None
    return found[len(found) // 2] if found else None


def _asked(
    subject: Subject, writer: Writer, pattern: Pattern, promised: PatternRow, row: Row
) -> Promise:
    entity = subject.model.entity(pattern.entity)
    store = subject.backend.key
    plan = plan_of(writer, store, writer.query(entity, pattern, row))
    own = [index for index in subject.design.indexes if index.entity == entity.name]
    serving = [index for index in own if _serves(index, pattern, promised)]
    if not promised.served_by:
        says = f"reads all rows, as said; {_seen(plan)}"
        return Promise("pattern", pattern.name, True, says, _numbers(plan))
    wanted = frozenset(name for index in serving for name in _names(writer, store, index))
    forced = ""
    if not _kept(plan, wanted, promised):
        # A planner may rightly read a small table whole: what counts is that the index serves.
        hinted = writer.query(entity, pattern, row, _hint(store, promised, wanted))
        # An index that is not there cannot be preferred, which is refused.
        ordered = promised.cost not in _SORTED
        with (
            contextlib.suppress(sa.exc.OperationalError),
            _preferring_indexes(writer, store, ordered=ordered),
        ):
            other = plan_of(writer, store, hinted)
            if _kept(other, wanted, promised):
                plan, forced = other, " when told to prefer it, on as few rows as these"
    passed = _kept(plan, wanted, promised)
    says = f"used {promised.served_by}{forced}"
    if passed and not plan.indexes & wanted:
        says = f"used {', '.join(sorted(plan.indexes))}, which is as good as {promised.served_by}"
    if not passed:
        says = f"used {', '.join(sorted(plan.indexes)) or 'no index'}"
        says += "" if plan.indexes & wanted else f", not {promised.served_by}"
    if plan.sorted:
        says += ", and sorted" + (" as said" if promised.cost in _SORTED else "")
    return Promise("pattern", pattern.name, passed, f"{says}; {_seen(plan)}", _numbers(plan))


def _serves(index: IndexRow, pattern: Pattern, promised: PatternRow) -> bool:
    """Whether an index is the one that is promised, or finds a single row as well as that."""
    unique = index.kind != "index" and {name for name, _ in index.columns} <= set(pattern.equal)
    return index.name == promised.served_by or (promised.cost == "point" and unique)


def _kept(plan: Plan, wanted: frozenset[str], promised: PatternRow) -> bool:
    if plan.sorted and promised.cost not in _SORTED:
        return False
    # Another index is as good where it reads no row in vain.
    spare = plan.read is not None and plan.read <= plan.returned + 1
    return bool(plan.indexes & wanted) or (bool(plan.indexes) and spare)


def _hint(store: str, promised: PatternRow, wanted: frozenset[str]) -> str:
    """The index that a query can name; SQLite's own ones have no name that it may."""
    name = promised.served_by if promised.served_by in wanted else min(wanted, default="")
    if store == "sqlite" and ROW_NUMBER in wanted:
        name = ROW_NUMBER
    unnamed = store == "postgresql" or name.startswith("sqlite_")
    return "" if unnamed else name


@contextlib.contextmanager
def _preferring_indexes(writer: Writer, store: str, *, ordered: bool) -> Iterator[None]:
    """Tell PostgreSQL to read by indexes; a query names the index for the others.

    Args:
        writer: To the scratch database.
        store: Its key.
        ordered: Whether the index is to bring the order, too; a sort that must be is done still.
    """
    names = ["enable_seqscan", "enable_bitmapscan", *(["enable_sort"] if ordered else [])]
    settings = names if store == "postgresql" else []
    for name in settings:
        writer.ask(f"SET {name} = off")
    try:
        yield
    finally:
        for name in settings:
            writer.ask(f"RESET {name}")


def _names(writer: Writer, store: str, index: IndexRow) -> frozenset[str]:
    """What a store calls an index of the design in its plans."""
    if store in {"mysql", "mariadb"} and index.kind == "key":
        return frozenset({"PRIMARY"})
    if store != "sqlite" or index.kind == "index":
        return frozenset({index.name})
    columns = [column for column, _ in index.columns]
    found = {ROW_NUMBER} if index.kind == "key" else set()
    quoted = index.table.replace('"', '""')
    for row in writer.ask(f'PRAGMA index_list("{quoted}")').all():
        inner = [item[2] for item in writer.ask(f'PRAGMA index_info("{row[1]}")').all()]
        if row[3] in {"u", "pk"} and inner == columns:
            found.add(row[1])
    return frozenset(found)


def _seen(plan: Plan) -> str:
    rows = (
        f"{plan.returned} rows"
        if plan.read is None
        else f"{plan.read} rows read for {plan.returned}"
    )
    return f"{rows}, {plan.milliseconds:.1f} ms"


def _numbers(plan: Plan) -> dict[str, float]:
    found: dict[str, float] = {"returned": plan.returned, "ms": round(plan.milliseconds, 2)}
    if plan.read is not None:
        found["read"] = plan.read
    return found
