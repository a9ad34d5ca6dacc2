"""Where the tracks of a project stand, and what to do next."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..disk import places
from ..errors import ConductorError
from ..markdown.outline import plain
from ..tracks import ids, starting
from ..tracks.registry_read import GIVEN_UP
from . import locating, progress, unfinished, whole_track
from .library import Library, TickReader, no_ticks, results, worth_keeping
from .progress import Origin, PhaseProgress, TrackProgress

# The order in which people want to see them.
ORDER = ("In Progress", "Blocked", "Planning", "Completed", "Reverted", "Cancelled")
UNKNOWN = "Unknown"


@dataclass(frozen=True)
class Standing:
    """Where one track stands.

    Args:
        track: What its files say.
        age_days: Days since it was created; None if that is not recorded.
        idle_days: Days since its metadata last changed; None if that is not recorded.
    """

    track: TrackProgress
    age_days: int | None
    idle_days: int | None

    @property
    def title(self) -> str:
        """Return the title, or the id where it has none."""
        return self.track.text("title") or self.track.id

    @property
    def status(self) -> str:
        """Return the status; `Unknown` where metadata.json names none of those allowed."""
        found = self.track.text("status")
        return found if found in ORDER else UNKNOWN

    @property
    def phase(self) -> PhaseProgress | None:
        """Return the phase of the next task."""
        following = self.track.plan.next
        phases = self.track.plan.phases if following else ()
        return next((item for item in phases if following and following.line in item.lines), None)

    @property
    def next_task(self) -> str:
        """Return the task in progress, else the first open one; empty if nothing is to be done."""
        box = None if self.status in GIVEN_UP else self.track.plan.next
        return plain(box.text) if box else ""

    @property
    def begun(self) -> list[str]:
        """Return the tasks that are marked as in progress."""
        return [plain(box.text) for box in self.track.plan.begun]

    @property
    def version(self) -> str:
        """Return the template version as recorded; empty if it is not."""
        return self.track.origin.version if self.track.origin else ""


@dataclass(frozen=True)
class Advice:
    """Something to do, about one track."""

    id: str
    rule: str
    message: str


@dataclass(frozen=True)
class Overview:
    """Where a project stands.

    Args:
        standings: The tracks, as people read them: by status, then by id.
        advice: What to do next, in the order of the tracks.
    """

    standings: list[Standing]
    advice: list[Advice]

    @property
    def boxes(self) -> tuple[int, int]:
        """Count the ticked boxes of all tracks, and all boxes."""
        plans = [item.track.plan for item in self.standings]
        return sum(plan.done for plan in plans), sum(plan.total for plan in plans)

    def groups(self) -> Iterator[tuple[str, list[Standing]]]:
        """Yield each status that occurs with its tracks."""
        for status in (*ORDER, UNKNOWN):
            if group := [item for item in self.standings if item.status == status]:
                yield status, group

    def totals(self) -> dict[str, dict[str, int]]:
        """Count the tracks by storage type, backend and status, the most frequent first."""
        return {
            "storage_type": _count(item.track.text("storage_type") for item in self.standings),
            "backend": _count(item.track.text("backend") for item in self.standings),
            "status": {status: len(group) for status, group in self.groups()},
        }

    def to_data(self) -> dict[str, Any]:
        """Return everything as plain data for JSON."""
        return {
            "tracks": [_to_data(item) for item in self.standings],
            "totals": self.totals(),
            "recommendations": [vars(item) for item in self.advice],
        }


def overview(
    project: Path, only: Collection[str] = (), ticked_by_checks: TickReader = no_ticks
) -> Overview:
    """Read where the tracks of a project stand.

    Args:
        project: The folder that holds `storage-conductor`.
        only: Tracks to report on; all when empty.
        ticked_by_checks: Which boxes checks ticked.

    Raises:
        ConductorError: The project has no tracks, or SOURCE_DATE_EPOCH is not a time.
    """
    now = ids.clock()
    known = locating.track_ids(project)
    chosen = [name for name in known if not only or name in only]
    kept_before = results("status", project, keeping=worth_keeping(len(chosen)))
    library = Library(project, kept_before, ticked_by_checks)
    standings = [_standing(library, name, now) for name in chosen]
    if (kept := library.results) is not None:
        kept.keep(kept.used, kept.fresh, whole=not only)
    standings.sort(key=lambda item: (*ORDER, UNKNOWN).index(item.status))
    read = {item.track.id: item.track.origin for item in standings}
    others = (progress.origin(library, name) for name in progress.compared(known, read))
    newest = progress.newest([*read.values(), *others])
    return Overview(standings, [*_unfinished(project, read), *_advice(standings, newest)])


def _unfinished(project: Path, shown: Collection[str]) -> Iterator[Advice]:
    """Name the tracks that a killed run left half-done."""
    with contextlib.suppress(ConductorError):
        for name, found in unfinished.read(project).items():
            if name in shown:
                said = unfinished.problem(found)
                yield Advice(name, said.rule, f"{said.message}. {said.remedy}")
    for name in shown:
        folder = project / places.home(name)
        if starting.is_marked(folder) and not starting.is_under_way(folder):
            yield Advice(name, "half-track", f"is half a track. {starting.REMEDY}")


def _standing(library: Library, storage_id: str, now: datetime) -> Standing:
    try:
        track = library.kept(
            storage_id,
            [places.of_track(storage_id, name) for name in (*places.RENDERED, places.ANSWERS)],
            lambda: progress.read(library, storage_id),
        )
        track = progress.with_ticks(library, track)
    except whole_track.UNREADABLE as error:
        said = f"{places.home(storage_id)}: cannot be read: {error}"
        track = TrackProgress(storage_id, {}, progress.PlanProgress(), (), None, (said,))
    for name in (places.SPEC, places.PLAN):
        library.forget(places.of_track(storage_id, name))
    return Standing(track, _days(track.text("created"), now), _days(track.text("updated"), now))


def _days(text: str, now: datetime) -> int | None:
    try:
        time = datetime.fromisoformat(text)
        return max((now - (time if time.tzinfo else time.replace(tzinfo=UTC))).days, 0)
    except (ValueError, OverflowError):
        return None


def _count(values: Iterable[str]) -> dict[str, int]:
    found = Counter(value or UNKNOWN for value in values)
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def _to_data(item: Standing) -> dict[str, Any]:
    plan = item.track.plan
    return {
        "id": item.track.id,
        "title": item.title,
        "storage_type": item.track.text("storage_type"),
        "backend": item.track.text("backend"),
        "status": item.status,
        "created": item.track.text("created"),
        "updated": item.track.text("updated"),
        "age_days": item.age_days,
        "idle_days": item.idle_days,
        "template_version": item.version,
        "done": plan.done,
        "total": plan.total,
        "phases": [
            {
                "number": phase.number,
                "name": phase.name,
                "status": phase.status,
                "done": phase.done,
                "total": phase.total,
            }
            for phase in plan.phases
        ],
        "in_progress": item.begun,
        "next_task": item.next_task,
        "next_phase": item.phase.number if item.next_task and item.phase else None,
        "open_decisions": [decision.key for decision in item.track.decisions],
    }


def _advice(standings: Sequence[Standing], newest: Mapping[str, Origin]) -> Iterator[Advice]:
    blocked = [item.idle_days or 0 for item in standings if item.status == "Blocked"]
    for item in standings:
        if item.status in GIVEN_UP:
            continue
        facts = {
            "unreadable": "; ".join(item.track.unread),
            "blocked": _blocked(item, max(blocked, default=0)),
            "status": _status(item),
            "phase-status": _phase_status(item),
            "overdue-decision": _overdue(item),
            "old-template": _template(item, newest),
        }
        yield from (Advice(item.track.id, rule, text) for rule, text in facts.items() if text)


def _blocked(item: Standing, longest: int) -> str:
    if item.status != "Blocked" or item.idle_days is None:
        return ""
    most = ", longest of all" if longest and item.idle_days == longest else ""
    since = item.track.text("updated")[:10]
    return f"blocked since {since}{most}; settle what it waits for"


def _status(item: Standing) -> str:
    status, plan = item.status, item.track.plan
    if status == UNKNOWN:
        told = "" if item.track.unread and not item.track.data else "no valid status; "
        return told and f"{told}set one of {', '.join(ORDER)} in {places.METADATA}"
    if status == "Planning" and plan.done:
        return f"in Planning with {plan.done} of {plan.total} boxes ticked; set it to In Progress"
    if status == "Completed" and plan.next:
        return f"Completed with {plan.total - plan.done} of {plan.total} boxes open"
    if status == "In Progress" and plan.total and not plan.done:
        return "In Progress with no box ticked; tick what is done"
    if status == "In Progress" and plan.total and not plan.next:
        return "all boxes are ticked; set it to Completed"
    return ""


def _phase_status(item: Standing) -> str:
    done = [
        str(phase.number)
        for phase in item.track.plan.phases
        if phase.total and phase.done == phase.total and not phase.finished
    ]
    if not done:
        return ""
    which = "phase" if len(done) == 1 else "phases"
    return f"all boxes of {which} {', '.join(done)} are ticked; set the Status line to Completed"


def _overdue(item: Standing) -> str:
    keys = [decision.key for decision in item.track.overdue()]
    return f"the work has gone on without deciding {', '.join(keys)}" if keys else ""


def _template(item: Standing, newest: Mapping[str, Origin]) -> str:
    origin = item.track.origin
    best = newest.get(origin.source) if origin else None
    if origin is None or best is None or not progress.is_older(origin, best):
        return ""
    return f"made by template {origin.version}; update it to {best.version}"


def days(number: int) -> str:
    """Return a number of days in words."""
    return "1 day" if number == 1 else f"{number:,} days"
