"""`storage-conductor revise`: other answers reach a track, and what a person wrote stays."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from .command_runner import Done, call, run
from .conftest import EPOCH, commit, git
from .update_support import (
    NEW,
    OLD,
    answers_file,
    edit,
    first_release,
    new_tasks,
    release,
    start,
    status,
    texts,
    update,
)

Capture = pytest.CaptureFixture[str]
LATER = str(int(EPOCH) + 3 * 86_400)
HOME = "storage-conductor/storages/ledger"


@pytest.fixture(scope="module")
def newer(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the template with a second version."""
    target = first_release(template, tmp_path_factory.mktemp("newer") / "template")
    return release(target, new_tasks)


@pytest.fixture(scope="module")
def fresh(newer: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a committed project with a track of the old version."""
    target = tmp_path_factory.mktemp("fresh") / "project"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", EPOCH)
        start(newer, target, storage_id="ledger", retention="7 years", reads_per_second=40)
    return target


@pytest.fixture
def project(fresh: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of that project, three days later."""
    target = tmp_path / "project"
    shutil.copytree(fresh, target, symlinks=True)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", LATER)
    return target


def revise(capsys: Capture, project: Path, *arguments: str) -> Done:
    return call(capsys, "revise", "--trust", *arguments, "ledger", str(project))


def recorded(project: Path) -> dict[str, Any]:
    path = project / HOME / ".copier-answers.yml"
    return dict(yaml.safe_load(path.read_text(encoding="utf-8")))


def test_answers_change_and_what_a_person_wrote_stays(project: Path, capsys: Capture) -> None:
    track = project / HOME
    plan = (track / "plan.md").read_text(encoding="utf-8")
    box = next(line for line in plan.splitlines() if line.startswith("- [ ] Run"))
    edit(track / "plan.md", (box, f"{box.replace('[ ]', '[x]')}\n  - [x] Ask Ann"))
    edit(track / "spec.md", ("## Sizing\n", "## Sizing\n\nWe measured 40 GB.\n"))
    row = next(
        line
        for line in (track / "spec.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("| D-slow-threshold")
    )
    edit(track / "spec.md", (row, row.replace("| open |", "| decided |")))
    edit(track / "metadata.json", ('"status": "Planning"', '"status": "In Progress"'))
    edit(project / "storage-conductor/tracks.md", ("| Planning |", "| In Progress |"))
    commit(project, "work")

    done = revise(
        capsys, project, "--data", "title=Books", "-d", "rpo_minutes=5", "-d", "notes=It stays."
    )
    assert (done.code, done.err) == (0, "")
    assert "revised ledger: title, rpo_minutes, notes\n  storage-conductor/" in done.out
    spec, plan, metadata = (texts(track)[name] for name in ("spec.md", "plan.md", "metadata.json"))
    assert spec.startswith("# Books\n")
    assert "Stated, not computed with:\n\n- It stays.\n" in spec
    assert "N-rpo**: loses at most 5 min of writes" in spec
    assert "## Sizing\n\nWe measured 40 GB.\n" in spec
    assert "| decided |" in next(x for x in spec.splitlines() if x.startswith("| D-slow-thr"))
    assert f"{box.replace('[ ]', '[x]')}\n  - [x] Ask Ann" in plan
    found = json.loads(metadata)
    assert (found["title"], found["status"]) == ("Books", "In Progress")
    assert found["updated"] > found["created"]
    listed = (project / "storage-conductor/tracks.md").read_text(encoding="utf-8")
    assert "| ledger | Books " in listed
    assert "| In Progress |" in listed
    assert recorded(project)["_commit"] == OLD
    assert recorded(project)["retention"] == "7 years"
    assert call(capsys, "check", str(project)).code == 0

    commit(project, "revised")
    again = revise(capsys, project, "--data", "rpo_minutes=5.0", "-d", "title=Books")
    assert again.out == "ledger: these are its answers already; no change.\n"
    assert status(project) == []
    update(project / HOME, vcs_ref=OLD)
    assert status(project) == []


def test_an_answer_is_taken_back_and_a_file_of_answers_is_taken(
    project: Path, capsys: Capture
) -> None:
    data = project.parent / "model.yml"
    data.write_text("backend: PostgreSQL or MySQL\nentities: {Account: {id: uuid pk}}\n", "utf-8")
    done = revise(capsys, project, "--data-file", str(data), "--data", "reads_per_second=")
    assert done.code == 0, done.err
    found = recorded(project)
    assert not found["reads_per_second"]
    assert found["retention"] == "7 years"  # what a file does not name stays
    assert found["alternatives"] == {"backend": ["PostgreSQL", "MySQL"]}
    assert "assumed" not in found["project_context"]
    spec = texts(project / HOME)["spec.md"]
    assert "D-alternatives-backend" in spec
    assert "D-backend" not in spec
    assert "CREATE TABLE account" in spec
    commit(project, "revised")
    decided = revise(capsys, project, "--data", "backend=MySQL")
    assert decided.code == 0, decided.err
    assert "D-alternatives-backend" not in texts(project / HOME)["spec.md"]
    assert not recorded(project)["alternatives"]


@pytest.mark.parametrize("blank", ["", "null", "~"])
def test_a_switch_takes_an_answer_back(blank: str, project: Path, capsys: Capture) -> None:
    """Behind a switch the word null was stored as a text, and a number refused it."""
    given = ("--data", f"retention={blank}", "--data", f"reads_per_second={blank}")
    done = revise(capsys, project, "--json", *given)
    assert done.code == 0, done.err
    assert sorted(json.loads(done.out)["taken_back"]) == ["reads_per_second", "retention"]
    assert not recorded(project)["retention"]


@pytest.mark.parametrize("blank", ["", "null", '""', "[]", "{}"])
def test_a_file_takes_an_answer_back(blank: str, project: Path, capsys: Capture) -> None:
    data = project.parent / "model.yml"
    data.write_text(f"retention: {blank}\nregions: {blank}\n", encoding="utf-8")
    trial = revise(capsys, project, "--dry-run", "--data-file", str(data))
    assert trial.code == 0, trial.err
    assert "would be revised ledger: retention (taken back)\n" in trial.out
    data.write_text(f"retention: {blank}\nrpo_minutes: 5\n", encoding="utf-8")
    done = revise(capsys, project, "--json", "--data-file", str(data))
    assert done.code == 0, done.err
    said = json.loads(done.out)
    assert sorted(said["answers"]) == ["retention", "rpo_minutes"]
    assert said["taken_back"] == ["retention"]
    found = recorded(project)
    assert not found["retention"]
    assert found["reads_per_second"] == 40
    assert "7 years" not in texts(project / HOME)["spec.md"]


def test_a_misspelt_answer_is_not_taken_back_unsaid(project: Path, capsys: Capture) -> None:
    data = project.parent / "model.yml"
    data.write_text("retentoin: null\nstorage_id: null\ntitle: null\n", encoding="utf-8")
    done = revise(capsys, project, "--data-file", str(data))
    assert done.code == 2
    assert "retentoin: is no question; did you mean retention?" in done.err
    assert "storage_id: is settled when a track starts" in done.err
    assert "title: is required" in done.err
    assert status(project) == []


def test_naming_the_first_of_what_is_open_decides_it(project: Path, capsys: Capture) -> None:
    opened = "alternatives=hosting: Amazon RDS or Neon; topology: one or three"
    assert revise(capsys, project, "--data", opened).code == 0
    assert "D-alternatives-hosting" in texts(project / HOME)["spec.md"]
    commit(project, "revised")
    done = revise(capsys, project, "--data", "hosting=Amazon RDS")
    assert done.code == 0, done.err
    spec = texts(project / HOME)["spec.md"]
    assert "D-alternatives-hosting" not in spec
    assert "D-alternatives-topology" in spec
    assert recorded(project)["alternatives"] == {"topology": ["one", "three"]}
    commit(project, "decided")
    update(project / HOME, data={"topology": "one"}, vcs_ref=OLD)
    assert "D-alternatives" not in texts(project / HOME)["spec.md"]


def test_a_trial_changes_nothing(project: Path, capsys: Capture) -> None:
    done = revise(capsys, project, "--dry-run", "--data", "rpo_minutes=5")
    assert done.code == 0
    assert "would be revised ledger: rpo_minutes" in done.out
    assert status(project) == []


def test_a_newer_version_is_taken_where_it_is_named(project: Path, capsys: Capture) -> None:
    done = revise(capsys, project, "--to", NEW, "--data", "rpo_minutes=5")
    assert done.code == 0, done.err
    assert f"revised ledger: rpo_minutes, {OLD} -> {NEW}" in done.out
    assert (recorded(project)["_commit"], recorded(project)["rpo_minutes"]) == (NEW, 5)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (["rpo_minutes=-5"], "rpo_minutes: must not be negative"),
        (["titel=x"], "titel: is no question; did you mean title?"),
        (["performance=x"], "performance: is no question; the questions are title, description, "),
        (["title="], "title: is required"),
        (["storage_id=other"], "storage_id: is settled when a track starts"),
        (["id_scheme=sequential"], "id_scheme: is settled when a track starts"),
        (["backend=Redis"], "backend: Redis is of storage_type cache, not database"),
        (["entities=A: {id: uuidd pk}"], "unknown type `uuidd`"),
        ([], "No answer is given"),
    ],
    ids=repr,
)
def test_what_cannot_be_used_is_told_and_changes_nothing(
    project: Path, capsys: Capture, said: list[str], words: str
) -> None:
    done = revise(capsys, project, *(f"--data={item}" for item in said))
    assert done.code == 2
    assert words in done.err
    assert status(project) == []


