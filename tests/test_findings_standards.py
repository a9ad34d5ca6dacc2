"""Findings from the project's standards and from the protection of sensitive data."""

from __future__ import annotations

import pytest

from storage_conductor.findings import Demand, Demands, UnsafeGuidance
from tests.findings_support import OBJECTS, Boundary, fact, one

CONCURRENT = {
    "key": "create-index",
    "change": "Add an index",
    "hazard": "It locks.",
    "safe_way": "CREATE INDEX CONCURRENTLY",
    "source": "manual",
}
SHOWN = Demands(unsafe=(UnsafeGuidance("concurrent-index-in-transaction", "Migrations"),))
RULE = Demands(unsafe=(UnsafeGuidance("one-transaction-rule", "Migrations"),))

STANDARDS = [
    Boundary(
        "standard-rpo",
        "contradiction",
        {"rpo_minutes": 15.0},
        {"rpo_minutes": 16.0},
        standards=Demands(rpo_minutes=Demand(15, "RPO 15 min")),
    ),
    Boundary(
        "standard-rto",
        "contradiction",
        {"rto_minutes": 60.0},
        {"rto_minutes": 61.0},
        standards=Demands(rto_minutes=Demand(60, "RTO 1 h")),
    ),
    Boundary(
        "standard-slow-query",
        "risk",
        {"latency_p99_ms": 100.0},
        {"latency_p99_ms": 99.0},
        standards=Demands(slow_query_ms=Demand(100, ">100ms")),
    ),
    # 1,000/s x 20 ms = 20 connections
    Boundary(
        "standard-pool",
        "risk",
        {"reads_per_second": 1000.0},
        {"reads_per_second": 1001.0},
        base={"latency_p99_ms": 20.0},
        standards=Demands(pool_max=Demand(20, "max: 20")),
    ),
    Boundary(
        "standard-concurrent-index-in-transaction",
        "risk",
        {"stores": one()},
        {"stores": one(online_changes=(CONCURRENT,))},
        standards=SHOWN,
    ),
    Boundary(
        "standard-one-transaction-rule",
        "risk",
        {"stores": one()},
        {"stores": one(online_changes=(CONCURRENT,))},
        standards=RULE,
    ),
    *(
        Boundary(
            f"standard-{key}",
            "risk",
            {"standards": Demands()},
            {"standards": Demands(unsafe=(UnsafeGuidance(key, "Backups"),))},
        )
        for key in (
            "password-on-command-line",
            "interpolated-shell-command",
            "tls-verification-off",
        )
    ),
]

OF_BACKUPS = Demands(unsafe=(UnsafeGuidance("interpolated-shell-command", "Restoring"),))
CACHED = [
    Boundary(
        "standard-interpolated-shell-command",
        "risk",
        {},
        {"rpo_minutes": 5},
        stores=one(storage_type="cache"),
        standards=OF_BACKUPS,
    )
]

