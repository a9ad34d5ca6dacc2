"""What an import left in the store as it is: drift tells when it is gone or another."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from .command_runner import Done, call
from .importing_support import Database, database

Capture = pytest.CaptureFixture[str]
Start = Callable[..., Path]

POSTGRESQL = """
DROP SCHEMA IF EXISTS elsewhere CASCADE;
CREATE SCHEMA elsewhere;
CREATE TABLE elsewhere.tenant (id bigint PRIMARY KEY);
CREATE TABLE practitioner (
  id bigint PRIMARY KEY, email varchar(90) NOT NULL, tags jsonb,
  note varchar(40) COLLATE pg_catalog."C", room int NOT NULL, tenant bigint, level int,
  CONSTRAINT email_form CHECK (email ~ '^[^@]+@'),
  CONSTRAINT one_room EXCLUDE USING btree (room WITH =),
  CONSTRAINT of_tenant FOREIGN KEY (tenant) REFERENCES elsewhere.tenant (id));
CREATE UNIQUE INDEX practitioner_email_lower ON practitioner (lower((email)::text));
CREATE INDEX practitioner_tags ON practitioner USING gin (tags);
CREATE INDEX practitioner_level ON practitioner (level) INCLUDE (room);
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER stamped BEFORE UPDATE ON practitioner FOR EACH ROW EXECUTE FUNCTION stamp();
"""
POSTGRESQL_LOST = [
    ("DROP INDEX practitioner_email_lower", "practitioner.practitioner_email_lower: index missing"),
    ("DROP INDEX practitioner_tags", "practitioner.practitioner_tags: index missing"),
    (
        "DROP INDEX practitioner_level; CREATE INDEX practitioner_level ON practitioner (level)",
        "practitioner.practitioner_level: index ",
    ),
    (
        "ALTER TABLE practitioner DROP CONSTRAINT email_form",
        "practitioner.email_form: check missing",
    ),
    (
        "ALTER TABLE practitioner DROP CONSTRAINT of_tenant",
        "practitioner.tenant: reference missing",
    ),
    (
        "ALTER TABLE practitioner DROP CONSTRAINT one_room",
        "exclusion constraint one_room missing, the import kept it",
    ),
    (
        "DROP TRIGGER stamped ON practitioner",
        "trigger stamped on practitioner missing, the import kept it",
    ),
    (
        "ALTER TABLE practitioner ALTER note TYPE varchar(40)",
        "practitioner.note: collation is the usual one, expected C, which the import kept",
    ),
]

MARIADB = """
CREATE TABLE practitioner (
  id bigint PRIMARY KEY, email varchar(90) NOT NULL, note text NOT NULL, level int,
  changed datetime NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(),
  CONSTRAINT email_form CHECK (email REGEXP '^[^@]+@'),
  FULLTEXT KEY note_words (note), KEY email_start (email(9)))
  ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TRIGGER stamped BEFORE UPDATE ON practitioner FOR EACH ROW SET NEW.level = 1;
"""
MARIADB_LOST = [
    ("DROP INDEX note_words ON practitioner", "practitioner.note_words: index missing"),
    ("DROP INDEX email_start ON practitioner", "practitioner.email_start: index missing"),
    (
        "ALTER TABLE practitioner DROP CONSTRAINT email_form",
        "practitioner.email_form: check missing",
    ),
    ("DROP TRIGGER stamped", "trigger stamped on practitioner missing, the import kept it"),
    (
        "ALTER TABLE practitioner MODIFY changed datetime NOT NULL DEFAULT current_timestamp()",
        "practitioner.changed: attribute is none, expected ON UPDATE CURRENT_TIMESTAMP",
    ),
]
CASES = {"postgresql": (POSTGRESQL, POSTGRESQL_LOST), "mariadb": (MARIADB, MARIADB_LOST)}


@pytest.fixture(scope="module", params=CASES)
def store(request: pytest.FixtureRequest) -> Iterator[Database]:
    with database(request.param) as found:
        yield found


@pytest.fixture
def drift(project: Path, capsys: Capture) -> Callable[[Path, str], Done]:
    def run(track: Path, url: str) -> Done:
        return call(capsys, "drift", track.name, str(project), "--url", url, "--schema-only")

    return run


def lines(done: Done) -> set[str]:
    return set(done.out.splitlines()[:-1])


@pytest.mark.parametrize("of_file", [False, True])
def test_what_the_import_kept_and_is_gone_is_a_difference(
    store: Database,
    start: Start,
    drift: Callable[[Path, str], Done],
    tmp_path: Path,
    capsys: Capture,
    *,
    of_file: bool,
) -> None:
    text, losses = CASES[store.store]
    store.empty()
    store.run(text)
    source = [store.url]
    if of_file:
        file = tmp_path / "schema.sql"
        file.write_text(text, encoding="utf-8", newline="\n")
        source = [str(file), "--dialect", store.store]
    done = call(capsys, "import", *source)
    assert done.code == 0, done.err
    track = start(**yaml.safe_load(done.out))
    unchanged = drift(track, store.url)
    assert "not in the model" not in unchanged.out
    assert "kept" not in unchanged.out
    assert unchanged.err == ""
    for statements, told in losses:
        store.empty()
        store.run(text)
        store.run(statements)
        new = lines(drift(track, store.url)) - lines(unchanged)
        rule = of_file and told.startswith("exclusion constraint")
        wanted = "practitioner: one_room EXCLUDE" if rule else told
        assert any(line.startswith(wanted) for line in new), (told, new)


def test_a_role_that_may_only_read_is_told_no_loss_that_it_cannot_see(
    store: Database, start: Start, drift: Callable[[Path, str], Done], capsys: Capture
) -> None:
    store.empty()
    store.run(CASES[store.store][0])
    track = start(**yaml.safe_load(call(capsys, "import", store.url).out))
    if store.store == "postgresql":
        store.run(
            "DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN;"
            "GRANT USAGE ON SCHEMA public TO reader;"
            "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader"
        )
        url = re.sub(r"//[^@]*@", "//reader@", store.url)
    else:
        store.run(
            "CREATE OR REPLACE USER reader@localhost; GRANT SELECT ON kinds.* TO reader@localhost"
        )
        url = re.sub(r"//[^@]*@", "//reader@", store.url)
    done = drift(track, url)
    assert "kept" not in done.out
    hidden = "not compared: trigger stamped on practitioner\n"
    assert done.err == ("" if store.store == "postgresql" else hidden)
