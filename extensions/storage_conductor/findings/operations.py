"""Operations against what their stores can keep, and against each other."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from ..catalog.backend import Backend
from ..sizing.entities import inserts, item_bytes
from ..sizing.formulas import GB, MIB
from ..sizing.rates import ROUNDING
from ..units import duration, listed, number, volume_text
from ..wording import inline
from .features import free_texts
from .latency import floor_ms
from .model import ComponentCheck, FeasibilityCase, RuleHit, StoreCheck, cite, limit

if TYPE_CHECKING:
    from ..schema.model import Pattern

# Assumed until it is measured: how long a row stays locked, to the end of a commit.
_COMMIT_MS = 2
# A write within a transaction of DynamoDB costs twice its units.
_TWICE = 2
_VERSION = re.compile(r"(?:^|_)(?:id|version|revision|seq|sequence|generation)$")
# How busy a part of a split row may be.
_SHARE = 0.5


def _patterns(case: FeasibilityCase) -> tuple[Pattern, ...]:
    return case.model.patterns if case.model else ()


def _named(patterns: list[Pattern]) -> str:
    return listed([f"“{inline(item.name)}”" for item in patterns])


def _owners(case: FeasibilityCase) -> dict[str, Backend]:
    """Return the store of each entity."""
    if case.model is None or not case.backends:
        return {}
    from ..schema.notes import owning

    return owning(case.model, case.backends)


def operation_across_stores(case: FeasibilityCase) -> RuleHit | None:
    """Operations that change entities of several stores, which nothing makes one change."""
    owners = _owners(case)
    found = {
        item: list(dict.fromkeys(owners[name].name for name in item.operation.atomic))
        for item in _patterns(case)
    }
    split = {item: stores for item, stores in found.items() if len(stores) > 1}
    if not split:
        return None
    from ..schema.notes import in_order, keeps_notes, leader

    owner = leader(next(iter(split)), owners)
    both = [in_order(item, owners) for item in split]
    first = dict.fromkeys(store.name for before, _ in both for store in before)
    later = [store for _, after in both for store in after]
    return RuleHit(
        "risk",
        "; ".join(f"{inline(item.name)}: {listed(s)}" for item, s in split.items()),
        {
            "operations": _named(list(split)),
            "owner": inline(owner.name),
            "first": inline(listed(list(first))),
            "later": "yes" if later else "",
            "notes": "yes" if later and keeps_notes(owner) else "",
        },
    )


def operation_outside(case: FeasibilityCase) -> RuleHit | None:
    """Operations that tell somebody outside of the stores, which no transaction covers."""
    telling = [item for item in _patterns(case) if item.operation.tells]
    if not telling:
        return None
    from ..schema.notes import keeps_notes

    owners = _owners(case)
    store = owners[telling[0].entity]
    told = dict.fromkeys(name for item in telling for name in item.operation.tells)
    return RuleHit(
        "risk",
        "",
        {
            "operations": _named(telling),
            "told": inline(listed(list(told))),
            "notes": "yes" if keeps_notes(store) else "",
        },
    )


def operation_not_atomic(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """Operations that a store cannot keep: several entities at once, or a condition at all."""
    if case.model is None:
        return None
    from ..schema.guards import keeps, shape_of

    owners = _owners(case)
    several: list[Pattern] = []
    alone: list[Pattern] = []
    for item in _patterns(case):
        stores = [owners[name] for name in item.touched]
        if any(store is not backend for store in stores):
            continue
        shape = shape_of(item, [backend], case.model)
        if shape in ("insert", "single", "several") and keeps(shape, backend) is False:
            (several if shape == "several" else alone).append(item)
    key = "multi_item_transactions" if several else "conditional_writes"
    capability = backend.capability(key)
    if not (several or alone) or capability is None:
        return None
    return cite(
        backend,
        capability,
        "infeasible",
        f"{key.replace('_', ' ')}: {capability.value}",
        {
            "operations": _named(several or alone),
            "several": "yes" if several else "",
            "family": backend.family,
            "note": capability.note,
        },
    )


def sum_rule(case: FeasibilityCase) -> RuleHit | None:
    """A rule about a total over several rows, which no constraint of one row keeps."""
    if case.model is None:
        return None
    from ..schema import invariants, totals

    quote = invariants.sum_rule(case.model, free_texts(case.answers))
    if not quote:
        return None
    found = totals.find(case.model)
    owners = _owners(case)
    store = owners[found.parts.name] if found else case.backends[0]
    several = store.capability("multi_item_transactions")
    return RuleHit(
        "risk",
        "",
        {
            "quote": inline(quote),
            "backend": store.name,
            "parts": found.parts.name if found else "",
            "field": found.field if found else "",
            "whole": found.whole.name if found else "",
            "holder": found.holder.name if found and found.holder else "",
            "balanced": found.balanced if found else "",
            "atomic": "" if several is None or several.value == "no" else "yes",
        },
    )


def race_without_identity(case: FeasibilityCase) -> RuleHit | None:
    """Inserts at which callers race, into entities whose entries nothing tells apart."""
    if case.model is None:
        return None
    from ..schema.guards import lacks_identity

    found = [
        item
        for item in _patterns(case)
        if item.operation.races and item.kind == "write" and not item.finds_rows
        if lacks_identity(case.model.entity(item.entity))
    ]
    if not found:
        return None
    entities = dict.fromkeys(item.entity for item in found)
    return RuleHit("missing", "", {"operations": _named(found), "entities": listed(list(entities))})


def race_without_rule(case: FeasibilityCase) -> RuleHit | None:
    """Changes at which callers race, of which nobody said what must hold."""
    found = [
        item
        for item in _patterns(case)
        if item.operation.races and not item.operation.invariants
        if item.changes and item.finds_rows
    ]
    return RuleHit("missing", "", {"operations": _named(found)}) if found else None


def operation_latency_floor(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """The p99 of operations against what any operation of their store takes."""
    owners, floor = _owners(case), floor_ms(backend)
    found = [
        item
        for item in _patterns(case)
        if owners[item.entity] is backend and item.operation.p99_ms is not None
        if item.operation.p99_ms < floor
    ]
    if not found:
        return None
    return RuleHit(
        "risk",
        "; ".join(
            f"{inline(item.name)}: {number(item.operation.p99_ms or 0)} ms < {number(floor)} ms"
            for item in found
        ),
        {"operations": _named(found), "floor": floor},
    )


def operation_peaks(case: FeasibilityCase) -> RuleHit | None:
    """The peak of one operation against the stated peak of all reads, or of all writes."""
    a, load = case.answers, case.load
    called = [item for item in _patterns(case) if not item.job]
    sides = (
        ("reads", [p for p in called if p.reads], a.reads_per_second, load.reads),
        ("writes", [p for p in called if p.changes], a.writes_per_second, load.writes),
    )
    told = {"reads": a.peak_reads_per_second, "writes": a.peak_writes_per_second}
    for word, found, average, planned in sides:
        stated = told[word]
        peak = load.usual_peak(planned) if stated is None else stated
        highest = max(found, key=lambda item: item.peak or 0, default=None)
        if highest is None or average is None or not peak:
            continue
        if (highest.peak or 0) <= peak * ROUNDING:
            continue
        return RuleHit(
            "contradiction",
            f"{inline(highest.name)}: {number(highest.peak or 0)}/s at peak; all {word}:"
            f" {load.peak_text(average)} = {number(peak)}/s",
            {
                "operations": _named([highest]),
                "kind": word,
                "own": highest.peak or 0.0,
                "all": peak,
            },
        )
    return None


def job_overrun(case: FeasibilityCase) -> RuleHit | None:
    """Jobs that may take longer than the time until they run again."""
    found = [
        (item, within, interval)
        for item in _patterns(case)
        if (within := item.operation.within_seconds) is not None
        if (interval := item.operation.interval_seconds) is not None and within > interval
    ]
    if not found:
        return None
    return RuleHit(
        "contradiction",
        "; ".join(
            f"{inline(item.name)}: {duration(within / 60)} > every {duration(interval / 60)}"
            for item, within, interval in found
        ),
        {"operations": _named([item for item, _, _ in found])},
    )


def job_backlog(case: FeasibilityCase) -> RuleHit | None:
    """What a job gets done against what comes in meanwhile of the entity that it works on."""
    found = []
    for job in _patterns(case):
        items, interval = job.operation.items, job.operation.interval_seconds
        if not (job.job and items and interval) or case.model is None:
            continue
        if job.conditions or job.equal or job.among or not _works_off(job):
            continue  # what share of all that comes it works on is not known
        rate = inserts(case.model, case.model.entity(job.entity))
        if rate is not None and rate * interval > items * ROUNDING:
            found.append((job, items / interval, rate))
    if not found:
        return None
    return RuleHit(
        "contradiction",
        "; ".join(
            f"{inline(job.name)}: {number(rate)}/s come, {number(done)}/s are done"
            for job, done, rate in found
        ),
        {"operations": _named([job for job, _, _ in found])},
    )


def _works_off(job: Pattern) -> bool:
    """Tell whether a job does something to each entry once; one that adds up reads many at once."""
    from ..schema.invariants import drains, rolled_up

    return job.kind in ("delete", "update") or (drains(job.name) and not rolled_up(job.name))


def job_reads_all(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """Jobs that read every entry each time, against the time until they run again."""
    bound = limit(backend, "throughput_mib_per_second_default")
    if bound is None or case.model is None:
        return None
    from ..schema.volumes import kept_rows

    owners, found = _owners(case), []
    for job in _patterns(case):
        interval = job.operation.interval_seconds
        if not (job.whole and job.job and interval) or job.operation.items:
            continue
        if owners[job.entity] is not backend:
            continue
        entity = case.model.entity(job.entity)
        size, rows = item_bytes(entity, case.answers.average_item_bytes), kept_rows(entity)
        held = (rows or 0.0) * (size or 0.0)
        seconds = held / (bound.value * MIB)
        if seconds > interval:
            found.append((job, held / GB, seconds, interval))
    if not found:
        return None
    return bound.hit(
        "; ".join(
            f"{inline(job.name)}: {volume_text(held)} ÷ {number(bound.value)} MiB/s ="
            f" {duration(seconds / 60)} > every {duration(interval / 60)}"
            for job, held, seconds, interval in found
        ),
        {"operations": _named([job for job, *_ in found])},
        "contradiction",
    )


def hot_row(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """The peak of an operation on one row: what its lock, or the limit of one key, lets through."""
    owners = _owners(case)
    found = [
        (item, peak)
        for item in _patterns(case)
        if owners[item.entity] is backend and _meets(case, item) and not item.job
        if (peak := _peak(case, item)) is not None
    ]
    highest = max(found, key=lambda pair: pair[1], default=None)
    if highest is None or backend.family not in ("relational", "document", "key_value"):
        return None
    item, peak = highest
    bound = limit(backend, "partition_write_units_max")
    share = peak * _TWICE / bound.value if bound else peak * _COMMIT_MS / 1_000
    if share < 1:
        return None
    arithmetic = (
        f"{number(peak)}/s × {_TWICE} write units = {number(peak * _TWICE)}/s ≥"
        f" {number(bound.value)}/s of one key"
        if bound
        else f"{number(peak)}/s × {_COMMIT_MS} ms = {number(share)} ≥ 1"
    )
    values: dict[str, str | float] = {
        "operations": _named([item]),
        "peak": peak,
        "hold_ms": "" if bound else 1_000 / peak,
        "parts": float(math.ceil(share / _SHARE)),
        "counts": "yes" if _counts(case, item) else "",
    }
    source = bound.source if bound else None
    return RuleHit("risk", arithmetic, values, source)


def _counts(case: FeasibilityCase, item: Pattern) -> bool:
    """Whether what an operation changes may be a number that can be split into several."""
    if case.model is None:
        return False
    entities = [case.model.entity(name) for name in item.touched]
    columns = [column for entity in entities for column in entity.columns]
    return any(
        column.type.family == "number"
        and column.reference is None
        and not _VERSION.search(column.name)
        for column in columns
        if not item.fields or column.name in item.fields or len(entities) > 1
    )


def _meets(case: FeasibilityCase, item: Pattern) -> bool:
    """Whether callers of an operation meet on a row that it refers to, or on its own."""
    if case.model is None or not item.operation.guarded or not item.changes:
        return False
    together = len(item.operation.atomic) > 1 or bool(item.operation.invariants)
    return together and (item.finds_rows or bool(case.model.entity(item.entity).foreign_keys))


def _peak(case: FeasibilityCase, item: Pattern) -> float | None:
    factor = case.answers.peak_factor
    usual = item.per_second * factor if item.per_second is not None and factor else None
    return item.peak if item.peak is not None else usual


CHECKS = (
    ComponentCheck(operation_across_stores),
    ComponentCheck(operation_outside),
    StoreCheck(operation_not_atomic),
    ComponentCheck(sum_rule),
    ComponentCheck(race_without_identity),
    ComponentCheck(race_without_rule),
    StoreCheck(operation_latency_floor),
    ComponentCheck(operation_peaks),
    ComponentCheck(job_overrun),
    ComponentCheck(job_backlog),
    StoreCheck(job_reads_all),
    StoreCheck(hot_row),
)
