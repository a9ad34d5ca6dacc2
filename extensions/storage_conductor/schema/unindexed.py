"""Rules of entities in stores that have no constraints to name."""

from __future__ import annotations

from .keys import plan_indexes
from .model import DataModel
from .names import PORTABLE_LENGTH, Names
from .rules import Rule, rules_of


def key_rules(model: DataModel) -> list[Rule]:
    """The rules of all entities; their names are labels for tests."""
    names = Names(PORTABLE_LENGTH)
    return [
        rule
        for entity in model.in_dependency_order
        for rule in rules_of(entity, plan_indexes(model, entity, names), names)
    ]
