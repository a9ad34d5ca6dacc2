"""What must be true of a project as a whole: tracks, registry, versions, merges, progress."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain, repeat
from pathlib import Path
from typing import NamedTuple

from ..disk import places
from ..disk.journal import Journal
from ..disk.places import HOME, REGISTRY, STORAGES
from ..errors import ConductorError
from . import file_checks, unfinished
from .library import Library, TickReader, no_ticks, results, worth_keeping
from .locating import track_ids
from .registry_checks import check_registry
from .template_checks import check_origins
from .track_checks import TrackProblem, few_of_each
from .whole_track import CheckedTrack, check_whole_track

# Below this, starting a second process takes longer than it saves.
_WORTH_A_PROCESS = 300
_MOST_PROCESSES = 4
_KIND = "check"  # of what is kept between runs
# What a new track brings with it, beside the documents.
_STARTED = tuple(f"{HOME}/{name}" for name in (places.ATTRIBUTES, places.SCHEMA))


@dataclass(frozen=True)
class Report:
    """What a survey found.

    Args:
        tracks: How many tracks were checked.
        problems: What is wrong, by file and line.
        undecided: The open decisions, by file and line.
        early: The tasks that are ticked over an open sub-task, by file and line.
        worked_on: The tracks that nobody gave up.
    """

    tracks: int
    problems: list[TrackProblem]
    undecided: list[TrackProblem]
    early: list[TrackProblem]
    worked_on: list[str]


def survey(
    project: Path, only: Collection[str] = (), ticked_by_checks: TickReader = no_ticks
) -> Report:
    """Check the tracks of a project against their rules, the registry and each other.

    Args:
        project: The folder that holds `storage-conductor`.
        only: Tracks to report on; all when empty.
        ticked_by_checks: Which boxes checks ticked; a function of a module, for other processes.

    Raises:
        ConductorError: The project has no tracks, or its folder cannot be read.
    """
    known = track_ids(project)
    chosen = [storage_id for storage_id in known if not only or storage_id in only]
    checked = _check_all(project, chosen, ticked_by_checks, whole=not only)
    problems = [*check_registry(project, checked, partial=bool(only))]
    problems += check_origins(project, checked, known)
    problems += file_checks.check_unmerged(project, only)
    if not only:
        names = (name for name in file_checks.names(project, HOME) if name != REGISTRY)
        problems += file_checks.conflicts(Library(project), names)
        problems += file_checks.check_places(project, (HOME, STORAGES, REGISTRY, *_STARTED))
    undecided = [problem for item in checked for problem in item.undecided]
    of_tracks = (problem for item in checked for problem in item.problems)
    found = sorted({*of_tracks, *few_of_each(problems)})
    early = sorted(problem for item in checked for problem in item.early)
    worked_on = sorted(item.id for item in checked if not item.given_up)
    return Report(len(checked), found, sorted(undecided), early, worked_on)


def _check_all(
    project: Path, chosen: list[str], ticks: TickReader, *, whole: bool
) -> list[CheckedTrack]:
    processes = min(os.cpu_count() or 1, _MOST_PROCESSES)
    number = len(chosen)
    parts = [chosen]
    if number >= _WORTH_A_PROCESS and processes > 1:
        parts = [chosen[start::processes] for start in range(processes)]
    keeping = worth_keeping(number)  # decided once, whatever the processes know
    found = _in_processes(project, parts, ticks, keeping=keeping)
    found = found or [_check_tracks(project, chosen, ticks, keeping)]
    fresh = {key: blob for part in found for key, blob in part.fresh.items()}
    if fresh and (known := results(_KIND, project, keeping=keeping)) is not None:
        known.keep(chain.from_iterable(part.used for part in found), fresh, whole=whole)
    return [track for part in found for track in part.tracks]


def _in_processes(
    project: Path, parts: list[list[str]], ticks: TickReader, *, keeping: bool
) -> list[_Part]:
    """Check each part in a process of its own; return nothing where that is not possible."""
    if len(parts) < 2:
        return []
    try:
        from concurrent.futures import ProcessPoolExecutor

        with ProcessPoolExecutor(len(parts)) as pool:
            same = repeat(ticks), repeat(keeping)
            return list(pool.map(_check_tracks, repeat(project), parts, *same))
    except (ImportError, OSError, RuntimeError):
        # Not every container can start processes; what is wrong with a file is told again here.
        return []


class _Part(NamedTuple):
    """What was found in some tracks, and what is to be kept of it: see `Results`."""

    tracks: list[CheckedTrack]
    used: set[bytes]
    fresh: dict[bytes, bytes]


def _check_tracks(project: Path, chosen: Iterable[str], ticks: TickReader, keeping: bool) -> _Part:
    """Check some tracks."""
    library = Library(project, results(_KIND, project, keeping=keeping), ticks)
    half_done = _half_done(project)
    tracks = [
        CheckedTrack(storage_id, problems=[unfinished.problem(half_done[storage_id])])
        if storage_id in half_done
        else check_whole_track(library, storage_id)
        for storage_id in chosen
    ]
    kept = library.results
    return _Part(tracks, kept.used if kept else set(), kept.fresh if kept else {})


def _half_done(project: Path) -> Mapping[str, Journal]:
    """Return the tracks that a killed run left; what else is wrong with them comes from that."""
    with contextlib.suppress(ConductorError):
        return unfinished.read(project)
    return {}
