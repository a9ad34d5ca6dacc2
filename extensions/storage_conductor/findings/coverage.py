"""Use cases against operations and entities, by their words: what matches nothing is asked."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from ..catalog.entry import CatalogEntry
from ..catalog.feature_words import looks_inside
from ..catalog.reading import CATALOG, load
from ..questions.answers import Answers
from ..questions.building_blocks import served_by_blocks
from ..units import listed
from ..wording import inline
from .model import ComponentCheck, FeasibilityCase, RuleHit

if TYPE_CHECKING:
    from ..schema.model import DataModel, Pattern

_WORD = re.compile(r"[^\W\d_]+")
_CAMEL = re.compile(r"(?<=[a-zäöü])(?=[A-ZÄÖÜ])|_")
_SHORTEST, _ALIKE, _LONGER = 4, 0.6, 3
_SHARE = 0.5
_SHOWN = 3


class CoverageWords(CatalogEntry):
    """Words by what they tell of a use case."""

    common: tuple[str, ...]
    reads: tuple[str, ...]
    changes: tuple[str, ...]
    removes: tuple[str, ...]
    withdraws: tuple[str, ...]
    erases: tuple[str, ...]
    either: tuple[str, ...]
    articles: tuple[str, ...]
    places: tuple[str, ...]
    joins: tuple[str, ...]


@functools.cache
def _words() -> CoverageWords:
    return load(CoverageWords, CATALOG / "coverage.yml")


@functools.cache
def _empty() -> frozenset[str]:
    reads, changes = _verbs()
    return reads | changes | frozenset(map(_plain, (*_words().common, *_words().either)))


@functools.cache
def _done() -> frozenset[str]:
    reads, changes = _verbs()
    return reads | changes | frozenset(map(_plain, _words().either))


@functools.cache
def _verbs() -> tuple[frozenset[str], frozenset[str]]:
    known = _words()
    changes = (*known.changes, *known.removes, *known.withdraws)
    return frozenset(map(_plain, known.reads)), frozenset(map(_plain, changes))


@functools.cache
def _taking() -> tuple[frozenset[str], frozenset[str]]:
    """Return the verbs by which an entry goes, and those that take back what it says."""
    known = _words()
    return frozenset(map(_plain, known.removes)), frozenset(map(_plain, known.withdraws))


class Coverage(NamedTuple):
    """What serves a use case.

    Args:
        use_case: The use case, word for word.
        operations: The operations that serve it, the likeliest first.
        perhaps: Whether their words are alike in part alone.
        stated: Whether an operation has its name, but for a verb or what comes after, or says that
            it serves it.
    """

    use_case: str
    operations: tuple[str, ...]
    perhaps: bool = False
    stated: bool = False


def coverage(
    use_cases: Iterable[str], model: DataModel, *, erasure: bool = False
) -> tuple[Coverage, ...]:
    """Return for each use case the operations whose words it shares, or that name it.

    Args:
        use_cases: The use cases, word for word.
        model: The entities and access patterns.
        erasure: Whether people may ask for an erasure, which is a procedure of its own.
    """
    told = [(pattern, _told(pattern, model)) for pattern in model.patterns]
    found = (
        Coverage(use, ()) if _goes_by_itself(use, model) else _covered(use, told)
        for use in use_cases
    )
    return tuple(
        Coverage(item.use_case, ()) if item.perhaps and erasure and _erases(item.use_case) else item
        for item in found
    )


def coverage_of(answers: Answers, model: DataModel) -> tuple[Coverage, ...]:
    """Return the same of a component, where a building block serves what it is recognised by."""
    built = served_by_blocks(answers)
    found = coverage(answers.use_cases, model, erasure=answers.erasure)
    return tuple(item._replace(perhaps=False) if item.use_case in built else item for item in found)


def searching(answers: Answers, model: DataModel) -> tuple[str, ...]:
    """Return the operations that serve a use case which says that words are looked for."""
    uses = [use for use in answers.use_cases if looks_inside(use)]
    found = coverage(uses, model) if uses else ()
    return tuple(name for item in found if not item.perhaps for name in item.operations)


def _erases(use: str) -> bool:
    """Whether a use case removes what is stored about somebody, because they ask for it."""
    spoken = [_plain(word) for word in _WORD.findall(use)]
    asked = frozenset(map(_plain, _words().erases))
    return _verb(spoken) in _taking()[0] and not asked.isdisjoint(spoken)


def _goes_by_itself(use: str, model: DataModel) -> bool:
    """Whether a use case removes what a lifetime ends, or what is erased on request."""
    spoken = [_plain(word) for word in _WORD.findall(use)]
    going = [
        entity
        for entity in model.entities
        if entity.told_how_long or entity.ttl_seconds or entity.facts.erase
    ]
    return _verb(spoken) in _taking()[0] and any(
        _alike(word, name)
        for word in content_words(use)
        for entity in going
        for name in content_words(entity.name)
    )


def _covered(use: str, told: list[tuple[Pattern, frozenset[str]]]) -> Coverage:
    folded = use.casefold()
    named = [
        pattern.name
        for pattern, _ in told
        if folded in {pattern.name.casefold(), *map(str.casefold, pattern.operation.serves)}
    ]
    if named:
        return Coverage(use, tuple(named), stated=True)
    spoken = [_plain(word) for word in _WORD.findall(use)]
    same = [p.name for p, _ in told if _fits(p, spoken) and _says_as_much(p, use)]
    if len(same) == 1:
        return Coverage(use, tuple(same), stated=True)
    begun = [p.name for p, _ in told if _names_a_thing(p) and _begins(_spoken(p), spoken)]
    if len(begun) == 1:
        return Coverage(use, tuple(begun), stated=True)
    named_whole = [(p, _said_whole(p, spoken)) for p, _ in told if _fits(p, spoken)]
    whole = [(p, after) for p, after in named_whole if after is not None]
    if len(whole) == 1:
        pattern, after = whole[0]
        others = {word for other, words in told if other is not pattern for word in words}
        return Coverage(use, (pattern.name,), stated=not _more(pattern, use, after, others))
    # A verb counts as a thing where an operation is named after it, such as an export.
    named_after = {word for pattern, _ in told for word in _spoken(pattern)} & _done()
    content = [*content_words(use), *named_after.intersection(spoken)] or spoken
    shares = [
        (sum(any(_alike(word, other) for other in words) for word in content), pattern)
        for pattern, words in told
        if _fits(pattern, spoken)
    ]
    # Among operations that name as much of it, the one with more of its other words is meant.
    ranked = [
        (count + sum(word in _spoken(pattern) for word in spoken) / 100, pattern.name)
        for count, pattern in shares
        if count
    ]
    best = sorted(ranked, key=lambda pair: -pair[0])
    names = tuple(name for count, name in best if count == best[0][0])[:_SHOWN]
    perhaps = not best or best[0][0] < len(content) * _SHARE
    doing = [p.name for p, _ in told if _says_what_is_done(p, spoken)]
    if perhaps and len(doing) == 1:
        return Coverage(use, tuple(doing))
    return Coverage(use, names, perhaps)


def _says_what_is_done(pattern: Pattern, use: list[str]) -> bool:
    """Whether a name is one word that a use case says too, and no thing, such as `remind`."""
    own = content_words(pattern.name)
    things = content_words(" ".join((pattern.entity, *pattern.touched)))
    alone = len(own) == 1 and len(_spoken(pattern)) == 1
    return alone and own[0] in use and not any(_alike(own[0], thing) for thing in things)


def _names_a_thing(pattern: Pattern) -> bool:
    """Whether a name has more than verbs, of which one behind an article is a thing."""
    articles = frozenset(map(_plain, _words().articles))
    return bool(content_words(pattern.name)) or not articles.isdisjoint(_spoken(pattern)[:-1])


def _says_as_much(pattern: Pattern, use: str) -> bool:
    """Whether an operation's name is the use case but for its verb and words that name nothing."""
    own = content_words(pattern.name)
    return bool(own) and own == content_words(use)


