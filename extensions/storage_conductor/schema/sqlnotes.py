"""What a reader must know about the schema of a SQL store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from . import common
from .common import fact
from .expiry import purge_job
from .keys import IndexPlan
from .model import Column, DataModel, Entity
from .needs import order_findings
from .result import Finding, FindingKey
from .sqlcheck import key_limit, numbered, shortened
from .sqltypes import FLOAT_DIGITS, TEXT_KEY_LENGTH, Engine, entry_bytes, type_text
from .types import FieldType

Numbers = tuple[tuple[str, int | float | str], ...]


def notes(
    model: DataModel,
    engine: Engine,
    plans: Mapping[str, IndexPlan],
    lost_cascades: frozenset[tuple[str, str, str]],
) -> Iterator[Finding]:
    """Find everything that the statements do not say by themselves.

    Args:
        model: The part of the model that the store holds.
        engine: The store.
        plans: The indexes of each entity.
        lost_cascades: References whose action the store refuses.
    """
    for plan in plans.values():
        yield from plan.findings
    yield from common.key_exhaustion(model)
    yield from common.cycles(model, deferrable=engine.key in {"postgresql", "sqlite"})
    for entity in model.in_dependency_order:
        yield from _entity_notes(model, engine, entity, lost_cascades)
    yield from _together(model, engine, plans)


def _entity_notes(
    model: DataModel,
    engine: Engine,
    entity: Entity,
    lost_cascades: frozenset[tuple[str, str, str]],
) -> Iterator[Finding]:
    for pattern in model.patterns_of(entity):
        yield from order_findings(entity, pattern, nulls_last=engine.nulls_last)
    for column in entity.columns:
        yield from _column_notes(engine, entity, column)
    for key in entity.foreign_keys:
        for event in ("on_delete", "on_update"):
            if (entity.name, key.field, event) in lost_cascades:
                asked = f"{event.replace('_', ' ')} {getattr(key, event)}"
                subject = f"{entity.name}.{key.field}"
                yield Finding("cascade-not-possible", subject, (("asked", asked),))
    if entity.partition is None:
        yield from purge_job(entity, entity.expiring)


def _keyed(plan: IndexPlan) -> set[str]:
    return {column for row in plan.indexes for column, _ in row.columns}


def _column_notes(engine: Engine, entity: Entity, column: Column) -> Iterator[Finding]:
    subject, kind = f"{entity.name}.{column.field}", column.type
    real = engine.key == "sqlite" and kind.name == "decimal"
    if real and (kind.precision or 0) > FLOAT_DIGITS and _text(engine, kind) == "REAL":
        yield Finding("decimal-as-float", subject, (("digits", kind.precision or 0),))
    if entity.numbered == column.name != numbered(engine, entity):
        yield Finding("key-not-numbered", subject)
    if entity.key == (column.name,) and column.countable and entity.numbered != column.name:
        counted = (other.field for other in entity.columns if other.numbered)
        yield Finding("key-beside-serial", subject, (("counted", next(counted)),))


def _unique(entity: Entity, column: Column) -> bool:
    """Whether a column is part of the key, or of a rule that rows differ by."""
    own = (tuple(c for c, _ in index.columns) for index in entity.indexes if index.unique)
    return any(column.name in group for group in (entity.key, *entity.unique, *own))


def _text(engine: Engine, kind: FieldType) -> str:
    return type_text(engine, kind, in_key=False, large=False)


def _together(
    model: DataModel, engine: Engine, plans: Mapping[str, IndexPlan]
) -> Iterator[Finding]:
    """What is alike for many fields, each said once for all of them."""
    if engine.sized_keys:
        bounded = _fields(model, lambda e, c: _bounded(plans[e.name], c))
        yield from _all("text-key-length", bounded, (("length", TEXT_KEY_LENGTH),))
    if engine.key == "postgresql":
        limit = fact(engine.backend, "index_key_bytes_max") or 0
        long = _fields(model, lambda e, c: _long(engine, plans[e.name], c, limit))
        yield from _all("text-index-length", long, (("limit", limit),))
        yield from _all("zoneless-time", _fields(model, _zoneless))
    if engine.key in {"postgresql", "sql-server"}:
        yield from _long_keys(model, engine, plans)
    if engine.key == "sql-server":
        texts = _fields(model, lambda e, c: _unique(e, c) and c.type.family == "text")
        yield from _all("case-insensitive-unique", texts)
    if engine.key != "sqlite":
        everywhere = engine.key == "sql-server"
        padded = _fields(model, lambda e, c: _padded(e, c, everywhere=everywhere))
        yield from _all("trailing-space", padded)
    for entity in model.in_dependency_order:
        for row in plans[entity.name].indexes:
            if shortened(engine, entity, row):
                most = (key_limit(engine, row) or 0) // engine.character_bytes
                yield Finding("index-prefix", entity.name, (("index", row.name), ("most", most)))
    if engine.key == "mariadb":
        yield from _all("uuid-variant", _fields(model, _given))


def _all(key: FindingKey, fields: Iterable[str], numbers: Numbers = ()) -> Iterator[Finding]:
    found = list(fields)
    if found:
        yield Finding(key, common.several(found), numbers)


def _fields(model: DataModel, chosen: Callable[[Entity, Column], bool]) -> Iterator[str]:
    for entity in model.in_dependency_order:
        for column in entity.columns:
            if chosen(entity, column):
                yield f"{entity.name}.{column.field}"


def _bounded(plan: IndexPlan, column: Column) -> bool:
    return column.name in _keyed(plan) and column.type.name in {"text", "bytes"}


def _long(engine: Engine, plan: IndexPlan, column: Column, limit: int) -> bool:
    """Whether values of a column can be too long for an index that it is part of."""
    return column.name in _keyed(plan) and _too_long(engine, column.type, limit)


def _too_long(engine: Engine, kind: FieldType, limit: int) -> bool:
    return kind.name in {"text", "bytes"} or entry_bytes(engine, [kind]) > limit


def _long_keys(
    model: DataModel, engine: Engine, plans: Mapping[str, IndexPlan]
) -> Iterator[Finding]:
    for entity in model.in_dependency_order:
        for row in plans[entity.name].indexes:
            limit = key_limit(engine, row)
            kinds = [entity.column(column).type for column, _ in row.columns]
            if limit is None or (engine.key == "postgresql" and _said(engine, kinds, limit)):
                continue
            size = entry_bytes(engine, kinds)
            if size > limit and not row.method:
                fields = ", ".join(entity.column(column).field for column, _ in row.columns)
                numbers = (("fields", fields), ("bytes", size), ("limit", limit))
                yield Finding("key-total-length", entity.name, numbers)


def _said(engine: Engine, kinds: list[FieldType], limit: int) -> bool:
    """Whether a field of an index is too long alone, which is said with its name."""
    return any(_too_long(engine, kind, limit) for kind in kinds)


def _padded(entity: Entity, column: Column, *, everywhere: bool) -> bool:
    """Whether a unique text equals one that differs from it in spaces at the end alone."""
    text = column.type.family == "text" and not column.type.values
    return _unique(entity, column) and text and (everywhere or column.type.name == "char")


def _zoneless(_: Entity, column: Column) -> bool:
    """Whether a field is a time without its zone, in a store that has a type with one."""
    return column.type.name == "timestamp"


def _given(_: Entity, column: Column) -> bool:
    """Whether an identifier is written from outside and not made by the store."""
    made = column.reference is not None or column.default is not None
    return column.type.name == "uuid" and not made
