"""What the board shows: a row for each track, and what all of them have open."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ..evidence.standing import ProofState
from ..review.progress import DecisionRow, PhaseProgress
from ..review.status import ORDER, UNKNOWN, Advice, Overview, Standing
from ..sizing.cost import shown
from ..tracks.registry_read import GIVEN_UP
from .waiting import Matrix, Waiting, matrix, waiting

_DRIFTED, _UNREAD = "drifted", "cannot be read"
# What of evidence somebody has to look at, with the name of one.
_ALARMS = {
    _UNREAD: "unreadable evidence file",
    ProofState.FAILED.value: "failed proof",
    _DRIFTED: "drifted schema",
    ProofState.OUTDATED.value: "outdated proof",
}
# More than these are not read on a page; `status` lists all.
_MOST_ADVICE = 40


class KnownCost(NamedTuple):
    """What a component costs in a month by list prices.

    Args:
        low: USD at the least.
        high: USD at the most; None where what is known sets no upper bound.
        regions: Where the prices hold.
        dated: The date of the oldest price list.
    """

    low: float
    high: float | None
    regions: tuple[str, ...]
    dated: str

    @classmethod
    def of(cls, costs: Sequence[KnownCost], *, whole: bool) -> KnownCost:
        """Return several together.

        Args:
            costs: At least one.
            whole: Whether nothing is missing among them, so that there is an upper bound.
        """
        highs = [cost.high for cost in costs if cost.high is not None]
        return cls(
            low=sum(cost.low for cost in costs),
            high=sum(highs) if whole and len(highs) == len(costs) else None,
            regions=tuple(dict.fromkeys(name for cost in costs for name in cost.regions)),
            dated=min(cost.dated for cost in costs),
        )

    @property
    def shown(self) -> str:
        """Return the range as people read it."""
        return shown(self.low, self.high)


class PageFacts(NamedTuple):
    """What the pages of a track know of it.

    Args:
        cost: What it costs in a month, where that is known.
        proofs: How many of its tasks and gates are proven, by state; none without evidence.
        drifted: Whether a live schema was seen to differ from its draft.
        unread: Whether its evidence cannot be read.
    """

    cost: KnownCost | None = None
    proofs: tuple[tuple[ProofState, int], ...] = ()
    drifted: bool = False
    unread: bool = False


@dataclass(frozen=True, eq=False)
class Row:
    """A track on the board.

    Args:
        standing: Where it stands.
        known: What its pages know beyond that.
    """

    standing: Standing
    known: PageFacts

    @property
    def cost(self) -> KnownCost | None:
        """Return what it costs in a month, where that is known."""
        return self.known.cost

    @property
    def proven(self) -> int:
        """Return how many of its tasks and gates are proven."""
        return dict(self.known.proofs).get(ProofState.PROVEN, 0)

    @property
    def proofs(self) -> list[tuple[ProofState, int]]:
        """Return how many tasks and gates are in each state of proof that occurs."""
        return list(self.known.proofs)

    @property
    def id(self) -> str:
        """Return the id of the track."""
        return self.standing.track.id

    @property
    def title(self) -> str:
        """Return its title."""
        return self.standing.title

    @property
    def status(self) -> str:
        """Return its status."""
        return self.standing.status

    @property
    def order(self) -> int:
        """Return where its status stands among the others."""
        return (*ORDER, UNKNOWN).index(self.status)

    @property
    def type(self) -> str:
        """Return its storage type in words."""
        return self.standing.track.text("storage_type").replace("_", " ")

    @property
    def backend(self) -> str:
        """Return the names of its stores."""
        return self.standing.track.text("backend")

    @property
    def done(self) -> int:
        """Return how many boxes are ticked."""
        return self.standing.track.plan.done

    @property
    def total(self) -> int:
        """Return how many boxes there are."""
        return self.standing.track.plan.total

    @property
    def percent(self) -> int:
        """Return how much of the plan is done."""
        return round(self.done / self.total * 100) if self.total else 0

    @property
    def plan(self) -> Sequence[PhaseProgress]:
        """Return the phases."""
        return self.standing.track.plan.phases

    @property
    def by_phase(self) -> str:
        """Return the progress of each phase in words."""
        parts = [f"{each.number} {each.name} {each.done} of {each.total}" for each in self.plan]
        return "By phase: " + ("; ".join(parts) or "no phases")

    @property
    def decisions(self) -> Sequence[DecisionRow]:
        """Return the open decisions; a track that was given up waits for none."""
        return () if self.status in GIVEN_UP else self.standing.track.decisions

    @functools.cached_property
    def overdue(self) -> int:
        """Return how many of them were due before a phase that has begun."""
        return len(self.standing.track.overdue()) if self.decisions else 0

    @functools.cached_property
    def waiting(self) -> list[Waiting]:
        """Return how many of them wait for whom before which phase."""
        return waiting(self.decisions)

    @property
    def deciders(self) -> list[str]:
        """Return who has to decide them."""
        return sorted({item.decides for item in self.waiting})

    @property
    def phases(self) -> list[str]:
        """Return before which phases they are due."""
        return sorted({item.due for item in self.waiting})

    @property
    def evidence(self) -> list[str]:
        """Return what its evidence says, in words that a filter offers."""
        said = [state.value for state, _ in self.proofs]
        marks = ((_DRIFTED, self.known.drifted), (_UNREAD, self.known.unread))
        return [*said, *(name for name, there in marks if there)]

    @property
    def created(self) -> str:
        """Return when it was created."""
        return self.standing.track.text("created")

    @property
    def updated(self) -> str:
        """Return when its metadata last changed."""
        return self.standing.track.text("updated")

    @property
    def version(self) -> str:
        """Return the version of the template that it was made by."""
        return self.standing.version

    @property
    def next(self) -> str:
        """Return the next task; of a track that cannot be read, what is wrong with it."""
        return "; ".join(self.standing.track.unread) or self.standing.next_task

    @property
    def text(self) -> str:
        """Return what a search looks at beyond what is shown: the keys of the decisions."""
        return " ".join(row.key for row in self.decisions)


class Filter(NamedTuple):
    """A choice by which the rows are narrowed: its name, its label, and what is to be had."""

    name: str
    label: str
    values: list[str]


@dataclass(frozen=True)
class Board:
    """All tracks.

    Args:
        view: Where they stand.
        known: What the pages of each track know of it.
    """

    view: Overview
    known: Mapping[str, PageFacts]

    @functools.cached_property
    def rows(self) -> list[Row]:
        """Return a row for each track."""
        standings = self.view.standings
        return [Row(item, self.known.get(item.track.id, PageFacts())) for item in standings]

    @property
    def done(self) -> int:
        """Return how many boxes of all plans are ticked."""
        return self.view.boxes[0]

    @property
    def total(self) -> int:
        """Return how many boxes there are."""
        return self.view.boxes[1]

    @property
    def open(self) -> int:
        """Return how many decisions are open."""
        return sum(len(row.decisions) for row in self.rows)

    @functools.cached_property
    def _costs(self) -> list[KnownCost]:
        return [row.cost for row in self.rows if row.cost and row.status not in GIVEN_UP]

    @property
    def priced(self) -> int:
        """Return of how many tracks that were not given up the cost is known."""
        return len(self._costs)

    @property
    def shows_cost(self) -> bool:
        """Tell whether the cost of any track is known."""
        return any(row.cost for row in self.rows)

    @property
    def cost(self) -> KnownCost | None:
        """Return what these cost together, where there are any."""
        return KnownCost.of(self._costs, whole=True) if self._costs else None

    @property
    def proven(self) -> bool:
        """Tell whether any track has evidence."""
        return any(row.evidence for row in self.rows)

    @property
    def alarms(self) -> list[tuple[str, int, str]]:
        """Return what of evidence somebody has to look at: its filter, how many, what one is."""
        counts: Counter[str] = Counter()
        for row in self.rows:
            counts.update({state.value: number for state, number in row.proofs})
            counts.update(name for name in row.evidence if name in (_DRIFTED, _UNREAD))
        return [(name, counts[name], one) for name, one in _ALARMS.items() if counts[name]]

    @property
    def overdue(self) -> int:
        """Return how many decisions were due before a phase that has begun."""
        return sum(row.overdue for row in self.rows)

    @property
    def statuses(self) -> list[tuple[str, int]]:
        """Return each status that occurs with the number of its tracks."""
        return [(name, len(group)) for name, group in self.view.groups()]

    @property
    def columns(self) -> list[tuple[str, str]]:
        """Return key and heading of each column."""
        proof = [("proof", "Evidence")] if self.proven else []
        price = [("cost", "Cost a month")] if self.shows_cost else []
        return [
            ("title", "Component"),
            ("status", "Status"),
            ("storage", "Storage"),
            ("progress", "Progress"),
            ("decisions", "Open decisions"),
            *proof,
            *price,
            ("next", "Next task"),
            ("age", "Age"),
        ]

    @property
    def filters(self) -> list[Filter]:
        """Return by what the rows can be narrowed; what all have in common is left out."""
        rows = self.rows
        had: dict[tuple[str, str], list[list[str]]] = {
            ("status", "Status"): [[row.status] for row in rows],
            ("type", "Type"): [[row.type] for row in rows],
            ("backend", "Backend"): [[row.backend] for row in rows],
            ("decides", "Who decides"): [row.deciders for row in rows],
            ("due", "Due"): [row.phases for row in rows],
            ("evidence", "Evidence"): [row.evidence for row in rows],
            ("version", "Template"): [[row.version] for row in rows],
        }
        found = []
        for (name, label), each in had.items():
            values = set().union(*each)
            if len(values) > 1 or (values and [] in each):
                found.append(Filter(name, label, sorted(values - {""})))
        return found

    @functools.cached_property
    def matrix(self) -> Matrix:
        """Return how many decisions wait for whom before which phase."""
        return matrix(row.decisions for row in self.rows)

    @property
    def advice(self) -> dict[Row, list[Advice]]:
        """Return what needs attention by track, as much as is read."""
        rows = {row.id: row for row in self.rows}
        found: dict[Row, list[Advice]] = {}
        for each in self.view.advice[:_MOST_ADVICE]:
            found.setdefault(rows[each.id], []).append(each)
        return found

    @property
    def more_advice(self) -> int:
        """Return how much more there is."""
        return max(len(self.view.advice) - _MOST_ADVICE, 0)
