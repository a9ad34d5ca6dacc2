"""What follows the rendering of a new track: starter documents, validation, the registry's row."""

from __future__ import annotations

import functools
import shutil
from collections.abc import Iterable
from pathlib import Path

from ..disk import files, places, writing
from ..errors import ConductorError, printable
from ..review import track_checks
from ..review.library import Library
from ..tracks import metadata, registry_file, registry_read, starting


def land(project: Path, storage_id: str) -> list[str]:
    """Validate a track that was just rendered and enter it into the registry.

    Running it again changes nothing. When it fails, a track that the registry does not know yet is
    removed again, with the starter documents that came with it.

    Args:
        project: The folder that holds `storage-conductor`.
        storage_id: The track.

    Returns:
        Notes for the person, such as a status that registry and metadata do not agree on.

    Raises:
        ConductorError: The track is not valid, or the registry cannot be read or written.
    """
    registry, folder = project / places.REGISTRY, project / places.home(storage_id)
    is_new = storage_id not in registered(registry)
    started: list[Path] = []
    try:
        started += write_starters(project / places.HOME)
        validate(project, storage_id)
        row = metadata.row(metadata.read(folder / places.METADATA))
        # From here on `sync` can do the rest.
        starting.end(folder.absolute())
        notes = registry_file.record(registry, row, registry_starter())
        return list(map(printable, notes))
    except ConductorError:
        if is_new:
            _discard(folder, started)
        raise


def registered(path: Path) -> set[str]:
    """Return the ids in a registry; none when it is missing or cannot be read."""
    try:
        return set(registry_read.parse(files.read_text(path)).ids)
    except ConductorError:
        return set()


@functools.cache
def registry_starter() -> str:
    """Return the text of a registry without tracks."""
    return places.starter(places.REGISTRY).read_text(encoding="utf-8")


def write_starters(home: Path) -> list[Path]:
    """Write the starter documents that are missing; return the files written."""
    sources = {name: places.starter(name) for name in (*places.DOCUMENTS, places.ATTRIBUTES)}
    sources[places.SCHEMA] = metadata.SCHEMA
    return [
        home / name
        for name, source in sources.items()
        if writing.write_new(home / name, source.read_text(encoding="utf-8"))
    ]


def validate(project: Path, storage_id: str) -> None:
    """Check a rendered track.

    Raises:
        ConductorError: Lists every problem with its file and line.
    """
    said = files.read_text(project / places.of_track(storage_id, places.ANSWERS))
    syntax = [opener for opener in track_checks.SYNTAX if opener not in said]
    problems = track_checks.check_track(Library(project), storage_id, syntax=syntax)
    if problems:
        raise ConductorError(
            "The rendered track is not valid:\n" + "\n".join(str(problem) for problem in problems),
            remedy="Mend what is named above and run the same command again.",
        )


def _discard(folder: Path, started: Iterable[Path]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    for path in started:
        path.unlink(missing_ok=True)
