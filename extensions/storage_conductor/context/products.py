"""Which products a label or a list entry says are in use."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from itertools import pairwise

from .clauses import (
    ASIDE,
    LINK,
    LOCALLY,
    SEGMENT,
    SEGMENTS_MOST,
    Taken,
    affirmed,
    elsewhere,
    head_and_remarks,
    taken,
)
from .language import denied, left_open, name
from .lexicon import listed, tables
from .reading import taken_back
from .unlisted import unlisted
from .vocabulary import Hit, ProductKind, find_products

_TABLES = tables("speech")
_ENTRY_GOES_ON = re.compile(
    r"\s*(?:$|[-–—():,;/+&.|（）：，、。]|(?:for|as|on|with|via|in|and|plus|is (?:our|the)|für|als"
    r"|mit|und|pour|comme|avec|et|para|como|com|con|y|e)\b|[用作为和与及で])",
    re.IGNORECASE,
)
# What may follow as well where the list is about one kind.
_ENTRY_OF_KIND = re.compile(
    r"\s*(?:(?:at|across|throughout|everywhere|to|using|pipelines?|workflows?|cluster)\b|[にをとはがの]|[을를은는이가로와과의]|使用|利用|採用|사용)",
    re.IGNORECASE,
)
# A number or a picture before an entry, but for pictures that deny it or put it off.
_MARK = re.compile(
    r"(?:\d{1,2}(?:\.\d+)*[.)、:：]?\s+|\d?(?![❌❎✗✘✖⛔☐⬜🚫🔜🚧👎🔲])"
    r"[\u2600-\u27bf\u2b00-\u2bff\u20e3\ufe0f\u200d\U0001f000-\U0001faff]+\s*)+"
)
_AFTER_BRACKET = re.compile(r"(?<=[)）])\s*[,;/+、，；]\s*")
_CONFINED = listed(_TABLES["confined"])
_VIA = re.compile(r"^\s*(?:via|with|using|through|über|mit|avec|con|com|через|с)\s+", re.IGNORECASE)
_PLATFORM_LENGTH = 60  # of a platform with its region or plan
_EASTERN = "\u2e80"  # the first character of the scripts that need no spaces
_NEXT_BRACKET = re.compile(r"\s*[(（]([^()（）]*)[)）]")
_BOUND = re.compile(r"[\s\d.<>=~^*x]*")  # what may follow a version, such as ` <4.0`
_BRACKETED = re.compile(r"[(（]([^()（）]*)[)）]")
_RUNS = dict(entry.split("=") for entry in listed(tables("products")["runs"]))
_VERBS = "|".join(sorted(listed(_TABLES["verbs"])))
_RUN_ON = re.compile(
    rf"^\s*(?:{_VERBS})\s+(?:on|to|in|with|by|via|at|auf|bei|sur|chez|en|no|na)\s+", re.I
)
_COMPANIONS: frozenset[ProductKind] = frozenset({"orm", "migration_tool", "database"})


def in_value(value: str, kinds: Collection[ProductKind]) -> Iterator[Taken]:
    """The products that the value after a label names: of its kinds, and what they are used with.

    Args:
        value: The value.
        kinds: What the label is about.
    """
    value = _unconfined(value)
    head, aside = head_and_remarks(value)
    hits = affirmed(head)
    own = {hit.product.name for hit in hits}
    if taken_back(aside) or all(elsewhere(aside, kind, own) for kind in kinds):
        return
    if not any(set(hit.product.kinds) & set(kinds) for hit in hits):
        beside = affirmed(aside)  # `Supabase (PostgreSQL)`, `Room (SQLite)`
        hits += [hit for hit in beside if set(hit.product.kinds) & set(kinds)]
    fitting = list(_fitting(hits, head, kinds))
    yield from fitting
    for hit in hits if fitting or not _COMPANIONS.isdisjoint(kinds) else ():
        usual = hit.product.kinds[0]
        if usual in _COMPANIONS and usual not in kinds and not hit.product.everyday:
            yield taken(hit, usual)
    if fitting:
        yield from in_brackets(value, _COMPANIONS.difference(kinds))
    elif "database" in kinds:
        yield from (each for hit in hits for each in run_by(hit.product.name))
    if "test" in kinds or not find_products(head):
        yield from unlisted(value, kinds)


def _fitting(hits: list[Hit], head: str, kinds: Collection[ProductKind]) -> Iterator[Taken]:
    """The products of a value that are of one of its kinds; a platform with what is said of it."""
    for hit in hits:
        for kind in [each for each in hit.product.kinds if each in kinds][:1]:
            begins = len(head) <= _PLATFORM_LENGTH and not head[: hit.start].strip()
            whole = kind == "hosting" and begins
            yield Taken(hit.product.name, head.strip(), kind) if whole else taken(hit, kind)


def run_by(platform: str) -> Iterator[Taken]:
    """The one database engine that a platform runs."""
    if platform in _RUNS:
        yield Taken(_RUNS[platform], _RUNS[platform], "database")


def _unconfined(value: str) -> str:
    """The value without the parts that a bracket confines: `SQLite (dev), PostgreSQL (prod)`."""
    kept = (part for part in _AFTER_BRACKET.split(value) if not _confined(part))
    return ", ".join(kept) if _BRACKETED.search(value) else value


def _confined(part: str) -> bool:
    return any(name(inside) in _CONFINED for inside in _BRACKETED.findall(part))


def in_enumeration(text: str, kinds: Collection[ProductKind] = ()) -> Iterator[Taken]:
    """The products that begin the parts of an enumeration such as `Quarkus (Java 21), Redis`.

    Args:
        text: The enumeration.
        kinds: What it is about; if empty, anything.
    """
    if left_open(_BRACKETED.sub(" ", text)):
        return
    bare = _BRACKETED.sub(lambda found: f" {found[0]}" if _remark(found[1]) else " ", text)
    for segment in SEGMENT.split(head_and_remarks(bare)[0] if kinds else bare)[:SEGMENTS_MOST]:
        yield from in_entry(_without_modifiers(segment), kinds or None, alone=True)
    yield from in_brackets(text, kinds or {"language", "database"})


def _without_modifiers(segment: str) -> str:
    """A part from its product on, where the script puts what describes it before."""
    segment = _RUN_ON.sub("", segment)
    found = find_products(segment)
    last = len(found) == 1 and not segment[found[0].end :].strip(" 。")
    before = segment[: found[0].start] if last else ""
    described = max(before, default="") >= _EASTERN and not LOCALLY.found_in(before)
    return segment[found[0].start :] if described else segment


def _remark(text: str) -> bool:
    return taken_back(text) or any(elsewhere(text, kind) for kind in _COMPANIONS)


def _unmarked(text: str) -> str:
    """The text without the number or the picture before it: `3. PostgreSQL`."""
    mark = _MARK.match(text)
    return text[mark.end() :] if mark else text


def _without_vendor(text: str) -> str:
    """The text without who runs the product that it begins with: `Supabase PostgreSQL`."""
    found = find_products(text)[:2]
    vendor = len(found) == 2 and found[0].start == 0 and found[0].product.kinds == ("hosting",)
    between = text[found[0].end : found[1].start].strip(" (（") if vendor else ""
    joined = vendor and between in {"", "for", "für", "pour"}
    return text[found[1].start :] if joined else text


def in_brackets(text: str, kinds: Collection[ProductKind]) -> Iterator[Taken]:
    """The products of some kinds that are all that stands between commas in brackets."""
    for inside in _BRACKETED.findall(text)[:SEGMENTS_MOST]:
        for each in () if denied(inside) else SEGMENT.split(inside)[:SEGMENTS_MOST]:
            segment = _VIA.sub("", each)
            hits = find_products(segment)
            if len(hits) == 1 and hits[0].start == 0 and _BOUND.fullmatch(segment, hits[0].end):
                for kind in [each for each in hits[0].product.kinds if each in kinds][:1]:
                    yield taken(hits[0], kind)


def is_named(label: str) -> bool:
    """Whether a label is nothing but products, as in `**PostgreSQL 16**: orders`."""
    bare = _unmarked(ASIDE.sub("", label))
    hits = find_products(bare)
    if not hits or hits[0].start != 0:
        return False
    between = [bare[a.end : b.start] for a, b in pairwise(hits)] + [bare[hits[-1].end :]]
    return all(map(LINK.fullmatch, between))


def in_entry(
    text: str, kinds: Collection[ProductKind] | None, *, alone: bool = False
) -> Iterator[Taken]:
    """The products of a list entry, title or short line that begins with one, such as `Redis 7`.

    Args:
        text: The entry.
        kinds: What the list is about; None if it may be anything.
        alone: Whether more words may follow the first product, which is then the only one.
    """
    text = _without_vendor(_unmarked(text))
    found = find_products(text)
    if not found or found[0].start != 0:
        return
    goes_on = _ENTRY_GOES_ON.match(text, found[0].end) or (
        kinds is not None and _ENTRY_OF_KIND.match(text, found[0].end)
    )
    if not alone and not goes_on:
        return
    head, aside = head_and_remarks(text)
    beside = _NEXT_BRACKET.match(text, found[0].end)
    if taken_back(aside) or (beside and name(beside[1]) in _CONFINED):
        return
    for index, hit in enumerate(affirmed(head)[: 1 if alone else None]):
        wanted = [each for each in hit.product.kinds if kinds is None or each in kinds]
        if not wanted and index == 0:
            return
        if alone and hit.product.everyday and hit.end < len(text.strip()):
            continue
        kind = wanted[0] if wanted else hit.product.kinds[0]
        if not elsewhere(text, kind, {hit.product.name}):
            yield taken(hit, kind)
