"""Three-way merge of single values and of runs of lines, and the shape of what comes out."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ...markdown.blocks import conflict_sides

_BOX = re.compile(r"\[[ xX~-]?\]")

MARKER_OURS = "<<<<<<< before updating"
MARKER_MIDDLE = "======="
MARKER_THEIRS = ">>>>>>> after updating"


@dataclass(frozen=True, slots=True)
class Conflict:
    """A place where the user and the template say different things.

    Attributes:
        line: 1-based line in the merged text: the first marker, or the line with the kept value
            in a file that cannot hold markers.
        what: What it is, for a person to find it.
    """

    line: int
    what: str


@dataclass(frozen=True, slots=True)
class Merged:
    """The merged file.

    Attributes:
        text: Its whole text.
        conflicts: What this merge could not decide, in the order of the file.
    """

    text: str
    conflicts: list[Conflict]


class TextClash(NamedTuple):
    """Lines that both sides changed differently, and what they were."""

    base: list[str]
    ours: list[str]
    theirs: list[str]


Piece = str | TextClash


class _LineChange(NamedTuple):
    """Lines `start` to `end` of the base become `lines`; equal bounds are an insertion."""

    start: int
    end: int
    lines: list[str]
    is_ours: bool


def choose(base: str | None, ours: str, theirs: str) -> str | None:
    """Merge one value; None means that both changed it differently.

    White space around a value is no difference. `base` is None for what both sides added.
    """
    if ours.strip() == theirs.strip():
        return ours
    if base is not None and ours.strip() == base.strip():
        return theirs
    if base is not None and theirs.strip() == base.strip():
        return ours
    return None


def with_markers(clash: TextClash) -> list[str]:
    """Return the lines of a clash between conflict markers.

    Markers never nest: where the user's lines hold an earlier conflict, its two sides stand on the
    user's side, without what the template said then.
    """
    known = {_BOX.sub("[]", line) for line in clash.base}
    ours: list[str] = []
    for line in clash.ours:
        own, earlier = conflict_sides(line) or ([line], [])
        ours += [*own, *(text for text in earlier if _BOX.sub("[]", text) not in known)]
    theirs = [text for line in clash.theirs for text in (conflict_sides(line) or ([], [line]))[1]]
    return [MARKER_OURS, *ours, MARKER_MIDDLE, *theirs, MARKER_THEIRS]


def merge_lines(base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]) -> list[Piece]:
    """Merge runs of lines as diff3 does, but finer.

    A run that was replaced by as many lines is compared line by line; lines put before or after a
    changed one do not touch it; lines that both put at one place are all kept, the user's first;
    lines that one side deleted and the other changed stay as the user has them.
    """
    changes = sorted([*_changes(base, ours, True), *_changes(base, theirs, False)], key=_order)
    merged: list[Piece] = []
    position = 0
    for group in _overlapping(changes):
        start, end = group[0].start, max(change.end for change in group)
        merged.extend(base[position:start])
        merged.extend(_settle(base, start, end, group))
        position = end
    merged.extend(base[position:])
    return merged


def _order(change: _LineChange) -> tuple[int, int, bool]:
    return change.start, change.end, not change.is_ours


def _changes(base: Sequence[str], side: Sequence[str], is_ours: bool) -> Iterable[_LineChange]:
    if list(base) == list(side):
        return
    matcher = difflib.SequenceMatcher(None, base, side, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "replace" and i2 - i1 == j2 - j1:
            for offset in range(i2 - i1):
                line = side[j1 + offset]
                yield _LineChange(i1 + offset, i1 + offset + 1, [line], is_ours)
        elif tag != "equal":
            yield _LineChange(i1, i2, list(side[j1:j2]), is_ours)


def _overlapping(changes: list[_LineChange]) -> Iterable[list[_LineChange]]:
    """Group changes that touch the same lines, or insert at the same place."""
    group: list[_LineChange] = []
    end = -1
    for change in changes:
        same_place = group and change.start == change.end == group[0].start == end
        if group and (change.start < end or same_place):
            group.append(change)
        else:
            if group:
                yield group
            group = [change]
        end = max(end, change.end)
    if group:
        yield group


def _settle(base: Sequence[str], start: int, end: int, group: list[_LineChange]) -> list[Piece]:
    if len({change.is_ours for change in group}) == 1:
        return [line for change in group for line in change.lines]
    ours = _apply(base, start, end, [change for change in group if change.is_ours])
    theirs = _apply(base, start, end, [change for change in group if not change.is_ours])
    if ours == theirs or not ours or not theirs:
        return list(ours)
    if start == end:
        return [*ours, *theirs]
    return [TextClash(list(base[start:end]), ours, theirs)]


def _apply(base: Sequence[str], start: int, end: int, changes: list[_LineChange]) -> list[str]:
    result: list[str] = []
    for change in changes:
        result.extend(base[start : change.start])
        result.extend(change.lines)
        start = change.end
    return [*result, *base[start:end]]