SEVERAL: dict[str, Any] = {
    "storage_type": "hybrid",
    "backends": ["PostgreSQL", "Redis"],
    "blocks": ["hold", "idempotency-key"],
}


@pytest.fixture(scope="module")
def several(newer: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a committed project with a track on two stores."""
    target = tmp_path_factory.mktemp("several") / "project"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", EPOCH)
        start(newer, target, storage_id="ledger", **SEVERAL)
    return target


@pytest.mark.parametrize(
    "same",
    ["backends=Redis, PostgreSQL", "backends=redis,postgresql", "blocks=idempotency-key,hold"],
)
def test_what_is_chosen_may_be_given_in_any_order_and_spelling(
    several: Path, capsys: Capture, same: str
) -> None:
    done = revise(capsys, several, "--data", same)
    assert (done.code, done.out) == (0, "ledger: these are its answers already; no change.\n")
    done = revise(capsys, several, "--dry-run", "--data", same, "--data", "rpo_minutes=5")
    assert (done.code, done.err) == (0, "")
    assert "would be revised ledger: rpo_minutes\n" in done.out


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (["backend=Redis"], "backend: a hybrid component has `backends`; name Redis there"),
        (["storage_type=database"], "backend: is required"),
        (["other_backend=X"], "other_backend: goes with a backend 'Other'"),
        (["entities=A: {id: uuid pk, _store: MySQL}"], "A._store: 'MySQL' is not among PostgreSQL"),
        (["backends=Redis"], "backends: a hybrid component combines two or more"),
    ],
    ids=repr,
)
def test_an_answer_that_has_no_place_says_which_one_to_change(
    several: Path, capsys: Capture, said: list[str], words: str
) -> None:
    done = revise(capsys, several, *(f"--data={item}" for item in said))
    assert done.code == 2
    assert words in done.err
    assert status(several) == []


def test_a_component_of_several_stores_becomes_one_of_one(several: Path, capsys: Capture) -> None:
    to_one = ("--data", "storage_type=database", "--data", "backend=postgresql", "--dry-run")
    done = revise(capsys, several, *to_one)
    assert (done.code, done.err) == (0, "")
    assert "would be revised ledger: storage_type, backend, backends (taken back)\n" in done.out


def test_an_answer_that_the_version_does_not_know_is_told(
    template: Path, tmp_path: Path, capsys: Capture
) -> None:
    def without_notes(folder: Path) -> None:
        path = folder / "copier.yml"
        head, _, rest = path.read_text(encoding="utf-8").partition("\nnotes:\n")
        path.write_text(f"{head}\n{rest[rest.index('# ───') :]}", encoding="utf-8")

    older = first_release(template, tmp_path / "template")
    release(older, without_notes, tag="v1.1.0")
    project = tmp_path / "project"
    start(older, project, ref="v1.1.0", storage_id="ledger")
    done = revise(capsys, project, "--data", "notes=It stays.")
    assert done.code == 2
    assert "v1.1.0 of the template does not take this answer as given: notes" in done.err
    assert status(project) == []


def test_uncommitted_changes_are_in_the_way(project: Path, capsys: Capture) -> None:
    edit(project / HOME / "spec.md", ("## Sizing\n", "## Sizing\n\nMine.\n"))
    done = revise(capsys, project, "--data", "rpo_minutes=5")
    assert done.code == 2
    assert "have uncommitted changes" in done.err
    assert "then revise again; nothing has been changed." in done.err
    assert "Mine." in texts(project / HOME)["spec.md"]
    assert not recorded(project)["rpo_minutes"]


def test_a_conflict_is_named_and_left(project: Path, capsys: Capture) -> None:
    spec = texts(project / HOME)["spec.md"]
    line = next(x for x in spec.splitlines() if x.startswith("- **F-retention**"))
    edit(project / HOME / "spec.md", (line, f"{line}, as the law says"))
    commit(project, "work")
    shown = revise(capsys, project, "--data", "retention=9 years", "--json", "--dry-run")
    told = json.loads(shown.out)
    assert (told["id"], told["answers"], shown.code) == ("ledger", ["retention"], 1)
    assert {Path(each["path"]).name for each in told["conflicts"]} >= {"spec.md"}
    assert all(each["line"] and each["remedy"] for each in told["conflicts"])
    done = revise(capsys, project, "--data", "retention=9 years")
    assert done.code == 1
    assert f"{HOME}/spec.md:" in done.out.replace("\\", "/") or "spec.md:" in done.out
    after = texts(project / HOME)["spec.md"]
    assert f"{line}, as the law says" in after
    assert line.replace("7 years", "9 years") in after


def test_a_template_that_is_not_trusted_is_not_run(project: Path) -> None:
    done = run(project, "revise", "ledger", "--data", "rpo_minutes=5", HOME="/nonexistent")
    assert done.code == 2
    assert "trust" in done.err
    assert status(project) == []


def test_the_same_comes_from_an_update_with_the_answers(
    newer: Path, project: Path, tmp_path: Path, capsys: Capture
) -> None:
    other = tmp_path / "other"
    shutil.copytree(project, other, symlinks=True)
    data = {"rpo_minutes": 5, "retention": "9 years", "use_cases": ["post an entry"]}
    given = [f"--data={name}={value}" for name, value in data.items() if name != "use_cases"]
    assert revise(capsys, project, *given, "--data=use_cases=post an entry").code == 0
    update(other / HOME, vcs_ref=OLD, data={**data, "use_cases": "post an entry"})
    assert texts(project / HOME) == texts(other / HOME)
    assert recorded(project) == recorded(other)
    assert git(project, "status", "--short") == git(other, "status", "--short")
    assert answers_file(project / HOME).name == ".copier-answers.yml"


def test_an_assumed_backend_that_is_given_is_chosen(project: Path, capsys: Capture) -> None:
    assert "| D-backend |" in texts(project / HOME)["spec.md"]
    revise(capsys, project, "--data", "rpo_minutes=5")
    assert "| D-backend |" in texts(project / HOME)["spec.md"]
    commit(project, "revised")
    done = revise(capsys, project, "--data", "backend=PostgreSQL")
    assert done.out.splitlines()[1] == "revised ledger: backend", done.out
    assert "| D-backend |" not in texts(project / HOME)["spec.md"]
    assert "assumed" not in recorded(project)["project_context"]
