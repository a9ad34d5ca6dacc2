"""Findings where what is said of an entity, of a pattern or of a copy does not fit the rest."""

from __future__ import annotations

from typing import Any

import pytest

from storage_conductor.questions.several import Note
from tests.findings_support import CACHE, Boundary, fact, mechanism, one, pattern, table


def rows(**options: Any) -> dict[str, Any]:
    """Answer `entities` with one entity of these options."""
    return {"entities": {"Row": {"id": "bigint pk", **options}}}


LINKED: dict[str, Any] = {
    "entities": {
        "Account": {"id": "bigint pk"},
        "Entry": {"id": "bigint pk", "account": "ref Account not null on delete restrict"},
    }
}
BACKED_UP = one(backup=(mechanism("log", "operator", rpo=5),))
LOGGED: dict[str, Any] = {"access_patterns": [{"name": "log", "entity": "Row", "kind": "write"}]}


def logged(**fields: str) -> dict[str, Any]:
    return {"entities": {"Row": {"gate": "int pk", **fields}}}


READ = {"name": "read", "entity": "Row", "filter": ["id"], "per_second": 5}
MOVE = {"name": "move", "entity": "Row", "filter": ["id"], "kind": "update", "per_second": 1}


def kept_for(order: str, invoice: str) -> dict[str, Any]:
    """Answer `entities` with orders, and invoices that refer to them, each kept for a time."""
    lives = ({"_lifetime": time} if time else {} for time in (order, invoice))
    fields: tuple[dict[str, str], ...] = (
        {"id": "uuid pk"},
        {"id": "uuid pk", "order": "ref Order not null on delete restrict"},
    )
    given = ({**own, **life} for own, life in zip(fields, lives, strict=True))
    return {"entities": dict(zip(("Order", "Invoice"), given, strict=True))}


