"""The files of each tool, run as the tool runs them: there, back, and there again with rows."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from storage_conductor.delivery import migration
from storage_conductor.delivery.tools import TOOLS
from storage_conductor.errors import ConductorError
from storage_conductor.schema.model import DataModel
from storage_conductor.steps.parts import SchemaParts
from storage_conductor.steps.step import between, refuse
from tests.schema_support import design

from .importing_support import ENGINES, Database, database
from .step_support import Steps, model_of, parts

OLD: dict[str, Any] = {
    "Account": {
        "id": "uuid pk default uuid()",
        "code": "varchar(20) not null unique check(length(code) >= 2)",
        "state": "enum(open, held) not null default 'open'",
        "level": "int not null default 5 check(level > 0)",
        "amount": "decimal(12,2)",
        "note": "text",
        "gone": "text not null",
        "small": "smallint not null default 3 indexed",
        "at": "timestamptz not null default now()",
    },
    "Entry": {
        "id": "bigint pk",
        "account": "ref Account not null on delete restrict",
        "size": "smallint",
        "kind": "text unique",
        "_indexes": [["size desc"]],
    },
    "Old": {"id": "bigint pk", "entry": "ref Entry not null"},
}
NEW: dict[str, Any] = {
    "Owner": {"id": "bigint pk", "name": "text not null"},
    "Account": {
        "id": "uuid pk default uuid()",
        "code": "varchar(40) not null unique check(length(code) >= 2)",
        "state": "enum(open, held, shut) not null default 'open'",
        "level": "int default 6 check(level >= 0)",
        "amount": "decimal(12,2) not null",
        "note": "text unique",
        "small": "bigint not null default 4 indexed check(small >= 0)",
        "at": "timestamptz not null default now()",
        "owner": "ref Owner",
        "region": "char(2) not null",
        "tag": "text not null default '10:30 at :noon 100%'",
        "seen": "timestamptz not null default now()",
    },
    "Entry": {
        "id": "bigint pk",
        "account": "ref Account not null on delete cascade",
        "size": "smallint",
        "_indexes": [["size"]],
    },
}


@pytest.fixture(scope="module", params=ENGINES)
def store(request: pytest.FixtureRequest) -> Iterator[Database]:
    with database(request.param) as found:
        yield found


def first(store: Database, model: DataModel) -> list[migration.Migration]:
    texts = {item.kind: item.text for item in design(model, store.store).artifacts}
    return migration.first("The ledger", store.store, texts["schema"], texts["rollback"])


def later(store: Database) -> list[migration.Migration]:
    old, new = (parts(model_of(each), store.backend) for each in (OLD, NEW))
    step = between(old, new)
    return migration.later("The ledger", 2, step)


def written(tool: str, store: Database, folder: Path) -> None:
    """Write the first migration and the step, as two runs of the command do."""
    folder.mkdir(parents=True, exist_ok=True)
    start = 1
    for found in (first(store, model_of(OLD)), later(store)):
        for name, text in TOOLS[tool].written(found, start, folder).items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
            number = TOOLS[tool].number.match(name)
            start = max(start, int(number[1]) + 1 if number else start)


def empty(there: Steps) -> None:
    names = sa.inspect(there.store.connection).get_table_names()
    there.empty(name for name in names if name != "alembic_version")


def fill(there: Steps, old: DataModel, new: DataModel) -> int:
    empty(there)
    return there.fill_both(old, new) if there.store.store == "sqlite" else there.fill(new)


class Folder:
    """Migrations of a tool, and how it runs them.

    Args:
        tool: Its key.
        there: Where they run.
        path: The folder.
    """

    def __init__(self, tool: str, there: Steps, path: Path) -> None:
        self._whole = tool == "golang-migrate" or there.store.store == "sqlite"
        self._store = there.store
        self._path = path
        self._order = TOOLS[tool].number
        names = [item.name for item in path.iterdir() if self._order.match(item.name)]
        self.ups = sorted((n for n in names if ".up." in n or n[0] == "V"), key=self.number)
        self.downs = sorted(set(names) - set(self.ups), key=self.number, reverse=True)

    def number(self, name: str) -> int:
        found = self._order.match(name)
        assert found
        return int(found[1])

    def run(self, name: str) -> None:
        text = (self._path / name).read_text(encoding="utf-8")
        # golang-migrate sends a file as it is, which makes one transaction of several statements;
        # the client programs and Flyway, outside of one, run each by itself.
        for statement in [text] if self._whole else migration.statements(text):
            self._store.run(statement)


@pytest.mark.parametrize("tool", ["sql", "golang-migrate", "flyway"])
def test_sql_files_go_there_and_back_and_there_again(
    tool: str, store: Database, tmp_path: Path
) -> None:
    written(tool, store, tmp_path)
    old, there = model_of(OLD), Steps(store)
    folder = Folder(tool, there, tmp_path)
    store.empty()
    folder.run(folder.ups[0])
    assert store.drift(old) == []
    there.fill(old)
    go_up(folder, there)
    last = next(name for name in folder.downs if "expand" in name)
    for name in folder.downs[:-1]:
        if name == last:
            empty(there)
            there.fill(old)
        folder.run(name)
    assert store.drift(old) == []
    assert there.count(old)
    go_up(folder, there)
    for name in folder.downs:
        empty(there)
        folder.run(name)
    assert sa.inspect(store.connection).get_table_names() == []


def go_up(folder: Folder, there: Steps) -> None:
    """Take the step; rows get their values when all that nobody notices is there."""
    old, new = model_of(OLD), model_of(NEW)
    filled = 0
    for name in folder.ups[1:]:
        if not filled and "expand" not in name and "fill" not in name:
            filled = fill(there, old, new)
        folder.run(name)
    assert there.store.drift(new) == []
    assert there.count(new) == filled


ENVIRONMENT = """
    from alembic import context
    from sqlalchemy import create_engine, pool

    engine = create_engine(context.config.get_main_option("url"), poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=None)
        with context.begin_transaction():
            context.run_migrations()
