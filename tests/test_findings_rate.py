"""Findings from rates: partitions, prefixes, connections, number spaces."""

from __future__ import annotations

import pytest

from tests.findings_support import CACHE, KEYED, OBJECTS, UNITS, Boundary, fact, one

RATE = [
    # 250 writes/s x 4 x 1 unit = 1,000 units
    Boundary(
        "hot-partition",
        "risk",
        {"writes_per_second": 250.0},
        {"writes_per_second": 251.0},
        stores=one(*UNITS, fact("partition_write_units_max", 1000), **KEYED),
        base={"peak_factor": 4.0, "average_item_bytes": 1024},
    ),
    # 3,000 read units: 6,000 eventual reads of 4 KiB, 3,000 strong ones
    Boundary(
        "hot-partition",
        "risk",
        {"consistency": "eventual"},
        {"consistency": "strong"},
        stores=one(*UNITS, fact("partition_read_units_max", 3000), **KEYED),
        base={"reads_per_second": 6000.0, "average_item_bytes": 4096},
    ),
    Boundary(
        "throughput-quota",
        "risk",
        {"writes_per_second": 20_000.0},
        {"writes_per_second": 20_001.0},
        stores=one(*UNITS, fact("table_write_units_quota", 40_000, "quota"), **KEYED),
        base={"average_item_bytes": 1025},
    ),
    Boundary(
        "account-rate",
        "risk",
        {"reads_per_second": 15_000.0},
        {"reads_per_second": 15_001.0},
        stores=one(fact("account_requests_per_second", 20_000, "quota"), **OBJECTS),
        base={"writes_per_second": 5000.0},
    ),
    Boundary(
        "prefix-rate",
        "risk",
        {"writes_per_second": 3500.0},
        {"writes_per_second": 3501.0},
        stores=one(
            fact("writes_per_second_per_prefix", 3500, "guidance"),
            fact("reads_per_second_per_prefix", 5500, "guidance"),
            **OBJECTS,
        ),
        base={"reads_per_second": 5500.0},
    ),
    Boundary(
        "slow-start",
        "risk",
        {"writes_per_second": 1000.0},
        {"writes_per_second": 1001.0},
        stores=one(
            fact("bucket_writes_per_second_initial", 1000, "guidance"),
            fact("ramp_doubling_minutes", 20, "guidance"),
            **OBJECTS,
        ),
    ),
    Boundary(
        "slow-start",
        "risk",
        {"writes_per_second": 4000.0},
        {"writes_per_second": 4001.0},
        stores=one(
            *UNITS,
            fact("new_table_write_units", 4000, "design"),
            fact("ramp_doubling_minutes", 30, "design"),
            **KEYED,
        ),
        base={"average_item_bytes": 1000},
    ),
    Boundary(
        "hot-object",
        "risk",
        {"writes_per_second": 1.0},
        {"writes_per_second": 1.1},
        stores=one(fact("object_writes_per_second", 1), **OBJECTS),
    ),
    Boundary(
        "single-writer",
        "risk",
        {"writes_per_second": 200.0},
        {"writes_per_second": 201.0},
        stores=one(fact("concurrent_writers_max", 1), fact("latency_write_floor_ms", 5, "design")),
    ),
    Boundary(
        "single-writer",
        "risk",
        {"writes_per_second": 1000.0},
        {"writes_per_second": 1001.0},
        stores=one(fact("concurrent_writers_max", 1)),
    ),
    Boundary(
        "commit-rate",
        "risk",
        {"writes_per_second": 750.0},
        {"writes_per_second": 751.0},
        stores=one(fact("iops_default", 3000, "default")),
        base={"peak_factor": 4.0},
    ),
    Boundary(
        "node-rate",
        "risk",
        {"reads_per_second": 180_000.0},
        {"reads_per_second": 180_001.0},
        stores=one(fact("operations_per_second_per_node", 180_000, "guidance"), **CACHE),
    ),
    # 125 MiB/s of 1 MiB items
    Boundary(
        "bandwidth",
        "risk",
        {"reads_per_second": 125.0},
        {"reads_per_second": 126.0},
        stores=one(
            fact("throughput_mib_per_second_default", 125, "default"),
            fact("throughput_mib_per_second_max", 1000),
        ),
        base={"average_item_bytes": 2**20},
    ),
    Boundary(
        "bandwidth",
        "infeasible",
        {"reads_per_second": 1000.0},
        {"reads_per_second": 1001.0},
        stores=one(fact("throughput_mib_per_second_max", 1000)),
        base={"average_item_bytes": 2**20},
    ),
    # 131.072 MB/s are 125 MiB/s; what is stated goes before rate × size
    Boundary(
        "bandwidth",
        "infeasible",
        {"throughput_mb_per_second": 131.0},
        {"throughput_mb_per_second": 131.1},
        stores=one(fact("throughput_mib_per_second_max", 125)),
        base={"average_item_bytes": 2**20, "reads_per_second": 500.0},
    ),
    # (100 - 3) connections at 20 ms carry 4,850/s
    Boundary(
        "connections",
        "risk",
        {"reads_per_second": 4850.0},
        {"reads_per_second": 4851.0},
        stores=one(
            fact("connections_default", 100, "default"), fact("connections_reserved", 3, "default")
        ),
        base={"latency_p99_ms": 20.0},
    ),
    # 200 million ids in 24 h are 2,314.8 writes/s
    Boundary(
        "freeze-cycle",
        "risk",
        {"writes_per_second": 2314.0},
        {"writes_per_second": 2315.0},
        stores=one(
            fact("freeze_age_default", 200_000_000, "default"),
            fact("transaction_id_space", 2**31),
        ),
    ),
]

BOUNDARIES = [
    *RATE,
    # 100/s × 1 MB = 100 MB/s
    Boundary(
        "throughput-against-rates",
        "contradiction",
        {"throughput_mb_per_second": 100},
        {"throughput_mb_per_second": 90},
        base={"reads_per_second": 100.0, "average_item_bytes": 1_000_000.0},
    ),
]


@pytest.mark.parametrize("boundary", BOUNDARIES, ids=str)
def test_a_rule_is_silent_at_its_boundary_and_finds_what_lies_beyond(boundary: Boundary) -> None:
    boundary.check()
