"""What is never to be changed: in which words that is said, and what follows in each store."""

from __future__ import annotations

from typing import Any

import pytest

from storage_conductor.findings.features import stated_lock
from storage_conductor.questions.answers import Answers
from tests.specification_reading import Rendered, render

SAID = [
    "A receipt must never change.",
    "Receipts are unalterable.",
    "Receipts are tamper-proof.",
    "Receipts cannot be altered.",
    "Receipts are never updated or deleted.",
    "No receipt may ever be changed.",
    "Receipts are only ever added.",
    "An append-only list of receipts",
    "Receipts are write once.",
    "Receipts are immutable.",
    "Belege dürfen nachträglich nicht mehr geändert werden.",
    "Belege sind unveränderbar.",
    "Belege sind fälschungssicher.",
    "Les reçus sont inaltérables.",
    "Les reçus ne doivent jamais être modifiés.",
    "Los recibos no se pueden modificar.",
    "Los recibos son inalterables.",
]
NOT_SAID = [
    "Guests may not change bookings of others.",
    "Receipts are not immutable.",
    "Immutability: none",
    "Write once: no",
    "Keine unveränderlichen Belege",
    "Names must not be deleted by others",
]


@pytest.mark.parametrize("text", SAID)
def test_it_is_understood_in_any_words(text: str) -> None:
    assert stated_lock(Answers(title="T", description=text))


@pytest.mark.parametrize("text", NOT_SAID)
def test_what_is_denied_or_about_something_else_is_not(text: str) -> None:
    assert not stated_lock(Answers(title="T", description=text))


MODEL: dict[str, Any] = {
    "storage_type": "hybrid",
    "backends": ["PostgreSQL", "Amazon S3"],
    "detail": "full",
    "entities": {
        "Receipt": {"id": "uuid pk", "number": "text not null", "_store": "PostgreSQL"},
        "Basket": {"id": "uuid pk", "_store": "PostgreSQL"},
        "ReceiptPdf": {"id": "uuid pk", "receipt": "ref Receipt", "_store": "Amazon S3"},
    },
    "access_patterns": [
        {"name": "issue a receipt", "entity": "Receipt", "kind": "write"},
        {"name": "fill a basket", "entity": "Basket", "kind": "update", "filter": ["id"]},
    ],
}
KEY = "D-rows-written-once-postgresql"


def page(text: str, **told: Any) -> Rendered:
    return render({**MODEL, "description": text, **told})


def test_the_relational_side_refuses_changes_of_what_was_named() -> None:
    found = page("A receipt must never change.")
    what, default = found.decisions[KEY]
    assert "Risk" in what
    assert "may write Receipt in PostgreSQL may change" in what
    assert "has SELECT and INSERT alone on Receipt, and triggers refuse" in default
    assert (
        "SELECT and INSERT alone on Receipt, and refuse UPDATE and DELETE of Receipt" in found.plan
    )
    assert KEY not in page("Receipts of sales.").decisions
    assert "Object Lock" in found.spec


def test_where_nothing_is_named_it_holds_of_what_no_operation_changes() -> None:
    what, _ = page("All is immutable.").decisions[KEY]
    assert "may write Receipt in PostgreSQL" in what


def test_an_operation_that_changes_it_contradicts_it() -> None:
    what, default = page("A basket must never change.").decisions[KEY]
    assert "Contradiction" in what
    assert "“fill a basket” would" in what
    assert "“fill a basket” adds a row in place of changing one" in default


def test_people_may_still_have_their_data_erased() -> None:
    default = page("A receipt must never change.", sensitive_data=["pii"]).decisions[KEY][1]
    assert "personal fields lie in a table of their own" in default


def test_rows_with_a_date_of_their_own_are_left_to_the_block() -> None:
    dated = {"Receipt": {**MODEL["entities"]["Receipt"], "retain_until": "timestamptz"}}
    entities = {**MODEL["entities"], **dated}
    assert KEY not in page("A receipt must never change.", entities=entities).decisions
