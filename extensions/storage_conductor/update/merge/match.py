"""Which block of one version of a document is which block of another.

There are no marks in the text: a plan is read raw, every day, by people and assistants, and an id
behind each task would be noise that they also copy, edit and lose. Two versions of one document
are matched by what they say, from certain to likely, two renders by the template's keys as well:

1. the same text under the same heading, then the same text anywhere (moved);
2. headings of similar words, headings and tasks that hold the same blocks, and what is under them;
3. the same words but for case, emphasis, link targets and numbers, or the same bold label;
4. the most similar words, where rare words weigh more than those that many tasks share.

Between two renders a wrong match would move a tick to another task, and a missed one loses nothing:
the ticked task stays as one that the template removed, beside the new one. So doubt decides against
a match: tasks whose names (code, identifiers, capitalised words) differ on both sides are never the
same, nor are those that only their numbers tell from others (`after 6 months`, `after 12 months`),
and what is both reworded and moved must be very similar.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import NamedTuple

from ...markdown.blocks import BlockKind, MarkdownBlock
from .likeness import (
    PLACE_BOUND,
    Weights,
    exact,
    exact_anywhere,
    is_box,
    named,
    told_by_numbers,
    wording,
)

Key = Callable[[MarkdownBlock], Hashable]


class TaskKeys(NamedTuple):
    """What the template calls the tasks of two renders, by their text."""

    base: Mapping[str, str]
    theirs: Mapping[str, str]


# In a plan of thirty tasks rewordings reach 0.5 and more, different tasks 0.4 at most. The less its
# neighbours and its heading say that it is the same, the more its words must.
_PROSE_BESIDE_THE_SAME, _BESIDE_THE_SAME, _UNDER_THE_SAME, _ELSEWHERE = 0.2, 0.45, 0.6, 0.85


class Matching:
    """Pairs of blocks of two trees; the roots are a pair from the start.

    Attributes:
        forward: From a block of the first tree to its partner in the second.
        backward: From a block of the second tree to its partner in the first.
    """

    def __init__(self, first: MarkdownBlock, second: MarkdownBlock) -> None:
        self._first, self._second = list(first.walk()), list(second.walk())
        self._closed: set[MarkdownBlock] = set()
        self.forward: dict[MarkdownBlock, MarkdownBlock] = {}
        self.backward: dict[MarkdownBlock, MarkdownBlock] = {}
        self._places: dict[MarkdownBlock, tuple[MarkdownBlock | None, MarkdownBlock | None]] = {}
        self._numbered = told_by_numbers(self._first) | told_by_numbers(self._second)
        self.add(first, second)

    def add(self, first: MarkdownBlock, second: MarkdownBlock) -> None:
        """Make two blocks a pair."""
        self.forward[first] = second
        self.backward[second] = first

    def close(self, blocks: Iterable[MarkdownBlock]) -> None:
        """Leave these blocks without a partner unless they have one."""
        self._closed.update(blocks)

    def under_same_parent(self, key: Key) -> None:
        """Pair what has the same key under a pair of parents, in order, from the top down."""
        parents = [(self._first[0], self._second[0])]
        while parents:
            first, second = parents.pop()
            self._pair(first.children, second.children, key, same_count=False)
            for child in first.children:
                if partner := self.forward.get(child):
                    parents.append((child, partner))

    def anywhere(self, key: Key) -> None:
        """Pair what has the same key in both trees and occurs as often, in order."""
        self._pair(self._first, self._second, key, same_count=True)

    def by_name(self, keys: TaskKeys) -> None:
        """Pair the tasks with the same key; those whose key the other render lacks get no partner.

        A key that both have may still be without its task, where a template words its tasks by
        itself.
        """
        first, second = (
            {
                known[text]: one
                for one in self._free(each)
                if is_box(one) and (text := one.text.strip()) in known
            }
            for each, known in zip((self._first, self._second), keys, strict=True)
        )
        for key in first.keys() & second.keys():
            self.add(first[key], second[key])
        for found, others in ((first, keys.theirs), (second, keys.base)):
            known = set(others.values())
            self.close(block for key, block in found.items() if key not in known)

    def alike(self, block: MarkdownBlock) -> Hashable:
        """Return the words of a block, None where they do not tell it from others."""
        key = wording(block)
        return None if key in self._numbered else key

    def by_content(self) -> None:
        """Pair headings and tasks when most of what is known of one stands under the other."""
        for owner in reversed(self._free(self._first)):
            partners = [self.forward[child] for child in owner.children if child in self.forward]
            votes = Counter(partner.parent for partner in partners if partner.parent)
            for parent, count in votes.most_common(1):
                is_free = parent.kind is owner.kind and self._is_free(parent)
                if is_free and count * 2 > len(partners):
                    self.add(owner, parent)

    def similar(self, scope_of: Callable[[MarkdownBlock, MarkdownBlock | None], Hashable]) -> None:
        """Pair the most similar within each scope, which is told from a block and its parent."""
        free, free_others = self._free(self._first), self._free(self._second)
        if not free or not free_others:
            return
        scopes: dict[Hashable, tuple[list[MarkdownBlock], list[MarkdownBlock]]] = defaultdict(
            lambda: ([], [])
        )
        for block in free:
            parent = self.forward.get(block.parent) if block.parent else None
            scopes[scope_of(block, parent)][0].append(block)
        for block in free_others:
            scopes[scope_of(block, block.parent)][1].append(block)
        self._note_places()
        weights: Weights | None = None
        for scope, (ones, others) in scopes.items():
            if scope is not None and ones and others:
                weights = weights or Weights(self._first, self._second)
                self._assign(ones, others, weights)

    def _note_places(self) -> None:
        """Note the nearest pairs under the same parents before and behind each block."""
        for block in (*self._first, *self._second):
            before: MarkdownBlock | None = None
            loose: list[MarkdownBlock] = []
            for child in block.children:
                partner = self._pair_in_place(child)
                if partner is None:
                    loose.append(child)
                else:
                    self._places.update((one, (before, partner)) for one in loose)
                    before, loose = partner, []
            self._places.update((one, (before, None)) for one in loose)

    def _pair_in_place(self, block: MarkdownBlock) -> MarkdownBlock | None:
        """Return the second of a pair, given one of them, if both stand under the same parent."""
        first = self.backward.get(block, block)
        second = self.forward.get(first)
        if second is None or first.parent is None or second.parent is None:
            return None
        return second if self.forward.get(first.parent) is second.parent else None

    def _assign(
        self, ones: list[MarkdownBlock], others: list[MarkdownBlock], weights: Weights
    ) -> None:
        """Take the best pairs greedily: nearly the best sum, and quick with thousands of tasks."""
        scored: list[tuple[float, int, int]] = []
        rows = weights.index(others)
        for index, block in enumerate(ones):
            for other, score in weights.similar(block, others, rows):
                partner = others[other]
                if score >= self._needed(block, partner) and not self._differ(block, partner):
                    scored.append((-score, index, other))
        for _, index, other in sorted(scored):
            block, partner = ones[index], others[other]
            if self._is_free(block) and self._is_free(partner):
                self.add(block, partner)

    def _differ(self, block: MarkdownBlock, other: MarkdownBlock) -> bool:
        """Whether two tasks name different things, or are told apart by their numbers only."""
        if not is_box(block):
            return False
        names, others = named(block), named(other)
        key = wording(block)
        is_numbered = key in self._numbered and key == wording(other)
        return is_numbered or not (names <= others or others <= names)

    def _needed(self, block: MarkdownBlock, other: MarkdownBlock) -> float:
        if block.parent is None or self.forward.get(block.parent) is not other.parent:
            return _ELSEWHERE
        if self._places[block] != self._places[other]:
            return _UNDER_THE_SAME
        is_prose = block.kind in {BlockKind.TEXT, BlockKind.CODE, BlockKind.TABLE}
        return _PROSE_BESIDE_THE_SAME if is_prose else _BESIDE_THE_SAME

    def _pair(
        self,
        first: Iterable[MarkdownBlock],
        second: Iterable[MarkdownBlock],
        key: Key,
        *,
        same_count: bool,
    ) -> None:
        groups: dict[Hashable, tuple[list[MarkdownBlock], list[MarkdownBlock]]] = defaultdict(
            lambda: ([], [])
        )
        for block in self._free(first):
            groups[key(block)][0].append(block)
        if not groups:
            return
        for block in self._free(second):
            groups[key(block)][1].append(block)
        groups.pop(None, None)
        for ones, others in groups.values():
            if not same_count or len(ones) == len(others):
                for block, partner in zip(ones, others, strict=False):
                    self.add(block, partner)

    def _free(self, blocks: Iterable[MarkdownBlock]) -> list[MarkdownBlock]:
        return [block for block in blocks if self._is_free(block)]

    def _is_free(self, block: MarkdownBlock) -> bool:
        return not (block in self.forward or block in self.backward or block in self._closed)


def match(
    base: MarkdownBlock, side: MarkdownBlock, elsewhere: set[Hashable], keys: TaskKeys | None = None
) -> Matching:
    """Match the base with one side.

    Args:
        base: Root of the old render.
        side: Root of the user's file or of the new render.
        elsewhere: What the third document says (see `exact`): a block that says the same there is
            the same one as that, and no rewording of something else.
        keys: What the template calls the tasks, where the side is the new render.
    """
    pairs = Matching(base, side)
    pairs.under_same_parent(exact)
    pairs.anywhere(exact_anywhere)
    if keys:
        pairs.by_name(keys)
    pairs.similar(lambda block, _: True if block.kind is BlockKind.HEADING else None)
    pairs.by_content()
    pairs.under_same_parent(exact)
    pairs.close(
        block
        for block in side.walk()
        if block.kind in {BlockKind.ITEM, BlockKind.HEADING} and exact(block) in elsewhere
    )
    pairs.under_same_parent(pairs.alike)
    pairs.anywhere(pairs.alike)
    for _ in range(2):  # Sub-tasks can be compared once their tasks are known.
        pairs.similar(_scope)
        pairs.under_same_parent(exact)
        pairs.under_same_parent(pairs.alike)
    return pairs


def match_additions(ours: Matching, theirs: Matching) -> dict[MarkdownBlock, MarkdownBlock]:
    """Match what the user and the template both added, from the template's block to the user's."""
    root = next(iter(ours.forward))
    pairs = Matching(ours.forward[root], theirs.forward[root])
    for base, block in ours.forward.items():
        if partner := theirs.forward.get(base):
            pairs.add(block, partner)
    pairs.close(ours.backward)
    pairs.close(theirs.backward)
    pairs.under_same_parent(exact)
    pairs.anywhere(exact_anywhere)
    return {new: own for own, new in pairs.forward.items() if own not in ours.backward}


def _scope(block: MarkdownBlock, parent: MarkdownBlock | None) -> Hashable:
    """Return within what a block may be matched by similarity; None for not at all."""
    if is_box(block) or block.kind is BlockKind.HEADING:
        return block.kind
    if parent is None or block.kind in PLACE_BOUND:
        return None
    return block.kind, parent
