"""What is kept between runs in the user's cache folder never changes what is written."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import platformdirs
import pytest
from jinja2 import Environment

from storage_conductor.disk import cache, cache_folder
from tests.conftest import REQUIRED, tracks

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="XDG_CACHE_HOME names the folder on Linux only"
)


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Let the user's caches lie in a folder of the test."""
    path = tmp_path / "caches"
    path.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_CACHE_HOME", str(path))
    cache_folder.folder.cache_clear()
    yield path
    cache_folder.folder.cache_clear()


def copy(template: Path, project: Path) -> dict[str, str]:
    """Start a track in a process of its own, and return its files."""
    answers = [f"--data={name}={value}" for name, value in REQUIRED.items()]
    # It speaks of files beside the sources, and containers have it set.
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run(
        [sys.executable, "-m", "copier", "copy", "--quiet", "--trust", "--defaults", *answers,
         "--data=storage_id=ledger", str(template), str(project)],
        env=environment,
        check=True,
    )  # fmt: skip
    (track,) = tracks(project)
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(track.iterdir())}


def test_what_is_kept_is_found_again_and_damage_does_not_matter(
    template: Path, tmp_path: Path, scratch: Path
) -> None:
    first = copy(template, tmp_path / "first")
    kept = scratch / cache_folder.NAME
    assert stat.S_IMODE(kept.stat().st_mode) == 0o700
    names = {path.name for path in kept.iterdir()}
    assert {Path(name).suffix for name in names} == {
        ".cache",
        ".code",
        ".json",
        ".objects",
        ".patterns",
        ".texts",
        "",
    }
    assert copy(template, tmp_path / "second") == first
    assert {path.name for path in kept.iterdir()} == names, "nothing was computed anew"
    for path in kept.iterdir():
        path.write_bytes(path.read_bytes()[:40])
    assert copy(template, tmp_path / "third") == first
    kept.rename(scratch / "elsewhere")
    kept.write_text("a file", encoding="utf-8")
    assert copy(template, tmp_path / "fourth") == first


def link(path: Path) -> None:
    (path.parent / "elsewhere").mkdir(mode=0o700)
    path.symlink_to("elsewhere")


def open_to_all(path: Path) -> None:
    path.mkdir()
    path.chmod(0o777)


def open_to_the_group(path: Path) -> None:
    path.mkdir()
    path.chmod(0o770)


def under_a_folder_open_to_all(path: Path) -> None:
    path.mkdir(mode=0o700)
    path.parent.chmod(0o777)


def of_another_user(path: Path) -> None:
    path.mkdir(mode=0o700)
    try:
        os.chown(path, 65534, 65534)
    except PermissionError:
        pytest.skip("only root gives a folder away")


@pytest.mark.parametrize(
    "make", [link, open_to_all, open_to_the_group, under_a_folder_open_to_all, of_another_user]
)
def test_a_folder_that_others_could_fill_is_not_used(
    make: Callable[[Path], None], scratch: Path
) -> None:
    make(scratch / cache_folder.NAME)
    assert cache_folder.folder() is None
    assert cache.data("[1]", lambda _: [1]) == [1]
    assert not [path for path in scratch.rglob("*") if path.is_file()]
    environment = Environment(autoescape=True)
    cache.remember_compiled(environment, "uncached")
    assert environment.from_string("{{ 1 }}").render() == "1"


def test_a_relative_folder_is_not_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # As platformdirs said of a relative XDG_CACHE_HOME before it passed over one.
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda *_, **__: Path("caches"))
    monkeypatch.chdir(tmp_path)
    assert cache_folder.folder() is None


@contextmanager
def full_disk() -> Iterator[None]:
    """Let every write of this process fail."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_means_that_nothing_is_kept(scratch: Path) -> None:
    environment = Environment(autoescape=True)
    cache.remember_compiled(environment, "full")
    with full_disk():
        assert cache.data("[2]", lambda _: [2]) == [2]
        rendered = environment.from_string("{{ 'full' }}").render()
    assert rendered == "full"
    kept = [path for path in (scratch / cache_folder.NAME).iterdir() if path.stat().st_size]
    assert kept == []


def test_what_was_kept_long_ago_goes(scratch: Path) -> None:
    kept = scratch / cache_folder.NAME
    kept.mkdir(mode=0o700)
    (kept / "a folder").mkdir()
    os.utime(kept / "a folder", (0, 0))
    for name, days in (("old.json", 91), ("new.json", 89)):
        (kept / name).touch()
        os.utime(kept / name, (time.time() - days * 24 * 60 * 60,) * 2)
    assert cache_folder.folder() == kept
    assert {path.name for path in kept.iterdir()} == {"a folder", "new.json", "swept"}


def test_templates_with_other_settings_are_not_mixed_up(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "{% if true %}\nyes\n{% endif %}\n"
    plain, trimmed = Environment(autoescape=True), Environment(autoescape=True, trim_blocks=True)
    cache.remember_compiled(plain, "plain")
    cache.remember_compiled(trimmed, "trimmed")
    assert plain.from_string(text).render() == "\nyes\n"
    assert trimmed.from_string(text).render() == "yes\n"
    monkeypatch.setattr(Environment, "compile", None)  # what is kept needs no compiler
    again = Environment(autoescape=True)
    cache.remember_compiled(again, "plain")
    assert again.from_string(text).render() == "\nyes\n"
