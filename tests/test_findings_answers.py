"""Findings from the answers alone: contradictions, and what was not given."""

from __future__ import annotations

import pytest

from tests.findings_support import CACHE, KEYED, OBJECTS, Boundary, fact, one, pattern, table

FULL = {"detail": "full"}
CROSS = [
    # 100 writes/s x 1,000 B x 30.44 d = 262.98 GB a month; three times that is 788.94 GB
    Boundary(
        "growth-above-writes",
        "contradiction",
        {"growth_gb_per_month": 788.9},
        {"growth_gb_per_month": 789.0},
        base={"writes_per_second": 100.0, "average_item_bytes": 1000},
    ),
    Boundary(
        "growth-below-writes",
        "contradiction",
        {"growth_gb_per_month": 87.7},
        {"growth_gb_per_month": 87.6},
        base={"writes_per_second": 100.0, "average_item_bytes": 1000},
    ),
    Boundary(
        "growth-below-writes",
        "contradiction",
        {"initial_data_gb": 513.0},
        {"initial_data_gb": 512.0},
        base={
            "retention": "180 days",
            "writes_per_second": 100.0,
            "average_item_bytes": 1000,
            "growth_gb_per_month": 1.0,
        },
    ),
    Boundary(
        "initial-above-retention",
        "contradiction",
        {"initial_data_gb": 120.0},
        {"initial_data_gb": 120.5},
        base={"growth_gb_per_month": 40.0, "retention": "1 month"},
    ),
    Boundary(
        "largest-below-average",
        "contradiction",
        {"largest_item_bytes": 1000},
        {"largest_item_bytes": 999},
        base={"average_item_bytes": 1000},
    ),
    Boundary(
        "item-above-volume",
        "contradiction",
        {"largest_item_bytes": 10**9},
        {"largest_item_bytes": 10**9 + 1},
        base={"initial_data_gb": 1.0},
    ),
    # 1,000 B x 86,400 s = 0.0864 GB a day for each read a second
    Boundary(
        "reads-above-volume",
        "risk",
        {"reads_per_second": 11_574.0},
        {"reads_per_second": 11_575.0},
        base={"average_item_bytes": 1000, "initial_data_gb": 1.0},
    ),
    Boundary(
        "pattern-rates",
        "contradiction",
        {"reads_per_second": 910.0},
        {"reads_per_second": 900.0},
        base={
            **table(),
            "access_patterns": [
                pattern("a", filter=["id"], per_second=700),
                pattern("b", filter=["id"], per_second=300),
            ],
        },
    ),
    Boundary(
        "pattern-consistency",
        "contradiction",
        {"consistency": "strong"},
        {"consistency": "eventual"},
        base={
            **table(),
            "access_patterns": [pattern("a", filter=["id"], consistency="strong")],
        },
    ),
    Boundary(
        "peak-without-rates", "missing", {"reads_per_second": 1.0}, {}, base={"peak_factor": 2.0}
    ),
    Boundary(
        "growing-cache",
        "risk",
        {"retention": "1 day"},
        {},
        stores=one(**CACHE),
        base={"storage_type": "cache", "growth_gb_per_month": 1.0},
    ),
]

MISSING = [
    Boundary("missing-sensitive-data", "missing", {"sensitive_data": ("none",)}, {}),
    Boundary(
        "missing-volume",
        "missing",
        {"growth_gb_per_month": 0.0},
        {},
        base={"initial_data_gb": 1.0},
    ),
    Boundary(
        "missing-recovery",
        "missing",
        {"rto_minutes": 1.0},
        {},
        base={"rpo_minutes": 1.0},
    ),
    Boundary(
        "missing-data-model",
        "missing",
        {"access_patterns": [pattern("a", filter=["id"])]},
        {},
        stores=one(**KEYED),
        base=table(),
    ),
    Boundary(
        "missing-rates",
        "missing",
        {"writes_per_second": 1.0},
        {},
        base={**FULL, "reads_per_second": 1.0},
    ),
    Boundary("missing-peak", "missing", {}, {"reads_per_second": 1.0}, base=FULL),
    Boundary("missing-latency", "missing", {"latency_p99_ms": 5.0}, {}, base=FULL),
    Boundary("missing-availability", "missing", {"availability_percent": 99.0}, {}, base=FULL),
    Boundary("missing-retention", "missing", {"retention": "for ever"}, {}, base=FULL),
    Boundary(
        "missing-consistency",
        "missing",
        {"consistency": "eventual"},
        {},
        stores=one(**KEYED),
        base=FULL,
    ),
    Boundary(
        "missing-largest-item",
        "missing",
        {"largest_item_bytes": 1},
        {},
        stores=one(**OBJECTS),
        base={"storage_type": "object_storage"},
    ),
    Boundary(
        "missing-lifetime",
        "missing",
        {"retention": "15 minutes"},
        {},
        stores=one(**CACHE),
        base={"storage_type": "cache"},
    ),
    Boundary("missing-owner", "missing", {}, {"sensitive_data": ("pii",)}),
    Boundary(
        "vectors-undeclared",
        "missing",
        table(meaning="vector(768)"),
        table(words="text"),
        stores=one(fact("vector_indexed_dimensions_max", 2000)),
        base={"use_cases": ("semantic search in the books",)},
    ),
    Boundary(
        "text-search",
        "risk",
        {"access_patterns": [pattern("rows by their note", filter=["note"])]},
        {"access_patterns": [pattern("rows by a word in their note", filter=["note"])]},
        base=table(note="text"),
    ),
    Boundary(
        "aggregate-read",
        "risk",
        {"entities": {"Row": {"id": "uuid pk", "group": "bool not null", "_count": 200}}},
        {"entities": {"Row": {"id": "uuid pk", "group": "bool not null", "_count": 202}}},
        stores=one(family="key_value"),
        base={
            "access_patterns": [
                {
                    "name": "how many",
                    "entity": "Row",
                    "filter": ["group"],
                    "aggregate": "count",
                    "per_second": 3,
                }
            ]
        },
    ),
    Boundary(
        "place-undeclared",
        "missing",
        {"access_patterns": [pattern("near", filter=["there near"])]} | table(there="point"),
        table(there="point"),
        base={"use_cases": ("find the shops near a place",)},
    ),
    Boundary(
        "backend-unlisted",
        "missing",
        {"stores": one()},
        {"stores": one(family="unknown")},
    ),
    Boundary(
        "backend-unmaintained",
        "risk",
        {"stores": one(can={"maintained": "yes"})},
        {"stores": one(can={"maintained": "no"})},
    ),
]

PEAKS = [
    Boundary(
        "peak-against-average",
        "contradiction",
        {"peak_writes_per_second": 10.0},
        {"peak_writes_per_second": 9.0},
        base={"writes_per_second": 10.0},
    ),
    Boundary(
        "peak-against-average",
        "contradiction",
        {"peak_reads_per_second": 41.0},
        {"peak_reads_per_second": 60.0},
        base={"reads_per_second": 10.0, "peak_factor": 4.0},
    ),
]
BOUNDARIES = [*CROSS, *MISSING, *PEAKS]


@pytest.mark.parametrize("boundary", BOUNDARIES, ids=str)
def test_a_rule_is_silent_at_its_boundary_and_finds_what_lies_beyond(boundary: Boundary) -> None:
    boundary.check()
