"""What must be true of a project as a whole: tracks, registry, versions, merges, progress."""

from __future__ import annotations

import contextlib
import os
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, repeat
from pathlib import Path
from typing import NamedTuple

from ..disk import address, files, git, places
from ..disk.journal import Journal
from ..disk.places import ARCHIVE, HOME, REGISTRY, STORAGES
from ..errors import ConductorError
from ..markdown.tables import clean, plain
from ..tracks import ids, metadata, registry_read, starting
from ..tracks.registry_edit import RegistryRow
from ..tracks.registry_read import COLUMNS, GIVEN_UP, Registry, RegistryEntry, spelling
from . import progress, track_checks, unfinished
from .progress import Origin, TrackProgress
from .track_checks import Library, TrackProblem

_LARGEST = 1 << 20
_OF_EACH = 1_000  # problems of a kind in a file that are named one by one
# What reading a track may raise: rights and kinds of files, and texts such as a number of a
# thousand digits.
UNREADABLE = (ConductorError, OSError, ValueError, RecursionError)
# Below this, starting a second process takes longer than it saves.
_WORTH_A_PROCESS = 300
_MOST_PROCESSES = 4


@dataclass(frozen=True)
class Report:
    """What a survey found.

    Args:
        tracks: How many tracks were checked.
        problems: What is wrong, by file and line.
        undecided: The open decisions, by file and line.
    """

    tracks: int
    problems: list[TrackProblem]
    undecided: list[TrackProblem]


@dataclass
class _Checked:
    """What was found in one track, small enough to be sent between processes."""

    id: str
    reserved: bool = False
    problems: list[TrackProblem] = field(default_factory=list)
    undecided: list[TrackProblem] = field(default_factory=list)
    row: RegistryRow | None = None
    origin: Origin | None = None


# What a new track brings with it, beside the documents.
_STARTED = tuple(f"{HOME}/{name}" for name in (places.ATTRIBUTES, places.SCHEMA))


class Place(NamedTuple):
    """What a path leads to: a project, and one of its tracks if the path names one."""

    project: Path
    track: str | None


def locate(path: Path) -> Place:
    """Find the project that a path belongs to, upwards from it.

    Args:
        path: A project, a track's folder, or any file or folder in either.

    Raises:
        ConductorError: The path does not exist, or no project is there or above.
    """
    try:
        start = path.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise ConductorError(
            "does not exist", path=path, remedy="Give a project, a track's folder, or a file in it."
        ) from error
    for project in (start, *start.parents):
        storages = project / STORAGES
        if storages.is_dir() or (project / REGISTRY).exists():
            inner = start.relative_to(storages).parts if start.is_relative_to(storages) else ()
            is_track = inner and (storages / inner[0]).is_dir()
            return Place(project, inner[0] if is_track else None)
    empty = (start / HOME).is_dir()
    raise ConductorError(
        f"{HOME} holds neither tracks nor a registry"
        if empty
        else f"has no folder {HOME}, nor has any folder above it",
        path=path,
        remedy="Start a track with `storage-conductor new`, or give the project's folder.",
    )


def track_ids(project: Path) -> list[str]:
    """List the folders of tracks, also those that are still empty.

    Raises:
        ConductorError: There is none, or the folder above cannot be read.
    """
    try:
        with os.scandir(project / STORAGES) as entries:
            found = sorted(e.name for e in entries if e.is_dir() and not e.name.startswith("."))
    except FileNotFoundError:
        found = []
    except OSError as error:
        raise ConductorError(
            f"cannot be read: {error.strerror}", path=project / STORAGES, remedy="Check its rights."
        ) from error
    if not found:
        raise ConductorError(
            "holds no track",
            path=project / STORAGES,
            remedy="Start one with `storage-conductor new`, or restore the folder from git.",
        )
    return found


def survey(project: Path, only: Collection[str] = ()) -> Report:
    """Check the tracks of a project against their rules, the registry and each other.

    Args:
        project: The folder that holds `storage-conductor`.
        only: Tracks to report on; all when empty.

    Raises:
        ConductorError: The project has no tracks, or its folder cannot be read.
    """
    known = track_ids(project)
    chosen = [storage_id for storage_id in known if not only or storage_id in only]
    checked = _check_all(project, chosen)
    problems = [problem for item in checked for problem in item.problems]
    problems += _check_registry(project, checked, partial=bool(only))
    problems += _check_origins(project, checked, known)
    problems += _check_unmerged(project, only)
    if not only:
        names = (name for name in _names(project, HOME) if name != REGISTRY)
        problems += _conflicts(project, names)
        problems += _check_places(project, (HOME, STORAGES, REGISTRY, *_STARTED))
    undecided = [problem for item in checked for problem in item.undecided]
    return Report(len(checked), _few_of_each(sorted(set(problems))), sorted(undecided))


