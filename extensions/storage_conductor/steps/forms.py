"""The safe forms of the catalog, with the names and texts of a change."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..catalog.steps import Part, Transaction, steps

_NAMED = re.compile(r"\{\{ (\w+) \}\}")
Values = Mapping[str, str]


@dataclass(frozen=True)
class Statements:
    """Statements that belong together, and what takes them back.

    Args:
        part: When they are due.
        order: Among those of the part.
        transaction: With what they may share one.
        up: Each ends in a semicolon at the end of a line; empty for none.
        down: What takes them back.
        accepts: Rules of a linter that are broken on purpose.
    """

    part: Part
    order: int
    transaction: Transaction
    up: str
    down: str
    accepts: tuple[str, ...] = ()


def filled(text: str, values: Values) -> str:
    """Put values in place of their names; spaces and lines stay as they are."""
    return _NAMED.sub(lambda found: values[found[1]], text)


def form(key: str, store: str, values: Values) -> Iterator[Statements]:
    """Write the safe form of a change.

    Raises:
        KeyError: The catalog has no such form for the store.
    """
    found = steps().form(key, store)
    if found is None:
        raise KeyError(key)
    for move in found.moves:
        texts = (filled(move.up, values), filled(move.down, values))
        up, down = ("\n".join(line for line in t.splitlines() if line.strip()) for t in texts)
        yield Statements(move.part, move.order, move.transaction, up, down, found.accepts)
