"""Values valid from a time: one at each time, and what was found is found again."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from ..callers import DONE
from ..trial import AT_ONCE, Trial, won


def case(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    """Yield what should not be."""
    yield from _in_time(trial, next(numbers), next(numbers))
    yield from _corrected(trial, next(numbers))
    yield from _at_once(trial, next(numbers))
    for before in trial.steps("set"):
        yield from _asked_meanwhile(trial, next(numbers), before)
    for after in trial.deaths("set"):
        yield from _dies(trial, next(numbers), after)


def _day(number: int) -> str:
    return f"2026-01-{number:02} 00:00:00"


def _subject(trial: Trial, number: int) -> int:
    trial.seed("subject", subject=f"s{number}")
    return number


def _setting(number: int, day: int) -> tuple[str, dict[str, Any]]:
    return "set", {"subject": f"s{number}", "valid_from": _day(day), "value": f"{day}"}


def _set(trial: Trial, number: int, day: int) -> int:
    """Write a value from a day on; return its number, 0 where it is refused."""
    action, values = _setting(number, day)
    answer = trial.do(action, **values)
    return int(answer.values.get("number", 0)) if answer.word == DONE else 0


def _now(trial: Trial, number: int, day: int) -> tuple[int, int]:
    """Return the number of the version that is valid on a day, 0 without one, and what is known."""
    answer = trial.do("now", subject=f"s{number}", at=_day(day))
    found = answer.values.get("found", 0) if answer.word == DONE else 0
    return int(found), int(answer.values.get("known", 0))


def _again(trial: Trial, number: int, day: int, known: int) -> int:
    answer = trial.do("again", subject=f"s{number}", at=_day(day), known=known)
    return int(answer.values.get("found", 0)) if answer.word == DONE else 0


def _in_time(trial: Trial, number: int, other: int) -> Iterator[str]:
    """A value from the tenth, one from the twentieth, and one between them that comes last."""
    for subject in (number, other):
        _subject(trial, subject)
    _set(trial, other, 1)
    tenth, twentieth = _set(trial, number, 10), _set(trial, number, 20)
    _set(trial, other, 12)
    between = _set(trial, number, 15)
    wanted = {9: 0, 10: tenth, 14: tenth, 15: between, 19: between, 20: twentieth, 28: twentieth}
    if 0 in (tenth, twentieth, between) or len({tenth, twentieth, between}) != 3:
        yield f"three values have the numbers {tenth}, {twentieth} and {between}"
    if (known := _now(trial, other, 28)[1]) != 2:
        yield f"of a subject with two values {known} are known"
    for day, version in wanted.items():
        if (found := _now(trial, number, day)[0]) != version:
            yield f"on day {day} version {found} is valid, and not {version}"


def _corrected(trial: Trial, number: int) -> Iterator[str]:
    _subject(trial, number)
    first = _set(trial, number, 10)
    found, known = _now(trial, number, 12)
    second = _set(trial, number, 10)
    if found != first or _now(trial, number, 12)[0] != second:
        yield "a correction is not what is valid now"
    if _again(trial, number, 12, known) != first:
        yield "what was found before a correction is not found again"
    _set(trial, number, 11)
    if _again(trial, number, 12, known) != first:
        yield "what was found before another value came between is not found again"


def _at_once(trial: Trial, number: int) -> Iterator[str]:
    _subject(trial, number)
    days = range(1, AT_ONCE + 1)
    written = won(trial.together([_setting(number, day) for day in days]))
    if len(written) != AT_ONCE:
        yield f"of {AT_ONCE} values {len(written)} were written"
    numbers = sorted(int(answer.values["number"]) for answer in written)
    if numbers != [*range(1, AT_ONCE + 1)]:
        yield f"{AT_ONCE} values have the numbers {numbers}"
    if len({_now(trial, number, day)[0] for day in days}) != AT_ONCE:
        yield "of values that were written at once some are valid at no time"


def _asked_meanwhile(trial: Trial, number: int, before: str) -> Iterator[str]:
    """One stands within a write; what another one finds meanwhile is found the same afterwards."""
    _subject(trial, number)
    _set(trial, number, 1)
    asked = ("now", {"subject": f"s{number}", "at": _day(12)})
    _, answers = trial.meanwhile(_setting(number, 10), before, [asked, _setting(number, 11)])
    found, known = (int(answers[0].values.get(name, 0)) for name in ("found", "known"))
    if _again(trial, number, 12, known) != found:
        yield f"what was found while one stood before {before} is not found again"
    if _now(trial, number, 12)[1] != 3:
        yield "two who wrote at once are not both known"


def _dies(trial: Trial, number: int, after: int) -> Iterator[str]:
    when = f"after a crash after step {after + 1}"
    _subject(trial, number)
    _set(trial, number, 1)
    action, values = _setting(number, 10)
    trial.kill(action, after, **values)
    found, known = _now(trial, number, 12)
    if found != known:
        yield f"{when} version {found} is valid, and {known} are known"
    written = _set(trial, number, 10)
    if written != known + 1 or _now(trial, number, 12) != (written, written):
        yield f"{when} a value that is written again is not valid"
