"""The PostgreSQL schema on real servers: it loads, keeps its rules, serves its patterns, goes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given

from storage_conductor.schema.model import DataModel, Pattern
from storage_conductor.schema.result import ConstraintCase, Design
from tests.schema_support import design

from . import schema_models as models
from . import schema_servers as servers

MODEL = models.ledger()
DESIGN = design(MODEL, "postgresql")


def text(result: Design, kind: str) -> str:
    return next(artifact.text for artifact in result.artifacts if artifact.kind == kind)


def objects(connection: Any, schema: str) -> set[str]:
    found = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = %s::regnamespace AND relkind <> 'S'",
        [schema],
    )
    return {name for (name,) in found}


def fill(connection: Any, model: DataModel, counts: dict[str, int]) -> None:
    for entity, rows in models.rows(model, counts):
        columns = ", ".join(f'"{column.name}"' for column in entity.columns)
        with connection.cursor().copy(f'COPY "{entity.table}" ({columns}) FROM STDIN') as copy:
            for row in rows:
                copy.write_row(list(row.values()))


@pytest.fixture(scope="module", params=servers.POSTGRESQL)
def server(request: pytest.FixtureRequest) -> Iterator[Any]:
    with servers.postgresql(request.param) as connection:
        yield connection


@pytest.fixture(scope="module")
def filled(server: Any) -> Any:
    server.execute("CREATE SCHEMA ledger")
    server.execute("SET search_path = ledger")
    server.execute(text(DESIGN, "schema"))
    fill(server, MODEL, {"Account": 500, "Entry": 20_000, "Tag": 1000})
    server.execute("ANALYZE")
    return server


@given(models.answers(keyless=True))
def test_every_drawn_model_loads_and_unloads(server: Any, given: models.Answers) -> None:
    result = design(models.drawn(given), "postgresql")
    server.execute("CREATE SCHEMA drawn")
    try:
        server.execute("SET search_path = drawn")
        server.execute(text(result, "schema"))
        named = {index.name for index in result.indexes}
        assert named | {entity.name for entity in result.entities} == objects(server, "drawn")
        server.execute(text(result, "rollback"))
        assert objects(server, "drawn") == set()
    finally:
        server.execute("DROP SCHEMA drawn CASCADE")
        server.execute("SET search_path = ledger")


def test_all_reserved_words_are_names(server: Any) -> None:
    words = [word for (word, *_) in server.execute("SELECT word FROM pg_get_keywords()")]
    entities = {word: {"id": "int pk"} for word in words}
    entities["Words"] = {"id": "int pk"} | {word: "int" for word in words if word != "id"}
    result = design(models.drawn((entities, [])), "postgresql")
    server.execute("CREATE SCHEMA words")
    server.execute("SET search_path = words")
    server.execute(text(result, "schema"))
    server.execute(text(result, "rollback"))
    assert objects(server, "words") == set()


def test_indexes_are_built_one_by_one_outside_a_transaction(filled: Any) -> None:
    filled.execute("SET search_path = ledger")
    before = objects(filled, "ledger")
    for index in DESIGN.indexes:
        if index.kind == "index":
            filled.execute(f'DROP INDEX "{index.name}"')
    lines = text(DESIGN, "indexes").splitlines()
    for statement in (line for line in lines if not line.startswith("--")):
        assert "CONCURRENTLY" in statement
        filled.execute(statement)
    assert objects(filled, "ledger") == before


@pytest.mark.parametrize("case", DESIGN.constraints, ids=lambda case: f"{case.entity}-{case.name}")
def test_the_store_refuses_what_breaks_a_rule(filled: Any, case: ConstraintCase) -> None:
    import psycopg

    filled.execute("SET search_path = ledger")
    with pytest.raises((psycopg.IntegrityError, psycopg.DataError)) as refused:
        filled.execute(models.breaking_update(MODEL, case))
    part_of_key = set(case.columns) <= set(MODEL.entity(case.entity).key)
    if case.kind in {"key", "unique", "enum", "check"} or not part_of_key:
        assert refused.value.diag.constraint_name in {case.name, None}


def test_defaults_apply(filled: Any) -> None:
    filled.execute("SET search_path = ledger")
    with filled.transaction(force_rollback=True):
        row = filled.execute(
            "INSERT INTO account (email) VALUES ('new@example.org') RETURNING"
            " owner_type, active, settings ->> 'a', opened = CURRENT_DATE,"
            " created_at > now() - interval '1 minute', id IS NOT NULL"
        ).fetchone()
    assert row == ("customer", True, "100%", True, True, True)


@pytest.mark.parametrize("pattern", MODEL.patterns, ids=lambda pattern: pattern.name)
def test_the_plan_of_each_pattern_names_its_index(filled: Any, pattern: Pattern) -> None:
    row = next(row for row in DESIGN.patterns if row.name == pattern.name)
    if not pattern.finds_rows:
        assert row.cost == "insert"
        return
    filled.execute("SET search_path = ledger")
    filled.execute("SET enable_seqscan = off")
    filled.execute("SET enable_bitmapscan = off")
    entity = MODEL.entity(pattern.entity)
    query = models.query(entity, pattern, models.sample(MODEL, entity), '"')
    plan = "\n".join(line for (line,) in filled.execute(f"EXPLAIN {query}"))
    assert f"using {row.served_by} on" in plan
    assert "Sort" not in plan
