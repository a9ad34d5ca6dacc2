"""Features that free text asks for at once and that do not go together."""

from __future__ import annotations

import pytest

from storage_conductor.findings import Demand, Demands
from storage_conductor.findings.features import said, said_days
from tests.findings_support import CACHE, OBJECTS, Boundary, fact, one, table
from tests.findings_support import said as answers
from tests.specification_reading import render

LOCK = "Kept under object lock"
TWO = {
    "entities": {"A": {"id": "bigint pk"}, "B": {"id": "bigint pk"}},
}
BOUNDARIES = [
    Boundary(
        "lock-against-restore",
        "infeasible",
        {"scalability": f"{LOCK}."},
        {"scalability": f"{LOCK}, with point-in-time restore."},
        stores=one(can={"pitr_with_object_lock": "no"}, **OBJECTS),
    ),
    Boundary(
        "lock-against-soft-delete",
        "contradiction",
        {"retention": "object lock, without soft delete"},
        {"retention": "object lock and soft delete"},
        stores=one(can={"object_lock": "yes"}, **OBJECTS),
    ),
    Boundary(
        "vault-against-destroyed-keys",
        "contradiction",
        {"retention": "erased by crypto-shredding; backups are kept"},
        {"retention": "erased by crypto-shredding; backups lie in a backup vault"},
    ),
    Boundary(
        "durable-against-global",
        "infeasible",
        {"rpo_minutes": 1.0},
        {"rpo_minutes": 0.0},
        stores=one(can={"durable_across_regions": "no"}),
        base={"scalability": "a global datastore in two regions"},
    ),
    Boundary(
        "strong-across-regions",
        "risk",
        {"consistency": "eventual"},
        {"consistency": "strong"},
        stores=one(can={"strong_across_regions": "partial"}),
        base={"scalability": "active-active"},
    ),
    # 50,000 blocks in 36 months are 1 append in 1,893 s
    Boundary(
        "append-blocks",
        "risk",
        {"writes_per_second": 0.00052},
        {"writes_per_second": 0.00053},
        stores=one(fact("append_blocks_max", 50_000), **OBJECTS),
        base={"use_cases": ("write the log to append blobs",)},
    ),
    Boundary(
        "append-against-restore",
        "infeasible",
        {"use_cases": ("write the log to block blobs",)},
        {"use_cases": ("write the log to append blobs",)},
        stores=one(can={"pitr_of_appends": "no"}, **OBJECTS),
        base={"rpo_minutes": 60.0},
    ),
    Boundary(
        "serializable-on-replicas",
        "infeasible",
        {"scalability": "read replicas"},
        {"scalability": "serializable transactions and read replicas"},
        stores=one(can={"serializable_on_replicas": "no"}),
    ),
    Boundary(
        "sharding-against-unique",
        "infeasible",
        {"scalability": "without any sharding"},
        {"scalability": "sharding by customer"},
        stores=one(can={"unique_across_shards": "no"}),
        base=table(email="text unique"),
    ),
    Boundary(
        "sharding-against-transactions",
        "risk",
        {"access_patterns": [{"name": "a", "entity": "A", "kind": "write", "atomic": ["A"]}]},
        {"access_patterns": [{"name": "a", "entity": "A", "kind": "write", "atomic": ["B"]}]},
        stores=one(can={"cross_partition_transactions": "partial"}),
        base={"scalability": "shards", **TWO},
    ),
    Boundary(
        "eviction-of-kept",
        "contradiction",
        {"retention": "90 days, allkeys-lru"},
        {"retention": "91 days, allkeys-lru"},
        stores=one(**CACHE),
    ),
    Boundary(
        "eviction-of-kept",
        "contradiction",
        {},
        {"rpo_minutes": 5.0},
        stores=one(**CACHE),
        base={"scalability": "the least used goes: allkeys-lfu"},
    ),
    Boundary(
        "expired-on-disk",
        "risk",
        {"retention": "11 days"},
        {"retention": "10 days"},
        stores=one(fact("tombstone_grace_days", 10, "default"), family="wide_column"),
    ),
    Boundary(
        "expired-on-disk",
        "risk",
        table(_lifetime="11 days after upload"),
        table(_lifetime="2 days idle"),
        stores=one(fact("tombstone_grace_days", 10, "default"), family="wide_column"),
        base={"retention": "2 years"},
    ),
    Boundary(
        "repair-after-grace",
        "contradiction",
        {"scalability": "nodetool repair every 10 days"},
        {"scalability": "nodetool repair every 2 weeks"},
        stores=one(fact("tombstone_grace_days", 10, "default"), family="wide_column"),
    ),
    Boundary(
        "minimum-days",
        "risk",
        {"retention": "180 days"},
        {"retention": "179 days"},
        stores=one(fact("min_storage_days_deep_archive", 180), **OBJECTS),
        base={"scalability": "in deep archive"},
    ),
    Boundary(
        "archive-retrieval",
        "contradiction",
        {"rto_minutes": 900.0},
        {"rto_minutes": 899.0},
        stores=one(fact("retrieval_hours_archive", 15), **OBJECTS),
        base={"scalability": "older ones in the archive tier"},
    ),
    Boundary(
        "archive-retrieval",
        "contradiction",
        {},
        {"latency_p99_ms": 150.0},
        stores=one(fact("retrieval_hours_archive", 15), **OBJECTS),
        base={"scalability": "older ones in the archive tier"},
    ),
    Boundary(
        "link-lifetime",
        "infeasible",
        {"use_cases": ("send a download link for 72 hours",)},
        {"use_cases": ("send a download link for 30 days",)},
        stores=one(fact("signed_link_days_max", 7), **OBJECTS),
    ),
    Boundary(
        "restore-window",
        "risk",
        {"standards": Demands(backup_retention_days=Demand(35, "35 days"))},
        {"standards": Demands(backup_retention_days=Demand(36, "36 days"))},
        stores=one(fact("pitr_window_days_max", 35)),
    ),
]


@pytest.mark.parametrize("boundary", BOUNDARIES, ids=str)
def test_a_rule_is_silent_at_its_boundary_and_finds_what_lies_beyond(boundary: Boundary) -> None:
    boundary.check()


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("three times the rate, by sharding", "sharding"),
        ("Shards by year", "Shards"),
        ("three times the rate, without sharding", ""),
        ("no shards, ever", ""),
        ("never by way of a shard", ""),
        ("No replica. Sharding from 2027 on", "Sharding"),
        ("a sharded-by-nature thing", ""),
    ],
)
def test_a_feature_is_found_where_it_is_asked_for(text: str, quote: str) -> None:
    assert said(answers(scalability=text), "sharding") == quote


def test_a_duration_counts_in_the_sentence_that_speaks_of_the_feature() -> None:
    stated = answers(scalability="Kept for 7 years. A presigned URL works for 2 hours.")
    assert said_days(stated, "link") == pytest.approx(1 / 12)
    assert said_days(answers(scalability="Kept for 7 years."), "link") is None


@pytest.mark.parametrize("backend", ["Amazon S3", "Azure Blob Storage", "Google Cloud Storage"])
@pytest.mark.parametrize(
    ("use", "raised"),
    [
        ("send a link that works for 14 days", True),
        ("send a link that works for 7 days", False),
        ("send a link to the report of 14 days", False),
    ],
)
def test_a_link_that_is_to_outlive_its_signature_is_told(
    backend: str, use: str, raised: bool
) -> None:
    base = {"backend": backend, "storage_type": "object_storage", "description": "Reports."}
    page = render({**base, "use_cases": [use]})
    assert ("D-link-lifetime" in page.decisions) is raised
