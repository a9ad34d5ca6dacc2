"""What the documents hold that nothing was read from: the lines that come nearest to a question."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice

from ..disk.places import TECH_STACK
from .language import own_names
from .lexicon import Lexicon, tables
from .markdown import Block
from .model import Standards, Stated, TechStack, Workflow
from .reading import COLUMNS, Source
from .text import PLACEHOLDER, shortened
from .vocabulary import find_products

NEAREST_MOST = 2
LINE_LENGTH = 90
"""How long a line is quoted at most."""


def nearest(
    sources: Sequence[Source], stack: TechStack, rules: Standards, flow: Workflow
) -> dict[str, tuple[Stated, ...]]:
    """The lines that come nearest to each question that the documents leave unanswered.

    Returns:
        By the key of the assumption that is then made; only questions with such lines.
    """
    unanswered = {
        "backend": not (stack.databases or stack.object_storage or stack.cache),
        "migration-tool": stack.migration_tool is None,
        "test-order": flow.testing is None,
        "schema-order": (flow.approach or stack.approach) is None,
        "slow-threshold": rules.slow_query_ms is None,
        "backup-retention": not rules.backup_retention,
    }
    by_name = {source.document: source for source in sources}
    found = {
        key: tuple(_nearest(by_name[tables("topics")[key]["document"]], key))
        for key, missing in unanswered.items()
        if missing
    }
    return {key: lines for key, lines in found.items() if lines}


def _nearest(source: Source, key: str) -> list[Stated]:
    words = Lexicon(tables("topics")[key]["words"])
    lines = [block for block in source.blocks if _is_line(block)]
    # First those that speak of it, then those below a heading that does.
    told = (block for block in lines if words.found_in(block.text))
    below = (block for block in lines if block.heading and words.found_in(block.heading.text))
    found = dict.fromkeys(islice(chain(told, below), 2 * NEAREST_MOST))
    return [_short(source, block) for block in islice(found, NEAREST_MOST)]


def _is_line(block: Block) -> bool:
    """Whether a block could state something: it is filled in, and no heading or code."""
    return block.kind in {"item", "text", "row"} and PLACEHOLDER not in block.text


def _short(source: Source, block: Block) -> Stated:
    stated = source.stated(block.text, block)
    return stated._replace(value=shortened(block.text, LINE_LENGTH))


def not_understood(
    sources: Sequence[Source],
    read: Mapping[str, frozenset[int]],
    named: frozenset[str],
) -> Iterator[Stated]:
    """The lines that look like statements of the kind a document is read for, yet were not read.

    They stand below headings or labels of that kind, or name a product that was read nowhere.

    Args:
        sources: The documents.
        read: By document, the numbers of the lines that something was read from.
        named: The products that were read from any line, or that are ruled out.
    """
    words = {name: Lexicon(table) for name, table in tables("topics")["documents"].items()}
    for source in sources:
        known = read.get(source.document, frozenset())
        for block in source.facts if source.document in words else ():
            around = (block.label, *(heading.text for heading in block.path))
            version = not COLUMNS["version"].isdisjoint(own_names(block.label))
            if not _is_line(block) or block.line in known or version:
                continue
            products = _products(block) if source.document == TECH_STACK else frozenset()
            if products and products <= named:
                continue
            told = any(words[source.document].found_in(text) for text in around)
            if products or (told and block.depth <= 1):
                yield _short(source, block)


def _products(block: Block) -> frozenset[str]:
    """The products that a line names, but for everyday words."""
    hits = find_products(block.text)
    return frozenset(hit.product.name for hit in hits if not hit.product.everyday)
