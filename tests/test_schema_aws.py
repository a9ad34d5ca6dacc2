"""DynamoDB tables and S3 lifecycle rules, as moto's stand-ins for the services take them."""

from __future__ import annotations

import json
import subprocess
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings

from storage_conductor.schema.model import DataModel
from storage_conductor.schema.parse import parse_model
from storage_conductor.schema.result import Design
from tests.schema_support import design

from . import schema_models as models


def parsed(entities: object, patterns: object = None) -> DataModel:
    model = parse_model(entities, patterns)
    assert model is not None
    return model


def text(result: Design, kind: str) -> str:
    return next(artifact.text for artifact in result.artifacts if artifact.kind == kind)


def findings(result: Design) -> list[tuple[str, str]]:
    return [(finding.key, finding.subject) for finding in result.findings]


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Make clients of services that exist in this process only."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import boto3
        import moto

    with moto.mock_aws():
        yield lambda service: boto3.client(service, region_name="us-east-1")


def ran(script: str) -> list[list[str]]:
    """Return the commands that a script runs, as a shell hands them to the program."""
    shell = ["sh", "-c", f'aws() {{ printf "%s\\n" "$*"; }}\n{script}']
    told = subprocess.run(shell, capture_output=True, text=True, check=True)
    return [line.split() for line in told.stdout.splitlines()]


def test_tables_are_protected_and_can_be_restored(aws: Any) -> None:
    client = aws("dynamodb")
    model = parsed({"Stay": {"id": "uuid pk"}, "Pass": {"id": "uuid pk", "_ttl": "3 days"}}, [])
    result = design(model, "dynamodb")
    for request in json.loads(text(result, "schema")):
        client.create_table(**request)
        assert client.describe_table(TableName=request["TableName"])["Table"][
            "DeletionProtectionEnabled"
        ]
    for line in ran(text(result, "lifecycle")):
        table, given = (
            line[line.index("--table-name") + 1],
            dict(item.split("=") for item in line[-1].split(",")),
        )
        if "update-continuous-backups" in line:
            spec = {"PointInTimeRecoveryEnabled": given["PointInTimeRecoveryEnabled"] == "true"}
            client.update_continuous_backups(TableName=table, PointInTimeRecoverySpecification=spec)
        else:
            ending = {"Enabled": True, "AttributeName": given["AttributeName"]}
            client.update_time_to_live(TableName=table, TimeToLiveSpecification=ending)
    backups = client.describe_continuous_backups(TableName="stay")["ContinuousBackupsDescription"]
    restore = backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]
    assert restore == "ENABLED"
    told = client.describe_time_to_live(TableName="pass")
    assert told["TimeToLiveDescription"]["AttributeName"] == "expires_at"


@settings(max_examples=30)
@given(models.answers())
def test_every_drawn_model_makes_tables(aws: Any, given: models.Answers) -> None:
    client = aws("dynamodb")
    result = design(models.drawn(given), "dynamodb")
    for request in json.loads(text(result, "schema")):
        client.create_table(**request)
    assert sorted(client.list_tables()["TableNames"]) == sorted(e.name for e in result.entities)
    for line in ran(text(result, "rollback")):
        table = line[line.index("--table-name") + 1]
        if "update-table" in line:
            assert line[-1] == "--no-deletion-protection-enabled"
            client.update_table(TableName=table, DeletionProtectionEnabled=False)
        else:
            client.delete_table(TableName=table)
    assert client.list_tables()["TableNames"] == []


def test_the_ledger_is_read_through_its_indexes(aws: Any) -> None:
    client = aws("dynamodb")
    result = design(models.ledger(), "dynamodb")
    for request in json.loads(text(result, "schema")):
        client.create_table(**request)
    for number in range(5):
        client.put_item(
            TableName="entry",
            Item={
                "id": {"N": str(number)},
                "account_id": {"S": f"account {number % 2}"},
                "created_at": {"S": f"2026-01-0{number + 1}"},
            },
        )
    row = next(row for row in result.patterns if row.name == "entries of an account, newest first")
    found = client.query(
        TableName="entry",
        IndexName=row.served_by,
        KeyConditionExpression="account_id = :a",
        ExpressionAttributeValues={":a": {"S": "account 0"}},
        ScanIndexForward=False,
    )
    assert [item["id"]["N"] for item in found["Items"]] == ["4", "2", "0"]
    assert ("strong-read-on-index", row.name) in findings(result)
    assert row.cost == "page"


