"""Typed, validated access to the catalog: one YAML file a backend, each fact with its source.

A catalog file says what is true of a backend. A fact without a known source does not load. Files
may build on shared ones by `extends`, so that a fact common to several backends is written once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Literal

from .entry import CatalogEntry
from .reading import reject_duplicates
from .statements import (
    BackupMechanism,
    Capability,
    Citation,
    Fact,
    Feature,
    Key,
    LoadTest,
    Measure,
    MigrationTool,
    NodeClass,
    OnlineChange,
    Point,
    Signal,
    Sourced,
    Text,
)
from .tasks import CatalogTask

StorageType = Literal["database", "object_storage", "cache", "file_system"]
Family = Literal[
    "relational", "document", "key_value", "wide_column", "object", "cache", "posix", "unknown"
]


class Hosting(CatalogEntry):
    """A way to run the backend; its facts replace those of the same key."""

    key: Key
    name: Text
    facts: tuple[Fact, ...] = ()
    node_classes: tuple[NodeClass, ...] = ()
    capabilities: tuple[Capability, ...] = ()
    notes: tuple[Point, ...] = ()
    signals: tuple[Signal, ...] = ()
    tasks: tuple[CatalogTask, ...] = ()


class Backend(CatalogEntry):
    """Everything that is known about one backend."""

    name: Text
    storage_type: StorageType
    family: Family
    summary: Text
    key: Key
    sources: Mapping[Key, Citation] = {}
    hosting: tuple[Hosting, ...]
    facts: tuple[Fact, ...] = ()
    node_classes: tuple[NodeClass, ...] = ()
    capabilities: tuple[Capability, ...] = ()
    latency: tuple[Point, ...] = ()
    durability: tuple[Point, ...] = ()
    consistency: tuple[Point, ...] = ()
    indexes: tuple[Point, ...] = ()
    online_changes: tuple[OnlineChange, ...] = ()
    migration_tools: tuple[MigrationTool, ...] = ()
    backup: tuple[BackupMechanism, ...] = ()
    load_tests: tuple[LoadTest, ...] = ()
    signals: tuple[Signal, ...] = ()
    security: tuple[Point, ...] = ()
    tasks: tuple[CatalogTask, ...] = ()

    def check(self) -> None:
        """Make sure that sources and hostings are listed, and each key once."""
        known = {variant.key for variant in self.hosting}
        for owner, statement in self._statements():
            if statement.source not in self.sources:
                raise ValueError(f"{owner}: source {statement.source!r} is not listed in sources")
            if unknown := set(statement.hosting) - known:
                raise ValueError(f"{owner}: unknown hosting {sorted(unknown)}")
        for name in _KEYED:
            reject_duplicates(f"{name}", getattr(self, name))
        reject_duplicates("hosting", self.hosting)

    def _statements(self) -> Iterable[tuple[str, Sourced]]:
        owners: list[tuple[str, Backend | Hosting]] = [("", self)]
        owners += [(f"hosting {variant.key} ", variant) for variant in self.hosting]
        for owner, holder in owners:
            for name in holder.names():
                value = getattr(holder, name)
                if isinstance(value, tuple):
                    for item in value:
                        if isinstance(item, Sourced):
                            yield f"{owner}{name} {getattr(item, 'key', '')}".strip(), item

    def fact(self, key: str) -> Fact | None:
        """Return the fact of that key, or None if the catalog does not know it."""
        return next((fact for fact in self.facts if fact.key == key), None)

    def number(self, key: str) -> float | None:
        """Return the value of a numeric fact in its own unit, or None."""
        fact = self.fact(key)
        return float(fact.value) if fact and not isinstance(fact.value, str) else None

    def capability(self, key: str) -> Capability | None:
        """Return the capability of that key, or None if the catalog does not know it."""
        return next((item for item in self.capabilities if item.key == key), None)

    def lacks(self, key: str) -> bool:
        """Tell whether the catalog says that it cannot do something."""
        capability = self.capability(key)
        return capability is not None and capability.value == "no"

    @property
    def embedded(self) -> bool:
        """Tell whether the data lies on the application's own host, with no server to reach."""
        return self.lacks("multi_host_writers")

    def at(self, hosting: str | None) -> Backend:
        """Return the backend as it is when run that way (hosting key or name; None: as is)."""
        variant = self.hosting_named(hosting) if hosting else None
        if variant is None:
            return self
        held = {name: _holding(getattr(self, name), variant.key) for name in _STATED}
        held["facts"] = _override(held["facts"], variant.facts)
        held["node_classes"] = _override(held["node_classes"], variant.node_classes)
        held["capabilities"] = _override(held["capabilities"], variant.capabilities)
        held["signals"] = _override(held["signals"], variant.signals)
        return self.replace(**held, tasks=_override(self.tasks, variant.tasks))

    def stepped(self, measure: Measure, stated: float) -> Backend:
        """Return the backend as it is under a stated load, in the unit of the measure."""
        facts = tuple(fact.stepped(measure, stated) for fact in self.facts)
        return self.replace(facts=facts)

    def using(self, features: Collection[Feature]) -> Backend:
        """Return the backend without what the use of these features makes untrue."""
        used = set(features)
        kept = {
            name: tuple(item for item in getattr(self, name) if not used & set(item.not_with))
            for name in _STATED
        }
        return self.replace(**kept)

    def is_named(self, name: str) -> bool:
        """Tell whether a name is that of the backend, or its key, in any case."""
        return name.strip().casefold() in (self.key, self.name.casefold())

    def hosting_named(self, name: str) -> Hosting | None:
        """Find a hosting variant by key or by name, in any case.

        Services are sold with the name of the store behind theirs: `Amazon RDS for PostgreSQL`.
        """
        wanted = name.casefold()
        sold = wanted.partition(f" for {self.name.casefold()}")[0]
        variants = ((item, {item.key, item.name.casefold()}) for item in self.hosting)
        return next((item for item, names in variants if names & {wanted, sold}), None)


# The lists of statements, each with its source; the first ones are known by key.
_KEYED_STATEMENTS = (
    "facts",
    "node_classes",
    "capabilities",
    "latency",
    "durability",
    "consistency",
    "indexes",
    "online_changes",
    "backup",
    "signals",
    "security",
)
_STATED = (*_KEYED_STATEMENTS, "migration_tools", "load_tests")
_KEYED = (*_KEYED_STATEMENTS, "tasks")


def _holding(items: Sequence[Any], hosting: str) -> tuple[Any, ...]:
    return tuple(item for item in items if not item.hosting or hosting in item.hosting)


def _override(items: Sequence[Any], newer: Sequence[Any]) -> tuple[Any, ...]:
    by_key = {item.key: item for item in newer}
    kept = [by_key.pop(item.key, item) for item in items]
    return (*kept, *by_key.values())
