"""A peak may be a rate of its own, in an answer or in free text, and is no average then."""

from __future__ import annotations

from typing import Any

import pytest

from tests.specification_reading import Rendered, render


def page(description: str = "Invoices.", **answers: Any) -> Rendered:
    return render(
        {"description": description, "backend": "PostgreSQL", "detail": "full", **answers}
    )


@pytest.mark.parametrize(
    ("text", "average", "peak"),
    [
        ("Invoices, 120 writes a minute at month end.", None, 2),
        ("At month end we take 120 writes a minute.", None, 2),
        ("120 invoices are imported a minute at month end.", None, 2),
        ("Bursts of 300 writes per second.", None, 300),
        ("Up to 1,000 writes per second.", None, 1_000),
        ("Peak 500 writes/s.", None, 500),
        ("20 writes per second on average, at most 90 writes per second.", 20, 90),
        ("120 writes a minute.", 2, None),
    ],
)
def test_words_of_a_busy_time_make_a_rate_a_peak(
    text: str, average: float | None, peak: float | None
) -> None:
    stated = page(text).track.component.stated
    assert (stated.writes_per_second, stated.peak_writes_per_second) == (average, peak)


@pytest.mark.parametrize("text", ["200 a minute at month end.", "Up to 1000 requests per second."])
def test_a_peak_of_which_it_is_not_said_what_it_is_stays_open(text: str) -> None:
    found = page(text)
    assert "a peak; how many of them read" in found.decisions["D-found-peak-reads-per-second"][0]
    assert found.track.component.load.peak_total is None


def test_the_limit_of_one_client_is_no_load() -> None:
    found = page("No more than 100 requests a minute of one client.")
    assert not [key for key in found.decisions if key.startswith("D-found")]


def test_a_peak_is_what_load_tests_and_limits_go_by() -> None:
    found = page(writes_per_second=2, peak_writes_per_second=90, reads_per_second=5, peak_factor=4)
    assert "carries 20 reads and 90 writes per second at peak" in found.line("N-load")
    assert "| Load, peak | 20 reads and 90 writes per second" in found.spec
    assert "at 20 reads and 90 writes per second" in found.plan
    alone = page(peak_writes_per_second=90)
    assert "90 writes per second at peak" in alone.line("N-load")
    assert "Load, average" not in alone.spec
    assert alone.decisions["D-missing-rates"][1].startswith(
        "The load test has no target but the writes"
    )
    assert "D-missing-peak" not in alone.decisions
    half = page(reads_per_second=5, peak_writes_per_second=90)
    assert "D-missing-peak" in half.decisions
    assert "carries 5 reads/s on average and 90 writes/s at peak" in half.line("N-load")
    keyed = page(backend="DynamoDB", peak_writes_per_second=90_000, average_item_bytes=900)
    assert "D-throughput-quota" in keyed.decisions


def test_a_peak_says_nothing_of_the_growth() -> None:
    grown: dict[str, Any] = {"growth_gb_per_month": 5, "average_item_bytes": 100_000}
    assert "D-growth-below-writes" in page(writes_per_second=3.3, **grown).decisions
    assert "D-growth-below-writes" not in page(peak_writes_per_second=3.3, **grown).decisions
    told = page("Invoices, 200 writes a minute at month end.", **grown)
    assert "D-growth-below-writes" not in told.decisions


def test_the_peaks_of_operations_are_a_load_where_no_total_is_stated() -> None:
    model: dict[str, Any] = {
        "entities": {"Row": {"id": "uuid pk"}},
        "access_patterns": [{"name": "read", "entity": "Row", "filter": ["id"], "peak": 70}],
    }
    assert "70 reads per second at peak" in page(**model).line("N-load")
