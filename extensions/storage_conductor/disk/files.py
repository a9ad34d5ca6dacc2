"""Reading what lies in a project, and making sure that what is written lands in it.

What lies there was written by others: a link may lead anywhere, and a file may be a pipe or have no
end. So nothing is read but regular files of the project, of a bounded size, and nothing is written
through a link. Which project a path belongs to is read from the path.
"""

from __future__ import annotations

import itertools
import json
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import ConductorError
from . import places

if TYPE_CHECKING:
    import yaml


# By what Python says of JSON.
_JSON_FAULTS = {
    "Expecting value": "a value is expected",
    "Expecting property name": "a name in double quotes is expected",
    "Expecting ':'": "a colon is expected",
    "Expecting ','": "a comma or the closing bracket is expected",
    "Illegal trailing comma": "a comma stands before the closing bracket",
    "Extra data": "more follows its end",
    "Unterminated string": "a text begins that never ends",
    "Invalid control character": "a text holds a line break or another control character",
    "Invalid \\": "a backslash in a text begins nothing that JSON knows",
}
LARGEST = 8 << 20  # bytes
# What is known to be small; nothing that a template renders or a person writes comes near.
_LARGEST_OF = {places.SPEC: 1 << 19, places.PLAN: 1 << 19, places.ANSWERS: 2 << 20}
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


def check_place(path: Path, root: Path | None = None) -> None:
    """Make sure that what is written to a path lands there, in its project.

    The folder `storage-conductor` itself may be a link to another folder of the project.

    Args:
        path: A file or folder, which need not exist.
        root: The project's folder; else it is read from the path.

    Raises:
        ConductorError: It is a link, lies behind one, or is neither a regular file nor a folder.
    """
    root = root or places.project_of(path)
    inner = path.relative_to(root).parts if root else ()
    if ".." in inner:
        raise ConductorError(
            "leads through `..`, and nothing is written there",
            path=path,
            remedy="Name it directly.",
        )
    way = _way(root, inner) if root else ()
    for at in filter(os.path.islink, way):
        if Path(at).parent != root or leads_out(Path(at), root):
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


def read_bytes(path: Path, *, root: Path | None = None) -> bytes:
    """Read a file of a project.

    Args:
        path: The file.
        root: The project's folder; else it is read from the path.

    Raises:
        ConductorError: It is missing, unreadable, not a regular file of the project, or too large.
    """
    check_readable(path, root)
    return read_regular(path, _LARGEST_OF.get(path.name, LARGEST))


def read_regular(path: Path, most: int = LARGEST) -> bytes:
    """Read a file of at most so many bytes, wherever it is; errors are those of `read_bytes`."""
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


def read_plain(path: str) -> bytes | None:
    """Read a regular file in the shortest way, following no link; None where `read_bytes` must.

    Args:
        path: The file, in a folder of the project that lies behind no link.
    """
    no_link = getattr(os, "O_NOFOLLOW", None)
    if no_link is None:
        return None
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | no_link)
    except (OSError, ValueError):
        return None
    try:
        found = os.fstat(handle)
        most = _LARGEST_OF.get(os.path.basename(path), LARGEST)  # noqa: PTH119 - done for each file
        if not stat.S_ISREG(found.st_mode) or found.st_size > most:
            return None
        data = os.read(handle, found.st_size + 1)
    except OSError:
        return None
    finally:
        os.close(handle)
    return data if len(data) == found.st_size else None


def read_text(path: Path, *, root: Path | None = None) -> str:
    """Read a UTF-8 file exactly: byte order mark and line endings are kept.

    Args:
        path: The file.
        root: The project's folder; else it is read from the path.

    Raises:
        ConductorError: It is missing, unreadable, not a regular file of the project, too large, or
            not UTF-8.
    """
    return decoded(read_bytes(path, root=root), path)


def decoded(data: bytes, path: Path) -> str:
    """Return what a file holds as text.

    Raises:
        ConductorError: It is not UTF-8.
    """
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


def json_fault(error: json.JSONDecodeError) -> str:
    """Return what is wrong with a text that is not JSON, with its column."""
    said = next((ours for theirs, ours in _JSON_FAULTS.items() if error.msg.startswith(theirs)), "")
    return f"{said or error.msg} (column {error.colno})"


def yaml_fault(error: yaml.YAMLError) -> tuple[str, int | None]:
    """Return what is wrong with a text that is not YAML, and in which line if that is known."""
    mark = getattr(error, "problem_mark", None)
    said = str(getattr(error, "problem", None) or error)
    return said, None if mark is None else mark.line + 1
