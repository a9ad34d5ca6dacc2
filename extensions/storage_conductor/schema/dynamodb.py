"""Tables and global secondary indexes for DynamoDB: a table an entity, an index a question."""

from __future__ import annotations

from ..catalog.backend import Backend
from . import common
from .common import Sizes
from .dynamodb_costs import hot_keys
from .dynamodb_layouts import chosen
from .dynamodb_table import NAME_LENGTH, KeyedTable, attribute_type
from .dynamodb_units import pattern_units
from .jsontext import readable
from .model import DataModel, Entity
from .names import Names
from .result import Artifact, Design, LayoutChoice
from .rules import cases
from .unindexed import key_rules

_RESTORABLE = (
    "update-continuous-backups --table-name $table"
    " --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true"
)


def dynamodb_design(model: DataModel, backend: Backend, sizes: Sizes) -> Design:
    """Design a table for each entity, in the layout that serves its load best.

    Raises:
        ConductorError: A layout that a person chose cannot be had.
    """
    laid_out = layouts(model, backend, sizes)
    tables = [table for table, _ in laid_out]
    for table in tables:
        table.findings += hot_keys(model, table, backend, sizes)
    served = {name: way for table in tables for name, way in table.served.items()}
    own = {table.entity.name for table in tables if table.variant.key == "own key"}
    rules = key_rules(model)
    return Design(
        backend=backend.key,
        entities=tuple(
            common.entity_table(
                table.entity,
                "dynamodb",
                attribute_type,
                name=table.name,
                writes=1 + len(table.indexes),
            )
            for table in tables
        ),
        relationships=common.relationships(model, enforced=False),
        diagram="",
        patterns=common.pattern_rows(model, served),
        keys=tuple(row for table in tables for row in table.rows()),
        findings=tuple(
            [finding for table in tables for finding in table.findings]
            + [*common.key_exhaustion(model)]
        ),
        constraints=cases(
            model, rules, lambda rule: rule.kind == "key" and rule.entity.name in own
        ),
        artifacts=_artifacts(tables),
        layouts=tuple(choice for _, choice in laid_out if choice is not None),
        units=tuple(pattern_units(model, tables, backend, sizes)),
    )


def layouts(
    model: DataModel, backend: Backend, sizes: Sizes
) -> list[tuple[KeyedTable, LayoutChoice | None]]:
    """Choose a table for each entity, with the comparison if there was one.

    Raises:
        ConductorError: A layout that a person chose cannot be had.
    """
    return [
        chosen(model, entity, table_name(entity, model), backend, sizes)
        for entity in model.in_dependency_order
    ]


def table_name(entity: Entity, model: DataModel) -> str:
    """Return the name of an entity's table, which has three characters at least."""
    if len(entity.table) > 2:
        return entity.table
    return Names(NAME_LENGTH, frozenset(it.table for it in model.entities)).make(
        entity.table, "table"
    )


def _artifacts(tables: list[KeyedTable]) -> tuple[Artifact, ...]:
    definitions = readable([table.definition() for table in tables])
    drops = _each(
        [table.name for table in reversed(tables)],
        "update-table --table-name $table --no-deletion-protection-enabled",
        "delete-table --table-name $table",
    )
    lines = _each([table.name for table in tables], _RESTORABLE)
    lines += [
        f"aws dynamodb update-time-to-live --table-name {table.name}"
        f" --time-to-live-specification Enabled=true,AttributeName={table.ttl_attribute}"
        for table in tables
        if table.entity.ttl_seconds is not None
    ]
    return (
        Artifact("DynamoDB: CreateTable inputs", "json", definitions + "\n", "schema"),
        Artifact("DynamoDB: rollback", "bash", "\n".join(drops) + "\n", "rollback"),
        Artifact("DynamoDB: once a table is there", "bash", "\n".join(lines) + "\n", "lifecycle"),
    )


def _each(tables: list[str], *commands: str) -> list[str]:
    """Return commands that run for each table; its name has no character that a shell reads."""
    if len(tables) == 1:
        return [f"aws dynamodb {command.replace('$table', tables[0])}" for command in commands]
    body = [f"  aws dynamodb {command}" for command in commands]
    return [f"for table in {' '.join(tables)}; do", *body, "done"]
