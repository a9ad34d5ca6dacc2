"""What a SQL store cannot hold, said before any statement is written."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import ConductorError
from .common import display_name, fact
from .keys import IndexPlan
from .model import Column, DataModel, Entity
from .result import IndexRow
from .sqltypes import Engine, key_bytes


def check_limits(model: DataModel, engine: Engine, plans: Mapping[str, IndexPlan]) -> None:
    """Compare the model with the store's limits.

    Raises:
        ConductorError: Lists everything that does not fit.
    """
    problems: list[str] = []
    for entity in model.entities:
        rows = plans[entity.name].indexes
        problems += _table_problems(engine, entity, rows)
        for row in rows:
            problems += _index_problems(engine, entity, row)
        for column in entity.columns:
            problems += _column_problems(engine, entity, column)
    if problems:
        listed = "".join(f"\n  - {problem}" for problem in problems)
        raise ConductorError(
            f"{display_name(engine.key)} cannot hold the data model:{listed}",
            remedy="Change the answer `entities`, or choose another backend.",
        )


def _table_problems(engine: Engine, entity: Entity, rows: tuple[IndexRow, ...]) -> list[str]:
    keyed = {column for row in rows for column, _ in row.columns}
    declared = sum(_row_bytes(engine, column, column.name in keyed) for column in entity.columns)
    measures = (
        ("columns_max", len(entity.columns), "has {} columns; at most {} fit"),
        # The primary key is the table itself where this is limited, and does not count.
        ("indexes_max", len(rows) - 1, "needs {} indexes; at most {} fit"),
        (
            "row_server_bytes_max",
            declared,
            "declares rows of {} bytes; at most {} fit: write long `varchar` fields as `text`",
        ),
    )
    problems = []
    for key, value, text in measures:
        limit = fact(engine.key, key)
        if limit is not None and value > limit:
            problems.append(f"{entity.name} {text.format(value, limit)}")
    return problems


def _row_bytes(engine: Engine, column: Column, keyed: bool) -> int:
    pointed = {"text", "bytes", "json"}  # kept elsewhere, with a pointer in the row
    if column.type.name in pointed and not keyed:
        return 12
    return key_bytes(engine, column.type) + 3


def _index_problems(engine: Engine, entity: Entity, row: IndexRow) -> list[str]:
    fields = ", ".join(entity.column(column).field for column, _ in row.columns)
    most = fact(engine.key, "index_columns_max")
    if most is not None and len(row.columns) > most:
        return [f"{entity.name}: the index on {fields} has more than {most} columns"]
    limit = fact(engine.key, "index_key_bytes_max") if engine.sized_keys else None
    if row.kind == "key":
        limit = fact(engine.key, "clustered_key_bytes_max") or limit
    size = sum(key_bytes(engine, entity.column(column).type) for column, _ in row.columns)
    if limit is not None and size > limit:
        return [
            f"{entity.name}: the index on {fields} takes {size} bytes; at most {limit} fit:"
            " give its texts a shorter `varchar(n)`"
        ]
    return []


def _column_problems(engine: Engine, entity: Entity, column: Column) -> list[str]:
    subject = f"{entity.name}.{column.field}"
    precision, scale = column.type.precision or 0, column.type.scale or 0
    if precision > engine.digits or scale > engine.scale:
        most = f"decimal({engine.digits},{engine.scale})"
        return [f"{subject} is {column.type}; at most {most} fits"]
    action = column.reference.on_delete if column.reference else ""
    checked = any(column.name in check.rule.columns() for check in entity.checks)
    if engine.key == "mysql" and action == "set null" and checked:
        return [f"{subject}: a field with `on delete set null` cannot be part of a check"]
    return []


def impossible_cascades(model: DataModel) -> frozenset[tuple[str, str]]:
    """References, as (entity, field), whose action on delete SQL Server refuses.

    It allows one path of cascading references between two tables and no circle (error 1785). Kept
    are the first ones in the order of the model.
    """
    below: dict[str, set[str]] = {entity.name: {entity.name} for entity in model.entities}
    above: dict[str, set[str]] = {entity.name: {entity.name} for entity in model.entities}
    lost = set()
    for entity in model.entities:
        for key in entity.foreign_keys:
            if key.entity not in model or key.on_delete not in {"cascade", "set null"}:
                continue
            sources, targets = above[key.entity], below[entity.name]
            if any(target in below[source] for source in sources for target in targets):
                lost.add((entity.name, key.field))
                continue
            for source in list(sources):
                below[source] |= targets
            for target in list(targets):
                above[target] |= sources
    return frozenset(lost)
