"""A layout that a person decides for is what is drafted, sized and priced, in every family."""

from __future__ import annotations

from typing import Any

import pytest

from storage_conductor.component.track import Track
from tests.spec_rendering import rendered, track_of

ENTRY = {
    "id": "uuid pk",
    "account": "varchar(20) not null",
    "memo": "varchar(2000) not null",
    "created_at": "timestamptz not null",
}
POST = {"name": "post", "entity": "Entry", "kind": "write", "per_second": 100}
LIST = {
    "name": "list",
    "entity": "Entry",
    "filter": ["account"],
    "sort": ["created_at desc"],
    "per_second": 900,
    "page_size": 20,
}
KEYED: dict[str, Any] = {
    "entities": {"Entry": ENTRY},
    "access_patterns": [POST, LIST],
    "retention": "90 days",
    "hosting": "AWS",
    "peak_factor": 2,
}
RATINGS: dict[str, Any] = {
    "entities": {
        "Product": {"_count": "100,000", "id": "bigint pk"},
        "Rating": {
            "_count": "80 million",
            "product": "ref Product pk",
            "guest": "bigint pk",
            "stars": "smallint not null",
        },
    },
    "access_patterns": [
        {"name": "rate", "entity": "Rating", "kind": "write", "per_second": 1},
        {
            "name": "stars of a product",
            "entity": "Rating",
            "filter": ["product"],
            "aggregate": ["average stars"],
            "per_second": 900,
        },
    ],
}
READINGS: dict[str, Any] = {
    "entities": {
        "Reading": {
            "_lifetime": "90 days",
            "_growth": "2,000 a second",
            "sensor": "int pk",
            "taken_at": "timestamptz pk",
            "value": "float not null",
        }
    },
    "access_patterns": [
        {"name": "store", "entity": "Reading", "kind": "write", "per_second": 2000},
        {"name": "chart", "entity": "Reading", "filter": ["sensor", "taken_at >"], "per_second": 5},
    ],
}
METERS: dict[str, Any] = {
    "entities": {
        "Meter": {"_count": "20,000", "id": "int pk"},
        "Reading": {
            "_lifetime": "90 days",
            "_growth": "20,000 a second",
            "meter": "ref Meter pk",
            "taken_at": "timestamptz pk",
            "value": "float not null",
        },
    },
    "access_patterns": [
        {"name": "chart", "entity": "Reading", "filter": ["meter", "taken_at >"], "per_second": 5},
    ],
}
UNCOUNTED = {
    **METERS,
    "entities": {
        "Reading": {"meter": "int pk", "taken_at": "timestamptz pk", "value": "float not null"}
    },
}
ORDERS: dict[str, Any] = {
    "entities": {
        "Order": {"_count": "10 million", "id": "bigint pk", "state": "enum(open, paid) not null"},
        "Line": {"_count": "30 million", "order": "ref Order pk", "line": "int pk"},
    },
    "access_patterns": [
        {"name": "show", "entity": "Order", "filter": ["id"], "per_second": 200},
        {"name": "lines", "entity": "Line", "filter": ["order"], "per_second": 200},
    ],
}
FILES: dict[str, Any] = {
    "entities": {
        "Scan": {
            "_lifetime": "90 days",
            "_growth": "10 a second",
            "account": "uuid pk",
            "at": "timestamptz pk",
            "page": "bytes",
        }
    },
    "access_patterns": [
        {"name": "list", "entity": "Scan", "filter": ["account", "at >"], "per_second": 2}
    ],
}
TOGETHER: dict[str, Any] = {
    "storage_type": "hybrid",
    "backends": ["PostgreSQL", "DynamoDB"],
    "entities": {
        "Entry": {**ENTRY, "_store": "dynamodb"},
        "Product": {**RATINGS["entities"]["Product"], "_store": "postgresql"},
        "Rating": {**RATINGS["entities"]["Rating"], "_store": "postgresql"},
    },
    "access_patterns": [POST, LIST, *RATINGS["access_patterns"]],
}
# Store, answers, decision, its words, the entity that it is about, and `_layout` for the same.
CASES = [
    ("DynamoDB", KEYED, "D-layout-choice", "own key", "Entry", "own key"),
    (
        "DynamoDB", KEYED, "D-layout-choice",
        "by its own key, indexes hold keys, items are fetched", "Entry", "own key, keys only",
    ),
    ("DynamoDB", KEYED, "D-layout-choice", "not the parent key", "Entry", "own key"),
    ("PostgreSQL", RATINGS, "D-aggregate-kept", "added up at each read", "Rating", "added at read"),
    ("MySQL", RATINGS, "D-aggregate-kept", "a split counter", "Rating", "split counter"),
    (
        "MariaDB", RATINGS, "D-aggregate-kept", "stars of a product: computed anew by a job",
        "Rating", "recomputed",
    ),
    ("SQL Server", RATINGS, "D-aggregate-kept", "no counter: recomputed", "Rating", "recomputed"),
    ("SQLite", RATINGS, "D-aggregate-kept", "added at read", "Rating", "added at read"),
    ("PostgreSQL", READINGS, "D-expiry-choice", "no partitions", "Reading", "deleted in batches"),
    (
        "MariaDB", READINGS, "D-expiry-choice", "deleted in batches of 1,000",
        "Reading", "deleted in batches",
    ),
    ("MySQL", READINGS, "D-expiry-choice", "Reading: batches", "Reading", "deleted in batches"),
    (
        "MongoDB", ORDERS, "D-embed-choice", "referred, a collection of its own", "Line",
        "referred",
    ),
    ("NFS", FILES, "D-spread-choice", "directories by hash", "Scan", "by hash"),
    ("MongoDB", ORDERS, "D-embed-choice", "not embedded", "Line", "referred"),
    ("Cassandra", METERS, "D-bucket-choice", "by the hour", "Reading", "by hour"),
    ("Cassandra", METERS, "D-bucket-choice", "not by day but by month", "Reading", "by month"),
    ("Cassandra", UNCOUNTED, "D-unbounded-partition", "a bucket by day", "Reading", "by day"),
    ("", TOGETHER, "D-layout-choice", "own key rather than the parent key", "Entry", "own key"),
    ("", TOGETHER, "D-aggregate-kept", "added at read", "Rating", "added at read"),
]  # fmt: skip


