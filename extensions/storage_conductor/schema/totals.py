"""What a rule about a total adds up: parts with an amount, what they belong to, who holds them."""

from __future__ import annotations

from dataclasses import dataclass

from .expressions import Compare
from .model import Column, DataModel, Entity

_AMOUNTS = ("smallint", "int", "bigint", "decimal")
_BALANCE = ("balance", "saldo", "solde")


@dataclass(frozen=True)
class Total:
    """Rows whose amounts add up.

    Args:
        parts: The entity of these rows, such as the entries of a transfer.
        column: The column of their amount.
        field: The field that it belongs to.
        whole: What they belong to and within which they add up, such as the transfer.
        within: The columns that refer to it.
        holder: What else they refer to and whose balance they change, such as an account.
        balanced: A stored balance of the holder, as `Entity.field`; empty where there is none.
    """

    parts: Entity
    column: str
    field: str
    whole: Entity
    within: tuple[str, ...]
    holder: Entity | None
    balanced: str

    @property
    def signed(self) -> bool:
        """Whether the amount may be below zero, so that a plain sum can be nothing."""
        return not any(
            isinstance(check.rule, Compare) and check.rule.operator in (">", ">=")
            for check in self.parts.checks
            if self.column in check.rule.columns()
        )


def find(model: DataModel) -> Total | None:
    """Return what a rule about a total is about, where the model leaves no other meaning.

    That is the one entity with one amount that refers to two others: the one that is required and
    part of its key, or that is named first, is what it belongs to; the other one holds it.

    Args:
        model: The whole model.
    """
    given = (entity for entity in model.entities if not entity.derived)
    found = [total for entity in given if (total := _of(entity, model))]
    return found[0] if len(found) == 1 else None


def _of(entity: Entity, model: DataModel) -> Total | None:
    amounts = [column for column in entity.columns if _amount(column, entity)]
    ways = [key for key in entity.foreign_keys if key.entity in model and key.entity != entity.name]
    if len(amounts) != 1 or not ways:
        return None
    ways.sort(key=lambda way: not set(way.columns) & set(entity.key))
    first, *others = ways
    holder = model.entity(others[0].entity) if len(others) == 1 else None
    columns = holder.columns if holder else ()
    stored = next((c.field for c in columns if any(word in c.name for word in _BALANCE)), "")
    return Total(
        entity,
        amounts[0].name,
        amounts[0].field,
        model.entity(first.entity),
        first.columns,
        holder,
        f"{holder.name}.{stored}" if holder and stored else "",
    )


def _amount(column: Column, entity: Entity) -> bool:
    own = column.reference is None and column.name not in entity.key
    return own and column.type.name in _AMOUNTS and not column.type.array
