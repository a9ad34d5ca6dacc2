"""A plan as the tests of merges look at it: each box with its mark, notes and sub-tasks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from storage_conductor.markdown.blocks import BlockKind, MarkdownBlock, parse


@dataclass
class Task:
    """A box with its text, the lines below it, and the boxes nested in it."""

    text: str
    mark: str
    notes: list[str]
    subtasks: list[Task] = field(default_factory=list)

    def walk(self) -> Iterator[Task]:
        stack = [self]
        while stack:
            task = stack.pop()
            yield task
            stack.extend(reversed(task.subtasks))


@dataclass
class Plan:
    """The tasks of a plan, and its Status lines in the order of the file."""

    tasks: list[Task] = field(default_factory=list)
    statuses: list[str] = field(default_factory=list)


def read_plan(text: str) -> Plan:
    plan = Plan()
    known: dict[MarkdownBlock, Task] = {}
    for block in parse(text).root.walk():
        if block.kind is BlockKind.LABEL and block.label == "status":
            plan.statuses.append(block.text.strip())
        elif block.kind is BlockKind.ITEM and block.mark is not None:
            notes = [note.strip() for note in block.lines[1:]]
            known[block] = Task(block.text.strip(), block.mark or " ", notes)
            above = block.parent
            while above is not None and above not in known:
                above = above.parent
            (plan.tasks if above is None else known[above].subtasks).append(known[block])
    return plan
