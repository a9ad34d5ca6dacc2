"""How far a track is: its plan, its open decisions, and the template version it was made by."""

from __future__ import annotations

import functools
import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..disk import files, places
from ..errors import ConductorError
from ..markdown import tables
from ..markdown.boxes import State
from ..markdown.outline import Box, Outline, OutlineHeading, plain
from ..tracks import metadata
from ..tracks.registry_read import spelling
from .library import Library

if TYPE_CHECKING:
    from packaging.version import Version

FINISHED = frozenset({"completed", "complete", "done"})
_BEGUN = FINISHED | {"in progress", "started"}
_PHASE = re.compile(r"phase (\d{1,3})\b[\s:.–—-]*(.*)", re.IGNORECASE)
_GATE = "**Gate**:"
_STATUS_LINE = re.compile(r"\s*\*\*Status:?\*\*:?(.*)")
_RECORDED = re.compile(r"^(_commit|_src_path):[ \t]+(.*)$", re.MULTILINE)
# A key, an entry of a list, or what belongs to the line above: as Copier writes answers.
_AS_WRITTEN = re.compile(r"(?:[A-Za-z_]\w*:(?![^\s])|[ -]|#|$)")
# Of ids with a date or a number, the last are of the newest tracks.
_COMPARED = 50
# What `git describe` says of a commit after a tag: tag, number of commits since, commit.
_DESCRIBED = re.compile(r"(.+)-(\d+)-g([0-9a-f]{4,40})")


@dataclass(frozen=True)
class PhaseProgress:
    """A phase of the plan.

    Args:
        number: The number in its heading.
        name: The name in its heading.
        status: The text of its Status line, empty if it has none.
        line: 1-based line of the Status line, or of the heading.
        done: Boxes ticked.
        total: Boxes, but for those that were dropped.
        lines: 1-based lines of its section.
        ticked: 1-based lines of the boxes that are ticked, whatever their sub-tasks say.
    """

    number: int
    name: str
    status: str
    line: int
    done: int
    total: int
    lines: range
    ticked: tuple[int, ...] = ()

    @property
    def finished(self) -> bool:
        """Tell whether the Status line says that the phase is completed."""
        return spelling(self.status) in FINISHED

    def has_begun(self, but_for: Collection[int]) -> bool:
        """Tell whether a box is ticked, or the Status line says that work has begun.

        Args:
            but_for: Lines of boxes that say nothing of that.
        """
        return any(line not in but_for for line in self.ticked) or spelling(self.status) in _BEGUN


@dataclass(frozen=True)
class PlanProgress:
    """The progress in a plan; boxes in code and comments do not count, nor do dropped ones.

    Args:
        done: Tasks and sub-tasks ticked.
        total: Tasks and sub-tasks.
        begun: Tasks and sub-tasks that are marked as in progress.
        next: The first of these, else the first open box, if any.
        phases: The phases, in the order of the file.
    """

    done: int = 0
    total: int = 0
    begun: tuple[Box, ...] = ()
    next: Box | None = None
    phases: tuple[PhaseProgress, ...] = ()


@dataclass(frozen=True)
class DecisionRow:
    """A row of the table of decisions; the texts are Markdown, empty without such a column.

    Args:
        key: The key in the table of decisions.
        line: 1-based line in spec.md.
        phase: The phase before which it is due, if the table says so.
        status: What stands in the column Status, spelled alike.
        what: What is to be decided.
        default: What the plan does meanwhile, or what was decided.
        decides: Who decides.
    """

    key: str
    line: int
    phase: int | None
    status: str = ""
    what: str = ""
    default: str = ""
    decides: str = ""

    @property
    def is_open(self) -> bool:
        """Tell whether nobody has taken the decision yet."""
        return self.status in ("", "open")


@dataclass(frozen=True)
class Origin:
    """Where a track came from, as its answers file says.

    Args:
        source: The template's address; empty if it is not recorded.
        version: The template's version as recorded; empty if it is not.
        line: 1-based line of the version.
    """

    source: str = ""
    version: str = ""
    line: int = 1


