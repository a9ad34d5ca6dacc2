"""The products that a document rules out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from .clauses import LINK, OR
from .language import sentences, without_place
from .lexicon import Lexicon, either, tables
from .markdown import Block
from .model import Stated
from .reading import Source
from .vocabulary import Hit, ProductKind, find_products

_TABLES = tables("stack")
_HEADINGS = Lexicon(_TABLES["ruled_out"])
_BEFORE = re.compile(
    rf"(?<![a-zÀ-ÿЀ-ӿ])(?:{either(_TABLES['forbidding'])})(?:(?:the|any|an?) )?$", re.IGNORECASE
)
_AFTER = re.compile(rf"\s*(?:{either(_TABLES['forbidden'])})", re.IGNORECASE)
# What is assumed where nothing is said.
_CHOSEN_HERE: frozenset[ProductKind] = frozenset(
    {"database", "object_storage", "cache", "orm", "migration_tool"}
)


def ruled_out(source: Source, in_use: Iterable[Stated]) -> Iterator[Stated]:
    """The products that a document says must not be used: they are never to be assumed.

    Args:
        source: The document.
        in_use: What it says is in use, so that `not PostgreSQL 9` does not rule out PostgreSQL.
    """
    taken = {hit.product.name for each in in_use for hit in find_products(each.value)}
    for block in source.blocks:
        if block.kind == "code":
            continue
        above = any(_HEADINGS.found_in(without_place(each)) for each in _around(block))
        # A row below such a heading turns down its first cell; others say what to take instead.
        texts = (block.label,) if above and block.kind == "row" else sentences(block.text)
        for hit in (each for text in texts for each in _turned_down(text, above=above)):
            if hit.product.name not in taken and not _CHOSEN_HERE.isdisjoint(hit.product.kinds):
                yield source.stated(hit.product.name, block)


def _around(block: Block) -> Iterator[str]:
    yield from (heading.text for heading in block.path if heading.level > 1)
    yield from block.parents


def _turned_down(text: str, *, above: bool) -> list[Hit]:
    """The products that a text forbids by what stands right before or after them, or all.

    Args:
        text: The text.
        above: Whether a heading or a lead-in forbids all that stands below it.
    """
    hits = find_products(text)
    if above:
        return hits
    found: list[Hit] = []
    chain: list[Hit] = []
    for index, hit in enumerate(hits):
        gap = text[hits[index - 1].end : hit.start] if index else text[: hit.start]
        joined = bool(chain) and bool(LINK.fullmatch(gap) or OR.fullmatch(gap))
        chain = [*chain, hit] if joined else [hit]
        if _BEFORE.search(gap) or (joined and hits[index - 1] in found):
            found.append(hit)
        elif _AFTER.match(text, hit.end):
            found += [each for each in chain if each not in found]
    return found
