"""Readers of a rendered track that look for impossible actions and for lost answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from storage_conductor import units
from tests.specification_reading import Rendered


def impossible_actions(page: Rendered, answers: Mapping[str, Any]) -> Iterator[str]:
    """Find an action that the store or its hosting does not have."""
    if len(page.track.component.stores) > 1:
        return
    store = page.track.component.stores[0]
    text = page.spec.partition("\n## Requirements\n")[2] + page.plan
    keyed = store.backend.family not in ("relational", "document", "unknown")
    born = any(key.startswith("D-born-in-cache") for key in page.decisions)
    absent = {
        "no query plan": (keyed, r"query plan|EXPLAIN|plan of each frequent query"),
        "no connection for each statement": (keyed, r"starting with \d+ connections"),
        "no source": (born, r"source behind|from the source|reach the source|load on the source"),
        "no migration of a schema": (
            store.backend.storage_type in ("cache", "object_storage", "file_system"),
            r"migrated to the newest version|Write the first migration",
        ),
        "no index to create": (
            store.backend.storage_type in ("cache", "object_storage", "file_system"),
            r"Create the indexes of",
        ),
        "no node": (store.nodeless or store.serverless, r"node in use is killed|made to fail over"),
        "no failover": (
            store.managed and store.backend.lacks("automatic_failover"),
            r"made to fail over|Force a failover",
        ),
        "no migration": (
            store.backend.storage_type != "database",
            r"\*\*A-migration\*\*|goes to the newest version",
        ),
        "no duration": (
            not page.track.component.stated.retention_days,
            r"one day over its time|past its time is gone",
        ),
    }
    for name, (applies, pattern) in absent.items():
        found = re.search(pattern, text)
        if applies and found:
            yield f"{name}, and yet: {found[0]}"


_AFTER = {
    "reads_per_second": "(?:/s| reads)",
    "writes_per_second": "(?:/s| writes)",
    "peak_factor": r"(?: times|\)| is stated|/s| =|;)",
    "latency_p99_ms": " ms",
}


def lost_statements(page: Rendered, answers: Mapping[str, Any]) -> Iterator[str]:
    """Find a note, or something that is left open, that appears nowhere in the specification."""
    text = " ".join(page.spec.split())
    for note in answers.get("notes", ()):
        said = next(iter(note.values())) if isinstance(note, Mapping) else note
        if f"- {said}" not in text:
            yield f"the note {said} appears nowhere"
    for options in answers.get("alternatives", {}).values():
        if lacking := [name for name in options if name not in text]:
            yield f"what is open appears nowhere: {lacking}"


def lost_answers(page: Rendered, answers: Mapping[str, Any]) -> Iterator[str]:
    """Find a stated answer that appears nowhere in the specification."""
    shown: dict[str, Callable[[Any], str]] = {
        "description": str,
        "scalability": str,
        "affected_users": str,
        "retention": str,
        "hosting": str,
        "migration_tool": str,
        "topology": str,
        "platform": str,
        "infrastructure_code": str,
        "client_library": str,
        "throughput_mb_per_second": units.number,
        "metadata_operations_per_second": units.number,
        "client_count": units.number,
        "item_count": units.number,
        "reads_per_second": units.number,
        "writes_per_second": units.number,
        "peak_factor": units.number,
        "latency_p99_ms": units.number,
        "availability_percent": units.percent,
        "average_item_bytes": units.size_text,
        "largest_item_bytes": units.size_text,
        "initial_data_gb": units.volume_text,
        "growth_gb_per_month": units.volume_text,
        "rpo_minutes": units.duration,
        "rto_minutes": units.duration,
    }
    text = " ".join(page.spec.replace("\n> ", " ").split())
    for name, form in shown.items():
        value = answers.get(name)
        value = " ".join(value.split()) if isinstance(value, str) else value
        if value in (None, ""):
            continue
        pattern = rf"(?<![\d.,]){re.escape(form(value))}{_AFTER.get(name, '')}(?![\d]|[.,]\d)"
        words = "no acknowledged write" if (name, value) == ("rpo_minutes", 0) else form(value)
        if words not in text and not re.search(pattern, text, re.IGNORECASE):
            yield f"{name} {form(value)} appears nowhere"
    for name in answers.get("entities") or {}:
        if name not in text:
            yield f"the entity {name} appears nowhere"
    for pattern in answers.get("access_patterns") or ():
        if pattern["name"] not in text:
            yield f"the access pattern {pattern['name']} appears nowhere"
    for use in answers.get("use_cases", ()):
        if use not in text:
            yield f"the use case {use} appears nowhere"
