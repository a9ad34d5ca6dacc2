"""The folder of a track that is being started: held by its run, marked until the track is whole.

The run's lock ends with its process, the mark does not. So a folder that is empty or marked, and
that nobody holds, was left by a run that was killed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from ..disk import git, locks, places, writing
from ..errors import ConductorError

REMEDY = "Delete this folder, then start the track again."
_TEXT = f"""\
The run that starts this track has not ended yet, or was killed.
If none is under way: {REMEDY[0].lower()}{REMEDY[1:]}
"""
# More than the files of any track and a registry take.
_ROOM = 1 << 19
_ATTEMPTS = 50

_held: dict[Path, int] = {}


def make(folder: Path) -> bool:
    """Create a folder and hold it; False if another process was faster.

    Raises:
        OSError: It cannot be created.
    """
    folder.mkdir()
    for _ in range(_ATTEMPTS):
        if _hold(folder):
            # While another run removed it, a third one may have made it again and gone on.
            if not any(folder.iterdir()):
                return True
            _let_go(folder)
            return False
        if not folder.is_dir():
            return False
        time.sleep(0.01)  # another run looks whether anybody holds it
    return False


def is_held(folder: Path) -> bool:
    """Tell whether this process is starting a track in a folder."""
    if folder in _held and not folder.is_dir():
        _let_go(folder)
    return folder in _held and (is_marked(folder) or _is_empty(folder))


def _hold(folder: Path) -> bool:
    # Another run may take the folder for abandoned in between, and remove it.
    with contextlib.suppress(FileNotFoundError):
        handle = locks.try_hold(folder)
        if handle is not None:
            _held[folder] = handle
            return True
    return False


def begin(folder: Path) -> None:
    """Mark a folder that this process holds, and make sure that there is room for a track.

    What an earlier attempt left in it is removed.

    Raises:
        ConductorError: There is no room.
    """
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    writing.require_room(folder, _ROOM)
    mark = folder / places.UNFINISHED
    try:
        # Its name counts, so it may be cut short.
        mark.write_text(_TEXT, encoding="utf-8")
    except OSError as error:
        raise ConductorError(
            f"cannot be written: {error.strerror or error}",
            path=mark,
            remedy="Check the rights and the free space.",
        ) from error


def end(folder: Path) -> None:
    """Take the mark off a folder: the track in it is whole."""
    (folder / places.UNFINISHED).unlink(missing_ok=True)
    _let_go(folder)


def give_up(folder: Path) -> None:
    """Remove a folder of this process if it is empty or marked."""
    if is_marked(folder):
        shutil.rmtree(folder, ignore_errors=True)
    with contextlib.suppress(OSError):
        folder.rmdir()
    _let_go(folder)


def _let_go(folder: Path) -> None:
    if (handle := _held.pop(folder, None)) is not None:
        os.close(handle)


def is_marked(folder: Path) -> bool:
    """Tell whether the track in a folder is not whole."""
    return os.path.lexists(folder / places.UNFINISHED)


def is_half_made(folder: Path) -> bool:
    """Tell whether a folder is one that a run makes, or that a killed run left."""
    return folder.is_dir() and not folder.is_symlink() and (is_marked(folder) or _is_empty(folder))


def is_under_way(folder: Path) -> bool:
    """Tell whether a process that still runs holds a folder."""
    return folder in _held or not _is_free(folder)


def _is_free(folder: Path) -> bool:
    with contextlib.suppress(OSError):
        handle = locks.try_hold(folder)
        if handle is not None:
            os.close(handle)
        return handle is not None
    return False


def take_over(folder: Path) -> bool:
    """Hold a folder that a killed run left, unless git has something of it.

    Returns:
        Whether this process holds it now.
    """
    if not is_half_made(folder) or folder in _held:
        return False
    with contextlib.suppress(ConductorError):  # no git, or no repository
        if git.run(folder, "ls-files", "--", "."):
            return False
    if not _hold(folder):
        return False
    if is_marked(folder) or _is_empty(folder):  # and so it still is, now that it is held
        return True
    _let_go(folder)
    return False


def remove_abandoned(folders: Iterator[Path]) -> None:
    """Remove those of some folders that killed runs left without any content."""
    for folder in folders:
        with contextlib.suppress(OSError):
            if folder.is_symlink() or not _is_empty(folder) or not _hold(folder):
                continue
            try:
                if _is_empty(folder):
                    (folder / places.UNFINISHED).unlink(missing_ok=True)
                    folder.rmdir()
            finally:
                _let_go(folder)


def _is_empty(folder: Path) -> bool:
    """Tell whether nothing but the mark is in a folder."""
    return all(path.name == places.UNFINISHED for path in folder.iterdir())
