"""Findings from sizes: items, rows, keys, parts, volumes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.findings_support import CACHE, KEYED, OBJECTS, Boundary, fact, one, pattern, table

MONTH = 86_400 * 365.25 / 12
INT_ROWS_IN_36_MONTHS = 2_147_483_647 / (36 * MONTH)


def wide(count: int) -> dict[str, Any]:
    """Return an entity of so many bigint columns, the key among them."""
    return table(**{f"c{index}": "bigint" for index in range(count - 1)})


HALF: dict[str, Any] = {
    "A": {"id": "bigint pk", "_count": "60 million", "_size": "1 kB", "_growth": "1 GB a month"}
}
SIZE = [
    Boundary(
        "item-too-large",
        "infeasible",
        {"largest_item_bytes": 409_600},
        {"largest_item_bytes": 409_601},
        stores=one(fact("item_bytes_max", 409_600)),
    ),
    Boundary(
        "item-too-large",
        "risk",
        {"largest_item_bytes": 2**20},
        {"largest_item_bytes": 2**20 + 1},
        stores=one(fact("item_bytes_max", 2**20, "default")),
    ),
    Boundary(
        "item-too-large",
        "infeasible",
        {"largest_item_bytes": 2**30},
        {"largest_item_bytes": 2**30 + 1},
        stores=one(
            fact("item_bytes_max", 2**20, "default"), fact("item_bytes_settable_max", 2**30)
        ),
    ),
    Boundary(
        "item-above-recommended",
        "risk",
        {"largest_item_bytes": 2**20},
        {"largest_item_bytes": 2**20 + 1},
        stores=one(
            fact("item_bytes_max", 2**24), fact("item_bytes_recommended", 2**20, "guidance")
        ),
    ),
    Boundary(
        "blob-in-table",
        "risk",
        {"average_item_bytes": 102_400},
        {"average_item_bytes": 102_401},
        stores=one(fact("blob_in_table_bytes_recommended", 102_400, "guidance")),
    ),
    Boundary(
        "files-in-table",
        "missing",
        {"use_cases": ("show an invoice",)},
        {"use_cases": ("show an invoice as PDF",)},
    ),
    Boundary(
        "files-in-table",
        "missing",
        {"average_item_bytes": 9_000},
        {"average_item_bytes": None},
        base={"use_cases": ("show the photos of a boat",)},
    ),
    Boundary(
        "files-in-table",
        "missing",
        table(photo_url="text"),
        table(photo="bytes"),
        base={"use_cases": ("show the photos of a boat",)},
    ),
    Boundary(
        "multipart-upload",
        "risk",
        {"largest_item_bytes": 100_000_000},
        {"largest_item_bytes": 100_000_001},
        stores=one(fact("multipart_threshold_bytes", 100_000_000, "guidance"), **OBJECTS),
    ),
    Boundary(
        "multipart-upload",
        "risk",
        {"largest_item_bytes": 5 * 2**30},
        {"largest_item_bytes": 5 * 2**30 + 1},
        stores=one(fact("single_put_bytes_max", 5 * 2**30), **OBJECTS),
    ),
    Boundary(
        "part-size",
        "risk",
        {"largest_item_bytes": 10_000 * 5 * 2**20},
        {"largest_item_bytes": 10_000 * 5 * 2**20 + 1},
        stores=one(fact("part_count_max", 10_000), fact("part_bytes_min", 5 * 2**20), **OBJECTS),
    ),
    Boundary(
        "row-width",
        "infeasible",
        wide(1020),
        wide(1021),
        stores=one(fact("row_bytes_max", 8160)),
    ),
    Boundary(
        "row-width",
        "infeasible",
        table(body="varchar(65527)"),
        table(body="varchar(65528)"),
        stores=one(fact("row_bytes_max", 8126), fact("row_server_bytes_max", 65_535)),
    ),
    Boundary("column-count", "infeasible", wide(10), wide(11), stores=one(fact("columns_max", 10))),
    Boundary(
        "index-count",
        "risk",
        table(a="int indexed", b="int unique"),
        table(a="int indexed", b="int unique", c="int indexed"),
        stores=one(fact("indexes_max", 2, "quota")),
    ),
    Boundary(
        "index-key-width",
        "risk",
        table(a="varchar(900) unique"),
        table(a="varchar(901) unique"),
        stores=one(fact("index_key_bytes_max", 900)),
    ),
    Boundary(
        "index-key-width",
        "risk",
        {"entities": {"Row": {"id": "varchar(900) pk"}}},
        {"entities": {"Row": {"id": "varchar(901) pk"}}},
        stores=one(fact("index_key_bytes_max", 1700), fact("clustered_key_bytes_max", 900)),
    ),
    Boundary(
        "key-length",
        "risk",
        {"entities": {"Row": {"id": "varchar(250) pk"}}},
        {"entities": {"Row": {"id": "varchar(251) pk"}}},
        stores=one(fact("key_bytes_max", 250), **CACHE),
    ),
    Boundary(
        "identifier-length",
        "infeasible",
        table(**{"a" * 20: "int"}),
        table(**{"a" * 21: "int"}),
        stores=one(fact("identifier_bytes_max", 20)),
    ),
    Boundary(
        "volume-limit",
        "infeasible",
        {"initial_data_gb": 64_000.0},
        {"initial_data_gb": 64_001.0},
        stores=one(fact("database_bytes_max", 64_000 * 10**9)),
    ),
    Boundary(
        "volume-limit",
        "risk",
        {"growth_gb_per_month": 28.0},
        {"growth_gb_per_month": 29.0},
        stores=one(fact("database_bytes_recommended", 1010 * 10**9, "guidance")),
    ),
    Boundary(
        "volume-limit",
        "risk",
        {"initial_data_gb": 100.0},
        {"initial_data_gb": 101.0},
        stores=one(fact("table_bytes_max", 100 * 10**9)),
    ),
    # 60 + 1 x 36 and 101 GB: the largest entity decides, not the sum
    Boundary(
        "volume-limit",
        "risk",
        {"entities": {**HALF, "B": {"id": "bigint pk", "_count": "100 million", "_size": "1 kB"}}},
        {"entities": {**HALF, "B": {"id": "bigint pk", "_count": "101 million", "_size": "1 kB"}}},
        stores=one(fact("table_bytes_max", 100 * 10**9)),
    ),
    Boundary(
        "memory-default",
        "risk",
        {"initial_data_gb": 0.067},
        {"initial_data_gb": 0.068},
        stores=one(fact("memory_bytes_default", 64 * 2**20, "default"), **CACHE),
        base={"storage_type": "cache"},
    ),
    Boundary(
        "int-key-exhaustion",
        "risk",
        {"writes_per_second": INT_ROWS_IN_36_MONTHS * 0.999},
        {"writes_per_second": INT_ROWS_IN_36_MONTHS * 1.001},
        stores=one(fact("int4_max", 2_147_483_647)),
        base={"entities": {"Row": {"id": "int pk"}}},
    ),
    Boundary(
        "local-index-collection",
        "risk",
        {"initial_data_gb": 10.73},
        {"initial_data_gb": 10.74},
        stores=one(fact("lsi_collection_bytes_max", 10 * 2**30), **KEYED),
        base={
            **table(owner="uuid", at="timestamptz", size="int"),
            "consistency": "strong",
            "access_patterns": [
                pattern("newest", filter=["owner"], sort=["at desc"]),
                pattern("largest", filter=["owner"], sort=["size desc"]),
            ],
        },
    ),
]
BOUNDARIES = [*SIZE]


@pytest.mark.parametrize("boundary", BOUNDARIES, ids=str)
def test_a_rule_is_silent_at_its_boundary_and_finds_what_lies_beyond(boundary: Boundary) -> None:
    boundary.check()
