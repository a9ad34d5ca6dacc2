"""Decisions about layouts that were compared: which words of `_layout` a decision stands for.

A decision names a layout by the words of `_layout` or by those of the table in the specification,
for all entities that it is about, or for some by `Entity: words`, one after another with `;`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

from ..schema.shard_ways import SHARDED
from ..schema.ways import EXPIRED, SUMMED, Bucketing, Copies, Embedded, KeyChoice, Spread

if TYPE_CHECKING:
    from ..schema.result import Design

_KINDS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "D-layout-choice": (get_args(KeyChoice), get_args(Copies)),
    "D-aggregate-kept": (SUMMED,),
    "D-expiry-choice": (EXPIRED,),
    "D-embed-choice": (get_args(Embedded),),
    "D-spread-choice": (get_args(Spread),),
    "D-shard-choice": (SHARDED,),
    "D-bucket-choice": (get_args(Bucketing),),
    "D-unbounded-partition": (get_args(Bucketing),),
}
"""The words of each decision by kind; a layout has one of each kind."""

_SAID: Mapping[str, str] = {
    "own key": r"own key",
    "parent key": r"parent key|by what it is read by",
    "whole items": r"whole items",
    "read fields": r"read fields|what is read",
    "keys only": r"keys only|indexes hold keys",
    "added at read": r"added (?:up )?(?:at|by|on) (?:each |every )?read",
    "split counter": r"split counters?|counters? split",
    "counter": r"(?<!split )counters?(?! split)",
    "recomputed": r"recomputed|computed anew",
    "deleted in batches": r"batch(?:es)?",
    "partitions": r"partition(?:s|ed|ing)?",
    "embedded": r"embed(?:ded)?|(?:in|within) (?:the|its) document",
    "referred": r"refer(?:red|enced)?|(?:a )?collection of (?:its|their) own",
    "one partition": r"one partition",
    "by year": r"(?:by|an?)(?: the)? year|yearly",
    "by month": r"(?:by|an?)(?: the)? month|monthly",
    "by day": r"(?:by|an?)(?: the)? day|daily",
    "by hour": r"(?:by|an?)(?: the)? hour|hourly",
    "by hash": r"by (?:a )?hash|hashed",
    "id hash": r"id hash|(?:the )?hash of (?:the|its) (?:id|key)",
    "filter first": r"filter first",
    "filter hash": r"filter hash",
    "unique first": r"unique first",
}
_CLAUSES = re.compile(r"[,.:]|\bbut\b|\band\b", re.I)
_NOT = re.compile(r"\b(?:not|no|never|without|instead of|rather than)\b", re.I)


class Compared(NamedTuple):
    """What was compared for one entity.

    Args:
        entity: Its name.
        names: By what it may be named: its own name, or that of an access pattern.
        words: The words of `_layout` that it can have.
    """

    entity: str
    names: tuple[str, ...]
    words: frozenset[str]


def with_layouts(
    entities: Mapping[str, Any], design: Design | None, words: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, bool]]:
    """Return entities with the layouts that decisions name, and whether each could be followed.

    Words that name no layout are a design of their own and are left out of the second.

    Args:
        entities: The answer `entities`.
        design: The draft while nothing is decided.
        words: What was decided, by the key of the decision.
    """
    found = dict(entities)
    followed: dict[str, bool] = {}
    for key in _KINDS.keys() & words.keys():
        if design is None or not any(_words(words[key], kind) for kind in _KINDS[key]):
            continue
        chosen = dict(_chosen(words[key], list(_compared(design, key)), _KINDS[key]))
        followed[key] = bool(chosen)
        for name, layout in chosen.items():
            given = str(found[name].get("_layout", ""))
            found[name] = {**found[name], "_layout": ", ".join(filter(None, (given, *layout)))}
    return found, followed


def _compared(design: Design, key: str) -> Iterator[Compared]:
    """Yield what a decision is about, each entity once."""
    about = {f.subject for f in design.findings if f"D-{f.key}" == key}
    if key == "D-aggregate-kept":
        yield from _sums(design, about)
    elif key == "D-layout-choice":
        for layouts in design.layouts:
            if layouts.entity in about:
                words = frozenset(word for row in layouts.rows for word in row.words)
                yield Compared(layouts.entity, (layouts.entity,), words)
    elif key in ("D-bucket-choice", "D-unbounded-partition"):
        yield from _buckets(design, about)
    else:
        words = frozenset(_KINDS[key][0])
        entities = [choice.entity for choice in design.expiries]
        entities += [choice.entity for choice in design.embeds]
        entities += [choice.entity for choice in design.spreads]
        entities += [choice.entity for choice in design.shards]
        for entity in entities:
            if entity in about:
                yield Compared(entity, (entity,), words)


def _sums(design: Design, about: Iterable[str]) -> Iterator[Compared]:
    """Yield the entities of these access patterns; SQLite, with one writer, splits no counter."""
    found = [choice for choice in design.sums if choice.pattern in about]
    for entity in dict.fromkeys(choice.entity for choice in found):
        own = [choice for choice in found if choice.entity == entity]
        words: set[str] = {row.word for choice in own for row in choice.rows}
        if "counter" in words and dict(design.stores).get(entity) != "sqlite":
            words.add("split counter")
        yield Compared(entity, (entity, *(choice.pattern for choice in own)), frozenset(words))


def _buckets(design: Design, about: Iterable[str]) -> Iterator[Compared]:
    """Yield the entities of tables; each that can have a bucket gets it."""
    found = [item for item in design.buckets if item.entity in about or item.table in about]
    for entity in dict.fromkeys(item.entity for item in found):
        own = [item for item in found if item.entity == entity]
        words = frozenset[str](word for item in own for word in item.words)
        yield Compared(entity, (entity, *(item.table for item in own)), words)


def _chosen(
    text: str, compared: list[Compared], kinds: Iterable[tuple[str, ...]]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the entities for which words name one layout that they can have, each with it."""
    named: dict[str, str] = {}
    rest: list[str] = []
    for part in re.split(r"[;\n]", text):
        about, colon, said = part.partition(":")
        meant = [item.entity for item in compared if colon and _names(about, item)]
        named |= dict.fromkeys(meant, said)
        rest += [] if meant else [part]
    for item in compared:
        said = named.get(item.entity, "; ".join(rest))
        layout = tuple(word for kind in kinds if (word := _one(said, item.words, kind)))
        if layout:
            yield item.entity, layout


def _names(about: str, item: Compared) -> bool:
    return any(re.search(rf"\b{re.escape(name)}\b", about, re.I) for name in item.names)


def _one(text: str, possible: frozenset[str], kind: tuple[str, ...]) -> str:
    """Return the one word of a kind that text asks for; of two, that which it does not refuse."""
    wanted, refused = set[str](), set[str]()
    for clause in _CLAUSES.split(text):
        asked, *against = _NOT.split(clause)
        wanted |= _words(asked, kind)
        refused |= _words(" ".join(against), kind)
    if not wanted and refused:
        wanted = {word for word in kind if word in possible and word not in refused}
    wanted -= refused
    return wanted.pop() if len(wanted) == 1 and wanted <= possible else ""


def _words(text: str, kind: tuple[str, ...]) -> set[str]:
    return {word for word in kind if re.search(rf"\b(?:{_SAID[word]})\b", text, re.I)}
