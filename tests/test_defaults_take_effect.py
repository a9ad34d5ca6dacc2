"""What a decision about something unstated takes by default is what the requirements ask for."""

from __future__ import annotations

from typing import Any

from tests.specification_reading import Rendered, render

MODEL: dict[str, Any] = {
    "entities": {
        "Slot": {"_count": "6,000", "_size": "250 B", "id": "uuid pk"},
        "Board": {"_store": "redis", "id": "uuid pk"},
    }
}


def page(backend: str = "PostgreSQL", **answers: Any) -> Rendered:
    return render({"description": "Slots of a crane.", "backend": backend, **answers})


def test_the_loss_and_the_time_that_are_assumed_are_required() -> None:
    silent = page()
    assert "D-missing-recovery" in silent.decisions
    assert "at most a day of writes in each failure after which" in silent.line("N-rpo")
    assert "([D-missing-recovery]" in silent.line("N-rpo")
    assert "within a working day ([D-missing-recovery]" in silent.line("N-rto")
    assert "the last day of writes ([D-missing-recovery]" in silent.line("A-restore")
    assert "recovery point" not in silent.section("Requirements").split("Not stated")[-1]
    half = page(rpo_minutes=5)
    assert "5 min" in half.line("N-rpo")
    assert "within a working day" in half.line("N-rto")
    assert "working day" not in page(rpo_minutes=5, rto_minutes=9).spec


def test_what_may_be_sensitive_is_guarded_until_it_is_said() -> None:
    silent = page()
    assert "([D-missing-sensitive-data]" in silent.line("N-privacy")
    assert "([D-missing-sensitive-data]" in silent.line("A-privacy")
    none = page(sensitive_data=["none"])
    assert not none.line("N-privacy")
    assert not none.line("A-privacy")
    assert "missing-sensitive-data" not in page(sensitive_data=["pii"]).line("N-privacy")


def test_an_item_whose_largest_size_nobody_said_has_the_limit_of_the_store() -> None:
    silent = page("DynamoDB", detail="full")
    assert "are refused" in silent.decisions["D-missing-largest-item"][1]
    assert "refuses an item above 400 KiB" in silent.line("N-item")
    said = page("DynamoDB", detail="full", largest_item_bytes=9_000)
    assert "accepts an item of 9 kB" in said.line("N-item")
    assert "D-missing-largest-item" not in said.decisions


def test_the_volume_is_what_the_entities_outside_of_caches_tell() -> None:
    several: dict[str, Any] = {
        "storage_type": "hybrid",
        "backends": ["PostgreSQL", "Redis"],
        "backend": None,
    }
    told = page(**(several | MODEL), growth_gb_per_month=1)
    assert "D-missing-volume" not in told.decisions
    grown = page(**(several | MODEL)).decisions["D-missing-volume"][0]
    assert "How the volume grows is not known (growth_gb_per_month not stated)" in grown
    entities = MODEL["entities"] | {"Wish": {"id": "uuid pk"}}
    partly = page(**several, entities=entities).decisions["D-missing-volume"][0]
    assert "no count of Wish" in partly


def test_a_table_that_follows_from_operations_takes_no_volume_away() -> None:
    tell = {"name": "tell accounting of slots", "entity": "Slot", "kind": "job", "every": "day"}
    slot = {"Slot": MODEL["entities"]["Slot"]}
    told = page(entities=slot, access_patterns=[tell], growth_gb_per_month=1)
    assert "CREATE TABLE outbox" in told.spec
    assert "D-missing-volume" not in told.decisions


def test_the_recovery_table_tells_failures_alike_once_and_whether_each_is_in_time() -> None:
    asked = page(hosting="Amazon RDS", rpo_minutes=5, rto_minutes=60)
    told = asked.section("Backup and Recovery")
    assert "| one item, what an operator's mistake destroyed, what was silently corrupted |" in told
    assert "| Meets the recovery point | In time |" in told
    assert "| a node, a zone | Amazon RDS Multi-AZ standby | 0 min | yes | yes |" in told
    assert "**not known** ([D-rpo-interval-unknown](#decisions)) | measured |" in told
    assert "the loss of a region" in asked.line("N-rpo")
    assert "In time" not in page(rpo_minutes=5).section("Backup and Recovery")
    large = page(hosting="self-managed", rto_minutes=5, initial_data_gb=9_000)
    assert "**no** ([D-restore-time](#decisions)) |" in large.section("Backup and Recovery")
    # That copying alone takes less says nothing of a new server and the replay of logs.
    small = page(hosting="self-managed", rto_minutes=240, initial_data_gb=9)
    assert small.section("Backup and Recovery").count("| measured |") == 1


def test_the_draft_lets_a_copy_live_as_long_as_the_decision_says() -> None:
    read = {"name": "board", "entity": "Board", "filter": ["id"], "consistency": "strong"}
    entities = MODEL["entities"] | {
        "Board": {"_store": "redis", "_lifetime": "1 hour", "id": "uuid pk"}
    }
    several: dict[str, Any] = {"storage_type": "hybrid", "backends": ["PostgreSQL", "Redis"]}
    model = {"entities": entities, "access_patterns": [read | {"fresh_within": "10 s"}]}
    asked = page(**several, **model)
    assert "D-stale-beyond-bound-redis" in asked.decisions
    assert "EX 10\n" in asked.spec
    assert "EX 3600" not in asked.spec
    assert "| strong ([D-stale-copies](#decisions)) |" in asked.section("Query Patterns")
    patient = page(**several, **(model | {"access_patterns": [read | {"fresh_within": "2 hours"}]}))
    assert "EX 3600" in patient.spec


def test_what_has_a_count_and_no_growth_stays_as_large_beside_what_grows() -> None:
    entities = {
        "Slot": {"_count": "6,000", "_size": "250 B", "id": "uuid pk"},
        "Lift": {"_count": "10", "_size": "1 kB", "_growth": "1 million a month", "id": "uuid pk"},
    }
    assert "D-missing-volume" not in page(entities=entities).decisions
    del entities["Lift"]["_growth"]
    assert "D-missing-volume" in page(entities=entities).decisions


def test_a_strong_read_by_another_field_is_decided_once() -> None:
    read = {"name": "of a guest", "entity": "Pass", "filter": ["guest"], "consistency": "strong"}
    entities = {"Pass": {"id": "uuid pk", "guest": "uuid not null"}}
    asked = page("DynamoDB", entities=entities, access_patterns=[read])
    assert "D-index-reads" in asked.decisions
    assert "D-strong-read-on-index" not in asked.decisions


def test_a_region_comes_back_by_what_keeps_it_alike() -> None:
    asked = page("DynamoDB", rpo_minutes=5, regions=["a", "b"]).section("Backup and Recovery")
    assert "| a region | Global table |" in asked
    alone = page("DynamoDB", rpo_minutes=5, regions=["a"]).section("Backup and Recovery")
    assert "| a region | Global table |" not in alone
