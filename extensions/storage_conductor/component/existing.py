"""What a track says of the stores that were there before it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..steps.existing import Existing, TableReading
from ..wording import code, inline
from .component import Component

_STAY = ("type", "null", "default", "numbering", "key", "collation")


@dataclass(frozen=True)
class ExistingStore:
    """A store that was imported.

    Args:
        store: Its catalog key.
        tables: The names of its tables.
        stays: By table what the answers have no words for and no migration takes away, as Markdown.
        beside: What it holds that is no table, a line each.
    """

    store: str
    tables: tuple[str, ...]
    stays: tuple[tuple[str, tuple[str, ...]], ...]
    beside: tuple[str, ...]


def stores(component: Component) -> Iterator[ExistingStore]:
    """Yield the stores that an import found and the component still has."""
    known = {item.key for item in component.backends}
    for store, data in component.answers.existing.items():
        if store in known:
            found = Existing.from_data(store, data)
            stays = ((name, tuple(_stays(reading))) for name, reading in found.readings.items())
            whole = tuple((name, lines) for name, lines in stays if lines)
            yield ExistingStore(store, tuple(found.schema.tables), whole, found.beside)


def _stays(reading: TableReading) -> Iterator[str]:
    for kept in reading.kept:
        yield f"{code(kept.name)}, {inline(kept.words)}" if kept.name else inline(kept.words)
    together: dict[tuple[str, str, str], list[str]] = {}
    for kind, subject, expected, found in reading.differences:
        if kind in _STAY and not any(subject in k.columns and not k.name for k in reading.kept):
            together.setdefault((kind, expected, found), []).append(subject)
    for (kind, expected, found), subjects in together.items():
        listed = ", ".join(map(code, filter(None, subjects)))
        yield f"{kind} of {listed} {code(found)}, drafted as {code(expected)}"
