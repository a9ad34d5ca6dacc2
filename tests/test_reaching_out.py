"""Operations beyond one row: what is taken, who is told by a note, what is run again."""

from __future__ import annotations

from typing import Any

import pytest

from storage_conductor.schema.invariants import once, outsiders, summed
from storage_conductor.schema.model import Pattern
from tests.specification_reading import Rendered, render

ENTITIES: dict[str, Any] = {
    "Night": {"berth": "int pk", "day": "date pk", "stay": "ref Stay null"},
    "Stay": {"id": "uuid pk", "state": "enum(held, paid) not null"},
}
HOLD: dict[str, Any] = {
    "name": "hold a berth",
    "entity": "Stay",
    "kind": "write",
    "atomic": ["Night"],
    "races": True,
    "invariant": "no two holds for one night",
    "p99_ms": 300,
}
TELL: dict[str, Any] = {
    "name": "tell accounting of paid stays",
    "entity": "Stay",
    "kind": "job",
    "filter": ["state = paid"],
    "every": "5 minutes",
}
BOARD = {"Board": {"_store": "redis", "berth": "int pk", "lines": "json not null"}}
SEVERAL: dict[str, Any] = {"storage_type": "hybrid", "backends": ["PostgreSQL", "Redis"]}


def page(*patterns: dict[str, Any], **answers: Any) -> Rendered:
    base = {"description": "Stays.", "entities": ENTITIES, "access_patterns": list(patterns)}
    return render({"backend": "PostgreSQL", "storage_type": "database", **base, **answers})


def test_what_is_free_is_taken_by_a_condition_and_not_by_an_isolation_level() -> None:
    found = page(HOLD)
    told = found.section("Query Patterns")
    assert "UPDATE night SET stay_id = :id WHERE <night> AND stay_id IS NULL;" in told
    assert "SERIALIZABLE" not in found.spec
    assert "Leave out the condition that the row is free in “hold a berth”" in found.plan
    bare = {**ENTITIES, "Night": {**ENTITIES["Night"], "stay": "ref Stay not null"}}
    assert "stay_id IS NULL" not in page(HOLD, entities=bare).spec
    calm = {**HOLD, "races": False, "invariant": "all nights of a stay are added"}
    assert "stay_id IS NULL" not in page(calm).spec


def test_a_unique_rule_that_says_it_is_the_guard() -> None:
    hold = {"id": "uuid pk", "berth": "int not null", "day": "date not null"}
    asked = {k: v for k, v in HOLD.items() if k != "atomic"} | {"entity": "Hold"}
    ruled = page(asked, entities={"Hold": {**hold, "_unique": ["berth", "day"]}})
    assert "ON CONFLICT DO NOTHING; -- 0 rows: another was first" in ruled.spec
    assert "SERIALIZABLE" not in ruled.spec
    assert "ISOLATION LEVEL SERIALIZABLE" in page(asked, entities={"Hold": hold}).spec
    counted = {**asked, "invariant": "never more holds than berths"}
    entities = {"Hold": {**hold, "_unique": ["berth", "day"]}}
    assert "ISOLATION LEVEL SERIALIZABLE" in page(counted, entities=entities).spec


def test_a_repeat_of_the_whole_is_within_the_p99() -> None:
    hold = {"Hold": {"id": "uuid pk", "berth": "int not null", "day": "date not null"}}
    asked = {k: v for k, v in HOLD.items() if k != "atomic"} | {"entity": "Hold"}
    found = page(asked, entities=hold)
    (planned,) = found.track.component.operations
    assert planned.limits is not None
    assert planned.limits.runs == 2
    assert planned.limits.sum_ms == pytest.approx(300)
    assert "2 runs of 2 requests of 45 ms, 30 ms between the runs" in found.spec
    locked = page(HOLD).track.component.operations[0].limits
    assert locked is not None
    assert locked.runs == 1


def test_across_stores_the_note_is_part_of_the_owner_s_transaction() -> None:
    move = {**HOLD, "atomic": ["Night", "Board"]}
    found = page(move, **SEVERAL, entities=ENTITIES | BOARD)
    told = found.section("Query Patterns")
    assert (
        "INSERT INTO outbox (operation, subject) VALUES (:operation, :subject); -- for Redis"
        in told
    )
    assert "PostgreSQL decides and commits, Redis follows from the note" in told
    assert "CREATE TABLE outbox (" in found.section("Schema Design")
    assert "in `outbox` in the same transaction" in found.decisions["D-operation-across-stores"][1]
    assert "by an outbox written in the same transaction, or by its change stream" not in found.plan
    apart = page(HOLD, **SEVERAL, entities=ENTITIES | BOARD)
    assert "outbox" not in apart.spec


def test_the_store_with_transactions_decides_wherever_the_entity_lies() -> None:
    board = {"name": "turn the board", "entity": "Board", "kind": "write", "atomic": ["Stay"]}
    found = page(board, **SEVERAL, entities=ENTITIES | BOARD)
    assert found.decisions["D-operation-across-stores"][1].startswith("PostgreSQL decides")
    kept = {"backends": ["Redis", "Amazon S3"], "storage_type": "hybrid"}
    files = {"Scan": {"id": "uuid pk", "content": "bytes not null"}, **BOARD}
    neither = page({**board, "atomic": ["Scan"]}, **kept, entities=files)
    assert "outbox" not in neither.spec
    assert "its entry says what is still to be done" in neither.spec


