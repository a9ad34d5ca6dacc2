"""What rules read can be stated, and what they find is told once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from storage_conductor.component.demands import demands
from storage_conductor.context import read_context

from .conftest import ROOT

PROJECTS = (ROOT / "tests/fixtures/context/parcels", ROOT / "examples/project")


def test_every_demand_of_the_rules_is_read_from_some_document() -> None:
    stated = {
        name
        for project in PROJECTS
        for name, value in demands(read_context(project))._asdict().items()
        if value
    }
    assert set(demands(read_context(ROOT))._fields) == stated


def test_a_spec_says_what_share_one_item_may_take_of_the_load(start: Callable[..., Path]) -> None:
    track = start(
        storage_type="object_storage", backend="Google Cloud Storage", writes_per_second=20
    )
    spec = (track / "spec.md").read_text(encoding="utf-8")
    assert "One item may take at most 5 % of the 20 writes/s at peak" in spec
    assert "20/s = 20 writes/s; 1 ÷ 20 = 5 %" in spec
    slow = start(storage_type="object_storage", backend="Google Cloud Storage", writes_per_second=1)
    assert "One item may take" not in (slow / "spec.md").read_text(encoding="utf-8")


def test_a_key_that_runs_out_is_decided_once_for_each_entity(start: Callable[..., Path]) -> None:
    said = {
        "backend": "PostgreSQL",
        "entities": {name: {"id": "int pk", "at": "date"} for name in ("Hit", "Miss")},
        "access_patterns": [
            {"name": f"add {name}", "entity": name, "kind": "write", "per_second": 100}
            for name in ("Hit", "Miss")
        ],
    }
    spec = (start(**said) / "spec.md").read_text(encoding="utf-8")
    table = spec.partition("## Decisions")[2].partition("\n## ")[0].splitlines()
    keys = [line.split("|")[1].strip() for line in table if line.startswith("| D-int")]
    assert keys == ["D-int-key-exhaustion", "D-int-key-exhaustion-others"]
