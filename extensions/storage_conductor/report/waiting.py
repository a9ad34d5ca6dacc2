"""Open decisions by who decides and before which phase: a table of the board, two filters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ..markdown.outline import plain
from ..phases import PHASES
from ..review.progress import DecisionRow

_NOBODY = "nobody named"
_NO_PHASE = "no phase"


class Waiting(NamedTuple):
    """Decisions of a track that wait for the same person before the same phase.

    A row of the page holds them in this order, and its script reads them by it.

    Args:
        decides: Who decides, as text.
        due: Before which phase, in words.
        number: How many they are.
    """

    decides: str
    due: str
    number: int


class Matrix(NamedTuple):
    """How many decisions of all tracks wait for whom before which phase.

    Args:
        due: Before which phases, each in words and as the heading of its column.
        deciders: Who decides how many before each of these phases, and in all; the most first.
    """

    due: list[tuple[str, str]]
    deciders: list[tuple[str, list[int], int]]


def waiting(decisions: Sequence[DecisionRow]) -> list[Waiting]:
    """Count the open decisions of a track by who decides and when they are due."""
    counts = Counter((_decider(row), _due(row.phase or 0)) for row in decisions)
    return [Waiting(*key, number) for key, number in sorted(counts.items())]


def matrix(tracks: Iterable[Sequence[DecisionRow]]) -> Matrix:
    """Count the open decisions of all tracks; one before a phase that no plan has is left out."""
    headings = [_NO_PHASE, *(f"{at} {name}" for at, name in enumerate(PHASES.values(), start=1))]
    counts: dict[str, Counter[int]] = {}
    for decisions in tracks:
        for row in decisions:
            counts.setdefault(_decider(row), Counter())[row.phase or 0] += 1
    phases = sorted(set().union(*counts.values()) & set(range(len(headings))))
    found = [(who, [of[phase] for phase in phases], of.total()) for who, of in counts.items()]
    return Matrix(
        [(_due(phase), headings[phase]) for phase in phases],
        sorted(found, key=lambda item: (-item[2], item[0])),
    )


def _decider(row: DecisionRow) -> str:
    return plain(row.decides) or _NOBODY


def _due(phase: int) -> str:
    return f"before phase {phase}" if phase else _NO_PHASE
