"""The block between markers in a file that is a person's own."""

from __future__ import annotations

from typing import NamedTuple

from ..markdown.blocks import BOM, newline_of

BEGIN = "<!-- storage-conductor:begin -->"
END = "<!-- storage-conductor:end -->"


class Placed(NamedTuple):
    """A block in a text: what stands before it, between the markers, and after it."""

    before: str
    inner: str
    after: str


def find(text: str) -> Placed | None:
    """Find the block in a text, None where it has none."""
    before, begin, rest = text.partition(BEGIN)
    inner, end, after = rest.partition(END)
    return Placed(before, inner.strip(), after) if begin and end else None


def joint(text: str) -> str:
    """Return what has to stand between a text and a block behind it."""
    newline = newline_of(text)
    if not text.strip(BOM):
        return ""
    return newline if text.endswith(newline) else newline * 2


def append(text: str, inner: str, between: str) -> str:
    """Return a text with the block behind it."""
    newline = newline_of(text)
    return f"{text}{between}{_block(inner, newline)}{newline}"


def replace(placed: Placed, inner: str) -> str:
    """Return the text with another block in its place."""
    newline = newline_of(placed.before + placed.after)
    return f"{placed.before}{_block(inner, newline)}{placed.after}"


def without(placed: Placed, between: str) -> str:
    """Return the text as it was before the block was appended, with what was written since."""
    after = placed.after.removeprefix("\r").removeprefix("\n")
    return placed.before.removesuffix(between) + after


def _block(inner: str, newline: str) -> str:
    return f"{BEGIN}\n{inner.strip()}\n{END}".replace("\n", newline)
