"""A baseline makes on an empty store what was there, whatever the model has no words for."""

from __future__ import annotations

import copy
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from storage_conductor.delivery.migration import baseline, statements
from storage_conductor.errors import ConductorError
from storage_conductor.importing import ddl
from storage_conductor.importing.compare import differences
from storage_conductor.steps.parts import SchemaParts

from .command_runner import Done, call, run
from .importing_support import Database, database
from .step_support import Steps
from .test_existing_steps import Shop

Capture = pytest.CaptureFixture[str]
Start = Callable[..., Path]
OWN = Path(__file__).parent / "fixtures" / "existing"


@pytest.fixture(scope="module", params=["postgresql", "mariadb", "sqlite"])
def store(request: pytest.FixtureRequest) -> Iterator[Database]:
    with database(request.param) as found:
        yield found


def own(store: Database) -> str:
    """Tables with types, rules, indexes and readers of the store's own."""
    return (OWN / f"own-{store.store}.sql").read_text(encoding="utf-8")


class Imported:
    """A track of a store that was imported, by its address or by a file."""

    def __init__(
        self, store: Database, text: str, start: Start, capsys: Capture, file: Path | None
    ) -> None:
        self.store = store
        self._capsys = capsys
        store.empty()
        store.run(text)
        source = [store.url]
        if file is not None:
            if not file.exists():
                file.write_text(text, encoding="utf-8", newline="\n")
            source = [str(file), "--dialect", store.store]
        self.told = self.call("import", *source)
        assert self.told.code == 0, self.told.err
        self.values = yaml.safe_load(self.told.out)
        self.track = start(**self.values)

    def call(self, *arguments: str) -> Done:
        return call(self._capsys, *arguments)

    def on_track(self, command: str, *arguments: str) -> Done:
        return self.call(command, self.track.name, str(self.track.parents[2]), *arguments)

    def drift(self) -> Done:
        return self.on_track("drift", "--url", self.store.url, "--schema-only")

    def migrations(self) -> list[Path]:
        done = self.on_track("files")
        assert done.code == 0, done.err
        return sorted((self.track / "files" / "migrations").glob("*.up.sql"))


@pytest.mark.parametrize("of_file", [False, True])
def test_a_baseline_runs_on_an_empty_server_and_nothing_drifts_then(
    store: Database, start: Start, capsys: Capture, tmp_path: Path, *, of_file: bool
) -> None:
    file = tmp_path / "schema.sql" if of_file else None
    imported = Imported(store, own(store), start, capsys, file)
    before = store.found()
    first, *later = imported.migrations()
    assert "Not in it" not in first.read_text(encoding="utf-8")
    told = imported.drift().out
    store.empty()
    store.run(first.read_text(encoding="utf-8"))
    assert differences(before, store.found()) == []
    assert imported.drift().out == told
    for path in later:
        assert path.name == "0002_step_2_expand.up.sql"
        for statement in statements(path.read_text(encoding="utf-8")):
            if statement not in ("BEGIN;", "COMMIT;"):
                store.run(statement)
    done = imported.drift()
    assert (done.code, done.err) == (0, ""), done.out


