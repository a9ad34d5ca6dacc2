"""What a specification says of a store is true of it: servers, volume, load, versions and names."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.specification_reading import Rendered, render

FULL = {"detail": "full"}
UPLOADS = {
    "backend": "Amazon S3",
    "retention": "3 years",
    "entities": {"Upload": {"id": "uuid pk", "content": "bytes"}},
    "access_patterns": [
        {"name": "show", "entity": "Upload", "filter": ["id"]},
        {"name": "list", "entity": "Upload", "filter": ["id"], "consistency": "eventual"},
    ],
}
SPOOL = {
    **FULL,
    "backend": "Local POSIX",
    "writes_per_second": 2,
    "average_item_bytes": 150_000,
    "retention": "7 days",
}


def page(**answers: Any) -> Rendered:
    return render({"description": "Holds data.", **answers})


def rules(**answers: Any) -> list[dict[str, Any]]:
    """Return the lifecycle rules of the draft."""
    found = re.search(r"```json\n(\{.*?\n\})\n```", page(**{**UPLOADS, **answers}).spec, re.S)
    assert found
    loaded: list[dict[str, Any]] = json.loads(found[1])["Rules"]
    return loaded


@pytest.mark.parametrize(
    ("backend", "signal", "said"),
    [
        ("PostgreSQL", "Standby lag", {"topology": "a primary and one standby"}),
        ("PostgreSQL", "Standby lag", {"availability_percent": 99.99}),
        ("PostgreSQL", "Queries that a standby cancelled", {"topology": "two read replicas"}),
        ("PostgreSQL", "Lag of a read replica", {"use_cases": ["reports from a read replica"]}),
        ("PostgreSQL", "Standby lag", {"regions": {"a": "writes", "b": "reads"}}),
        ("DynamoDB", "Replication delay", {"topology": "global table in two regions"}),
    ],
)
def test_a_standby_is_watched_where_there_is_one(
    backend: str, signal: str, said: dict[str, Any]
) -> None:
    hosting = {"hosting": "Amazon RDS"} if signal.startswith("Lag") else {}
    assert f"| {signal} |" not in page(backend=backend, **hosting).spec
    assert f"| {signal} |" in page(backend=backend, **hosting, **said).spec


def test_the_recovery_by_a_standby_is_watched() -> None:
    spec = page(backend="PostgreSQL", rpo_minutes=0, rto_minutes=60).spec
    assert "| a node, a zone | Streaming standby |" in spec
    assert "| Standby lag |" in spec


def test_an_empty_start_is_no_volume_to_plan_for() -> None:
    spool = page(**SPOOL, initial_data_gb=0)
    assert "181.44 GB, the volume at the end of the retention" in spool.line("N-volume")
    assert "D-missing-volume" not in spool.decisions
    assert "181.44 GB" in spool.section("Sizing")
    endless = page(**{**SPOOL, "retention": "for ever"}, initial_data_gb=0)
    assert "D-missing-volume" in endless.decisions


def test_the_load_that_is_stated_is_the_target_of_the_test() -> None:
    text, default = page(**SPOOL).decisions["D-missing-rates"]
    assert "not wholly known (reads_per_second not stated)" in text
    assert default == "The load test has no target but the writes that are stated."
    none = {**SPOOL, "writes_per_second": None}
    assert page(**none).decisions["D-missing-rates"][1] == "The load test has no target."


def test_nothing_fails_over_from_a_single_place() -> None:
    spool = page(**SPOOL, rpo_minutes=0)
    assert "failover" not in spool.decisions["D-replication-loss"][1]
    assert "after the loss of its one place" in spool.line("N-rpo")
    assert "failover" not in spool.line("N-rpo")


def test_what_expires_leaves_no_version_behind() -> None:
    (_, expiry) = rules()
    assert expiry["Expiration"] == {"Days": 1096}
    assert expiry["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}
    express = rules(hosting="S3 Express One Zone")
    assert all("NoncurrentVersionExpiration" not in rule for rule in express)
    assert any("Expiration" in rule for rule in express)


def test_a_pattern_reads_as_all_do_unless_it_says_otherwise() -> None:
    def told(**answers: Any) -> list[str]:
        table = page(**UPLOADS, **answers).section("Query Patterns")
        rows = [line for line in table.splitlines() if line.startswith(("| show", "| list"))]
        return [row.split(" | ")[4] for row in rows]

    assert told(consistency="strong") == ["strong", "eventual"]
    assert told() == ["not stated", "eventual"]


def test_a_mount_has_no_certificate() -> None:
    def encryption(backend: str) -> str:
        section = page(backend=backend, sensitive_data=["confidential"]).section(
            "Security and Privacy"
        )
        return next(line for line in section.splitlines() if line.startswith("- **Encryption**"))

    assert "Every mount of NFS is encrypted on the way, as its settings below" in encryption("NFS")
    assert "certificate" not in encryption("NFS")
    assert "TLS with a verified certificate on every connection to Amazon S3; at rest" in (
        encryption("Amazon S3")
    )
    assert encryption("Local POSIX").startswith("- **Encryption**: At rest")


@pytest.mark.parametrize(
    ("backend", "own", "foreign"),
    [("Azure Blob Storage", "container", "bucket"), ("Amazon S3", "bucket", "container")],
)
def test_a_plan_calls_what_holds_objects_by_its_name(backend: str, own: str, foreign: str) -> None:
    said = {"sensitive_data": ["pii"], "retention": "10 years", "rpo_minutes": 60}
    found = page(**FULL, backend=backend, **said)
    assert f"One {own} for each environment" in found.plan
    assert f"The key layout and the {own} policy are reviewed" in found.plan
    assert not re.search(rf"\b{foreign}s?\b", found.plan.replace("<container>", ""))
    (decision,) = [found.decisions["D-locked-objects"]]
    assert "mode" not in " ".join(decision)


def test_the_peak_of_one_operation_is_no_average() -> None:
    def carried(peak: int) -> str:
        asked = {"name": "show", "entity": "Row", "filter": ["id"], "per_second": 5, "peak": peak}
        model = {"entities": {"Row": {"id": "bigint pk"}}, "access_patterns": [asked]}
        return page(**FULL, backend="PostgreSQL", reads_per_second=900, **model).line("N-load")

    assert "2,000 reads per second at peak" in carried(2000)
    assert "900 reads per second (average; the peak is not stated)" in carried(900)


@pytest.mark.parametrize(
    ("backend", "told"),
    [
        ("DynamoDB", "Every entry is written with a lifetime of 90 days at most"),
        ("PostgreSQL", "What is older than the retention (90 days) is removed"),
    ],
)
def test_what_ends_the_retention_is_what_the_draft_has(backend: str, told: str) -> None:
    entities = {"Visit": {"id": "uuid pk", "at": "timestamptz not null"}}
    shown = page(backend=backend, entities=entities, retention="90 days", sensitive_data=["pii"])
    assert told in shown.section("Security and Privacy")


def test_a_plan_asks_a_key_value_store_for_nothing_that_it_does_not_have() -> None:
    entities = {"Visit": {"id": "uuid pk", "at": "timestamptz not null"}}
    context = {"backend": "DynamoDB", "entities": entities, "retention": "90 days", **FULL}
    plan = page(**context).plan
    assert "recorded plan" not in plan
    assert "a reference" not in plan
    assert "Design how entries leave" not in plan  # the draft expires them
    assert plan.count("into another account") == 0  # AWS Backup copies there
    other = page(**{**context, "backend": "PostgreSQL"}).plan
    assert "The recorded plan of every frequent query" in other
    assert "Design how entries leave" in other


@pytest.mark.parametrize(
    ("more", "days"),
    [
        ({}, 30),
        ({"sensitive_data": ["pii"]}, 7),
        ({"decisions": {"D-backup-retention": "14 days"}}, 14),
    ],
)
def test_versions_stay_as_long_as_backups_do(more: dict[str, Any], days: int) -> None:
    """The draft kept for four weeks what the row above it let go after one."""
    (_, expiry) = rules(**more)
    assert expiry["NoncurrentVersionExpiration"] == {"NoncurrentDays": days}
    assert f"{days} days" in page(**UPLOADS, **more).decisions["D-backup-retention"][1]


def test_a_legal_hold_is_no_lock_that_nobody_can_lift() -> None:
    """The plan replaced the hold that two use cases set and lift by versions and a role."""
    cases = {"use_cases": ["put a file under legal hold", "release a legal hold"]}
    found = page(**UPLOADS, **cases, sensitive_data=["phi"])
    assert "legal hold" not in found.decisions["D-locked-objects"][0]
    assert "In place of" not in found.plan
    what, default = found.decisions["D-held-back"]
    assert "may have to be erased or would go in time" in what
    assert default.startswith("The hold goes first")
    assert "in Amazon S3 by the hold on each version" in found.plan
    other = page(**{**UPLOADS, **cases, "backend": "PostgreSQL"})
    assert "D-rows-written-once" not in other.decisions
    assert "keeps what would go in time" in other.decisions["D-held-back"][0]
    assert "hold on each version" not in other.plan


def test_regions_that_are_stated_are_not_to_be_named() -> None:
    told = page(**UPLOADS, sensitive_data=["pii"], regions=["eu-central-1", "eu-west-1"])
    assert "**Residency**: Data lies in eu-central-1 and eu-west-1;" in told.spec
    assert "**Residency**: Name the regions" in page(**UPLOADS, sensitive_data=["pii"]).spec


def test_what_is_kept_for_ever_is_not_said_to_go() -> None:
    entities = {
        "Reading": {"id": "uuid pk", "_lifetime": "3 years"},
        "Factor": {"id": "uuid pk", "_lifetime": "for ever"},
    }
    found = page(backend="Cassandra", entities=entities)
    assert "entries of Reading are gone" in found.line("F-lifetimes")


def test_a_row_of_a_partition_has_its_own_size() -> None:
    """Readings of 60 bytes were counted with the average of all items."""
    entity = {"sensor": "uuid pk", "at": "timestamptz pk", "value": "float", "_size": "60 B"}
    found = page(backend="Cassandra", average_item_bytes=5_000, entities={"Reading": entity})
    assert "100 MB ÷ 68 B = 1,470,588" in found.section("Sizing")


def test_only_what_is_missing_is_called_missing() -> None:
    """A ticket of 150 kB had "no count and size"; reads with a stated peak had none."""
    entities = {
        "Order": {"id": "uuid pk", "_count": 1_000, "_size": "1 kB", "_growth": "10 a day"},
        "Ticket": {"id": "uuid pk", "_size": "150 kB", "pdf": "bytes", "_growth": "10 a day"},
    }
    full = {"backend": "PostgreSQL", "detail": "full", "entities": entities}
    assert "; no count of Ticket)" in page(**full).decisions["D-missing-volume"][0]
    rates = {"reads_per_second": 5, "peak_reads_per_second": 50, "writes_per_second": 2}
    what, default = page(**full, **rates).decisions["D-missing-peak"][:2]
    assert "the peak of the writes" in what
    assert default == "The stated average of the writes counts as their peak."
    del rates["peak_reads_per_second"]
    assert "the peak lies" in page(**full, **rates).decisions["D-missing-peak"][0]


@pytest.mark.parametrize("use", ["erase a guest", "delete a customer's data on request"])
def test_an_erasure_is_served_by_its_procedure(use: str) -> None:
    model = {
        "backend": "PostgreSQL",
        "entities": {"Document": {"id": "uuid pk", "guest_id": "uuid not null"}},
        "access_patterns": [{"name": "show a document", "entity": "Document", "filter": ["id"]}],
        "use_cases": [use, "drop a lock"],
    }
    told = page(**model, sensitive_data=["pii"])
    assert use not in told.decisions["D-use-case-unserved"][0]
    assert f'Serve "{use}"' in told.plan
    plain = page(**model, sensitive_data=["none"])
    assert use not in plain.decisions["D-use-case-unserved"][0]
    assert f"- {use}\n" in plain.section("Description")
    assert "**Erasure with a journal**, recognised in the use cases" in plain.spec
