"""What stands in the way of an update is named, and nothing is lost whenever it stops."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from storage_conductor.disk.places import ANSWERS
from storage_conductor.tracks import registry_read
from tests.conftest import commit, git
from tests.update_support import (
    OLD,
    REWORDED,
    answers_file,
    command_line,
    edit,
    first_release,
    line_with,
    release,
    start,
    status,
)


@pytest.fixture
def track(newer: Path, project: Path) -> Path:
    """Return a committed track of the old version, with a task done."""
    track = start(newer, project)
    edit(track / "plan.md", (f"- [ ] {REWORDED[0]}", f"- [x] {REWORDED[0]}"))
    commit(project, "work")
    return track


def run(track: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """Update a track by the command line, from its project."""
    arguments = ("update", "--trust", "--defaults", "-a", answers_file(track).as_posix())
    return command_line(track.parents[2], *arguments, *more)


def refused(track: Path, *more: str) -> str:
    """Run an update that must fail and change nothing; return what it says."""
    project = track.parents[2]
    before = status(project)
    done = run(track, *more)
    assert done.returncode != 0, done.stderr
    assert status(project) == before
    return done.stderr


def test_uncommitted_changes_are_refused(track: Path) -> None:
    edit(track / "plan.md", ("# Plan", "# Our plan"))
    assert "repository is dirty" in refused(track)


def test_a_conflict_elsewhere_in_the_repository_is_refused(newer: Path, tmp_path: Path) -> None:
    repository = tmp_path / "repository"
    note = repository / "note.txt"
    repository.mkdir()
    note.write_text("old\n", encoding="utf-8")
    commit(repository, "old")
    track = start(newer, repository / "service", repository=repository)
    git(repository, "checkout", "--quiet", "-b", "left")
    note.write_text("left\n", encoding="utf-8")
    commit(repository, "left")
    git(repository, "checkout", "--quiet", "-b", "right", "HEAD~1")
    note.write_text("right\n", encoding="utf-8")
    commit(repository, "right")
    with pytest.raises(subprocess.CalledProcessError):
        git(repository, "merge", "left")

    said = refused(track)

    assert "note.txt: is in conflict" in said
    assert "Resolve the conflicts" in said


@pytest.mark.parametrize(
    ("wanted", "by", "says"),
    [
        ("storage_id: ", "storage_name: ", "`storage_id` is missing"),
        ("created_at: ", "created: ", "`created_at` is missing"),
        ("_commit: ", "_version: ", "cannot obtain old template references"),
        ("_src_path: /", "_src_path: /gone/", "git-tracked templates"),
        (f"_commit: {OLD}", "_commit: v0.0.1", "Unknown revision: 'v0.0.1'"),
        ("reads_per_second: null", "reads_per_second: many", "reads_per_second"),
        ("title: ", "title: [", ".copier-answers.yml"),
    ],
)
def test_answers_that_were_edited_by_hand_are_refused(
    track: Path, project: Path, wanted: str, by: str, says: str
) -> None:
    edit(track / ".copier-answers.yml", (wanted, by))
    commit(project, "edited")
    assert says in refused(track)


def test_a_renamed_folder_is_refused(track: Path, project: Path) -> None:
    renamed = track.with_name("storage-ledger")
    git(project, "mv", str(track), str(renamed))
    commit(project, "renamed")
    said = refused(renamed)
    assert f"belongs to the track '{track.name}'" in said
    assert "Rename the folder back" in said


def test_a_deleted_track_is_refused_and_stays_deleted(track: Path, project: Path) -> None:
    git(project, "rm", "-r", "--quiet", str(track))
    commit(project, "gone")
    assert "cannot obtain old template references" in refused(track)
    assert not track.exists()


def test_a_downgrade_is_refused(track: Path, project: Path) -> None:
    assert run(track).returncode == 0
    commit(project, "updated")
    assert "Downgrades are not supported" in refused(track, "--vcs-ref", OLD)


def test_a_file_that_git_could_not_restore_is_refused(track: Path, project: Path) -> None:
    git(project, "rm", "-r", "--quiet", "--cached", str(track))
    (project / ".gitignore").write_text("storage-conductor/storages/\n", encoding="utf-8")
    commit(project, "not tracked any more")
    before = (track / "plan.md").read_bytes()
    said = refused(track)
    assert "is not under version control" in said
    assert (track / "plan.md").read_bytes() == before


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("spec.md", b"# \xff\n", "is not UTF-8 text"),
        ("metadata.json", b"{\n", "metadata.json:2: is not JSON"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(
    track: Path, project: Path, name: str, content: bytes, says: str
) -> None:
    (track / name).write_bytes(content)
    commit(project, "broken")
    assert says in refused(track)


def test_a_registry_with_conflict_markers_is_refused(track: Path, project: Path) -> None:
    registry = project / "storage-conductor" / "tracks.md"
    row = line_with(registry.read_text(encoding="utf-8"), track.name)
    edit(registry, (row, f"<<<<<<< ours\n{row}\n=======\n>>>>>>> theirs"))
    commit(project, "half merged")
    assert "tracks.md:7: " in refused(track)


def test_a_lock_that_a_killed_git_left_is_named(track: Path, project: Path) -> None:
    lock = project / ".git" / "index.lock"
    lock.touch()
    said = refused(track)
    assert "index.lock: is there, so git refuses to work" in said
    assert "Traceback" not in said


def test_an_update_that_the_new_version_fails_goes_back(
    template: Path, project: Path, tmp_path: Path
) -> None:
    broken = first_release(template, tmp_path / "template")
    track = start(broken, project)
    home = project / "storage-conductor"
    (home / "tech-stack.md").write_text("# Stack\n\n- **Language**: Rust\n", encoding="utf-8")
    commit(project, "another language")
    plan = next((broken / "template").rglob("plan.md.jinja"))
    plan.write_text("{{ 1 // 0 }}", encoding="utf-8")
    release(broken)

    said = refused(track)

    assert "ZeroDivisionError" in said
    assert "Exception ignored" not in said  # the template is removed before the update goes back
    assert list((project / ".git" / "storage-conductor" / "unfinished").iterdir()) == []


def test_a_kill_at_any_moment_leaves_what_git_can_restore(
    track: Path, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    registry = project / "storage-conductor" / "tracks.md"
    before = {path: path.read_bytes() for path in (project / "storage-conductor").rglob("*.*")}
    begun = time.monotonic()
    assert run(track).returncode == 0
    takes = time.monotonic() - begun
    restore(project)
    moments = 8
    for moment in range(1, moments + 1):
        kill_after(takes * moment / moments, track)
        assert line_with(registry.read_text(encoding="utf-8"), track.name)
        assert not registry_read.parse(registry.read_text(encoding="utf-8")).faults
        restore(project)
        assert {path: path.read_bytes() for path in before} == before
        assert status(project) == []
    assert run(track).returncode == 0
    assert REWORDED[1] in (track / "plan.md").read_text(encoding="utf-8")


def kill_after(seconds: float, track: Path) -> None:
    """Start an update and kill it with everything that it started."""
    command = [sys.executable, "-m", "copier", "update", "--trust", "--defaults", "--quiet"]
    with subprocess.Popen(
        [*command, "-a", answers_file(track).as_posix()],
        cwd=track.parents[2],
        start_new_session=True,
        stderr=subprocess.DEVNULL,
    ) as process:
        time.sleep(seconds)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def restore(project: Path) -> None:
    """Do what a person does to get back to the last commit."""
    (project / ".git" / "index.lock").unlink(missing_ok=True)
    git(project, "reset", "--quiet", "--hard")
    git(project, "clean", "--quiet", "--force", "-d")


def test_a_destination_above_the_working_folder_is_refused(track: Path) -> None:
    project = track.parents[2]
    (project / "src").mkdir()
    (project / "src" / "x.txt").write_text("x\n", encoding="utf-8")
    commit(project, "source")
    arguments = ("update", "--trust", "--defaults", "-a", answers_file(track).as_posix(), "..")
    done = command_line(project / "src", *arguments)
    assert done.returncode != 0
    assert "leads through `..`" in done.stderr
    assert "Traceback" not in done.stderr
    assert status(project) == []


@pytest.mark.parametrize("place", [".", "../.."], ids=["track", "home"])
def test_a_folder_within_the_project_is_refused(track: Path, place: str) -> None:
    within = (track / place).resolve()
    answers = (track / ANSWERS).relative_to(within).as_posix()
    done = command_line(within, "update", "--trust", "--defaults", "-a", answers)
    assert done.returncode != 0
    assert "a folder within the project" in done.stderr
    assert f"`copier update` in {track.parents[2]}" in done.stderr
    assert "Traceback" not in done.stderr
    assert status(track.parents[2]) == []


@pytest.mark.parametrize("within", [".", "storage-conductor"], ids=["above", "within"])
def test_a_path_leads_to_the_project_from_anywhere(track: Path, within: str) -> None:
    project = track.parents[2]
    folder = project.parent if within == "." else project / within
    named = project.name if within == "." else str(project)
    arguments = ("update", "--trust", "--defaults", "-a", answers_file(track).as_posix(), named)
    assert command_line(folder, *arguments).returncode == 0
    assert f" M {answers_file(track).as_posix()}" in status(project)


def test_answers_that_a_formatter_wrote_anew_stay_so(newer: Path, project: Path) -> None:
    track = start(newer, project)
    edit(project / answers_file(track), ("language: ''", 'language: ""'))
    commit(project, "formatted")
    done = run(track, "--vcs-ref", OLD)
    assert (done.returncode, status(project)) == (0, [])
