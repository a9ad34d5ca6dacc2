"""What all readers share: blocks by label, by heading, and statements made from them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from ..markdown.headings import Heading
from .language import filled, name, names, own_names, sentences
from .lexicon import Lexicon, listed, tables
from .markdown import Block
from .model import Stated
from .text import shortened

LIST_LENGTH = 12
"""How many items of a list are taken."""

COLUMNS = {key: listed(table) for key, table in tables("columns").items()}
_SPEECH = tables("speech")
_SET_ASIDE = Lexicon(_SPEECH["set_aside"])
_NOT_CHOSEN = Lexicon(_SPEECH["not_chosen"])
_SET_ASIDE_NAMES = listed(_SPEECH["set_aside_names"])
_TITLE_WORDS = 2  # of a title that can say what the document is, such as `Old stack`
_BRACKETS = re.compile(r"[(（][^()（）]*[)）]")
_TAKEN_BACK = Lexicon(_SPEECH["taken_back"])
_LATER = re.compile(
    r"\b(?:phase|fase|этап\w*|sprint|milestone)\s*[2-9]\b|第[二三四2-4]\s*(?:阶段|階段|期)|二期|三期"
    r"|フェーズ\s*[2-9]|[2-9]\s?단계",
    re.IGNORECASE,
)


def taken_back(remark: str) -> bool:
    """Whether a remark takes back the statement beside it, leaves it open or puts it off."""
    return _TAKEN_BACK.found_in(remark) or bool(_LATER.search(remark))


def set_aside(block: Block) -> bool:
    """Whether a block stands under a heading such as `Examples` or `History`."""
    return any(map(_is_set_aside, block.path))


def _not_chosen(path: tuple[Heading, ...]) -> bool:
    """Whether a heading such as `Alternatives` or `Databases we do not use` is above.

    The title of a document says that it is about options only if nothing else is.
    """
    return any(_is_set_aside(each) or _turned_down(each) for each in path)


def _is_set_aside(heading: Heading) -> bool:
    """Whether a heading is one such as `History`; a longer title may only name the product."""
    own = name(heading.text)
    short = heading.level > 1 or len(own.split()) <= _TITLE_WORDS
    return own in _SET_ASIDE_NAMES or (short and _SET_ASIDE.found_in(heading.text))


def _turned_down(heading: Heading) -> bool:
    """Whether a heading or a remark in its brackets says that what follows is not in use."""
    if heading.level == 1:
        return False
    asides = _BRACKETS.findall(heading.text)
    return _NOT_CHOSEN.found_in(_BRACKETS.sub(" ", heading.text)) or any(
        taken_back(aside) for aside in asides
    )


def _present(block: Block) -> Block:
    """A row without the columns whose head says that they tell what was before."""
    kept = [(head, text) for head, text in block.columns if name(head) not in COLUMNS["past"]]
    if len(kept) == len(block.columns) or not kept:
        return block
    label, value = ([text for _, text in kept] + [""])[:2]
    text = ": ".join(filter(None, (label, value)))
    return block._replace(columns=tuple(kept), label=label, value=value, text=text)


def _calls(block: Block) -> bool:
    """Whether a row says what somebody can call: a command, a skill."""
    return bool(block.columns) and name(block.columns[0][0]) in COLUMNS["calls"]


class Source(NamedTuple):
    """A document that was read.

    Attributes:
        document: The name of the file.
        blocks: All of its blocks.
        facts: Those that can state something: no code, and nothing under a heading such as
            `Alternatives`.
        by_label: The positions in `facts` of the blocks that carry a label, by its own names.
    """

    document: str
    blocks: tuple[Block, ...]
    facts: tuple[Block, ...]
    by_label: dict[str, list[int]]

    @classmethod
    def of(cls, document: str, blocks: tuple[Block, ...]) -> Source:
        """The source that a document's blocks make."""
        facts = tuple(
            block
            for path, together in groupby(blocks, lambda block: block.path)
            if not _not_chosen(path)
            for block in map(_present, together)
            if block.kind != "code" and not _calls(block)
        )
        by_label: dict[str, list[int]] = {}
        for index, block in enumerate(facts):
            if block.label and block.kind not in {"todo", "head"} and filled(block.label):
                for own in own_names(block.label):
                    by_label.setdefault(own, []).append(index)
        return cls(document, blocks, facts, by_label)

    def stated(self, value: str, block: Block) -> Stated:
        """A statement made by a block."""
        heading = block.heading
        return Stated(
            shortened(value),
            self.document,
            shortened(heading.text, 120) if heading else "",
            heading.anchor if heading else "",
            block.line,
        )

    def labelled(
        self,
        labels: frozenset[str],
        *,
        generic: frozenset[str] = frozenset(),
        under: Callable[[Block], bool] | None = None,
    ) -> Iterator[tuple[str, Block]]:
        """The filled values of the blocks that carry one of the labels.

        Args:
            labels: Names that say enough by themselves.
            generic: Names that say it only where `under` holds.
            under: Whether a block stands in the right place.
        """
        wanted = [*self.by_label.keys() & labels, *self.by_label.keys() & generic]
        for index in sorted({index for own in wanted for index in self.by_label[own]}):
            block = self.facts[index]
            known = not labels.isdisjoint(own_names(block.label))
            if known or (under is not None and under(block)):
                value = filled(cell(block))
                if value:
                    yield value, block


