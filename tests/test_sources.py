"""What a cache holds has a source, has none, or nobody said: then neither is asserted."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.specification_reading import Rendered, render

ROOM: dict[str, Any] = {
    "description": "Who waits for the sale of a concert, and at which place.",
    "storage_type": "cache",
    "backend": "Redis",
    "sensitive_data": ["none"],
    "entities": {"Waiting": {"visitor": "uuid pk", "place": "int not null", "_ttl": "30 minutes"}},
    "access_patterns": [
        {"name": "enter", "entity": "Waiting", "kind": "write", "per_second": 25},
        {"name": "place of a visitor", "entity": "Waiting", "filter": ["visitor"]},
    ],
}
BEHIND = re.compile(
    r"source behind|from its source|from the source|hit rate stays|hit rate fell|low hit rate|"
    r"hit rate is back|cache switched off|owners of the sources|whose copies|Entries are copies|"
    r"measured, is within the agreed staleness|load it once"
)
BORN = re.compile(r"begin anew|begun anew|began anew|Treat a missing entry as the end")
KEY = "D-source-undecided"


def told(page: Rendered) -> tuple[bool, bool, bool]:
    """Return whether it is asked, whether a source is asserted, and whether it is denied."""
    text = page.spec + page.plan
    return KEY in text, bool(BEHIND.search(text)), bool(BORN.search(text))


@pytest.mark.parametrize(
    ("more", "asked", "behind", "born"),
    [
        ({}, True, False, False),
        ({"notes": ["Entries are filled from the ticket shop."]}, False, True, False),
        ({"depends_on": ["ticket shop"]}, False, True, False),
        ({"description": "Login sessions."}, False, False, True),
        ({"decisions": {KEY: "none"}}, True, False, True),
        ({"decisions": {KEY: "the ticket shop"}}, True, True, False),
        ({"access_patterns": ROOM["access_patterns"][1:]}, False, True, False),
    ],
)
def test_a_source_is_asserted_only_where_one_is_told(
    more: dict[str, Any], asked: bool, behind: bool, born: bool
) -> None:
    assert told(render({**ROOM, **more})) == (asked, behind, born)


def test_beside_another_store_too() -> None:
    entities = {
        "Order": {"id": "uuid pk", "_store": "postgresql"},
        "Waiting": {**ROOM["entities"]["Waiting"], "_store": "redis"},
    }
    stores = {"storage_type": "hybrid", "backends": ["PostgreSQL", "Redis"], "backend": ""}
    page = render({**ROOM, **stores, "entities": entities, "rpo_minutes": 5})
    assert told(page) == (True, False, False)
    assert "Redis, where what is a copy is renewed or dropped" in page.section("Data Integrity")
    together = {"name": "enter", "entity": "Waiting", "kind": "write", "per_second": 25}
    both = [{**together, "atomic": ["Waiting", "Order"]}, ROOM["access_patterns"][1]]
    page = render({**ROOM, **stores, "entities": entities, "access_patterns": both})
    assert told(page) == (False, True, False)


def test_a_copy_in_a_store_of_its_own_recovery_must_be_fresh() -> None:
    """A seat map of five seconds was served where two were asked for, as Redis had an RPO."""
    entities = {
        "Order": {"id": "uuid pk", "_store": "postgresql"},
        "Waiting": {**ROOM["entities"]["Waiting"], "_store": "redis"},
        "Map": {"event": "uuid pk", "seats": "json", "_store": "redis", "_lifetime": "5 s"},
    }
    show = {"name": "show the map", "entity": "Map", "filter": ["event"], "fresh_within": "2 s"}
    page = render(
        {
            **ROOM,
            "storage_type": "hybrid",
            "backends": ["PostgreSQL", "Redis"],
            "backend": "",
            "entities": entities,
            "access_patterns": [*ROOM["access_patterns"], show],
            "rpo_minutes": 5,
            "store_objectives": {"Redis": {"rpo_minutes": 60}},
        }
    )
    assert "D-stale-beyond-bound-redis" in page.decisions
    # What callers write there has no owner elsewhere: its backups keep it.
    assert told(page) == (False, False, False)
    default = page.decisions["D-cache-system-of-record-redis"][1]
    assert default == "What callers write into it (Waiting) is kept by its backups alone."
