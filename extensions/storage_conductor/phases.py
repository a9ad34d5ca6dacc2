"""The eight phases of every plan; their names stay, whatever the storage type."""

from __future__ import annotations

from typing import Literal

PhaseKey = Literal[
    "schema", "migration", "core", "indexing", "integrity", "backup", "testing", "documentation"
]

PHASES: dict[PhaseKey, str] = {
    "schema": "Schema Design",
    "migration": "Migration Setup",
    "core": "Core Storage Implementation",
    "indexing": "Indexing & Optimization",
    "integrity": "Data Integrity",
    "backup": "Backup & Recovery",
    "testing": "Testing",
    "documentation": "Documentation",
}


def phase_number(key: PhaseKey) -> int:
    """Return the number under which the plan lists a phase, from 1."""
    return list(PHASES).index(key) + 1
