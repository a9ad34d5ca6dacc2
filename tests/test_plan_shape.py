"""Tasks about the shape of data need entities of that shape, or none that are known."""

from __future__ import annotations

from typing import Any

import pytest

from tests.specification_reading import Rendered, render

PLAIN: dict[str, Any] = {"Row": {"id": "uuid pk", "name": "varchar(40) not null"}}
READ: dict[str, Any] = {"name": "read", "entity": "Row", "filter": ["id"]}


def page(backend: str, entities: dict[str, Any] | None = None, **answers: Any) -> Rendered:
    model = {"entities": entities, "access_patterns": [READ]} if entities else {}
    return render({"description": "Rows.", "backend": backend, **model, **answers})


def row(**fields: str) -> dict[str, Any]:
    return {"Row": {**PLAIN["Row"], **fields}}


@pytest.mark.parametrize(
    ("backend", "words", "entities"),
    [
        ("DynamoDB", "For each item that grows (lists, maps", row(tags="text[]")),
        ("DynamoDB", "For each unique attribute beside the key", row(mail="text unique not null")),
        ("MongoDB", "Give each array a maximum", row(tags="json")),
        (
            "MongoDB",
            "Run a `$lookup` for each reference",
            {**PLAIN, "Part": {"id": "uuid pk", "row": "ref Row not null"}},
        ),
    ],
)
def test_a_task_about_a_shape_needs_it(backend: str, words: str, entities: dict[str, Any]) -> None:
    assert words in page(backend, entities).plan
    assert words not in page(backend, PLAIN).plan


@pytest.mark.parametrize(
    ("backend", "words"),
    [("DynamoDB", "For each item that grows"), ("MongoDB", "Give each array a maximum")],
)
def test_while_nothing_is_known_a_shape_is_possible(backend: str, words: str) -> None:
    assert words in page(backend).plan


def test_an_index_that_lags_has_readers_where_there_is_one() -> None:
    words = "For each reader of a global secondary index"
    assert words not in page("DynamoDB", PLAIN).plan
    by_name = {**READ, "name": "by name", "filter": ["name"]}
    found = render(
        {
            "description": "Rows.",
            "backend": "DynamoDB",
            "entities": PLAIN,
            "access_patterns": [READ, by_name],
        }
    )
    assert words in found.plan


def test_a_query_counts_broken_rules_where_one_spans_several_entries() -> None:
    words = "breaking a rule that spans several of them"
    assert words not in page("PostgreSQL", PLAIN).plan
    add = {"name": "add", "entity": "Row", "kind": "write", "invariant": "at most ten rows"}
    model = {"entities": PLAIN, "access_patterns": [add]}
    assert words in render({"description": "Rows.", "backend": "PostgreSQL", **model}).plan


def test_a_drill_of_regions_and_a_choice_of_locks_need_what_asks_for_them() -> None:
    kept = page("Amazon S3", retention="3 years", availability_percent=99.9)
    assert "governance and compliance mode" not in kept.plan
    assert "Multi-Region Access Point" not in kept.plan
    locked = page("Amazon S3", retention="3 years under object lock")
    assert "governance and compliance mode" in locked.plan
    far = page("Amazon S3", availability_percent=99.9, regions=["a: writes", "b: reads"])
    assert "Multi-Region Access Point" in far.plan


def test_large_values_are_searched_for_where_there_may_be_some() -> None:
    words = "keys above 1 MB"
    assert words in page("Redis", PLAIN).plan
    assert words not in page("Redis", PLAIN, largest_item_bytes=4_000).plan
