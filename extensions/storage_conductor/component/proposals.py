"""Entities and access patterns that the use cases speak of, proposed where nobody gave any.

A sentence is read by its verb, the thing after it, and what it is found by; words are data, in
`catalog/proposals.yml`. What is not understood is left to phase 1 of the plan.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ..catalog.entry import CatalogEntry
from ..catalog.feature_words import near_place
from ..catalog.reading import CATALOG, load
from ..schema.names import snake
from ..wording import yaml_line

_MOST = 12  # use cases that are read; more are a model of their own
_PLACE = "location"  # the field that tells where something is
_STATE = "state"  # the field that tells a free berth from another
_LONGEST = 40  # characters of a name
_ACTOR = 3  # words of who does something, before the verb
_ELIDED = re.compile(r"\b([dl])['’](?=\w)")  # d'un client
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*|[,.;:()]")


class UseCaseWords(CatalogEntry):
    """The whole of `catalog/proposals.yml`."""

    verbs: Mapping[str, tuple[str, ...]]
    pronouns: frozenset[str]
    particles: frozenset[str]
    determiners: frozenset[str]
    ends: frozenset[str]
    by: frozenset[str]
    manners: frozenset[str]
    of: frozenset[str]
    newest: frozenset[str]
    singulars: Mapping[str, str]
    vague: frozenset[str]
    spans: frozenset[str]
    parts: frozenset[str]
    which: frozenset[str]
    counts: frozenset[str]
    conditions: frozenset[str]
    computes: frozenset[str]
    states: Mapping[str, frozenset[str]]
    types: Mapping[str, tuple[str, ...]]


@functools.cache
def words() -> UseCaseWords:
    """Return the words of the catalog."""
    return load(UseCaseWords, CATALOG / "proposals.yml")


class UseCaseClause(NamedTuple):
    """What a use case says.

    Args:
        kind: The kind of access pattern: `read`, `write`, `update` or `delete`.
        thing: The name of the entity.
        several: Whether it speaks of several of them.
        by: Fields that they are found by.
        owner: The entity that they belong to; empty where none is named.
        newest: Whether the newest come first.
        since: A time by which they are found, and how it is compared: `created_at >`.
        counted: Whether it asks how many there are.
        near: How a place is compared by which they are found: `location near 5 km`.
    """

    kind: str
    thing: str
    several: bool
    by: tuple[str, ...]
    owner: str
    newest: bool
    since: str = ""
    counted: bool = False
    near: str = ""


class ProposedModel(NamedTuple):
    """A model that nobody stated.

    Args:
        entities: Fields by entity, in the form of the answer `entities`.
        access_patterns: In the form of the answer of that name.
        left: Use cases that were not understood.
    """

    entities: Mapping[str, Mapping[str, str]]
    access_patterns: Sequence[Mapping[str, Any]]
    left: Sequence[str]

    @property
    def text(self) -> str:
        """Return it as YAML for a file of answers, an entity or a pattern a line."""
        return "\n".join(
            [
                "entities:",
                *(f"  {name}: {yaml_line(fields)}" for name, fields in self.entities.items()),
                "access_patterns:",
                *(f"  - {yaml_line(item)}" for item in self.access_patterns),
            ]
        )


def proposed_model(use_cases: Sequence[str], storage_type: str) -> ProposedModel | None:
    """Return the model that use cases speak of; None where nothing in them was understood.

    Args:
        use_cases: The answer of that name.
        storage_type: One of the five; files and objects have content, entries of a cache a value.
    """
    clauses: dict[str, UseCaseClause] = {}
    before = ""
    for text in use_cases[:_MOST]:
        if text.isprintable() and (clause := clause_of(text, before)):
            clauses[text], before = clause, clause.thing
    if not clauses:
        return None
    entities: dict[str, dict[str, str]] = {}
    for clause in clauses.values():
        fields = entities.setdefault(clause.thing, {"id": "uuid pk", **_content(storage_type)})
        fields.update((name, _type(name)) for name in clause.by if name != "id")
        if clause.near:
            fields.setdefault(_PLACE, "point not null")
        for name in [*(["created_at"] if clause.newest else []), *clause.since.split()[:1]]:
            fields.setdefault(name, "timestamptz not null")
    for clause in clauses.values():
        if clause.owner:
            known = clause.owner in entities and clause.owner != clause.thing
            said = f"ref {clause.owner} not null" if known else "uuid not null"
            entities[clause.thing].setdefault(_owned(clause.owner, entities, clause.thing), said)
    patterns = [_pattern(text, clause, entities) for text, clause in clauses.items()]
    return ProposedModel(
        entities, patterns, [text for text in dict.fromkeys(use_cases) if text not in clauses]
    )


def _pattern(text: str, clause: UseCaseClause, entities: Mapping[str, Any]) -> dict[str, Any]:
    pattern: dict[str, Any] = {"name": text, "entity": clause.thing}
    if clause.kind != "read":
        pattern["kind"] = clause.kind
    found = list(clause.by)
    if clause.owner and (clause.several or not found):
        found.append(_owned(clause.owner, entities, clause.thing))
    found += filter(None, (clause.since, clause.near))
    if clause.kind != "write" and (found or not clause.several or clause.kind != "read"):
        pattern["filter"] = found or ["id"]
    if clause.counted:
        pattern["aggregate"] = "count"
    elif clause.kind == "read" and clause.several:
        pattern |= {"sort": ["created_at desc"]} if clause.newest else {}
        pattern["page_size"] = 50
    return pattern


def _owned(owner: str, entities: Mapping[str, Any], thing: str) -> str:
    """Return the field of a thing that names its owner: a reference where that is an entity."""
    return snake(owner) if owner in entities and owner != thing else f"{snake(owner)}_id"


def _content(storage_type: str) -> dict[str, str]:
    if storage_type in ("object_storage", "file_system"):
        return {"content": "bytes not null"}
    return {"value": "json not null"} if storage_type == "cache" else {}


def _type(name: str) -> str:
    parts = name.split("_")
    return next(
        (kind for kind, known in words().types.items() if any(part in known for part in parts)),
        "text not null",
    )


def clause_of(text: str, before: str = "") -> UseCaseClause | None:
    """Return what a use case says; None where it has no verb that is known, or no thing.

    Args:
        text: The use case.
        before: The entity of the use case before it, of which a pronoun speaks.
    """
    place = near_place(text[:300])
    if place is not None:
        return _clause_near(text[:300], before, *place)
    tokens = _WORD.findall(_ELIDED.sub(r"\1 ", text.casefold()[:300]))
    kind, rest = _verb(tokens)
    while rest and rest[0] in words().particles:
        rest = rest[1:]
    subject = _subject(kind, rest, before) if kind else None
    if subject is None or not subject.thing:
        return None
    thing, several, owner, since, counted, rest, state = subject
    if rest[:1] and rest[0] in words().of:
        _, phrase, after = _phrase(rest[1:])
        if _measure(phrase) in words().spans:  # the orders of a day
            since, rest = since or "created_at between", after
        elif not owner and not _measure(phrase) and (owner := _name(phrase)[0]):
            rest = after
    counting = words().counts & set(_kinds())  # of these words, the verbs
    counted = kind == "read" and several and (counted or not counting.isdisjoint(tokens))
    sorted_ = since == "created_at >" or not words().newest.isdisjoint(tokens)
    newest = kind == "read" and not counted and sorted_
    owner = "" if owner == thing else owner
    by = (*_found_by(rest), *state)
    return UseCaseClause(kind, thing, several, by, owner, newest, since, counted)


def _clause_near(text: str, before: str, words_: str, far: str) -> UseCaseClause | None:
    """Return what a use case says that looks for what is at a place.

    Args:
        text: The use case.
        before: As in `clause_of`.
        words_: Its words about the place.
        far: How far, or an empty text.
    """
    start, _, end = text.partition(words_)
    last = re.findall(r"\w+", end)[-1:]  # the infinitive of a German sentence
    box = re.search(r"map|box|karte|carte|mappa", words_, re.IGNORECASE)
    near = f"{_PLACE} within" if box else f"{_PLACE} near {far}".strip()
    for said in (start, " ".join((start, *last)), f"{start} {end}"):
        clause = None if near_place(said) else clause_of(said, before)
        if clause and clause.kind == "read":
            return clause._replace(several=True, owner="", near=near)
    return None


class _Subject(NamedTuple):
    thing: str
    several: bool
    owner: str
    since: str
    counted: bool
    rest: Sequence[str]
    state: tuple[str, ...] = ()


def _subject(kind: str, tokens: Sequence[str], before: str) -> _Subject | None:
    """Return what the words after a verb are about; None where they only measure something."""
    book = words()
    owner, phrase, rest = _phrase(tokens)
    measure = _measure(phrase)
    counted = measure in book.counts
    if measure in book.parts | book.counts and rest[:1] and rest[0] in book.of:
        owner, phrase, rest = _phrase(rest[1:])  # a page of the orders: orders
        if _measure(phrase):
            return None
        measure = ""
    if book.computes & set(phrase):
        return None  # of which field is not said
    if measure in book.spans:  # the last 7 days: what was stored since
        return (
            _Subject(before, True, owner, "created_at >", False, rest) if kind == "read" else None
        )
    if len(phrase) == 1 and phrase[0] in book.pronouns:
        return _Subject(before, False, owner, _state(rest), counted, rest)
    thing, several = _name(phrase)
    if measure and kind == "read" and thing != before:
        return None
    # A free berth is one of many.
    state = (_STATE,) if kind == "read" and book.conditions & set(phrase[:-1]) else ()
    return _Subject(thing, several or bool(state), owner, _state(rest), counted, rest, state)


def _measure(phrase: Sequence[str]) -> str:
    """Return the word that measures other things where a phrase names none: `the last 7 days`."""
    book = words()
    *before, last = phrase or ("",)
    known = book.spans | book.parts | book.counts
    found = next((word for word in (last, _singular(last)) if word in known), "")
    return found if all(word in book.which or word.isdigit() for word in before) else ""


def _state(tokens: Sequence[str]) -> str:
    """Return the time that tells of things that are silent, or older than something."""
    states = words().states.items()
    return next((f"{name} <" for name, said in states if said & set(tokens)), "")


@functools.cache
def _kinds() -> Mapping[str, str]:
    """Return the kind of access pattern of each verb."""
    return {verb: kind for kind, known in words().verbs.items() for verb in known}


def _verb(tokens: Sequence[str]) -> tuple[str, Sequence[str]]:
    """Return the kind of a sentence's verb, and the words after it.

    It begins the sentence, or comes after who does it. A German infinitive ends the sentence, and
    all of them end with an `n`.
    """
    kinds = _kinds()
    if tokens and tokens[0] in kinds:
        return kinds[tokens[0]], tokens[1:]
    if len(tokens) > 1 and tokens[-1] in kinds and tokens[-1].endswith("n"):
        return kinds[tokens[-1]], tokens[:-1]
    for place in range(1, min(len(tokens), _ACTOR + 1)):
        if kind := _acted(tokens[place - 1], tokens[place]):
            return kind, tokens[place + 1 :]
        if tokens[place] in words().ends:
            break
    return "", tokens


def _acted(actor: str, verb: str) -> str:
    """Return the kind of an English verb in the form that goes with who does it.

    `Guests book` and `a guest books` are sentences; `guest book` and `guests books` name things.
    """
    several = _singular(actor) != actor
    forms = [verb] if several else [verb[: -len(end)] for end in ("s", "es") if verb.endswith(end)]
    return next((_kinds()[form] for form in forms if form in _kinds()), "")


def _phrase(tokens: Sequence[str]) -> tuple[str, Sequence[str], Sequence[str]]:
    """Return the owner before a possessive, the words of a thing, and what comes after it."""
    book, owner, phrase = words(), "", list[str]()
    for place, token in enumerate(tokens):
        told = phrase and any(token in said for said in book.states.values())
        ends = token in book.ends and (phrase or token not in book.determiners)
        if ends or told or not token[0].isalnum():
            return owner, phrase, tokens[place:]
        if token in book.determiners and not phrase:
            continue
        if token in book.particles and phrase:
            continue
        if re.search(r"['’]s$|s['’]$", token):
            owner, phrase = _name([*phrase, re.sub(r"['’]s?$", "", token)])[0], []
        else:
            phrase.append(token)
    return owner, phrase, ()


def _name(phrase: Sequence[str]) -> tuple[str, bool]:
    """Return the entity that words name, in the singular, and whether they are in the plural."""
    if not phrase:
        return "", False
    last = _singular(phrase[-1])
    book = words()
    parts = [*phrase[-2:-1], last] if last in book.vague | book.spans | book.parts else [last]
    name = "".join(part[:1].upper() + part[1:] for part in map(_plain, parts))
    fits = re.fullmatch(r"[A-Za-z][A-Za-z0-9]*", name) and len(name) <= _LONGEST
    return (name, last != phrase[-1]) if fits else ("", False)


def _found_by(tokens: Sequence[str]) -> tuple[str, ...]:
    """Return the fields after a `by`: `by version or by digest`, `by name and day`."""
    book, fields = words(), list[str]()
    for place, token in enumerate(tokens):
        if token in book.by or (
            token in ("and", "or", "und", "oder", "et", "ou", "y", "o") and fields
        ):
            _, phrase, _ = _phrase(tokens[place + 1 :])
            name = "_".join(map(_plain, phrase[-2:])).replace("e_mail", "email")
            if book.manners & set(phrase):
                continue
            if re.fullmatch(r"[a-z][a-z0-9_]*", name) and len(name) <= _LONGEST:
                fields.append(name)
        elif fields and token in book.ends:
            break
    return tuple(dict.fromkeys(fields))[:3]


def _singular(word: str) -> str:
    if word in (known := words().singulars):
        return known[word]
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if re.search(r"(?:ss|x|ch|sh)es$", word):
        return word[:-2]
    if word.endswith("s") and not re.search(r"(?:ss|us|is)$", word) and len(word) > 3:
        return word[:-1]
    return word


def _plain(word: str) -> str:
    """Return a word without accents and hyphens."""
    flat = unicodedata.normalize("NFKD", word.replace("ß", "ss"))
    return re.sub(r"[^\w]", "_", "".join(c for c in flat if not unicodedata.combining(c))).strip(
        "_"
    )
