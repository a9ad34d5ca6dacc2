"""Reading and writing files so that a kill or a second process loses nothing."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import ConductorError

if TYPE_CHECKING:
    import yaml


def read_text(path: Path) -> str:
    """Read a UTF-8 file exactly: byte order mark and line endings are kept.

    Raises:
        ConductorError: The file is missing, unreadable, not a regular file, or not UTF-8.
    """
    try:
        data = path.read_bytes()
    except IsADirectoryError as error:
        raise ConductorError(
            "is a folder where a file is expected", path=path, remedy="Move the folder away."
        ) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConductorError(
            f"cannot be read: {reason}", path=path, remedy="Check that it exists and its rights."
        ) from error
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ConductorError(
            f"is not UTF-8 text (byte {error.start})",
            path=path,
            line=data.count(b"\n", 0, error.start) + 1,
            remedy="Save the file as UTF-8.",
        ) from error


def parse_yaml(text: str, *, as_written: bool = False) -> Any:
    """Parse YAML by the safe loader, the fast one where PyYAML was built with it.

    Args:
        text: The YAML.
        as_written: Whether each scalar stays the text that it is, such as `007` and `yes`.

    Raises:
        yaml.YAMLError: The text is not YAML, or holds what cannot be read, such as a month 13.
    """
    import yaml

    kind = "BaseLoader" if as_written else "SafeLoader"
    try:
        return yaml.load(text, Loader=getattr(yaml, f"C{kind}", getattr(yaml, kind)))  # noqa: S506
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        # What PyYAML's constructors raise, among them `int` for a number of thousands of digits.
        raise yaml.YAMLError(f"a value cannot be read: {error}") from error


def yaml_fault(error: yaml.YAMLError) -> tuple[str, int | None]:
    """Return what is wrong with a text that is not YAML, and in which line if that is known."""
    mark = getattr(error, "problem_mark", None)
    said = str(getattr(error, "problem", None) or error)
    return said, None if mark is None else mark.line + 1


def write_atomic(path: Path, text: str) -> None:
    """Replace a file as a whole: a reader or a kill sees the old or the new text, never a part.

    Line endings are written as they stand in `text`. An existing file keeps its permissions; a
    symbolic link keeps pointing where it points and its target is replaced.

    Raises:
        ConductorError: The folder or file cannot be written.
    """
    target = path.resolve() if path.is_symlink() else path
    temporary: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        temporary = Path(name)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(text.encode("utf-8"))
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(target.stat().st_mode & 0o7777 if target.exists() else _default_mode())
        temporary.replace(target)
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        reason = error.strerror or str(error)
        raise ConductorError(
            f"cannot be written: {reason}", path=path, remedy="Check the rights and the free space."
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
    with exclusive(path.parent):
        if os.path.lexists(path):
            return False
        write_atomic(path, text)
    return True


def _default_mode() -> int:
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask


@contextlib.contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder; other processes that ask for it wait.

    The lock ends with the process, so a kill leaves nothing to clean up. The folder must exist or
    be creatable; on POSIX the folder itself is locked, on Windows a file in the temporary folder.

    Raises:
        ConductorError: The folder cannot be created or opened.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if sys.platform == "win32":
            import hashlib

            name = hashlib.sha256(str(folder.resolve()).casefold().encode()).hexdigest()[:16]
            handle = os.open(
                Path(tempfile.gettempdir()) / f"storage-conductor-{name}.lock",
                os.O_RDWR | os.O_CREAT,
            )
        else:
            handle = os.open(folder, os.O_RDONLY)
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


if sys.platform == "win32":
    import msvcrt
    import time

    def _lock(handle: int) -> None:
        while True:
            with contextlib.suppress(OSError):
                msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
                return
            time.sleep(0.02)
else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX)
