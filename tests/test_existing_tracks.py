"""A track of a store that was there specifies the change from what is there to what is to be."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest
import yaml

from .command_runner import Done, call
from .conftest import EPOCH, commit
from .update_support import first_release, texts

Capture = pytest.CaptureFixture[str]
FOLDER = Path(__file__).parent / "fixtures" / "existing"
HOME = "storage-conductor/storages/storage-001"


def shop() -> str:
    return "\n".join((FOLDER / f"{n}.sql").read_text(encoding="utf-8") for n in ("sqlite", "rows"))


class Project:
    """A project with a track that was imported from a database.

    Args:
        path: An empty folder.
        release: A version of the template.
        capsys: What commands print.
    """

    def __init__(self, path: Path, release: Path, capsys: Capture) -> None:
        self.path = path
        self._release = release
        self._capsys = capsys
        self.database = path.parent / "shop.db"
        self.script(shop())

    def script(self, text: str) -> None:
        with contextlib.closing(sqlite3.connect(self.database)) as connection:
            connection.executescript(text)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        with contextlib.closing(sqlite3.connect(self.database)) as connection:
            return connection.execute(statement).fetchall()

    def run(self, *arguments: str) -> Done:
        return call(self._capsys, *arguments)

    def started(self, *more: str) -> Done:
        words = ("--new", "--defaults", "--template", str(self._release))
        given = ("title=Shop", "description=What is sold", "id_scheme=sequential")
        data = [word for each in given for word in ("-d", each)]
        done = self.run("import", f"sqlite:///{self.database}", *words, *data, *more)
        commit(self.path, "started")
        return done

    def entities(self) -> dict[str, Any]:
        text = (self.path / HOME / ".copier-answers.yml").read_text(encoding="utf-8")
        found: dict[str, Any] = yaml.safe_load(text)["entities"]
        return found

    def revise(self, entities: dict[str, Any], **more: Any) -> Done:
        model = self.path.parent / "model.yml"
        text = yaml.safe_dump({"entities": entities, **more}, sort_keys=False)
        model.write_text(text, encoding="utf-8", newline="\n")
        done = self.run("revise", "--trust", "--data-file", str(model), "storage-001")
        commit(self.path, "revised")
        return done

    def drift(self) -> Done:
        return self.run("drift", "storage-001", "--url", f"sqlite:///{self.database}")


@pytest.fixture(scope="module")
def release(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return first_release(template, tmp_path_factory.mktemp("release") / "template")


@pytest.fixture
def project(
    release: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> Project:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    target = tmp_path / "project"
    target.mkdir()
    monkeypatch.chdir(target)
    return Project(target, release, capsys)


def test_a_track_of_what_is_there_says_so_and_its_migrations_begin_there(project: Project) -> None:
    assert project.started().code == 0
    found = texts(project.path / HOME)
    assert "### What is there" in found["spec.md"]
    assert "trigger customer_kept" in found["spec.md"]
    assert "Write the first migration" not in found["plan.md"]
    assert "as a baseline" in found["plan.md"]
    assert "; the live one is marked with the baseline." in found["plan.md"]
    drifted = project.drift()
    assert (drifted.code, drifted.out) == (
        1,
        "item.ix_item_product_id: index missing: (product_id)\n1 difference in 5 tables\n",
    )

    entities = project.entities()
    entities["Product"]["priority"] = "int not null default 0"
    del entities["Product"]["legacy_code"]
    entities["Purchase"]["shipped_on"] += " not null"
    entities["Customer"]["since"] = "date"
    assert project.revise(entities).code == 0
    found = texts(project.path / HOME)
    assert "- `purchase.shipped_on` may no longer be missing." in found["spec.md"]
    assert "Apply `contract` when nothing has used" in found["plan.md"]

    done = project.run("files", "storage-001")
    assert "0001_baseline.up.sql is what SQLite had before" in done.out
    folder = project.path / HOME / "files" / "migrations"
    rows = project.rows("SELECT * FROM customer")
    ups = sorted(p for p in folder.glob("*.up.sql") if "baseline" not in p.name)
    downs = sorted((p for p in folder.glob("*.down.sql") if "baseline" not in p.name), reverse=True)
    for path in (*ups, *downs, *ups):
        project.script(path.read_text(encoding="utf-8"))
    assert [row[:5] for row in project.rows("SELECT * FROM customer")] == rows
    assert project.rows("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    assert project.drift().out == "no differences in 5 tables\n"
    commit(project.path, "written")
    assert "lead to the model already" in project.run("files", "storage-001").out


def test_a_baseline_makes_on_an_empty_store_what_was_there(project: Project) -> None:
    project.started()
    project.run("files", "storage-001")
    folder = project.path / HOME / "files" / "migrations"
    baseline = (folder / "0001_baseline.up.sql").read_text(encoding="utf-8")
    assert "Not in it" not in baseline
    project.database.unlink()
    for path in sorted(folder.glob("*.up.sql")):
        project.script(path.read_text(encoding="utf-8"))
    assert project.drift().out == "no differences in 5 tables\n"
    assert project.rows("SELECT count(*) FROM purchase") == [(0,)]


def test_what_only_the_store_says_is_not_lost_by_a_table_that_is_made_anew(
    project: Project,
) -> None:
    project.started()
    entities = project.entities()
    entities["Customer"]["phone"] += " not null"
    before = texts(project.path / HOME)
    done = project.revise(entities)
    assert done.code == 2
    assert "customer_lower_phone" in done.err
    assert "trigger customer_kept" in done.err
    assert texts(project.path / HOME) == before


def test_a_store_that_has_all_of_the_model_gets_no_step(project: Project) -> None:
    project.script("CREATE INDEX item_product ON item (product_id)")
    project.started()
    assert "nothing is to be migrated" in texts(project.path / HOME)["spec.md"]
    done = project.run("files", "storage-001")
    assert "The store has all that the model says: no step was written." in done.out
    folder = project.path / HOME / "files" / "migrations"
    assert sorted(path.name for path in folder.iterdir()) == [
        "0001_baseline.down.sql",
        "0001_baseline.up.sql",
    ]
    assert project.drift().code == 0


def test_a_store_that_somebody_else_changed_is_imported_again(project: Project) -> None:
    project.started()
    project.run("files", "storage-001")
    commit(project.path, "written")
    project.script("ALTER TABLE audit ADD COLUMN more TEXT")
    source = f"sqlite:///{project.database}"
    assert project.run("import", source, "--into", "storage-001", "--trust").code == 0
    commit(project.path, "imported again")
    entities = project.entities()
    assert entities["Audit"]["more"] == "text"
    entities["Audit"]["less"] = "text"
    project.revise(entities)
    done = project.run("files", "storage-001")
    assert done.code == 0
    (path,) = (project.path / HOME / "files" / "migrations").glob("*step_3_expand.up.sql")
    text = path.read_text(encoding="utf-8")
    assert "ADD COLUMN less TEXT" in text
    assert "more" not in text


def test_what_no_database_tells_stays_when_it_is_imported_again(project: Project) -> None:
    project.started()
    entities = project.entities()
    entities["Audit"] |= {"_note": "who did what", "_count": "1 million", "_keep": "10 years"}
    entities["Audit"]["what"] += " -- in words"
    entities["Audit"]["planned"] = "text"
    entities["Item"]["purchase"] += " -- of whom"
    entities["Later"] = {"id": "int pk"}
    entities["Wares"] = {"_table": "product", **entities.pop("Product")}
    entities["Wares"]["worth"] = f"{entities['Wares'].pop('price_cents')} as price_cents"
    entities["Item"]["product"] = entities["Item"]["product"].replace("Product", "Wares")
    by_worth = {"name": "by worth", "entity": "Wares", "filter": ["worth"]}
    assert project.revise(entities, access_patterns=[by_worth]).code == 0
    project.script("ALTER TABLE audit ADD COLUMN more TEXT")
    again = ("import", f"sqlite:///{project.database}", "--into", "storage-001", "--trust")
    for done in (project.run(*again, "--dry-run"), project.run(*again)):
        assert done.code == 0, done.err
        for gone in ("Audit.planned", "Later"):
            assert f"not in the store, and no longer planned: {gone}\n" in done.err
        assert done.err.count("no longer planned") == 2
    del entities["Audit"]["planned"], entities["Later"]
    entities["Audit"]["more"] = "text"
    again_read = project.entities()
    worth = again_read["Wares"]["worth"]
    assert " as price_cents " in worth
    entities["Wares"]["worth"] = worth
    assert again_read == entities


def test_what_cannot_be_named_in_the_answers_stays_and_is_never_made(project: Project) -> None:
    project.script(
        'CREATE TABLE "Weird Name" (id INTEGER PRIMARY KEY);'
        'CREATE TABLE keyed ("a-b" INTEGER PRIMARY KEY);'
        'ALTER TABLE audit ADD COLUMN "größe" INT; CREATE INDEX by_size ON audit ("größe");'
    )
    started = project.started()
    assert started.code == 0, started.err
    for line in (
        "table Weird Name: its name cannot be written here; it stays as it is\n",
        "table keyed: the name of its key a-b cannot be written here; it stays as it is\n",
        "Audit: not said: column of größe: its name cannot be written here; it stays as it is\n",
    ):
        assert line in started.err
    assert "audit" not in project.drift().out
    entities = project.entities()
    assert not {"WeirdName", "Keyed"} & entities.keys()
    entities["Audit"]["more"] = "text"
    project.revise(entities)
    assert project.run("files", "storage-001").code == 0
    folder = project.path / HOME / "files" / "migrations"
    with contextlib.closing(sqlite3.connect(":memory:")) as empty:
        empty.executescript((folder / "0001_baseline.up.sql").read_text(encoding="utf-8"))
        assert empty.execute('SELECT * FROM "Weird Name", keyed').fetchall() == []
    for path in folder.glob("*step*.sql"):
        made = re.sub(r"(?m)^--.*", "", path.read_text(encoding="utf-8"))
        assert not re.search(r"weird|keyed|gr_e|größe", made, re.IGNORECASE), path
    (step,) = folder.glob("*_expand.up.sql")
    project.script(step.read_text(encoding="utf-8"))
    assert project.rows('SELECT "größe", more FROM audit') == [(None, None)]
    assert project.drift().code == 0
    project.script('ALTER TABLE "Weird Name" RENAME TO gone')
    assert project.drift().out.startswith("table Weird Name missing, the import kept it\n")
    entities["Audit"]["more"] = "text not null"
    refused = project.revise(entities)
    assert refused.code == 2
    assert "column größe" in refused.err


def test_the_way_round_a_refused_step_leads_to_the_model(project: Project) -> None:
    project.started()
    entities = project.entities()
    del entities["Customer"]["phone"]
    before = texts(project.path / HOME)
    done = project.revise(entities)
    assert (done.code, texts(project.path / HOME)) == (2, before)
    assert "`customer_lower_phone` (index on (lower(phone)) (expression))" in done.err
    assert "storage-conductor import SOURCE --into storage-001`" in done.err
    project.script("DROP INDEX customer_lower_phone; ALTER TABLE customer DROP COLUMN phone")
    done = project.run(
        "import", f"sqlite:///{project.database}", "--into", "storage-001", "--trust"
    )
    assert done.code == 0, done.err
    commit(project.path, "read again")
    assert "phone" not in project.entities()["Customer"]
    assert project.run("files", "storage-001").code == 0
    assert "phone" not in project.drift().out


def test_what_files_wrote_counts_for_drift_before_an_update_records_it(project: Project) -> None:
    project.started()
    entities = project.entities()
    purchase = entities["Purchase"]
    purchase["sum"] = f"{purchase.pop('total')} was total"
    assert project.revise(entities).code == 0
    project.run("files", "storage-001")
    folder = project.path / HOME / "files" / "migrations"
    for path in sorted(folder.glob("*step*.up.sql")):
        project.script(path.read_text(encoding="utf-8"))
    done = project.drift()
    assert (done.code, done.out) == (0, "no differences in 5 tables\n")


def test_a_design_has_its_tables_made_by_the_first_migration(project: Project) -> None:
    project.started("--design")
    assert "### What is there" not in texts(project.path / HOME)["spec.md"]
    project.run("files", "storage-001")
    folder = project.path / HOME / "files" / "migrations"
    assert (folder / "0001_initial_schema.up.sql").is_file()
