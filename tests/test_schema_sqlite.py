"""The SQLite schema on SQLite itself: it loads, keeps its rules, serves its patterns, and goes."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from typing import Any

import pytest
from hypothesis import given

from storage_conductor.schema.model import DataModel, Pattern
from storage_conductor.schema.result import ConstraintCase, Design
from tests.schema_support import design

from . import schema_models as models
from . import schema_servers as servers

MODEL = models.ledger()
DESIGN = design(MODEL, "sqlite")


def text(result: Design, kind: str) -> str:
    return next(artifact.text for artifact in result.artifacts if artifact.kind == kind)


def objects(connection: Any) -> list[str]:
    found = connection.execute("SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")
    return [name for (name,) in found]


def fill(connection: sqlite3.Connection, model: DataModel, counts: dict[str, int]) -> None:
    for entity, rows in models.rows(model, counts):
        columns = ", ".join(f'"{column.name}"' for column in entity.columns)
        places = ", ".join("?" for _ in entity.columns)
        statement = f'INSERT INTO "{entity.table}" ({columns}) VALUES ({places})'  # noqa: S608
        connection.executemany(statement, [list(row.values()) for row in rows])
    connection.commit()


@pytest.fixture(scope="module")
def filled() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(text(DESIGN, "schema"))
        connection.execute("PRAGMA foreign_keys = ON")
        fill(connection, MODEL, {"Account": 500, "Entry": 2000, "Tag": 500})
        connection.execute("ANALYZE")
        connection.commit()
        yield connection


@pytest.mark.parametrize("opened", [servers.python_sqlite, servers.newest_sqlite])
@given(given=models.answers(keyless=True))
def test_every_drawn_model_loads_and_unloads(
    opened: Callable[[], AbstractContextManager[Any]], given: models.Answers
) -> None:
    result = design(models.drawn(given), "sqlite")
    with opened() as connection:
        connection.executescript(text(result, "schema"))
        names = {index.name for index in result.indexes if index.kind == "index"}
        assert names <= set(objects(connection))
        assert {entity.name for entity in result.entities} <= set(objects(connection))
        connection.executescript(text(result, "rollback"))
        assert objects(connection) == []


def test_indexes_for_filled_tables_are_those_of_the_schema(filled: sqlite3.Connection) -> None:
    before = sorted(objects(filled))
    for index in DESIGN.indexes:
        if index.kind == "index":
            filled.execute(f'DROP INDEX "{index.name}"')
    filled.executescript(text(DESIGN, "indexes"))
    assert sorted(objects(filled)) == before


@pytest.mark.parametrize("case", DESIGN.constraints, ids=lambda case: f"{case.entity}-{case.name}")
def test_the_store_refuses_what_breaks_a_rule(
    filled: sqlite3.Connection, case: ConstraintCase
) -> None:
    statement = models.breaking_update(MODEL, case)
    with pytest.raises(sqlite3.IntegrityError):
        filled.execute(statement)
    filled.rollback()


def test_defaults_apply(filled: sqlite3.Connection) -> None:
    filled.execute("INSERT INTO account (email) VALUES ('new@example.org')")
    row = filled.execute(
        "SELECT length(id), owner_type, active, settings, opened, created_at"
        " FROM account WHERE email = 'new@example.org'"
    ).fetchone()
    assert row[:4] == (36, "customer", 1, '{"a": "100%"}')
    assert len(row[4]) == 10
    assert row[5].endswith("Z")
    filled.rollback()


@pytest.mark.parametrize("pattern", MODEL.patterns, ids=lambda pattern: pattern.name)
def test_the_plan_of_each_pattern_names_its_index(
    filled: sqlite3.Connection, pattern: Pattern
) -> None:
    row = next(row for row in DESIGN.patterns if row.name == pattern.name)
    if not pattern.finds_rows:
        assert row.cost == "insert"
        return
    entity = MODEL.entity(pattern.entity)
    sample = models.sample(MODEL, entity)
    query = models.query(entity, pattern, sample, '"')
    plan = " ".join(line[3] for line in filled.execute(f"EXPLAIN QUERY PLAN {query}"))
    assert "TEMP B-TREE" not in plan
    if row.served_kind == "index":
        assert f"INDEX {row.served_by}" in plan
    else:
        assert "PRIMARY KEY" in plan or "sqlite_autoindex" in plan
