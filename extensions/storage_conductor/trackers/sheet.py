"""The tasks as CSV, for Jira's import and whatever reads tables; the same plan gives the same text.

https://support.atlassian.com/jira/kb/keep-issue-parent-child-mapping-during-csv-import-to-jira-cloud
has the `Issue ID` of a sub-task's task in `Parent`, and all tasks before the first sub-task;
https://confluence.atlassian.com/servicedeskcloud/importing-data-from-csv-1097176622.html a header
row with `Summary` and without punctuation. `Labels` has no spaces.
"""

from __future__ import annotations

import csv
import hashlib
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
    """Return all tasks and then all sub-tasks that were not dropped as CSV.

    An issue has the same ID and label in every sheet, whatever else stands in it.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(_COLUMNS)
    tasks = [task for task in track.tasks if task.state is not State.DROPPED]
    numbers = _Numbers()
    rows = [*_tasks(track, tasks, numbers), *_steps(track, tasks, numbers)]
    writer.writerows([_plain(cell) for cell in row] for row in rows)
    return stream.getvalue()


class _Numbers:
    """Gives each label its number, which depends on nothing else but for rare coincidences."""

    def __init__(self) -> None:
        self._given: dict[int, str] = {}

    def of(self, label: str) -> str:
        number = int.from_bytes(hashlib.sha256(label.encode()).digest()[:4]) >> 1
        while self._given.setdefault(number, label) != label:
            number += 1
        return str(number)


def _tasks(
    track: TrackTasks, tasks: Sequence[PlanTask], numbers: _Numbers
) -> Iterator[tuple[str, ...]]:
    for task in tasks:
        described = "" if title(task) == task.text else f"{task.text}\n\n"
        described += f"{place(task)} of {track.title}, from {track.plan}."
        if task.gate:
            described += f"\n\nThe phase ends with: {task.gate}"
        status, label = _STATUSES[task.state], _label(track, task)
        yield numbers.of(label), "", "Task", title(task), described, status, label


def _steps(
    track: TrackTasks, tasks: Sequence[PlanTask], numbers: _Numbers
) -> Iterator[tuple[str, ...]]:
    for task in tasks:
        parent = _label(track, task)
        labels: set[str] = set()
        for step in task.steps:
            label = f"{parent}.{step.key or hashlib.sha256(step.what.encode()).hexdigest()[:8]}"
            while label in labels:  # two sub-tasks with the same words
                label += "-again"
            labels.add(label)
            described = "" if title(step) == step.text else step.text
            status, number = _STATUSES[step.state], numbers.of(label)
            yield number, numbers.of(parent), "Sub-task", title(step), described, status, label


def _label(track: TrackTasks, task: PlanTask) -> str:
    return f"{track.storage_id}.{task.key}"


def _plain(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
