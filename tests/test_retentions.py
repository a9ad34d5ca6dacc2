"""A retention that names entities is that of those entities."""

from __future__ import annotations

from typing import Any

import pytest

from storage_conductor.component.component import Component
from tests.spec_rendering import rendered, track_of

ENTITIES: dict[str, Any] = {
    "Parcel": {"id": "uuid pk", "_growth": "10 a second"},
    "DepotEntry": {"id": "uuid pk", "at": "timestamptz not null"},
    "Sender": {"id": "uuid pk", "_lifetime": "9 years"},
}


def component(retention: str) -> Component:
    given = {"backend": "PostgreSQL", "entities": ENTITIES, "retention": retention}
    return track_of(given).component


@pytest.mark.parametrize(
    ("retention", "parcel", "entry"),
    [
        ("parcels 18 months, depot entries 2 weeks", "18 months", "2 weeks"),
        ("Parcels are kept for 18 months and depot entries for 2 weeks", "18 months", "2 weeks"),
        ("2 weeks for each DepotEntry; a parcel 18 months after delivery",
         "18 months after delivery", "2 weeks for each DepotEntry"),
        ("parcels and depot entries: 18 months", "18 months", "18 months"),
        ("parcels 18 months, pick-up entries 2 weeks", "18 months", "2 weeks"),  # the only entries
        ("de-pot entries 2 weeks", "", "2 weeks"),
        ("18 months", "", ""),
        ("18 months, senders 3 years", "", ""),  # what the entity says itself stays
        ("parcels until taken down", "", ""),
        ("1,5 years", "", ""),
    ],
)  # fmt: skip
def test_each_entity_gets_the_time_that_is_told_of_it(
    retention: str, parcel: str, entry: str
) -> None:
    model = component(retention).model
    assert model is not None
    found = {
        entity.name: ", ".join(life.text for life in entity.facts.lifetimes)
        for entity in model.entities
    }
    assert found == {"Parcel": parcel, "DepotEntry": entry, "Sender": "9 years"}


def test_what_is_told_of_an_entity_ends_its_growth() -> None:
    told = {"backend": "PostgreSQL", "entities": ENTITIES, "retention": "parcels 1 year, rest 2"}
    assert "315,576,000" not in rendered(track_of(told), "spec.md")
    told["retention"] = "parcels 1 year"
    assert "| Parcel | `parcel` |" in (spec := rendered(track_of(told), "spec.md"))
    assert "315,576,000" in spec  # 10 a second for 365.25 days


LINKED: dict[str, Any] = {
    "Event": {"id": "uuid pk", "_growth": "300 a month"},
    "Order": {"id": "uuid pk", "_growth": "10 a minute"},
    "Seat": {"id": "uuid pk", "event": "ref Event not null", "order": "ref Order"},
}


def test_a_retention_of_some_entities_is_of_no_other() -> None:
    """Events that nobody said how long are kept were to go after ten years, by a job."""
    given = {"backend": "PostgreSQL", "entities": LINKED, "retention": "orders 10 years"}
    track = track_of({**given, "sensitive_data": "pii"})
    spec, plan = rendered(track, "spec.md"), rendered(track, "plan.md")
    assert "Retention | orders 10 years |" in spec
    assert "| Order | 10 a minute | 10 years (from the writing) |" in spec
    assert "F-lifetimes**: entries of Order are gone" in spec
    assert "F-retention" not in spec
    assert "End of retention" not in spec
    assert "Rows of Event" not in spec
    assert "Rows of Order go after 10 years while other rows refer to them" in spec  # seats do
    assert "retention is over" not in plan
    assert track.component.stated.retention_days is None


def test_beside_the_retention_of_some_there_is_one_of_the_rest() -> None:
    given = {"backend": "PostgreSQL", "entities": LINKED, "retention": "orders 10 years, 2 years"}
    spec = rendered(track_of(given), "spec.md")
    assert "D-retention-against-references" in spec
    assert "Rows of Event go after 2 years" in spec
    assert (
        "F-retention**: an item is gone when its time is over (2 years, unless its entity" in spec
    )


def test_what_a_retention_says_of_something_else_ends_no_entity() -> None:
    """Sensors were given the end of the hourly roll-ups, because no entity was found for those."""
    given = {"backend": "Cassandra", "entities": LINKED}
    track = track_of({**given, "retention": "orders 90 days, audit trail 3 years"})
    spec = rendered(track, "spec.md")
    assert spec.count("default_time_to_live") == 1
    assert "| D-retention-of-none | **Not stated.** Which entity “audit trail 3 years” in" in spec
    assert "audit trail 3 years" not in spec.split("## Security and Privacy")[1]


@pytest.mark.parametrize(
    ("backend", "wanted"),
    [
        ("DynamoDB", "plus 7,776,000 s"),
        ("Cassandra", "default_time_to_live = 7776000"),
        ("MongoDB", "ttl_order"),
        ("Amazon S3", "expire-order"),
    ],
)
def test_a_store_that_ends_entries_does_so_by_the_retention_of_their_name(
    backend: str, wanted: str
) -> None:
    given = {"backend": backend, "entities": LINKED, "retention": "orders 90 days"}
    assert rendered(track_of(given), "spec.md").count(wanted) == 1


def test_nothing_is_removed_while_a_duty_keeps_it() -> None:
    """The job took after seven years what the law keeps for ten."""
    order = {**LINKED["Order"], "_lifetime": "7 years", "_keep": "10 years by tax law"}
    for backend, wanted in (
        ("PostgreSQL", "a job removes entries 10 years after they were written"),
        ("DynamoDB", "315,576,000 s"),
        ("Cassandra", "default_time_to_live = 315576000"),
    ):
        given = {"backend": backend, "entities": {"Order": order}}
        assert wanted in (spec := rendered(track_of(given), "spec.md")), backend
        assert "7 years (from the writing)" in spec


def kept(retention: str = "", **entity: str) -> str:
    given = {"backend": "DynamoDB", "sensitive_data": "pii", "retention": retention}
    decisions = rendered(
        track_of({**given, "entities": {"Order": {"id": "uuid pk", **entity}}}), "spec.md"
    )
    rows = [line for line in decisions.splitlines() if line.startswith("| D-retention-erasure")]
    return rows[0].split(" | ")[1] if rows else ""


def test_an_erasure_is_held_against_the_longer_of_two_times() -> None:
    """The lifetime of an entity was looked at only where there was no retention."""
    assert "Order is kept for 90 days" in kept("orders 20 days", _lifetime="90 days")
    assert "Order is kept for 90 days" in kept("orders 90 days", _lifetime="20 days")
    assert "Order is kept for 90 days" in kept("2 years", _lifetime="90 days")
    assert "Order is kept for 90 days" in kept(_lifetime="90 days after the delivery")
    assert "Data about people is kept for 90 days" in kept("90 days")
    assert not kept("2 years", _lifetime="20 days")
    assert not kept("2 years", _erase="on request")
    assert not kept("2 years", _keep="2 years by law")
    assert "Order is kept for ever" in kept(_lifetime="for ever")


def test_each_copy_that_is_told_of_is_asked_about() -> None:
    given = {"backend": "PostgreSQL", "entities": LINKED, "retention": "orders 10 years"}
    told = {"use_cases": ["nightly export for billing"], "notes": "Orders are copied to Vienna."}
    spec = rendered(track_of({**given, **told}), "spec.md")
    row = next(line for line in spec.splitlines() if "| D-unowned-copy |" in line)
    assert "“nightly export for billing” and “Orders are copied to Vienna”" in row
