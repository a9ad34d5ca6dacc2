"""One entry for every backend: from the model to everything that documents print about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import get_args

from ..catalog.backend import Backend
from ..errors import ConductorError
from . import common
from .common import NOTHING_STATED, Sizes
from .er import diagram
from .expressions import default_value
from .hybrid import owners, ownership_findings
from .keyed import KEYED, without_indexes
from .keys import plan_indexes
from .model import DataModel
from .names import PORTABLE_LENGTH, Names
from .placed import answers_places, place_findings
from .result import Design, Finding, Proof
from .rules import cases, rules_of
from .shard_ways import SHARDED
from .tokens import nearest
from .ways import SUMMED, Bucketing, Embedded, Spread, Word

PROOFS: dict[str, Proof] = {
    "postgresql": "server",
    "mariadb": "server",
    "sqlite": "server",
    "mysql": "related-server",
    "sql-server": "grammar",
    "mongodb": "validator",
    "dynamodb": "emulator",
    "cassandra": "grammar",
    "redis": "server",
    "valkey": "related-server",
    "amazon-s3": "emulator",
    "s3-compatible": "emulator",
}
"""What this project's tests run the artifacts of a backend against; else nothing."""

_STRENGTH: tuple[Proof, ...] = (
    "none",
    "grammar",
    "validator",
    "emulator",
    "related-server",
    "server",
)


def design(
    model: DataModel,
    backends: Sequence[Backend],
    sizes: Sizes = NOTHING_STATED,
) -> Design:
    """Derive the design of a model for a backend, or for several that hold it together.

    Args:
        model: The parsed answers.
        backends: The backends as they are run, in the order chosen. One that the catalog lacks gets
            a design without artifacts.
        sizes: What is known beside the model.

    Raises:
        ConductorError: The backend cannot hold the model; all reasons are listed.
    """
    if len(backends) > 1:
        result = _hybrid(model, backends, sizes)
    else:
        (backend,) = backends
        result = _single(model, backend, sizes)
        owned = ((entity.name, backend.key) for entity in model.in_dependency_order)
        result = replace(result, stores=tuple(owned), proof=PROOFS.get(backend.key, "none"))
    order = tuple(entity.name for entity in model.in_dependency_order)
    reached = {name for pattern in model.patterns for name in pattern.operation.atomic}
    kept = (f for f in result.findings if not (f.key == "no-patterns" and f.subject in reached))
    findings = (*kept, *_changes_by_key(model), *_default_findings(model), *_unenforced(result))
    return replace(
        result,
        diagram=diagram(model),
        order=order,
        findings=_gathered(findings),
    )


def _single(model: DataModel, backend: Backend, sizes: Sizes) -> Design:
    """Load only what a backend needs: SQLAlchemy takes longer than everything else here."""
    designer: Callable[[DataModel, Backend, Sizes], Design]
    lost: list[Finding] = []
    if backend.key in KEYED:
        model, lost = without_indexes(model, backend)
    match backend.key:
        case "postgresql" | "mysql" | "mariadb" | "sqlite" | "sql-server":
            from .sql import sql_design as designer
        case "mongodb":
            from .mongodb import mongodb_design as designer
        case "dynamodb":
            from .dynamodb import dynamodb_design as designer
        case "cassandra":
            from .cassandra import cassandra_design as designer
        case "redis" | "valkey" | "memcached":
            from .keyvalue import keyvalue_design as designer
        case "amazon-s3" | "s3-compatible" | "google-cloud-storage" | "azure-blob-storage":
            from .objects import object_design as designer
        case "local-posix" | "nfs" | "amazon-efs":
            from .directories import directory_design as designer
        case _:
            designer = _logical
    _refuse_layouts(model, backend)
    if backend.key != "postgresql" and designer is not _logical:
        _refuse_vectors(model, backend)
    result = designer(model, backend, sizes)
    keyless = [Finding("no-key", entity.name) for entity in model.entities if not entity.key]
    findings = (*keyless, *result.findings, *lost, *place_findings(model, backend))
    result = replace(result, findings=findings)
    return result if answers_places(backend) else _without_places(result, model)


