"""The operations that ask for more than a row in a table: their guards, costs and time limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from ..catalog.protocols import ProtocolWords, protocol
from ..catalog.tasks import CatalogTask
from ..findings.latency import floor_ms, transfer_ms
from ..questions.answers import Answers
from ..questions.settling import settled
from ..units import listed, number
from ..wording import fill, inline
from .operation_cost import Costs
from .quantity import Quantity
from .store import Store

if TYPE_CHECKING:
    from ..schema.guards import Guard
    from ..schema.model import DataModel, Pattern
    from ..schema.result import Design

FLOOR_DECISION = "D-operation-latency-floor"
FIRST_BYTE = "D-first-byte"
# How a p99 is divided; the parts add up to it. Assumed until the load test has measured them.
WAIT, WORK = 0.2, 0.7
ATTEMPT, PAUSE = 0.4, 0.1
RUNS = 2
ALARM = 0.8
DAY = 86_400.0
_NETWORKED = ("nfs", "amazon-efs")


@dataclass(frozen=True)
class TimeLimits:
    """The time limits of an operation, whose sum is at most its p99.

    Args:
        wait_ms: Until a connection, or the turn to write, is there; 0 where nothing waits.
        each_ms: Of each statement, or of each attempt.
        count: How many of them there are.
        rest_ms: What is left: for network and commit, or for the pause between two attempts.
        attempts: Whether `count` counts attempts of one request.
        runs: How often all statements run where the store may refuse the whole.
        pause_ms: Between two such runs.
    """

    wait_ms: float
    each_ms: float
    count: int
    rest_ms: float
    attempts: bool = False
    runs: int = 1
    pause_ms: float = 0

    @property
    def sum_ms(self) -> float:
        """Return what all of them add up to."""
        pauses = self.pause_ms * (self.runs - 1)
        return self.wait_ms + self.each_ms * self.count * self.runs + pauses + self.rest_ms


class PlannedOperation(NamedTuple):
    """An operation that keeps something, has a time of its own, or runs by the clock.

    Args:
        pattern: What it does.
        store: The store that holds its entity.
        guard: What keeps it, where something must be kept.
        words: The words of that guard.
        values: What these words are filled with.
        p99: Milliseconds within which 99 of 100 end, where they are its own.
        peak: Times a second in the busiest minute, where they are known.
        cost: What one run writes, as Markdown; empty where nothing is known.
    """

    pattern: Pattern
    store: Store
    guard: Guard | None
    words: ProtocolWords | None
    values: Mapping[str, object]
    p99: Quantity | None
    peak: float | None
    cost: str

    @property
    def name(self) -> str:
        """Return its name as the person wrote it."""
        return self.pattern.name

    @property
    def guarded(self) -> bool:
        """Tell whether it has statements or steps of its own in the specification."""
        return self.guard is not None

    @property
    def proven(self) -> bool:
        """Tell whether a task of the plan proves it, for its store or for several together."""
        return self.words is not None or (self.guard is not None and self.guard.shape == "across")

    @property
    def built_elsewhere(self) -> bool:
        """Tell whether the task of a decision builds it, and not one of its own."""
        return self.guard is not None and self.guard.shape in ("across", "send")

    @property
    def unproven(self) -> bool:
        """Tell whether its statements were never run against a store of this kind."""
        from ..schema.guards import PROVEN

        return bool(self.guard and self.guard.text) and self.store.backend.key not in PROVEN

    @property
    def wrong(self) -> tuple[tuple[str, str], ...]:
        """Return what goes wrong without its guard, and what repairs it."""
        items = self.words.wrong if self.words else ()
        filled = ((fill(i.when, self.values), fill(i.repair, self.values)) for i in items)
        return tuple((when, repair) for when, repair in filled if when)

    @property
    def limits(self) -> TimeLimits | None:
        """Return its time limits; None without a p99, or where a store has none to set."""
        if self.p99 is None or self.store.backend.family == "posix":
            return None
        whole, count = self.p99.value, self.guard.statements if self.guard else 1
        if self.store.serverless or self.store.backend.family == "object":
            return TimeLimits(0, whole * ATTEMPT, 2, whole * PAUSE, attempts=True)
        rest = whole * (1 - WAIT - WORK)
        if self.guard is not None and self.guard.repeated:
            each = whole * (WORK - PAUSE) / (count * RUNS)
            return TimeLimits(whole * WAIT, each, count, rest, runs=RUNS, pause_ms=whole * PAUSE)
        return TimeLimits(whole * WAIT, whole * WORK / count, count, rest)

    @property
    def late_seconds(self) -> float:
        """Return how long after its start a run without its mark is an alarm.

        Where no time for a run is stated it is the time until the next one, and at most a day.
        """
        asked = self.pattern.operation
        return asked.within_seconds or min(asked.interval_seconds or DAY, DAY)

    @property
    def alarm_ms(self) -> float | None:
        """Return from how many milliseconds on its p99 is an alarm."""
        return None if self.p99 is None else self.p99.value * ALARM


def planned(
    model: DataModel,
    design: Design,
    stores: Sequence[Store],
    stated: Answers,
) -> tuple[PlannedOperation, ...]:
    """Return the operations that are particular, in the order in which they were given.

    Args:
        model: The entities and access patterns.
        design: Their design.
        stores: The stores of the component.
        stated: What was said.
    """
    from ..schema.guard_drafts import guard_of

    by_key = {item.backend.key: item for item in stores}
    backends = {key: item.backend for key, item in by_key.items()}
    owners, costs = dict(design.stores), Costs(model, design, stated.average_item_bytes)
    peak_factor, found = stated.peak_factor, []
    for pattern in model.patterns:
        store = by_key[owners[pattern.entity]]
        guard = guard_of(pattern, model, design, backends)
        if guard is None and not _particular(pattern):
            continue
        average = pattern.per_second
        usual = average * peak_factor if average is not None and peak_factor else None
        peak = pattern.peak if pattern.peak is not None else usual
        words = protocol(guard.shape, store.backend, store.hosting.key) if guard else None
        found.append(
            PlannedOperation(
                pattern=pattern,
                store=store,
                guard=guard,
                words=words if guard and (guard.text or guard.shape == "job") else None,
                values=_values(pattern, model, store, guard),
                p99=latency(pattern, store, stated, alone=len(stores) == 1),
                peak=peak,
                cost=costs.of(pattern, store, guard, peak),
            )
        )
    return tuple(found)


def _particular(pattern: Pattern) -> bool:
    asked = pattern.operation
    return bool(asked.p99_ms or asked.fresh_seconds or pattern.peak is not None)


def freshest(found: Sequence[PlannedOperation]) -> dict[str, float]:
    """Return how many seconds old an answer may be, the least of each store, by its name."""
    least: dict[str, float] = {}
    for item in found:
        bound = item.pattern.operation.fresh_seconds
        if bound is not None:
            least[item.store.name] = min(bound, least.get(item.store.name, bound))
    return least


def latency(pattern: Pattern, store: Store, said: Answers, *, alone: bool) -> Quantity | None:
    """Return the p99 of an operation: as stated, what its store needs at least, or as decided.

    Args:
        pattern: The operation.
        store: The store that holds its entity.
        said: What was said.
        alone: Whether there is no other store.
    """
    stated, floor = pattern.operation.p99_ms, floor_ms(store.backend)
    if stated is None:
        return None
    if stated >= floor:
        needed = transfer_ms(said, store.backend) if pattern.reads else None
        late = FIRST_BYTE if needed is not None and needed > stated else ""
        return Quantity(
            stated, stated, late if alone or not late else f"{late}-{store.backend.key}"
        )
    decision = FLOOR_DECISION if alone else f"{FLOOR_DECISION}-{store.backend.key}"
    decided = settled(said, decision.removeprefix("D-"))
    held = floor if decided is None else decided.number("ms") or stated
    return Quantity(held, stated, decision)


def _values(
    pattern: Pattern, model: DataModel, store: Store, guard: Guard | None
) -> dict[str, object]:
    from ..schema.claims import kept_by_key

    slots = store.backend.lacks("cross_partition_transactions")
    touched = set(pattern.touched)
    others = [
        f"“{inline(other.name)}”"
        for other in model.patterns
        if other.name != pattern.name
        and other.changes
        and other.entity in touched
        and len(other.operation.atomic) < 2
    ]
    return {
        "backend": inline(store.name),
        "locks": list(guard.locks) if guard else [],
        "first": inline(listed(guard.first)) if guard else "",
        "told": inline(listed([*(guard.follow if guard else ()), *pattern.operation.tells])),
        "strict": bool(guard and guard.repeated),
        "keyed": kept_by_key(pattern, model),
        "others": ", ".join(others),
        "slots": slots,
        "network": store.backend.key in _NETWORKED,
    }


def tasks(operations: Sequence[PlannedOperation]) -> list[CatalogTask]:
    """Return a task for the operations of each kind of guard: its test first seen to fail."""
    groups: dict[str, list[PlannedOperation]] = {}
    for item in operations:
        if item.words is not None and not item.built_elsewhere:
            groups.setdefault(item.words.key, []).append(item)
    return [_task(key, items) for key, items in groups.items()]


def _task(key: str, items: Sequence[PlannedOperation]) -> CatalogTask:
    alone, first = len(items) == 1, items[0]
    test = fill(first.words.test, first.values) if first.words else ""
    whose = "its" if alone else "their"
    mutants: dict[str, list[PlannedOperation]] = {}
    for item in items:
        if item.words is not None:
            mutants.setdefault(fill(item.words.mutant, item.values), []).append(item)
    return CatalogTask(
        key=f"operation-{key}",
        phase="core",
        order=26,
        text=f"Build {_names(items)} by {whose} [protocol](spec.md#operations)",
        test=_literal(test if alone else f"for each of them, {test}"),
        steps=(
            *(() if alone else (f"Build {_names([item])}" for item in items)),
            *(
                f"Leave out {_literal(mutant)} in {_names(of)}: the test must fail"
                for mutant, of in mutants.items()
            ),
        ),
    )


def _names(items: Sequence[PlannedOperation]) -> str:
    return listed([f"“{_literal(inline(item.name))}”" for item in items])


def _literal(text: str) -> str:
    """Return text so that it reads as it is when it is filled as a template."""
    return text.replace("{", "{{ '{' }}")


def profile(operations: Sequence[PlannedOperation]) -> str:
    """Return what a load test runs, and the p99 of each operation that has one of its own."""
    said = [
        f"“{inline(item.name)}”"
        + (f" {number(item.peak)}/s" if item.peak is not None else "")
        + (f" within {number(item.p99.value)} ms" if item.p99 else "")
        for item in operations
        if item.p99 or (item.peak is not None and not item.pattern.job)
    ]
    return ", ".join(said)
