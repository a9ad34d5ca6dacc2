import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import storage_conductor
from storage_conductor.errors import ConductorError
from storage_conductor.tracks.registry_edit import rows
from storage_conductor.tracks.registry_file import preflight, rebuild, record
from storage_conductor.tracks.registry_read import parse

from .test_registry import HEADER, LINE, ROW, STARTER

NOBODY = 65534
PROGRAM = """
import sys
from pathlib import Path
from storage_conductor.tracks.registry_edit import RegistryRow
from storage_conductor.tracks.registry_file import record
path, starter = Path(sys.argv[1]), Path(sys.argv[2]).read_text(encoding="utf-8")
print("ready", flush=True)
sys.stdin.readline()
for number in range(int(sys.argv[3]), int(sys.argv[4])):
    row = RegistryRow(f"storage-{number:05}", "T" * 200, "cache", "Redis", "Planning", "x", "y")
    record(path, row, starter)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "project" / "storage-conductor" / "tracks.md"


@contextmanager
def unprivileged_folder() -> Iterator[Path]:
    """Give a folder with `storage-conductor`, in the role of somebody for whom rights count."""
    if sys.platform == "win32":
        pytest.skip("needs POSIX rights")
    is_root = os.getuid() == 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "storage-conductor").mkdir()
        if is_root:
            os.chown(folder, NOBODY, NOBODY)
            os.chown(folder / "storage-conductor", NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, 0)
        try:
            yield folder
        finally:
            if is_root:
                os.setresuid(0, 0, 0)
            (folder / "storage-conductor").chmod(0o700)


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("utf-8"))


def start(path: Path, first: int, stop: int) -> subprocess.Popen[bytes]:
    starter = path.parents[2] / "starter.md"
    starter.write_text(STARTER, encoding="utf-8")
    command = [sys.executable, "-c", PROGRAM, str(path), str(starter), str(first), str(stop)]
    package = Path(storage_conductor.__file__).parents[1]
    return subprocess.Popen(
        command,
        env={**os.environ, "PYTHONPATH": str(package)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


def test_a_missing_or_empty_registry_is_made_from_the_starter(path: Path) -> None:
    for text in (None, "", "\ufeff\r\n"):
        if text is not None:
            write(path, text)
        assert record(path, ROW, STARTER) == []
        expected = STARTER.replace("---|\n", "---|\n" + LINE)
        assert path.read_bytes() == expected.encode("utf-8")


def test_recording_twice_does_not_write(path: Path) -> None:
    record(path, ROW, STARTER)
    before = path.stat()
    record(path, ROW, STARTER)
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == (before.st_mtime_ns, before.st_ino)


def test_notes_are_handed_on(path: Path) -> None:
    write(path, HEADER + LINE.replace("Planning", "Blocked"))
    assert len(record(path, ROW, STARTER)) == 1


def test_rebuild_writes_what_sync_says(path: Path) -> None:
    write(path, HEADER + LINE + LINE)
    rebuild(path, [ROW, ROW._replace(id="storage-043")], STARTER)
    found = rows(path.read_text(encoding="utf-8"))
    assert [entry.values["id"] for entry in found] == ["storage-042", "storage-043"]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (HEADER.encode() + b"\xff\xfe", 3),
        (b"# A\n\x89PNG\r\n\x1a\n\x00", 2),
        ((HEADER + "<<<<<<< HEAD\n").encode(), 3),
    ],
)
def test_a_file_that_cannot_be_understood_is_left_as_it_is(
    path: Path, content: bytes, line: int
) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    for run in (lambda: record(path, ROW, STARTER), lambda: preflight(path)):
        with pytest.raises(ConductorError) as caught:
            run()
        assert (caught.value.path, caught.value.line) == (path, line)
        assert caught.value.remedy
    assert path.read_bytes() == content
    assert list(path.parent.iterdir()) == [path]


def test_a_folder_in_place_of_the_file_is_an_error(path: Path) -> None:
    path.mkdir(parents=True)
    for run in (lambda: record(path, ROW, STARTER), lambda: preflight(path)):
        with pytest.raises(ConductorError, match="is not a file"):
            run()


def test_a_file_in_place_of_the_folder_is_an_error(path: Path) -> None:
    path.parent.parent.mkdir()
    path.parent.write_text("x", encoding="utf-8")
    with pytest.raises(ConductorError, match="storage-conductor: "):
        record(path, ROW, STARTER)
    with pytest.raises(ConductorError, match="is not a folder"):
        preflight(path)


def test_preflight_passes_and_changes_nothing(path: Path) -> None:
    preflight(path)
    assert not path.parent.parent.exists()
    write(path, HEADER)
    preflight(path)
    assert path.read_text(encoding="utf-8") == HEADER


@pytest.mark.parametrize(
    "target", ["../docs/tracks.md", "../../elsewhere.md", "missing.md", "tracks.md"]
)
def test_a_link_is_an_error_wherever_it_leads(path: Path, target: str) -> None:
    path.parent.mkdir(parents=True)
    write(path.parents[1] / "docs" / "tracks.md", HEADER)
    (path.parents[2] / "elsewhere.md").write_text(HEADER, encoding="utf-8")
    path.symlink_to(target)
    for run in (lambda: record(path, ROW, STARTER), lambda: preflight(path)):
        with pytest.raises(ConductorError, match="symbolic link"):
            run()
    assert (path.parents[2] / "elsewhere.md").read_text(encoding="utf-8") == HEADER
    assert (path.parents[1] / "docs" / "tracks.md").read_text(encoding="utf-8") == HEADER


@pytest.mark.parametrize(
    ("mode", "folder_mode", "message"),
    [
        (0o444, 0o700, "is read-only"),
        (0o200, 0o700, "cannot be read"),
        (0o600, 0o500, "cannot be written"),
    ],
)
def test_missing_rights_are_errors(mode: int, folder_mode: int, message: str) -> None:
    with unprivileged_folder() as folder:
        path = folder / "storage-conductor" / "tracks.md"
        path.write_text(HEADER, encoding="utf-8")
        path.chmod(mode)
        path.parent.chmod(folder_mode)
        for run in (lambda: record(path, ROW, STARTER), lambda: preflight(path)):
            with pytest.raises(ConductorError, match=message):
                run()
        path.chmod(0o600)
        assert path.read_text(encoding="utf-8") == HEADER


def test_no_row_of_twenty_processes_at_once_is_lost(path: Path) -> None:
    path.parent.mkdir(parents=True)
    processes = [start(path, number * 5, number * 5 + 5) for number in range(20)]
    for process in processes:
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
    for process in processes:
        assert process.stdin
        process.stdin.write(b"\n")
        process.stdin.flush()
    for process in processes:
        process.communicate()
        assert process.returncode == 0
    text = path.read_text(encoding="utf-8")
    assert parse(text).problems() == []
    assert {entry.values["id"] for entry in rows(text)} == {f"storage-{n:05}" for n in range(100)}
    assert text.partition("## ")[2] == STARTER.partition("## ")[2]


def test_a_kill_at_any_moment_leaves_the_old_or_the_new_registry(path: Path) -> None:
    chance = random.Random(7)  # noqa: S311 - delays, no secrets
    count = 3000
    whole = "".join(LINE.replace("storage-042", f"storage-{n:05}") for n in range(count))
    write(path, STARTER.replace("---|\n", "---|\n" + whole))
    for _ in range(12):
        with start(path, count, count + 100_000) as process:
            assert process.stdin
            assert process.stdout
            process.stdout.readline()
            process.stdin.write(b"\n")
            process.stdin.flush()
            time.sleep(chance.uniform(0.01, 0.1))
            process.kill()
            process.wait()
        text = path.read_text(encoding="utf-8")
        assert parse(text).problems() == []
        assert text.partition("## ")[2] == STARTER.partition("## ")[2]
        found = [entry.values["id"] for entry in rows(text)]
        assert found == [f"storage-{number:05}" for number in range(len(found))]
        assert len(found) >= count
        count = len(found)
    assert count > 3000
