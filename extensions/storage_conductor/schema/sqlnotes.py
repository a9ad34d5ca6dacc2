"""What a reader must know about the schema of a SQL store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from . import common
from .common import fact
from .keys import IndexPlan
from .model import Column, DataModel, Entity
from .needs import order_findings
from .result import Finding
from .sqlcheck import key_limit, numbered, shortened
from .sqltypes import FLOAT_DIGITS, TEXT_KEY_LENGTH, Engine, key_bytes, type_text
from .types import FieldType


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
        yield from _entity_notes(model, engine, entity, plans[entity.name], lost_cascades)
    yield from _together(model, engine, plans)


def _entity_notes(
    model: DataModel,
    engine: Engine,
    entity: Entity,
    plan: IndexPlan,
    lost_cascades: frozenset[tuple[str, str, str]],
) -> Iterator[Finding]:
    for pattern in model.patterns_of(entity):
        yield from order_findings(entity, pattern, nulls_last=engine.nulls_last)
    keyed = _keyed(plan)
    for column in entity.columns:
        yield from _column_notes(engine, entity, column, keyed=column.name in keyed)
    for key in entity.foreign_keys:
        for event in ("on_delete", "on_update"):
            if (entity.name, key.field, event) in lost_cascades:
                asked = f"{event.replace('_', ' ')} {getattr(key, event)}"
                subject = f"{entity.name}.{key.field}"
                yield Finding("cascade-not-possible", subject, (("asked", asked),))
    if entity.ttl_seconds is not None:
        yield Finding("purge-job", entity.name, (("seconds", entity.ttl_seconds),))


def _keyed(plan: IndexPlan) -> set[str]:
    return {column for row in plan.indexes for column, _ in row.columns}


def _column_notes(
    engine: Engine, entity: Entity, column: Column, *, keyed: bool
) -> Iterator[Finding]:
    subject, kind = f"{entity.name}.{column.field}", column.type
    if keyed and engine.sized_keys and kind.name in {"text", "bytes"}:
        yield Finding("text-key-length", subject, (("length", TEXT_KEY_LENGTH),))
    real = engine.key == "sqlite" and kind.name == "decimal"
    if real and (kind.precision or 0) > FLOAT_DIGITS and _text(engine, kind) == "REAL":
        yield Finding("decimal-as-float", subject, (("digits", kind.precision or 0),))
    if _unique(entity, column) and engine.key == "sql-server" and kind.family == "text":
        yield Finding("case-insensitive-unique", subject)
    if entity.numbered == column.name != numbered(engine, entity):
        yield Finding("key-not-numbered", subject)


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
    if engine.key == "postgresql":
        limit = fact(engine.key, "index_key_bytes_max") or 0
        yield from _all("text-index-length", _long_texts(model, engine, plans, limit), limit)
    if engine.key == "sql-server":
        yield from _long_keys(model, engine, plans)
    padded = {"sql-server"} if engine.key == "sql-server" else set()
    if engine.key != "sqlite":
        yield from _all("trailing-space", _padded(model, everywhere=bool(padded)))
    for entity in model.in_dependency_order:
        for row in plans[entity.name].indexes:
            if shortened(engine, entity, row):
                most = (key_limit(engine, row) or 0) // engine.character_bytes
                yield Finding("index-prefix", entity.name, (("index", row.name), ("most", most)))
    if engine.key == "mariadb":
        yield from _all("uuid-variant", _given_uuids(model))


def _all(key: str, fields: Iterable[str], limit: int | None = None) -> Iterator[Finding]:
    found = list(fields)
    if found:
        numbers = () if limit is None else (("limit", limit),)
        yield Finding(key, common.several(found), numbers)  # type: ignore[arg-type]


def _long_texts(
    model: DataModel, engine: Engine, plans: Mapping[str, IndexPlan], limit: int
) -> Iterator[str]:
    for entity in model.in_dependency_order:
        for name in sorted(_keyed(plans[entity.name])):
            column = entity.column(name)
            open_ended = column.type.name in {"text", "bytes"}
            if open_ended or key_bytes(engine, column.type) > limit > 0:
                yield f"{entity.name}.{column.field}"


def _long_keys(
    model: DataModel, engine: Engine, plans: Mapping[str, IndexPlan]
) -> Iterator[Finding]:
    for entity in model.in_dependency_order:
        for row in plans[entity.name].indexes:
            limit = key_limit(engine, row)
            size = sum(key_bytes(engine, entity.column(c).type) for c, _ in row.columns)
            if limit is not None and size > limit:
                fields = ", ".join(entity.column(column).field for column, _ in row.columns)
                numbers = (("fields", fields), ("bytes", size), ("limit", limit))
                yield Finding("key-total-length", entity.name, numbers)


def _padded(model: DataModel, *, everywhere: bool) -> Iterator[str]:
    """Unique texts that are equal when they differ in spaces at the end alone."""
    for entity in model.in_dependency_order:
        for column in entity.columns:
            text = column.type.family == "text" and not column.type.values
            if _unique(entity, column) and text and (everywhere or column.type.name == "char"):
                yield f"{entity.name}.{column.field}"


def _given_uuids(model: DataModel) -> Iterator[str]:
    """Identifiers that are written from outside and not made by the store."""
    for entity in model.in_dependency_order:
        for column in entity.columns:
            made = column.reference is not None or column.default is not None
            if column.type.name == "uuid" and not made:
                yield f"{entity.name}.{column.field}"