def test_keys_follow_the_patterns() -> None:
    model = parsed(
        {
            "Order": {
                "customer": "uuid pk",
                "number": "int pk",
                "status": "enum(open, done) not null",
                "city": "text not null",
                "at": "timestamptz not null",
                "total": "decimal(9,2)",
            }
        },
        [
            {"name": "of one", "entity": "Order", "filter": ["customer"], "sort": ["number desc"]},
            {"name": "one", "entity": "Order", "filter": ["number", "customer"]},
            {"name": "by state", "entity": "Order", "filter": ["status"], "sort": ["at"]},
            {"name": "in a city", "entity": "Order", "filter": ["city", "status"],
             "sort": ["at desc"], "page_size": 9},
            {"name": "since", "entity": "Order", "filter": ["city", "status", "at >"]},
            {"name": "large", "entity": "Order", "filter": ["city", "total >"], "sort": ["at"]},
            {"name": "all", "entity": "Order", "kind": "scan"},
            {"name": "newest", "entity": "Order", "sort": ["at desc"]},
        ],
    )  # fmt: skip
    result = design(model, "dynamodb")
    assert [(key.name, key.partition, key.order, key.serves) for key in result.keys] == [
        ("order", ("customer",), (("number", "asc"),), ("of one", "one")),
        ("by_status_at", ("status",), (("at", "asc"),), ("by state",)),
        ("by_city_status_at", ("city", "status"), (("at", "desc"),), ("in a city", "since")),
        ("by_city_total", ("city",), (("total", "asc"),), ("large",)),
    ]
    (table,) = json.loads(text(result, "schema"))
    assert table["AttributeDefinitions"] == [
        {"AttributeName": "at", "AttributeType": "S"},
        {"AttributeName": "city", "AttributeType": "S"},
        {"AttributeName": "city#status", "AttributeType": "S"},
        {"AttributeName": "customer", "AttributeType": "S"},
        {"AttributeName": "number", "AttributeType": "N"},
        {"AttributeName": "status", "AttributeType": "S"},
        {"AttributeName": "total", "AttributeType": "N"},
    ]
    assert findings(result) == [
        ("sort-after-range", "large"),
        ("nullable-key", "Order.total"),
        ("unserved", "newest"),
        ("key-length", "Order.city"),
        ("hot-partition", "by state"),
        ("enforced-in-application", "Order"),
    ]
    assert [row.served_kind for row in result.patterns[-2:]] == ["scan", "scan"]


def test_too_many_indexes_and_a_lifetime_are_said() -> None:
    fields = {f"f{n}": "int not null" for n in range(21)}
    patterns = [{"name": f"p{n}", "entity": "Ab", "filter": f"f{n}"} for n in range(21)]
    patterns.append({"name": "one", "entity": "Ab", "filter": "id"})
    model = parsed({"Ab": {"id": "uuid pk", "_ttl": "2 hours"} | fields}, patterns)
    result = design(model, "dynamodb")
    assert findings(result)[:2] == [("index-limit", "Ab"), ("ttl-attribute", "Ab")]
    assert dict(result.findings[0].numbers) == {"indexes": 21, "limit": 20}
    assert result.entities[0].name == "ab_table"  # a name has three characters at least
    assert "Enabled=true,AttributeName=expires_at" in text(result, "lifecycle")


@pytest.mark.parametrize("backend", ["amazon-s3", "s3-compatible"])
def test_lifecycle_rules_are_accepted(aws: Any, backend: str) -> None:
    model = parsed(
        {
            "Receipt": {"id": "uuid pk", "scan": "bytes", "_ttl": "36 hours"},
            "Report": {"id": "uuid pk"},
        }
    )
    rules = json.loads(text(design(model, backend), "lifecycle"))
    client = aws("s3")
    client.create_bucket(Bucket="documents")
    client.put_bucket_lifecycle_configuration(Bucket="documents", LifecycleConfiguration=rules)
    kept = client.get_bucket_lifecycle_configuration(Bucket="documents")["Rules"]
    assert [rule["ID"] for rule in kept] == ["abandoned-uploads", "expire-receipt"]
    assert kept[1]["Filter"] == {"Prefix": "receipt/"}
    assert kept[1]["Expiration"] == {"Days": 2}


def test_a_store_without_a_rule_for_abandoned_uploads_gets_none() -> None:
    model = parsed({"Receipt": {"id": "uuid pk", "scan": "bytes", "_ttl": "36 hours"}})
    hosted = design(model, "s3-compatible", hosting="MinIO")
    rules = json.loads(text(hosted, "lifecycle"))["Rules"]
    assert [rule["ID"] for rule in rules] == ["expire-receipt"]
    lasting = parsed({"Receipt": {"id": "uuid pk", "scan": "bytes"}})
    hosted = design(lasting, "s3-compatible", hosting="MinIO")
    assert not [found for found in hosted.artifacts if found.kind == "lifecycle"]
