"""The tasks as CSV, for Jira's import and whatever reads tables; the same plan gives the same text.

https://support.atlassian.com/jira-cloud-administration/docs/import-data-from-a-csv-file/: a
sub-task names its task's `Issue Id` in `Parent Id`; `Labels` has no spaces.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from ..markdown.boxes import State
from ..worklist.reading import PlanTask
from .tasks import TrackTasks, place, title

_COLUMNS = ("Issue Id", "Parent Id", "Issue Type", "Summary", "Description", "Status", "Labels")
_STATUSES = {State.OPEN: "To Do", State.BEGUN: "In Progress", State.DONE: "Done"}
# What a spreadsheet takes for a formula, https://owasp.org/www-community/attacks/CSV_Injection.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def sheet(track: TrackTasks) -> str:
    """Return all tasks and sub-tasks that were not dropped as CSV."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(_COLUMNS)
    number = 0
    for task in track.tasks:
        if task.state is not State.DROPPED:
            rows = list(_rows(track, task, number + 1))
            number += len(rows)
            writer.writerows([_plain(cell) for cell in row] for row in rows)
    return stream.getvalue()


def _rows(track: TrackTasks, task: PlanTask, first: int) -> Iterator[tuple[str, ...]]:
    label = f"{track.storage_id}.{task.key}"
    described = "" if title(task) == task.text else f"{task.text}\n\n"
    described += f"{place(task)} of {track.title}, from {track.plan}."
    if task.gate:
        described += f"\n\nThe phase ends with: {task.gate}"
    status = _STATUSES[task.state]
    yield str(first), "", "Task", title(task), described, status, label
    for at, step in enumerate(task.steps, start=first + 1):
        status = _STATUSES[State.DONE if step.state is State.DONE else State.OPEN]
        yield str(at), str(first), "Sub-task", step.text, "", status, label


def _plain(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
