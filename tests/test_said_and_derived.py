"""What is said, or follows from what is said, is not called not stated, and no bound is broken."""

from __future__ import annotations

from typing import Any

import pytest

from tests.specification_reading import Rendered, render

ROW: dict[str, Any] = {"Row": {"id": "uuid pk", "name": "text"}}
READ: dict[str, Any] = {"name": "read", "entity": "Row", "filter": ["id"]}


def page(backend: str = "PostgreSQL", **answers: Any) -> Rendered:
    return render({"description": "Rows.", "backend": backend, "detail": "full", **answers})


@pytest.mark.parametrize(
    ("answers", "known"),
    [
        ({"reads_per_second": 40}, "rates"),
        (
            {"entities": ROW, "access_patterns": [READ | {"per_second": 3}, READ | {"name": "b"}]},
            "rates",
        ),
        ({"average_item_bytes": 900}, "sizes"),
        ({"description": "40 requests a second."}, "rates"),
    ],
)
def test_sizing_names_what_is_stated(answers: dict[str, Any], known: str) -> None:
    found = page(**answers)
    told = found.section("Sizing")
    assert "no rate, size or volume was stated" not in told
    if "Nothing can be computed yet" in told:
        assert known in told.partition("stated,")[0]


def test_sizing_says_so_where_nothing_is_stated() -> None:
    assert "no rate, size or volume was stated" in page().section("Sizing")


def test_the_peak_of_a_pattern_is_a_stated_rate() -> None:
    found = page(entities=ROW, access_patterns=[READ | {"peak": 70}])
    row = next(line for line in found.spec.splitlines() if line.startswith("| read | Row |"))
    assert "| 70 at peak |" in row
    timed = page(entities=ROW, access_patterns=[READ | {"per_second": 3, "p99_ms": 50}])
    assert "| 3/s on average |" in timed.section("Query Patterns")


def test_growth_without_a_count_begins_empty() -> None:
    grown = page(growth_gb_per_month=10)
    what, default = grown.decisions["D-missing-volume"]
    assert what.startswith("**Not stated.** What is there on the first day is not stated")
    assert default.startswith("It begins empty")
    assert "| Volume after 6 and 12 months; after 36 months |" in grown.section("Sizing")
    assert "The volume is not known" in page().decisions["D-missing-volume"][0]


BOARD: dict[str, Any] = {
    "storage_type": "hybrid",
    "backends": ["PostgreSQL", "Redis"],
    "backend": None,
    "store_objectives": {"Redis": {"retention": "1 day"}},
    "entities": {
        **ROW,
        "Board": {"_store": "redis", "_lifetime": "1 day", "id": "uuid pk"},
    },
}
SHOW = {"name": "show", "entity": "Board", "filter": ["id"], "fresh_within": "10 minutes"}
FILL = {
    "name": "fill",
    "entity": "Board",
    "kind": "job",
    "every": "4 minutes",
    "within": "1 minute",
}


def test_a_requirement_keeps_a_copy_no_longer_than_the_decision() -> None:
    found = page(**BOARD, access_patterns=[SHOW])
    line = found.line("N-store-redis")
    assert "keeps an item: 1 day, a copy that must be fresh for" in line
    assert "([D-stale-beyond-bound-redis](#decisions))" in line


def test_how_old_an_answer_is_adds_up_over_what_feeds_the_copy() -> None:
    alone = page(**BOARD, access_patterns=[SHOW])
    fed = page(**BOARD, access_patterns=[SHOW, FILL])
    assert "240 s between runs + 60 s a run > 600 s" in fed.spec
    assert "between runs" not in alone.spec
    assert "EX 300" in fed.spec or "EX 299" in fed.spec
    slow = page(**BOARD, access_patterns=[SHOW, FILL | {"every": "hour"}])
    assert "hears of a change later than that" in slow.decisions["D-stale-beyond-bound-redis"][0]
    told = {"name": "move", "entity": "Row", "kind": "write", "atomic": ["Row", "Board"]}
    assert "between runs" not in page(**BOARD, access_patterns=[SHOW, FILL, told]).spec


def test_versions_protect_where_the_product_has_them() -> None:
    asked = {"sensitive_data": ["pii"], "retention": "3 years"}
    without = page("S3-compatible", hosting="Cloudflare R2", **asked)
    assert "D-locked-objects" in without.decisions
    assert "versioning" not in without.decisions["D-locked-objects"][1]
    assert "by versions that stay" not in without.plan
    held = page("S3-compatible", hosting="MinIO", **asked)
    assert "versioning" in held.decisions["D-locked-objects"][1]
    assert "by versions that stay" in held.plan
