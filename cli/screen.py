"""The status as text for a terminal; everything fits its width."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from plumbum import colors

from storage_conductor.review.status import Overview, Standing, days

from .command import columns, fit, line, width, wrapped

if TYPE_CHECKING:
    from storage_conductor.evidence.standing import Proven

_BAR, _SHORT_BAR = 20, 10
_MOST_ADVICE = 3
# A line for each track is looked along, not read as a text.
_WIDEST_SHORT = 160
_STYLES = {
    "In Progress": colors.cyan,
    "Blocked": colors.red,
    "Completed": colors.green,
}


def short(view: Overview) -> str:
    """Lay out where a project stands with a line for each track, and for each of some advice."""
    most = width(_WIDEST_SHORT)
    titles = min(max((columns(line(i.title)) for i in view.standings), default=0), most // 3)
    lines: list[str] = []
    for status, group in view.groups():
        lines.append(_heading(f"{status} ({len(group):,})", status))
        lines += [_row(item, titles, most) for item in group]
    done, total = view.boxes
    count = len(view.standings)
    tracks = "1 track" if count == 1 else f"{count:,} tracks"
    lines.append(f"{tracks}, {done:,} of {total:,} boxes ticked")
    if view.advice:
        lines.append(_heading("Recommendations"))
        for advice in view.advice[:_MOST_ADVICE]:
            lines.append("  " + fit(line(f"{advice.id}: {advice.message}"), most - 2))
        more = len(view.advice) - _MOST_ADVICE
        if more > 0:
            lines.append(f"  and {more:,} more: storage-conductor status --long")
    return "\n".join(lines) + "\n"


def _row(item: Standing, titles: int, most: int) -> str:
    """Return the title, the bar, the boxes and what is next, as far as they fit."""
    plan = item.track.plan
    title = fit(line(item.title), titles)
    title += " " * (titles - columns(title))
    counts = f"{plan.done}/{plan.total}"
    start = f"  {title} {_bar(plan.done, plan.total, _SHORT_BAR)} {counts:>7} "
    left = most - columns(title) - _SHORT_BAR - max(7, len(counts)) - 7
    return start + fit(line(_next(item)), left) if item.next_task and left > 8 else start.rstrip()


def _bar(done: int, total: int, size: int) -> str:
    filled = done * size // total if total else 0
    return f"[{colors.green | '#' * filled}{'.' * (size - filled)}]"


def _next(item: Standing) -> str:
    """Return the phase and the task that comes next."""
    place = f"phase {item.phase.number}" if item.phase else "next"
    return f"{place}{', in progress' if item.begun else ''}: {item.next_task}"


def screen(view: Overview, proofs: Mapping[str, list[Proven]]) -> str:
    """Lay out where a project stands, with all that is known of each track, and is proven of it."""
    most = width()
    lines: list[str] = []
    for status, group in view.groups():
        lines += [_heading(f"{status} ({len(group):,})", status), ""]
        for item in group:
            lines += [*_track(item, most), *_proven(proofs.get(item.track.id, [])), ""]
    lines += [_heading("Totals"), "", *_totals(view), ""]
    if view.advice:
        lines += [_heading("Recommendations"), ""]
        for advice in view.advice:
            lines += wrapped(line(f"{advice.id}: {advice.message}"))
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
    yield from wrapped(line(", ".join(facts)), "    ")
    done, total = plan.done, plan.total
    share = f"{done * 100 // total} %" if total else "no boxes"
    yield f"    {_bar(done, total, _BAR)} {done}/{total} {share}"
    if plan.phases:
        counts = " ".join(f"{phase.done}/{phase.total}" for phase in plan.phases)
        yield from wrapped(f"phases {counts}", "    ")
    if item.next_task:
        yield "    " + fit(line(_next(item)), most - 4)


def _proven(items: list[Proven]) -> Iterator[str]:
    groups: dict[str, list[str]] = {}
    for item in items:
        groups.setdefault(item.proof, []).append(item.key)
    for state, keys in groups.items():
        yield from wrapped(line(f"{state}: {', '.join(keys)}"), "    ")


def _totals(view: Overview) -> Iterator[str]:
    for name, counts in view.totals().items():
        text = ", ".join(f"{value} {number:,}" for value, number in counts.items())
        yield from wrapped(f"{name.replace('_', ' ')}: {line(text)}")
    done, total = view.boxes
    yield f"  boxes: {done:,} of {total:,} ticked"
