"""Findings about operations, lifetimes and use cases."""

from __future__ import annotations

from typing import Any

import pytest

from storage_conductor.findings import describe
from storage_conductor.findings.coverage import coverage
from storage_conductor.schema.parse import parse_model
from tests.findings_support import (
    KEYED,
    OBJECTS,
    Boundary,
    fact,
    found,
    one,
    pattern,
    said,
    store,
    table,
)

CAN = {"multi_item_transactions": "yes", "conditional_writes": "yes"}
TWO: dict[str, Any] = {
    "entities": {
        "Row": {"id": "uuid pk", "name": "text not null"},
        "Total": {"_store": "second", "id": "uuid pk", "sum": "bigint not null"},
    }
}


def asked(**values: Any) -> dict[str, Any]:
    return {"access_patterns": [pattern("a", **values)]}


def lives(**options: str) -> dict[str, Any]:
    return {"entities": {"Row": {"id": "uuid pk", **options}}}


def counted(rows: int) -> dict[str, Any]:
    return {"entities": {"Row": {"id": "uuid pk", "_count": rows, "_size": 1_000}}}


JOB: dict[str, Any] = pattern("sweep", kind="job", every="minute")
ADD: dict[str, Any] = pattern("add", kind="write", per_second=10)
BOUNDARIES = [
    Boundary(
        "operation-across-stores",
        "risk",
        asked(kind="write", atomic=["Row"]),
        asked(kind="write", atomic=["Total"]),
        base=TWO,
        stores=(store(name="First"), store(name="Second")),
    ),
    Boundary(
        "job-backlog",
        "contradiction",
        {"access_patterns": [ADD, JOB | {"items": 500, "filter": ["state"]}]},
        {"access_patterns": [ADD, JOB | {"items": 500}]},
        base={"entities": {"Row": {"id": "uuid pk", "state": "int not null"}}},
    ),
    Boundary(
        "job-backlog",
        "contradiction",
        {"access_patterns": [JOB | {"items": 600}, pattern("add", kind="write", per_second=10)]},
        {"access_patterns": [JOB | {"items": 500}, pattern("add", kind="write", per_second=10)]},
        base={"entities": {"Row": {"id": "uuid pk"}}},
    ),
    Boundary(  # what adds up over hours reads many entries for each that it writes
        "job-backlog",
        "contradiction",
        {"access_patterns": [ADD, JOB | {"name": "hourly energy", "items": 500}]},
        {"access_patterns": [ADD, JOB | {"name": "send what is due", "items": 500}]},
        base={"entities": {"Row": {"id": "uuid pk"}}},
    ),
    # 100 MiB/s read 6,000 MiB in a minute.
    Boundary(
        "job-reads-all",
        "contradiction",
        {"access_patterns": [JOB], **counted(6 * 2**20)},
        {"access_patterns": [JOB], **counted(6 * 2**20 + 1)},
        stores=one(fact("throughput_mib_per_second_default", 100)),
    ),
    Boundary(
        "job-reads-all",
        "contradiction",
        {"access_patterns": [JOB | {"filter": ["id"]}], **counted(7 * 2**20)},
        {"access_patterns": [JOB], **counted(7 * 2**20)},
        stores=one(fact("throughput_mib_per_second_default", 100)),
    ),
    Boundary(
        "operation-outside",
        "risk",
        asked(kind="write"),
        asked(kind="write", tells="accounting"),
        base={"entities": {"Row": {"id": "uuid pk"}}},
        stores=one(),
    ),
    Boundary(
        "sum-rule",
        "risk",
        asked(kind="write", invariant="never more than ten"),
        asked(kind="write", invariant="amounts add up to zero"),
        base={"entities": {"Row": {"id": "uuid pk"}}},
        stores=one(),
    ),
    Boundary(
        "operation-not-atomic",
        "infeasible",
        asked(kind="write", atomic=["Row"], races=True),
        asked(kind="write", atomic=["Total"]),
        base={"entities": {"Row": {"id": "uuid pk"}, "Total": {"id": "uuid pk"}}},
        stores=one(can={**CAN, "multi_item_transactions": "no"}, **OBJECTS),
    ),
    Boundary(
        "operation-not-atomic",
        "infeasible",
        asked(kind="write"),
        asked(kind="write", races=True),
        base={"entities": {"Row": {"id": "uuid pk"}}},
        stores=one(can={"conditional_writes": "no"}, **OBJECTS),
    ),
    Boundary(
        "race-without-identity",
        "missing",
        {"entities": {"Row": {"id": "uuid pk", "name": "text unique"}}},
        {"entities": {"Row": {"id": "uuid pk default uuid()", "name": "text"}}},
        base=asked(kind="write", races=True),
    ),
    Boundary(
        "race-without-rule",
        "missing",
        asked(kind="update", filter=["id"], races=True, invariant="never below zero"),
        asked(kind="update", filter=["id"], races=True),
        base=table(),
    ),
    Boundary(
        "operation-latency-floor",
        "risk",
        asked(filter=["id"], p99_ms=10),
        asked(filter=["id"], p99_ms=9.9),
        base=table(),
        stores=one(fact("latency_read_floor_ms", 10, "design")),
    ),
    # 100/s on average x 4 = 400/s at peak, and a tenth more
    Boundary(
        "operation-peaks",
        "contradiction",
        asked(filter=["id"], peak=440),
        asked(filter=["id"], peak=441),
        base={**table(), "reads_per_second": 100.0, "peak_factor": 4.0},
    ),
    Boundary(
        "job-overrun",
        "contradiction",
        asked(kind="job", every="hour", within="60 minutes"),
        asked(kind="job", every="hour", within="61 minutes"),
        base=table(),
    ),
    # 2 ms a commit leave room for 500/s
    Boundary(
        "hot-row",
        "risk",
        asked(kind="update", filter=["id"], invariant="never below zero", peak=499),
        asked(kind="update", filter=["id"], invariant="never below zero", peak=500),
        base=table(),
    ),
    Boundary(
        "hot-row",
        "risk",
        asked(kind="update", filter=["id"], invariant="never below zero", peak=499),
        asked(kind="update", filter=["id"], invariant="never below zero", peak=500),
        base=table(),
        stores=one(fact("partition_write_units_max", 1000), **KEYED),
    ),
    Boundary(
        "duty-above-lifetime",
        "contradiction",
        lives(_lifetime="10 years", _keep="10 years by tax law"),
        lives(_lifetime="9 years", _keep="10 years by tax law"),
    ),
    Boundary(
        "lifetime-against-retention",
        "contradiction",
        # Three months are 91.3 days: the same said in another way.
        lives(_lifetime="90 days") | {"retention": "rows 3 months"},
        lives(_lifetime="90 days") | {"retention": "rows 100 days"},
    ),
    Boundary(
        "retention-of-none",
        "missing",
        lives() | {"retention": "rows 3 years, everything else 1 year"},
        lives() | {"retention": "rows 3 years, audit trail 1 year"},
    ),
    Boundary(
        "erasure-against-duty",
        "contradiction",
        lives(_erase="on request"),
        lives(_erase="on request", _keep="as tax law asks"),
    ),
    Boundary(
        "nothing-removes",
        "missing",
        asked(kind="delete", filter=["id"]),
        asked(filter=["id"]),
        base=lives(_lifetime="until taken down"),
    ),
    Boundary(
        "nothing-removes",
        "missing",
        lives(_lifetime="30 days"),
        lives(_lifetime="30 days after the stay"),
        base=asked(filter=["id"]),
    ),
    Boundary(
        "use-case-unserved",
        "missing",
        {"use_cases": ("list rows of a guest", "a")},
        {"use_cases": ("invoice the marina",)},
        base={**table(guest="uuid"), "access_patterns": [pattern("a", filter=["guest"])]},
    ),
    Boundary(
        "noun-unstored",
        "missing",
        {"use_cases": ("show the row of a guest on the phone",)},
        {"use_cases": ("show the invoice of a guest",)},
        base=table(guest="uuid"),
    ),
    Boundary(
        "noun-unstored",
        "missing",
        {"use_cases": ("A worker keeps each guest", "the shop stores a row")},
        {"use_cases": ("A worker keeps each invoice",)},
        base=table(guest="uuid"),
    ),
]

