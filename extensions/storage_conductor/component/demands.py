"""What the project's documents demand of a component, as the rules compare it with answers."""

from __future__ import annotations

from collections.abc import Sequence

from ..context import ProjectContext, Stated
from ..findings import Standards, Statement, UnsafeStandard
from ..questions.answers import durations_days
from .links import DOCUMENTS


def demands(context: ProjectContext) -> Standards:
    """Return what the documents demand, each with the link from the track to where they do."""
    stated = context.standards
    return Standards(
        slow_query_ms=_statement(stated.slow_query_ms),
        backup_retention_days=_longest(stated.backup_retention),
        rpo_minutes=_statement(stated.rpo_minutes),
        rto_minutes=_statement(stated.rto_minutes),
        pool_max=_statement(stated.pool_maximum),
        unsafe=tuple(
            UnsafeStandard(item.key, item.heading, f"{DOCUMENTS}{item.document}#{item.anchor}")
            for item in context.unsafe
        ),
    )


def _statement(stated: Stated | None) -> Statement | None:
    if stated is None or stated.number is None:
        return None
    return Statement(stated.number, stated.value, f"{DOCUMENTS}{stated.link}")


def _longest(stated: Sequence[Stated]) -> Statement | None:
    found = [(days, item) for item in stated for days in durations_days(item.value)]
    if not found:
        return None
    days, item = max(found, key=lambda pair: pair[0])
    return Statement(days, item.value, f"{DOCUMENTS}{item.link}")
