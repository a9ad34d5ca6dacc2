"""Soft delete: gone for readers, back within a time, purged after it, and nothing else touched."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from ..callers import DONE
from ..trial import AT_ONCE, Request, Trial, won

_EVER, _NEVER = "2001-01-01 00:00:00", "2101-01-01 00:00:00"
"""A time before everything, so that all is young; and one after it, so that all is old."""


def case(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    """Yield what should not be."""
    beside, gone = _document(trial, numbers), _document(trial, numbers)
    trial.together([_on("delete", gone)])
    yield from _there_and_back(trial, _document(trial, numbers))
    if _read(trial, gone):
        yield "an undo brought back another one"
    yield from _too_late(trial, _document(trial, numbers))
    yield from _at_once(trial, _document(trial, numbers))
    for action in ("delete", "undo", "purge"):
        yield from _dies(trial, _document(trial, numbers), action)
    if _word(trial, _on("delete", next(numbers))) == DONE:
        yield "what is not there was deleted"
    if not _read(trial, beside):
        yield "what nobody deleted is gone"


def _document(trial: Trial, numbers: itertools.count[int]) -> int:
    document = next(numbers)
    trial.seed("document", id=document, deleted_at=None)
    return document


def _on(action: str, document: int, before: str = _EVER) -> Request:
    return action, {"document_id": document, "before": before}


def _word(trial: Trial, request: Request) -> str:
    return trial.together([request])[0].word


def _read(trial: Trial, document: int) -> bool:
    return _word(trial, _on("read", document)) == DONE


def _there_and_back(trial: Trial, document: int) -> Iterator[str]:
    if not _read(trial, document):
        yield "what nobody deleted cannot be read"
    if _word(trial, _on("undo", document)) == DONE:
        yield "what is not deleted was undone"
    if len(done := won(trial.together([_on("delete", document)] * AT_ONCE))) != 1:
        yield f"{len(done)} were told that they deleted it"
    if _read(trial, document):
        yield "what is deleted is read"
    if _word(trial, _on("undo", document)) != DONE:
        yield "what is deleted does not come back"
    if not _read(trial, document):
        yield "what came back cannot be read"


def _too_late(trial: Trial, document: int) -> Iterator[str]:
    trial.together([_on("delete", document)])
    if _word(trial, _on("undo", document, _NEVER)) == DONE:
        yield "what was deleted long ago came back"
    trial.together([_on("purge", document)])
    if not trial.count("there", id=document):
        yield "what was just deleted was purged"
    trial.together([_on("purge", document, _NEVER)])
    if trial.count("there", id=document):
        yield "what was deleted long ago is kept for ever"


def _at_once(trial: Trial, document: int) -> Iterator[str]:
    """Undo and purge at once leave it whole or gone."""
    trial.together([_on("delete", document)])
    undone, _ = trial.together([_on("undo", document), _on("purge", document, _NEVER)])
    if (undone.word == DONE) != _read(trial, document):
        yield f"undo ended in {undone.word}, and it is {'there' * _read(trial, document)}"


def _dies(trial: Trial, document: int, action: str) -> Iterator[str]:
    """A crash leaves it done, which the repeat finds, or not done."""
    if action != "delete":
        trial.together([_on("delete", document)])
    for after in trial.deaths(action):
        name, values = _on(action, document, _NEVER if action == "purge" else _EVER)
        trial.kill(name, after, **values)
        trial.together([(name, values)])
        if _read(trial, document) != (action == "undo"):
            yield f"after a crash of {action} and a repeat it is read, or is not, as it should not"
