"""A MongoDB collection's validator and indexes, as JSON.

An element of `db.getCollectionInfos()`, with the result of `getIndexes()` under `indexes`; or a
list of such. https://www.mongodb.com/docs/manual/reference/operator/query/jsonSchema/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..errors import ConductorError
from .documents import part
from .found import FoundCheck, FoundColumn, FoundIndex, FoundSchema, FoundTable

_TYPES = {
    "string": "text",
    "int": "int",
    "long": "bigint",
    "double": "double precision",
    "number": "double precision",
    "decimal": "decimal(34,10)",
    "bool": "bool",
    "boolean": "bool",
    "date": "timestamptz",
    "timestamp": "timestamptz",
    "objectId": "char(24)",
    "binData": "bytes",
    "object": "json",
    "array": "json",
}
_READ = {"bsonType", "type", "maxLength", "enum", "description", "minimum", "maximum", "minLength"}
_SAID_INDEX = {"key", "name", "unique", "v", "ns", "background", "expireAfterSeconds"}


def read(collections: list[Mapping[str, Any]]) -> FoundSchema:
    """Read collections."""
    reader = _Reader()
    views = [str(each["name"]) for each in collections if each.get("type") == "view"]
    # Where there is a view or a time series, the server lists what it keeps it in as well.
    tables = []
    for each in collections:
        if each["name"] not in views and not str(each["name"]).startswith("system."):
            with part("the collection", each["name"]):
                tables.append(reader.table(each))
    if not tables:
        raise ConductorError(
            "There is no collection that can be read.",
            remedy="Write the file from a database with collections.",
        )
    unsaid = (*(f"view {name}" for name in views), *reader.unsaid)
    return FoundSchema("mongodb", tuple(tables), unsaid=unsaid).with_uniques_merged()


class _Reader:
    def __init__(self) -> None:
        self.unsaid: list[str] = []

    def table(self, data: Mapping[str, Any]) -> FoundTable:
        """Read one collection."""
        name = str(data["name"])
        options = data.get("options") or {}
        validator = options.get("validator") or data.get("validator") or {}
        schema = validator.get("$jsonSchema") or {}
        self.unsaid += [
            f"{name}: the validator's {key}" for key in validator if key != "$jsonSchema"
        ]
        known = {"bsonType", "type", "required", "properties", "title", "description"}
        self.unsaid += [f"{name}: {key} of the schema" for key in schema if key not in known]
        self.unsaid += [f"{name}: option {key}" for key in options if key != "validator"]
        required = set(schema.get("required") or ())
        checks: list[FoundCheck] = []
        columns = []
        properties: Mapping[str, Any] = schema.get("properties") or {}
        if "_id" not in properties:
            columns.append(FoundColumn("id", "char(24)", nullable=False))
        for field, rules in properties.items():
            column = "id" if field == "_id" else field
            columns.append(self._column(name, column, rules, field in required or field == "_id"))
            checks += _checks(column, rules)
        return FoundTable(
            name=name,
            columns=tuple(columns),
            key=("id",),
            checks=tuple(checks),
            indexes=tuple(self._indexes(data, {column.name for column in columns})),
            comment=str(schema.get("description", "")),
            ttl_seconds=self._lifetime(name, data),
        )

    def _lifetime(self, table: str, data: Mapping[str, Any]) -> int | None:
        found = [i for i in data.get("indexes") or () if "expireAfterSeconds" in i]
        for index in found:
            self.unsaid.append(f"{table}: rows expire by {', '.join(index['key'])}")
        seconds = int(found[0]["expireAfterSeconds"]) if found else 0
        return seconds if seconds > 0 else None

    def _column(
        self, table: str, name: str, rules: Mapping[str, Any], required: bool
    ) -> FoundColumn:
        kind = rules.get("bsonType") or rules.get("type") or "string"
        kinds = [kind] if isinstance(kind, str) else list(kind)
        plain = [one for one in kinds if one != "null"]
        if len(plain) > 1:
            self.unsaid.append(f"{table}.{name}: one of the types {', '.join(plain)}")
        if {"type", "coordinates"} <= (rules.get("properties") or {}).keys():
            return FoundColumn(name, "point", not required or len(plain) < len(kinds))
        text = _TYPES.get(plain[0] if plain else "string", "text")
        if "enum" in rules:
            values = [value for value in rules["enum"] if value is not None]
            text = "ENUM({})".format(", ".join(f"'{value}'" for value in values))
        elif text == "text" and isinstance(rules.get("maxLength"), int):
            text = f"varchar({rules['maxLength']})"
        lost = [key for key in rules if key not in _READ]
        self.unsaid += [f"{table}.{name}: {key} of the schema" for key in lost]
        nullable = not required or len(plain) < len(kinds)
        return FoundColumn(name, text, nullable, comment=str(rules.get("description", "")))

    def _indexes(self, data: Mapping[str, Any], columns: set[str]) -> Iterator[FoundIndex]:
        for index in data.get("indexes") or ():
            keys = {("id" if key == "_id" else key): way for key, way in index["key"].items()}
            if list(keys) == ["id"]:
                continue
            name = str(index.get("name") or "_".join(keys))
            special = [f"{key} {way}" for key, way in keys.items() if way not in (1, -1)]
            special += [f"{key}" for key in index if key not in _SAID_INDEX]
            special += [f"nested field {key}" for key in keys if key not in columns]
            ways = tuple((key, "desc" if way == -1 else "asc") for key, way in keys.items())
            yield FoundIndex(name, ways, bool(index.get("unique")), special="; ".join(special))


def _checks(column: str, rules: Mapping[str, Any]) -> Iterator[FoundCheck]:
    texts = {"minimum": f"{column} >= ", "maximum": f"{column} <= "}
    texts["minLength"] = f"char_length({column}) >= "
    for key, text in texts.items():
        if isinstance(rules.get(key), int | float):
            yield FoundCheck(f"{text}{rules[key]}")
