"""The rules of a collection as MongoDB's validators say them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from .expressions import ColumnValue, Compare, Constant, Expression, Joined, Missing, OneOf, Operand
from .model import Column, Entity
from .rules import Rule

TYPES: dict[str, list[str]] = {
    "uuid": ["binData"],
    "text": ["string"],
    "varchar": ["string"],
    "char": ["string"],
    "smallint": ["int"],
    "int": ["int"],
    "bigint": ["long", "int"],  # a shell or driver stores small numbers as int
    "decimal": ["decimal"],
    "real": ["double", "int", "long"],
    "float": ["double", "int", "long"],
    "bool": ["bool"],
    "date": ["date"],
    "time": ["string"],
    "timestamp": ["date"],
    "timestamptz": ["date"],
    "bytes": ["binData"],
    "enum": ["string"],
    "point": ["object"],
}
"""What MongoDB calls the values of each type."""
_NUMBER_RULES = {">": "exclusiveMinimum", ">=": "minimum", "<": "exclusiveMaximum", "<=": "maximum"}
_PARTIAL = {"=": "$eq", "<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte"}
_OPERATORS = {"=": "$eq", "<>": "$ne", "<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte"}


_POINT: dict[str, Any] = {
    "bsonType": "object",
    "required": ["type", "coordinates"],
    "properties": {
        "type": {"enum": ["Point"]},
        "coordinates": {
            "bsonType": "array",
            "minItems": 2,
            "maxItems": 2,
            "items": {"bsonType": ["double", "int", "long"]},
        },
    },
}
"""A place as GeoJSON, longitude before latitude."""


def stored_name(entity: Entity, column: str) -> str:
    """The field that holds a column: a lone key is the document's `_id`."""
    return "_id" if entity.key == (column,) else column


def filterable(rule: Expression) -> bool:
    """Whether a partial index can be limited to a condition: not to fields that are absent."""
    match rule:
        case Joined():
            return rule.word == "and" and all(map(filterable, rule.parts))
        case Missing():
            return rule.negated
        case Compare(ColumnValue() as column, operator, Constant() as value):
            plain = not column.length and _sayable(column.family, [value])
            return plain and operator in _PARTIAL
        case _:
            return False


def filters_of(entity: Entity, rule: Expression) -> list[dict[str, Any]]:
    """A condition that `filterable` allows as the filters of a partial index."""
    match rule:
        case Joined():
            return [item for part in rule.parts for item in filters_of(entity, part)]
        case Missing():
            return [{stored_name(entity, rule.column): {"$exists": True}}]
        case Compare(ColumnValue() as column, operator, Constant() as value):
            words = {_PARTIAL[operator]: _number_or_text(value)}
            return [{stored_name(entity, column.column): words}]
        case _:
            raise ValueError(rule)


def validator(entity: Entity, rules: list[Rule]) -> dict[str, Any]:
    """The validator of a collection: a JSON schema, and expressions for what that cannot say."""
    properties = {stored_name(entity, c.name): _property(c) for c in entity.columns}
    required = [stored_name(entity, c.name) for c in entity.columns if not c.nullable]
    schema: dict[str, Any] = {"bsonType": "object", "properties": properties}
    if required:
        schema["required"] = required
    conditions: list[dict[str, Any]] = []
    for rule in rules:
        if rule.check is None:
            continue
        fragment = _schema(entity, rule.check)
        if fragment is None:
            conditions.append({"$expr": _expression(entity, rule.check)})
        else:
            schema.setdefault("allOf", []).extend(fragment.get("allOf", [fragment]))
    whole = {"$jsonSchema": schema}
    return {"$and": [whole, *conditions]} if conditions else whole


def _property(column: Column) -> dict[str, Any]:
    if column.type.array:
        single = replace(column, type=replace(column.type, array=False))
        return {"bsonType": "array", "items": _property(single)}
    if column.type.values:
        return {"enum": list(column.type.values)}
    types = TYPES.get(column.type.name)
    result: dict[str, Any] = {}
    if column.type.name == "point":
        return dict(_POINT)
    if types is not None:
        result["bsonType"] = types[0] if len(types) == 1 else types
    if column.type.length is not None:
        result["maxLength"] = column.type.length
    return result


