"""A DynamoDB table that was there: the track is about the change, and not about a new table."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from storage_conductor.questions import answers

from .command_runner import call

Capture = pytest.CaptureFixture[str]
Start = Callable[..., Path]


def keyed(*names: str) -> list[dict[str, str]]:
    return [
        {"AttributeName": name, "KeyType": kind}
        for name, kind in zip(names, ("HASH", "RANGE"), strict=False)
    ]


def index(name: str, *names: str) -> dict[str, Any]:
    projection = {"ProjectionType": "ALL"}
    return {"IndexName": name, "KeySchema": keyed(*names), "Projection": projection}


TABLE = {
    "TableName": "orders",
    "KeySchema": keyed("customer", "number"),
    "AttributeDefinitions": [
        {"AttributeName": name, "AttributeType": "S"}
        for name in ("customer", "number", "placed_at", "status")
    ],
    "LocalSecondaryIndexes": [index("by_time", "customer", "placed_at")],
    "GlobalSecondaryIndexes": [index("by_status", "status", "placed_at")],
    "ItemCount": 1200000,
    "TableSizeBytes": 480000000,
}


@pytest.fixture
def imported(tmp_path: Path, capsys: Capture) -> Callable[..., dict[str, Any]]:
    def run(*more: str) -> dict[str, Any]:
        file = tmp_path / "table.json"
        file.write_text(json.dumps({"Table": TABLE}), encoding="utf-8")
        done = call(capsys, "import", str(file), *more)
        assert done.code == 0
        found: dict[str, Any] = yaml.safe_load(done.out)
        return found

    return run


def read(track: Path) -> tuple[str, str]:
    spec, plan = ((track / f"{n}.md").read_text(encoding="utf-8") for n in ("spec", "plan"))
    return spec, plan


def test_a_table_that_the_answers_say_all_of_needs_no_change(
    imported: Callable[..., dict[str, Any]], start: Start
) -> None:
    spec, plan = read(start(**imported()))
    assert "is what is to be, and the store has all of it: nothing is to be migrated." in spec
    assert "| `orders` | `by_time`, a local index |" in spec
    assert "1,200,000" in spec
    assert "Bring the table that is there to the draft, which it has all of" in plan
    assert "Write the first migration" not in plan
    assert "as a baseline" not in plan


def test_what_the_draft_has_otherwise_is_the_change(
    imported: Callable[..., dict[str, Any]], start: Start
) -> None:
    values = imported()
    values["entities"]["Orders"]["courier"] = "text"
    values["entities"]["Parcel"] = {"id": "uuid pk"}
    values["access_patterns"] = [
        *(p for p in values["access_patterns"] if "by_status" not in p["name"]),
        {"name": "orders of a courier", "entity": "Orders", "filter": ["courier"]},
    ]
    spec, plan = read(start(**values))
    lines = ["index `by_courier` is new", "`parcel` is new", "index `by_status` goes"]
    for line in lines:
        assert f"- {line[0].upper()}{line[1:]}." in spec or f"- {line}." in spec, line
        assert line in plan
    assert "index `by_time` goes" not in spec


def test_a_design_of_a_table_is_made_by_the_first_migration(
    imported: Callable[..., dict[str, Any]], start: Start
) -> None:
    values = imported("--design")
    assert "existing" not in values
    _, plan = read(start(**values))
    assert "Write the first migration" in plan


def test_what_an_import_did_not_write_so_is_refused() -> None:
    base = {"title": "T", "description": "D", "storage_type": "database", "backend": "DynamoDB"}
    cases: list[Any] = [{"described": {"orders": {}}}, {"described": 1}]
    for broken in cases:
        _, problems = answers.examine({**base, "existing": {"dynamodb": broken}}, [], closed=True)
        assert problems
        assert problems[0].startswith("existing: must be what `storage-conductor import` wrote")
