"""Findings from the project's standards and from the protection of sensitive data."""

from __future__ import annotations

import pytest

from storage_conductor.findings import Standards, Statement, UnsafeStandard
from tests.findings_support import OBJECTS, Boundary, fact, one

CONCURRENT = {
    "key": "create-index",
    "change": "Add an index",
    "hazard": "It locks.",
    "safe_way": "CREATE INDEX CONCURRENTLY",
    "source": "manual",
}
SHOWN = Standards(unsafe=(UnsafeStandard("concurrent-index-in-transaction", "Migrations"),))
RULE = Standards(unsafe=(UnsafeStandard("one-transaction-rule", "Migrations"),))

STANDARDS = [
    Boundary(
        "standard-rpo",
        "contradiction",
        {"rpo_minutes": 15.0},
        {"rpo_minutes": 16.0},
        standards=Standards(rpo_minutes=Statement(15, "RPO 15 min")),
    ),
    Boundary(
        "standard-rto",
        "contradiction",
        {"rto_minutes": 60.0},
        {"rto_minutes": 61.0},
        standards=Standards(rto_minutes=Statement(60, "RTO 1 h")),
    ),
    Boundary(
        "standard-slow-query",
        "risk",
        {"latency_p99_ms": 100.0},
        {"latency_p99_ms": 99.0},
        standards=Standards(slow_query_ms=Statement(100, ">100ms")),
    ),
    # 1,000/s x 20 ms = 20 connections
    Boundary(
        "standard-pool",
        "risk",
        {"reads_per_second": 1000.0},
        {"reads_per_second": 1001.0},
        base={"latency_p99_ms": 20.0},
        standards=Standards(pool_max=Statement(20, "max: 20")),
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
            {"standards": Standards()},
            {"standards": Standards(unsafe=(UnsafeStandard(key, "Backups"),))},
        )
        for key in (
            "password-on-command-line",
            "interpolated-shell-command",
            "tls-verification-off",
        )
    ),
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
        "locked-objects",
        "risk",
        {"sensitive_data": ("none",)},
        {"sensitive_data": ("pii",)},
        stores=one(**OBJECTS, can={"object_lock": "yes"}),
        base={"retention": "1 year"},
    ),
    Boundary(
        "locked-objects",
        "contradiction",
        {"sensitive_data": ("none",)},
        {"sensitive_data": ("pii",)},
        stores=one(**OBJECTS, can={"object_lock": "yes"}),
        base={"retention": "1 year with Object Lock in compliance mode"},
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
        {"standards": Standards(backup_retention_days=Statement(30, "30 days"))},
        {"standards": Standards(backup_retention_days=Statement(31, "31 days"))},
        base={"sensitive_data": ("pii",)},
    ),
    Boundary(
        "backups-outlive-retention",
        "risk",
        {"retention": "90 days"},
        {"retention": "89 days"},
        base={"sensitive_data": ("pci",)},
        standards=Standards(backup_retention_days=Statement(90, "90 days")),
    ),
]

BOUNDARIES = [*STANDARDS, *PROTECTION]


@pytest.mark.parametrize("boundary", BOUNDARIES, ids=str)
def test_a_rule_is_silent_at_its_boundary_and_finds_what_lies_beyond(boundary: Boundary) -> None:
    boundary.check()
