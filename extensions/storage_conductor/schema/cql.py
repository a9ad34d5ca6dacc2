"""Cassandra's tables as statements of CQL."""

from __future__ import annotations

from dataclasses import dataclass, field

from .model import Column, Direction, Entity
from .result import Artifact
from .ways import Bucket

_TYPES = {
    "uuid": "uuid",
    "smallint": "smallint",
    "int": "int",
    "bigint": "bigint",
    "decimal": "decimal",
    "real": "float",
    "float": "double",
    "bool": "boolean",
    "date": "date",
    "time": "time",
    "timestamp": "timestamp",
    "timestamptz": "timestamp",
    "bytes": "blob",
}
# Twenty years, the most that a time to live may be:
# https://cassandra.apache.org/doc/latest/cassandra/developing/cql/dml.html
_TTL_MOST = 20 * 365 * 86_400
# src/resources/org/apache/cassandra/cql3/reserved_keywords.txt of its newest and older versions
_RESERVED = set(
    """
    add allow alter and apply asc authorize batch begin by check columnfamily constraint create
    default delete desc describe drop entries execute from full grant if in index infinity insert
    into is keyspace length limit materialized mbean mbeans modify nan norecursive not null of on
    or order primary rename replace revoke schema select set table to token truncate unlogged unset
    update use using view where with
    """.split()  # noqa: SIM905  (a list of words reads better than sixty strings)
)


@dataclass(frozen=True)
class Windows:
    """Spans of time in which rows that expire together lie on disk.

    Args:
        unit: `MINUTES`, `HOURS` or `DAYS`.
        size: How many of them a window has.
    """

    unit: str
    size: int

    def __str__(self) -> str:
        name = self.unit.lower()
        return f"{self.size} {name.removesuffix('s') if self.size == 1 else name}"


@dataclass
class Table:
    """A table, for the key of an entity or for another way of asking.

    Args:
        partition: What must be known to find rows, without the bucket.
        only: What holds for the rows in it, in words; empty for all. A key has no place for a value
            that is missing, so the writer keeps a row in it no longer than that.
        bucket: What parts the rows of one partition, if anything does.
        windows: In which windows rows are compacted, where they expire and never change.
    """

    entity: Entity
    name: str
    partition: tuple[str, ...]
    clustering: tuple[tuple[str, Direction], ...]
    serves: list[str] = field(default_factory=list)
    only: str = ""
    bucket: Bucket | None = None
    windows: Windows | None = None

    @property
    def found_by(self) -> tuple[str, ...]:
        """The columns of its partition key, the bucket included."""
        return (*self.partition, *([self.bucket.column] if self.bucket else []))

    @property
    def key(self) -> tuple[str, ...]:
        """The columns of its primary key."""
        return (*self.partition, *(column for column, _ in self.clustering))


def cql_type(column: Column) -> str:
    """The CQL type of a column."""
    name = _TYPES.get(column.type.name, "text")
    return f"list<{name}>" if column.type.array else name


def artifacts(tables: list[Table]) -> tuple[Artifact, ...]:
    """The statements that make the tables, and those that remove them."""
    create = ["-- Cassandra: tables; run in the keyspace that holds them."]
    create += [_create(table) for table in tables]
    drop = ["-- Cassandra: removes the tables and all rows in them."]
    drop += [f"DROP TABLE {quoted(table.name)};" for table in reversed(tables)]
    return (
        Artifact("Cassandra: tables", "sql", "\n\n".join(create) + "\n", "schema"),
        Artifact("Cassandra: rollback", "sql", "\n".join(drop) + "\n", "rollback"),
    )


def _create(table: Table) -> str:
    first = [table.entity.column(name) for name in table.key]
    rest = [column for column in table.entity.columns if column.name not in table.key]
    lines = [f"{quoted(column.name)} {cql_type(column)}" for column in (*first, *rest)]
    if table.bucket:
        kind = {"by hash": "smallint", "by hour": "timestamp"}.get(table.bucket.word, "date")
        lines.insert(len(table.partition), f"{quoted(table.bucket.column)} {kind}")
    if len(table.key) == 1 and not table.bucket:
        lines[0] += " PRIMARY KEY"
    else:
        lines.append(f"PRIMARY KEY ({_key(table)})")
    options = []
    if any(way == "desc" for _, way in table.clustering):
        order = ", ".join(f"{quoted(column)} {way.upper()}" for column, way in table.clustering)
        options.append(f"CLUSTERING ORDER BY ({order})")
    if table.entity.ttl_seconds is not None and table.entity.ttl_seconds <= _TTL_MOST:
        options.append(f"default_time_to_live = {table.entity.ttl_seconds}")
    if table.windows:
        options.append(
            "compaction = {'class': 'TimeWindowCompactionStrategy',"
            f" 'compaction_window_unit': '{table.windows.unit}',"
            f" 'compaction_window_size': {table.windows.size}}}"
        )
    ending = f" WITH {' AND '.join(options)}" if options else ""
    purpose = f"-- For: {'; '.join(table.serves)}\n" if table.serves else ""
    purpose += f"-- Rows are in it only while {table.only}.\n" if table.only else ""
    body = ",\n  ".join(lines)
    return f"{purpose}CREATE TABLE {quoted(table.name)} (\n  {body}\n){ending};"


def _key(table: Table) -> str:
    partition = ", ".join(map(quoted, table.found_by))
    if len(table.found_by) > 1:
        partition = f"({partition})"
    return ", ".join([partition, *(quoted(column) for column, _ in table.clustering)])


def quoted(name: str) -> str:
    """Return a name in quotes where Cassandra would read it otherwise."""
    return f'"{name}"' if name in _RESERVED or name != name.lower() else name
