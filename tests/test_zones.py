"""A time without its zone is asked about, and the plan forbids no column that the draft has."""

from __future__ import annotations

from tests.specification_reading import Rendered, render


def page(backend: str, kind: str) -> Rendered:
    entities = {"Stay": {"id": "uuid pk", "begins_at": f"{kind} not null"}}
    return render({"description": "Stays.", "backend": backend, "entities": entities})


def test_a_local_time_is_a_decision_that_the_plan_knows() -> None:
    asked = page("PostgreSQL", "timestamp")
    assert "begins_at TIMESTAMP NOT NULL" in asked.spec
    assert asked.decisions["D-zoneless-time"][0].startswith("**Risk.** Stay.begins_at")
    assert "never `timestamp`" not in asked.plan
    assert "no column of type `timestamp without time zone` but `Stay.begins_at`" in asked.plan
    moment = page("PostgreSQL", "timestamptz")
    assert "D-zoneless-time" not in moment.spec + moment.plan
    assert "never `timestamp`" in moment.plan
    assert "`timestamp without time zone`\n" in moment.plan


def test_a_store_with_one_type_for_both_asks_nothing() -> None:
    assert "D-zoneless-time" not in page("MySQL", "timestamp").spec
