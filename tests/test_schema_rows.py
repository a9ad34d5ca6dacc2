"""What a model says, tried with rows on real servers: what is kept, refused, equal and found."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from storage_conductor.schema.parse import parse_model
from storage_conductor.schema.result import Design
from tests.schema_support import design

from . import schema_servers as servers
from .test_schema_words import TENANTS

NEWEST_WORDS = """
    external library manual nothing others parallel period qualify rownum sets tablesample vector
    within materialized first last filter no always minus
    """.split()  # noqa: SIM905  (a list of words)


def drafted(backend: str, entities: object, patterns: object = None) -> Design:
    model = parse_model(entities, patterns)
    assert model is not None
    return design(model, backend)


def schema(result: Design) -> str:
    return next(artifact.text for artifact in result.artifacts if artifact.kind == "schema")


def findings(result: Design, key: str) -> list[dict[str, Any]]:
    return [dict(f.numbers) | {"subject": f.subject} for f in result.findings if f.key == key]


def refusals() -> tuple[type[Exception], ...]:
    """What the drivers raise for data that a rule refuses."""
    import psycopg
    import pymysql

    found = [sqlite3.IntegrityError, psycopg.IntegrityError, psycopg.DataError]
    found += [psycopg.OperationalError, pymysql.err.IntegrityError, pymysql.err.DataError]
    found.append(pymysql.err.OperationalError)
    with contextlib.suppress(ImportError):
        import apsw

        found.append(apsw.ConstraintError)
    return tuple(found)


class Store:
    """A server with one empty place for tables, behind one way to run statements."""

    def __init__(self, backend: str, connection: Any) -> None:
        self.backend = backend
        self._connection = connection

    def load(self, entities: object, patterns: object = None) -> Design:
        result = drafted(self.backend, entities, patterns)
        fresh = {
            "postgresql": "DROP SCHEMA IF EXISTS rows CASCADE; CREATE SCHEMA rows;"
            " SET search_path = rows",
            **dict.fromkeys(
                servers.INNODB, "DROP DATABASE IF EXISTS kinds; CREATE DATABASE kinds; USE kinds"
            ),
        }
        if self.backend in fresh:
            self.run(fresh[self.backend])
            self.run(schema(result))
        else:
            tables = self.run(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            )
            self.run("PRAGMA foreign_keys = OFF")
            for (name,) in tables:
                self.run(f'DROP TABLE IF EXISTS "{name}"')
            self._connection.executescript(schema(result))
            self.run("PRAGMA foreign_keys = ON")
        return result

    def run(self, statement: str) -> list[Any]:
        cursor = self._connection.cursor()
        cursor.execute(statement)
        found = list(cursor.fetchall()) if cursor.description else []
        while self.backend in servers.INNODB and cursor.nextset():
            pass
        cursor.close()
        return found

    def refuses(self, statement: str) -> bool:
        """Whether a statement breaks a rule of the data, and is no mistake of another kind."""
        try:
            self.run(statement)
        except refusals():
            return True
        return False


OPENED: dict[str, Callable[[], contextlib.AbstractContextManager[Any]]] = {
    **{package: partial(servers.postgresql, package) for package in servers.POSTGRESQL},
    **{store: partial(servers.innodb, store, "kinds") for store in servers.INNODB_HERE},
    "sqlite": servers.python_sqlite,
    "newest sqlite": servers.newest_sqlite,
}


@pytest.fixture(scope="module", params=OPENED)
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    backend = "postgresql" if request.param in servers.POSTGRESQL else request.param.split()[-1]
    with OPENED[request.param]() as connection:
        yield Store(backend, connection)


on_postgresql = pytest.mark.parametrize("store", servers.POSTGRESQL, indirect=True)
on_mariadb = pytest.mark.parametrize("store", ["mariadb"], indirect=True)
on_sqlite = pytest.mark.parametrize("store", ["sqlite", "newest sqlite"], indirect=True)


def test_an_optional_value_of_any_type_may_be_missing(store: Store) -> None:
    kinds = "uuid text varchar(9) char(2) smallint int bigint decimal(9,2) real float bool date"
    kinds += " time timestamp timestamptz json bytes text[] enum(a)"
    fields = {f"f{number}": kind for number, kind in enumerate(kinds.split())}
    store.load({"A": {"id": "int pk assigned"} | fields})
    assert not store.refuses("INSERT INTO a (id) VALUES (1)")


@on_sqlite
@pytest.mark.parametrize(
    ("kind", "kept", "refused"),
    [
        ("int", "5", "'abc'"),
        ("smallint", "32767", "'abc'"),
        ("decimal(9,2)", "1.25", "'abc'"),
        ("bool", "1", "7"),
        ("date", "'2026-02-28'", "'2026-02-30'"),
        ("time", "'23:59:59'", "'noon'"),
        ("timestamp", "'2026-01-31T12:00:00'", "'yesterday'"),
        ("timestamptz", "'2026-01-31T12:00:00+02:00'", "'soon'"),
        ("timestamptz", "'2026-01-31 12:00:00.123456Z'", "'12'"),
        ("uuid", "'00000000-0000-4000-8000-00000000000a'", "'a'"),
        (
            "uuid",
            "'00000000-0000-4000-8000-00000000000a'",
            "'00000000-0000-4000-8000-00000000000A'",
        ),
        ("json", """'{"a": 1}'""", "'{'"),
        ("text[]", "'[1]'", "'[1'"),
        ("varchar(3)", "'abc'", "'abcd'"),
    ],
)
def test_sqlite_keeps_types(store: Store, kind: str, kept: str, refused: str) -> None:
    store.load({"A": {"id": "int pk", "f": kind}})
    assert not store.refuses(f"INSERT INTO a (f) VALUES ({kept})")  # noqa: S608
    assert store.refuses(f"INSERT INTO a (f) VALUES ({refused})")  # noqa: S608


@on_sqlite
def test_sqlite_takes_every_word_of_its_grammar_as_a_name(store: Store) -> None:
    apsw = pytest.importorskip("apsw")
    words = sorted({*NEWEST_WORDS, *map(str.lower, apsw.keywords)})
    table = {"id": "int pk"} | dict.fromkeys(words, "int unique")
    store.load({word.title(): {"id": "int pk"} for word in words} | {"Words": table})
    assert len(store.run("SELECT name FROM pragma_table_info('words')")) == len(table)


@pytest.mark.parametrize("backend", ["postgresql", "mysql", "mariadb", "sqlite", "sql-server"])
def test_words_that_newer_servers_reserve_are_quoted_in_every_store(backend: str) -> None:
    table = {"id": "int pk"} | dict.fromkeys(NEWEST_WORDS, "int")
    text = schema(drafted(backend, {"Words": table}))
    bare = [word for word in NEWEST_WORDS if re.search(rf"^  {word} ", text, re.M)]
    assert bare == []


@pytest.mark.parametrize("zone", ["+13:00", "-11:00"])
def test_now_is_the_time_in_utc_whatever_the_zone_of_the_session(store: Store, zone: str) -> None:
    fields = {"d": "date default now()", "t": "timestamp default now()"}
    store.load({"A": {"id": "int pk"} | fields | {"p": "timestamp(0) default now()"}})
    sign = "-" if zone[0] == "+" else "+"  # PostgreSQL reads an offset the other way round
    if store.backend == "postgresql":
        store.run(f"SET TIME ZONE 'X{sign}{zone[1:]}'")
    if store.backend in servers.INNODB:
        store.run(f"SET time_zone = '{zone}'")
    store.run("INSERT INTO a (id) VALUES (1)")
    utc = {
        "postgresql": "now() AT TIME ZONE 'UTC'",
        **dict.fromkeys(servers.INNODB, "UTC_TIMESTAMP(6)"),
        "sqlite": "strftime('%Y-%m-%dT%H:%M:%f', 'now')",
    }[store.backend]
    ((day, at, rounded, now),) = store.run(f"SELECT d, t, p, {utc} FROM a")  # noqa: S608
    assert str(day)[:10] == str(now)[:10]
    assert str(at)[:16] == str(now)[:16]
    assert str(rounded)[:13] == str(now)[:13]


def test_texts_that_differ_in_spaces_at_the_end_are_two(store: Store) -> None:
    result = store.load({"A": {"id": "int pk", "v": "varchar(20) unique", "c": "char(3) unique"}})
    store.run("INSERT INTO a (v) VALUES ('x')")
    assert not store.refuses("INSERT INTO a (v) VALUES ('x ')")
    assert store.refuses("INSERT INTO a (v) VALUES ('x ')")
    store.run("INSERT INTO a (c) VALUES ('x')")
    said = [finding["subject"] for finding in findings(result, "trailing-space")]
    assert said == (["A.c"] if store.refuses("INSERT INTO a (c) VALUES ('x ')") else [])


@on_mariadb
def test_mariadb_keeps_a_long_unique_rule_by_a_hash(store: Store) -> None:
    result = store.load({"A": {"id": "int pk", "v": "varchar(1000) unique"}})
    long = "é" * 1000
    store.run(f"INSERT INTO a (v) VALUES ('{long}')")  # noqa: S608
    assert store.refuses(f"INSERT INTO a (v) VALUES ('{long}')")  # noqa: S608
    assert not findings(result, "key-total-length")


@on_mariadb
def test_mariadb_reads_a_long_text_by_its_beginning_and_not_by_a_hash(store: Store) -> None:
    patterns = [{"name": "by v", "entity": "A", "filter": ["v"]}]
    result = store.load({"A": {"id": "int pk", "v": "varchar(1000) unique"}}, patterns)
    (row,) = result.patterns
    assert (row.served_by, row.cost) == ("ix_a_v", "point")
    assert findings(result, "index-prefix") == [{"index": "ix_a_v", "most": 768, "subject": "A"}]
    values = ", ".join(f"('v{n}')" for n in range(500))
    store.run(f"INSERT INTO a (v) VALUES {values}")  # noqa: S608
    store.run("ANALYZE TABLE a")
    assert "'ix_a_v'" in str(store.run("EXPLAIN SELECT * FROM a WHERE v = 'v7'"))
    index = {"fields": ["v"], "unique": True}
    unique = {"id": "int pk", "v": "varchar(1000)", "_indexes": [index]}
    store.load({"A": unique})
    store.run("INSERT INTO a (v) VALUES ('x')")
    assert store.refuses("INSERT INTO a (v) VALUES ('x')")


@on_mariadb
def test_mariadb_refuses_identifiers_that_the_finding_names(store: Store) -> None:
    result = store.load({"A": {"id": "uuid pk", "b": "uuid default uuid()"}})
    assert findings(result, "uuid-variant") == [{"subject": "A.id"}]
    value = "abfc48ae-5def-da33-3b76-1ecf51f6d351"
    assert store.refuses(f"INSERT INTO a (id) VALUES ('{value}')")  # noqa: S608
    assert not store.refuses("INSERT INTO a (id) VALUES (UUID())")


@on_postgresql
def test_postgresql_refuses_a_long_value_where_the_finding_says_so(store: Store) -> None:
    fields = {"v": "text", "s": "varchar(600)", "w": "varchar(900)"}
    patterns = [{"name": f"by {name}", "entity": "A", "filter": [name]} for name in fields]
    result = store.load({"A": {"id": "int pk"} | fields}, patterns)
    assert findings(result, "text-index-length") == [{"limit": 2704, "subject": "A.v, A.w"}]
    noise = "SELECT string_agg(md5(random()::text), '') FROM generate_series(1, 200)"
    assert store.refuses(f"INSERT INTO a (v) VALUES (({noise}))")  # noqa: S608
    assert not store.refuses(f"INSERT INTO a (s) VALUES (left(({noise}), 600))")  # noqa: S608


def incompressible(length: int) -> str:
    """A query for a text of that many characters of four bytes, none like the others."""
    letter = "chr(65536 + (random() * 40000)::int)"
    return f"(SELECT string_agg({letter}, '') FROM generate_series(1, {length}))"  # noqa: S608


@on_postgresql
@pytest.mark.parametrize("rule", ["_unique", "_indexes"])
@pytest.mark.parametrize(("length", "size"), [(336, 2704), (337, 2712)])
def test_postgresql_refuses_what_is_too_long_together(
    store: Store, rule: str, length: int, size: int
) -> None:
    fields = dict.fromkeys("ab", f"varchar({length})")
    result = store.load({"A": {"id": "int pk", **fields, rule: ["a", "b"]}})
    said = {"fields": "a, b", "bytes": size, "limit": 2704, "subject": "A"}
    assert findings(result, "key-total-length") == ([said] if size > 2704 else [])
    assert not findings(result, "text-index-length")
    text = incompressible(length)
    refused = store.refuses(f"INSERT INTO a (a, b) VALUES ({text}, {text})")  # noqa: S608
    assert refused is (size > 2704)


@on_postgresql
@pytest.mark.parametrize(("length", "fits"), [(673, True), (674, False)])
def test_postgresql_adds_to_a_long_text(store: Store, length: int, fits: bool) -> None:
    result = store.load({"A": {"id": "int pk", "v": f"varchar({length}) unique"}})
    assert (findings(result, "text-index-length") == []) is fits
    assert not findings(result, "key-total-length")
    insert = f"INSERT INTO a (v) VALUES ({incompressible(length)})"  # noqa: S608
    assert store.refuses(insert) is not fits


def test_a_default_that_its_check_refuses_is_a_finding(store: Store) -> None:
    result = store.load(
        {"A": {"id": "int pk", "x": "decimal(9,2) not null default 0 check(x > 0)", "n": "int"}}
    )
    assert findings(result, "default-breaks-check") == [
        {"default": "0", "rule": "x > 0", "subject": "A.x"}
    ]
    assert store.refuses("INSERT INTO a (n) VALUES (1)")
    assert not store.refuses("INSERT INTO a (x) VALUES (1)")


REFERRING = {
    "B": {"id": "uuid pk default uuid()", "code": "varchar(20) unique", "x": "int", "y": "int"}
    | {"_unique": ["x", "y"]},
    "A": {
        "id": "int pk",
        "b": "ref B(code) on update cascade on delete set null",
        "both": "ref B(x, y)",
    },
}


def test_a_reference_to_unique_fields_is_kept_and_follows(store: Store) -> None:
    patterns = [{"name": "by y", "entity": "B", "filter": ["y"], "sort": ["x"], "page_size": 9}]
    store.load(REFERRING, patterns)
    store.run("INSERT INTO b (code, x, y) VALUES ('one', 1, 2)")
    assert not store.refuses("INSERT INTO a (b_code, both_x, both_y) VALUES ('one', 1, 2)")
    assert store.refuses("INSERT INTO a (b_code) VALUES ('two')")
    assert store.refuses("INSERT INTO a (both_x, both_y) VALUES (2, 1)")
    store.run("UPDATE b SET code = 'new'")
    assert store.run("SELECT b_code FROM a") == [("new",)]


def test_references_that_share_a_column_are_kept(store: Store) -> None:
    store.load(TENANTS)
    store.run("INSERT INTO tenant (id) VALUES (1), (2)")
    store.run("INSERT INTO account (tenant_id, no) VALUES (1, 1), (1, 2), (2, 3)")
    payment = "INSERT INTO payment (tenant_id, id, payer_no, payee_no) VALUES"
    assert not store.refuses(f"{payment} (1, 1, 1, 2)")
    assert store.refuses(f"{payment} (1, 2, 1, 3)")


def test_numbers_are_counted_or_set_as_was_said(store: Store) -> None:
    said = {"Counted": {"id": "smallint pk", "n": "int"}, "Given": {"id": "int pk assigned"}}
    extra = {"Also": {"id": "uuid pk default uuid()", "n": "bigserial unique", "m": "int"}}
    store.load(said | (extra if store.backend != "sqlite" else {}))
    store.run("INSERT INTO counted (n) VALUES (5)")
    assert store.run("SELECT id FROM counted") == [(1,)]
    assert not store.refuses("INSERT INTO given (id) VALUES (7)")
    if store.backend == "postgresql":
        assert store.refuses("INSERT INTO given DEFAULT VALUES")
    if store.backend != "sqlite":
        store.run("INSERT INTO also (m) VALUES (1)")
        store.run("INSERT INTO also (m) VALUES (2)")
        assert store.run("SELECT n FROM also ORDER BY m") == [(1,), (2,)]


def test_an_entity_without_a_key_is_a_table_and_a_finding(store: Store) -> None:
    entities = {
        "Log": {"_key": "none", "at": "date not null", "no": "int unique", "_table": "App_Log"},
        "Note": {"id": "int pk", "log": "ref Log(no)"},
    }
    patterns = [{"name": "by day", "entity": "Log", "filter": ["at"], "page_size": 5}]
    result = store.load(entities, patterns)
    assert [finding["subject"] for finding in findings(result, "no-key")] == ["Log"]
    assert [finding["subject"] for finding in findings(result, "no-total-order")] == ["by day"]
    row = next(row for row in result.patterns if row.name == "by day")
    assert row.served_by == "ix_App_Log_at"


def test_lists_are_kept(store: Store) -> None:
    store.load({"A": {"id": "int pk", "tags": "text[]", "n": "int[]"}})
    value = "ARRAY['x', 'y']" if store.backend == "postgresql" else """'["x", "y"]'"""
    store.run(f"INSERT INTO a (tags) VALUES ({value})")  # noqa: S608
    ((tags,),) = store.run("SELECT tags FROM a")
    assert tags == (["x", "y"] if store.backend == "postgresql" else '["x", "y"]')


DELETED = {
    "Guest": {
        "id": "bigint pk",
        "email": "varchar(120) not null",
        "team": "int not null",
        "joined_at": "timestamp not null",
        "deleted_at": "timestamp",
        "_indexes": [{"fields": ["email"], "where": "deleted_at is null", "unique": True}],
    }
}
LIST = {
    "name": "guests of a team",
    "entity": "Guest",
    "filter": ["team", "deleted_at is null"],
    "sort": ["joined_at"],
    "page_size": 10,
}


def fill(store: Store, count: int) -> None:
    deleted = ["NULL", *["'2026-02-01T00:00:00'"] * 8]
    values = ", ".join(
        f"('g{n}', {n % 50}, '2026-01-01T{n // 60 % 24:02}:{n % 60:02}:00', {deleted[n % 9]})"
        for n in range(count)
    )
    store.run(f"INSERT INTO guest (email, team, joined_at, deleted_at) VALUES {values}")  # noqa: S608


QUERY = (
    "EXPLAIN {plan} SELECT * FROM guest WHERE team = 3 AND deleted_at IS NULL"
    " ORDER BY joined_at, id LIMIT 10"
)


def test_a_fixed_value_makes_an_index_of_the_matching_rows_alone(store: Store) -> None:
    result = store.load(DELETED, [LIST])
    fill(store, 3000)
    row = next(row for row in result.patterns if row.name == LIST["name"])
    store.run("ANALYZE TABLE guest" if store.backend in servers.INNODB else "ANALYZE")
    if store.backend == "postgresql":
        store.run("SET enable_seqscan = off")
        store.run("SET enable_bitmapscan = off")
    plan = {"sqlite": "QUERY PLAN"}.get(store.backend, "")
    lines = " ".join(str(line) for line in store.run(QUERY.format(plan=plan)))
    assert row.served_by in lines
    assert "Sort" not in lines
    assert "TEMP B-TREE" not in lines
    assert "filesort" not in lines
    partial = store.backend not in servers.INNODB
    assert (" WHERE deleted_at IS NULL" in schema(result)) is partial
    assert bool(findings(result, "partial-unique-lost")) is not partial
    again = "INSERT INTO guest (email, team, joined_at) VALUES ('g0', 1, '2026-01-01T00:00:00')"
    assert store.refuses(again) is partial
    assert not store.refuses(again.replace("g0", "g1"))


def test_pages_by_an_optional_field_miss_rows_as_the_finding_says(store: Store) -> None:
    pattern = {"name": "newest", "entity": "A", "sort": ["t desc"], "page_size": 2}
    result = store.load({"A": {"id": "int pk", "t": "timestamp"}}, [pattern])
    for value in ("NULL", "'2026-01-01T00:00:00'", "'2026-01-02T00:00:00'", "NULL"):
        store.run(f"INSERT INTO a (t) VALUES ({value})")  # noqa: S608
    order = store.run("SELECT id FROM a ORDER BY t DESC, id DESC")
    place = "first" if order[0] == (4,) else "last"
    assert findings(result, "nullable-sort") == [
        {"field": "t", "column": "t", "place": place, "subject": "newest"}
    ]
    last = "'2026-01-01T00:00:00'"
    after = store.run(f"SELECT id FROM a WHERE t < {last} OR (t = {last} AND id < 2)")  # noqa: S608
    assert after == []


def test_a_unique_rule_is_read_in_the_order_that_serves(store: Store) -> None:
    entities = {"A": {"id": "int pk", "a": "int not null", "b": "int not null"}}
    entities["A"]["_unique"] = ["a", "b"]  # type: ignore[assignment]
    patterns = [{"name": "n", "entity": "A", "filter": ["b"], "sort": ["a"], "page_size": 10}]
    result = store.load(entities, patterns)
    assert [index.name for index in result.indexes] == ["pk_a", "uq_a_a_b"]
    values = ", ".join(f"({n % 97}, {n})" for n in range(2000))
    store.run(f"INSERT INTO a (a, b) VALUES {values}")  # noqa: S608
    store.run("ANALYZE TABLE a" if store.backend in servers.INNODB else "ANALYZE")
    plan = "QUERY PLAN" if store.backend == "sqlite" else ""
    query = f"EXPLAIN {plan} SELECT * FROM a WHERE b = 5 ORDER BY a LIMIT 10"  # noqa: S608
    lines = " ".join(str(line) for line in store.run(query))
    assert ("sqlite_autoindex_a" if store.backend == "sqlite" else "uq_a_a_b") in lines
    assert "TEMP B-TREE" not in lines
