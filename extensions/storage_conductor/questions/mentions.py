"""What free text says of a question that was not answered; its vocabulary is in the catalog.

Before something is called not stated, the other answers are searched for it. A value that is found
once is taken as an assumption; one that is found in several forms is shown and left open.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ..catalog import loading
from ..context.vocabulary import Hit, find_products
from ..disk.patterns import any_of
from ..phases import PhaseKey
from ..schema.durations import lifetimes
from ..units import days_text, listed
from . import hosting
from .amounts import KINDS, begins
from .answers import Answers
from .implied import CLAUSE, LONGEST, excluded, implying, quoted
from .intervals import intervals
from .several import Note, Region
from .speech import Speech, vocabulary
from .subject import other_subject
from .ways import ways_named

_PLACES = {
    "title": "the title",
    "description": "the description",
    "use_cases": "the use cases",
    "scalability": "the growth",
    "affected_users": "the users",
    "retention": "the retention",
    "notes": "the notes",
}
_MINUTES_PER_DAY = 1_440
_UNTIL = re.compile(r"\buntil ([^,]{1,80}),? (?:and )?then (?:for )?$", re.IGNORECASE)
_PER_SECOND = ("reads_per_second", "writes_per_second")
_PEAKS = {f"peak_{name}": name for name in _PER_SECOND}
_CHANGES = ("write", "update", "delete")
_AND = "”, “"  # between several quotes
_NEAR = 25  # characters around a rate in which words such as "at peak" speak of it


class Mention(NamedTuple):
    """What text says of an answer that was not given.

    Args:
        answer: The answer.
        place: Where it is said, as it reads after "in".
        quote: The words.
        value: What is taken for the answer; None where it is left open.
        reason: Why it is left open.
        decider: Who confirms or decides.
        phase: The phase before which that has to be.
        also: Other answers that are left open with it.
        options: Backends of the catalog between which the words leave a choice.
        arithmetic: How the value follows from the words, where they do not say it themselves.
        aside: Whether it is left open since its words are about something that nothing else names.
    """

    answer: str
    place: str
    quote: str
    value: Any
    reason: str
    decider: str
    phase: PhaseKey
    also: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    arithmetic: str = ""
    aside: bool = False

    @property
    def decision(self) -> str:
        """Return the key of the decision that it makes."""
        return f"D-found-{self.answer.replace('_', '-')}"

    def is_from(self, text: str) -> bool:
        """Tell whether words of it, of which there may be several, stand in a text."""
        return any(words in text for words in self.quote.split(_AND))


def found_in(answers: Answers) -> tuple[Mention, ...]:
    """Return what the given answers say of those that were not given, each answer once."""
    found: dict[str, list[Mention]] = {}
    # What leaves a question open is about those answers alone that nothing else tells.
    for speech in sorted(vocabulary().mentions, key=lambda item: bool(item.open)):
        names = [name for name in (speech.answer, *speech.also) if not _given(answers, name)]
        if speech.open and _settled(answers, speech):
            continue
        names = [
            name
            for name in names
            if not (speech.open and (name in found or _added_up(answers, name)))
        ]
        for mention in _spoken(answers, speech) if names else ():
            about = mention._replace(answer=names[0], also=tuple(names[1:]))
            found.setdefault(names[0], []).append(about)
    for mention in (*_hosting(answers), *_regions(answers), *_alternatives(answers)):
        found.setdefault(mention.answer, []).append(mention)
    told = set(found)
    for mention in _by_interval(answers):
        if mention.answer not in told:
            found.setdefault(mention.answer, []).append(mention)
    return tuple(_one(mentions) for mentions in found.values())


def about(answers: Answers, text: str) -> Answers:
    """Return answers that say nothing but a text, to search that alone."""
    return answers._replace(description=text)


def _given(answers: Answers, name: str) -> bool:
    """Tell whether an answer was given, or follows from others that were."""
    if name in _PEAKS and answers.peak_factor is not None and _given(answers, _PEAKS[name]):
        return True
    return getattr(answers, name) not in (None, "", ())


def _settled(answers: Answers, speech: Speech) -> bool:
    """Tell whether another answer says what text leaves open."""
    return any(_given(answers, name) for name in speech.settled_by)


def _added_up(answers: Answers, name: str) -> bool:
    """Tell whether the operations of one side have a rate each, which add up to that answer."""
    if not name.endswith(_PER_SECOND):
        return False
    stated = (item for item in answers.access_patterns if isinstance(item, Mapping))
    changes = name.endswith("writes_per_second")
    own = [item for item in stated if (item.get("kind", "read") in _CHANGES) is changes]
    called = [item for item in own if item.get("kind") != "job"]
    return bool(called) and all(
        any(item.get(rate) is not None for rate in ("per_second", "peak")) for item in called
    )


def taken(answers: Answers, mentions: tuple[Mention, ...]) -> Answers:
    """Return the answers with what was found beyond doubt."""
    values = {item.answer: item.value for item in mentions if item.value is not None}
    return answers._replace(**values)


def _one(mentions: list[Mention]) -> Mention:
    """Return one mention of an answer: the first, left open where others say something else."""
    first = mentions[0]
    if isinstance(first.value, tuple):
        kinds = dict.fromkeys(kind for item in mentions for kind in item.value)
        if len(kinds) == 1 or "none" not in kinds:
            return first._replace(value=tuple(kinds), quote=_quotes(mentions))
    if len({str(item.value) for item in mentions}) == 1:
        return first
    sure = [item for item in mentions if item.value is not None]
    if len({str(item.value) for item in sure}) == 1 and not any(it.aside for it in mentions):
        return sure[0]
    return first._replace(value=None, reason=vocabulary().texts.several, quote=_quotes(mentions))


def _quotes(mentions: list[Mention]) -> str:
    return _AND.join(dict.fromkeys(item.quote for item in mentions))


def _texts(answers: Answers) -> Iterator[tuple[str, str]]:
    """Yield each free text with the name of its place."""
    for name, place in _PLACES.items():
        value = getattr(answers, name)
        for text in value if isinstance(value, tuple) else (value,):
            yield place, text.text if isinstance(text, Note) else text


def _spoken(answers: Answers, speech: Speech) -> Iterator[Mention]:
    for place, text in _texts(answers):
        if not speech.value:
            for quote in implying(speech, text):
                value = speech.implies
                yield Mention(speech.answer, place, quote, value, "", speech.decider, speech.phase)
            continue
        for clause in _clauses(text):
            some = _only_some(answers, clause) if speech.text else ()
            if some and all(_has_lifetime(answers.entities[name]) for name in some):
                continue
            if speech.value == "count" and _counted(answers, clause):
                continue
            for quote, value, start in _values(speech, clause):
                # Without entities a description is about all that is stored.
                told = answers.entities or place == _PLACES["notes"]
                other = ""
                if speech.text and told and not some:
                    other = other_subject(answers, speech, clause, start)
                reason = speech.open or _beside_all(some, other)
                yield Mention(
                    speech.answer,
                    place,
                    quote,
                    None if reason else value,
                    reason,
                    speech.decider,
                    speech.phase,
                    aside=bool(other),
                )


def _beside_all(some: tuple[str, ...], other: str) -> str:
    """Return why a time is not taken for that of all that is stored; empty where it is."""
    texts = vocabulary().texts
    if some:
        return texts.entity.format(listed(some))
    return texts.subject.format(other) if other else ""


def _only_some(answers: Answers, clause: str) -> tuple[str, ...]:
    """Return the entities that a clause names, where it does not name all of them."""
    named = [name for name in answers.entities if _called(str(name)).search(clause)]
    return tuple(named) if len(named) < len(answers.entities) else ()


def named_beside(answers: Answers, words: str) -> tuple[str, ...]:
    """Return the entities that the clause with some words names, where it does not name all."""
    clauses = (clause for _, text in _texts(answers) for clause in _clauses(text))
    return next((_only_some(answers, clause) for clause in clauses if words in clause), ())


def _counted(answers: Answers, clause: str) -> bool:
    """Tell whether each number of a clause is one that an entity states of its entries."""
    from ..schema.durations import count

    entities = [entity for entity in answers.entities.values() if isinstance(entity, Mapping)]
    given = [entity.get("_count") for entity in entities]
    try:
        stated = {count(value) for value in given if value is not None}
    except ValueError:
        return False
    numbers = [float(number) for _, number in KINDS["count"](clause)]
    return bool(numbers) and stated.issuperset(numbers)


def _has_lifetime(entity: Any) -> bool:
    return isinstance(entity, Mapping) and ("_lifetime" in entity or "_ttl" in entity)


@functools.cache
def _called(entity: str) -> re.Pattern[str]:
    words = r"[\s_-]?".join(map(re.escape, re.findall(r"[A-Z]?[a-z]+|[A-Z]+|\d+|\w", entity)))
    return re.compile(rf"\b(?:{words or re.escape(entity)})(?:e?s)?\b", re.IGNORECASE)


def _clauses(text: str) -> list[str]:
    found = map(str.strip, CLAUSE.split(text))
    return [clause for clause in found if 0 < len(clause) <= LONGEST]


def _values(speech: Speech, clause: str) -> Iterator[tuple[str, Any, int]]:
    """Yield words, value and its place of what a clause says; the value is None if left open."""
    if not begins().search(clause):
        return
    found = list(KINDS[speech.value](clause))
    bounds = [0, *(edge for match, _ in found for edge in match.span()), len(clause)]
    for place, (match, value) in enumerate(found):
        left, start, end, right = bounds[2 * place : 2 * place + 4]
        about = match[0] if speech.value in ("rate", "count") else clause
        # Words near a rate are about it, unless they belong to the rate beside it.
        near = clause[max(left, start - _NEAR) : min(right, end + _NEAR)]
        around = near if about is not clause else clause
        if not any_of(speech.words).search(around if speech.open or speech.near else about):
            continue
        if speech.peak is not None and _at_peak(around) is not speech.peak:
            continue
        held = _lasting(clause, start, end, value) if speech.text else _converted(speech, value)
        if excluded(speech, around) or not speech.least <= value_of(held) <= speech.most:
            continue
        yield quoted(clause), None if speech.open else held, start


def _at_peak(text: str) -> bool:
    """Tell whether words around a rate say that it is the one of a busy time."""
    return any_of(vocabulary().peaks).search(text) is not None


def value_of(held: Any) -> float:
    """Return a value as a number, for comparison with what is plausible."""
    return held if isinstance(held, (int, float)) else 0.0


def _lasting(clause: str, start: int, end: int, minutes: float) -> str:
    """Return how long a clause says that something is kept, with the event that it runs from."""
    after = " ".join(clause[start:end].split() + clause[end:].rstrip(".;:, ").split())
    if after.isprintable() and lifetimes(after)[0].kind == "event":
        return after
    before = _UNTIL.search(clause[:start])
    return days_text(minutes / _MINUTES_PER_DAY) + (f" after {before[1]}" if before else "")


def _converted(speech: Speech, value: float) -> Any:
    """Return a value in the unit of the answer."""
    if speech.answer.endswith("_ms"):
        return round(value * 60_000, 3)
    if speech.answer.endswith("_bytes"):
        return round(value * 10**9)
    return round(value) if speech.value == "count" else round(value, 6)


def _named(answers: Answers) -> tuple[str, ...]:
    return answers.backends if answers.storage_type == "hybrid" else (answers.backend,)


def _hosting(answers: Answers) -> Iterator[Mention]:
    """Yield how the backends are run of which nothing was stated, as a text names it.

    Where each name is of one of several backends alone, they are one answer together.
    """
    backends = _named(answers)
    undecided = hosting.undecided(backends, answers.hosting)
    names = hosting.names_of([each.name for each in undecided])
    told = [
        Mention("hosting", place, quote, name, "", "Platform team", "migration")
        for place, text in (_texts(answers) if len(names) > 1 else ())
        for quote, name in ways_named(names, text)
    ]
    if len(backends) == 1 or not told:
        yield from told
        return
    said = dict.fromkeys(it.value for it in told)
    each = {one.name: [name for name in said if one.hosting_named(name)] for one in undecided}
    sure = {store: fitting[0] for store, fitting in each.items() if len(fitting) == 1}
    open_still = any(len(fitting) > 1 for fitting in each.values())
    value = None if open_still else hosting.with_names(backends, answers.hosting, sure)
    reason = vocabulary().texts.several if open_still else ""
    yield told[0]._replace(quote=_quotes(told), value=value, reason=reason)


def _by_interval(answers: Answers) -> Iterator[Mention]:
    """Yield the rates that are told by an interval, where none was said as such."""
    for place, text in _texts(answers):
        for it in intervals(text):
            if not _given(answers, it.answer):
                yield Mention(
                    it.answer,
                    place,
                    it.quote,
                    it.value,
                    "",
                    "Product owner",
                    "testing",
                    arithmetic=it.arithmetic,
                )


def _regions(answers: Answers) -> Iterator[Mention]:
    """Yield the region of a cloud that the texts name, where they name just one."""
    if answers.regions:
        return
    hits = [
        (place, match[0])
        for place, text in _texts(answers)
        for match in any_of(vocabulary().regions).finditer(text)
    ]
    if len({quote.casefold() for _, quote in hits}) == 1:
        place, quote = hits[0]
        region = (Region(quote.casefold()),)
        yield Mention("regions", place, quote, region, "", "Platform team", "migration")


def _alternatives(answers: Answers) -> Iterator[Mention]:
    """Yield pairs of products that a text leaves a choice between: `Redis or Valkey`."""
    if "backend" in answers.alternatives:
        return
    for place, text in _texts(answers):
        hits = find_products(text)
        for one, other in itertools.pairwise(hits):
            same = set(one.product.kinds) & set(other.product.kinds)
            between = text[one.end : other.start].strip().casefold()
            if same and between in ("or", ", or", "/"):
                quote = text[one.start : other.end]
                reason = vocabulary().texts.alternatives
                decider = "Storage engineer"
                yield Mention(
                    "backend",
                    place,
                    quote,
                    None,
                    reason,
                    decider,
                    "schema",
                    (),
                    _listed(one, other),
                )


def _listed(*hits: Hit) -> tuple[str, ...]:
    """Return the catalog's names of products, where it has all of them."""
    found = [loading.find(hit.product.name) for hit in hits]
    names = tuple(heading.name for heading in found if heading)
    return names if len(names) == len(found) else ()
