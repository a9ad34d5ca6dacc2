"""What differs between SQL stores: grammar, limits, and words that one of them lacks."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing

import pytest
import sqlglot
from hypothesis import given
from sqlglot import exp

from storage_conductor.errors import ConductorError
from storage_conductor.schema.common import Sizes
from storage_conductor.schema.model import DataModel
from storage_conductor.schema.parse import parse_model
from storage_conductor.schema.result import Design
from storage_conductor.schema.sqltypes import ENGINES
from tests.schema_support import design

from . import schema_models as models

GRAMMARS = {"mysql": "mysql", "sql-server": "tsql"}  # the others run on a server in their own tests


def parsed(entities: object, patterns: object = None) -> DataModel:
    model = parse_model(entities, patterns)
    assert model is not None
    return model


def text(result: Design, kind: str = "schema") -> str:
    return next(artifact.text for artifact in result.artifacts if artifact.kind == kind)


def statements(script: str) -> list[str]:
    lines = [line for line in script.splitlines() if not line.startswith("--")]
    return [part for part in "\n".join(lines).split(";\n") if part.strip()]


@pytest.mark.parametrize("backend", GRAMMARS)
@given(given=models.answers(keyless=True))
def test_statements_are_in_the_grammar_of_the_store(backend: str, given: models.Answers) -> None:
    result = design(models.drawn(given), backend)
    for kind in ("schema", "rollback"):
        for statement in statements(text(result, kind)):
            (tree,) = sqlglot.parse(statement, read=GRAMMARS[backend])
            assert isinstance(tree, exp.Create | exp.Drop | exp.Alter), statement


@pytest.mark.parametrize("backend", ENGINES)
def test_two_hundred_entities_with_cycles(backend: str) -> None:
    entities = {
        f"Thing{n}": {
            "id": "bigint pk",
            "next": f"ref Thing{(n + 1) % 200} on delete cascade",
            "other": f"ref Thing{(n * 7) % 200} not null",
        }
        for n in range(200)
    }
    result = design(parsed(entities), backend)
    assert text(result).count("CREATE TABLE") == 200
    assert len(result.order) == 200
    if backend == "sqlite":
        with closing(sqlite3.connect(":memory:")) as connection:
            connection.executescript(text(result))
            connection.executescript(text(result, "rollback"))


@pytest.mark.parametrize("backend", ENGINES)
def test_names_are_cut_to_the_limit_and_stay_apart(backend: str) -> None:
    long = "a" * 50
    entities = {
        f"{long}{n}": {"id": "int pk", **{f"{long}_{c}": "int unique" for c in "xyz"}}
        for n in range(3)
    }
    result = design(parsed(entities), backend)
    names = [index.name for index in result.indexes]
    limit = {"mysql": 64, "mariadb": 64, "postgresql": 63}.get(backend, 128)
    assert len(set(names)) == len(names) == 12
    assert max(map(len, names)) <= limit
    again = design(parsed(entities), backend)
    assert [index.name for index in again.indexes] == names


def test_names_that_would_meet_stay_apart() -> None:
    result = design(
        parsed(
            {
                "A": {"id": "int pk", "b_c": "int indexed check(b_c > 0)"},
                "A_B": {"id": "int pk", "c": "int indexed check(c > 0)"},
                "IxAId": {"id": "int pk"},
            }
        ),
        "postgresql",
    )
    names = re.findall(r"CONSTRAINT (\w+)|(?:INDEX|TABLE) (\w+)", text(result))
    flat = [name for pair in names for name in pair if name]
    assert len(flat) == len(set(flat))


@pytest.mark.parametrize(
    ("backend", "fields", "said"),
    [
        ("mysql", {"t": "varchar(1000) unique"}, "the index on t takes 4000 bytes; at most 3072"),
        ("mariadb", {"t": "varchar(1000)", "n": "int", "_indexes": ["n", "t"]},
         "on n, t takes 4004 bytes; at most 3072"),
        ("mariadb", {"t": "varchar(1000) unique", "a": "ref A(t)"}, "too long for an index"),
        ("sql-server", dict.fromkeys("bcde", "char(255)") | {"_unique": ["b", "c", "d", "e"]},
         "takes 2040 bytes; at most 1700"),
        ("sql-server", {"t": "varchar(9) unique", "a": "ref A(t)"}, "make it `not null` there"),
        ("mysql", {"n": "serial"}, "A.n: a `serial` must lead the key or be `unique` there"),
        ("mysql", {"t": "varchar(9) unique", "a": "ref A(t) on update cascade",
                   "n": "int check(t is null or a is null)"},
         "a field with `on update cascade` cannot be part of a check"),
        ("mysql", {"a": "varchar(9000)", "b": "varchar(9000)"}, "write long `varchar` fields as"),
        ("mysql", {"d": "decimal(40,35)"}, "A.d is decimal(40,35); at most decimal(65,30) fits"),
        ("sql-server", {"d": "decimal(40,2)"}, "at most decimal(38,38) fits"),
        ("mysql", {f"f{n}": "int" for n in range(1100)}, "A has 1101 columns; at most 1017 fit"),
        ("mariadb", {f"f{n}": "int indexed" for n in range(65)}, "A needs 65 indexes; at most 64"),
        ("mysql", {f"f{n}": "int" for n in range(17)} | {"_unique": [f"f{n}" for n in range(17)]},
         "has more than 16 columns"),
        ("mysql", {"p": "ref A on delete set null", "n": "int check(p_id is null or n > 0)"},
         "a field with `on delete set null` cannot be part of a check"),
    ],
)  # fmt: skip
def test_what_a_store_cannot_hold_is_said(backend: str, fields: dict[str, str], said: str) -> None:
    with pytest.raises(ConductorError) as raised:
        design(parsed({"A": {"id": "int pk"} | fields}), backend)
    assert said in raised.value.message
    if "serial" not in str(fields):
        assert design(parsed({"A": {"id": "int pk"} | fields}), "sqlite").artifacts


def test_sql_server_gets_one_cascading_path_and_a_finding_for_each_other() -> None:
    entities = {
        "A": {"id": "int pk", "parent": "ref A on delete cascade"},
        "B": {"id": "int pk", "a": "ref A on delete cascade"},
        "C": {
            "id": "int pk",
            "a": "ref A on delete set null",
            "b": "ref B on delete cascade",
            "b2": "ref B on delete restrict",
        },
    }
    result = design(parsed(entities), "sql-server")
    lost = [f.subject for f in result.findings if f.key == "cascade-not-possible"]
    assert lost == ["A.parent", "C.b"]
    actions = re.findall(
        r"KEY\((\w+)\) REFERENCES \w+ \(id\)(?: ON DELETE ([A-Z ]+))?", text(result)
    )
    assert actions == [
        ("parent_id", ""),
        ("a_id", "CASCADE"),
        ("a_id", "SET NULL"),
        ("b_id", ""),
        ("b2_id", ""),
    ]


def test_sql_server_lets_many_rows_lack_a_unique_value() -> None:
    result = design(parsed({"A": {"id": "int pk", "t": "varchar(9) unique"}}), "sql-server")
    assert "CREATE UNIQUE INDEX uq_a_t ON a (t) WHERE t IS NOT NULL;" in text(result)


def test_a_cycle_of_required_references_is_checked_at_commit_where_that_is_possible() -> None:
    model = parsed(
        {"A": {"id": "int pk", "b": "ref B not null"}, "B": {"id": "int pk", "a": "ref A not null"}}
    )
    for backend, deferrable in (("postgresql", "yes"), ("sqlite", "yes"), ("mysql", "no")):
        result = design(model, backend)
        (finding,) = (f for f in result.findings if f.key == "mandatory-cycle")
        assert dict(finding.numbers) == {"deferrable": deferrable}
        assert ("DEFERRABLE INITIALLY DEFERRED" in text(result)) == (deferrable == "yes")
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.executescript(text(design(model, "sqlite")))
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("BEGIN")
        connection.execute("INSERT INTO a VALUES (1, 2)")
        connection.execute("INSERT INTO b VALUES (2, 1)")
        connection.execute("COMMIT")


@pytest.mark.parametrize(
    ("backend", "types"),
    [
        ("postgresql", "UUID TEXT TEXT NUMERIC(9, 2) TIMESTAMP WITH TIME ZONE JSONB BYTEA BOOLEAN"),
        ("mysql", "BINARY(16) TEXT VARCHAR(32) NUMERIC(9, 2) DATETIME(6) JSON BLOB BOOLEAN"),
        ("mariadb", "UUID TEXT VARCHAR(32) NUMERIC(9, 2) DATETIME(6) JSON BLOB BOOLEAN"),
        ("sqlite", "TEXT TEXT TEXT REAL TEXT TEXT BLOB INTEGER"),
        (
            "sql-server",
            "UNIQUEIDENTIFIER NVARCHAR(max) NVARCHAR(32) NUMERIC(9, 2) DATETIMEOFFSET"
            " NVARCHAR(max) VARBINARY(max) BIT",
        ),
    ],
)
def test_each_store_has_its_own_types(backend: str, types: str) -> None:
    fields = {
        "u": "uuid pk",
        "t": "text",
        "e": "enum(a, b)",
        "d": "decimal(9,2)",
        "at": "timestamptz",
        "j": "json",
        "b": "bytes",
        "f": "bool",
    }
    (table,) = design(parsed({"A": fields}), backend).entities
    assert " ".join(row.type for row in table.fields) == types
    large = design(parsed({"A": fields}), backend, sizes=Sizes(None, 1_000_000)).entities[0]
    assert ("LONGTEXT" in {row.type for row in large.fields}) == (backend in {"mysql", "mariadb"})


def test_a_number_key_is_counted_by_the_store_unless_something_else_sets_it() -> None:
    fields = {"id": "bigint pk", "n": "int"}
    words = {
        "postgresql": "GENERATED BY DEFAULT AS IDENTITY",
        "mysql": "AUTO_INCREMENT",
        "mariadb": "AUTO_INCREMENT",
        "sql-server": "IDENTITY(1,1)",
    }
    for backend, word in words.items():
        assert word in text(design(parsed({"A": fields}), backend))
        for other in ({"id": "bigint pk default 5"}, {"id": "int pk assigned"}):
            assert word not in text(design(parsed({"A": other}), backend))


def test_a_check_of_a_key_ends_its_numbering_where_the_store_asks_for_that_alone() -> None:
    model = parsed({"A": {"id": "int pk check(id > 0)"}})
    for backend, counts in (("postgresql", True), ("sql-server", True), ("mysql", False)):
        result = design(model, backend)
        assert ("IDENTITY" in text(result)) is counts
        assert ("key-not-numbered" in {f.key for f in result.findings}) is not counts
        assert "CHECK (id > 0)" in text(result)


def test_a_number_key_beside_a_serial_is_not_counted_which_is_said() -> None:
    for backend in ("postgresql", "mysql", "mariadb", "sql-server"):
        for key, said in (("int pk", True), ("int pk assigned", False), ("uuid pk", False)):
            result = design(parsed({"A": {"id": key, "n": "serial unique"}}), backend)
            found = [f for f in result.findings if f.key == "key-beside-serial"]
            wanted = [("A.id", (("counted", "n"),))] if said else []
            assert [(f.subject, f.numbers) for f in found] == wanted
    alone = design(parsed({"A": {"id": "serial pk", "n": "int unique"}}), "postgresql")
    assert "key-beside-serial" not in {f.key for f in alone.findings}


def test_findings_of_types_and_lifetimes() -> None:
    model = parsed(
        {"A": {"id": "uuid pk", "t": "text unique", "d": "decimal(20,2)", "_ttl": "1 day"}}
    )
    found = {
        backend: {f"{f.key} {f.subject}" for f in design(model, backend).findings}
        - {"no-patterns "}
        for backend in ENGINES
    }
    assert found == {
        "postgresql": {"purge-job A", "text-index-length A.t"},
        "mysql": {"purge-job A", "text-key-length A.t"},
        "mariadb": {"purge-job A", "text-key-length A.t", "uuid-variant A.id"},
        "sqlite": {"purge-job A", "decimal-as-float A.d"},
        "sql-server": {
            "purge-job A",
            "text-key-length A.t",
            "case-insensitive-unique A.t",
            "trailing-space A.t",
        },
    }


def test_pattern_names_stay_inside_their_comment() -> None:
    name = "a\nDROP TABLE x;\r\u2028--"
    model = parsed(
        {"A": {"id": "int pk", "n": "int"}}, [{"name": name, "entity": "A", "filter": "n"}]
    )
    for backend in ("postgresql", "mongodb", "cassandra", "redis"):
        for artifact in design(model, backend).artifacts:
            for line in artifact.text.splitlines():
                assert "DROP TABLE x" not in line or line.startswith(("--", "//", "#"))
