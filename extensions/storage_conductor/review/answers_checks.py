"""What is wrong with the answers of a track, without which it cannot be updated."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from typing import Any

from ..disk import files, places
from ..markdown.tables import clean
from ..tracks.registry_read import NEW_ID, spelling
from .library import Library
from .track_checks import TrackProblem

_REMEDY = "Restore the file from git; change answers with `storage-conductor revise`."
_OTHER_ID = (
    "Restore the file from git, or rename the folder back. Where two tracks had one id and this"
    " one got a new one, write the new one in all of its files."
)
_MIXED = (
    "Bring all files of this folder from the branch of one of the two. If both are wanted:"
    f" {NEW_ID} If they are one track, `storage-conductor revise` changes title and backend."
)


def check_answers(
    library: Library, storage_id: str, data: Mapping[str, Any]
) -> Iterator[TrackProblem]:
    """Find answers that cannot be read, or that are another track's.

    Args:
        library: Reads the project's files.
        storage_id: The track, which has answers.
        data: Its metadata, not validated.

    Raises:
        ConductorError: The file cannot be read, or is no UTF-8.
    """
    import yaml

    path = places.of_track(storage_id, places.ANSWERS)
    try:
        found = files.parse_yaml(library.text(path))
    except yaml.YAMLError as error:
        said, line = files.yaml_fault(error)
        yield _problem(path, line or 1, f"is not valid YAML: {said.splitlines()[0]}")
        return
    named = found.get("storage_id") if isinstance(found, dict) else None
    if named != storage_id:
        what = f"is of the track {str(named)[:80]!r}" if named else "names no track"
        yield _problem(path, 1, what, _OTHER_ID if named else _REMEDY)
    elif len(apart := _differences(found, data)) > 1:
        message = f"is of another track than metadata.json: {'; '.join(apart)}"
        yield TrackProblem(path, 1, "two-tracks", message, _MIXED)


def _problem(path: str, line: int, what: str, remedy: str = _REMEDY) -> TrackProblem:
    message = f"{what}, so that the track cannot be updated"
    return TrackProblem(path, line, "answers", message, remedy)


def _differences(said: Mapping[str, Any], data: Mapping[str, Any]) -> list[str]:
    """Tell in what answers and metadata differ of what is the same as long as a track lives.

    One alone is no sign: a person may reword the title, and an adopted track keeps its own times.
    """
    pairs = {
        "title": (said.get("title"), data.get("title")),
        "created": (said.get("created_at"), data.get("created")),
        "backend": (_backends(said), data.get("backend")),
    }
    return [
        f"{name} is {clean(str(here))[:80]!r} here and {clean(str(there))[:80]!r} there"
        for name, (here, there) in pairs.items()
        if here and there and _IS_APART[name](str(here), str(there))
    ]


def _backends(said: Mapping[str, Any]) -> str:
    values = [said.get(name) for name in ("backend", "backends", "other_backend")]
    texts = (value if isinstance(value, list) else [value] for value in values if value)
    return " ".join(str(text) for each in texts for text in each)


def _other_title(here: str, there: str) -> bool:
    return spelling(here) != spelling(there)


def _other_time(here: str, there: str) -> bool:
    """Tell whether two texts are times, and not the same; that without a zone is told from none."""
    try:
        one, other = map(datetime.datetime.fromisoformat, (here, there))
    except ValueError:
        return False
    return (one.tzinfo is None) == (other.tzinfo is None) and one != other


def _no_word_alike(here: str, there: str) -> bool:
    return set(spelling(here).split()).isdisjoint(spelling(there).split())


_IS_APART = {"title": _other_title, "created": _other_time, "backend": _no_word_alike}
