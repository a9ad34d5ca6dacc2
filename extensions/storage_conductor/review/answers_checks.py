"""What is wrong with the answers of a track, without which it cannot be updated."""

from __future__ import annotations

from collections.abc import Iterator

from ..disk import files, places
from .library import Library
from .track_checks import TrackProblem

_REMEDY = "Restore the file from git; change answers with `storage-conductor revise`."


def check_answers(library: Library, storage_id: str) -> Iterator[TrackProblem]:
    """Find answers that cannot be read, or that are another track's.

    Args:
        library: Reads the project's files.
        storage_id: The track, which has answers.

    Raises:
        ConductorError: The file cannot be read, or is no UTF-8.
    """
    import yaml

    path = places.of_track(storage_id, places.ANSWERS)
    try:
        found = files.parse_yaml(library.text(path))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        said = str(getattr(error, "problem", None) or error).splitlines()[0]
        yield _problem(path, mark.line + 1 if mark else 1, f"is not valid YAML: {said}")
        return
    named = found.get("storage_id") if isinstance(found, dict) else None
    if named != storage_id:
        yield _problem(
            path, 1, f"is of the track {str(named)[:80]!r}" if named else "names no track"
        )


def _problem(path: str, line: int, what: str) -> TrackProblem:
    message = f"{what}, so that the track cannot be updated"
    return TrackProblem(path, line, "answers", message, _REMEDY)
