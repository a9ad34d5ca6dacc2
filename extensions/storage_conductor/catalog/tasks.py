"""The tasks that the catalog gives to plans."""

from __future__ import annotations

from typing import Literal, get_args

from ..phases import PhaseKey
from .entry import CatalogEntry
from .reading import reject_duplicates
from .statements import Key, Text

Each = Literal[
    "entity",
    "index",
    "pattern",
    "constraint",
    "signal",
    "use_case",
    "lifetime",
    "summary",
    "partition",
]


class CatalogTask(CatalogEntry):
    """A task of the plan. Texts are Jinja templates over the track.

    Args:
        key: Stays the same for ever; unique within a plan.
        phase: The phase it belongs to.
        when: Flags that must all hold; `!flag` must not.
        text: What to do, with the threshold or the command where there is one.
        test: The failing test that comes first in test-driven work; present for implementing tasks.
        steps: Sub-tasks, in order.
        order: Position within the phase; ties keep the order of reading.
        each: What the task is done for: `item` is its sub-task for one of these, which it knows as
            `it`; all texts know the list as `its`. Where there is none, there is no task.
        item: The text of that sub-task; unlike those of other tasks, so that a tick finds it.
    """

    key: Key
    phase: PhaseKey
    when: tuple[str, ...] = ()
    each: Each | None = None
    item: str = ""
    text: Text
    test: str = ""
    steps: tuple[str, ...] = ()
    order: int = 50

    def check(self) -> None:
        """Make sure that `each` and `item` come together."""
        if (self.each is None) != (not self.item):
            raise ValueError(f"task {self.key!r}: `each` and `item` go together")


class TypeWork(CatalogEntry):
    """The work that every component of a storage type needs: tasks, and the gate of each phase."""

    tasks: tuple[CatalogTask, ...]
    gates: dict[PhaseKey, Text]

    def check(self) -> None:
        """Make sure that each key stands once, and that each phase has a gate."""
        reject_duplicates("tasks", self.tasks)
        if missing := set(get_args(PhaseKey)) - set(self.gates):
            raise ValueError(f"gates: {sorted(missing)} are missing")
