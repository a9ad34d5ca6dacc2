"""Nothing is written through a link, and nothing is read but regular files of the project."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import REQUIRED, commit
from .trust_support import (
    LINKS,
    ONE,
    STORAGES,
    TWO,
    copier,
    fresh,
    newer,
    project,
    say,
    snapshot,
)

pytestmark = LINKS
HOME = "storage-conductor"
SECRET = "- [ ] token-4711 is the secret\n"  # noqa: S105


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """Return a folder beside the project, with what a person keeps there."""
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "file").write_text(SECRET, encoding="utf-8")
    return folder


def link(path: Path, target: Path | str) -> None:
    """Put a link in place of a file or folder; what was there lies behind it, if it leads out."""
    if path.is_dir() and not path.is_symlink():
        shutil.copytree(path, Path(target), dirs_exist_ok=True)
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    path.symlink_to(target)


TRACK = f"{STORAGES}/{ONE}"
FILES = ("plan.md", "spec.md", "metadata.json", ".copier-answers.yml")
BESIDE = ("tracks.md", "product.md", "tech-stack.md")
UPDATE = ("update", "--trust", "--defaults", "-a", f"{TRACK}/.copier-answers.yml")
NEW = ("new", "--defaults", "--data", "title=Third", "--data", "description=One more.")


def track_for_each(project: Path, names: tuple[str, ...]) -> list[Path]:
    """Copy a track once for each name; return the file or folder of that name in each copy."""
    found = []
    for number, name in enumerate(names):
        folder = project / STORAGES / f"copy-{number}"
        shutil.copytree(project / TRACK, folder)
        for path in folder.iterdir():
            text = path.read_text(encoding="utf-8").replace(ONE, folder.name)
            path.write_text(text, encoding="utf-8")
        found.append(folder / name if name else folder)
    return found


def test_nothing_is_written_through_a_link_of_a_track(project: Path, outside: Path) -> None:
    links = track_for_each(project, (*FILES, "plan.md.rej", ""))
    for path in links:
        target = outside / f"{path.parent.name}-{path.name}"
        if not path.is_dir():
            shutil.copy2(path if path.exists() else outside / "file", target)
        link(path, target)
    commit(project, "links")
    before = list(snapshot(outside))
    refresh, sync = say(project, "refresh", "--trust"), say(project, "sync")
    assert (refresh.code, sync.code) == (1, 0)
    assert list(snapshot(outside)) == before
    assert all(path.is_symlink() for path in links)
    failed = [line for line in refresh.out.splitlines() if line.startswith("failed copy-")]
    assert len(failed) == len(links)
    assert all("symbolic link" in line for line in failed)
    assert "2 tracks updated" in refresh.out
    check = say(project, "check")
    assert all(path.parent.name in check.out for path in links[:-1])


@pytest.mark.parametrize("place", [STORAGES, f"{HOME}/tracks.md", f"{HOME}/.gitattributes"])
def test_nothing_is_written_through_a_link_of_the_project(
    project: Path, newer: Path, outside: Path, place: str
) -> None:
    path = project / place
    target = outside / path.name
    if not path.is_dir():
        shutil.copy2(path, target)
    link(path, target)
    commit(project, "a link")
    before = list(snapshot(outside))
    said = [
        say(project, "refresh", "--trust", "--dry-run"),
        say(project, "sync"),
        say(project, *NEW, "--template", str(newer)),
    ]
    assert all("symbolic link" in done.out + done.err for done in (said[0], said[2]))
    assert list(snapshot(outside)) == before
    assert path.is_symlink()


def test_nothing_is_written_into_git(project: Path, newer: Path) -> None:
    config = project / ".git" / "config"
    before = config.read_bytes()
    links = [*track_for_each(project, FILES[:1]), project / HOME / "tracks.md"]
    for path in links:
        link(path, config)
    commit(project, "links")
    for arguments in (("refresh", "--trust"), ("sync",), (*NEW, "--template", str(newer))):
        assert "symbolic link" in "".join(say(project, *arguments)[1:])
    assert config.read_bytes() == before


@pytest.mark.parametrize("name", FILES)
def test_an_update_by_copier_refuses_a_link(project: Path, outside: Path, name: str) -> None:
    path = project / TRACK / name
    shutil.copy2(path, outside / name)
    link(path, outside / name)
    commit(project, "a link")
    before = list(snapshot(outside))
    done = copier(project, *UPDATE)
    assert done.code != 0
    assert "symbolic link" in done.err
    assert list(snapshot(outside)) == before


@pytest.mark.parametrize("place", [HOME, STORAGES, f"{HOME}/tracks.md", f"{HOME}/.gitattributes"])
def test_a_copy_refuses_a_link_before_it_writes(
    newer: Path, tmp_path: Path, outside: Path, place: str
) -> None:
    project = tmp_path / "empty"
    (project / place).parent.mkdir(parents=True)
    target = outside / "target"
    target.write_text("mine\n") if "." in Path(place).name else target.mkdir()
    (project / place).symlink_to(target)
    before = list(snapshot(tmp_path))
    data = [f"--data={name}={value}" for name, value in REQUIRED.items()]
    done = copier(project, "copy", "--trust", "--defaults", *data, str(newer), ".")
    assert done.code != 0
    assert "symbolic link" in done.err
    assert list(snapshot(tmp_path)) == before


def test_a_home_that_is_a_link_within_the_project_works(project: Path) -> None:
    (project / HOME).rename(project / "docs")
    (project / HOME).symlink_to("docs")
    commit(project, "moved")
    assert say(project, "check").code == 0
    done = say(project, "sync")
    assert (done.code, done.err) == (0, "")


COMMANDS = [
    ("status", "--long"),
    ("check",),
    ("status",),
    ("sync", "--dry-run"),
    ("refresh", "--dry-run", "--trust"),
]


def read_all(project: Path) -> str:
    done = [say(project, *command) for command in COMMANDS]
    assert TWO in done[0].out
    assert "6 tracks checked" in done[1].out
    return "".join(each.out + each.err for each in done)


def test_no_file_outside_is_read(project: Path, outside: Path) -> None:
    for path in [*track_for_each(project, FILES), *(project / HOME / name for name in BESIDE)]:
        link(path, outside / "file")
    assert "token-4711" not in read_all(project)


def test_no_secret_of_git_is_the_next_task(project: Path) -> None:
    with (project / ".git" / "config").open("a", encoding="utf-8") as stream:
        stream.write(SECRET)
    link(project / TRACK / "plan.md", "../../../.git/config")
    assert "token-4711" not in say(project, "status").out


def test_no_link_in_a_text_is_followed_out(project: Path, outside: Path) -> None:
    (outside / "other.md").write_text("# One\n", encoding="utf-8")
    spec = project / TRACK / "spec.md"
    there = "../../../../outside/other.md"
    text = spec.read_text(encoding="utf-8")
    spec.write_text(f"{text}\n[a]({there}#one) [b]({there}#two)\n", encoding="utf-8")
    # What the headings of a file out there are is not told.
    assert "anchor" not in say(project, "check").out


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _zero(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _large(path: Path) -> None:
    with path.open("wb") as stream:
        stream.truncate(64 << 20)


def _circle(path: Path) -> None:
    path.symlink_to(path.name)


@pytest.mark.parametrize("spoil", [_pipe, _zero, _large, _circle])
def test_what_has_no_end_is_told_in_one_message(
    project: Path, spoil: Callable[[Path], None]
) -> None:
    places = [*track_for_each(project, FILES), *(project / HOME / name for name in BESIDE)]
    for path in places:
        path.unlink()
        spoil(path)
    said = read_all(project)
    for path in places[:-2]:
        assert path.relative_to(project).as_posix() in said


@pytest.mark.parametrize("spoil", [_pipe, _zero])
def test_copier_is_not_stopped_by_a_pipe(
    newer: Path, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    for place in (f"{HOME}/tracks.md", f"{HOME}/product.md", f"{STORAGES}/.copier-answers.yml"):
        project = tmp_path / Path(place).stem
        (project / place).parent.mkdir(parents=True)
        spoil(project / place)
        done = say(project, *NEW, "--template", str(newer))
        assert done.code == 2
        assert "Remedy" in done.err
        assert not list(project.rglob("plan.md"))


def test_one_unreadable_track_does_not_stop_the_others(project: Path) -> None:
    digits = '{"id": ' + "9" * 5_000 + "}"
    (project / TRACK / "metadata.json").write_text(digits, encoding="utf-8")
    link(project / STORAGES / "storage-003", "/")
    edited = project / STORAGES / TWO / "metadata.json"
    edited.write_text(edited.read_text("utf-8").replace("Ledger of fees", "Fees"), "utf-8")
    check, status, sync = (say(project, name) for name in ("check", "status", "sync"))
    assert check.code == 1
    for storage_id in (ONE, "storage-003"):
        for done in (check, status, sync):
            assert storage_id in done.out
            assert done.err == ""
    assert "registry-differs" in check.out
    assert "Fees" in sync.out
