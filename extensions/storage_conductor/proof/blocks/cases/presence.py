"""Presence: who gave a sign of life in time is shown once, and nobody is brought back."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from typing import Any

from ..callers import DONE
from ..trial import AT_ONCE, Trial, won

_LONG, _SHORT = 600.0, 0.3


def case(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    """Yield what should not be."""
    yield from _come_and_go(trial, next(numbers))
    yield from _silent(trial, next(numbers))
    for action in ("arrive", "leave"):
        for after in trial.deaths(action):
            yield from _dies(trial, next(numbers), action, after)


def _connection(room: int, member: str, device: str = "", seconds: float = _LONG) -> dict[str, Any]:
    mine = {"id": f"{room}-{member}{device}", "room": f"room{room}", "member": member}
    return {**mine, **_lasting(seconds)}


def _lasting(seconds: float = _LONG) -> dict[str, Any]:
    return {"seconds": seconds, "milliseconds": round(seconds * 1000)}


def _stays(trial: Trial, room: int) -> Iterator[str]:
    """Where a room goes by itself, nothing of it is there for ever."""
    if not trial.has("sweep"):
        for part in ("until", "members"):
            if trial.count("lives", room=f"room{room}", part=part) <= 0:
                yield f"the {part} of a room stay for ever"


def _there(trial: Trial, room: int) -> list[str]:
    found = trial.do("present", room=f"room{room}")
    return sorted(str(row["member"]) for row in found.rows)


def _tidy(trial: Trial, room: int) -> Iterator[str]:
    """Where it stands apart whose a connection is, it goes with the connection."""
    asked = {"room": f"room{room}"}
    if trial.knows("members") and trial.count("members", **asked) != trial.count("kept", **asked):
        yield "it stays whose a connection was that is gone"


def _come_and_go(trial: Trial, room: int) -> Iterator[str]:
    members = [f"m{number}" for number in range(AT_ONCE - 1)]
    came = [_connection(room, member) for member in members]
    came.append(_connection(room, "m0", " phone"))
    beside = _connection(room + 1_000_000, "other")
    trial.do("arrive", **beside)
    yield from _stays(trial, room + 1_000_000)
    if len(won(trial.together([("arrive", it) for it in came]))) != len(came):
        yield "not all who come in at once are let in"
    if (found := _there(trial, room)) != members:
        yield f"there are {found} and not {members}"
    if won([trial.do("arrive", **{**came[1], "member": "thief"})]):
        yield "one connection came in under the id of another"
    trial.do("leave", **came[0])
    trial.do("leave", **came[1])
    if (found := _there(trial, room)) != [members[0], *members[2:]]:
        yield f"after one connection of m0 and the only one of m1 ended, there are {found}"
    yield from _tidy(trial, room)
    if won([trial.do("beat", **came[1])]) or "m1" in _there(trial, room):
        yield "a late sign of life brought back who left"
    if not won([trial.do("beat", **came[2])]):
        yield "a sign of life was refused"
    again = _connection(room, "m1")
    if not won([trial.do("arrive", **again)]) or "m1" not in _there(trial, room):
        yield "who left cannot come in again"
    if _there(trial, room + 1_000_000) != ["other"]:
        yield "the end of one connection ended that of another"


def _silent(trial: Trial, room: int) -> Iterator[str]:
    """Two are silent after coming in for a short time; a third gives a sign of life."""
    silent, other = (_connection(room, name, seconds=_SHORT) for name in "ab")
    for connection in (silent, other):
        trial.do("arrive", **connection)
    short = _alive(trial, room)
    if not short:
        yield "a sign of life in its time was refused"
    time.sleep(short + 0.1)
    before = trial.count("kept", room=f"room{room}")
    if (found := _there(trial, room)) != ["c"]:
        yield f"after two of three were silent for their time, there are {found}"
    if trial.count("kept", room=f"room{room}") != before:
        yield "who asked has written"
    if won([trial.do("beat", **silent)]) or _there(trial, room) != ["c"]:
        yield "a late sign of life brought back who was silent"
    if trial.has("sweep"):
        trial.do("sweep")
    else:
        trial.do("arrive", **_connection(room, "d"))
    if trial.count("kept", room=f"room{room}") != (1 if trial.has("sweep") else 2):
        yield "those that are over stay, or others went with them"
    yield from _tidy(trial, room)
    if "c" not in _there(trial, room):
        yield "who gave a sign of life is gone"


def _alive(trial: Trial, room: int) -> float:
    """Let one come in for a short time and give a sign of life; return that time, 0 if refused.

    A machine that was too slow for that gets more time.
    """
    for seconds in (_SHORT, 4 * _SHORT, 16 * _SHORT, 64 * _SHORT):
        began = time.monotonic()
        brief = _connection(room, "c", f" {seconds}", seconds)
        trial.do("arrive", **brief)
        if won([trial.do("beat", **{**brief, **_lasting()})]):
            return seconds
        if time.monotonic() - began < seconds:
            break
    return 0


def _dies(trial: Trial, room: int, action: str, after: int) -> Iterator[str]:
    connection = _connection(room, "a")
    if action == "leave":
        trial.do("arrive", **connection)
    trial.kill(action, after, **connection)
    if _there(trial, room) != (["a"] if action == "arrive" else []):
        yield f"after a crash after step {after + 1} of {action} there are {_there(trial, room)}"
    if trial.do("beat", **connection).word != (DONE if action == "arrive" else "gone"):
        yield f"after a crash after step {after + 1} of {action} a sign of life is answered wrong"
