"""The objectives that were stated of one store of several, as they hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ..findings import Demands, FeasibilityFinding
from .quantity import Quantity
from .store import Store

_LATENCY, _SERVICE, _RESTORE = "latency-floor", "availability-objective", "restore-time"


class StoreObjectives(NamedTuple):
    """What holds of one store alone; None or empty where the component's objective holds of it.

    Args:
        store: The store.
        rpo: Minutes of writes that may be lost.
        rto: Minutes within which it answers again.
        latency: Milliseconds within which 99 of 100 of its operations end.
        availability: Percentage of time in which it answers.
        retention: How long an item is kept, as it was stated.
        copies: Minutes for which a copy may live, where that is less.
    """

    store: Store
    rpo: Quantity | None = None
    rto: Quantity | None = None
    latency: Quantity | None = None
    availability: Quantity | None = None
    retention: str = ""
    copies: Quantity | None = None


def own_objectives(
    store: Store,
    stated: Mapping[str, Any],
    demands: Demands,
    findings: Sequence[FeasibilityFinding],
) -> StoreObjectives:
    """Return the objectives of a store: as stated, or by the default of what was found.

    Args:
        store: The store.
        stated: What was stated of it alone, by the name of the answer.
        demands: What the project's documents demand; a shorter time goes first.
        findings: What was found in the answers.
    """
    mine = {found.rule: found for found in findings if found.backend == store.name}

    def held(name: str, rule: str, value: str) -> Quantity | None:
        """Return a number; what is not possible is replaced by the value of the finding."""
        if name not in stated:
            return None
        found = mine.get(rule)
        if found is None:
            return Quantity(stated[name], stated[name])
        return Quantity(float(found.values[value]), stated[name], found.decision)

    def timely(name: str, word: str) -> Quantity | None:
        if name not in stated:
            return None
        standard = getattr(demands, name)
        if standard is None or stated[name] <= standard.value:
            return Quantity(stated[name], stated[name])
        return Quantity(standard.value, stated[name], f"D-standard-{word}")

    late = mine.get("stale-beyond-bound")
    copies = late and Quantity(float(late.values["life_minutes"]), None, late.decision)
    restored = held("rto_minutes", _RESTORE, "restore_minutes") if _RESTORE in mine else None
    return StoreObjectives(
        store=store,
        rpo=timely("rpo_minutes", "rpo"),
        rto=restored or timely("rto_minutes", "rto"),
        latency=held("latency_p99_ms", _LATENCY, "floor"),
        availability=held("availability_percent", _SERVICE, "limit_percent"),
        retention=stated.get("retention", ""),
        copies=copies or None,
    )
