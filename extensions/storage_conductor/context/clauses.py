"""What a clause does with the products that it names, and what its remarks take back."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

from .language import denied, left_open
from .lexicon import Lexicon, tables
from .vocabulary import Hit, ProductKind, find_products

_TABLES = tables("speech")
LINK = re.compile(
    r"\s*(?:[,;/&+、，·|]\s*)*(?:(?:and|plus|with|und|mit|et|avec|y|con|e|com)\s+|[和与及と]\s*)?",
    re.IGNORECASE,
)
SEGMENT = re.compile(
    r"\s*[,;/、，；·|。]\s*|\s[+&]\s|\s+(?:and|with|und|mit|et|avec|y|con|e|com|и|с)\s+"
)
SEGMENTS_MOST = 24
OR = re.compile(
    r"\s*,?\s*(?:\b(?:or|oder|ou|o|u)\s+|或者?|または|あるいは|もしくは|또는|혹은|\?)\s*",
    re.IGNORECASE,
)
_TOWARDS = re.compile(r"\s*(?:to|→|->|=>|nach|vers|para)\s*", re.IGNORECASE)
TURNED_DOWN = re.compile(
    r"(?:\b(?:instead of|in place of|rather than|as opposed to|unlike|over|than|from|replaced"
    r"|replaces|not|no|without|never|vs\.?|versus|against|like|such as|except"
    r"|statt|anstatt|anstelle von|nicht|kein\w*|ohne|au lieu de|plutôt que|sans|pas"
    r"|en lugar de|en vez de|sin|em vez de|ao invés de|sem)\s+(?:(?:the|a|an|our|any|using)\s+)*"
    r"|代替|而不是|而非)$",
    re.IGNORECASE,
)
CONTRAST = re.compile(r",\s+(?:not|never|without|rather than|instead of)\b", re.IGNORECASE)
_DENYING_CLAUSE = re.compile(r"[，,、]\s*(?:不|禁止|而不|而非).*", re.DOTALL)
_REASON = re.compile(
    r"\s+[-–—]+\s+|;\s|\.\s|\.$|[。；]|,?\s+\b(?:because|since|which|that|due to|so that|weil|car"
    r"|parce|porque|pois)\b\s|[,;]\s+[^,;:：]{1,30}[:：]\s",
    re.IGNORECASE,
)
ASIDE = re.compile(
    r"\s*(?:\((?!\s*(?:v(?:ersion)?\.?\s*|[<>=~^≥]+\s*)?\d(?![\d.,]*\s*%))[^()]*\)|（[^（）]*）)"
)
TESTS = Lexicon(_TABLES["tests"])
BACKUPS = Lexicon(_TABLES["backups"])
LOCALLY = Lexicon(_TABLES["locally"])
_IN_PRODUCTION = Lexicon(_TABLES["in_production"])
_CLAUSE = re.compile(r"[,;(),、，；（）]")


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
        if before and (OR.fullmatch(gap) or (yes and _TOWARDS.fullmatch(gap))):
            undecided += [before, hit]
        elif not (before and LINK.fullmatch(gap)):
            turned = TURNED_DOWN.search(gap)
            yes = turned is None
            said += gap[: turned.start()] if turned else gap
        if yes:
            chosen.append(hit)
        before, end = hit, hit.end
    said += " " + CONTRAST.split(text[end:], maxsplit=1)[0]
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


def head_and_remarks(value: str) -> tuple[str, str]:
    """What a value says, and the reasons and remarks beside it."""
    remarks = " ".join(ASIDE.findall(value))
    bare = ASIDE.sub("", value)
    cut = _REASON.search(bare)
    if not cut:
        return bare, remarks
    return bare[: cut.start()], f"{remarks} {bare[cut.start() :]}"


def _serves(text: str, own: Collection[str]) -> bool:
    """Whether a clause on production, as in `dev and prod`, speaks of a product and no other."""
    for clause in filter(_IN_PRODUCTION.found_in, _CLAUSE.split(text)):
        named = {hit.product.name for hit in find_products(clause)}
        if not named or not named.isdisjoint(own):
            return True
    return False


def elsewhere(text: str, kind: ProductKind, own: Collection[str] = ()) -> bool:
    """Whether a remark confines a product to tests, backups or a developer's machine.

    Args:
        text: The remark.
        kind: What the product is for.
        own: The names of the product, where the remark may name others beside it.
    """
    if kind in {"ci", "language"} or (own and _serves(text, own)):
        return False
    return bool(
        (kind != "test" and TESTS.found_in(text))
        or (kind != "backup" and BACKUPS.found_in(text))
        or LOCALLY.found_in(text)
    )
