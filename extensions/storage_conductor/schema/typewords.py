"""Type words: this language's own, and those that SQL's dialects use for the same."""

from __future__ import annotations

import re
from collections import Counter

from .tokens import MistakeError, Word, nearest
from .types import FAMILIES, SECOND_DIGITS, TIMED, FieldType

ALIASES = {
    "int2": "smallint",
    "int16": "smallint",
    "short": "smallint",
    "tinyint": "smallint",
    "integer": "int",
    "int4": "int",
    "int32": "int",
    "mediumint": "int",
    "int8": "bigint",
    "int64": "bigint",
    "long": "bigint",
    "numeric": "decimal",
    "dec": "decimal",
    "number": "decimal",
    "float4": "real",
    "float32": "real",
    "double": "float",
    "float8": "float",
    "float64": "float",
    "boolean": "bool",
    "bit": "bool",
    "datetime": "timestamp",
    "datetime2": "timestamp",
    "smalldatetime": "timestamp",
    "datetimeoffset": "timestamptz",
    "string": "text",
    "clob": "text",
    "ntext": "text",
    "tinytext": "text",
    "mediumtext": "text",
    "longtext": "text",
    "character": "char",
    "nchar": "char",
    "bpchar": "char",
    "nvarchar": "varchar",
    "varchar2": "varchar",
    "nvarchar2": "varchar",
    "blob": "bytes",
    "bytea": "bytes",
    "binary": "bytes",
    "varbinary": "bytes",
    "tinyblob": "bytes",
    "mediumblob": "bytes",
    "longblob": "bytes",
    "image": "bytes",
    "jsonb": "json",
    "guid": "uuid",
    "uniqueidentifier": "uuid",
}
"""Words of PostgreSQL, MySQL, MariaDB, SQLite and SQL Server for types of this language."""

SERIALS = {
    "smallserial": "smallint",
    "serial2": "smallint",
    "serial": "int",
    "serial4": "int",
    "bigserial": "bigint",
    "serial8": "bigint",
}
"""Whole numbers that the store counts."""

_LIMITS = {"varchar": (1, 10_000_000), "char": (1, 255), "vector": (1, 16_000)}
_ZONES = {("with", "time", "zone"): "tz", ("without", "time", "zone"): ""}
_UNLISTED = {
    "json": "`json` holds lists itself",
    "bytes": "give them an entity of their own",
    "enum": "write `text[]`, or an entity with a row for each",
    "vector": "give them an entity of their own",
    "point": "give them an entity of their own",
}
_HINTS = {
    "money": "write `decimal(12,2)`, or a whole number of the smallest unit",
    "timetz": "a time of day has no zone: write `time`, or `timestamptz`",
    "interval": "write a whole number, with its unit in the name",
    "xml": "write `text`",
    "citext": "write `text`, and compare in lower case",
    "inet": "write `varchar(43)`",
    "cidr": "write `varchar(43)`",
    "macaddr": "write `char(17)`",
    "geometry": "write `point` for a place on Earth; other shapes are `json` (GeoJSON)",
    "geography": "write `point` for a place on Earth; other shapes are `json` (GeoJSON)",
    "hstore": "write `json`",
    "object": "write `json`, or an entity of its own",
    "tsvector": "a full-text index is made beside this model",
    "year": "write `smallint`",
    "set": "write `text[]`, or an entity with a row for each",
    "array": "write the type of its values with brackets, as in `text[]`",
}


_SHAPES = ("geography", "geometry")
_DEGREES = "4326"  # the code of WGS 84, longitude and latitude in degrees


