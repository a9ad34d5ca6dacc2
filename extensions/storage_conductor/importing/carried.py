"""What a person said of entities and no store can tell, carried over when a store is read again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..catalog import loading
from ..schema import operation
from ..schema.model import Column, Entity, OwnIndex
from ..schema.parse import parse_model
from ..schema.tokens import split_words

_FACTS = (*operation.OPTIONS, "_layout", "_note", "_store", "_ttl")
"""Said of a whole entity, and none of them decides which tables, columns and rules there are."""


@dataclass(frozen=True)
class Carried:
    """Entities of a source with what was said of them before.

    Args:
        entities: The answer `entities`.
        gone: What was said and has no place in it, or is otherwise there, each by its entity.
    """

    entities: dict[str, Any]
    gone: tuple[str, ...]


def carried(said: Mapping[str, Any], found: Mapping[str, Any], store: str) -> Carried:
    """Carry facts and notes over to the entities and fields that are still there.

    Those of one stored name are the same. A comment of the source goes before a note.

    Args:
        said: The answer `entities` of the track.
        found: The answer `entities` that was written of the source.
        store: Name of the store that the source is of; what is kept in another is not judged by it.

    Raises:
        ConductorError: One of the answers has mistakes.
    """
    there = {entity.table.casefold(): entity for entity in _entities(found)}
    entities: dict[str, Any] = dict(found)
    gone: list[str] = []
    for entity in _entities(said):
        given = said[entity.name]
        match = there.get(entity.table.casefold())
        if match is not None:
            entities[match.name] = _with_facts(given, entities[match.name])
            gone += _carry_notes(entity, match, entities[match.name])
            gone += _other_fields(entity, match, given)
            gone += _other_rules(entity, match)
            if "_lifetime" in given and "_ttl" in found[match.name]:
                gone.append(f"{entity.name}._lifetime")
        elif _elsewhere(entity, store) and entity.name not in entities:
            entities[entity.name] = given
        else:
            gone.append(entity.name)
    return Carried(entities, tuple(gone))


def _entities(answer: Mapping[str, Any]) -> tuple[Entity, ...]:
    model = parse_model(answer, [])
    return model.entities if model else ()


def _elsewhere(entity: Entity, store: str) -> bool:
    """Whether an entity is kept in another store than the one that was read."""
    known = loading.find(store)
    return entity.store is not None and entity.store not in {store, known.key if known else store}


def _with_facts(given: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    facts = {name: value for name, value in given.items() if name in _FACTS}
    if "_ttl" in found:  # which says how long a row lives, as `_lifetime` does
        facts.pop("_lifetime", None)
    return {**facts, **found}


def _other_fields(entity: Entity, match: Entity, given: Mapping[str, Any]) -> Iterator[str]:
    """Yield the fields that were said to be otherwise than they are, as they were said."""
    there = {column.name.casefold(): column for column in match.columns}
    told = dict.fromkeys(
        column.field
        for column in entity.columns
        if (other := there.get(column.name.casefold())) and _said_of(column) != _said_of(other)
    )
    for name in told:
        yield f"{entity.name}.{name} as {given[name].partition(' -- ')[0].strip()}"


def _said_of(column: Column) -> tuple[Any, ...]:
    return column.type, column.nullable, column.reference, column.default


def _other_rules(entity: Entity, match: Entity) -> Iterator[str]:
    """Yield the rules and indexes that were said of fields that are there, and are not."""
    named = {column.name for column in match.columns}
    groups = {frozenset(group) for group in match.unique}
    for group in entity.unique:
        if named.issuperset(group) and frozenset(group) not in groups:
            yield f"{entity.name}._unique ({', '.join(group)})"
    there = _indexes(match)
    for index in _indexes(entity):
        if named.issuperset(column for column, _ in index.columns) and index not in there:
            columns = ", ".join(f"{c} desc" if way == "desc" else c for c, way in index.columns)
            where = f" where {index.where}" if index.where else ""
            yield f"{entity.name}._indexes ({columns}){where}{' unique' if index.unique else ''}"
    rules = [check.rule for check in match.checks]
    for check in entity.checks:
        if named.issuperset(check.rule.columns()) and check.rule not in rules:
            yield f"{entity.name} check({check.rule})"


def _indexes(entity: Entity) -> list[OwnIndex]:
    alone = (OwnIndex(((name, "asc"),)) for name in entity.indexed)
    return [*entity.indexes, *alone]


def _carry_notes(entity: Entity, match: Entity, fields: dict[str, Any]) -> Iterator[str]:
    """Write the notes of fields that are still there, and yield the fields that are not."""
    notes = dict(entity.notes)
    field_of = {column.name.casefold(): column.field for column in match.columns}
    columns_of: dict[str, list[str]] = {}
    for column in entity.columns:
        columns_of.setdefault(column.field, []).append(column.name.casefold())
    for name, columns in columns_of.items():
        if not field_of.keys() >= set(columns):
            yield f"{entity.name}.{name}"
        elif name in notes and not split_words(fields[field_of[columns[0]]])[1]:
            fields[field_of[columns[0]]] += f" -- {notes[name]}"