STORES: dict[str, tuple[Any, ...]] = {
    "relational": one(can=CAN),
    "keyed": one(can=CAN, **KEYED),
}


@pytest.mark.parametrize("name", STORES)
def test_a_store_that_keeps_both_is_left_in_peace(name: str) -> None:
    case = Boundary(
        "operation-not-atomic",
        "infeasible",
        asked(kind="write", atomic=["Total"], races=True),
        {},
        base={"entities": {"Row": {"id": "uuid pk"}, "Total": {"id": "uuid pk"}}},
        stores=STORES[name],
    )
    _, found = case.findings(case.inside)
    assert "operation-not-atomic" not in found


MODEL = parse_model(
    {
        "Section": {"id": "uuid pk", "capacity": "int"},
        "Enrolment": {"id": "uuid pk", "section": "ref Section", "student": "uuid"},
        "Buchung": {"id": "uuid pk", "liegeplatz": "text"},
        "Ticket": {"id": "uuid pk", "_lifetime": "1 year"},
    },
    [
        {"name": "take a seat", "entity": "Enrolment", "kind": "write", "serves": ["be enrolled"]},
        {"name": "sections of a course", "entity": "Section", "filter": ["id"]},
        {"name": "Buchungen eines Liegeplatzes", "entity": "Buchung", "filter": ["liegeplatz"]},
        {"name": "export", "entity": "Enrolment", "kind": "job", "every": "night"},
        {"name": "Buchung ändern", "entity": "Buchung", "kind": "update", "filter": ["id"]},
        {"name": "record the cancellation of a ticket", "entity": "Ticket", "kind": "write"},
    ],
)