def test_who_is_told_gets_a_note_and_a_decision() -> None:
    found = page(TELL)
    assert "CREATE TABLE outbox (" in found.spec
    assert "-- one for each stay with state = 'paid', written with that change" in found.spec
    assert "ix_stay" not in found.spec
    assert "-- tell accounting, with the number of the note" in found.spec
    assert "accounting" in found.decisions["D-operation-outside"][0]
    assert found.plan.count("Carry the notes of `outbox` to accounting") == 1
    silent = page({**TELL, "name": "count paid stays"})
    assert "outbox" not in silent.spec
    stated = page({**TELL, "name": "close the day", "tells": "tax office"})
    assert "tax office" in stated.decisions["D-operation-outside"][0]
    keyed = page(TELL, backend="DynamoDB")
    assert "marked before it is sent" in keyed.decisions["D-operation-outside"][1]
    assert "outbox" not in keyed.spec


def test_an_outbox_of_one_s_own_is_used() -> None:
    own = {"Outbox": {"id": "bigint pk", "about": "text not null"}}
    found = page(TELL, entities=ENTITIES | own)
    assert found.spec.count("CREATE TABLE outbox (") == 1
    assert "SELECT id, about FROM outbox ORDER BY id LIMIT 100;" in found.spec


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("tell accounting of paid bookings", ("accounting",)),
        ("notify the harbour master when a berth is free", ("harbour master",)),
        ("send receipts to the mail service", ("mail service",)),
        ("send a message to a channel", ()),
        ("post a charge to an account", ()),
        ("tell", ()),
    ],
)
def test_who_is_told_is_read_from_the_name(name: str, told: tuple[str, ...]) -> None:
    assert outsiders(Pattern(name, "Stay", kind="write"), ["mail service"]) == told
    assert outsiders(Pattern(name, "Stay", kind="read"), ["mail service"]) == ()


def test_what_an_invariant_forbids_twice_and_what_it_adds_up() -> None:
    assert once("a berth has at most one booking in a night")
    assert once("each paid booking is sent exactly once")
    assert not once("never more enrolments than seats")
    assert not once("a booking belongs to someone")
    assert summed("The entries of a transfer add up to zero.") == "add up to zero"
    assert not summed("entries are added up at night")


LEDGER: dict[str, Any] = {
    "Account": {"id": "uuid pk"},
    "Transfer": {"id": "uuid pk", "request": "text unique not null"},
    "Entry": {
        "transfer": "ref Transfer pk",
        "line": "int pk",
        "account": "ref Account not null",
        "amount": "bigint not null",
    },
}
BOOK: dict[str, Any] = {
    "name": "book a transfer",
    "entity": "Transfer",
    "kind": "write",
    "atomic": ["Entry"],
    "invariant": "the entries of a transfer add up to zero",
}


def test_a_rule_about_a_total_is_a_decision_with_its_statement_and_its_task() -> None:
    found = page(BOOK, entities=LEDGER)
    what, default = found.decisions["D-sum-rule"]
    assert "(Entry.amount of one Transfer)" in what
    assert "what Account holds is added up when it is read, or gets a field" in default
    assert "then the lock on the balance" not in found.plan
    assert "SELECT SUM(amount) FROM entry WHERE transfer_id = :id; -- not 0: ROLLBACK" in found.spec
    assert "Keep “add up to zero” in every way of writing" in found.plan
    held = {**LEDGER, "Account": {"id": "uuid pk", "balance": "bigint not null"}}
    kept = page(BOOK, entities=held)
    assert "Account.balance, changed" in kept.decisions["D-sum-rule"][1]
    assert "“add up to zero” in every way of writing, and Account.balance with it" in kept.plan
    sided = {**LEDGER, "Entry": LEDGER["Entry"] | {"amount": "bigint not null check(amount > 0)"}}
    assert "SELECT SUM" not in page(BOOK, entities=sided).spec
    other = {**BOOK, "invariant": "a transfer has two entries"}
    assert "D-sum-rule" not in page(other, entities=LEDGER).decisions


def test_a_rule_about_a_total_is_found_in_the_description_too() -> None:
    plain = {k: v for k, v in BOOK.items() if k != "invariant"}
    said = page(plain, entities=LEDGER, description="A ledger. Debits equal credits.")
    assert "D-sum-rule" in said.decisions
    cache = {"backend": "Memcached", "storage_type": "cache"}
    keyed = page(plain, entities=LEDGER, description="Sums to zero.", **cache)
    assert "one entry, refused at the edge" in keyed.decisions["D-sum-rule"][1]


def test_what_the_parts_refer_to_is_locked_in_order_before_the_look() -> None:
    asked = {**BOOK, "atomic": ["Entry", "Account"]}
    found = page(asked, entities=LEDGER)
    assert "SELECT 1 FROM account WHERE <account> ORDER BY id FOR NO KEY UPDATE;" in found.spec
    assert "SERIALIZABLE" not in found.spec
    assert "SERIALIZABLE" in page(BOOK, entities=LEDGER).spec


def test_a_run_carries_as_many_notes_as_it_says() -> None:
    assert "ORDER BY id LIMIT 200;" in page({**TELL, "items": 200}).spec
    assert "ORDER BY id LIMIT 100;" in page(TELL).spec
    other = page({**TELL, "items": 200}, backend="SQL Server")
    assert "FETCH NEXT 200 ROWS ONLY;" in other.spec
