"""Which checks prove which tasks and gates of a plan."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..catalog import rulebook
from ..component.plan import applies
from ..proof.subject import Subject, part
from ..worklist.reading import Worklist, gate_key, key_of
from . import digests, own_checks
from .own_checks import OwnCheck

PERSON = "person"


@dataclass(frozen=True)
class TaskCheck:
    """A check that proves something.

    Args:
        kind: What is done.
        name: What evidence knows it by.
        store: Catalog key of the store that it looks at; empty where none.
        own: The check of the project's own.
    """

    kind: Literal["prove", "drift", "query", "command", "person"]
    name: str
    store: str = ""
    own: OwnCheck | None = None


@dataclass(frozen=True)
class PlanCoverage:
    """What is proven by which checks.

    Args:
        project: The folder that holds `storage-conductor`.
        plan: The plan as it stands.
        checks: The checks of each task and gate that has some, by its key; all must pass.
    """

    project: Path
    plan: Worklist
    checks: Mapping[str, tuple[TaskCheck, ...]]

    def due(self) -> list[TaskCheck]:
        """Return each check once, those of a person left out."""
        found = {check.name: check for checks in self.checks.values() for check in checks}
        return [check for check in found.values() if check.kind != PERSON]

    def subject(self, store: str) -> Subject:
        """Return the draft of a store.

        Raises:
            ConductorError: The track has no entities in it.
        """
        if store not in self._subjects:
            self._subjects[store] = part(self.plan.track, self.plan.storage_id, store)
        return self._subjects[store]

    @functools.cached_property
    def _subjects(self) -> dict[str, Subject]:
        return {}

    def covered(self, key: str, check: TaskCheck) -> dict[str, str]:
        """Return the digests of what a check covers, as it is now.

        Raises:
            ConductorError: A file cannot be read.
        """
        if check.own is not None:
            return digests.of_own(self.project, check.name, check.own)
        if check.kind != PERSON:
            return digests.of_draft(self.subject(check.store))
        found = {"text": digests.of_text(self.text(key))}
        for other in self.checks.get(key, ()):
            if other.kind != PERSON and other.own is None:
                found |= self.covered(key, other)
        return found

    def text(self, key: str) -> str:
        """Return what a task or gate asks for; empty for an unknown key."""
        for gate in self.plan.gates:
            if gate.key == key:
                return gate.text
        task = next((each for each in self.plan.tasks if each.key == key), None)
        return "\n".join([task.text, *(step.text for step in task.steps)]) if task else ""


def read(project: Path, plan: Worklist, own: Mapping[str, OwnCheck]) -> PlanCoverage:
    """Find the checks of a plan's tasks and gates.

    Args:
        project: The folder that holds `storage-conductor`.
        plan: The plan as it stands.
        own: The checks of the project's own.

    Raises:
        ConductorError: One of them names a task that the plan does not have.
    """
    there = [*(task.key for task in plan.tasks), *(gate.key for gate in plan.gates)]
    found: dict[str, list[TaskCheck]] = {}
    for key, check in (*_of_template(plan), *_of_project(plan, own)):
        if key in there:
            found.setdefault(key, []).append(check)
        elif check.own is not None:
            near = difflib.get_close_matches(key, there, 1)
            hint = f"{near[0]} is near; " if near else ""
            raise own_checks.fault_at(
                project,
                ("checks", check.name, "tasks"),
                f"{plan.storage_id} has no task {key!r}",
                f"{hint}`storage-conductor verify {plan.storage_id} --dry-run` lists them.",
            )
    return PlanCoverage(project, plan, {key: tuple(checks) for key, checks in found.items()})


def _of_project(plan: Worklist, own: Mapping[str, OwnCheck]) -> Iterator[tuple[str, TaskCheck]]:
    for name, check in own.items():
        if check.track == plan.storage_id:
            kind: Literal["query", "command"] = "query" if check.query is not None else "command"
            for key in check.tasks:
                yield key, TaskCheck(kind, name, check.store, check)


def _of_template(plan: Worklist) -> Iterator[tuple[str, TaskCheck]]:
    component, data = plan.track.component, rulebook.proofs()
    keys = {store.name: store.backend.key for store in component.stores}
    flags = {
        keys[part.name]: (part.name, part.flags)
        for part in plan.track.plan_inputs.parts(())
        if part.name in keys
    }
    for store, (name, holding) in flags.items():
        for entry in data.proves:
            if applies((*entry.when, *map(_flag, entry.checks)), holding):
                for kind in entry.checks:
                    yield key_of(f"{name} {entry.key}"), _built_in(kind, store)
    owners = sorted({owner for _, owner in component.design.stores}) if component.design else []
    for entry in data.gates:
        asked = [kind for kind in entry.checks if kind != PERSON]
        whole = all(applies(map(_flag, asked), flags[owner][1]) for owner in owners)
        for kind in entry.checks if owners and whole else ():
            for owner in owners if kind != PERSON else ("",):
                yield gate_key(entry.key), _built_in(kind, owner)


def _flag(kind: str) -> str:
    return f"check-{kind}"


def _built_in(kind: Literal["prove", "drift", "person"], store: str) -> TaskCheck:
    return TaskCheck(kind, f"{kind} {store}".strip(), store)
