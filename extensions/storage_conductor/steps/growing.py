"""An enum of the store's own to which the model adds values: the type takes them and stays.

Values that go, or that stand in another order, are left to the draft, which has no such type.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .enums import values_of, with_values, written
from .existing import Piece, Readings, TableReading
from .names import StepNames
from .parts import ColumnParts, SchemaParts, TableParts, constants


def grown(readings: Readings, drafted: SchemaParts) -> Readings:
    """Return readings in which enums have the values that the model adds to theirs.

    Args:
        readings: What the store has in place of the draft, by the names of now.
        drafted: What it is to be.
    """
    if not readings:
        return readings
    names = StepNames(drafted)
    return {
        name: _grown(reading, drafted.tables[name], names) if name in drafted.tables else reading
        for name, reading in readings.items()
    }


def _grown(reading: TableReading, table: TableParts, names: StepNames) -> TableReading:
    for name, (_, found) in reading.columns.items():
        values = values_of(found)
        for piece in reading.pieces if values and name in table.columns else ():
            now = table.constraints.get(piece.name, "")
            listed = f"CHECK ({names.quote(name)} IN ("
            if piece.text.startswith(listed) and now.startswith(listed) and not piece.found_name:
                added = _more(constants(piece.text), constants(now))
                if added:
                    reading = _with_check(reading, piece, now)
                    whole = (*values, *(value for value in added if value not in values))
                    reading = _with_values(reading, name, table.columns[name], whole)
    return reading


def _more(before: Sequence[str], after: Sequence[str]) -> tuple[str, ...]:
    """Return the values that are new, where those of before are there in their order."""
    kept = [value for value in after if value in before]
    return tuple(v for v in after if v not in before) if kept == list(before) else ()


def _with_check(reading: TableReading, piece: Piece, now: str) -> TableReading:
    """Return a reading where the check that the enum stands for has another text."""
    told = now.removeprefix("CHECK (").removesuffix(")")
    return replace(
        reading,
        pieces=tuple(replace(each, text=now) if each == piece else each for each in reading.pieces),
        differences=tuple(
            (kind, subject, told if (kind, subject) == ("check", piece.name) else expected, there)
            for kind, subject, expected, there in reading.differences
        ),
    )


def _with_values(
    reading: TableReading, name: str, drafted: ColumnParts, values: tuple[str, ...]
) -> TableReading:
    """Return a reading where the enum of a column has other values."""
    before, found = reading.columns[name]
    pair = (replace(before, type=drafted.type), with_values(found, values))
    return replace(
        reading,
        columns={**reading.columns, name: pair},
        differences=tuple(
            (kind, subject, drafted.type, written(values))
            if (kind, subject) == ("type", name)
            else (kind, subject, expected, there)
            for kind, subject, expected, there in reading.differences
        ),
    )
