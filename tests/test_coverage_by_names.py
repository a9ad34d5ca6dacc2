"""A use case that says the name of an operation is served by it, and is no task beside it."""

from __future__ import annotations

from typing import Any

import pytest

from storage_conductor.findings.coverage import coverage
from storage_conductor.questions.building_blocks import served_by_blocks, spoken_of
from storage_conductor.schema.parse import parse_model
from tests.spec_rendering import rendered, track_of

ENTITIES = {
    "Document": {"id": "uuid pk", "state": "int"},
    "Invoice": {"number": "bigint pk assigned"},
    "Order": {"id": "uuid pk", "customer": "uuid not null"},
}
PATTERNS = [
    {"name": "who opened a document", "entity": "Document", "filter": ["id"]},
    {"name": "withdraw a document", "entity": "Document", "kind": "update", "filter": ["id"]},
    {"name": "number an invoice", "entity": "Invoice", "kind": "write"},
    {"name": "count a download", "entity": "Document", "kind": "update", "filter": ["id"]},
    {"name": "remind", "entity": "Order", "kind": "job", "every": "day at 17:00"},
    {"name": "orders of a customer", "entity": "Order", "filter": ["customer"]},
]


@pytest.mark.parametrize(
    ("use_case", "served", "perhaps"),
    [
        ("find out who opened a document", True, False),
        ("number invoices without gaps", True, False),
        ("count a download once per listener and day", True, False),
        ("withdraw a document after 30 minutes", True, False),
        ("withdraw a document filed under the wrong patient within 30 minutes", False, False),
        ("attach the order of a customer", False, False),
        ("withdraw a document everywhere", False, False),
        ("show the orders of a customer with their invoices", False, False),
        ("number invoices and print labels", False, False),
        ("print the labels", False, True),
        ("remind the customer of it the day before by text message", False, False),
    ],
)
def test_a_use_case_is_served_by_what_it_names(use_case: str, served: bool, perhaps: bool) -> None:
    model = parse_model(ENTITIES, PATTERNS)
    assert model is not None
    (found,) = coverage([use_case], model)
    assert (found.stated, found.perhaps) == (served, perhaps)


def test_a_use_case_that_a_building_block_serves_is_not_asked_about() -> None:
    given: dict[str, Any] = {
        "backend": "PostgreSQL",
        "use_cases": ["give a patient a download link for 24 hours", "print the labels"],
        "entities": ENTITIES,
        "access_patterns": PATTERNS,
    }
    track = track_of(given)
    assert served_by_blocks(track.component.stated) == {given["use_cases"][0]}
    row = next(
        line for line in rendered(track, "spec.md").splitlines() if "D-use-case-unserved |" in line
    )
    assert "print the labels" in row
    assert "download link" not in row


def test_who_is_affected_is_not_missing_among_what_is_stored() -> None:
    given = {
        "backend": "PostgreSQL",
        "use_cases": ["tell the operator of a state"],
        "entities": ENTITIES,
    }
    assert "D-noun-unstored" in rendered(track_of(given), "spec.md")
    told = {**given, "affected_users": "operators in three control rooms"}
    assert "D-noun-unstored" not in rendered(track_of(told), "spec.md")


def test_what_a_store_keeps_for_a_restore_is_no_block() -> None:
    """A note on soft delete of blobs brought columns and a purge into the tables."""
    said = "Blob versions and soft delete stay on for 30 days."
    free = track_of({"backend": "PostgreSQL", "notes": said}).component.stated
    kept = track_of({"backend": "PostgreSQL", "notes": f"backup: {said}"}).component.stated
    assert spoken_of(free, "soft-delete") == "soft delete"
    assert not spoken_of(kept, "soft-delete")
