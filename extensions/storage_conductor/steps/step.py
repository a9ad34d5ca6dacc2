"""A step from one schema to another: statements in parts that may wait for each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..catalog import loading
from ..catalog.steps import Part, Transaction, steps
from ..errors import ConductorError
from . import online, sqlite
from .changes import Change, changes
from .existing import Readings
from .forms import Statements, filled
from .parts import SchemaParts
from .refusing import reasons
from .renames import NOTHING_RENAMED, Renames, applied, by_second_columns


@dataclass(frozen=True)
class Group:
    """What is run together: in one transaction, each by itself, or one statement without any."""

    part: Part
    transaction: Transaction
    up: tuple[str, ...]
    down: tuple[str, ...]
    accepts: tuple[str, ...]


@dataclass(frozen=True)
class MigrationStep:
    """What leads from one schema to another.

    Args:
        store: Catalog key of the store.
        changes: What differs.
        groups: In the order of running; going back runs them the other way round.
        questions: What a person should look at, each in a sentence.
    """

    store: str
    changes: tuple[Change, ...]
    groups: tuple[Group, ...]
    questions: tuple[str, ...] = ()

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts that it has."""
        return tuple(dict.fromkeys(group.part for group in self.groups))

    @property
    def words(self) -> tuple[str, ...]:
        """What changes, each in a few words."""
        return words_of(self.changes)


def words_of(found: Iterable[Change]) -> tuple[str, ...]:
    """Say what changes; the names of constraints and indexes follow those of their tables."""
    known = steps().words
    return tuple(said(change) for change in found if change.kind in known)


def said(change: Change) -> str:
    """Say a change in a few words, as Markdown."""
    values = {"table": change.table, "name": change.name, "old": change.old, "new": change.new}
    return filled(steps().words[change.kind], values)


def between(
    old: SchemaParts,
    new: SchemaParts,
    renames: Renames = NOTHING_RENAMED,
    readings: Readings | None = None,
) -> MigrationStep:
    """Write the step from one schema to another.

    Args:
        old: What the tables are.
        new: What they are to be.
        renames: Which of them are the same under another name.
        readings: What the store has that no draft says, by the new names of tables.

    Raises:
        ConductorError: A change has no safe form; all of them are listed.
    """
    at_once = new.store == "sqlite"
    old, moved = applied(old, new, renames, columns=at_once)
    found = [*moved, *changes(old, new)]
    if not at_once:
        found = by_second_columns(found, old, new, renames)
    refuse(found, old, new, readings or {})
    # What is computed of a column goes before that.
    found.sort(key=lambda change: _place(change, readings or {}))
    searched = {name for name, reading in (readings or {}).items() if reading.searched}
    if new.store == "sqlite":
        written = sqlite.statements(found, old, new)
    else:
        written = online.statements(found, old, new, searched)
    return MigrationStep(new.store, tuple(found), grouped(written), tuple(questions(found)))


def _place(change: Change, readings: Readings) -> bool:
    reading = readings.get(change.table)
    computed = reading is not None and change.name in reading.computed
    return change.kind == "drop-column" and not computed


def refuse(found: Sequence[Change], old: SchemaParts, new: SchemaParts, readings: Readings) -> None:
    """Make sure that each change has a safe form.

    Raises:
        ConductorError: One has none; all are listed.
    """
    if steps().store(new.store) is None:
        raise ConductorError(
            f"No later migrations are written for {_name(new.store)}: its ways to change a table"
            " with rows were not run.",
            remedy="Write this one by hand; the plan's task names the step. They are written for"
            f" {', '.join(_name(item.key) for item in steps().stores)}.",
        )
    if lines := [
        f"{said(change)}: {reason}" for change, reason in reasons(found, old, new, readings)
    ]:
        raise ConductorError(
            "This step is not written:\n  - " + "\n  - ".join(lines),
            remedy="Nothing was written. Reach it by another model, or by hand.",
        )


def _name(store: str) -> str:
    return loading.load(store).name


def questions(found: Iterable[Change]) -> Iterator[str]:
    """Ask whether what goes and what is new in one place is the same under another name."""
    found = list(found)
    for what in ("column", "table"):
        tables = dict.fromkeys(change.table if what == "column" else "" for change in found)
        for table in tables:
            names = {
                verb: [
                    f"`{change.table}.{change.name}`" if change.name else f"`{change.table}`"
                    for change in found
                    if change.kind == f"{verb}-{what}" and table in ("", change.table)
                ]
                for verb in ("drop", "add")
            }
            if names["drop"] and names["add"]:
                gone, more = (", ".join(names[verb]) for verb in ("drop", "add"))
                yield (
                    f"{gone} removed and {more} added: if one is the other under a new name, copy"
                    " its values before `contract`, or say `was` of it; a rename is never guessed."
                )


def grouped(statements: Iterable[Statements]) -> tuple[Group, ...]:
    """Put statements in order, and those that may share a transaction together."""
    parts: tuple[Part, ...] = ("expand", "fill", "enforce", "contract")
    ordered = sorted(statements, key=lambda item: (parts.index(item.part), item.order))
    runs: list[list[Statements]] = []
    for item in ordered:
        last = runs[-1][-1] if runs else None
        together = last is not None and item.transaction != "none"
        if (
            together
            and last is not None
            and (last.part, last.transaction)
            == (
                item.part,
                item.transaction,
            )
        ):
            runs[-1].append(item)
        else:
            runs.append([item])
    return tuple(_group(run) for run in runs if any(item.up or item.down for item in run))


def _group(run: Sequence[Statements]) -> Group:
    return Group(
        run[0].part,
        run[0].transaction,
        tuple(item.up for item in run if item.up),
        tuple(item.down for item in reversed(run) if item.down),
        tuple(dict.fromkeys(rule for item in run for rule in item.accepts)),
    )
