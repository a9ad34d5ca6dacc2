"""What a track says of the stores that were there before it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..steps.described import DESCRIBED, DescribedTable, changes, tables_of
from ..steps.existing import Existing, TableReading
from ..steps.fitting import as_there
from ..steps.parts import TableParts
from ..steps.step import said
from ..wording import code, inline
from .component import Component
from .schema_steps import drafted_of

_STAY = ("type", "null", "default", "numbering", "key", "collation", "attribute")


@dataclass(frozen=True)
class ExistingStore:
    """A store that was imported.

    Args:
        store: Its catalog key.
        tables: The names of its tables.
        stays: By table what the answers have no words for and no migration takes away, as Markdown.
        beside: What it holds that is no table, a line each.
        changes: Of a store of keys what leads from it to the draft, as Markdown; else None.
    """

    store: str
    tables: tuple[str, ...]
    stays: tuple[tuple[str, tuple[str, ...]], ...]
    beside: tuple[str, ...]
    changes: tuple[str, ...] | None = None


def stores(component: Component) -> Iterator[ExistingStore]:
    """Yield the stores that an import found and the component still has."""
    known = {item.key for item in component.backends}
    for store, data in component.answers.existing.items():
        if store in known and DESCRIBED in data:
            yield _described(store, tables_of(data), component)
        elif store in known:
            found = Existing.from_data(store, data)
            target = as_there(drafted_of(store, component), found.readings)
            stays = (
                (name, tuple(_stays(reading, found.schema.tables[name], target.tables[name])))
                for name, reading in found.readings.items()
                if name in target.tables
            )
            whole = tuple((name, lines) for name, lines in stays if lines)
            yield ExistingStore(store, tuple(found.schema.tables), whole, found.beside)


def described_changes(store: str, component: Component) -> tuple[str, ...]:
    """Return what leads from the tables of a store of keys to the draft, as Markdown."""
    return next((f.changes or () for f in stores(component) if f.store == store), ())


def _described(
    store: str, there: Mapping[str, DescribedTable], component: Component
) -> ExistingStore:
    design = component.design
    own = {name for name, owner in design.stores if owner == store} if design else set()
    rows = [row for row in design.keys if row.entity in own] if design else []
    stays = {
        name: tuple(f"{code(index)}, a local index" for index in sorted(table.local))
        for name, table in there.items()
    }
    listed = tuple((name, lines) for name, lines in stays.items() if lines)
    found = tuple(map(said, changes(there, rows)))
    return ExistingStore(store, tuple(there), listed, (), found)


def _stays(reading: TableReading, there: TableParts, target: TableParts) -> Iterator[str]:
    """Yield what a table keeps, without the columns that the model changes or leaves out.

    Args:
        reading: How the store says its draft.
        there: What it was.
        target: What it is to be.
    """
    for kept in reading.kept:
        yield f"{code(kept.name)}, {inline(kept.words)}" if kept.name else inline(kept.words)
    together: dict[tuple[str, str, str], list[str]] = {}
    for kind, subject, expected, found in reading.differences:
        own = any(subject in kept.columns and not kept.name for kept in reading.kept)
        same = subject in target.columns and target.columns[subject] == there.columns.get(subject)
        if kind in _STAY and not own and (same or not subject):
            together.setdefault((kind, expected, found), []).append(subject)
    for (kind, expected, found), subjects in together.items():
        listed = ", ".join(map(code, filter(None, subjects)))
        yield f"{kind} of {listed} {code(found)}, drafted as {code(expected)}"
    drafted, told = reading.options
    if drafted != told == target.options:
        yield f"options {code(told or 'none')}, drafted as {code(drafted or 'none')}"
