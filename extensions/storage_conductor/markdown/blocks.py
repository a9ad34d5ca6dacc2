"""Markdown as a tree of blocks that together hold every line of a file.

A block is what a person edits as one thing: a heading with what stands under it, a list item with
its sub-items, a labelled line (`**Status**: open`), a paragraph, a table and its rows, a code
block. markdown-it decides what is code, a comment, a heading, a table or a list; nesting of list
items follows their indentation, because people indent by two, three or four columns and mean the
same. Reading never fails and loses nothing: the gaps and lines of all blocks, in order, are the
file again.

A conflict that an earlier merge left is one line here (a string with line breaks in it), read as
the template's side of it, so that the rest of the file keeps its structure.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from .boxes import MARKER, MARKS

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

BOM = "\ufeff"

_ITEM = re.compile(
    rf"(?P<indent>[ \t]*)(?P<marker>(?:{MARKER})(?:[ \t]+|$))"
    rf"(?:\[(?P<mark>{MARKS})\](?P<space>[ \t]+|$))?(?P<text>.*)"
)
_LABEL = re.compile(r" {0,3}\*\*(?P<label>[^*:]+?)(?::\*\*|\*\*:)[ \t]*(?P<value>.*)")
_CELL_BORDER = re.compile(r"(?<!\\)\|")
_CLOSING = re.compile(r"(?<![ \t])[ \t]++#+$")
_LITERAL = {"fence", "code_block", "html_block"}


class BlockKind(StrEnum):
    """What a block is; `CODE` stands for every literal block, comments and raw HTML included."""

    ROOT = "document"
    HEADING = "heading"
    LABEL = "line"
    ITEM = "list item"
    TEXT = "paragraph"
    CODE = "block"
    TABLE = "table header"
    ROW = "row"
    END = "end"


@dataclass(eq=False, slots=True)
class MarkdownBlock:
    """One block with its own lines; what is nested in it stands in `children`.

    Attributes:
        kind: What it is.
        lines: Its own lines without line breaks (a table's: its header and delimiter row).
        line: 1-based number of its first line in the file.
        gap: The blank lines before it.
        indent: White space before its first line.
        level: Of a heading, 1 to 6.
        marker: Of a list item, the bullet or number with the space after it.
        mark: Of a list item with a box, what stands in the box; None without a box.
        space: White space after the box.
        text: Of a heading, list item or labelled line, its first line without the marker, box or
            label; of a row, its first cell.
        label: Of a labelled line, the label in lower case.
        wrapped: Of a list item whose text was found to go on below its first line, the lines of
            its text as they stand; `text` is then the whole text, and `lines` go on behind it.
    """

    kind: BlockKind
    lines: list[str]
    line: int = 1
    gap: list[str] = field(default_factory=list)
    indent: str = ""
    level: int = 0
    marker: str = ""
    mark: str | None = None
    space: str = ""
    text: str = ""
    label: str = ""
    wrapped: list[str] = field(default_factory=list)
    parent: MarkdownBlock | None = None
    children: list[MarkdownBlock] = field(default_factory=list)

    def walk(self) -> Iterator[MarkdownBlock]:
        """Yield this block and all under it in the order of the file."""
        stack = [self]
        while stack:
            block = stack.pop()
            yield block
            stack.extend(reversed(block.children))


@dataclass(slots=True)
class MarkdownDocument:
    """A whole file.

    Attributes:
        root: Holds the blocks; has no lines of its own.
        end: Holds the blank lines at the end of the file.
        bom: Whether a byte order mark leads it.
        newline: The line break that most of its lines have.
        final_newline: Whether a line break ends it.
    """

    root: MarkdownBlock
    end: MarkdownBlock
    bom: bool
    newline: str
    final_newline: bool


def parse(text: str) -> MarkdownDocument:
    """Read Markdown; every text is accepted."""
    newline = newline_of(text)
    body = text.removeprefix(BOM).replace("\r\n", "\n")
    lines = body.split("\n")
    if not lines[-1]:
        lines.pop()
    final = body.endswith("\n")
    reader = _Reader(_fold(lines))
    return MarkdownDocument(reader.read(), reader.end, text.startswith(BOM), newline, final)


def newline_of(text: str) -> str:
    """Return the line break that most lines of a text have."""
    return "\r\n" if text.count("\r\n") * 2 > text.count("\n") else "\n"


def cells(row: str) -> list[str]:
    """Split a table row at its unescaped bars; the cells keep their padding."""
    inner = row.strip().removeprefix("|")
    parts = _CELL_BORDER.split(inner)
    return parts[:-1] if len(parts) > 1 and not parts[-1].strip() else parts


def conflict_sides(line: str) -> tuple[list[str], list[str]] | None:
    """Return the two sides of a folded conflict, ours and theirs; None for any other line."""
    if "\n" not in line:
        return None
    body = line.split("\n")[1:-1]
    middle = body.index("=======")
    ours = body[:middle]
    ancestor = next((i for i, text in enumerate(ours) if text.startswith("|||||||")), middle)
    return ours[:ancestor], body[middle + 1 :]


def width(indent: str) -> int:
    """Return the columns that leading white space takes, with tab stops of four."""
    return len(indent.expandtabs(4))


def _fold(lines: list[str]) -> list[str]:
    """Join the lines of each conflict into one."""
    folded: list[str] = []
    start = 0
    while start < len(lines):
        end = _conflict_end(lines, start) if lines[start].startswith("<<<<<<<") else start
        folded.append("\n".join(lines[start : end + 1]))
        start = end + 1
    return folded


def _conflict_end(lines: list[str], start: int) -> int:
    """Return the index of the closing marker, or `start` where the conflict is not whole."""
    seen_middle = False
    for index in range(start + 1, len(lines)):
        if lines[index].startswith("<<<<<<<"):
            break
        seen_middle = seen_middle or lines[index] == "======="
        if seen_middle and lines[index].startswith(">>>>>>>"):
            return index
    return start


def _view(line: str) -> str:
    """Return the one line that the parser sees: of a conflict, the template's first."""
    sides = conflict_sides(line)
    view = line if sides is None else next(iter(sides[1] or sides[0]), "")
    return view.replace("\r", " ")


@functools.cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt  # what never reads Markdown starts quicker

    return (
        MarkdownIt("commonmark").enable("table").disable(["inline", "text_join", "reference"], True)
    )


@dataclass(slots=True)
class _Span:
    kind: BlockKind
    end: int
    level: int = 0


class _Reader:
    """Turns folded lines into the tree."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.views = [_view(line) for line in lines]
        heights = (line.count("\n") + 1 for line in lines)
        self.numbers = list(itertools.accumulate(heights, initial=1))
        self.spans: dict[int, _Span] = {}
        self.items: set[int] = set()
        self.end = MarkdownBlock(BlockKind.END, [])

    def read(self) -> MarkdownBlock:
        """Return the root."""
        self._ask_markdown_it()
        root = MarkdownBlock(BlockKind.ROOT, [])
        open_blocks = [root]
        gap: list[str] = []
        index = 0
        while index < len(self.lines):
            if not self.lines[index].strip():
                gap.append(self.lines[index])
                index += 1
                continue
            block, end = self._block(index)
            block.line, block.gap, gap = self.numbers[index], gap, []
            _nest(open_blocks, block)
            index = end
        self.end.gap, self.end.line = gap, self.numbers[index]
        return root

    def _ask_markdown_it(self) -> None:
        for token in _parser().parse("\n".join(self.views)):
            if token.map is None:
                continue
            start, end = token.map
            while end > start + 1 and not self.views[end - 1].strip():
                end -= 1
            if token.type == "list_item_open":
                self.items.add(start)
            elif token.type in _LITERAL:
                self.spans.setdefault(start, _Span(BlockKind.CODE, end))
            elif token.type == "heading_open" and token.level == 0:
                self.spans.setdefault(start, _Span(BlockKind.HEADING, end, int(token.tag[1])))
            elif token.type == "table_open":
                self.spans.setdefault(start, _Span(BlockKind.TABLE, end))
            elif token.type in {"hr", "blockquote_open"}:
                self.spans.setdefault(start, _Span(BlockKind.TEXT, end))

    def _block(self, index: int) -> tuple[MarkdownBlock, int]:
        item = self._item(index)
        span = self.spans.get(index)
        if item is not None:
            end = span.end if span else self._text_end(index, width(item["indent"]))
            block = MarkdownBlock(
                BlockKind.ITEM,
                self.lines[index:end],
                marker=item["marker"],
                mark=item["mark"],
                space=item["space"] or "",
                text=item["text"],
            )
        elif span is not None:
            end = span.end
            block = self._span_block(index, span)
        else:
            end = self._text_end(index, None)
            label = _LABEL.fullmatch(self.views[index])
            block = MarkdownBlock(
                BlockKind.LABEL if label else BlockKind.TEXT, self.lines[index:end]
            )
            if label:
                block.label, block.text = label["label"].strip().casefold(), label["value"]
        block.indent = _indent(self.views[index])
        return block, end

    def _item(self, index: int) -> re.Match[str] | None:
        match = _ITEM.fullmatch(self.views[index])
        if match is None:
            return None
        is_box = match["mark"] is not None and index not in self.spans
        return match if is_box or index in self.items else None

    def _text_end(self, start: int, item_width: int | None) -> int:
        """Return where the paragraph, or the text of an item, that begins at `start` ends."""
        index = start + 1
        while (
            index < len(self.lines)
            and self.views[index].strip()
            and index not in self.spans
            and self._item(index) is None
            and not self._is_label(index, item_width)
        ):
            index += 1
        return index

    def _is_label(self, index: int, item_width: int | None) -> bool:
        view = self.views[index]
        return _LABEL.fullmatch(view) is not None and (
            item_width is None or width(_indent(view)) <= item_width
        )

    def _span_block(self, start: int, span: _Span) -> MarkdownBlock:
        lines = self.lines[start : span.end]
        if span.kind is BlockKind.HEADING:
            title = " ".join(self.views[start : span.end - (span.end > start + 1)]).strip()
            if span.end == start + 1:
                title = _CLOSING.sub("", title.lstrip("#")).strip()
            return MarkdownBlock(BlockKind.HEADING, lines, level=span.level, text=title)
        if span.kind is not BlockKind.TABLE:
            return MarkdownBlock(span.kind, lines)
        table = MarkdownBlock(BlockKind.TABLE, lines[:2])
        for index in range(start + 2, span.end):
            view = self.views[index]
            row = MarkdownBlock(
                BlockKind.ROW, [self.lines[index]], self.numbers[index], indent=_indent(view)
            )
            row.text, row.parent = cells(view)[0].strip(), table
            table.children.append(row)
        return table


def _indent(view: str) -> str:
    return view[: len(view) - len(view.lstrip(" \t"))]


def _nest(open_blocks: list[MarkdownBlock], block: MarkdownBlock) -> None:
    """Put a block under the innermost open one that it belongs to."""
    if block.kind is BlockKind.HEADING:
        while open_blocks[-1].kind is BlockKind.ITEM or open_blocks[-1].level >= block.level:
            open_blocks.pop()
    else:
        while open_blocks[-1].kind is BlockKind.ITEM and (
            width(open_blocks[-1].indent) >= width(block.indent)
        ):
            open_blocks.pop()
    block.parent = open_blocks[-1]
    block.parent.children.append(block)
    if block.kind in {BlockKind.HEADING, BlockKind.ITEM}:
        open_blocks.append(block)
