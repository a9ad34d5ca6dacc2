"""What people and assistants write into and around a box: marks, and notes of commits and reviews.

Storage Conductor's commands, Conductor and formatters of Markdown all write boxes a little
differently: `- [ ]`, `* [X]`, `1. [~]`. They cross out what was dropped, and append the hash of a
commit to what is done. This is the one place that knows their forms.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple

# The marker of a list item, its box, and the text after it; see
# https://github.github.com/gfm/#task-list-items-extension- for the plain form.
MARKER = r"[-*+]|\d{1,9}[.)]"
MARKS = "[ xX~/-]?"
_BOX = re.compile(rf"([ \t]*)(?:{MARKER})[ \t]+\[({MARKS})\](?:[ \t]+(.*))?")
_CROSSED = re.compile(r"~~(.+)~~")
# A short or full hash, as a rule in brackets; without square ones it must not read as a number. A
# checkpoint is what Conductor writes behind the heading of a phase that was reviewed.
_HASH = r"(?:commit:?\s+)?`?(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{7,40}`?"
_NOTE = re.compile(
    rf"\s+(?:\[checkpoint:[^\[\]]*\]|\[[0-9a-f]{{7,40}}\]|[(\[]{_HASH}[)\]]|(?:[-–—]\s+)?{_HASH})\s*$"
)
# How a text with a note ends; most have none, and are told so at once.
_MAY_END_A_NOTE = re.compile(r"(?:[0-9a-f]{7}`?[)\]]?|\])$")
_NOTE_LENGTH = 200


class State(StrEnum):
    """What a box says of its task."""

    OPEN = "open"
    BEGUN = "in progress"
    DONE = "done"
    DROPPED = "dropped"


class Line(NamedTuple):
    """A line that begins with a box.

    Args:
        indent: White space before it.
        mark: What stands in the box.
        text: The rest of the line.
    """

    indent: str
    mark: str
    text: str


class Text(NamedTuple):
    """The text of a task or heading apart from what was put around it.

    Args:
        core: The text itself.
        crossed: Whether it is crossed out.
        notes: What was appended, with the white space before it.
    """

    core: str
    crossed: bool
    notes: str

    def around(self, core: str) -> str:
        """Return another text with the same things around it."""
        return (f"~~{core}~~" if self.crossed else core) + self.notes


def read(line: str) -> Line | None:
    """Read a line that begins with a box, None for any other."""
    match = _BOX.fullmatch(line)
    return Line(match[1], match[2], (match[3] or "").strip()) if match else None


def marked(line: str, mark: str) -> str:
    """Return a line that begins with a box with another mark in it, all else as it stands."""
    start = line.index("[") + 1
    return f"{line[:start]}{mark}{line[line.index(']', start) :]}"


def taken_apart(text: str) -> Text:
    """Tell a text from the hashes, checkpoints and strokes around it."""
    core = text.rstrip(" \t")  # other white space is part of what stands there
    while _MAY_END_A_NOTE.search(core, max(0, len(core) - 9)) and (
        match := _NOTE.search(core, max(0, len(core) - _NOTE_LENGTH))
    ):
        core = core[: match.start()].rstrip()
    if not core:
        return Text(text, crossed=False, notes="")
    notes = text[len(core) :]
    crossed = _CROSSED.fullmatch(core) if core.startswith("~~") else None
    return Text(crossed[1] if crossed else core, crossed is not None, notes)


def state(mark: str, text: str) -> State:
    """Tell what a mark says, given the text behind it: what is crossed out was dropped."""
    if mark == "-" or taken_apart(text).crossed:
        return State.DROPPED
    if mark in ("x", "X"):
        return State.DONE
    return State.BEGUN if mark in ("~", "/") else State.OPEN
