"""Names in the requests of a building block on DynamoDB: keys and items as the draft has them.

A step is a request of the API as YAML: its operation and its parameters. In keys, items and
expressions `:name` stands for a value and `#name` for an attribute, so that the names and values of
expressions need not be listed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..catalog import loading
from ..catalog.backend import Backend
from .block_roles import KeyColumns
from .dynamodb import table_name
from .dynamodb_table import KeyedTable, Variant
from .model import Column, DataModel, Entity

_STORE = "dynamodb"


def tables(model: DataModel) -> list[KeyedTable]:
    """Return the table of each entity, found by the entity's own key."""
    backend = loading.load(_STORE)
    return [_table(model, entity, backend) for entity in model.in_dependency_order]


def _table(model: DataModel, entity: Entity, backend: Backend) -> KeyedTable:
    return KeyedTable(model, entity, table_name(entity, model), backend, Variant())


def request_names(
    model: DataModel, name: str, role_columns: frozenset[str], keys: Mapping[str, KeyColumns]
) -> dict[str, str]:
    """Return what requests about an item of an entity are filled with.

    Args:
        model: The model that has the entity.
        name: The entity.
        role_columns: Its columns that a role says something of.
        keys: Columns of the tables' keys, of entities whose draft has others than their own.

    Returns:
        `table`; `primary`, its key with values named as `:TABLE_COLUMN`, and `own_primary` as
        `:COLUMN`; `is`, the condition of a query for the item of that key, and `own_is` likewise;
        `item` with all that is written at first, and `rest` with what the role says nothing of;
        `ttl`, the attribute with the seconds since 1970 after which an item is deleted; `place`,
        the name of the value that refers to it.
    """
    table = _table(model, model.entity(name), loading.load(_STORE))
    schema = keys.get(name, table.base.schema)
    made = [(table.attribute(columns)[0], columns) for columns in schema if columns]
    own = {column.name: _first(column) for column in table.entity.columns}
    joined = {said: _joined(columns) for said, columns in made if said not in own}
    rest = {said: value for said, value in own.items() if said not in role_columns}
    prefix = f"{table.entity.table}_"
    return {
        "table": table.name,
        "ttl": table.ttl_attribute,
        "place": f"{prefix}{table.entity.key[0]}",
        "primary": _mapping({said: _joined(columns, prefix) for said, columns in made}),
        "own_primary": _mapping({said: _joined(columns) for said, columns in made}),
        "is": " AND ".join(f"#{said} = {_joined(columns, prefix)}" for said, columns in made),
        "own_is": " AND ".join(f"#{said} = {_joined(columns)}" for said, columns in made),
        "item": _mapping({**own, **joined}),
        "rest": "".join(f", {pair}" for pair in _pairs({**rest, **joined})),
    }


def _first(column: Column) -> str:
    """Return what an item has at first: the store itself knows no default."""
    if column.default is None or column.default.kind == "uuid":
        return f":{column.name}"
    if column.default.kind == "now":
        return ":now"
    return column.default.value


def _joined(columns: tuple[str, ...], prefix: str = "") -> str:
    return "#".join(f":{prefix}{column}" for column in columns)


def _mapping(values: Mapping[str, str]) -> str:
    return f"{{{', '.join(_pairs(values))}}}"


def _pairs(values: Mapping[str, str]) -> Iterator[str]:
    for name, value in values.items():
        said = f'"{name}"' if "#" in name else name
        yield f"{said}: {value}" if value.lstrip("-").isdigit() else f'{said}: "{value}"'
