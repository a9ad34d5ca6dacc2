"""Sharded counter: each who counts is in the sum once, and waits for nobody of another shard."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from ..trial import AT_ONCE, LONG_GRACE, Trial, won

_SHARDS = 3


def case(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    """Yield what should not be."""
    yield from _at_once(trial, next(numbers), next(numbers))
    yield from _taken_back(trial, next(numbers), next(numbers))
    yield from _apart(trial, next(numbers))
    for action in ("count", "undo"):
        for after in trial.deaths(action):
            yield from _dies(trial, next(numbers), action, after)


def _made(trial: Trial, number: int) -> int:
    """Make a counter; made twice it is one, as where a crash came between two shards."""
    if trial.has("make"):
        for shard in [*range(_SHARDS), 0]:
            trial.do("make", counter=f"c{number}", shard=shard)
    return number


def _member(number: int, member: int) -> dict[str, Any]:
    return {"counter": f"c{number}", "member": f"m{member}", "shard": member % _SHARDS}


def _total(trial: Trial, number: int) -> int:
    """Return the number as the application reads it."""
    asked = {"counter": f"c{number}"}
    if trial.has("read"):
        return int(trial.do("read", **asked).values.get("total") or 0)
    parts = (trial.do("part", **asked, shard=shard) for shard in range(_SHARDS))
    return sum(int(part.values.get("n") or 0) for part in parts)


def _parts(trial: Trial, number: int) -> list[int]:
    return [trial.count("part", counter=f"c{number}", shard=shard) for shard in range(_SHARDS)]


def _at_once(trial: Trial, number: int, other: int) -> Iterator[str]:
    for counter in (number, other):
        _made(trial, counter)
    members = [_member(number, member) for member in range(AT_ONCE // 2)]
    counted = won(trial.together([("count", member) for member in members * 2]))
    if len(counted) != len(members):
        yield f"{len(counted)} of {len(members)} were told that they are counted"
    if (total := _total(trial, number)) != len(members):
        yield f"{len(members)} counted and the sum is {total}"
    if (parts := _parts(trial, number)) != [1] * _SHARDS:
        yield f"one for each shard counted, and the shards are {parts}"
    if _total(trial, other):
        yield "one counter counted for another"


def _taken_back(trial: Trial, number: int, other: int) -> Iterator[str]:
    for counter in (number, other):
        _made(trial, counter)
        for member in range(_SHARDS):
            trial.do("count", **_member(counter, member))
    taken = won(trial.together([("undo", _member(number, 0)) for _ in range(AT_ONCE)]))
    if len(taken) != 1:
        yield f"one count was taken back {len(taken)} times"
    if (total := _total(trial, number)) != _SHARDS - 1:
        yield f"one of {_SHARDS} was taken back and the sum is {total}"
    if (parts := _parts(trial, number)) != [0, *[1] * (_SHARDS - 1)]:
        yield f"one was taken back from the first shard, and the shards are {parts}"
    if _total(trial, other) != _SHARDS:
        yield "a count of another counter was taken back"
    if won([trial.do("count", **_member(number, 1))]):
        yield "one who was counted was counted again, after another one had taken it back"
    if won([trial.do("count", **_member(other, 0))]):
        yield "one was counted again, after they had taken back another count"
    trial.do("count", **_member(number, 0))
    if (total := _total(trial, number)) != _SHARDS:
        yield f"after one counted again the sum is {total}"


def _apart(trial: Trial, number: int) -> Iterator[str]:
    """One has counted and not yet committed, and another one counts in another shard."""
    _made(trial, number)
    first = ("count", _member(number, 1))
    _, (second,) = trial.meanwhile(first, "commit", [("count", _member(number, 2))], LONG_GRACE)
    if second.waited and trial.store != "sqlite":  # which has one writer
        yield "one who counts in another shard waited"


def _dies(trial: Trial, number: int, action: str, after: int) -> Iterator[str]:
    _made(trial, number)
    member = _member(number, 1)
    if action == "undo":
        trial.do("count", **member)
    when = f"after a crash after step {after + 1} of {action}"
    trial.kill(action, after, **member)
    if (total := _total(trial, number)) not in (0, 1):
        yield f"{when} the sum is {total}"
    trial.do(action, **member)
    if (total := _total(trial, number)) != (action == "count"):
        yield f"{when}, and asked again, the sum is {total}"
