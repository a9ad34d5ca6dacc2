"""The project's own standards against the answers: the standard wins, and the spec says so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ..catalog.backend import Backend
from ..sizing.formulas import busy_connections
from ..units import duration, number
from ..wording import inline
from .latency import floor_ms
from .model import ComponentCheck, Demand, FeasibilityCase, RuleHit, StoreCheck


def standard_rpo(case: FeasibilityCase) -> RuleHit | None:
    """The component's RPO against the one that the standards demand."""
    return _longer(case, "rpo_minutes", "RPO")


def standard_rto(case: FeasibilityCase) -> RuleHit | None:
    """The component's RTO against the one that the standards demand."""
    return _longer(case, "rto_minutes", "RTO")


def _longer(case: FeasibilityCase, name: str, word: str) -> RuleHit | None:
    """Compare a standard with the longest objective, of the component or of one store."""
    standard: Demand | None = getattr(case.demands, name)
    each = [getattr(case.answers, name), *(own.get(name) for own in _own(case))]
    stated = max((value for value in each if value is not None), default=None)
    if standard is None or stated is None or stated <= standard.value:
        return None
    return RuleHit(
        "contradiction",
        f"{word} {duration(stated)} stated > {duration(standard.value)} in the standards",
        {"stated_minutes": stated, "standard_minutes": standard.value},
        standard=standard,
    )


def _own(case: FeasibilityCase) -> Iterable[Mapping[str, Any]]:
    return case.answers.store_objectives.values()


def standard_slow_query(case: FeasibilityCase) -> RuleHit | None:
    """The threshold of the slow-query log against the p99 that it should help to keep."""
    standard, p99 = case.demands.slow_query_ms, case.answers.latency_p99_ms
    logging = [item for item in case.backends if item.family in ("relational", "document")]
    if standard is None or p99 is None or not logging or standard.value <= p99:
        return None
    if any(p99 < floor_ms(backend) for backend in logging):
        return None
    return RuleHit(
        "risk",
        f"{number(standard.value)} ms > {number(p99)} ms",
        {"threshold": standard.value, "p99": p99},
        standard=standard,
    )


def standard_slow_floor(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """The threshold of the slow-query log against what any operation of the store takes."""
    standard, floor = case.demands.slow_query_ms, floor_ms(backend)
    if standard is None or standard.value >= floor:
        return None
    return RuleHit(
        "risk",
        f"{number(standard.value)} ms < {number(floor)} ms",
        {"threshold": standard.value, "floor": floor},
        standard=standard,
    )


def standard_pool(case: FeasibilityCase) -> RuleHit | None:
    """The pool size of the standards against the transactions in flight at peak."""
    standard, p99, peak = (
        case.demands.pool_max,
        case.answers.latency_p99_ms,
        case.load.peak_total,
    )
    pooled = any(backend.family in ("relational", "document") for backend in case.backends)
    if standard is None or not p99 or not peak or not pooled:
        return None
    busy = busy_connections(peak, p99 / 1_000)
    if busy <= standard.value:
        return None
    mean = standard.value / peak * 1_000
    return RuleHit(
        "risk",
        f"{case.load.total_text} × {number(p99)} ms = {number(busy)} in flight at most"
        f" > {number(standard.value)}; {number(standard.value)} ÷ {number(peak)}/s ="
        f" {number(mean)} ms",
        {"pool": standard.value, "busy": float(busy), "mean_ms": mean, "peak": peak},
        standard=standard,
    )


_BACKUPS = re.compile(r"back-?ups?\b|restor(?:e|ing)\b|\bdumps?\b", re.IGNORECASE)
_CONCURRENT = ("concurrent-index-in-transaction", "one-transaction-rule")
"""Kinds that matter only where indexes are built concurrently; the first implies the last."""


def standard_concurrent_index_in_transaction(case: FeasibilityCase) -> RuleHit | None:
    """An example that builds an index concurrently within a transaction, which fails."""
    return _unsafe(case, _CONCURRENT[0])


def standard_one_transaction_rule(case: FeasibilityCase) -> RuleHit | None:
    """A rule that each migration is one transaction, which a concurrent index cannot be."""
    return _unsafe(case, _CONCURRENT[1])


def standard_password_on_command_line(case: FeasibilityCase) -> RuleHit | None:
    """An example that shows a password to everyone who lists processes."""
    return _unsafe(case, "password-on-command-line")


def standard_interpolated_shell_command(case: FeasibilityCase) -> RuleHit | None:
    """An example that puts values into a shell's command line."""
    return _unsafe(case, "interpolated-shell-command")


def standard_tls_verification_off(case: FeasibilityCase) -> RuleHit | None:
    """An example that talks to a server without verifying its certificate."""
    return _unsafe(case, "tls-verification-off")


def _unsafe(case: FeasibilityCase, key: str) -> RuleHit | None:
    """One kind of unsafe standard, wherever the documents have it and this component needs it."""
    found = [
        item
        for item in case.demands.unsafe
        if item.key == key and (case.backed_up or not _BACKUPS.search(item.text))
    ]
    if not found or (key in _CONCURRENT and not _builds_concurrently(case)):
        return None
    if key == _CONCURRENT[1] and any(u.key == _CONCURRENT[0] for u in case.demands.unsafe):
        return None
    places = ", ".join(dict.fromkeys(inline(item.text) for item in found))
    return RuleHit(
        "risk",
        f"found under: {places}",
        standard=Demand(float(len(found)), found[0].text, found[0].link),
    )


def _builds_concurrently(case: FeasibilityCase) -> bool:
    return any(
        "CONCURRENTLY" in change.safe_way
        for backend in case.backends
        for change in backend.online_changes
    )


CHECKS: tuple[ComponentCheck | StoreCheck, ...] = (
    ComponentCheck(standard_rpo),
    ComponentCheck(standard_rto),
    ComponentCheck(standard_slow_query),
    StoreCheck(standard_slow_floor),
    ComponentCheck(standard_pool),
    ComponentCheck(standard_concurrent_index_in_transaction),
    ComponentCheck(standard_one_transaction_rule),
    ComponentCheck(standard_password_on_command_line),
    ComponentCheck(standard_interpolated_shell_command),
    ComponentCheck(standard_tls_verification_off),
)
