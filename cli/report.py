"""The status as a Markdown document."""

from __future__ import annotations

from collections.abc import Iterator

from storage_conductor.review.status import Overview, Standing, days
from storage_conductor.wording import cell, code, inline, table

from .command import line

_COLUMNS = ("Component", "ID", "Storage", "Done", "By phase", "Next task", "Age", "Template")


def markdown(view: Overview) -> str:
    """Write where a project stands as Markdown."""
    return "\n".join(_lines(view)) + "\n"


def _lines(view: Overview) -> Iterator[str]:
    yield "# Status of the storage components"
    for status, group in view.groups():
        yield f"\n## {status} ({len(group):,})\n"
        yield f"| {' | '.join(_COLUMNS)} |"
        yield "|" + " --- |" * len(_COLUMNS)
        yield from map(_row, group)
    yield "\n## Totals\n"
    yield "| By | | Tracks |\n| --- | --- | --- |"
    for name, counts in view.totals().items():
        for value, number in counts.items():
            yield f"| {name.replace('_', ' ')} | {cell(line(value))} | {number:,} |"
    if view.advice:
        yield "\n## Recommendations\n"
        for advice in view.advice:
            yield f"- {code(line(advice.id))}: {inline(line(advice.message))}"


def _row(item: Standing) -> str:
    track, plan = item.track, item.track.plan
    kinds = ", ".join(filter(None, (track.text("storage_type"), track.text("backend"))))
    texts = (
        cell(line(item.title)),
        table(code(line(track.id))),
        cell(line(kinds)),
        f"{plan.done}/{plan.total}",
        " ".join(f"{phase.done}/{phase.total}" for phase in plan.phases),
        cell(line(item.next_task)),
        "" if item.age_days is None else days(item.age_days),
        cell(line(item.version)),
    )
    return f"| {' | '.join(texts)} |"
