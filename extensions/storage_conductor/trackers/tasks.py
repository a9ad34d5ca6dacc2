"""The tasks of a plan as issues are made of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..disk import places
from ..errors import ConductorError
from ..markdown.boxes import State
from ..worklist import reading
from ..worklist.reading import PlanStep, PlanTask

# UTF-16 code units; GitHub takes 256, GitLab and Jira 255, and a formula is marked with one more.
_LONGEST_TITLE = 250
MARK = places.HOME  # what people know the tracks by


def title(task: PlanTask | PlanStep) -> str:
    """Return the text of a task as a title, which has a greatest length and ends with a word."""
    units = task.text.encode("utf-16-le")
    if len(units) <= 2 * _LONGEST_TITLE:
        return task.text
    cut = units[: 2 * (_LONGEST_TITLE - 1)].decode("utf-16-le", "ignore")
    return f"{cut.rpartition(' ')[0].rstrip(' ,;:') or cut}…"


def place(task: PlanTask) -> str:
    """Return the phase of a task as a sentence begins with it."""
    return f"Phase {task.phase.number}, {task.phase.name}," if task.phase else "A task"


@dataclass(frozen=True)
class TrackTasks:
    """The tasks of a track.

    Args:
        storage_id: The track.
        title: Its title.
        plan: The plan's path from the project.
        tasks: The tasks, in the order of the plan.
    """

    storage_id: str
    title: str
    plan: str
    tasks: tuple[PlanTask, ...]

    def mark(self, task: PlanTask) -> str:
        """Return what an issue's text is known by."""
        return f"<!-- {MARK} {self.storage_id} {task.key} -->"

    def body(self, task: PlanTask) -> str:
        """Return the text of an issue, as Markdown."""
        lines = [] if title(task) == task.text else [task.text, ""]
        lines += [f"{place(task)} of **{self.title}**, from `{self.plan}`."]
        if task.steps:
            boxes = ((step.state is State.DONE, step.text) for step in task.steps)
            lines += ["", *(f"- [{'x' if done else ' '}] {text}" for done, text in boxes)]
        if task.gate:
            lines += ["", f"The phase ends with: {task.gate}"]
        return "\n".join([*lines, "", self.mark(task)]) + "\n"


def read(project: Path, storage_id: str) -> TrackTasks:
    """Read the tasks of a track.

    Args:
        project: The folder that holds `storage-conductor`.
        storage_id: The track.

    Raises:
        ConductorError: Its plan or its answers cannot be read, or it has no task.
    """
    found = reading.read(project, storage_id)
    if not found.tasks:
        raise ConductorError("has no task", path=found.plan, remedy="Write one, as `- [ ] …`.")
    name = found.track.component.answers.title
    return TrackTasks(storage_id, name, found.plan, found.tasks)
