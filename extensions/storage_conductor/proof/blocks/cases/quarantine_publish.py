"""Quarantine and publish: readable is what was scanned and found clean, and no upload is lost."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from ..callers import DONE
from ..trial import AT_ONCE, Trial, won

_CLEAN = "clean "


def case(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    """Yield what should not be."""
    yield from _race(trial, next(numbers))
    yield from _one_clean(trial, next(numbers))
    yield from _one_infected(trial, next(numbers))
    yield from _replaced_under_scan(trial, next(numbers))
    yield from _cleared_by_another(trial, next(numbers))
    yield from _refused_by_another(trial, next(numbers))
    for after in trial.deaths("publish"):
        yield from _dies(trial, next(numbers), after)


def _upload(number: int, content: str) -> dict[str, Any]:
    return {"id": f"u{number}", "content": content}


def _work(number: int) -> dict[str, Any]:
    """What a worker is given: the id, and the judgement of its scanner."""
    clean = [f"{_CLEAN}{item}" for item in range(AT_ONCE)]
    return {"id": f"u{number}", "scan": clean}


def _content(trial: Trial, where: str, number: int) -> str:
    return next((str(row["value"]) for row in trial.look(where, id=f"u{number}")), "")


def _race(trial: Trial, number: int) -> Iterator[str]:
    uploads = [("upload", _upload(number, f"{_CLEAN}{item}")) for item in range(AT_ONCE)]
    told = [str(answered.values["content"]) for answered in won(trial.together(uploads))]
    if told != [_content(trial, "waiting", number)]:
        yield f"{len(told)} were told that their upload waits under one id"
    if _content(trial, "readable", number):
        yield "an upload is readable before its scan"


def _one_clean(trial: Trial, number: int) -> Iterator[str]:
    trial.do("upload", **_upload(number, f"{_CLEAN}0"))
    published = trial.do("publish", **_work(number)).word == DONE
    if not published or _content(trial, "readable", number) != f"{_CLEAN}0":
        yield "a clean upload is not readable after its publication"
    if _content(trial, "waiting", number):
        yield "what was published still waits"


def _one_infected(trial: Trial, number: int) -> Iterator[str]:
    trial.do("upload", **_upload(number, "infected"))
    found = trial.do("publish", **_work(number))
    if found.word == DONE or _content(trial, "readable", number):
        yield "an infected upload was published"
    trial.do("refuse", **{**_work(number), "etag": found.values.get("etag", "")})
    if _content(trial, "waiting", number):
        yield "what was refused still waits"
    for after in trial.deaths("publish"):
        trial.do("upload", **_upload(number, "infected"))
        trial.kill("publish", after, **_work(number))
        if _content(trial, "readable", number):
            yield "an infected upload is readable after a crash"


def _replaced_under_scan(trial: Trial, number: int) -> Iterator[str]:
    """One is clean, removed while its worker pauses, and another put in its place."""
    trial.do("upload", **_upload(number, f"{_CLEAN}0"))
    first = trial.look("waiting", id=f"u{number}")
    mark = {"id": f"u{number}", "etag": first[0]["etag"] if first else ""}
    others = [("refuse", mark), ("upload", _upload(number, "infected"))]
    trial.meanwhile(("publish", _work(number)), "copy", others)
    if _content(trial, "readable", number) == "infected":
        yield "what was put in place of the scanned upload is readable"
    if _content(trial, "waiting", number) != "infected":
        yield "an acknowledged upload neither waits nor was judged"


def _cleared_by_another(trial: Trial, number: int) -> Iterator[str]:
    """Two workers have one upload; when the slow one clears, the next upload waits already."""
    trial.do("upload", **_upload(number, f"{_CLEAN}0"))
    others = [("publish", _work(number)), ("upload", _upload(number, f"{_CLEAN}1"))]
    trial.meanwhile(("publish", _work(number)), "clear", others)
    if _content(trial, "waiting", number) != f"{_CLEAN}1":
        yield "an acknowledged upload was cleared by the worker of another"


def _refused_by_another(trial: Trial, number: int) -> Iterator[str]:
    trial.do("upload", **_upload(number, "infected"))
    found = trial.do("publish", **_work(number))
    mark = {"id": f"u{number}", "etag": found.values.get("etag", "")}
    trial.do("refuse", **mark)
    trial.do("upload", **_upload(number, f"{_CLEAN}1"))
    if won([trial.do("refuse", **mark)]) or _content(trial, "waiting", number) != f"{_CLEAN}1":
        yield "an upload was refused for what was found in another"


def _dies(trial: Trial, number: int, after: int) -> Iterator[str]:
    """After a crash the upload is readable or waits, and the next worker ends it."""
    trial.do("upload", **_upload(number, f"{_CLEAN}0"))
    trial.kill("publish", after, **_work(number))
    if f"{_CLEAN}0" not in (
        _content(trial, "waiting", number),
        _content(trial, "readable", number),
    ):
        yield f"after a crash after step {after + 1} of publish the upload is lost"
    trial.do("publish", **_work(number))
    left = _content(trial, "readable", number), _content(trial, "waiting", number)
    if left != (f"{_CLEAN}0", ""):
        yield f"after a crash after step {after + 1} of publish the next worker did not end it"
