"""What the catalog states of a backend, each statement with its source."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field

from .entry import CatalogEntry

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

    def check(self) -> None:
        """Make sure that it names one measure."""
        if (self.from_gib is None) == (self.from_writes_per_second is None):
            raise ValueError("a step needs from_gib or from_writes_per_second, and only one")


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

    def check(self) -> None:
        """Make sure that a hard fact is known, and that its steps ascend."""
        if self.kind == "hard" and self.confidence == "low":
            raise ValueError(f"fact {self.key!r}: a hard limit needs medium or high confidence")
        measures = {step.from_gib is None for step in self.steps}
        loads = [step.from_gib or step.from_writes_per_second or 0.0 for step in self.steps]
        if len(measures) > 1 or loads != sorted(set(loads)):
            raise ValueError(f"fact {self.key!r}: the steps must ascend by one measure")

    def stepped(self, measure: Measure, stated: float) -> Fact:
        """Return the fact as it is for a stated load, in the unit of the measure."""
        reached = [s for s in self.steps if (least := getattr(s, measure)) and least <= stated]
        if not reached:
            return self
        return self.replace(value=reached[-1].value, applies_to=reached[-1].applies_to)


class NodeClass(Sourced):
    """A size in which a managed service rents its servers, with its list price.

    `memory_gib` is what the server offers for data and engine, before any share that is kept free.
    """

    key: Key
    name: Text
    memory_gib: Annotated[float, Field(gt=0)]
    usd_per_hour: Annotated[float, Field(gt=0)]
    applies_to: Text
    confidence: Confidence


class Capability(Sourced):
    """Whether the backend can do something at all, with the condition that goes with it."""

    key: Key
    value: Literal["yes", "no", "partial"]
    note: Text


class Point(Sourced):
    """A setting, kind of index, hazard or security measure: what it is and what to do.

    `spoken` is a feature of `features.yml` that must be spoken of for it to matter; empty for all.
    """

    key: Key
    title: Text
    text: Text
    spoken: str = ""


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
    `interval_minutes_min` may say how far apart two copies are at the least. `drilled` tells that a
    test of this project runs both commands, loses the data between them and compares what is back.
    `said` are words, in lower case, by which an answer speaks of it other than by its name.
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
    drilled: bool = False
    said: tuple[str, ...] = ()


class LoadTest(Sourced):
    """The usual load generator and the command that starts it."""

    tool: Text
    command: Text


SecondServer = Literal["standby", "reader", "region"]
"""A server that takes over, or one that answers reads; the first may do both."""


class Signal(Sourced):
    """Something to watch, where to read it and when to act.

    With `restorable`, it is the age of the newest state that a restore would bring back; then the
    objective says when to act, and `threshold` only where none was stated. With `latency_ms`, the
    threshold names that many milliseconds, in whose place a stated latency stands; with
    `lag_seconds`, it names that many seconds, which what may be lost shortens, and with
    `fresh_seconds` that many, which the stated age of an answer shortens. With `slow_seconds`,
    `read` names that many as the limit of a log of slow operations; the one that holds replaces it.
    With `second`, there is nothing to read until there is such a second server.
    """

    key: Key
    name: Text
    read: Text
    threshold: Text
    why: Text
    restorable: bool = False
    latency_ms: float | None = None
    lag_seconds: float | None = None
    slow_seconds: float | None = None
    fresh_seconds: float | None = None
    second: SecondServer | None = None

    def check(self) -> None:
        """Make sure that the texts name the numbers that may be replaced."""
        named = (self.latency_ms, "ms"), (self.lag_seconds, "s"), (self.fresh_seconds, "s")
        for value, unit in named:
            if value is not None and f"{value:,.0f} {unit}" not in self.threshold:
                raise ValueError(f"signal {self.key!r}: the threshold names no {value:,.0f} {unit}")
        if self.slow_seconds is not None and f"{self.slow_seconds:g}" not in self.read:
            raise ValueError(f"signal {self.key!r}: `read` names no {self.slow_seconds:g}")