def _begins(name: list[str], use: list[str]) -> bool:
    """Whether a use case is a name of several words, and then says of, from or for what."""
    joined = frozenset(map(_plain, (*_words().common, *_words().places)))
    begun = len(name) > 1 and use[: len(name)] == name
    return begun and {*use[len(name) : len(name) + 1]} <= joined


def _said_whole(pattern: Pattern, use: list[str]) -> str | None:
    """Return the word after a name whose words a use case says in their order; None if it does not.

    It begins with them, or with a verb of reading where that is what is done. What is joined by
    "and" is another thing.
    """
    nameless = frozenset(map(_plain, (*_words().common, *_words().places)))
    name = [word for word in _spoken(pattern) if word not in nameless]
    places: list[int] = []
    for word in name:
        after = places[-1] + 1 if places else 0
        found = (at for at in range(after, len(use)) if _alike(word, use[at]))
        place = next(found, None)
        if place is None:
            return None
        places.append(place)
    if len(name) < 2 or not frozenset(map(_plain, _words().joins)).isdisjoint(use):
        return None
    begins = places[0] == 0 or (pattern.reads and use[0] in _verbs()[0])
    return "".join(use[places[-1] + 1 : places[-1] + 2]) if begins else None


def _more(pattern: Pattern, use: str, next_word: str, others: set[str]) -> bool:
    """Whether a use case speaks of more than a name: of several things, another's, or how far."""
    nameless = frozenset(map(_plain, (*_words().common, *_words().places)))
    own = _spoken(pattern)
    rest = [word for word in content_words(use) if not any(_alike(word, name) for name in own)]
    told = any(_alike(word, other) for word in rest for other in others)
    return len(rest) > 1 or told or bool({next_word} - nameless - {""})


def _spoken(pattern: Pattern) -> list[str]:
    return [_plain(word) for word in _WORD.findall(pattern.name)]


