"""What the page of one track shows, gathered from its files, its model and the catalog."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..brief.decided import Choice, choices
from ..catalog.statements import FailureClass
from ..component import track as track_module
from ..component.recovery_table import Timely
from ..component.track import Track
from ..disk import files, places
from ..errors import ConductorError
from ..evidence.standing import ProofState, Proven, recorded, unread
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
    """A phase of the plan.

    Args:
        progress: Its progress.
        gate: Its gate as Markdown.
        items: Its boxes.
        gate_proven: How far its gate is proven, where there is evidence.
    """

    progress: progress.PhaseProgress
    gate: str
    items: tuple[Item, ...]
    gate_proven: Proven | None

    @property
    def proofs(self) -> list[tuple[ProofState, int]]:
        """Return how many of its tasks, and its gate, no longer or never held, by state."""
        held = [*(item.proven for item in self.items), self.gate_proven]
        return _counted(item for item in held if item and item.proof in _TROUBLES)


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
        unread: Why its evidence cannot be read; empty if it can.
    """

    standing: Standing
    spec: str
    plan: Outline | None
    track: Track | None
    problem: str = ""
    proven: tuple[Proven, ...] = ()
    unread: str = ""
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
                gate = progress.gate(self.plan, each)
                yield Phase(each, gate, items, self._proven_by_line.get(each.line))

    def _items(self, plan: Outline, phase: progress.PhaseProgress) -> Iterator[Item]:
        boxes = [box for box in plan.boxes if box.line in phase.lines]
        indents = sorted({box.indent for box in boxes})
        for box in boxes:
            depth = min(indents.index(box.indent), 3)
            yield Item(box.text, box.state, depth, self._proven_by_line.get(box.line))

    @functools.cached_property
    def _proven_by_line(self) -> dict[int, Proven]:
        return {item.line: item for item in self.proven}

    @property
    def proofs(self) -> list[tuple[ProofState, int]]:
        """Return how many tasks and gates are in each state of proof that occurs, worst first."""
        return _counted(self.proven)

    @property
    def drifted(self) -> bool:
        """Tell whether a live schema was seen to differ from its draft."""
        return any(item.drifted for item in self.proven)

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


_TROUBLES = (ProofState.FAILED, ProofState.OUTDATED)


def _counted(items: Iterable[Proven]) -> list[tuple[ProofState, int]]:
    counts = Counter(item.proof for item in items)
    return [(state, counts[state]) for state in reversed(ProofState) if counts[state]]


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
    broken = None if proven else unread(project, storage_id)
    told = f"{broken.path}:{broken.line}: {broken.message}. {broken.remedy}" if broken else ""
    return TrackPage(standing, spec, read_plan, track, problem, proven, told, rows)


def _text(project: Path, path: str) -> str:
    try:
        return files.read_text(project / path, root=project)
    except ConductorError:
        return ""