def below(blocks: Sequence[Block], index: int) -> list[Block]:
    """The blocks in the list below one of them, or in the list that it leads in."""
    found: list[Block] = []
    for each in blocks[index + 1 :]:
        if each.path != blocks[index].path or each.depth <= blocks[index].depth:
            break
        found.append(each)
    return found


def cell(block: Block) -> str:
    """The value of a block; of a row, the cell of the column that holds the values."""
    if not block.columns:
        return block.value
    heads = [name(head) for head, _ in block.columns]
    for index, head in enumerate(heads[1:], start=1):
        if head in COLUMNS["value"]:
            return block.columns[index][1]
    return "" if len(heads) > 1 and heads[1] in COLUMNS["other"] else block.value


def column(block: Block, kind: str) -> str:
    """The text in the first column of a row, after its label, whose head is of a kind."""
    cells = block.columns[1:]
    return next((text for head, text in cells if COLUMNS[kind].intersection(names(head))), "")


def remarks(block: Block) -> str:
    """The other cells of a row that can take back what its value says, such as `deprecated`."""
    return "; ".join(
        text
        for head, text in block.columns[1:]
        if text != cell(block) and (name(head) in COLUMNS["status"] or len(text.split()) <= 2)
    )


def sentences_with(source: Source, *words: str) -> Iterator[tuple[str, Block]]:
    """The sentences of the items and paragraphs that hold one of some words.

    Args:
        source: The document.
        words: Parts of words in lower case; a quick look before the slow ones.
    """
    for block in source.facts:
        if block.kind in {"item", "text", "row"} and mentions(block.text, words):
            for sentence in sentences(block.text):
                yield sentence, block


def places(block: Block) -> Iterator[tuple[str, ...]]:
    """The names of all that a block stands under, innermost first: parent items, then headings."""
    headings = block.path[:-1] if block.kind == "heading" else block.path
    for text in (*reversed(block.parents), *(each.text for each in reversed(headings))):
        yield names(text)


def place(block: Block) -> tuple[str, ...]:
    """The names of what a block stands under: its lead-in or parent item, else its heading."""
    return next(places(block), ())


def without_lists(blocks: Iterable[Block]) -> set[int]:
    """The lines of the headings below which there is nothing but text."""
    blocks = list(blocks)
    more = {"item", "todo", "row", "heading"}
    having = {
        heading.line
        for block in blocks
        if block.kind in more
        for heading in (block.path[:-1] if block.kind == "heading" else block.path)
    }
    lines = {block.path[-1].line for block in blocks if block.path}
    return lines - having


def under(*wanted: str) -> Callable[[Block], bool]:
    """Whether a block stands directly under a heading, item or lead-in of one of these names."""
    return lambda block: any(each in wanted for each in place(block))


def mentions(text: str, words: Iterable[str]) -> bool:
    """Whether a text holds one of some words or parts of words, given in lower case."""
    folded = text.casefold()
    return any(word in folded for word in words)


def first(found: Iterable[Stated]) -> Stated | None:
    """The first statement, if there is one."""
    return next(iter(found), None)


def several(found: Iterable[Stated]) -> tuple[Stated, ...]:
    """The statements without repetitions, at most `LIST_LENGTH`."""
    unique: dict[str, Stated] = {}
    for each in found:
        unique.setdefault(each.value.casefold(), each)
    return tuple(unique.values())[:LIST_LENGTH]
