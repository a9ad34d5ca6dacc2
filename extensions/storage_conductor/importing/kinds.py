"""Types of SQL stores: one spelling for each, and the type of the answers that says the same."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..schema.tokens import MistakeError, split_words
from ..schema.types import SECOND_DIGITS, FieldType
from ..schema.typewords import take_type
from ..steps.parts import constants

_SPELLED = re.compile(r"([^()\[\]]+)(\(.*\))?([a-z ]*)(\[\])?")
_SYNONYMS = {
    "integer": "int",
    "int4": "int",
    "int2": "smallint",
    "int8": "bigint",
    "numeric": "decimal",
    "character varying": "varchar",
    "character": "char",
    "bpchar": "char",
    "boolean": "bool",
    "double precision": "double",
    "float8": "double",
    "float4": "real",
    "timestamp without time zone": "timestamp",
    "timestamp with time zone": "timestamptz",
    "time without time zone": "time",
    "time with time zone": "timetz",
}
_WIDTHS = {"tinyint", "smallint", "mediumint", "int", "bigint", "year"}
_TIMES = {"time", "datetime", "timestamp"}
_MY = {"mysql", "mariadb"}


@dataclass(frozen=True)
class Kind:
    """A type of a store.

    Args:
        name: In lower case, one of all its names.
        measure: What stands in parentheses, without spaces; the values of an enum as written.
        more: Words after it, such as `unsigned`.
        array: Whether it is a list.
    """

    name: str
    measure: str = ""
    more: str = ""
    array: bool = False

    def __str__(self) -> str:
        measure = f"({self.measure})" if self.measure else ""
        more = f" {self.more}" if self.more else ""
        return f"{self.name}{measure}{more}{'[]' if self.array else ''}"


def kind_of(text: str, store: str) -> Kind:
    """Read a type as a store writes it."""
    spelled = " ".join(text.split())
    low = spelled.lower()
    found = _SPELLED.fullmatch(low)
    if found is None:
        return Kind(low)
    name, measure, more, array = (part.strip() if part else "" for part in found.groups())
    for word in ("unsigned", "zerofill"):
        if name.endswith(f" {word}"):
            name, more = name.removesuffix(f" {word}"), f"{word} {more}".strip()
    inner = spelled[found.start(2) + 1 : found.end(2) - 1] if measure else ""
    if name != "enum":
        inner = inner.lower().replace(" ", "")
    name = "point" if name == "point srid 4326" else name
    zoned = f"{name} {more}".strip()
    if zoned in _SYNONYMS:
        name, more = _SYNONYMS[zoned], ""
    name = _SYNONYMS.get(name, name)
    if store in _MY:
        if (name, inner) == ("geometry", "point"):
            name, inner = "point", ""
        if name == "tinyint" and inner == "1":
            name, inner = "bool", ""
        inner = "" if name in _WIDTHS or (name in _TIMES and inner == "0") else inner
    return Kind(name, inner, more.removesuffix("zerofill").strip(), bool(array))


_FAMILIES = {
    "bool": "bool",
    "date": "date",
    "time": "time",
    "timestamp": "timestamp",
    "datetime": "timestamp",
    "datetime2": "timestamp",
    "smalldatetime": "timestamp",
    "timestamptz": "timestamptz",
    "datetimeoffset": "timestamptz",
    "uuid": "uuid",
    "uniqueidentifier": "uuid",
    **dict.fromkeys(
        (
            "tinyint",
            "smallint",
            "mediumint",
            "int",
            "bigint",
            "decimal",
            "real",
            "double",
            "float",
            "money",
            "number",
        ),
        "number",
    ),
    **dict.fromkeys(
        (
            "text",
            "varchar",
            "char",
            "enum",
            "tinytext",
            "mediumtext",
            "longtext",
            "nvarchar",
            "nchar",
            "citext",
            "ntext",
        ),
        "text",
    ),
}


def family_of(kind: Kind) -> str:
    """Return what values of a type are compared as; empty for what cannot be compared."""
    return "" if kind.array else _FAMILIES.get(kind.name, "")


def is_text(kind: Kind) -> bool:
    """Tell whether MySQL and MariaDB compare values of a type by a collation."""
    return not kind.array and (_FAMILIES.get(kind.name) == "text" or kind.name == "set")


_WORDS = {
    "double": "float",
    "datetime": "timestamp",
    "tinyint": "smallint",
    "money": "decimal(19,4)",
    "year": "smallint",
    "citext": "text",
    "xml": "text",
    "inet": "varchar(43)",
    "cidr": "varchar(43)",
    "macaddr": "char(17)",
    "interval": "text",
    "tsvector": "text",
    "hstore": "json",
    "timetz": "time",
    "geometry": "geography",
    "rowversion": "bytes",
}
"""The nearest type of the answers where it has another name."""


def field_type(kind: Kind, store: str) -> FieldType | None:
    """Return the type of the answers that comes nearest; `None` where there is none.

    Whether it says all of it shows when the draft of the answers is compared with the source.
    """
    if kind.name == "enum":
        return enum_of(constants(kind.measure))
    if kind.more == "unsigned" and kind.name in _WIDTHS:
        larger = {"tinyint": "smallint", "smallint": "int", "mediumint": "int"}
        return FieldType(larger.get(kind.name, "bigint"))
    if kind.name in {"binary", "varbinary"} and store == "mysql" and kind.measure == "16":
        return FieldType("uuid")
    name, measure = _WORDS.get(kind.name, kind.name), kind.measure
    if kind.name == "float" and store in _MY:
        name, measure = "real", ""
    if name in {"decimal", "number"} and not measure:
        measure = "38,10"
    if name in {"varchar", "nvarchar"} and (not measure or measure == "max"):
        name, measure = "text", ""
    if name in {"char", "nchar"} and not measure:
        measure = "1"
    if name == "timestamp" and store in _MY:
        measure = _digits(measure or "0")
    try:
        return _taken(name, measure, array=kind.array)
    except MistakeError:
        return None


def _digits(measure: str) -> str:
    """How many digits of a second are said: none where it is the most, which is what is usual."""
    return "" if measure == str(SECOND_DIGITS) else measure


def _taken(name: str, measure: str, *, array: bool) -> FieldType:
    def words(measured: str) -> FieldType:
        text = f"{name}({measured})" if measured and "(" not in name else name
        kind, _ = take_type(split_words(f"{text}{'[]' if array else ''}")[0][::-1])
        return kind

    try:
        return words(measure)
    except MistakeError:
        if measure:
            return words("")
        raise


def enum_of(values: tuple[str, ...]) -> FieldType | None:
    """Return the type of a list of values, or `None` where a value cannot be said."""
    text = ", ".join(values)
    try:
        kind, _ = take_type(split_words(f"enum({text})")[0][::-1])
    except MistakeError:
        return None
    return kind if kind.values == values else None
