"""`storage-conductor files`: the first migration, later ones, and what a track shows of them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from .command_runner import Done, call
from .conftest import EPOCH, commit
from .update_support import first_release, start, texts

Capture = pytest.CaptureFixture[str]
HOME = "storage-conductor/storages/ledger"
OLD = {
    "Account": {"id": "uuid pk", "email": "text unique not null", "level": "smallint indexed"},
    "Entry": {"id": "bigint pk", "account": "ref Account not null", "gone": "text not null"},
}
NEW = {
    "Account": {
        "id": "uuid pk",
        "email": "text unique not null",
        "level": "bigint indexed",
        "state": "enum(open, held) not null",
    },
    "Entry": {"id": "bigint pk", "account": "ref Account not null"},
}


@pytest.fixture(scope="module")
def fresh(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a committed project with a track."""
    source = first_release(template, tmp_path_factory.mktemp("release") / "template")
    target = tmp_path_factory.mktemp("fresh") / "project"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", EPOCH)
        start(source, target, storage_id="ledger", entities=OLD, migration_tool="Flyway")
    return target


@pytest.fixture
def project(fresh: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    target = tmp_path / "project"
    shutil.copytree(fresh, target, symlinks=True)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    monkeypatch.chdir(target)
    return target


def files(capsys: Capture, *arguments: str) -> Done:
    return call(capsys, "files", *arguments, "ledger")


def revise(capsys: Capture, project: Path, entities: Any, *more: str) -> Done:
    model = project.parent / "model.yml"
    model.write_text(yaml.safe_dump({"entities": entities}, sort_keys=False), encoding="utf-8")
    done = call(capsys, "revise", "--trust", "--data-file", str(model), *more, "ledger")
    commit(project, "revised")
    return done


def names(project: Path, folder: str = f"{HOME}/files/migrations") -> list[str]:
    return sorted(path.name for path in (project / folder).iterdir())


def test_the_stated_tool_is_the_default_and_nothing_is_written_twice(
    project: Path, capsys: Capture
) -> None:
    assert files(capsys, "--dry-run").code == 0
    assert not (project / HOME / "files").exists()
    done = files(capsys)
    assert (done.code, done.err) == (0, "")
    assert names(project) == ["U1__initial_schema.sql", "V1__initial_schema.sql"]
    first = project / HOME / "files/migrations/V1__initial_schema.sql"
    assert "CREATE TABLE account" in first.read_text(encoding="utf-8")
    first.write_text("-- mine\n", encoding="utf-8")
    again = files(capsys)
    assert "lead to the model already" in again.out
    assert first.read_text(encoding="utf-8") == "-- mine\n"


def test_a_later_model_shows_the_step_and_adds_tasks_when_all_is_ticked(
    project: Path, capsys: Capture
) -> None:
    files(capsys)
    commit(project, "first migration")
    plan = project / HOME / "plan.md"
    ticked = plan.read_text(encoding="utf-8").replace("[ ]", "[x]")
    plan.write_text(ticked, encoding="utf-8")
    commit(project, "all done")
    assert revise(capsys, project, NEW).code == 0
    text = texts(project / HOME)["plan.md"]
    step = "Take step 2 of the schema to the live store: `account.level` becomes BIGINT"
    assert f"- [ ] {step}" in text
    assert "  - [ ] Apply `expand` before the release" in text
    assert text.count("[x]") >= ticked.count("[x]") - 1
    spec = texts(project / HOME)["spec.md"]
    assert "### Step 2 of the schema" in spec
    assert "ALTER TABLE account ADD COLUMN level_new BIGINT;" in spec
    assert "storage-conductor files ledger" in spec

    data = json.loads(files(capsys, "--json").out)
    assert [remark for remark in data["remarks"] if "rename" in remark] == []
    written = names(project)
    assert data["left"] == []
    assert "V2__step_2_expand_1.sql" in written
    assert [name for name in written if name.startswith("V") and "contract" in name]
    assert (project / f"{HOME}/files/migrations/V1__initial_schema.sql").exists()
    plan.write_text(text.replace(f"- [ ] {step}", f"- [x] {step}"), encoding="utf-8")
    commit(project, "step 2 written")
    assert call(capsys, "revise", "--trust", "-d", "rpo_minutes=5", "ledger").code == 0
    after = texts(project / HOME)
    assert f"- [x] {step}" in after["plan.md"]
    assert "### Step 2 of the schema" not in after["spec.md"]


def test_a_stated_rename_is_one_and_a_name_that_never_was_is_said(
    project: Path, capsys: Capture
) -> None:
    files(capsys)
    commit(project, "first migration")
    account = {
        "id": "uuid pk",
        "email": "text unique not null",
        "grade": "smallint indexed was lvl",
    }
    done = revise(capsys, project, {**OLD, "Account": account})
    assert (done.code, "there was no `lvl`" in done.err, "level" in done.err) == (2, True, True)
    account["grade"] = "smallint indexed was level"
    revise(capsys, project, {**OLD, "Account": account})
    assert "`account.level` is now `grade`" in texts(project / HOME)["plan.md"]
    assert files(capsys).code == 0
    folder = project / HOME / "files/migrations"
    written = "".join(path.read_text(encoding="utf-8") for path in folder.iterdir())
    assert "NEW.grade := NEW.level" in written
    assert "lead to the model already" in files(capsys).out


def test_a_model_to_which_no_step_leads_is_refused_and_nothing_changes(
    project: Path, capsys: Capture
) -> None:
    files(capsys)
    commit(project, "first migration")
    before, migrations = texts(project / HOME), names(project)
    keyed = {**OLD, "Account": {**OLD["Account"], "id": "bigint pk"}}
    for more in (("--dry-run",), ()):
        done = revise(capsys, project, keyed, *more)
        assert (done.code, done.out) == (2, "")
        assert done.err.startswith("This step is not written:\n  - `account.id` becomes BIGINT")
        assert "the type of a key" in done.err
        assert "Remedy: Nothing was changed." in done.err
        assert texts(project / HOME) == before
    # Who answers so by hand is told by what writes the step.
    answers = project / HOME / ".copier-answers.yml"
    text = answers.read_text(encoding="utf-8").replace("id: uuid pk\n", "id: bigint pk\n", 1)
    answers.write_text(text, encoding="utf-8")
    assert "the type of a key" in files(capsys).err
    assert names(project) == migrations
    # What was refused before keeps nobody from another answer.
    commit(project, "by hand")
    done = call(capsys, "revise", "--trust", "-d", "rpo_minutes=5", "ledger")
    assert done.code == 0, done.err


def test_what_follows_after_the_first_tick_is_a_command_that_writes_the_step(
    project: Path, capsys: Capture
) -> None:
    files(capsys)
    plan = project / HOME / "plan.md"
    plan.write_text(plan.read_text(encoding="utf-8").replace("[ ]", "[x]", 1), encoding="utf-8")
    commit(project, "first tick")
    done = revise(capsys, project, NEW)
    remedy = "Remedy: `storage-conductor files ledger` writes the step from the schema before"
    assert remedy in done.out
    assert "V2__step_2_expand_1.sql" in files(capsys).out


@pytest.mark.parametrize("text", ["<<<<<<< ours\n{}\n", "[]", '{"postgresql": {"tool": 1}}'])
def test_a_broken_record_is_one_message(project: Path, capsys: Capture, text: str) -> None:
    (project / HOME / "files.json").write_text(text, encoding="utf-8")
    done = files(capsys)
    assert done.code == 2
    assert "files.json" in done.err
    assert "Restore it from git" in done.err
    assert not (project / HOME / "files").exists()


def test_a_folder_outside_and_another_tool_are_refused(project: Path, capsys: Capture) -> None:
    done = files(capsys, "--out", str(project.parent / "elsewhere"))
    assert (done.code, "lies outside the project" in done.err) == (2, True)
    assert files(capsys, "--out", "db/migration").code == 0
    assert names(project, "db/migration") == ["U1__initial_schema.sql", "V1__initial_schema.sql"]
    done = files(capsys, "--tool", "alembic")
    assert (done.code, "are written for flyway" in done.err) == (2, True)


def test_numbers_go_on_from_those_of_others_and_their_files_stay(
    project: Path, capsys: Capture
) -> None:
    folder = project / "db"
    folder.mkdir()
    (folder / "V7__theirs.sql").write_text("SELECT 1;\n", encoding="utf-8")
    assert files(capsys, "--out", "db").code == 0
    assert "V8__initial_schema.sql" in names(project, "db")
    assert (folder / "V7__theirs.sql").read_text(encoding="utf-8") == "SELECT 1;\n"