BOUNDARIES = [
    Boundary(
        "secret-in-key",
        "risk",
        {"entities": {"Row": {"session_id": "text pk -- SHA-256 of the cookie"}}},
        {"entities": {"Row": {"session_id": "text pk"}}},
    ),
    Boundary(
        "secret-in-key",
        "risk",
        {"entities": {"Row": {"id": "uuid pk", "token": "text not null"}}},
        {"entities": {"Row": {"token": "text pk"}}},
    ),
    Boundary(
        "time-in-key",
        "risk",
        logged(at="date pk"),
        logged(at="timestamptz pk"),
        base=LOGGED,
    ),
    Boundary(
        "time-in-key",
        "risk",
        logged(at="timestamptz pk", request="uuid pk"),
        logged(at="timestamptz pk"),
        base=LOGGED,
    ),
    # 1,000,000 x 1,000 B = 1 GB
    Boundary(
        "counts-against-volume",
        "contradiction",
        {"initial_data_gb": 3.0},
        {"initial_data_gb": 3.1},
        base=rows(_count="1 million", _size="1 kB"),
    ),
    Boundary(
        "counts-against-volume",
        "contradiction",
        {"initial_data_gb": 0.34},
        {"initial_data_gb": 0.33},
        base=rows(_count="1 million", _size="1 kB"),
    ),
    Boundary(
        "growth-against-entities",
        "contradiction",
        {"growth_gb_per_month": 6.0},
        {"growth_gb_per_month": 6.1},
        base=rows(_growth="2 GB a month"),
    ),
    # 86,400 a day is one a second
    Boundary(
        "inserts-against-growth",
        "contradiction",
        {"access_patterns": [pattern("add", kind="write", per_second=3)]},
        {"access_patterns": [pattern("add", kind="write", per_second=3.1)]},
        base=rows(_growth="86,400 a day"),
    ),
    # 1/s x 10 d = 864,000
    Boundary(
        "count-against-lifetime",
        "contradiction",
        rows(_count=288_000, _lifetime="10 days"),
        rows(_count=287_000, _lifetime="10 days"),
        base={"access_patterns": [pattern("add", kind="write", per_second=1)]},
    ),
    Boundary(
        "count-against-lifetime",
        "contradiction",
        rows(_count=9_000_000, _lifetime="10 days after the stay"),
        rows(_count=287_000, _lifetime="10 days after the stay"),
        base={"access_patterns": [pattern("add", kind="write", per_second=1)]},
    ),
    Boundary(
        "refresh-writes",
        "risk",
        {"retention": "30 days"},
        {"retention": "30 days idle"},
        base={"reads_per_second": 10.0},
    ),
    Boundary(
        "refresh-writes",
        "risk",
        rows(_lifetime="30 days after upload"),
        rows(_lifetime="30 days after the last use"),
        base={"reads_per_second": 10.0},
    ),
    # 10 drivers at 1/s are each written every 10 s, which is a tenth of 100 s.
    Boundary(
        "refresh-writes",
        "risk",
        {"access_patterns": [READ, MOVE]} | rows(_lifetime="100 seconds idle", _count="10"),
        {"access_patterns": [READ, MOVE]} | rows(_lifetime="99 seconds idle", _count="10"),
    ),
    # Reads of another entity renew nothing.
    Boundary(
        "refresh-writes",
        "risk",
        {"access_patterns": [READ | {"entity": "Other"}]},
        {"access_patterns": [READ]},
        base={
            "entities": {
                "Row": {"id": "bigint pk", "_lifetime": "1 day idle"},
                "Other": {"id": "bigint pk"},
            },
        },
    ),
    Boundary(
        "retention-against-references",
        "risk",
        {"retention": "until the account is closed"},
        {"retention": "10 years"},
        base=LINKED,
    ),
    Boundary(
        "retention-against-references",
        "risk",
        kept_for("10 years", "10 years"),
        kept_for("10 years", "12 years"),
    ),
    Boundary(  # what refers goes, and nothing refers to it
        "retention-against-references",
        "risk",
        kept_for("", "10 years"),
        kept_for("10 years", ""),
    ),
    Boundary(
        "revived-by-restore",
        "risk",
        {"use_cases": ("list tokens",)},
        {"use_cases": ("revoke a token",)},
        stores=BACKED_UP,
    ),
    Boundary(
        "revived-by-restore",
        "risk",
        {"access_patterns": [pattern("drop", kind="delete", filter=["id"])]},
        {"access_patterns": [pattern("take down", kind="delete", filter=["id"])]},
        stores=BACKED_UP,
        base=table(),
    ),
    Boundary(
        "unowned-copy",
        "risk",
        {"notes": (Note("backup", "The roll-ups stay in Vienna."),), "retention": "5 years"},
        {"notes": (Note("backup", "They are copied to Vienna."),), "retention": "5 years"},
    ),
    Boundary(
        "unowned-copy",
        "risk",
        {"sensitive_data": ("none",)},
        {"sensitive_data": ("pii",)},
        base={"use_cases": ("nightly export for billing",)},
    ),
    Boundary(
        "stale-beyond-bound",
        "contradiction",
        {"access_patterns": [pattern("a", filter=["id"], fresh_within="62 s")]},
        {"access_patterns": [pattern("a", filter=["id"], fresh_within="61 s")]},
        stores=one(fact("replication_lag_seconds_typical", 2, "design"), **CACHE),
        base={"storage_type": "cache", **rows(_ttl="1 minute")},
    ),
    Boundary(
        "page-from-cache",
        "risk",
        {"access_patterns": [pattern("a", filter=["id"], per_second=5, page_size=1)]},
        {"access_patterns": [pattern("a", filter=["id"], per_second=5, page_size=2)]},
        stores=one(**CACHE),
        base={"storage_type": "cache", **table(a="int")},
    ),
    Boundary(
        "born-in-cache",
        "risk",
        {"use_cases": ("show a session's basket",), "depends_on": ("shop database",)},
        {"use_cases": ("show a session's basket",)},
        stores=one(can={"persistence": "partial"}, **CACHE),
        base={"storage_type": "cache"},
    ),
    Boundary(
        "source-undecided",
        "missing",
        {"use_cases": ("pages, refilled on a miss",)},
        {},
        stores=one(can={"persistence": "partial"}, **CACHE),
        base={
            "storage_type": "cache",
            **table(),
            "access_patterns": [pattern("put", kind="write")],
        },
    ),
    Boundary(
        "rolled-up",
        "missing",
        {"access_patterns": [pattern("hourly rate of a sensor"), pattern("average of a sensor")]},
        {"access_patterns": [pattern("hourly averages per region")]},
        base=table(),
    ),
    Boundary(
        "rolled-up",
        "missing",
        {
            "entities": {"DailyTotal": {"id": "bigint pk"}},
            "access_patterns": [{"name": "daily totals", "entity": "DailyTotal"}],
        },
        {"access_patterns": [pattern("export the totals per month", kind="job", every="month")]},
        base=table(),
    ),
]


@pytest.mark.parametrize("boundary", BOUNDARIES, ids=str)
def test_a_rule_is_silent_at_its_boundary_and_finds_what_lies_beyond(boundary: Boundary) -> None:
    boundary.check()
