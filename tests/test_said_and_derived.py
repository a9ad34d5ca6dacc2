"""What is said, or follows from what is said, is not called not stated, and no bound is broken."""

from __future__ import annotations

from typing import Any

import pytest

from storage_conductor.units import counted
from tests.specification_reading import Rendered, render

ROW: dict[str, Any] = {"Row": {"id": "uuid pk", "name": "text"}}
PLAIN: dict[str, Any] = {"description": "Rows.", "backend": "PostgreSQL"}
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


@pytest.mark.parametrize(
    "retention",
    [
        "for ever",
        "never deleted",
        "entries are never removed",
        "unlimited",
        "unbegrenzt",
        "wird nie gelöscht",
        "jamais supprimé",
        "illimitée",
        "nunca se borra",
        "para siempre",
    ],
)
def test_what_is_kept_for_ever_never_leaves_and_grows_without_bound(retention: str) -> None:
    found = render({**PLAIN, "detail": "full", "retention": retention})
    assert "nothing is removed" in found.line("F-retention")
    assert "the volume grows without bound" in found.line("F-retention")
    assert "retention is over" not in found.spec + found.plan
    assert f"Design for entries that never leave ({retention})" in found.plan
    files = render({**PLAIN, "backend": "NFS", "retention": retention})
    assert f"Design for files that never leave ({retention})" in files.plan
    objects = render({**PLAIN, "backend": "Amazon S3", "retention": retention})
    assert "none goes (" in objects.plan
    people = render({**PLAIN, "retention": retention, "sensitive_data": ["pii"]})
    assert "kept for ever" in people.decisions["D-retention-erasure"][0]
    assert "removes what is older" not in people.spec
    cached = render({**PLAIN, "backend": "Memcached", "retention": retention})
    assert "D-cache-system-of-record" in cached.decisions


@pytest.mark.parametrize("retention", ["7 years", "for ever, but drafts 30 days", "until erased"])
def test_what_ends_or_has_an_exception_leaves_as_before(retention: str) -> None:
    found = render({**PLAIN, "detail": "full", "retention": retention})
    assert "an item is gone when its time is over" in found.line("F-retention")
    assert "Design how entries leave when their retention is over" in found.plan


ORDERS: dict[str, Any] = {"_count": "2 million", "_growth": "3,000 a day"}


def test_volume_follows_from_counts_and_the_types_of_fields() -> None:
    fields = {"id": "bigint pk", "placed_at": "timestamptz not null", "note": "varchar(40)"}
    found = render({**PLAIN, "entities": {"Order": {**fields, **ORDERS}}})
    assert "D-missing-volume" not in found.decisions
    # 2 million rows of 24 + 40 + 4 B, of which 120 fit into a page, and 22.3 B in the index.
    assert "| Start volume, from the entities | 181 MB |" in found.section("Sizing")


def test_only_the_size_is_asked_where_the_counts_are_stated() -> None:
    entities = {"Order": {"id": "bigint pk", "note": "text", **ORDERS}}
    what, _ = render({**PLAIN, "entities": entities}).decisions["D-missing-volume"]
    assert "the size of an entry of Order is not (average_item_bytes)" in what
    assert "initial_data_gb" not in what
    sized = render({**PLAIN, "entities": entities, "average_item_bytes": 400})
    assert "D-missing-volume" not in sized.decisions
    alone = render({**PLAIN, "entities": {"Order": {"id": "bigint pk", "note": "text"}}})
    assert "initial_data_gb" in alone.decisions["D-missing-volume"][0]


RATED: dict[str, Any] = {
    "entities": {"Rating": {"id": "uuid pk", "product": "text not null", "stars": "int not null"}},
    "access_patterns": [
        {"name": "average rating of a product", "entity": "Rating", "filter": ["product"]},
        {"name": "ratings of a product", "entity": "Rating", "filter": ["product"]},
        {"name": "rate a product", "entity": "Rating", "kind": "write"},
    ],
}


def test_the_operation_that_says_the_same_serves_a_use_case() -> None:
    use = "show the average rating of a product"
    found = render({**PLAIN, **RATED, "use_cases": [use, "compare ratings with sales"]})
    assert f"{use}: “average rating of a product”" in found.spec
    assert f"  - [ ] {use}" not in found.plan
    assert "compare ratings with sales" in found.plan


def test_one_of_something_reads_as_one() -> None:
    assert counted(1, "more rule") == "1 more rule"
    assert counted(2000, "entry") == "2,000 entries"
    assert counted(2, "key") == "2 keys"
    rated = {"reads_per_second": 40}
    assert "rates are stated" in render({**PLAIN, **rated}).section("Sizing")


FILES: dict[str, Any] = {
    "storage_type": "hybrid",
    "backends": ["PostgreSQL", "Amazon S3"],
    "entities": {
        "Receipt": {"id": "uuid pk", "_store": "PostgreSQL"},
        "ReceiptFile": {"id": "uuid pk", "receipt": "ref Receipt", "_store": "Amazon S3"},
        "Note": {"id": "uuid pk", "title": "text", "_store": "Amazon S3"},
    },
}


def test_a_file_is_no_record_and_is_written_before_its_row() -> None:
    found = render({"description": "Receipts.", **FILES})
    layout = found.section("Schema Design").partition("receipt_file/")[2]
    assert "content:  the file itself" in layout
    assert "content:  JSON of all fields" in found.spec.partition("\nnote/")[2]
    default = found.decisions["D-cross-store-reference"][1]
    assert "The id of what is referred to is chosen first" in default
    assert "counts as nothing until both are there" in default
