"""What brings a component back after which failures, as the lines of its table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from ..findings import RecoveryRow
from ..findings.model import limit
from ..findings.recovery import copies
from .objectives import Objectives
from .quantity import decision_link
from .store import Store

Timely = Literal["", "yes", "no", "measured"]


class RecoveryLine(NamedTuple):
    """Failures of a store that the same mechanism mends in the same way.

    Args:
        failures: The failures, as in `RecoveryRow`.
        row: What they have in common.
        link: Decision about a recovery point that is not met.
        timely: Whether it answers again in time; empty without an objective or a mechanism.
        late_link: Decision about a restore that takes longer.
    """

    failures: tuple[str, ...]
    row: RecoveryRow
    link: str
    timely: Timely
    late_link: str


def recovery_lines(rows: Sequence[RecoveryRow], objectives: Objectives) -> tuple[RecoveryLine, ...]:
    """Return the lines of the table, without stores that are rebuilt.

    Args:
        rows: A row for each store and failure.
        objectives: The objectives that hold.
    """
    kept = [row for row in rows if row.verdict != "rebuild"]
    groups: dict[tuple[object, ...], list[RecoveryRow]] = {}
    for row in kept:
        same = (row.backend, row.mechanism, row.rpo_minutes, row.verdict)
        groups.setdefault(same, []).append(row)
    stores = {item.name: item for item in objectives.stores}
    lines = []
    for group in groups.values():
        timely, late = _timely(group[0], stores[group[0].backend], objectives)
        failures = tuple(row.failure for row in group)
        link = objectives.row_link(group[0])
        lines.append(RecoveryLine(failures, group[0], link, timely, late))
    return tuple(lines)


def _timely(row: RecoveryRow, store: Store, objectives: Objectives) -> tuple[Timely, str]:
    rto = objectives.own(store).rto or objectives.rto
    found = (item for item in store.backend.backup if item.name == row.mechanism)
    mechanism = next(found, None)
    if rto is None or mechanism is None:
        return "", ""
    if not copies(mechanism):
        bound = limit(store.backend, "failover_seconds")
        known = bound is not None and row.failure in ("node", "zone")
        if bound is None or not known:
            return "measured", ""
        return ("yes" if bound.value <= rto.value * 60 else "no"), ""
    late = next((f for f in objectives.findings if f.rule == "restore-time"), None)
    if late is not None and late.backend == store.name:
        return "no", decision_link(late.decision)
    return "measured", ""  # that copying alone fits says nothing of the rest