def _few_of_each(problems: Iterable[TrackProblem]) -> list[TrackProblem]:
    """Name the first problems of a kind in a file one by one, and count the others."""
    kept: list[TrackProblem] = []
    found: Counter[tuple[str, str]] = Counter()
    for each in problems:
        kind = (each.path, each.rule)
        found[kind] += 1
        if found[kind] <= _OF_EACH:
            kept.append(each)
    for (path, rule), number in found.items():
        if number > _OF_EACH:
            more = f"{number - _OF_EACH:,} more of this kind follow"
            kept.append(TrackProblem(path, 1, rule, more, "Mend them alike."))
    return kept


def _check_all(project: Path, chosen: list[str]) -> list[_Checked]:
    processes = min(os.cpu_count() or 1, _MOST_PROCESSES)
    if len(chosen) < _WORTH_A_PROCESS or processes < 2:
        return _check_tracks(project, chosen)
    parts = [chosen[start::processes] for start in range(processes)]
    try:
        from concurrent.futures import ProcessPoolExecutor

        with ProcessPoolExecutor(processes) as pool:
            return list(chain.from_iterable(pool.map(_check_tracks, repeat(project), parts)))
    except (ImportError, OSError, RuntimeError):
        # Not every container can start processes; what is wrong with a file is told again here.
        return _check_tracks(project, chosen)


def _check_tracks(project: Path, chosen: Iterable[str]) -> list[_Checked]:
    library, half_done = Library(project), _half_done(project)
    return [
        _Checked(storage_id, reserved=True, problems=[unfinished.problem(half_done[storage_id])])
        if storage_id in half_done
        else _check_track(library, storage_id)
        for storage_id in chosen
    ]


def _half_done(project: Path) -> Mapping[str, Journal]:
    """Return the tracks that a killed run left; what else is wrong with them comes from that."""
    with contextlib.suppress(ConductorError):
        return unfinished.read(project)
    return {}


def _check_track(library: Library, storage_id: str) -> _Checked:
    """Check one track; that it cannot be read is a finding, and others are checked all the same."""
    try:
        return _look_at(library, storage_id)
    except UNREADABLE as error:
        result = _Checked(storage_id)
        result.problems.append(_unreadable(places.home(storage_id), error))
        return result


def _unreadable(path: str, error: Exception) -> TrackProblem:
    message = f"cannot be read: {getattr(error, 'strerror', None) or error}"
    remedy = "Check its rights, or restore it from git."
    if isinstance(error, ConductorError):
        message, remedy = error.message, error.remedy or remedy
    return TrackProblem(path, 1, "unreadable", message, remedy)


def _check_places(project: Path, names: Iterable[str]) -> Iterator[TrackProblem]:
    """Find what stands where a command would write, and is no file or folder of the project."""
    for name in names:
        try:
            files.check_place(project / name)
        except ConductorError as error:
            yield TrackProblem(name, 1, "no-file", error.message, error.remedy or "")


def _look_at(library: Library, storage_id: str) -> _Checked:
    folder = places.home(storage_id)
    result = _Checked(storage_id)
    files.check_readable(library.project / folder)
    held = (*places.RENDERED, places.ANSWERS)
    written = (folder, *(places.of_track(storage_id, name) for name in held))
    result.problems += _check_places(library.project, written)
    names = _names(library.project, folder)
    if not names or starting.is_marked(library.project / folder):
        result.reserved = True
        if not starting.is_under_way(library.project / folder):
            result.problems.append(_abandoned(folder, is_empty=not names))
        return result
    if wrong := ids.problem(storage_id):
        remedy = "Rename the folder, and the id in metadata.json and in the registry."
        result.problems.append(TrackProblem(folder, 1, "malformed-id", wrong, remedy))
    track = progress.read(library, storage_id)
    conflicts = list(_conflicts(library.project, names))
    conflicted = {problem.path for problem in conflicts}
    others = chain(
        track_checks.check_track(library, storage_id),
        _check_progress(track, f"{folder}/{places.PLAN}"),
        _check_origin(track, f"{folder}/{places.ANSWERS}"),
    )
    # What else is wrong in such a file may well come from the conflict.
    result.problems += [*conflicts, *(item for item in others if item.path not in conflicted)]
    result.undecided += _undecided(track, f"{folder}/{places.SPEC}")
    if not metadata.problems(track.data):
        result.row = metadata.row(track.data)
    result.origin = track.origin
    return result


def _abandoned(folder: str, *, is_empty: bool) -> TrackProblem:
    """Return what is said of a folder that a killed run left."""
    if is_empty:
        message = "the folder is empty: the run that reserved its id was killed or given up"
        remedy = "Delete the folder, unless a track is being started just now."
        return TrackProblem(folder, 1, "empty-track", message, remedy)
    message = "is half a track: the run that started it was killed"
    return TrackProblem(folder, 1, "half-track", message, starting.REMEDY)


def _names(project: Path, folder: str) -> list[str]:
    return sorted(f"{folder}/{path.name}" for path in (project / folder).iterdir())


