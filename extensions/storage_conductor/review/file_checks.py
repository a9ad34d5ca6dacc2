"""What is wrong with files whatever they say: merge conflicts, and links where a file should be."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from ..disk import files, git, places
from ..disk.places import HOME
from ..errors import ConductorError
from .library import Library
from .track_checks import TrackProblem

_LARGEST = 1 << 20


def names(project: Path, folder: str) -> list[str]:
    """List the files and folders in a folder of a project, by their paths in it."""
    return sorted(f"{folder}/{path.name}" for path in (project / folder).iterdir())


def check_places(project: Path, names: Iterable[str]) -> Iterator[TrackProblem]:
    """Find what stands where a command would write, and is no file or folder of the project."""
    for name in names:
        try:
            files.check_place(project / name)
        except ConductorError as error:
            yield TrackProblem(name, 1, "no-file", error.message, error.remedy or "")


def conflicts(library: Library, names: Iterable[str]) -> Iterator[TrackProblem]:
    """Find conflict markers in files, of which the first MiB is read, and rejected changes."""
    for name in names:
        if name.endswith(".rej"):
            message = "changes of an update that could not be merged"
            remedy = "Take over what is right and delete this file."
            yield TrackProblem(name, 1, "conflict", message, remedy)
        try:
            content = library.content(name)[:_LARGEST]
        except ConductorError:
            continue  # a folder, or what other checks tell
        if b"<<<<<<< " in content or b">>>>>>> " in content:
            yield from markers(name, content.decode("utf-8", "replace"))


def markers(path: str, text: str) -> Iterator[TrackProblem]:
    """Find the conflict markers in the text of a file."""
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


def check_unmerged(project: Path, only: Collection[str]) -> Iterator[TrackProblem]:
    """Find the files that git holds as unmerged; none where there is no git, or no repository."""
    paths = sorted(map(places.home, only)) or [HOME]
    try:
        found = git.unmerged_among(project, paths)
    except ConductorError:
        return
    for path in found:
        yield TrackProblem(
            path,
            1,
            "unmerged",
            "git holds this file as unmerged",
            "Resolve the conflict, then `git add` the file.",
        )
