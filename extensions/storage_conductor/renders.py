"""What this process rendered, kept for the merge at the end of an update.

An update renders the old version of the template, then the new one, and has deleted the pure
results by the time that only the user's and the template's changes mixed are left. Git keeps them
only of a file with conflict markers. Rendering both once more would double the time, so every
render leaves its text in the memory of the process. Old and new code share that memory under a
name that stays the same in all versions, and so does the form of what is in it.
"""

from __future__ import annotations

import sys
from collections import deque
from pathlib import Path
from types import ModuleType
from typing import TypedDict

FILES = ("spec.md", "plan.md", "metadata.json")

_MEMORY = "storage_conductor_renders"
# An update renders three times.
_MOST = 3 * len(FILES)


class Render(TypedDict):
    """A file as it was rendered.

    Args:
        project: The folder that it was rendered into.
        storage_id: The track.
        name: One of `FILES`.
        text: Its text.
    """

    project: str
    storage_id: str
    name: str
    text: str


def remember(project: Path, storage_id: str, name: str, text: str) -> None:
    """Keep what was just rendered, if it is a file of a track."""
    if name in FILES:
        _memory().append(
            Render(project=str(project), storage_id=storage_id, name=name, text=text)
        )


def recall(storage_id: str) -> dict[str, str]:
    """Return the newest texts of a track by file name, as far as their folder still exists.

    Copier removes the folder of each render that is not the project's own. So what an earlier
    update left in this memory is never taken for a part of this one.
    """
    return {
        render["name"]: render["text"]
        for render in _memory()
        if render["storage_id"] == storage_id and Path(render["project"]).is_dir()
    }


def forget() -> None:
    """Drop everything."""
    _memory().clear()


def _memory() -> deque[Render]:
    module = sys.modules.setdefault(_MEMORY, ModuleType(_MEMORY))
    memory: deque[Render] = module.__dict__.setdefault("renders", deque(maxlen=_MOST))
    return memory
