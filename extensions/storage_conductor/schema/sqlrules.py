"""Checks as each SQL store writes them: the model's own, and those that stand in for a type.

Imports SQLAlchemy: load it late.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from .expressions import (
    ColumnValue,
    Compare,
    Constant,
    Expression,
    Joined,
    Missing,
    OneOf,
    Operand,
)
from .model import Column
from .sqltypes import Engine, utc
from .types import TIMED, FieldType

_TIME_SHAPE = "[0-9][0-9]:[0-9][0-9]*"
_UUID_SHAPE = "-".join("?" * digits for digits in (8, 4, 4, 4, 12))

_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def check_clause(engine: Engine, table: sa.Table, rule: Expression) -> sa.ColumnElement[bool]:
    """A check as SQLAlchemy writes it, from parsed parts only."""
    match rule:
        case Joined():
            parts = [check_clause(engine, table, part) for part in rule.parts]
            return sa.and_(*parts) if rule.word == "and" else sa.or_(*parts)
        case Missing():
            column = table.c[rule.column]
            return column.is_not(None) if rule.negated else column.is_(None)
        case OneOf():
            operand = _operand(engine, table, rule.operand, rule.operand)
            values = [_operand(engine, table, value, rule.operand) for value in rule.values]
            return operand.not_in(values) if rule.negated else operand.in_(values)
        case Compare():
            sides = (rule.left, rule.right)
            column_value = next(side for side in sides if isinstance(side, ColumnValue))
            left, right = (_operand(engine, table, side, column_value) for side in sides)
            clause: sa.ColumnElement[bool] = _COMPARE[rule.operator](left, right)
            return clause


def _operand(
    engine: Engine, table: sa.Table, operand: Operand, beside: ColumnValue
) -> sa.ColumnElement[Any]:
    """A side of a comparison; `beside` is the column on either side, for its type."""
    if isinstance(operand, ColumnValue):
        column = table.c[operand.column]
        names = {"sqlite": "length", "sql-server": "len"}
        length = getattr(sa.func, names.get(engine.key, "char_length"))
        return length(column) if operand.length else column
    value = operand.value
    if isinstance(value, bool):
        plain = "TRUE" if value else "FALSE"
        return sa.literal_column(plain if engine.key == "postgresql" else str(int(value)))
    if isinstance(value, Decimal):
        return sa.literal_column(str(operand))
    return text_literal(engine, utc(value) if engine.my and beside.zoned else value)


def text_literal(engine: Engine, value: str) -> sa.ColumnElement[Any]:
    """A text that SQLAlchemy quotes and writes into the statement."""
    return sa.literal(value, sa.Unicode() if engine.key == "sql-server" else sa.String())


def filterable(engine: Engine, rule: Expression) -> bool:
    """Whether an index of a store can be limited to the rows that meet a condition.

    MySQL and MariaDB have no such index. SQL Server's take comparisons of a column with constants,
    joined by `and`: https://learn.microsoft.com/sql/t-sql/statements/create-index-transact-sql
    """
    if engine.my:
        return False
    if engine.key != "sql-server":
        return True
    match rule:
        case Joined():
            return rule.word == "and" and all(filterable(engine, part) for part in rule.parts)
        case OneOf():
            return not rule.negated and not rule.operand.length
        case Compare():
            constant = isinstance(rule.right, Constant) and isinstance(rule.left, ColumnValue)
            return constant and not (isinstance(rule.left, ColumnValue) and rule.left.length)
        case Missing():
            return True


def type_clause(
    engine: Engine, column: Column, stored: sa.Column[Any]
) -> sa.ColumnElement[bool] | None:
    """A check that stands in for a type which the store lacks, or `None`."""
    clause = _type_clause(engine, column.type, stored)
    # Some functions of SQLite answer an invalid value and a missing one alike.
    unsure = engine.key == "sqlite" and (column.type.document or column.type.name in TIMED)
    if clause is not None and column.nullable and unsure:
        return sa.or_(stored.is_(None), clause)
    return clause


def _type_clause(
    engine: Engine, kind: FieldType, stored: sa.Column[Any]
) -> sa.ColumnElement[bool] | None:
    document: sa.ColumnElement[int] = sa.literal_column("1")
    match engine.key, "json" if kind.document else kind.name:
        case "sqlite", "json":
            return sa.func.json_valid(stored) == document
        case "sql-server", "json":
            return sa.func.ISJSON(stored) == document
        case "sqlite", name:
            return _sqlite_clause(name, kind, stored)
        case _:
            return None


def _sqlite_clause(
    name: str, kind: FieldType, stored: sa.Column[Any]
) -> sa.ColumnElement[bool] | None:
    def shaped(pattern: str, operator: str = "GLOB") -> sa.ColumnElement[bool]:
        return stored.op(operator, is_comparison=True)(sa.literal(pattern, sa.String()))

    def real_day(text: Any) -> sa.ColumnElement[str]:
        """The day that a text names; without a shift, February 30 is one to SQLite."""
        return sa.func.date(text, sa.literal_column("'+0 days'"))

    clause: sa.ColumnElement[bool] | None = None
    match name:
        case "bool":
            clause = stored.in_([sa.literal_column("0"), sa.literal_column("1")])
        case "varchar" | "char":
            longest: sa.ColumnElement[int] = sa.literal_column(str(kind.length))
            clause = sa.func.length(stored) <= longest
        case "uuid":
            clause = sa.and_(shaped(_UUID_SHAPE), shaped("*[^0-9a-f-]*", "NOT GLOB"))
        case "date":
            clause = real_day(stored).op("IS", is_comparison=True)(stored)
        case "time":
            clause = sa.and_(sa.func.time(stored).is_not(None), shaped(_TIME_SHAPE))
        case "timestamp" | "timestamptz":
            day = sa.func.substr(stored, sa.literal_column("1"), sa.literal_column("10"))
            clause = sa.and_(sa.func.datetime(stored).is_not(None), real_day(day) == day)
    return clause
