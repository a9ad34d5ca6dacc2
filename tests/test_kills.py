"""After a kill between any two file operations nothing is lost, and the way on is said."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import copier
import pytest

from storage_conductor.disk.places import ANSWERS
from tests.conftest import commit
from tests.kill_scenes import (
    GIVEN,
    Make,
    by_command,
    command,
    copied,
    findings,
    scene,
    survive,
)
from tests.kill_support import follow, forked, restore
from tests.update_support import (
    REWORDED,
    edit,
)
from tests.update_support import start as start_from

__all__ = ["scene"]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs fork and SIGKILL")

PLAN_FILE = "storage-conductor/storages/payments/plan.md"
# How many moments a command has at least, before and after each file operation.
LEAST = {"copy": 60, "new": 40, "sync": 5, "refresh": 150, "update": 180}


def test_a_killed_copy(folder: Path, project: Path, tmp_path: Path, scene: Make) -> None:
    pristine = project.rename(tmp_path / "pristine")
    made = scene(lambda: copied(folder, tmp_path / "project"), pristine)
    survive(made, LEAST["copy"])


def test_a_killed_new(folder: Path, project: Path, tmp_path: Path, scene: Make) -> None:
    pristine = project.rename(tmp_path / "pristine")
    copied(folder, pristine, storage_id="orders")
    switches = [word for name, text in GIVEN.items() for word in ("--data", f"{name}={text}")]
    new = command("new", "--defaults", "--template", str(folder), *switches, str(project))
    survive(scene(new, pristine), LEAST["new"])


def test_a_killed_sync(folder: Path, project: Path, tmp_path: Path, scene: Make) -> None:
    pristine = project.rename(tmp_path / "pristine")
    copied(folder, pristine)
    (pristine / "storage-conductor" / "tracks.md").unlink()
    survive(scene(command("sync", str(project)), pristine), LEAST["sync"])


@pytest.fixture
def worked_on(newer: Path, tmp_path: Path) -> Path:
    """Return a project with a track of the old version on which work has begun."""
    pristine = tmp_path / "pristine"
    track = start_from(newer, pristine, storage_id="payments")
    text = (track / "plan.md").read_text(encoding="utf-8")
    (task,) = re.findall(rf"^- \[ \] {re.escape(REWORDED[0])}.*(?:\n  - .*)*", text, re.MULTILINE)
    edit(track / "plan.md", (task, task.replace("[ ]", "[x]")))
    commit(pristine, "work")
    return pristine


def updated(project: Path) -> None:
    copier.run_update(
        project,
        answers_file=f"storage-conductor/storages/payments/{ANSWERS}",
        defaults=True,
        overwrite=True,
        quiet=True,
        unsafe=True,
    )


def test_a_killed_refresh(newer: Path, worked_on: Path, tmp_path: Path, scene: Make) -> None:
    start_from(newer, worked_on, storage_id="orders")
    project = tmp_path / "project"
    made = scene(command("refresh", "--trust", str(project)), worked_on)
    assert f"- [x] {REWORDED[1]}" in plan(made.goal)
    survive(made, LEAST["refresh"])


def test_a_killed_update(worked_on: Path, tmp_path: Path, scene: Make) -> None:
    project = tmp_path / "project"
    made = scene(lambda: updated(project), worked_on)
    assert f"- [x] {REWORDED[1]}" in plan(made.goal)
    found = survive(made, LEAST["update"])

    before_plan = next(each for each in found if each.what == f"write {project / PLAN_FILE}")
    restore(tmp_path / "kept" / before_plan.left, made.place)
    commit(project, "what was left")
    code, said = forked(made.run)
    assert code
    assert "`copier update` was killed" in said
    mended = findings(project)[0]
    assert "half-updated" in mended["rule"]
    follow(project, mended["path"], mended["remedy"], by_command)
    assert f"- [x] {REWORDED[0]}" in (project / PLAN_FILE).read_text(encoding="utf-8")


def test_there_are_moments_enough() -> None:
    assert sum(LEAST.values()) >= 300


def plan(goal: dict[str, bytes]) -> str:
    return goal[PLAN_FILE].decode("utf-8")
