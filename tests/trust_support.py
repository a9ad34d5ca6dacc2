"""A template in two versions, a project that was started from it, and a stranger's template."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from .command_runner import COMMAND, Done
from .conftest import EPOCH, commit, git
from .update_support import NEW, first_release, new_sizing, release, start

STORAGES = "storage-conductor/storages"
ONE, TWO = "storage-001", "storage-002"
LATER = str(int(EPOCH) + 3 * 86_400)
SECONDS = 60
LINKS = pytest.mark.skipif(sys.platform == "win32", reason="links and pipes are other things there")


def make_template(template: Path, target: Path) -> Path:
    """Return the template with a second version."""
    return release(first_release(template, target), new_sizing)


def make_project(template: Path, target: Path) -> Path:
    """Return a committed project with two tracks of the first version."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", EPOCH)
        for storage_id, title in ((ONE, "Payments"), (TWO, "Ledger of fees")):
            start(template, target, storage_id=storage_id, title=title)
    return target


@pytest.fixture(scope="session")
def newer(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the template with a second version; tests leave it as it is."""
    return make_template(template, tmp_path_factory.mktemp("newer") / "template")


@pytest.fixture(scope="session")
def fresh(newer: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project with two tracks of its first version, to be copied."""
    return make_project(newer, tmp_path_factory.mktemp("fresh") / "project")


@pytest.fixture
def project(fresh: Path, tmp_path: Path) -> Path:
    """Return a copy of `fresh` for one test."""
    target = tmp_path / "project"
    shutil.copytree(fresh, target, symlinks=True)
    return target


def say(folder: Path, *arguments: str, **environment: str) -> Done:
    """Run the command as a person does; one that hangs fails."""
    return _run(folder, [*COMMAND, *arguments], environment)


def copier(folder: Path, *arguments: str, **environment: str) -> Done:
    """Run Copier as a person does; one that hangs fails."""
    return _run(folder, [sys.executable, "-m", "copier", *arguments], environment)


def _run(folder: Path, command: list[str], environment: dict[str, str]) -> Done:
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "SOURCE_DATE_EPOCH": LATER, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=SECONDS,
    )
    out, err = (part.decode("utf-8", "surrogateescape") for part in (done.stdout, done.stderr))
    assert "Traceback" not in err, err
    return Done(done.returncode, out, err)


def set_source(track: Path, source: str) -> None:
    """Let an answers file name another template, and commit that."""
    path = track / ".copier-answers.yml"
    data = yaml.safe_load(path.read_text(encoding="utf-8")) | {"_src_path": source}
    text = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=4096)
    path.write_text(text, encoding="utf-8")
    commit(track.parents[2], "another template")


def stranger(template: Path, target: Path, mark: Path) -> Path:
    """Return a repository with the same tags, whose newest version leaves a mark."""
    git(template.parent, "clone", "--quiet", str(template), str(target))
    entry = target / "extensions" / "entry.py"
    trap = f"\nPath({str(mark)!r}).touch()\n"
    entry.write_text(entry.read_text(encoding="utf-8") + trap, encoding="utf-8")
    commit(target, "trap")
    git(target, "tag", "--force", NEW)
    return target


def trusting(folder: Path, *places: str) -> dict[str, str]:
    """Return the environment of a person whose Copier trusts some places."""
    settings = folder / "copier-settings.yml"
    settings.write_text(yaml.safe_dump({"trust": list(places)}), encoding="utf-8")
    return {"COPIER_SETTINGS_PATH": str(settings)}


def snapshot(folder: Path) -> Iterator[tuple[str, bytes | str]]:
    """Yield every file and link below a folder with what it holds."""
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            yield path.relative_to(folder).as_posix(), str(path.readlink())
        elif path.is_file():
            yield path.relative_to(folder).as_posix(), path.read_bytes()
