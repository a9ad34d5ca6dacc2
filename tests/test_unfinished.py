"""What killed runs leave is recognised, never taken from a run that goes on, and removed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import copier
import pytest

from storage_conductor.disk import locks, scratch, writing
from storage_conductor.errors import ConductorError
from storage_conductor.tracks import ids, starting
from tests.command_runner import call
from tests.conftest import REQUIRED, commit, tracks
from tests.track_builder import write_registry, write_track

Capture = pytest.CaptureFixture[str]
LEFT = ".plan.md.a1b2c3d4.unfinished"
posix = pytest.mark.skipif(os.name == "nt", reason="a folder cannot be locked there")


@pytest.fixture(autouse=True)
def _released() -> Iterator[None]:
    """Keep one test's reservations out of the next."""
    yield
    ids.release()


def half(project: Path, storage_id: str = "payments") -> Path:
    """Leave what a run leaves that was killed while it wrote a new track."""
    folder = project / "storage-conductor" / "storages" / storage_id
    folder.mkdir(parents=True)
    (folder / ".unfinished").write_text("", encoding="utf-8")
    (folder / "plan.md").write_text("# Pl", encoding="utf-8")
    return folder


def test_half_a_track_is_named_and_everything_else_goes_on(project: Path, capsys: Capture) -> None:
    write_track(project)
    write_registry(project)
    left = half(project)
    done = call(capsys, "check", str(project))
    assert done.code == 1
    assert "half-track: is half a track" in done.out
    assert "Remedy: Delete this folder, then start the track again." in done.out
    assert done.out.count("Remedy") == 1
    assert "is half a track" in call(capsys, "status", str(project)).out
    assert "payments" not in call(capsys, "sync", str(project)).out
    assert (left / "plan.md").exists()


@posix
def test_a_given_id_that_a_killed_run_holds_is_taken_over(
    folder: Path, project: Path, capsys: Capture
) -> None:
    left = half(project)
    given = {**REQUIRED, "storage_id": "payments"}
    copier.run_copy(str(folder), project, data=given, defaults=True, quiet=True, unsafe=True)
    assert list(tracks(project)) == [left]
    assert not (left / ".unfinished").exists()
    # The template is a plain folder here, which has no version.
    assert "names no version of the template" in call(capsys, "check", str(project)).out
    with pytest.raises(ConductorError, match="is taken"):
        ids.claim(project, "payments")


@posix
def test_half_a_track_of_a_run_that_goes_on_is_left_alone(project: Path, capsys: Capture) -> None:
    write_track(project)
    write_registry(project)
    left = half(project)
    with locks.exclusive(left):
        assert call(capsys, "check", str(project)).code == 0
        with pytest.raises(ConductorError, match="is taken"):
            ids.claim(project, "payments")
    assert (left / "plan.md").exists()


def test_half_a_track_that_git_has_is_left_alone(project: Path) -> None:
    left = half(project)
    subprocess.run(["git", "init", "--quiet"], cwd=project, check=True)
    subprocess.run(["git", "add", "--all"], cwd=project, check=True)
    with pytest.raises(ConductorError, match="is taken"):
        ids.claim(project, "payments")
    assert (left / "plan.md").exists()


@posix
def test_empty_folders_of_killed_runs_go_with_the_next_one(project: Path) -> None:
    storages = project / "storage-conductor" / "storages"
    (storages / "storage-001").mkdir(parents=True)
    assert ids.reserve(project, "sequential", "database", ids.clock()) == "storage-001"
    assert ids.reserve(project, "sequential", "database", ids.clock()) == "storage-002"
    ids.claim(project, "given")
    starting.begin(storages / "given")
    ids.release()
    assert not (project / "storage-conductor").exists() or list(storages.iterdir()) == []


# Copier does not close what it reads a folder with.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_run_that_fails_half_way_leaves_no_track(
    folder: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Path.write_bytes

    def full(path: Path, data: bytes) -> int:
        if path.name == "spec.md":
            raise OSError(28, "No space left on device", str(path))
        return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left"):
        copier.run_copy(str(folder), project, data=REQUIRED, defaults=True, quiet=True, unsafe=True)
    assert list(tracks(project))
    for name, module in list(sys.modules.items()):
        if name.endswith(".tracks.ids"):
            module.release()
    assert not any(project.iterdir())


