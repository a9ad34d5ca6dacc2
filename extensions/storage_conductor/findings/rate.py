"""Rates: requests, capacity units, connections and transaction ids against what a store serves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from ..catalog.backend import Backend
from ..sizing.capacity import POOLED
from ..sizing.formulas import MIB, busy_connections, capacity_units, days_until, prefixes
from ..sizing.model import free_connections
from ..sizing.rates import ROUNDING
from ..units import duration, number, size_text
from .model import (
    ComponentCheck,
    FeasibilityCase,
    Limit,
    RuleHit,
    StoreCheck,
    as_limit,
    general_limit,
    limit,
)

_FREEZE_HOURS = 24
"""A table that is frozen by force more than once a day spends its time being frozen."""


class _Side(NamedTuple):
    """Reads or writes of a component at peak, against the limit for them."""

    word: str
    peak: float
    text: str
    bound: Limit

    @property
    def exceeded(self) -> bool:
        return self.peak > self.bound.value


def _sides(case: FeasibilityCase, backend: Backend, read_key: str, write_key: str) -> list[_Side]:
    """Return those of reads and writes for which rate and limit are known."""
    load = case.load
    pairs = (
        ("reads", load.peak_reads, load.reads, limit(backend, read_key)),
        ("writes", load.peak_writes, load.writes, limit(backend, write_key)),
    )
    return [
        _Side(word, peak, f"{load.peak_text(stated, peak)} = {number(peak)} {word}/s", bound)
        for word, peak, stated, bound in pairs
        if peak is not None and bound is not None
    ]


def _unit_sides(
    case: FeasibilityCase, backend: Backend, read_key: str, write_key: str
) -> list[_Side]:
    """Return the sides in capacity units, each item rounded up to whole units."""
    size = case.answers.average_item_bytes
    if size is None:
        return []
    eventual = case.answers.consistency == "eventual"
    found = []
    for side in _sides(case, backend, read_key, write_key):
        reads = side.word == "reads"
        unit = limit(backend, "read_unit_bytes" if reads else "write_unit_bytes")
        if unit is None:
            continue
        weight = 0.5 if reads and eventual else 1.0
        units = capacity_units(side.peak, size, unit.value, weight)
        word = "read units" if reads else "write units"
        text = (
            f"{side.text} × ⌈{size_text(size)} ÷ {size_text(unit.value)}⌉"
            f"{' × 0.5' if weight < 1 else ''} = {number(units)} {word}/s"
        )
        found.append(_Side(word, units, text, side.bound))
    return found


def _joined(sides: Sequence[_Side]) -> str:
    return "; ".join(f"{side.text} > {number(side.bound.value)}" for side in sides)


def hot_partition(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """The share of the load that one key may take before its partition throttles."""
    return _one_key(
        _unit_sides(case, backend, "partition_read_units_max", "partition_write_units_max")
    )


def hot_object(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """The share of the load that one item may take before the store throttles."""
    return _one_key(_sides(case, backend, "object_requests_per_second", "object_writes_per_second"))


def _one_key(sides: Sequence[_Side]) -> RuleHit | None:
    """Compare the whole load with what one key serves: nobody states how the keys share it."""
    hot = [side for side in sides if side.exceeded]
    if not hot:
        return None
    worst = max(hot, key=lambda side: side.peak / side.bound.value)
    most = worst.bound.value / worst.peak * 100
    return worst.bound.hit(
        f"{worst.text}; {number(worst.bound.value)} ÷ {number(worst.peak)} = {number(most)} %",
        {"peak": worst.peak, "kind": worst.word, "most_percent": float(f"{most:.3g}")},
        "risk",
    )


def throughput_quota(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """The capacity units at peak against the quota of a table."""
    sides = _unit_sides(case, backend, "table_read_units_quota", "table_write_units_quota")
    return _exceeded(sides)


def account_rate(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """All requests at peak against what an account serves."""
    bound, peak = limit(backend, "account_requests_per_second"), case.load.peak_total
    if bound is None or peak is None or peak <= bound.value:
        return None
    return bound.hit(
        f"{case.load.total_text} = {number(peak)} requests/s > {number(bound.value)}",
        {"peak": peak},
    )


def _exceeded(sides: Sequence[_Side]) -> RuleHit | None:
    beyond = [side for side in sides if side.exceeded]
    if not beyond:
        return None
    worst = max(beyond, key=lambda side: side.peak / side.bound.value)
    return worst.bound.hit(_joined(beyond), {"peak": worst.peak, "kind": worst.word})


def prefix_rate(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """The requests at peak against what one key prefix serves."""
    sides = _sides(case, backend, "reads_per_second_per_prefix", "writes_per_second_per_prefix")
    hit = _exceeded(sides)
    if hit is None:
        return None
    by_word = {side.word: side for side in sides}
    reads, writes = by_word.get("reads"), by_word.get("writes")
    needed = prefixes(
        reads.peak if reads else 0,
        writes.peak if writes else 0,
        reads.bound.value if reads else 1,
        writes.bound.value if writes else 1,
    )
    return hit._replace(
        arithmetic=f"{hit.arithmetic}; {needed} prefixes",
        values={**hit.values, "prefixes": float(needed)},
    )


def slow_start(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """The load at peak against what a new bucket or table serves before it has scaled."""
    sides = _sides(
        case, backend, "bucket_reads_per_second_initial", "bucket_writes_per_second_initial"
    ) or _unit_sides(case, backend, "new_table_read_units", "new_table_write_units")
    hit, step = _exceeded(sides), limit(backend, "ramp_doubling_minutes")
    if hit is None or step is None:
        return None
    times = max(side.peak / side.bound.value for side in sides)
    doublings = math.ceil(math.log2(times))
    minutes = doublings * step.value
    return hit._replace(
        severity="risk",
        arithmetic=f"{hit.arithmetic}; {doublings} doublings × {number(step.value)} min ="
        f" {duration(minutes)}",
        values={**hit.values, "ramp_minutes": minutes},
    )


def single_writer(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """The writes at peak against a store that lets one writer in at a time."""
    writers, peak = limit(backend, "concurrent_writers_max"), case.load.peak_writes
    floor = limit(backend, "latency_write_floor_ms") or general_limit("flush_ms")
    if writers is None or not peak or writers.value != 1:
        return None
    turn = 1_000 / peak
    if turn >= floor.value:
        return None
    return writers.hit(
        f"1,000 ms ÷ {number(peak)} writes/s = {number(turn)} ms a write"
        f" < {number(floor.value)} ms",
        {"turn_ms": turn, "floor_ms": floor.value, "peak": peak},
        "risk",
    )


def commit_rate(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """The commits at peak against the operations a second of the usual volume."""
    sides = _sides(case, backend, "iops_default", "iops_default")
    return _exceeded([side for side in sides if side.word == "writes"])


def node_rate(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """All requests at peak against what one node is known to serve."""
    bound, peak = limit(backend, "operations_per_second_per_node"), case.load.peak_total
    if bound is None or peak is None or peak <= bound.value:
        return None
    return bound.hit(
        f"{case.load.total_text} = {number(peak)} requests/s > {number(bound.value)}",
        {"peak": peak, "nodes": float(math.ceil(peak / bound.value))},
    )


def bandwidth(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """The bytes moved at peak against the throughput of the store."""
    moved = _moved(case, backend)
    if moved is None:
        return None
    needed, text = moved
    for key in ("throughput_mib_per_second_max", "throughput_mib_per_second_default"):
        bound = limit(backend, key)
        if bound is not None and needed > bound.value:
            return bound.hit(
                f"{text} = {number(needed)} MiB/s > {number(bound.value)} MiB/s",
                {"needed": needed},
            )
    return None


def _moved(case: FeasibilityCase, backend: Backend) -> tuple[float, str] | None:
    """Return the MiB a second at peak with their arithmetic: as stated, else rate × size.

    Rows beside which another store holds the files do not have the size of these.
    """
    stated, size = case.answers.throughput_mb_per_second, case.answers.average_item_bytes
    if stated is not None:
        return stated * 1e6 / MIB, f"{number(stated)} MB/s"
    own = case.model_of(backend) if case.hybrid else None
    if own and any(entity.beside_files for entity in own.entities):
        return None
    peak = case.load.peak_total
    if size is None or peak is None:
        return None
    return peak * size / MIB, f"{case.load.total_text} × {size_text(size)}"


def connections(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """The transactions in flight, if each took the p99, against the server's connections."""
    if backend.family not in POOLED:
        return None
    peak, p99 = case.load.peak_total, case.answers.latency_p99_ms
    bound = as_limit(free_connections(backend))
    if peak is None or p99 is None or bound is None:
        return None
    free = bound.value
    busy = busy_connections(peak, p99 / 1_000)
    if busy <= free:
        return None
    mean = free / peak * 1_000
    return bound.hit(
        f"{case.load.total_text} × {number(p99)} ms = {number(busy)} in flight"
        f" > {number(free)}; {number(free)} ÷ {number(peak)}/s = {number(mean)} ms",
        {"busy": float(busy), "free": free, "mean_ms": mean, "peak": peak},
        "risk",
    )


