"""A row that a person decided reaches the rest of the track by the next update, and stays."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .command_runner import call
from .conftest import EPOCH, commit
from .update_support import OLD, edit, first_release, start, status, texts, update

HOME = "storage-conductor/storages/ledger"
KEY = "D-restore-time"


@pytest.fixture
def project(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a committed project with a track that has a restore beyond its objective."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    target = first_release(template, tmp_path / "template")
    start(
        target,
        tmp_path / "project",
        storage_id="ledger",
        backend="PostgreSQL",
        hosting="self-managed",
        initial_data_gb=9_000,
        growth_gb_per_month=10,
        rto_minutes=60,
        rpo_minutes=5,
    )
    return tmp_path / "project"


def row(project: Path) -> str:
    lines = texts(project / HOME)["spec.md"].splitlines()
    return next(line for line in lines if line.startswith(f"| {KEY} "))


def decide(project: Path, text: str, state: str = "decided") -> None:
    """Write what was decided into the row, as a person does."""
    cells = row(project).split(" | ")
    cells[2], cells[-1] = text, f"{state} |"
    edit(project / HOME / "spec.md", (row(project), " | ".join(cells)))
    commit(project, "decided")


def test_a_decided_row_holds_everywhere_after_an_update_and_can_be_opened_again(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "a restore takes at most 19 h" in texts(project / HOME)["spec.md"]
    decide(project, "90 min, by **two** restores at once")
    update(project / HOME, vcs_ref=OLD)
    spec, plan = texts(project / HOME)["spec.md"], texts(project / HOME)["plan.md"]
    assert "| 90 min, by **two** restores at once |" in row(project)
    assert row(project).endswith("| decided |")
    assert "a restore takes at most 1 h 30 min ([D-restore-time](#decisions))" in spec
    assert "19 h" not in spec.replace(row(project), "")
    assert "D-restore-time: Product owner" not in plan
    assert call(capsys, "check", str(project)).code == 0
    commit(project, "updated")
    update(project / HOME, vcs_ref=OLD)
    assert status(project) == []

    decide(project, "as stated")
    update(project / HOME, vcs_ref=OLD)
    assert "a restore takes" not in texts(project / HOME)["spec.md"]
    commit(project, "again")
    decide(project, "open", "open")
    update(project / HOME, vcs_ref=OLD)
    assert "a restore takes at most 19 h" in texts(project / HOME)["spec.md"]


def test_a_row_that_is_decided_as_it_stands_changes_nothing_else(project: Path) -> None:
    before = texts(project / HOME)
    decide(project, row(project).split(" | ")[2])
    update(project / HOME, vcs_ref=OLD)
    after = texts(project / HOME)
    assert row(project).endswith("| decided |")
    assert after["spec.md"].replace("| decided |", "| open |") == before["spec.md"]


def test_a_decision_is_an_answer_too(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = "decisions=D-restore-time: 2 h; D-missing-latency: 20 ms; D-slow-threshold: 90 ms"
    done = call(capsys, "revise", "--trust", "--data", said, "ledger", str(project))
    assert (done.code, done.err) == (0, "")
    spec = texts(project / HOME)["spec.md"]
    assert "a restore takes at most 2 h ([D-restore-time](#decisions))" in spec
    commit(project, "revised")
    update(project / HOME, vcs_ref=OLD)
    assert status(project) == []
    shown = json.loads(call(capsys, "brief", "--json", "ledger", str(project)).out)
    assert KEY not in {item["key"] for item in shown["open_decisions"]}
    decide(project, "3 h")
    update(project / HOME, vcs_ref=OLD)
    commit(project, "updated")
    done = call(
        capsys, "revise", "--trust", "-d", "decisions=D-restore-time: 4 h", "ledger", str(project)
    )
    assert (done.code, done.err) == (0, "")
    assert "a restore takes at most 4 h" in texts(project / HOME)["spec.md"]
    assert "| 4 h |" in row(project)
    wrong = call(
        capsys, "revise", "--trust", "--data", "decisions=restore: 2 h", "ledger", str(project)
    )
    assert wrong.code == 2
    assert "decisions: must name decisions by their keys" in wrong.err
