"""Three-way merge of plan.md, task by task.

What survives, whatever the other side did: ticks, the user's tasks, sub-tasks, notes and sections
wherever they stand, wordings, order, phase status and deletions. What arrives: the template's new,
reworded, moved and removed tasks, and its headings, gates and notes.

- A task has no visible id; `match` explains how it is recognised. Between two renders the template
  knows better: there its key tells which task is which, however it was reworded and moved.
- A tick is apart from the text, so a ticked task that the template reworded or moved stays ticked.
- A ticked task that the template removed stays where it is, as a record of what was done. So does
  one that the user reworded or wrote something under; an untouched one goes.
- The status of a phase is the user's to set: the template's counts until the user changes it.
- A task that the user deleted stays deleted, also when the template rewords it.
- A conflict is only what both sides worded differently; its markers stand around that line, with
  the user's tick on both sides.
"""

from __future__ import annotations

from .markdown import merge_markdown
from .match import TaskKeys
from .text import Merged


def merge_plan(base: str, ours: str, theirs: str, keys: TaskKeys | None = None) -> Merged:
    """Merge three versions of a plan.

    Args:
        base: The old render.
        ours: The user's file.
        theirs: The new render.
        keys: What the template calls its tasks in both renders, where that is known.
    """
    return merge_markdown(base, ours, theirs, keys)
