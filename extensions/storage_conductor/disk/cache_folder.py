"""The folder for what takes long to compute; what is read from it is executed.

Hence it is used only if no other user of the machine can write to it or put another in its place.
The entry point executes this file before the package is loaded, so it imports nothing of it.
"""

from __future__ import annotations

import contextlib
import functools
import os
import stat
import time
from pathlib import Path

import platformdirs

NAME = "storage-conductor"
_DAY = 24 * 60 * 60
_KEPT_DAYS = 90
_SWEPT_DAYS = 30


@functools.cache
def folder() -> Path | None:
    """Return a folder that is the user's alone, made if need be; None where there is none."""
    with contextlib.suppress(OSError, RuntimeError):
        path = platformdirs.user_cache_path(NAME, appauthor=False)
        if not path.is_absolute():  # a user without a home, or a relative XDG_CACHE_HOME
            return None
        if is_private(path):
            _sweep(path)
            return path
    return None


def is_private(path: Path) -> bool:
    """Tell whether a folder, made if need be, is one that no other user can write to or replace.

    Raises:
        OSError: It cannot be made or looked at.
    """
    _make(path)
    return _is_private(path)


def _make(path: Path) -> None:
    missing = [each for each in (path, *path.parents) if not os.path.lexists(each)]
    for each in reversed(missing):
        with contextlib.suppress(FileExistsError):  # another run was faster
            each.mkdir(mode=0o700)


def _is_private(path: Path) -> bool:
    if path.is_symlink() or not path.is_dir():
        return False
    if os.name == "nt":
        return True  # the folder of a user's local data is theirs by inherited rights
    above = {*path.parents, *path.resolve().parents}
    return _only_mine(path.lstat(), sticky=False) and all(
        _only_mine(each.lstat(), sticky=True) for each in above if not each.is_symlink()
    )


def _only_mine(found: os.stat_result, *, sticky: bool) -> bool:
    """Tell whether no other user but root can change what a folder holds of mine."""
    if os.name == "nt" or found.st_uid not in (os.getuid(), 0):
        return os.name == "nt"
    shared = found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return not shared or bool(sticky and found.st_mode & stat.S_ISVTX)


def _sweep(path: Path) -> None:
    """Remove what was kept long ago, now and then: new versions leave the old ones' behind."""
    mark, now = path / "swept", time.time()
    with contextlib.suppress(OSError):
        if mark.exists() and now - mark.stat().st_mtime < _SWEPT_DAYS * _DAY:
            return
        mark.touch()
        for each in path.iterdir():
            if each.is_file() and now - each.lstat().st_mtime > _KEPT_DAYS * _DAY:
                each.unlink()
