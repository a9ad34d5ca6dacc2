"""What is stated shows in every place that rests on it: drafts, alarms, tables, plans."""

from __future__ import annotations

from typing import Any

import pytest

from tests.specification_reading import render

UPLOADS: dict[str, Any] = {
    "description": "Photos of damages.",
    "backend": "Amazon S3",
    "hosting": "AWS",
    "entities": {"Upload": {"id": "uuid pk", "content": "bytes not null"}},
    "access_patterns": [{"name": "show", "entity": "Upload", "filter": ["id"]}],
}


@pytest.mark.parametrize(
    ("retention", "days"), [("90 days", '"Days": 90'), ("until taken down", ""), ("", "")]
)
def test_the_retention_of_objects_is_a_lifecycle_rule(retention: str, days: str) -> None:
    page = render({**UPLOADS, "retention": retention})
    assert ('"Expiration": {' in page.spec) is bool(days)
    assert days in page.spec
    assert ("| after 90 d |" in page.spec) is bool(days)


def test_an_entity_keeps_the_lifetime_of_its_own() -> None:
    own = {"Upload": {**UPLOADS["entities"]["Upload"], "_lifetime": "7 days"}}
    page = render({**UPLOADS, "retention": "90 days", "entities": own})
    assert '"Days": 7' in page.spec
    assert '"Days": 90' not in page.spec


@pytest.mark.parametrize(("p99", "alarm"), [(None, 200), (150, 150), (40, 100)])
def test_an_alarm_on_latency_follows_the_objective(p99: float | None, alarm: int) -> None:
    page = render({**UPLOADS, "latency_p99_ms": p99})
    assert f"p99 | above {alarm} ms for 10 minutes |" in page.spec


@pytest.mark.parametrize(("rpo", "lag"), [(None, 900), (60, 900), (20, 600), (5, 450)])
def test_an_alarm_on_lag_comes_before_the_loss_that_is_allowed(rpo: float | None, lag: int) -> None:
    page = render({**UPLOADS, "rpo_minutes": rpo})
    assert f"| lag above {lag} s, or any failed operation |" in page.spec


@pytest.mark.parametrize(
    ("rpo", "said"), [(None, "its interval, 1 h or more"), (90, "1 h or more")]
)
def test_the_least_interval_of_a_copy_is_told(rpo: float | None, said: str) -> None:
    answers = {"description": "Tills.", "backend": "DynamoDB", "rpo_minutes": rpo}
    assert said in render({**answers, "initial_data_gb": 1}).section("Backup and Recovery")


@pytest.mark.parametrize(("rpo", "verdict"), [(61, "depends on settings"), (60, "**no**")])
def test_an_interval_as_long_as_the_objective_leaves_no_time_for_the_copy(
    rpo: float, verdict: str
) -> None:
    page = render({"description": "Tills.", "backend": "DynamoDB", "rpo_minutes": rpo})
    rows = page.section("Backup and Recovery").splitlines()
    assert verdict in next(row for row in rows if row.startswith("| a region |"))
    assert ("D-rpo-below-mechanism" in page.decisions) is (verdict == "**no**")


def test_a_restore_is_planned_with_the_throughput_that_there_is() -> None:
    answers = {
        "description": "Postings.",
        "backend": "PostgreSQL",
        "hosting": "Amazon RDS",
        "initial_data_gb": 900,
        "rto_minutes": 20,
    }
    page = render(answers)
    copied = next(line for line in page.spec.splitlines() if line.startswith("| Time to copy"))
    taken = copied.split(" | ")[1]
    assert f"a restore may take {taken} ([D-restore-time]" in page.spec
    assert f"ends within {taken} ([D-restore-time]" in page.line("A-restore")


def test_a_store_without_a_source_is_not_refilled() -> None:
    sessions = {"description": "Login sessions.", "backend": "Redis", "retention": "30 days"}
    born, copied = render(sessions), render({**sessions, "depends_on": ["users"]})
    for words in ("source behind", "lifetime, spread at random", "misses of one key"):
        assert words in copied.spec + copied.plan
        assert words not in born.spec + born.plan
    assert "callers begin anew ([D-born-in-cache](#decisions))" in born.spec


def test_data_that_is_there_is_loaded_by_a_task_of_its_own() -> None:
    answers = {"description": "Postings.", "backend": "PostgreSQL", "initial_data_gb": 900}
    assert "Load the 900 GB that there are on the first day" in render(answers).plan
    assert "that there are on the first day" not in render({**answers, "initial_data_gb": 0}).plan


def test_keys_are_spread_only_where_one_prefix_does_not_carry_the_rate() -> None:
    for rate, words in ((40, "Run the peak rate against the key layout"), (9_000, "2 prefixes of")):
        assert words in render({**UPLOADS, "reads_per_second": rate}).plan
    assert "Agree with the owners on a peak rate" in render(UPLOADS).plan
