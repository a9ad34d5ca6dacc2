"""The templates that tracks come from, and their versions, against those of the other tracks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from ..disk import address, places
from ..errors import ConductorError
from . import progress
from .library import Library
from .progress import Origin
from .track_checks import TrackProblem
from .whole_track import CheckedTrack


def check_origins(
    project: Path, checked: Iterable[CheckedTrack], known: Sequence[str]
) -> Iterator[TrackProblem]:
    """Compare the templates of tracks, and the versions of those that came from the same place.

    Args:
        project: The folder that holds `storage-conductor`.
        checked: What was found in the tracks.
        known: The ids of all tracks; of those that were not checked, the last 50 are compared with.
    """
    origins = {item.id: item.origin for item in checked}
    library = Library(project)
    others = [progress.origin(library, name) for name in progress.compared(known, origins)]
    newest = progress.newest([*origins.values(), *others])
    yield from _check_sources(project, origins, others)
    for storage_id, mine in origins.items():
        best = newest.get(mine.source) if mine else None
        if mine and best and progress.is_older(mine, best):
            path = places.of_track(storage_id, places.ANSWERS)
            yield TrackProblem(
                path,
                mine.line,
                "old-template",
                f"template version {mine.version}; the newest in this project is {best.version}",
                f"Run `storage-conductor refresh {storage_id}`.",
            )


def _check_sources(
    project: Path, origins: Mapping[str, Origin | None], others: Iterable[Origin | None]
) -> Iterator[TrackProblem]:
    """Name the tracks whose template is another one than that of most tracks, or none at all."""
    sources = {
        item.source for item in (*origins.values(), *others) if item is not None and item.source
    }
    meant = {source: _repository(source, project) for source in sources}
    often = Counter(
        meant[item.source] for item in (*origins.values(), *others) if item and item.source
    )
    most = max(often.values(), default=0)
    usual = [place for place, number in often.items() if number == most]
    for storage_id, mine in origins.items():
        if mine is None or not mine.source:
            continue
        path = places.of_track(storage_id, places.ANSWERS)
        if not meant[mine.source]:
            message = f"the address {mine.source} is none that a template is taken from"
        elif len(usual) > 1 or meant[mine.source] not in usual:
            message = f"comes from the template {mine.source}, as other tracks do not"
        else:
            continue
        remedy = "Restore `_src_path` from git, unless you know that template and trust it."
        yield TrackProblem(path, 1, "other-template", message, remedy)


def _repository(source: str, project: Path) -> str:
    """Return which repository an address means; an empty text for none."""
    try:
        return address.repository(source, project)
    except ConductorError:
        return ""
