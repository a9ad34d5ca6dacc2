"""A command and a project to kill it in, and how a person comes to the end after that."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import copier
import pytest

from cli import main
from tests.conftest import REQUIRED
from tests.kill_support import (
    Place,
    Point,
    content,
    end_runs,
    follow,
    forked,
    grow_old,
    kill,
    points,
    restore,
    state,
)

GIVEN = {**REQUIRED, "storage_id": "payments"}
_ROUNDS = 5
_KILLS = 5  # of each command


class Scene(NamedTuple):
    """A command, and a project to kill it in.

    Args:
        run: Runs the command in this process.
        pristine: The project as it is before.
        place: Where the command runs.
        goal: The project's content after an undisturbed run.
    """

    run: Callable[[], object]
    pristine: Path
    place: Place
    goal: dict[str, bytes]


Make = Callable[[Callable[[], object], Path], Scene]


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Return a function that sets a scene, with a temporary folder of its own."""
    place = Place(tmp_path / "project", tmp_path / "temporary")
    temporary = place.temporary
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def make(run: Callable[[], object], pristine: Path) -> Scene:
        monkeypatch.chdir(tmp_path)
        restore(pristine, place)
        run()  # what it imports is there in every copy of this process
        end_runs()
        restore(pristine, place)
        code, said = forked(run)
        assert code == 0, said
        goal = content(place.project)
        assert not list(temporary.iterdir())
        return Scene(run, pristine, place, goal)

    return make


def command(*arguments: str) -> Callable[[], object]:
    return lambda: main(arguments)


def by_command(line: list[str]) -> None:
    forked(command(*line))


def findings(project: Path) -> list[dict[str, str]]:
    """Return what `check` finds; a project without any track has nothing to find."""
    code, said = forked(command("check", "--json", str(project)))
    if code == 2:
        assert "holds no track" in said or "holds neither tracks" in said or "no folder" in said
        return []
    found: list[dict[str, str]] = json.loads(said)["findings"]
    # The template is a plain folder here, which has no version.
    return [item for item in found if "names no version" not in item["message"]]


def mend(scene: Scene) -> None:
    """Do what `check` says until it finds nothing."""
    for _ in range(_ROUNDS):
        found = findings(scene.place.project)
        if not found:
            return
        first = found[0]
        follow(
            scene.place.project, first["path"], first["remedy"], lambda line: forked(command(*line))
        )
    pytest.fail(f"still found: {found}")


def finish(scene: Scene) -> None:
    """Come to the goal after a kill: by the same command again, else by the remedies and it."""
    grow_old(scene.place.temporary)
    code, said = forked(scene.run)
    if content(scene.place.project) != scene.goal or findings(scene.place.project):
        mend(scene)
        if content(scene.place.project) != scene.goal:
            code, said = forked(scene.run)
    assert content(scene.place.project) == scene.goal, (code, said)
    assert findings(scene.place.project) == []
    assert not list(scene.place.temporary.glob("storage-conductor-*"))


def survive(scene: Scene, least: int, every: int = 1) -> list[Point]:
    """Come to the goal from whatever a kill leaves, at each of the moments of a command.

    That a kill leaves what the disk holds at that moment is tried by real ones, at some of them;
    moments that leave the same are one.

    Args:
        scene: The command and its project.
        least: How many moments there are at least.
        every: Which of the states that they leave are tried, such as every third.

    Returns:
        The moments; what each leaves is in the folder `kept` beside the project.
    """
    kept = scene.place.project.with_name("kept")
    restore(scene.pristine, scene.place)
    all_points = points(scene.run, scene.place, kept)
    found = [point for point in all_points if not point.of_git]
    assert len(found) >= least, found
    for at in range(len(found) // (2 * _KILLS), len(found), len(found) // _KILLS + 1):
        restore(scene.pristine, scene.place)
        assert kill(scene.run, scene.place, at)
        assert state(*scene.place) == found[at].left, found[at].what
    states = {point.left: point.what for point in reversed(all_points)}
    print(f"{len(all_points)} moments, which leave {len(states)} different states")
    for left, what in list(states.items())[::every]:
        restore(kept / left, scene.place)
        try:
            finish(scene)
        except BaseException as error:
            error.add_note(f"killed before: {what}")
            raise
    return all_points


def copied(template: Path, into: Path, **given: object) -> None:
    copier.run_copy(
        str(template), into, data={**GIVEN, **given}, defaults=True, quiet=True, unsafe=True
    )
