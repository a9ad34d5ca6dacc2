"""What is counted or added up: how it is said, and the stored numbers from which it follows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, get_args

from .aggregates import Aggregate, Function
from .model import Column, Entity
from .tokens import MistakeError, nearest

_ADDED = ("smallint", "int", "bigint", "decimal", "real", "float")


class KeptTotal(NamedTuple):
    """A stored number: how many entries there are, or the sum of a column of theirs.

    Args:
        name: Its stored name.
        column: What is counted where it has a value, or added up; empty for all entries.
        summed: Whether values are added up.
    """

    name: str
    column: str
    summed: bool


def totals(entity: Entity, aggregates: Iterable[Aggregate]) -> tuple[KeptTotal, ...]:
    """Return the stored numbers from which aggregates follow, each once.

    An average is a sum by a count of those that have a value.
    """
    found: dict[str, KeptTotal] = {}
    for item in aggregates:
        if item.function != "sum":
            own = item.column if item.column and entity.column(item.column).nullable else ""
            name = f"entries_with_{own}" if own else "entries"
            found[name] = KeptTotal(name, own, summed=False)
        if item.column:
            name = f"sum_{item.column}"
            found[name] = KeptTotal(name, item.column, summed=True)
    return tuple(found.values())


def parse_aggregates(entity: Entity, items: list[str], *, plain: bool) -> tuple[Aggregate, ...]:
    """Read the value of `aggregate`, such as `count, average stars`.

    Args:
        entity: The entity whose entries are counted or added up.
        items: The parts of the value.
        plain: Whether the pattern reads, without an order and without pages.

    Raises:
        MistakeError: A word or field is unknown, is no number, or the pattern does something else.
    """
    if items and not plain:
        raise MistakeError("`aggregate` gives one answer: without `sort` and `page_size`, to read")
    return tuple(dict.fromkeys(_aggregate(entity, item) for item in items))


def summable(entity: Entity) -> tuple[Column, ...]:
    """Return the columns whose values can be added up: numbers that are no key and no reference."""
    return tuple(
        column
        for column in entity.columns
        if column.type.name in _ADDED
        and not column.type.array
        and column.reference is None
        and column.name not in entity.key
    )


def _aggregate(entity: Entity, item: str) -> Aggregate:
    word, _, field = item.partition(" ")
    field = field.strip()
    if word not in get_args(Function):
        known = nearest(word, get_args(Function))
        raise MistakeError(f"aggregate `{item}`: unknown word `{word}`{known}")
    if word == "count":
        if field:
            raise MistakeError(f"aggregate `{item}`: `count` counts entries and takes no field")
        return Aggregate("count")
    column = next((c for c in entity.columns if field in (c.field, c.name)), None)
    if column is None:
        known = nearest(field, [c.field for c in entity.columns])
        raise MistakeError(f"aggregate: `{entity.name}` has no field `{field}`{known}")
    if column.type.name not in _ADDED or column.type.array:
        raise MistakeError(f"aggregate: `{field}` is {column.type} and cannot be added up")
    return Aggregate("sum" if word == "sum" else "average", column.name)
