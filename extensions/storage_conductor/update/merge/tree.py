"""What of three versions of a document stays, under what, and in which order.

The user's arrangement is the ground. Into it go the template's additions, and what the template
moved while the user left it where it was; out of it goes what the template removed and the user
never touched. What the user deleted stays deleted.
"""

from __future__ import annotations

import bisect
from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

from ...markdown.blocks import BlockKind, MarkdownBlock, cells
from .likeness import exact, is_box
from .match import TaskKeys, match, match_additions


@dataclass(eq=False, slots=True)
class Unit:
    """One block of the merged document, as it stands in each of the three versions.

    Attributes:
        base: In the old render, None where it is not in it.
        ours: In the user's file.
        theirs: In the new render.
        parent: What it is nested in after the merge; None for the root and for what is left out.
        children: What is nested in it, in order.
    """

    base: MarkdownBlock | None = None
    ours: MarkdownBlock | None = None
    theirs: MarkdownBlock | None = None
    parent: Unit | None = None
    children: list[Unit] = field(default_factory=list)

    @property
    def block(self) -> MarkdownBlock:
        """The user's version, else the template's newest."""
        return next(block for block in (self.ours, self.theirs, self.base) if block is not None)

    @property
    def kind(self) -> BlockKind:
        """What it is."""
        return self.block.kind

    @property
    def is_users_note(self) -> bool:
        """Whether it is text that the user added."""
        return self.base is self.theirs is None and self.kind in {BlockKind.TEXT, BlockKind.CODE}

    @property
    def is_removed(self) -> bool:
        """Whether the new template no longer has it."""
        return self.base is not None and self.theirs is None

    @property
    def is_touched(self) -> bool:
        """Whether the user ticked or changed its own lines."""
        if self.base is None or self.ours is None:
            return self.ours is not None
        return _content(self.ours) != _content(self.base)

    def preorder(self) -> list[Unit]:
        """Return this unit and all under it in the order of the document."""
        found: list[Unit] = []
        stack = [self]
        while stack:
            unit = stack.pop()
            found.append(unit)
            stack.extend(reversed(unit.children))
        return found


def merge_tree(
    base: MarkdownBlock, ours: MarkdownBlock, theirs: MarkdownBlock, keys: TaskKeys | None = None
) -> Unit:
    """Merge the structure of three documents, given and returned as their roots.

    Args:
        base: The old render.
        ours: The user's file.
        theirs: The new render.
        keys: What the template calls the tasks of both renders, where that is known.
    """
    tree = _Tree(base, ours, theirs, keys)
    tree.place()
    _drop_removed(tree.root)
    return tree.root


def _content(block: MarkdownBlock) -> Hashable:
    """Return what a person would call the block's content: no indentation, no padding."""
    if block.kind in {BlockKind.ROW, BlockKind.TABLE}:
        return tuple(cell.strip() for cell in cells(block.lines[0]))
    own = block.lines[1:] if block.kind is BlockKind.ITEM else block.lines
    return block.mark, block.text.strip(), tuple(line.strip() for line in own)


