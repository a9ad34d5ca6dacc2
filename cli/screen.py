"""The status as text for a terminal; everything fits its width."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from plumbum import colors

from storage_conductor.review.status import Overview, Standing, days
from storage_conductor.units import counted

from .command import columns, fit, line, wrapped

if TYPE_CHECKING:
    from storage_conductor.evidence.standing import Proven

_BAR, _SHORT_BAR = 20, 5
_MOST_ADVICE = 3
# From so many columns on there is room for the titles too.
_SHOWS_TITLES = 110
# From so many columns on, for how much is to be decided.
_SHOWS_DECISIONS = 80
# Less of what is next says nothing.
_LEAST_NEXT = 8
# A line for each track is looked along, not read as a text.
_WIDEST_SHORT = 160
_STYLES = {
    "In Progress": colors.cyan,
    "Blocked": colors.red,
    "Completed": colors.green,
}


def short(view: Overview, known: Iterable[str], size: os.terminal_size | None) -> str:
    """Lay out where a project stands with a line for each track, and the first advice below.

    Args:
        view: Where the tracks stand.
        known: The ids of all tracks of the project, among which a shortened one is the only one.
        size: What the terminal holds; where it is None, nothing is cut or left out.
    """
    most = min(size.columns, _WIDEST_SHORT) if size else sys.maxsize
    lines = list(_table(view, known, most)) if view.standings else []
    told = advice = len(view.advice)
    if size:  # what is left of the screen below this line and above the prompt
        told = min(told, _MOST_ADVICE, max(size.lines - len(lines) - 2, 0))
    done, total = view.boxes
    said = [counted(len(view.standings), "track"), f"{done:,} of {total:,} boxes ticked"]
    if advice:
        rest = ":" if told == advice else " (all: --long)"
        said.append(f"{counted(advice, 'recommendation')}{rest}")
    lines.append(fit(", ".join(said), most))
    lines += [fit(f"  {line(f'{each.id}: {each.message}')}", most) for each in view.advice[:told]]
    return "\n".join(lines) + "\n"


def _table(view: Overview, known: Iterable[str], most: int) -> Iterator[str]:
    """Yield the heading and a line for each track: id, title where it fits, and so on.

    What is open to decide has a column where there is any.
    """
    ids = short_ids(known, most // 4)
    rows = [(item, ids[item.track.id], line(item.title)) for item in view.standings]
    states = max(len("Status"), *(len(item.status) for item, _, _ in rows))
    asked = [_open(item) if most >= _SHOWS_DECISIONS else "" for item in view.standings]
    opens = max(len("Decide"), *map(len, asked)) if any(asked) else 0
    fixed = _SHORT_BAR + len("[] 100% ") + states + 1 + (opens + 1 if opens else 0)
    names = min(max(len("Track"), *(len(name) for _, name, _ in rows)), most - fixed)
    titles = 0
    if most >= _SHOWS_TITLES:
        titles = min(max(len("Title"), *(columns(title) for _, _, title in rows)), most // 5)
    left = most - fixed - names - 1 - (titles + 1 if titles else 0)

    def row(*cells: str) -> str:
        name, title, done, status, decide, following = cells
        shown = [_padded(name, names), *([_padded(title, titles)] if titles else []), done, status]
        shown += [_padded(decide, opens)] if opens else []
        return " ".join([*shown, fit(following, left) if left > _LEAST_NEXT else ""]).rstrip()

    bar = " " * (_SHORT_BAR + 3)
    heads = ("Track", "Title", f"Done{bar}", _padded("Status", states), "Decide", "Next, by phase")
    yield _heading(row(*heads))
    for (item, name, title), decide in zip(rows, asked, strict=True):
        status = _padded(item.status, states)
        style = _STYLES.get(item.status)
        phase = f"{item.phase.number}: " if item.phase else ""
        following = line(f"{phase}{item.next_task}") if item.next_task else ""
        shown = str(style | status) if style else status
        yield row(name, title, _done(item), shown, decide, following)


def _open(item: Standing) -> str:
    """Return how many decisions are late, else how many are open."""
    late = len(item.track.overdue())
    left = len(item.track.decisions)
    return f"{late} late" if late else f"{left} open" if left else ""


def short_ids(ids: Iterable[str], most: int) -> dict[str, str]:
    """Return each id, or where it is longer than `most`, the longest ending that fits.

    An ending begins after a hyphen and is that of no other track, so that commands take it. Where
    none fits, it is the shortest.
    """
    endings = {name: [name[at:] for at in _starts(name)] for name in ids}
    counts = Counter(ending for each in endings.values() for ending in each)
    found = {}
    for name, each in endings.items():
        own = [ending for ending in each if ending == name or counts[ending] == 1]
        found[name] = next((ending for ending in own if len(ending) <= most), own[-1])
    return found


def _starts(name: str) -> list[int]:
    return [0, *(at for at, before in enumerate(name, start=1) if before == "-")]


def _padded(text: str, size: int) -> str:
    """Return a text that takes as many columns as there are, cut where it has more."""
    shown = fit(text, size)
    return shown + " " * (size - columns(shown))


def _done(item: Standing) -> str:
    """Return a bar and the share of the boxes that are ticked."""
    done, total = item.track.plan.done, item.track.plan.total
    return f"{_bar(done, total, _SHORT_BAR)} {f'{done * 100 // total}%' if total else '-':>4}"


def _bar(done: int, total: int, size: int) -> str:
    filled = done * size // total if total else 0
    return f"[{colors.green | '#' * filled}{'.' * (size - filled)}]"


def screen(view: Overview, proofs: Mapping[str, list[Proven]]) -> str:
    """Lay out where a project stands, with all that is known of each track, and is proven of it."""
    lines: list[str] = []
    for status, group in view.groups():
        lines += [_heading(f"{status} ({len(group):,})", status), ""]
        for item in group:
            lines += [*_track(item), *_proven(proofs.get(item.track.id, [])), ""]
    lines += [_heading("Totals"), "", *_totals(view), ""]
    if view.advice:
        lines += [_heading("Recommendations"), ""]
        for advice in view.advice:
            lines += wrapped(line(f"{advice.id}: {advice.message}"))
    return "\n".join(lines).rstrip("\n") + "\n"


def _heading(text: str, status: str = "") -> str:
    style = _STYLES.get(status)
    return str(colors.bold | (style | text if style else text))


def _track(item: Standing) -> Iterator[str]:
    track, plan = item.track, item.track.plan
    yield from (str(colors.bold | each) for each in wrapped(line(item.title)))
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
        place = f"phase {item.phase.number}" if item.phase else "next"
        state = ", in progress" if item.begun else ""
        yield from wrapped(line(f"{place}{state}: {item.next_task}"), "    ")


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
