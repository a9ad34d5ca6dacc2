"""The file of the registry: read as people left it, written as a whole by one process at a time.

A file that cannot be understood is left as it is, and the error says the line and the remedy.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ..disk import files, locks, writing
from ..errors import ConductorError
from .registry_edit import Edit, RegistryRow, upsert
from .registry_read import BYTE_ORDER_MARK, parse
from .registry_sync import sync


def record(path: Path, row: RegistryRow, starter: str) -> list[str]:
    """Put the row of a track into the registry file.

    Args:
        path: The registry; written as a whole, and only where something changes.
        row: The row.
        starter: The text of a new registry, used where the file is missing or empty.

    Returns:
        What a person should know, one sentence each.

    Raises:
        ConductorError: The file cannot be read, understood or written; it is left as it is.
    """
    return _edit_file(path, starter, lambda text: upsert(text, row))


def _edit_file(path: Path, starter: str, change: Callable[[str], Edit]) -> list[str]:
    """Apply a change to the registry file while no other process does; see `record`."""
    with locks.exclusive(path.parent):
        old = _read(path)
        with _located(path):
            edit = change(starter if old is None else old)
        if edit.text != old:
            writing.write_atomic(path, edit.text)
    return list(edit.notes)


def rebuild(path: Path, rows: Sequence[RegistryRow], starter: str) -> list[str]:
    """Apply `sync` to the registry file; arguments, result and errors are those of `record`."""
    return _edit_file(path, starter, lambda text: sync(text, rows))


def preflight(path: Path) -> None:
    """Raise the error that `record` would end with, without changing anything."""
    text = _read(path)
    with _located(path):
        if text is not None and (faults := parse(text).faults):
            raise faults[0].error()
    folder = path.parent
    while not os.path.lexists(folder) and folder != folder.parent:
        folder = folder.parent
    if not folder.is_dir():
        raise ConductorError(
            "is not a folder", path=folder, remedy="Move it away, or work in another folder."
        )
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ConductorError(
            "cannot be written", path=folder, remedy="Check the rights of the folder."
        )


@contextmanager
def _located(path: Path) -> Iterator[None]:
    try:
        yield
    except ConductorError as error:
        error.path = error.path or path
        raise


def _read(path: Path) -> str | None:
    """Read the registry; None means that it is missing or empty."""
    if not os.path.lexists(path):
        return None
    files.check_place(path)
    if not path.is_file():
        raise ConductorError(
            "is not a file",
            path=path,
            remedy="Move away what is there.",
        )
    if not os.access(path, os.W_OK):
        raise ConductorError("is read-only", path=path, remedy="Check the rights of the file.")
    text = files.read_text(path)
    return text if text.strip(f"{BYTE_ORDER_MARK} \t\r\n") else None
