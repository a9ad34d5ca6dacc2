"""What has to change in a tracker so that it shows a plan: a pure comparison."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from ..markdown.boxes import State
from ..worklist.reading import PlanTask
from .tasks import TrackTasks, title

_MARKED = re.compile(r"<!-- storage-conductor (\S+) (\S+) -->")


class IssueDeed(StrEnum):
    """What is done with an issue."""

    CREATE = "create"
    RENAME = "rename"
    CLOSE = "close"


@dataclass(frozen=True)
class Issue:
    """An issue as a tracker has it."""

    number: int
    title: str
    body: str
    is_open: bool


@dataclass(frozen=True)
class IssueChange:
    """A change of one issue; `number` is None for a new one."""

    deed: IssueDeed
    task: PlanTask
    number: int | None = None

    @property
    def is_dropped(self) -> bool:
        """Tell whether the issue is closed because the task was dropped."""
        return self.task.state is State.DROPPED


def changes(track: TrackTasks, issues: Iterable[Issue]) -> Iterator[IssueChange]:
    """Compare a plan with the issues of a tracker.

    An issue belongs to the task whose key its text has, else to the one whose title it has. An
    issue that a person closed stays closed.
    """
    by_key: dict[str, Issue] = {}
    by_title: dict[str, Issue] = {}
    for issue in issues:
        for storage_id, key in _MARKED.findall(issue.body):
            if storage_id == track.storage_id:
                by_key.setdefault(key, issue)
                by_title.setdefault(issue.title, issue)
    for task in track.tasks:
        found = by_key.get(task.key) or by_title.get(title(task))
        if found is None:
            if task.is_open:
                yield IssueChange(IssueDeed.CREATE, task)
        elif found.is_open:
            if found.title != title(task):
                yield IssueChange(IssueDeed.RENAME, task, found.number)
            if not task.is_open:
                yield IssueChange(IssueDeed.CLOSE, task, found.number)
