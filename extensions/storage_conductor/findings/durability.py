"""Durability and recovery: what can be lost, and by which failure."""

from __future__ import annotations

from ..catalog.backend import Backend
from ..units import days_text, duration, listed, number
from ..wording import inline
from .model import FeasibilityCase, RuleHit, StoreCheck, Values, cite, limit
from .recovery import FAILURE_TEXT, FAILURES, RecoveryRow, row_of

_CACHED_DAYS = 90
"""A retention beyond this is a promise to keep data, not the lifetime of a copy."""

_KEPT_OUTSIDE = ("node", "zone", "region")


def replication_loss(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """No loss at all, against a store that acknowledges before a second copy exists."""
    capability = backend.capability("synchronous_replication")
    if case.rpo_minutes != 0 or capability is None or capability.value == "yes":
        return None
    return cite(
        backend,
        capability,
        "infeasible" if capability.value == "no" else "risk",
        f"stated: 0 min; synchronous replication: {capability.value}",
        {
            "note": capability.note,
            "possible": "" if capability.value == "no" else "yes",
            "single": "yes" if backend.lacks("automatic_failover") else "",
        },
    )


def rpo_below_mechanism(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """The RPO against the best mechanism for each class of failure."""
    rpo = case.rpo_minutes
    missed = [row for row in _rows(case, backend) if row.verdict == "missed"]
    if rpo is None or not missed:
        return None
    worst = max(missed, key=_loss)
    named = next(item for item in backend.backup if item.name == worst.mechanism)
    floor = limit(backend, "pitr_floor_minutes")
    hard = floor is not None and floor.hard and rpo < floor.value
    return cite(
        backend,
        named,
        "infeasible" if hard else "risk",
        "; ".join(f"{row.failure}: {row.mechanism} {_promise(row)}" for row in missed)
        + f" > {duration(rpo)} stated",
        {
            "rpo_minutes": rpo,
            "promise_minutes": "" if worst.rpo_minutes is None else worst.rpo_minutes,
            "mechanism": worst.mechanism,
            "least_minutes": "" if worst.least_minutes is None else worst.least_minutes,
            "failures": listed([FAILURE_TEXT[row.failure] for row in missed], "or"),
            "note": worst.note,
        },
    )


def rpo_interval_unknown(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """The RPO against copies for another region whose shortest interval the catalog lacks."""
    row = row_of(case, backend, "region")
    if row.verdict != "unknown" or case.rpo_minutes is None:
        return None
    named = next(item for item in backend.backup if item.name == row.mechanism)
    values: Values = {"rpo_minutes": case.rpo_minutes, "mechanism": row.mechanism}
    return cite(backend, named, "risk", "", values)


def rpo_without_margin(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """An RPO that is just what the best mechanism promises, so that no alarm can come before."""
    rpo, row = case.rpo_minutes, row_of(case, backend, "operator")
    if not rpo or row.rpo_minutes != rpo:
        return None
    named = next(item for item in backend.backup if item.name == row.mechanism)
    return cite(
        backend,
        named,
        "risk",
        f"{duration(rpo)} - {duration(row.rpo_minutes)} = 0 min",
        {"rpo_minutes": rpo, "mechanism": row.mechanism},
    )


def _promise(row: RecoveryRow) -> str:
    if row.rpo_minutes is None:
        return "no figure"
    if row.least_minutes is not None:
        return f"{duration(row.least_minutes)} and the time of a copy"
    return duration(row.rpo_minutes)


def _loss(row: RecoveryRow) -> float:
    return float("inf") if row.rpo_minutes is None else row.rpo_minutes


def recovery_gap(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """The classes of failure that no mechanism of the store covers."""
    if (case.rpo_minutes is None and case.rto_minutes is None) or not backend.backup:
        return None
    open_ = [row.failure for row in _rows(case, backend) if row.verdict == "none"]
    if not open_:
        return None
    covered = [failure for failure in FAILURES if failure not in open_]
    return RuleHit(
        "risk",
        f"covered: {', '.join(covered) or 'none'}; not covered: {', '.join(open_)}",
        {
            "failures": listed([FAILURE_TEXT[failure] for failure in open_], "or"),
            "outside": "yes" if set(open_) & set(_KEPT_OUTSIDE) else "",
        },
    )


def _rows(case: FeasibilityCase, backend: Backend) -> list[RecoveryRow]:
    return [row_of(case, backend, failure) for failure in FAILURES]


def acknowledged_loss(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """The RPO against what default settings lose of acknowledged writes when a node dies."""
    bound, rpo = limit(backend, "acknowledged_loss_seconds_default"), case.rpo_minutes
    if bound is None or rpo is None or bound.value <= rpo * 60:
        return None
    return bound.hit(
        f"{number(bound.value)} s lost with {bound.fact.applies_to} > {number(rpo * 60)} s stated",
        {"loss_minutes": bound.value / 60, "rpo_minutes": rpo or "", "note": bound.fact.note},
    )


def cache_system_of_record(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """Promises that only a system of record can keep, made for a cache."""
    a, days = case.answers, case.answers.retention_days
    capability = backend.capability("persistence")
    long = a.kept_for_ever or (days is not None and days > _CACHED_DAYS)
    promised = a.rpo_minutes is not None or long
    if backend.storage_type != "cache" or capability is None or not promised:
        return None
    stated = [] if a.rpo_minutes is None else [f"RPO {duration(a.rpo_minutes)}"]
    if long:
        kept = a.common_retention if days is None else days_text(days)
        stated.append(f"retention {inline(kept)} > {_CACHED_DAYS} days")
    own = case.written_alone(backend) if capability.value != "no" else ()
    return cite(
        backend,
        capability,
        "infeasible" if capability.value == "no" else "risk",
        f"stated: {', '.join(stated)}; persistence: {capability.value}",
        {"note": capability.note, "stated": ", ".join(stated), "own": inline(listed(list(own)))},
    )


CHECKS = (
    StoreCheck(replication_loss, keepers_only=True),
    StoreCheck(rpo_below_mechanism, keepers_only=True),
    StoreCheck(rpo_interval_unknown, keepers_only=True),
    StoreCheck(rpo_without_margin, keepers_only=True),
    StoreCheck(recovery_gap, keepers_only=True),
    StoreCheck(acknowledged_loss, keepers_only=True),
    StoreCheck(cache_system_of_record, keepers_only=True),
)
