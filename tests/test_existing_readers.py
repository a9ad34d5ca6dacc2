"""What reads a column of PostgreSQL, which then keeps its type and stays; and types with a name."""

from __future__ import annotations

import copy
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage_conductor.delivery.migration import later
from storage_conductor.delivery.tools import TOOLS
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


_MOODS = """
    CREATE TYPE "Mood" AS ENUM ('new', 'paid');
    CREATE TABLE a (id int PRIMARY KEY, one "Mood", other "Mood" DEFAULT 'new');
"""


def test_an_enum_of_two_columns_takes_what_the_model_says_of_both(
    postgresql: Database, tmp_path: Path
) -> None:
    shop, there = Shop(postgresql, own=_MOODS), Steps(postgresql)
    entities = copy.deepcopy(shop.entities)
    entities["A"]["one"] = "enum(new, paid, lost)"
    with pytest.raises(
        ConductorError, match=r"`a.one` takes 'lost' too: its type is that of another"
    ):
        shop.step(entities)
    entities["A"]["other"] = "enum(new, paid, lost) default 'lost'"
    step = shop.step(entities)
    for name, text in TOOLS["flyway"].written(later("Moods", 2, step), 1, tmp_path).items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    squawk = [Path(sys.executable).with_name("squawk"), *tmp_path.glob("*.sql")]
    done = subprocess.run(squawk, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    there.up(step, "expand", "fill", "enforce", "contract")
    shop.take_as_written(entities)
    assert shop.drift(entities) == []
    there.down(step, "contract", "fill", "enforce", "expand")
    postgresql.run("INSERT INTO a (id, one) VALUES (1, 'lost')")


def test_a_column_takes_no_other_name_and_no_more_values_in_one_step(postgresql: Database) -> None:
    shop = Shop(postgresql, own=_MOODS)
    entities = copy.deepcopy(shop.entities)
    del entities["A"]["one"]
    entities["A"]["first"] = "enum(new, paid, lost) was one"
    with pytest.raises(ConductorError, match="another name and another type in one step"):
        shop.step(entities)


@pytest.mark.parametrize(
    "view",
    [
        "v AS SELECT x.id, x.name FROM public.a x",
        "v (n, one) AS SELECT count(*), name FROM a GROUP BY name",
        "v AS SELECT * FROM a",
    ],
)
def test_a_view_of_a_file_reads_its_columns_too(postgresql: Database, view: str) -> None:
    text = f"{_READ.format('')} CREATE VIEW {view};"
    shop = Shop(postgresql, own=text, of_file=True)
    entities = copy.deepcopy(shop.entities)
    entities["A"]["name"] = entities["A"]["name"].replace("20", "40")
    with pytest.raises(ConductorError, match=r"`a.name` becomes .*`v` \(a view\)"):
        shop.step(entities)


def test_a_view_of_a_file_that_counts_rows_reads_no_column(postgresql: Database) -> None:
    counted = "CREATE VIEW v AS SELECT count(*) FROM a;"
    shop = Shop(postgresql, own=_READ.format("") + counted, of_file=True)
    entities = copy.deepcopy(shop.entities)
    entities["A"]["name"] = entities["A"]["name"].replace("20", "40")
    Steps(postgresql).up(shop.step(entities), "expand")


def test_a_generated_column_that_went_reads_nothing_any_more(postgresql: Database) -> None:
    low = ", low text GENERATED ALWAYS AS (lower(name)) STORED"
    shop, there = Shop(postgresql, own=_READ.format(low)), Steps(postgresql)
    for field in ("low", "name"):
        entities = copy.deepcopy(shop.entities)
        del entities["A"][field]
        there.up(shop.step(entities), "expand", "fill", "enforce", "contract")
        shop.take_as_written(entities)
        shop.entities = entities
        assert shop.drift(entities) == []
