"""Everything that is checked of one track, whatever else is wrong in its project."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import chain

from ..disk import files, places
from ..errors import ConductorError
from ..tracks import evidence, ids, metadata, starting
from ..tracks.registry_edit import RegistryRow
from ..tracks.registry_read import GIVEN_UP
from . import file_checks, progress, track_checks
from .answers_checks import check_answers
from .library import Library
from .progress import Origin, TrackProgress
from .track_checks import TrackProblem, few_of_each

# Rules of what the template writes; `adopt` brings it to a track that was written by hand.
_OF_TEMPLATE = ("title", "section", "phase", "metadata", "id")
# What reading a track may raise: rights and kinds of files, and texts such as a number of a
# thousand digits.
UNREADABLE = (ConductorError, OSError, ValueError, RecursionError)


@dataclass
class CheckedTrack:
    """What was found in one track, small enough to be sent between processes."""

    id: str
    given_up: bool = False
    problems: list[TrackProblem] = field(default_factory=list)
    undecided: list[TrackProblem] = field(default_factory=list)
    early: list[TrackProblem] = field(default_factory=list)
    row: RegistryRow | None = None
    origin: Origin | None = None


def check_whole_track(library: Library, storage_id: str) -> CheckedTrack:
    """Check one track; that it cannot be read is a finding, and others are checked all the same."""
    try:
        return _look_at(library, storage_id)
    except UNREADABLE as error:
        result = CheckedTrack(storage_id)
        result.problems.append(_unreadable(places.home(storage_id), error))
        return result


def _unreadable(path: str, error: Exception) -> TrackProblem:
    message = f"cannot be read: {getattr(error, 'strerror', None) or error}"
    remedy = "Check its rights, or restore it from git."
    if isinstance(error, ConductorError):
        message, remedy = error.message, error.remedy or remedy
    return TrackProblem(path, 1, "unreadable", message, remedy)


def _look_at(library: Library, storage_id: str) -> CheckedTrack:
    folder = places.home(storage_id)
    result = CheckedTrack(storage_id)
    if not library.is_plain(folder):
        files.check_readable(library.project / folder)
    result.problems += _check_places(library, folder)
    names = file_checks.names(library.project, folder)
    if not names or starting.is_marked(library.project / folder):
        if not starting.is_under_way(library.project / folder):
            result.problems.append(_abandoned(folder, is_empty=not names))
        return result
    if places.of_track(storage_id, places.EVIDENCE) in names:
        # What it says follows from more than the files of the track.
        found = _judged(library, storage_id, names)
    else:
        found = library.kept(storage_id, names, lambda: _judged(library, storage_id, names))
    found.problems[:0] = result.problems
    return found


def _check_places(library: Library, folder: str) -> Iterator[TrackProblem]:
    """Find what stands where an update would write, and is no file or folder of the project."""
    held = (*places.RENDERED, places.ANSWERS)
    if library.is_plain(folder):
        with os.scandir(library.project / folder) as entries:
            found = {entry.name: entry.is_file(follow_symlinks=False) for entry in entries}
        written = [f"{folder}/{name}" for name in held if not found.get(name, True)]
    else:
        written = [folder, *(f"{folder}/{name}" for name in held)]
    yield from file_checks.check_places(library.project, written)


def _judged(library: Library, storage_id: str, names: Collection[str]) -> CheckedTrack:
    """Tell what the files of a track say, and what is wrong with that."""
    folder = places.home(storage_id)
    result = CheckedTrack(storage_id)
    if wrong := ids.problem(storage_id):
        remedy = "Rename the folder, and the id in metadata.json and in the registry."
        result.problems.append(TrackProblem(folder, 1, "malformed-id", wrong, remedy))
    track = progress.with_ticks(library, progress.read(library, storage_id))
    result.given_up = track.text("status") in GIVEN_UP
    if not result.given_up:
        result.early += track_checks.check_ticks(library, storage_id)
    conflicts = few_of_each(file_checks.conflicts(library, names))
    conflicted = {problem.path for problem in conflicts}
    others = chain(
        track_checks.check_track(library, storage_id),
        _check_progress(track, f"{folder}/{places.PLAN}"),
        _check_origin(track, f"{folder}/{places.ANSWERS}"),
        check_answers(library, storage_id, track.data) if track.origin else (),
        _check_evidence(library, storage_id, names),
    )
    # What else is wrong in such a file may well come from the conflict.
    told = [item for item in others if item.path not in conflicted]
    if places.of_track(storage_id, places.ANSWERS) not in names:
        told = [item for item in told if not _is_of_template(item, names)]
    result.problems += [*conflicts, *told]
    if not result.given_up:
        result.undecided += _undecided(track, f"{folder}/{places.SPEC}")
    if not metadata.problems(track.data):
        result.row = metadata.row(track.data)
    result.origin = track.origin
    return result


def _is_of_template(item: TrackProblem, names: Collection[str]) -> bool:
    """Tell whether a finding only says that the template did not make a track."""
    is_missing = item.rule == "unreadable" and item.path not in names
    return is_missing or item.rule in _OF_TEMPLATE


def _abandoned(folder: str, *, is_empty: bool) -> TrackProblem:
    """Return what is said of a folder that a killed run left."""
    if is_empty:
        message = "the folder is empty: the run that reserved its id was killed or given up"
        remedy = "Delete the folder, unless a track is being started just now."
        return TrackProblem(folder, 1, "empty-track", message, remedy)
    message = "is half a track: the run that started it was killed"
    return TrackProblem(folder, 1, "half-track", message, starting.REMEDY)


def _check_progress(track: TrackProgress, path: str) -> Iterator[TrackProblem]:
    status, plan = track.text("status"), track.plan
    if status == "Completed" and plan.next:
        yield TrackProblem(
            path,
            plan.next.line,
            "progress",
            f"the track is Completed, but {plan.total - plan.done} of {plan.total} boxes are open",
            "Tick what is done, delete what is not needed, or set the status to In Progress.",
        )
    if status == "Planning" and plan.total and not plan.next:
        yield TrackProblem(
            path,
            1,
            "progress",
            f"all {plan.total} boxes are ticked, but the track is still in Planning",
            "Set the status in metadata.json and run `storage-conductor sync`.",
        )
    for phase in plan.phases:
        if phase.finished and phase.done < phase.total:
            yield TrackProblem(
                path,
                phase.line,
                "progress",
                f"phase {phase.number} is {phase.status}, but {phase.total - phase.done}"
                f" of its {phase.total} boxes are open",
                "Tick what is done, or correct the Status line.",
            )


def _check_origin(track: TrackProgress, path: str) -> Iterator[TrackProblem]:
    if track.origin is None:
        yield TrackProblem(
            path,
            1,
            "answers",
            "is missing or cannot be read, so that the track cannot be updated",
            "Restore the file from git, or run `storage-conductor adopt` for a track that was"
            " written by hand.",
        )
    elif not track.origin.version:
        yield TrackProblem(
            path,
            1,
            "answers",
            "names no version of the template, so that the track cannot be updated",
            "Add the version that it was made from, as in `_commit: v1.0.0`.",
        )


def _check_evidence(
    library: Library, storage_id: str, names: Collection[str]
) -> Iterator[TrackProblem]:
    path = places.of_track(storage_id, places.EVIDENCE)
    if path in names:
        try:
            evidence.parse(library.text(path), library.project / path)
        except ConductorError as error:
            remedy = error.remedy or "Restore the file from git."
            yield TrackProblem(path, error.line or 1, "evidence", error.message, remedy)


def _undecided(track: TrackProgress, path: str) -> Iterator[TrackProblem]:
    overdue = track.overdue()
    for item in track.decisions:
        due = f", due before phase {item.phase}" if item.phase else ""
        yield TrackProblem(
            path,
            item.line,
            "open-decision",
            f"{item.key} is open{due}" + (", which has begun" if item in overdue else ""),
            "Decide it, write down what was decided, and set its status to `decided`.",
        )
