"""What one command found in many files, kept as one file of the user's cache folder.

A result is known by a digest of all that it follows from, so that a file which changed, or code
that did, is looked at again. Like all that is kept it may be missing or damaged.
"""

from __future__ import annotations

import hashlib
import io
import marshal
import os
import pickle
import zlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from . import kept
from .cache_folder import folder

_DAMAGE = (*kept.DAMAGE, zlib.error)


def code_of(folders: Iterable[Path]) -> str:
    """Return a digest of the code in some folders and of the data beside it."""
    digest = hashlib.sha256()
    for each in folders:
        for path in sorted(each.iterdir()):
            if path.suffix in (".py", ".json"):
                data = path.read_bytes()
                digest.update(f"{path.name} {len(data)}\0".encode() + data)
    return digest.hexdigest()


class Results:
    """The results of one kind for one project."""

    def __init__(self, kind: str, code: str, project: Path) -> None:
        """Read what is kept.

        Args:
            kind: Names what was computed.
            code: A digest of the code that computes it.
            project: The folder of the project, by which alone nothing is found again.
        """
        kept_in = folder()
        named = f"{kind}\0{code}\0".encode() + os.fsencode(os.path.realpath(project))
        self._path = kept_in / f"{hashlib.sha256(named).hexdigest()}.results" if kept_in else None
        self._known: dict[bytes, bytes] = {}
        if self._path is not None:
            with suppress(*_DAMAGE):
                found = marshal.loads(kept.checked(self._path.read_bytes()))  # noqa: S302 - private
                self._known = dict(found)
        self.used: set[bytes] = set()
        self.fresh: dict[bytes, bytes] = {}

    def get(self, key: bytes) -> Any:
        """Return a result; None where it is not known."""
        with suppress(*_DAMAGE):
            blob = zlib.decompress(self._known[key])
            found = kept.Unpickler(io.BytesIO(blob)).load()
            self.used.add(key)
            return found
        return None

    def put(self, key: bytes, result: Any) -> None:
        """Take in a result."""
        self.fresh[key] = zlib.compress(pickle.dumps(result), 1)

    def keep(self, used: Iterable[bytes], fresh: Mapping[bytes, bytes], *, whole: bool) -> None:
        """Write what was used and what is new, if anything is.

        Args:
            used: The keys of what was found again.
            fresh: What was taken in.
            whole: Whether the whole project was looked at, so that nothing else is needed.
        """
        if self._path is None or not fresh:
            return
        known = self._known
        if whole:
            known = {key: known[key] for key in used if key in known}
        kept.keep(self._path, marshal.dumps({**known, **fresh}))
