"""What free text says of an answer that was not given is found before it is called not stated."""

from __future__ import annotations

from typing import Any

import pytest

from storage_conductor.catalog import loading
from storage_conductor.questions import mentions, several
from storage_conductor.questions.answers import Answers
from storage_conductor.units import number
from tests.findings_support import said
from tests.specification_reading import render

TAKEN = [
    ("A code is valid for ten minutes.", "retention", "10 min"),
    ("Scans are kept for 7 years", "retention", "7 years"),
    ("Answers within 20 ms, as callers wait", "latency_p99_ms", 20.0),
    ("a p99 of 0.25 seconds", "latency_p99_ms", 250.0),
    ("Guests look them up, within 300 ms", "latency_p99_ms", 300.0),
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
    ("It must not lose personal data", "sensitive_data", ("pii",)),
    ("Personal data is not written to logs", "sensitive_data", ("pii",)),
    ("Not only orders but also personal data", "sensitive_data", ("pii",)),
    ("Es speichert personenbezogene Daten", "sensitive_data", ("pii",)),
    ("Contient des données personnelles", "sensitive_data", ("pii",)),
    ("Guarda datos personales", "sensitive_data", ("pii",)),
    ("Sensitive data: none", "sensitive_data", ("none",)),
    ("Sensible Daten: keine", "sensitive_data", ("none",)),
    ("Données sensibles : aucune", "sensitive_data", ("none",)),
    ("Datos sensibles: ninguno", "sensitive_data", ("none",)),
    ("runs on Amazon RDS", "hosting", "Amazon RDS"),
    ("A row is about 2 kB", "average_item_bytes", 2_000),
    ("Losing an original is not acceptable", "rpo_minutes", 0),
    ("No entry may be lost", "rpo_minutes", 0),
    ("Kept for 7 years after the contract ends.", "retention", "7 years after the contract ends"),
    (
        "A film is kept until it is delivered, then 60 days.",
        "retention",
        "60 days after it is delivered",
    ),
    ("Merchants upload 43,200 images a day", "writes_per_second", 0.5),
    ("It runs in eu-central-1", "regions", (several.Region("eu-central-1"),)),
    ("Photos of 3 MB each, 40 GB today", "average_item_bytes", 3_000_000),
]
OTHER_LANGUAGES = [
    (
        "Etwa 1.500 Lesezugriffe pro Sekunde und 20 Schreibzugriffe pro Sekunde, antwortet in"
        " 50 ms. Rechnungen werden 10 Jahre aufbewahrt. Verfügbarkeit 99,95 %. Höchstens 5 Minuten"
        " Datenverlust. Heute 40 GB, 2,5 GB pro Monat mehr.",
        {
            "reads_per_second": 1_500, "writes_per_second": 20, "latency_p99_ms": 50,
            "retention": "10 years", "availability_percent": 99.95, "rpo_minutes": 5,
            "initial_data_gb": 40, "growth_gb_per_month": 2.5,
        },
    ),
    (
        "Environ 2 000 lectures par seconde, latence de 20 ms, conservées pendant 5 ans.",
        {"reads_per_second": 2_000, "latency_p99_ms": 20, "retention": "5 years"},
    ),
    (
        "Unas 300 lecturas por segundo y 20 escrituras por segundo; se guardan 6 años; hoy 20 GB.",
        {
            "reads_per_second": 300, "writes_per_second": 20, "retention": "6 years",
            "initial_data_gb": 20,
        },
    ),
]  # fmt: skip
NUMBERS = [
    ("1,500.5 reads a second", 1_500.5),
    ("10 000 reads a second", 10_000),
    ("12'000 reads a second", 12_000),
    ("1.250 reads a second", 1.25),
    ("1.250 Abfragen pro Sekunde", 1_250),
    ("0,5 reads a second", 0.5),
    ("1.000.000 reads a second", 1_000_000),
]
BY_INTERVAL = [
    (
        "45,000 pumps. Each device sends a reading every 30 seconds",
        "writes_per_second",
        1_500,
    ),
    ("Each of the 9,000 meters reports two values every 15 min", "writes_per_second", 20.0),
    ("12 thousand trackers send their position every minute", "writes_per_second", 200.0),
    ("3,600 clients poll it every 10 s, all day", "reads_per_second", 360.0),
    ("40.000 Geräte senden alle 10 Sekunden einen Messwert", "writes_per_second", 4_000.0),
    ("6 000 compteurs envoient un relevé toutes les 60 secondes", "writes_per_second", 100.0),
    ("Cada uno de los 9.000 sensores envía un dato cada 30 segundos", "writes_per_second", 300.0),
]
NO_INTERVAL = [
    "400 shops with 5,000 scales. Each sends a weight every 10 seconds",
    "The service with 40,000 users sends a digest every day",
    "Each device sends a reading every 30 seconds",
    "In 3 regions each node reports every 5 s",
    "40,000 pumps are sold. It sends a report every day",
    "40,000 pumps send up to one reading every 30 seconds at peak",
    "Each of 2,000 GB is read every 10 s",
]
NOT_TAKEN = [
    ("Each object is 2 to 30 MB", "average_item_bytes"),
    ("3 GB of memory on average", "average_item_bytes"),
    ("5,000 orders a day", "item_count"),
    ("A customer may cancel", "item_count"),
    ("Merchants upload 50,000 images a day", "reads_per_second"),
    ("A lossless format, without loss of money", "rpo_minutes"),
    ("In us-east-1, with copies in eu-west-1", "regions"),
    ("Transactions idle for 30 s are ended", "retention"),
    ("The cache hit rate is 99.95 percent", "availability_percent"),
    ("The mean latency is 20 ms", "latency_p99_ms"),
    ("Backups are kept for 7 years", "retention"),
    ("Codes expire when the user logs out", "retention"),
    ("up to 5,000 reads a second at peak", "reads_per_second"),
    ("Nothing is said here", "rpo_minutes"),
    ("It holds no personal data", "sensitive_data"),
    ("Personal data: none", "sensitive_data"),
    ("PII: no", "sensitive_data"),
    ("It does not hold personal data", "sensitive_data"),
    ("Personal data is not stored here.", "sensitive_data"),
    ("No names, e-mail addresses or card numbers are stored.", "sensitive_data"),
    ("Health data: n/a; PCI: none", "sensitive_data"),
    ("Es werden keine personenbezogenen Daten gespeichert", "sensitive_data"),
    ("Personenbezogene Daten: keine", "sensitive_data"),
    ("Aucune donnée personnelle", "sensitive_data"),
    ("Données personnelles : aucune", "sensitive_data"),
    ("No contiene datos personales", "sensitive_data"),
    ("Datos personales: ninguno", "sensitive_data"),
    ("not on Amazon RDS", "hosting"),
]
LEFT_OPEN = [
    ("12,000 orders a day", "reads_per_second"),
    ("Two million users, 10 % more a year", "item_count"),
    ("400,000 baskets at once", "item_count"),
    ("Kept for 7 years. Gone at the latest after 30 days", "retention"),
    ("A session ends after 30 minutes idle and at most 12 hours", "retention"),
    ("5,000 requests a second", "reads_per_second"),
    ("500 reads and writes per second", "reads_per_second"),
    ("Kept for 5 years. Receipts are kept for 7 years.", "retention"),
    ("Redis or Valkey holds the hot part", "backend"),
    ("Sensitive data: none, but e-mail addresses of guests", "sensitive_data"),
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


@pytest.mark.parametrize(
    ("note", "taken"),
    [
        ("IP addresses of listeners must not be kept longer than 24 hours.", None),
        ("We keep IP addresses for 24 hours.", None),
        ("IP-Adressen werden 24 Stunden aufbewahrt.", None),
        ("Les adresses IP sont conservées 24 heures.", None),
        ("Kept for 24 hours.", "1 day"),
        ("Everything is kept for 24 hours.", "1 day"),
        ("All rows must be retained for 24 hours.", "1 day"),
        ("Podcasts are kept for 24 hours.", "1 day"),
        ("Alle Daten werden 24 Stunden aufbewahrt.", "1 day"),
        ("Les données sont conservées 24 heures.", "1 day"),
    ],
)
@pytest.mark.parametrize(
    "entities", [{}, {"Show": {"id": "uuid pk"}, "Episode": {"id": "uuid pk"}}]
)
def test_a_time_for_something_else_is_not_taken_for_that_of_all(
    note: str, taken: str | None, entities: dict[str, Any]
) -> None:
    given = Answers(
        title="Podcast hosting",
        description="Shows of independent podcasters with their audio.",
        backend="PostgreSQL",
        entities=entities,
        notes=(several.Note("description", note),),
    )
    (found,) = (it for it in mentions.found_in(given) if it.answer == "retention")
    assert found.value == taken
    assert taken or "whether that is all that is stored is not said" in found.reason


def test_a_rate_without_a_kind_leaves_open_what_nothing_else_tells() -> None:
    found = read("5,000 requests a second")["reads_per_second"]
    assert found.also == ("writes_per_second",)
    both = read("4,000 reads a second, of 5,000 requests a second")
    assert both["reads_per_second"].value == 4_000
    assert both["writes_per_second"].value is None
    assert "writes_per_second" in read("5,000 requests/s", reads_per_second=4_000.0)


@pytest.mark.parametrize(("text", "values"), OTHER_LANGUAGES, ids=["de", "fr", "es"])
def test_values_are_found_in_other_languages(text: str, values: dict[str, Any]) -> None:
    assert {name: item.value for name, item in read(text).items()} == values


@pytest.mark.parametrize(("text", "value"), NUMBERS)
def test_a_number_is_read_as_it_is_written(text: str, value: float) -> None:
    assert read(text)["reads_per_second"].value == value


def test_each_way_of_running_a_backend_is_found_by_its_name() -> None:
    for heading in loading.headings():
        names = [variant.name for variant in loading.load(heading.key).hosting]
        for name in names if len(names) > 1 else ():
            text = f"It runs on {name}, in two zones."
            given = Answers(title="Title", description=text, backend=heading.name)
            found = {item.answer: item.value for item in mentions.found_in(given)}
            assert found.get("hosting") == name
    given = Answers(title="Title", description="On ElastiCache.", backend="Redis")
    assert mentions.found_in(given)[0].value == "Amazon ElastiCache"


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


def test_a_peak_that_is_spoken_of_is_not_called_unstated() -> None:
    text = "5 reads a second, at month end 200 a minute"
    spec = render({"description": text, "backend": "PostgreSQL"}).spec
    assert "the peak is not stated" not in spec
    assert "the peak is open, [D-found-peak-reads-per-second](#decisions)" in spec


PEAK = "At peak 5,000 requests a second."


@pytest.mark.parametrize(
    "answers",
    [
        {"peak_writes_per_second": 200},
        {"peak_reads_per_second": 300},
        {"peak_factor": 4},
        {"access_patterns": [{"name": "look", "entity": "A", "per_second": 900}]},
    ],
    ids=repr,
)
def test_a_rate_that_the_answers_state_as_well_leaves_nothing_open(answers: dict[str, Any]) -> None:
    assert "peak_reads_per_second" in read(PEAK)
    assert "peak_reads_per_second" not in read(PEAK, **answers)


def test_a_peak_that_follows_from_the_average_is_not_taken_from_a_text() -> None:
    text = "Up to 300 reads a second at peak."
    assert read(text, peak_factor=4)["peak_reads_per_second"].value == 300
    assert "peak_reads_per_second" not in read(text, peak_factor=4, reads_per_second=50)


@pytest.mark.parametrize(("text", "answer", "value"), BY_INTERVAL)
def test_a_number_and_an_interval_are_a_rate(text: str, answer: str, value: float) -> None:
    found = {item.answer: item for item in mentions.found_in(mentions.about(said(), text))}
    assert found[answer].value == pytest.approx(value)
    assert found[answer].arithmetic.endswith(f"= {number(found[answer].value)}/s")


@pytest.mark.parametrize("text", NO_INTERVAL)
def test_whose_interval_it_is_has_to_be_beyond_doubt(text: str) -> None:
    assert not [item for item in mentions.found_in(mentions.about(said(), text)) if item.arithmetic]


def rate(answers: Answers) -> object:
    """Return the rate of writes that is found, None where it is left open."""
    (found,) = (m for m in mentions.found_in(answers) if m.answer == "writes_per_second")
    return found.value


def test_a_rate_that_is_told_goes_before_an_interval_and_two_intervals_stay_open() -> None:
    told = "40,000 pumps send a reading every 30 seconds, that is 1,400 writes a second."
    (found,) = (
        m
        for m in mentions.found_in(mentions.about(said(), told))
        if m.answer == "writes_per_second"
    )
    assert found.value == 1_400
    two = "40,000 pumps send a reading every 30 seconds."
    other = "The 400 gateways send a report every 20 seconds."
    assert rate(mentions.about(said(use_cases=(other,)), two)) is None


def test_an_interval_is_shown_with_its_arithmetic() -> None:
    page = render({"description": "40,000 pumps send a reading every 30 seconds."})
    what, default = page.decisions["D-found-writes-per-second"]
    assert "“40,000 pumps send a reading every 30 seconds” (40,000 ÷ 30 s = 1,333/s)" in what
    assert "`writes_per_second` is 1,333" in default


def test_a_count_that_its_entity_states_is_not_asked_again() -> None:
    given = {"description": "Readings of 60,000 sensors in wind parks.", "backend": "Cassandra"}
    keys = [
        render({**given, "entities": {"Latest": {**entity, "id": "int pk"}}})
        for entity in ({}, {"_count": "60,000"}, {"_count": "61,000"})
    ]
    assert ["D-found-item-count" in page.decisions for page in keys] == [True, False, True]
