"""Typed, validated access to the catalog: one YAML file a backend, each fact with its source.

A catalog file says what is true of a backend. A fact without a known source does not load. Files
may build on shared ones by `extends`, so that a fact common to several backends is written once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from typing import Annotated, Any, Literal, get_args

from pydantic import Field, model_validator

from ..phases import PhaseKey
from .reading import CatalogEntry

StorageType = Literal["database", "object_storage", "cache", "file_system"]
Family = Literal[
    "relational", "document", "key_value", "wide_column", "object", "cache", "posix", "unknown"
]
FactKind = Literal["hard", "default", "quota", "guidance", "design"]
Confidence = Literal["high", "medium", "low"]
FailureClass = Literal["item", "node", "zone", "region", "operator", "corruption"]
Feature = Literal["object_lock", "synchronous_replication"]
Measure = Literal["from_gib", "from_writes_per_second"]
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")]
Text = Annotated[str, Field(min_length=1)]


class Citation(CatalogEntry):
    """Where a statement can be read.

    `dated` is the date of the page or release read (`YYYY`, `YYYY-MM` or `YYYY-MM-DD`), `checked`
    the day on which it was compared with the catalog.
    """

    title: Text
    url: Annotated[str, Field(pattern=r"^https://[^\s]+$")]
    dated: Annotated[str, Field(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")]
    checked: dt.date


class Sourced(CatalogEntry):
    """A statement that names its source by key.

    `hosting` lists the hosting keys that it holds for; empty means every hosting. `not_with` names
    the features of the store whose use makes it untrue.
    """

    source: Key
    hosting: tuple[Key, ...] = ()
    not_with: tuple[Feature, ...] = ()


class Step(CatalogEntry):
    """What a fact becomes from a stated load on.

    That is the size of the storage that was ordered in GiB, or the writes a second: one of the two.
    """

    from_gib: Annotated[float, Field(gt=0)] | None = None
    from_writes_per_second: Annotated[float, Field(gt=0)] | None = None
    value: float | int
    applies_to: Text

    @model_validator(mode="after")
    def _one_measure(self) -> Step:
        if (self.from_gib is None) == (self.from_writes_per_second is None):
            raise ValueError("a step needs from_gib or from_writes_per_second, and only one")
        return self


class Fact(Sourced):
    """One number or property that a requirement can be compared with.

    `steps` hold the larger loads, ascending, of a fact that depends on the size of the storage or
    on the rate of writes; `value` is what the smallest has.
    """

    key: Key
    label: Text
    value: float | int | str
    unit: str = ""
    kind: FactKind
    applies_to: Text
    confidence: Confidence
    note: str = ""
    steps: tuple[Step, ...] = ()

    @model_validator(mode="after")
    def _hard_facts_are_known(self) -> Fact:
        if self.kind == "hard" and self.confidence == "low":
            raise ValueError(f"fact {self.key!r}: a hard limit needs medium or high confidence")
        return self

    @model_validator(mode="after")
    def _steps_ascend(self) -> Fact:
        measures = {step.from_gib is None for step in self.steps}
        loads = [step.from_gib or step.from_writes_per_second or 0.0 for step in self.steps]
        if len(measures) > 1 or loads != sorted(set(loads)):
            raise ValueError(f"fact {self.key!r}: the steps must ascend by one measure")
        return self

    def stepped(self, measure: Measure, stated: float) -> Fact:
        """Return the fact as it is for a stated load, in the unit of the measure."""
        reached = [s for s in self.steps if (least := getattr(s, measure)) and least <= stated]
        if not reached:
            return self
        return self.model_copy(
            update={"value": reached[-1].value, "applies_to": reached[-1].applies_to}
        )


class Capability(Sourced):
    """Whether the backend can do something at all, with the condition that goes with it."""

    key: Key
    value: Literal["yes", "no", "partial"]
    note: Text


class Point(Sourced):
    """A setting, kind of index, hazard or security measure: what it is and what to do."""

    key: Key
    title: Text
    text: Text


class OnlineChange(Sourced):
    """A change to a live store that hurts when done naively, and the safe way."""

    key: Key
    change: Text
    hazard: Text
    safe_way: Text


class MigrationTool(Sourced):
    """A tool that applies versioned changes; `languages` in lower case, empty for any."""

    name: Text
    languages: tuple[str, ...] = ()
    apply: Text
    revert: str = ""
    note: str = ""


class BackupMechanism(Sourced):
    """A way to get data back.

    `rpo_minutes` is the least loss that it can promise, null if it varies; then
    `interval_minutes_min` may say how far apart two copies are at the least.
    """

    key: Key
    name: Text
    protects: tuple[FailureClass, ...]
    rpo_minutes: float | None = None
    interval_minutes_min: float | None = None
    rpo_note: Text
    backup: Text
    restore: Text
    restore_note: str = ""


class LoadTest(Sourced):
    """The usual load generator and the command that starts it."""

    tool: Text
    command: Text


class Signal(Sourced):
    """Something to watch, where to read it and when to act.

    With `restorable`, it is the age of the newest state that a restore would bring back; then the
    objective says when to act, and `threshold` only where none was stated. With `latency_ms`, the
    threshold names that many milliseconds, in whose place a stated latency stands; with
    `lag_seconds`, it names that many seconds, which what may be lost shortens.
    """

    key: Key
    name: Text
    read: Text
    threshold: Text
    why: Text
    restorable: bool = False
    latency_ms: float | None = None
    lag_seconds: float | None = None

    @model_validator(mode="after")
    def _threshold_names_the_number(self) -> Signal:
        for value, unit in ((self.latency_ms, "ms"), (self.lag_seconds, "s")):
            if value is not None and f"{value:,.0f} {unit}" not in self.threshold:
                raise ValueError(f"signal {self.key!r}: the threshold names no {value:,.0f} {unit}")
        return self


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
    each: Literal["entity", "index", "pattern", "constraint", "signal", "use_case"] | None = None
    item: str = ""
    text: Text
    test: str = ""
    steps: tuple[str, ...] = ()
    order: int = 50

    @model_validator(mode="after")
    def _items_have_a_text(self) -> CatalogTask:
        if (self.each is None) != (not self.item):
            raise ValueError(f"task {self.key!r}: `each` and `item` go together")
        return self


class Hosting(CatalogEntry):
    """A way to run the backend; its facts replace those of the same key."""

    key: Key
    name: Text
    facts: tuple[Fact, ...] = ()
    capabilities: tuple[Capability, ...] = ()
    notes: tuple[Point, ...] = ()
    signals: tuple[Signal, ...] = ()
    tasks: tuple[CatalogTask, ...] = ()


class Backend(CatalogEntry):
    """Everything that is known about one backend."""

    name: Text
    storage_type: StorageType
    family: Family
    summary: Text
    key: Key
    sources: dict[Key, Citation] = Field(default_factory=dict)
    hosting: tuple[Hosting, ...]
    facts: tuple[Fact, ...] = ()
    capabilities: tuple[Capability, ...] = ()
    latency: tuple[Point, ...] = ()
    durability: tuple[Point, ...] = ()
    consistency: tuple[Point, ...] = ()
    indexes: tuple[Point, ...] = ()
    online_changes: tuple[OnlineChange, ...] = ()
    migration_tools: tuple[MigrationTool, ...] = ()
    backup: tuple[BackupMechanism, ...] = ()
    load_tests: tuple[LoadTest, ...] = ()
    signals: tuple[Signal, ...] = ()
    security: tuple[Point, ...] = ()
    tasks: tuple[CatalogTask, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Backend:
        known = {variant.key for variant in self.hosting}
        for owner, statement in self._statements():
            if statement.source not in self.sources:
                raise ValueError(f"{owner}: source {statement.source!r} is not listed in sources")
            if unknown := set(statement.hosting) - known:
                raise ValueError(f"{owner}: unknown hosting {sorted(unknown)}")
        for name in _KEYED:
            _reject_duplicates(f"{name}", getattr(self, name))
        _reject_duplicates("hosting", self.hosting)
        return self

    def _statements(self) -> Iterable[tuple[str, Sourced]]:
        owners: list[tuple[str, Backend | Hosting]] = [("", self)]
        owners += [(f"hosting {variant.key} ", variant) for variant in self.hosting]
        for owner, holder in owners:
            for name in type(holder).model_fields:
                value = getattr(holder, name)
                if isinstance(value, tuple):
                    for item in value:
                        if isinstance(item, Sourced):
                            yield f"{owner}{name} {getattr(item, 'key', '')}".strip(), item

    def fact(self, key: str) -> Fact | None:
        """Return the fact of that key, or None if the catalog does not know it."""
        return next((fact for fact in self.facts if fact.key == key), None)

    def number(self, key: str) -> float | None:
        """Return the value of a numeric fact in its own unit, or None."""
        fact = self.fact(key)
        return float(fact.value) if fact and not isinstance(fact.value, str) else None

    def capability(self, key: str) -> Capability | None:
        """Return the capability of that key, or None if the catalog does not know it."""
        return next((item for item in self.capabilities if item.key == key), None)

    def lacks(self, key: str) -> bool:
        """Tell whether the catalog says that it cannot do something."""
        capability = self.capability(key)
        return capability is not None and capability.value == "no"

    @property
    def embedded(self) -> bool:
        """Tell whether the data lies on the application's own host, with no server to reach."""
        return self.lacks("multi_host_writers")

    def at(self, hosting: str | None) -> Backend:
        """Return the backend as it is when run that way (hosting key or name; None: as is)."""
        variant = self.hosting_named(hosting) if hosting else None
        if variant is None:
            return self
        held = {name: _holding(getattr(self, name), variant.key) for name in _STATED}
        return self.model_copy(
            update={
                **held,
                "facts": _override(held["facts"], variant.facts),
                "capabilities": _override(held["capabilities"], variant.capabilities),
                "signals": _override(held["signals"], variant.signals),
                "tasks": _override(self.tasks, variant.tasks),
            }
        )

    def stepped(self, measure: Measure, stated: float) -> Backend:
        """Return the backend as it is under a stated load, in the unit of the measure."""
        facts = tuple(fact.stepped(measure, stated) for fact in self.facts)
        return self.model_copy(update={"facts": facts})

    def using(self, features: Collection[Feature]) -> Backend:
        """Return the backend without what the use of these features makes untrue."""
        used = set(features)
        kept = {
            name: tuple(item for item in getattr(self, name) if not used & set(item.not_with))
            for name in _STATED
        }
        return self.model_copy(update=kept)

    def hosting_named(self, name: str) -> Hosting | None:
        """Find a hosting variant by key or by name, in any case."""
        wanted = name.casefold()
        return next(
            (item for item in self.hosting if wanted in (item.key, item.name.casefold())), None
        )