class _Tree:
    def __init__(
        self, base: MarkdownBlock, ours: MarkdownBlock, theirs: MarkdownBlock, keys: TaskKeys | None
    ) -> None:
        self.units: dict[MarkdownBlock, Unit] = {}
        self._theirs = theirs
        to_ours = match(base, ours, set(map(exact, theirs.walk())))
        to_theirs = match(base, theirs, set(map(exact, ours.walk())), keys)
        added = match_additions(to_ours, to_theirs)
        for block in base.walk():
            self._add(Unit(block, to_ours.forward.get(block), to_theirs.forward.get(block)))
        for block in theirs.walk():
            if block not in self.units:
                self._add(Unit(None, added.get(block), block))
        for block in ours.walk():
            if block not in self.units:
                self._add(Unit(None, block, None))
        self.root = self.units[base]
        self._ours_order = [self.units[block] for block in ours.walk()]
        self._theirs_order = [self.units[block] for block in theirs.walk()]

    def _add(self, unit: Unit) -> None:
        for block in (unit.base, unit.ours, unit.theirs):
            if block is not None:
                self.units[block] = unit

    def _above(self, block: MarkdownBlock | None) -> Unit | None:
        return self.units[block.parent] if block is not None and block.parent is not None else None

    def _is_placed(self, unit: Unit) -> bool:
        return unit.parent is not None or unit is self.root

    def place(self) -> None:
        """Give every unit its parent and its place among the children there."""
        for unit in self._ours_order:
            unit.parent = self._above(unit.ours)
        arriving: set[Unit] = set()
        for unit in self._theirs_order:
            if unit.ours is None and unit.base is None:
                unit.parent = self._parent_of_new(unit)
                arriving.add(unit)
            elif self._is_moved_by_template(unit):
                unit.parent = self._above(unit.theirs)
                arriving.add(unit)
        arriving |= self._reordered_by_template(arriving)
        self._arrange(arriving)

    def _parent_of_new(self, unit: Unit) -> Unit | None:
        """Return where a new block of the template goes; None if the user deleted all around it.

        A task whose heading is gone while tasks beside it were kept goes to those.
        """
        parent = self._above(unit.theirs)
        if parent is None or self._is_placed(parent):
            return parent
        if is_box(unit.block) and parent.theirs is not None:
            siblings = [self.units[block] for block in parent.theirs.children]
            index = siblings.index(unit)
            for other in [*reversed(siblings[:index]), *siblings[index + 1 :]]:
                if is_box(other.block) and other.parent is not None:
                    return other.parent
        return None

    def _is_moved_by_template(self, unit: Unit) -> bool:
        """Whether only the template put it under something else, and that is still there."""
        if unit.base is None or unit.ours is None:
            return False
        before, now = self._above(unit.base), self._above(unit.theirs)
        if now is None or now is before or self._above(unit.ours) is not before:
            return False
        above: Unit | None = now
        while above is not None and above is not unit:
            above = above.parent
        return above is None and self._is_placed(now)

    def _reordered_by_template(self, arriving: set[Unit]) -> set[Unit]:
        reordered: set[Unit] = set()
        for parent in self._theirs_order:
            if parent.base is None or parent.ours is None or parent.theirs is None:
                continue
            common = [
                unit
                for unit in (self.units[block] for block in parent.base.children)
                if unit.parent is parent
                and unit not in arriving
                and self._above(unit.theirs) is parent
            ]
            by_template = self._moved(common, parent.theirs)
            if by_template:
                reordered |= by_template - self._moved(common, parent.ours)
        return reordered

    def _moved(self, units: list[Unit], parent: MarkdownBlock) -> set[Unit]:
        """Return the fewest units whose move explains the order under a parent."""
        known = set(units)
        place = {
            self.units[block]: index
            for index, block in enumerate(parent.children)
            if self.units[block] in known
        }
        stayed = _longest_rising([place[unit] for unit in units])
        return {unit for index, unit in enumerate(units) if index not in stayed}

    def _arrange(self, arriving: set[Unit]) -> None:
        """Put what arrives behind the nearest block before it in the template that is there."""
        behind: dict[Unit, list[Unit]] = defaultdict(list)
        ahead: dict[Unit, list[Unit]] = defaultdict(list)
        last: dict[Unit, list[Unit]] = defaultdict(list)
        for block in self._theirs.walk():
            anchors: dict[Unit, Unit] = {}
            waiting: dict[Unit, list[Unit]] = defaultdict(list)
            for unit in (self.units[child] for child in block.children):
                if unit.parent is None:
                    continue
                if unit not in arriving:
                    ahead[unit] = waiting.pop(unit.parent, [])
                    anchors[unit.parent] = unit
                elif unit.parent in anchors:
                    behind[anchors[unit.parent]].append(unit)
                else:
                    waiting[unit.parent].append(unit)
            for parent, units in waiting.items():
                last[parent] += units
        fixed: dict[Unit, list[Unit]] = defaultdict(list)
        for unit in self._ours_order:
            if unit.parent is not None and unit not in arriving:
                fixed[unit.parent].append(unit)
        for parent in {*fixed, *last}:
            children = _with_arrivals(fixed[parent], ahead, behind) + last[parent]
            # Text behind a sub-heading would belong to that.
            parent.children = sorted(children, key=lambda unit: unit.kind is BlockKind.HEADING)


def _with_arrivals(
    fixed: list[Unit], ahead: dict[Unit, list[Unit]], behind: dict[Unit, list[Unit]]
) -> list[Unit]:
    """Insert arrivals; the user's notes on a block stay right behind it."""
    children: list[Unit] = []
    pending: list[Unit] = []
    for unit in fixed:
        if not unit.is_users_note:
            children += pending
            pending = []
        children += [*ahead[unit], unit]
        pending += behind[unit]
    return children + pending


def _drop_removed(root: Unit) -> None:
    """Drop what the template removed, unless the user touched it or something in it stays.

    What stays keeps its own lines of status and gate, and a task its notes.
    """
    for unit in reversed(root.preorder()):
        staying = {child for child in unit.children if _stays(child)}
        if unit.is_removed and (staying or unit.is_touched):
            staying.update(child for child in unit.children if _belongs(child, unit))
        unit.children = [child for child in unit.children if child in staying]


def _stays(unit: Unit) -> bool:
    return not unit.is_removed or unit.is_touched or bool(unit.children)


def _belongs(unit: Unit, owner: Unit) -> bool:
    if owner.kind is BlockKind.HEADING:
        return unit.kind is BlockKind.LABEL
    return owner.kind is BlockKind.ITEM and unit.kind is not BlockKind.ITEM


def _longest_rising(numbers: Sequence[int]) -> set[int]:
    """Return the indices of a longest rising subsequence (patience sorting)."""
    tails: list[int] = []
    tail_index: list[int] = []
    before: list[int | None] = []
    for index, number in enumerate(numbers):
        place = bisect.bisect_left(tails, number)
        before.append(tail_index[place - 1] if place else None)
        tails[place : place + 1] = [number]
        tail_index[place : place + 1] = [index]
    chosen: set[int] = set()
    index_or_none = tail_index[-1] if tail_index else None
    while index_or_none is not None:
        chosen.add(index_or_none)
        index_or_none = before[index_or_none]
    return chosen
