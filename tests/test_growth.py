"""Volume that follows from what is inserted, where nobody stated the growth."""

from __future__ import annotations

from typing import Any

import pytest

from tests.specification_reading import render

MONTH = 86_400 * 30.4375
# Row: header 24, values 250 up to 256, pointer 4: 284 B, of which 28 fit into 8,192 - 24 B.
ROW = 8_192 / 28
# Entry of a random UUID: 8 + 16 + 4 = 28 B, in pages that are ln 2 full and keep 40 B.
KEY = 28 / 0.693147 * 8_192 / 8_152
SLOT: dict[str, Any] = {"_size": "250 B", "id": "uuid pk", "boat": "varchar(60) not null"}
BOOK: dict[str, Any] = {"name": "book", "entity": "Slot", "kind": "write", "per_second": 0.1}


def page(entity: dict[str, Any] | None = None, *patterns: dict[str, Any], **answers: Any) -> Any:
    return render(
        {
            "description": "Slots.",
            "storage_type": "database",
            "backend": "PostgreSQL",
            "entities": {"Slot": {**SLOT, **(entity or {})}},
            "access_patterns": [*(patterns or (BOOK,))],
            **answers,
        }
    )


def months(found: Any, *horizons: float) -> list[float | None]:
    return [found.track.component.load.volume_gb(month) for month in horizons]


def gb(per_second: float, seconds: float) -> float:
    return per_second * seconds * (ROW + KEY) / 1e9


def test_what_is_inserted_is_the_growth_with_pages_and_indexes() -> None:
    found = page({"_count": 6_000})
    first = 6_000 * (ROW + KEY) / 1e9
    wanted = [first + gb(0.1, month * MONTH) for month in (12, 36)]
    assert months(found, 12, 36) == pytest.approx(wanted, rel=1e-5)
    # 6,000 x 333 B = 2 MB; 0.1/s x 333 B = 87.6 MB a month, 1.05 GB a year
    assert "1.05 GB, the volume after 12 months" in found.line("N-volume")
    assert "| 0.1/s × 333 B × 86,400 s × 30.44 d = 87.6 MB a month |" in found.section("Sizing")
    assert "Logical size" not in found.section("Sizing")
    assert "D-missing-volume" not in found.decisions
    # The table of the entities says the same: 6,000 + 0.1/s x 3 years = 9,473,280 rows
    assert "| 9,473,280, 3.16 GB |" in found.section("Data Model Requirements")


@pytest.mark.parametrize(
    ("entity", "held"),
    [
        ({"_lifetime": "30 days"}, gb(0.1, 30 * 86_400)),
        # 100,000 of the 259,200 that are there after 30 days were there from the first day on.
        ({"_lifetime": "30 days", "_count": 100_000}, gb(0.1, 30 * 86_400)),
        ({"_lifetime": "30 days", "_count": 500_000}, 500_000 * (ROW + KEY) / 1e9),
        ({"_lifetime": "30 days after the lift"}, gb(0.1, 30 * 86_400)),
    ],
)
def test_the_lifetime_of_an_entity_ends_its_growth(entity: dict[str, Any], held: float) -> None:
    assert months(page(entity), 12, 36) == pytest.approx([held, held], rel=1e-4)


def test_the_volume_is_looked_at_when_as_much_goes_as_comes() -> None:
    found = page({"_lifetime": "2 years"}, reads_per_second=5)
    when = "in the steady state, after 2 years"
    assert found.line("N-volume").endswith(f"2.1 GB, the volume {when}")
    assert f"of the size expected {when}" in found.line("A-load")


def test_deletions_are_taken_away() -> None:
    drop = {"name": "drop", "entity": "Slot", "kind": "delete", "filter": ["id"]}
    assert months(page(None, BOOK, {**drop, "per_second": 0.06}), 12) == pytest.approx(
        [gb(0.04, 12 * MONTH)], rel=1e-5
    )
    # As many go as come, or nobody knows how many: no growth follows.
    assert months(page(None, BOOK, {**drop, "per_second": 0.1}), 12) == [None]
    assert months(page(None, BOOK, drop), 12) == [None]
    swept = {"name": "sweep", "entity": "Slot", "kind": "job", "every": "day", "filter": ["id"]}
    assert months(page(None, BOOK, swept), 12) == [None]


