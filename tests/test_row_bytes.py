"""Bytes of rows and index entries: computed by hand, and as real servers keep 100,000 rows."""

from __future__ import annotations

import datetime
import random
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from storage_conductor.schema.model import DataModel
from storage_conductor.schema.parse import parse_model
from storage_conductor.schema.result import RowBytes
from storage_conductor.schema.sqlbytes import row_bytes
from tests.schema_support import design
from tests.spec_rendering import track_of

from . import schema_servers as servers

READING = {"sensor": "int pk assigned", "taken_at": "timestamptz pk", "value": "float not null"}
BOOKING = {
    "id": "uuid pk",
    "request_key": "varchar(64) unique not null",
    "guest": "uuid not null",
    "state": "enum(held, paid, cancelled) not null",
    "held_until": "timestamptz",
    "price": "int not null",
}
ENTRY = {
    "id": "bigint pk",
    "account": "uuid not null",
    "amount": "bigint not null",
    "price": "decimal(10,2) not null",
    "booked_at": "timestamptz not null default now()",
    "done": "bool not null",
    "day": "date not null",
}
BY_GUEST = {"name": "of a guest", "entity": "Booking", "filter": ["guest"]}
STATEMENT = {
    "name": "statement",
    "entity": "Entry",
    "filter": ["account"],
    "sort": ["booked_at desc"],
    "page_size": 20,
}


def model(name: str, fields: dict[str, str], *patterns: dict[str, Any]) -> DataModel:
    parsed = parse_model({name: fields}, [*patterns])
    assert parsed is not None
    return parsed


def of(held: DataModel, store: str, shared: dict[str, float] | None = None) -> RowBytes:
    (entity,) = held.entities
    found = row_bytes(entity, design(held, store).indexes, store, None, shared)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "fields", "store", "table", "indexes"),
    [
        # 24 header + (4 + 4 to align + 8 + 8) + 4 pointer = 52; ⌊(8,192 - 24) ÷ 52⌋ = 157 a page.
        # 8 header + (4 + 4 + 8) + 4 pointer = 28, ln 2 full, of 8,152 in a page of 8,192.
        ("Reading", READING, "postgresql", 8192 / 157, [28 / 0.693147 * 8192 / 8152]),
        # A counted key comes last each time: 8 + 8 + 4 = 20, pages nine tenths full.
        ("Hit", {"id": "bigint pk"}, "postgresql", 8192 / 226, [20 / 0.9 * 8192 / 8152]),
        # 23 + 1 for what is missing = 24; a text of 10 on average and the byte of its length.
        (
            "Note",
            {"id": "uuid pk", "text": "varchar(20)"},
            "postgresql",
            8192 / 136,  # 24 + (16 + 11, up to 32) + 4 = 60
            [28 / 0.693147 * 8192 / 8152],
        ),
        # 5 header + 4 + 8 + 8 + 13 hidden + a third for the directory; the key is the table.
        ("Reading", READING, "mariadb", (38 + 1 / 3) / 0.693147 / 0.875 * 16384 / 16256, []),
        # In order of a counted key 15/16 full: 5 + 8 + 13 + 1/3.
        ("Hit", {"id": "bigint pk"}, "mariadb", (26 + 1 / 3) / 0.9375 / 0.875 * 16384 / 16256, []),
    ],
)
def test_bytes_by_hand(
    name: str, fields: dict[str, str], store: str, table: float, indexes: list[float]
) -> None:
    found = of(model(name, fields), store)
    assert found.table == pytest.approx(table, rel=1e-4)
    assert list(found.indexes.values()) == pytest.approx(indexes, rel=1e-4)


def test_rows_of_one_key_share_it() -> None:
    held = model("Booking", BOOKING, BY_GUEST)
    alone = of(held, "postgresql").indexes["ix_booking_guest"]
    shared = of(held, "postgresql", {"ix_booking_guest": 100}).indexes["ix_booking_guest"]
    # 28 ÷ 100 + 6 for each row in the list, in place of 28.
    assert shared / alone == pytest.approx(6.28 / 28, rel=1e-4)


def test_what_nothing_tells_the_size_of_has_none() -> None:
    held = model("Page", {"id": "uuid pk", "body": "text not null"})
    (entity,) = held.entities
    assert row_bytes(entity, (), "postgresql", None) is None
    stated = row_bytes(entity, (), "postgresql", 1_000)
    assert stated is not None
    assert stated.table == pytest.approx(8192 / 7)  # 24 + 1,000 + 4 = 1,028
    assert row_bytes(entity, (), "sqlite", 1_000) is None
    assert of(model("Booking", BOOKING), "postgresql").assumed == ("request_key",)


ROWS = 100_000
START = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


def _at(second: float) -> datetime.datetime:
    return START + datetime.timedelta(seconds=second)


