"""The lines of a document on how its stores are run; who runs each of them, the catalog tells."""

from __future__ import annotations

from collections.abc import Iterable

from .kinds import kinds_around, kinds_of
from .language import filled
from .lexicon import Lexicon, tables
from .markdown import Block
from .mentions import Found
from .model import Stated
from .reading import Source, several
from .text import shortened
from .vocabulary import ProductKind, find_products

_STORES: frozenset[ProductKind] = frozenset({"database", "object_storage", "cache", "hosting"})
_RUN_ON = Lexicon(tables("stack")["run_on"])
_LENGTH = 160


def read_run_on(source: Source, found: Iterable[Found]) -> tuple[Stated, ...]:
    """The lines of a document that say where something runs, or may.

    Args:
        source: The document.
        found: The products that it says are in use.
    """
    lines = {each.stated.line for each in found if each.kind in _STORES}
    said = [
        block
        for block in source.facts
        if block.kind not in {"head", "todo", "heading"}
        and _told(block)
        and (_about_hosting(block) or (block.line in lines and _goes_on(_told(block))))
    ]
    return several(source.stated(shortened(_told(block), _LENGTH), block) for block in said)


def _about_hosting(block: Block) -> bool:
    labels = (block.label, *(head for head, _ in block.columns))
    own = [kind for label in labels if label for kind in kinds_of(label, block)]
    return "hosting" in (*own, *kinds_around(block))


def _told(block: Block) -> str:
    """What a block says, without what is still to be filled in; empty where that is all."""
    if not filled(block.value or block.text):
        return ""
    cells = [text for _, text in block.columns if filled(text)]
    return "; ".join(cells) if cells else filled(block.text)


def _goes_on(text: str) -> bool:
    """Whether something that may run the first store of a line comes after it."""
    hits = find_products(text)
    rest = text[hits[0].end :] if hits else text
    platform = any("hosting" in hit.product.kinds for hit in hits)
    return platform or _RUN_ON.found_in(rest)
