"""What is said of a track that a killed run left half-way between two versions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..disk import journal, places
from ..disk.journal import Journal
from ..errors import ConductorError
from .track_checks import TrackProblem

UPDATE, REFRESH = "copier update", "storage-conductor refresh"
ADOPT = "storage-conductor adopt"


def read(project: Path) -> Mapping[str, Journal]:
    """Return what runs that were killed began with, by track.

    Raises:
        ConductorError: The record of one is damaged, or git fails.
    """
    return {each.folder.name: each for each in journal.unfinished(project / places.STORAGES)}


def refuse(project: Path, storage_id: str, *, by_hand: bool = False) -> None:
    """Refuse to touch a track that is half-way between two versions.

    Args:
        project: The folder that holds `storage-conductor`.
        storage_id: The track.
        by_hand: Whether the remedy must do without the command line.

    Raises:
        ConductorError: It is; says how to go back.
    """
    if found := read(project).get(storage_id):
        remedy = found.by_hand() if by_hand else _remedy(found)
        raise ConductorError(_message(found), path=found.folder, remedy=remedy)


def problem(found: Journal) -> TrackProblem:
    """Return what is said of a track."""
    storage_id = found.folder.name
    folder = places.home(storage_id)
    return TrackProblem(folder, 1, "half-updated", _message(found), _remedy(found))


def can_go_back(found: Journal) -> bool:
    """Tell whether `refresh` goes back by itself."""
    return found.is_untouched() and found.command != ADOPT


def _message(found: Journal) -> str:
    return f"is half-way between two versions: `{found.command}` was killed"


def _remedy(found: Journal) -> str:
    if can_go_back(found):
        return f"Run `{REFRESH} {found.folder.name}`, which goes back and starts again."
    if found.is_untouched():
        folder = places.home(found.folder.name)
        return f"Run `{ADOPT} {folder}` in the project, which goes back and starts again."
    return found.by_hand()
