"""How each SQL store writes types, defaults and checks. Imports SQLAlchemy: load it late."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from importlib import import_module
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.types import UserDefinedType

from ..catalog.backend import Backend
from .model import Column
from .types import SECOND_DIGITS, TIMED, FieldType

TEXT_KEY_LENGTH = 255
"""Characters of a `text` field that is part of a key, where the store needs a length for it."""
_ENUM_ROOM = 32  # a longer value added later then needs a new check and no new type
LONG_BYTES = 65_535  # what MySQL's and MariaDB's TEXT and BLOB hold


class _Native(UserDefinedType[Any]):
    """A type that is written as it stands: one that SQLAlchemy needs a live server to offer."""

    cache_ok = True

    def __init__(self, spelling: str) -> None:
        self.spelling = spelling

    def get_col_spec(self, **_: Any) -> str:
        return self.spelling


def _dialect(module: str, name: str = "dialect") -> Dialect:
    """Make a dialect; each imports as much as SQLAlchemy's core does, so none before its use."""
    made: Dialect = getattr(import_module(f"sqlalchemy.dialects.{module}"), name)(
        paramstyle="named"
    )
    return made


DIALECTS: dict[str, Callable[[], Dialect]] = {
    "postgresql": partial(_dialect, "postgresql"),
    "mysql": partial(_dialect, "mysql"),
    "mariadb": partial(_dialect, "mysql.mariadb", "MariaDBDialect"),
    "sqlite": partial(_dialect, "sqlite"),
    "sql-server": partial(_dialect, "mssql"),
}
"""SQLAlchemy's dialects without a driver; their parameter style leaves percent signs alone."""


@dataclass(frozen=True)
class Engine:
    """What is particular about writing a schema for a SQL store.

    Args:
        backend: The store as it is run, with its limits.
        digits: Most digits of a decimal.
        scale: Most digits of a decimal after the point.
        sized_keys: Whether a text needs a length to be part of a key, which then takes its declared
            length of the index's limit.
        character_bytes: Bytes that one character takes of that limit.
        collation: By which texts differ when they differ in case or in spaces at the end, as in
            the model; empty where the usual one does that, or there is none.
        nulls_last: Whether rows without a value are ordered after all others.
    """

    backend: Backend
    digits: int
    scale: int
    sized_keys: bool = False
    character_bytes: int = 4
    collation: str = ""
    nulls_last: bool = False

    @property
    def key(self) -> str:
        """The catalog key of the store."""
        return self.backend.key

    @property
    def my(self) -> bool:
        """Whether it is MySQL or MariaDB."""
        return self.key in {"mysql", "mariadb"}

    def dialect(self) -> Dialect:
        """Make SQLAlchemy's dialect."""
        return DIALECTS[self.key]()


ENGINES: dict[str, Callable[[Backend], Engine]] = {
    "postgresql": partial(
        Engine,
        # https://www.postgresql.org/docs/current/datatype-numeric.html
        digits=1000,
        scale=1000,
        nulls_last=True,  # https://www.postgresql.org/docs/current/queries-order.html
    ),
    "mysql": partial(
        Engine,
        # https://dev.mysql.com/doc/refman/8.4/en/fixed-point-types.html
        digits=65,
        scale=30,
        sized_keys=True,
        # https://dev.mysql.com/doc/refman/8.4/en/charset-unicode-sets.html
        collation="utf8mb4_0900_bin",
    ),
    "mariadb": partial(
        Engine,
        # https://mariadb.com/kb/en/decimal/
        digits=65,
        scale=38,
        sized_keys=True,
        # https://mariadb.com/kb/en/supported-character-sets-and-collations/
        collation="utf8mb4_nopad_bin",
    ),
    # https://www.sqlite.org/datatype3.html: digits are not limited, but see FLOAT_DIGITS
    "sqlite": partial(Engine, digits=1000, scale=1000),
    # https://learn.microsoft.com/sql/t-sql/data-types/decimal-and-numeric-transact-sql
    "sql-server": partial(Engine, digits=38, scale=38, sized_keys=True, character_bytes=2),
}
"""The SQL stores by their catalog keys."""
_WHOLE_DIGITS = 18  # what a signed number of 64 bits holds whatever the digits
FLOAT_DIGITS = 15
"""Decimal digits that SQLite keeps exactly, as it holds a decimal with a fraction as a double."""


