"""A store that was there before its model: how it says what the draft says, and what it has beside.

The draft of an imported model names and words things in its own way. A reading tells, table by
table, what the store has in place of each, so that a step names what is there, alters nothing that
the model says as it said it before, and leaves alone what the model has no words for.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from .names import StepNames
from .parts import ColumnParts, SchemaParts, TableParts, is_index, renamed, retargeted, tokens
from .renames import NOTHING_RENAMED, Renames

GENERATED = "a generated column"
"""What is kept of a column that is computed of others: it reads them as long as it is there."""
_Four = tuple[str, str, str, str]
_ATTRIBUTES = ("type", "nullable", "default", "counted", "more")


@dataclass(frozen=True)
class Piece:
    """A constraint or an index as it is drafted, and as the store has it.

    Args:
        name: In the draft.
        text: In the draft.
        found_name: In the store; empty where it has none.
        found_text: In the store.
    """

    name: str
    text: str
    found_name: str = ""
    found_text: str = ""


@dataclass(frozen=True)
class KeptPart:
    """Something of a table that the model has no words for; it stays.

    Args:
        name: Of an index or a constraint, else empty.
        words: What it is.
        columns: Those that it names; none for what belongs to the table as a whole.
    """

    name: str
    words: str
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class TableReading:
    """What the store has of one table in place of its draft.

    Args:
        columns: Those that differ: as drafted, and as found.
        pieces: Constraints and indexes that are named or worded otherwise.
        options: What follows the closing bracket, as drafted and as found.
        kept: What the model has no words for.
        differences: What a comparison of the draft with the store tells because of all this: kind,
            subject, what is expected, what is found.
    """

    columns: Mapping[str, tuple[ColumnParts, ColumnParts]] = field(default_factory=dict)
    pieces: tuple[Piece, ...] = ()
    options: tuple[str, str] = ("", "")
    kept: tuple[KeptPart, ...] = ()
    differences: tuple[_Four, ...] = ()

    def applied(self, table: TableParts, taken: Collection[str]) -> TableParts:
        """Return a drafted table as the store says it.

        Args:
            table: As it is drafted.
            taken: Names in the store that nothing new may have.
        """
        constraints: dict[str, str] = {}
        indexes: dict[str, str] = {}
        by_text = {piece.text: piece for piece in self.pieces}
        by_name = {piece.name: piece for piece in self.pieces if piece.found_name}
        for name, text in (*table.constraints.items(), *table.indexes.items()):
            piece = by_text.get(text)
            if piece is not None:
                name, text = piece.found_name, piece.found_text  # noqa: PLW2901
            elif (named := by_name.get(name)) and is_index(named.found_text) == is_index(text):
                name = named.found_name  # noqa: PLW2901
            elif name in taken:
                name = _free(name, taken)  # noqa: PLW2901
            if name:
                (indexes if is_index(text) else constraints)[name] = text
        options = self.options[1] if table.options == self.options[0] else table.options
        # A type of the store serves as long as the check that stands for it in the draft is there.
        others = {
            word.strip('"`')
            for piece in self.pieces
            if not piece.found_name and piece.text not in table.constraints.values()
            for word in tokens(piece.text)
        }
        columns = {
            name: self._column(name, column, typed=name not in others)
            for name, column in table.columns.items()
        }
        return TableParts(columns, constraints, indexes, options)

    def _column(self, name: str, column: ColumnParts, *, typed: bool) -> ColumnParts:
        if name not in self.columns:
            return column
        drafted, found = self.columns[name]
        same = {
            attribute: getattr(found, attribute)
            for attribute in _ATTRIBUTES
            if getattr(column, attribute) == getattr(drafted, attribute)
            and (typed or attribute != "type")
        }
        if "type" in same:
            same["values"] = found.values
        return replace(column, **same)

    @property
    def searched(self) -> bool:
        """Whether it has an index on words or places, so that InnoDB lets writers wait."""
        return any(word in kept.words for kept in self.kept for word in ("FULLTEXT", "SPATIAL"))

    @property
    def computed(self) -> frozenset[str]:
        """The columns that are computed of others."""
        return frozenset(kept.name for kept in self.kept if kept.words == GENERATED)

    def naming(self, column: str) -> tuple[KeptPart, ...]:
        """Return what is kept and names a column."""
        return tuple(kept for kept in self.kept if column in kept.columns)

    def to_data(self) -> dict[str, Any]:
        """Return plain values, as YAML and JSON have them; what is empty is left out."""
        found = {
            "columns": {
                name: [drafted.to_data(), there.to_data()]
                for name, (drafted, there) in self.columns.items()
            },
            "pieces": [[p.name, p.text, p.found_name, p.found_text] for p in self.pieces],
            "options": list(self.options) if any(self.options) else [],
            "kept": [[k.name, k.words, list(k.columns)] for k in self.kept],
            "differences": [list(each) for each in self.differences],
        }
        return {name: each for name, each in found.items() if each}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> TableReading:
        """Read what `to_data` returned.

        Raises:
            ValueError: It has another form, as other errors of that kind.
        """
        drafted, there = data.get("options") or ("", "")
        return cls(
            {
                str(name): (ColumnParts.from_data(one), ColumnParts.from_data(other))
                for name, (one, other) in data.get("columns", {}).items()
            },
            tuple(Piece(*map(str, each)) for each in data.get("pieces", ())),
            (str(drafted), str(there)),
            tuple(KeptPart(str(n), str(w), tuple(map(str, c))) for n, w, c in data.get("kept", ())),
            tuple(_four(each) for each in data.get("differences", ())),
        )


Readings = Mapping[str, TableReading]
"""By the name of the table."""


class Making(NamedTuple):
    """What makes on an empty store what another has.

    Args:
        statements: In the order of running, each without the semicolon at its end; none where a
            source tells no statements.
        lacks: What they do not make, a line each.
    """

    statements: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()


NOTHING_MADE = Making()


@dataclass(frozen=True)
class Existing:
    """A store as it was found.

    Args:
        schema: Its tables, in its own words.
        readings: What it has in place of the draft.
        beside: What it holds that is no table, a line each.
        making: What makes it on an empty store.
    """

    schema: SchemaParts
    readings: Readings
    beside: tuple[str, ...] = ()
    making: Making = NOTHING_MADE

    def to_data(self) -> dict[str, Any]:
        """Return plain values, as YAML and JSON have them."""
        return {
            "tables": self.schema.to_data(),
            "readings": {name: data for name, r in self.readings.items() if (data := r.to_data())},
            **({"beside": list(self.beside)} if self.beside else {}),
            **{name: list(lines) for name, lines in self.making._asdict().items() if lines},
        }

    @classmethod
    def from_data(cls, store: str, data: Mapping[str, Any]) -> Existing:
        """Read what `to_data` returned.

        Raises:
            ValueError: It has another form.
        """
        try:
            return cls(
                SchemaParts.from_data(store, data["tables"]),
                readings_of(data.get("readings", {})),
                tuple(map(str, data.get("beside", ()))),
                Making(*(tuple(map(str, data.get(name, ()))) for name in Making._fields)),
            )
        except (AttributeError, KeyError, TypeError) as error:
            raise ValueError(f"not what an import writes: {error}") from error


def readings_of(data: Mapping[str, Any]) -> dict[str, TableReading]:
    """Read what `to_data` returned of readings, by table."""
    return {str(name): TableReading.from_data(found) for name, found in data.items()}


def after(readings: Readings, renames: Renames, old: SchemaParts, new: SchemaParts) -> Readings:
    """Return readings for tables and columns under their new names.

    Args:
        readings: Under the names before.
        renames: What is renamed.
        old: The schema before.
        new: What it is to be, as it is drafted.
    """
    if not readings or renames == NOTHING_RENAMED:
        return readings
    names = StepNames(old, new)
    tables = {was: table for table, was in renames.tables.items()}
    quoted = {names.quote(was): names.quote(table) for was, table in tables.items()}
    found = {}
    for before, reading in readings.items():
        table = tables.get(before, before)
        columns = {was: name for (home, name), was in renames.columns.items() if home == table}
        gone = {names.quote(was) for was in columns}
        found[table] = replace(
            reading,
            columns={columns.get(name, name): pair for name, pair in reading.columns.items()},
            pieces=tuple(
                replace(
                    piece,
                    text=retargeted(piece.text, quoted),
                    found_text=retargeted(piece.found_text, quoted),
                )
                for piece in _lasting(reading.pieces, gone, columns, names)
            ),
            differences=tuple(
                _under_new_names(each, columns, names, new.tables.get(table))
                for each in reading.differences
            ),
        )
    return found


def _under_new_names(
    difference: _Four, columns: Mapping[str, str], names: StepNames, drafted: TableParts | None
) -> _Four:
    """Return a difference of renamed columns; a check that is not there has a name of theirs."""
    kind, subject, expected, there = difference
    if kind == "check" and not there and drafted is not None:
        for was, name in columns.items():
            expected = renamed(expected, names.quote(was), names.quote(name))
        named = (n for n, text in drafted.constraints.items() if text == f"CHECK ({expected})")
        subject = next(named, subject)
    return kind, columns.get(subject, subject), expected, there


def _lasting(
    pieces: Collection[Piece], gone: Collection[str], columns: Mapping[str, str], names: StepNames
) -> list[Piece]:
    """Return the pieces that outlive a rename: one on a renamed column is made anew with it."""
    found = []
    for piece in pieces:
        if not set(gone) & set(tokens(piece.text)):
            found.append(piece)
        elif not piece.found_name:
            text = piece.text
            for was, name in columns.items():
                text = renamed(text, names.quote(was), names.quote(name))
            found.append(replace(piece, text=text))
    return found


def _free(name: str, taken: Collection[str]) -> str:
    number = 2
    while f"{name}_{number}" in taken:
        number += 1
    return f"{name}_{number}"


def _four(each: Any) -> _Four:
    kind, subject, expected, found = map(str, each)
    return kind, subject, expected, found
