"""Three-way merge of Markdown documents, block by block.

`tree` decides what stays and where, `layout` its white space; this module merges the lines of each
block and writes the result in the user's style.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...markdown import boxes
from ...markdown.blocks import BOM, BlockKind, MarkdownBlock, MarkdownDocument, newline_of, parse
from .layout import Gaps, Shape, margin, shapes
from .likeness import core, is_box
from .match import TaskKeys
from .table import Columns, merge_columns, merge_header, merge_row
from .text import Conflict, Merged, Piece, TextClash, choose, merge_lines, with_markers
from .tree import Unit, merge_tree

_USERS_LABEL = "status"


def merge_markdown(base: str, ours: str, theirs: str, keys: TaskKeys | None = None) -> Merged:
    """Merge three versions of a document.

    Args:
        base: The old render.
        ours: The user's file.
        theirs: The new render.
        keys: What the template calls the tasks of both renders, where that is known.

    Returns:
        `theirs` where the user changed nothing and `ours` where the template changed nothing, byte
        for byte; else the merge, with the user's byte order mark and line breaks.
    """
    if ours == base:
        return Merged(theirs, [])
    plain_base, plain_ours, plain_theirs = map(_plain, (base, ours, theirs))
    if plain_theirs in {plain_base, plain_ours}:
        return Merged(ours, [])
    if plain_ours == plain_base:
        return Merged(_styled(plain_theirs, ours.startswith(BOM), newline_of(ours)), [])
    return merge_documents(parse(base), parse(ours), parse(theirs), keys)


def merge_documents(
    base: MarkdownDocument,
    ours: MarkdownDocument,
    theirs: MarkdownDocument,
    keys: TaskKeys | None = None,
) -> Merged:
    """Merge three documents without looking whether one of them changed at all."""
    unwrap(ours.root, base.root)
    root = merge_tree(base.root, ours.root, theirs.root, keys)
    end = Unit(base.end, ours.end, theirs.end)
    writer = _Writer(root, Gaps(base, ours, theirs))
    writer.write(end)
    closing = theirs if ours.final_newline == base.final_newline else ours
    text = "\n".join(writer.lines)
    if closing.final_newline and writer.lines:
        text += "\n"
    return Merged(_styled(text, ours.bom, ours.newline), writer.conflicts)


def _plain(text: str) -> str:
    return text.removeprefix(BOM).replace("\r\n", "\n")


def _styled(text: str, bom: bool, newline: str) -> str:
    return (BOM if bom else "") + text.replace("\n", newline)


class _Writer:
    """Writes units one after the other."""

    def __init__(self, root: Unit, gaps: Gaps) -> None:
        self.lines: list[str] = []
        self.conflicts: list[Conflict] = []
        self._units = root.preorder()
        self._gaps = gaps
        self._shapes = shapes(root)
        self._columns: dict[Unit, Columns] = {}

    def write(self, end: Unit) -> None:
        """Write everything under the root, up to the end of the document."""
        before, *units = self._units
        for unit in units:
            self.lines.extend(self._gaps.between(before, unit))
            for piece in self._merge(unit):
                self._put(piece, unit)
            before = unit
        self.lines.extend(self._gaps.between(before, end))

    def _put(self, piece: Piece, unit: Unit) -> None:
        if isinstance(piece, TextClash):
            self.conflicts.append(Conflict(len(self.lines) + 1, _describe(unit)))
            self.lines.extend(with_markers(piece))
        else:
            self.lines.extend(piece.split("\n"))

    def _merge(self, unit: Unit) -> list[Piece]:
        if unit.kind is BlockKind.TABLE:
            self._columns[unit] = merge_columns(unit)
            return merge_header(unit, self._columns[unit])
        if unit.kind is BlockKind.ROW and unit.parent is not None:
            return merge_row(unit, self._columns[unit.parent])
        shape = self._shapes[unit]
        if unit.kind is BlockKind.ITEM:
            return _merge_item(unit, shape)
        if unit.kind is BlockKind.LABEL and unit.block.label == _USERS_LABEL:
            return list(_users_lines(unit, shape))
        return _merge_lines(unit, shape, 0)


def _users_lines(unit: Unit, shape: Shape) -> list[str]:
    """Return the lines of what is the user's to set: the template's until the user changed it."""
    is_unchanged = unit.base and unit.ours and unit.base.lines == unit.ours.lines
    block = unit.theirs if is_unchanged and unit.theirs else unit.block
    return _indented(block, shape)


def _merge_lines(unit: Unit, shape: Shape, start: int) -> list[Piece]:
    """Merge the lines of a unit from `start` on."""
    base, ours, theirs = (
        _indented(block, shape)[start:] if block else None
        for block in (unit.base, unit.ours, unit.theirs)
    )
    if ours is None or theirs is None:
        return list(theirs or () if ours is None else ours)
    if base is not None:
        if unit.kind in {BlockKind.TEXT, BlockKind.LABEL} and _only_wrapped(base, ours):
            return list(ours if base == theirs else theirs)
        if unit.kind is BlockKind.HEADING and len(ours) == 1:
            return _noted(ours[0], merge_lines(base, [_without_notes(ours[0])], theirs))
        return merge_lines(base, ours, theirs)
    if [line.strip() for line in ours] == [line.strip() for line in theirs]:
        return list(ours)
    return (
        [TextClash([], ours, theirs)]
        if unit.kind is BlockKind.LABEL
        else merge_lines([], ours, theirs)
    )


def _merge_item(unit: Unit, shape: Shape) -> list[Piece]:
    """Merge a list item: its tick, its text, and its further lines, each by itself."""
    base, ours, theirs = unit.base, unit.ours, unit.theirs
    rest = _merge_lines(unit, shape, 1)
    if ours is None or theirs is None:
        return [_item_line(unit.block, shape, unit.block.mark, unit.block.text), *rest]
    if "\n" in ours.lines[0]:
        return [*_merge_open_conflict(unit, ours, theirs), *rest]
    is_mark_unchanged = base is not None and ours.mark == base.mark
    mark = theirs.mark if is_mark_unchanged else ours.mark
    said = boxes.taken_apart(ours.text)
    text = choose(base.text if base else None, said.core, theirs.text)
    if text is not None and text.strip() == said.core.strip():
        return [*_own_lines(ours, shape, mark), *rest]
    if text is not None:
        return [_item_line(ours, shape, mark, said.around(text)), *rest]
    own = _own_lines(ours, shape, mark)
    return [TextClash([], own, [_item_line(ours, shape, mark, theirs.text)]), *rest]


def _own_lines(block: MarkdownBlock, shape: Shape, mark: str | None) -> list[str]:
    """Return the lines of an item's text as the user has them, wrapped where they were."""
    first, *further = block.wrapped or [block.text]
    further = [shape.indent + line.removeprefix(block.indent) for line in further]
    return [_item_line(block, shape, mark, first), *further]


