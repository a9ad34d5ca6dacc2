"""Reading and writing files so that a kill or a second process loses nothing.

What lies in a project was written by others: a link may lead anywhere, and a file may be a pipe or
have no end. So nothing is read but regular files of the project, of a bounded size, and nothing is
written through a link. Which project a path belongs to is read from the path.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
import re
import stat
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import ConductorError
from . import places

if TYPE_CHECKING:
    import yaml


LARGEST = 8 << 20  # bytes
# Below that length there is no room for values that take much memory.
_YAML_LENGTH, _YAML_EVENTS = 200_000, 200_000


def leads_out(path: Path, root: Path | None = None) -> bool:
    """Tell whether a path leads out of its project, or into git's own folder, by links or `..`.

    Args:
        path: A file or folder, which need not exist.
        root: The project's folder; else it is read from the path. A path of none leads nowhere.
    """
    root = root or places.project_of(path)
    if root is None:
        return False
    inner = path.relative_to(root).parts
    if ".." not in inner and not any(map(os.path.islink, _way(root, inner))):
        return ".git" in inner
    real, top = Path(os.path.realpath(path)), Path(os.path.realpath(root))
    if not real.is_relative_to(top):
        return True
    return ".git" in map(str.casefold, real.relative_to(top).parts)


def _way(root: Path, inner: Iterable[str]) -> Iterator[str]:
    """Yield each folder on the way down, and what it leads to."""
    at = str(root)
    for part in inner:
        at = os.path.join(at, part)  # noqa: PTH118 - many times as fast, and done for each file
        yield at


def check_place(path: Path) -> None:
    """Make sure that what is written to a path lands there, in its project.

    The folder `storage-conductor` itself may be a link to another folder of the project.

    Args:
        path: A file or folder, which need not exist.

    Raises:
        ConductorError: It is a link, lies behind one, or is neither a regular file nor a folder.
    """
    root = places.project_of(path)
    inner = path.relative_to(root).parts if root else ()
    if ".." in inner:
        raise ConductorError(
            "leads through `..`, and nothing is written there",
            path=path,
            remedy="Name it directly.",
        )
    way = _way(root, inner) if root else ()
    for at in filter(os.path.islink, way):
        if Path(at).parent != root or leads_out(Path(at)):
            raise ConductorError(
                "is a symbolic link, and nothing is written through one",
                path=at,
                remedy="Put the file or folder itself there.",
            )
    if os.path.lexists(path) and not (path.is_file() or path.is_dir() or path.is_symlink()):
        raise _irregular(path)


def check_readable(path: Path, root: Path | None = None) -> None:
    """Make sure that a path is a regular file of its project, or a folder, or missing.

    Raises:
        ConductorError: It is something else, or leads out of the project.
    """
    if leads_out(path, root):
        raise ConductorError(
            "lies out of the project"
            if ".." in path.parts
            else "is, or lies behind, a symbolic link that leads out of the project",
            path=path,
            remedy="Put the file or folder itself there.",
        )
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise _irregular(path)


def _irregular(path: Path) -> ConductorError:
    return ConductorError("is not a regular file", path=path, remedy="Move away what is there.")


def read_bytes(path: Path, *, root: Path | None = None, most: int = LARGEST) -> bytes:
    """Read a file of a project.

    Args:
        path: The file.
        root: The project's folder; else it is read from the path.
        most: How many bytes it may have.

    Raises:
        ConductorError: It is missing, unreadable, not a regular file of the project, or too large.
    """
    check_readable(path, root)
    return read_regular(path, most)


def read_regular(path: Path, most: int = LARGEST) -> bytes:
    """Read a file wherever it is; arguments and errors are those of `read_bytes`."""
    try:
        # A pipe may have come in since anybody looked; waiting for a writer could take for ever.
        flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
        with os.fdopen(os.open(path, flags), "rb") as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                raise _irregular(path)
            data = stream.read(most + 1)
    except IsADirectoryError as error:
        raise ConductorError(
            "is a folder where a file is expected", path=path, remedy="Move the folder away."
        ) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConductorError(
            f"cannot be read: {reason}", path=path, remedy="Check that it exists and its rights."
        ) from error
    if len(data) > most:
        raise ConductorError(
            f"is larger than {most >> 10:,} KiB", path=path, remedy="Restore the file from git."
        )
    return data


def read_text(path: Path, *, root: Path | None = None, most: int = LARGEST) -> str:
    """Read a UTF-8 file exactly: byte order mark and line endings are kept.

    Args:
        path: The file.
        root: The project's folder; else it is read from the path.
        most: How many bytes it may have.

    Raises:
        ConductorError: It is missing, unreadable, not a regular file of the project, too large, or
            not UTF-8.
    """
    data = read_bytes(path, root=root, most=most)
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
    if len(text) > _YAML_LENGTH:
        _count_values(text)
    try:
        return yaml.load(text, Loader=getattr(yaml, f"C{kind}", getattr(yaml, kind)))  # noqa: S506
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        # What PyYAML's constructors raise, among them `int` for a number of thousands of digits.
        raise yaml.YAMLError(f"a value cannot be read: {error}") from error


def _count_values(text: str) -> None:
    """Make sure that a long text holds few enough values to be kept in memory.

    Raises:
        yaml.YAMLError: It does not, or is not YAML.
    """
    import yaml

    found = yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    if next(itertools.islice(found, _YAML_EVENTS, None), None) is not None:
        raise yaml.YAMLError(f"it holds more than {_YAML_EVENTS:,} values")


def yaml_fault(error: yaml.YAMLError) -> tuple[str, int | None]:
    """Return what is wrong with a text that is not YAML, and in which line if that is known."""
    mark = getattr(error, "problem_mark", None)
    said = str(getattr(error, "problem", None) or error)
    return said, None if mark is None else mark.line + 1


def write_atomic(path: Path, text: str) -> None:
    """Replace a file as a whole: a reader or a kill sees the old or the new text, never a part.

    Line endings are written as they stand in `text`. An existing file keeps its permissions.

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
            stream.write(text.encode("utf-8"))
            stream.flush()
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