@posix
def test_what_a_killed_writer_left_goes_with_the_next_one(tmp_path: Path) -> None:
    (tmp_path / LEFT).write_text("half", encoding="utf-8")
    (tmp_path / "kept.unfinished").write_text("mine", encoding="utf-8")
    writing.write_atomic(tmp_path / "plan.md", "whole")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept.unfinished", "plan.md"]


@posix
def test_what_another_writer_is_writing_stays(tmp_path: Path) -> None:
    import fcntl

    with (tmp_path / LEFT).open("w", encoding="utf-8") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        writing.write_atomic(tmp_path / "plan.md", "whole")
        assert (tmp_path / LEFT).exists()


@posix
def test_scratch_folders_of_killed_runs_go_with_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    names = ("storage-conductor-a1b2c3d4", "storage-conductor-e5f6g7h8", "storage-conductor-mine")
    left, held, other = (tmp_path / name for name in names)
    for path in (left, held, other):
        (path / "clone").mkdir(parents=True)
        os.utime(path, (time.time() - 600,) * 2)
    with locks.exclusive(held), scratch.folder() as mine:
        assert tempfile.gettempdir() == str(mine)
        assert not left.exists()
        assert held.is_dir()
    assert sorted(tmp_path.iterdir()) == sorted([held, other])


def test_a_missing_temporary_folder_is_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere/at/all")
    with pytest.raises(ConductorError, match="cannot be written"), scratch.folder():
        pass


@pytest.fixture
def tiny(tmp_path: Path) -> Iterator[Path]:
    """Return a file system of 400 KB."""
    place = tmp_path / "tiny"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(place)]
    if (
        sys.platform != "linux"
        or subprocess.run(mount, capture_output=True, check=False).returncode
    ):
        pytest.skip("needs to mount a file system")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_is_one_message_and_nothing_is_written(
    folder: Path, tiny: Path, capsys: Capture
) -> None:
    switches = [word for name, text in REQUIRED.items() for word in ("--data", f"{name}={text}")]
    done = call(capsys, "new", "--defaults", "--template", str(folder), *switches, str(tiny))
    assert done.code == 2
    assert "No space left on device" in done.err
    assert "Remedy: " in done.err
    for name, module in list(sys.modules.items()):
        if name.endswith(".tracks.ids"):
            module.release()
    assert not any(tiny.iterdir())


@pytest.mark.parametrize(
    "said",
    [
        {"before": {"../../../../outside.md": None}},
        {"before": {"plan.md": "x", "/outside.md": "y"}},
        {"known": {"../outside.md": ["x"]}},
        {"place": "../elsewhere/storage-conductor/storages/storage-001"},
        {"place": 5},
        {"before": []},
        {"known": 3},
        {"before": {"plan.md": 7}},
        {"commit": "--output=outside"},
        {"commit": None},
        {"command": []},
        {"more": 1},
        {"known": {"plan.md": [[]]}},
    ],
)
def test_a_journal_that_somebody_else_wrote_is_damaged(
    tmp_path: Path, said: dict[str, object], capsys: Capture
) -> None:
    project = tmp_path / "project"
    track = write_track(project)
    write_registry(project)
    commit(project)
    place = track.relative_to(project).as_posix()
    plan = (track / "plan.md").read_text(encoding="utf-8")
    whole = {"place": place, "command": "copier update", "commit": "", "before": {"plan.md": "x"}}
    path = project / ".git" / "storage-conductor" / "unfinished" / "a.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({**whole, "known": {"plan.md": [plan]}, **said}), encoding="utf-8")
    (tmp_path / "outside.md").write_text("kept", encoding="utf-8")

    done = call(capsys, "refresh", "--trust", str(project))

    assert done.code == 2
    assert "is damaged, so a run that was killed cannot be told" in done.err
    assert (tmp_path / "outside.md").read_text(encoding="utf-8") == "kept"
    assert (track / "plan.md").read_text(encoding="utf-8") == plan
