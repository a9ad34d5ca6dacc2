"""Fixtures: the working tree as a tagged template, and projects to run it in."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import copier
import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parents[1]
FIRST_TAG = "v1.0.0"
EPOCH = "1769850600"  # 2026-01-31T09:10:00Z
# The processes of a run by several are told a width, by which a pipe would be cut.
os.environ.pop("COLUMNS", None)
REQUIRED = {"title": "Payments ledger", "description": "Double-entry ledger of all payments."}

settings.register_profile(
    "default",
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.register_profile("thorough", parent=settings.get_profile("default"), max_examples=5000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder, as an author whose name does not matter."""
    command = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", *arguments]
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout


def working_tree(target: Path) -> Path:
    """Copy the files that git tracks or would track, as they are now."""
    listed = git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    return target


def commit(folder: Path, message: str = "change", tag: str | None = None) -> None:
    """Commit everything in a folder, making it a repository first where needed."""
    if not (folder / ".git").exists():
        git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", message)
    if tag:
        git(folder, "tag", tag)


@pytest.fixture(autouse=True)
def _quiet_git(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the machine's own git settings and clock out of the tests."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "A")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "a@example.org")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the working tree as a git repository with one tag."""
    target = working_tree(tmp_path_factory.mktemp("template"))
    commit(target, tag=FIRST_TAG)
    return target


@pytest.fixture(scope="session")
def newer(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the template with a second version; tests leave it as it is."""
    from . import update_support as versions

    target = versions.first_release(template, tmp_path_factory.mktemp("newer") / "template")
    return versions.release(target, versions.new_tasks, versions.new_sizing)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the working tree as a plain folder, which Copier uses without cloning it."""
    return working_tree(tmp_path_factory.mktemp("folder"))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return an empty folder to be a project."""
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


@pytest.fixture
def start(folder: Path, project: Path) -> Callable[..., Path]:
    """Return a function that starts a track in the project and returns its folder."""

    def run(into: Path = project, **data: Any) -> Path:
        before = set(tracks(into))
        copier.run_copy(
            str(folder), into, data={**REQUIRED, **data}, defaults=True, quiet=True, unsafe=True
        )
        (new,) = set(tracks(into)) - before
        return new

    return run


def tracks(project: Path) -> Iterator[Path]:
    """Yield the folders of the tracks in a project."""
    storages = project / "storage-conductor" / "storages"
    if storages.is_dir():
        yield from storages.iterdir()
