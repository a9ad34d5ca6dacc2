"""Optimistic update: of those who read one version one saves, and overwrites nothing unseen."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from ..trial import AT_ONCE, Request, Trial, won


def case(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    """Yield what should not be."""
    document, other = next(numbers), next(numbers)
    for each in (document, other):
        trial.seed("document", id=each)
    version = _read(trial, document)
    for turn in (1, 2):
        saves = [_save(document, version, f"b{turn}-{number}") for number in range(AT_ONCE)]
        saved = won(trial.together(saves))
        if len(saved) != 1:
            yield f"{len(saved)} who read one version saved it"
            return
        state, body = _state(trial, document), saved[0].values["body"]
        if state["body"] != body:
            yield f"saved was {body}, and {state['body']} stands there"
        if state["version"] == version:
            yield "what was saved has the version of what was read"
        if _read(trial, document) == version:
            yield "a save has no version of its own"
        version = _read(trial, document)
    if _state(trial, other)["body"] is not None:
        yield "a save changed another document"
    yield from _dies(trial, document)


def _read(trial: Trial, document: int) -> Any:
    return trial.do("read", document_id=document).values.get("version")


def _save(document: int, version: Any, body: str) -> Request:
    return "save", {"document_id": document, "version": version, "body": body}


def _state(trial: Trial, document: int) -> dict[str, Any]:
    return dict(trial.look("state", id=document)[0])


def _dies(trial: Trial, document: int) -> Iterator[str]:
    """After a crash the content and its version tell whether it was saved."""
    for after in trial.deaths("save"):
        version = _read(trial, document)
        action, values = _save(document, version, f"killed {after}")
        trial.kill(action, after, **values)
        state = _state(trial, document)
        if (state["body"] == f"killed {after}") != (state["version"] != version):
            yield f"after a crash {state['body']} has the version {state['version']}"
        if won(trial.together([_save(document, version, "stale")])):
            yield "after a crash a version was saved that was read before"
