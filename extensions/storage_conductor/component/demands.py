"""What the project's documents demand of a component, as the rules compare it with answers."""

from __future__ import annotations

from collections.abc import Sequence

from ..context import ProjectContext, Stated
from ..findings import Demand, Demands, UnsafeGuidance
from ..schema.durations import stated_days
from .links import DOCUMENTS


def demands(context: ProjectContext) -> Demands:
    """Return what the documents demand, each with the link from the track to where they do."""
    stated = context.standards
    return Demands(
        slow_query_ms=_statement(stated.slow_query_ms),
        backup_retention_days=_longest(stated.backup_retention),
        rpo_minutes=_statement(stated.rpo_minutes),
        rto_minutes=_statement(stated.rto_minutes),
        pool_max=_statement(stated.pool_maximum),
        unsafe=tuple(
            UnsafeGuidance(item.key, item.heading, f"{DOCUMENTS}{item.document}#{item.anchor}")
            for item in context.unsafe
        ),
    )


def _statement(stated: Stated | None) -> Demand | None:
    if stated is None or stated.number is None:
        return None
    return Demand(stated.number, stated.value, f"{DOCUMENTS}{stated.link}")


def _longest(stated: Sequence[Stated]) -> Demand | None:
    found = [(days, item) for item in stated for days in stated_days(item.value)]
    if not found:
        return None
    days, item = max(found, key=lambda pair: pair[0])
    return Demand(days, item.value, f"{DOCUMENTS}{item.link}")
