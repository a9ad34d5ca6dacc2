"""A folder for what a command needs meanwhile, and the removal of what killed ones left there."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from ..errors import ConductorError
from . import locks

_PREFIX = "storage-conductor-"
_OWN_FORM = re.compile(re.escape(_PREFIX) + "[a-z0-9_]{8}")
# No longer than this lies between making a folder and locking it, on the slowest machine.
_MINUTES = 5
_FULL = (errno.ENOSPC, errno.EDQUOT)


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """Make a folder that is removed afterwards, and take everything temporary of Copier into it.

    Raises:
        ConductorError: There is no room for it, or no folder for temporary files at all.
    """
    before = tempfile.tempdir
    with _explained():
        _sweep(Path(tempfile.gettempdir()))
        made = tempfile.TemporaryDirectory(prefix=_PREFIX, ignore_cleanup_errors=True)
    with made as name, _explained(Path(name)):
        held = locks.try_hold(Path(name))
        tempfile.tempdir = name
        try:
            yield Path(name)
        finally:
            tempfile.tempdir = before
            if held is not None:
                os.close(held)


@contextlib.contextmanager
def _explained(inside: Path | None = None) -> Iterator[None]:
    """Say which disk is full, for whatever was written there."""
    try:
        yield
    except OSError as error:
        if inside is not None and error.errno not in _FULL:
            raise
        raise ConductorError(
            f"cannot be written: {error.strerror or error}",
            path=error.filename or inside,
            remedy="Free some space there, or name another folder for temporary files in TMPDIR.",
        ) from error


def _sweep(above: Path) -> None:
    """Remove the folders of runs that were killed: a folder's lock ended with its process."""
    with contextlib.suppress(OSError), os.scandir(above) as found:
        for each in found:
            if _OWN_FORM.fullmatch(each.name) and each.is_dir(follow_symlinks=False):
                _remove_if_abandoned(each)


def _remove_if_abandoned(found: os.DirEntry[str]) -> None:
    with contextlib.suppress(OSError):
        status = found.stat(follow_symlinks=False)
        is_mine = os.name == "nt" or status.st_uid == os.getuid()
        if not is_mine or time.time() - status.st_mtime < _MINUTES * 60:
            return
        held = locks.try_hold(Path(found.path))
        if held is not None:
            os.close(held)
            shutil.rmtree(found.path, ignore_errors=True)
