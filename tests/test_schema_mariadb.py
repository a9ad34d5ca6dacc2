"""The MariaDB schema on a real server: it loads, keeps its rules, serves its patterns, and goes.

MySQL has no server to install here; its statements that MariaDB understands run on it too. By
hand they were run on MySQL 9.7.4 of Debian's unstable release on 2026-11-30: drawn models load and
go, all its reserved words are names, and what breaks a rule is refused, as far as it was tried.
InnoDB adds an index there for a reference whose only index begins with it in descending order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings

from storage_conductor.schema.model import DataModel, Pattern
from storage_conductor.schema.result import ConstraintCase, Design
from tests.schema_support import design

from . import schema_models as models
from . import schema_servers as servers

MODEL = models.ledger()
DESIGN = design(MODEL, "mariadb")


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


def fill(connection: Any, model: DataModel, counts: dict[str, int]) -> None:
    for entity, rows in models.rows(model, counts):
        columns = ", ".join(f"`{column.name}`" for column in entity.columns)
        places = ", ".join("%s" for _ in entity.columns)
        with connection.cursor() as cursor:
            statement = f"INSERT INTO `{entity.table}` ({columns}) VALUES ({places})"  # noqa: S608
            cursor.executemany(statement, [[_plain(v) for v in row.values()] for row in rows])
    run(connection, "; ".join(f"ANALYZE TABLE `{entity.table}`" for entity in model.entities))


def _plain(value: Any) -> Any:
    return value.removesuffix("+00:00") if isinstance(value, str) else value


@pytest.fixture(scope="module")
def server() -> Iterator[Any]:
    with servers.mariadb() as connection:
        yield connection


@pytest.fixture(scope="module")
def filled(server: Any) -> Any:
    fresh(server, "ledger")
    run(server, text(DESIGN, "schema"))
    fill(server, MODEL, {"Account": 3000, "Entry": 20_000, "Tag": 1000})
    return server


@pytest.mark.parametrize("backend", ["mariadb", "mysql"])
@settings(max_examples=15)
@given(given=models.answers(keyless=True))
def test_every_drawn_model_loads_and_unloads(
    server: Any, backend: str, given: models.Answers
) -> None:
    result = design(models.drawn(given), backend)
    fresh(server, "drawn")
    schema = text(result, "schema")
    if backend == "mysql":
        schema = schema.replace("UUID_TO_BIN(", "UNHEX(").replace("UUID()", "MD5(UUID())")
        schema = schema.replace("utf8mb4_0900_bin", "utf8mb4_nopad_bin")
    run(server, schema)
    tables = {name for (name,) in lines(server, "SHOW TABLES")}
    assert tables == {entity.name for entity in result.entities}
    indexes = {row[2] for table in tables for row in lines(server, f"SHOW INDEX FROM `{table}`")}
    planned = {index.name for index in result.indexes if index.kind != "key"}
    assert indexes - {"PRIMARY"} == planned
    run(server, text(result, "rollback"))
    assert not lines(server, "SHOW TABLES")


def test_all_reserved_words_are_names(server: Any) -> None:
    listed = [
        word.lower() for (word,) in lines(server, "SELECT word FROM information_schema.keywords")
    ]
    words = [word for word in listed if re.fullmatch("[a-z][a-z0-9_]*", word)]
    fresh(server, "words")
    columns = {f"Words{start}": {"id": "int pk"} for start in range(0, len(words), 60)}
    for number, word in enumerate(words):
        if word != "id":
            columns[f"Words{number // 60 * 60}"][word] = "int unique"
    run(server, text(design(models.drawn((columns, [])), "mariadb"), "schema"))


def test_indexes_are_built_online(filled: Any) -> None:
    run(filled, "USE ledger")
    for index in DESIGN.indexes:
        if index.kind == "index" and not any(why.kind == "reference" for why in index.why):
            run(filled, f"DROP INDEX `{index.name}` ON `{index.table}`")
            wanted = [s for s in text(DESIGN, "indexes").splitlines() if f" {index.name} " in s]
            assert "LOCK=NONE" in wanted[0]
            run(filled, wanted[0])


@pytest.mark.parametrize("case", DESIGN.constraints, ids=lambda case: f"{case.entity}-{case.name}")
def test_the_store_refuses_what_breaks_a_rule(filled: Any, case: ConstraintCase) -> None:
    import pymysql

    run(filled, "USE ledger")
    with pytest.raises(pymysql.err.MySQLError) as refused:
        run(filled, models.breaking_update(MODEL, case))
    if case.kind in {"enum", "check", "unique"}:
        assert case.name in str(refused.value)


def test_defaults_apply(filled: Any) -> None:
    run(filled, "USE ledger; INSERT INTO account (email) VALUES ('new@example.org')")
    (row,) = lines(
        filled,
        "SELECT owner_type, active, JSON_VALUE(settings, '$.a'), opened = UTC_DATE(),"
        " created_at > UTC_TIMESTAMP(6) - INTERVAL 1 MINUTE, LENGTH(id)"
        " FROM account WHERE email = 'new@example.org'",
    )
    assert row == ("customer", 1, "100%", 1, 1, 36)


@pytest.mark.parametrize("pattern", MODEL.patterns, ids=lambda pattern: pattern.name)
def test_the_plan_of_each_pattern_names_its_index(filled: Any, pattern: Pattern) -> None:
    row = next(row for row in DESIGN.patterns if row.name == pattern.name)
    if not pattern.finds_rows:
        assert row.cost == "insert"
        return
    run(filled, "USE ledger")
    entity = MODEL.entity(pattern.entity)
    sample = {name: _plain(value) for name, value in models.sample(MODEL, entity).items()}
    if pattern.ranges and not pattern.equal:
        sample[pattern.ranges[0]] = "2026-02-01T00:00:00"  # an early one would match every row
    query = models.query(entity, pattern, sample, "`")
    (plan,) = lines(filled, f"EXPLAIN {query}")
    key, extra = plan[5], plan[9]
    assert key == ("PRIMARY" if row.served_kind == "key" else row.served_by)
    assert "filesort" not in extra