_SPELLINGS: dict[str, dict[str, str]] = {
    "uuid": {
        "postgresql": "UUID",
        "mysql": "BINARY(16)",
        "mariadb": "UUID",
        "sqlite": "TEXT",
        "sql-server": "UNIQUEIDENTIFIER",
    },
    "smallint": {"": "SMALLINT", "sqlite": "INTEGER"},
    "int": {"": "INTEGER"},
    "bigint": {"": "BIGINT", "sqlite": "INTEGER"},  # only INTEGER is SQLite's own row number
    "real": {"": "REAL", "mysql": "FLOAT", "mariadb": "FLOAT"},
    "float": {"": "DOUBLE PRECISION", "sqlite": "REAL", "sql-server": "FLOAT(53)"},
    "bool": {"": "BOOLEAN", "sqlite": "INTEGER", "sql-server": "BIT"},
    "date": {"": "DATE", "sqlite": "TEXT"},
    "time": {"": "TIME", "sqlite": "TEXT"},
    "timestamp": {
        "": "DATETIME",  # MySQL's and MariaDB's own TIMESTAMP ends in 2038
        "postgresql": "TIMESTAMP",
        "sqlite": "TEXT",
        "sql-server": "DATETIME2",
    },
    "timestamptz": {
        "": "DATETIME",
        "postgresql": "TIMESTAMP",
        "sqlite": "TEXT",
        "sql-server": "DATETIMEOFFSET",
    },
    "json": {"": "JSON", "postgresql": "JSONB", "sqlite": "TEXT", "sql-server": "NVARCHAR(max)"},
    "bytes": {"": "BLOB", "postgresql": "BYTEA", "sql-server": "VARBINARY(max)"},
    "text": {"": "TEXT", "sql-server": "NVARCHAR(max)"},
    "point": {
        "": "POINT",
        "postgresql": "GEOGRAPHY(Point, 4326)",
        "mysql": "POINT SRID 4326",
        "sql-server": "GEOGRAPHY",
    },
}
"""Types by store, under the empty key where most agree. A uuid is binary in MySQL, which has no
type of its own for it: less than half the bytes of its text in every index."""


def type_text(engine: Engine, kind: FieldType, *, in_key: bool, large: bool) -> str:
    """The type of a column as the store writes it.

    Lists of values are texts with a check in every store: a value is added by a new check, which
    no store needs to rewrite the table for, and removed likewise, which a native type makes hard.

    Args:
        engine: The store.
        kind: The type in the model.
        in_key: Whether it is part of a key or index.
        large: Whether items can be larger than 64 KB.
    """
    if kind.array and engine.key == "postgresql":
        single = replace(kind, array=False)
        return f"{type_text(engine, single, in_key=False, large=large)}[]"
    measured = None if kind.array else _measured_text(engine, kind)
    if measured is not None:
        return measured
    length = _text_length(engine, kind, in_key=in_key) if kind.family == "text" else None
    if length is not None:
        national = "N" if engine.key == "sql-server" else ""
        return f"{national}{'CHAR' if kind.name == 'char' else 'VARCHAR'}({length})"
    if kind.name == "bytes" and in_key and engine.sized_keys:
        return f"VARBINARY({TEXT_KEY_LENGTH})"
    name = "json" if kind.array else "text" if kind.family == "text" else kind.name
    spelling = _SPELLINGS[name].get(engine.key) or _SPELLINGS[name][""]
    return f"LONG{spelling}" if engine.my and large and name in {"text", "bytes"} else spelling


def _measured_text(engine: Engine, kind: FieldType) -> str | None:
    """A type of numbers or times that the store writes with measures of its own, or `None`."""
    if kind.name == "decimal":
        return _decimal_text(engine, kind)
    if kind.name == "vector":
        return f"VECTOR({kind.length})"
    if kind.name in TIMED and engine.key != "sqlite":
        return _timed_text(engine, kind)
    return None


def _decimal_text(engine: Engine, kind: FieldType) -> str:
    """The type of a decimal; SQLite's strict tables have whole numbers and doubles only."""
    if engine.key == "sqlite":
        return "INTEGER" if not kind.scale and (kind.precision or 0) <= _WHOLE_DIGITS else "REAL"
    return f"NUMERIC({kind.precision}, {kind.scale})"


def _timed_text(engine: Engine, kind: FieldType) -> str:
    name = _SPELLINGS[kind.name].get(engine.key) or _SPELLINGS[kind.name][""]
    digits = kind.precision
    if digits is None and engine.my:
        digits = SECOND_DIGITS  # theirs are none
    zone = kind.name == "timestamptz" and engine.key == "postgresql"
    measure = "" if digits is None else f"({digits})"
    return f"{name}{measure}{' WITH TIME ZONE' if zone else ''}"


def _text_length(engine: Engine, kind: FieldType, *, in_key: bool) -> int | None:
    if engine.key == "sqlite":
        return None  # a check bounds it
    if kind.values:
        return max(_ENUM_ROOM, *map(len, kind.values)) if engine.sized_keys else None
    if kind.length is None:
        return TEXT_KEY_LENGTH if in_key and engine.sized_keys else None
    return None if engine.key == "sql-server" and kind.length > 4000 else kind.length


def column_type(kind: FieldType, text: str) -> sa.types.TypeEngine[Any]:
    """The type for SQLAlchemy, which must know whole numbers to number rows by them."""
    whole = {"SMALLINT": sa.SmallInteger, "INTEGER": sa.Integer, "BIGINT": sa.BigInteger}
    return whole[text]() if kind.bits and text in whole else _Native(text)


