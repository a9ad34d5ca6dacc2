"""A document cut at its second-level headings, so that two of them can be put together."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ..markdown.blocks import BOM, newline_of
from ..markdown.outline import Outline, OutlineHeading, read

_UNDERLINE = re.compile(r" {0,3}(?:=+|-+)[ \t]*$")
_FENCE = "---"

Lines = list[str]


@dataclass
class DocumentSection:
    """A second-level section.

    Args:
        name: The text of its heading, without what a review noted behind it, in lower case.
        heading: The lines of the heading.
        body: The lines below it.
        first: 1-based line of the heading in its file.
    """

    name: str
    heading: Lines
    body: Lines
    first: int


@dataclass
class DocumentParts:
    """A document in parts.

    Args:
        front: The YAML that some tools write at the top, with its fences.
        title: The lines of the first heading of the first level, if it stands at the top.
        head: What stands before the first section otherwise.
        sections: The sections.
    """

    front: Lines = field(default_factory=list)
    title: Lines = field(default_factory=list)
    head: Lines = field(default_factory=list)
    sections: list[DocumentSection] = field(default_factory=list)


def cut(text: str) -> DocumentParts:
    """Cut a document; its lines, put together again, are all of it."""
    found = read(text)
    parts, lines = DocumentParts(), found.lines
    seconds = [heading for heading in found.headings if heading.level <= 2]
    start = _front(lines)
    parts.front = lines[:start]
    title = next((h for h in seconds if h.level == 1 and h.line > start), None)
    if title is not None and all(not line.strip() for line in lines[start : title.line - 1]):
        end = _heading_end(lines, title)
        parts.title = lines[title.line - 1 : end]
        start = end
        seconds = [heading for heading in seconds if heading is not title]
    seconds = [heading for heading in seconds if heading.line > start]
    first = seconds[0].line - 1 if seconds else len(lines)
    parts.head = lines[start:first]
    stops = [*(heading.line - 1 for heading in seconds[1:]), len(lines)]
    for heading, stop in zip(seconds, stops, strict=False):
        end = _heading_end(lines, heading)
        shown = lines[heading.line - 1 : end]
        name = heading.name.casefold() if heading.level == 2 else ""
        parts.sections.append(DocumentSection(name, shown, lines[end:stop], heading.line))
    return parts


def unclosed(text: str) -> int | None:
    """Return the 1-based line on which a fence or comment opens that never closes, or None."""
    found: Outline = read(text)
    return None if found.unclosed is None else found.unclosed + 1


def _front(lines: Sequence[str]) -> int:
    """Return the number of lines of YAML at the top."""
    if not lines or lines[0].strip() != _FENCE:
        return 0
    ends = (at for at, line in enumerate(lines[1:], start=2) if line.strip() == _FENCE)
    return next(ends, 0)


def _heading_end(lines: Sequence[str], heading: OutlineHeading) -> int:
    """Return the index of the line after a heading, which may have a line drawn under it."""
    line = lines[heading.line - 1]
    drawn = not line.lstrip().startswith("#") and heading.line < len(lines)
    return heading.line + (drawn and _UNDERLINE.match(lines[heading.line]) is not None)


def beside(own: Iterable[str], other: Iterable[str]) -> Lines:
    """Return the lines of a person that do not stand in the other text already."""
    there = Counter(line.rstrip() for line in other if line.strip())
    kept: Lines = []
    for line in own:
        if there[line.rstrip()] > 0 and line.strip():
            there[line.rstrip()] -= 1
        else:
            kept.append(line)
    return trimmed(kept)


def trimmed(lines: Sequence[str]) -> Lines:
    """Return lines without empty ones at both ends."""
    start, stop = 0, len(lines)
    while start < stop and not lines[start].strip():
        start += 1
    while stop > start and not lines[stop - 1].strip():
        stop -= 1
    return list(lines[start:stop])


def joined(blocks: Iterable[Sequence[str]], like: str) -> str:
    """Return blocks of lines with an empty line between them, in the style of a text."""
    shown = ["\n".join(block) for block in map(trimmed, blocks) if block]
    text = "\n\n".join(shown) + "\n"
    return (BOM if like.startswith(BOM) else "") + text.replace("\n", newline_of(like))
