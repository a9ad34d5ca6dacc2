"""Content-addressed files: what was stored under a name is read, whoever sweeps meanwhile."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator
from typing import Any

from ..callers import DONE, Answered
from ..trial import AT_ONCE, Request, Trial, won

_OLD = {"seconds": 600}


def case(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    """Yield what should not be."""
    yield from _kept_once(trial, next(numbers))
    yield from _power_lost(trial, next(numbers))
    yield from _two_sweepers(trial, next(numbers))
    for step in trial.steps("store"):
        yield from _swept_before(trial, next(numbers), step)
    for step in trial.steps("mark") if trial.has("mark") else ():
        yield from _stored_before(trial, next(numbers), step)
    for after in trial.deaths("store"):
        yield from _dies(trial, next(numbers), after)


def _file(number: int, name: str = "a") -> dict[str, Any]:
    content = f"content {number} " * 200
    hashed = hashlib.sha256(content.encode()).hexdigest()
    mine = {"name": f"{number}{name}", "token": f"{number}{name}", "sweeper": "s"}
    return {**mine, "hash": hashed, "content": content}


def _read(trial: Trial, file: dict[str, Any]) -> Any:
    found = trial.do("read", **file)
    return found.values.get("content") if found.word == DONE else None


def _kept(trial: Trial, file: dict[str, Any]) -> list[str]:
    """Return the names under which something of a content is kept beside its own names."""
    found = (str(row["value"]) for row in trial.look("kept", **file))
    return [name for name in found if file["hash"] in name]


def _looking(sweeper: str, file: dict[str, Any]) -> Request:
    return "mark", {**file, "sweeper": sweeper}


def _sweeps(trial: Trial, file: dict[str, Any], sweeper: str = "s") -> list[Request]:
    """Return what a sweep does that finds nothing in its way."""
    mine = {**file, "sweeper": sweeper}
    if trial.has("sweep"):
        return [("sweep", _OLD)]
    return [("mark", mine), ("remove", mine), ("unmark", mine)]


def _sweep(trial: Trial, file: dict[str, Any]) -> None:
    if trial.has("sweep"):
        trial.do("sweep", **_OLD)
        return
    _end(trial, file, trial.do("mark", **file))


def _end(trial: Trial, file: dict[str, Any], looked: Answered) -> None:
    if looked.word == DONE:
        trial.do("remove", **file)
    trial.do("unmark", **file)


def _again(trial: Trial, file: dict[str, Any]) -> bool:
    return trial.do("store", **{**file, "token": f"{file['token']} again"}).word == DONE


def _there(trial: Trial, file: dict[str, Any], told: bool, when: str) -> Iterator[str]:
    """What was told to be stored is read, now and after a sweep; else it can be stored."""
    if told and _read(trial, file) != file["content"]:
        yield f"{when} what was told to be stored is not there"
    if not told and _read(trial, file) != file["content"] and not _again(trial, file):
        yield f"{when} it cannot be stored again"
    _sweep(trial, file)
    if _read(trial, file) != file["content"]:
        yield f"{when} a sweep took what a name refers to"


def _kept_once(trial: Trial, number: int) -> Iterator[str]:
    files = [_file(number, f"n{writer}") for writer in range(AT_ONCE)]
    if len(won(trial.together([("store", file) for file in files]))) != AT_ONCE:
        yield "not all who stored one content were told so"
    if any(_read(trial, file) != file["content"] for file in files):
        yield "what was stored is not read"
    first, second = files[:2]
    yield from _once(trial, first, second)
    for file in files[1:]:
        trial.do("drop", **file)
    _sweep(trial, first)
    _again(trial, second)
    yield from _once(trial, first, second)
    trial.do("drop", **second)
    if _read(trial, first) != first["content"]:
        yield "a sweep took what a name refers to"
    trial.do("drop", **first)
    _sweep(trial, first)
    if _kept(trial, first) or _read(trial, first) is not None:
        yield "content stays to which no name refers"
    yield from _there(trial, first, _again(trial, first), "after it was swept")


def _once(trial: Trial, first: dict[str, Any], second: dict[str, Any]) -> Iterator[str]:
    pair = {**first, "other": second["name"]}
    apart = trial.knows("same") and not any(row["value"] for row in trial.look("same", **pair))
    if apart or _kept(trial, first)[1:]:
        yield "one content is kept twice"


def _power_lost(trial: Trial, number: int) -> Iterator[str]:
    if trial.knows("loss"):
        file = _file(number)
        told = trial.do("store", **file).word == DONE
        trial.look("loss")
        if told and _read(trial, file) != file["content"]:
            yield "what was told to be stored is not there, or not whole, after a power loss"


def _two_sweepers(trial: Trial, number: int) -> Iterator[str]:
    """One sweep ends while another, which saw no name either, has not yet removed the content."""
    if not trial.has("mark"):
        return
    file = _file(number)
    trial.do("store", **file)
    trial.do("drop", **file)
    slow = {**file, "sweeper": "slow"}
    looked = trial.do("mark", **slow)
    _sweep(trial, file)
    told = _again(trial, file)
    _end(trial, slow, looked)
    yield from _there(trial, file, told, "after two sweeps")


def _swept_before(trial: Trial, number: int, step: str) -> Iterator[str]:
    """A sweep comes in before a step of an upload, whose content was there or not."""
    for was_there in (True, False):
        file = _file(number, str(was_there))
        other = _file(number, "other")
        if was_there:
            trial.do("store", **other)
            trial.do("drop", **other)
        stored, _ = trial.meanwhile(("store", file), step, _sweeps(trial, file))
        yield from _there(trial, file, stored.word == DONE, f"swept before {step}")
        if trial.has("mark"):
            yield from _marked_before(trial, number, step)
        trial.do("drop", **file)
        _sweep(trial, file)


def _marked_before(trial: Trial, number: int, step: str) -> Iterator[str]:
    """A sweep has looked before an upload, or before a step of it, and removes after that."""
    for early in (True, False):
        file = _file(number + 1_000_000, f"{step}{early}")
        trial.do("store", **file)
        trial.do("drop", **file)
        mark, remove, unmark = _sweeps(trial, file)
        if early:
            trial.do("mark", **file)
            told, _ = trial.meanwhile(("store", file), step, [remove, unmark])
        else:
            told, (looked,) = trial.meanwhile(("store", file), step, [mark])
            _end(trial, file, looked)
        yield from _there(trial, file, told.word == DONE, f"marked for a sweep before {step}")
        trial.do("drop", **file)
        _sweep(trial, file)


def _stored_before(trial: Trial, number: int, step: str) -> Iterator[str]:
    """An upload comes in before a step of a sweep."""
    file = _file(number)
    trial.do("store", **file)
    trial.do("drop", **file)
    looked, (stored,) = trial.meanwhile(("mark", file), step, [("store", file)])
    _end(trial, file, looked)
    yield from _there(trial, file, stored.word == DONE, f"stored before {step} of a sweep")


def _dies(trial: Trial, number: int, after: int) -> Iterator[str]:
    """After a crash it is stored or can be, and a sweep takes what is left of it otherwise."""
    when = f"after a crash after step {after + 1}"
    file = _file(number)
    trial.kill("store", after, **file)
    if trial.has("sweep"):
        trial.do("sweep", **_OLD)
        left = _kept(trial, file)
        trial.do("sweep", seconds=-1)
        if after < 3 and not left:
            yield f"{when} a young temporary name was swept"
    yield from _there(trial, file, _again(trial, file), when)
    trial.do("drop", **file)
    _sweep(trial, file)
    if trial.has("sweep"):
        trial.do("sweep", seconds=-1)
    if _kept(trial, file):
        yield f"{when} something stays to which no name refers"
