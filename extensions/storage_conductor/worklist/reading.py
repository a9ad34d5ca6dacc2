"""Reads the tasks of a plan."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..component import track as track_module
from ..component.plan import TEST, TEST_FIRST
from ..component.track import Track
from ..disk import files, places
from ..markdown import outline
from ..markdown.boxes import State, taken_apart
from ..markdown.outline import Box, Outline, plain
from ..phases import PHASES
from ..review.progress import PhaseProgress, gate, read_plan
from ..update import recorded_answers

_GATE_KEY = "gate-"


@dataclass(frozen=True)
class PlanStep:
    """A sub-task.

    Args:
        text: Its text, as one line.
        state: What its box says.
        line: 1-based line of its box.
        key: The template's key, where it stands for one thing; empty for any other.
    """

    text: str
    state: State
    line: int
    key: str = ""

    @property
    def what(self) -> str:
        """Return its text; of a test the same, whether it comes before the code or with it."""
        return self.text.removeprefix(TEST_FIRST).removeprefix(TEST)


@dataclass(frozen=True)
class PlanTask:
    """A task of a plan.

    Args:
        key: The template's key, or one made of the text where the task is a person's.
        text: Its text, as one line.
        state: What its box says; what is ticked over an open sub-task is in progress.
        line: 1-based line of its box.
        ticked: Whether its box is ticked, whatever its sub-tasks say.
        phase: Its phase; None outside of all.
        gate: What ends the phase.
        steps: Its sub-tasks that were not dropped.
    """

    key: str
    text: str
    state: State
    line: int
    ticked: bool = False
    phase: PhaseProgress | None = None
    gate: str = ""
    steps: tuple[PlanStep, ...] = ()

    @property
    def is_open(self) -> bool:
        """Tell whether there is work left."""
        return self.state in (State.OPEN, State.BEGUN)

    @property
    def ticked_boxes(self) -> tuple[int, ...]:
        """Return the lines of its ticked boxes that its checks stand for.

        Those are its own and those of sub-tasks for one thing each.
        """
        steps = [step.line for step in self.steps if step.key and step.state is State.DONE]
        return (*([self.line] if self.ticked else ()), *steps)


@dataclass(frozen=True)
class PlanGate:
    """The gate of a phase.

    Args:
        key: `gate-` and the key of the phase.
        text: What ends the phase, as one line.
        phase: The phase.
    """

    key: str
    text: str
    phase: PhaseProgress


@dataclass(frozen=True)
class Worklist:
    """The plan of a track.

    Args:
        storage_id: The track.
        track: What it was made from.
        plan: The plan's path from the project.
        tasks: The tasks, in the order of the plan; of a text that stands twice, the first.
        gates: The gates of the phases that have one.
    """

    storage_id: str
    track: Track
    plan: str
    tasks: tuple[PlanTask, ...]
    gates: tuple[PlanGate, ...]


def read(project: Path, storage_id: str) -> Worklist:
    """Read the tasks of a track.

    Args:
        project: The folder that holds `storage-conductor`.
        storage_id: The track.

    Raises:
        ConductorError: Its plan or its answers cannot be read.
    """
    path = places.of_track(storage_id, places.PLAN)
    recorded = recorded_answers.read(project / places.of_track(storage_id, places.ANSWERS))
    track = track_module.build(recorded)
    found = outline.read(files.read_text(project / path, root=project))
    phases = read_plan(found).phases
    tasks = tuple(_tasks(found, phases, track.lasting_task_keys))
    return Worklist(storage_id, track, path, tasks, tuple(_gates(found, phases)))


def key_of(named: str) -> str:
    """Return a key of the template as people type it: `PostgreSQL index` is `postgresql-index`."""
    return re.sub(r"[^\w.]+", "-", named.casefold())


def gate_key(phase: str) -> str:
    """Return the key of the gate of a phase."""
    return f"{_GATE_KEY}{phase}"


def _tasks(
    found: Outline, phases: Sequence[PhaseProgress], keys: Mapping[str, str]
) -> Iterator[PlanTask]:
    known: set[str] = set()
    for box, steps in _groups(found.boxes):
        core = taken_apart(box.text).core
        named = keys.get(core) or f"own-{hashlib.sha256(core.encode()).hexdigest()[:12]}"
        key = key_of(named)
        if key in known:
            continue  # a task that stands twice, which `check` finds
        known.add(key)
        phase = next((item for item in phases if box.line in item.lines), None)
        yield PlanTask(
            key=key,
            text=" ".join(plain(core).split()),
            state=box.state,
            line=box.line,
            ticked=box.is_ticked,
            phase=phase,
            gate=plain(gate(found, phase)) if phase else "",
            steps=tuple(_step(each, keys) for each in steps if each.state is not State.DROPPED),
        )


def _step(box: Box, keys: Mapping[str, str]) -> PlanStep:
    core = taken_apart(box.text).core
    return PlanStep(" ".join(plain(core).split()), box.state, box.line, key_of(keys.get(core, "")))


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


def _gates(found: Outline, phases: Sequence[PhaseProgress]) -> Iterator[PlanGate]:
    names = list(PHASES)
    for phase in phases:
        text = plain(gate(found, phase))
        if text and 0 < phase.number <= len(names):
            yield PlanGate(gate_key(names[phase.number - 1]), text, phase)
