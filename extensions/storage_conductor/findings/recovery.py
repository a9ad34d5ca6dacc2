"""Which mechanism brings data back after which failure, and whether that meets the RPO."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, get_args

from ..catalog.backend import Backend
from ..catalog.statements import BackupMechanism, FailureClass
from ..questions.answers import Answers
from .model import Demands, FeasibilityCase

Verdict = Literal["met", "missed", "configure", "unknown", "none", "rebuild", "open"]
_DAY = 1_440.0
"""Copies that far apart can be had of any mechanism."""
FAILURES: tuple[FailureClass, ...] = get_args(FailureClass)
FAILURE_TEXT: dict[FailureClass, str] = {
    "item": "the loss of an item",
    "node": "the loss of a node",
    "zone": "the loss of a zone",
    "region": "the loss of a region",
    "operator": "an operator's mistake",
    "corruption": "corruption",
}


class RecoveryRow(NamedTuple):
    """The best answer of one store to one class of failure.

    Args:
        backend: Name of the store.
        failure: What has been lost: an item, a node, a zone, a region, by an operator's mistake or
            by corruption.
        mechanism: Name of the mechanism; empty where there is none.
        rpo_minutes: The loss that it promises at most; None where settings decide, in the limits
            of the shortest interval that it allows.
        verdict: Against the stated RPO: `met`; `missed`; `configure` where settings decide;
            `unknown` where the shortest interval of copies for another region is; `none`
            without any mechanism; `rebuild` for a cache without an RPO of its own; `open` where
            no RPO was stated.
        note: What the promise depends on.
        least_minutes: How far apart two copies are at the least, where it comes back by copies.
    """

    backend: str
    failure: FailureClass
    mechanism: str
    rpo_minutes: float | None
    verdict: Verdict
    note: str
    least_minutes: float | None = None


def recovery_matrix(
    answers: Answers, backends: Sequence[Backend], demands: Demands | None = None
) -> tuple[RecoveryRow, ...]:
    """Compare the RPO with the mechanisms of each store, one row for each class of failure.

    Stores without any known mechanism are left out: nothing can be said of them.
    """
    case = FeasibilityCase(answers, backends, demands or Demands())
    return tuple(
        row_of(case.of_store(backend), backend, failure)
        for backend in backends
        if backend.backup or backend.storage_type == "cache"
        for failure in FAILURES
    )


def row_of(case: FeasibilityCase, backend: Backend, failure: FailureClass) -> RecoveryRow:
    """Return the best mechanism of a store for one class of failure, with the verdict."""
    capability = backend.capability("persistence")
    forgets = capability is not None and capability.value == "no"
    shared = case.hybrid and not case.recovers(backend)
    unstated = case.answers.rpo_minutes is None or shared
    if backend.storage_type == "cache" and (unstated or forgets):
        return RecoveryRow(backend.name, failure, "", None, "rebuild", "")
    rpo = case.rpo_minutes
    fitting = [mechanism for mechanism in backend.backup if failure in mechanism.protects]
    if failure == "region" and len(case.answers.regions) > 1:
        # What keeps the other region alike brings the data back before any copy does.
        fitting = [mechanism for mechanism in fitting if not copies(mechanism)] or fitting
    chosen = _chosen(fitting, rpo, replicas_help=_replicas_help(backend, failure))
    if chosen is None:
        return RecoveryRow(backend.name, failure, "", None, "none", "")
    promise = _promise(chosen, rpo)
    return RecoveryRow(
        backend.name,
        failure,
        chosen.name,
        promise,
        _verdict(chosen, promise, rpo, failure),
        chosen.rpo_note,
        chosen.interval_minutes_min,
    )


def _promise(mechanism: BackupMechanism, rpo: float | None) -> float | None:
    """Return what a mechanism loses at most: its promise, or by an interval that is too long.

    A copy ends before the next one begins, so that two intervals are the most between the state
    that it holds and the end of the next one.
    """
    least = mechanism.interval_minutes_min
    if mechanism.rpo_minutes is not None or least is None or rpo is None or least < rpo:
        return mechanism.rpo_minutes
    return least * 2


def _replicas_help(backend: Backend, failure: FailureClass) -> bool:
    capability = backend.capability("synchronous_replication")
    possible = capability is None or capability.value != "no"
    return possible and failure in ("node", "zone")


def _chosen(
    fitting: Sequence[BackupMechanism], rpo: float | None, replicas_help: bool
) -> BackupMechanism | None:
    """Prefer the smallest promise that suffices, then the smallest one, then what settings decide.

    Where replicas help, a mechanism without a promise may be one that settings make synchronous, so
    it comes before a promise that is too weak; elsewhere it is a copy taken at intervals.
    """
    promised = sorted(
        (item for item in fitting if item.rpo_minutes is not None),
        key=lambda item: item.rpo_minutes or 0.0,
    )
    best = promised[0] if promised else None
    if best is not None and (rpo is None or (best.rpo_minutes or 0.0) <= rpo):
        return best
    varying = [item for item in fitting if item.rpo_minutes is None]
    varying.sort(key=lambda item: replicas_help and "operator" in item.protects)
    configurable = next(iter(varying), None)
    return (configurable or best) if replicas_help else (best or configurable)


def copies(mechanism: BackupMechanism) -> bool:
    """Tell whether a mechanism takes copies, by which a mistake is undone too, or replicates."""
    return "operator" in mechanism.protects


def _verdict(
    chosen: BackupMechanism, promise: float | None, rpo: float | None, failure: FailureClass
) -> Verdict:
    if rpo is None:
        return "open"
    open_ended = copies(chosen) and chosen.interval_minutes_min is None
    if promise is None and failure == "region" and open_ended and 0 < rpo < _DAY:
        return "unknown"
    if promise is None:
        # What brings an earlier state back was taken at some time: no setting makes that nothing.
        return "missed" if rpo == 0 and copies(chosen) else "configure"
    # An interval as long as the objective leaves no time for the copy itself.
    interval = chosen.rpo_minutes is None
    return "met" if promise <= rpo and not interval else "missed"
