# ruff: noqa: S608 - drafts for a reader; nothing here runs them
"""Statements by which rows come and go in time. Imports SQLAlchemy: load it late."""

from __future__ import annotations

from collections.abc import Iterator

from .expiry import BATCH
from .guards_sql import quoted_names
from .model import DataModel, Entity
from .volumes import kept_seconds

AHEAD = 7
"""Partitions that are there before the time that they are for."""

_FUTURE = "p_future"


def partition_by(store: str, column: str) -> str:
    """Return how a table is split by a time, after `PARTITION BY`.

    Args:
        store: Key of a SQL store.
        column: The time, in quotes where it needs them.
    """
    if store == "postgresql":
        return f"RANGE ({column})"
    return f"RANGE COLUMNS ({column}) (PARTITION {_FUTURE} VALUES LESS THAN (MAXVALUE))"


def partitions(model: DataModel, store: str) -> str:
    """Return what a job does each day for rows that come and go; empty where none go in time.

    Args:
        model: The part of the model that the store holds.
        store: Key of a SQL store.
    """
    texts = []
    for entity in model.entities:
        seconds = kept_seconds(entity)
        if entity.partition and seconds:
            texts.append("\n".join(_spans(entity, store)))
        elif entity.expiring and seconds:
            texts.append("\n".join(_batch(entity, store)))
    return "\n\n".join(texts) + "\n" if texts else ""


def _spans(entity: Entity, store: str) -> Iterator[str]:
    span = entity.partition
    assert span is not None  # noqa: S101 - what calls it has looked
    (table,) = quoted_names(store, [entity.table])
    zoned = entity.column(span.column).type.family == "timestamptz" and store == "postgresql"
    zone = " 00:00+00" if zoned else ""
    yield f"-- {entity.table}: a partition for each {span.unit}, {AHEAD} of them ahead of its time."
    yield f"-- <{span.unit}> is its first day, <next> that of the one after it."
    if store == "postgresql":
        yield (
            f"CREATE TABLE {entity.table}_<{span.unit}> PARTITION OF {table}"
            f" FOR VALUES FROM ('<{span.unit}>{zone}') TO ('<next>{zone}');"
        )
    else:
        yield (
            f"ALTER TABLE {table} REORGANIZE PARTITION {_FUTURE} INTO (PARTITION p_<{span.unit}>"
            f" VALUES LESS THAN ('<next>'), PARTITION {_FUTURE} VALUES LESS THAN (MAXVALUE));"
        )
    yield "-- The one whose last row is over its time."
    yield f"-- {_refused(store)}"
    if store == "postgresql":
        yield f"ALTER TABLE {table} DETACH PARTITION {entity.table}_<{span.unit}> CONCURRENTLY;"
        yield f"DROP TABLE {entity.table}_<{span.unit}>;"
    else:
        yield f"ALTER TABLE {table} DROP PARTITION p_<{span.unit}>;"


def _refused(store: str) -> str:
    if store == "postgresql":
        return "Outside of a transaction; a row without a partition is refused."
    return f"What lies in {_FUTURE} was not made in time: look that it is empty."


def _batch(entity: Entity, store: str) -> Iterator[str]:
    table, column = quoted_names(store, [entity.table, entity.expiring])
    over = f"{column} < {'@' if store == 'sql-server' else ':'}over"
    yield f"-- {entity.table}: what is older than :over, again after a pause until none is left."
    if store in ("mysql", "mariadb"):
        yield f"DELETE FROM {table} WHERE {over} ORDER BY {column} LIMIT {BATCH};"
    elif store == "sql-server":
        yield f"DELETE TOP ({BATCH}) FROM {table} WHERE {over};"
    else:
        row = "ctid" if store == "postgresql" else "rowid"
        found = f"SELECT {row} FROM {table} WHERE {over} ORDER BY {column} LIMIT {BATCH}"
        within = f"= ANY (ARRAY({found}))" if store == "postgresql" else f"IN ({found})"
        yield f"DELETE FROM {table} WHERE {row} {within};"