@dataclass(frozen=True)
class TrackProgress:
    """What the files of one track say; what cannot be read is empty.

    Args:
        id: The name of the track's folder.
        data: The content of metadata.json, not validated.
        plan: The progress in plan.md.
        decisions: The open decisions in spec.md.
        origin: The template that it came from; None without answers file.
        unread: What could not be read, each with place, reason and remedy.
        by_checks: Lines of the boxes that checks ticked, which begin no phase; known only where
            a decision would be overdue otherwise.
    """

    id: str
    data: Mapping[str, Any]
    plan: PlanProgress
    decisions: tuple[DecisionRow, ...]
    origin: Origin | None
    unread: tuple[str, ...] = ()
    by_checks: frozenset[int] = frozenset()

    def text(self, key: str) -> str:
        """Return a value of metadata.json if it is a text, else an empty one."""
        value = self.data.get(key)
        return value if isinstance(value, str) else ""

    def overdue(self) -> list[DecisionRow]:
        """Return the open decisions that were due before a phase which has begun."""
        phases = (phase for phase in self.plan.phases if phase.has_begun(self.by_checks))
        begun = max((phase.number for phase in phases), default=0)
        return [item for item in self.decisions if item.phase is not None and item.phase <= begun]


def read(library: Library, storage_id: str) -> TrackProgress:
    """Read a track; the outlines of its files stay in the library."""
    unread: list[str] = []
    data = _data(library, places.of_track(storage_id, places.METADATA), unread)
    plan = _outline(library, places.of_track(storage_id, places.PLAN), unread)
    spec = _outline(library, places.of_track(storage_id, places.SPEC), unread)
    return TrackProgress(
        id=storage_id,
        data=data,
        plan=PlanProgress() if plan is None else read_plan(plan),
        decisions=() if spec is None else tuple(open_decisions(spec)),
        origin=origin(library, storage_id),
        unread=tuple(unread),
    )


def with_ticks(library: Library, track: TrackProgress) -> TrackProgress:
    """Return a track with the boxes that checks ticked, where a decision seems to be overdue.

    That follows from more than the files of the track, so that it is never kept between runs.
    """
    if not track.overdue():
        return track
    return replace(track, by_checks=library.ticked_by_checks(library.project, track.id))


def _data(library: Library, path: str, unread: list[str]) -> Mapping[str, Any]:
    try:
        return metadata.parse(library.text(path), library.project / path)
    except ConductorError as error:
        unread.append(told(error, path))
        return {}


def _outline(library: Library, path: str, unread: list[str]) -> Outline | None:
    found = library.outline(path)
    if found is None:
        try:
            library.text(path)
        except ConductorError as error:
            unread.append(told(error, path))
    return found


def told(error: ConductorError, path: str) -> str:
    """Return what is wrong with a file on one line: place, reason and remedy.

    Args:
        error: What reading it said.
        path: The file, from the project.
    """
    place = path if error.line is None else f"{path}:{error.line}"
    remedy = f". {error.remedy}" if error.remedy else ""
    return f"{place}: {error.message.rstrip('.')}{remedy}"


def origin(library: Library, storage_id: str) -> Origin | None:
    """Read where a track came from; None when its answers file cannot be read."""
    try:
        return read_origin(library.text(places.of_track(storage_id, places.ANSWERS)))
    except ConductorError:
        return None


def read_plan(found: Outline) -> PlanProgress:
    """Read the progress from the outline of a plan.md."""
    boxes = [box for box in found.boxes if box.state is not State.DROPPED]
    lines = [box.line for box in boxes]
    phases = []
    for heading in found.headings:
        if heading.level == 2 and (match := _PHASE.fullmatch(heading.name)):
            status, line = _status(found, heading)
            first, stop = bisect_left(lines, heading.line), bisect_left(lines, heading.end)
            done = sum(box.state is State.DONE for box in boxes[first:stop])
            section = range(heading.line, heading.end)
            ticked = tuple(box.line for box in boxes[first:stop] if box.is_ticked)
            total = stop - first
            phases.append(
                PhaseProgress(int(match[1]), match[2], status, line, done, total, section, ticked)
            )
    done = sum(box.state is State.DONE for box in boxes)
    begun = tuple(box for box in boxes if box.state is State.BEGUN)
    # Of what is ticked over an open sub-task, that one is left to do.
    left = (box for box in (*begun, *boxes) if box.state is not State.DONE and not box.over)
    following = next(left, None)
    return PlanProgress(done, len(boxes), begun, following, tuple(phases))


def _status(found: Outline, heading: OutlineHeading) -> tuple[str, int]:
    for number, line in found.body(heading):
        if "**Status" in line and (match := _STATUS_LINE.match(line)):
            return plain(match[1]), number
    return "", heading.line


