"""Which features of a store the component's answers put to use; each may rule others out."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator

from ..catalog.backend import Backend
from ..catalog.feature_words import denied, feature_words
from ..catalog.statements import Feature
from ..questions.answers import Answers
from ..questions.building_blocks import spoken_of
from ..schema.durations import stated_days

_QUOTED = 100  # letters of a sentence that a finding quotes as a whole
_SENTENCE = re.compile(r"(?<=[.;!?])\s+|\n")


@functools.cache
def _pattern(feature: str) -> re.Pattern[str]:
    words = sorted(feature_words().features[feature], key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, words))})s?(?![\w-])", re.IGNORECASE)


def free_texts(answers: Answers) -> tuple[str, ...]:
    """Return what a person wrote in words of their own."""
    return (
        answers.title,
        answers.description,
        *answers.use_cases,
        answers.retention,
        answers.scalability,
        answers.topology,
        *(note.text for note in answers.notes),
    )


def said(answers: Answers, feature: str, *more: str) -> str:
    """Return the words by which free text asks for a feature of `features.yml`, or nothing.

    Args:
        answers: What was said.
        feature: The key of the feature.
        more: Further texts that count as free text.
    """
    texts = (*free_texts(answers), *more)
    return next((quote for quote, _ in _saying(texts, feature)), "")


def said_sentences(answers: Answers, feature: str) -> tuple[str, ...]:
    """Return the sentences by which free text asks for a feature; the words of a long one.

    One that holds another says the same again.
    """
    found = _saying(free_texts(answers), feature)
    told = ((quote, sentence.strip().rstrip(".")) for quote, sentence in found)
    texts = dict.fromkeys(s if len(s) <= _QUOTED else quote for quote, s in told)
    low = [text.casefold() for text in texts]
    return tuple(t for t in texts if not any(o in t.casefold() != o for o in low))


def spoken_type(texts: Iterable[str]) -> str:
    """Return the storage type that free text speaks of: files go to an object store."""
    return "object_storage" if any(_saying(texts, "files")) else "database"


def said_days(answers: Answers, feature: str) -> float | None:
    """Return the longest duration in days of the sentences that speak of a feature, or None."""
    lengths = [stated_days(sentence) for _, sentence in _saying(free_texts(answers), feature)]
    return max((days for found in lengths for days in found), default=None)


def _saying(texts: Iterable[str], feature: str) -> Iterator[tuple[str, str]]:
    """Yield the words for a feature, each with its sentence."""
    for text in filter(functools.partial(_may_say, feature), texts):
        for sentence in _SENTENCE.split(text):
            for found in _pattern(feature).finditer(sentence):
                if not denied(sentence[: found.start()], sentence[found.end() :]):
                    yield found[0], sentence


def _may_say(feature: str, text: str) -> bool:
    """Tell whether a text holds a word for a feature somewhere; most hold none."""
    lower = text.lower()
    return any(word.lower() in lower for word in feature_words().features[feature])


def stated_lock(answers: Answers) -> str:
    """Return the words by which what is stored is never to be changed; empty without any."""
    return said(answers, "lock") or spoken_of(answers, "write-once")


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
