"""The load that everything is planned for, and what follows from its parts."""

from __future__ import annotations

from typing import Any

import pytest

from storage_conductor.schema.parse import parse_model
from storage_conductor.sizing.workload import Workload
from tests.findings_support import pattern, said, table
from tests.specification_reading import render


def workload(patterns: list[dict[str, Any]], **answers: Any) -> Workload:
    given = said(**table(), access_patterns=patterns, **answers)
    return Workload(given, parse_model(given.entities, list(given.access_patterns)))


READS = [pattern("a", filter=["id"], per_second=70), pattern("b", filter=["id"], per_second=30)]
WRITES = [
    pattern("add", kind="write", per_second=7),
    pattern("change", kind="write", filter=["id"], per_second=1),
    pattern("drop", kind="delete", filter=["id"], per_second=2),
]
UNKNOWN = pattern("c", filter=["id"])


@pytest.mark.parametrize(
    ("patterns", "stated", "planned"),
    [
        (READS, None, 100),
        ([*READS, UNKNOWN], None, None),
        (READS, 95.0, 95),
        (READS, 50.0, 100),
        (READS, 400.0, 400),
    ],
)
def test_the_planned_rate(
    patterns: list[dict[str, Any]], stated: float | None, planned: float | None
) -> None:
    assert workload(patterns, reads_per_second=stated).reads == planned


def test_patterns_within_the_peak_are_read_as_its_rates() -> None:
    assert workload(READS, reads_per_second=50.0, peak_factor=2.0).peak_reads == 100
    assert workload(READS, reads_per_second=50.0, peak_factor=1.5).peak_reads == 150


def test_deletions_take_away_what_inserts_add() -> None:
    load = workload(WRITES, average_item_bytes=1000)
    assert (load.writes, load.added, load.added_text) == (10, 5, "(7 - 2) items/s")
    assert load.intake_gb == pytest.approx(5 * 1000 * 86_400 * 30.4375 / 1e9)


def test_beside_patterns_that_do_not_account_for_the_total_the_rest_is_added() -> None:
    """What was said to change or to remove an entry counted as an insert too."""
    load = workload(WRITES, writes_per_second=100.0)
    assert (load.added, load.added_text) == (95, "(100 - 3 - 2) items/s")
    changed = [item for item in WRITES if item["kind"] != "delete"]
    load = workload(changed, writes_per_second=100.0)
    assert (load.added, load.added_text) == (99, "(100 - 1) new items/s")
    load = workload(WRITES[:1], writes_per_second=100.0)
    assert (load.added, load.added_text) == (100, "100 writes/s")


def test_more_deletions_than_inserts_add_nothing() -> None:
    assert workload([WRITES[2]], writes_per_second=2.0).added == 0


# 100 writes/s x 1,000 B x 86,400 s x 10 d = 86.4 GB
SHORT: dict[str, Any] = {
    "writes_per_second": 100.0,
    "average_item_bytes": 1000,
    "retention": "10 days",
}


@pytest.mark.parametrize(("start", "held"), [(28.8, 28.8), (28.0, 86.4), (300.0, 300.0)])
def test_the_volume_is_what_the_decision_about_it_takes(start: float, held: float) -> None:
    load = Workload(said(**SHORT, initial_data_gb=start))
    assert load.volume_gb(12) == pytest.approx(held)


def test_the_decision_about_the_volume_takes_effect() -> None:
    page = render(
        {
            "description": "Readings.",
            "storage_type": "database",
            "backend": "PostgreSQL",
            "initial_data_gb": 20,
            **SHORT,
        }
    )
    _, default = page.decisions["D-items-against-retention"]
    assert "planned for what the writes leave" in default
    assert "86.4 GB, the volume at the end of the retention of 10 days" in page.line("N-volume")
    assert page.line("N-volume").endswith("([D-items-against-retention](#decisions))")
    assert "| Volume in the steady state, at most | at most 86.4 GB |" in page.section("Sizing")


@pytest.mark.parametrize(
    ("growth", "kept"),
    [
        ({}, "keeps the 20 GB of the first day, and what comes, whose amount is not stated ("),
        ({"growth_gb_per_month": 1}, "keeps all of this with 32 GB, the volume after 12 months"),
    ],
)
def test_a_start_volume_alone_is_no_volume_at_the_end(growth: dict[str, int], kept: str) -> None:
    base = {"description": "Notes.", "storage_type": "database", "backend": "PostgreSQL"}
    page = render({**base, "initial_data_gb": 20, **growth})
    assert kept in page.line("N-volume")
    assert page.line("N-volume").endswith("([D-missing-volume](#decisions))") is not bool(growth)


def test_a_load_that_only_the_patterns_state_is_tested_and_not_called_unknown() -> None:
    answers = {
        "description": "Readings.",
        "storage_type": "database",
        "backend": "PostgreSQL",
        "detail": "full",
        **table(),
        "access_patterns": [*READS, *WRITES],
    }
    page = render(answers)
    assert "D-missing-rates" not in page.decisions
    assert "100 reads and 10 writes per second" in page.line("N-load")
    assert "| Reads, from the access patterns | 100 reads/s | 70 + 30 = 100 |" in page.spec
    assert "reads per second" not in page.spec.partition("Not stated, so that")[2]
