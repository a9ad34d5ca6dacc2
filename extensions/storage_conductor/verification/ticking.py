"""Ticking what is proven in a plan, and unticking what is not; every other byte stays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..disk import files, locks, writing
from ..evidence.coverage import PlanCoverage
from ..evidence.standing import ProofState, Proven
from ..markdown import boxes
from ..markdown.boxes import State
from ..markdown.tables import split_lines
from ..worklist import reading
from ..worklist.reading import PlanTask

_DONE, _OPEN = "x", " "


def bring_in_line(
    found: PlanCoverage, items: Iterable[Proven], *, tick: bool, untick: bool
) -> list[str]:
    """Tick the tasks that checks have proven, with their sub-tasks for one thing each.

    A task that has another sub-task left open stays open: a test that is to be written, or what a
    person added. Nothing is opened again unasked: a ticked task whose check failed is named.

    Args:
        found: The plan with the checks of its tasks.
        items: How far each is proven.
        tick: Whether what is proven is ticked.
        untick: Whether a ticked task that is not proven is opened again, with its sub-tasks for
            one thing each.

    Returns:
        A line for each box that was changed or could not be.

    Raises:
        ConductorError: The plan cannot be read or written.
    """
    state = {item.key: item for item in items if item.checks}
    path = found.project / found.plan.plan
    with locks.exclusive(path.parent):
        plan = reading.read(found.project, found.plan.storage_id)
        marks: dict[int, str] = {}
        said: list[str] = []
        for task in plan.tasks:
            item = state.get(task.key)
            if item is None:
                continue
            if item.proof is ProofState.PROVEN:
                said += _tick(task, marks) if tick else []
            elif untick and task.ticked_boxes:
                marks |= dict.fromkeys(task.ticked_boxes, _OPEN)
                said.append(f"unticked {task.key}")
            elif task.ticked and item.proof is ProofState.FAILED:
                said.append(f"{task.key} is ticked and its check failed; --untick opens it")
        if marks:
            text = files.read_text(path, root=found.project)
            writing.write_atomic(path, _marked(text, marks))
    return said


def _tick(task: PlanTask, marks: dict[int, str]) -> list[str]:
    """Mark a task as done, as far as its sub-tasks allow."""
    mine = [step for step in task.steps if step.key and step.state is not State.DONE]
    left = [step for step in task.steps if not step.key and step.state is not State.DONE]
    marks |= {step.line: _DONE for step in mine}
    if not task.is_open:
        return [f"ticked {step.key}" for step in mine]
    if left:
        done = [f"ticked {step.key}" for step in mine]
        said = f"{task.key} is ticked over what is open" if task.ticked else f"left {task.key} open"
        return [*done, f"{said}: {left[0].text}"]
    marks[task.line] = _DONE
    return [f"ticked {task.key}"]


def _marked(text: str, marks: Mapping[int, str]) -> str:
    lines = split_lines(text)
    for number, mark in marks.items():
        lines[number - 1] = boxes.marked(lines[number - 1], mark)
    return "".join(lines)
