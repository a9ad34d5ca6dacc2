"""Audit trail: each change has its line, and the lines of a subject are one chain to its state."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from ..callers import DONE
from ..trial import AT_ONCE, Request, Trial, won


def case(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    """Yield what should not be."""
    yield from _at_once(trial, numbers)
    subject = _subject(trial, numbers)
    trial.meanwhile(_change(subject, "a", "first"), "change", [_change(subject, "b", "second")])
    yield from _chain(trial, subject, 2, "after one stood before its change")
    for after in trial.deaths("change"):
        yield from _dies(trial, _subject(trial, numbers), after)
    if trial.together([_change(next(numbers), "a", "nothing")])[0].word != "gone":
        yield "what is not there was changed"


def _subject(trial: Trial, numbers: itertools.count[int]) -> int:
    subject = next(numbers)
    trial.seed("subject", id=subject, last=None)
    return subject


def _change(subject: int, actor: str, after: str) -> Request:
    mine = {"subject_id": subject, "subject": f"s{subject}"}
    return "change", {**mine, "actor": actor, "after": after}


def _chain(trial: Trial, subject: int, count: int | None, what: str) -> Iterator[str]:
    """Each line begins where the one before ended, and the last one ends in the state."""
    lines = trial.look("lines", subject=f"s{subject}")
    state = trial.look("state", id=subject)[0]["last"]
    reached = None
    for line in lines:
        if line["was"] != reached:
            yield f"{what} a line says that {line['was']} stood there, it was {reached}"
        reached = line["became"]
    if reached != state:
        yield f"{what} the state is {state}, and the lines end in {reached}"
    if count is not None and len(lines) != count:
        yield f"{what} {count} changes have {len(lines)} lines"


def _at_once(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    subject, beside = _subject(trial, numbers), _subject(trial, numbers)
    changes = [_change(subject, f"actor {number}", f"c{number}") for number in range(AT_ONCE)]
    done = won(trial.together(changes))
    yield from _chain(trial, subject, len(done), "after changes at once")
    made = {(item.values["actor"], item.values["after"]) for item in done}
    lines = trial.look("lines", subject=f"s{subject}")
    if made != {(line["actor"], line["became"]) for line in lines}:
        yield f"the lines say {lines}"
    yield from _chain(trial, beside, 0, "beside changes at once")


def _dies(trial: Trial, subject: int, after: int) -> Iterator[str]:
    what = f"after a crash after step {after + 1}"
    action, values = _change(subject, "a", "first")
    trial.kill(action, after, **values)
    yield from _chain(trial, subject, None, what)
    if (word := trial.together([_change(subject, "b", "second")])[0].word) != DONE:
        yield f"{what} the next change ended in {word}"
    yield from _chain(trial, subject, None, f"{what} and the next one")