@pytest.mark.parametrize(
    "pattern",
    [
        {"per_second": None, "peak": 50},  # a peak is no average
        {"filter": ["id"]},  # what finds its row replaces it
    ],
)
def test_what_says_nothing_of_the_growth(pattern: dict[str, Any]) -> None:
    given = {name: value for name, value in {**BOOK, **pattern}.items() if value is not None}
    found = page({"_count": 6_000}, given)
    assert found.track.component.load.growth_gb is None
    assert "D-missing-volume" in found.decisions


def test_entries_of_a_cache_replace_each_other() -> None:
    assert months(page(backend="Redis", storage_type="cache"), 12) == [None]


def test_rates_of_a_busy_hour_count_with_their_share() -> None:
    found = page(writes_per_second=0.02, peak_factor=5)
    assert "D-pattern-rates" in found.decisions
    assert months(found, 12) == pytest.approx([gb(0.02, 12 * MONTH)], rel=1e-5)


def test_a_stated_growth_is_compared_with_what_is_inserted() -> None:
    # 87.6 MB a month are inserted; a factor of three is left for what was meant.
    assert "D-growth-against-entities" not in page(growth_gb_per_month=0.03).decisions
    found = page(growth_gb_per_month=0.02)
    title, default = found.decisions["D-growth-against-entities"]
    assert "0.1/s × 333 B × 86,400 s × 30.44 d = 87.6 MB a month; stated: 20 MB" in title
    assert default.startswith("87.6 MB a month are planned for")
    assert "1.05 GB, the volume after 12 months" in found.line("N-volume")


def test_a_stated_growth_that_is_compared_with_all_writes_decides() -> None:
    found = page(growth_gb_per_month=0.01, average_item_bytes=250)
    assert "D-growth-below-writes" in found.decisions
    assert months(found, 12) == pytest.approx([0.12])
    assert "9,473" not in found.spec


def test_several_entities_end_their_growth_each_in_its_time() -> None:
    log = {"_size": "250 B", "_lifetime": "1 day", "id": "uuid pk", "boat": "varchar(60) not null"}
    note = {**BOOK, "name": "note", "entity": "Log", "per_second": 10}
    found = page(None, BOOK, note, entities={"Slot": SLOT, "Log": log})
    assert months(found, 12) == pytest.approx([gb(0.1, 12 * MONTH) + gb(10, 86_400)], rel=1e-4)
    assert "| 87.6 MB × 36 months + 8.76 GB × 0.0329 months = 3.44 GB |" in found.section("Sizing")


def test_what_is_counted_of_some_entities_is_where_the_volume_begins() -> None:
    note = {**BOOK, "name": "note", "entity": "Note", "per_second": 1}
    found = page(None, BOOK, note, entities={"Slot": {**SLOT, "_count": 6_000_000}, "Note": SLOT})
    what, default = found.decisions["D-missing-volume"]
    assert "What is there on the first day is not stated of all" in what
    assert "no count of Note" in what
    assert default == "It begins with 2 GB; the growth is planned for."
    first = 6_000_000 * (ROW + KEY) / 1e9
    wanted = first + gb(1.1, 12 * MONTH)
    assert months(found, 12) == pytest.approx([wanted], rel=1e-5)


def test_what_is_written_counts_with_its_own_size() -> None:
    """Writes of small rows beside large ones were held against the growth at the average size."""
    entities = {
        "Reading": {"_size": "60 B", "id": "uuid pk"},
        "Report": {"_size": "1 MB", "id": "uuid pk"},
    }
    write = {"name": "store", "entity": "Reading", "kind": "write", "per_second": 100}
    given = {"entities": entities, "writes_per_second": 100, "average_item_bytes": 5_000}
    # 100/s x 60 B = 15.8 GB a month; at the average size it was 1.3 TB
    fitting = page(None, write, **given, growth_gb_per_month=16)
    assert not {"D-growth-below-writes", "D-growth-above-writes"} & fitting.decisions.keys()
    told = page(None, write, **given, growth_gb_per_month=4).decisions["D-growth-below-writes"]
    assert "100/s × 60 B × 86,400 s × 30.44 d = 15.8 GB a month" in told[0]
    assert "which is 25.4 new items/s" in told[0]


