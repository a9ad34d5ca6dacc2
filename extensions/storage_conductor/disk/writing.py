"""Writing files so that a kill or a second process loses nothing."""

from __future__ import annotations

import contextlib
import functools
import os
import re
import tempfile
from pathlib import Path

from ..errors import ConductorError
from . import locks
from .files import check_place


def write_atomic(path: Path, text: str) -> None:
    """Replace a file as a whole by a text, whose line endings are written as they stand in it.

    Errors are those of `write_bytes`.
    """
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Replace a file as a whole: a reader or a kill sees the old or the new content, never a part.

    An existing file keeps its permissions.

    Args:
        path: The file.
        data: Its new content.
        durable: Whether that holds for a power loss too, which takes some milliseconds.

    Raises:
        ConductorError: The folder or file cannot be written, or a link stands in the way.
    """
    check_place(path)
    temporary: Path | None = None
    held = contextlib.ExitStack()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _sweep(path.parent)
        descriptor, temporary = _temporary(path, held)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            if durable:
                os.fsync(stream.fileno())
        temporary.chmod(path.stat().st_mode & 0o7777 if path.exists() else _default_mode())
        temporary.replace(path)
    except OSError as error:
        if temporary is not None:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
        reason = error.strerror or str(error)
        raise ConductorError(
            f"cannot be written: {reason}", path=path, remedy="Check the rights and the free space."
        ) from error
    finally:
        held.close()


# Marks what is not done yet: the files that are being written, and no others, end so.
_SUFFIX = ".unfinished"
_OWN_FORM = re.compile(r"\..+\.[a-z0-9_]{8}" + re.escape(_SUFFIX))


def _temporary(target: Path, held: contextlib.ExitStack) -> tuple[int, Path]:
    """Create a file beside another, locked until `held` is closed, so that no sweep takes it."""
    while True:
        descriptor, name = tempfile.mkstemp(
            prefix=f".{target.name}.", suffix=_SUFFIX, dir=target.parent
        )
        if locks.hold_file(descriptor, held):
            return descriptor, Path(name)
        os.close(descriptor)  # swept between the two lines


@functools.cache
def _sweep(folder: Path) -> None:
    """Remove the files that killed runs left half-written in a folder, once in each process."""
    with contextlib.suppress(OSError), os.scandir(folder) as found:
        for each in found:
            if _OWN_FORM.fullmatch(each.name) and each.is_file(follow_symlinks=False):
                locks.remove_if_abandoned(Path(each.path))


def require_room(folder: Path, size: int) -> None:
    """Make sure that some bytes can be written into a folder, before something else writes there.

    Args:
        folder: The folder.
        size: Bytes.

    Raises:
        ConductorError: They cannot, because the disk is full or a quota is used up.
    """
    try:
        with tempfile.TemporaryFile(dir=folder) as stream:
            stream.write(bytes(size))
    except OSError as error:
        raise ConductorError(
            f"cannot be written into: {error.strerror or error}",
            path=folder,
            remedy="Check the rights and the free space, then run the same command again.",
        ) from error


def write_new(path: Path, text: str) -> bool:
    """Create a file as a whole unless something of that name exists.

    Returns:
        Whether the file was created; an existing file, folder or link is left as it is.

    Raises:
        ConductorError: The folder cannot be written.
    """
    if os.path.lexists(path):
        return False
    with locks.exclusive(path.parent):
        if os.path.lexists(path):
            return False
        write_atomic(path, text)
    return True


def remove(path: Path) -> None:
    """Remove a file, if it is there.

    Raises:
        ConductorError: It is no file of its project.
    """
    check_place(path)
    path.unlink(missing_ok=True)


def _default_mode() -> int:
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask
