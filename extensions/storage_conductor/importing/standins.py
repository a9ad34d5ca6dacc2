"""Checks that stand in for a type: the list of an enum, and what SQLite's few types leave out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cache

import sqlalchemy as sa

from ..catalog import loading
from ..schema.model import Column
from ..schema.sqlrules import type_clause
from ..schema.sqltypes import DIALECTS, ENGINES, Engine, type_text
from ..schema.types import FieldType
from .found import FoundColumn
from .kinds import enum_of, family_of, kind_of
from .rules import Rule, read

_WORD = re.compile(r"\"[^\"]*\"|`[^`]*`|'((?:[^']|'')*)'")
_KINDS = ("bool", "uuid", "date", "time", "timestamptz", "timestamp", "json")


def kind_by_rules(
    column: FoundColumn, store: str, rules: Mapping[str, Rule]
) -> tuple[FieldType, Rule] | None:
    """Find the type that a check of a column says, and the check that says it.

    Args:
        column: The column.
        store: Catalog key of its store.
        rules: The checks of its table, by their text.
    """
    if store not in ENGINES:
        return None
    engine = _engine(store)
    for text, rule in rules.items():
        kind = _listed(rule, text, column.name)
        if kind is not None and _same_type(engine, kind, column):
            return kind, rule
        if store == "sqlite" and rule[:3] == ("compare", "<=", ("length", column.name)):
            return FieldType("varchar", length=int(Decimal(rule[3][1]))), rule
    return _sqlite_kind(engine, column, rules) if store == "sqlite" else None


def _listed(rule: Rule, text: str, column: str) -> FieldType | None:
    """The list of words that a check compares a column with, in the order of its text."""
    own = ("column", column)
    if rule[:2] == ("in", own):
        values = rule[2:]
    elif rule[:3] == ("compare", "=", own):
        values = rule[3:]
    else:
        return None
    if not all(value[0] == "constant" and isinstance(value[1], str) for value in values):
        return None
    words = (str(value[1]) for value in values)
    places: dict[str, int] = {}
    for found in _WORD.finditer(text):
        places.setdefault((found[1] or "").replace("''", "'"), found.start())
    return enum_of(tuple(sorted(words, key=lambda word: places.get(word, -1))))


def _sqlite_kind(
    engine: Engine, column: FoundColumn, rules: Mapping[str, Rule]
) -> tuple[FieldType, Rule] | None:
    for name in _KINDS:
        if name == "timestamptz" and not _zoned(column, rules):
            continue
        kind = FieldType(name)
        clause = _clause(engine, column, kind)
        if clause and _same_type(engine, kind, column) and clause in rules.values():
            return kind, clause
    return None


def _zoned(column: FoundColumn, rules: Mapping[str, Rule]) -> bool:
    """Whether moments are kept in a text: its default or a check has an offset."""
    texts = [column.default, *(text for text in rules if column.name in text)]
    return any(re.search(r"[:\d%f](?:Z|[+-]\d\d:\d\d)'", text) for text in texts)


@cache
def _engine(store: str) -> Engine:
    backend = loading.load(store)
    return ENGINES[store](backend.at(backend.hosting[0].key))


def _same_type(engine: Engine, kind: FieldType, column: FoundColumn) -> bool:
    """Whether the draft writes a type as it was found."""
    found = kind_of(column.type, engine.key)
    texts = {type_text(engine, kind, in_key=keyed, large=False) for keyed in (False, True)}
    return found in {kind_of(text, engine.key) for text in texts}


def _clause(engine: Engine, column: FoundColumn, kind: FieldType) -> Rule | None:
    stored: sa.Column[str] = sa.Column(column.name, sa.String())
    written = Column(column.name, column.name, kind, column.nullable)
    clause = type_clause(engine, written, stored)
    if clause is None:
        return None
    options = {"literal_binds": True, "include_table": False}
    text = str(clause.compile(dialect=DIALECTS[engine.key](), compile_kwargs=options))
    families = {column.name.lower(): family_of(kind_of(column.type, engine.key))}
    return read(text, engine.key, families)