@pytest.mark.parametrize(
    ("use", "served", "perhaps"),
    [
        ("take a seat", ["take a seat"], False),
        ("Be enrolled", ["take a seat"], False),
        ("list sections of a course", ["sections of a course"], False),
        ("Liegeplatz buchen", ["Buchungen eines Liegeplatzes"], False),
        ("freie Liegeplätze suchen", ["Buchungen eines Liegeplatzes"], False),
        ("nightly export", ["export"], False),
        ("statement for the accountants", [], True),
        ("invoice the marina at the end of a stay", [], True),
        ("list the courses of a lecturer with rooms", ["sections of a course"], True),
        ("withdraw an enrolment", [], True),  # an insert takes nothing back
        ("Buchung stornieren", ["Buchung ändern"], False),
        ("cancel a ticket", ["record the cancellation of a ticket"], False),
        ("revoke a ticket", [], True),
        ("delete old tickets", [], False),  # their lifetime does
        ("revoke tickets that are over", [], True),
    ],
)
def test_use_cases_find_their_operations_by_their_words(
    use: str, served: list[str], perhaps: bool
) -> None:
    assert MODEL is not None
    (found,) = coverage([use], MODEL)
    assert (list(found.operations), found.perhaps) == (served, perhaps)


def test_a_row_that_holds_no_number_is_not_split() -> None:
    """A seat that callers race for was to be split into four rows."""
    seat = {"id": "bigint pk", "held_until": "timestamptz", "left": "int", "version": "bigint"}
    base = {"entities": {"Row": seat}, "peak_factor": 2}
    for fields, split in ((["held_until", "version"], False), (["left"], True), ([], True)):
        hold = asked(kind="update", filter=["id"], invariant="one buyer", peak=800, fields=fields)
        finding = found(said(**base, **hold), *one())["hot-row"]
        words = describe(finding, said(**base, **hold))
        assert ("is split into" in words.default) is split, fields
        assert ("turned away" in words.default) is not split