def track(store: str, answers: dict[str, Any], decided: Any = None, **more: Any) -> Track:
    backend = {"backend": store} if store else {}
    documents = {"decided": decided} if decided else None
    return track_of({"detail": "full", **backend, **answers, **more}, documents)


def drafted(found: Track) -> list[str]:
    assert found.component.design is not None
    return [artifact.text for artifact in found.component.design.artifacts]


@pytest.mark.parametrize("case", CASES)
def test_the_draft_follows_the_decision(
    case: tuple[str, dict[str, Any], str, str, str, str],
) -> None:
    store, answers, key, words, entity, layout = case
    before = track(store, answers)
    assert key in {item.key for item in before.decisions}
    entities = answers["entities"]
    written = track(
        store,
        {**answers, "entities": {**entities, entity: {**entities[entity], "_layout": layout}}},
    )
    assert drafted(written) != drafted(before)
    for after in (
        track(store, answers, decisions={key: words}),
        track(store, answers, {key: words}),
    ):
        assert drafted(after) == drafted(written)
        assert after.component.estimates == written.component.estimates
        assert after.component.costs == written.component.costs
        (row,) = [item for item in after.decisions if item.key == key]
        assert (row.status, words in row.default) == ("decided", True)
        spec, plan = rendered(after, "spec.md"), rendered(after, "plan.md")
        assert "**chosen by a person**" in spec or answers is UNCOUNTED
        assert key not in plan.replace(f"[{key}](spec.md#decisions)", "")
        assert "Build what was decided" not in plan
        assert "without effect" not in spec


def test_each_entity_gets_what_is_decided_for_it() -> None:
    note = {**ENTRY, "_table": "note"}
    answers = {
        "entities": {"Entry": ENTRY, "Note": note},
        "access_patterns": [POST, LIST]
        + [{**p, "name": f"{p['name']} notes", "entity": "Note"} for p in (POST, LIST)],
    }

    def layouts(text: str) -> dict[str, tuple[str, ...]]:
        design = track("DynamoDB", answers, decisions={"D-layout-choice": text}).component.design
        assert design is not None
        return {choice.entity: choice.rows[0].words for choice in design.layouts}

    parent, own = ("parent key",), ("own key", "whole items")
    assert layouts("own key") == {"Entry": own, "Note": own}
    assert layouts("Note: own key") == {"Entry": parent, "Note": own}
    keys = ("own key", "keys only")
    assert layouts("Note: own key; keys only, own key") == {"Entry": keys, "Note": own}


def test_other_words_are_a_design_of_their_own() -> None:
    found = track("DynamoDB", KEYED, decisions={"D-layout-choice": "one table for all of it"})
    assert drafted(found) == drafted(track("DynamoDB", KEYED))
    assert "Build what was decided in [D-layout-choice]" in rendered(found, "plan.md")


@pytest.mark.parametrize(
    ("store", "text"),
    [("SQLite", "split counter"), ("PostgreSQL", "counter or recomputed, as it comes")],
)
def test_a_layout_that_cannot_be_followed_is_said_to_have_no_effect(store: str, text: str) -> None:
    found = track(store, RATINGS, decisions={"D-aggregate-kept": text})
    assert drafted(found) == drafted(track(store, RATINGS))
    assert "decision D-aggregate-kept" in rendered(found, "spec.md")
    assert "Build what was decided" not in rendered(found, "plan.md")


def test_what_cannot_be_kept_of_one_pattern_does_not_hinder_that_of_another() -> None:
    ranged = {
        "name": "many stars", "entity": "Rating", "filter": ["product", "stars >"],
        "aggregate": ["count"], "per_second": 1,
    }  # fmt: skip
    answers = {**RATINGS, "access_patterns": [*RATINGS["access_patterns"], ranged]}
    found = track("PostgreSQL", answers, decisions={"D-aggregate-kept": "recomputed"})
    assert found.component.design is not None
    words = {choice.pattern: choice.rows[0].word for choice in found.component.design.sums}
    assert words == {"stars of a product": "recomputed", "many stars": "added at read"}
