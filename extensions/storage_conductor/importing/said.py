"""Rules and defaults of a store in the words of the answers, or `None` where they have none."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from ..schema.expressions import ColumnValue, ExpressionError, parse_check
from ..schema.types import FieldType
from .rules import Rule, as_family, made, read_value


def check(rule: Rule, column: Callable[[str], ColumnValue]) -> str | None:
    """Write a condition as `check(...)` takes it.

    Args:
        rule: From `rules.read`.
        column: Finds a column of the answers; raises `ExpressionError` for one that is unknown.
    """
    text = _condition(rule, top=True)
    if text is None:
        return None
    try:
        parse_check(text, column)
    except ExpressionError:
        return None
    return text


def _condition(rule: Rule, *, top: bool = False) -> str | None:
    word, *rest = rule
    match word:
        case "and" | "or":
            parts = [_condition(part) for part in rest]
            known = [part for part in parts if part is not None]
            text = f" {word} ".join(known)
            return None if len(known) < len(parts) else text if top else f"({text})"
        case "null" | "not null":
            side = _side(rest[0])
            return None if side is None else f"{side} is {word}"
        case "in" | "not in":
            sides = [_side(part) for part in rest]
            known = [side for side in sides if side is not None]
            return (
                None if len(known) < len(sides) else f"{known[0]} {word} ({', '.join(known[1:])})"
            )
        case "compare":
            left, right = _side(rest[1]), _side(rest[2])
            return None if left is None or right is None else f"{left} {rest[0]} {right}"
    return None


def _side(side: Rule) -> str | None:
    word, value = side[0], side[1]
    match word:
        case "column":
            return str(value)
        case "length":
            return f"length({value})"
        case "constant":
            return _constant(value)
    return None


def _constant(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        return f"{value:f}"
    return "'" + str(value).replace("'", "''") + "'"


def default(text: str, store: str, kind: FieldType) -> str | None:
    """Write a default as the answers take it.

    Args:
        text: The expression of the store.
        store: Its catalog key.
        kind: The type of the field.
    """
    value = read_value(text, store, kind.family)
    maker = made(value, store)
    if maker:
        possible = {"now": ("date", "timestamp", "timestamptz"), "uuid": ("uuid",)}
        return f"{maker}()" if kind.name in possible[maker] and not kind.array else None
    if value[0] != "constant":
        return None
    constant = value[1] if store == "sqlite" else as_family(value[1], kind.family)
    shown = _constant(constant)
    try:
        kind.read(shown.strip("'") if kind.family != "text" else str(constant))
    except ValueError:
        return None
    return shown