# Marks what is not done yet: the files that `write_atomic` is writing, and no others, end so.
_SUFFIX = ".unfinished"
_OWN_FORM = re.compile(r"\..+\.[a-z0-9_]{8}" + re.escape(_SUFFIX))


def _temporary(target: Path, held: contextlib.ExitStack) -> tuple[int, Path]:
    """Create a file beside another, locked until `held` is closed, so that no sweep takes it."""
    while True:
        descriptor, name = tempfile.mkstemp(
            prefix=f".{target.name}.", suffix=_SUFFIX, dir=target.parent
        )
        if _hold(descriptor, held):
            return descriptor, Path(name)
        os.close(descriptor)  # swept between the two lines


@functools.cache
def _sweep(folder: Path) -> None:
    """Remove the files that killed runs left half-written in a folder, once in each process."""
    with contextlib.suppress(OSError), os.scandir(folder) as found:
        for each in found:
            if _OWN_FORM.fullmatch(each.name) and each.is_file(follow_symlinks=False):
                _remove_if_abandoned(Path(each.path))


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
    with exclusive(path.parent):
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

    def _hold(descriptor: int, held: contextlib.ExitStack) -> bool:  # noqa: ARG001
        return True  # nobody can remove a file that is open

    def _remove_if_abandoned(path: Path) -> None:
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

    def _hold(descriptor: int, held: contextlib.ExitStack) -> bool:
        """Lock a file until the stack is closed; False where it was removed before."""
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        held.callback(os.close, os.dup(descriptor))
        return os.fstat(descriptor).st_nlink > 0

    def _remove_if_abandoned(path: Path) -> None:
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
