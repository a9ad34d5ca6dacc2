"""White space of a merged document: indentation, bullets, and blank lines between blocks."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from ..blocks import Block, Document, Kind
from .tree import Unit


class Shape(NamedTuple):
    """How a block is indented, and the bullet of a list item with the space after it."""

    indent: str
    marker: str


def shapes(root: Unit) -> dict[Unit, Shape]:
    """Return the shape of each unit; what arrives takes that of the list items beside it."""
    found = {root: Shape("", "")}
    for parent in root.preorder():
        items = [child for child in parent.children if child.kind is Kind.ITEM]
        beside = next((item for item in items if _is_in_place(item)), None)
        pattern = _natural(beside, found) if beside else None
        for child in parent.children:
            shape = _natural(child, found)
            if child.kind is Kind.ITEM:
                if not _is_in_place(child) and pattern is not None:
                    shape = _like(pattern, shape)
                pattern = shape
            found[child] = shape
    return found


def _is_in_place(unit: Unit) -> bool:
    """Whether a unit stands under what the user has it under."""
    return (
        unit.ours is not None and unit.parent is not None and unit.ours.parent is unit.parent.ours
    )


def _natural(unit: Unit, found: dict[Unit, Shape]) -> Shape:
    """Return the shape that a unit has in its own version, moved along with its parent."""
    block = unit.block if unit.theirs is None or _is_in_place(unit) else unit.theirs
    parent, above = unit.parent, block.parent
    indent = block.indent
    if parent is not None and parent.kind is Kind.ITEM and above is not None:
        inner = indent.removeprefix(above.indent) if above.kind is Kind.ITEM else ""
        indent = found[parent].indent + (inner or "  ")
    return Shape(indent, unit.block.marker)


def _like(pattern: Shape, shape: Shape) -> Shape:
    is_numbered = pattern.marker[0].isdigit() or shape.marker[0].isdigit()
    return Shape(pattern.indent, shape.marker if is_numbered else pattern.marker)


class Gaps:
    """The blank lines between units that follow each other."""

    def __init__(self, base: Document, ours: Document, theirs: Document) -> None:
        self._before: dict[Block, Block] = {}
        self._after: dict[Block, Block] = {}
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

    def _in_version(self, before: Block | None, block: Block | None) -> list[str] | None:
        if before is None or block is None or self._before[block] is not before:
            return None
        return block.gap

    def _usual(self, before: Unit, unit: Unit) -> list[str]:
        if before.kind is Kind.ROOT or {before.kind, unit.kind} <= {Kind.TABLE, Kind.ROW}:
            return []
        if unit.kind is Kind.END:
            return unit.block.gap
        gaps = sorted((self._after[before.block].gap, unit.block.gap), key=len)
        is_list = before.kind is unit.kind and unit.kind in {Kind.ITEM, Kind.LABEL}
        return gaps[0] if is_list else gaps[1] or [""]
