"""Parts of a design that every store shares."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from ..catalog.backend import Backend
from .er import one_to_one
from .keys import Served
from .model import Column, DataModel, Entity, reachable
from .result import EntityTable, FieldRow, Finding, PatternRow, Relationship

_SHOWN = 8  # names that a sentence lists; more are counted
_SECONDS_A_YEAR = 31_536_000
_FEW_YEARS = 10


def fact(backend: Backend, key: str) -> int | None:
    """A whole number that the catalog states of a backend as it is run, or `None`."""
    value = backend.number(key)
    return None if value is None else int(value)


@dataclass(frozen=True)
class Sizes:
    """What some layouts depend on beside the model.

    Args:
        average_item_bytes: Stated average size of an item, or `None`.
        largest_item_bytes: Stated size of the largest item, or `None`.
        peak_factor: How many times its average the busiest minute has, or `None`.
        consistency: What reads must see, where a pattern does not say it; empty for not stated.
        clustered: Whether the keys of a cache lie on several shards.
        kept_days: How long backups are kept, and versions that are one.
        shards: How many replica sets hold documents; 0 where that is not known.
    """

    average_item_bytes: int | None = None
    largest_item_bytes: int | None = None
    peak_factor: float | None = None
    consistency: str = ""
    clustered: bool = False
    kept_days: float = 30.0
    shards: int = 0


NOTHING_STATED = Sizes()


def several(names: Iterable[str]) -> str:
    """Names in one sentence: the first few, and how many more there are."""
    found = list(dict.fromkeys(names))
    shown = ", ".join(found[:_SHOWN])
    more = len(found) - _SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


def entity_table(
    entity: Entity,
    store: str,
    type_of: Callable[[Column], str],
    *,
    name: str | None = None,
    writes: int = 1,
) -> EntityTable:
    """Describe an entity as it is stored."""
    notes = dict(entity.notes)
    return EntityTable(
        entity=entity.name,
        name=name or entity.table,
        store=store,
        fields=tuple(
            FieldRow(
                name=column.field,
                column=column.name,
                type=type_of(column),
                constraints=constraint_words(entity, column),
                meaning=notes.get(column.field, ""),
            )
            for column in entity.columns
        ),
        note=entity.note,
        writes=writes,
    )


def constraint_words(entity: Entity, column: Column) -> tuple[str, ...]:
    """The rules on a column, in SQL-like words."""
    words = []
    if column.name in entity.key:
        words.append("primary key" if len(entity.key) == 1 else f"key {', '.join(entity.key)}")
    elif not column.nullable:
        words.append("not null")
    for group in entity.unique:
        if column.name in group:
            words.append("unique" if len(group) == 1 else f"unique {', '.join(group)}")
    if column.type.values:
        words.append(f"one of {', '.join(column.type.values)}")
    words += [f"check {c.rule}" for c in entity.checks if c.field == column.field]
    if column.default is not None:
        words.append(f"default {column.default}")
    if column.numbered is False:
        words.append("set by the application")
    elif column.numbered and column.name not in entity.key:
        words.append("counted by the store")
    return (*words, *_reference_words(column))


def _reference_words(column: Column) -> Iterable[str]:
    reference = column.reference
    if reference is None:
        return
    yield f"references {reference.entity}"
    if reference.on_delete != "no action":
        yield f"on delete {reference.on_delete}"
    if reference.on_update != "no action":
        yield f"on update {reference.on_update}"


def relationships(model: DataModel, *, enforced: bool) -> tuple[Relationship, ...]:
    """All references of a part of the model.

    Args:
        model: The part that one store holds.
        enforced: Whether that store keeps references among its own entities.
    """
    return tuple(
        Relationship(
            entity=entity.name,
            field=key.field,
            columns=key.columns,
            target=key.entity,
            on_delete=key.on_delete,
            required=not any(entity.column(column).nullable for column in key.columns),
            one_to_one=one_to_one(entity, key),
            enforced_by="store" if enforced and key.kept and key.entity in model else "application",
        )
        for entity in model.in_dependency_order
        for key in entity.foreign_keys
    )


def pattern_rows(model: DataModel, served: Mapping[str, Served]) -> tuple[PatternRow, ...]:
    """All access patterns with what serves them."""
    return tuple(
        PatternRow(
            name=pattern.name,
            entity=pattern.entity,
            kind=pattern.kind,
            per_second=pattern.per_second,
            peak=pattern.peak,
            consistency=pattern.consistency,
            page_size=pattern.page_size,
            sort=pattern.sort,
            served_by=served[pattern.name].name,
            served_kind=served[pattern.name].kind,
            cost=served[pattern.name].cost,
        )
        for pattern in model.patterns
    )


def index_limit(backend: Backend, entity: Entity, count: int) -> Iterable[Finding]:
    """More indexes than the store takes."""
    limit = fact(backend, "indexes_max")
    if limit is not None and count > limit:
        yield Finding("index-limit", entity.name, (("indexes", count), ("limit", limit)))


def key_lengths(
    entity: Entity, columns: Iterable[str], limit: int | None, *, spare: int = 0
) -> Iterable[Finding]:
    """Columns whose values can be longer than a key takes.

    Args:
        entity: Their entity.
        columns: Those that the key is made of.
        limit: Most bytes of the key, or `None` where there is no limit.
        spare: Bytes of it that stand beside the values.
    """
    for column in map(entity.column, columns):
        longest = _longest(column)
        if limit is not None and (longest is None or longest > limit - spare):
            yield Finding("key-length", f"{entity.name}.{column.field}", (("limit", limit),))


def _longest(column: Column) -> int | None:
    """Most bytes of a value in a key, or `None` when nothing bounds it."""
    if column.type.length is not None:
        return column.type.length * 4
    if column.type.name in {"text", "bytes"}:
        return None
    return max(40, *(len(value.encode()) for value in column.type.values or ("",)))


@dataclass(frozen=True)
class SmallKey:
    """A whole-number key of 32 bits or less.

    Args:
        entity: Whose key it is.
        column: Its only column.
        bits: Size of the number, one bit for its sign.
        inserts: Rows a second that the entity's patterns insert, or `None` when not stated.
    """

    entity: Entity
    column: Column
    bits: int
    inserts: float | None

    @property
    def values(self) -> int:
        """How many values above zero it has."""
        return int(2 ** (self.bits - 1)) - 1

    @property
    def grows(self) -> float | None:
        """Rows a second that come by what is stated of the entity, or `None`."""
        return self.entity.facts.growth.items if self.entity.facts.growth else None


def small_keys(model: DataModel) -> Iterator[SmallKey]:
    """Find the keys whose values can run out."""
    for entity in model.entities:
        column = entity.column(entity.identity[0]) if len(entity.identity) == 1 else None
        bits = column.type.bits if column and column.reference is None else None
        if column is None or bits is None or bits > 32:
            continue
        inserting = [p.per_second for p in model.patterns_of(entity) if not p.finds_rows]
        stated = [rate for rate in inserting if rate is not None]
        yield SmallKey(entity, column, bits, sum(stated) if stated else None)


def key_exhaustion(model: DataModel) -> Iterable[Finding]:
    """Keys of 32 bits or less that the stated rate uses up within ten years."""
    for key in small_keys(model):
        years = key.values / (key.inserts * _SECONDS_A_YEAR) if key.inserts else _FEW_YEARS
        if years < _FEW_YEARS:
            subject = f"{key.entity.name}.{key.column.field}"
            numbers = (("years", round(years, 1)), ("bits", key.bits))
            yield Finding("int-key-exhaustion", subject, numbers)


def cycles(model: DataModel, *, deferrable: bool) -> Iterable[Finding]:
    """Cycles of references; those where every reference is required need one transaction.

    Args:
        model: The part that one store holds.
        deferrable: Whether the store can check a reference at the end of a transaction.
    """
    mandatory = mandatory_cycles(model)
    for entity in model.in_dependency_order:
        for key in entity.foreign_keys:
            place = (entity.name, key.field)
            subject = f"{entity.name}.{key.field}"
            if place in mandatory:
                word = "yes" if deferrable else "no"
                yield Finding("mandatory-cycle", subject, (("deferrable", word),))
            elif place in model.deferred:
                yield Finding("reference-cycle", subject, (("target", key.entity),))


def mandatory_cycles(model: DataModel) -> frozenset[tuple[str, str]]:
    """References, as (entity, field), that close a cycle in which each one is required."""
    required: dict[str, set[str]] = {
        entity.name: {
            key.entity
            for key in entity.foreign_keys
            if key.entity in model and not any(entity.column(c).nullable for c in key.columns)
        }
        for entity in model.entities
    }
    closing = set()
    for name, field in model.deferred:
        key = next(k for k in model.entity(name).foreign_keys if k.field == field)
        if key.entity in required[name] and name in reachable(required, [key.entity]):
            closing.add((name, field))
    return frozenset(closing)