def _without_places(result: Design, model: DataModel) -> Design:
    """A design of a store that finds nothing by a place."""
    asking = {pattern.name for pattern in model.patterns if pattern.place}
    rows = (
        replace(row, served_by="", served_kind="none", cost="scan") if row.name in asking else row
        for row in result.patterns
    )
    return replace(result, patterns=tuple(rows))


def _refuse_layouts(model: DataModel, backend: Backend) -> None:
    """Refuse the choice of a layout where no layouts are compared.

    Raises:
        ConductorError: An entity has one, or a word that no relational store knows.
    """
    chosen = [entity for entity in model.entities if entity.layout]
    if not chosen or backend.key == "dynamodb":
        return
    families: dict[str, tuple[str, ...]] = {
        "relational": get_args(Word),
        "wide_column": get_args(Bucketing),
        "document": (*get_args(Embedded), *SHARDED),
        "posix": get_args(Spread),
    }
    words = families.get(backend.family)
    if words is None:
        raise ConductorError(
            f"entities.{chosen[0].name}._layout: {backend.name} has one layout for an entity",
            remedy="Take `_layout` out: DynamoDB, Cassandra, MongoDB, relational stores and file"
            " systems have several.",
        )
    added = {entity.summary.source for entity in model.entities if entity.summary}
    added |= {pattern.entity for pattern in model.patterns if pattern.aggregates}
    for entity in chosen:
        for word in entity.layout:
            if word not in words:
                problem = f"unknown word `{word}`{nearest(word, words)}"
            elif word in SUMMED and entity.name not in added:
                problem = f"`{word}` is not possible, as no pattern counts or adds up its entries"
            elif word == "partitions" and entity.partition is None:
                problem = f"`{word}` is not possible in {backend.name}"
            else:
                continue
            raise ConductorError(
                f"entities.{entity.name}._layout: {problem}",
                remedy=f"Take `_layout` out, or write one of: {', '.join(words)}.",
            )


def _refuse_vectors(model: DataModel, backend: Backend) -> None:
    """Refuse vectors where no draft is written for them.

    Raises:
        ConductorError: The model has some; all are listed.
    """
    fields = [f"{entity.name}.{column.field} is {column.type}" for entity, column in model.vectors]
    if fields:
        listed = "".join(f"\n  - {field}" for field in fields)
        raise ConductorError(
            f"a draft for {backend.name} has no vectors:{listed}",
            remedy="Keep them in PostgreSQL, in several stores by `_store: postgresql`, or declare"
            " them as `bytes`.",
        )


def _logical(model: DataModel, backend: Backend, _sizes: Sizes) -> Design:
    """Tables and indexes in the model's own words, for a backend that nothing is known about."""
    names = Names(PORTABLE_LENGTH)
    order = model.in_dependency_order
    plans = {entity.name: plan_indexes(model, entity, names) for entity in order}
    rules = [rule for entity in order for rule in rules_of(entity, plans[entity.name], names)]
    served = {name: way for plan in plans.values() for name, way in plan.served.items()}
    findings = [finding for plan in plans.values() for finding in plan.findings]
    return Design(
        backend=backend.key,
        entities=tuple(
            common.entity_table(
                entity,
                backend.key,
                lambda column: str(column.type),
                writes=plans[entity.name].writes,
            )
            for entity in order
        ),
        relationships=common.relationships(model, enforced=False),
        diagram="",
        patterns=common.pattern_rows(model, served),
        indexes=tuple(row for plan in plans.values() for row in plan.indexes),
        findings=(*findings, *common.key_exhaustion(model)),
        constraints=cases(model, rules, lambda _: False),
    )


