"""Bulk import: each line is written once or refused, whoever goes on and wherever one dies."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from ..callers import DONE
from ..trial import AT_ONCE, Trial

_LINES = 6  # in batches of two: the first of each is written, the second refused
_ids = itertools.count(1)


def case(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    """Yield what should not be."""
    yield from _at_once(trial, next(numbers))
    yield from _another_content(trial, next(numbers))
    yield from _beside(trial, next(numbers), next(numbers))
    for after in trial.deaths("batch"):
        yield from _dies(trial, next(numbers), after)


def _run(number: int, source: str = "one") -> dict[str, Any]:
    return {"run": f"r{number}", "source": source, "lines": _LINES, "like": f"r{number} %"}


def _batch(number: int, line: int) -> dict[str, Any]:
    mine = {"id": f"i{next(_ids)}-{number}", "line_of_run": f"r{number} {line}"}
    steps = {"from_line": line, "to_line": line + 2, "line": line + 1, "reason": "no name"}
    return {**_run(number), **mine, **steps}


def _next(trial: Trial, number: int) -> int | None:
    found = trial.do("start", **_run(number))
    return int(found.values.get("next_line", 0)) if found.word == DONE else None


def _goes_on(trial: Trial, number: int) -> None:
    """Go on as a worker does: from where it stands, batch by batch, and at most all of it."""
    for _ in range(_LINES):
        line = _next(trial, number)
        if line is None or line >= _LINES:
            break
        trial.do("batch", **_batch(number, line))


def _finished(trial: Trial, number: int) -> bool:
    trial.do("finish", **_run(number))
    return trial.count("done", **_run(number)) == 1


def _whole(trial: Trial, number: int, when: str) -> Iterator[str]:
    written = sorted(str(row["value"]) for row in trial.look("items", **_run(number)))
    refused = sorted(int(row["value"]) for row in trial.look("refused", **_run(number)))
    if written != [f"r{number} {line}" for line in range(0, _LINES, 2)]:
        yield f"{when} the lines {written} are written"
    if refused != [*range(1, _LINES, 2)]:
        yield f"{when} the lines {refused} are refused"
    if not _finished(trial, number):
        yield f"{when} an import whose lines are all read is not done"


def _at_once(trial: Trial, number: int) -> Iterator[str]:
    if _next(trial, number) != 0:
        yield "an import does not begin at its first line"
    if _finished(trial, number):
        yield "an import is done that has lines left"
    for line in range(0, _LINES, 2):
        trial.together([("batch", _batch(number, line)) for _ in range(AT_ONCE)])
    yield from _whole(trial, number, "after several went on at once")


def _another_content(trial: Trial, number: int) -> Iterator[str]:
    _next(trial, number)
    trial.do("batch", **_batch(number, 0))
    if trial.do("start", **_run(number, "other")).word == DONE:
        yield "an import goes on with another content"
    if _next(trial, number) != 2:
        yield "an import does not go on behind its last batch"
    _goes_on(trial, number)
    yield from _whole(trial, number, "after it went on")


def _beside(trial: Trial, number: int, other: int) -> Iterator[str]:
    for run in (number, other):
        _next(trial, run)
    _goes_on(trial, number)
    if _finished(trial, other):
        yield "an import is done that has lines left"
    _goes_on(trial, other)
    yield from _whole(trial, number, "beside another import")
    yield from _whole(trial, other, "after another import")


def _dies(trial: Trial, number: int, after: int) -> Iterator[str]:
    _next(trial, number)
    trial.do("batch", **_batch(number, 0))
    trial.kill("batch", after, **_batch(number, 2))
    _goes_on(trial, number)
    yield from _whole(trial, number, f"after a crash after step {after + 1}")
