"""Erasure with a journal: who was erased stays so after a restore, and nobody else is touched."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from ..trial import Trial

_TRACES = 2  # of each person
_WHOLE = 1 + 10 * _TRACES


def case(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    """Yield what should not be."""
    beside = _there(trial, f"p{next(numbers)}", numbers)
    person = _there(trial, f"p{next(numbers)}", numbers)
    trial.do("erase", person_id=person)
    if left := _left(trial, person):
        yield f"of a person that was erased is left {left}"
    yield from _restored(trial, person, numbers)
    for action in ("erase", "replay"):
        for after in trial.deaths(action):
            yield from _dies(trial, action, after, numbers)
        if trial.has("tell"):
            yield from _told(trial, action, numbers)
    if _left(trial, beside) != _WHOLE:
        yield "what is told of somebody else was erased"


def _there(trial: Trial, person: str, numbers: itertools.count[int]) -> str:
    """Have a person and what is told of them, as they are or as a restore brings them back."""
    if not _left(trial, person):
        trial.seed("person", person_id=person)
        for _ in range(_TRACES):
            trial.seed("trace", id=next(numbers), person_id=person)
    return person


def _left(trial: Trial, person: str) -> int:
    """Return 1 for the person, 10 for each of what is told of them."""
    asked = {"person_id": person}
    return trial.count("persons", **asked) + 10 * trial.count("traces", **asked)


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


def _dies(trial: Trial, action: str, after: int, numbers: itertools.count[int]) -> Iterator[str]:
    """An erasure, or its replay, is killed, and is killed again when nobody is there."""
    when = f"a crash after step {after + 1} of {action}"
    person = _there(trial, f"p{next(numbers)}", numbers)
    if action == "replay":
        trial.do("erase", person_id=person)
        _there(trial, person, numbers)
    trial.kill(action, after, person_id=person)
    if (left := _left(trial, person)) not in (0, _WHOLE):
        yield f"{when} left half of a person: {left}"
    yield from _restored(trial, person, numbers)
    trial.kill(action, after, person_id=person)
    if _left(trial, person):
        yield f"{when} brought a person back"


def _told(trial: Trial, action: str, numbers: itertools.count[int]) -> Iterator[str]:
    """Something is told of a person while they are erased, and after it."""
    person = _there(trial, f"p{next(numbers)}", numbers)
    trial.do("tell", **_telling(person, numbers))
    if _left(trial, person) != _WHOLE + 10:
        yield "nothing can be told of a person who is there"
    for before in ("close", "begin"):
        person = _there(trial, f"p{next(numbers)}", numbers)
        told = ("tell", _telling(person, numbers))
        trial.meanwhile((action, {"person_id": person}), before, [told])
        yield from _gone(trial, person, f"what was told before {before}")
    person = _there(trial, f"p{next(numbers)}", numbers)
    told = ("tell", _telling(person, numbers))
    trial.meanwhile(told, "put", [(action, {"person_id": person})])
    yield from _gone(trial, person, "what was begun before the erasure")
    trial.do("tell", **_telling(person, numbers))
    yield from _gone(trial, person, "what was told after the erasure")


def _telling(person: str, numbers: itertools.count[int]) -> dict[str, Any]:
    return {"person_id": person, "id": next(numbers)}


def _gone(trial: Trial, person: str, what: str) -> Iterator[str]:
    if _left(trial, person):
        yield f"{what} stays of a person that was erased"
