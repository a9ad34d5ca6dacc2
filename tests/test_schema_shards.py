"""Shard keys of MongoDB: when one is needed, which is taken, and what it loses."""

from __future__ import annotations

from typing import Any

import pytest

from storage_conductor.catalog import loading
from storage_conductor.errors import ConductorError
from storage_conductor.schema.common import Sizes
from storage_conductor.schema.design import design
from storage_conductor.schema.parse import parse_model
from storage_conductor.schema.result import Design
from tests.spec_rendering import rendered, track_of

EVENT = {
    "id": "uuid pk",
    "device": "uuid not null",
    "kind": "enum(on, off) not null",
    "at": "timestamptz not null",
}
OF_A_DEVICE = {
    "name": "events of a device, newest first",
    "entity": "Event",
    "filter": ["device"],
    "sort": ["at desc"],
    "page_size": 100,
    "per_second": 900,
}
BY_ID = {"name": "event by id", "entity": "Event", "filter": ["id"], "per_second": 5}
RECORD = {"name": "record an event", "entity": "Event", "kind": "write", "per_second": 5000}


def drafted(fields: dict[str, Any], *patterns: dict[str, Any], shards: int = 3) -> Design:
    model = parse_model({"Event": fields}, list(patterns))
    assert model is not None
    return design(model, [loading.load("mongodb")], Sizes(shards=shards))


def statement(result: Design) -> str:
    lines = result.artifacts[0].text.splitlines()
    return next((line for line in lines if line.startswith("sh.")), "")


def verdicts(result: Design) -> dict[str, str]:
    (choice,) = result.shards
    return {way.word: way.verdict for way in choice.ways}


def test_one_replica_set_has_no_shard_key() -> None:
    result = drafted(EVENT, OF_A_DEVICE, shards=1)
    assert (result.shards, statement(result)) == ((), "")


def test_the_busiest_filter_leads_and_the_key_splits_it() -> None:
    result = drafted(EVENT, OF_A_DEVICE, BY_ID, RECORD)
    expected = 'sh.shardCollection(db.getName() + ".event", {"device": 1, "_id": 1});'
    assert statement(result) == expected
    (choice,) = result.shards
    # One shard for each insert and each page, all three for each event by its id; by the hash of
    # the id the other way round.
    assert {way.word: way.asked for way in choice.ways} == {
        "filter first": 5000 + 900 + 5 * 3,
        "filter hash": 5000 + 900 + 5 * 3,
        "id hash": 5000 + 900 * 3 + 5,
    }
    assert verdicts(result) == {
        "filter first": "chosen", "filter hash": "whole", "id hash": "dearer",
    }  # fmt: skip


def test_few_values_and_missing_ones_lead_no_key() -> None:
    by_kind = {**OF_A_DEVICE, "filter": ["kind"]}
    assert verdicts(drafted(EVENT, by_kind)) == {
        "id hash": "chosen", "filter first": "few", "filter hash": "few",
    }  # fmt: skip
    fields = EVENT | {"device": "uuid"}
    assert verdicts(drafted(fields, OF_A_DEVICE))["filter first"] == "missing"


def test_what_rises_is_hashed() -> None:
    by_time = {**OF_A_DEVICE, "filter": ["at"], "sort": []}
    result = drafted(EVENT, by_time)
    assert verdicts(result)["filter first"] == "rising"
    assert statement(result).endswith('{"at": "hashed"});')


def test_a_unique_rule_leads_where_another_key_would_lose_it() -> None:
    result = drafted(EVENT | {"number": "varchar(20) unique not null"}, OF_A_DEVICE, RECORD)
    assert statement(result).endswith('{"number": 1}, true);')
    assert verdicts(result)["filter first"] == "loses"


def test_a_person_may_lose_it_and_the_application_keeps_it() -> None:
    fields = {"_layout": "filter first", **EVENT, "number": "varchar(20) unique not null"}
    result = drafted(fields, OF_A_DEVICE, RECORD)
    assert statement(result).endswith('{"device": 1, "_id": 1});')
    assert '"name": "uq_event_number", "unique"' not in result.artifacts[0].text
    (case,) = [c for c in result.constraints if c.kind == "unique"]
    assert case.enforced_by == "application"
    assert verdicts(result)["unique first"] == "ruled"


@pytest.mark.parametrize(
    ("layout", "shards", "said"),
    [
        ("unique first", 3, "`unique first` is not possible here"),
        ("id hash", 0, "over shards alone"),
        ("id hsh", 3, "the nearest known word is `id hash`"),
    ],
)
def test_a_layout_that_cannot_be_had_is_named(layout: str, shards: int, said: str) -> None:
    with pytest.raises(ConductorError, match=said):
        drafted({"_layout": layout, **EVENT}, OF_A_DEVICE, shards=shards)


def test_what_is_small_beside_it_stays_on_one_shard() -> None:
    machine = {"_count": "200,000", "id": "uuid pk", "site": "uuid not null"}
    given = {"Event": EVENT, "Machine": machine}
    model = parse_model(given, [OF_A_DEVICE, BY_ID, RECORD])
    assert model is not None
    store = loading.load("mongodb").at("MongoDB Atlas")
    assert [c.entity for c in design(model, [store], Sizes(shards=2)).shards] == ["Event"]


ANSWERS = {
    "title": "Events",
    "description": "Events of devices",
    "backend": "MongoDB",
    "hosting": "MongoDB Atlas",
    "initial_data_gb": 4000,
    "growth_gb_per_month": 120,
    "entities": {"Event": EVENT},
    "access_patterns": [OF_A_DEVICE, BY_ID, RECORD | {"per_second": 1}],
}


def test_the_volume_asks_for_shards_and_a_decision_takes_another_key() -> None:
    spec = rendered(track_of(ANSWERS), "spec.md")
    # 4,000 GB + 36 x 120 GB = 8,320 GB in replica sets of 4 TiB = 4,398 GB
    assert "| Shard key of Event, 2 shards |" in spec
    assert "| D-shard-choice |" in spec
    decided = {"decisions": "D-shard-choice: id hash"}
    assert '{"_id": "hashed"}' in rendered(track_of(ANSWERS | decided), "spec.md")


def test_without_the_volume_or_the_word_there_are_none() -> None:
    small = ANSWERS | {"initial_data_gb": 40, "growth_gb_per_month": 1}
    assert "sh.shardCollection(" not in rendered(track_of(small), "spec.md")
    said = small | {"scalability": "sharded from the first day"}
    assert "sh.shardCollection(" in rendered(track_of(said), "spec.md")
