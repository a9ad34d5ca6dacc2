"""Everything that the catalog knows of a backend as it is run, by topic, each with its source."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from .. import units
from ..errors import ConductorError
from . import loading
from .backend import Backend, Hosting
from .statements import Citation, Fact, Sourced

# The name of a topic, and the field of a backend that holds its statements.
TOPICS = {
    "limits": "facts",
    "node-classes": "node_classes",
    "guarantees": "capabilities",
    "latency": "latency",
    "durability": "durability",
    "consistency": "consistency",
    "indexes": "indexes",
    "changes": "online_changes",
    "migration-tools": "migration_tools",
    "backup": "backup",
    "load-tests": "load_tests",
    "signals": "signals",
    "security": "security",
    "hosting": "notes",
}
# Fields of a statement that are copied into a shell, and are no Markdown.
COMMANDS = ("backup", "restore", "apply", "revert", "command", "read")
_UNIT_TEXT = {
    "bytes": units.size_text,
    "count": units.number,
    "minutes": units.duration,
    "days": units.days_text,
    "percent": units.percent,
    "GB": units.volume_text,
}
_UNIT_NAME = {"per_second": "per second", "units_per_second": "units per second", "text": ""}
_HEADINGS = ("title", "label", "change", "name", "tool", "key")
_BESIDE = {"source", "hosting", "steps", "unit", *_HEADINGS}


@dataclass(frozen=True)
class Statement:
    """One statement of the catalog.

    Args:
        key: Its key in the catalog; empty where it has none.
        title: What it is about.
        says: Its other fields by name, such as `value` or `safe_way`, as people read them.
        source: Where it was read.
    """

    key: str
    title: str
    says: dict[str, str]
    source: Citation


@dataclass(frozen=True)
class KnownFacts:
    """What is known of a backend at a hosting.

    Args:
        backend: The backend with the facts of that hosting.
        hosting: The hosting.
        topics: The statements by topic; topics without any are left out.
    """

    backend: Backend
    hosting: Hosting
    topics: dict[str, list[Statement]] = field(default_factory=dict)

    def to_data(self) -> dict[str, Any]:
        """Return everything as plain data."""
        return {
            "backend": self.backend.key,
            "name": self.backend.name,
            "hosting": self.hosting.key,
            "topics": {
                topic: [{**asdict(item), "source": _data(item.source)} for item in items]
                for topic, items in self.topics.items()
            },
        }


def known(name: str, topic: str = "", hosting: str = "") -> KnownFacts:
    """Return what the catalog knows of a backend.

    Args:
        name: Key or name of the backend.
        topic: One of `TOPICS`; empty for all.
        hosting: Key or name of a hosting; empty for the first one.

    Raises:
        ConductorError: There is no such backend, topic or hosting; the message names the nearest.
    """
    heading = loading.find(name)
    if heading is None:
        listed = loading.headings()
        raise _unknown("backend", name, [item.key for item in listed], [i.name for i in listed])
    if topic and topic not in TOPICS:
        raise _unknown("topic", topic, list(TOPICS))
    backend = loading.load(heading.key)
    variant = backend.hosting_named(hosting) if hosting else backend.hosting[0]
    if variant is None:
        named = [item.name for item in backend.hosting]
        what = f"hosting of {backend.name}"
        raise _unknown(what, hosting, [item.key for item in backend.hosting], named)
    held = backend.at(variant.key)
    found = {each: list(_statements(held, variant, TOPICS[each])) for each in TOPICS}
    wanted = {each: items for each, items in found.items() if items and topic in ("", each)}
    return KnownFacts(held, variant, wanted)


def _statements(backend: Backend, variant: Hosting, name: str) -> Iterator[Statement]:
    items: Iterable[Sourced] = getattr(variant if name == "notes" else backend, name)
    for item in items:
        data = item.values()
        if isinstance(item, Fact):
            data["value"] = fact_text(item)
        says = {
            name: _text(name, value)
            for name, value in data.items()
            if name not in _BESIDE and value not in (None, "", ())
        }
        title = next(str(data[name]) for name in _HEADINGS if data.get(name))
        key = str(data.get("key", ""))
        yield Statement(key, title.replace("_", " "), says, backend.sources[item.source])


def _data(source: Citation) -> dict[str, str]:
    return {**source.values(), "checked": source.checked.isoformat()}


def _text(name: str, value: Any) -> str:
    if name == "rpo_minutes":
        return units.duration(value)
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def fact_text(fact: Fact) -> str:
    """Return a fact's value with its unit as people read it."""
    if isinstance(fact.value, str):
        return fact.value
    if fact.unit in _UNIT_TEXT:
        return _UNIT_TEXT[fact.unit](fact.value)
    unit = _UNIT_NAME.get(fact.unit, fact.unit.replace("_per_", "/").replace("_", " "))
    return f"{units.number(fact.value)} {unit}".strip()


def _unknown(
    what: str, said: str, keys: Sequence[str], names: Sequence[str] = ()
) -> ConductorError:
    """Return the error for a name that nothing has, with the nearest of those that there are."""
    keyed = dict(zip((*keys, *map(str.casefold, names)), (*keys, *keys), strict=False))
    near = difflib.get_close_matches(said.casefold(), keyed, n=1, cutoff=0.4)
    meant = f"Did you mean {keyed[near[0]]!r}? " if near else ""
    return ConductorError(
        f"unknown {what}: {said!r}", remedy=f"{meant}There are {', '.join(keys)}."
    )
