"""The registry against the tracks that it lists."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from ..disk import files, places
from ..disk.places import ARCHIVE, REGISTRY
from ..errors import ConductorError
from ..markdown.tables import clean, plain
from ..tracks import ids, registry_read
from ..tracks.registry_edit import RegistryRow, means
from ..tracks.registry_read import COLUMNS, GIVEN_UP, NEW_ID, Registry, RegistryEntry
from .file_checks import markers
from .track_checks import TrackProblem
from .whole_track import CheckedTrack


def check_registry(
    project: Path, checked: Iterable[CheckedTrack], *, partial: bool
) -> Iterator[TrackProblem]:
    """Find what is wrong with the registry, and where it differs from the tracks.

    Args:
        project: The folder that holds `storage-conductor`.
        checked: What was found in the tracks.
        partial: Whether there are more tracks than those.
    """
    try:
        text = files.read_text(project / REGISTRY)
    except ConductorError as error:
        remedy = error.remedy or ""
        if not os.path.lexists(project / REGISTRY):
            remedy = "Run `storage-conductor sync`, or restore the file from git."
        yield TrackProblem(REGISTRY, error.line or 1, "registry", error.message, remedy)
        return
    tracks = {item.id.casefold(): item for item in checked}
    if partial:
        found = registry_read.parse_for(text, tracks.keys())
        wrong = found.problems_of(tracks.keys())
    else:
        found = registry_read.parse(text)
        wrong = found.problems()
    for fault in wrong:
        yield TrackProblem(REGISTRY, fault.line, fault.rule, fault.message, fault.remedy)
    if not partial:
        told = {fault.line for fault in wrong}
        yield from (item for item in markers(REGISTRY, text) if item.line not in told)
    if found.table is not None and not found.table.markers:
        yield from _check_rows(project, found, tracks, partial=partial)
        for name, item in tracks.items():
            if name not in found.ids and item.row:
                yield TrackProblem(
                    REGISTRY,
                    found.table.header + 1,
                    "track-without-row",
                    f"no row for the track {item.id}",
                    "Run `storage-conductor sync`.",
                )


def _check_rows(
    project: Path, found: Registry, tracks: Mapping[str, CheckedTrack], *, partial: bool
) -> Iterator[TrackProblem]:
    archive = str(project / ARCHIVE)
    misread, shared = found.misread(), found.shared()
    for entry in found.first_entries(tracks) if partial else found.entries():
        storage_id = entry.values.get("id", "")
        if entry.line in misread or storage_id.casefold() in shared:
            continue
        if item := tracks.get(storage_id.casefold()):
            yield from _differences(found, entry, item.row) if item.row else ()
        elif storage_id:
            wrong = ids.problem(storage_id)
            if not wrong and _is_gone(archive, storage_id, entry):
                continue
            yield TrackProblem(
                REGISTRY,
                entry.line,
                "malformed-id" if wrong else "row-without-track",
                wrong or f"no folder {places.home(storage_id)} exists",
                "Correct the id, restore the folder from git, or delete the row.",
            )


def _is_gone(archive: str, storage_id: str, entry: RegistryEntry) -> bool:
    """Tell whether a row needs no folder: the track was given up, or lies in the archive."""
    if registry_read.known_status(entry.values.get("status", "")) in GIVEN_UP:
        return True
    # A registry may have very many rows, for which joining `Path`s would take most of the time.
    return os.path.isdir(f"{archive}/{storage_id}")  # noqa: PTH112


def _differences(found: Registry, entry: RegistryEntry, row: RegistryRow) -> Iterator[TrackProblem]:
    if found.is_of_another([found.lines[entry.line - 1]], row._asdict()):
        titles = f"{clean(entry.values['title'])[:80]!r} and {clean(row.title)[:80]!r}"
        message = f"{row.id} is the id of two tracks, {titles}; the second is in metadata.json"
        yield TrackProblem(REGISTRY, entry.line, "registry-other-track", message, NEW_ID)
        return
    for name, text in entry.values.items():
        if name == "id" or name not in COLUMNS:
            continue
        wanted = clean(getattr(row, name))
        if wanted in (text, plain(text)) or means(name, text, wanted):
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
