"""Which products a label, a list entry or a sentence says are in use."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from itertools import pairwise
from typing import NamedTuple

from .language import denied, left_open, name
from .lexicon import Lexicon, listed, tables
from .reading import TAKEN_BACK
from .vocabulary import Hit, ProductKind, find_products

_TABLES = tables("speech")
_LINK = re.compile(
    r"\s*(?:[,;/&+、，·|]\s*)*(?:(?:and|plus|with|und|mit|et|avec|y|con|e|com)\s+|[和与及と]\s*)?",
    re.IGNORECASE,
)
_OR = re.compile(r"\s*,?\s*(?:\b(?:or|oder|ou|o|u)\s+|或者?|または|\?)\s*", re.IGNORECASE)
_TOWARDS = re.compile(r"\s*(?:to|→|->|=>|nach|vers|para)\s*", re.IGNORECASE)
_TURNED_DOWN = re.compile(
    r"(?:\b(?:instead of|in place of|rather than|as opposed to|unlike|over|than|from|replaced"
    r"|replaces|not|no|without|never|vs\.?|versus|against|like|such as|except"
    r"|statt|anstatt|anstelle von|nicht|kein\w*|ohne|au lieu de|plutôt que|sans|pas"
    r"|en lugar de|en vez de|sin|em vez de|ao invés de|sem)\s+(?:(?:the|a|an|our|any|using)\s+)*"
    r"|代替|而不是|而非)$",
    re.IGNORECASE,
)
_CONTRAST = re.compile(r",\s+(?:not|never|without|rather than|instead of)\b", re.IGNORECASE)
_DENYING_CLAUSE = re.compile(r"[，,、]\s*(?:不|禁止|而不|而非).*", re.DOTALL)
_REASON = re.compile(
    r"\s+[-–—]+\s+|;\s|\.\s|\.$|[。；]|,?\s+\b(?:because|since|which|that|due to|so that|weil|car"
    r"|parce|porque|pois)\b\s|[,;]\s+[^,;:：]{1,30}[:：]\s",
    re.IGNORECASE,
)
ASIDE = re.compile(r"\s*(?:\((?!\s*(?:v(?:ersion)?\.?\s*|[<>=~^≥]+\s*)?\d)[^()]*\)|（[^（）]*）)")

_ENTRY_GOES_ON = re.compile(
    r"\s*(?:$|[-–—(:,;/+&.|（，、。]|(?:for|as|on|with|via|in|and|plus|is (?:our|the)|für|als|mit"
    r"|und|pour|comme|avec|et|para|como|com|con|y|e)\b|[用作为和与及で])",
    re.IGNORECASE,
)
_UNLISTED_KINDS: frozenset[ProductKind] = frozenset(
    {"database", "orm", "migration_tool", "validation", "test", "cache"}
)
_IDENTIFIER = re.compile(r"@?[A-Za-z][\w.+#@/-]*")
_TELLING = re.compile(r"[a-z][A-Z]|[A-Za-z]\d|[a-z]\.[a-z]|^@|[a-z]-[a-z]|^[A-Z]{2,}")
_VERSION_WORD = re.compile(r"v?\d[\w.]*\+?")
_FOR = re.compile(r"\s+(?:for|für|pour|para|per|для)\s")
_PATH = re.compile(r"/\S*/|\.(?:tsx?|py|md|json|ya?ml|sh|sql|toml|xml|rs|java|rb|php)\b")
_NAME_WORDS = 4  # of a product that is not listed
_COMMON = listed(_TABLES["common"])
_COMMON_ENDINGS = Lexicon(_TABLES["common_endings"])
_SEGMENT = re.compile(
    r"\s*[,;/&、，；·|]\s*|\s\+\s|\s+(?:and|with|und|mit|et|avec|y|con|e|com|и|с)\s+"
)
_AFTER_BRACKET = re.compile(r"(?<=[)）])\s*[,;/+、，；]\s*")
_CONFINED = listed(_TABLES["confined"])
_SEGMENTS_MOST = 24
_VIA = re.compile(r"^\s*(?:via|with|using|through|über|mit|avec|con|com|через|с)\s+", re.IGNORECASE)
_BRACKETED = re.compile(r"[(（]([^()（）]*)[)）]")
TESTS = Lexicon(_TABLES["tests"])
BACKUPS = Lexicon(_TABLES["backups"])
LOCALLY = Lexicon(_TABLES["locally"])


def affirmed(text: str) -> list[Hit]:
    """The products that a clause says yes to.

    `instead of MySQL` and `over MySQL` turn down only what they name; `PostgreSQL or MySQL` and
    `MySQL to PostgreSQL` decide nothing; any other denial or doubt silences the whole clause.
    """
    chosen: list[Hit] = []
    undecided: list[Hit] = []
    said = ""
    yes, end, before = True, 0, None
    text = _DENYING_CLAUSE.sub("", text, count=1)
    for hit in find_products(text):
        gap = text[end : hit.start]
        if before and (_OR.fullmatch(gap) or (yes and _TOWARDS.fullmatch(gap))):
            undecided += [before, hit]
        elif not (before and _LINK.fullmatch(gap)):
            turned = _TURNED_DOWN.search(gap)
            yes = turned is None
            said += gap[: turned.start()] if turned else gap
        if yes:
            chosen.append(hit)
        before, end = hit, hit.end
    said += " " + _CONTRAST.split(text[end:], maxsplit=1)[0]
    if denied(said) or left_open(said):
        return []
    return [hit for hit in chosen if hit not in undecided]


class Taken(NamedTuple):
    """A product that is taken from a text.

    Attributes:
        name: Its name.
        text: Its name with the version.
        kind: What it is used for.
    """

    name: str
    text: str
    kind: ProductKind


def taken(hit: Hit, kind: ProductKind) -> Taken:
    """A product that a text names, taken for one of its kinds."""
    return Taken(hit.product.name, hit.text, kind)


def in_value(value: str, kinds: Collection[ProductKind]) -> Iterator[Taken]:
    """The products that the value after a label names: of its kinds, and what they are used with.

    Args:
        value: The value.
        kinds: What the label is about.
    """
    value = _unconfined(value)
    head, aside = _head(value)
    if TAKEN_BACK.found_in(aside) or all(_elsewhere(aside, kind) for kind in kinds):
        return
    hits = affirmed(head)
    if not any(set(hit.product.kinds) & set(kinds) for hit in hits):
        beside = affirmed(aside)  # `Supabase (PostgreSQL)`, `Room (SQLite)`
        hits += [hit for hit in beside if set(hit.product.kinds) & set(kinds)]
    of_kind = False
    for hit in hits:
        own = [each for each in hit.product.kinds if each in kinds][:1]
        of_kind = of_kind or bool(own)
        if own == ["hosting"] and len(head) <= 60:
            yield Taken(hit.product.name, head.strip(), "hosting")
        elif own:
            yield taken(hit, own[0])
    for hit in hits if of_kind else ():
        usual = hit.product.kinds[0]
        if usual in _COMPANIONS and usual not in kinds and not hit.product.everyday:
            yield taken(hit, usual)
    if of_kind:
        yield from in_brackets(value, _COMPANIONS.difference(kinds))
    if "test" in kinds or not find_products(head):
        yield from unlisted(value, kinds)


def _unconfined(value: str) -> str:
    """The value without the parts that a bracket confines: `SQLite (dev), PostgreSQL (prod)`."""
    kept = (part for part in _AFTER_BRACKET.split(value) if not _confined(part))
    return ", ".join(kept) if _BRACKETED.search(value) else value


def _confined(part: str) -> bool:
    return any(name(inside) in _CONFINED for inside in _BRACKETED.findall(part))


_COMPANIONS: frozenset[ProductKind] = frozenset({"orm", "migration_tool", "database"})


def unlisted(
    text: str, kinds: Collection[ProductKind], *, telling: bool = False
) -> Iterator[Taken]:
    """The names in a text that no list knows, by their form alone; nothing where it is unsure.

    Args:
        text: A value or an entry that can only be one of the kinds.
        kinds: The kinds; of several, none is taken.
        telling: Whether a name must show by its letters that it is one, as `AssertJ` does.
    """
    if len(kinds) != 1 or _TURNED_DOWN.search(text + " "):
        return
    (kind,) = kinds
    head, aside = _head(text)
    head = _FOR.split(head, maxsplit=1)[0] if telling else head
    if kind not in _UNLISTED_KINDS or TAKEN_BACK.found_in(aside) or denied(head) or left_open(head):
        return
    segments = [each.strip(" .:") for each in _SEGMENT.split(head)[:_SEGMENTS_MOST]]
    unknown = [own for own in segments if own and not find_products(own)]
    if _PATH.search(head) or not all(map(_is_name, unknown)):
        return
    if telling and not all(map(_tells, unknown)):
        return
    for own in unknown:
        bare = [word for word in own.split() if not _VERSION_WORD.fullmatch(word)]
        yield Taken(" ".join(bare), own, kind)


def _tells(text: str) -> bool:
    """Whether a name shows by its letters, or by its version, that it is one."""
    return bool(_TELLING.search(text)) or any(map(_VERSION_WORD.fullmatch, text.split()))


def _is_name(text: str) -> bool:
    words = text.split()
    bare = [word for word in words if not _VERSION_WORD.fullmatch(word)]
    if not bare or len(bare) > _NAME_WORDS or not all(map(_IDENTIFIER.fullmatch, bare)):
        return False
    if any(part in _COMMON for word in bare for part in re.split(r"[-/]", word.casefold())):
        return False
    if len(words) == 2 and len(bare) == 1 and _VERSION_WORD.fullmatch(words[1]):
        return True  # `jqwik 1.8`
    if any(map(_TELLING.search, bare)) or len(words) > len(bare):
        return all(word[0].isupper() or _TELLING.search(word) for word in bare)
    if not all(word[0].isupper() for word in bare):
        return False
    return len(bare) > 1 or not _COMMON_ENDINGS.found_in(text)


def in_enumeration(text: str, kinds: Collection[ProductKind] = ()) -> Iterator[Taken]:
    """The products that begin the parts of an enumeration such as `Quarkus (Java 21), Redis`.

    Args:
        text: The enumeration.
        kinds: What it is about; if empty, anything.
    """
    if left_open(_BRACKETED.sub(" ", text)):
        return
    bare = _BRACKETED.sub(lambda found: f" {found[0]}" if _remark(found[1]) else "", text)
    for segment in _SEGMENT.split(_head(bare)[0] if kinds else bare)[:_SEGMENTS_MOST]:
        yield from in_entry(segment, kinds or None, alone=True)
    yield from in_brackets(text, kinds or {"language", "database"})


def _remark(text: str) -> bool:
    return TAKEN_BACK.found_in(text) or any(_elsewhere(text, kind) for kind in _COMPANIONS)


def in_brackets(text: str, kinds: Collection[ProductKind]) -> Iterator[Taken]:
    """The products of some kinds that are all that stands between commas in brackets."""
    for inside in _BRACKETED.findall(text)[:_SEGMENTS_MOST]:
        for each in () if denied(inside) else _SEGMENT.split(inside)[:_SEGMENTS_MOST]:
            segment = _VIA.sub("", each)
            hits = find_products(segment)
            if len(hits) == 1 and hits[0].start == 0 and hits[0].end == len(segment.rstrip()):
                for kind in [each for each in hits[0].product.kinds if each in kinds][:1]:
                    yield taken(hits[0], kind)


def _head(value: str) -> tuple[str, str]:
    """What a value says, and the reasons and remarks beside it."""
    remarks = " ".join(ASIDE.findall(value))
    bare = ASIDE.sub("", value)
    cut = _REASON.search(bare)
    if not cut:
        return bare, remarks
    return bare[: cut.start()], f"{remarks} {bare[cut.start() :]}"


def _elsewhere(text: str, kind: ProductKind) -> bool:
    """Whether a remark confines a product to tests, backups or a developer's machine."""
    if kind in {"ci", "language"}:
        return False
    return bool(
        (kind != "test" and TESTS.found_in(text))
        or (kind != "backup" and BACKUPS.found_in(text))
        or LOCALLY.found_in(text)
    )


