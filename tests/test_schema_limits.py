"""What a store cannot do with a model: one finding or refusal for each, and no false one."""

from __future__ import annotations

from typing import Any

import pytest

from storage_conductor.component import decisions
from storage_conductor.errors import ConductorError
from storage_conductor.schema.keyed import KEYED
from storage_conductor.schema.parse import parse_model
from storage_conductor.schema.result import Design
from tests.schema_support import design

Patterns = list[dict[str, Any]]


def drafted(backend: str, entities: object, patterns: Patterns | None = None) -> Design:
    model = parse_model(entities, patterns)
    assert model is not None
    return design(model, backend)


def schema(result: Design) -> str:
    return next(artifact.text for artifact in result.artifacts if artifact.kind == "schema")


def findings(result: Design, key: str) -> list[dict[str, Any]]:
    return [dict(f.numbers) | {"subject": f.subject} for f in result.findings if f.key == key]


READINGS = {"R": {"a": "uuid pk", "b": "int pk", "t": "bigint pk", "v": "float"}}
NEWEST = {
    "name": "newest of a sensor",
    "entity": "R",
    "filter": ["a", "b", "t between"],
    "sort": ["t desc"],
    "page_size": 100,
}
OF_ALL = {"name": "of all sensors", "entity": "R", "filter": ["a"], "page_size": 100}


def test_cassandra_reads_by_the_beginning_of_a_key_from_its_own_table() -> None:
    result = drafted("cassandra", READINGS, [NEWEST])
    assert schema(result).count("CREATE TABLE") == 1
    assert "PRIMARY KEY ((a, b), t)\n) WITH CLUSTERING ORDER BY (t DESC);" in schema(result)
    both = drafted("cassandra", READINGS, [NEWEST, OF_ALL])
    assert schema(both).count("CREATE TABLE") == 1
    assert "PRIMARY KEY (a, b, t)" in schema(both)
    other = {"name": "by time", "entity": "R", "filter": ["t"], "page_size": 100}
    apart = drafted("cassandra", READINGS, [NEWEST, {**other, "filter": ["t", "v"]}])
    assert schema(apart).count("CREATE TABLE") == 2


def test_dynamodb_reads_by_the_beginning_of_a_key_from_its_own_table() -> None:
    for patterns, partition in (([NEWEST], ("a", "b")), ([NEWEST, OF_ALL], ("a",))):
        result = drafted("dynamodb", READINGS, patterns)
        assert [(row.kind, row.partition) for row in result.keys] == [("table", partition)]
        assert {row.served_kind for row in result.patterns} == {"key"}


def test_dynamodb_bounds_the_texts_of_its_keys() -> None:
    fields = {"id": "text pk", "s": "varchar(200) pk", "v": "varchar(300)", "w": "varchar(600)"}
    pattern = {"name": "p", "entity": "A", "filter": ["w"], "sort": ["v"]}
    found = findings(drafted("dynamodb", {"A": fields}, [pattern]), "key-length")
    assert found == [
        {"limit": 2048, "subject": "A.id"},
        {"limit": 2048, "subject": "A.w"},
        {"limit": 1024, "subject": "A.v"},
    ]


def test_cassandra_quotes_what_its_newest_version_reserves_and_names_with_capitals() -> None:
    entities = {"Check": {"id": "uuid pk", "length": "int", "constraint": "int", "n": "int as Nn"}}
    text = schema(drafted("cassandra", entities))
    for name in ("check", "length", "constraint", "Nn"):
        assert f'"{name}"' in text


def test_one_row_names_all_entities_that_nothing_reads() -> None:
    entities = {"A": {"id": "int pk"}, "B": {"id": "int pk", "a": "ref A"}}
    patterns = [{"name": "n", "entity": "A", "filter": ["id"]}]
    result = drafted("postgresql", entities, patterns)
    assert findings(result, "no-patterns") == [{"entities": "B", "count": 1, "subject": ""}]
    many = {f"T{n}": {"id": "int pk"} for n in range(20)}
    (row,) = findings(drafted("sqlite", many), "no-patterns")
    assert row["entities"] == "T0, T1, T2, T3, T4, T5, T6, T7 and 12 more"
    to_decide, _ = decisions.drafted(drafted("sqlite", many), [])
    assert [decision.key for decision in to_decide] == ["D-no-patterns"]
    assert "so it gets its key and no index" not in to_decide[0].what


def test_what_is_alike_for_many_fields_is_said_once() -> None:
    entities = {f"T{n}": {"id": "text pk", "v": "text unique"} for n in range(6)}
    result = drafted("sql-server", entities)
    named = "T0.id, T0.v, T1.id, T1.v, T2.id, T2.v, T3.id, T3.v and 4 more"
    for key in ("text-key-length", "case-insensitive-unique", "trailing-space"):
        assert [finding["subject"] for finding in findings(result, key)] == [named]


@pytest.mark.parametrize("sort", [[], ["id desc"]])
def test_an_index_that_begins_with_few_values_is_a_finding(sort: list[str]) -> None:
    entities = {"A": {"id": "int pk", "gone": "bool not null"}}
    pattern = {"name": "n", "entity": "A", "filter": ["gone"], "sort": sort, "page_size": 10}
    result = drafted("postgresql", entities, [pattern])
    assert findings(result, "low-selectivity") == [{"values": 2, "subject": "n"}]
    fixed = drafted("postgresql", entities, [{**pattern, "filter": ["gone = false"]}])
    assert findings(fixed, "low-selectivity") == []
    assert "WHERE gone = FALSE;" in schema(fixed)


