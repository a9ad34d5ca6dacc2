"""After a kill between any two file operations nothing is lost, and the way on is said."""

from __future__ import annotations

import copy
import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import copier
import pytest

from cli import main
from storage_conductor.disk import files
from tests.conftest import REQUIRED, commit, git, tracks
from tests.kill_support import (
    Point,
    content,
    follow,
    forked,
    grow_old,
    kill,
    points,
    restore,
    state,
)
from tests.update_support import (
    REWORDED,
    answers_file,
    edit,
    first_release,
    new_sizing,
    new_tasks,
    release,
)
from tests.update_support import start as start_from

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs fork and SIGKILL")

GIVEN = {**REQUIRED, "storage_id": "payments"}
_ROUNDS = 5


class Scene(NamedTuple):
    """A command, and a project to kill it in.

    Args:
        run: Runs the command in this process.
        pristine: The project as it is before.
        project: Where the command runs.
        temporary: The folder for temporary files.
        goal: The project's content after an undisturbed run.
    """

    run: Callable[[], object]
    pristine: Path
    project: Path
    temporary: Path
    goal: dict[str, bytes]


Make = Callable[[Callable[[], object], Path], Scene]


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Return a function that sets a scene, with a temporary folder of its own."""
    project, temporary = tmp_path / "project", tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def make(run: Callable[[], object], pristine: Path) -> Scene:
        monkeypatch.chdir(tmp_path)
        for _ in range(2):  # the second one finds everything in the cache
            restore(pristine, project, temporary)
            code, said = forked(run)
            assert code == 0, said
        goal = content(project)
        assert not list(temporary.iterdir())
        return Scene(run, pristine, project, temporary, goal)

    return make


def command(*arguments: str) -> Callable[[], object]:
    return lambda: main(arguments)


def findings(project: Path) -> list[dict[str, str]]:
    """Return what `check` finds; a project without any track has nothing to find."""
    code, said = forked(command("check", "--json", str(project)))
    if code == 2:
        assert "holds no track" in said or "holds neither tracks" in said or "no folder" in said
        return []
    found: list[dict[str, str]] = json.loads(said)["findings"]
    return found


def mend(scene: Scene) -> None:
    """Do what `check` says until it finds nothing."""
    for _ in range(_ROUNDS):
        found = findings(scene.project)
        if not found:
            return
        first = found[0]
        follow(scene.project, first["path"], first["remedy"], lambda line: forked(command(*line)))
    pytest.fail(f"still found: {found}")


def finish(scene: Scene) -> None:
    """Come to the goal after a kill: by the same command again, else by the remedies and it."""
    grow_old(scene.temporary)
    code, said = forked(scene.run)
    if content(scene.project) != scene.goal or findings(scene.project):
        mend(scene)
        if content(scene.project) != scene.goal:
            code, said = forked(scene.run)
    assert content(scene.project) == scene.goal, (code, said)
    assert findings(scene.project) == []
    assert not list(scene.temporary.glob("storage-conductor-*"))


def chosen(found: list[Point], most: int) -> list[int]:
    """Return the moments to kill at: all of the project's own, of the others as many as fit."""
    own = [at for at, each in enumerate(found) if each.own]
    others = [at for at, each in enumerate(found) if not each.own]
    room = max(most - len(own), 0)
    step = max(len(others) // room, 1) if room else len(others) + 1
    return sorted([*own, *others[::step]])


def survive(scene: Scene, most: int, least: int) -> None:
    """Kill a command at its moments, and come to the goal from each state that it leaves."""
    restore(scene.pristine, scene.project, scene.temporary)
    found = points(scene.run, scene.project, scene.temporary.with_name("points"))
    moments = chosen(found, most)
    assert len(moments) >= least, found
    seen: set[str] = set()
    for at in moments:
        restore(scene.pristine, scene.project, scene.temporary)
        kill(scene.run, scene.project, at)
        left = state(scene.project, scene.temporary)
        if left not in seen:
            seen.add(left)
            try:
                finish(scene)
            except BaseException as error:
                error.add_note(f"killed before: {found[at].what}")
                raise
    assert len(seen) > 1


def test_a_killed_copy(folder: Path, project: Path, tmp_path: Path, scene: Make) -> None:
    def run() -> None:
        copier.run_copy(
            str(folder), tmp_path / "project", data=GIVEN, defaults=True, quiet=True, unsafe=True
        )

    pristine = project.rename(tmp_path / "pristine")
    survive(scene(run, pristine), most=120, least=60)
