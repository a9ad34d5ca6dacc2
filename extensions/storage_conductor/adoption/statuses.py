"""How far a track is by its metadata, or by the registry that another tool keeps."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ..disk import files, places
from ..errors import ConductorError
from ..tracks import metadata, registry_read
from ..tracks.registry_read import spelling

# How Conductor and its neighbours call the states of a track.
_STATUSES = {
    "new": "Planning",
    "pending": "Planning",
    "planned": "Planning",
    "started": "In Progress",
    "complete": "Completed",
    "done": "Completed",
    "canceled": "Cancelled",
}
_MARKED = re.compile(r"\s*(?:[-*+]|#{1,6})\s+(\[[ ~/xX]\])\s+\S.*")


class TrackStatus(NamedTuple):
    """The status of a track that was written by hand.

    Args:
        value: One of ours.
        file: Where it was read, from the project.
        line: 1-based line in it.
    """

    value: str
    file: str
    line: int


def known(text: str) -> str | None:
    """Return our word for a status; None for one that is not known."""
    return registry_read.known_status(text) or _STATUSES.get(spelling(text))


def read(folder: Path, root: Path, data: Mapping[str, Any]) -> TrackStatus | None:
    """Read the status of a track: of its metadata, unless the registry is further.

    Conductor marks a track that has begun in its registry, and may leave its metadata as it was.

    Args:
        folder: The folder of the track.
        root: The project, which no link may lead out of.
        data: The track's metadata.
    """
    found = [*_of_data(folder, root, data), *_of_registry(folder, root)]
    further = (item for item in found if item.value != "Planning")
    return next(further, next(iter(found), None))


def _of_data(folder: Path, root: Path, data: Mapping[str, Any]) -> Iterator[TrackStatus]:
    if value := known(str(data.get("status", ""))):
        path = folder / places.METADATA
        line = metadata.line_of(files.read_text(path, root=root), "status")
        yield TrackStatus(value, _shown(path, root), line)


def _of_registry(folder: Path, root: Path) -> Iterator[TrackStatus]:
    path = folder.parent.parent / Path(places.REGISTRY).name
    try:
        text = files.read_text(path, root=root)
    except ConductorError:  # there is none, or it is not one of this project
        return
    for entry in registry_read.parse(text).entries():
        value = known(entry.values.get("status", ""))
        if entry.values.get("id") == folder.name and value:
            yield TrackStatus(value, _shown(path, root), entry.line)
    yield from _of_list(text, folder.name, _shown(path, root))


def _of_list(text: str, name: str, shown: str) -> Iterator[TrackStatus]:
    """Yield the mark of a track in a list of tracks, behind which its link stands."""
    mark, at = "", 0
    for number, line in enumerate(text.splitlines(), start=1):
        if found := _MARKED.fullmatch(line):
            mark, at = found[1], number
        if mark and re.search(rf"tracks/{re.escape(name)}(?![\w-])", line):
            yield TrackStatus(known(mark) or "", shown, at)
            return


def _shown(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
