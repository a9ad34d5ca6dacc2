"""The schema on a real MariaDB or MySQL: it loads, keeps its rules, serves its patterns, and goes.

Without a server of MySQL its statements that MariaDB understands run on that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings

from storage_conductor.schema.model import DataModel, Pattern
from storage_conductor.schema.result import ConstraintCase, Design
from tests.schema_support import design

from . import schema_models as models
from . import schema_servers as servers

MODEL = models.ledger()
DESIGNS = {store: design(MODEL, store) for store in servers.INNODB}
RULES = DESIGNS["mysql"].constraints


def text(result: Design, kind: str) -> str:
    return next(artifact.text for artifact in result.artifacts if artifact.kind == kind)


def run(connection: Any, script: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(script)
        while cursor.nextset():
            pass


def lines(connection: Any, query: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def fresh(connection: Any, name: str) -> None:
    run(connection, f"DROP DATABASE IF EXISTS {name}; CREATE DATABASE {name}; USE {name}")


def fill(server: Server, model: DataModel, counts: dict[str, int]) -> None:
    for entity, rows in models.rows(model, counts):
        columns = ", ".join(f"`{column.name}`" for column in entity.columns)
        places = ", ".join("%s" for _ in entity.columns)
        with server.connection.cursor() as cursor:
            statement = f"INSERT INTO `{entity.table}` ({columns}) VALUES ({places})"  # noqa: S608
            values = [[_plain(v) for v in row.values()] for row in rows]
            cursor.executemany(
                statement, [[servers.identifier(server.store, v) for v in row] for row in values]
            )
    run(server.connection, "; ".join(f"ANALYZE TABLE `{e.table}`" for e in model.entities))


def _plain(value: Any) -> Any:
    return value.removesuffix("+00:00") if isinstance(value, str) else value


class Server(NamedTuple):
    """A server and a connection to it."""

    store: str
    connection: Any

    def spelled(self, statement: str) -> str:
        """Return a statement with identifiers as the store's draft keeps them."""
        if self.store != "mysql":
            return statement
        return servers.UUID.sub(r"UUID_TO_BIN(\g<0>)", statement)


@pytest.fixture(scope="module", params=servers.INNODB_HERE)
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    with servers.innodb(request.param, "ledger") as connection:
        yield Server(request.param, connection)


@pytest.fixture(scope="module")
def filled(server: Server) -> Server:
    fresh(server.connection, "ledger")
    run(server.connection, text(DESIGNS[server.store], "schema"))
    fill(server, MODEL, {"Account": 3000, "Entry": 20_000, "Tag": 1000})
    return server


@pytest.mark.parametrize("backend", servers.INNODB)
@settings(max_examples=15)
@given(given=models.answers(keyless=True))
def test_every_drawn_model_loads_and_unloads(
    server: Server, backend: str, given: models.Answers
) -> None:
    result = design(models.drawn(given), backend)
    connection = server.connection
    fresh(connection, "drawn")
    schema = text(result, "schema")
    if (server.store, backend) == ("mariadb", "mysql"):
        schema = schema.replace("UUID_TO_BIN(", "UNHEX(").replace("UUID()", "MD5(UUID())")
        schema = schema.replace("utf8mb4_0900_bin", "utf8mb4_nopad_bin")
    elif server.store != backend:
        return
    run(connection, schema)
    tables = {name for (name,) in lines(connection, "SHOW TABLES")}
    assert tables == {entity.name for entity in result.entities}
    indexes = {
        row[2] for table in tables for row in lines(connection, f"SHOW INDEX FROM `{table}`")
    }
    planned = {index.name for index in result.indexes if index.kind != "key"}
    assert indexes - {"PRIMARY"} == planned
    run(connection, text(result, "rollback"))
    assert not lines(connection, "SHOW TABLES")


def test_all_reserved_words_are_names(server: Server) -> None:
    query = "SELECT word FROM information_schema.keywords"
    listed = [word.lower() for (word,) in lines(server.connection, query)]
    words = [word for word in listed if re.fullmatch("[a-z][a-z0-9_]*", word)]
    fresh(server.connection, "words")
    columns = {f"Words{start}": {"id": "int pk"} for start in range(0, len(words), 60)}
    for number, word in enumerate(words):
        if word != "id":
            columns[f"Words{number // 60 * 60}"][word] = "int unique"
    run(server.connection, text(design(models.drawn((columns, [])), server.store), "schema"))


def test_indexes_are_built_online(filled: Server) -> None:
    run(filled.connection, "USE ledger")
    drafted = DESIGNS[filled.store]
    for index in drafted.indexes:
        if index.kind == "index" and not any(why.kind == "reference" for why in index.why):
            run(filled.connection, f"DROP INDEX `{index.name}` ON `{index.table}`")
            wanted = [s for s in text(drafted, "indexes").splitlines() if f" {index.name} " in s]
            assert "LOCK=NONE" in wanted[0]
            run(filled.connection, wanted[0])


@pytest.mark.parametrize("case", RULES, ids=lambda case: f"{case.entity}-{case.name}")
def test_the_store_refuses_what_breaks_a_rule(filled: Server, case: ConstraintCase) -> None:
    import pymysql

    run(filled.connection, "USE ledger")
    with pytest.raises(pymysql.err.MySQLError) as refused:
        run(filled.connection, filled.spelled(models.breaking_update(MODEL, case)))
    if case.kind in {"enum", "check", "unique"}:
        assert case.name in str(refused.value)


def test_defaults_apply(filled: Server) -> None:
    run(filled.connection, "USE ledger; INSERT INTO account (email) VALUES ('new@example.org')")
    (row,) = lines(
        filled.connection,
        "SELECT owner_type, active, JSON_VALUE(settings, '$.a'), opened = UTC_DATE(),"
        " created_at > UTC_TIMESTAMP(6) - INTERVAL 1 MINUTE, LENGTH(id)"
        " FROM account WHERE email = 'new@example.org'",
    )
    assert row == ("customer", 1, "100%", 1, 1, {"mariadb": 36, "mysql": 16}[filled.store])


@pytest.mark.parametrize("pattern", MODEL.patterns, ids=lambda pattern: pattern.name)
def test_the_plan_of_each_pattern_names_its_index(filled: Server, pattern: Pattern) -> None:
    row = next(row for row in DESIGNS[filled.store].patterns if row.name == pattern.name)
    if not pattern.finds_rows:
        assert row.cost == "insert"
        return
    run(filled.connection, "USE ledger")
    entity = MODEL.entity(pattern.entity)
    sample = {name: _plain(value) for name, value in models.sample(MODEL, entity).items()}
    if pattern.ranges and not pattern.equal:
        sample[pattern.ranges[0]] = "2026-02-01T00:00:00"  # an early one would match every row
    query = filled.spelled(models.query(entity, pattern, sample, "`"))
    with filled.connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN FORMAT=TRADITIONAL {query}")
        (plan,) = cursor.fetchall()
        told = dict(zip((name for name, *_ in cursor.description), plan, strict=True))
    assert told["key"] == ("PRIMARY" if row.served_kind == "key" else row.served_by)
    assert "filesort" not in (told["Extra"] or "")
