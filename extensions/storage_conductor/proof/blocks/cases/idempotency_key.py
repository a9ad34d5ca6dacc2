"""Idempotency key: one effect and one answer for each key, whoever repeats and whatever dies."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from ..callers import DONE
from ..trial import AT_ONCE, Trial, won

_EVER = 600_000


def case(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    """Yield what should not be."""
    yield from _race(trial, numbers)
    yield from _id_taken(trial, numbers)
    for after in trial.deaths("apply"):
        yield from _dies(trial, numbers, after)
    yield from _ages(trial, numbers)


def _request(key: str, numbers: itertools.count[int], body: str = "body") -> dict[str, Any]:
    effect = next(numbers)
    mine = {"id": effect, "request_key": key, "response": f"answer {effect}"}
    return {"key": key, "fingerprint": body, "milliseconds": _EVER, **mine}


def _sent(trial: Trial, request: dict[str, Any]) -> str:
    """Send a request as a client does: where it is a repeat, ask for the answer."""
    answered = trial.do("apply", **request)
    if answered.word == DONE:
        return str(request["response"])
    again = trial.do("repeat", key=request["key"], fingerprint=request["fingerprint"])
    return str(again.values.get("response")) if again.word == DONE else again.word


def _one(trial: Trial, key: str) -> Iterator[str]:
    count = trial.count("effects", key=key, request_key=key)
    if count != 1:
        yield f"one key took effect {count} times"


def _race(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    key = f"k{next(numbers)}"
    answers = trial.together([("apply", _request(key, numbers)) for _ in range(AT_ONCE)])
    first = won(answers)
    if len(first) != 1:
        yield f"{len(first)} senders were told that they were the first"
        return
    yield from _one(trial, key)
    answer = first[0].values["response"]
    told = {_sent(trial, _request(key, numbers)) for _ in range(2)}
    if told != {answer}:
        yield f"the first was told {answer!r}, repeats {sorted(told)}"
    if (other := _sent(trial, _request(key, numbers, "another body"))) != "other content":
        yield f"another content under the same key was answered {other!r}"
    yield from _one(trial, key)
    bystander = _request(f"k{next(numbers)}", numbers)
    _sent(trial, bystander)
    if _sent(trial, _request(key, numbers)) != answer:
        yield "another request changed the answer"


def _id_taken(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    """An effect under an id that another one has does not take its place."""
    first, second = (_request(f"k{next(numbers)}", numbers) for _ in range(2))
    _sent(trial, first)
    trial.kill("apply", trial.deaths("apply")[-1], **{**second, "id": first["id"]})
    yield from _one(trial, first["key"])


def _dies(trial: Trial, numbers: itertools.count[int], after: int) -> Iterator[str]:
    key = f"k{next(numbers)}"
    request = _request(key, numbers)
    trial.kill("apply", after, **request)
    told = _sent(trial, {**request, "id": next(numbers)})
    if told != request["response"]:
        yield f"after a crash after step {after + 1} the repeat was told {told!r}"
    yield from _one(trial, key)


def _ages(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    """Keys go when they are old, and not before."""
    key = f"k{next(numbers)}"
    _sent(trial, {**_request(key, numbers), "milliseconds": 300})
    if trial.has("purge"):
        trial.do("purge", before="2001-01-01 00:00:00")
    if trial.count("keys", key=key) != 1:
        yield "a young key was purged"
    trial.pass_time("purge", 0.5, before="2101-01-01 00:00:00")
    if trial.count("keys", key=key) != 0:
        yield "an old key stays for ever"
