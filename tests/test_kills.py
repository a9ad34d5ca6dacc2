"""After a kill between any two file operations nothing is lost, and the way on is said."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import copier
import pytest

from cli import main
from storage_conductor.disk.places import ANSWERS
from tests.conftest import REQUIRED, commit
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
from tests.update_support import (
    REWORDED,
    edit,
    first_release,
    new_sizing,
    new_tasks,
    release,
)
from tests.update_support import start as start_from

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs fork and SIGKILL")

GIVEN = {**REQUIRED, "storage_id": "payments"}
PLAN_FILE = "storage-conductor/storages/payments/plan.md"
# How many moments a command has at least, before and after each file operation.
LEAST = {"copy": 60, "new": 40, "sync": 5, "refresh": 150, "update": 180}
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


def survive(scene: Scene, least: int) -> list[Point]:
    """Come to the goal from whatever a kill leaves, at each of the moments of a command.

    That a kill leaves what the disk holds at that moment is tried by real ones, at some of them;
    moments that leave the same are one.

    Args:
        scene: The command and its project.
        least: How many moments there are at least.

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
    for left, what in states.items():
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


@pytest.fixture(scope="module")
def newer(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the template with a second version."""
    target = first_release(template, tmp_path_factory.mktemp("newer") / "template")
    return release(target, new_tasks, new_sizing)


@pytest.fixture
def worked_on(newer: Path, tmp_path: Path) -> Path:
    """Return a project with a track of the old version on which work has begun."""
    pristine = tmp_path / "pristine"
    track = start_from(newer, pristine, storage_id="payments")
    edit(track / "plan.md", (f"- [ ] {REWORDED[0]}", f"- [x] {REWORDED[0]}"))
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
