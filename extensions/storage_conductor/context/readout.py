"""What was read from a project's documents, line by line, and what was not understood."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ..disk.places import STANDARDS, TEMPLATE
from . import read_with_sources
from .documents import blocks_of
from .model import Product, Standards, Stated, TechStack, Workflow
from .project import ProjectContext
from .reading import Source
from .text import shortened
from .unread import LINE_LENGTH, not_understood
from .vocabulary import find_products

_STARTERS = Path(__file__).parents[1] / "starters"


class Reading(NamedTuple):
    """One thing that was read.

    Attributes:
        what: What it is, such as `primary database`.
        stated: What is stated, and where.
    """

    what: str
    stated: Stated


class Readout(NamedTuple):
    """All that was read from a project's documents, and what was not understood."""

    read: tuple[Reading, ...]
    not_understood: tuple[Stated, ...]
    warnings: tuple[str, ...]

    def to_data(self) -> dict[str, Any]:
        """The readout as JSON has it, each thing with its place."""
        return {
            "read": [{"what": each.what} | _place(each.stated) for each in self.read],
            "not_understood": list(map(_place, self.not_understood)),
            "warnings": list(self.warnings),
        }

    def by_file(self) -> dict[str, Any]:
        """The same by file, which each thing does not name again."""
        data = self.to_data()
        return {**data, **{name: by_file(data[name]) for name in ("read", "not_understood")}}


def by_file(said: Iterable[Mapping[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Return what was read by the file that it stands in, without file and heading."""
    found: dict[str, list[dict[str, Any]]] = {}
    for each in said:
        short = {name: each[name] for name in ("line", "what", "value") if name in each}
        if short not in (listed := found.setdefault(each["file"], [])):
            listed.append(short)
    return found


def _place(stated: Stated) -> dict[str, Any]:
    return {
        "value": stated.value,
        "file": stated.file if stated.neighbour else f"storage-conductor/{stated.document}",
        "line": stated.line,
        "heading": stated.heading,
    }


def read_out(project: Path) -> Readout:
    """Read a project's documents as a new track would. Never raises.

    Args:
        project: The root of the project.
    """
    context, sources = read_with_sources(project, {})
    read = tuple(_readings(context, sources))
    lines: dict[str, set[int]] = {}
    for each in read:
        lines.setdefault(each.stated.document, set()).add(each.stated.line or 0)
    known = {name: frozenset(numbers) for name, numbers in lines.items()}
    starter = _starter_texts()
    named = frozenset(hit.product.name for each in read for hit in find_products(each.stated.value))
    rest = (each for each in not_understood(sources, known, named) if each.value not in starter)
    return Readout(read, tuple(rest), tuple(context.warnings))


def _starter_texts() -> frozenset[str]:
    """What the starters say of themselves, such as how to fill them in."""
    blocks = (
        block
        for path in _STARTERS.glob("*.md")
        for block in blocks_of(path.read_text(encoding="utf-8")) or ()
    )
    return frozenset(shortened(block.text, LINE_LENGTH) for block in blocks)


def _readings(context: ProjectContext, sources: list[Source]) -> Iterator[Reading]:
    groups = (context.product, context.tech_stack, context.standards, context.workflow)
    for group in groups:
        yield from _of_group(group)
    lines = {
        (source.document, heading.anchor): heading.line
        for source in sources
        for block in source.blocks
        for heading in block.path[-1:]
    }
    for section in context.standards.sections:
        for rule in section.rules:
            line = lines.get((STANDARDS, section.anchor))
            yield Reading("rule", Stated(rule, STANDARDS, section.heading, section.anchor, line))
    for pattern in context.patterns:
        line = lines.get((TEMPLATE, pattern.anchor))
        topics = ", ".join(pattern.topics)
        yield Reading("code pattern", Stated(topics, TEMPLATE, pattern.heading, "", line))
    for stated in context.ruled_out:
        yield Reading("ruled out", stated)


def _of_group(group: Product | TechStack | Standards | Workflow) -> Iterator[Reading]:
    for name, value in group._asdict().items():
        for stated in (value,) if isinstance(value, Stated) else value or ():
            if isinstance(stated, Stated):
                yield Reading(name.replace("_", " "), stated)
