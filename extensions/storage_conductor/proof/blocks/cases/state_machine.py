"""State machine: allowed moves alone, one at a time, and a history that is the whole of them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from ..callers import DONE
from ..trial import AT_ONCE, Request, Trial, won

_ALLOWED = [("new", "paid"), ("new", "void"), ("paid", "sent"), ("void", "new")]


def case(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    """Yield what should not be."""
    trial.seed("emptied")
    for one, other in _ALLOWED:
        trial.seed("allowed", from_state=one, to_state=other)
    yield from _refused(trial, numbers)
    yield from _race(trial, numbers)
    yield from _returned(trial, numbers)
    for after in trial.deaths("move"):
        yield from _dies(trial, numbers, after)


def _subject(trial: Trial, numbers: itertools.count[int]) -> int:
    subject = next(numbers)
    trial.seed("subject", id=subject, state="new")
    return subject


def _move(subject: int, one: str, other: str) -> Request:
    return "move", {"subject_id": subject, "from_state": one, "to_state": other}


def _chain(trial: Trial, subject: int, what: str) -> Iterator[str]:
    """The history leads from the first state to the one that the subject has."""
    state = trial.look("state", id=subject)[0]["state"]
    reached = "new"
    for row in trial.look("history", id=subject):
        if row["from_state"] != reached:
            yield f"{what} the history goes on from {row['from_state']} after {reached}"
        reached = str(row["to_state"])
    if reached != state:
        yield f"{what} the state is {state}, and the history ends in {reached}"


def _refused(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    subject, other = _subject(trial, numbers), _subject(trial, numbers)
    for one, to in (("new", "sent"), ("paid", "sent"), ("sent", "paid")):
        if won(trial.together([_move(subject, one, to)])):
            yield f"a new subject went from {one} to {to}"
    for one, to in _ALLOWED[0], _ALLOWED[2]:
        if not won(trial.together([_move(subject, one, to)])):
            yield f"a subject could not go from {one} to {to}"
    yield from _chain(trial, subject, "after two moves")
    yield from _chain(trial, other, "beside two moves")


def _race(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    subject = _subject(trial, numbers)
    moves = [_move(subject, *_ALLOWED[number % 2]) for number in range(AT_ONCE)]
    if len(done := won(trial.together(moves))) != 1:
        yield f"{len(done)} moves at once from one state were made"
    yield from _chain(trial, subject, "after moves at once")


def _returned(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    """One stands with what it has seen, while the subject leaves that state and comes back."""
    subject = _subject(trial, numbers)
    meanwhile = [_move(subject, "new", "void"), _move(subject, "void", "new")]
    trial.meanwhile(_move(subject, "new", "paid"), "change", meanwhile)
    yield from _chain(trial, subject, "after it left a state and came back")


def _dies(trial: Trial, numbers: itertools.count[int], after: int) -> Iterator[str]:
    subject = _subject(trial, numbers)
    action, values = _move(subject, "new", "paid")
    trial.kill(action, after, **values)
    what = f"after a crash after step {after + 1}"
    yield from _chain(trial, subject, what)
    again = trial.do(action, **values)
    if again.word != DONE and trial.look("state", id=subject)[0]["state"] != "paid":
        yield f"{what} the move ended in {again.word}"
    yield from _chain(trial, subject, f"{what} and a repeat")
