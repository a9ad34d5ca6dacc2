"""Where tracks are: the project that a path belongs to, and the tracks in it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from ..disk import files
from ..disk.places import ARCHIVE, HOME, REGISTRY, STORAGES
from ..errors import ConductorError
from ..tracks import registry_read


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
        ConductorError: There is none, which archive and registry do not explain, or the folder
            above cannot be read.
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
    if not found and not (project / ARCHIVE).is_dir() and not _all_given_up(project):
        raise ConductorError(
            "holds no track",
            path=project / STORAGES,
            remedy="Start one with `storage-conductor new`, or restore the folder from git.",
        )
    return found


def _all_given_up(project: Path) -> bool:
    """Tell whether the registry lists tracks, and says of all that they were given up."""
    try:
        entries = registry_read.parse(files.read_text(project / REGISTRY)).entries()
    except ConductorError:
        return False
    statuses = [registry_read.known_status(each.values.get("status", "")) for each in entries]
    return bool(statuses) and set(statuses) <= set(registry_read.GIVEN_UP)
