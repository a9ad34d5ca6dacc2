"""Links from a track to where the project's documents state something."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from .. import wording
from ..catalog import loading
from ..context import ProjectContext, Section, Stated, unread_document
from ..context.vocabulary import find_products
from ..disk.patterns import any_of
from ..disk.places import STANDARDS, TEMPLATE
from ..questions.speech import vocabulary
from ..questions.ways import ways_named

# From the folder of a track to that of the documents.
DOCUMENTS = "../../"
LINKS_MENTIONED = 2
# The section of the specification that shows a standard: the first that has one of its topics.
STANDARD_HOMES = {
    "migration": ("migration", "versioning"),
    "backup": ("backup",),
    "security": ("security",),
    "observability": ("observability",),
    "integrity": ("validation", "transactions", "consistency", "errors"),
    "performance": ("performance", "queries", "connection", "caching"),
    "schema": ("schema", "naming", "indexing"),
}
_ABOUT_SCHEMAS = ("schema", "migration", "integrity")


class DocumentLinks(NamedTuple):
    """What can be linked to, as Markdown that stands in a file of the track.

    Args:
        context: What the documents say, and where.
        migrates: Whether the component has a schema; without one, standards on it are not shown.
    """

    context: ProjectContext
    migrates: bool

    def to(self, stated: Stated) -> str:
        """Return a link to where a document states something."""
        text = f"{stated.file}, {stated.heading}" if stated.heading else stated.file
        return _link(text, stated.link)

    def reference(self, stated: Stated | None) -> str:
        """Return where something is stated, as ` (link)`, or nothing."""
        return "" if stated is None else f" ({self.to(stated)})"

    def not_found(self, topic: str) -> str:
        """Return that the documents do not tell something, as far as they were understood.

        Args:
            topic: The key of the assumption that is made instead.

        Returns:
            Where it was not found and the lines that come nearest, as Markdown to read after `is`.
        """
        name = unread_document(topic)
        state = next(item for item in self.context.documents if item.name == name)
        if state.state != "present":
            return f"not found, since {state.warnings[0]}"
        lines = self.context.nearest.get(topic, ())
        quoted = " and ".join(f"“{wording.inline(line.value)}”" for line in lines)
        near = f"; what comes nearest there is {quoted}" if quoted else ""
        return f"not found in {_link(name, name)}{near}"

    def run_on(self, stores: Sequence[str]) -> str:
        """Return what tech-stack.md says near of how stores are run, as it reads after a clause.

        Args:
            stores: Their names; a line about another store, or about a region, is not near.
        """
        lines = (each.value for each in self.context.tech_stack.run_on)
        near = (line for line in lines if not _about_others(line, stores))
        quoted = " and ".join(f"“{wording.inline(line)}”" for line in near)
        return f" (what comes nearest there is {quoted})" if quoted else ""

    def patterns(self, topic: str) -> list[str]:
        """Return links to the code patterns of storage-template.md that serve a topic."""
        return [
            _link(item.heading, f"{TEMPLATE}#{item.anchor}")
            for item in self.context.patterns
            if topic in item.topics
        ]

    def standards(self, topic: str) -> list[str]:
        """Return links to the sections of storage-standards.md on a topic."""
        found = self.context.standards.sections
        return [_section(item) for item in found if topic in item.topics]

    def standards_for(self, home: str) -> list[str]:
        """Return links to the project's standards that belong to a section of the specification.

        Args:
            home: One of `STANDARD_HOMES`.
        """
        if home in _ABOUT_SCHEMAS and not self.migrates:
            return []
        sections = self.context.standards.sections
        return [_section(item) for item in sections if _home(item.topics) == home]

    def pattern_mention(self, topic: str) -> str:
        """Return ` (pattern: [A](…))` for a topic, or nothing."""
        return _mention("pattern", self.patterns(topic))

    def standard_mention(self, topic: str) -> str:
        """Return ` (standard: [A](…))` for a topic, or nothing."""
        return _mention("standard", self.standards(topic))


def _link(text: str, place: str) -> str:
    return f"[{wording.inline(text)}]({DOCUMENTS}{place})"


def _section(item: Section) -> str:
    return _link(item.heading, f"{STANDARDS}#{item.anchor}")


def _home(topics: Sequence[str]) -> str:
    """Return the section of the specification that shows a standard on these topics, if any."""
    homes = (home for home, known in STANDARD_HOMES.items() if set(known) & set(topics))
    return next(homes, "")


def _mention(word: str, links: Sequence[str]) -> str:
    return f" ({word}: {', '.join(links[:LINKS_MENTIONED])})" if links else ""


@functools.cache
def _services() -> Mapping[str, frozenset[str]]:
    """Return the stores that each service runs; a cloud and one's own machines run any."""
    found: dict[str, frozenset[str]] = {}
    for heading in loading.headings():
        backend = loading.load(heading.key)
        for variant in backend.hosting[1:]:
            found[variant.name] = found.get(variant.name, frozenset()) | {backend.name}
    return found


def _about_others(line: str, stores: Sequence[str]) -> bool:
    """Tell whether a line is about a region, or about other stores or a service for those."""
    products = [hit.product for hit in find_products(line)]
    named = {item.name for item in products if "hosting" not in item.kinds}
    services = _services()
    for _, service in ways_named(tuple(services), line):
        named |= services[service]
    if named:
        return named.isdisjoint(stores)
    return not products and any_of(vocabulary().regions).search(line) is not None