"""


def test_alembic_goes_there_and_back_and_there_again(store: Database, tmp_path: Path) -> None:
    written("alembic", store, tmp_path / "versions")
    environment = textwrap.dedent(ENVIRONMENT)
    (tmp_path / "env.py").write_text(environment, encoding="utf-8")
    url = store.url.replace("%", "%%")
    settings = f"[alembic]\nscript_location = {tmp_path}\nurl = {url}\n"
    (tmp_path / "alembic.ini").write_text(settings, encoding="utf-8")

    def alembic(*arguments: str) -> None:
        command = [sys.executable, "-m", "alembic", *arguments]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-2000:]

    old, new = model_of(OLD), model_of(NEW)
    names = sorted(path.stem for path in (tmp_path / "versions").glob("*.py"))
    before = [name for name in names if "expand" in name or "fill" in name][-1]
    store.empty()
    there = Steps(store)
    alembic("upgrade", names[0])
    assert store.drift(old) == []
    there.fill(old)
    for again in (False, True):
        alembic("upgrade", before)
        filled = fill(there, old, new)
        alembic("upgrade", "head")
        assert store.drift(new) == []
        assert there.count(new) == filled
        if again:
            break
        alembic("downgrade", next(n for n in reversed(names) if "expand" in n))
        empty(there)
        there.fill(old)
        alembic("downgrade", names[0])
        assert store.drift(old) == []


@pytest.mark.parametrize("tool", ["sql", "golang-migrate", "flyway"])
def test_squawk_finds_nothing(tool: str, tmp_path: Path) -> None:
    with sa.create_engine("sqlite://").connect() as unused:
        written(tool, Database("postgresql", "", unused), tmp_path)
    squawk = Path(sys.executable).with_name("squawk")
    for path in sorted(tmp_path.glob("*.sql")):
        command = [str(squawk), str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("store", "begin", "said"),
    [
        ("sql-server", "BEGIN TRANSACTION;", True),
        ("mysql", "", False),
        ("postgresql", "BEGIN;", False),
    ],
)
def test_what_no_test_runs_says_so_and_begins_as_its_store_does(
    store: str, begin: str, said: bool, tmp_path: Path
) -> None:
    found = migration.first("T", store, "CREATE TABLE a (b INT);", "DROP TABLE a;")
    text = TOOLS["sql"].written(found, 1, tmp_path)["0001_initial_schema.up.sql"]
    assert ("-- Not run before it was written" in text) == said
    assert [line for line in text.splitlines() if line.startswith("BEGIN")] == [begin] * bool(begin)


def test_a_store_without_steps_is_refused_by_its_name() -> None:
    nothing = SchemaParts("sql-server", {})
    with pytest.raises(ConductorError, match=r"for SQL Server.*not run") as raised:
        refuse((), nothing, nothing, {})
    assert "by hand" in str(raised.value)
