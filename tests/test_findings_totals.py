"""Findings where a total does not fit its parts, or an objective leaves no room."""

from __future__ import annotations

import pytest

from storage_conductor.findings import Demand, Demands
from tests.findings_support import Boundary, fact, mechanism, one, pattern, table

BOUNDARIES = [
    Boundary(
        "patterns-below-total",
        "contradiction",
        {"reads_per_second": 300.0},
        {"reads_per_second": 301.0},
        base={
            **table(),
            "access_patterns": [
                pattern("a", filter=["id"], per_second=70),
                pattern("b", filter=["id"], per_second=30),
            ],
        },
    ),
    # 100 writes/s x 1,000 B x 86,400 s x 10 d = 86.4 GB; a third of it is 28.8 GB
    Boundary(
        "items-against-retention",
        "contradiction",
        {"initial_data_gb": 28.8},
        {"initial_data_gb": 28.7},
        base={
            "writes_per_second": 100.0,
            "average_item_bytes": 1000,
            "retention": "10 days",
        },
    ),
    Boundary(
        "items-against-retention",
        "contradiction",
        {"initial_data_gb": 259.2},
        {"initial_data_gb": 259.3},
        base={
            "writes_per_second": 100.0,
            "average_item_bytes": 1000,
            "retention": "10 days",
        },
    ),
    Boundary(
        "rpo-without-margin",
        "risk",
        {"rpo_minutes": 6.0},
        {"rpo_minutes": 5.0},
        stores=one(backup=(mechanism("log", "operator", rpo=5),)),
    ),
    Boundary(
        "standard-slow-floor",
        "risk",
        {"standards": Demands(slow_query_ms=Demand(50, "50 ms"))},
        {"standards": Demands(slow_query_ms=Demand(49, "49 ms"))},
        stores=one(fact("latency_read_floor_ms", 50, "design")),
    ),
]


@pytest.mark.parametrize("boundary", BOUNDARIES, ids=str)
def test_a_rule_is_silent_at_its_boundary_and_finds_what_lies_beyond(boundary: Boundary) -> None:
    boundary.check()
