"""Stores of keys: one source for their units, names that a writer can set, advice that exists."""

from __future__ import annotations

import json
from typing import Any

import pytest

from storage_conductor.catalog import loading
from storage_conductor.findings import Demand, Demands, describe, evaluate
from storage_conductor.findings.measures import privacy
from storage_conductor.schema.model import DataModel
from storage_conductor.schema.parse import parse_model
from storage_conductor.schema.result import Design
from storage_conductor.sizing import Estimate, size
from tests.findings_support import said
from tests.schema_support import design
from tests.specification_reading import render

ENTITIES = {
    "Stay": {"id": "uuid pk", "credit": "int not null", "_size": 200},
    "Voucher": {
        "code": "char(16) pk",
        "guest": "uuid not null",
        "note": "varchar(200) not null",
        "_size": 250,
    },
    "Redemption": {
        "voucher": "ref Voucher pk",
        "request": "varchar(40) pk",
        "_size": 180,
    },
}
CHECK = {"name": "check", "entity": "Voucher", "filter": ["code"], "per_second": 0.9, "peak": 360}
LIST = {
    "name": "list",
    "entity": "Voucher",
    "filter": ["guest"],
    "per_second": 0.1,
    "page_size": 20,
}
REDEEM = {
    "name": "redeem",
    "entity": "Redemption",
    "kind": "write",
    "per_second": 0.05,
    "peak": 20,
    "atomic": ["Redemption", "Voucher", "Stay"],
    "invariant": ["a voucher is redeemed at most once"],
}
ISSUE = {"name": "issue", "entity": "Voucher", "kind": "write", "per_second": 0.05}


def _model(*patterns: dict[str, Any]) -> DataModel:
    parsed = parse_model(ENTITIES, [*patterns])
    assert parsed is not None
    return parsed


def _sized(*patterns: dict[str, Any], **stated: Any) -> tuple[dict[str, Estimate], Design]:
    model = _model(*patterns)
    drafted = design(model, "dynamodb")
    answers = said(
        **{
            "reads_per_second": 1.0,
            "writes_per_second": 0.1,
            "peak_factor": 400.0,
            "average_item_bytes": 250,
        }
        | stated
    )
    found = size(answers, [loading.load("dynamodb")], model, drafted)
    return {item.key: item for item in found}, drafted


def test_units_at_peak_are_those_of_the_operations_transactions_included() -> None:
    found, drafted = _sized(CHECK, LIST, REDEEM, ISSUE)
    # Three items twice and one index entry; an item and its index entry.
    assert {unit.pattern: unit.each for unit in drafted.units} == {
        "check": 0.5,
        "list": 1.0,
        "redeem": 7.0,
        "issue": 2.0,
    }
    assert found["write-units"].arithmetic == "20 × 7 + 20 × 2 = 180"
    assert found["write-units"].shown == "180 write units/s"
    assert found["read-units"].arithmetic == "360 × 0.5 + 40 × 1 = 220"
    assert not any("no transaction" in text for text in found["write-units"].assumptions)


def test_a_layout_counts_the_transactions_that_change_it_from_elsewhere() -> None:
    _, drafted = _sized(CHECK, LIST, REDEEM, ISSUE)
    (voucher,) = [choice for choice in drafted.layouts if choice.entity == "Voucher"]
    # issue 0.05 × 2, redeem 0.05 × (2 + 1)
    assert voucher.rows[0].writes == pytest.approx(0.25)


def test_what_no_pattern_names_costs_as_much_as_the_dearest() -> None:
    found, _ = _sized(CHECK, LIST, REDEEM, ISSUE, writes_per_second=0.12)
    assert found["write-units"].arithmetic == "20 × 7 + 20 × 2 + 8 × 7 = 236"
    assert found["write-units"].shown == "at most 236 write units/s"
    assert any("the dearest" in text for text in found["write-units"].assumptions)


def test_reads_that_say_nothing_follow_what_is_stated_for_all() -> None:
    found, _ = _sized(CHECK, LIST, ISSUE, consistency="strong")
    assert found["read-units"].arithmetic == "360 × 1 + 40 × 1 = 400"  # no index reads strongly
    quiet, _ = _sized(CHECK | {"consistency": "eventual"}, LIST, ISSUE, consistency="strong")
    assert quiet["read-units"].arithmetic == "360 × 0.5 + 40 × 1 = 220"


def test_without_rates_of_the_patterns_the_stated_load_counts() -> None:
    silent = {key: value for key, value in ISSUE.items() if key != "per_second"}
    found, _ = _sized(silent)
    assert found["write-units"].arithmetic.startswith("40 × ⌈250 B")


