"""Where it runs: regions, clients and platforms, on both sides of each rule's boundary."""

from __future__ import annotations

import pytest

from storage_conductor.questions.several import Region
from tests.findings_support import Boundary, fact, mechanism, one

SERVER = one(fact("connections_default", 100, "default"))
BOUNDARIES = [
    Boundary(
        "files-on-devices",
        "risk",
        {"use_cases": ("read notes on a server",)},
        {"use_cases": ("read notes on the tablet, also offline",)},
        stores=one(can={"multi_host_writers": "no"}),
    ),
    Boundary(
        "missing-region-roles",
        "missing",
        {"regions": (Region("a", writes=True), Region("b", writes=False))},
        {"regions": (Region("a", writes=True), Region("b"))},
    ),
    Boundary(
        "missing-region-roles",
        "missing",
        {"regions": (Region("a"),)},
        {"regions": (Region("a"), Region("b"))},
    ),
    Boundary(
        "region-conflict",
        "risk",
        {"regions": (Region("a", writes=True), Region("b"))},
        {"regions": (Region("a", writes=True), Region("b", writes=True))},
    ),
    Boundary(
        "region-mechanism",
        "risk",
        {"regions": (Region("a"),)},
        {"regions": (Region("a"), Region("b"))},
        stores=one(backup=(mechanism("copies", "region", "operator"),)),
    ),
    Boundary(
        "region-mechanism",
        "missing",
        {"topology": "stream between both"},
        {"topology": "one writer"},
        base={"regions": (Region("a"), Region("b"))},
        stores=one(backup=(mechanism("stream", "zone", "region"),)),
    ),
    Boundary(
        "region-mechanism",
        "missing",
        {"topology": "two data centres, one in each"},
        {"topology": "two machines, one in each"},
        base={"regions": (Region("a"), Region("b"))},
        stores=one(backup=(mechanism("stream", "region", said=("data centres",)),)),
    ),
    Boundary(
        "client-connections", "risk", {"client_count": 100}, {"client_count": 101}, stores=SERVER
    ),
    Boundary(
        "short-lived-clients",
        "risk",
        {"platform": "Kubernetes"},
        {"platform": "AWS Lambda"},
        stores=SERVER,
    ),
    Boundary(
        "counted-volume",
        "contradiction",
        {"item_count": 300_000},
        {"item_count": 301_000},
        base={"average_item_bytes": 1_000, "initial_data_gb": 0.1},
    ),
    Boundary(
        "counted-volume",
        "contradiction",
        {"item_count": 40_000},
        {"item_count": 30_000},
        base={"average_item_bytes": 1_000, "initial_data_gb": 0.1},
    ),
]


@pytest.mark.parametrize("boundary", BOUNDARIES, ids=str)
def test_the_rule_holds_on_both_sides(boundary: Boundary) -> None:
    boundary.check()
