"""Sequence without gaps: numbers from 1 on, each once, whatever dies."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from ..callers import DONE
from ..trial import AT_ONCE, Request, Trial, won


def case(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    """Yield what should not be."""
    other, name = _series(trial, f"a{next(numbers)}"), _series(trial, f"b{next(numbers)}")
    yield from _rush(trial, name, other, numbers)
    yield from _between(trial, name, numbers)
    for after in trial.deaths("issue"):
        yield from _dies(trial, name, after, numbers)
    yield from _again(trial, name, numbers)
    if trial.together([_issue("nowhere", numbers)])[0].word != "no such series":
        yield "something was issued in a series that is not there"


def _series(trial: Trial, name: str) -> str:
    trial.seed("series", name=name)
    return name


def _issue(name: str, numbers: itertools.count[int]) -> Request:
    return "issue", {"name": name, "id": next(numbers)}


def _whole(trial: Trial, name: str, what: str) -> Iterator[str]:
    found = sorted(int(row["number"]) for row in trial.look("numbers", name=name))
    if found != list(range(1, len(found) + 1)):
        yield f"{what} the numbers are {found}"


def _rush(trial: Trial, name: str, other: str, numbers: itertools.count[int]) -> Iterator[str]:
    for _ in range(2):
        issues = [_issue((name, other)[turn % 2], numbers) for turn in range(AT_ONCE)]
        issued = won(trial.together(issues))
        if len(issued) != AT_ONCE:
            yield f"{len(issued)} of {AT_ONCE} were issued"
        for each in (name, other):
            yield from _whole(trial, each, "after a rush")
        for answered in issued:
            rows = trial.look("numbers", name=answered.values["name"])
            had = {int(row["id"]): int(row["number"]) for row in rows}
            if had.get(answered.values["id"]) != answered.values.get("number"):
                yield f"told was {answered.values.get('number')}, {had} stands there"


def _between(trial: Trial, name: str, numbers: itertools.count[int]) -> Iterator[str]:
    """One stands with its number, and another one issues."""
    for before in ("next", "read", "write", "commit"):
        trial.meanwhile(_issue(name, numbers), before, [_issue(name, numbers)])
        yield from _whole(trial, name, f"after one stood before {before}")


def _again(trial: Trial, name: str, numbers: itertools.count[int]) -> Iterator[str]:
    """What is issued again under its own id keeps its number, and uses none."""
    action, values = _issue(name, numbers)
    trial.do(action, **values)
    trial.kill(action, trial.deaths(action)[-1], **values)
    yield from _whole(trial, name, "after the same was issued again")


def _dies(trial: Trial, name: str, after: int, numbers: itertools.count[int]) -> Iterator[str]:
    action, values = _issue(name, numbers)
    trial.kill(action, after, **values)
    what = f"after a crash after step {after + 1}"
    yield from _whole(trial, name, what)
    if (word := trial.together([_issue(name, numbers)])[0].word) != DONE:
        yield f"{what} the next one ended in {word}"
    yield from _whole(trial, name, f"{what} and another one")
