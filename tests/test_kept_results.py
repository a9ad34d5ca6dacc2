"""What `check` and `status` keep between runs never changes what they find."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from storage_conductor.disk import cache_folder
from storage_conductor.errors import ConductorError
from storage_conductor.review import library, progress, project_checks, status, whole_track

from .track_builder import replace, write_registry, write_track

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="XDG_CACHE_HOME names the folder on Linux only"
)

TRACKS = "storage-conductor/storages"
OTHER = f"{TRACKS}/storage-002"
TRACK = f"{TRACKS}/storage-001"
NOTES = "storage-conductor/notes.md"
Change = Callable[[Path], object]


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Keep results of few tracks, too, in a folder of the test."""
    caches = tmp_path / "caches"
    caches.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_CACHE_HOME", str(caches))
    monkeypatch.setattr(library, "_WORTH_KEEPING", 1)
    monkeypatch.setattr(project_checks, "_WORTH_A_PROCESS", 3)
    cache_folder.folder.cache_clear()
    yield caches / cache_folder.NAME
    cache_folder.folder.cache_clear()


@pytest.fixture
def linked(project: Path) -> Path:
    """Return a project of four tracks, of which one links to documents, files and another track."""
    for number in range(1, 5):
        write_track(project, f"storage-00{number}", decisions=[("D-a", 1, "open")])
    (project / NOTES).write_text("# Notes\n\n## Costs\n", encoding="utf-8")
    (project / TRACK / "load.sql").write_text("SELECT 1;\n", encoding="utf-8")
    spec = project / TRACK / "spec.md"
    links = (
        "[a](../../notes.md#costs) [b](load.sql) [c](../storage-002/spec.md#sizing) [d](#sizing)"
        " [e](files/a.sql)"
    )
    spec.write_text(f"{spec.read_text(encoding='utf-8')}\n{links}\n", encoding="utf-8")
    write_registry(project)
    return project


def seen(project: Path) -> tuple[object, ...]:
    """Return all that is found in a project."""
    overview = status.overview(project)
    report = project_checks.survey(project)
    return (
        sorted(report.problems),
        report.undecided,
        report.early,
        sorted(map(repr, overview.standings)),
        overview.advice,
    )


def file(name: str, text: str) -> Change:
    """Return what writes a file."""

    def change(project: Path) -> None:
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text(text, encoding="utf-8")

    return change


def edit(name: str, old: str, new: str) -> Change:
    """Return what changes a text."""
    return lambda project: replace(project / name, old, new)


def to_a_link(project: Path) -> None:
    path = project / TRACK / "plan.md"
    path.rename(project / TRACK / "other.md")
    path.symlink_to("other.md")


def behind_a_link(project: Path) -> None:
    (project / TRACK).rename(project / "elsewhere")
    (project / TRACK).symlink_to("../../elsewhere")


CHANGES: dict[str, Change] = {
    "nothing": lambda _: None,
    "a box is ticked": edit(f"{TRACK}/plan.md", "[ ]", "[x]"),
    "a section is renamed": edit(f"{TRACK}/spec.md", "## Sizing", "## Size"),
    "a decision is taken": edit(f"{TRACK}/spec.md", "| open |", "| decided |"),
    "another status": edit(f"{TRACK}/metadata.json", "Planning", "Completed"),
    "no template": edit(f"{TRACK}/.copier-answers.yml", "_commit", "_other"),
    "a linked document is gone": lambda project: (project / NOTES).unlink(),
    "a linked heading is gone": edit(NOTES, "## Costs", "## Expenses"),
    "a linked heading of another track is gone": edit(f"{OTHER}/spec.md", "## Sizing", "## Size"),
    "a linked file of the track is gone": lambda project: (project / TRACK / "load.sql").unlink(),
    "a file of a folder is there": file(f"{TRACK}/files/a.sql", "SELECT 1;\n"),
    "a conflict in another file": file(f"{TRACK}/load.sql", "<<<<<<< a\n=======\n>>>>>>> b\n"),
    "evidence that is none": file(f"{TRACK}/evidence.json", "[]"),
    "no plan": lambda project: (project / TRACK / "plan.md").unlink(),
    "a plan that is a link": to_a_link,
    "a track behind a link": behind_a_link,
    "a track is copied": lambda project: shutil.copytree(project / OTHER, project / f"{OTHER}-b"),
    "a track is gone": lambda project: shutil.rmtree(project / OTHER),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_changed_is_seen(
    name: str, linked: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = seen(linked)
    assert len(list(kept.glob("*.results"))) == 2
    CHANGES[name](linked)
    now = seen(linked)
    monkeypatch.setattr(library, "_WORTH_KEEPING", 1_000)
    assert now == seen(linked)
    assert (now == before) == (name == "nothing")


def test_a_file_that_is_the_same_is_not_looked_at_again(
    linked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(project_checks, "_WORTH_A_PROCESS", 1_000)
    before = seen(linked)

    def fail(*_: object) -> None:
        raise ConductorError("is looked at again")

    monkeypatch.setattr(whole_track, "_judged", fail)
    monkeypatch.setattr(progress, "read", fail)
    assert seen(linked) == before


@pytest.mark.parametrize("damage", [lambda data: data[:60], lambda data: data[::-1]])
def test_damage_does_not_matter(damage: Callable[[bytes], bytes], linked: Path, kept: Path) -> None:
    before = seen(linked)
    for path in kept.glob("*.results"):
        path.write_bytes(damage(path.read_bytes()))
    assert seen(linked) == before


def test_a_track_alone_is_compared_with_the_newest_ones(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(100):
        write_track(project, f"storage-1{number:02}", version="v1.0.0" if number < 99 else "v2.0.0")
    write_registry(project)
    read: set[str] = set()
    content = library.Library.content

    def counted(self: library.Library, path: str) -> bytes:
        read.add(path)
        return content(self, path)

    monkeypatch.setattr(library.Library, "content", counted)
    (found,) = project_checks.survey(project, ["storage-100"]).problems
    assert found.rule == "old-template"
    (advice,) = status.overview(project, ["storage-100"]).advice
    assert advice.rule == "old-template"
    answers = {path for path in read if path.endswith(".copier-answers.yml")}
    assert len(answers) == 51
