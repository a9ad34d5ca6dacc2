"""Directory layout and file names for file systems."""

from __future__ import annotations

from collections.abc import Callable

from ..catalog.backend import Backend
from . import common
from .common import Sizes
from .expiry import purge_job
from .model import Column, DataModel
from .objects import body_columns, has_body
from .paths import PathPlan, length_findings, plan_path
from .result import Artifact, Design, Finding, KeyRow
from .rules import cases
from .unindexed import key_rules

_RULES = """\
<aa>, <bb>: first two pairs of hexadecimal digits of the SHA-256 of the first value in the path,
            65,536 directories, so that none grows too large to list.
Names:      percent-encode all but a-z, 0-9, "-" and "_": no name differs from another in case only.
Writing:    write .<name>.<random>.tmp in the same directory, fsync it, rename it to its name, fsync
            the directory: a reader or a crash sees the old file or the new one.
Cleaning:   remove *.tmp files that are older than the longest write.
"""


def directory_design(model: DataModel, backend: Backend, _sizes: Sizes) -> Design:
    """Design one directory for each entity, with two levels of hash directories below."""
    plans = [plan_path(model, entity) for entity in model.in_dependency_order]
    served = {name: way for plan in plans for name, way in plan.served.items()}
    return Design(
        backend=backend.key,
        entities=tuple(
            common.entity_table(plan.entity, backend.key, _role(plan), name=f"{plan.entity.table}/")
            for plan in plans
        ),
        relationships=common.relationships(model, enforced=False),
        diagram="",
        patterns=common.pattern_rows(model, served),
        keys=tuple(_row(plan) for plan in plans),
        findings=tuple(finding for plan in plans for finding in _findings(plan, backend)),
        constraints=cases(model, key_rules(model), lambda _: False),
        artifacts=(_layout(plans, backend.name),),
    )


def _role(plan: PathPlan) -> Callable[[Column], str]:
    body = {column.name for column in body_columns(plan.entity)}

    def role(column: Column) -> str:
        if column.name in plan.segments:
            return "path"
        whole = column.name in body or not has_body(plan.entity)
        return "content" if whole else "record beside the content"

    return role


def _findings(plan: PathPlan, backend: Backend) -> list[Finding]:
    limit = common.fact(backend, "name_bytes_max")
    found = [*plan.findings, *length_findings(plan, limit, encoded=3)]
    return [*found, *purge_job(plan.entity, "the file's own time")]


def _row(plan: PathPlan) -> KeyRow:
    places = [f"<{column}>" for column in plan.segments]
    ending = ".bin" if has_body(plan.entity) else ".json"
    return KeyRow(
        entity=plan.entity.name,
        name="/".join([plan.entity.table, "<aa>", "<bb>", *places]) + ending,
        kind="file",
        partition=plan.segments,
        order=(),
        serves=plan.serves,
        ttl_seconds=plan.entity.ttl_seconds,
    )


def _layout(plans: list[PathPlan], name: str) -> Artifact:
    lines = [f"{name}: one file for each thing; <column> stands for a value.", ""]
    for plan in plans:
        path = _row(plan).name
        lines.append(path)
        if has_body(plan.entity):
            lines.append(f"{path.removesuffix('.bin')}.json    the other fields")
    return Artifact(f"{name}: directories", "text", "\n".join([*lines, "", _RULES]), "layout")