def _hybrid(model: DataModel, backends: Sequence[Backend], sizes: Sizes) -> Design:
    chosen = owners(model, backends)
    parts = []
    for backend in {backend.key: backend for backend in backends}.values():
        names = frozenset(name for name, owner in chosen.items() if owner == backend.key)
        if names:
            parts.append(_single(model.part(names), backend, sizes))
    place = {entity.name: index for index, entity in enumerate(model.in_dependency_order)}
    named = {pattern.name: index for index, pattern in enumerate(model.patterns)}
    tables = [table for part in parts for table in part.entities]
    relations = [relation for part in parts for relation in part.relationships]
    patterns = [row for part in parts for row in part.patterns]
    findings = [finding for part in parts for finding in part.findings]
    proofs = {PROOFS.get(part.backend, "none") for part in parts}
    return Design(
        backend="hybrid",
        entities=tuple(sorted(tables, key=lambda table: place[table.entity])),
        relationships=tuple(sorted(relations, key=lambda relation: place[relation.entity])),
        diagram="",
        patterns=tuple(sorted(patterns, key=lambda row: named[row.name])),
        indexes=tuple(row for part in parts for row in part.indexes),
        keys=tuple(row for part in parts for row in part.keys),
        findings=(*findings, *ownership_findings(model, backends, chosen)),
        constraints=tuple(case for part in parts for case in part.constraints),
        artifacts=tuple(artifact for part in parts for artifact in part.artifacts),
        layouts=tuple(choice for part in parts for choice in part.layouts),
        units=tuple(units for part in parts for units in part.units),
        sums=tuple(choice for part in parts for choice in part.sums),
        expiries=tuple(choice for part in parts for choice in part.expiries),
        buckets=tuple(choice for part in parts for choice in part.buckets),
        embeds=tuple(choice for part in parts for choice in part.embeds),
        spreads=tuple(choice for part in parts for choice in part.spreads),
        shards=tuple(choice for part in parts for choice in part.shards),
        clustered=any(part.clustered for part in parts),
        stores=tuple((name, chosen[name]) for name in place),
        proof=min(proofs, key=_STRENGTH.index, default="none"),
    )


def _changes_by_key(model: DataModel) -> list[Finding]:
    """Changes whose filter was not said, together."""
    named = [p.name for p in model.patterns if p.read_so and p.changes]
    return [Finding("change-by-key", common.several(named))] if named else []


def _default_findings(model: DataModel) -> list[Finding]:
    """Defaults that a check of their own field refuses, so that every write must give a value."""
    found = []
    for entity in model.in_dependency_order:
        for column in entity.columns:
            default = column.default
            if default is None or default.kind != "literal" or column.type.family == "opaque":
                continue
            row = {column.name: default_value(column.type, default.value)}
            for check in entity.checks:
                if check.rule.columns() == {column.name} and check.rule.holds(row) is False:
                    numbers = (("default", default.value), ("rule", str(check.rule)))
                    subject = f"{entity.name}.{column.field}"
                    found.append(Finding("default-breaks-check", subject, numbers))
    return found


def _gathered(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Each finding once, and one for all entities that nothing reads."""
    unread = [finding.subject for finding in findings if finding.key == "no-patterns"]
    rest = [finding for finding in dict.fromkeys(findings) if finding.key != "no-patterns"]
    if not unread:
        return tuple(rest)
    numbers = (("entities", common.several(unread)), ("count", len(set(unread))))
    return (Finding("no-patterns", "", numbers), *rest)


def _unenforced(result: Design) -> list[Finding]:
    """For each entity, how many of its rules the application has to keep."""
    counts: dict[str, int] = {}
    for case in result.constraints:
        if case.enforced_by == "application":
            counts[case.entity] = counts.get(case.entity, 0) + 1
    return [
        Finding("enforced-in-application", name, (("rules", count),))
        for name, count in counts.items()
    ]