def gate(found: Outline, phase: PhaseProgress) -> str:
    """Return what ends a phase of a plan as Markdown; empty if the plan does not say."""
    lines = (found.lines[number - 1].strip() for number in phase.lines)
    return next((line.removeprefix(_GATE).strip() for line in lines if line.startswith(_GATE)), "")


def decision_rows(found: Outline) -> Iterator[DecisionRow]:
    """Read the table of decisions from the outline of a spec.md."""
    section = found.section("Decisions")
    columns: list[str] = []
    for number, line in found.body(section) if section else ():
        if not line.lstrip().startswith("|") or number - 1 in found.literal:
            columns = []
        elif columns:
            texts = tables.cells(line, len(columns))
            row = dict(zip(columns, texts, strict=False))
            key = tables.plain(row.get("key", ""))
            if key.strip(":-"):
                due = re.search(r"\d{1,3}", row.get("before phase", ""))
                yield DecisionRow(
                    key=key,
                    line=number,
                    phase=int(due[0]) if due else None,
                    status=spelling(row.get("status", "")),
                    what=row.get("what", ""),
                    default=row.get("default taken", ""),
                    decides=row.get("who decides", ""),
                )
        else:
            texts = tables.cells(line)
            names = [tables.plain(text).casefold() for text in texts]
            columns = names if {"key", "status"} <= set(names) else []


def open_decisions(found: Outline) -> Iterator[DecisionRow]:
    """Read the decisions that are still open from the outline of a spec.md."""
    return (row for row in decision_rows(found) if row.is_open)


def read_origin(text: str) -> Origin:
    """Read the template's address and version from an answers file.

    All of it is parsed only where it has another form than Copier gives it, since a project may
    hold a thousand of them.
    """
    found = {match[1]: match for match in _RECORDED.finditer(text)}
    at = found.get("_commit")
    line = text.count("\n", 0, at.start()) + 1 if at else 1
    if _is_plain(text):
        values = {name: match[2].strip().strip("'\"") for name, match in found.items()}
    else:
        values = _parsed(text)
    return Origin(values.get("_src_path", ""), values.get("_commit", ""), line)


def _is_plain(text: str) -> bool:
    """Tell whether the values of the template stand on one line, and no spelling hides another."""
    lines = text.splitlines()
    if text.count("_src_path") > 1 or not all(map(_AS_WRITTEN.match, lines)):
        return False
    pairs = zip(lines, [*lines[1:], ""], strict=True)
    return not any(_RECORDED.match(one) and after.startswith((" ", "\t")) for one, after in pairs)


def _parsed(text: str) -> dict[str, str]:
    """Return the texts of an answers file; none where it is not YAML."""
    import yaml

    try:
        found = files.parse_yaml(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}
    items = found.items() if isinstance(found, dict) else ()
    return {key: value for key, value in items if isinstance(key, str) and isinstance(value, str)}


def compared(known: Sequence[str], chosen: Collection[str]) -> list[str]:
    """Return the other tracks whose templates some are compared with, so that few files are read.

    Args:
        known: All tracks, by id.
        chosen: Those that are looked at.
    """
    return [storage_id for storage_id in known if storage_id not in chosen][-_COMPARED:]


def newest(origins: Iterable[Origin | None]) -> dict[str, Origin]:
    """Return the origin with the newest version for each template's address."""
    found: dict[str, tuple[Version, Origin]] = {}
    for item in origins:
        if item is not None and (mine := version(item.version)) is not None:
            best = found.get(item.source)
            if best is None or mine > best[0]:
                found[item.source] = mine, item
    return {source: item for source, (_, item) in found.items()}


def is_older(item: Origin, than: Origin) -> bool:
    """Tell whether a template version comes before another; not where one has no order."""
    mine, other = version(item.version), version(than.version)
    return mine is not None and other is not None and mine < other


@functools.cache
def version(recorded: str) -> Version | None:
    """Order a recorded template version by PEP 440; None for a commit that has no tag before it."""
    from packaging.version import InvalidVersion, Version

    text = recorded
    if match := _DESCRIBED.fullmatch(recorded):
        text = f"{match[1]}.post{match[2]}.dev0+g{match[3]}"
    try:
        return Version(text)
    except InvalidVersion:
        return None
