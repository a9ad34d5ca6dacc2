"""Outbox: what is committed is told in the order of its subject, and nothing else is told."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from ..callers import DONE
from ..trial import GRACE, LONG_GRACE, Trial

_MANY = 40
"""More relays than there are events: one that still finds some publishes them for ever."""


def case(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    """Yield what should not be."""
    yield from _drained(trial)
    yield from _changes_at_once(trial, _subject(trial, numbers))
    yield from _relays_at_once(trial, _subject(trial, numbers))
    yield from _stuck(trial, _subject(trial, numbers), _subject(trial, numbers))
    for after in trial.deaths("change"):
        yield from _change_dies(trial, _subject(trial, numbers), after)
    for after in trial.deaths("relay"):
        yield from _relay_dies(trial, _subject(trial, numbers), after)
    yield from _purged(trial, _subject(trial, numbers))


def _subject(trial: Trial, numbers: itertools.count[int]) -> int:
    subject = next(numbers)
    trial.seed("subject", id=subject, last=None)
    return subject


def _change(subject: int, payload: str) -> tuple[str, dict[str, Any]]:
    return "change", {"subject_id": subject, "subject": f"s{subject}", "payload": payload}


def _drained(trial: Trial) -> Iterator[str]:
    """Publish what is there."""
    if all(trial.do("relay").word == DONE for _ in range(_MANY)):
        yield "events are published for ever"


def _told(trial: Trial, subject: int) -> list[str]:
    """Return what was told of a subject, each repeat once that comes before anything else."""
    payloads = [item["payload"] for item in trial.sent() if item.get("subject") == f"s{subject}"]
    return [payload for payload, _ in itertools.groupby(payloads)]


def _agrees(trial: Trial, subject: int, what: str) -> Iterator[str]:
    """The last that was told is the state, and nothing was told where there is none."""
    yield from _drained(trial)
    state = trial.look("state", subject_id=subject)[0]["last"]
    told = _told(trial, subject)
    if told[-1:] != ([state] if state else []):
        yield f"{what} the state is {state}, and {told} was told"


def _changes_at_once(trial: Trial, subject: int) -> Iterator[str]:
    first, second = _change(subject, "first"), _change(subject, "second")
    ended, (other,) = trial.meanwhile(first, "change", [second])
    if (ended.word, other.word) != (DONE, DONE):
        yield f"two changes at once ended in {ended.word} and {other.word}"
    yield from _agrees(trial, subject, "after two changes at once")
    if sorted(_told(trial, subject)) != ["first", "second"]:
        yield f"of two changes at once {_told(trial, subject)} were told"


def _relays_at_once(trial: Trial, subject: int) -> Iterator[str]:
    for payload in ("first", "second"):
        trial.together([_change(subject, payload)])
    trial.meanwhile(("relay", {}), "publish", [("relay", {}), ("relay", {})])
    yield from _drained(trial)
    if (told := _told(trial, subject)) != ["first", "second"]:
        yield f"workers at once told {told}"


def _stuck(trial: Trial, stuck: int, other: int) -> Iterator[str]:
    """While one subject's event cannot be told, that of another is."""
    for subject in (stuck, other):
        trial.together([_change(subject, f"p{subject}")])
    # SQLite has one writer at a time, so that the second waits whatever it asks for.
    alone = trial.store == "sqlite"
    grace = GRACE if alone else LONG_GRACE
    trial.meanwhile(("relay", {}), "publish", [("relay", {})], grace)
    yield from _drained(trial)
    told = [item.get("payload") for item in trial.sent()[-2:]]
    if not alone and told != [f"p{other}", f"p{stuck}"]:
        yield f"while p{stuck} was not told, nothing else was: {told}"
    if sorted(map(str, told)) != sorted([f"p{other}", f"p{stuck}"]):
        yield f"of two subjects {told} were told"


def _change_dies(trial: Trial, subject: int, after: int) -> Iterator[str]:
    action, values = _change(subject, "first")
    trial.kill(action, after, **values)
    yield from _agrees(trial, subject, f"after a crash after step {after + 1} of change")
    trial.together([_change(subject, "second")])
    yield from _agrees(trial, subject, f"after a change after a crash after step {after + 1}")


def _relay_dies(trial: Trial, subject: int, after: int) -> Iterator[str]:
    trial.together([_change(subject, "first"), _change(subject, "second")])
    trial.kill("relay", after)
    yield from _agrees(trial, subject, f"after a crash after step {after + 1} of relay")
    if sorted(_told(trial, subject)) != ["first", "second"]:
        yield f"after a crash after step {after + 1} of relay {_told(trial, subject)} were told"


def _purged(trial: Trial, subject: int) -> Iterator[str]:
    trial.together([_change(subject, "first")])
    trial.do("purge", before="2101-01-01 00:00:00")
    yield from _agrees(trial, subject, "after a purge of what was not published")
    trial.do("purge", before="2001-01-01 00:00:00")
    if trial.count("events", subject=f"s{subject}") != 1:
        yield "a young event was purged"
    trial.do("purge", before="2101-01-01 00:00:00")
    if trial.count("events", subject=f"s{subject}"):
        yield "an old event stays for ever"
