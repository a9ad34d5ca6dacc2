"""Findings from latency, consistency, durability and availability."""

from __future__ import annotations

import pytest

from tests.findings_support import (
    CACHE,
    KEYED,
    OBJECTS,
    Boundary,
    fact,
    mechanism,
    one,
    pattern,
    store,
    table,
)

ALL = ("item", "node", "zone", "region", "operator", "corruption")
LATENCY = [
    Boundary(
        "latency-floor",
        "risk",
        {"latency_p99_ms": 100.0},
        {"latency_p99_ms": 99.0},
        stores=one(fact("latency_read_floor_ms", 100, "guidance"), **OBJECTS),
    ),
    Boundary(
        "latency-floor",
        "infeasible",
        {"reads_per_second": 0.0},
        {"reads_per_second": 1.0},
        stores=one(fact("latency_read_floor_ms", 100), **OBJECTS),
        base={"latency_p99_ms": 5.0},
    ),
    Boundary(
        "first-byte",
        "risk",
        {"latency_p99_ms": 320.0},
        {"latency_p99_ms": 319.0},
        stores=one(family="object"),
        base={"average_item_bytes": 1_000, "largest_item_bytes": 40_000_000},
    ),
    Boundary(
        "fork-pause",
        "risk",
        {"initial_data_gb": 2.0},
        {"initial_data_gb": 2.1},
        stores=one(fact("fork_ms_per_gb", 10, "guidance"), **CACHE),
        base={"storage_type": "cache", "latency_p99_ms": 20.0},
    ),
]

CONSISTENCY = [
    Boundary(
        "strong-reads",
        "risk",
        {"consistency": "eventual"},
        {"consistency": "strong"},
        stores=one(can={"strong_reads": "partial"}),
    ),
    Boundary(
        "strong-reads",
        "infeasible",
        {"stores": one(can={"strong_reads": "yes"})},
        {"stores": one(can={"strong_reads": "no"})},
        base={"consistency": "read-your-writes"},
    ),
    Boundary(
        "index-reads",
        "infeasible",
        {"access_patterns": [pattern("by id", filter=["id"], consistency="strong")]},
        {"access_patterns": [pattern("by mail", filter=["mail"], consistency="strong")]},
        stores=one(can={"secondary_index_strong_reads": "no"}, **KEYED),
        base=table(mail="text"),
    ),
    Boundary(
        "multi-item-transactions",
        "risk",
        {"entities": {"A": {"id": "uuid pk"}, "B": {"id": "uuid pk"}}},
        {"entities": {"A": {"id": "uuid pk"}, "B": {"id": "uuid pk", "a": "ref A"}}},
        stores=one(can={"multi_item_transactions": "partial"}, **KEYED),
        base={"consistency": "strong"},
    ),
    Boundary(
        "unenforced-rules",
        "risk",
        table(mail="text"),
        table(mail="text unique"),
        stores=one(can={"unique_constraints": "no"}, **KEYED),
    ),
    Boundary(
        "tool-and-references",
        "infeasible",
        {"migration_tool": "Flyway"},
        {"migration_tool": "gh-ost with Skeema"},
        base={"entities": {"A": {"id": "uuid pk"}, "B": {"id": "uuid pk", "a": "ref A"}}},
    ),
    Boundary(
        "between-stores",
        "risk",
        {"stores": (store(name="A"), store(name="B", **CACHE))},
        {"stores": (store(name="A"), store(name="B", **OBJECTS))},
        base={"storage_type": "hybrid", "consistency": "strong"},
    ),
    Boundary(
        "stale-copies",
        "contradiction",
        {"access_patterns": [pattern("show", consistency="eventual")]},
        {"access_patterns": [pattern("show", consistency="strong")]},
        stores=(store(name="A"), store(name="B", **CACHE)),
        base={"storage_type": "hybrid", "entities": {"Row": {"id": "uuid pk", "_store": "b"}}},
    ),
    Boundary(
        "stale-copies",
        "contradiction",
        {"depends_on": ()},
        {"depends_on": ("shop",)},
        stores=one(**CACHE),
        base={
            "storage_type": "cache",
            "entities": {"Row": {"id": "uuid pk"}},
            "access_patterns": [pattern("show", consistency="strong")],
        },
    ),
    Boundary(
        "stale-copies",
        "risk",
        {"stores": (store(name="A"), store(name="B", **OBJECTS))},
        {"stores": (store(name="A"), store(name="B", **CACHE))},
        base={"storage_type": "hybrid", "consistency": "read-your-writes"},
    ),
]