def _fits(pattern: Pattern, spoken: list[str]) -> bool:
    """Whether an operation does what the first verb of a use case says, where it says either.

    What removes or takes something back finds it, or is named so; another insert does neither.
    The same verb is the same doing, whatever it is: to count may be to read, or to write.
    """
    verb = _verb(spoken)
    if verb and verb == _verb(_spoken(pattern)):
        return True
    if any(verb in words for words in _taking()):
        named = any(_begin_alike(verb, word) for word in _spoken(pattern))
        return named or (pattern.changes and pattern.finds_rows)
    if pattern.job or not verb:
        return True
    return pattern.reads is (verb in _verbs()[0])


def _begin_alike(verb: str, word: str) -> bool:
    """Whether a word is made of a verb: a cancellation, a Widerruf."""
    return _same(verb, word) >= max(_SHORTEST, len(verb) * _ALIKE)


def _same(one: str, other: str) -> int:
    """Return how many letters two words have in common from their beginning on."""
    pairs = zip(one, other, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _verb(spoken: list[str]) -> str:
    reads, changes = _verbs()
    return next((word for word in spoken if word in reads | changes), "")


def content_words(text: str) -> list[str]:
    """Return the words of a text that name something, in plain small letters."""
    found = [_plain(word) for word in _WORD.findall(_CAMEL.sub(" ", text))]
    return [word for word in dict.fromkeys(found) if word not in _empty() and len(word) > 1]


def _told(pattern: Pattern, model: DataModel) -> frozenset[str]:
    """Return what an operation names: its words, its entities and the fields that it uses."""
    names = [pattern.entity, *pattern.operation.atomic]
    texts = [pattern.name, *names, *(model.entity(name).note for name in names)]
    texts += [*pattern.equal, *pattern.ranges, *pattern.among, *pattern.operation.invariants]
    # What is done counts where the operation's own name says it.
    words = (word for text in texts for word in content_words(text))
    return frozenset([*words, *_spoken(pattern)])


def _plain(word: str) -> str:
    """Return a word in small letters without accents."""
    parts = unicodedata.normalize("NFKD", word.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))


def _alike(one: str, other: str) -> bool:
    """Whether two words have a beginning in common that is most of the shorter, or one holds it."""
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) < _SHORTEST:
        return longer in {shorter, f"{shorter}s"}
    if len(shorter) > _SHORTEST and longer.endswith(shorter):
        return True  # a compound: what it ends with is what it is
    same = _same(one, other)
    related = len(longer) - len(shorter) <= _LONGER  # an account is no accountant
    return related and same >= max(_SHORTEST, len(shorter) * _ALIKE)


def use_case_unserved(case: FeasibilityCase) -> RuleHit | None:
    """Use cases that no operation seems to serve."""
    if case.model is None or not case.model.patterns:
        return None
    found = [item for item in coverage_of(case.answers, case.model) if item.perhaps]
    if not found:
        return None
    said = [
        f"“{inline(item.use_case)}”"
        + (f" (nearest: {' or '.join(map(inline, item.operations))})" if item.operations else "")
        for item in found
    ]
    return RuleHit("missing", "", {"use_cases": listed(said), "first": inline(found[0].use_case)})


def noun_unstored(case: FeasibilityCase) -> RuleHit | None:
    """Things that use cases speak of, and that no entity, field or operation is named after.

    Who is affected, and what it depends on, are known to lie elsewhere.
    """
    if case.model is None:
        return None
    others = (case.answers.affected_users, *case.answers.depends_on)
    stored = _stored(case.model) | {word for text in others for word in content_words(text)}
    nouns = dict.fromkeys(
        phrase
        for use in case.answers.use_cases
        for phrase in _phrases(use)
        if not any(_alike(word, other) for word in content_words(phrase) for other in stored)
    )
    return (
        RuleHit("missing", "", {"nouns": listed([f"“{inline(n)}”" for n in nouns])})
        if nouns
        else None
    )


def _stored(model: DataModel) -> frozenset[str]:
    texts = [pattern.name for pattern in model.patterns]
    for entity in model.entities:
        texts += [entity.name, entity.note, *(column.field for column in entity.columns)]
        texts += [value for column in entity.columns for value in column.type.values]
        texts += [note for _, note in entity.notes]
    return frozenset(word for text in texts for word in content_words(text))


def _phrases(use: str) -> Iterable[str]:
    """Yield what stands after an article, to the next word that names nothing.

    Who acts is none of it: of "a worker records each attempt", what comes before the next article.
    """
    articles = set(map(_plain, _words().articles))
    places = set(map(_plain, _words().places))
    joins = set(map(_plain, _words().joins))
    phrase: list[str] = []
    inside, before = False, ""
    placed = False  # what is joined to a place is one
    for at, word in enumerate([*_WORD.findall(use), ""]):
        plain, begins = _plain(word), at - 1  # of the words so far, all but the first article
        if inside and plain and plain not in _empty():
            phrase.append(word)
        else:
            acts = begins == len(phrase) > 1 and plain in articles
            if phrase and not acts:
                yield " ".join(phrase)
            placed = before in places or (placed and (before in joins or plain not in articles))
            phrase, inside = [], plain in articles and not placed
        before = plain


CHECKS = (
    ComponentCheck(use_case_unserved),
    ComponentCheck(noun_unstored),
)
