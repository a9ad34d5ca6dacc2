"""What the page of one track shows, gathered from its files, its model and the catalog."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..brief.decided import Choice, choices
from ..catalog.statements import FailureClass
from ..component import track as track_module
from ..component.recovery_table import Timely
from ..component.track import Track
from ..disk import files, places
from ..errors import ConductorError
from ..evidence.standing import Proven, recorded
from ..findings import RecoveryRow
from ..findings.recovery import FAILURES
from ..markdown import outline
from ..markdown.boxes import State
from ..markdown.outline import Outline
from ..review import progress
from ..review.status import Standing
from ..update import recorded_answers
from .sizing_view import SizingView


@dataclass(frozen=True)
class Item:
    """A box of the plan.

    Args:
        text: Its text, as Markdown.
        state: What is ticked.
        depth: How deep it is indented.
        proven: How far it is proven, where there is evidence.
    """

    text: str
    state: State
    depth: int
    proven: Proven | None


@dataclass(frozen=True)
class Phase:
    """A phase of the plan: its progress, its gate as Markdown, and its boxes."""

    progress: progress.PhaseProgress
    gate: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class TrackPage:
    """One track, as its pages show it.

    Args:
        standing: Where it stands.
        spec: The text of its specification; empty if it cannot be read.
        plan: The outline of its plan, if it can be read.
        track: Its model; None where its answers do not give one.
        problem: Why there is no model.
        proven: How far its tasks and gates are proven, if it has evidence.
    """

    standing: Standing
    spec: str
    plan: Outline | None
    track: Track | None
    problem: str = ""
    proven: tuple[Proven, ...] = ()
    _rows: dict[str, progress.DecisionRow] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Return the id of the track."""
        return self.standing.track.id

    @functools.cached_property
    def choices(self) -> tuple[Choice, ...]:
        """Return its decisions, as its specification lists them."""
        return () if self.track is None else tuple(choices(self.track, self._rows))

    @property
    def rows(self) -> Sequence[progress.DecisionRow]:
        """Return the rows of its table of decisions."""
        return tuple(self._rows.values())

    @property
    def phases(self) -> Iterator[Phase]:
        """Yield the phases of its plan with their boxes."""
        if self.plan is not None:
            for each in self.standing.track.plan.phases:
                items = tuple(self._items(self.plan, each))
                yield Phase(each, progress.gate(self.plan, each), items)

    def _items(self, plan: Outline, phase: progress.PhaseProgress) -> Iterator[Item]:
        boxes = [box for box in plan.boxes if box.line in phase.lines]
        indents = sorted({box.indent for box in boxes})
        proven = {item.line: item for item in self.proven}
        for box in boxes:
            depth = min(indents.index(box.indent), 3)
            yield Item(box.text, box.state, depth, proven.get(box.line))

    @functools.cached_property
    def sizing(self) -> SizingView | None:
        """Return its load, volume, capacity and cost, where there is a model."""
        return SizingView(self.track.component) if self.track else None

    @property
    def recovery(self) -> dict[str, dict[FailureClass, RecoveryRow]]:
        """Return what brings the data of each store back, by failure."""
        rows = self.track.component.recovery if self.track else ()
        found: dict[str, dict[FailureClass, RecoveryRow]] = {}
        for row in rows:
            found.setdefault(row.backend, {})[row.failure] = row
        return found

    @property
    def times(self) -> dict[tuple[str, str], Timely]:
        """Return by store and failure whether it answers again in time, where that is known."""
        lines = self.track.component.recovery_lines if self.track else ()
        return {(line.row.backend, name): line.timely for line in lines for name in line.failures}

    @property
    def failures(self) -> tuple[FailureClass, ...]:
        """Return the classes of failure."""
        return FAILURES


def read(project: Path, standing: Standing) -> TrackPage:
    """Read a track; what cannot be read or modelled is left out, with the reason."""
    storage_id = standing.track.id
    spec = _text(project, places.of_track(storage_id, places.SPEC))
    plan = _text(project, places.of_track(storage_id, places.PLAN))
    track, problem = None, ""
    try:
        answers = recorded_answers.read(project / places.of_track(storage_id, places.ANSWERS))
        track = track_module.build(answers)
    except ConductorError as error:
        problem = progress.told(error, places.of_track(storage_id, places.ANSWERS))
    rows = {row.key: row for row in progress.decision_rows(outline.read(spec))}
    read_plan = outline.read(plan) if plan else None
    proven = tuple(recorded(project, storage_id))
    return TrackPage(standing, spec, read_plan, track, problem, proven, rows)


def _text(project: Path, path: str) -> str:
    try:
        return files.read_text(project / path, root=project)
    except ConductorError:
        return ""
