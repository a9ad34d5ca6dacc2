"""Write once: what was written is read unchanged until its date, and can be removed after it."""

from __future__ import annotations

import datetime as dt
import itertools
import time
from collections.abc import Iterator
from typing import Any

from ..callers import DONE
from ..trial import AT_ONCE, Trial, won

_FORBIDDEN = ("overwrite", "shorten", "remove_it", "remove_name", "empty")
_LONG = 3_600  # seconds
_MARGIN = 0.2  # seconds that a clock elsewhere may be behind


def case(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    """Yield what should not be."""
    trial.attempt("clean")
    if trial.has("guard"):
        trial.do("guard")
    yield from _race(trial, next(numbers))
    yield from _after_its_date(trial, next(numbers))
    for tried in _FORBIDDEN:
        yield from _tampered(trial, next(numbers), tried)
    for after in trial.deaths("write"):
        yield from _dies(trial, next(numbers), after)
    trial.attempt("clean")


def _record(number: int, writer: int = 0, seconds: float = _LONG) -> dict[str, Any]:
    until = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds)
    said = {"id": f"r{number}", "content": f"written by {writer}"}
    return {**said, "until": f"{until:%Y-%m-%dT%H:%M:%S}.{until.microsecond // 1000:03}Z"}


def _written(trial: Trial, record: dict[str, Any]) -> dict[str, Any]:
    """Write it; return it with the version that was answered, if any."""
    answered = trial.do("write", **record)
    return {"version": "", **answered.values} if answered.word == DONE else {}


def _content(trial: Trial, record: dict[str, Any]) -> Any:
    asked = {"id": record["id"], "version": record["version"]}
    found = trial.do("read", **asked)
    return found.values.get("content") if found.word == DONE else None


def _race(trial: Trial, number: int) -> Iterator[str]:
    tried = [("write", _record(number, writer)) for writer in range(AT_ONCE)]
    winners = [{"version": "", **answered.values} for answered in won(trial.together(tried))]
    if len(winners) != 1:
        yield f"{len(winners)} writers were told that a name is theirs"
    elif _content(trial, winners[0]) != winners[0]["content"]:
        yield "the name has not the content of the writer who was told so"


def _tampered(trial: Trial, number: int, tried: str) -> Iterator[str]:
    record = _written(trial, _record(number))
    if not record:
        yield "a free name could not be written"
        return
    trial.attempt(tried, **record)
    if won([trial.do("remove", id=record["id"], version=record["version"])]):
        yield f"it was removed before its date (after {tried})"
    if _content(trial, record) != record["content"]:
        yield f"what was written is not read unchanged ({tried})"


def _after_its_date(trial: Trial, number: int) -> Iterator[str]:
    # An object store refuses a date that is over when the request arrives.
    short = 0.3 if trial.has("guard") else 5.0
    record = _written(trial, _record(number, seconds=short))
    if not record:
        yield "a free name could not be written"
        return
    time.sleep(short + _MARGIN)
    if not won([trial.do("remove", id=record["id"], version=record["version"])]):
        yield "it cannot be removed after its date"
    if _content(trial, record) is not None:
        yield "it was removed and is still there"


def _dies(trial: Trial, number: int, after: int) -> Iterator[str]:
    trial.kill("write", after, **_record(number))
    if won([trial.do("write", **_record(number, 1))]):
        yield f"after a crash after step {after + 1} a name was written twice"
