"""Which features of a store the component's answers put to use; each may rule others out."""

from __future__ import annotations

import re

from ..catalog.backend import Backend
from ..catalog.statements import Feature
from ..questions.answers import Answers

_LOCKED = re.compile(r"\b(object lock|worm|immutable|compliance mode|write[- ]once)\b", re.I)


def stated_lock(answers: Answers) -> str:
    """Return the words by which objects are said to be locked until a date; empty if none are."""
    said = _LOCKED.search(" ".join((answers.retention, answers.description, *answers.use_cases)))
    return said[0] if said else ""


def in_use(answers: Answers, backend: Backend) -> frozenset[Feature]:
    """Return the features that the answers ask a store for and that it has."""
    asked: dict[Feature, bool] = {
        "object_lock": bool(stated_lock(answers)),
        "synchronous_replication": answers.rpo_minutes == 0,
    }
    return frozenset(
        key
        for key, wanted in asked.items()
        if wanted and (held := backend.capability(key)) is not None and held.value != "no"
    )