DURABILITY = [
    Boundary(
        "rpo-interval-unknown",
        "risk",
        {"rpo_minutes": 1_440.0},
        {"rpo_minutes": 5.0},
        stores=one(backup=(mechanism("copies", *ALL),)),
    ),
    Boundary(
        "rpo-interval-unknown",
        "risk",
        {"stores": one(backup=(mechanism("copies", "region", "operator", rpo=4),))},
        {"stores": one(backup=(mechanism("copies", "region", "operator"),))},
        base={"rpo_minutes": 5.0},
    ),
    Boundary(
        "replication-loss",
        "infeasible",
        {"rpo_minutes": 0.1},
        {"rpo_minutes": 0.0},
        stores=one(can={"synchronous_replication": "no"}),
    ),
    Boundary(
        "replication-loss",
        "risk",
        {"stores": one(can={"synchronous_replication": "yes"})},
        {"stores": one(can={"synchronous_replication": "partial"})},
        base={"rpo_minutes": 0.0},
    ),
    Boundary(
        "rpo-below-mechanism",
        "risk",
        {"rpo_minutes": 5.0},
        {"rpo_minutes": 4.0},
        stores=one(backup=(mechanism("pitr", *ALL, rpo=5),)),
    ),
    Boundary(
        "rpo-below-mechanism",
        "infeasible",
        {"rpo_minutes": 5.0},
        {"rpo_minutes": 4.0},
        stores=one(fact("pitr_floor_minutes", 5), backup=(mechanism("pitr", *ALL, rpo=5),)),
    ),
    Boundary(
        "rpo-below-mechanism",
        "risk",
        {"stores": one(backup=(mechanism("log", "node", rpo=5), mechanism("standby", "node")))},
        {"stores": one(backup=(mechanism("log", "item", rpo=5), mechanism("dump", "item")))},
        base={"rpo_minutes": 1.0},
    ),
    Boundary(
        "recovery-gap",
        "risk",
        {"stores": one(backup=(mechanism("dump", *ALL),))},
        {"stores": one(backup=(mechanism("dump", *ALL[:3], *ALL[4:]),))},
        base={"rto_minutes": 60.0},
    ),
    Boundary(
        "acknowledged-loss",
        "risk",
        {"rpo_minutes": 60.0},
        {"rpo_minutes": 59.0},
        stores=one(fact("acknowledged_loss_seconds_default", 3600, "default")),
    ),
    Boundary(
        "cache-system-of-record",
        "infeasible",
        {"retention": "90 days"},
        {"retention": "91 days"},
        stores=one(can={"persistence": "no"}, **CACHE),
        base={"storage_type": "cache"},
    ),
    Boundary(
        "cache-system-of-record",
        "risk",
        {},
        {"rpo_minutes": 1.0},
        stores=one(can={"persistence": "partial"}, **CACHE),
        base={"storage_type": "cache"},
    ),
]

# 99.9 % leave 43.83 minutes of a month and 525.96 of a year
AVAILABILITY = [
    Boundary(
        "availability-objective",
        "risk",
        {"availability_percent": 99.95},
        {"availability_percent": 99.96},
        stores=one(fact("availability_percent", 99.95, "design")),
    ),
    # 99.95 % x 99.95 % = 99.900025 %
    Boundary(
        "stores-in-series",
        "risk",
        {"availability_percent": 99.9},
        {"availability_percent": 99.91},
        stores=(
            store(fact("availability_percent", 99.95, "design"), name="A"),
            store(fact("availability_percent", 99.95, "design"), name="B"),
        ),
        base={"storage_type": "hybrid"},
    ),
    Boundary(
        "several-regions",
        "risk",
        {"availability_percent": 99.99},
        {"availability_percent": 99.991},
    ),
    Boundary(
        "automatic-failover",
        "risk",
        {"availability_percent": 99.89},
        {"availability_percent": 99.9},
        stores=one(can={"automatic_failover": "no"}),
    ),
    Boundary(
        "automatic-failover",
        "risk",
        {"stores": one(fact("availability_percent", 99.9), can={"automatic_failover": "partial"})},
        {"stores": one(can={"automatic_failover": "partial"})},
        base={"availability_percent": 99.9},
    ),
    # 99.999 % leave 26.3 s of a month
    Boundary(
        "failover-budget",
        "risk",
        {"stores": one(fact("failover_seconds", 26, "design"))},
        {"stores": one(fact("failover_seconds", 27, "design"))},
        base={"availability_percent": 99.999},
    ),
    Boundary(
        "offline-changes",
        "risk",
        {"availability_percent": 99.94},
        {"availability_percent": 99.95},
        stores=one(can={"online_schema_change": "no"}),
    ),
    Boundary(
        "offline-changes",
        "risk",
        {"availability_percent": 99.98},
        {"availability_percent": 99.99},
        stores=one(can={"online_schema_change": "partial"}),
    ),
    Boundary(
        "recovery-budget",
        "risk",
        {"rto_minutes": 43.0},
        {"rto_minutes": 44.0},
        base={"availability_percent": 99.9},
    ),
    Boundary(
        "recovery-budget",
        "contradiction",
        {"rto_minutes": 43.0},
        {"rto_minutes": 526.0},
        base={"availability_percent": 99.9},
    ),
    # 471.8592 GB in an hour at 125 MiB/s
    Boundary(
        "restore-time",
        "risk",
        {"initial_data_gb": 471.0},
        {"initial_data_gb": 472.0},
        base={"rto_minutes": 60.0},
    ),
    Boundary(
        "restore-time",
        "infeasible",
        {"initial_data_gb": 3.7},
        {"initial_data_gb": 3.8},
        stores=one(
            fact("throughput_mib_per_second_max", 1), fact("throughput_mib_per_second_default", 1)
        ),
        base={"rto_minutes": 60.0},
    ),
    Boundary(
        "restore-time",
        "risk",
        {"rto_minutes": 60.0},
        {"rto_minutes": 59.0},
        stores=one(fact("restore_hours_typical", 1, "guidance"), **KEYED),
    ),
    # 1,800,000 files at 500 a second are an hour; their 18 GB at 100 MiB/s are three minutes.
    Boundary(
        "restore-time",
        "risk",
        {"initial_data_gb": 18.0},
        {"initial_data_gb": 18.1},
        stores=one(
            fact("restore_mib_per_second", 100, "guidance"),
            fact("restore_files_per_second", 500, "guidance"),
            storage_type="file_system",
            family="posix",
        ),
        base={"rto_minutes": 60.0, "average_item_bytes": 10_000},
    ),
]

BOUNDARIES = [*LATENCY, *CONSISTENCY, *DURABILITY, *AVAILABILITY]


@pytest.mark.parametrize("boundary", BOUNDARIES, ids=str)
def test_a_rule_is_silent_at_its_boundary_and_finds_what_lies_beyond(boundary: Boundary) -> None:
    boundary.check()