def unwrap(side: MarkdownBlock, base: MarkdownBlock) -> None:
    """Find the tasks of a document that a formatter wrapped, and give them their whole text.

    Args:
        side: Root of the user's file; its blocks are changed.
        base: Root of the old render, which says where a task ends and a person's note begins.
    """
    known = {" ".join(block.text.split()) for block in base.walk() if is_box(block)}
    for block in side.walk():
        if not is_box(block) or len(block.lines) == 1 or core(block) in known:
            continue
        parts = [block.text, *(line.strip() for line in block.lines[1:])]
        for end in range(2, len(parts) + 1):
            whole = " ".join(" ".join(parts[:end]).split())
            if boxes.taken_apart(whole).core in known:
                block.wrapped = [block.text, *block.lines[1:end]]
                block.text, block.lines = whole, [block.lines[0], *block.lines[end:]]
                break


def _only_wrapped(base: Sequence[str], ours: Sequence[str]) -> bool:
    """Whether the lines differ in nothing but where they end."""
    return " ".join(base).split() == " ".join(ours).split()


def _without_notes(heading: str) -> str:
    return boxes.taken_apart(heading).core


def _noted(heading: str, pieces: list[Piece]) -> list[Piece]:
    """Put the notes behind a heading back, where it is still one line."""
    notes = boxes.taken_apart(heading).notes
    return [piece + notes if isinstance(piece, str) else piece for piece in pieces]


def _merge_open_conflict(unit: Unit, ours: MarkdownBlock, theirs: MarkdownBlock) -> list[Piece]:
    """Merge an item that still stands in the conflict of an earlier merge."""
    base = unit.base.lines[:1] if unit.base else []
    return merge_lines(base, ours.lines[:1], theirs.lines[:1])


def _item_line(block: MarkdownBlock, shape: Shape, mark: str | None, text: str) -> str:
    if "\n" in block.lines[0]:
        return block.lines[0]
    if mark is None:
        return f"{shape.indent}{shape.marker}{text}"
    return f"{shape.indent}{shape.marker}[{mark}]{block.space or ' '}{text}"


def _indented(block: MarkdownBlock, shape: Shape) -> list[str]:
    """Return the lines of a block with its indentation replaced."""
    old = margin(block)
    if old == shape.indent:
        return block.lines
    return [
        shape.indent + line.removeprefix(old) if line.startswith(old) else line
        for line in block.lines
    ]


def _describe(unit: Unit) -> str:
    block = unit.block
    what = "task" if is_box(block) else block.kind.value
    name = block.label or block.text
    if len(name) > 60:
        name = f"{name[:59]}…"
    above = unit.parent
    while above is not None and above.kind is not BlockKind.HEADING:
        above = above.parent
    place = f" in “{above.block.text}”" if above is not None else ""
    return f"{what} “{name}”{place}" if name else f"{what}{place}"