class TypeWork(CatalogEntry):
    """The work that every component of a storage type needs: tasks, and the gate of each phase."""

    tasks: tuple[CatalogTask, ...]
    gates: dict[PhaseKey, Text]

    @model_validator(mode="after")
    def _consistent(self) -> TypeWork:
        _reject_duplicates("tasks", self.tasks)
        if missing := set(get_args(PhaseKey)) - set(self.gates):
            raise ValueError(f"gates: {sorted(missing)} are missing")
        return self


# The lists of statements, each with its source; the first ones are known by key.
_KEYED_STATEMENTS = (
    "facts",
    "capabilities",
    "latency",
    "durability",
    "consistency",
    "indexes",
    "online_changes",
    "backup",
    "signals",
    "security",
)
_STATED = (*_KEYED_STATEMENTS, "migration_tools", "load_tests")
_KEYED = (*_KEYED_STATEMENTS, "tasks")


def _reject_duplicates(what: str, items: Sequence[Any]) -> None:
    seen: set[str] = set()
    for item in items:
        if item.key in seen:
            raise ValueError(f"{what}: key {item.key!r} stands twice")
        seen.add(item.key)


def _holding(items: Sequence[Any], hosting: str) -> tuple[Any, ...]:
    return tuple(item for item in items if not item.hosting or hosting in item.hosting)


def _override(items: Sequence[Any], newer: Sequence[Any]) -> tuple[Any, ...]:
    by_key = {item.key: item for item in newer}
    kept = [by_key.pop(item.key, item) for item in items]
    return (*kept, *by_key.values())
