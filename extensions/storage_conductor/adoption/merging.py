"""Puts what the template renders into files that a person wrote; pure functions of texts.

A section that both have begins with what the template says, and the person's text follows as it
stands; a section that only the person has comes after all others. Every line of the person's is in
the result.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..markdown import boxes, outline
from ..markdown.boxes import taken_apart
from ..review.progress import FINISHED
from ..tracks import metadata
from ..tracks.registry_read import spelling
from .sections import DocumentParts, DocumentSection, Lines, beside, cut, joined, trimmed

Merge = Callable[[DocumentSection, DocumentSection], Iterator[Lines]]

_PHASE = re.compile(r"phase \d+\b")
_AS_ADOPTED = "## The plan as it was adopted"
_STATUS, _GATE = "**Status", "**Gate**"
_TIMES = {"created": "created_at", "updated": "updated_at"}
_FORMER = "before_adoption"


def spec(own: str, rendered: str) -> str:
    """Put a rendered specification into one that a person wrote."""
    mine, template = cut(own), cut(rendered)
    return joined(_merged(mine, template, _section), own)


def plan(own: str, rendered: str) -> str:
    """Put a rendered plan into one that a person wrote.

    A task that both have stands once, as the person left it. A phase keeps the person's status.
    """
    mine, template = cut(own), cut(rendered)
    mine.sections = list(_apart(mine.sections, {section.name for section in template.sections}))
    there = {taken_apart(box.text).core for box in outline.read(own).boxes if not box.indent}
    for section in template.sections:
        section.body = _without_tasks(section.body, there)
    return joined(_merged(mine, template, _phase), own)


def _apart(
    sections: Sequence[DocumentSection], known: Collection[str]
) -> Iterator[DocumentSection]:
    """Yield sections with the phases whose numbers the template gives to others below one heading.

    Theirs are one level lower, so that no number stands twice in the plan.
    """
    numbers = {match[0] for name in known if (match := _PHASE.match(name))}
    own = [
        each
        for each in sections
        if (match := _PHASE.match(each.name)) and match[0] in numbers and each.name not in known
    ]
    if own:
        yield DocumentSection("", [_AS_ADOPTED], [], own[0].first)
    for each in own:
        lines = outline.read("\n".join([*each.heading, *each.body])).lowered()
        at = len(each.heading)
        yield replace(each, name="", heading=lines[:at], body=lines[at:])
    yield from (each for each in sections if each not in own)


def data(own: Mapping[str, Any], rendered: Mapping[str, Any], status: str) -> str:
    """Put rendered metadata into that of a person, or of another tool, and write it as JSON.

    What has another value now is kept beside the rest.

    Args:
        own: The metadata of the person or tool.
        rendered: That of the template.
        status: How far the track is; empty where nothing said so.
    """
    merged = {**rendered, **{key: own[key] for key in own if key not in rendered}}
    merged["status"] = status or rendered["status"]
    for key, other in _TIMES.items():
        times = (own.get(key), own.get(other), rendered[key])
        merged[key] = next(time for time in times if _fits(rendered, key, time))
    if former := {key: own[key] for key in rendered if key in own and own[key] != merged[key]}:
        merged[_FORMER] = former
    return json.dumps(merged, indent=2, ensure_ascii=False) + "\n"


def _fits(rendered: Mapping[str, Any], key: str, value: object) -> bool:
    return not metadata.problems({**rendered, key: value})


def _merged(mine: DocumentParts, template: DocumentParts, merge: Merge) -> Iterator[Sequence[str]]:
    yield mine.front
    yield mine.title or template.title
    yield template.head
    yield beside(mine.head, template.head)
    left = list(mine.sections)
    for section in template.sections:
        own = next((item for item in left if item.name and item.name == section.name), None)
        if own is None:
            yield section.heading
            yield section.body
        else:
            left.remove(own)
            yield own.heading
            yield from merge(own, section)
    for own in left:
        yield own.heading
        yield own.body


def _section(own: DocumentSection, template: DocumentSection) -> Iterator[Lines]:
    yield template.body
    if trimmed(own.body) != trimmed(template.body):
        yield own.body


def _phase(own: DocumentSection, template: DocumentSection) -> Iterator[Lines]:
    """Yield the status, the template's tasks, the person's text, and the gates.

    A phase that the person completed gets no tasks: that they are open would contradict it.
    """
    status = _starting(own.body, _STATUS)[:1] or _starting(template.body, _STATUS)[:1]
    gate = _starting(template.body, _GATE)
    yield status
    if not (_is_finished(status) and any(boxes.read(line) for line in own.body)):
        yield _less(template.body, [*_starting(template.body, _STATUS), *gate])
    yield _less(own.body, status)
    if not set(gate) <= set(own.body):
        yield gate


def _is_finished(status: Iterable[str]) -> bool:
    return any(spelling(line.rpartition("**")[2].strip(" :")) in FINISHED for line in status)


def _starting(lines: Iterable[str], label: str) -> Lines:
    return [line for line in lines if line.lstrip().startswith(label)]


def _less(lines: Iterable[str], taken: Sequence[str]) -> Lines:
    """Return lines without those taken, each once."""
    left, kept = list(taken), []
    for line in lines:
        if line in left:
            left.remove(line)
        else:
            kept.append(line)
    return kept


def _without_tasks(lines: Iterable[str], there: set[str]) -> Lines:
    """Leave out the tasks that the person has, with what belongs to them."""
    kept: Lines = []
    leaving = False
    for line in lines:
        box = boxes.read(line)
        if box is not None and not box.indent:
            leaving = taken_apart(box.text).core in there
        elif not re.match(r"[ \t]+\S", line):
            leaving = False
        if not leaving:
            kept.append(line)
    return kept
