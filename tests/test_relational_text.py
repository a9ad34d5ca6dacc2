"""What a database engineer builds from: no number, default or test of a text denies another."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlglot
from sqlglot import exp

from tests.context_support import read
from tests.specification_reading import Rendered, render

LEDGER: dict[str, Any] = {
    "Posting": {"id": "uuid pk", "state": "enum(held, paid) not null"},
    "Entry": {"posting": "ref Posting pk", "line": "int pk"},
}
PAY: dict[str, Any] = {
    "name": "pay",
    "entity": "Posting",
    "kind": "update",
    "filter": ["id"],
    "races": True,
    "invariant": "a posting is paid once",
}


def page(backend: str = "PostgreSQL", *patterns: dict[str, Any], **answers: Any) -> Rendered:
    base = {"description": "Postings.", "backend": backend, "entities": LEDGER}
    return render({**base, "detail": "full", "access_patterns": list(patterns), **answers})


@pytest.mark.parametrize("kind", ["read", "write", "update", "delete"])
@pytest.mark.parametrize("backend", ["PostgreSQL", "MySQL", "MongoDB", "DynamoDB", "Redis"])
def test_no_task_asks_for_a_test_of_nothing(backend: str, kind: str) -> None:
    only = {"name": "touch", "entity": "Posting", "kind": kind, "filter": ["id"]}
    plan = page(backend, only).plan
    assert 'Implement "touch"' in plan
    assert re.findall(r"(?:first|Test):\s*$", plan, re.MULTILINE) == []


@pytest.mark.parametrize(("backend", "dialect"), [("PostgreSQL", "postgres"), ("MySQL", "mysql")])
def test_a_drafted_key_passes_the_test_of_keys_that_the_plan_asks_for(
    backend: str, dialect: str
) -> None:
    found = page(backend)
    (sql,) = re.findall(r"```sql\n(-- \w+: initial.*?)```", found.spec, re.DOTALL)
    tables = [it for it in sqlglot.parse(sql, dialect=dialect) if isinstance(it, exp.Create)]
    lines = [col for it in tables for col in it.find_all(exp.ColumnDef) if col.name == "line"]
    assert [col.kind.sql() for col in lines if col.kind] == ["INT"]
    assert "primary key column of type `integer`" not in found.plan
    assert "none with an INT key" not in found.plan
    filled = {"PostgreSQL": "that an identity or a sequence fills", "MySQL": "`AUTO_INCREMENT`"}
    assert filled[backend] in found.plan


@pytest.mark.parametrize("hosting", ["Amazon RDS", "Amazon Aurora", "self-managed", ""])
@pytest.mark.parametrize(("p99", "seconds"), [(150, "0.15"), (2_000, "2")])
def test_the_slow_log_of_the_server_begins_where_an_operation_is_slow(
    hosting: str, p99: float, seconds: str
) -> None:
    found = page("MySQL", hosting=hosting, latency_p99_ms=p99)
    slow = re.findall(r"slower than ([\d,]+) ms are logged", found.spec)
    told = re.findall(r"long_query_time ?= ?([\d.]+)", found.section("Observability"))
    assert told
    assert {float(it) * 1_000 for it in told} == {float(slow[0].replace(",", ""))}
    assert set(told) == {seconds}


@pytest.mark.parametrize(
    ("job", "late"),
    [
        ({"every": "5 minutes"}, "5 min"),
        ({"every": "year"}, "1 d"),
        ({"every": "5 minutes", "within": "1 minute"}, "1 min"),
    ],
)
def test_a_run_is_missed_only_when_it_had_time_to_end(job: dict[str, str], late: str) -> None:
    told = page("PostgreSQL", {"name": "tell", "entity": "Posting", "kind": "job", **job})
    line = f"- The mark of a run is missing so long after its start: tell {late}"
    assert line in told.section("Observability")
    assert ("(assumed)" in told.section("Observability").partition(line)[2][:12]) is (
        "within" not in job
    )


def test_what_may_happen_once_is_not_tested_with_three_that_succeed() -> None:
    plan = page("PostgreSQL", PAY).plan
    assert "of whom the condition allows one" in plan
    assert "17 are refused" not in plan


def test_the_default_without_an_availability_denies_no_row_of_the_recovery() -> None:
    found = page("PostgreSQL", hosting="Amazon RDS", rpo_minutes=5, rto_minutes=60)
    assert "| a node, a zone | Amazon RDS Multi-AZ standby |" in found.section(
        "Backup and Recovery"
    )
    _, default = found.decisions["D-missing-availability"]
    assert "zone" not in default
    assert "node" not in found.decisions["D-missing-volume"][1]


@pytest.mark.parametrize(("maximum", "kept"), [(40, False), (400, True)])
def test_the_plan_begins_with_the_pool_that_the_decision_takes(maximum: int, kept: bool) -> None:
    text = f"# Standards\n\n## Performance\n\n- **Maximum pool size**: {maximum}\n"
    asked: dict[str, Any] = {
        "reads_per_second": 300.0,
        "writes_per_second": 10.0,
        "peak_factor": 1.0,
        "latency_p99_ms": 300.0,
    }
    found = page(project_context=read(standards=text).to_data(), **asked)
    assert ("D-standard-pool" in found.decisions) is not kept
    assert ("starting with 93 connections in all" in found.plan) is kept
    told = "starting with the pool of the standard in each instance (`D-standard-pool`)"
    assert (told in found.plan) is not kept


def test_the_plan_begins_with_no_more_connections_than_the_server_has() -> None:
    asked: dict[str, Any] = {"peak_writes_per_second": 1400.0, "latency_p99_ms": 200.0}
    found = page(**asked)
    assert "D-connections" in found.decisions
    assert "280" in found.section("Sizing")
    assert "starting with 97 connections in all" in found.plan


def test_a_stated_peak_rests_on_no_average() -> None:
    found = page(peak_writes_per_second=1400.0).section("Sizing")
    assert "| Load at peak | 1,400 writes/s | 1,400/s | what was stated |" in found
    averages = page(writes_per_second=700.0, peak_factor=2.0).section("Sizing")
    assert "700/s × 2 = 1,400/s | The stated rates are averages over the day" in averages


@pytest.mark.parametrize("grown", [None, 20.0])
def test_the_table_of_safe_changes_is_where_the_plan_says(grown: float | None) -> None:
    found = render({"description": "Rows.", "backend": "PostgreSQL", "growth_gb_per_month": grown})
    task = re.search(r"Make the table of safe changes (.*?) part of the review", found.plan)
    assert task
    shown = "| Safe way |" in found.section("Migration Requirements")
    assert shown is (grown is not None)
    assert ("(spec.md#migration-requirements)" in task[1]) is shown
    assert ("`storage-conductor facts postgresql" in task[1]) is not shown


def test_what_several_stores_keep_is_accepted_by_its_test() -> None:
    entities = {**LEDGER, "Board": {"_store": "redis", "name": "varchar(10) pk"}}
    both = {**PAY, "atomic": ["Board"]}
    stores = {"storage_type": "hybrid", "backends": ["PostgreSQL", "Redis"]}
    found = page("", both, entities=entities, **stores)
    assert "Carry “pay” from PostgreSQL" in found.plan
    assert "the test of pay passes" in found.line("A-operations")


def test_a_hybrid_names_no_backend_that_nobody_stated(start: Callable[..., Path]) -> None:
    track = start(storage_type="hybrid", backends=["PostgreSQL", "Redis"])
    spec = (track / "spec.md").read_text("utf-8")
    assert "PostgreSQL + Redis" in spec
    assert "without effect" not in spec
    assert "Amazon S3" not in spec


@pytest.mark.parametrize(("retention", "volume"), [("10 years", "275 GB"), ("", "59 GB")])
def test_a_restore_is_timed_with_the_volume_that_is_required(retention: str, volume: str) -> None:
    stated: dict[str, Any] = {
        "initial_data_gb": 35.0,
        "growth_gb_per_month": 2.0,
        "rto_minutes": 60.0,
    }
    kept = {"retention": retention} if retention else {}
    found = page(hosting="Amazon RDS", **stated, **kept)
    (row,) = [it for it in found.section("Sizing").splitlines() if it.startswith("| Time to copy")]
    assert f"| {volume} ÷ 125 MiB/s" in row
    assert volume in found.line("N-volume")


@pytest.mark.parametrize(("rto", "broken"), [(20.0, True), (60.0, False)])
def test_a_restore_at_the_end_of_the_retention_is_held_to_the_objective(
    rto: float, broken: bool
) -> None:
    stated: dict[str, Any] = {
        "initial_data_gb": 35.0,
        "growth_gb_per_month": 2.0,
        "retention": "10 years",
    }
    found = page(hosting="Amazon RDS", rto_minutes=rto, **stated)
    assert ("D-restore-time" in found.decisions) is broken
    told = found.decisions.get("D-restore-time", ("", ""))[0]
    assert ("275 GB (at the end of the retention of 10 years)" in told) is broken


@pytest.mark.parametrize("hosting", ["Amazon RDS", "Google Cloud SQL"])
@pytest.mark.parametrize(("fresh", "alarm"), [("5 s", "2.5 s"), ("1 minute", "10 s")])
def test_the_lag_of_a_replica_is_an_alarm_before_an_answer_is_too_old(
    hosting: str, fresh: str, alarm: str
) -> None:
    asked = {"name": "list", "entity": "Posting", "filter": ["state"], "fresh_within": fresh}
    found = page("PostgreSQL", asked, hosting=hosting, topology="a primary with a read replica")
    told = found.section("Observability")
    (row,) = [it for it in told.splitlines() if it.startswith("| Lag of a read replica |")]
    assert f"what readers may see, at most {alarm}" in row


@pytest.mark.parametrize("retention", [None, "10 years"])
def test_requirements_are_one_list(retention: str | None) -> None:
    stated: dict[str, Any] = {"initial_data_gb": 35.0, "growth_gb_per_month": 2.0}
    stated |= {"latency_p99_ms": 40.0, "reads_per_second": 60.0, "writes_per_second": 10.0}
    kept = {"retention": retention} if retention else {}
    found = page("PostgreSQL", PAY, hosting="Amazon RDS", peak_factor=6.0, **stated, **kept)
    assert re.search(r"^- .*\n\n+- ", found.section("Requirements"), re.MULTILINE) is None


@pytest.mark.parametrize(
    ("kept", "asked"),
    [
        ("daily backups for 35 days, monthly backups for 1 year", False),
        ("backups for 1 year", True),
    ],
)
def test_backups_that_the_standard_keeps_in_stages_are_no_question(kept: str, asked: bool) -> None:
    text = f"# Standards\n\n## Backup and Recovery\n\n- **Backup retention**: {kept}\n"
    found = page(hosting="Amazon RDS", project_context=read(standards=text).to_data())
    assert ("D-restore-window" in found.decisions) is asked
    assert "1 year" in found.plan


@pytest.mark.parametrize("backend", ["PostgreSQL", "DynamoDB"])
def test_a_retention_that_cannot_be_printed_is_no_time(backend: str) -> None:
    assert page(backend, retention="\ue000").section("Sizing") is not None
