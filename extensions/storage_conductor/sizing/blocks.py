"""What building blocks cost on top, where the rate of their calls is known."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..units import number, size_text
from .model import ComputedNumber
from .workload import Workload


class BlockCall(NamedTuple):
    """What one call of an action of a building block costs.

    Args:
        block: The name of the block.
        action: The key of the action.
        entity: The entity whose changes call it; empty where its rate is nobody's.
        requests: Requests to the store.
        writes: Rows that it writes, commands of its scripts, or write units.
        bytes: Bytes of the rows that it adds, 0 where that is not known.
        reads: Read units, where the store counts them.
        own: Write units of the change that calls it, without the block.
    """

    block: str
    action: str
    entity: str
    requests: int
    writes: int
    bytes: int
    reads: int = 0
    own: int = 0

    @property
    def counted(self) -> str:
        """Return what its writes are."""
        return "write units" if self.own else "writes"


def block_load(load: Workload, calls: Sequence[BlockCall]) -> Iterator[ComputedNumber]:
    """What the calls of each block add at peak."""
    for name, group in itertools.groupby(calls, key=lambda call: call.block):
        rated = [(call, rate) for call in group if (rate := _rate(load, call.entity))]
        if rated:
            yield _added(load, name, rated)


def _rate(load: Workload, entity: str) -> float | None:
    """Return the calls a second at peak; without access patterns each write may be one."""
    if not entity:
        return None
    patterns = load.model.patterns if load.model else ()
    if not patterns:
        return load.peak_writes
    rates = [
        item.peak or load.usual_peak(item.per_second) or 0.0
        for item in patterns
        if item.changes and not item.job and entity in item.touched
    ]
    return sum(rates) or None


def _added(load: Workload, name: str, rated: list[tuple[BlockCall, float]]) -> ComputedNumber:
    requests = sum(rate * call.requests for call, rate in rated)
    writes = sum(rate * call.writes for call, rate in rated)
    reads = sum(rate * call.reads for call, rate in rated)
    size = sum(rate * call.bytes for call, rate in rated)
    patterns = bool(load.model and load.model.patterns)
    among = "yes" if patterns and rated[0][0].own else ""
    return ComputedNumber(
        "block-load",
        "; ".join(f"{call.action} {number(rate)}/s" for call, rate in rated),
        "; ".join(
            f"{call.action}: {number(rate)}/s × {call.requests} requests"
            f" with {call.writes} {call.counted}"
            for call, rate in rated
        ),
        requests,
        "requests/s",
        f"{number(requests)} requests/s, {number(writes)} {rated[0][0].counted}/s"
        + (f", {number(reads)} read units/s" if reads else "")
        + (f", {size_text(size)}/s" if size else ""),
        key=f"block-load-{name.casefold().replace(' ', '-')}",
        values={"name": name, "patterns": "yes" if patterns else "", "among": among},
    )