def test_sql_server_warns_of_long_keys_and_refuses_none_of_variable_length() -> None:
    result = drafted(
        "sql-server", {"T": {"a": "text pk", "b": "text pk", "c": "varchar(900) unique"}}
    )
    assert findings(result, "key-total-length") == [
        {"fields": "a, b", "bytes": 1020, "limit": 900, "subject": "T"},
        {"fields": "c", "bytes": 1800, "limit": 1700, "subject": "T"},
    ]
    short = drafted("sql-server", {"T": {"a": "varchar(225) pk", "b": "varchar(225) pk"}})
    assert findings(short, "key-total-length") == []


def test_sql_server_takes_filters_of_plain_comparisons_only() -> None:
    entities = {"A": {"id": "int pk", "s": "enum(x, y, z)", "n": "int", "m": "int"}}
    asked = {"fields": ["n"], "where": "s in ('x', 'y') and m > 3"}
    plain = drafted("sql-server", entities | {"A": entities["A"] | {"_indexes": [asked]}})
    assert "WHERE s IN (N'x', N'y') AND m > 3;" in schema(plain)
    for rule in ("s = 'x' or m > 3", "n > m", "length(s) > 1", "s not in ('x')"):
        index = {"fields": ["n"], "where": rule}
        lost = drafted("sql-server", {"A": entities["A"] | {"_indexes": [index]}})
        assert len(findings(lost, "partial-index-lost")) == 1
        assert "WHERE" not in schema(lost)


def test_mongodb_limits_an_index_to_what_its_filters_can_say() -> None:
    fields = {"id": "int pk", "team": "int", "s": "enum(x, y)", "gone": "timestamp", "n": "int"}
    patterns = [
        {"name": "a", "entity": "A", "filter": ["team", "s = x", "n > 3"]},
        {"name": "b", "entity": "A", "filter": ["team", "gone is null"]},
    ]
    text = schema(drafted("mongodb", {"A": fields}, patterns))
    assert '"partialFilterExpression": {"s": {"$eq": "x"}, "n": {"$gt": 3}}' in text
    assert 'createIndex({"team": 1, "gone": 1}, {"name": "ix_a_team_gone"})' in text


def test_several_values_are_found_by_an_index_and_read_one_by_one_from_keys() -> None:
    fields = {"id": "uuid pk", "shop": "int", "s": "enum(x, y, z)", "at": "timestamptz not null"}
    pattern = {"name": "p", "entity": "A", "filter": ["shop", "s in"], "sort": ["at"]}
    result = drafted("postgresql", {"A": fields}, [pattern | {"page_size": 5}])
    assert "CREATE INDEX ix_a_shop_s_at_id ON a (shop, s, at, id);" in schema(result)
    assert [row.cost for row in result.patterns] == ["sort"]
    assert findings(result, "sort-after-range") == [{"range": "s", "sort": "at", "subject": "p"}]
    keyed = drafted("cassandra", {"A": fields}, [pattern])
    assert "PRIMARY KEY ((shop, s), at, id)" in schema(keyed)
    assert findings(keyed, "read-for-each-value") == [{"columns": "s", "subject": "p"}]
    by_key = {"name": "p", "entity": "A", "filter": ["id in"]}
    assert drafted("sqlite", {"A": fields}, [by_key]).patterns[0].served_by == "pk_a"


@pytest.mark.parametrize("backend", sorted(KEYED))
def test_stores_of_keys_refuse_what_has_none_and_say_what_they_leave_out(backend: str) -> None:
    with pytest.raises(ConductorError) as raised:
        drafted(backend, {"Log": {"_key": "none", "at": "date"}})
    assert "Log has no key" in raised.value.message
    fields = {"id": "uuid pk", "team": "uuid not null", "s": "enum(x, y) not null", "gone": "date"}
    patterns = [{"name": "p", "entity": "A", "filter": ["team", "s = x", "gone is not null"]}]
    result = drafted(backend, {"A": fields | {"_indexes": ["team", "s"]}}, patterns)
    assert findings(result, "index-not-possible") == [
        {"columns": "team, s", "unique": "", "subject": "A"}
    ]
    assert findings(result, "filter-in-application") == [
        {"rules": "gone is not null", "subject": "p"}
    ]
    if backend in {"cassandra", "dynamodb"}:
        partitions = [set(row.partition) for row in result.keys]
        assert {"team", "s"} in partitions


def test_sql_server_keeps_one_path_of_deletes_and_updates_together() -> None:
    entities = {
        "A": {"id": "int pk"},
        "B": {"id": "int pk", "a": "ref A on update cascade on delete cascade"},
        "C": {"id": "int pk", "a": "ref A on update cascade", "b": "ref B on delete cascade"},
    }
    result = drafted("sql-server", entities)
    assert findings(result, "cascade-not-possible") == [
        {"asked": "on delete cascade", "subject": "C.b"}
    ]
    assert schema(result).count("ON UPDATE CASCADE") == 2


def test_lists_and_new_types_have_a_place_in_every_store() -> None:
    fields = {"id": "uuid pk", "n": "smallint", "r": "real", "t": "time", "l": "int[]"}
    shown = {
        backend: [row.type for row in drafted(backend, {"A": fields}).entities[0].fields][1:]
        for backend in ("postgresql", "mysql", "sql-server", "mongodb", "cassandra", "dynamodb")
    }
    assert shown == {
        "postgresql": ["SMALLINT", "REAL", "TIME", "INTEGER[]"],
        "mysql": ["SMALLINT", "FLOAT", "TIME(6)", "JSON"],
        "sql-server": ["SMALLINT", "REAL", "TIME", "NVARCHAR(max)"],
        "mongodb": ["int", "double or int or long", "string", "array"],
        "cassandra": ["smallint", "float", "time", "list<int>"],
        "dynamodb": ["N", "N", "S", "L"],
    }
