"""Rows beside which another store holds the files do not have the size of an average file."""

from __future__ import annotations

from typing import Any

from storage_conductor.component.track import Track
from tests.spec_rendering import rendered, track_of

GIVEN: dict[str, Any] = {
    "storage_type": "hybrid",
    "backends": ["PostgreSQL", "Azure Blob Storage"],
    "hosting": "PostgreSQL: Azure Database, Azure Blob Storage: Azure ZRS",
    "reads_per_second": 400,
    "writes_per_second": 10,
    "average_item_bytes": 6_000_000,
    "growth_gb_per_month": 420,
    "entities": {
        "Record": {"id": "uuid pk", "name": "varchar(80) not null", "_count": "3 million"},
        "Scan": {"id": "uuid pk", "content": "bytes not null", "_store": "azure-blob-storage"},
    },
    "access_patterns": [
        {"name": "record it", "entity": "Record", "kind": "write", "per_second": 9.97},
        {"name": "store the scan", "entity": "Scan", "kind": "write", "per_second": 0.03},
    ],
}


def made() -> Track:
    return track_of(GIVEN)


def test_a_row_has_the_size_of_its_types_and_no_bandwidth_of_files() -> None:
    """Three million rows of 6 MB were 18 TB in PostgreSQL, whose disk was to move them all."""
    spec = rendered(made(), "spec.md")
    assert "| Record | `record` | PostgreSQL | 93 B + 41 B in 1 | 3,000,000, 401 MB |" in spec
    assert "D-bandwidth-postgresql" not in spec


def test_what_the_patterns_insert_is_counted_with_the_size_of_each() -> None:
    load = made().component.load
    assert load.intake_text.startswith("(9.97/s × 57 B + 0.03/s × 6 MB) × 86,400 s")
    assert "D-growth-below-writes" not in rendered(made(), "spec.md")
