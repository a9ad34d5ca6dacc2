"""How a store takes a change of its schema while rows are in it: `catalog/steps.yml`."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from .entry import CatalogEntry
from .reading import CATALOG, load, reject_duplicates
from .statements import Citation, Key, Text

Part = Literal["expand", "fill", "enforce", "contract"]
"""Parts of a step: what nothing notices, values for old rows, new rules, and what goes."""

Transaction = Literal["shared", "own", "none"]


class Move(CatalogEntry):
    """A statement of a form, and what takes it back; texts name values in double braces.

    Args:
        part: When it is due.
        order: Among the moves of that part; they are taken back the other way round.
        up: The statements, each ending in a semicolon at the end of a line; empty for none.
        down: What takes them back.
        transaction: `shared` with others, its `own` apart from those before it, or `none` at all.
    """

    part: Part
    order: int
    up: str = ""
    down: str = ""
    transaction: Transaction = "shared"


class SafeForm(CatalogEntry):
    """The safe form of one kind of change in some stores.

    `accepts` lists the rules of a linter for migrations that it breaks on purpose.
    """

    key: Key
    stores: tuple[Key, ...]
    moves: tuple[Move, ...]
    source: Key
    accepts: tuple[Key, ...] = ()


class PartWords(CatalogEntry):
    """What a part of a step is: its title, when it may run, and its sub-task in the plan."""

    key: Part
    title: Text
    when: Text
    task: Text


class StoreSteps(CatalogEntry):
    """What is particular about the migrations of a store.

    Args:
        key: Catalog key of the store.
        limits: Statements by which each file begins, so that it never waits for long.
        transactional: Whether a change of the schema can be taken back with its transaction.
        whole: Statements before, and after, those that make what another store has.
        accepts: Rules of a linter that files break whatever is in them: on the way `down`, where
            the transaction is `kept` by the tool, and with statements in their `own` or `none`.
        accepts_types: Rules of a linter about types, each with the words by which a file names one.
    """

    key: Key
    limits: tuple[Text, ...] = ()
    transactional: bool
    whole: tuple[Text, ...] = ()
    accepts: Mapping[Literal["down", "kept", "own", "none"], tuple[Key, ...]] = {}
    accepts_types: Mapping[Key, str] = {}


class Steps(CatalogEntry):
    """The file; `words` say each kind of change, `refused` why one is not written."""

    sources: dict[Key, Citation]
    stores: tuple[StoreSteps, ...]
    parts: tuple[PartWords, ...]
    words: dict[Key, Text]
    refused: dict[Key, Text]
    task: Text
    forms: tuple[SafeForm, ...]

    def check(self) -> None:
        """Make sure that the sources of all forms are listed, and each store once."""
        reject_duplicates("stores", self.stores)
        for form in self.forms:
            if form.source not in self.sources:
                raise ValueError(f"form {form.key!r}: source {form.source!r} is not listed")

    def store(self, key: str) -> StoreSteps | None:
        """Return what is particular about a store; None where no steps are written for it."""
        return next((item for item in self.stores if item.key == key), None)

    def form(self, key: str, store: str) -> SafeForm | None:
        """Return the form of a change in a store, or None."""
        return next((f for f in self.forms if f.key == key and store in f.stores), None)

    def part(self, key: str) -> PartWords:
        """Return the words of a part."""
        return next(item for item in self.parts if item.key == key)


@functools.cache
def steps(catalog: Path = CATALOG) -> Steps:
    """Return what the catalog says of steps."""
    return load(Steps, catalog / "steps.yml")
