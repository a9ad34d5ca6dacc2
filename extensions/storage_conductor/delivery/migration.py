"""The first migration and each later one, as groups of statements with a number and a name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ..catalog.steps import StoreSteps, Transaction, steps
from ..steps.existing import Making
from ..steps.parts import SchemaParts
from ..steps.step import Group, MigrationStep
from ..steps.tables import whole

FIRST = "initial schema"
BASELINE = "baseline"
_RUN = ("postgresql", "mariadb", "mysql", "sqlite")  # on these the tests run what is written
_QUOTE = re.compile(r"\$\w*\$")
_TRIGGER = re.compile(r"CREATE\s+(?:TEMP\w*\s+)?TRIGGER\b.*\bBEGIN\b", re.IGNORECASE | re.DOTALL)
_UNRUN = "Not run before it was written: try it on a copy first."


@dataclass(frozen=True)
class Migration:
    """What is run together and bears one number.

    Args:
        name: In words, such as `ledger step 2 expand`.
        about: What it is, a line each, for a comment.
        groups: In the order of running.
        limits: Statements by which it begins.
        store: What the catalog says of migrations of the store, if anything.
        begin: The statement by which a transaction begins.
    """

    name: str
    about: tuple[str, ...]
    groups: tuple[Group, ...]
    limits: tuple[str, ...] = ()
    store: StoreSteps | None = None
    begin: str = "BEGIN;"

    def apart(self) -> Iterator[Migration]:
        """Yield one for each group, for a tool that runs a file as a whole."""
        for number, group in enumerate(self.groups, 1):
            name = self.name if len(self.groups) == 1 else f"{self.name} {number}"
            limits = () if group.transaction == "none" else self.limits
            yield replace(self, name=name, groups=(group,), limits=limits)


def first(title: str, store: str, up: str, down: str) -> list[Migration]:
    """Return the migration that makes the drafted schema.

    Args:
        title: Of the track.
        store: Catalog key.
        up: The draft.
        down: Its rollback.
    """
    group = Group(
        "expand", _transaction(store), (up.strip(),), (down.strip(),), ("ban-drop-table",)
    )
    begin = "BEGIN TRANSACTION;" if store == "sql-server" else "BEGIN;"
    about = (f"{one_line(title)}: {FIRST}.", *_unrun(store))
    return [Migration(FIRST, about, (group,), _limits(store), steps().store(store), begin)]


def baseline(
    title: str, schema: SchemaParts, making: Making, left: Sequence[str]
) -> list[Migration]:
    """Return the migration that stands for what was there before, and is not run there.

    Args:
        title: Of the track.
        schema: What was there.
        making: The statements that make it, where the source told them; else they are written of
            the schema.
        left: What the schema does not hold, a line each.
    """
    store = steps().store(schema.store)
    texts: tuple[str, ...] = (whole(schema),)
    if making.statements:
        before, after = store.whole[:1] if store else (), store.whole[1:] if store else ()
        texts = (*before, *(f"{text};" for text in making.statements), *after)
        left = making.lacks
    about = (
        f"{one_line(title)}: {BASELINE}: what was there before.",
        "For an empty store, as in tests. Where the tables are, it is marked as applied, not run.",
        *(f"Not in it: {one_line(line)}." for line in left),
        *_unrun(schema.store),
        # What was there is not the file's to decide.
        *(["squawk-ignore-file"] if store and store.accepts else []),
    )
    group = Group("expand", _transaction(schema.store), texts, (), ())
    return [Migration(BASELINE, about, (group,), _limits(schema.store), store)]


def _unrun(store: str) -> tuple[str, ...]:
    """Return what is to be said of statements that no test of this package runs."""
    return () if store in _RUN else (_UNRUN,)


def later(title: str, number: int, step: MigrationStep) -> list[Migration]:
    """Return the migrations of a step, one for each of its parts."""
    found = []
    for part in step.parts:
        words = steps().part(part)
        groups = [group for group in step.groups if group.part == part]
        if _transaction(step.store) == "none":
            groups = [single for group in groups for single in _singles(group)]
        title_line = f"{one_line(title)}: step {number}, {part}: {words.title}."
        about = (title_line, words.when, *_unrun(step.store))
        limits = _limits(step.store)
        found.append(
            Migration(
                f"step {number} {part}", about, tuple(groups), limits, steps().store(step.store)
            )
        )
    return found


def _singles(group: Group) -> Iterator[Group]:
    """Yield each change by itself, for a store that ends a transaction with each."""
    ups, downs = group.up, tuple(reversed(group.down))
    for place in range(max(len(ups), len(downs))):
        yield replace(
            group,
            transaction="none",
            up=ups[place : place + 1],
            down=downs[place : place + 1],
        )


def _transaction(store: str) -> Transaction:
    found = steps().store(store)
    return "shared" if found is None or found.transactional else "none"


def _limits(store: str) -> tuple[str, ...]:
    found = steps().store(store)
    return () if found is None else found.limits


def one_line(text: str) -> str:
    """Return a text for a comment, on one line."""
    return " ".join(text.split())


def slug(text: str) -> str:
    """Return a text as a part of a file's name."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


def statements(text: str) -> Iterator[str]:
    """Split a text into its statements; each ends with a semicolon at the end of a line."""
    lines: list[str] = []
    for line in text.splitlines():
        if not line.strip():
            continue
        lines.append(line)
        whole = "\n".join(lines)
        if line.endswith(";") and _ends(whole) and not line.startswith("--"):
            yield whole
            lines = []


def _ends(text: str) -> bool:
    """Tell whether a semicolon ends a statement, and not one in the body of what it makes."""
    quotes = Counter(_QUOTE.findall(text))
    inside = _TRIGGER.match(text) and not text.endswith(("END;", "end;"))
    return not inside and all(often % 2 == 0 for often in quotes.values())
