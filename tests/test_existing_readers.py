"""What reads a column of PostgreSQL, which then keeps its type and stays."""

from __future__ import annotations

import copy
from collections.abc import Iterator

import pytest

from storage_conductor.errors import ConductorError

from .importing_support import Database, database
from .step_support import Steps
from .test_existing_steps import Shop


@pytest.fixture(scope="module")
def postgresql() -> Iterator[Database]:
    with database("postgresql") as found:
        yield found


_READ = "CREATE TABLE a (id int PRIMARY KEY, name varchar(20){});"


@pytest.mark.parametrize(
    ("column", "more", "told"),
    [
        ("", "CREATE VIEW v AS SELECT id, name FROM a;", r"`v` \(a view\)"),
        (
            ", low text GENERATED ALWAYS AS (lower(name)) STORED",
            "",
            r"`low` \(a generated column\)",
        ),
        (
            "",
            "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
            "CREATE TRIGGER g AFTER UPDATE OF name ON a EXECUTE FUNCTION f();",
            r"`g` \(a trigger\)",
        ),
        ("", "CREATE POLICY p ON a USING (name = 'x');", r"`p` \(a policy\)"),
        (
            "",
            "CREATE FUNCTION n() RETURNS text BEGIN ATOMIC SELECT max(name) FROM a; END;",
            r"`n` \(a function\)",
        ),
        (' COLLATE "C"', "", "collation C of name"),
    ],
)
def test_a_column_that_something_reads_keeps_its_type(
    postgresql: Database, column: str, more: str, told: str
) -> None:
    shop = Shop(postgresql, more, own=_READ.format(column))
    entities = copy.deepcopy(shop.entities)
    entities["A"]["name"] = entities["A"]["name"].replace("20", "40")
    with pytest.raises(ConductorError, match=rf"`a.name` becomes VARCHAR\(40\) .*{told}"):
        shop.step(entities)
    if "collation" not in told:
        del entities["A"]["name"]
        with pytest.raises(ConductorError, match=rf"`a.name` goes: .*{told}"):
            shop.step(entities)


def test_an_index_or_a_check_lets_a_column_become_wider(postgresql: Database) -> None:
    rules = " CHECK (name <> 'x')"
    index = "CREATE INDEX low ON a (lower(name)); INSERT INTO a VALUES (1, 'a');"
    shop = Shop(postgresql, index, own=_READ.format(rules))
    entities = copy.deepcopy(shop.entities)
    entities["A"]["name"] = entities["A"]["name"].replace("20", "40")
    Steps(postgresql).up(shop.step(entities), "expand", "fill", "enforce", "contract")
    assert shop.drift(entities) == []
