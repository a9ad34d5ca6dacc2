"""Leaderboard: everybody stands once with their best, who was first ahead, in their own period."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from typing import Any

from ..callers import DONE
from ..trial import AT_ONCE, Trial

_APART = 0.01  # seconds between two results, of which one is the first by every clock
_LIFE = 600_000  # milliseconds


def case(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    """Yield what should not be."""
    yield from _equals(trial, next(numbers))
    yield from _any_order(trial, next(numbers))
    yield from _periods(trial, next(numbers), next(numbers))
    for after in trial.deaths("submit"):
        yield from _dies(trial, next(numbers), after)


def _period(number: int) -> str:
    return f"{number:08}"


def _result(number: int, player: str, result: int) -> dict[str, Any]:
    gone = round(time.time() * 1000) + _LIFE
    mine = {"period": _period(number), "player": player, "result": result}
    return {**mine, "gone_at_milliseconds": gone}


def _submitted(trial: Trial, number: int, *results: tuple[str, int]) -> None:
    for player, result in results:
        trial.do("submit", **_result(number, player, result))
        time.sleep(_APART)


def _board(trial: Trial, number: int) -> list[str]:
    found = trial.do("top", period=_period(number), most=AT_ONCE * 2)
    return [str(row["player"]) for row in found.rows]


def _place(trial: Trial, number: int, player: str) -> Any:
    found = trial.do("place", period=_period(number), player=player)
    return int(found.values.get("place", 0)) if found.word == DONE else None


def _stands(trial: Trial, number: int, players: list[str], when: str) -> Iterator[str]:
    """The board is that of the players in this order, and each has the place of it."""
    if (found := _board(trial, number)) != players:
        yield f"{when} the board is {', '.join(found)} and not {', '.join(players)}"
    places = [_place(trial, number, player) for player in players]
    if places != list(range(1, len(players) + 1)):
        yield f"{when} the places of {', '.join(players)} are {places}"


def _equals(trial: Trial, number: int) -> Iterator[str]:
    _submitted(trial, number, ("a", 10), ("c", 20), ("b", 20))
    yield from _stands(trial, number, ["c", "b", "a"], "after equal results")
    _submitted(trial, number, ("c", 20), ("a", 20))
    yield from _stands(trial, number, ["c", "b", "a"], "after an equal result again")
    _submitted(trial, number, ("b", 30), ("c", 5))
    yield from _stands(trial, number, ["b", "c", "a"], "after a better and a worse result")


def _any_order(trial: Trial, number: int) -> Iterator[str]:
    """Many at once, each result twice, in any order."""
    players = [f"p{place}" for place in range(AT_ONCE // 2)]
    results = [
        ("submit", _result(number, player, best - less))
        for place, player in enumerate(players)
        for best in [100 - place * 10]
        for less in (0, 3)
    ]
    trial.together(results)
    trial.together([*reversed(results)])
    yield from _stands(trial, number, players, "after results in any order")


def _periods(trial: Trial, number: int, following: int) -> Iterator[str]:
    _submitted(trial, number, ("a", 10), ("b", 20))
    _submitted(trial, following, ("a", 5))
    yield from _stands(trial, following, ["a"], "in the next period")
    yield from _stands(trial, number, ["b", "a"], "in the period before")
    if _place(trial, following, "b") is not None:
        yield "who has no result in a period has a place in it"
    if trial.has("purge"):
        trial.do("purge", period=_period(following))
        if _board(trial, number):
            yield "a board that is over stays"
        yield from _stands(trial, following, ["a"], "after a purge")
        return
    for part in ("places", "players", "arrivals"):
        if not 0 < trial.count("lives", period=_period(following), part=part) <= _LIFE:
            yield f"the {part} of a board stay for ever"


def _dies(trial: Trial, number: int, after: int) -> Iterator[str]:
    trial.kill("submit", after, **_result(number, "a", 10))
    _submitted(trial, number, ("a", 10), ("b", 10))
    yield from _stands(trial, number, ["a", "b"], f"after a crash after step {after + 1}")
