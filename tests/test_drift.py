"""Every way in which a live schema leaves the model is found, and named as what it is."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from storage_conductor.schema.model import DataModel
from storage_conductor.schema.parse import parse_model

from . import schema_servers as servers
from .command_runner import call
from .importing_support import Database, database

Capture = pytest.CaptureFixture[str]
ENTITIES: dict[str, dict[str, Any]] = {
    "Account": {
        "id": "uuid pk default uuid()",
        "code": "varchar(20) not null unique check(length(code) >= 2)",
        "state": "enum(open, held) not null default 'open'",
        "level": "int not null default 5 check(level > 0)",
        "amount": "decimal(12,2)",
        "note": "text",
        "data": "json",
        "active": "bool not null default true",
        "at": "timestamptz not null default now()",
        "region": "char(2) not null",
        "_unique": ["region", "level"],
        "_indexes": [["level", "at desc"]],
    },
    "Entry": {
        "id": "bigint pk",
        "account": "ref Account not null on delete restrict",
        "parent": "ref Entry on delete set null",
        "size": "smallint",
        "_indexes": [["size desc"]],
    },
}
PARTIAL = {"fields": ["note"], "where": "active = true"}
Mutation = tuple[str, str]

POSTGRESQL: list[Mutation] = [
    ("DROP TABLE entry", "entry table"),
    ("ALTER TABLE account DROP COLUMN note", "account.note column"),
    ("ALTER TABLE account ADD extra int", "account.extra column"),
    ("ALTER TABLE account ALTER code TYPE varchar(21)", "account.code type"),
    ("ALTER TABLE account ALTER note TYPE varchar(99)", "account.note type"),
    ("ALTER TABLE account ALTER amount TYPE numeric(12,3)", "account.amount type"),
    ("ALTER TABLE account ALTER data TYPE json", "account.data type"),
    ("ALTER TABLE account ALTER at DROP DEFAULT, ALTER at TYPE timestamp", "account.at type"),
    ("ALTER TABLE entry ALTER size TYPE int", "entry.size type"),
    ("ALTER TABLE account ALTER state DROP NOT NULL", "account.state null"),
    ("ALTER TABLE account ALTER note SET NOT NULL", "account.note null"),
    ("ALTER TABLE account ALTER level SET DEFAULT 6", "account.level default"),
    ("ALTER TABLE account ALTER level DROP DEFAULT", "account.level default"),
    ("ALTER TABLE account ALTER note SET DEFAULT 'x'", "account.note default"),
    ("ALTER TABLE account ALTER at SET DEFAULT '2026-01-01'", "account.at default"),
    ("ALTER TABLE account ALTER active SET DEFAULT false", "account.active default"),
    ("ALTER TABLE entry ALTER id DROP IDENTITY", "entry.id numbering"),
    ('ALTER TABLE account ALTER note TYPE text COLLATE "C"', "account.note collation"),
    ("ALTER TABLE entry DROP CONSTRAINT pk_entry CASCADE", "entry key"),
    ("ALTER TABLE account DROP CONSTRAINT uq_account_code", "account.code unique"),
    ("ALTER TABLE account ADD UNIQUE (note)", "account.note unique"),
    ("ALTER TABLE account DROP CONSTRAINT uq_account_region_level", "account.region, level unique"),
    ("ALTER TABLE account DROP CONSTRAINT ck_account_level", "account.ck_account_level check"),
    (
        "ALTER TABLE account DROP CONSTRAINT ck_account_level;"
        "ALTER TABLE account ADD CONSTRAINT ck_account_level CHECK (level >= 0)",
        "account.ck_account_level check",
    ),
    (
        "ALTER TABLE account DROP CONSTRAINT ck_account_state;"
        "ALTER TABLE account ADD CONSTRAINT ck_account_state CHECK (state IN ('open', 'gone'))",
        "account.ck_account_state check",
    ),
    ("ALTER TABLE account ADD CONSTRAINT new CHECK (level < 99)", "account.new check"),
    ("ALTER TABLE entry DROP CONSTRAINT fk_entry_account_id", "entry.account_id reference"),
    (
        "ALTER TABLE entry DROP CONSTRAINT fk_entry_account_id;"
        "ALTER TABLE entry ADD FOREIGN KEY (account_id) REFERENCES account ON DELETE CASCADE",
        "entry.account_id reference",
    ),
    (
        "ALTER TABLE entry DROP CONSTRAINT fk_entry_account_id; ALTER TABLE entry ADD FOREIGN KEY"
        " (account_id) REFERENCES account ON DELETE RESTRICT DEFERRABLE INITIALLY DEFERRED",
        "entry.account_id reference",
    ),
    (
        "ALTER TABLE entry DROP CONSTRAINT fk_entry_account_id; ALTER TABLE entry ADD FOREIGN KEY"
        " (account_id) REFERENCES account ON DELETE RESTRICT ON UPDATE CASCADE",
        "entry.account_id reference",
    ),
    ("DROP INDEX ix_account_level_at", "account.ix_account_level_at index"),
    (
        "DROP INDEX ix_account_level_at;CREATE INDEX ix_account_level_at ON account (level, at)",
        "account.ix_account_level_at index",
    ),
    (
        "DROP INDEX ix_account_level_at;"
        "CREATE INDEX ix_account_level_at ON account (at DESC, level)",
        "account.ix_account_level_at index",
    ),
    (
        "DROP INDEX ix_account_note_where_active;"
        "CREATE INDEX ix_account_note_where_active ON account (note)",
        "account.ix_account_note_where_active index",
    ),
    (
        "DROP INDEX ix_account_note_where_active;"
        "CREATE INDEX ix_account_note_where_active ON account (note) WHERE active = false",
        "account.ix_account_note_where_active index",
    ),
    (
        "DROP INDEX ix_entry_size; CREATE UNIQUE INDEX ix_entry_size ON entry (size DESC)",
        "entry.ix_entry_size index",
    ),
    (
        "DROP INDEX ix_account_level_at;"
        "CREATE INDEX ix_account_level_at ON account (level, at DESC NULLS LAST)",
        "account.ix_account_level_at index",
    ),
    ("CREATE INDEX more ON account (lower(note))", "account.more index"),
    ("CREATE INDEX more ON account USING hash (note)", "account.more index"),
    (
        "ALTER TABLE account DROP COLUMN amount; ALTER TABLE account"
        " ADD amount numeric(12,2) GENERATED ALWAYS AS (level * 2) STORED",
        "account.amount computed",
    ),
]

INNODB: list[Mutation] = [
    ("DROP TABLE entry", "entry table"),
    ("ALTER TABLE account DROP COLUMN note", "account.note column"),
    ("ALTER TABLE account ADD extra int", "account.extra column"),
    ("ALTER TABLE account MODIFY amount decimal(12,3)", "account.amount type"),
    ("ALTER TABLE account MODIFY note longtext", "account.note type"),
    ("ALTER TABLE account MODIFY active int NOT NULL DEFAULT 1", "account.active type"),
    ("ALTER TABLE account MODIFY at datetime(3) NOT NULL", "account.at type"),
    ("ALTER TABLE entry MODIFY size int", "entry.size type"),
    ("ALTER TABLE entry MODIFY size smallint unsigned", "entry.size type"),
    ("ALTER TABLE account MODIFY amount decimal(12,2) NOT NULL", "account.amount null"),
    ("ALTER TABLE account MODIFY region char(2)", "account.region null"),
    ("ALTER TABLE account ALTER level SET DEFAULT 6", "account.level default"),
    ("ALTER TABLE account ALTER level DROP DEFAULT", "account.level default"),
    ("ALTER TABLE account ALTER amount SET DEFAULT 1.5", "account.amount default"),
    ("ALTER TABLE account ALTER at SET DEFAULT (current_timestamp(6))", "account.at default"),
    ("ALTER TABLE account ALTER active SET DEFAULT 0", "account.active default"),
    ("ALTER TABLE entry DROP FOREIGN KEY fk_entry_parent_id; ALTER TABLE entry MODIFY id bigint;"
     " ALTER TABLE entry ADD FOREIGN KEY (parent_id) REFERENCES entry (id) ON DELETE SET NULL",
     "entry.id numbering"),
    ("ALTER TABLE account MODIFY note text COLLATE utf8mb4_general_ci", "account.note collation"),
    ("ALTER TABLE account DROP INDEX uq_account_code", "account.code unique"),
    ("ALTER TABLE account ADD UNIQUE (amount)", "account.amount unique"),
    ("ALTER TABLE account DROP CONSTRAINT ck_account_level", "account.ck_account_level check"),
    ("ALTER TABLE account DROP CONSTRAINT ck_account_level;"
     "ALTER TABLE account ADD CONSTRAINT ck_account_level CHECK (level >= 0)",
     "account.ck_account_level check"),
    ("ALTER TABLE account DROP CONSTRAINT ck_account_state; ALTER TABLE account"
     " ADD CONSTRAINT ck_account_state CHECK (state IN ('open', 'gone'))",
     "account.ck_account_state check"),
    ("ALTER TABLE account ADD CONSTRAINT new CHECK (level < 99)", "account.new check"),
    ("ALTER TABLE entry DROP FOREIGN KEY fk_entry_account_id", "entry.account_id reference"),
    ("ALTER TABLE entry DROP FOREIGN KEY fk_entry_account_id; ALTER TABLE entry"
     " ADD FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE",
     "entry.account_id reference"),
    ("ALTER TABLE entry DROP FOREIGN KEY fk_entry_account_id; ALTER TABLE entry"
     " ADD FOREIGN KEY (account_id) REFERENCES account (id) ON UPDATE CASCADE",
     "entry.account_id reference"),
    ("DROP INDEX ix_account_level_at ON account", "account.ix_account_level_at index"),
    ("DROP INDEX ix_account_level_at ON account;"
     "CREATE INDEX ix_account_level_at ON account (level, at)",
     "account.ix_account_level_at index"),
    ("DROP INDEX ix_account_level_at ON account; CREATE INDEX ix_account_level_at"
     " ON account (at DESC, level)", "account.ix_account_level_at index"),
    ("DROP INDEX ix_entry_size ON entry; CREATE UNIQUE INDEX ix_entry_size ON entry (size DESC)",
     "entry.ix_entry_size index"),
    ("CREATE INDEX more ON account (note(9))", "account.more index"),
    ("ALTER TABLE account DROP COLUMN amount; ALTER TABLE account"
     " ADD amount decimal(12,2) AS (level * 2) STORED", "account.amount computed"),
]  # fmt: skip

# SQLite changes a table by writing it anew: what its statements say instead.
SQLITE: list[tuple[str, str, str]] = [
    (
        "CREATE INDEX ix_entry_parent_id ON entry (parent_id);",
        "DROP TABLE entry;",
        "entry table",
    ),
    ("  amount REAL,\n", "", "account.amount column"),
    ("  note TEXT,\n", "  note TEXT,\n  extra TEXT,\n", "account.extra column"),
    ("  note TEXT,", "  note BLOB,", "account.note type"),
    ("  amount REAL", "  amount INTEGER", "account.amount type"),
    ("  size INTEGER", "  size ANY", "entry.size type"),
    ("  note TEXT,", "  note TEXT NOT NULL,", "account.note null"),
    ("  region TEXT NOT NULL", "  region TEXT", "account.region null"),
    ("DEFAULT 5 ", "DEFAULT 6 ", "account.level default"),
    ("DEFAULT 5 ", "", "account.level default"),
    ("  note TEXT,", "  note TEXT DEFAULT 'x',", "account.note default"),
    ("%fZ', 'now'", "%fZ', 'now', '+1 day'", "account.at default"),
    ("DEFAULT 'open'", "DEFAULT 'held'", "account.state default"),
    ("  active INTEGER DEFAULT 1", "  active INTEGER DEFAULT 0", "account.active default"),
    ("  id INTEGER NOT NULL,", "  id TEXT NOT NULL,", "entry.id type"),
    (
        "PRIMARY KEY (id),\n  CONSTRAINT uq",
        "PRIMARY KEY (id, code),\n  CONSTRAINT uq",
        "account key",
    ),
    ("  CONSTRAINT uq_account_code UNIQUE (code),\n", "", "account.code unique"),
    ("UNIQUE (code),", "UNIQUE (code), UNIQUE (note),", "account.note unique"),
    ("UNIQUE (region, level)", "UNIQUE (level, region)", "account.region, level unique"),
    ("  CONSTRAINT ck_account_level CHECK (level > 0),\n", "", "account.ck_account_level check"),
    ("CHECK (level > 0)", "CHECK (level >= 0)", "account.ck_account_level check"),
    ("IN ('open', 'held')", "IN ('open', 'gone')", "account.ck_account_state check"),
    (
        "CHECK (level > 0)",
        "CHECK (level > 0), CONSTRAINT new CHECK (level < 9)",
        "account.new check",
    ),
    ("CHECK (length(code) >= 2)", "CHECK (length(code) >= 3)", "account.ck_account_code check"),
    ("ON DELETE RESTRICT", "ON DELETE CASCADE", "entry.account_id reference"),
    ("ON DELETE RESTRICT", "ON DELETE RESTRICT ON UPDATE CASCADE", "entry.account_id reference"),
    (
        "ON DELETE RESTRICT",
        "ON DELETE RESTRICT DEFERRABLE INITIALLY DEFERRED",
        "entry.account_id reference",
    ),
    ("ON DELETE SET NULL", "", "entry.parent_id reference"),
    ("account (level, at DESC)", "account (level, at)", "account.ix_account_level_at index"),
    ("account (level, at DESC)", "account (at DESC, level)", "account.ix_account_level_at index"),
    ("WHERE active = 1", "", "account.ix_account_note_where_active index"),
    ("WHERE active = 1", "WHERE active = 0", "account.ix_account_note_where_active index"),
    (
        "CREATE INDEX ix_entry_size",
        "CREATE UNIQUE INDEX ix_entry_size",
        "entry.ix_entry_size index",
    ),
    (
        "  amount REAL",
        "  amount REAL GENERATED ALWAYS AS (level * 2) STORED",
        "account.amount computed",
    ),
]


def model(store: str) -> DataModel:
    entities = {name: dict(fields) for name, fields in ENTITIES.items()}
    if store not in servers.INNODB:
        entities["Account"]["_indexes"] = [["level", "at desc"], PARTIAL]
    found = parse_model(entities, [])
    assert found is not None
    return found


@pytest.fixture(scope="module")
def postgresql() -> Iterator[Database]:
    with database("postgresql") as found:
        yield found


@pytest.fixture(scope="module", params=servers.INNODB_HERE)
def innodb(request: pytest.FixtureRequest) -> Iterator[Database]:
    with database(request.param) as found:
        yield found


@pytest.fixture(scope="module")
def sqlite() -> Iterator[Database]:
    with database("sqlite") as found:
        yield found


def named(store: Database) -> list[str]:
    found = store.drift(model(store.store))
    return [f"{i.table}{'.' * bool(i.subject)}{i.subject} {i.kind}" for i in found]


@pytest.mark.parametrize(("statements", "found"), POSTGRESQL)
def test_postgresql(postgresql: Database, statements: str, found: str) -> None:
    postgresql.load(model("postgresql"))
    postgresql.run(statements)
    assert found in named(postgresql)


@pytest.mark.parametrize(("statements", "found"), INNODB)
def test_mariadb_and_mysql(innodb: Database, statements: str, found: str) -> None:
    innodb.load(model(innodb.store))
    innodb.run(statements)
    assert found in named(innodb)


@pytest.mark.parametrize(("old", "new", "found"), SQLITE)
def test_sqlite(sqlite: Database, old: str, new: str, found: str) -> None:
    sqlite.load(model("sqlite"), lambda text: replaced(text, old, new))
    assert found in named(sqlite)


def replaced(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new, 1)


def test_each_engine_has_at_least_25_mutations() -> None:
    assert min(len(POSTGRESQL), len(INNODB), len(SQLITE)) >= 25


def test_another_name_or_table_is_no_difference(postgresql: Database) -> None:
    postgresql.load(model("postgresql"))
    postgresql.run(
        "ALTER INDEX ix_account_level_at RENAME TO other; CREATE TABLE elsewhere (id int);"
        "ALTER TABLE account RENAME CONSTRAINT ck_account_level TO another"
    )
    assert named(postgresql) == []


def test_the_command_compares_the_track_and_writes_nothing(
    start: Callable[..., Path], project: Path, postgresql: Database, capsys: Capture
) -> None:
    entities = {**ENTITIES, "Account": dict(ENTITIES["Account"])}
    track = start(backend="PostgreSQL", entities=entities, access_patterns=[])
    found = parse_model(entities, [])
    assert found is not None
    postgresql.load(found)
    arguments = ("drift", track.name, str(project), "--url", postgresql.url)
    done = call(capsys, *arguments)
    assert (done.code, done.out, done.err) == (0, "no differences in 2 tables\n", "")
    postgresql.run("ALTER TABLE account ALTER level SET DEFAULT 6; DROP TABLE entry")
    done = call(capsys, *arguments)
    assert done.code == 1
    assert "account.level: default is 6, expected 5" in done.out
    assert "entry: table missing: table entry" in done.out
    data = json.loads(call(capsys, *arguments, "--json").out)
    assert {(item["table"], item["kind"]) for item in data} == {
        ("account", "default"),
        ("entry", "table"),
    }


def test_another_product_and_a_track_without_entities_end_in_a_message(
    start: Callable[..., Path], project: Path, tmp_path: Path, capsys: Capture
) -> None:
    (tmp_path / "a.db").touch()
    url = f"sqlite:///{(tmp_path / 'a.db').as_posix()}"
    track = start(backend="PostgreSQL", entities=ENTITIES)
    done = call(capsys, "drift", track.name, str(project), "--url", url)
    assert done.code == 2
    assert "The server is SQLite, and the track is for PostgreSQL." in done.err
    empty = start(backend="PostgreSQL", storage_id="empty-one")
    done = call(capsys, "drift", empty.name, str(project), "--url", url)
    assert done.code == 2
    assert "has no entities" in done.err
    cache = start(
        storage_type="cache",
        backend="Redis",
        entities={"A": {"id": "uuid pk"}},
        storage_id="a-cache",
    )
    done = call(capsys, "drift", cache.name, str(project), "--url", url)
    assert done.code == 2
    assert "The address of a Redis database is needed." in done.err
    done = call(capsys, "drift", cache.name, str(project), "--url", url, "--schema-only")
    assert done.code == 2
    assert "no schema that can be compared" in done.err
