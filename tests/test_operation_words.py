"""The language of operations and of entities' lifetimes: what is understood, and what is not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage_conductor.schema import durations, operation
from storage_conductor.schema.model import DataModel, Entity, Pattern
from storage_conductor.schema.tokens import MistakeError
from tests.schema_support import design
from tests.test_schema_parse import mistakes, parsed

DAY = 86_400
SEAT: dict[str, Any] = {
    "Section": {"id": "uuid pk", "capacity": "int not null"},
    "Enrolment": {"id": "uuid pk", "section": "ref Section not null"},
}


def model_of(pattern: dict[str, Any] | None = None, **options: Any) -> DataModel:
    entities = {**SEAT, "Enrolment": {**SEAT["Enrolment"], **options}}
    asked = {"name": "take a seat", "entity": "Enrolment", "kind": "write", **(pattern or {})}
    return parsed(entities, [asked])


def asked(**pattern: Any) -> Pattern:
    return model_of(pattern).patterns[0]


def entity(**options: Any) -> Entity:
    return model_of(**options).entity("Enrolment")


def test_an_operation_says_what_it_keeps() -> None:
    found = asked(
        per_second=3,
        peak_factor=20,
        p99_ms=300,
        atomic=["Section"],
        invariant="never more enrolments than seats",
        races=True,
        serves=["take a seat"],
    )
    assert found.operation.atomic == ("Enrolment", "Section")
    assert found.operation.invariants == ("never more enrolments than seats",)
    assert (found.peak, found.operation.p99_ms, found.job) == (60, 300, False)
    assert found.operation.guarded
    assert not asked().operation.guarded
    assert not asked(races=False).operation.guarded
    assert asked(peak=900).peak == 900
    assert asked(per_second=3).peak is None


@pytest.mark.parametrize(
    ("said", "a_second"),
    [
        (0.25, 0.25),
        (1e-5, 1e-5),
        ("1,500", 1500),
        ("2k", 2000),
        ("3/s", 3),
        ("90 per minute", 1.5),
        ("1,800 an hour", 0.5),
        ("43,200 a day", 0.5),
        ("43,200/day", 0.5),
        ("1.2 million per day", 1_200_000 / DAY),
    ],
)
def test_a_rate_is_said_in_any_time(said: float | str, a_second: float) -> None:
    found = asked(per_second=said, peak=said)
    assert found.per_second == pytest.approx(a_second)
    assert found.peak == pytest.approx(a_second)


def test_a_job_says_when_it_runs_and_how_much_it_does() -> None:
    nightly = asked(every="day at 02:00", items="20 million", within="2 hours")
    assert nightly.job
    assert nightly.operation.interval_seconds == DAY
    assert (nightly.operation.items, nightly.operation.within_seconds) == (2e7, 7_200)
    assert asked(kind="job").job
    assert not asked().job


@pytest.mark.parametrize(
    ("filter_", "cost", "named"),
    [([], "scan", []), (["section"], "range", [])],
)
def test_a_job_goes_over_everything_or_over_what_it_names(
    filter_: list[str], cost: str, named: list[str]
) -> None:
    model = model_of({"kind": "job", "every": "night", "filter": filter_})
    result = design(model, "postgresql")
    assert result.patterns[0].cost == cost
    assert [f.subject for f in result.findings if f.key == "full-scan"] == named


@pytest.mark.parametrize(
    ("text", "interval"),
    [
        ("day at 02:00", DAY),
        ("night", DAY),
        ("Nacht um 2", DAY),
        ("15 minutes", 900),
        ("hour", 3_600),
        ("Monday 03:00", 7 * DAY),
        ("opening of a term", None),
    ],
)
def test_an_interval_is_read_where_the_words_tell_it(text: str, interval: float | None) -> None:
    assert durations.interval(text) == interval


@pytest.mark.parametrize(
    ("text", "kind", "days", "event"),
    [
        ("48 hours", "creation", 2, ""),
        ("48 hours after upload", "creation", 2, ""),
        ("30 days idle", "idle", 30, ""),
        ("30 days after the last use", "idle", 30, ""),
        ("12 Monate ohne Nutzung", "idle", 365.25, ""),
        ("7 years after the contract ends", "event", 7 * 365.25, "the contract ends"),
        ("10 Jahre ab Vertragsende", "event", 10 * 365.25, "Vertragsende"),
        ("3 mois après la livraison", "event", 91.3125, "la livraison"),
        ("until taken down", "condition", None, ""),
        ("bis zur Abmeldung", "condition", None, ""),
        ("for ever", "ever", None, ""),
    ],
)
def test_lifetimes_of_four_kinds_are_told_apart(
    text: str, kind: str, days: float | None, event: str
) -> None:
    (found,) = entity(_lifetime=text).facts.lifetimes
    assert (found.kind, found.text, found.event) == (kind, text, event)
    assert found.seconds == (None if days is None else pytest.approx(days * DAY))


def test_two_lifetimes_stand_side_by_side() -> None:
    found = entity(_lifetime="30 minutes idle, 12 hours")
    assert [item.kind for item in found.facts.lifetimes] == ["idle", "creation"]
    assert (found.expires_seconds, found.ttl_seconds) == (1_800, 43_200)
    (one,) = entity(_lifetime="7 years, as the tax office asks").facts.lifetimes
    assert one.seconds == 7 * durations.words().units["year"]


@pytest.mark.parametrize(
    ("lifetime", "expires"),
    [
        ("2 hours", True),
        ("2 hours idle", True),
        ("2 hours after the term", False),
        ("until dropped", False),
    ],
)
def test_only_a_time_that_the_store_can_count_becomes_an_expiry(
    lifetime: str, expires: bool
) -> None:
    result = design(model_of(_lifetime=lifetime), "redis")
    text = "\n".join(item.text for item in result.artifacts)
    assert (" EX 7200" in text) is expires
    undecided = [f.subject for f in result.findings if f.key == "ttl-undecided"]
    assert undecided == ["Section"]


def test_an_idle_time_is_no_rule_of_a_bucket() -> None:
    for lifetime, there in (("30 days", True), ("30 days idle", False)):
        artifacts = design(model_of(_lifetime=lifetime), "amazon-s3").artifacts
        assert any('"Expiration"' in item.text for item in artifacts) is there


@pytest.mark.parametrize(("years", "there"), [(20, True), (21, False)])
def test_cassandra_takes_no_longer_time_than_it_can(years: int, there: bool) -> None:
    result = design(model_of(_lifetime=f"{365 * years} days"), "cassandra")
    text = "\n".join(item.text for item in result.artifacts)
    assert ("default_time_to_live" in text) is there


def test_an_entity_says_how_many_how_large_and_what_comes() -> None:
    facts = entity(
        _count="1.2 million", _size="4 kB", _growth="365.25 GB a year", _erase="on request"
    ).facts
    assert (facts.count, facts.item_bytes) == (1.2e6, 4_000)
    assert facts.growth is not None
    assert facts.growth.bytes == pytest.approx(1e9 / DAY)
    assert facts.erase == "on request"
    assert entity(_growth="86,400 a day").facts.growth == durations.Growth("86,400 a day", items=1)
    assert entity(_keep="10 years by tax law").facts.kept_seconds == 3_652.5 * DAY
    assert entity(_keep="as tax law asks").facts.kept_seconds is None


@pytest.mark.parametrize(
    ("pattern", "options", "mistake"),
    [
        ({"p99": 3}, {}, "unknown word `p99`; the nearest known word is `p99_ms`"),
        ({"rate": 3}, {}, "unknown word `rate`; it is `per_second` here"),
        ({"Order_By": ["at"]}, {}, "unknown word `Order_By`; it is `sort` here"),
        ({"page": 3}, {}, "unknown word `page`; the nearest known word is `page_size`"),
        ({"p99_ms": 0}, {}, "`p99_ms` is a number, above 0"),
        ({"peak": -1}, {}, "`peak`: times a second are expected"),
        ({"per_second": "often"}, {}, "`per_second`: times a second are expected"),
        ({"per_second": "many a day"}, {}, "or with another time, as in `400 a day`"),
        ({"per_second": True}, {}, "`per_second`: times a second are expected"),
        ({"peak_factor": 0.5}, {}, "`peak_factor` is a number, 1 or more"),
        ({"peak": 3, "peak_factor": 2}, {}, "say the same: give one of them"),
        ({"atomic": ["Sektion"]}, {}, "unknown entity `Sektion`; the nearest known word is"),
        ({"atomic": 3}, {}, "`atomic` is a text or a list of texts"),
        ({"invariant": [""]}, {}, "`invariant` is a text or a list of texts"),
        ({"races": "sometimes"}, {}, "`races` is true or false"),
        ({"fresh_within": "soon"}, {}, "`fresh_within`: a number and a unit are expected"),
        ({"every": 5}, {}, "`every` is a text"),
        ({"items": 5}, {}, "`items` is for a job: say when it runs"),
        ({"answer_bytes": "big"}, {}, "`answer_bytes`: a number of bytes is expected"),
        ({}, {"_count": "many"}, "entities.Enrolment._count: a number is expected"),
        ({}, {"_count": True}, "entities.Enrolment._count: a number is expected"),
        ({}, {"_size": "4 parsecs"}, "entities.Enrolment._size: a number of bytes"),
        ({}, {"_growth": "fast"}, "entities.Enrolment._growth: entries or bytes and a time"),
        ({}, {"_lifetime": 3}, "entities.Enrolment._lifetime: a text is expected"),
        ({}, {"_erase": True}, "entities.Enrolment._erase: a text is expected"),
        ({}, {"_lifetme": "3 d"}, "unknown word `_lifetme`; the nearest known word is `_lifetime`"),
        ({}, {"_ttl": "3 days", "_lifetime": "3 days"}, "say the same: give one of them"),
    ],
)
def test_a_mistake_names_place_and_word(
    pattern: dict[str, Any], options: dict[str, Any], mistake: str
) -> None:
    entities = {**SEAT, "Enrolment": {**SEAT["Enrolment"], **options}}
    asked = {"name": "take a seat", "entity": "Enrolment", **pattern}
    (found,) = mistakes(entities, [asked])
    assert mistake in found
    assert found.startswith("access_patterns" if pattern else "entities.Enrolment")


@given(st.text(max_size=60))
def test_any_text_is_a_lifetime_or_a_mistake(text: str) -> None:
    try:
        found = durations.lifetimes(text)
    except MistakeError:
        return
    assert found
    assert all(item.text for item in found)
    assert all((item.seconds is None) is (item.kind in ("condition", "ever")) for item in found)


@given(st.integers(1, 10**6), st.sampled_from(sorted(durations.words().units)))
def test_a_number_and_a_unit_are_a_duration(amount: int, unit: str) -> None:
    length = amount * durations.words().units[unit]
    assert durations.seconds(f"{amount} {unit}") == length
    (found,) = durations.lifetimes(f"{amount} {unit} after the term ends")
    assert (found.kind, found.seconds, found.event) == ("event", length, "the term ends")


@given(st.sampled_from(operation.OPTIONS), st.none() | st.integers() | st.lists(st.text()))
def test_what_is_no_text_is_a_number_or_a_mistake(key: str, value: object) -> None:
    try:
        found = operation.parse_fact(key, value)
    except MistakeError:
        return
    assert key in ("_count", "_size")
    assert found == value
