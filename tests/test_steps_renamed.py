"""Renames that the answers state: nothing is lost, and code of both versions runs meanwhile."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from storage_conductor.catalog import loading
from storage_conductor.delivery import migration
from storage_conductor.delivery.tools import TOOLS
from storage_conductor.errors import ConductorError
from storage_conductor.steps.renames import stated
from storage_conductor.steps.step import MigrationStep, between

from .importing_support import ENGINES, Database, database
from .step_support import Steps, model_of, parts

OLD: dict[str, Any] = {
    "Client": {
        "id": "bigint pk assigned",
        "mail": "varchar(60) not null unique check(length(mail) >= 3)",
        "level": "int not null default 5 check(level > 0) indexed",
        "note": "text",
    },
    "Visit": {
        "id": "bigint pk assigned",
        "client": "ref Client not null on delete restrict",
        "place": "varchar(20)",
        "_unique": ["client", "place"],
    },
}
NEW: dict[str, Any] = {
    "Customer": {
        "_was": "Client",
        "id": "bigint pk assigned",
        "email": "varchar(60) not null unique check(length(email) >= 3) was mail",
        "grade": "int not null default 5 check(grade > 0) indexed was level",
        "note": "text",
        "region": "char(2)",
    },
    "Visit": {
        "id": "bigint pk assigned",
        "customer": "ref Customer not null on delete restrict was client",
        "place": "varchar(20)",
        "_unique": ["customer", "place"],
    },
}
BEFORE = [
    "INSERT INTO client (id, mail, note) VALUES ({0}, '{0}@old', 'n')",
    "INSERT INTO visit (id, client_id, place) VALUES ({0}, {0}, 'here')",
]
AFTER = [
    "INSERT INTO customer (id, email, grade) VALUES ({0}, '{0}@new', 7)",
    "INSERT INTO visit (id, customer_id, place) VALUES ({0}, {0}, 'there')",
]


@pytest.fixture(scope="module", params=ENGINES)
def store(request: pytest.FixtureRequest) -> Iterator[Database]:
    with database(request.param) as found:
        yield found


def step_of(store: str, old: dict[str, Any], new: dict[str, Any]) -> MigrationStep:
    backend = loading.load(store).at("self-managed")
    before, model = parts(model_of(old), backend), model_of(new)
    return between(before, parts(model, backend), stated(model, before))


def write(store: Database, statements: list[str], number: int) -> None:
    for text in statements:
        store.run(text.format(number))


def values(store: Database, query: str) -> list[Any]:
    return [tuple(row) for row in store.connection.execute(sa.text(query))]


def test_a_rename_goes_there_and_back_and_there_again_and_loses_nothing(store: Database) -> None:
    old, new = model_of(OLD), model_of(NEW)
    step = step_of(store.store, OLD, NEW)
    assert step.questions == ()
    assert "`client` is now `customer`" in step.words
    assert "`customer.mail` is now `email`" in step.words
    store.load(old)
    there = Steps(store)
    write(store, BEFORE, 1)
    at_once = store.store == "sqlite"
    for start in (10, 20):
        there.up(step, "expand")
        if not at_once:
            write(store, BEFORE, start + 1)
        there.up(step, "fill")
        write(store, AFTER, start + 2)
        if not at_once:
            # Each version sees what the other wrote, and changes it.
            write(store, ["UPDATE client SET mail = '{0}@old' WHERE id = {0}"], start + 2)
            write(store, ["UPDATE customer SET email = '{0}@new' WHERE id = {0}"], start + 1)
            seen = dict(values(store, "SELECT id, mail FROM client"))
            assert seen[start + 1] == f"{start + 1}@new"
            seen = dict(values(store, "SELECT id, email FROM customer"))
            assert seen[start + 2] == f"{start + 2}@old"
            with pytest.raises(Exception, match=r"(?i)unique|duplicate"):
                write(store, BEFORE[1:], start + 1)
        there.up(step, "enforce", "contract")
        assert store.drift(new) == []
        assert values(store, "SELECT email, grade, note FROM customer WHERE id = 1") == [
            ("1@old", 5, "n")
        ]
        assert values(store, "SELECT count(*) FROM customer WHERE email IS NULL") == [(0,)]
        rows = values(store, "SELECT id, email, grade FROM customer ORDER BY id")
        visits = values(store, "SELECT id, customer_id, place FROM visit ORDER BY id")
        assert len(rows) == len(visits) == {10: 2, 20: 3}[start] + (not at_once) * (start // 10)
        there.down(step, "contract", "enforce", "expand")
        assert store.drift(old) == []
        assert values(store, "SELECT id, mail, level FROM client ORDER BY id") == rows
        assert values(store, "SELECT id, client_id, place FROM visit ORDER BY id") == visits


def test_who_may_use_the_table_may_use_its_old_name() -> None:
    with database("postgresql") as store:
        store.load(model_of(OLD))
        store.run(
            "CREATE ROLE app; GRANT USAGE ON SCHEMA public TO app;"
            "GRANT SELECT, INSERT ON client TO app"
        )
        step = step_of("postgresql", OLD, NEW)
        Steps(store).up(step, "expand")
        write(store, ["SET ROLE app; " + BEFORE[0] + "; RESET ROLE"], 1)
        assert values(store, "SELECT mail FROM client") == [("1@old",)]


REFUSED = {
    "the name of a key": ({"key": "bigint pk assigned was id"}, "postgresql"),
    "another name and another type": ({"id": "bigint pk", "memo": "int was note"}, "mariadb"),
    "there was no `nota`; the nearest": ({"id": "bigint pk", "memo": "text was nota"}, "sqlite"),
    "`note` is still there": (
        {"id": "bigint pk", "note": "text", "memo": "text was note"},
        "postgresql",
    ),
}


@pytest.mark.parametrize("said", REFUSED)
def test_what_is_no_rename_is_said(said: str) -> None:
    fields, store = REFUSED[said]
    old = {"Client": {"id": "bigint pk assigned", "note": "text"}}
    with pytest.raises(ConductorError) as refused:
        step_of(store, old, {"Client": fields})
    assert said in refused.value.message


def test_mysql_gets_the_statements_of_mariadb_but_for_checks_and_a_column_that_must_be_there() -> (
    None
):
    texts = {}
    for store in ("mariadb", "mysql"):
        groups = step_of(store, OLD, NEW).groups
        texts[store] = {text for group in groups for text in (*group.up, *group.down)}
    other = texts["mysql"] - texts["mariadb"]
    assert texts["mysql"] & texts["mariadb"]
    assert {text.splitlines()[-1].split(" ", 3)[3].split()[0] for text in other} <= {
        "ADD", "DROP", "MODIFY",
    }  # fmt: skip
    assert not any("CONSTRAINT ck_" in text and "ALGORITHM" in text for text in texts["mysql"])
    assert not any("11.2" in text for text in texts["mysql"])


def test_a_rename_that_was_taken_counts_no_more() -> None:
    backend = loading.load("postgresql").at("self-managed")
    model = model_of(NEW)
    there = parts(model, backend)
    assert stated(model, there).tables == {}
    assert between(there, there, stated(model, there)).groups == ()


def test_sqlite_renames_a_key_and_what_refers_to_it() -> None:
    old = {"A": {"id": "bigint pk assigned"}, "B": {"id": "bigint pk", "a": "ref A not null"}}
    new = {
        "A": {"no": "bigint pk assigned was id"},
        "B": {"id": "bigint pk", "a": "ref A not null was a_id"},
    }
    with database("sqlite") as store:
        store.load(model_of(old))
        store.run("INSERT INTO a VALUES (1); INSERT INTO b VALUES (1, 1)")
        step = step_of("sqlite", old, new)
        Steps(store).up(step, "expand", "fill", "enforce", "contract")
        assert store.drift(model_of(new)) == []
        assert values(store, "SELECT a_no FROM b") == [(1,)]


@pytest.mark.parametrize("tool", ["sql", "golang-migrate", "flyway"])
def test_squawk_finds_nothing_in_a_rename(tool: str, tmp_path: Path) -> None:
    found = migration.later("The clients", 2, step_of("postgresql", OLD, NEW))
    for name, text in TOOLS[tool].written(found, 1, tmp_path).items():
        (tmp_path / name).write_text(text, encoding="utf-8", newline="\n")
    squawk = Path(sys.executable).with_name("squawk")
    left = "prefer-text-field,prefer-bigint-over-int,ban-char-field"
    for path in sorted(tmp_path.glob("*.sql")):
        command = [str(squawk), f"--exclude={left}", str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
