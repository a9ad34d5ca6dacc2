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
