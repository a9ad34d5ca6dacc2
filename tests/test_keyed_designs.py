"""An expert's design of eight models in DynamoDB and in Cassandra is what comes out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from storage_conductor.schema.result import Design
from tests.spec_rendering import track_of

from .test_relational_designs import MODELS


def designed(name: str, backend: str) -> Design:
    answers = {"detail": "full", "backend": backend, **MODELS[name]}
    found = track_of({"title": name, "description": name, **answers}).component.design
    assert found is not None
    return found


def keyed(schema: list[dict[str, str]]) -> str:
    return ", ".join(key["AttributeName"] for key in schema)


def tables(design: Design) -> set[str]:
    """Tables as `name(key)`, indexes as `name[key] projection`."""
    found = set()
    for table in json.loads(design.artifacts[0].text):
        found.add(f"{table['TableName']}({keyed(table['KeySchema'])})")
        for index in table.get("GlobalSecondaryIndexes", ()):
            held = index["Projection"]
            copied = ", ".join(held.get("NonKeyAttributes", [held["ProjectionType"]]))
            found.add(f"{table['TableName']}[{keyed(index['KeySchema'])}] {copied}")
    return found


DYNAMODB: dict[str, set[str]] = {
    # Few orders are open, so an attribute that is there no longer finds them; lines are counted by
    # their product, which needs nothing but keys.
    "orders": {
        "customer(id)", "product(id)", "order(id)", "line(order_id, line)",
        "order[customer_id, placed_at] ALL", "order[state_while_state_open, placed_at] ALL",
        "line[product_id] KEYS_ONLY",
    },
    "sensors": {"sensor(id)", "reading(sensor_id, taken_at)"},
    "ratings": {
        "product(id)", "rating(product_id, user_id)", "rating[product_id, rated_at] ALL",
    },
    # The list shows no body, which is not copied.
    "inbox": {
        "mailbox(id)", "message(id)",
        "message[mailbox_id, sent_at] sender, subject, read_at",
        "message[mailbox_id_while_read_at_is_null] ALL",
    },
    "bookings": {
        "room(id)", "slot(room_id, starts_at)",
        "slot[room_id_while_state_free, starts_at] ALL",
        "slot[state_while_state_held, held_until] ALL",
    },
    # Nothing reads an event by its number.
    "audit": {"audit_event(object_type#object_id, at#id)", "audit_event[actor, at] ALL"},
    "documents": {
        "tenant(id)", "document(id)", "tag(id)", "document_tag(tag_id, document_id)",
        "document[tenant_id_while_deleted_at_is_null, changed_at] ALL",
        "document[tenant_id_while_state_draft_and_deleted_at_is_null, changed_at] ALL",
        "document[tenant_id] ALL", "document_tag[document_id] ALL",
    },
    "jobs": {
        "job(id)", "job[queue_while_state_ready, run_at] ALL",
        "job[state_while_state_failed, created_at] ALL",
    },
}  # fmt: skip
UNITS = {
    # Both items twice in a transaction, and an entry in each of three indexes; a page of 100 open
    # orders of about 110 bytes is three units, half when eventual.
    "orders": {"place an order": 7.0, "show an order": 0.5, "open orders, oldest first": 1.5},
    # 1,000 readings of 63 bytes are sixteen units, half when eventual.
    "sensors": {"store a reading": 1.0, "readings of a sensor in a time": 8.0},
    "audit": {"append": 2.0, "events of an object": 5.0},  # 100 of 400 bytes are ten, half
    "bookings": {"hold a slot": 3.0, "free slots of a room": 1.5},
}


@pytest.mark.parametrize("name", MODELS)
def test_dynamodb_has_the_keys_indexes_and_projections_of_an_expert(name: str) -> None:
    assert tables(designed(name, "DynamoDB")) == DYNAMODB[name]


@pytest.mark.parametrize("name", UNITS)
def test_a_run_consumes_what_an_expert_counts(name: str) -> None:
    found = {item.pattern: item.each for item in designed(name, "DynamoDB").units}
    assert {key: found[key] for key in UNITS[name]} == UNITS[name]


CASSANDRA: dict[str, set[str]] = {
    # 90 million lines of 30 million orders need no bucket; the open orders of three years do.
    "orders": {
        "customer(id)", "product(id)", "order(id)",
        "order(customer_id; placed_at desc, id desc)",
        "order(state, placed_at_day; placed_at, id)",
        "line(order_id; line)", "line(product_id; order_id, line)",
    },
    # 0.1 a second of each sensor: 259,200 values a month are too many, 8,640 a day are not.
    "sensors": {"sensor(id)", "reading(sensor_id, taken_at_day; taken_at)"},
    "ratings": {
        "product(id)", "rating(product_id; user_id)",
        "rating(product_id; rated_at desc, user_id desc)",
    },
    # A key has no place for a value that is missing: unread ones have a table of their own.
    "inbox": {
        "mailbox(id)", "message(id)", "message(mailbox_id; sent_at desc, id desc)",
        "message(mailbox_id; id) while read_at is null",
    },
    "bookings": {
        "room(id)", "slot(room_id; starts_at)", "slot(room_id, state; starts_at)",
        "slot(state, bucket; held_until, room_id, starts_at)",
    },
    "audit": {
        "audit_event(id)", "audit_event(actor; at desc, id desc)",
        "audit_event(object_type, object_id; at desc, id desc)",
    },
    "documents": {
        "tenant(id)", "document(id)", "tag(id)",
        "document(tenant_id; changed_at desc, id desc) while deleted_at is null",
        "document(tenant_id, state; changed_at desc, id desc) while deleted_at is null",
        "document(tenant_id; id)",
        "document_tag(tag_id; document_id)", "document_tag(document_id; tag_id)",
    },
    "jobs": {
        "job(id)", "job(queue, state; run_at, id)",
        "job(state, created_at_hour; created_at desc, id desc)",
    },
}  # fmt: skip


@pytest.mark.parametrize("name", MODELS)
def test_cassandra_has_the_tables_of_an_expert(name: str) -> None:
    found = designed(name, "Cassandra")
    names = {"AuditEvent": "audit_event", "DocumentTag": "document_tag"}

    def shown(key: Any) -> str:
        order = ", ".join(c + (" desc" if way == "desc" else "") for c, way in key.order)
        parts = "; ".join(filter(None, (", ".join(key.partition), order)))
        only = f" while {key.only}" if key.only else ""
        return f"{names.get(key.entity, key.entity.lower())}({parts}){only}"

    assert {shown(key) for key in found.keys} == CASSANDRA[name]
    if name == "inbox":
        assert "-- Rows are in it only while read_at is null." in found.artifacts[0].text
