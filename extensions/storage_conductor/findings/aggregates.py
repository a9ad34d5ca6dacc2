"""Counts and sums over many entries, in stores that read each entry of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..catalog.backend import Backend
from ..units import listed, number
from ..wording import inline
from .model import FeasibilityCase, RuleHit, StoreCheck

if TYPE_CHECKING:
    from ..schema.model import DataModel, Pattern

_READING = ("document", "key_value", "wide_column")
"""Families without a number of their own for what a filter finds: a count reads what it counts."""


def aggregate_read(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """Patterns that count or add up, against how many entries they find each time."""
    model = case.model_of(backend)
    if model is None or backend.family not in _READING:
        return None
    from ..schema.summaries import FEW

    found = []
    for pattern in model.patterns:
        rows = _group_rows(model, pattern)
        if pattern.aggregates and not pattern.job and (rows is None or rows > FEW):
            found.append((pattern, rows))
    if not found:
        return None
    rates = [f" {number(p.per_second)} times a second" if p.per_second else "" for p, _ in found]
    return RuleHit(
        "risk",
        "; ".join(_arithmetic(pattern, rows) for pattern, rows in found if rows),
        {
            "operations": listed(
                [f"“{inline(p.name)}”{rate}" for (p, _), rate in zip(found, rates, strict=True)]
            ),
            "ranged": any(p.ranges or p.among for p, _ in found),
            "few": FEW,
        },
    )


def _group_rows(model: DataModel, pattern: Pattern) -> float | None:
    """Return the entries that a filter finds, by its fields of equality; None if not stated."""
    from ..schema.volumes import groups, kept_rows

    entity = model.entity(pattern.entity)
    rows, different = kept_rows(entity), groups(model, entity, tuple(pattern.equal))
    return rows / different if rows is not None and different else None


def _arithmetic(pattern: Pattern, rows: float | None) -> str:
    each = f"{inline(pattern.name)}: {number(round(rows or 0))} entries"
    if not pattern.per_second or not rows:
        return each
    total = number(round(pattern.per_second * rows))
    return f"{each} × {number(pattern.per_second)}/s = {total} entries/s"


CHECKS = (StoreCheck(aggregate_read),)
