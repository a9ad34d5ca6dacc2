"""Names by which documents call products, and what each product is for.

A product that is not listed here is still read where a label names it (`Database: TigerBeetle`);
the list is what prose and bare list entries are recognised by.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple, get_args

from .lexicon import tables

ProductKind = Literal[
    "language",
    "database",
    "object_storage",
    "cache",
    "orm",
    "migration_tool",
    "validation",
    "test",
    "backup",
    "hosting",
    "ci",
]


class KnownProduct(NamedTuple):
    """A known product.

    Attributes:
        name: Its usual spelling.
        kinds: What it is for, the usual purpose first.
        everyday: Whether its name is also a common word.
    """

    name: str
    kinds: tuple[ProductKind, ...]
    everyday: bool


class Hit(NamedTuple):
    """A product that a text names.

    Attributes:
        product: Which one.
        version: As far as the text gives it, such as `16` or `14+`; else empty.
        start: Where the name begins.
        end: Where the name, or its version, ends.
    """

    product: KnownProduct
    version: str
    start: int
    end: int

    @property
    def text(self) -> str:
        """Name and version."""
        return f"{self.product.name} {self.version}".rstrip()


def _spelling(name: str) -> str:
    """A name as it is looked up: `Go-Playground/Validator` and `go playground validator` alike."""
    return " ".join(_JOINT.sub(" ", name.casefold()).split())


def _known() -> dict[str, KnownProduct]:
    """The products by each of their names, in lower case."""
    kinds: dict[str, list[ProductKind]] = {}
    spellings: dict[str, tuple[str, bool]] = {}
    for kind in get_args(ProductKind):
        entries = tables("products")[kind]
        for entry in entries.split(";"):
            names = [each.strip() for each in entry.split("=")]
            main = names[0].lstrip("?")
            kinds.setdefault(main, []).append(kind)
            for each in names:
                spellings[_spelling(each.lstrip("?"))] = (main, each.startswith("?"))
    # The usual purpose of an in-memory store is a cache, although it can be the database.
    for main in ("Redis", "Valkey"):
        kinds[main].reverse()
    return {
        spelling: KnownProduct(main, tuple(kinds[main]), everyday)
        for spelling, (main, everyday) in spellings.items()
    }


_JOINT = re.compile(r"[-/\s]+")
PRODUCTS = _known()
_LONGEST = 5  # words of a name, as `_WORD` counts them

_WORD = re.compile(r"(?:(?<!\w)@)?[A-Za-z][A-Za-z0-9_+#]*(?:\.[A-Za-z0-9]+)*")
# Compiled where a product is met.
_VERSION = (
    r"(?ia)\s*(?P<open>\(\s*)?(?:v(?:er(?:sion|s)?)?\.?\s*|(?P<least>>=?\s*|≥\s*)|[\^~]>?\s*|=+\s*)?"
    r"(?P<number>\d+(?:\.[\dx]+)*)"
    r"(?P<more>\+|\s+(?:or|and) (?:later|newer|higher|above|up)\b)?(?(open)\s*\))"
    r"(?![\w%.,-]*\w)(?!\s*(?:nodes?|replicas?|instances?|servers?|shards?|databases?|tables?|times"
    r"|clusters?|connections?|schemas?|[kmgt]i?b|ms|s|x|days?|hours?|minutes?|years?|users?|queries"
    r"|weeks?|months?)\b)"
)


def product(name: str) -> KnownProduct | None:
    """The product of that name, if it is listed."""
    return PRODUCTS.get(_spelling(name))


def find_products(text: str) -> list[Hit]:
    """The known products in a text, in its order, each with its version if one follows.

    A name that is part of another word, as in `PostgreSQL-compatible`, `my-redis` or an address,
    is not a hit.
    """
    words = list(_WORD.finditer(text))
    hits: list[Hit] = []
    index = 0
    while index < len(words):
        for count in range(min(_LONGEST, len(words) - index), 0, -1):
            start, end = words[index].start(), words[index + count - 1].end()
            known = product(text[start:end])
            if known and _stands_alone(text, start, end):
                hits.append(_hit(text, known, start, end))
                index += count - 1
                break
        index += 1
    return hits


def _stands_alone(text: str, start: int, end: int) -> bool:
    before = text[max(text.rfind(" ", 0, start), start - 100) + 1 : start]
    glued = before.endswith(("-", "_", "#", "$")) or any(
        sign in before for sign in ("@", ".", "\\")
    )
    within = _is_letter(text[start - 1 : start]) or _is_letter(text[end : end + 1])
    follows = re.match(
        r"[-_]\w|/\w*\.\w| (?:compatible|fallback|alternative|clone)\b", text[end : end + 40]
    )
    return not (glued or within or follows)


def _is_letter(character: str) -> bool:
    """Whether a character belongs to the word beside it: `f` in `für`, but no ideograph."""
    return character.isalpha() and character < "\u2e80"


def _hit(text: str, known: KnownProduct, start: int, end: int) -> Hit:
    version = re.compile(_VERSION).match(text, end)
    if not version:
        return Hit(known, "", start, end)
    more = "+" if version["least"] or version["more"] else ""
    return Hit(known, version["number"] + more, start, version.end())
