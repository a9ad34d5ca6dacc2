"""Locks that end with their process, so that a kill leaves nothing to clean up."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ..errors import ConductorError
from .files import check_place


@contextlib.contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder; other processes that ask for it wait.

    The lock ends with the process, so a kill leaves nothing to clean up. The folder must exist or
    be creatable; on POSIX the folder itself is locked, on Windows a file in the temporary folder.

    Raises:
        ConductorError: The folder cannot be created or opened, or a link stands in the way.
    """
    check_place(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = _handle(folder)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConductorError(
            f"cannot be opened: {reason}", path=folder, remedy="Check the rights of the folder."
        ) from error
    try:
        _lock(handle)
        yield
    finally:
        os.close(handle)


def try_hold(folder: Path) -> int | None:
    """Take the lock of `exclusive` without waiting; None where another process has it.

    Returns:
        What `os.close` gives the lock back with; it ends with the process, too.

    Raises:
        OSError: There is no such folder.
    """
    handle = _handle(folder)
    # It may have been removed before it was locked, and another one made in its place.
    if _try_lock(handle) and (sys.platform == "win32" or _is_at(folder, handle)):
        return handle
    os.close(handle)
    return None


def _is_at(folder: Path, handle: int) -> bool:
    with contextlib.suppress(OSError):
        return os.path.samestat(folder.stat(), os.fstat(handle))
    return False


def _handle(folder: Path) -> int:
    """Open what is locked for a folder."""
    if sys.platform == "win32":
        import hashlib

        name = hashlib.sha256(str(folder.resolve()).casefold().encode()).hexdigest()[:16]
        lock = Path(tempfile.gettempdir()) / f"storage-conductor-{name}.lock"
        return os.open(lock, os.O_RDWR | os.O_CREAT)
    return os.open(folder, os.O_RDONLY)


if sys.platform == "win32":
    import msvcrt
    import time

    _MINUTES = 5

    def _try_lock(handle: int) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def hold_file(descriptor: int, held: contextlib.ExitStack) -> bool:  # noqa: ARG001
        """Return True: nobody can remove a file that is open."""
        return True

    def remove_if_abandoned(path: Path) -> None:
        """Remove a file that has not been written to for minutes; then no process writes it."""
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > _MINUTES * 60:
                path.unlink()

    def _lock(handle: int) -> None:
        while True:
            with contextlib.suppress(OSError):
                msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
                return
            time.sleep(0.02)
else:
    import fcntl

    def _try_lock(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return True  # a file system without locks
        return True

    def hold_file(descriptor: int, held: contextlib.ExitStack) -> bool:
        """Lock a file until the stack is closed; False where it was removed before."""
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        held.callback(os.close, os.dup(descriptor))
        return os.fstat(descriptor).st_nlink > 0

    def remove_if_abandoned(path: Path) -> None:
        """Remove a file that no process holds; its lock ended with its process."""
        with contextlib.suppress(OSError):
            handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink()
            finally:
                os.close(handle)

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX)