def _drawn() -> dict[str, tuple[DataModel, Callable[[int], tuple[Any, ...]]]]:
    chance = random.Random(5)  # noqa: S311 - no secret

    def some() -> str:
        return str(uuid.UUID(int=chance.getrandbits(128), version=4))

    accounts = [some() for _ in range(1000)]
    states = ("held", "paid", "cancelled")
    return {
        "reading": (
            model("Reading", READING),
            lambda n: (n % 1000, _at(n // 1000 * 60 + n % 7), chance.random()),
        ),
        "booking": (
            model("Booking", BOOKING, BY_GUEST),
            lambda n: (some(), some()[:32], some(), states[n % 3], None if n % 2 else _at(n), n),
        ),
        "entry": (
            model("Entry", ENTRY, STATEMENT),
            lambda n: (
                *(n + 1, chance.choice(accounts), chance.randrange(10**6)),
                *(chance.randrange(10**6) / 100, _at(n), n % 2 == 0, _at(n).date()),
            ),
        ),
    }


def test_postgresql_keeps_what_was_computed() -> None:
    with servers.postgresql(servers.POSTGRESQL[1]) as connection:
        for table, (held, row) in _drawn().items():
            connection.execute(design(held, "postgresql").artifacts[0].text)
            with connection.cursor().copy(f"COPY {table} FROM STDIN") as copy:
                for number in range(ROWS):
                    copy.write_row(row(number))
            size = "SELECT pg_relation_size(%s::regclass)"
            found = of(held, "postgresql")
            measured = connection.execute(size, [table]).fetchone()[0]
            assert found.table * ROWS == pytest.approx(measured, rel=0.1), table
            for name, each in found.indexes.items():
                measured = connection.execute(size, [name]).fetchone()[0]
                assert each * ROWS == pytest.approx(measured, rel=0.15), name


@pytest.mark.parametrize("store", servers.INNODB_HERE)
def test_innodb_keeps_what_was_computed(store: str) -> None:
    with servers.innodb(store, "d") as connection:
        cursor = connection.cursor()
        for table, (held, row) in _drawn().items():
            for statement in design(held, store).artifacts[0].text.split(";\n"):
                if statement.strip():
                    cursor.execute(statement)
            places = ", ".join("%s" for _ in held.entities[0].columns)
            rows = [_plain(store, row(number)) for number in range(ROWS)]
            cursor.executemany(f"INSERT INTO {table} VALUES ({places})", rows)  # noqa: S608
            cursor.execute(f"ANALYZE TABLE {table}")
            cursor.execute(
                "SELECT data_length, index_length FROM information_schema.tables"
                " WHERE table_name = %s",
                [table],
            )
            data, index = cursor.fetchone()
            found = of(held, store)
            assert found.table * ROWS == pytest.approx(data, rel=0.15), table
            assert found.entries * ROWS == pytest.approx(index, rel=0.2), table


def _plain(store: str, row: tuple[Any, ...]) -> list[Any]:
    plain = [v.replace(tzinfo=None) if isinstance(v, datetime.datetime) else v for v in row]
    return [servers.identifier(store, value) for value in plain]


def test_postgresql_logs_what_was_computed() -> None:
    """Rows one by one, each its own transaction, without the pages that a checkpoint brings."""
    with servers.postgresql(servers.POSTGRESQL[1]) as connection:
        connection.execute("ALTER SYSTEM SET full_page_writes = off")
        connection.execute("SELECT pg_reload_conf()")
        connection.execute("SET synchronous_commit = off")
        for table, (held, row) in _drawn().items():
            connection.execute(design(held, "postgresql").artifacts[0].text)
            places = ", ".join("%s" for _ in held.entities[0].columns)
            place = "SELECT pg_current_wal_insert_lsn()"
            start = connection.execute(place).fetchone()[0]
            for number in range(3000):
                connection.execute(f"INSERT INTO {table} VALUES ({places})", row(number))  # noqa: S608
            logged = connection.execute(
                "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), %s)", [start]
            ).fetchone()[0]
            computed = of(held, "postgresql").logged
            assert computed is not None
            assert sum(computed) + 40 == pytest.approx(float(logged) / 3000, rel=0.15), table


def test_the_log_by_hand() -> None:
    # 24 + 20 + 5 + 5 + 1 + 24 = 79, up to 80; 24 + 20 + 4 + 24 = 72, and 28 as half of it moves.
    assert of(model("Reading", READING), "postgresql").logged == (80, 100)
    assert of(model("Reading", READING), "mariadb").logged is None


@pytest.mark.parametrize(("rate", "shown"), [(4_000, ""), (5_000, "1.05 MiB/s, 95.04 GB a day")])
def test_the_log_is_told_where_it_is_much(rate: int, shown: str) -> None:
    write = {"name": "store", "entity": "Reading", "kind": "write", "per_second": rate}
    answers = {"backend": "PostgreSQL", "entities": {"Reading": READING}}
    found = track_of({**answers, "access_patterns": [write]}).component.estimates
    # 5,000 × (80 + 100 + 40) = 1.1 MB/s.
    assert [e.shown for e in found if e.key == "log-written"] == ([shown] if shown else [])
