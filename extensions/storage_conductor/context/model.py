"""The parts of what a project's documents state."""

from __future__ import annotations

from typing import NamedTuple


class Stated(NamedTuple):
    """A statement and where it was read.

    Attributes:
        value: What is stated. Plain text of one line, neither Markdown nor trusted.
        document: The name of the file, or the path of a neighbour as `../package.json`.
        heading: The heading that it stands under; empty at the top of a file.
        anchor: The anchor of that heading.
        line: 1-based; None in a recorded snapshot, where it would change with every edit.
    """

    value: str
    document: str
    heading: str = ""
    anchor: str = ""
    line: int | None = None

    @property
    def number(self) -> float | None:
        """The value as a number; None if it is none."""
        try:
            return float(self.value)
        except ValueError:
            return None

    @property
    def neighbour(self) -> bool:
        """Whether it was read beside the project's own documents, from a file of the project."""
        return self.document.startswith("../")

    @property
    def file(self) -> str:
        """The name of the file as a reader knows it; of a neighbour, its path in the project."""
        return self.document.removeprefix("../")

    @property
    def link(self) -> str:
        """`document#anchor`, relative to the folder of the documents."""
        return f"{self.document}#{self.anchor}" if self.anchor else self.document


class Product(NamedTuple):
    """From product.md."""

    name: Stated | None = None
    vision: Stated | None = None
    goals: tuple[Stated, ...] = ()
    success_metrics: tuple[Stated, ...] = ()
    target_users: tuple[Stated, ...] = ()


class TechStack(NamedTuple):
    """From tech-stack.md; products by their usual spelling and, if stated, their version.

    `run_on` are the lines that say how stores are run, or may: who that is, the catalog tells.
    """

    languages: tuple[Stated, ...] = ()
    primary_database: Stated | None = None
    additional_databases: tuple[Stated, ...] = ()
    object_storage: Stated | None = None
    cache: Stated | None = None
    orm: Stated | None = None
    migration_tool: Stated | None = None
    migration_approach: Stated | None = None
    migration_naming: Stated | None = None
    approach: Stated | None = None
    validation_library: Stated | None = None
    test_tools: tuple[Stated, ...] = ()
    backup_tools: tuple[Stated, ...] = ()
    hosting: Stated | None = None
    ci: Stated | None = None
    run_on: tuple[Stated, ...] = ()

    @property
    def databases(self) -> tuple[Stated, ...]:
        """All databases, the primary one first if it is known."""
        primary = () if self.primary_database is None else (self.primary_database,)
        return (*primary, *self.additional_databases)

    @property
    def chosen(self) -> tuple[Stated, ...]:
        """All stores and the tools that go with them."""
        one = (self.object_storage, self.cache, self.orm, self.migration_tool)
        return (*self.databases, *(each for each in one if each is not None))


class Section(NamedTuple):
    """A section of the standards.

    Attributes:
        heading: Its heading.
        anchor: The anchor of that heading.
        topics: What it is about, by the words of its heading or, failing that, of the one above.
        rules: Its rules: `Index foreign keys`, or with the text where the name is but one word or
            the text gives a number: `Tables: snake_case`. Kept short; the document has the rest.
    """

    heading: str
    anchor: str
    topics: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()


class Standards(NamedTuple):
    """From storage-standards.md; numbers as text in the unit that the name says."""

    backup_retention: tuple[Stated, ...] = ()
    rto_minutes: Stated | None = None
    rpo_minutes: Stated | None = None
    slow_query_ms: Stated | None = None
    pool_maximum: Stated | None = None
    naming: tuple[Stated, ...] = ()
    migration_naming: Stated | None = None
    single_transaction_migrations: Stated | None = None
    sections: tuple[Section, ...] = ()


class CodePattern(NamedTuple):
    """A code pattern that storage-template.md offers, and the topics it serves."""

    heading: str
    anchor: str
    topics: tuple[str, ...] = ()


class Workflow(NamedTuple):
    """From workflow.md.

    `testing` is `test-driven` or `not test-driven`, `approach` is `schema-first` or `code-first`.
    """

    testing: Stated | None = None
    approach: Stated | None = None
    migration_naming: Stated | None = None
    single_transaction_migrations: Stated | None = None
    coverage_percent: Stated | None = None
    commit_convention: Stated | None = None
    commit_frequency: Stated | None = None
    review: tuple[Stated, ...] = ()
    verification: tuple[Stated, ...] = ()


class Unsafe(NamedTuple):
    """Something in the documents that must not be followed as it stands.

    Attributes:
        key: Which hazard, such as `concurrent-index-in-transaction`; its wording lies elsewhere.
        document: The name of the file.
        heading: The heading that it stands under.
        anchor: The anchor of that heading.
    """

    key: str
    document: str
    heading: str = ""
    anchor: str = ""


class Document(NamedTuple):
    """How a document was found.

    Attributes:
        name: The name of the file.
        state: present, missing, empty, unreadable, not UTF-8, or too large.
        reason: Why it is unreadable, or what is unusual about it.
        unfilled: Whether it still has places to fill in.
        placeholders: How many; None in a recorded snapshot, where it would change too often.
    """

    name: str
    state: str = "missing"
    reason: str = ""
    unfilled: bool = False
    placeholders: int | None = None

    @property
    def warnings(self) -> list[str]:
        """What a person should know of it, in plain sentences."""
        found = [_STATES[self.state].format(name=self.name, reason=self.reason)]
        if self.unfilled:
            count = "" if self.placeholders is None else f"{self.placeholders} "
            noun = "placeholder" if self.placeholders == 1 else "placeholders"
            found.append(f"{self.name} still has {count}{noun} to fill in")
        return [sentence for sentence in found if sentence]


_STATES = {
    "present": "",
    "missing": "{name} is missing",
    "empty": "{name} is empty",
    "unreadable": "{name} cannot be read: {reason}",
    "not UTF-8": "{name} is not UTF-8; nothing was read from it",
    "too large": "{name} is {reason}; nothing was read from it",
}
STATES = tuple(_STATES)
"""What `Document.state` can be."""
