"""The outline of a Markdown file, read line by line: headings, links, boxes.

Checks run over a thousand tracks at once, for which a full parser is too slow; fences and HTML
blocks are skipped as `markdown_table.scan` finds them.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from . import boxes
from .anchors import slug
from .boxes import State
from .tables import scan, split_lines

_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]++(.*))?$")
_UNDERLINE = re.compile(r" {0,3}(?:=+|-+)[ \t]*$")
_TEXT = re.compile(r" {0,3}(?![-*+>#|=`~<]|\d+[.)])\S[^|]*$")
_LINK = re.compile(
    r"(?<!\\)\[(?:[^\[\]\\]|\\.|\[[^\[\]]*\])*\]\((<[^<>]*>|[^()\s]*(?:\([^()]*\)[^()\s]*)*)"
)
_DEFINITION = re.compile(r" {0,3}\[(?:[^\[\]\\]|\\.)+\]:[ \t]+(<[^<>]*>|[^\s<]\S*)")
_CODE = re.compile(r"(?<!`)(`+)(?!`)(.*?)(?<!`)\1(?!`)")
_LINK_TEXT = re.compile(r"!?\[((?:[^\[\]\\]|\\.)*)\]\([^()]*\)")
_EMPHASIS = re.compile(r"(?<![\\\w])(\*{1,3}|_{1,3})(?=\S)(.+?)(?<=[^\s\\])\1(?!\w)")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
# Of one line; nothing that is shown or compared is longer, and time stays bounded.
_MARKED_LENGTH, _LINKED_LENGTH = 1_200, 8_000
_LOCAL = re.compile(r"\]\((?!https?://)")
_MARKUP = re.compile(r"[\\`*_\[]")
_LOWEST = 6  # level of a heading


@dataclass(frozen=True)
class OutlineHeading:
    """A heading; `end` is the line after its section, sub-sections included (1-based lines)."""

    line: int
    level: int
    title: str
    end: int

    @functools.cached_property
    def name(self) -> str:
        """Return the title without what a review noted behind it."""
        return boxes.taken_apart(self.title).core


class Box(NamedTuple):
    """A task or sub-task.

    Args:
        line: 1-based line.
        indent: Indentation in columns.
        state: What its box says; what is ticked over an open sub-task is in progress.
        text: Its text.
        over: 1-based line of the first open sub-task of a box that is ticked; 0 for any other.
    """

    line: int
    indent: int
    state: State
    text: str
    over: int = 0

    @property
    def is_ticked(self) -> bool:
        """Tell whether its box is ticked, whatever its sub-tasks say."""
        return self.state is State.DONE or self.over > 0


@dataclass(frozen=True)
class Outline:
    """A file's lines without line ends, which of them are literal, and its headings."""

    lines: list[str]
    literal: frozenset[int]
    unclosed: int | None
    headings: list[OutlineHeading]

    @functools.cached_property
    def anchors(self) -> frozenset[str]:
        """Return the anchors of the headings, which links refer to."""
        seen: dict[str, int] = {}
        return frozenset(slug(heading.title, seen) for heading in self.headings)

    @functools.cached_property
    def boxes(self) -> tuple[Box, ...]:
        """Return the tasks and sub-tasks."""
        return tuple(reversed(list(self._settled())))

    def section(self, title: str, level: int = 2) -> OutlineHeading | None:
        """Return the section of that title, in any case, or None."""
        wanted = title.casefold()
        return next(
            (h for h in self.headings if h.level == level and h.name.casefold() == wanted), None
        )

    def body(self, heading: OutlineHeading) -> Iterator[tuple[int, str]]:
        """Yield the numbered lines of a section, its heading excluded."""
        for number in range(heading.line + 1, heading.end):
            yield number, self.lines[number - 1]

    def lowered(self) -> list[str]:
        """Return the lines with each heading one level lower, as far as there is one."""
        lines = list(self.lines)
        for heading in self.headings:
            line = lines[heading.line - 1]
            if not line.lstrip().startswith("#"):  # a line is drawn under it
                lines[heading.line - 1] = f"{'#' * (heading.level + 1)} {line.strip()}"
            elif heading.level < _LOWEST:
                lines[heading.line - 1] = line.replace("#", "##", 1)
        return lines

    def links(self) -> Iterator[tuple[int, str]]:
        """Yield each link target with its line, but for lines that only lead to the web."""
        for index, line in enumerate(self.lines):
            if "](" in line and _LOCAL.search(line) and index not in self.literal:
                for start, end in _inline_targets(line):
                    yield index + 1, line[start:end].strip("<>")

    def _settled(self) -> Iterator[Box]:
        """Yield the boxes from the last to the first, each with what its sub-tasks say of it."""
        # By indent, the first line of an open one that may belong to a box above it.
        below: dict[int, int] = {}
        tops = {heading.line for heading in self.headings}
        end = len(self.lines) + 1
        for box in reversed(list(self._boxes())):
            if any(line in tops for line in range(box.line, end)):
                below.clear()
            end = box.line
            mine = [line for indent, line in below.items() if indent > box.indent]
            below = {indent: line for indent, line in below.items() if indent <= box.indent}
            known = box
            if mine and box.state is State.DONE:
                known = box._replace(state=State.BEGUN, over=min(mine))
            if known.state in (State.OPEN, State.BEGUN):
                first = known.over or known.line
                below[box.indent] = min(first, below.get(box.indent, first))
            yield known

    def _boxes(self) -> Iterator[Box]:
        dropped: int | None = None
        for index, line in enumerate(self.lines):
            if "[" not in line or index in self.literal or not (found := boxes.read(line)):
                continue
            indent = len(found.indent.expandtabs(4))
            if dropped is not None and indent <= dropped:
                dropped = None
            state = boxes.state(found.mark, found.text)
            if state is State.DROPPED and dropped is None:
                dropped = indent
            # What belongs to a dropped task was dropped with it.
            yield Box(
                index + 1, indent, State.DROPPED if dropped is not None else state, found.text
            )


