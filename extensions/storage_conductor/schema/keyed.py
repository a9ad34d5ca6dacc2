"""Models for stores that find things by keys alone, without indexes that a person asks for."""

from __future__ import annotations

from dataclasses import replace

from ..catalog.backend import Backend
from ..errors import ConductorError
from .model import DataModel
from .needs import folded
from .result import Finding

KEYED = frozenset(
    {
        "dynamodb",
        "cassandra",
        "redis",
        "valkey",
        "memcached",
        "amazon-s3",
        "s3-compatible",
        "google-cloud-storage",
        "azure-blob-storage",
        "local-posix",
        "nfs",
        "amazon-efs",
    }
)
"""Catalog keys of the stores that hold nothing without a key."""


def without_indexes(model: DataModel, backend: Backend) -> tuple[DataModel, list[Finding]]:
    """Fold fixed values into the keys of patterns, and say what such a store cannot do.

    Raises:
        ConductorError: An entity has no key.
    """
    keyless = [entity.name for entity in model.entities if not entity.key]
    if keyless:
        listed = "".join(f"\n  - {name} has no key" for name in keyless)
        raise ConductorError(
            f"{backend.name} cannot hold the data model:{listed}",
            remedy="Mark the fields of a key with `pk`, or choose another backend.",
        )
    findings = []
    patterns = []
    for pattern in model.patterns:
        plain = folded(pattern, lambda _: False)
        if plain.conditions:
            rules = " and ".join(map(str, plain.conditions))
            findings.append(Finding("filter-in-application", pattern.name, (("rules", rules),)))
        if plain.among:
            columns = ", ".join(plain.among)
            findings.append(Finding("read-for-each-value", pattern.name, (("columns", columns),)))
        equal = (*plain.equal, *plain.among)
        patterns.append(replace(plain, equal=equal, among=(), conditions=()))
    for entity in model.entities:
        for index in entity.indexes:
            columns = ", ".join(column for column, _ in index.columns)
            numbers = (("columns", columns), ("unique", "yes" if index.unique else ""))
            findings.append(Finding("index-not-possible", entity.name, numbers))
    entities = tuple(replace(entity, indexes=()) for entity in model.entities)
    return replace(model, entities=entities, patterns=tuple(patterns)), findings
