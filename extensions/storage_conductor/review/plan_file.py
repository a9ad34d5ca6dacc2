"""What a plan.md says: its phases, their tasks, and how much is done.

Boxes are `- [ ]` open, `- [~]` in progress, `- [x]` done and `- [-]` dropped; those in code and in
comments are no tasks. Reading never fails: a text without phases is a plan without phases.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from ..markdown.blocks import Block, Kind, parse

_PHASE = re.compile(r"phase\s+(\d+)\s*(?:[:.–—-]\s*)?(.*)", re.IGNORECASE)


@dataclass(slots=True)
class Task:
    """One box with its text.

    Attributes:
        text: The first line after the box.
        mark: What stands in the box, as written.
        line: 1-based line in the file.
        notes: Further lines of its text.
        subtasks: The boxes nested in it.
    """

    text: str
    mark: str
    line: int
    notes: list[str] = field(default_factory=list)
    subtasks: list[Task] = field(default_factory=list)

    @property
    def done(self) -> bool:
        """Whether it is ticked."""
        return self.mark in {"x", "X"}

    @property
    def dropped(self) -> bool:
        """Whether it was crossed out as not to be done."""
        return self.mark == "-"

    def walk(self) -> Iterator[Task]:
        """Yield this task and all sub-tasks in the order of the file."""
        stack = [self]
        while stack:
            task = stack.pop()
            yield task
            stack.extend(reversed(task.subtasks))


@dataclass(slots=True)
class Phase:
    """One section of level two, or what stands before the first.

    Attributes:
        name: The heading without `Phase N:`.
        number: N; None for a section that is no phase.
        line: 1-based line of the heading.
        status: Value of its first `**Status**:` line, None without one.
        status_line: 1-based line of that.
        gate: Value of its first `**Gate**:` line, None without one.
        gate_line: 1-based line of that.
        tasks: Its boxes, those under its sub-headings included.
    """

    name: str
    number: int | None
    line: int
    status: str | None = None
    status_line: int | None = None
    gate: str | None = None
    gate_line: int | None = None
    tasks: list[Task] = field(default_factory=list)


@dataclass(slots=True)
class Plan:
    """A whole plan.

    Attributes:
        title: The first heading of level one, without `Plan:`; None without one.
        preamble: What stands before the first section of level two.
        sections: All sections of level two, phases and others.
    """

    title: str | None
    preamble: Phase
    sections: list[Phase]

    @property
    def phases(self) -> list[Phase]:
        """The sections headed `Phase N`."""
        return [section for section in self.sections if section.number is not None]

    @property
    def tasks(self) -> list[Task]:
        """All top-level tasks in the order of the file."""
        return [task for part in (self.preamble, *self.sections) for task in part.tasks]

    def next_open(self) -> Task | None:
        """Return the first box, task or sub-task, that is to be done and has none to do in it."""
        for top in self.tasks:
            for task in top.walk():
                if _is_open(task) and not any(map(_is_open, task.subtasks)):
                    return task
        return None


class Progress(NamedTuple):
    """How much is done; dropped tasks count nowhere.

    Attributes:
        done: Ticked boxes, sub-tasks included.
        total: Boxes, sub-tasks included.
        tasks_done: Ticked top-level tasks.
        tasks: Top-level tasks.
    """

    done: int
    total: int
    tasks_done: int
    tasks: int


def parse_plan(text: str) -> Plan:
    """Read a plan; every text is accepted."""
    title: str | None = None
    section = preamble = Phase("", None, 1)
    sections: list[Phase] = []
    known: dict[Block, Task] = {}
    for block in parse(text).root.walk():
        if block.kind is Kind.HEADING and block.level == 1:
            title = title or block.text.removeprefix("Plan:").strip()
        elif block.kind is Kind.HEADING and block.level == 2:
            section = _phase(block)
            sections.append(section)
        elif block.kind is Kind.LABEL:
            _read_label(section, block)
        elif block.kind is Kind.ITEM and block.mark is not None:
            notes = [note.strip() for note in block.lines[1:]]
            known[block] = Task(block.text.strip(), block.mark or " ", block.line, notes)
            owner = _owner(block, known)
            (owner.subtasks if owner else section.tasks).append(known[block])
    return Plan(title, preamble, sections)


def progress(plan: Plan | Phase) -> Progress:
    """Count the boxes of a plan or of one phase."""
    boxes = [box for task in plan.tasks for box in task.walk()]
    return Progress(*_count(boxes), *_count(plan.tasks))


def _count(tasks: Iterable[Task]) -> tuple[int, int]:
    counted = [task for task in tasks if not task.dropped]
    return sum(task.done for task in counted), len(counted)


def _is_open(task: Task) -> bool:
    return not task.done and not task.dropped


def _phase(heading: Block) -> Phase:
    match = _PHASE.fullmatch(heading.text)
    if match is None:
        return Phase(heading.text, None, heading.line)
    return Phase(match[2].strip(), int(match[1]), heading.line)


def _read_label(section: Phase, block: Block) -> None:
    if block.label == "status" and section.status is None:
        section.status, section.status_line = block.text.strip(), block.line
    elif block.label == "gate" and section.gate is None:
        section.gate, section.gate_line = block.text.strip(), block.line


def _owner(block: Block, known: dict[Block, Task]) -> Task | None:
    """Return the task that a box is nested in, if any."""
    above = block.parent
    while above is not None and above not in known:
        above = above.parent
    return known.get(above) if above is not None else None
