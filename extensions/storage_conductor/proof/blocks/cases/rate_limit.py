"""Rate limit: exactly the limit is let through, by caller and by window, and counts go away."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from ..trial import AT_ONCE, Trial, won

_EVER = 600_000


def case(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    """Yield what should not be."""
    yield from _limit(trial, numbers)
    yield from _ages(trial, numbers)
    for after in trial.deaths("admit"):
        yield from _dies(trial, f"d{next(numbers)}", next(numbers), after)


def _request(caller: str, number: int, most: int, milliseconds: int = _EVER) -> dict[str, Any]:
    return {"caller": caller, "number": number, "most": most, "milliseconds": milliseconds}


def _limit(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    for most in (1, AT_ONCE - 2):
        caller, other = f"c{next(numbers)}", f"o{next(numbers)}"
        earlier, number = next(numbers), next(numbers)
        mine = _request(caller, number, most)
        # One of another caller and one of another window, which have room: nothing may count there.
        beside = [{**mine, "caller": other, "most": 1}, {**mine, "number": earlier, "most": 1}]
        if len(won(trial.together([("admit", request) for request in beside]))) != len(beside):
            yield "the first of a window was refused"
        let_in = len(won(trial.together([("admit", mine)] * AT_ONCE)))
        if let_in != most:
            yield f"{let_in} of {AT_ONCE} at once were let through, the limit is {most}"
        if won([trial.do("admit", **mine)]):
            yield "one more was let through"
        counts = [trial.count("used", **request) for request in beside]
        if counts != [1, 1]:
            yield f"what is another caller's and another window's was counted as {counts}"


def _ages(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    caller, number = f"a{next(numbers)}", next(numbers)
    trial.do("admit", **_request(caller, number, 1, 300))
    if trial.has("purge"):
        trial.do("purge", number=number)
    if trial.count("used", caller=caller, number=number) != 1:
        yield "a window was removed before its end"
    trial.pass_time("purge", 0.5, number=number + 1)
    if trial.count("used", caller=caller, number=number) != 0:
        yield "a window that is over stays for ever"


def _dies(trial: Trial, caller: str, number: int, after: int) -> Iterator[str]:
    """A crash costs its caller one at most, and never lets more through."""
    request = _request(caller, number, 2)
    trial.kill("admit", after, **request)
    let_in = len(won(trial.together([("admit", request)] * AT_ONCE)))
    if let_in not in (1, 2):
        yield f"after a crash {let_in} were let through, the limit is 2"
