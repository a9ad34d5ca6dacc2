"""Writing a whole folder that a command makes, in place of the one that it made before."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from ..errors import ConductorError
from . import locks
from .files import check_place

# Marks a folder that is made anew each time, so that no other one is ever replaced.
MARKER = ".gitignore"
_MARK = b"# Made by storage-conductor: the next run replaces this folder.\n*\n"


@contextlib.contextmanager
def replaced(folder: Path) -> Iterator[Path]:
    """Make a folder beside another, and put it in its place when everything is written.

    Git ignores what is in it. Where something fails, the folder stays as it was.

    Args:
        folder: The folder, which need not exist.

    Yields:
        The new folder, empty but for its mark.

    Raises:
        ConductorError: It holds something that no run has made, another run writes it, or it cannot
            be written.
    """
    check_place(folder)
    _require_ours(folder)
    new = folder.with_name(f".{folder.name}.unfinished")
    held = None
    try:
        new.mkdir(parents=True, exist_ok=True)
        held = locks.try_hold(new)
        if held is None:
            raise ConductorError(
                "is being written by another run", path=folder, remedy="Wait until it has ended."
            )
        _empty(new)
        (new / MARKER).write_bytes(_MARK)
        yield new
        _swap(new, folder)
    except OSError as error:
        raise ConductorError(
            f"cannot be written: {error.strerror or error}",
            path=folder,
            remedy="Check the rights and the free space.",
        ) from error
    finally:
        if held is not None:
            shutil.rmtree(new, ignore_errors=True)
            os.close(held)


def _require_ours(folder: Path) -> None:
    """Refuse a folder that something else is in, a file, or a link, which would be replaced."""
    if folder.is_symlink():
        raise ConductorError(
            "is a symbolic link, and the folder is replaced as a whole",
            path=folder,
            remedy=f"Name the folder itself, {folder.resolve()}.",
        )
    marker = folder / MARKER
    try:
        ours = not os.path.lexists(folder) or (
            folder.is_dir()
            and (not any(folder.iterdir()) or (marker.is_file() and marker.read_bytes() == _MARK))
        )
    except OSError:
        ours = False
    if not ours:
        raise ConductorError(
            "is there and was not made by this command",
            path=folder,
            remedy="Name a folder that is empty, or not there yet.",
        )


def _empty(folder: Path) -> None:
    for each in folder.iterdir():
        if each.is_dir() and not each.is_symlink():
            shutil.rmtree(each)
        else:
            each.unlink()


def _swap(new: Path, folder: Path) -> None:
    old = folder.with_name(f".{folder.name}.replaced")
    if old.is_dir():
        shutil.rmtree(old)
    if folder.is_dir():
        folder.rename(old)
    new.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
