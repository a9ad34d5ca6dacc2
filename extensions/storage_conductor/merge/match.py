"""Which block of one version of a document is which block of another.

There are no marks in the text: a plan is read raw, every day, by people and assistants, and an id
behind each task would be noise that they also copy, edit and lose. Two versions of one document
are matched by what they say, from certain to likely:

1. the same text under the same heading, then the same text anywhere (moved);
2. headings and tasks that hold the same blocks (renamed), and the same text under those;
3. the same words but for case, emphasis, link targets and numbers, or the same bold label;
4. the most similar words, where rare words weigh more than those that many tasks share;
5. in prose and code, the only block that went and the only one that came at one place.

Between two renders a wrong match would move a tick to another task, and a missed one loses nothing:
the ticked task stays as one that the template removed, beside the new one. So doubt decides against
a match: tasks whose names (code, identifiers, capitalised words) differ on both sides are never the
same, and what is both reworded and moved must be very similar.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable

from ..blocks import Block, Kind, cells

Key = Callable[[Block], Hashable]

# A rewording keeps most of the shorter text; what was added to the longer counts little against
# it. In a plan of thirty tasks rewordings reach 0.5 and more, different tasks 0.4 at most. The
# less its neighbours and its heading say that it is the same, the more its words must.
_SHORTER, _LONGER = 0.9, 0.1
_BESIDE_THE_SAME, _UNDER_THE_SAME, _ELSEWHERE = 0.45, 0.6, 0.85
_COMMON_WORD = 64
_SURE_WORDS = 3

_PLACE_BOUND = {Kind.LABEL, Kind.ROW}
_PROSE = {Kind.TEXT, Kind.CODE, Kind.TABLE}

_LINK_TARGET = re.compile(r"\]\([^)]*\)")
_WORD = re.compile(r"\w+")
_BOLD_LEAD = re.compile(r"\*\*([^*]+?):?\*\*")
_CODE_SPAN = re.compile(r"`[^`]*`")


def is_box(block: Block) -> bool:
    """Whether a block is a task or sub-task."""
    return block.mark is not None


def exact(block: Block) -> Hashable:
    """Return what a block says, without mark, marker, indentation and heading level."""
    if block.kind in {Kind.ITEM, Kind.HEADING, Kind.ROW}:
        return block.kind, is_box(block), block.text.strip()
    if block.kind is Kind.LABEL:
        return block.kind, block.label
    if block.kind is Kind.TABLE:
        return block.kind, tuple(cell.strip() for cell in cells(block.lines[0]))
    return block.kind, tuple(line.strip() for line in block.lines)


def _alike(block: Block) -> Hashable:
    """Return the words of a block without numbers, or None where that is too little."""
    if block.kind in _PLACE_BOUND:
        return None
    lead = _BOLD_LEAD.match(block.text) if block.kind is Kind.ITEM else None
    if lead and not is_box(block):
        return block.kind, lead[1].strip().casefold()
    words = tuple(_words(block.text or "\n".join(block.lines)))
    enough = len(words) >= (_SURE_WORDS if is_box(block) else 1)
    return (block.kind, is_box(block), words) if enough else None


def _words(text: str) -> list[str]:
    """Return the words of a text without numbers, emphasis and link targets."""
    words = _WORD.findall(_LINK_TARGET.sub("]", text).casefold())
    return [word for word in words if not word.isdecimal()]


def _names(block: Block) -> set[str]:
    """Return the words that name a particular thing: code, identifiers, capitalised words."""
    text = _LINK_TARGET.sub("]", block.text)
    names = {word for span in _CODE_SPAN.findall(text) for word in _WORD.findall(span)}
    plain = _CODE_SPAN.sub(" ", text)
    for index, word in enumerate(_WORD.findall(plain)):
        is_name = "_" in word or word[1:] != word[1:].lower() or (index and word[0].isupper())
        if is_name:
            names.add(word)
    return {name.casefold() for name in names if not name.isdecimal()}


class Matching:
    """Pairs of blocks of two trees; the roots are a pair from the start.

    Attributes:
        forward: From a block of the first tree to its partner in the second.
        backward: From a block of the second tree to its partner in the first.
    """

    def __init__(self, first: Block, second: Block) -> None:
        self._first, self._second = first, second
        self._closed: set[Block] = set()
        self.forward: dict[Block, Block] = {}
        self.backward: dict[Block, Block] = {}
        self._neighbours: dict[Block, tuple[Block | None, Block | None]] = {}
        for parent in (*first.walk(), *second.walk()):
            row = [None, *parent.children, None]
            self._neighbours.update(
                zip(parent.children, zip(row, row[2:], strict=False), strict=False)
            )
        self.add(first, second)

    def add(self, first: Block, second: Block) -> None:
        """Make two blocks a pair."""
        self.forward[first] = second
        self.backward[second] = first

    def close(self, blocks: Iterable[Block]) -> None:
        """Leave these blocks without a partner unless they have one."""
        self._closed.update(blocks)

    def under_same_parent(self, key: Key) -> None:
        """Pair what has the same key under a pair of parents, in order, from the top down."""
        parents = [(self._first, self._second)]
        while parents:
            first, second = parents.pop()
            self._pair(first.children, second.children, key, same_count=False)
            for child in first.children:
                if partner := self.forward.get(child):
                    parents.append((child, partner))

    def anywhere(self, key: Key) -> None:
        """Pair what has the same key in both trees and occurs as often, in order."""
        loose = [block for block in self._first.walk() if block.kind not in _PLACE_BOUND]
        other = [block for block in self._second.walk() if block.kind not in _PLACE_BOUND]
        self._pair(loose, other, key, same_count=True)

    def by_content(self) -> None:
        """Pair headings and tasks when most of what is known of one stands under the other."""
        for owner in reversed(self._free(self._first.walk())):
            partners = [self.forward[child] for child in owner.children if child in self.forward]
            votes = Counter(partner.parent for partner in partners if partner.parent)
            for parent, count in votes.most_common(1):
                is_free = parent.kind is owner.kind is not Kind.TABLE and self._is_free(parent)
                if is_free and count * 2 > len(partners):
                    self.add(owner, parent)

    def similar(self) -> None:
        """Pair the most similar: tasks and headings anywhere, the rest under a pair of parents."""
        scopes: dict[Hashable, tuple[list[Block], list[Block]]] = defaultdict(lambda: ([], []))
        for block in self._free(self._first.walk()):
            parent = self.forward.get(block.parent) if block.parent else None
            scopes[_scope(block, parent)][0].append(block)
        for block in self._free(self._second.walk()):
            scopes[_scope(block, block.parent)][1].append(block)
        weights: _Weights | None = None
        for scope, (ones, others) in scopes.items():
            if scope is not None and ones and others:
                weights = weights or _Weights(self._first, self._second)
                self._assign(ones, others, weights)

    def _assign(self, ones: list[Block], others: list[Block], weights: _Weights) -> None:
        """Take the best pairs greedily: nearly the best sum, and quick with thousands of tasks."""
        scored: list[tuple[float, int, int]] = []
        by_word = weights.index(others)
        for index, block in enumerate(ones):
            near = {other for word in weights.words(block) for other in by_word.get(word, ())}
            for other in near:
                score = weights.similarity(block, others[other])
                if score >= self._needed(block, others[other]):
                    scored.append((-score, index, other))
        for _, index, other in sorted(scored):
            block, partner = ones[index], others[other]
            if self._is_free(block) and self._is_free(partner):
                self.add(block, partner)

    def _needed(self, block: Block, other: Block) -> float:
        if is_box(block) and _differ_in_name(block, other):
            return math.inf
        if block.parent is None or self.forward.get(block.parent) is not other.parent:
            return _ELSEWHERE
        near, there = self._neighbours[block], self._neighbours[other]
        is_beside = near == there == (None, None) or any(
            one is not None and self.forward.get(one) is two
            for one, two in zip(near, there, strict=True)
        )
        return _BESIDE_THE_SAME if is_beside else _UNDER_THE_SAME

    def only_one_at_its_place(self) -> None:
        """Pair prose where one block went and one came between the same neighbours."""
        for first, second in list(self.forward.items()):
            gone = self._by_place(first, self.forward.get)
            came = self._by_place(second, lambda block: block if block in self.backward else None)
            for place, blocks in gone.items():
                if len(blocks) == 1 == len(came.get(place, ())):
                    self.add(blocks[0], came[place][0])

    def _by_place(
        self, parent: Block, partner: Callable[[Block], Block | None]
    ) -> dict[Hashable, list[Block]]:
        places: dict[Hashable, list[Block]] = defaultdict(list)
        before: Block | None = None
        for child in parent.children:
            known = partner(child)
            if known is not None:
                before = known
            elif child.kind in _PROSE and child not in self._closed:
                places[before, child.kind].append(child)
        return places

    def _pair(
        self, first: Iterable[Block], second: Iterable[Block], key: Key, *, same_count: bool
    ) -> None:
        groups: dict[Hashable, tuple[list[Block], list[Block]]] = defaultdict(lambda: ([], []))
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

    def _free(self, blocks: Iterable[Block]) -> list[Block]:
        return [block for block in blocks if self._is_free(block)]

    def _is_free(self, block: Block) -> bool:
        return not (block in self.forward or block in self.backward or block in self._closed)


def match(base: Block, side: Block, elsewhere: set[Hashable]) -> Matching:
    """Match the base with one side.

    Args:
        base: Root of the old render.
        side: Root of the user's file or of the new render.
        elsewhere: What the third document says (see `exact`): a block that says the same there is
            the same one as that, and no rewording of something else.
    """
    pairs = Matching(base, side)
    pairs.under_same_parent(exact)
    pairs.anywhere(exact)
    pairs.by_content()
    pairs.under_same_parent(exact)
    pairs.close(
        block
        for block in side.walk()
        if block.kind in {Kind.ITEM, Kind.HEADING} and exact(block) in elsewhere
    )
    pairs.under_same_parent(_alike)
    pairs.anywhere(_alike)
    for _ in range(2):  # Sub-tasks can be compared once their tasks are known.
        pairs.similar()
        pairs.under_same_parent(exact)
        pairs.under_same_parent(_alike)
    pairs.only_one_at_its_place()
    return pairs


def match_additions(ours: Matching, theirs: Matching) -> dict[Block, Block]:
    """Match what the user and the template both added, from the template's block to the user's."""
    root = next(iter(ours.forward))
    pairs = Matching(ours.forward[root], theirs.forward[root])
    for base, block in ours.forward.items():
        if partner := theirs.forward.get(base):
            pairs.add(block, partner)
    pairs.close(ours.backward)
    pairs.close(theirs.backward)
    pairs.under_same_parent(exact)
    pairs.anywhere(exact)
    return {new: own for own, new in pairs.forward.items() if own not in ours.backward}


def _scope(block: Block, parent: Block | None) -> Hashable:
    """Return within what a block may be matched by similarity; None for not at all."""
    if is_box(block) or block.kind is Kind.HEADING:
        return block.kind, is_box(block)
    if parent is None or block.kind in _PLACE_BOUND:
        return None
    return block.kind, parent


class _Weights:
    """Words of blocks, each weighing less the more blocks of a document hold it."""

    def __init__(self, first: Block, second: Block) -> None:
        self._words: dict[Block, Counter[str]] = {}
        self._frequency: Counter[str] = Counter()
        for root in (first, second):
            words = {block: Counter(_words(_full_text(block))) for block in root.walk()}
            self._words.update(words)
            self._frequency |= Counter(word for counted in words.values() for word in counted)

    def words(self, block: Block) -> Iterable[str]:
        """Return the different words of a block."""
        return self._words[block]

    def index(self, blocks: list[Block]) -> dict[str, list[int]]:
        """Return which of some blocks hold a word, leaving out words that most hold."""
        found: dict[str, list[int]] = defaultdict(list)
        for index, block in enumerate(blocks):
            for word in self._words[block]:
                found[word].append(index)
        return {word: places for word, places in found.items() if len(places) <= _COMMON_WORD}

    def similarity(self, first: Block, second: Block) -> float:
        """Return 0 for nothing in common to 1 for the same words."""
        ones, others = self._words[first], self._words[second]
        shared = self._sum(ones & others)
        shorter, longer = sorted((self._sum(ones), self._sum(others)))
        return shared / (_SHORTER * shorter + _LONGER * longer) if shared else 0.0

    def _sum(self, words: Counter[str]) -> float:
        return sum(count / self._frequency[word] for word, count in words.items())


def _full_text(block: Block) -> str:
    own = block.lines[1:] if block.text else block.lines
    return "\n".join([block.text, *own])


def _differ_in_name(first: Block, second: Block) -> bool:
    names, others = _names(first), _names(second)
    return not (names <= others or others <= names)
