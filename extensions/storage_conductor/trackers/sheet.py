"""The tasks as CSV, for Jira's import and whatever reads tables; the same plan gives the same text.

https://support.atlassian.com/jira/kb/keep-issue-parent-child-mapping-during-csv-import-to-jira-cloud
has the `Issue ID` of a sub-task's task in `Parent`, and all tasks before the first sub-task;
https://confluence.atlassian.com/servicedeskcloud/importing-data-from-csv-1097176622.html a header
row with `Summary` and without punctuation. `Labels` has no spaces.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from ..markdown.boxes import State
from ..worklist.reading import PlanTask
from .tasks import TrackTasks, place, title

_COLUMNS = ("Issue ID", "Parent", "Issue Type", "Summary", "Description", "Status", "Labels")
_STATUSES = {State.OPEN: "To Do", State.BEGUN: "In Progress", State.DONE: "Done"}
# What a spreadsheet takes for a formula, https://owasp.org/www-community/attacks/CSV_Injection.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def sheet(track: TrackTasks) -> str:
    """Return all tasks and then all sub-tasks that were not dropped as CSV."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(_COLUMNS)
    tasks = [task for task in track.tasks if task.state is not State.DROPPED]
    rows = [*_tasks(track, tasks), *_steps(track, tasks)]
    writer.writerows([_plain(cell) for cell in row] for row in rows)
    return stream.getvalue()


def _tasks(track: TrackTasks, tasks: Sequence[PlanTask]) -> Iterator[tuple[str, ...]]:
    for number, task in enumerate(tasks, start=1):
        described = "" if title(task) == task.text else f"{task.text}\n\n"
        described += f"{place(task)} of {track.title}, from {track.plan}."
        if task.gate:
            described += f"\n\nThe phase ends with: {task.gate}"
        status = _STATUSES[task.state]
        yield str(number), "", "Task", title(task), described, status, _label(track, task)


def _steps(track: TrackTasks, tasks: Sequence[PlanTask]) -> Iterator[tuple[str, ...]]:
    number = len(tasks)
    for parent, task in enumerate(tasks, start=1):
        for step in task.steps:
            number += 1
            status = _STATUSES[step.state]
            label = _label(track, task)
            described = "" if title(step) == step.text else step.text
            yield str(number), str(parent), "Sub-task", title(step), described, status, label


def _label(track: TrackTasks, task: PlanTask) -> str:
    return f"{track.storage_id}.{task.key}"


def _plain(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
