"""Numbers, sizes and durations as people read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage_conductor import units


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1234567.0, "1,234,567"),
        (0.0, "0"),
        (4800.0, "4,800"),
        (99.95, "99.95"),
        (2.5, "2.5"),
        (21.915, "21.9"),
        (4.16666, "4.17"),
        (0.4383, "0.438"),
        (0.00123, "0.00123"),
        (262.98, "262.98"),
        (473.0482, "473"),
        (2019.6864, "2,020"),
        (999.678, "1,000"),
        (-3.0, "-3"),
        (float("inf"), "inf"),
    ],
)
def test_numbers_are_exact_when_short_and_cut_when_long(value: float, text: str) -> None:
    assert units.number(value) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (600, "600 B"),
        (1536, "1.5 KiB"),
        (8192, "8 KiB"),
        (8000, "8 kB"),
        (409_600, "400 KiB"),
        (100_000_000, "100 MB"),
        (5 * 2**20, "5 MiB"),
        (53_687_091_200_000, "48.8 TiB"),
        (2**30 - 1, "1 GiB"),
        (1023.99 * 2**20, "1 GiB"),
        (2**70, "1,048,576 PiB"),
    ],
)
def test_sizes_take_the_unit_in_which_they_are_round(size: float, text: str) -> None:
    assert units.size_text(size) == text


@pytest.mark.parametrize(
    ("minutes", "text"),
    [
        (0, "0 min"),
        (270, "4 h 30 min"),
        (60, "1 h"),
        (21.915, "21 min 55 s"),
        (0.4383, "26.3 s"),
        (59.9999, "1 h"),
        (1439.99, "1 d"),
        (2 * 1440 + 180, "2 d 3 h"),
        (0.001, "0.06 s"),
    ],
)
def test_durations_have_two_units(minutes: float, text: str) -> None:
    assert units.duration(minutes) == text


def test_volumes_periods_percentages_and_lists() -> None:
    assert units.volume_text(0.25) == "250 MB"
    assert units.volume_text(40) == "40 GB"
    assert units.volume_text(1490) == "1.49 TB"
    assert units.volume_text(999.9996) == "1 TB"
    assert units.volume_text(576_443_160) == "576 PB"
    assert units.volume_text(0.0000042) == "4.2 kB"
    assert units.volume_text(0) == "0 GB"
    assert units.days_text(7 * 365.25) == "7 years"
    assert units.days_text(365.25) == "1 year"
    assert units.days_text(30) == "30 days"
    assert units.days_text(1) == "1 day"
    assert units.days_text(0.25) == "6 h"
    assert units.percent(99.999) == "99.999 %"
    assert units.listed(["A"]) == "A"
    assert units.listed(["A", "B", "C"], "or") == "A, B or C"


def test_the_end_of_a_name_tells_the_unit() -> None:
    values: dict[str, str | float] = {
        "largest_bytes": 8192,
        "held_gb": 1490,
        "rto_minutes": 60,
        "kept_days": 30,
        "stated_percent": 99.95,
        "peak": 4800,
        "note": "as it is",
    }
    assert units.shown(values) == {
        "largest_bytes": "8 KiB",
        "held_gb": "1.49 TB",
        "rto_minutes": "1 h",
        "kept_days": "30 days",
        "stated_percent": "99.95 %",
        "peak": "4,800",
        "note": "as it is",
    }


@given(st.floats(min_value=0, max_value=1e15))
def test_every_number_can_be_shown_and_is_near_what_it_shows(value: float) -> None:
    for show in (units.size_text, units.volume_text, units.duration, units.days_text):
        assert show(value)
    back = float(units.number(value).replace(",", ""))
    assert back == pytest.approx(value, rel=0.005, abs=1e-12)
