"""What the entities and fields of tables that were found are called."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..schema.model import DataModel
from ..schema.names import PORTABLE_LENGTH, snake
from ..schema.references import reference_column
from .found import FoundReference, FoundSchema, FoundTable

_STORED = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OTHER = re.compile(r"[^A-Za-z0-9]+")


def is_stored(name: str) -> bool:
    """Tell whether the answers can give a stored name."""
    return bool(_STORED.fullmatch(name)) and len(name) <= PORTABLE_LENGTH


@dataclass(frozen=True)
class GivenNames:
    """What a person calls entities and fields already, by their stored names in lower case.

    Args:
        entities: By table.
        fields: By table and column; those of several columns are not among them.
    """

    entities: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[tuple[str, str], str] = field(default_factory=dict)


NONE_GIVEN = GivenNames()


def given_names(model: DataModel) -> GivenNames:
    """Return the names of a model."""
    fields: dict[tuple[str, str], str] = {}
    for entity in model.entities:
        often = Counter(column.field for column in entity.columns)
        fields |= {
            (entity.table.lower(), column.name.lower()): column.field
            for column in entity.columns
            if often[column.field] == 1
        }
    return GivenNames({entity.table.lower(): entity.name for entity in model.entities}, fields)


class Naming:
    """Names for everything in a schema.

    Args:
        schema: It.
        given: Names that are kept where what they are of is still there.

    Attributes:
        entities: The entity of each table.
        fields: The field of each column, by table and column.
        single: The reference that each column is, by table and column.
    """

    def __init__(self, schema: FoundSchema, given: GivenNames = NONE_GIVEN) -> None:
        self._schema = schema
        self._given = given
        tables = [table.name for table in schema.tables]
        kept = _kept({name: given.entities.get(name.lower()) for name in tables})
        self.entities: dict[str, str] = {}
        taken = {form for name in kept.values() for form in _forms(name)}
        for name in tables:
            self.entities[name] = kept.get(name) or _entity(name, taken)
            taken |= _forms(self.entities[name])
        self.single: dict[str, dict[str, FoundReference]] = {}
        self.fields: dict[tuple[str, str], str] = {}
        for table in schema.tables:
            for key in table.references:
                if len(key.columns) == 1 and self.points(key):
                    self.single.setdefault(table.name, {}).setdefault(key.columns[0], key)
            self._name_fields(table)

    def points(self, key: FoundReference) -> bool:
        """Tell whether a reference points to something that the answers can name."""
        target = self._schema.table(key.table)
        return target is not None and key.referred in [target.key, *target.uniques]

    def _name_fields(self, table: FoundTable) -> None:
        given, home = self._given.fields, table.name.lower()
        kept = _kept({c.name: given.get((home, c.name.lower())) for c in table.columns})
        taken = set(map(snake, kept.values()))
        columns = {snake(column.name) for column in table.columns}
        for column in table.columns:
            if column.name in kept:
                self.fields[table.name, column.name] = kept[column.name]
                continue
            name = _field(column.name, taken)
            key = self.single.get(table.name, {}).get(column.name)
            if key is not None:
                (other,) = key.referred
                short = column.name.removesuffix(f"_{other}")
                plain = is_stored(short) and short[0].isalpha() and snake(short) == short
                free = short not in columns and short not in taken
                if plain and free and reference_column(short, other) == column.name:
                    name = short
            taken.add(snake(name))
            self.fields[table.name, column.name] = name

    def another(self, table: FoundTable, name: str) -> str:
        """Return a field's name that no column of a table has."""
        columns = (column.name for column in table.columns)
        named = (self.fields[table.name, column.name] for column in table.columns)
        return _free(name, {snake(other) for other in (*columns, *named)})


def _kept(names: Mapping[str, str | None]) -> dict[str, str]:
    """Return names by stored names, each where it stands first: stores may tell case apart."""
    first: dict[str, str] = {}
    for stored, name in names.items():
        if name:
            first.setdefault(name, stored)
    return {stored: name for name, stored in first.items()}


def _entity(table: str, taken: set[str]) -> str:
    words = [word for word in _OTHER.split(table) if word]
    name = "".join(word[:1].upper() + word[1:] for word in words) or "Table"
    name = name if name[0].isalpha() else f"T{name}"
    return _free(_cut(name, PORTABLE_LENGTH - 8), taken)


def _forms(name: str) -> set[str]:
    return {name.lower(), snake(name)}


def _field(column: str, taken: set[str]) -> str:
    name = column
    if not (is_stored(column) and column[0].isalpha()):
        name = "_".join(word for word in _OTHER.split(column) if word) or "field"
        name = name if name[0].isalpha() else f"f_{name}"
    return _free(_cut(name, PORTABLE_LENGTH), taken)


def _free(name: str, taken: set[str]) -> str:
    number, chosen = 2, name
    while chosen.lower() in taken or snake(chosen) in taken:
        chosen, number = f"{name}_{number}", number + 1
    return chosen


def _cut(name: str, most: int) -> str:
    while len(snake(name)) > most:
        name = name[:-1]
    return name
