"""The plan: which tasks a component needs, in which phase and order, with their texts filled in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ..catalog.tasks import CatalogTask, TypeWork
from ..phases import PHASES, PhaseKey, phase_number
from ..wording import fill, inline, sentence

# How a sub-task begins that is a test, as it comes before the code or with it.
TEST_FIRST, TEST = "Write the failing test first: ", "Test: "


class PlannedTask(NamedTuple):
    """A task as it stands in the plan; sub-tasks are in the order of work.

    Args:
        key: Names it in every version of the template.
        text: What to do.
        steps: The texts of its sub-tasks.
        items: Those of them that stand for one thing each, by their key.
    """

    key: str
    text: str
    steps: tuple[str, ...] = ()
    items: Mapping[str, str] = {}


class PlannedPhase(NamedTuple):
    """A phase with its tasks and the evidence that ends it."""

    number: int
    name: str
    tasks: tuple[PlannedTask, ...]
    gate: str

    @property
    def size(self) -> int:
        """Return the number of tasks, sub-tasks not counted."""
        return len(self.tasks)


class PlanPart(NamedTuple):
    """One store of the component: the tasks known for it and what their texts may refer to.

    Args:
        name: Shown before each task when there are several stores.
        tasks: Tasks of the storage type and of the backend.
        flags: What holds for this store; tasks name the flags that they need.
        values: Values that the texts are filled with.
        repeats: What a task with `each` is done for, by its kind and then by its name.
        decided: Keys of the decisions behind numbers, by the words with which texts name them.
    """

    name: str
    tasks: Sequence[CatalogTask]
    flags: frozenset[str]
    values: Mapping[str, Any]
    repeats: Mapping[str, Mapping[str, Any]]
    decided: Mapping[str, str] = {}

    def filled(self, text: str, values: Mapping[str, Any]) -> str:
        """Fill a text, and name the decisions by which numbers in it are not the stated ones."""
        done = fill(text, values)
        behind = dict.fromkeys(key for name, key in self.decided.items() if name in text)
        return f"{done} (by {', '.join(f'`{key}`' for key in behind)})" if done and behind else done


def build(
    stores: Sequence[PlanPart], work: TypeWork, test_driven: bool
) -> tuple[PlannedPhase, ...]:
    """Assemble the eight phases.

    Args:
        stores: The parts of the plan, several told apart by name; the first one's values fill the
            gates.
        work: Gates of the component's storage type.
        test_driven: Put the failing test before the implementation, else after it.
    """
    placed: dict[PhaseKey, list[PlannedTask]] = {key: [] for key in PHASES}
    for store in stores:
        prefix = f"{inline(store.name)}: " if len(stores) > 1 and store.name else ""
        for task in sorted(store.tasks, key=lambda task: task.order):
            if applies(task.when, store.flags):
                its = store.repeats.get(task.each, {}) if task.each else {}
                if its or not task.each:
                    placed[task.phase].append(written(task, store, its, prefix, test_driven))
    return tuple(
        PlannedPhase(
            number=phase_number(key),
            name=PHASES[key],
            tasks=_unique(placed[key]),
            gate=sentence(stores[0].filled(work.gates[key], stores[0].values)),
        )
        for key in PHASES
    )


def applies(when: Iterable[str], flags: frozenset[str]) -> bool:
    """Tell whether all flags hold, those that begin with `!` being absent."""
    return all(
        (flag[1:] not in flags) if flag.startswith("!") else (flag in flags) for flag in when
    )


def written(
    task: CatalogTask, store: PlanPart, its: Mapping[str, Any], prefix: str, test_driven: bool
) -> PlannedTask:
    """Fill a task's texts and put its test where the workflow wants it.

    Args:
        task: The task.
        store: What it is a task of.
        its: What it is done for, by name; each gets a sub-task with the key of the task and it.
        prefix: What stands before the text.
        test_driven: Put the failing test before the rest, else behind it.
    """
    key = f"{store.name} {task.key}".strip()
    values = {**store.values, "its": list(its.values())}
    items = {
        f"{key} {name}": store.filled(task.item, {**values, "it": it}) for name, it in its.items()
    }
    steps = [
        *items.values(),
        *(step for step in (store.filled(s, values) for s in task.steps) if step),
    ]
    if task.test:
        test = store.filled(task.test, values)
        if test_driven:
            steps.insert(0, f"{TEST_FIRST}{test}")
        else:
            steps.append(f"{TEST}{test}")
    return PlannedTask(key, f"{prefix}{store.filled(task.text, values)}", tuple(steps), items)


def _unique(tasks: Iterable[PlannedTask]) -> tuple[PlannedTask, ...]:
    found: dict[str, PlannedTask] = {}
    for task in tasks:
        found.setdefault(task.text, task)
    return tuple(found.values())
