"""Vectors and their nearest neighbours: read, drafted, sized, and run on a real pgvector."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from storage_conductor.catalog.loading import load
from storage_conductor.errors import ConductorError
from storage_conductor.schema.model import DataModel
from storage_conductor.schema.parse import parse_model
from storage_conductor.schema.result import Design
from storage_conductor.sizing import size
from tests import schema_servers
from tests.findings_support import said
from tests.schema_support import design

NEAREST = {"name": "near", "entity": "Passage", "kind": "nearest", "page_size": 10}


def model(
    fields: dict[str, str], *patterns: dict[str, object], tenant: str = "int not null"
) -> DataModel:
    given = {"Passage": {"id": "bigint pk", "tenant": tenant, **fields}}
    parsed = parse_model(given, list(patterns))
    assert parsed is not None
    return parsed


def schema(result: Design, kind: str = "schema") -> str:
    return next(item.text for item in result.artifacts if item.kind == kind)


@pytest.mark.parametrize(
    ("fields", "pattern", "said"),
    [
        ({"v": "vector"}, {}, "`vector` needs its size"),
        ({"v": "vector(0)"}, {}, "between 1 and 16000"),
        ({"v": "vector(16001)"}, {}, "between 1 and 16000"),
        ({"v": "vector(3) unique"}, {}, "has no order and cannot be unique"),
        ({"v": "vector(3) default '[1,2,3]'"}, {}, "has no written form"),
        ({"v": "vector(3)[]"}, {}, "a list of `vector` is not possible"),
        ({"v": "vector(3)"}, {"kind": "read", "sort": ["v"]}, "has no order"),
        ({"v": "vector(3)"}, {"filter": ["v"]}, "has no order"),
        ({"v": "vector(3)"}, {"page_size": None}, "needs `page_size`"),
        ({"v": "text"}, {}, "`Passage` has none"),
        ({"v": "vector(3)", "w": "vector(3)"}, {}, "needs one vector or point in `sort`: `v`, `w`"),
        ({"v": "vector(3)"}, {"sort": ["tenant"]}, "ordered by a vector or point alone: `v`"),
    ],
)
def test_mistakes_are_named(fields: dict[str, str], pattern: dict[str, object], said: str) -> None:
    with pytest.raises(ConductorError, match="mistake") as caught:
        model(fields, {**NEAREST, **pattern})
    assert said in str(caught.value)


def test_unique_groups_have_no_vector() -> None:
    given = {"Passage": {"id": "bigint pk", "v": "vector(3)", "_unique": ["id", "v"]}}
    with pytest.raises(ConductorError, match=r"`v` is vector\(3\) and has no order"):
        parse_model(given, None)


def test_a_vector_gets_the_extension_and_an_index_and_its_filter_another() -> None:
    result = design(model({"v": "vector(3)"}, {**NEAREST, "filter": ["tenant"]}), "postgresql")

    text = schema(result)
    assert text.index("CREATE EXTENSION IF NOT EXISTS vector;") < text.index("CREATE TABLE")
    assert "CREATE INDEX ix_passage_v ON passage USING hnsw (v vector_cosine_ops);" in text
    assert "CREATE INDEX ix_passage_tenant ON passage (tenant);" in text
    assert "CONCURRENTLY ix_passage_v ON passage USING hnsw" in schema(result, "indexes")
    (row,) = result.patterns
    assert (row.served_by, row.cost) == ("ix_passage_v", "nearest")
    assert ("approximate-nearest", (("filter", "tenant"),)) in [
        (finding.key, finding.numbers) for finding in result.findings
    ]


def test_fixed_values_and_several_narrow_a_search_too() -> None:
    fields = {"v": "vector(3)", "state": "text not null", "kind": "varchar(9) not null"}
    pattern = {**NEAREST, "filter": ["state = open", "kind in"]}
    result = design(model(fields, pattern), "postgresql")
    assert "ON passage (kind) WHERE state = 'open';" in schema(result)
    (row,) = result.patterns
    assert (row.served_by, row.cost) == ("ix_passage_v", "nearest")
    told = {finding.key: dict(finding.numbers) for finding in result.findings}
    assert told == {"approximate-nearest": {"filter": "kind, state"}}


def test_a_vector_that_nobody_compares_gets_no_index() -> None:
    text = schema(design(model({"v": "vector(3)"}), "postgresql"))
    assert "v VECTOR(3)" in text
    assert "INDEX" not in text


@pytest.mark.parametrize(
    ("dimensions", "index", "cost"),
    [
        (2000, "(v vector_cosine_ops)", "nearest"),
        (2001, "((v::halfvec(2001)) halfvec_cosine_ops)", "nearest"),
        (4000, "((v::halfvec(4000)) halfvec_cosine_ops)", "nearest"),
        (4001, None, "scan"),
    ],
)
def test_long_vectors_are_indexed_in_half_precision_or_not_at_all(
    dimensions: int, index: str | None, cost: str
) -> None:
    result = design(model({"v": f"vector({dimensions})"}, NEAREST), "postgresql")
    assert result.patterns[0].cost == cost
    assert (f"USING hnsw {index}" in schema(result)) is (index is not None)
    assert any(f.key == "exact-nearest" for f in result.findings) is (index is None)


@pytest.mark.parametrize("backend", ["sqlite", "mysql", "mongodb", "dynamodb", "nfs", "memcached"])
def test_other_stores_refuse_the_type(backend: str) -> None:
    with pytest.raises(ConductorError, match=r"has no vectors:\n  - Passage.v is vector\(3\)"):
        design(model({"v": "vector(3)"}), backend)


def test_a_store_outside_the_catalog_takes_it_in_the_words_of_the_model() -> None:
    result = design(model({"v": "vector(3)"}, NEAREST), "other")
    assert result.entities[0].fields[2].type == "vector(3)"


def test_several_stores_keep_vectors_in_postgresql() -> None:
    result = design(model({"v": "vector(3)"}, NEAREST), "hybrid", ["postgresql", "redis"])
    assert result.stores == (("Passage", "postgresql"),)


@pytest.fixture(scope="module")
def server() -> Iterator[Any]:
    with schema_servers.postgresql() as connection:
        found = "SELECT 1 FROM pg_available_extensions WHERE name = 'vector'"
        if connection.execute(found).fetchone() is None:
            schema_servers.missing("this PostgreSQL has no pgvector")
        yield connection


def filled(server: Any, dimensions: int, rows: int) -> Design:
    drafted = model({"v": f"vector({dimensions})"}, {**NEAREST, "filter": ["tenant"]})
    result = design(drafted, "postgresql")
    server.execute("DROP TABLE IF EXISTS passage")
    server.execute(schema(result))
    server.execute(
        "INSERT INTO passage (tenant, v) SELECT i %% 100,"
        " (SELECT array_agg(random()) FROM generate_series(1, %s + 0 * i))::real[]::vector"
        " FROM generate_series(1, %s) i",
        (dimensions, rows),
    )
    server.execute("ANALYZE passage")
    return result


@pytest.mark.parametrize(("dimensions", "cast"), [(8, ""), (2500, "::halfvec(2500)")])
def test_the_draft_loads_and_its_index_answers(server: Any, dimensions: int, cast: str) -> None:
    filled(server, dimensions, 300)
    one = "(SELECT v FROM passage WHERE id = 7)"
    query = f"SELECT id FROM passage ORDER BY v{cast} <=> {one}{cast} LIMIT 10"  # noqa: S608
    server.execute("SET enable_seqscan = off")
    plan = "\n".join(row[0] for row in server.execute(f"EXPLAIN {query}"))
    assert "Index Scan using ix_passage_v" in plan
    assert server.execute(query).fetchone() == (7,)


def test_the_rollback_takes_the_tables_and_leaves_the_extension(server: Any) -> None:
    result = filled(server, 8, 10)
    server.execute(schema(result, "rollback"))
    assert server.execute("SELECT to_regclass('passage')").fetchone() == (None,)
    assert server.execute("SELECT 1 FROM pg_extension WHERE extname = 'vector'").fetchone()


def test_the_store_refuses_another_number_of_dimensions(server: Any) -> None:
    result = filled(server, 8, 1)
    (case,) = [item for item in result.constraints if item.kind == "length"]
    assert case.violation == "v = <vector of 9 dimensions>"
    assert case.enforced_by == "store"
    with pytest.raises(Exception, match="expected 8 dimensions, not 9"):
        server.execute("INSERT INTO passage (tenant, v) VALUES (1, '[1,2,3,4,5,6,7,8,9]')")


def test_a_filter_on_a_rare_value_needs_the_search_to_go_on(server: Any) -> None:
    """What the plan's task says of filters is true of the server."""
    filled(server, 8, 6000)
    server.execute("DROP INDEX ix_passage_tenant")
    query = "SELECT id FROM passage WHERE tenant = 3 ORDER BY v <=> %s LIMIT 10"
    probe = str([0.5] * 8)
    server.execute("SET enable_seqscan = off")
    assert len(server.execute(query, (probe,)).fetchall()) < 10
    server.execute("SET hnsw.iterative_scan = strict_order")
    assert len(server.execute(query, (probe,)).fetchall()) == 10
    server.execute("RESET hnsw.iterative_scan")


@pytest.mark.parametrize("dimensions", [384, 768, 1536, 2000, 3072])
def test_the_estimate_of_an_index_is_its_size(server: Any, dimensions: int) -> None:
    filled(server, dimensions, 400)
    measured = server.execute("SELECT pg_relation_size('ix_passage_v')").fetchone()[0] / 400
    answers = said()
    drafted = model({"v": f"vector({dimensions})"}, NEAREST)
    estimates = {e.key: e for e in size(answers, [load("postgresql")], drafted)}
    estimate = estimates["vector-index-passage-v"].result * 1e9 / 1_000_000
    assert measured == pytest.approx(estimate, rel=0.02)


def test_nothing_is_estimated_for_an_index_that_is_not_there() -> None:
    answers = said()
    for drafted in (model({"v": "vector(3)"}), model({"v": "vector(5000)"}, NEAREST)):
        keys = {e.key for e in size(answers, [load("postgresql")], drafted)}
        assert "vector-column-passage-v" in keys
        assert "vector-index-passage-v" not in keys
