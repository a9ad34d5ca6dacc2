"""Job queue: one worker and one effect for each job, whoever dies, and none that blocks others."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from typing import Any

from ..callers import DONE, Answered
from ..trial import AT_ONCE, GRACE, LONG_GRACE, Request, Trial, won

_SHORT, _LONG, _MOST = 0.4, 600.0, 3


def case(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    """Yield what should not be."""
    yield from _race(trial, numbers)
    yield from _between(trial, numbers)
    yield from _too_late(trial, numbers)
    yield from _fails(trial, numbers)
    yield from _poison(trial, numbers)
    for after in trial.deaths("claim"):
        yield from _claim_dies(trial, numbers, after)
    for after in trial.deaths("finish"):
        yield from _finish_dies(trial, numbers, after)


def _queue(trial: Trial, numbers: itertools.count[int], count: int) -> list[str]:
    """Have so many jobs and no others; return their names."""
    trial.seed("wipe")
    names = [f"j{next(numbers)}" for _ in range(count)]
    for name in names:
        trial.do("put", payload=name)
    return names


def _claim(numbers: itertools.count[int], seconds: float = _LONG) -> Request:
    return "claim", {"lease": f"w{next(numbers)}", "seconds": seconds, "most": _MOST}


def _take(trial: Trial, numbers: itertools.count[int], seconds: float = _LONG) -> Answered:
    return trial.together([_claim(numbers, seconds)])[0]


def _finish(taken: Answered, numbers: itertools.count[int]) -> Request:
    mine = {name: taken.values.get(name) for name in ("job_id", "lease")}
    return "finish", {**mine, "id": next(numbers), "job": taken.values.get("payload")}


def _once(trial: Trial, names: list[str], what: str) -> Iterator[str]:
    for name in names:
        if (count := trial.count("effects", job=name)) != 1:
            yield f"{what} a job took effect {count} times"


def _race(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    names = _queue(trial, numbers, AT_ONCE // 2)
    taken = won(trial.together([_claim(numbers) for _ in range(AT_ONCE)]))
    had = sorted(str(item.values.get("payload")) for item in taken)
    if had != sorted(names):
        yield f"of {len(names)} jobs {had} were taken"
        return
    trial.together([_finish(item, numbers) for item in taken])
    yield from _once(trial, names, "after a race")
    if trial.count("jobs"):
        yield "a job that is done is still there"


def _between(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    """One worker stands between its look and its lease, and another one claims."""
    names = _queue(trial, numbers, 2)
    # SQLite has one writer at a time, so that the second waits whatever it asks for.
    alone = trial.store == "sqlite"
    grace = GRACE if alone else LONG_GRACE
    first, (second,) = trial.meanwhile(_claim(numbers), "lease", [_claim(numbers)], grace)
    had = {str(item.values.get("payload")) for item in (first, second)}
    if had != set(names):
        yield f"two workers at once have {sorted(had)}"
    if second.waited and not alone:
        yield "one worker waited for another one's claim"


def _too_late(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    names = _queue(trial, numbers, 2)
    late, other = _take(trial, numbers, _SHORT), _take(trial, numbers)
    time.sleep(_SHORT * 1.5)
    again = _take(trial, numbers)
    if again.values.get("payload") != late.values.get("payload"):
        yield "a job whose worker is gone was not taken by another one"
    if trial.do("fail", **{**late.values, "seconds": 0}).word != "lease lost":
        yield "a worker gave back what another one has"
    if trial.together([_finish(late, numbers)])[0].word != "lease lost":
        yield "a worker whose lease was over ended the job"
    trial.together([_finish(again, numbers)])
    trial.together([_finish(other, numbers)])
    yield from _once(trial, names, "after a lease that was over")


def _fails(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    """What fails is free after its pause, and stands aside after its attempts."""
    _queue(trial, numbers, 1)
    for attempt in range(_MOST):
        taken = _take(trial, numbers)
        if taken.word != DONE:
            yield f"attempt {attempt + 1} of a job that failed ended in {taken.word}"
        if attempt == 0:
            trial.do("fail", **{**taken.values, "seconds": _SHORT})
            if _take(trial, numbers).word == DONE:
                yield "a job was taken within its pause"
            time.sleep(_SHORT * 1.5)
        else:
            trial.do("fail", **{**taken.values, "seconds": 0})
    if _take(trial, numbers).word == DONE:
        yield "a job was taken more often than is allowed"


def _poison(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    """A job whose workers all die stands aside, and the next one is taken."""
    _, next_one = _queue(trial, numbers, 2)
    first = [_take(trial, numbers, 0) for _ in range(_MOST)]
    if len({item.values.get("job_id") for item in first}) != 1:
        yield "a job whose worker died was passed over"
    if _take(trial, numbers).values.get("payload") != next_one:
        yield "a job whose workers die holds up another one"


def _claim_dies(trial: Trial, numbers: itertools.count[int], after: int) -> Iterator[str]:
    names = _queue(trial, numbers, 1)
    values: dict[str, Any] = {**_claim(numbers, 0)[1]}
    trial.kill("claim", after, **values)
    trial.together([_finish(_take(trial, numbers), numbers)])
    yield from _once(trial, names, f"after a crash after step {after + 1} of claim")


def _finish_dies(trial: Trial, numbers: itertools.count[int], after: int) -> Iterator[str]:
    names = _queue(trial, numbers, 1)
    _, values = _finish(_take(trial, numbers, 0), numbers)
    trial.kill("finish", after, **values)
    again = _take(trial, numbers)
    if again.word == DONE:
        trial.together([_finish(again, numbers)])
    yield from _once(trial, names, f"after a crash after step {after + 1} of finish")
