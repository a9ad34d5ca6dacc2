"""The tasks of a plan as issues are made of them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..component import track as track_module
from ..disk import files, places
from ..errors import ConductorError
from ..markdown import outline
from ..markdown.boxes import State, taken_apart
from ..markdown.outline import Box, Outline, plain
from ..review.progress import PhaseProgress, read_plan
from ..update import recorded_answers

_GATE = "**Gate**:"
_LONGEST_TITLE = 240  # characters; GitHub takes 256, GitLab and Jira 255
MARK = places.HOME  # what people know the tracks by


@dataclass(frozen=True)
class PlanTask:
    """A task of a plan.

    Args:
        key: The template's key, or one made of the text where the task is a person's.
        text: Its text, as one line.
        state: What its box says.
        phase: The number and name of its phase; empty outside of all.
        gate: What ends the phase.
        steps: Its sub-tasks, each with whether it is done.
    """

    key: str
    text: str
    state: State
    phase: str = ""
    gate: str = ""
    steps: tuple[tuple[bool, str], ...] = ()

    @property
    def title(self) -> str:
        """Return the text as a title, which has a greatest length."""
        cut = len(self.text) > _LONGEST_TITLE
        return f"{self.text[: _LONGEST_TITLE - 1]}…" if cut else self.text

    @property
    def is_open(self) -> bool:
        """Tell whether there is work left."""
        return self.state in (State.OPEN, State.BEGUN)


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
        lines = [] if task.title == task.text else [task.text, ""]
        lines += [f"{task.phase or 'A task'} of **{self.title}**, from `{self.plan}`."]
        if task.steps:
            lines += ["", *(f"- [{'x' if done else ' '}] {step}" for done, step in task.steps)]
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
    path = places.of_track(storage_id, places.PLAN)
    recorded = recorded_answers.read(project / places.of_track(storage_id, places.ANSWERS))
    track = track_module.build(recorded)
    found = outline.read(files.read_text(project / path, root=project))
    tasks = tuple(_tasks(found, track.task_keys))
    if not tasks:
        raise ConductorError("has no task", path=path, remedy="Write one, as `- [ ] …`.")
    return TrackTasks(storage_id, track.component.answers.title, path, tasks)


def _tasks(found: Outline, keys: Mapping[str, str]) -> Iterator[PlanTask]:
    phases = read_plan(found).phases
    known: set[str] = set()
    for box, steps in _groups(found.boxes):
        core = taken_apart(box.text).core
        named = keys.get(core) or f"own-{hashlib.sha256(core.encode()).hexdigest()[:12]}"
        key = re.sub(r"[^\w.]+", "-", named.casefold())
        if key in known:
            continue  # a task that stands twice, which `check` finds
        known.add(key)
        phase = next((item for item in phases if box.line in item.lines), None)
        yield PlanTask(
            key=key,
            text=" ".join(plain(core).split()),
            state=box.state,
            phase=f"Phase {phase.number}, {phase.name}," if phase else "",
            gate=_gate(found, phase),
            steps=tuple(
                (step.state is State.DONE, " ".join(plain(taken_apart(step.text).core).split()))
                for step in steps
                if step.state is not State.DROPPED
            ),
        )


def _groups(boxes: tuple[Box, ...]) -> Iterator[tuple[Box, list[Box]]]:
    """Yield each task with its sub-tasks."""
    group: list[Box] = []
    for box in boxes:
        if group and box.indent > group[0].indent:
            group.append(box)
            continue
        if group:
            yield group[0], group[1:]
        group = [box]
    if group:
        yield group[0], group[1:]


def _gate(found: Outline, phase: PhaseProgress | None) -> str:
    for number in phase.lines if phase else ():
        text = found.lines[number - 1].strip()
        if text.startswith(_GATE):
            return plain(text.removeprefix(_GATE))
    return ""
