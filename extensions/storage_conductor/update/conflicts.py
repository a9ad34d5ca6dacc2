"""How a conflict that a merge left reaches the person: in the file and by name."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from ..markdown.blocks import conflict_sides, newline_of
from ..review.track_checks import TrackProblem
from .merge import Merged

_OPENING, _CLOSING = "<<<<<<< ", ">>>>>>> "


@dataclass(frozen=True)
class Presented:
    """A merged file as it is to be written.

    Args:
        text: The text of the file.
        rejected: The text of the file `*.rej` beside it; empty for none.
        problems: Each conflict, with its line in `text`.
        is_unmerged: Whether `text` holds conflict markers.
    """

    text: str
    rejected: str
    problems: list[TrackProblem]
    is_unmerged: bool


def present(path: str, merged: Merged, *, reject: bool) -> Presented:
    """Decide how the conflicts of a merged file are shown.

    Args:
        path: The file, relative to the project, for messages.
        merged: The merge; a file that cannot hold markers, such as JSON, has none.
        reject: Whether the template's side goes into a file `*.rej`, as a unified difference,
            instead of between conflict markers.
    """
    lines = merged.text.split(newline_of(merged.text))
    has_markers = any(lines[each.line - 1].startswith(_OPENING) for each in merged.conflicts)
    if has_markers and reject:
        return _apart(path, merged, lines)
    remedy = "Write the template's value if it is the right one."
    if has_markers:
        remedy = "Keep the right one of the two, remove the markers, and `git add` the file."
    problems = [_problem(path, each.line, each.what, remedy) for each in merged.conflicts]
    return Presented(merged.text, "", problems, has_markers)


def _apart(path: str, merged: Merged, lines: list[str]) -> Presented:
    """Keep the user's side of each conflict in the file and put the template's beside it."""
    name = path.rpartition("/")[2]
    remedy = f"The template's line is in {name}.rej: take it over if it is right, and delete that."
    ours: list[str] = []
    theirs: list[str] = []
    problems = []
    position = 0
    for each in merged.conflicts:
        start = each.line - 1
        end = next(at for at in range(start, len(lines)) if lines[at].startswith(_CLOSING))
        sides = conflict_sides("\n".join(lines[start : end + 1]))
        before = lines[position:start]
        position = end + 1
        problems.append(_problem(path, len(ours) + len(before) + 1, each.what, remedy))
        ours += [*before, *(sides[0] if sides else ())]
        theirs += [*before, *(sides[1] if sides else ())]
    rest = lines[position:]
    difference = difflib.unified_diff(
        [*ours, *rest], [*theirs, *rest], f"a/{name}", f"b/{name}", lineterm=""
    )
    newline = newline_of(merged.text)
    rejected = "".join(f"{line}\n" for line in difference)
    return Presented(newline.join([*ours, *rest]), rejected, problems, is_unmerged=False)


def _problem(path: str, line: int, what: str, remedy: str) -> TrackProblem:
    return TrackProblem(path, line, "conflict", what, remedy)
