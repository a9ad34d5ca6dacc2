"""Feasibility: the answers against each other, the backends' facts and the project's standards.

Here lies one function for each rule, which tells whether it is broken; its wording lies in the
catalog. Nothing here writes text of its own or reads a file.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from ..catalog import rulebook
from ..catalog.backend import Backend
from ..questions.answers import Answers
from ..wording import inline
from . import (
    aggregates,
    availability,
    combined,
    consistency,
    coverage,
    cross,
    durability,
    entities,
    latency,
    lifetimes,
    missing,
    operations,
    placement,
    protection,
    rate,
    size,
    sources,
    stated,
    text,
)
from .measures import Measure, privacy
from .model import (
    SEVERITIES,
    ComponentCheck,
    Demand,
    Demands,
    FeasibilityCase,
    FeasibilityFinding,
    RuleHit,
    Severity,
    StoreCheck,
    UnsafeGuidance,
)
from .recovery import RecoveryRow, recovery_matrix
from .words import FindingWords, describe

if TYPE_CHECKING:
    from ..schema.model import DataModel

__all__ = [
    "Demand",
    "Demands",
    "FeasibilityCase",
    "FeasibilityFinding",
    "FindingWords",
    "Measure",
    "RecoveryRow",
    "Severity",
    "UnsafeGuidance",
    "broken",
    "describe",
    "evaluate",
    "privacy",
    "recovery_matrix",
]

CHECKS: tuple[ComponentCheck | StoreCheck, ...] = (
    *cross.CHECKS,
    *entities.CHECKS,
    *sources.CHECKS,
    *stated.CHECKS,
    *protection.CHECKS,
    *combined.CHECKS,
    *size.CHECKS,
    *rate.CHECKS,
    *latency.CHECKS,
    *consistency.CHECKS,
    *durability.CHECKS,
    *availability.CHECKS,
    *operations.CHECKS,
    *lifetimes.CHECKS,
    *coverage.CHECKS,
    *placement.CHECKS,
    *text.CHECKS,
    *aggregates.CHECKS,
    *missing.CHECKS,
)


def evaluate(
    answers: Answers,
    backends: Sequence[Backend],
    demands: Demands | None = None,
    *,
    model: DataModel | None = None,
    open_names: frozenset[str] = frozenset(),
) -> tuple[FeasibilityFinding, ...]:
    """Find everything that a person has to know or decide about these answers.

    Args:
        answers: What was said.
        backends: The stores, each as it is at its hosting (`Backend.at`).
        demands: What the project's documents demand.
        model: The parsed entities and access patterns.
        open_names: Answers that were not given, and that other answers speak of.

    Returns:
        Contradictions first, then what is infeasible, risky and missing; always in the same order.
    """
    case = FeasibilityCase(answers, tuple(backends), demands or Demands(), model, open_names)
    return broken(case, {check.rule for check in CHECKS})


def broken(case: FeasibilityCase, rules: Collection[str]) -> tuple[FeasibilityFinding, ...]:
    """Return what some of the rules find, as `evaluate` returns it of all.

    Args:
        case: What was said.
        rules: The rules to look at.
    """
    checks = [check for check in CHECKS if check.rule in rules]
    found = [finding for check in checks for finding in _findings(case, check)]
    return tuple(sorted(found, key=lambda finding: SEVERITIES.index(finding.severity)))


def _findings(
    case: FeasibilityCase, check: ComponentCheck | StoreCheck
) -> Iterator[FeasibilityFinding]:
    if isinstance(check, ComponentCheck):
        hit = check.function(case)
        if hit is not None:
            yield _finding(check.rule, check.rule, hit, None)
        return
    for backend, hit in _store_hits(case, check):
        key = f"{check.rule}-{backend.key}" if case.hybrid else check.rule
        yield _finding(key, check.rule, hit, backend)


def _store_hits(case: FeasibilityCase, check: StoreCheck) -> list[tuple[Backend, RuleHit]]:
    looked_at = [
        backend for backend in case.backends if case.keeps(backend) or not check.keepers_only
    ]
    results = [(backend, check.function(case.of_store(backend), backend)) for backend in looked_at]
    hits = [(backend, hit) for backend, hit in results if hit is not None]
    fitting = [
        inline(backend.name)
        for backend, hit in results
        if hit is None and case.keeps(backend) and backend.family != "unknown"
    ]
    if not (check.routable and case.hybrid and fitting):
        return hits
    return [
        (backend, hit._replace(severity="risk", values={**hit.values, "elsewhere": fitting[0]}))
        for backend, hit in hits
        if hit.severity == "infeasible"
    ]


def _finding(key: str, rule: str, hit: RuleHit, backend: Backend | None) -> FeasibilityFinding:
    words = rulebook.rule(rule)
    return FeasibilityFinding(
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