def is_named(label: str) -> bool:
    """Whether a label is nothing but products, as in `**PostgreSQL 16**: orders`."""
    bare = ASIDE.sub("", label)
    hits = find_products(bare)
    if not hits or hits[0].start != 0:
        return False
    between = [bare[a.end : b.start] for a, b in pairwise(hits)] + [bare[hits[-1].end :]]
    return all(map(_LINK.fullmatch, between))


def in_entry(
    text: str, kinds: Collection[ProductKind] | None, *, alone: bool = False
) -> Iterator[Taken]:
    """The products of a list entry, title or short line that begins with one, such as `Redis 7`.

    Args:
        text: The entry.
        kinds: What the list is about; None if it may be anything.
        alone: Whether more words may follow the first product, which is then the only one.
    """
    found = find_products(text)
    if not found or found[0].start != 0:
        return
    if not alone and not _ENTRY_GOES_ON.match(text, found[0].end):
        return
    head, aside = _head(text)
    if TAKEN_BACK.found_in(aside):
        return
    for index, hit in enumerate(affirmed(head)[: 1 if alone else None]):
        wanted = [each for each in hit.product.kinds if kinds is None or each in kinds]
        if not wanted and index == 0:
            return
        if alone and hit.product.everyday and hit.end < len(text.strip()):
            continue
        kind = wanted[0] if wanted else hit.product.kinds[0]
        if not _elsewhere(text, kind):
            yield taken(hit, kind)
