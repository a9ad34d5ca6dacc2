"""The rules of an entity, each with its name and a write that breaks it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from .expressions import Constant, Expression, Value, constants
from .keys import IndexPlan
from .model import Column, DataModel, Entity, ForeignKey, OwnIndex
from .names import Names
from .result import ConstraintCase
from .types import Family

RuleKind = Literal["key", "unique", "not null", "enum", "length", "check", "reference"]
_MOST_TRIES = 20_000
_TRIES: dict[Family, tuple[Value, ...]] = {
    "number": (Decimal(0), Decimal(1), Decimal(2)),
    "bool": (True, False),
    "date": ("2000-01-01", "2100-01-01"),
    "time": ("00:00:00", "12:00:00"),
    "timestamp": ("2000-01-01T00:00:00", "2100-01-01T00:00:00"),
    "timestamptz": ("2000-01-01T00:00:00+00:00", "2100-01-01T00:00:00+00:00"),
    "uuid": tuple(f"00000000-0000-0000-0000-00000000000{digit}" for digit in "12"),
    "text": ("a", "b"),
    "opaque": (),
}


@dataclass(frozen=True)
class Rule:
    """One rule.

    Args:
        name: The constraint's name.
        check: Set for checks.
        foreign_key: Set for references.
        index: Set for a unique rule that is an index which was asked for, of all rows or of some.
        lost: Whether it is such an index, and the store has none like it.
    """

    entity: Entity
    kind: RuleKind
    name: str
    columns: tuple[str, ...]
    violation: str
    check: Expression | None = None
    foreign_key: ForeignKey | None = None
    index: OwnIndex | None = None
    lost: bool = False


def rules_of(entity: Entity, plan: IndexPlan, names: Names) -> list[Rule]:
    """All rules of an entity, in the order of its fields within each kind."""
    rules = []
    for row in plan.indexes:
        if row.kind != "index":
            columns = tuple(column for column, _ in row.columns)
            values = [f"{column} = <that of another {entity.name}>" for column in columns]
            rules.append(Rule(entity, row.kind, row.name, columns, ", ".join(values)))
    rules += _index_rules(entity, plan, names)
    for column in entity.columns:
        rules += _column_rules(entity, column, names)
    for check in entity.checks:
        columns = tuple(c.name for c in entity.columns if c.name in check.rule.columns())
        name = names.make("ck", entity.table, *columns)
        violation = _broken(entity, check.rule)
        rules.append(Rule(entity, "check", name, columns, violation, check=check.rule))
    for key in entity.foreign_keys:
        name = names.make("fk", entity.table, *key.columns)
        values = [
            f"{column} = <{other} of no {key.entity}>"
            for column, other in zip(key.columns, key.referenced, strict=True)
        ]
        violation = ", ".join(values)
        rules.append(Rule(entity, "reference", name, key.columns, violation, foreign_key=key))
    return rules


def _index_rules(entity: Entity, plan: IndexPlan, names: Names) -> Iterable[Rule]:
    """The indexes of an entity that let no two rows share their columns."""
    drafted = {
        (frozenset(column for column, _ in row.columns), row.where): row.name
        for row in plan.indexes
        if row.kind == "index" and row.unique
    }
    for index in entity.indexes:
        if index.unique:
            columns = tuple(column for column, _ in index.columns)
            values = [f"{column} = <that of another {entity.name}>" for column in columns]
            where = f" where {index.where}" if index.where else ""
            name = drafted.get((frozenset(columns), index.where), "")
            own = name or names.make("uq", entity.table, *columns)
            violation = f"{', '.join(values)}{where}"
            yield Rule(entity, "unique", own, columns, violation, index=index, lost=not name)


def _column_rules(entity: Entity, column: Column, names: Names) -> Iterable[Rule]:
    alone = (column.name,)
    if not column.nullable and column.name not in entity.key:
        name = f"{entity.table}.{column.name} not null"
        yield Rule(entity, "not null", name, alone, f"{column.name} = NULL")
    if column.reference is not None or column.type.array:
        return
    if column.type.values:
        other = "invalid"
        while other in column.type.values:
            other += "_"
        name = names.make("ck", entity.table, column.name)
        yield Rule(entity, "enum", name, alone, f"{column.name} = '{other}'")
    if column.type.length is not None:
        name = names.make("ck", entity.table, column.name, "length")
        size = column.type.length + 1
        text = f"vector of {size} dimensions" if column.type.name == "vector" else ""
        violation = f"{column.name} = <{text or f'text of {size} characters'}>"
        yield Rule(entity, "length", name, alone, violation)


def cases(
    model: DataModel, rules: Iterable[Rule], enforced: Callable[[Rule], bool]
) -> tuple[ConstraintCase, ...]:
    """The rules as test cases.

    Args:
        model: The part of the model that one store holds.
        rules: Of all its entities.
        enforced: Whether the store itself refuses a write that breaks the rule.
    """
    return tuple(
        ConstraintCase(
            entity=rule.entity.name,
            name=rule.name,
            kind=rule.kind,
            columns=rule.columns,
            violation=rule.violation,
            enforced_by="store"
            if enforced(rule) and _local(model, rule) and not rule.lost
            else "application",
        )
        for rule in rules
    )


def _local(model: DataModel, rule: Rule) -> bool:
    return rule.foreign_key is None or (rule.foreign_key.entity in model and rule.foreign_key.kept)


def breaking_row(entity: Entity, rule: Expression) -> dict[str, Value | None] | None:
    """Values for the columns of a check that make it false, or `None` when none is found.

    Values that break no other check of the entity are preferred, as a test must tell them apart.
    """
    tries: dict[str, list[Value | None]] = {n: _first_tries(entity, n) for n in rule.columns()}
    compared = [pair for check in entity.checks for pair in constants(check.rule)]
    for operand, constant in (pair for pair in compared if pair[0].column in tries):
        tries[operand.column] += _around(operand.length, constant)
    tries = {name: list(dict.fromkeys(values)) for name, values in tries.items()}
    names = [column.name for column in entity.columns if column.name in tries]
    for name in names:
        if entity.column(name).nullable:
            tries[name].append(None)
    others = [check.rule for check in entity.checks if check.rule is not rule]
    found: dict[str, Value | None] | None = None
    for values in itertools.islice(itertools.product(*(tries[n] for n in names)), _MOST_TRIES):
        row = dict(zip(names, values, strict=True))
        if rule.holds(row) is False:
            if not any(other.holds(row) is False for other in others):
                return row
            found = found or row
    return found


def _first_tries(entity: Entity, name: str) -> list[Value | None]:
    kind = entity.column(name).type
    return list(kind.values) or list(_TRIES[kind.family])


def _around(length: bool, constant: Constant) -> list[Value]:
    value = constant.value
    if isinstance(value, bool) or not isinstance(value, Decimal):
        return [value]
    near = [value, value - 1, value + 1]
    if length:
        return ["x" * int(number) for number in near if 0 <= number <= 100_000]
    return list(near)


def _broken(entity: Entity, rule: Expression) -> str:
    row = breaking_row(entity, rule)
    if row is None:
        return "<a row that breaks the rule>"
    return ", ".join(f"{name} = {_shown(value)}" for name, value in row.items())


def _shown(value: Value | None) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, str) and len(value) > 40:
        return f"<text of {len(value)} characters>"
    return str(Constant(value))
