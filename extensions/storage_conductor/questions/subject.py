"""Of what a clause says how long it is kept: of all that is stored, or of something else."""

from __future__ import annotations

import re

from ..disk.patterns import any_of
from .answers import Answers
from .implied import CLAUSE
from .speech import Speech, vocabulary

_WORD = re.compile(r"[^\W\d_]{2,}")
_HEAD = 2  # words that name a thing, as in "IP addresses of listeners"
_STEM = 5  # characters by which a word is the same in another form


def other_subject(answers: Answers, speech: Speech, clause: str, until: int) -> str:
    """Return what a clause is about where nothing tells that this is all that is stored.

    Args:
        answers: The answers; their title, and how their description begins, name the component.
        speech: The way of speaking, whose own words name nothing.
        clause: The clause.
        until: Where its time begins; what stands before it is looked at.

    Returns:
        The words that name it, or an empty text where the clause is about all.
    """
    book = vocabulary()
    told = any_of(speech.words).sub(" ", clause[:until])
    named = [word for word in _WORD.findall(told) if not any_of(book.fillers).fullmatch(word)]
    if not named or any(any_of(book.everything).fullmatch(word) for word in named):
        return ""
    component = f"{answers.title} {CLAUSE.split(answers.description)[0]}".casefold()
    stems = {word[:_STEM] for word in _WORD.findall(component)}
    if any(word.casefold()[:_STEM] in stems for word in named[:_HEAD]):
        return ""
    return " ".join(named[:_HEAD])
