"""What must be true of a track on disk; each finding names the file, the line and the remedy."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from ..disk import files, places
from ..disk.places import PLAN, SPEC
from ..errors import ConductorError, printable
from ..markdown import outline
from ..markdown.boxes import State, taken_apart
from ..phases import PHASES
from ..tracks import metadata
from .library import Library

SPEC_LABELS = ("Type", "Storage Type", "Storage Backend")
SPEC_SECTIONS = (
    "Decisions",
    "Description",
    "Data Model Requirements",
    "Schema Design",
    "Migration Requirements",
    "Backup and Recovery",
    "Performance Requirements",
    "Query Patterns",
    "Data Integrity",
    "Sizing",
    "Risks and Limits",
    "Security and Privacy",
    "Observability",
    "Requirements",
    "Acceptance Criteria",
    "Dependencies",
    "User Impact",
)
SYNTAX = ("{{", "{%", "{#")
_OF_EACH = 500  # problems of a kind in a file that are named one by one


@dataclass(frozen=True, order=True)
class TrackProblem:
    """Something that is wrong in a file; `path` is relative to the project, `line` from 1."""

    path: str
    line: int
    rule: str
    message: str
    remedy: str

    def __str__(self) -> str:
        """Format on two lines, the place first."""
        place = f"{self.path}:{self.line}"
        return printable(f"{place}: {self.rule}: {self.message}\n  Remedy: {self.remedy}")


def check_track(
    library: Library, storage_id: str, *, syntax: Iterable[str] = ()
) -> list[TrackProblem]:
    """Check the files of one track.

    Args:
        library: Reads the project's files.
        storage_id: The track, whose folder exists.
        syntax: Openers of template syntax that must not stand in the files.

    Returns:
        The problems, by file and line.
    """
    folder = places.home(storage_id)
    problems = list(_check_metadata(library, f"{folder}/{places.METADATA}", storage_id))
    for name, check in ((SPEC, check_spec), (PLAN, check_plan)):
        path = f"{folder}/{name}"
        found = library.outline(path)
        if found is None:
            problems.append(_unreadable(library.project, path))
            continue
        problems += _check_markdown(path, found, tuple(syntax))
        problems += check(path, found)
        problems += check_links(library, path, found)
    for name in (SPEC, PLAN):
        library.forget(f"{folder}/{name}")
    return few_of_each(problems)


def few_of_each(problems: Iterable[TrackProblem]) -> list[TrackProblem]:
    """Sort problems; of many of a kind in a file name the first, and count the others."""
    kept: list[TrackProblem] = []
    found: Counter[tuple[str, str]] = Counter()
    for each in sorted(set(problems)):
        kind = (each.path, each.rule)
        found[kind] += 1
        if found[kind] <= _OF_EACH:
            kept.append(each)
    for (path, rule), number in found.items():
        if number > _OF_EACH:
            more = f"{number - _OF_EACH:,} more of this kind follow"
            kept.append(TrackProblem(path, 1, rule, more, "Mend them alike."))
    return sorted(kept)


def _unreadable(project: Path, path: str) -> TrackProblem:
    try:
        files.read_text(project / path)
    except ConductorError as error:
        line = error.line or 1
        return TrackProblem(path, line, "unreadable", error.message, error.remedy or "Restore it.")
    return TrackProblem(path, 1, "unreadable", "cannot be read", "Restore the file from git.")


def _check_metadata(library: Library, path: str, storage_id: str) -> Iterator[TrackProblem]:
    try:
        text = library.text(path)
        data = metadata.parse(text, library.project / path)
    except ConductorError as error:
        yield TrackProblem(path, error.line or 1, "metadata", error.message, error.remedy or "")
        return
    for key, problem in metadata.problems(data):
        yield TrackProblem(
            path,
            metadata.line_of(text, key),
            "metadata",
            f"{key}: {problem}",
            "Correct the value; metadata.schema.json says what is allowed.",
        )
    if data.get("id") != storage_id:
        yield TrackProblem(
            path,
            metadata.line_of(text, "id"),
            "id",
            f"the id {data.get('id')!r} is not the folder's name {storage_id!r}",
            "Set the id to the folder's name.",
        )


def _check_markdown(
    path: str, found: outline.Outline, syntax: tuple[str, ...]
) -> Iterator[TrackProblem]:
    if found.unclosed is not None:
        yield TrackProblem(
            path,
            found.unclosed + 1,
            "markdown",
            "a code fence or comment opens here and never closes",
            "Close it; what follows is not read.",
        )
    for number, line in enumerate(found.lines, start=1):
        for opener in syntax:
            if opener in line:
                yield TrackProblem(
                    path,
                    number,
                    "template-syntax",
                    f"{opener!r} is left over from the template",
                    "Report it to the template's maintainers.",
                )


def check_spec(path: str, found: outline.Outline) -> Iterator[TrackProblem]:
    """Check that the specification has its title, its header and all its sections, none empty."""
    title = next((heading for heading in found.headings if heading.level == 1), None)
    if title is None or not title.title:
        yield TrackProblem(path, 1, "title", "has no title", "Begin the file with `# <Title>`.")
    head = "\n".join(found.lines[:40])
    for label in SPEC_LABELS:
        if f"**{label}**" not in head and found.section(label) is None:
            yield TrackProblem(
                path, 1, "section", f"says no {label}", f"Add `- **{label}**: …` below the title."
            )
    for name in SPEC_SECTIONS:
        yield from _check_section(path, found, name)


def _check_section(path: str, found: outline.Outline, name: str) -> Iterator[TrackProblem]:
    heading = found.section(name)
    if heading is None:
        yield TrackProblem(
            path,
            len(found.lines) or 1,
            "section",
            f"the section {name!r} is missing",
            f"Add `## {name}`, with `Not applicable: <reason>` if there is nothing to say.",
        )
    elif not any(line.strip() and not line.startswith("#") for _, line in found.body(heading)):
        yield TrackProblem(
            path,
            heading.line,
            "section",
            f"the section {name!r} is empty",
            "Fill it, or write `Not applicable: <reason>`.",
        )


def check_plan(path: str, found: outline.Outline) -> Iterator[TrackProblem]:
    """Check that the plan has its eight phases, each with status, tasks and gate."""
    for number, name in enumerate(PHASES.values(), start=1):
        heading = found.section(f"Phase {number}: {name}")
        if heading is None:
            yield TrackProblem(
                path,
                len(found.lines) or 1,
                "phase",
                f"phase {number}, {name!r}, is missing",
                f"Add `## Phase {number}: {name}`.",
            )
            continue
        body = [line.strip() for _, line in found.body(heading)]
        section = range(heading.line, heading.end)
        for what, there in (
            ("**Status** line", any(line.startswith("**Status**") for line in body)),
            ("**Gate** line", any(line.startswith("**Gate**") for line in body)),
            ("task", any(box.line in section for box in found.boxes)),
        ):
            if not there:
                yield TrackProblem(
                    path, heading.line, "phase", f"phase {number} has no {what}", f"Add a {what}."
                )
    yield from _check_unique(path, found)


def check_ticks(library: Library, storage_id: str) -> Iterator[TrackProblem]:
    """Find tasks that are ticked over an open sub-task, which a new version may have brought."""
    path = places.of_track(storage_id, PLAN)
    found = library.outline(path)
    told: set[int] = set()
    for box in found.boxes if found else ():
        if box.over and box.over not in told:
            told.add(box.over)
            yield TrackProblem(
                path,
                box.line,
                "ticked-too-early",
                f"the task is ticked, and its sub-task on line {box.over} is open",
                "Tick the sub-task too, cross it out if it was dropped, or untick the task.",
            )


def _check_unique(path: str, found: outline.Outline) -> Iterator[TrackProblem]:
    first: dict[str, int] = {}
    for box in found.boxes:
        if box.indent or box.state is State.DROPPED:
            continue
        if first.setdefault(name := taken_apart(box.text).core, box.line) != box.line:
            yield TrackProblem(
                path,
                box.line,
                "duplicate-task",
                f"the task stands on line {first[name]} already",
                "Reword one of them; commit messages refer to tasks by their text.",
            )


def check_links(library: Library, path: str, found: outline.Outline) -> Iterator[TrackProblem]:
    """Check that every relative link leads to a file, and every anchor to a heading."""
    for line, target in found.links():
        if not target or "://" in target or target.startswith(("mailto:", "/")):
            continue
        name, _, anchor = target.partition("#")
        goal = posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(name)))
        goal = goal if name else path
        if name and not library.exists(goal):
            yield TrackProblem(
                path, line, "link", f"the link to {name} leads nowhere", "Correct or remove it."
            )
        elif (
            anchor
            and goal.endswith(".md")
            and not goal.startswith("../")
            and not library.has_anchor(goal, unquote(anchor))
        ):
            yield TrackProblem(
                path,
                line,
                "anchor",
                f"no heading of {goal} has the anchor #{anchor}",
                "Correct the anchor; it is the heading in lower case with hyphens.",
            )