def take_type(queue: list[Word]) -> tuple[FieldType, bool]:
    """Read a type from the end of a reversed list of words; tell whether the store counts it.

    Raises:
        MistakeError: The word is unknown, or its measures are.
    """
    word = queue.pop()
    name, array = word.low, word.array
    if name in {"double", "character"} and queue and queue[-1].low in {"precision", "varying"}:
        second = queue.pop()
        word = Word("varchar" if second.low == "varying" else name, second.argument)
        name, array = word.low, second.array
    if name == "time" and [w.low for w in reversed(queue[-3:])] == ["with", "time", "zone"]:
        raise MistakeError(f"unknown type `time with time zone`: {_HINTS['timetz']}")
    if name in TIMED and (zone := tuple(w.low for w in reversed(queue[-3:]))) in _ZONES:
        extra = [w.text for w in queue[-3:] if w.argument is not None]
        if extra:
            raise MistakeError(f"`{extra[0]}` takes nothing in parentheses")
        array = queue[-3].array
        del queue[-3:]
        name += _ZONES[zone]
    if name == "string" and word.argument is not None:
        name = "varchar"
    counted = name in SERIALS
    name = SERIALS.get(name) or ALIASES.get(name, name)
    if counted and array:
        raise MistakeError(f"`{word.text}` is one number and no list")
    kind = _measured(name, word)
    if array and kind.name in _UNLISTED:
        raise MistakeError(f"a list of `{kind.name}` is not possible: {_UNLISTED[kind.name]}")
    return FieldType(
        kind.name, kind.length, kind.precision, kind.scale, kind.values, array
    ), counted


def _measured(name: str, word: Word) -> FieldType:
    if name in _SHAPES and _on_earth(word.argument or ""):
        return FieldType("point")
    if name not in FAMILIES:
        raise MistakeError(f"unknown type `{word.text}`{_known(word)}")
    if name == "enum":
        return FieldType(name, values=_enum_values(word.argument))
    if name in _LIMITS:
        low, high = _LIMITS[name]
        length = _measure(word, 1)[0]
        if not low <= length <= high:
            raise MistakeError(f"the length of `{word.low}` is between {low} and {high}")
        return FieldType(name, length=length)
    if name == "decimal":
        return _decimal(word)
    if name in TIMED and word.argument is not None:
        digits = _measure(word, 1)[0]
        if digits > SECOND_DIGITS:
            raise MistakeError(f"a second has at most {SECOND_DIGITS} digits here")
        return FieldType(name, precision=digits)
    if word.argument is not None:
        raise MistakeError(f"`{word.low}` takes nothing in parentheses")
    return FieldType(name)


def _on_earth(measure: str) -> bool:
    """Whether a shape is a point by longitude and latitude: `geography(Point, 4326)`."""
    shape, _, reference = measure.lower().replace(" ", "").partition(",")
    return shape == "point" and reference in {"", _DEGREES}


def _known(word: Word) -> str:
    if word.low in _HINTS:
        return f": {_HINTS[word.low]}"
    found = nearest(word.text, [*FAMILIES, *ALIASES, *SERIALS, "ref"], least=0.6)
    return found if "nearest" in found else nearest("", [*FAMILIES, "ref"])


def _decimal(word: Word) -> FieldType:
    if word.argument is None:
        raise MistakeError(f"`{word.low}` needs its digits, as in `{word.low}(12,2)`")
    whole = "," not in word.argument
    precision, *rest = _measure(word, 1 if whole else 2)
    scale = rest[0] if rest else 0
    if not (0 <= scale <= precision and 1 <= precision <= 1000):
        raise MistakeError(f"`{word.low}(p,s)` needs 1 <= p <= 1000 and 0 <= s <= p")
    return FieldType("decimal", precision=precision, scale=scale)


def _measure(word: Word, count: int) -> list[int]:
    parts = [part.strip() for part in (word.argument or "").split(",")]
    if len(parts) != count or not all(re.fullmatch(r"\d{1,9}", part, re.ASCII) for part in parts):
        example = {1: f"{word.low}(20)", 2: f"{word.low}(12,2)"}[count]
        raise MistakeError(f"`{word.low}` needs its size, as in `{example}`")
    return [int(part) for part in parts]


def _enum_values(argument: str | None) -> tuple[str, ...]:
    values = []
    for part in re.split(r"[,|]", argument or ""):
        value = part.strip()
        if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
            value = value[1:-1]
        if not value:
            raise MistakeError("`enum` needs its values, as in `enum(open, closed)`")
        if len(value) > 200 or not value.isprintable() or set(value) & set("'\"\\`()<>{}"):
            raise MistakeError(f"enum value `{value[:40]}` has a character that is not allowed")
        values.append(value)
    often = Counter(value.casefold() for value in values)
    for value in values:
        if often[value.casefold()] > 1:
            raise MistakeError(f"enum value `{value}` is there twice")
    return tuple(values)
