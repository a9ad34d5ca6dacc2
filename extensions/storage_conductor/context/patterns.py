"""Reader of storage-template.md."""

from __future__ import annotations

from ..markdown.headings import Heading
from .language import filled
from .markdown import Block
from .model import CodePattern
from .reading import Source
from .topics import topics

_PATTERNS_MOST = 40


def read_patterns(source: Source) -> tuple[CodePattern, ...]:
    """The sections of storage-template.md that offer something to copy, by topic."""
    offering = {heading.line for block in source.blocks if _offers(block) for heading in block.path}
    headings = [block.path for block in source.blocks if block.kind == "heading"]
    title = _title(headings)
    return tuple(
        CodePattern(path[-1].text[:120], path[-1].anchor, found)
        for path in headings
        if path[-1].line in offering and path[-1] is not title
        for found in [topics(path[-1].text)]
        if found
    )[:_PATTERNS_MOST]


def _offers(block: Block) -> bool:
    """Whether a block is code or text, rather than a heading or something to fill in."""
    if block.kind == "heading":
        return False
    return bool(filled(block.value[:200]) and (block.kind == "code" or filled(block.text)))


def _title(headings: list[tuple[Heading, ...]]) -> Heading | None:
    """The title of the document: its first heading, if that is the only one of its level."""
    top = [path[-1] for path in headings if path[-1].level == 1]
    return top[0] if len(top) == 1 and headings and headings[0][-1] is top[0] else None
