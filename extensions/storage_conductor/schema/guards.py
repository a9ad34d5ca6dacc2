"""How an operation keeps what it must against others, as statements of the store.

Nothing here reads, decides in the application and writes: each draft is one conditional statement,
or a transaction that locks first. `<changes>` and `<condition>` stand for what only the application
knows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ..catalog.backend import Backend
from .model import DataModel, Entity, Pattern
from .result import Design

Shape = Literal["insert", "single", "several", "across", "job"]
"""A row that must not be there yet; one row that must be as expected; several at once, in one store
or in several; work by the clock."""

SQL = ("postgresql", "mysql", "mariadb", "sqlite", "sql-server")
_CHANGES = ("write", "update", "delete")


@dataclass(frozen=True)
class Guard:
    """What keeps an operation.

    Args:
        shape: What kind of guard it is.
        language: Name for a Markdown code fence.
        text: The statements; empty where no store can keep it.
        statements: How many requests one run sends to the store.
        locks: Stored names whose rows are locked first, in order.
        split: Stores between which the operation is divided, for `across`.
    """

    shape: Shape
    language: str = ""
    text: str = ""
    statements: int = 1
    locks: tuple[str, ...] = ()
    split: tuple[str, ...] = ()


def shape_of(pattern: Pattern, stores: Sequence[Backend]) -> Shape | None:
    """Return the kind of guard that an operation needs, or None.

    Args:
        pattern: The operation.
        stores: The stores that hold what it changes, each once.
    """
    asked = pattern.operation
    if pattern.job:
        return "job"
    if pattern.kind not in _CHANGES or not asked.guarded:
        return None
    if len(stores) > 1:
        return "across"
    # A rule about a new row is a rule about others too, where a store can look at several.
    looks = bool(asked.invariants) and not pattern.finds_rows and keeps("several", stores[0])
    if len(asked.atomic) > 1 or looks:
        return "several"
    return "single" if pattern.finds_rows else "insert"


def guard_of(
    pattern: Pattern, model: DataModel, design: Design, backends: Mapping[str, Backend]
) -> Guard | None:
    """Return what keeps an operation in the store that holds its entity, or None.

    Args:
        pattern: The operation.
        model: The whole model.
        design: Its design.
        backends: The stores as they are run, by key.
    """
    owners = dict(design.stores)
    keys = tuple(dict.fromkeys(owners[name] for name in touched_by(pattern)))
    shape = shape_of(pattern, [backends[key] for key in keys])
    if shape is None:
        return None
    if shape in ("job", "across"):
        return Guard(shape, split=keys if shape == "across" else ())
    backend = backends[owners[pattern.entity]]
    return (
        _drafted(shape, pattern, model, design, backend) if keeps(shape, backend) else Guard(shape)
    )


def touched_by(pattern: Pattern) -> tuple[str, ...]:
    """The entities that an operation changes together, its own first."""
    return pattern.operation.atomic or (pattern.entity,)


def keeps(shape: Shape, backend: Backend) -> bool | None:
    """Whether a store can keep a guard of a shape; None where the catalog does not know it."""
    if backend.family == "unknown":
        return None
    if shape == "several":
        return not backend.lacks("multi_item_transactions") and backend.family != "wide_column"
    return not backend.lacks("conditional_writes")


def _drafted(
    shape: Shape, pattern: Pattern, model: DataModel, design: Design, backend: Backend
) -> Guard:
    """Load only what the store needs: SQLAlchemy takes longer than everything else here."""
    if backend.key in SQL:
        from .guards_sql import sql_guard

        return sql_guard(shape, pattern, model, backend)
    if backend.family in ("object", "posix"):
        from .guards_files import file_guard

        return file_guard(shape, pattern, design, backend)
    from .guards_keyed import keyed_guard

    return keyed_guard(shape, pattern, model, design, backend)


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
