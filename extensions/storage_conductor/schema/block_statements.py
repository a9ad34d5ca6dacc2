"""The statements of a building block for a store: its texts, with the names of the entities in it.

Specifications print what this makes, and proofs run it.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..catalog import loading
from ..catalog.building_blocks import BlockAction, BlockStep, steps_in
from ..wording import fill_lines
from .block_roles import BoundBlock, BoundRole
from .model import DataModel, Entity
from .parse import parse_model

_NOW = {
    "postgresql": "clock_timestamp()",
    "mysql": "UTC_TIMESTAMP(6)",
    "mariadb": "UTC_TIMESTAMP(6)",
    "sqlite": "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')",
}
_LATER = {
    "postgresql": "clock_timestamp() + make_interval(secs => :seconds)",
    "mysql": "UTC_TIMESTAMP(6) + INTERVAL :seconds SECOND",
    "mariadb": "UTC_TIMESTAMP(6) + INTERVAL :seconds SECOND",
    "sqlite": "strftime('%Y-%m-%dT%H:%M:%fZ', 'now', :seconds || ' seconds')",
}
# Headers of a request: the name is free; the content is what was read, and is copied from there.
_S3 = {
    "absent": "If-None-Match: *",
    "same": "If-Match: <etag>",
    "copy_from": "x-amz-copy-source: /<bucket>/",
    "copy_same": "x-amz-copy-source-if-match: <etag>",
}
_REQUESTS = {
    "amazon-s3": _S3,
    "s3-compatible": _S3,
    "google-cloud-storage": {
        "absent": "x-goog-if-generation-match: 0",
        "same": "x-goog-if-generation-match: <generation>",
        "copy_from": "x-goog-copy-source: /<bucket>/",
        "copy_same": "x-goog-copy-source-if-generation-match: <generation>",
    },
    "azure-blob-storage": {
        "absent": "If-None-Match: *",
        "same": "If-Match: <etag>",
        "copy_from": "x-ms-requires-sync: true\nx-ms-copy-source: https://<account>/<container>/",
        "copy_same": "x-ms-source-if-match: <etag>",
    },
    "dynamodb": {
        "begin": "TransactWriteItems:\n  TransactItems:",
        "commit": 'ClientRequestToken: ":token"',
    },
}
_WITHIN = ("- ", "ClientRequestToken")
"""How the parts of a transaction of DynamoDB begin, and its end, which stand deeper in it."""
_WRITES_ITEM = re.compile(r"(Put|Update|Delete)Item:")
_PLAIN = re.compile(r"^(\w+)$")
_ATTRIBUTE = re.compile(r"(\w+) =")
SQL = tuple(_NOW)
"""Keys of the SQL stores that statements are written for."""


@dataclass(frozen=True)
class ReadyStep:
    """A step as it is sent to the store.

    Args:
        step: What is said of it.
        run: Its text; of several statements each ends a line with a semicolon.
        keys: Of a script, its keys.
        by: The name by which its caller is signed in; empty for whoever has made the tables.
    """

    step: BlockStep
    run: str
    keys: tuple[str, ...]
    by: str = ""


@dataclass(frozen=True)
class ReadyAction:
    """An action as it is sent to the store."""

    action: BlockAction
    steps: tuple[ReadyStep, ...]

    @property
    def by(self) -> str:
        """Return the name by which its callers are signed in; empty for who made the tables."""
        return self.steps[0].by if self.steps else ""


def block_model(bound: BoundBlock) -> DataModel:
    """Return the model of all entities, with what the block adds."""
    model = parse_model(bound.entities, [])
    if model is None:
        raise ValueError(f"{bound.block.key} has no roles")
    return model


def ready(
    bound: BoundBlock, model: DataModel, store: str, actions: Sequence[BlockAction]
) -> tuple[ReadyAction, ...]:
    """Return actions with the names of the entities in them.

    Args:
        bound: The block, its roles bound.
        model: From `block_model`.
        store: Key of the store.
        actions: What callers do there.
    """
    values = names(bound, model, store)
    return tuple(
        ReadyAction(
            action, tuple(_ready(step, action.by, values) for step in steps_in(action, store))
        )
        for action in actions
    )


def filled(
    texts: Mapping[str, str], bound: BoundBlock, model: DataModel, store: str
) -> dict[str, str]:
    """Return texts of a realisation with the names of the entities in them."""
    values = names(bound, model, store)
    return {name: fill_lines(text, values) for name, text in texts.items()}


def names(bound: BoundBlock, model: DataModel, store: str) -> dict[str, Any]:
    """Return what the texts of a block are filled with: a mapping for each role, and the time."""
    found: dict[str, Any] = {
        item.role.key: _names_of(item, model, store, bound) for item in bound.roles
    }
    if store in SQL:
        from .guards_sql import begin, once

        found |= {
            "begin": begin(store),
            "once": once(store),
            "skip_locked": "" if store == "sqlite" else " FOR UPDATE SKIP LOCKED",
            "now": _NOW[store],
            "later": _LATER[store],
        }
    return found | _REQUESTS.get(store, {})


def _names_of(item: BoundRole, model: DataModel, store: str, bound: BoundBlock) -> dict[str, str]:
    entity = model.entity(item.entity)
    columns = {column.field: column.name for column in entity.columns}
    own = {field: columns.get(name, name) for field, name in item.names.items()}
    if len(keyed := item.role.key_fields) == 1:
        own[keyed[0]] = entity.key[0]
    said = {"table": entity.table, "changes": item.changes, "content": item.content}
    if store == "dynamodb":
        from .block_requests import request_names

        known = frozenset(own[field] for field in item.role.fields)
        said["changes"] = _ATTRIBUTE.sub(r"#\1 =", item.changes)
        said["content"] = _PLAIN.sub(r"#\1", item.content)
        return {**said, **own, **request_names(model, item.entity, known, bound.keys)}
    if store not in SQL:
        return {**said, **own}
    from .guards import inserted
    from .guards_sql import quoted_names, row_statements

    quoted = quoted_names(store, [entity.table, *own.values()])
    named = dict(zip(own, quoted[1:], strict=True))
    # A role's default is that of its own entity; a given one may have none.
    set_there = {own[field] for field, text in item.role.fields.items() if "default" not in text}
    rest = [column for column in inserted(entity) if column not in set_there]
    said |= {
        "place": f"{entity.table}_{entity.key[0]}" if entity.key else "",
        "rest": "".join(f", {name}" for name in quoted_names(store, rest)),
        "rest_values": "".join(f", :{column}" for column in rest),
    }
    if store == "postgresql":
        said |= {f"{field}_cast": _cast(entity, name) for field, name in own.items()}
    return {**said, "table": quoted[0], **named, **row_statements(model, item.entity, store)}


def _cast(entity: Entity, name: str) -> str:
    """Return what makes a text a value of a column in PostgreSQL; empty where that is a text."""
    from .sqltypes import ENGINES, type_text

    kind = next((column.type for column in entity.columns if column.name == name), None)
    if kind is None or kind.family == "text":
        return ""
    engine = ENGINES["postgresql"](loading.load("postgresql"))
    return f"::{type_text(engine, kind, in_key=False, large=False)}"


def as_part(run: str) -> str:
    """Return a request of DynamoDB that writes one item as a part of a transaction.

    What is none, such as a statement of SQL or a request that reads, is returned as it is.
    """
    head, _, rest = run.partition("\n")
    kind = _WRITES_ITEM.fullmatch(head)
    return f"  - {kind[1]}:\n{textwrap.indent(rest, '    ')}" if kind else run


def _ready(step: BlockStep, by: str, values: dict[str, Any]) -> ReadyStep:
    keys = tuple(fill_lines(key, values) for key in step.keys)
    run = step.run if step.outside else fill_lines(step.run, values)
    if run.startswith(_WITHIN):
        run = textwrap.indent(run, "  ")
    return ReadyStep(step, run, keys, fill_lines(by, values))
