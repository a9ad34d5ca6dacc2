"""What this process rendered, kept for the merge at the end of an update.

An update renders the old version of the template, then the new one, and has deleted the pure
results by the time when only a mixture of the user's and the template's changes is left; git keeps
them of those files alone that hold conflict markers. Rendering again would double the time, so
every render leaves its text in the memory of the process. The code of the old and of the new
version share that memory under a name that stays the same in all versions, as does its form.
"""

from __future__ import annotations

import sys
from collections import deque
from pathlib import Path
from types import ModuleType
from typing import TypedDict

from ..disk.places import RENDERED

# Beside the files: the keys of the plan's tasks by their text, as JSON.
TASKS = "tasks.json"
_KEPT = (*RENDERED, TASKS)

_MEMORY = "storage_conductor_renders"
_RENDERS_OF_AN_UPDATE = 3


class Render(TypedDict):
    """A file of a track as it was rendered.

    Args:
        project: The folder that it was rendered into, absolute.
        storage_id: The track.
        name: One of `RENDERED`, or `TASKS`.
        text: The whole text.
    """

    project: str
    storage_id: str
    name: str
    text: str


def remember(project: Path, storage_id: str, name: str, text: str) -> None:
    """Keep what was just rendered, if it is a file of a track."""
    if name in _KEPT:
        folder = str(project.resolve())
        _memory().append(Render(project=folder, storage_id=storage_id, name=name, text=text))


def take_old(project: Path, storage_id: str) -> dict[str, str]:
    """Return the old version's texts by file name, and forget everything.

    They were rendered into a temporary folder that is still there, so nothing that an earlier
    update left in the memory can be taken for them.
    """
    here = str(project.resolve())
    return _take(
        storage_id,
        [each for each in _memory() if each["project"] != here and Path(each["project"]).is_dir()],
    )


def take_new(storage_id: str) -> dict[str, str]:
    """Return the newest texts by file name, and forget everything."""
    return _take(storage_id, list(_memory()))


def _take(storage_id: str, renders: list[Render]) -> dict[str, str]:
    _memory().clear()
    return {each["name"]: each["text"] for each in renders if each["storage_id"] == storage_id}


def _memory() -> deque[Render]:
    module = sys.modules.setdefault(_MEMORY, ModuleType(_MEMORY))
    most = _RENDERS_OF_AN_UPDATE * len(_KEPT)
    memory: deque[Render] = module.__dict__.setdefault("renders", deque(maxlen=most))
    return memory
