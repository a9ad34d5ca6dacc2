"""Rows that are there already and that an operation takes, such as the nights of a booking."""

from __future__ import annotations

from dataclasses import dataclass

from .invariants import once
from .model import DataModel, Entity, ForeignKey, Pattern


@dataclass(frozen=True)
class Claim:
    """Rows of an entity that are free while their reference to what takes them is empty.

    Args:
        entity: The entity whose rows are taken.
        reference: Its reference to what is inserted, which is empty while a row is free.
    """

    entity: Entity
    reference: ForeignKey


def claims(pattern: Pattern, model: DataModel) -> tuple[Claim, ...]:
    """Return what an inserting operation takes, where callers race for it.

    Args:
        pattern: The operation.
        model: The whole model.
    """
    asked = pattern.operation
    if pattern.finds_rows or not (asked.races or any(map(once, asked.invariants))):
        return ()
    found = []
    for entity in model.in_dependency_order:
        free = (key for key in entity.foreign_keys if _may_be_free(entity, key, pattern.entity))
        reference = next(free, None)
        if entity.name in asked.atomic and entity.name != pattern.entity and reference:
            found.append(Claim(entity, reference))
    return tuple(found)


def _may_be_free(entity: Entity, key: ForeignKey, owner: str) -> bool:
    nullable = all(entity.column(column).nullable for column in key.columns)
    return key.entity == owner and nullable and not set(key.columns) & set(entity.key)


def kept_by_key(pattern: Pattern, model: DataModel) -> bool:
    """Whether all that must hold of an insert is that one like it is there once, by a unique rule.

    Args:
        pattern: The operation.
        model: The whole model.
    """
    asked = pattern.operation
    entity = model.entity(pattern.entity)
    ruled = bool(entity.unique) or (len(entity.key) > 1 and not entity.generated_key)
    return (
        ruled
        and not pattern.finds_rows
        and bool(asked.invariants)
        and all(map(once, asked.invariants))
    )
