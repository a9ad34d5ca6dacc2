"""Which changes have no form that is safe for tables with rows, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..catalog.steps import steps
from .casts import cast, widens
from .changes import Change
from .existing import GENERATED, KeptPart, Readings, TableReading
from .forms import filled
from .names import StepNames
from .parts import SchemaParts, columns_of, target_of, tokens
from .sqlite import makes_anew

_ALWAYS = ("change-key", "change-counting", "change-options", "change-unique")

# In MariaDB and MySQL these write the whole column again.
_MODIFIED = ("change-type", "add-value", "set-null", "set-not-null", "set-default", "drop-default")

# PostgreSQL has no CONCURRENTLY for the index of a partitioned table, and up to 17 no NOT VALID for
# its references: https://www.postgresql.org/docs/17/sql-createindex.html, sql-altertable.html
_BY_PARTITION = (
    "add-index",
    "change-index",
    "add-unique",
    "add-reference",
    "change-reference",
    "rename-table",
)

_WIDENED = ("index ", "unique ", "check ", "reference ")
"""How the words begin of what PostgreSQL takes along to a wider type."""


def reasons(
    found: Sequence[Change], old: SchemaParts, new: SchemaParts, readings: Readings
) -> Iterator[tuple[Change, str]]:
    """Yield each change that is not written, with the reason."""
    names = StepNames(old, new)
    for change in found:
        key = _reason(change, found, old, new, names)
        if key:
            yield change, steps().refused[key]
        elif lost := _lost(change, found, old, new, readings.get(change.table, TableReading())):
            words = ", ".join(f"`{kept.name}` ({kept.words})" if kept.name else kept.words
                              for kept in lost)  # fmt: skip
            yield change, filled(steps().refused["kept"], {"kept": words})


def _lost(
    change: Change,
    found: Sequence[Change],
    old: SchemaParts,
    new: SchemaParts,
    reading: TableReading,
) -> tuple[KeptPart, ...]:
    """Return what the model has no words for, and a change would take away."""
    if not reading.kept or change.table not in old.tables or change.table not in new.tables:
        return ()
    if new.store == "sqlite":
        return reading.kept if makes_anew(change, found, old, new) else ()
    named = tuple(
        kept
        for kept in reading.naming(change.old if change.kind == "rename-column" else change.name)
        if kept.words != GENERATED or kept.name in new.tables[change.table].columns
    )
    if change.kind == "rename-column":
        return named
    if change.kind == "change-type" and new.store == "postgresql":
        # A wider type keeps indexes and rules, but neither a collation nor what else reads it.
        wider = widens(change.old, change.new)
        return tuple(kept for kept in named if not (wider and kept.words.startswith(_WIDENED)))
    # What has a name is an index or a rule, and what has none is about the column alone.
    own = change.kind in _MODIFIED and new.store != "postgresql"
    wanted = (change.kind == "drop-column", own)
    return tuple(kept for kept in named if wanted[not kept.name])


def _reason(
    change: Change,
    found: Sequence[Change],
    old: SchemaParts,
    new: SchemaParts,
    names: StepNames,
) -> str:
    if change.kind in _ALWAYS:
        return change.kind
    if change.kind in _BY_PARTITION and _partitioned(new, change.table):
        return "partitioned"
    reason = ""
    match change.kind:
        case "add-column" if new.tables[change.table].columns[change.name].counted:
            reason = "counted-column"
        case "rename-column":
            reason = _renamed(change, old, new, names)
        case "rename-table":
            reason = _renamed_table(change, found, new)
        case "change-type":
            reason = _retyped(change, old, new, names)
        case "add-value":
            reason = _enlarged(change, old, new, names)
    return reason


def _enlarged(change: Change, old: SchemaParts, new: SchemaParts, names: StepNames) -> str:
    """Why an enum cannot take more values; one with a name may be that of other columns, too."""
    if new.store != "postgresql":
        return "key-type" if any(_bound(s, change, names) for s in (old, new)) else ""
    own = new.tables[change.table].columns[change.name]
    others = (column for table in new.tables.values() for column in table.columns.values())
    shared = any(each.type == own.type and each.values != own.values for each in others)
    return "shared-enum" if shared else ""


def _retyped(change: Change, old: SchemaParts, new: SchemaParts, names: StepNames) -> str:
    if any(_bound(schema, change, names) for schema in (old, new)):
        return "key-type"
    easy = new.store == "sqlite" or widens(change.old, change.new)
    return "" if easy or cast(change.old, change.new, "x") else "no-cast"


def _partitioned(schema: SchemaParts, table: str) -> bool:
    return schema.store == "postgresql" and "PARTITION BY" in schema.tables[table].options


def _renamed(change: Change, old: SchemaParts, new: SchemaParts, names: StepNames) -> str:
    """Why a column cannot have a second one beside it for a while; SQLite needs none."""
    if new.store == "sqlite":
        return ""
    before = old.tables[change.table].columns[change.old]
    after = new.tables[change.table].columns[change.name]
    if (before.type, before.values) != (after.type, after.values):
        return "rename-type"
    as_before = replace(change, name=change.old)
    pairs = ((old, as_before), (new, change))
    keyed = before.counted or any(_bound(s, c, names, own=("PRIMARY",)) for s, c in pairs)
    return "rename-key" if keyed else ""


def _renamed_table(change: Change, found: Sequence[Change], new: SchemaParts) -> str:
    typed = any(c.table == change.table and c.kind == "change-type" for c in found)
    return "rename-and-type" if typed and new.store == "postgresql" else ""


def _bound(
    schema: SchemaParts,
    change: Change,
    names: StepNames,
    own: tuple[str, ...] = ("PRIMARY", "FOREIGN"),
) -> bool:
    """Whether a column is part of a key, or of a reference on either side."""
    column, table = names.quote(change.name), names.quote(change.table)
    texts = schema.tables[change.table].constraints.values()
    if any(column in columns_of(t) for t in texts if t.startswith(own)):
        return True
    return any(
        target_of(text) == table and column in tokens(text.partition("REFERENCES")[2])[1:]
        for other in schema.tables.values()
        for text in other.constraints.values()
        if text.startswith("FOREIGN")
    )
