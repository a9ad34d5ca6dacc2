"""What evidence says of tracks; only those that have some are read as a whole."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from storage_conductor.disk import files
from storage_conductor.disk.places import EVIDENCE, OWN_CHECKS, of_track
from storage_conductor.errors import ConductorError

if TYPE_CHECKING:
    from storage_conductor.evidence.standing import Proven
    from storage_conductor.review.track_checks import TrackProblem


def proofs(project: Path, storage_id: str) -> list[Proven]:
    """Return how far a track is proven."""
    if not (project / of_track(storage_id, EVIDENCE)).exists():
        return []
    from storage_conductor.evidence import standing

    return standing.recorded(project, storage_id)


def unread(project: Path, storage_id: str) -> TrackProblem | None:
    """Return why the evidence of a track cannot be read; None where it can, or there is none."""
    if not (project / of_track(storage_id, EVIDENCE)).exists():
        return None
    from storage_conductor.evidence import standing

    return standing.unread(project, storage_id)


def own_faults(project: Path) -> Iterator[TrackProblem]:
    """Find what is wrong with the checks of a project's own."""
    if os.path.lexists(project / OWN_CHECKS):
        from storage_conductor.evidence import standing

        yield from standing.own_faults(project)


def ticked_by_checks(project: Path, storage_id: str) -> frozenset[int]:
    """Return the lines of a track's plan whose boxes checks ticked."""
    if not (project / of_track(storage_id, EVIDENCE)).exists():
        return frozenset()
    from storage_conductor.evidence import standing

    return standing.ticked_by_checks(project, storage_id)


def contradicted(project: Path, storage_id: str) -> Iterator[TrackProblem]:
    """Find what is said to be done in a track, and failed when it was last looked at."""
    try:
        text = files.read_text(project / of_track(storage_id, EVIDENCE), root=project)
    except ConductorError:  # there is none, or what is wrong with it is told by another check
        return
    if '"failed"' in text:
        from storage_conductor.evidence import standing

        yield from standing.contradicted(project, storage_id)