@pytest.mark.parametrize("store", ["postgresql", "mariadb"], indirect=True)
@pytest.mark.parametrize("of_dump", [False, True])
def test_a_baseline_of_a_store_is_that_of_its_dump(
    store: Database, start: Start, capsys: Capture, *, of_dump: bool
) -> None:
    text = (OWN / f"harbour-{store.store}.sql").read_text(encoding="utf-8")
    dump = OWN / f"harbour-{store.store}-dump.sql"
    imported = Imported(store, text, start, capsys, dump if of_dump else None)
    before, told = store.found(), imported.drift().out
    first, *_ = imported.migrations()
    made = first.read_text(encoding="utf-8")
    assert "Not in it" not in made
    assert not re.search(r"DROP|DEFINER=|AUTO_INCREMENT=|INSERT INTO (?!audit)", made)
    if store.store == "postgresql":
        squawk = [Path(sys.executable).with_name("squawk"), first]
        done = subprocess.run(squawk, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
    store.empty()
    store.run(made)
    assert differences(before, store.found()) == []
    assert imported.drift().out == told
    new = {line.partition(":")[0] for line in told.splitlines()[:-1]}
    indexes = {"boat.ix_boat_owner_id", "payment.ix_payment_booking_id"}
    indexes |= {f"booking.ix_booking_{name}_id" for name in ("berth", "boat")}
    assert new == (indexes if store.store == "postgresql" else set())


def test_each_statement_of_a_baseline_can_be_run_by_itself(store: Database) -> None:
    """As Alembic runs them."""
    store.empty()
    store.run(own(store))
    found = store.found()
    (made,) = baseline("Shop", SchemaParts(store.store, {}), found.making, ())
    whole = "\n".join(made.groups[0].up)
    store.empty()
    parts = list(statements(whole))
    assert len(parts) >= len(found.making.statements)
    transaction = store.store == "postgresql"
    for statement in (*(["BEGIN"] * transaction), *parts, *(["COMMIT"] * transaction)):
        store.run(statement)
    assert differences(found, store.found()) == []


@pytest.mark.parametrize("store", ["mariadb"], indirect=True)
def test_a_baseline_names_what_each_client_marks_in_its_own_way(
    store: Database, start: Start, capsys: Capture
) -> None:
    body = "BEGIN SET NEW.total = 1; SET NEW.parent = NULL; END"
    text = f"{own(store)}\nCREATE TRIGGER t2 BEFORE INSERT ON orders FOR EACH ROW {body};"
    imported = Imported(
        store, f"{text} CREATE PROCEDURE pr() BEGIN SELECT 1; END", start, capsys, None
    )
    (first,) = imported.migrations()
    lines = first.read_text(encoding="utf-8")
    assert "-- Not in it: trigger t2 on orders.\n-- Not in it: routine pr.\n" in lines
    store.empty()
    store.run(lines)
    assert imported.drift().out.splitlines() == [
        "trigger t2 on orders missing, the import kept it",
        "routine pr missing, the import kept it",
        "2 differences in 2 tables",
    ]


_LOST = {
    "ALTER TABLE orders ALTER total TYPE numeric(12,2)": [
        "orders.ck_orders_total: check missing: total > 0",
        "orders.total: default is none, expected 1",
        "orders.total: null is null, expected not null",
        "orders.total: type is numeric(12,2), expected positive, which the import kept",
    ],
    "ALTER DOMAIN email DROP CONSTRAINT email_check": [
        "customer.email_check of mail: check missing: ((mail)::text ~ '^[^@]+@[^@]+$'::text),"
        " which the import kept",
    ],
    "ALTER TABLE orders DROP CONSTRAINT orders_ext, ADD CONSTRAINT orders_ext UNIQUE (src, ext)": [
        "orders.src, ext: unique is (src, ext), expected (src, ext) NULLS NOT DISTINCT,"
        " which the import kept",
    ],
    "ALTER TABLE orders ALTER CONSTRAINT orders_customer_id_fkey NOT DEFERRABLE": [
        "orders.customer_id: reference is (customer_id) to customer(id) on delete no action,"
        " on update no action, expected (customer_id) to customer(id) on delete no action,"
        " on update no action, deferrable, which the import kept",
    ],
    "ALTER TABLE customer ALTER id SET INCREMENT BY 1": [
        "customer.id: attribute is IDENTITY (START WITH 100),"
        " expected IDENTITY (START WITH 100 INCREMENT BY 10), which the import kept",
    ],
    "DROP INDEX customer_zip; CREATE INDEX customer_zip ON customer (zip DESC)": [
        "customer.customer_zip: index is (zip desc), expected (zip desc) (nulls_last zip)",
    ],
}


@pytest.mark.parametrize("of_file", [False, True])
@pytest.mark.parametrize("store", ["postgresql"], indirect=True)
def test_what_no_answer_says_of_types_and_rules_is_listed_and_its_loss_seen(
    store: Database, start: Start, capsys: Capture, tmp_path: Path, *, of_file: bool
) -> None:
    imported = Imported(store, own(store), start, capsys, tmp_path / "a.sql" if of_file else None)
    for line in (
        "Customer: not said: type of mail: the domain email, which the column keeps",
        "Customer: not said: attribute of id: IDENTITY (START WITH 100 INCREMENT BY 10)",
        "Orders: changed by the draft: unique of no: (no) DEFERRABLE INITIALLY DEFERRED",
        "Orders: changed by the draft: unique of src, ext: (src, ext) NULLS NOT DISTINCT becomes",
        "on update no action, deferrable becomes (customer_id) to",
    ):
        assert line in imported.told.err
    assert imported.values["entities"]["Customer"]["mail"] == "varchar(120) not null unique"
    total = "decimal(12,2) not null default 1 check(total > 0)"
    assert imported.values["entities"]["Orders"]["total"] == total
    there = set(imported.drift().out.splitlines()[:-1])
    for statements_, told in _LOST.items():
        store.empty()
        store.run(own(store))
        store.run(statements_)
        lines = set(imported.drift().out.splitlines()[:-1]) - there
        assert sorted(map(_plain, lines)) == sorted(map(_plain, told))


def _plain(line: str) -> str:
    """Take off in what spelling a file or a store tells a condition."""
    return line.replace("((mail)::text ~ '^[^@]+@[^@]+$'::text)", "mail ~ '^[^@]+@[^@]+$'")


@pytest.mark.parametrize("store", ["postgresql"], indirect=True)
def test_a_step_on_a_column_of_a_domain_keeps_it_and_another_type_is_refused(
    store: Database,
) -> None:
    shop, there = Shop(store, own=own(store)), Steps(store)
    entities = copy.deepcopy(shop.entities)
    entities["Customer"]["zip"] += " not null"
    entities["Customer"]["more"] = "int"
    entities["Orders"]["customer_mail"] = "ref Customer(mail)"
    step = shop.step(entities)
    assert "change-type" not in {change.kind for change in step.changes}
    there.up(step, "expand", "fill", "enforce", "contract")
    shop.take_as_written(entities)
    assert shop.drift(entities) == []
    declared = "SELECT domain_name FROM information_schema.columns WHERE domain_name = 'email'"
    assert len(store.connection.exec_driver_sql(declared).all()) == 2
    entities["Customer"]["mail"] = "varchar(200) not null unique"
    with pytest.raises(ConductorError, match="becomes VARCHAR\\(200\\) instead of email"):
        shop.step(entities)


@pytest.mark.parametrize("store", ["postgresql"], indirect=True)
def test_a_unique_rule_comes_back_as_it_was(store: Database) -> None:
    shop, there = Shop(store, own=own(store)), Steps(store)
    before = store.found()
    entities = copy.deepcopy(shop.entities)
    del entities["Orders"]["_unique"]
    entities["Orders"]["no"] = "bigint not null"
    step = shop.step(entities)
    assert {change.name for change in step.changes} >= {"orders_ext", "orders_no"}
    there.up(step, "expand", "fill", "enforce", "contract")
    there.down(step, "contract", "fill", "enforce", "expand")
    assert differences(before, store.found()) == []


@pytest.mark.parametrize("store", ["postgresql", "mariadb"], indirect=True)
def test_a_computed_column_goes_with_what_it_reads_and_comes_back_computed(store: Database) -> None:
    by = "STORED" if store.store == "postgresql" else "VIRTUAL"
    text = (
        "CREATE TABLE a (id int PRIMARY KEY, name varchar(20), size int, low varchar(40)"
        f" GENERATED ALWAYS AS (lower(name)) {by});"
    )
    shop, there = Shop(store, "INSERT INTO a (id) VALUES (1)", own=text), Steps(store)
    before = store.found()
    entities = copy.deepcopy(shop.entities)
    del entities["A"]["name"], entities["A"]["low"]
    step = shop.step(entities)
    there.up(step, "expand", "fill", "enforce", "contract")
    assert shop.drift(entities) == []
    there.down(step, "contract", "fill", "enforce", "expand")
    assert differences(before, store.found()) == []
    store.run("UPDATE a SET name = 'Y'")
    assert store.connection.exec_driver_sql("SELECT low FROM a").scalar() == "y"


@pytest.mark.parametrize("store", ["postgresql"], indirect=True)
def test_drift_speaks_of_what_the_store_had_by_its_names(
    store: Database, start: Start, capsys: Capture
) -> None:
    text = (
        "CREATE DOMAIN mail AS varchar(20); CREATE TABLE a (id int PRIMARY KEY, address mail,"
        " size int CONSTRAINT some_size CHECK (size > 0)); CREATE INDEX by_size ON a (size);"
    )
    imported = Imported(store, text, start, capsys, None)
    store.run(
        "ALTER TABLE a ALTER address TYPE varchar(40), DROP CONSTRAINT some_size;DROP INDEX by_size"
    )
    assert imported.drift().out.splitlines() == [
        "a.address: type is character varying(40), expected mail",
        "a.some_size: check missing: size > 0",
        "a.by_size: index missing: (size)",
        "3 differences in 1 table",
    ]


DBML = """
Enum mood {
  new
  paid
}
Table core.users {
  id int [pk]
  mood mood [not null, default: 'new']
}
Table account {
  id int [pk]
  owner int [ref: > core.users.id]
}
Table billing.users {
  id int [pk]
  account int [ref: > account.id]
}
"""
MODELS = """
import sqlalchemy as sa
tables = sa.MetaData()
sa.Table("users", tables, sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("mood", sa.Enum("new", "paid", name="mood"), nullable=False, server_default="new"),
    sa.Column("name", sa.String(20)), sa.Index("ix_low", sa.text("lower(name)")))
"""


@pytest.mark.parametrize("store", ["postgresql"], indirect=True)
@pytest.mark.parametrize("form", ["dbml", "py"])
def test_a_baseline_of_a_design_or_of_models_makes_the_enums_that_its_tables_have(
    store: Database,
    start: Start,
    tmp_path: Path,
    capsys: Capture,
    form: str,
) -> None:
    file = tmp_path / f"enum_models.{form}"
    file.write_text(DBML if form == "dbml" else MODELS, encoding="utf-8", newline="\n")
    source = [str(file)] if form == "dbml" else ["enum_models:tables", "--run-code"]
    told = run(tmp_path, "import", *source, PYTHONDONTWRITEBYTECODE="1")
    assert told.code == 0, told.err
    if form == "dbml":
        assert told.err.splitlines()[:3] == [
            "users: in the schema core, which the answers do not say",
            "table billing.users, whose name another schema has too",
            "the reference of billing.users to public.account",
        ]
    track = start(**yaml.safe_load(told.out))
    place = (track.name, str(track.parents[2]))
    assert call(capsys, "files", *place).code == 0
    store.empty()
    for path in sorted((track / "files" / "migrations").glob("*.up.sql")):
        for statement in statements(path.read_text(encoding="utf-8")):
            store.run(statement)
    done = call(capsys, "drift", *place, "--url", store.url, "--schema-only")
    assert done.code == 0, done.out


def test_a_schema_that_a_file_names_is_a_line() -> None:
    found = ddl.read(
        "CREATE TABLE billing.account (id int); CREATE TABLE public.a (id int)", "postgresql"
    )
    assert found.unsaid == ("account: in the schema billing, which the answers do not say",)


MYSQL = """
CREATE TABLE a (id int NOT NULL AUTO_INCREMENT, name varchar(40), size int /*!80023 INVISIBLE */,
  PRIMARY KEY (id), KEY low (size) /*!80000 INVISIBLE */, UNIQUE KEY begun (name(7)),
  CONSTRAINT kept CHECK (size > 0), CONSTRAINT loose CHECK (size < 9) /*!80016 NOT ENFORCED */);
CREATE TABLE b (id int, x int, KEY k (x) IGNORED, CHECK (x > 1) NOT ENFORCED);
CREATE FULLTEXT INDEX words ON a (name);
CREATE UNIQUE INDEX falling ON b (id, x DESC);
ALTER TABLE b ADD PRIMARY KEY (id), MODIFY id int NOT NULL AUTO_INCREMENT;
CREATE TRIGGER whole BEFORE UPDATE ON a FOR EACH ROW SET NEW.size = 1;
DELIMITER ;;
CREATE TRIGGER parts BEFORE INSERT ON a FOR EACH ROW BEGIN SET NEW.size = 1; END;;
CREATE DEFINER=`root`@`localhost` FUNCTION f(x int) RETURNS int DETERMINISTIC RETURN x;;
DELIMITER ;
"""


@pytest.mark.parametrize("dialect", ["mysql", "mariadb"])
def test_what_a_file_of_mysql_says_of_indexes_and_checks_is_kept_or_listed(dialect: str) -> None:
    found = ddl.read(MYSQL, dialect)
    assert found.unsaid == (
        "a: CHECK (size < 9) NOT ENFORCED",
        "b: CHECK (x > 1) NOT ENFORCED",
        "trigger whole on a",
        "trigger parts on a",
        "function f",
    )
    assert found.making.lacks == ("trigger parts on a", "function f")
    first, second = found.tables
    assert [check.name for check in first.checks] == ["kept"]
    assert {(i.name, i.unique, i.special) for i in first.indexes} == {
        ("low", False, "ignored"),
        ("begun", True, "length 7 of name"),
        ("words", False, "prefix FULLTEXT"),
    }
    assert [(i.name, i.columns, i.special) for i in second.indexes] == [
        ("k", (("x", "asc"),), "ignored"),
        ("falling", (("id", "asc"), ("x", "desc")), ""),
    ]
    assert (second.key, second.columns[0].numbered) == (("id",), True)
