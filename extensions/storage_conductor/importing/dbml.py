"""A file of DBML, read by PyDBML. Language: https://dbml.dbdiagram.io/docs/."""

from __future__ import annotations

import warnings
from typing import Any

from ..errors import ConductorError
from .extra import need
from .found import FoundColumn, FoundIndex, FoundReference, FoundSchema, FoundTable
from .limits import require_readable_dbml


def read(text: str, store: str) -> FoundSchema:
    """Read tables, enums and references.

    Args:
        text: The file.
        store: Catalog key of the store whose types it uses.

    Raises:
        ConductorError: It cannot be read.
    """
    require_readable_dbml(text)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of names in a library below it
            parsed = need("pydbml").PyDBML(text)
    except ConductorError:
        raise
    except Exception as error:
        said = " ".join(str(error).split())[:200]
        raise ConductorError(
            f"is not DBML: {said}", remedy="Correct the file where the message says."
        ) from error
    references: dict[str, list[FoundReference]] = {}
    whole, unsaid = _by_name(parsed.tables)
    for ref in parsed.refs:
        mine, other = ref.col1, ref.col2
        if any(whole[side[0].table.name] is not side[0].table for side in (mine, other)):
            names = f"{mine[0].table.full_name} to {other[0].table.full_name}"
            unsaid.append(f"the reference of {names}")
            continue
        if ref.type == "<":
            mine, other = other, mine
        if ref.type == "<>":
            names = f"{mine[0].table.name} and {other[0].table.name}"
            unsaid.append(f"the many-to-many reference of {names}: give it an entity of its own")
            continue
        found = FoundReference(
            tuple(column.name for column in mine),
            other[0].table.name,
            tuple(column.name for column in other),
            (ref.on_delete or "no action").lower(),
            (ref.on_update or "no action").lower(),
            ref.name or "",
        )
        references.setdefault(mine[0].table.name, []).append(found)
    tables = tuple(_table(each, references.get(each.name, []), store) for each in whole.values())
    if store == "postgresql":
        unsaid += [f"type {enum.name}" for enum in parsed.enums]
    unsaid += [f"table group {group.name}" for group in parsed.table_groups]
    return FoundSchema(store, tables, unsaid=tuple(unsaid)).with_uniques_merged()


def _by_name(tables: list[Any]) -> tuple[dict[str, Any], list[str]]:
    """Return the tables by name, each where it stands first, and a line for the rest."""
    whole: dict[str, Any] = {}
    unsaid = []
    for table in tables:
        name, schema = table.name, table.schema
        if whole.setdefault(name, table) is not table:
            unsaid.append(f"table {table.full_name}, whose name another schema has too")
        elif schema != "public":
            unsaid.append(f"{name}: in the schema {schema}, which the answers do not say")
    return whole, unsaid


def _table(table: Any, references: list[FoundReference], store: str) -> FoundTable:
    key = [column.name for column in table.columns if column.pk]
    uniques = [(column.name,) for column in table.columns if column.unique]
    indexes = []
    for index in table.indexes:
        names = [getattr(subject, "name", str(subject)) for subject in index.subjects]
        special = ["expression" for s in index.subjects if not hasattr(s, "name")]
        if index.type and index.type != "btree":
            special.append(f"using {index.type}")
        columns = tuple((name, "asc") for name in names)
        if index.pk:
            key = names
        else:
            name = index.name or "_".join(names)
            indexes.append(FoundIndex(name, columns, index.unique, special="; ".join(special)))
    return FoundTable(
        name=table.name,
        columns=tuple(_column(column, key, store) for column in table.columns),
        key=tuple(key),
        uniques=tuple(uniques),
        references=tuple(references),
        indexes=tuple(indexes),
        comment=table.note.text if table.note else "",
    )


def _column(column: Any, key: list[str], store: str) -> FoundColumn:
    kind, declared = column.type, ""
    if hasattr(kind, "items"):
        declared = kind.name if store == "postgresql" else ""
        kind = "ENUM({})".format(", ".join(f"'{item.name}'" for item in kind.items))
    default = column.default
    if default is None:
        shown = ""
    elif isinstance(default, bool):
        shown = str(default).lower()
    elif isinstance(default, int | float):
        shown = str(default)
    elif isinstance(default, str):
        shown = "'" + default.replace("'", "''") + "'"
    else:
        shown = str(default.text)  # an expression in backticks
    counted = str(kind).lower() in {"serial", "bigserial", "smallserial"}
    plain = {"serial": "int", "bigserial": "bigint", "smallserial": "smallint"}
    return FoundColumn(
        name=column.name,
        type=plain.get(str(kind).lower(), str(kind)),
        nullable=not (column.not_null or column.name in key),
        default="" if counted else shown,
        numbered=bool(column.autoinc) or counted,
        comment=column.note.text if column.note else "",
        declared=declared,
    )
