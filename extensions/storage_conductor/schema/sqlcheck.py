"""What a SQL store cannot hold, said before any statement is written."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import ConductorError
from .common import fact
from .keys import IndexPlan
from .model import Column, DataModel, Entity
from .result import IndexRow
from .sqltypes import Engine, key_bytes
from .types import FieldType


def check_limits(model: DataModel, engine: Engine, plans: Mapping[str, IndexPlan]) -> None:
    """Compare the model with the store's limits.

    Raises:
        ConductorError: Lists everything that does not fit.
    """
    problems: list[str] = []
    for entity in model.entities:
        rows = plans[entity.name].indexes
        problems += _table_problems(engine, entity, rows)
        problems += _numbering_problems(engine, entity, rows)
        problems += _reference_problems(engine, model, entity)
        for row in rows:
            problems += _index_problems(engine, entity, row)
        for column in entity.columns:
            problems += _column_problems(engine, entity, column)
    if problems:
        listed = "".join(f"\n  - {problem}" for problem in problems)
        raise ConductorError(
            f"{engine.backend.name} cannot hold the data model:{listed}",
            remedy="Change the answer `entities`, or choose another backend.",
        )


def _table_problems(engine: Engine, entity: Entity, rows: tuple[IndexRow, ...]) -> list[str]:
    keyed = {column for row in rows for column, _ in row.columns}
    declared = sum(_row_bytes(engine, column, column.name in keyed) for column in entity.columns)
    measures = (
        ("columns_max", len(entity.columns), "has {} columns; at most {} fit"),
        # The primary key is the table itself where this is limited, and does not count.
        ("indexes_max", len(rows) - bool(entity.key), "needs {} indexes; at most {} fit"),
        (
            "row_server_bytes_max",
            declared,
            "declares rows of {} bytes; at most {} fit: write long `varchar` fields as `text`",
        ),
    )
    problems = []
    for key, value, text in measures:
        limit = fact(engine.backend, key)
        if limit is not None and value > limit:
            problems.append(f"{entity.name} {text.format(value, limit)}")
    return problems


def _row_bytes(engine: Engine, column: Column, keyed: bool) -> int:
    # Kept elsewhere, with a pointer in the row.
    if (column.type.document or column.type.name in {"text", "bytes"}) and not keyed:
        return 12
    return key_bytes(engine, column.type) + 3


def _index_problems(engine: Engine, entity: Entity, row: IndexRow) -> list[str]:
    fields = ", ".join(entity.column(column).field for column, _ in row.columns)
    most = fact(engine.backend, "index_columns_max")
    if most is not None and len(row.columns) > most:
        return [f"{entity.name}: the index on {fields} has more than {most} columns"]
    limit = key_limit(engine, row) if engine.sized_keys else None
    if not _refused(engine, entity, row):
        return []
    kinds = [entity.column(column).type for column, _ in row.columns]
    if engine.key == "sql-server":
        kinds = [kind for kind in kinds if not _variable(kind)]  # these refuse only long values
    size = sum(key_bytes(engine, kind) for kind in kinds)
    if limit is not None and size > limit:
        return [
            f"{entity.name}: the index on {fields} takes {size} bytes; at most {limit} fit:"
            " give its texts a shorter `varchar(n)`"
        ]
    return []


def _refused(engine: Engine, entity: Entity, row: IndexRow) -> bool:
    """Whether a store refuses an index that is too long, and does not hash or shorten it."""
    columns = tuple(column for column, _ in row.columns)
    long = hashed(engine, entity, columns)
    return not long or row.kind == "key" or not (row.unique or shortened(engine, entity, row))


def shortened(engine: Engine, entity: Entity, row: IndexRow) -> bool:
    """Whether a store indexes the beginning of a text alone, as MariaDB does with a long one."""
    columns = tuple(column for column, _ in row.columns)
    return len(columns) == 1 and not row.unique and hashed(engine, entity, columns)


def key_limit(engine: Engine, row: IndexRow) -> int | None:
    """Most bytes of an entry in an index, or `None` where the catalog knows of no limit."""
    limit = fact(engine.backend, "index_key_bytes_max")
    return (fact(engine.backend, "clustered_key_bytes_max") if row.kind == "key" else None) or limit


def _variable(kind: FieldType) -> bool:
    return kind.name == "bytes" or (kind.family == "text" and kind.name != "char")


def hashed(engine: Engine, entity: Entity, columns: tuple[str, ...]) -> bool:
    """Whether a store keeps a unique rule by a hash, as its columns are too long for an index.

    MariaDB does: https://mariadb.com/kb/en/blob/, "Indexing".
    """
    limit = fact(engine.backend, "index_key_bytes_max")
    size = sum(key_bytes(engine, entity.column(column).type) for column in columns)
    return engine.key == "mariadb" and limit is not None and size > limit


def numbered(engine: Engine, entity: Entity) -> str | None:
    """The column that a store counts. MySQL and MariaDB count none that a check mentions."""
    column = entity.numbered
    return None if column and engine.my and entity.checked(column) else column


def _numbering_problems(engine: Engine, entity: Entity, rows: tuple[IndexRow, ...]) -> list[str]:
    column = numbered(engine, entity)
    if column is None or entity.key == (column,):
        return []
    subject = f"{entity.name}.{entity.column(column).field}"
    if engine.key == "sqlite":
        return [f"{subject}: only a key of one field is counted there, so not this `serial`"]
    led = any(row.kind != "index" and row.columns[0][0] == column for row in rows)
    if engine.my and not led:
        return [f"{subject}: a `serial` must lead the key or be `unique` there"]
    return []


def _reference_problems(engine: Engine, model: DataModel, entity: Entity) -> list[str]:
    problems = []
    for key in entity.foreign_keys:
        target = model.entity(key.entity) if key.entity in model else None
        if target is None or key.referenced == target.key:
            continue
        fields = ", ".join(key.referenced)
        subject = f"{entity.name}.{key.field} refers to {target.name}({fields})"
        optional = any(target.column(column).nullable for column in key.referenced)
        if engine.key == "sql-server" and optional:
            problems.append(f"{subject}, which may lack a value: make it `not null` there")
        if hashed(engine, target, key.referenced):
            problems.append(f"{subject}, which is too long for an index: shorten it there")
    return problems


def _column_problems(engine: Engine, entity: Entity, column: Column) -> list[str]:
    subject = f"{entity.name}.{column.field}"
    precision, scale = column.type.precision or 0, column.type.scale or 0
    if precision > engine.digits or scale > engine.scale:
        most = f"decimal({engine.digits},{engine.scale})"
        return [f"{subject} is {column.type}; at most {most} fits"]
    reference = column.reference
    if reference is None or not engine.my or not entity.checked(column.name):
        return []
    changing = {f"on delete {reference.on_delete}", f"on update {reference.on_update}"}
    refused = sorted(changing & {"on delete set null", "on update set null", "on update cascade"})
    return [f"{subject}: a field with `{refused[0]}` cannot be part of a check"] if refused else []


def impossible_cascades(model: DataModel, engine: Engine) -> frozenset[tuple[str, str, str]]:
    """References, as (entity, field, `on_delete` or `on_update`), whose action a store refuses.

    SQL Server allows one path of cascading references between two tables and no circle (error
    1785). Its words leave open whether paths of deletes and of updates count apart; here they
    count together, so that it takes the statements either way. Kept are the first ones in the
    order of the model.
    """
    if engine.key != "sql-server":
        return frozenset()
    below: dict[str, set[str]] = {entity.name: {entity.name} for entity in model.entities}
    above: dict[str, set[str]] = {entity.name: {entity.name} for entity in model.entities}
    lost = set()
    for entity in model.entities:
        for key in entity.foreign_keys:
            actions = {"on_delete": key.on_delete, "on_update": key.on_update}
            changing = [event for event, how in actions.items() if how in {"cascade", "set null"}]
            if key.entity not in model or not changing:
                continue
            sources, targets = above[key.entity], below[entity.name]
            if any(target in below[source] for source in sources for target in targets):
                lost |= {(entity.name, key.field, event) for event in changing}
                continue
            for source in list(sources):
                below[source] |= targets
            for target in list(targets):
                above[target] |= sources
    return frozenset(lost)