def freeze_cycle(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """How soon the writes make the server freeze every table by force."""
    age, rate = limit(backend, "freeze_age_default"), case.load.writes
    space = limit(backend, "transaction_id_space")
    if age is None or not rate or space is None:
        return None
    hours = days_until(age.value, rate) * 24
    if hours >= _FREEZE_HOURS:
        return None
    days = days_until(space.value, rate)
    return age.hit(
        f"{number(age.value)} ÷ {number(rate)} writes/s = {number(hours)} h"
        f" < {_FREEZE_HOURS} h; {number(space.value)} ÷ {number(rate)}/s = {number(days)} d",
        {"freeze_minutes": hours * 60, "space_days": days},
        "risk",
    )


def throughput_against_rates(case: FeasibilityCase) -> RuleHit | None:
    """The stated throughput against the rates at peak, each of an average item."""
    stated, size = case.answers.throughput_mb_per_second, case.answers.average_item_bytes
    peak = case.load.peak_total
    if not stated or not size or peak is None:
        return None
    needed = peak * size / 1e6
    if needed <= stated * ROUNDING:
        return None
    return RuleHit(
        "contradiction",
        f"{case.load.total_text} × {size_text(size)} = {number(needed)} MB/s >"
        f" {number(stated)} MB/s",
        {"needed": needed, "stated": stated},
    )


CHECKS = (
    ComponentCheck(throughput_against_rates),
    StoreCheck(hot_partition, routable=True),
    StoreCheck(throughput_quota, routable=True),
    StoreCheck(account_rate, routable=True),
    StoreCheck(prefix_rate, routable=True),
    StoreCheck(slow_start, routable=True),
    StoreCheck(hot_object, routable=True),
    StoreCheck(single_writer, routable=True),
    StoreCheck(commit_rate, routable=True),
    StoreCheck(node_rate, routable=True),
    StoreCheck(bandwidth, routable=True),
    StoreCheck(connections, routable=True),
    StoreCheck(freeze_cycle, routable=True),
)
