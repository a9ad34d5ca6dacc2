"""White space of a merged document: indentation, bullets, and blank lines between blocks."""

from __future__ import annotations

from itertools import pairwise, takewhile
from typing import NamedTuple

from ...markdown.blocks import BlockKind, MarkdownBlock, MarkdownDocument
from .tree import Unit


class Shape(NamedTuple):
    """How a block is indented, and the bullet of a list item with the space after it."""

    indent: str
    marker: str


def shapes(root: Unit) -> dict[Unit, Shape]:
    """Return the shape of each unit; new list items follow those that the user styled otherwise."""
    found = {root: Shape("", "")}
    for parent in root.preorder():
        styled = {child: _natural(child, found) for child in parent.children}
        found.update(styled)
        items = [child for child in parent.children if child.kind is BlockKind.ITEM]
        pattern = next((styled[item] for item in items if _is_in_place(item)), None)
        is_pattern = any(_is_in_place(item) and _is_restyled(item, styled) for item in items)
        for item in items if is_pattern else ():
            if not _is_in_place(item) and pattern is not None:
                found[item] = _like(pattern, found[item])
            pattern = found[item]
    return found


def _is_in_place(unit: Unit) -> bool:
    """Whether a unit stands under what the user has it under."""
    return (
        unit.ours is not None and unit.parent is not None and unit.ours.parent is unit.parent.ours
    )


def _is_restyled(unit: Unit, styled: dict[Unit, Shape]) -> bool:
    return unit.theirs is None or styled[unit] != _shape(unit.theirs)


def margin(block: MarkdownBlock) -> str:
    """Return the white space that all lines of a block have, of a list item the first has."""
    if block.kind is BlockKind.ITEM:
        return block.indent
    filled = [line for line in block.lines if line.strip()]
    shared = takewhile(
        lambda column: len(set(column)) == 1 and column[0] in " \t", zip(*filled, strict=False)
    )
    return "".join(column[0] for column in shared)


def _shape(block: MarkdownBlock) -> Shape:
    return Shape(margin(block), block.marker)


def _natural(unit: Unit, found: dict[Unit, Shape]) -> Shape:
    """Return the shape that a unit has in the version it follows, moved along with its parent."""
    block, parent = _followed(unit), unit.parent
    if parent is None or parent.kind is not BlockKind.ITEM or block.parent is None:
        return _shape(block)
    old, new = block.parent.indent, found[parent].indent
    if block.parent.kind is BlockKind.ITEM and old == new:
        return _shape(block)
    inner = margin(block).removeprefix(old) if block.parent.kind is BlockKind.ITEM else ""
    return Shape(new + (inner or "  "), block.marker)


def _followed(unit: Unit) -> MarkdownBlock:
    """Return the user's version, or the template's where that alone moved or restyled it."""
    if unit.theirs is None or unit.parent is None or unit.theirs.parent is not unit.parent.theirs:
        return unit.block
    if unit.ours is None or unit.base is None or not _is_in_place(unit):
        return unit.theirs
    is_template_alone = _shape(unit.ours) == _shape(unit.base) != _shape(unit.theirs)
    return unit.theirs if is_template_alone else unit.ours


def _like(pattern: Shape, shape: Shape) -> Shape:
    is_numbered = pattern.marker[0].isdigit() or shape.marker[0].isdigit()
    return Shape(pattern.indent, shape.marker if is_numbered else pattern.marker)


class Gaps:
    """The blank lines between units that follow each other."""

    def __init__(
        self, base: MarkdownDocument, ours: MarkdownDocument, theirs: MarkdownDocument
    ) -> None:
        self._before: dict[MarkdownBlock, MarkdownBlock] = {}
        self._after: dict[MarkdownBlock, MarkdownBlock] = {}
        for document in (base, ours, theirs):
            blocks = [*document.root.walk(), document.end]
            for block, following in pairwise(blocks):
                self._after[block] = following
                self._before[following] = block

    def between(self, before: Unit, unit: Unit) -> list[str]:
        """Return them as where the two are neighbours, else as such blocks usually have them."""
        base = self._in_version(before.base, unit.base)
        ours = self._in_version(before.ours, unit.ours)
        theirs = self._in_version(before.theirs, unit.theirs)
        if ours is None or (theirs is not None and ours == base):
            ours = theirs
        return self._usual(before, unit) if ours is None else ours

    def _in_version(
        self, before: MarkdownBlock | None, block: MarkdownBlock | None
    ) -> list[str] | None:
        if before is None or block is None or self._before[block] is not before:
            return None
        return block.gap

    def _usual(self, before: Unit, unit: Unit) -> list[str]:
        if before.kind is BlockKind.ROOT or {before.kind, unit.kind} <= {
            BlockKind.TABLE,
            BlockKind.ROW,
        }:
            return []
        if unit.kind is BlockKind.END:
            return unit.block.gap
        gaps = sorted((self._after[before.block].gap, unit.block.gap), key=len)
        is_list = before.kind is unit.kind and unit.kind in {BlockKind.ITEM, BlockKind.LABEL}
        return gaps[0] if is_list else gaps[1] or [""]
