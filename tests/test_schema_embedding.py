"""MongoDB: what belongs to a document lies in it where it stays bounded and costs no more."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema
import pytest

from storage_conductor.errors import ConductorError
from storage_conductor.schema.common import NOTHING_STATED, Sizes
from storage_conductor.schema.model import DataModel
from storage_conductor.schema.parse import parse_model
from storage_conductor.schema.result import Design
from tests.schema_support import design
from tests.spec_rendering import rendered, section, track_of

from .test_schema_documents import plain

ORDER = {
    "_count": "30 million",
    "_growth": "20 million a year",
    "id": "bigint pk",
    "customer": "bigint not null",
    "state": "enum(open, paid, shipped, cancelled) not null",
    "placed_at": "timestamptz not null",
}
LINE = {
    "_count": "90 million",
    "_growth": "60 million a year",
    "order": "ref Order pk on delete cascade",
    "line": "int pk",
    "product": "bigint not null",
    "quantity": "int not null check(quantity > 0)",
}
SHOW = {"name": "show", "entity": "Order", "filter": ["id"], "per_second": 200}
LINES = {"name": "lines", "entity": "Line", "filter": ["order"], "per_second": 150}
PLACE = {"name": "place", "entity": "Order", "kind": "write", "per_second": 10}
PLACE |= {"atomic": ["Order", "Line"]}
ADD = {"name": "add", "entity": "Line", "kind": "write", "per_second": 2}


def model(*patterns: dict[str, Any], line: Any = None, order: Any = None) -> DataModel:
    entities = {"Order": ORDER | (order or {}), "Line": LINE | (line or {})}
    found = parse_model(entities, list(patterns) or [SHOW, LINES, PLACE, ADD])
    assert found is not None
    return found


def designed(*patterns: dict[str, Any], sizes: Sizes = NOTHING_STATED, **changed: Any) -> Design:
    return design(model(*patterns, **changed), "mongodb", sizes=sizes)


def ways(result: Design) -> list[tuple[str, str]]:
    (choice,) = result.embeds
    return [(way.word, way.verdict) for way in choice.ways]


def created(result: Design) -> dict[str, Any]:
    found = re.findall(r'createCollection\("(\w+)", (.*?)\);', result.artifacts[0].text, re.S)
    return {name: json.loads(text)["validator"]["$jsonSchema"] for name, text in found}


def test_both_ways_are_compared_by_the_blocks_that_they_touch() -> None:
    (choice,) = designed().embeds
    sizes = {way.word: (way.size, way.blocks) for way in choice.ways}
    # 5 of the document; id 2+2+8, customer 2+8+8, state 2+5+5+6, placed_at 2+9+8 are 72 bytes.
    # 5 of the element; line 2+4+4, product 2+7+8, quantity 2+8+4 are 46; three of them in each.
    # One read answers for both, 200; each of 12 writes is one document of one block.
    assert sizes["embedded"] == (72 + 3 * 46, 200 + 12)
    # 200 orders, 150 × 3 lines; 10 × (1 + 3 × (line and index entry)), 2 × (line and entry).
    assert sizes["referred"] == (46, 200 + 450 + 10 * 7 + 2 * 2)
    assert [way.verdict for way in choice.ways] == ["chosen", "dearer"]
    assert choice.most == (16_777_216 - 72) // 46


def test_what_is_embedded_has_no_collection_and_keeps_its_rules_in_the_document() -> None:
    result = designed()
    assert list(created(result)) == ["order"]
    judge = jsonschema.Draft4Validator(plain(created(result)["order"]))
    good = {"_id": 1, "customer": 2, "state": "open", "placed_at": "2026-01-31T12:00:00Z"}
    line = {"line": 1, "product": 7, "quantity": 1}
    judge.validate(good)
    judge.validate(good | {"line": [line, line | {"line": 2}]})
    for wrong in ({"quantity": 0}, {"quantity": "1"}, {"product": None}):
        assert not judge.is_valid(good | {"line": [line | wrong]})
    kept = {(case.kind, case.enforced_by) for case in result.constraints if case.entity == "Line"}
    assert kept == {
        ("key", "application"), ("not null", "store"), ("check", "store"), ("reference", "store"),
    }  # fmt: skip
    served = {row.name: (row.served_by, row.cost) for row in result.patterns}
    assert served["lines"] == ("pk_order", "point")
    assert {row.entity for row in result.indexes} == {"Order"}
    assert [table.name for table in result.entities] == ["order", "order.line"]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "embedded"),
        # Lines come and orders do not: the arrays grow without an end.
        ({"order": {"_growth": "0 a year"}}, "unbounded"),
        # 365,000 of 46 bytes are above 16 MiB.
        (
            {
                "order": {"_count": "1,000", "_growth": "0 a year"},
                "line": {"_count": "365 million", "_growth": "0 a year"},
            },
            "large",
        ),
    ],
)
def test_an_array_has_an_end(changed: dict[str, Any], expected: str) -> None:
    found = dict(ways(designed(**changed)))
    assert found["embedded"] == ("chosen" if expected == "embedded" else expected)


def test_rewriting_a_long_array_for_each_element_is_dearer() -> None:
    many: dict[str, Any] = {"line": {"_count": "60 billion", "_growth": "40 billion a year"}}
    page = {"name": "page", "entity": "Line", "filter": ["order"], "page_size": 20, "per_second": 1}
    assert ways(designed(page, ADD | {"per_second": 50}, **many))[0] == ("referred", "chosen")
    assert ways(designed(LINES, ADD | {"per_second": 1}, **many))[0] == ("embedded", "chosen")


def test_the_stated_largest_item_bounds_the_document() -> None:
    (choice,) = designed(sizes=Sizes(largest_item_bytes=1000)).embeds
    assert choice.most == (1000 - 72) // 46
    small = designed(sizes=Sizes(largest_item_bytes=200))
    assert ways(small) == [("referred", "chosen"), ("embedded", "large")]


OTHER = {"name": "of a product", "entity": "Line", "filter": ["product"], "per_second": 1}


@pytest.mark.parametrize(
    ("patterns", "changed"),
    [
        ([SHOW, LINES, OTHER], {}),  # found without its order
        ([SHOW, LINES], {"_ttl": "1 day"}),
        ([SHOW, LINES], {"_unique": ["product"]}),
        ([SHOW, LINES], {"_count": None, "_growth": None}),  # nobody knows how many
        ([SHOW], {}),  # nothing reads it
    ],
)
def test_what_cannot_lie_in_a_document_is_not_compared(
    patterns: list[dict[str, Any]], changed: dict[str, Any]
) -> None:
    line = {key: value for key, value in (LINE | changed).items() if value is not None}
    found = parse_model({"Order": ORDER, "Line": line}, patterns)
    assert found is not None
    result = design(found, "mongodb")
    assert result.embeds == ()
    assert list(created(result)) == ["order", "line"]
    asked = parse_model({"Order": ORDER, "Line": line | {"_layout": "embedded"}}, patterns)
    assert asked is not None
    with pytest.raises(ConductorError, match=r"Line\._layout: `embedded` is not possible here"):
        design(asked, "mongodb")


def test_operations_write_the_document() -> None:
    add = ADD | {"races": True}
    fix: dict[str, Any] = {
        "name": "fix",
        "entity": "Line",
        "kind": "update",
        "filter": ["order", "line"],
    }
    fix |= {"races": True, "per_second": 1}
    drop = fix | {"name": "drop", "kind": "delete"}
    answers = {
        "backend": "MongoDB",
        "detail": "full",
        "entities": {"Order": ORDER, "Line": LINE},
        "access_patterns": [SHOW, LINES, PLACE, add, fix, drop],
    }
    text = section(rendered(track_of(answers), "spec.md"), "Query Patterns")
    write = 'db.collection("order").updateOne({_id: order_id, line: {'
    assert 'db.collection("order").insertOne(<document>)' in text
    assert (
        f"{write}$not: {{$elemMatch: {{line: line}}}}}}}}, {{$push: {{line: <element>}}}})" in text
    )
    assert f"{write}$elemMatch: {{line: line, <condition>}}}}}}, {{$set: " in text
    assert f"{write}$elemMatch: {{line: line, <condition>}}}}}}, {{$pull: " in text
    assert "withTransaction" not in text