_NOW = {
    ("postgresql", "date"): "CAST(CURRENT_TIMESTAMP AT TIME ZONE 'UTC' AS DATE)",
    ("postgresql", "timestamp"): "(CURRENT_TIMESTAMP AT TIME ZONE 'UTC')",
    ("postgresql", "timestamptz"): "CURRENT_TIMESTAMP",
    ("mysql", "date"): "(UTC_DATE())",
    ("mysql", "timestamp"): "(UTC_TIMESTAMP({digits}))",
    ("mysql", "timestamptz"): "(UTC_TIMESTAMP({digits}))",
    ("sqlite", "date"): "(date('now'))",
    ("sqlite", "timestamp"): "(strftime('%Y-%m-%dT%H:%M:%f', 'now'))",
    ("sqlite", "timestamptz"): "(strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))",
    ("sql-server", "date"): "(CAST(SYSUTCDATETIME() AS date))",
    ("sql-server", "timestamp"): "(SYSUTCDATETIME())",
    ("sql-server", "timestamptz"): "(SYSDATETIMEOFFSET())",
}
"""The time of a write, in UTC whatever the zone of the session; moments need no zone."""
NEW_UUID = {
    "postgresql": "gen_random_uuid()",
    "mysql": "(UUID_TO_BIN(UUID()))",
    "mariadb": "(UUID())",
    "sqlite": (
        "(lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' ||"
        " substr(hex(randomblob(2)), 2) || '-' || substr('89AB', 1 + (abs(random()) % 4), 1) ||"
        " substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))))"
    ),
    "sql-server": "(NEWID())",
}
"""A new random UUID, by store."""


def default_clause(engine: Engine, column: Column) -> sa.ColumnElement[Any] | None:
    """The DEFAULT of a column, or `None`."""
    default = column.default
    if default is None:
        return None
    if default.kind == "uuid":
        return sa.literal_column(NEW_UUID[engine.key])
    if default.kind == "now":
        key = "mysql" if engine.my else engine.key
        digits = column.type.precision
        text = _NOW[key, column.type.name]
        shown = SECOND_DIGITS if digits is None else digits
        return sa.literal_column(text.replace("{digits}", str(shown)))
    return sa.literal_column(_default_text(engine, column, default.value))


def _default_text(engine: Engine, column: Column, value: str) -> str:
    family = column.type.family
    if family == "bool":
        plain = {"true": "1", "false": "0"}
        return value.upper() if engine.key == "postgresql" else plain[value]
    if family == "number":
        number = f"{Decimal(value):f}"
        # What is no word SQLAlchemy writes there as an expression, which no instant change takes.
        return number if engine.key != "mysql" or number.isdigit() else f"'{number}'"
    quoted = "'" + value.replace("'", "''") + "'"
    if engine.key == "mysql" and family == "uuid":
        return f"(UUID_TO_BIN({quoted}))"
    if engine.my and column.type.name in {"text", "json"}:
        return f"({quoted})"  # a TEXT or JSON column takes its default as an expression only
    if engine.my and family == "timestamptz":
        return f"'{utc(value)}'"
    unicode = engine.key == "sql-server" and (family == "text" or column.type.name == "json")
    return f"N{quoted}" if unicode else quoted


def utc(value: str) -> str:
    """A moment as the local time of UTC."""
    import datetime

    moment = datetime.datetime.fromisoformat(value).astimezone(datetime.UTC)
    return moment.replace(tzinfo=None).isoformat()


def key_bytes(engine: Engine, kind: FieldType) -> int:
    """Bytes that a column takes of an index key at most."""
    if kind.bits is not None:
        return kind.bits // 8
    sizes = {"real": 4, "float": 8, "bool": 1, "date": 3, "uuid": 16, "decimal": 30}
    if kind.family == "text":
        longest = max(map(len, kind.values), default=0)
        length = kind.length or (max(longest, _ENUM_ROOM) if longest else TEXT_KEY_LENGTH)
        return length * engine.character_bytes
    return TEXT_KEY_LENGTH if kind.name == "bytes" else sizes.get(kind.name, 10)


def entry_bytes(engine: Engine, kinds: Iterable[FieldType]) -> int:
    """Bytes that an entry of an index takes at most, with what PostgreSQL adds to its values.

    That is 8 for the entry (`IndexTupleData` in its src/include/access/itup.h), 4 for the length of
    each text, and room to the next multiple of 4 for each value and of 8 for all.
    """
    if engine.key != "postgresql":
        return sum(key_bytes(engine, kind) for kind in kinds)
    sizes = [key_bytes(engine, kind) + 4 * (kind.family == "text") for kind in kinds]
    return _up(8 + sum(_up(size, 4) for size in sizes), 8)


def _up(size: int, step: int) -> int:
    return -(-size // step) * step
