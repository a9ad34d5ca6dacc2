"""What free text says of an answer that was not given is found before it is called not stated."""

from __future__ import annotations

from typing import Any

import pytest

from storage_conductor.questions import mentions
from storage_conductor.questions.answers import Answers
from tests.findings_support import said
from tests.specification_reading import render

TAKEN = [
    ("A code is valid for ten minutes.", "retention", "10 min"),
    ("Scans are kept for 7 years", "retention", "7 years"),
    ("Answers within 20 ms, as callers wait", "latency_p99_ms", 20.0),
    ("a p99 of 0.25 seconds", "latency_p99_ms", 250.0),
    ("It is available 99.95 percent of the time", "availability_percent", 99.95),
    ("At most five minutes may be lost", "rpo_minutes", 5.0),
    ("an RPO of half an hour", "rpo_minutes", 30.0),
    ("After an outage it is restored within 4 hours", "rto_minutes", 240.0),
    ("5,000 reads a second", "reads_per_second", 5_000.0),
    ("two thousand look-ups per second", "reads_per_second", 2_000.0),
    ("12 writes/s", "writes_per_second", 12.0),
    ("There are 2 TB today", "initial_data_gb", 2_000.0),
    ("which adds 40 GB a month", "growth_gb_per_month", 40.0),
    ("documents up to 5 MB", "largest_item_bytes", 5_000_000),
    ("Holds e-mail addresses of guests", "sensitive_data", ("pii",)),
    ("lab results and card numbers", "sensitive_data", ("phi", "pci")),
    ("runs on Amazon RDS", "hosting", "Amazon RDS"),
]
NOT_TAKEN = [
    ("The cache hit rate is 99.95 percent", "availability_percent"),
    ("The mean latency is 20 ms", "latency_p99_ms"),
    ("Backups are kept for 7 years", "retention"),
    ("Codes expire when the user logs out", "retention"),
    ("up to 5,000 reads a second at peak", "reads_per_second"),
    ("Nothing is said here", "rpo_minutes"),
    ("It holds no personal data", "sensitive_data"),
]
LEFT_OPEN = [
    ("5,000 requests a second", "reads_per_second"),
    ("500 reads and writes per second", "reads_per_second"),
    ("Kept for 5 years. Receipts are kept for 7 years.", "retention"),
    ("Redis or Valkey holds the hot part", "backend"),
]


def read(text: str, **answers: Any) -> dict[str, mentions.Mention]:
    given = Answers(title="Title", description=text, backend="PostgreSQL", **answers)
    return {item.answer: item for item in mentions.found_in(given)}


@pytest.mark.parametrize(("text", "answer", "value"), TAKEN)
def test_a_value_that_is_said_once_is_taken(text: str, answer: str, value: Any) -> None:
    assert read(text)[answer].value == value


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("A hold expires after ten minutes", None),
        ("Held seats are kept for 7 days", None),
        ("Seat holds expire after ten minutes", "10 min"),
        ("All is kept for 7 days", "7 days"),
        ("Shareholders are kept for 7 days", "7 days"),
    ],
)
def test_a_lifetime_of_one_entity_is_not_that_of_all(text: str, taken: str | None) -> None:
    found = read(text, entities={"SeatHold": {}, "Hold": {}, "Seat": {}})["retention"]
    assert found.value == taken


def test_a_lifetime_that_its_entity_states_is_not_asked_again() -> None:
    entities = {"Hold": {"_lifetime": "10 min"}, "Seat": {}}
    assert "retention" not in read("A hold expires after ten minutes", entities=entities)


@pytest.mark.parametrize(("text", "answer"), NOT_TAKEN)
def test_what_speaks_of_another_thing_is_not_taken(text: str, answer: str) -> None:
    found = read(text).get(answer)
    assert found is None or found.value is None


@pytest.mark.parametrize(("text", "answer"), LEFT_OPEN)
def test_what_can_be_meant_in_two_ways_is_shown_and_left_open(text: str, answer: str) -> None:
    assert read(text)[answer].value is None


def test_a_rate_without_a_kind_leaves_open_what_nothing_else_tells() -> None:
    found = read("5,000 requests a second")["reads_per_second"]
    assert found.also == ("writes_per_second",)
    both = read("4,000 reads a second, of 5,000 requests a second")
    assert both["reads_per_second"].value == 4_000
    assert both["writes_per_second"].value is None
    assert "writes_per_second" in read("5,000 requests/s", reads_per_second=4_000.0)


def test_rates_of_reads_and_writes_in_one_breath_are_two_answers() -> None:
    found = read("About 500 reads/s and 20 writes/s")
    assert {name: item.value for name, item in found.items()} == {
        "reads_per_second": 500.0,
        "writes_per_second": 20.0,
    }


def test_an_answer_that_was_given_is_not_searched_for() -> None:
    assert "rpo_minutes" not in read("an RPO of 5 minutes", rpo_minutes=60.0)
    assert mentions.taken(said(), ()) == said()


def test_every_free_text_is_searched() -> None:
    for name in ("title", "description", "scalability", "affected_users"):
        texts: dict[str, Any] = {"title": "T", "description": "D", name: "12 writes/s"}
        given = Answers(**texts)
        assert [item.answer for item in mentions.found_in(given)] == ["writes_per_second"]
    given = Answers(title="T", description="D", use_cases=("a", "12 writes/s"))
    assert [item.value for item in mentions.found_in(given)] == [12.0]


def test_what_is_found_holds_until_it_is_confirmed() -> None:
    text = "Codes, valid for ten minutes; 5,000 requests a second, answered within 20 ms."
    page = render({"description": text, "backend": "PostgreSQL", "detail": "full"})
    what, default = page.decisions["D-found-latency-p99-ms"]
    assert "Found in the description, “answered within 20 ms”; taken until confirmed" in what
    assert default == "`latency_p99_ms` is 20."
    assert "within 20 ms ([D-found-latency-p99-ms](#decisions))" in page.line("N-latency")
    assert "`D-found-latency-p99-ms`" in page.plan
    assert "10 min" in page.line("F-retention")
    assert "D-missing-rates" not in page.decisions
    assert "D-missing-latency" not in page.decisions
    assert "reads per second" not in page.section("Requirements")