@pytest.mark.parametrize(
    ("column", "attribute"),
    [
        ({}, "expires_at"),
        ({"expires_at": "timestamptz not null"}, "delete_after"),
        ({"expires_at": "timestamptz", "delete_after": "date"}, "delete_after_2"),
        ({"expires_at": "bigint not null"}, "expires_at"),
    ],
    ids=["free", "a time", "two times", "a number"],
)
def test_the_store_expires_items_by_a_number_of_their_own(
    column: dict[str, str], attribute: str
) -> None:
    parsed = parse_model({"Pass": {"id": "uuid pk", **column, "_ttl": "3 days"}}, [])
    assert parsed is not None
    drafted = design(parsed, "dynamodb")
    (command,) = [a.text for a in drafted.artifacts if a.kind == "lifecycle"]
    assert command.rstrip().endswith(f"Enabled=true,AttributeName={attribute}")
    (told,) = [f for f in drafted.findings if f.key == "ttl-attribute"]
    numbers = dict(told.numbers)
    assert (numbers["attribute"], numbers["form"]) == (attribute, "a number of seconds since 1970")
    assert json.loads(drafted.artifacts[0].text)


@pytest.mark.parametrize(
    ("backend", "served"), [("dynamodb", True), ("sql-server", False)], ids=["none", "nodes"]
)
def test_no_standby_and_no_volume_is_advised_where_there_are_none(
    backend: str, served: bool
) -> None:
    loaded = loading.load(backend)
    if not served:
        loaded = loaded.at("azure-sql-database")
    answers = said(backend=backend, storage_type="database", rto_minutes=30.0)
    found = {hit.rule: describe(hit, answers) for hit in evaluate(answers, [loaded])}
    restore, volume = found["restore-time"], found["missing-volume"]
    assert ("standby" in restore.default + restore.remedy) is not served
    assert ("volume of the usual" in volume.default) is not served
    assert "after a mistake may take" in restore.default


SESSION = {"id": "char(43) pk", "user": "uuid not null", "data": "json not null"}
FIND = {"name": "find", "entity": "Session", "filter": ["id"]}
OF_USER = {"name": "of a user", "entity": "Session", "filter": ["user"]}


def _sessions(backend: str, **options: str) -> Design:
    parsed = parse_model({"Session": SESSION | options}, [FIND, OF_USER])
    assert parsed is not None
    return design(parsed, backend)


@pytest.mark.parametrize("backend", ["redis", "valkey"])
def test_an_entry_and_its_end_are_written_at_once(backend: str) -> None:
    drafted = _sessions(backend, _ttl="1 hour")
    (artifact,) = drafted.artifacts
    text = artifact.text
    assert (
        "MULTI\nHSET session:<id> user <user> data <data>\nEXPIRE session:<id> 3600\nEXEC" in text
    )
    assert "MULTI\nSADD session:by_user:<user> <id>\nEXPIRE session:by_user:<user> 3600" in text
    (told,) = [finding for finding in drafted.findings if finding.key == "index-members"]
    assert dict(told.numbers) == {"key": "session:by_user"}


def test_what_is_one_command_or_never_ends_needs_neither() -> None:
    endless = _sessions("redis")
    assert "MULTI" not in endless.artifacts[0].text
    assert "index-members" not in {finding.key for finding in endless.findings}
    assert "MULTI" not in _sessions("memcached", _ttl="1 hour").artifacts[0].text


@pytest.mark.parametrize(
    ("stated", "born"), [({}, True), ({"rpo_minutes": 60.0}, False)], ids=["standard", "stated"]
)
def test_a_standard_of_the_project_is_no_source_of_a_cache(
    stated: dict[str, Any], born: bool
) -> None:
    answers = said(backend="redis", storage_type="cache", use_cases=("check a session",), **stated)
    demands = Demands(rpo_minutes=Demand(15, "RPO 15 min"))
    found = {hit.rule for hit in evaluate(answers, [loading.load("redis")], demands)}
    assert ("born-in-cache" in found) is born


@pytest.mark.parametrize(("backend", "job"), [("redis", False), ("dynamodb", True)])
def test_no_job_removes_what_expires_by_itself(backend: str, job: bool) -> None:
    loaded = loading.load(backend)
    answers = said(
        backend=backend,
        storage_type=loaded.storage_type,
        retention="30 days",
        sensitive_data=("pii",),
    )
    (end,) = [item.text for item in privacy(answers, [loaded]) if item.key == "retention-end"]
    assert ("is removed, how much is reported" in end) is job
    assert ("a lifetime of 30 days at most" in end) is not job


@pytest.mark.parametrize(("percent", "apart"), [(99.99, True), (99.9, False)])
def test_a_restore_longer_than_the_downtime_of_a_year_is_told(percent: float, apart: bool) -> None:
    answers = {"description": "Passes.", "backend": "DynamoDB", "rto_minutes": 30}
    page = render({**answers, "availability_percent": percent})
    title, default = page.decisions["D-restore-time"]
    assert ("a year allows 52 min 36 s without service" in title) is apart
    assert ("counts apart from the availability" in default) is apart
    counted = ", restores not counted ([D-restore-time](#decisions))"
    assert (counted in page.line("N-availability")) is apart