def test_a_stated_growth_ends_with_the_lifetime_of_what_grows() -> None:
    """Readings of three years were added up for the five years of all other data."""
    entity = {"_size": "120 B", "id": "uuid pk"}
    write = {"name": "store", "entity": "Slot", "kind": "write", "per_second": 6_000}
    given = {"average_item_bytes": 120, "growth_gb_per_month": 1_900, "retention": "5 years"}
    assert months(page(entity, write, **given), 60) == pytest.approx([114_000])
    found = page({**entity, "_lifetime": "3 years"}, write, **given)
    assert months(found, 36, 60) == pytest.approx([68_400, 68_400])
    assert found.line("N-volume").endswith("the volume in the steady state, after 3 years")


def test_where_one_entity_has_no_end_the_volume_is_that_of_the_longest_lifetime() -> None:
    entities = {
        "Slot": {**SLOT, "_growth": "100 a day", "_lifetime": "5 years"},
        "Crane": {**SLOT, "_growth": "1 a day"},
    }
    found = page(None, BOOK, entities=entities)
    assert found.line("N-volume").endswith("the volume after 5 years")
    assert "| Volume after 6, 12 and 36 months; after 60 months |" in found.section("Sizing")


def test_rates_that_were_rounded_are_not_scaled() -> None:
    """Patterns that add up to a little more than the stated total lost the difference."""
    found = page(None, {**BOOK, "per_second": 10.2}, writes_per_second=10, reads_per_second=1)
    assert "| 10.2/s × 333 B" in found.section("Sizing")


def test_what_does_not_stay_is_no_second_contradiction() -> None:
    """One decision planned for the stated growth, the next for all that is inserted."""
    entity = {**SLOT, "_count": 1_000, "_lifetime": "10 years"}
    found = page(entity, {**BOOK, "per_second": 50}, average_item_bytes=250, growth_gb_per_month=1)
    assert "D-growth-below-writes" in found.decisions
    assert "D-count-against-lifetime" not in found.decisions


def test_rows_without_a_key_grow_too() -> None:
    slot = {"_key": "none", "day": "date not null", "boat": "varchar(60) not null", "id": "uuid"}
    found = page({**slot, "_unique": ["day", "boat"], "_lifetime": "1 year"})
    (held,) = months(found, 36)
    assert held == pytest.approx(
        0.1
        * 365.25
        * 86_400
        * found.track.component.come_to["Slot"].gb
        / found.track.component.come_to["Slot"].rows
    )


def test_what_lies_beside_tables_comes_to_something_too() -> None:
    found = page(
        {},
        BOOK,
        {"name": "upload", "entity": "Photo", "kind": "write", "per_second": 0.01},
        storage_type="hybrid",
        backend=None,
        backends=["PostgreSQL", "Amazon S3"],
        entities={
            "Slot": SLOT,
            "Photo": {"_store": "Amazon S3", "_count": 1_000, "_size": "2 MB", "key": "text pk"},
        },
    )
    # 1,000 + 0.01/s x 3 years = 947,728 photos of 2 MB
    assert "| 1 structure | 947,728, 1.9 TB |" in found.section("Data Model Requirements")


def test_a_column_is_one_of_an_entity_that_it_is_called_after_in_another_store_too() -> None:
    value = {"_store": "Cassandra", "_size": "60 B", "station": "uuid pk", "at": "timestamptz pk"}
    station = {"_store": "PostgreSQL", "id": "uuid pk"}
    counted = {**station, "_count": 12_000}
    store = {"name": "store", "entity": "Value", "kind": "write", "per_second": 2_400}
    last = {"name": "last day", "entity": "Value", "filter": ["station", "at >"], "sort": "at desc"}
    for given, key in ((counted, "D-bucket-choice"), (station, "D-unbounded-partition")):
        found = page(
            {},
            store,
            last,
            storage_type="hybrid",
            backend=None,
            backends=["PostgreSQL", "Cassandra"],
            entities={"Station": given, "Value": {**value, "_lifetime": "2 years"}},
        )
        assert key in found.spec