PROTECTION = [
    Boundary(
        "retention-erasure",
        "contradiction",
        {"retention": "30 days"},
        {"retention": "31 days"},
        base={"sensitive_data": ("pii",)},
    ),
    Boundary(
        "retention-erasure",
        "contradiction",
        {"sensitive_data": ("secrets",)},
        {"sensitive_data": ("phi",)},
        base={"retention": "7 years"},
    ),
    Boundary(
        "retention-erasure",
        "contradiction",
        {"entities": {"Row": {"id": "int pk", "_lifetime": "30 days"}}},
        {"entities": {"Row": {"id": "int pk", "_lifetime": "31 days"}}},
        base={"sensitive_data": ("pii",)},
    ),
    Boundary(
        "retention-erasure",
        "contradiction",
        {"entities": {"Row": {"id": "int pk", "_ttl": "90 days", "_erase": "all fields"}}},
        {"entities": {"Row": {"id": "int pk", "_ttl": "90 days"}}},
        base={"sensitive_data": ("pii",)},
    ),
    Boundary(
        "rows-written-once",
        "risk",
        {"use_cases": ("keep what was added",)},
        {"use_cases": ("keep what was added immutable",)},
        base={
            "entities": {"Entry": {"id": "uuid pk"}},
            "access_patterns": [{"name": "add", "entity": "Entry", "kind": "write"}],
        },
    ),
    Boundary(
        "locked-objects",
        "risk",
        {"sensitive_data": ("none",)},
        {"sensitive_data": ("pii",)},
        stores=one(**OBJECTS, can={"object_lock": "yes"}),
        base={"retention": "1 year"},
    ),
    Boundary(
        "locked-objects",
        "risk",
        {"entities": {"File": {"id": "uuid pk", "_lifetime": "until taken down"}}},
        {"entities": {"File": {"id": "uuid pk", "_lifetime": "10 years after the visit"}}},
        stores=one(**OBJECTS, can={"object_lock": "yes"}),
        base={"sensitive_data": ("pii",)},
    ),
    Boundary(
        "locked-objects",
        "contradiction",
        {"sensitive_data": ("none",)},
        {"sensitive_data": ("pii",)},
        stores=one(**OBJECTS, can={"object_lock": "yes"}),
        base={"retention": "1 year with Object Lock in compliance mode"},
    ),
    Boundary(
        "held-back",
        "contradiction",
        {"use_cases": ("release a seat",)},
        {"use_cases": ("release a legal hold",)},
        stores=one(**OBJECTS, can={"object_lock": "yes"}),
        base={"sensitive_data": ("pii",)},
    ),
    Boundary(
        "open-by-default",
        "risk",
        {"stores": one(can={"encryption_in_transit_default": "yes"})},
        {"stores": one(can={"encryption_in_transit_default": "no"})},
        base={"sensitive_data": ("confidential",)},
    ),
    # 48 h are a twentieth of 40 days
    Boundary(
        "ttl-deadline",
        "risk",
        {"retention": "40 days"},
        {"retention": "39 days"},
        stores=one(fact("ttl_delay_hours", 48, "guidance")),
    ),
    Boundary(
        "ttl-deadline",
        "infeasible",
        {"retention": "40 days"},
        {"retention": "1 day"},
        stores=one(fact("ttl_delay_hours", 48)),
    ),
    Boundary(
        "physical-deletion",
        "risk",
        {"stores": one(fact("tombstone_grace_days", 1.5, "default"))},
        {"stores": one(fact("tombstone_grace_days", 1.6, "default"))},
        base={"sensitive_data": ("pii",)},
    ),
    Boundary(
        "ttl-too-long",
        "infeasible",
        {"retention": "30 days"},
        {"retention": "31 days"},
        stores=one(fact("ttl_seconds_relative_max", 2_592_000)),
    ),
    Boundary(
        "open-by-default",
        "risk",
        {"stores": one(can={"authentication_default": "partial"})},
        {"stores": one(can={"authentication_default": "no"})},
        base={"sensitive_data": ("pii",)},
    ),
    Boundary(
        "open-by-default",
        "risk",
        {"stores": one(can={"encryption_at_rest_default": "yes"})},
        {"stores": one(can={"encryption_at_rest_default": "partial"})},
        base={"sensitive_data": ("secrets",)},
    ),
    Boundary("card-data", "risk", {"sensitive_data": ("pii",)}, {"sensitive_data": ("pci",)}),
    Boundary(
        "stored-secrets", "risk", {"sensitive_data": ("pii",)}, {"sensitive_data": ("secrets",)}
    ),
    Boundary(
        "backups-outlive-erasure",
        "risk",
        {"standards": Demands(backup_retention_days=Demand(29, "29 days"))},
        {"standards": Demands(backup_retention_days=Demand(30, "30 days"))},
        base={"sensitive_data": ("pii",)},
    ),
    Boundary(
        "backups-outlive-retention",
        "risk",
        {"retention": "90 days"},
        {"retention": "89 days"},
        base={"sensitive_data": ("pci",)},
        standards=Demands(backup_retention_days=Demand(90, "90 days")),
    ),
]

BOUNDARIES = [*STANDARDS, *CACHED, *PROTECTION]


@pytest.mark.parametrize("boundary", BOUNDARIES, ids=str)
def test_a_rule_is_silent_at_its_boundary_and_finds_what_lies_beyond(boundary: Boundary) -> None:
    boundary.check()
