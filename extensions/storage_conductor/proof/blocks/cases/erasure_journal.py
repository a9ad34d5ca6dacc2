"""Erasure with a journal: who was erased stays so after a restore, and nobody else is touched."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from ..trial import Trial


def case(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    """Yield what should not be."""
    beside = _there(trial, f"p{next(numbers)}", numbers)
    for after in [None, *trial.deaths("erase")]:
        person = _there(trial, f"p{next(numbers)}", numbers)
        if after is None:
            trial.do("erase", person_id=person)
            if left := _left(trial, person):
                yield f"of a person that was erased is left {left}"
        else:
            trial.kill("erase", after, person_id=person)
            if (left := _left(trial, person)) not in (0, 11):
                yield f"a crash after step {after + 1} left half of a person: {left}"
        yield from _restored(trial, person, numbers)
    for after in trial.deaths("replay"):
        person = _there(trial, f"p{next(numbers)}", numbers)
        trial.do("erase", person_id=person)
        _there(trial, person, numbers)
        trial.kill("replay", after, person_id=person)
        if (left := _left(trial, person)) not in (0, 11):
            yield f"a crash after step {after + 1} of a replay left half of a person: {left}"
        yield from _restored(trial, person, numbers)
    if _left(trial, beside) != 11:
        yield "what is told of somebody else was erased"


def _there(trial: Trial, person: str, numbers: itertools.count[int]) -> str:
    """Have a person and what is told of them, as they are or as a restore brings them back."""
    if not _left(trial, person):
        trial.seed("person", person_id=person)
        trial.seed("trace", id=next(numbers), person_id=person)
    return person


def _left(trial: Trial, person: str) -> int:
    """Return 1 for the person, 10 for each of what is told of them."""
    return trial.count("left", person_id=person)


def _restored(trial: Trial, person: str, numbers: itertools.count[int]) -> Iterator[str]:
    """A state from before comes back; after a replay nobody of the journal is there."""
    asked = not _left(trial, person)
    _there(trial, person, numbers)
    journal = {str(item["person_id"]) for item in trial.sent()}
    if asked and person not in journal:
        yield "a person was erased before that was recorded"
    for _ in range(2):
        for each in sorted(journal & {person}):
            trial.do("replay", person_id=each)
    if person in journal and (left := _left(trial, person)):
        yield f"after a restore and a replay is left {left}"
