"""A kill of `revise`, `adopt`, `import --into` and `assistants` leaves a way on, too."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import commit
from tests.kill_scenes import Make, command, scene, survive
from tests.test_adopt import CONDUCTOR_PLAN, CONDUCTOR_SPEC, PLAN, SPEC
from tests.track_builder import STARTER
from tests.update_support import REWORDED, edit, first_release
from tests.update_support import start as start_from

__all__ = ["scene"]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs fork and SIGKILL")

LEAST = {"revise": 60, "import": 60, "adopt": 40, "assistants": 20}
TRACK = "storage-conductor/storages/payments"
DDL = "CREATE TABLE account (id int PRIMARY KEY, owner varchar(80) NOT NULL);\n"
IN_PLACE = "storage-conductor/storages/ledger"
OF_CONDUCTOR = "conductor/tracks/sessions_20260110"


@pytest.fixture(scope="module")
def released(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the template as a repository with one version."""
    return first_release(template, tmp_path_factory.mktemp("released") / "template")


@pytest.fixture
def worked_on(released: Path, tmp_path: Path) -> Path:
    """Return a project with a track on which work has begun."""
    pristine = tmp_path / "pristine"
    track = start_from(released, pristine, storage_id="payments")
    text = (track / "plan.md").read_text(encoding="utf-8")
    (task,) = re.findall(rf"^- \[ \] {re.escape(REWORDED[0])}.*(?:\n  - .*)*", text, re.MULTILINE)
    edit(track / "plan.md", (task, task.replace("[ ]", "[x]")))
    (pristine / "model.sql").write_text(DDL, encoding="utf-8")
    commit(pristine, "work")
    return pristine


@pytest.fixture
def handwritten(tmp_path: Path) -> Callable[[str], Path]:
    """Return a function that returns a project with a track that a person or Conductor wrote."""

    def write(place: str) -> Path:
        pristine = tmp_path / "pristine"
        (pristine / place).mkdir(parents=True)
        by_hand = place == IN_PLACE
        spec, plan = (SPEC, PLAN) if by_hand else (CONDUCTOR_SPEC, CONDUCTOR_PLAN)
        (pristine / place / "spec.md").write_text(spec, encoding="utf-8")
        (pristine / place / "plan.md").write_text(plan, encoding="utf-8")
        home = pristine / "storage-conductor"
        home.mkdir(exist_ok=True)
        (home / "tracks.md").write_text(STARTER, encoding="utf-8")
        commit(pristine)
        return pristine

    return write


def within(project: Path, run: Callable[[], object]) -> Callable[[], object]:
    """Return a run whose working directory is the project."""

    def there() -> object:
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(project)
            return run()

    return there


def test_a_killed_revise(worked_on: Path, tmp_path: Path, scene: Make) -> None:
    project = str(tmp_path / "project")
    new = ("-d", "rto_minutes=60", "-d", "backend=MariaDB")
    made = scene(command("revise", "payments", "--trust", *new, project), worked_on)
    assert f"- [x] {REWORDED[0]}" in made.goal[f"{TRACK}/plan.md"].decode()
    # It writes by the same steps as `refresh`, of which each moment is tried.
    survive(made, LEAST["revise"], every=3)


def test_a_killed_import(worked_on: Path, tmp_path: Path, scene: Make) -> None:
    run = command("import", "model.sql", "--into", "payments", "--trust")
    made = scene(within(tmp_path / "project", run), worked_on)
    assert b"Account" in made.goal[f"{TRACK}/.copier-answers.yml"]
    survive(made, LEAST["import"], every=10)


@pytest.fixture
def adopt(folder: Path, tmp_path: Path) -> Callable[[str], Callable[[], object]]:
    """Return a function that returns a run which adopts the track in a folder."""
    given = ("-d", "description=Every charge.", "-d", "title=Ours")

    def run(place: str) -> Callable[[], object]:
        path = str(tmp_path / "project" / place)
        return command("adopt", "--defaults", "--template", str(folder), *given, path)

    return run


@pytest.mark.parametrize("place", [IN_PLACE, OF_CONDUCTOR])
def test_a_killed_adopt(
    place: str,
    adopt: Callable[[str], Callable[[], object]],
    handwritten: Callable[[str], Path],
    scene: Make,
) -> None:
    made = scene(adopt(place), handwritten(place))
    found = [name for name in made.goal if name.endswith("/.copier-answers.yml")]
    assert len(found) == 1
    survive(made, LEAST["adopt"])


@pytest.mark.parametrize("arguments", [("claude", "agents"), ("--remove",)], ids=" ".join)
def test_killed_assistants(
    arguments: tuple[str, ...], worked_on: Path, tmp_path: Path, scene: Make
) -> None:
    (worked_on / "AGENTS.md").write_text("# Ours\n\nOur rules.\n\n", encoding="utf-8")
    if "claude" not in arguments:
        within(worked_on, command("assistants", "claude", "agents"))()
        for path in (worked_on / "AGENTS.md", worked_on / ".claude" / "skills"):
            assert path.exists()
    project = tmp_path / "project"
    survive(
        scene(within(project, command("assistants", *arguments)), worked_on), LEAST["assistants"]
    )