def _schema(entity: Entity, rule: Expression) -> dict[str, Any] | None:
    """A check as a JSON schema, or `None` where that language has no word for it."""
    match rule:
        case Joined():
            parts = [_schema(entity, part) for part in rule.parts]
            if None in parts:
                return None
            return {"allOf" if rule.word == "and" else "anyOf": parts}
        case Missing():
            present = {"required": [stored_name(entity, rule.column)]}
            return present if rule.negated else {"not": present}
        case OneOf() if not rule.operand.length and _sayable(rule.operand.family, rule.values):
            values = [_number_or_text(value) for value in rule.values]
            words: dict[str, Any] = {"enum": values}
            return _about(entity, rule.operand, {"not": words} if rule.negated else words)
        case Compare(ColumnValue() as column, operator, Constant() as value) if _sayable(
            column.family, [value]
        ):
            words = _comparison(column, operator, value) or {}
            return _about(entity, column, words) if words else None
        case _:
            return None


def _about(entity: Entity, column: ColumnValue, words: dict[str, Any]) -> dict[str, Any]:
    return {"properties": {stored_name(entity, column.column): words}}


def _comparison(column: ColumnValue, operator: str, value: Constant) -> dict[str, Any] | None:
    if column.length:
        return _length_words(operator, value)
    if operator in {"=", "<>"}:
        words: dict[str, Any] = {"enum": [_number_or_text(value)]}
        return {"not": words} if operator == "<>" else words
    if column.family != "number":
        return None  # JSON schema orders numbers only
    limit = _number_or_text(value)
    if operator in {">=", "<="}:
        return {_NUMBER_RULES[operator]: limit}
    inclusive = "minimum" if operator == ">" else "maximum"
    return {inclusive: limit, _NUMBER_RULES[operator]: True}  # MongoDB follows JSON schema draft 4


def _length_words(operator: str, value: Constant) -> dict[str, Any] | None:
    if not isinstance(value.value, Decimal) or value.value != int(value.value) or value.value < 1:
        return None
    limit = int(value.value)
    words = {
        ">": {"minLength": limit + 1},
        ">=": {"minLength": limit},
        "<": {"maxLength": limit - 1},
        "<=": {"maxLength": limit},
        "=": {"minLength": limit, "maxLength": limit},
    }
    return words.get(operator)


def _number_or_text(value: Constant) -> int | float | str | bool:
    if not isinstance(value.value, Decimal):
        return value.value
    return int(value.value) if value.value == int(value.value) else float(value.value)


def _sayable(family: str, values: Iterable[Constant]) -> bool:
    """Whether constants can stand in a JSON schema: no times, and no number beyond a double."""
    exact = all(
        not isinstance(value.value, Decimal) or abs(value.value) <= 2**53 for value in values
    )
    return exact and family in {"number", "text", "bool"}


def _expression(entity: Entity, rule: Expression) -> dict[str, Any]:
    """A check as an aggregation expression; a predicate about an absent field holds, as in SQL."""
    match rule:
        case Joined():
            parts = [_expression(entity, part) for part in rule.parts]
            return {"$and" if rule.word == "and" else "$or": parts}
        case Missing():
            absent = _absent(entity, rule.column)
            return {"$not": [absent]} if rule.negated else absent
        case OneOf():
            family = rule.operand.family
            values = [_operand(entity, value, family) for value in rule.values]
            found: dict[str, Any] = {"$in": [_operand(entity, rule.operand, family), values]}
            return _guarded(entity, rule, {"$not": [found]} if rule.negated else found)
        case Compare():
            sides = (rule.left, rule.right)
            family = next(side.family for side in sides if isinstance(side, ColumnValue))
            operands = [_operand(entity, side, family) for side in sides]
            return _guarded(entity, rule, {_OPERATORS[rule.operator]: operands})


def _absent(entity: Entity, column: str) -> dict[str, Any]:
    return {"$eq": [{"$ifNull": [f"${stored_name(entity, column)}", None]}, None]}


def _guarded(entity: Entity, rule: Compare | OneOf, test: dict[str, Any]) -> dict[str, Any]:
    return {"$or": [*(_absent(entity, column) for column in sorted(rule.columns())), test]}


def _operand(entity: Entity, operand: Operand, family: str) -> Any:
    if isinstance(operand, ColumnValue):
        field = f"${stored_name(entity, operand.column)}"
        return {"$strLenCP": {"$ifNull": [field, ""]}} if operand.length else field
    if family in {"date", "timestamp", "timestamptz"}:
        return {"$toDate": operand.value}
    if isinstance(operand.value, Decimal) and abs(operand.value) > 2**53:
        return {"$toDecimal": str(operand)}
    value = _number_or_text(operand)
    return {"$literal": value} if isinstance(value, str) else value
