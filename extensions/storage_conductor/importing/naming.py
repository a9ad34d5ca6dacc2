"""What the entities and fields of tables that were found are called."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..schema.names import PORTABLE_LENGTH, snake
from ..schema.references import reference_column
from .found import FoundReference, FoundSchema, FoundTable

_STORED = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OTHER = re.compile(r"[^A-Za-z0-9]+")


def is_stored(name: str) -> bool:
    """Tell whether the answers can give a stored name."""
    return bool(_STORED.fullmatch(name)) and len(name) <= PORTABLE_LENGTH


class Naming:
    """Names for everything in a schema.

    Attributes:
        entities: The entity of each table.
        fields: The field of each column, by table and column.
        single: The reference that each column is, by table and column.
    """

    def __init__(self, schema: FoundSchema) -> None:
        self._schema = schema
        self.entities: dict[str, str] = {}
        for table in schema.tables:
            self.entities[table.name] = _entity(table.name, self.entities.values())
        self.single: dict[tuple[str, str], FoundReference] = {}
        self.fields: dict[tuple[str, str], str] = {}
        for table in schema.tables:
            for key in table.references:
                if len(key.columns) == 1 and self.points(key):
                    self.single.setdefault((table.name, key.columns[0]), key)
            self._name_fields(table)

    def points(self, key: FoundReference) -> bool:
        """Tell whether a reference points to something that the answers can name."""
        target = self._schema.table(key.table)
        return target is not None and key.referred in [target.key, *target.uniques]

    def _name_fields(self, table: FoundTable) -> None:
        taken: set[str] = set()
        columns = {snake(column.name) for column in table.columns}
        for column in table.columns:
            name = _field(column.name, taken)
            key = self.single.get((table.name, column.name))
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


def _entity(table: str, others: Iterable[str]) -> str:
    words = [word for word in _OTHER.split(table) if word]
    name = "".join(word[:1].upper() + word[1:] for word in words) or "Table"
    name = name if name[0].isalpha() else f"T{name}"
    taken = {form for other in others for form in (other.lower(), snake(other))}
    return _free(_cut(name, PORTABLE_LENGTH - 8), taken)


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
