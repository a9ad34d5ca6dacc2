"""What a block of a document says, in forms by which blocks of two versions are compared."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable

from ...markdown import boxes
from ...markdown.blocks import BlockKind, MarkdownBlock, cells

# What says something only about what it stands under.
PLACE_BOUND = {BlockKind.LABEL, BlockKind.ROW}

# A rewording keeps most of the shorter text; what was added to the longer counts little.
_SHORTER, _LONGER = 0.9, 0.1
_COMMON_WORD = 64
_SURE_WORDS = 3

_LINK_TARGET = re.compile(r"\]\([^)\]]*+\)")
_WORD = re.compile(r"\w+")
_BOLD_LEAD = re.compile(r"\*\*([^*]+?):?\*\*")
_CODE_SPAN = re.compile(r"`[^`]*`")


def is_box(block: MarkdownBlock) -> bool:
    """Whether a block is a task or sub-task."""
    return block.mark is not None


def core(block: MarkdownBlock) -> str:
    """Return the text of a block without what people put around it when it was done."""
    if is_box(block) or block.kind is BlockKind.HEADING:
        return boxes.taken_apart(block.text).core.strip()
    return block.text.strip()


def exact(block: MarkdownBlock) -> Hashable:
    """Return what a block says, without mark, marker, indentation, heading level and notes."""
    if block.kind in {BlockKind.ITEM, BlockKind.HEADING, BlockKind.ROW}:
        return block.kind, is_box(block), core(block)
    if block.kind is BlockKind.LABEL:
        return block.kind, block.label
    if block.kind is BlockKind.TABLE:
        return block.kind, tuple(cell.strip() for cell in cells(block.lines[0]))
    return block.kind, tuple(line.strip() for line in block.lines)


def exact_anywhere(block: MarkdownBlock) -> Hashable:
    """Return what a block says, or None where it says that only about what it stands under."""
    if block.kind is BlockKind.LABEL:
        text = tuple(block.lines)
        return (block.kind, text) if len(_words(block.text)) >= _SURE_WORDS else None
    return None if block.kind is BlockKind.ROW else exact(block)


def wording(block: MarkdownBlock) -> Hashable:
    """Return the words of a block without numbers, or None where that is too little."""
    if block.kind in PLACE_BOUND:
        return None
    lead = _BOLD_LEAD.match(block.text) if block.kind is BlockKind.ITEM else None
    if lead and not is_box(block):
        return block.kind, lead[1].strip().casefold()
    words = tuple(_words(core(block) or "\n".join(block.lines)))
    enough = len(words) >= (_SURE_WORDS if is_box(block) else 1)
    return (block.kind, is_box(block), words) if enough else None


def told_by_numbers(blocks: Iterable[MarkdownBlock]) -> set[Hashable]:
    """Return the words that several tasks share, so that only their numbers tell these apart."""
    texts: dict[Hashable, set[str]] = defaultdict(set)
    for block in blocks:
        if is_box(block):
            texts[wording(block)].add(core(block))
    return {key for key, found in texts.items() if key is not None and len(found) > 1}


def _words(text: str) -> list[str]:
    """Return the words of a text without numbers, emphasis and link targets."""
    words = _WORD.findall(_LINK_TARGET.sub("]", text).casefold())
    return [word for word in words if not word.isdecimal()]


def named(block: MarkdownBlock) -> set[str]:
    """Return the words that name a particular thing: code, identifiers, capitalised words."""
    text = _LINK_TARGET.sub("]", core(block))
    names = {word for span in _CODE_SPAN.findall(text) for word in _WORD.findall(span)}
    plain = _CODE_SPAN.sub(" ", text)
    for index, word in enumerate(_WORD.findall(plain)):
        is_name = "_" in word or word[1:] != word[1:].lower() or (index and word[0].isupper())
        if is_name:
            names.add(word)
    return {name.casefold() for name in names if not name.isdecimal()}


class Weights:
    """Words of blocks, each weighing less the more blocks of a document hold it."""

    def __init__(self, first: list[MarkdownBlock], second: list[MarkdownBlock]) -> None:
        self._words: dict[MarkdownBlock, set[str]] = {}
        frequency: Counter[str] = Counter()
        for blocks in (first, second):
            words = {block: set(_words(_full_text(block))) for block in blocks}
            self._words.update(words)
            frequency |= Counter(word for found in words.values() for word in found)
        self._weight = {word: 1 / count for word, count in frequency.items()}
        self._sums: dict[MarkdownBlock, float] = {}

    def index(self, blocks: list[MarkdownBlock]) -> dict[str, list[int]]:
        """Return which of some blocks hold a word, leaving out words that say next to nothing."""
        found: dict[str, list[int]] = defaultdict(list)
        for index, block in enumerate(blocks):
            for word in self._words[block]:
                found[word].append(index)
        return {word: places for word, places in found.items() if len(places) <= _COMMON_WORD}

    def similar(
        self, block: MarkdownBlock, others: list[MarkdownBlock], rows: dict[str, list[int]]
    ) -> Iterable[tuple[int, float]]:
        """Yield which blocks share words with this one, and how much: 1 for the same words."""
        shared: dict[int, float] = defaultdict(float)
        for word in self._words[block]:
            weight = self._weight[word]
            for other in rows.get(word, ()):
                shared[other] += weight
        own = self._sum(block)
        for other, weight in shared.items():
            shorter, longer = sorted((own, self._sum(others[other])))
            yield other, weight / (_SHORTER * shorter + _LONGER * longer)

    def _sum(self, block: MarkdownBlock) -> float:
        if block not in self._sums:
            self._sums[block] = sum(self._weight[word] for word in self._words[block])
        return self._sums[block]


def _full_text(block: MarkdownBlock) -> str:
    own = block.lines[1:] if block.text else block.lines
    return "\n".join([core(block), *own])
