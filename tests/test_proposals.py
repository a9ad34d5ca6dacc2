"""Where nobody gave a model, one is proposed from the use cases, and can be handed in as it is."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from storage_conductor.component.proposals import clause_of, proposed_model, words
from storage_conductor.questions import answers
from storage_conductor.questions.rules import STORAGE_TYPES
from tests.spec_rendering import rendered, section, track_of

USE_CASES = [
    "create a profile at sign-up",
    "look a profile up by e-mail at login",
    "list a customer's orders, newest first",
    "cancel an order",
    "delete the images of an order",
    "extend it on each request",
    "sign out everywhere",
]


def pasted(page: str) -> dict[str, Any]:
    """Return the YAML that a specification proposes."""
    block = section(page, "Data Model Requirements").partition("```yaml\n")[2].partition("\n```")[0]
    found: dict[str, Any] = yaml.safe_load(block)
    return found


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("look a profile up by e-mail", ("read", "Profile", False, ("email",), "", False)),
        ("list versions of a package newest first", ("read", "Version", True, (), "Package", True)),
        ("list a customer's unused coupons", ("read", "Coupon", True, (), "Customer", False)),
        ("fetch a file by name or day", ("read", "File", False, ("name", "day"), "", False)),
        ("store a reading", ("write", "Reading", False, (), "", False)),
        ("Rechnungen nach Kunde suchen", ("read", "Rechnungen", False, ("kunde",), "", False)),
        ("créer un profil", ("write", "Profil", False, (), "", False)),
        ("lister les commandes d'un client", ("read", "Commande", True, (), "Client", False)),
        ("borrar una nota", ("delete", "Nota", False, (), "", False)),
        ("list the opening hours of a shop", ("read", "OpeningHour", True, (), "Shop", False)),
        ("show a page of the orders of a guest", ("read", "Order", True, (), "Guest", False)),
        ("list the guests by number", ("read", "Guest", True, ("number",), "", False)),
        ("list the entries of a diary", ("read", "Entry", True, (), "Diary", False)),
        ("list the movies of a cinema", ("read", "Movie", True, (), "Cinema", False)),
        ("find a free berth", ("read", "Berth", True, ("state",), "", False)),
        ("offene Rechnungen eines Kunden auflisten",
         ("read", "Rechnungen", True, ("state",), "Kunden", False)),
        ("render nodes write frames of a shot", ("write", "Frame", True, (), "Shot", False)),
        ("the compositor reads all layers of a frame",
         ("read", "Layer", True, (), "Frame", False)),
        ("customers see their orders newest first", ("read", "Order", True, (), "", True)),
        ("restore a shot that somebody deleted by mistake",
         ("update", "Shot", False, (), "", False)),
        ("clean up versions of a shot", ("delete", "Version", True, (), "Shot", False)),
        ("create a list", ("write", "List", False, (), "", False)),
    ],
)  # fmt: skip
def test_a_use_case_is_read_by_its_verb(text: str, read: tuple[Any, ...]) -> None:
    assert clause_of(text) == (*read, "", False, "")


@pytest.mark.parametrize(
    "text",
    ["customer orders per day", "message read receipts", "payment records of a customer",
     "price lists of shops", "sensor logs for the last week", "daily reports of sales"],
)  # fmt: skip
def test_nouns_that_look_like_verbs_are_none(text: str) -> None:
    assert clause_of(text) is None


@pytest.mark.parametrize(
    ("text", "since", "counted"),
    [
        ("show the last 7 days of a device", "created_at >", False),
        ("die letzten 7 Tage eines Geräts anzeigen", "created_at >", False),
        ("afficher les 7 derniers jours d'un appareil", "created_at >", False),
        ("mostrar los últimos 7 días de un dispositivo", "created_at >", False),
        ("list the readings of a day", "created_at between", False),
        ("delete readings older than 2 years", "created_at <", False),
        ("find readings silent for 10 minutes", "last_seen_at <", False),
        ("show the number of readings of a device", "", True),
        ("count the readings of a device", "", True),
    ],
)
def test_a_measure_of_things_is_no_thing(text: str, since: str, counted: bool) -> None:
    found = clause_of(text, "Reading")
    assert found is not None
    assert (found.since, found.counted) == (since, counted)
    assert found.thing == "Reading"
    assert found.owner in ("", "Device", "Gerat", "Appareil", "Dispositivo")


@pytest.mark.parametrize(
    "text",
    [
        "show what a guest owes",
        "nightly export",
        "sign out everywhere",
        "start page",
        "show the last 7 days of a device",
        "show hourly averages per region",
        "hourly averages per region",
        "show the average temperature of a region",
        "silent for 10 minutes",
        "show the week",
        "show a list",
        "",
        "a",
        "。",
    ],
)
def test_what_is_not_understood_is_left(text: str) -> None:
    assert clause_of(text) is None


def test_the_specification_proposes_what_can_be_pasted() -> None:
    said: dict[str, Any] = {"backend": "PostgreSQL", "use_cases": USE_CASES}
    page = rendered(track_of(said), "spec.md")
    told = section(page, "Data Model Requirements")
    assert "**Proposed**, said by nobody" in told
    assert "Not understood: “sign out everywhere”." in told
    model = pasted(page)
    assert model["entities"] == {
        "Profile": {"id": "uuid pk", "email": "varchar(254) not null"},
        "Order": {
            "id": "uuid pk", "created_at": "timestamptz not null", "customer_id": "uuid not null",
        },
        "Image": {"id": "uuid pk", "order": "ref Order not null"},
    }  # fmt: skip
    again = rendered(track_of({**said, **model}), "spec.md")
    assert "**Proposed**" not in again
    assert "CREATE TABLE image" in again
    # A pattern bears its use case's name, so that each that was understood is served.
    assert "sign out everywhere" in section(again, "Decisions")
    assert "cancel an order" not in section(again, "Decisions")


def test_no_model_is_proposed_beside_a_stated_one() -> None:
    entities = {"Boat": {"id": "uuid pk"}}
    said = {"backend": "PostgreSQL", "use_cases": USE_CASES, "entities": entities}
    page = rendered(track_of(said), "spec.md")
    assert "**Proposed**" not in page


def test_what_devices_tell_is_proposed_by_device_and_time() -> None:
    use_cases = [
        "store a reading of a device",
        "show the last 7 days of a device",
        "hourly averages per region",
        "list devices silent for 10 minutes",
    ]
    proposed = proposed_model(use_cases, "database")
    assert proposed is not None
    assert list(proposed.entities) == ["Reading", "Device"]
    _, week, silent = proposed.access_patterns
    assert (week["filter"], week["sort"]) == (["device", "created_at >"], ["created_at desc"])
    assert silent["filter"] == ["last_seen_at <"]
    assert proposed.left == ["hourly averages per region"]


SPOKEN = st.lists(
    st.one_of(
        st.sampled_from(sorted({verb for known in words().verbs.values() for verb in known})),
        st.sampled_from(
            [
                "a",
                "the",
                "of",
                "by",
                "it",
                "list",
                "order's",
                "boxes",
                "e-mail",
                ",",
                "7",
                "days",
                "last",
                "number",
            ]
        ),
        st.text(max_size=12),
    ),
    max_size=9,
).map(" ".join)


@settings(max_examples=300, deadline=None)
@given(st.lists(SPOKEN, min_size=1, max_size=4), st.sampled_from(STORAGE_TYPES))
def test_every_proposal_is_a_model_that_the_answers_take(texts: list[str], kind: str) -> None:
    use_cases = answers.RULES["use_cases"](texts)
    proposed = proposed_model(use_cases, kind)
    if proposed is None:
        return
    model = yaml.safe_load(proposed.text)
    assert answers.examine({"storage_type": kind, **model})[1] in ([], NO_STORES)
    assert len(model["access_patterns"]) + len(proposed.left) == len(set(use_cases))


NO_STORES = ["backends: a hybrid component combines two or more backends"]
