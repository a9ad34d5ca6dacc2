"""Several stores are written in one order, which decisions, protocols and tasks follow."""

from __future__ import annotations

from typing import Any

import pytest

from tests.specification_reading import Rendered, render

ENTITIES: dict[str, Any] = {
    "Document": {"id": "uuid pk", "kind": "text not null"},
    "DocumentFile": {"document": "ref Document pk", "content": "bytes not null"},
}
ATTACH: dict[str, Any] = {
    "name": "attach a document",
    "entity": "Document",
    "kind": "write",
    "atomic": ["Document", "DocumentFile"],
}
REMOVE = ATTACH | {"name": "remove a document", "kind": "delete", "filter": ["id"]}


def page(*patterns: dict[str, Any], **answers: Any) -> Rendered:
    several = {"storage_type": "hybrid", "backends": ["PostgreSQL", "Amazon S3", "Redis"]}
    model = {"entities": ENTITIES, "access_patterns": list(patterns)}
    said = {"description": "Papers.", "consistency": "strong", **several, **model, **answers}
    return render(said)


def test_a_body_is_written_before_what_refers_to_it_wherever_the_text_speaks_of_it() -> None:
    found = page(ATTACH)
    order = found.section("Data Integrity").partition("### Order of writes")[2]
    steps = [line for line in order.splitlines() if line.startswith("1. ")]
    assert [step[3:].split(",")[0] for step in steps] == ["Amazon S3", "PostgreSQL", "Amazon S3"]
    for key in ("D-between-stores", "D-operation-across-stores", "D-cross-store-reference"):
        assert "[order of writes](#order-of-writes)" in found.decisions[key][1]
    assert "Amazon S3 before it" in found.decisions["D-operation-across-stores"][1]
    assert "Amazon S3 first, under a name that nothing refers to; PostgreSQL decides" in found.spec
    assert "A crash before the commit leaves in Amazon S3 what nothing refers to" in found.spec
    assert "Write Amazon S3 before PostgreSQL commits what refers to it" in found.plan
    assert "outbox" not in found.spec + found.plan


def test_what_is_removed_goes_from_the_deciding_store_first() -> None:
    found = page(REMOVE)
    assert "in `outbox` in the same transaction" in found.decisions["D-operation-across-stores"][1]
    assert "PostgreSQL decides and commits, Amazon S3 follows from the note" in found.spec
    assert "-- for Amazon S3" in found.spec
    assert "Write Amazon S3 before" not in found.plan
    both = page(ATTACH, REMOVE)
    assert "Amazon S3 before it, under names that nothing refers to; a note" in both.spec
    assert both.spec.count("-- for Amazon S3") == 1


@pytest.mark.parametrize("patterns", [(), (ATTACH,), (REMOVE,)])
def test_an_outbox_is_a_task_only_where_it_is_a_table(patterns: tuple[dict[str, Any], ...]) -> None:
    found = page(*patterns)
    assert ("CREATE TABLE outbox" in found.spec) == ("outbox" in found.plan)
    assert "before PostgreSQL commits what refers to it" in found.plan or "outbox" in found.plan


def test_stores_that_hold_no_bodies_have_no_step_for_them() -> None:
    found = page(backends=["MongoDB", "Redis"], entities={"Note": {"id": "uuid pk"}})
    order = found.section("Data Integrity").partition("### Order of writes")[2]
    assert "1. MongoDB, which decides what exists" in order
    assert "for what is added" not in order
    assert "commits what refers to it" not in found.plan
    alone = render({"description": "Notes.", "backend": "PostgreSQL"})
    assert "Order of writes" not in alone.spec


def test_another_order_that_was_decided_is_the_one_that_is_told() -> None:
    decided = {"D-between-stores": "both are written by a saga"}
    found = page(decisions=decided)
    order = found.section("Data Integrity").partition("### Order of writes")[2]
    assert "As was decided ([D-between-stores](#decisions)): both are written by a saga" in order
    assert "under a name that nothing refers to yet" not in found.spec
    assert "commits what refers to it" not in found.plan
    assert "Build what was decided in [D-between-stores]" in found.plan