def _conflicts(project: Path, names: Iterable[str]) -> Iterator[TrackProblem]:
    """Find conflict markers in files, of which the first MiB is read, and rejected changes."""
    for name in names:
        if name.endswith(".rej"):
            message = "changes of an update that could not be merged"
            remedy = "Take over what is right and delete this file."
            yield TrackProblem(name, 1, "conflict", message, remedy)
        try:
            content = files.read_bytes(project / name, root=project)[:_LARGEST]
        except ConductorError:
            continue  # a folder, or what other checks tell
        if b"<<<<<<< " in content or b">>>>>>> " in content:
            yield from _markers(name, content.decode("utf-8", "replace"))


def _markers(path: str, text: str) -> Iterator[TrackProblem]:
    inside = False
    for number, line in enumerate(text.splitlines(), start=1):
        opens, closes = line.startswith("<<<<<<< "), line.startswith(">>>>>>> ")
        if opens or (closes and not inside):
            yield TrackProblem(
                path,
                number,
                "conflict",
                "conflict marker of a merge",
                "Decide between the two sides and delete the markers.",
            )
        inside = opens or (inside and not closes)


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
            "Restore the file from git.",
        )
    elif not track.origin.version:
        yield TrackProblem(
            path,
            1,
            "answers",
            "names no version of the template, so that the track cannot be updated",
            "Add the version that it was made from, as in `_commit: v1.0.0`.",
        )


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


def _check_registry(
    project: Path, checked: Iterable[_Checked], *, partial: bool
) -> Iterator[TrackProblem]:
    try:
        text = files.read_text(project / REGISTRY)
    except ConductorError as error:
        remedy = "Run `storage-conductor sync`, or restore the file from git."
        yield TrackProblem(REGISTRY, error.line or 1, "registry", error.message, remedy)
        return
    found = registry_read.parse(text)
    if not partial:
        wrong = found.problems()
        for fault in wrong:
            yield TrackProblem(REGISTRY, fault.line, fault.rule, fault.message, fault.remedy)
        told = {fault.line for fault in wrong}
        yield from (item for item in _markers(REGISTRY, text) if item.line not in told)
    if found.table is not None and not found.table.markers:
        tracks = {item.id.casefold(): item for item in checked}
        yield from _check_rows(project, found, tracks, partial=partial)
        for name, item in tracks.items():
            if name not in found.ids and not item.reserved:
                yield TrackProblem(
                    REGISTRY,
                    found.table.header + 1,
                    "track-without-row",
                    f"no row for the track {item.id}",
                    "Run `storage-conductor sync`.",
                )


def _check_rows(
    project: Path, found: Registry, tracks: Mapping[str, _Checked], *, partial: bool
) -> Iterator[TrackProblem]:
    for entry in found.entries():
        storage_id = entry.values.get("id", "")
        if item := tracks.get(storage_id.casefold()):
            yield from _differences(entry, item.row) if item.row else ()
        elif storage_id and not partial and not _is_gone(project, storage_id, entry):
            wrong = ids.problem(storage_id)
            yield TrackProblem(
                REGISTRY,
                entry.line,
                "malformed-id" if wrong else "row-without-track",
                wrong or f"no folder {places.home(storage_id)} exists",
                "Correct the id, restore the folder from git, or delete the row.",
            )


def _is_gone(project: Path, storage_id: str, entry: RegistryEntry) -> bool:
    """Tell whether a row needs no folder: the track was given up, or lies in the archive."""
    given_up = registry_read.known_status(entry.values.get("status", "")) in GIVEN_UP
    return not ids.problem(storage_id) and (given_up or (project / ARCHIVE / storage_id).is_dir())


def _differences(entry: RegistryEntry, row: RegistryRow) -> Iterator[TrackProblem]:
    for name, text in entry.values.items():
        if name == "id" or name not in COLUMNS:
            continue
        wanted = clean(getattr(row, name))
        if wanted in (text, plain(text)):
            continue
        if name in ("storage_type", "status") and spelling(text) == spelling(wanted):
            continue
        remedy = "Run `storage-conductor sync`."
        if name == "status" and text:
            remedy = "Write the right one into both; `sync` keeps what is here."
        yield TrackProblem(
            REGISTRY,
            entry.line,
            "registry-differs",
            f"{row.id}: {name.replace('_', ' ')} is {clean(text)[:80]!r} here"
            f" and {wanted[:80]!r} in metadata.json",
            remedy,
        )


def _check_origins(
    project: Path, checked: Iterable[_Checked], known: Iterable[str]
) -> Iterator[TrackProblem]:
    """Compare the templates of tracks, and the versions of those that came from the same place."""
    origins = {item.id: item.origin for item in checked}
    library = Library(project)
    others = [progress.origin(library, name) for name in known if name not in origins]
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


def _check_unmerged(project: Path, only: Collection[str]) -> Iterator[TrackProblem]:
    paths = sorted(map(places.home, only)) or [HOME]
    try:
        found = git.unmerged_among(project, paths)
    except ConductorError:
        return  # no git, or no repository
    for path in found:
        yield TrackProblem(
            path,
            1,
            "unmerged",
            "git holds this file as unmerged",
            "Resolve the conflict, then `git add` the file.",
        )
