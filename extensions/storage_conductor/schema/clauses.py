"""Checks, defaults and indexes of an entity, read when its columns are known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from .expressions import ColumnValue, Expression, ExpressionError, parse_check
from .model import Check, Default, Entity, OwnIndex
from .patterns import parse_order
from .references import Draft
from .tokens import MistakeError, Word, nearest
from .types import FieldType
from .words import FieldWords

Note = Callable[[str, str], None]
"""Receives the place and the words of a mistake."""

_BARE = {"current_timestamp": ("timestamp", "timestamptz"), "current_date": ("date",)}
_NOW = {"now": ("date", "timestamp", "timestamptz"), **_BARE}
_NEW_UUID = ("uuid", "gen_random_uuid", "uuid_generate_v4", "newid")
"""Words of SQL's dialects for the time of a write, two of them without parentheses, and an id."""


def with_clauses(entity: Entity, draft: Draft, note: Note) -> Entity:
    """Add what was said about the fields of an entity beside their types.

    Args:
        entity: Its columns, key and references.
        draft: What was written.
        note: Receives the mistakes.
    """
    checks: list[Check] = []
    defaults: dict[str, Default] = {}
    for words in draft.fields.values():
        place = f"entities.{entity.name}.{words.name}"
        checks += _checks(entity, words, place, note)
        if words.default is not None and words.type is not None:
            try:
                default = _default(words.default, words.type, words.flags)
            except MistakeError as mistake:
                note(place, str(mistake))
            else:
                defaults |= {} if default is None else {words.name: default}
    columns = tuple(replace(c, default=defaults.get(c.field)) for c in entity.columns)
    indexes = tuple(_indexes(entity, draft, note))
    return replace(entity, columns=columns, checks=tuple(checks), indexes=indexes)


def _checks(entity: Entity, words: FieldWords, place: str, note: Note) -> Iterator[Check]:
    for text in words.checks:
        try:
            yield Check(words.name, parse_check(text, lambda name: _checkable(entity, name)))
        except ExpressionError as error:
            note(place, f"check({text}): {error}")


def _indexes(entity: Entity, draft: Draft, note: Note) -> Iterator[OwnIndex]:
    for words in draft.options.get("_indexes", ()):
        try:
            columns = parse_order(entity, "fields", words.fields)
            where: Expression | None = None
            if words.where:
                where = parse_check(words.where, lambda name: _checkable(entity, name))
            yield OwnIndex(tuple(columns), where, words.unique)
        except (MistakeError, ExpressionError) as mistake:
            note(f"entities.{entity.name}._indexes", str(mistake))


def _checkable(entity: Entity, name: str) -> ColumnValue:
    columns = [column for column in entity.columns if name in {column.field, column.name}]
    if not columns:
        names = [column.field for column in entity.columns]
        raise ExpressionError(f"unknown field `{name}`{nearest(name, names)}")
    shared = any(key.field == name and len(key.columns) > 1 for key in entity.foreign_keys)
    if len(columns) > 1 or shared:
        raise ExpressionError(f"`{name}` has several columns and cannot be compared")
    return ColumnValue(columns[0].name, columns[0].type)


def _default(word: Word, kind: FieldType, flags: set[str]) -> Default | None:
    text = word.low if kind.family == "bool" else word.text
    if word.low == "null":
        if flags & {"pk", "not null"}:
            raise MistakeError("`default null` needs a field that may be null")
        return None
    if word.argument is not None:
        made = _made(word.low, kind)
        if word.argument or made is None:
            raise MistakeError(f"`{word.text}({word.argument})` is not a default of `{kind}`")
        return made
    if word.low in _BARE and (made := _made(word.low, kind)):
        return made
    try:
        return Default("literal", kind.read(text))
    except ValueError as error:
        raise MistakeError(f"default `{text}` {error}") from None


def _made(function: str, kind: FieldType) -> Default | None:
    """The default that a function makes, or `None` where it makes none of that type."""
    if kind.array:
        return None
    if function in _NOW and kind.name in _NOW[function]:
        return Default("now")
    return Default("uuid") if function in _NEW_UUID and kind.name == "uuid" else None
