"""Reading the files of many tracks, and what was found in them before."""

from __future__ import annotations

import functools
import hashlib
import os
import posixpath
import stat
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from ..disk import files
from ..errors import ConductorError
from ..markdown import headings, outline

if TYPE_CHECKING:
    from ..disk.results import Results

# Below this, what is kept is not worth looking up.
_WORTH_KEEPING = 50
_PACKAGE = Path(__file__).parents[1]
_Made = TypeVar("_Made")


class Asked(NamedTuple):
    """Something that was asked of a file, and what was answered.

    Args:
        path: The file, from the project.
        anchor: The anchor that one of its headings must have; None where it must exist.
        there: Whether it is there.
    """

    path: str
    anchor: str | None
    there: bool


TickReader = Callable[[Path, str], frozenset[int]]
"""Tells of a project's track which lines of its plan have boxes that checks ticked."""


def no_ticks(_project: Path, _storage_id: str) -> frozenset[int]:
    """Tell that checks ticked nothing."""
    return frozenset()


@dataclass
class Library:
    """Reads each Markdown file once, for checks of many tracks that link to the same documents.

    Args:
        project: The folder that holds `storage-conductor`.
        results: What was found before.
        ticked_by_checks: Asked where it matters, since it takes reading a track as a whole.
    """

    project: Path
    results: Results | None = None
    ticked_by_checks: TickReader = no_ticks
    _asked: list[Asked] = field(default_factory=list)
    _outlines: dict[str, outline.Outline | None] = field(default_factory=dict)
    _anchors: dict[str, frozenset[str]] = field(default_factory=dict)
    _exists: dict[str, bool] = field(default_factory=dict)
    _plain: dict[str, bool] = field(default_factory=dict)
    _folder: str = ""
    _contents: dict[str, bytes] = field(default_factory=dict)

    def content(self, path: str) -> bytes:
        """Return what a file below the project holds; of the folder read last, all is kept.

        Raises:
            ConductorError: It cannot be read, or is no regular file of the project.
        """
        if (folder := posixpath.dirname(path)) != self._folder:
            self._folder, self._contents = folder, {}
        if path not in self._contents:
            plain = files.read_plain(f"{self.project}/{path}") if self.is_plain(folder) else None
            if plain is None:
                plain = files.read_bytes(self.project / path, root=self.project)
            self._contents[path] = plain
        return self._contents[path]

    def is_plain(self, folder: str) -> bool:
        """Tell whether a folder below the project is one without a link on the way to it."""
        if folder not in self._plain:
            above, name = posixpath.split(folder)
            try:
                self._plain[folder] = (
                    name.casefold() not in ("", "..", ".git")
                    and (not above or self.is_plain(above))
                    and stat.S_ISDIR(os.lstat(f"{self.project}/{folder}").st_mode)
                )
            except OSError:
                self._plain[folder] = False
        return self._plain[folder]

    def text(self, path: str) -> str:
        """Return the text of a file below the project.

        Raises:
            ConductorError: It cannot be read, or is no UTF-8.
        """
        return files.decoded(self.content(path), self.project / path)

    def outline(self, path: str) -> outline.Outline | None:
        """Return the outline of a file below the project, None when it cannot be read."""
        if path not in self._outlines:
            try:
                self._outlines[path] = outline.read(self.text(path))
            except ConductorError:
                self._outlines[path] = None
        return self._outlines[path]

    def has_anchor(self, path: str, anchor: str) -> bool:
        """Tell whether a heading of a Markdown file has an anchor."""
        there = self._has_anchor(path, anchor)
        if self.results is not None:
            self._asked.append(Asked(path, anchor, there))
        return there

    def _has_anchor(self, path: str, anchor: str) -> bool:
        found = self.outline(path)
        if found is None or anchor in found.anchors:
            return found is not None
        # Rare enough to take its time: a heading with markup in it, or a link that leads nowhere.
        if path not in self._anchors:
            text = "\n".join(found.lines)
            self._anchors[path] = frozenset(each.anchor for each in headings.read(text))
        return anchor in self._anchors[path]

    def exists(self, path: str) -> bool:
        """Tell whether a file or folder exists below the project."""
        if path not in self._exists:
            try:
                self._exists[path] = (self.project / path).exists()
            except OSError:  # a name that is too long, until Python 3.12
                self._exists[path] = False
        if self.results is not None:
            self._asked.append(Asked(path, None, self._exists[path]))
        return self._exists[path]

    def forget(self, path: str) -> None:
        """Drop a file that no other file links to."""
        self._outlines.pop(path, None)
        self._anchors.pop(path, None)

    def kept(self, storage_id: str, names: Iterable[str], make: Callable[[], _Made]) -> _Made:
        """Return what follows from files of a track, made anew only if something changed.

        Args:
            storage_id: The track.
            names: The files, from the project, and folders of which the name counts.
            make: Makes it of them, and of what it asks this library about other files.
        """
        paths = tuple(names)
        key = None if self.results is None else self._key(storage_id, paths)
        if self.results is None or key is None:
            return make()
        asked: tuple[Asked, ...]
        made: _Made
        if (found := self.results.get(key)) is not None:
            asked, made = found
            if all(self._still(each) for each in asked):
                return made
        self._asked.clear()
        made = make()
        asked = tuple(each for each in dict.fromkeys(self._asked) if each.path not in paths)
        self.results.put(key, (asked, made))
        return made

    def _key(self, storage_id: str, paths: Iterable[str]) -> bytes | None:
        """Return a digest of a track's files; None where one cannot be read."""
        digest = hashlib.sha256(os.fsencode(storage_id))
        for path in paths:
            digest.update(b"\0" + os.fsencode(path))
            try:
                data = self.content(path)
            except ConductorError:
                if not self.is_plain(path):
                    return None
                continue  # a folder
            digest.update(f"\0{len(data)}\0".encode() + data)
        return digest.digest()

    def _still(self, asked: Asked) -> bool:
        if asked.anchor is None:
            return self.exists(asked.path) is asked.there
        return self._has_anchor(asked.path, asked.anchor) is asked.there


def worth_keeping(tracks: int) -> bool:
    """Tell whether so many tracks are read that what is found in them is worth keeping."""
    return tracks >= _WORTH_KEEPING


def results(kind: str, project: Path, *, keeping: bool) -> Results | None:
    """Return what is kept of the tracks of a project; None where nothing is.

    Args:
        kind: Names what is found in each.
        project: The folder of the project.
        keeping: Whether anything is kept, see `worth_keeping`.
    """
    if not keeping:
        return None
    from ..disk.results import Results

    return Results(kind, _code(), project)


@functools.cache
def _code() -> str:
    """Return a digest of all code that decides what is found in a track: this room, those below."""
    from ..disk.results import code_of

    rooms = ("disk", "markdown", "review", "tracks")
    return code_of([_PACKAGE, *(_PACKAGE / room for room in rooms)])
