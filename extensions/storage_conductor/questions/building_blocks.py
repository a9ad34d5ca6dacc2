"""Which building blocks the answers speak of; the words are those of the catalog."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ..catalog.building_blocks import BlockHeading, block_headings
from ..catalog.feature_words import denied, feature_words
from ..disk import patterns
from ..disk.patterns import Words
from .answers import Answers

USE_CASES = "the use cases"
"""The place of a block that a use case speaks of."""
COMMENTS = "the comments of the entities"
"""The place of a block that a comment of an entity or of a field speaks of."""
_NAMES = ("the entities", "the access patterns")
_LONGEST = 1_000  # characters of a clause that is searched; more is not said in one breath


class RecognisedBlock(NamedTuple):
    """A building block that the answers speak of.

    Args:
        key: The block.
        place: Where, as it reads after "in".
        quote: The words, or the use case or pattern that holds them.
        named: Whether they are words for it, not for the mishap which it prevents.
    """

    key: str
    place: str
    quote: str
    named: bool = True

    @property
    def decision(self) -> str:
        """Return the key of the decision that confirms it."""
        return f"D-block-{self.key}"


def recognised(answers: Answers) -> tuple[RecognisedBlock, ...]:
    """Return the building blocks that the answers speak of, each once, in the catalog's order."""
    clauses = [
        (place, clause[:_LONGEST])
        for place, text in _texts(answers)
        for clause in _clauses().split(text)
    ]
    headings = block_headings()
    words = patterns.whole_words(
        words for item in headings for words in (item.words, item.mishaps, item.excluded)
    )
    found = (_found(heading, words, clauses) for heading in headings)
    return tuple(item for item in found if item is not None)


def _found(
    heading: BlockHeading, words: Mapping[Words, re.Pattern[str]], clauses: list[tuple[str, str]]
) -> RecognisedBlock | None:
    asked, mishaps = words.get(heading.words), words.get(heading.mishaps)
    for place, clause in clauses:
        named = next((m for m in _hits(asked, clause) if not _denied(m, clause)), None)
        hit = named or next(_hits(mishaps, clause), None)
        if hit is not None and not any(_hits(words.get(heading.excluded), clause)):
            whole = place in (USE_CASES, "the access patterns", "an invariant")
            quote = clause.strip() if whole else hit[0]
            return RecognisedBlock(heading.key, place, quote, named is not None)
    return None


def served_by_blocks(answers: Answers) -> frozenset[str]:
    """Return the use cases that name a building block which was chosen, or is taken as assumed."""
    taken = [
        item
        for item in recognised(answers)
        if item.place == USE_CASES and item.named
        if not answers.blocks or item.key in answers.blocks
    ]
    return frozenset(use for use in answers.use_cases if any(item.quote in use for item in taken))


def spoken_of(answers: Answers, key: str) -> str:
    """Return the words by which a person's own sentences ask for a block; empty without any.

    Args:
        answers: What was said.
        key: The block.
    """
    heading = next(item for item in block_headings() if item.key == key)
    own = [(place, text) for place, text in _texts(answers) if place not in _NAMES]
    clauses = [(place, part[:_LONGEST]) for place, text in own for part in _clauses().split(text)]
    words = patterns.whole_words((heading.words, heading.mishaps, heading.excluded))
    found = _found(heading, words, clauses)
    return found.quote if found else ""


@functools.cache
def _clauses() -> re.Pattern[str]:
    """Return what divides clauses: a label stays with the word that denies it."""
    none = "|".join(map(re.escape, feature_words().absent))
    return re.compile(rf"(?<=[.;!?])\s+|(?<=:)\s+(?!(?:{none})\b)|\n", re.IGNORECASE)


def _denied(hit: re.Match[str], clause: str) -> bool:
    return denied(clause[: hit.start()], clause[hit.end() :])


def _hits(words: re.Pattern[str] | None, clause: str) -> Iterator[re.Match[str]]:
    return words.finditer(clause) if words is not None else iter(())


def _texts(answers: Answers) -> Iterator[tuple[str, str]]:
    """Yield each text that may speak of a block, with the name of its place."""
    for use in answers.use_cases:
        yield USE_CASES, use
    for pattern in answers.access_patterns:
        if isinstance(pattern, Mapping):
            yield "the access patterns", str(pattern.get("name", ""))
            yield from (("an invariant", text) for text in _invariants(pattern))
    yield "the description", answers.description
    yield "the title", answers.title
    for note in answers.notes:
        if note.section != "backup":  # what the store keeps back for a restore is no block of ours
            yield "the notes", note.text
    for name, fields in answers.entities.items():
        yield "the entities", " ".join(_WORDS.findall(name))
        for field, said in fields.items() if isinstance(fields, Mapping) else ():
            spoken = str(field).replace("_", " ").strip()
            yield "the entities", spoken
            if comment := str(said).partition("-- ")[2]:
                yield COMMENTS, f"{spoken} {comment}"


_WORDS = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")


def _invariants(pattern: Mapping[str, Any]) -> Iterator[str]:
    given = pattern.get("invariant")
    for text in given if isinstance(given, list) else [given]:
        if isinstance(text, str):
            yield text
