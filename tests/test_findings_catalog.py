"""The rules on the real catalog: cases that a senior engineer would judge the same way."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from storage_conductor.catalog import rulebook
from storage_conductor.catalog.reading import CATALOG
from storage_conductor.component.store import stores
from storage_conductor.errors import ConductorError
from storage_conductor.findings import FeasibilityFinding, describe
from tests.findings_support import found, said


def judged(
    backend: str | Sequence[str], storage_type: str = "database", **answers: Any
) -> dict[str, FeasibilityFinding]:
    """Evaluate answers on backends of the catalog."""
    named: dict[str, Any] = {"backend": backend}
    if not isinstance(backend, str):
        named, storage_type = {"backends": tuple(backend)}, "hybrid"
    values = said(storage_type=storage_type, **named, **answers)
    return found(values, *(item.backend for item in stores(values)))


def severities(findings: dict[str, FeasibilityFinding]) -> dict[str, str]:
    return {key: item.severity for key, item in findings.items() if item.severity != "missing"}


LEDGER: dict[str, Any] = {
    "detail": "full",
    "hosting": "self-managed",
    "reads_per_second": 900.0,
    "writes_per_second": 300.0,
    "peak_factor": 4.0,
    "latency_p99_ms": 20.0,
    "average_item_bytes": 600,
    "largest_item_bytes": 8192,
    "initial_data_gb": 50.0,
    "growth_gb_per_month": 40.0,
    "rpo_minutes": 5.0,
    "rto_minutes": 60.0,
    "availability_percent": 99.95,
    "consistency": "strong",
    "retention": "7 years",
    "sensitive_data": ("pii", "pci"),
}


def test_a_payments_ledger_on_postgresql() -> None:
    findings = judged("PostgreSQL", **LEDGER)
    assert severities(findings) == {
        "growth-below-writes": "contradiction",
        "retention-erasure": "contradiction",
        "open-by-default": "risk",
        "card-data": "risk",
        "recovery-gap": "risk",
        "recovery-budget": "risk",
        "automatic-failover": "risk",
        "restore-time": "risk",
    }
    assert [key for key in findings if key.startswith("missing")] == [
        "missing-data-model",
        "missing-owner",
    ]


def test_the_same_ledger_on_amazon_rds_has_failover_but_not_less_loss() -> None:
    findings = judged("PostgreSQL", **{**LEDGER, "hosting": "amazon-rds", "rpo_minutes": 1.0})
    assert "automatic-failover" not in findings
    assert findings["rpo-below-mechanism"].values["promise_minutes"] == 5
    assert "operator" in findings["rpo-below-mechanism"].arithmetic


def test_a_session_cache_on_redis_is_left_in_peace() -> None:
    assert list(judged("Redis", "cache", retention="30 minutes", sensitive_data=("none",))) == [
        "missing-volume"
    ]
    full = judged(
        "Redis",
        "cache",
        detail="full",
        retention="30 minutes",
        sensitive_data=("none",),
        reads_per_second=5000.0,
        writes_per_second=500.0,
        peak_factor=3.0,
        latency_p99_ms=5.0,
        average_item_bytes=1200,
        largest_item_bytes=20_000,
        initial_data_gb=0.4,
    )
    assert full == {}


def test_user_uploads_on_amazon_s3() -> None:
    findings = judged(
        "Amazon S3",
        "object_storage",
        sensitive_data=("pii",),
        retention="1 year",
        largest_item_bytes=2 * 10**9,
        initial_data_gb=100.0,
        growth_gb_per_month=20.0,
    )
    assert severities(findings) == {
        "retention-erasure": "contradiction",
        "locked-objects": "risk",
        "multipart-upload": "risk",
    }


def test_a_ledger_with_documents_and_a_cache() -> None:
    findings = judged(("PostgreSQL", "Amazon S3", "Redis"), **LEDGER)
    found_keys = severities(findings)
    assert found_keys["latency-floor-amazon-s3"] == "risk"
    assert found_keys["between-stores"] == "risk"
    assert found_keys["stale-copies"] == "risk"
    assert not {key for key in found_keys if key.endswith("-redis")} - {"open-by-default-redis"}
    title = describe(findings["between-stores"], said()).title
    assert "PostgreSQL and Amazon S3" in title


CASES: list[tuple[str, str, dict[str, Any], str, str]] = [
    ("DynamoDB", "database", {"largest_item_bytes": 409_601}, "item-too-large", "infeasible"),
    ("MongoDB", "database", {"largest_item_bytes": 2**24 + 1}, "item-too-large", "infeasible"),
    ("Redis", "cache", {"largest_item_bytes": 2**29 + 1}, "item-too-large", "risk"),
    ("Memcached", "cache", {"largest_item_bytes": 2**20 + 1}, "item-too-large", "risk"),
    ("Memcached", "cache", {"retention": "31 days"}, "ttl-too-long", "infeasible"),
    ("Memcached", "cache", {"rpo_minutes": 60.0}, "cache-system-of-record", "infeasible"),
    ("Memcached", "cache", {"initial_data_gb": 1.0}, "memory-default", "risk"),
    ("Redis", "cache", {"rpo_minutes": 0.0}, "replication-loss", "infeasible"),
    ("Redis", "cache", {"rpo_minutes": 1.0}, "acknowledged-loss", "risk"),
    (
        "Redis",
        "cache",
        {"initial_data_gb": 10.0, "latency_p99_ms": 50.0},
        "fork-pause",
        "risk",
    ),
    ("Amazon S3", "object_storage", {"latency_p99_ms": 5.0}, "latency-floor", "risk"),
    ("Amazon S3", "object_storage", {"writes_per_second": 3501.0}, "prefix-rate", "risk"),
    (
        "Amazon S3",
        "object_storage",
        {"availability_percent": 99.995},
        "availability-objective",
        "risk",
    ),
    (
        "Google Cloud Storage",
        "object_storage",
        {"writes_per_second": 1001.0},
        "slow-start",
        "risk",
    ),
    (
        "Azure Blob Storage",
        "object_storage",
        {"reads_per_second": 20_001.0},
        "account-rate",
        "risk",
    ),
    (
        "DynamoDB",
        "database",
        {"writes_per_second": 1001.0, "average_item_bytes": 1000},
        "hot-partition",
        "risk",
    ),
    (
        "DynamoDB",
        "database",
        {"writes_per_second": 40_001.0, "average_item_bytes": 1000},
        "throughput-quota",
        "risk",
    ),
    ("DynamoDB", "database", {"rpo_minutes": 1.0}, "rpo-below-mechanism", "risk"),
    ("DynamoDB", "database", {"rto_minutes": 30.0}, "restore-time", "risk"),
    ("DynamoDB", "database", {"retention": "7 days"}, "ttl-deadline", "risk"),
    ("Cassandra", "database", {"sensitive_data": ("pii",)}, "physical-deletion", "risk"),
    ("Cassandra", "database", {"sensitive_data": ("pii",)}, "open-by-default", "risk"),
    ("Cassandra", "database", {"consistency": "strong"}, "strong-reads", "risk"),
    ("SQLite", "database", {"writes_per_second": 2000.0}, "single-writer", "risk"),
    ("SQLite", "database", {"initial_data_gb": 1100.0}, "volume-limit", "risk"),
    ("SQLite", "database", {"rpo_minutes": 0.0}, "replication-loss", "infeasible"),
    ("PostgreSQL", "database", {"writes_per_second": 2400.0}, "freeze-cycle", "risk"),
    (
        "MySQL",
        "database",
        {"reads_per_second": 8000.0, "latency_p99_ms": 20.0},
        "connections",
        "risk",
    ),
    (
        "MySQL",
        "database",
        {"entities": {"A": {"id": "uuid pk", "t": "varchar(4000) unique"}}},
        "index-key-width",
        "risk",
    ),
    (
        "SQL Server",
        "database",
        {"entities": {"A": {"id": "varchar(901) pk"}}},
        "index-key-width",
        "risk",
    ),
    ("Amazon EFS", "file_system", {"latency_p99_ms": 2.0}, "latency-floor", "risk"),
    ("NFS", "file_system", {"consistency": "strong"}, "strong-reads", "risk"),
]


@pytest.mark.parametrize(
    ("backend", "kind", "answers", "rule", "severity"),
    CASES,
    ids=[f"{case[0]}-{case[3]}" for case in CASES],
)
def test_known_limits_of_the_catalog_are_found(
    backend: str, kind: str, answers: dict[str, Any], rule: str, severity: str
) -> None:
    finding = judged(backend, kind, **answers)[rule]
    assert finding.severity == severity
    assert finding.source is not None


@pytest.mark.parametrize(
    "name", ["rules.yml", "sizing.yml", "privacy.yml", "general.yml", "assumptions.yml"]
)
def test_a_broken_file_of_the_catalog_is_named(name: str, tmp_path: Path) -> None:
    load = {
        "rules.yml": rulebook.rules,
        "sizing.yml": rulebook.formulas,
        "privacy.yml": rulebook.privacy,
        "general.yml": rulebook.general,
        "assumptions.yml": rulebook.assumptions,
    }[name]
    with pytest.raises(ConductorError, match="is not in the catalog"):
        load(tmp_path)
    whole = (CATALOG / name).read_text(encoding="utf-8")
    (tmp_path / name).write_text(whole.replace("key: ", "kee: ", 1), encoding="utf-8")
    with pytest.raises(ConductorError, match="key: Field required"):
        load(tmp_path)
    (tmp_path / name).write_text("a: [", encoding="utf-8")
    with pytest.raises(ConductorError, match=r"(?s)not valid YAML.*Correct the YAML"):
        load(tmp_path)


def test_a_rule_stands_once_and_sources_are_listed(tmp_path: Path) -> None:
    text = (CATALOG / "rules.yml").read_text(encoding="utf-8")
    double = text.replace("key: growth-below-writes", "key: growth-above-writes")
    (tmp_path / "rules.yml").write_text(double, encoding="utf-8")
    with pytest.raises(ConductorError, match="growth-above-writes stands twice"):
        rulebook.rules(tmp_path)
    for name, load in (("privacy.yml", rulebook.privacy), ("general.yml", rulebook.general)):
        unlisted = (CATALOG / name).read_text(encoding="utf-8")
        unlisted = unlisted.replace("source: gdpr", "source: nowhere")
        (tmp_path / name).write_text(unlisted, encoding="utf-8")
        with pytest.raises(ConductorError, match=r"'nowhere'.*are not listed"):
            load(tmp_path)
