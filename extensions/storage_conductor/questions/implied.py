"""What free text says by words alone, without a value, and what it denies."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from ..catalog.feature_words import absent, denial
from ..disk.patterns import any_of
from .speech import Speech, vocabulary

# An `and` before a number, or before the last of two words that share a rate, divides nothing, and
# neither does what begins when the words before it are over.
CLAUSE = re.compile(
    r"(?<=[.;:!?])\s+|,\s+(?!then\b)|\n"
    r"|(?<!\s)\s++(?:and|but|while)\s+(?!\d|\w{1,40}+(?:\s++(?:a|per|each|every)\b|/))"
)
_SENTENCE = re.compile(r"[.;!?]\s+|\n")
_LONGEST_LIST = 160  # characters before a word in which a denial of a list with it stands
LONGEST = 1_000  # characters of a clause that is searched; more is not said in one breath


def implying(speech: Speech, text: str) -> Iterator[str]:
    """Yield what a text says by words alone, each clause once; a denial is for or against it."""
    start = 0
    for clause in CLAUSE.split(text):
        start = text.index(clause, start)
        if 0 < len(clause) <= LONGEST and not excluded(speech, clause):
            for found in any_of(speech.words).finditer(clause):
                none = absent(text[start + found.end() :])
                denied = bool(none) or _none_of(text[: start + found.start()])
                if not speech.denial or denied is (speech.denial == "for"):
                    yield quoted((clause[: found.end()] + none if none else clause).strip())
                    break
        start += len(clause)


def _none_of(before: str) -> bool:
    """Tell whether words say that there is nothing of what follows: `it holds no names or `."""
    return _nothing().search(_SENTENCE.split(before)[-1][-_LONGEST_LIST:]) is not None


@functools.cache
def _nothing() -> re.Pattern[str]:
    between = "|".join(vocabulary().holding)
    thing = r"[\w-]+(?:\s[\w-]+)?"
    listed = rf"(?:{thing}(?:,|\s(?:or|and|nor|oder|und|noch|ou|et|ni|o|y|e))\s+){{0,8}}"
    spoken = rf"(?:(?:{between})\s+){{0,6}}"
    return re.compile(rf"{denial()}\s+{spoken}{listed}{spoken}$", re.IGNORECASE)


def quoted(clause: str) -> str:
    """Return a clause as it is quoted, without what ends it."""
    return clause.rstrip(".;:, ")


def excluded(speech: Speech, text: str) -> bool:
    """Tell whether words stand beside what a text says by which it speaks of something else."""
    return bool(speech.excluded and any_of(speech.excluded).search(text))