def read(text: str) -> Outline:
    """Read the outline of a Markdown text."""
    ended = split_lines(text.removeprefix("\ufeff"))
    found = scan(ended)
    lines = [line.rstrip("\r\n") for line in ended]
    raw: list[tuple[int, int, str]] = []
    for index, line in enumerate(lines):
        if index in found.hidden:
            continue
        if "#" in line[:4] and (match := _HEADING.match(line)):
            title = plain(_without_closing(match[2] or ""))
            raw.append((index + 1, len(match[1]), title))
        elif line[:4].lstrip(" ")[:1] in ("=", "-") and _UNDERLINE.match(line):
            title = plain(lines[index - 1]) if index and _TEXT.match(lines[index - 1]) else ""
            if title:
                raw.append((index, 1 if "=" in line else 2, title))
    ends = _ends(raw, len(lines) + 1)
    headings = [
        OutlineHeading(line, level, title, end)
        for (line, level, title), end in zip(raw, ends, strict=True)
    ]
    return Outline(lines, found.hidden, found.unclosed, headings)


def _without_closing(title: str) -> str:
    """Return the text of a heading without the `#` that may end its line."""
    text = title.rstrip(" \t")
    bare = text.rstrip("#")
    return bare.rstrip(" \t") if not bare or bare[-1] in " \t" else text


def targets(line: str) -> list[tuple[int, int]]:
    """Return where the targets of links and of a link's definition stand in a line, in order."""
    defined = _DEFINITION.match(line[:_LINKED_LENGTH])
    return [defined.span(1)] if defined else _inline_targets(line)


def _inline_targets(line: str) -> list[tuple[int, int]]:
    text = _CODE.sub(lambda code: "`" * len(code[0]), line[:_LINKED_LENGTH])
    return [match.span(1) for match in _LINK.finditer(text)]


def _ends(raw: list[tuple[int, int, str]], last: int) -> list[int]:
    """Return the line after the section of each heading: that of the next one of its level."""
    ends: list[int] = []
    nearest = [last] * 7  # for each level, the line of the next heading of it or of one above it
    for line, level, _ in reversed(raw):
        ends.append(nearest[level])
        nearest[level:] = [line] * (7 - level)
    return ends[::-1]


def plain(markdown: str) -> str:
    """Return inline Markdown as it reads when rendered."""
    if not _MARKUP.search(markdown):
        return markdown.strip()
    markdown, rest = markdown[:_MARKED_LENGTH], markdown[_MARKED_LENGTH:]
    kept: list[str] = []

    def keep(match: re.Match[str]) -> str:
        kept.append(match[2].strip() or match[2])
        return f"\x00{len(kept) - 1}\x00"

    text = _CODE.sub(keep, markdown)
    text = _LINK_TEXT.sub(r"\1", text)
    for _ in range(2):
        text = _EMPHASIS.sub(r"\2", text)
    text = _ESCAPE.sub(r"\1", text)
    return re.sub(r"\x00(\d+)\x00", lambda match: kept[int(match[1])], text).strip() + rest
