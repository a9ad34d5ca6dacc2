"""The status as text for a terminal; everything fits its width."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from plumbum import colors

from storage_conductor.review.status import Overview, Standing, days

from .command import fit, line, width

_BAR = 20
_STYLES = {
    "In Progress": colors.cyan,
    "Blocked": colors.red,
    "Completed": colors.green,
}


def screen(view: Overview) -> str:
    """Lay out where a project stands."""
    most = width()
    lines: list[str] = []
    for status, group in view.groups():
        lines += [_heading(f"{status} ({len(group):,})", status), ""]
        for item in group:
            lines += [*_track(item, most), ""]
    lines += [_heading("Totals"), "", *_totals(view, most), ""]
    if view.advice:
        lines += [_heading("Recommendations"), ""]
        for advice in view.advice:
            lines += _wrapped(line(f"{advice.id}: {advice.message}"), most)
    return "\n".join(lines).rstrip("\n") + "\n"


def _heading(text: str, status: str = "") -> str:
    style = _STYLES.get(status)
    return str(colors.bold | (style | text if style else text))


def _track(item: Standing, most: int) -> Iterator[str]:
    track, plan = item.track, item.track.plan
    yield "  " + (colors.bold | fit(line(item.title), most - 2))
    kinds = filter(None, (track.text("storage_type"), track.text("backend")))
    age = "" if item.age_days is None else f"{days(item.age_days)} old"
    version = f"template {item.version}" if item.version else ""
    facts = filter(None, (track.id, *kinds, age, version))
    yield from _wrapped(line(", ".join(facts)), most, "    ")
    done, total = plan.done, plan.total
    filled = done * _BAR // total if total else 0
    bar = (colors.green | "#" * filled) + "." * (_BAR - filled)
    share = f"{done * 100 // total} %" if total else "no boxes"
    yield f"    [{bar}] {done}/{total} {share}"
    if plan.phases:
        counts = " ".join(f"{phase.done}/{phase.total}" for phase in plan.phases)
        yield from _wrapped(f"phases {counts}", most, "    ")
    if item.next_task:
        place = f"phase {item.phase.number}" if item.phase else "next"
        if item.begun:
            place += ", in progress"
        yield "    " + fit(line(f"{place}: {item.next_task}"), most - 4)


def _totals(view: Overview, most: int) -> Iterator[str]:
    for name, counts in view.totals().items():
        text = ", ".join(f"{value} {number:,}" for value, number in counts.items())
        yield from _wrapped(f"{name.replace('_', ' ')}: {line(text)}", most)
    done = sum(item.track.plan.done for item in view.standings)
    total = sum(item.track.plan.total for item in view.standings)
    yield f"  boxes: {done:,} of {total:,} ticked"


def _wrapped(text: str, most: int, indent: str = "  ") -> list[str]:
    further = f"{indent}  "
    lines = textwrap.wrap(text, most, initial_indent=indent, subsequent_indent=further)
    # Wide characters take more columns than were counted.
    return [fit(text, most) for text in lines]
