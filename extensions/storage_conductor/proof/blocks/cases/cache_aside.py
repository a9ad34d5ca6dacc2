"""Cache aside: nothing old is filled in after a change, and one reads the source for all."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Sequence
from typing import Any

from ..callers import DONE
from ..trial import AT_ONCE, Request, Trial, won

_LONG, _SHORT = 600, 1  # seconds


def case(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    """Yield what should not be."""
    yield from _miss_and_hit(trial, f"k{next(numbers)}")
    yield from _changed_while_loading(trial, numbers)
    yield from _loaded_while_changing(trial, numbers)
    yield from _stampede(trial, numbers)
    yield from _dies(trial, numbers)
    yield from _ages(trial, f"k{next(numbers)}")


def _load(key: str, loader: str = "t", seconds: int = _LONG, lease: int = _LONG) -> Request:
    lives = {"seconds": seconds, "milliseconds": seconds * 1000}
    leased = {"lease_seconds": lease, "lease_milliseconds": lease * 1000}
    return "load", {"key": key, "token": loader, **lives, **leased}


def _change(key: str, value: str) -> Request:
    return "change", {"key": key, "value": value}


def _source(trial: Trial, key: str, value: str) -> None:
    name, values = _change(key, value)
    trial.do(name, **values)


def _read(trial: Trial, key: str) -> Any:
    found = trial.do("read", key=key)
    return found.values.get("value") if found.word == DONE else None


def _loaded(trial: Trial, key: str, **values: Any) -> bool:
    name, asked = _load(key, **values)
    return trial.do(name, **asked).word == DONE


def _miss_and_hit(trial: Trial, key: str) -> Iterator[str]:
    _source(trial, key, "first")
    if _read(trial, key) is not None:
        yield "there is a value that nobody filled in"
    if not _loaded(trial, key) or _read(trial, key) != "first":
        yield "who missed could not fill in the value"
    if _loaded(trial, key, loader="u"):
        yield "the source was read for a value that is there"
    _source(trial, key, "second")
    if _read(trial, key) is not None:
        yield "after a change was acknowledged the old value is served"
    if not _loaded(trial, key) or _read(trial, key) != "second":
        yield "after a change the new value could not be filled in"


def _changed_while_loading(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    """A change, and another load, between any two steps of a load."""
    for step, others in itertools.product(("lease", "mark", "fetch", "fill"), (0, 1)):
        key = f"k{next(numbers)}"
        _source(trial, key, "old")
        meanwhile: Sequence[Request] = [_change(key, "new"), *([_load(key, "other")] * others)]
        trial.meanwhile(_load(key, "slow"), step, meanwhile)
        if _read(trial, key) == "old":
            yield f"a value that was read before a change was filled in after it ({step})"
        if _read(trial, key) is None:
            _loaded(trial, key, loader="next")
        if _read(trial, key) != "new":
            yield f"after a change during a load nobody can fill in the new value ({step})"


def _loaded_while_changing(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    """A load between the steps of a change."""
    for step in ("write", "empty"):
        key = f"k{next(numbers)}"
        _source(trial, key, "old")
        trial.meanwhile(_change(key, "new"), step, [_load(key)])
        if _read(trial, key) == "old":
            yield f"after a change was acknowledged the old value is served (load before {step})"


def _stampede(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    """Many miss at once, and one of them pauses with the lease."""
    for step in ("fetch", "fill"):
        key = f"k{next(numbers)}"
        _source(trial, key, "value")
        others = [_load(key, f"t{number}") for number in range(2)]
        first, rest = trial.meanwhile(_load(key, "first"), step, others)
        if first.word != DONE or won(rest):
            yield f"while one loads, {len(won(rest))} others read the source"
    key = f"k{next(numbers)}"
    _source(trial, key, "value")
    winners = won(trial.together([_load(key, f"t{number}") for number in range(AT_ONCE)]))
    if len(winners) != 1 or _read(trial, key) != "value":
        yield f"{len(winners)} of {AT_ONCE} that missed at once read the source"


def _over(trial: Trial) -> float:
    """Return the seconds after which a short lifetime is over; Memcached counts whole ones."""
    return _SHORT * 2 + 0.2 if trial.store == "memcached" else _SHORT + 0.1


def _dies(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    """Who dies leaves a lease or an old value for no longer than its lifetime."""
    keys = {after: f"k{next(numbers)}" for after in trial.deaths("load")}
    for after, key in keys.items():
        _source(trial, key, "value")
        name, values = _load(key, "dead", lease=_SHORT)
        trial.kill(name, after, **values)
    half = {after: f"k{next(numbers)}" for after in trial.deaths("change")}
    for after, key in half.items():
        _source(trial, key, "old")
        _loaded(trial, key, seconds=_SHORT)
        name, values = _change(key, "new")
        trial.kill(name, after, **values)
    time.sleep(_over(trial))
    for after, key in keys.items():
        if _read(trial, key) is None and not _loaded(trial, key):
            yield f"after a crash after step {after + 1} of a load nobody can load"
    for after, key in half.items():
        _loaded(trial, key)
        if _read(trial, key) != "new":
            yield f"after a crash after step {after + 1} of a change the old value stays"


def _ages(trial: Trial, key: str) -> Iterator[str]:
    _source(trial, key, "value")
    _loaded(trial, key, seconds=_SHORT)
    time.sleep(_over(trial))
    if _read(trial, key) is not None:
        yield "a value stays for ever"
    if not _loaded(trial, key):
        yield "a value that ended cannot be loaded again"
