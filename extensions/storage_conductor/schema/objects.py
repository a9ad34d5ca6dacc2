"""Object keys, metadata and lifecycle rules for object stores."""

from __future__ import annotations

import math
import re
from typing import Any

from ..catalog.backend import Backend
from ..catalog.feature_words import feature_words
from . import common
from .common import Sizes
from .jsontext import readable
from .model import Column, DataModel, Entity
from .paths import PathPlan, length_findings, plan_path
from .result import Artifact, Design, Finding, KeyRow
from .rules import cases
from .unindexed import key_rules

_ABANDONED_DAYS = 7  # an upload in parts that nobody finished is billed until it is removed

_DAY = 86_400


def object_design(model: DataModel, backend: Backend, sizes: Sizes) -> Design:
    """Design one prefix for each entity, and rules for what expires."""
    plans = [plan_path(model, entity) for entity in model.in_dependency_order]
    served = {name: way for plan in plans for name, way in plan.served.items()}
    findings = [finding for plan in plans for finding in plan.findings]
    for plan in plans:
        findings += length_findings(plan, common.fact(backend, "key_bytes_max"), encoded=3)
        findings += _metadata_findings(plan, backend)
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
        findings=tuple(findings),
        constraints=cases(model, key_rules(model), lambda _: False),
        artifacts=_artifacts(plans, backend, sizes.kept_days),
    )


def body_columns(entity: Entity) -> tuple[Column, ...]:
    """The columns that are the object's content."""
    return tuple(column for column in entity.columns if column.type.name == "bytes")


def has_body(entity: Entity) -> bool:
    """Whether an entity is a file, by a field with its bytes or by its name and fields.

    Any other is a JSON record of all its columns.
    """
    if body_columns(entity):
        return True
    known, fields = feature_words(), {column.field for column in entity.columns}
    words = re.findall(r"[a-zà-ÿ]+", entity.table.lower())
    named = {form for word in known.file_names for form in (word, f"{word}s")}
    return bool(named.intersection(words) or fields.intersection(known.file_fields))


def _role(plan: PathPlan) -> Any:
    """A function that says where a column of an entity is kept."""
    body = {column.name for column in body_columns(plan.entity)}

    def role(column: Column) -> str:
        if column.name in plan.segments:
            return "object key"
        if column.name in body or not has_body(plan.entity):
            return "content"
        return "metadata"

    return role


def _metadata(plan: PathPlan) -> list[Column]:
    role = _role(plan)
    return [column for column in plan.entity.columns if role(column) == "metadata"]


def _metadata_findings(plan: PathPlan, backend: Backend) -> list[Finding]:
    limit = common.fact(backend, "metadata_bytes_max")
    if limit is None:
        return []
    found = []
    for column in _metadata(plan):
        unbounded = column.type.name in {"text", "json"}
        longest = (column.type.length or 0) * 4
        if unbounded or longest > limit:
            subject = f"{plan.entity.name}.{column.field}"
            found.append(Finding("metadata-size", subject, (("limit", limit),)))
    return found


def _row(plan: PathPlan) -> KeyRow:
    entity = plan.entity
    places = [f"<{column}>" for column in plan.segments]
    return KeyRow(
        entity=entity.name,
        name="/".join([entity.table, *places]),
        kind="object",
        partition=plan.segments,
        order=(),
        serves=plan.serves,
        ttl_seconds=entity.ttl_seconds,
    )


def _artifacts(plans: list[PathPlan], backend: Backend, kept_days: float) -> tuple[Artifact, ...]:
    name = backend.name
    lines = [f"{name}: object keys; <column> stands for a value, percent-encoded."]
    for plan in plans:
        row = _row(plan)
        content = ", ".join(column.name for column in body_columns(plan.entity))
        whole = "the file itself" if has_body(plan.entity) else "JSON of all fields"
        lines += ["", row.name, f"  content:  {content or whole}"]
        metadata = ", ".join(column.name for column in _metadata(plan))
        if metadata:
            lines.append(f"  metadata: {metadata}")
    blocks = [Artifact(f"{name}: object keys", "text", "\n".join(lines) + "\n", "layout")]
    rules = _lifecycle(plans, backend, kept_days)
    if rules:
        text = readable(rules) + "\n"
        blocks.append(Artifact(f"{name}: lifecycle rules", "json", text, "lifecycle"))
    return tuple(blocks)


def _lifecycle(plans: list[PathPlan], backend: Backend, kept_days: float) -> dict[str, Any] | None:
    """Rules that delete what has expired, in the store's own form; `None` when there are none."""
    expiring = {
        plan.entity.table: -(-plan.entity.ttl_seconds // _DAY)
        for plan in plans
        if plan.entity.ttl_seconds is not None
    }
    if backend.key == "google-cloud-storage":
        return _google_rules(expiring)
    if backend.key == "azure-blob-storage":
        return _azure_rules(expiring)
    abandoned = {
        "ID": "abandoned-uploads",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": _ABANDONED_DAYS},
    }
    rules: list[dict[str, Any]] = [
        {
            "ID": f"expire-{table}",
            "Status": "Enabled",
            "Filter": {"Prefix": f"{table}/"},
            "Expiration": {"Days": days},
            **_noncurrent(backend, kept_days),
        }
        for table, days in expiring.items()
    ]
    if not backend.lacks("lifecycle_abort_uploads"):
        rules.insert(0, abandoned)
    return {"Rules": rules} if rules else None


def _noncurrent(backend: Backend, kept_days: float) -> dict[str, Any]:
    """Let go of what an expiry leaves behind a delete marker, once the bucket keeps versions.

    The stores that speak the same interface do not all take this action, so they get none.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
    """
    days = version_days(backend, kept_days)
    return {"NoncurrentVersionExpiration": {"NoncurrentDays": days}} if days else {}


def version_days(backend: Backend, kept_days: float) -> int | None:
    """How long the drafted rule keeps a version that is no longer current; None without one.

    Versions are the way back of an object, so they stay as long as backups do.
    """
    keeps = backend.key == "amazon-s3" and not backend.lacks("versioning")
    return math.ceil(kept_days) if keeps else None


def _google_rules(expiring: dict[str, int]) -> dict[str, Any]:
    abandoned = {
        "action": {"type": "AbortIncompleteMultipartUpload"},
        "condition": {"age": _ABANDONED_DAYS},
    }
    expired = [
        {"action": {"type": "Delete"}, "condition": {"age": days, "matchesPrefix": [f"{table}/"]}}
        for table, days in expiring.items()
    ]
    return {"rule": [abandoned, *expired]}


def _azure_rules(expiring: dict[str, int]) -> dict[str, Any] | None:
    """Azure removes the parts of an abandoned upload after a week by itself.

    `CONTAINER` is the name of the container, which a prefix begins with there.
    """
    rules = [
        {
            "enabled": True,
            "name": f"expire-{table.replace('_', '-')}",
            "type": "Lifecycle",
            "definition": {
                "filters": {"blobTypes": ["blockBlob"], "prefixMatch": [f"CONTAINER/{table}/"]},
                "actions": {
                    "baseBlob": {"delete": {"daysAfterModificationGreaterThan": days}},
                    # Otherwise what an overwrite leaves outlives the lifetime.
                    "version": {"delete": {"daysAfterCreationGreaterThan": days}},
                },
            },
        }
        for table, days in expiring.items()
    ]
    return {"rules": rules} if rules else None
