"""How an operation keeps what it must against others, as statements of the store.

Nothing here reads, decides in the application and writes: each draft is one conditional statement,
or a transaction that locks first. `<changes>` and `<condition>` stand for what only the application
knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ..catalog.backend import Backend
from .claims import kept_by_key
from .model import DataModel, Entity, Pattern
from .notes import keeps_notes

Shape = Literal["insert", "single", "several", "together", "claim", "across", "job", "send"]
"""A row that must not be there yet; one row that must be as expected; several at once; several new
rows about which nothing else was said; several with rows that are free and are taken; several in
several stores; work by the clock, and such work that tells others what notes say."""

PROVEN = (
    *("postgresql", "mariadb", "mysql", "sqlite", "dynamodb"),
    *("redis", "valkey", "memcached", "amazon-s3", "local-posix"),
)
"""Stores whose guards this project's tests run: on the engine, one of its kind, or an emulator."""


@dataclass(frozen=True)
class Guard:
    """What keeps an operation.

    Args:
        shape: What kind of guard it is.
        language: Name for a Markdown code fence.
        text: The statements; empty where no store can keep it.
        statements: How many requests one run sends to the store.
        locks: Stored names whose rows are locked first, in order.
        leader: Name of the store that decides and commits, for `across`.
        first: Names of the stores that are written before it, for `across`.
        follow: Names of the stores that follow by a note, for `across`.
        repeated: Whether the store may refuse the whole, which is then run again.
    """

    shape: Shape
    language: str = ""
    text: str = ""
    statements: int = 1
    locks: tuple[str, ...] = ()
    leader: str = ""
    first: tuple[str, ...] = ()
    follow: tuple[str, ...] = ()
    repeated: bool = False


def shape_of(pattern: Pattern, stores: Sequence[Backend], model: DataModel) -> Shape | None:
    """Return the kind of guard that an operation needs, or None.

    Args:
        pattern: The operation.
        stores: The stores that hold what it changes, each once.
        model: The whole model.
    """
    asked = pattern.operation
    if pattern.job:
        return "job"
    if not pattern.changes or not (asked.guarded or asked.tells):
        return None
    if len(stores) > 1:
        return "across"
    if asked.tells and keeps_notes(stores[0]):
        return "several"
    # A rule about a new row is a rule about others too, where a store can look at several.
    looks = bool(asked.invariants) and not pattern.finds_rows and keeps("several", stores[0])
    looks = looks and not kept_by_key(pattern, model)
    if len(asked.atomic) > 1 or looks:
        return "several"
    return "single" if pattern.finds_rows else "insert"


def keeps(shape: Shape, backend: Backend) -> bool | None:
    """Whether a store can keep a guard of a shape; None where the catalog does not know it."""
    if backend.family == "unknown":
        return None
    if shape in ("several", "claim"):
        return not backend.lacks("multi_item_transactions") and backend.family != "wide_column"
    return not backend.lacks("conditional_writes")


def lacks_identity(entity: Entity) -> bool:
    """Whether nothing tells the second of two equal inserts from the first.

    That is so where each gets a key of its own from the store, and no other rule is unique.
    """
    made = entity.generated_key or any(
        (default := entity.column(name).default) is not None and default.kind == "uuid"
        for name in entity.key
    )
    return (made or not entity.key) and not entity.unique


def inserted(entity: Entity) -> tuple[str, ...]:
    """The columns that an insert gives values to: those that nothing else fills."""
    return tuple(
        column.name
        for column in entity.columns
        if column.default is None and column.name != entity.numbered
    )
