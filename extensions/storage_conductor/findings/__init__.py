"""Feasibility: the answers against each other, the backends' facts and the project's standards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..catalog import rulebook
from ..catalog.backend import Backend
from ..questions.answers import Answers
from ..schema.model import DataModel
from ..wording import inline
from . import (
    availability,
    consistency,
    cross,
    durability,
    latency,
    missing,
    protection,
    rate,
    size,
    stated,
)
from .measures import Measure, privacy
from .model import (
    SEVERITIES,
    Case,
    ComponentCheck,
    Finding,
    Hit,
    Severity,
    Standards,
    Statement,
    StoreCheck,
    UnsafeStandard,
)
from .recovery import RecoveryRow, recovery_matrix
from .words import Words, describe

__all__ = [
    "Finding",
    "Measure",
    "RecoveryRow",
    "Severity",
    "Standards",
    "Statement",
    "UnsafeStandard",
    "Words",
    "describe",
    "evaluate",
    "privacy",
    "recovery_matrix",
]

CHECKS: tuple[ComponentCheck | StoreCheck, ...] = (
    *cross.CHECKS,
    *stated.CHECKS,
    *protection.CHECKS,
    *size.CHECKS,
    *rate.CHECKS,
    *latency.CHECKS,
    *consistency.CHECKS,
    *durability.CHECKS,
    *availability.CHECKS,
    *missing.CHECKS,
)


def evaluate(
    answers: Answers,
    backends: Sequence[Backend],
    standards: Standards | None = None,
    *,
    model: DataModel | None = None,
) -> tuple[Finding, ...]:
    """Find everything that a person has to know or decide about these answers.

    Args:
        answers: What was said.
        backends: The stores, each as it is at its hosting (`Backend.at`).
        standards: What the project's documents demand.
        model: The parsed entities and access patterns.

    Returns:
        Contradictions first, then what is infeasible, risky and missing; always in the same order.
    """
    case = Case(answers, tuple(backends), standards or Standards(), model)
    found = [finding for check in CHECKS for finding in _findings(case, check)]
    return tuple(sorted(found, key=lambda finding: SEVERITIES.index(finding.severity)))


def _findings(case: Case, check: ComponentCheck | StoreCheck) -> Iterator[Finding]:
    if isinstance(check, ComponentCheck):
        hit = check.function(case)
        if hit is not None:
            yield _finding(check.rule, check.rule, hit, None)
        return
    for backend, hit in _store_hits(case, check):
        key = f"{check.rule}-{backend.key}" if case.hybrid else check.rule
        yield _finding(key, check.rule, hit, backend)


def _store_hits(case: Case, check: StoreCheck) -> list[tuple[Backend, Hit]]:
    looked_at = [
        backend for backend in case.backends if case.keeps(backend) or not check.keepers_only
    ]
    results = [(backend, check.function(case, backend)) for backend in looked_at]
    hits = [(backend, hit) for backend, hit in results if hit is not None]
    fitting = [
        inline(backend.name)
        for backend, hit in results
        if hit is None and case.keeps(backend) and backend.family != "unknown"
    ]
    if not (check.routable and case.hybrid and fitting):
        return hits
    return [
        (backend, replace(hit, severity="risk", values={**hit.values, "elsewhere": fitting[0]}))
        for backend, hit in hits
        if hit.severity == "infeasible"
    ]


def _finding(key: str, rule: str, hit: Hit, backend: Backend | None) -> Finding:
    words = rulebook.rule(rule)
    return Finding(
        key=key,
        rule=rule,
        severity=hit.severity,
        backend=None if backend is None else backend.name,
        values=hit.values,
        source=hit.source or words.source,
        applies_to=hit.applies_to,
        arithmetic=hit.arithmetic,
        phase=words.phase,
        standard=hit.standard,
    )
