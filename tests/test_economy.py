"""A specification is short: a fact stands in it where something rests on it, and once."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest
from examples import render

from storage_conductor.component.track import Track
from storage_conductor.context import read_context
from storage_conductor.update.merge import TaskKeys, merge_plan

from .conftest import ROOT
from .spec_rendering import rendered, section, track_of
from .test_plan_inputs import drawn

DOCUMENTS = read_context(ROOT / "examples" / "project").to_data()
EXAMPLES = {given["storage_id"]: given for given in render.answers_files()}
QUICK, FULL, SEVERAL = 12_000, 30_000, 45_000
MODEL: dict[str, Any] = {
    "backend": "PostgreSQL",
    "entities": {
        "Order": {"id": "uuid pk", "state": "enum(open, paid) not null -- paid ones stay"},
        "Line": {"id": "uuid pk", "order": "ref Order not null on delete cascade"},
    },
    "access_patterns": [
        {"name": "lines of an order", "entity": "Line", "filter": ["order"]},
        {"name": "add a line", "entity": "Line", "kind": "write"},
    ],
    "use_cases": ["add a line", "pay an order"],
}
LARGE: dict[str, Any] = {
    "backend": "PostgreSQL",
    "entities": {
        f"Thing{number}": {
            "id": "int pk",
            "name": "varchar(80) unique not null",
            "kind": "enum(a, b) not null",
            **({"parent": f"ref Thing{number - 1} not null on delete cascade"} if number else {}),
        }
        for number in range(60)
    },
    "access_patterns": [
        {"name": f"all of {number}", "entity": f"Thing{number}"} for number in range(60)
    ],
}


def spec_of(**answers: Any) -> str:
    return rendered(track_of(answers), "spec.md")


def plan_of(**answers: Any) -> str:
    return rendered(track_of(answers), "plan.md")


def budget(track: Track) -> int:
    answers = track.component.answers
    if len(track.component.stores) > 1:
        return SEVERAL
    told = answers.entities or answers.sensitive_data or answers.detail == "full"
    return FULL if told else QUICK


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_read_in_ten_minutes(name: str) -> None:
    track = track_of(EXAMPLES[name], DOCUMENTS)
    assert len(rendered(track, "spec.md").encode()) <= budget(track)


def test_no_specification_is_a_handbook() -> None:
    drawn_here = drawn()[::5]
    assert len(drawn_here) > 60
    long = [
        (track.component.backend_text, track.component.answers.hosting, size)
        for track in drawn_here
        if (size := len(rendered(track, "spec.md").encode())) > budget(track)
    ]
    assert long == []


def test_where_nothing_is_said_only_alarms_are_told_of_the_backend() -> None:
    spec = spec_of(backend="MariaDB")
    cited = re.findall(r"\]\((https://[^)]+)\)", spec.replace(section(spec, "Decisions"), ""))
    assert cited == []
    assert "SHOW" in section(spec, "Observability")
    assert "`storage-conductor facts mariadb`" in spec


def test_the_facts_are_those_of_the_hosting() -> None:
    spec = spec_of(backend="PostgreSQL", hosting="Amazon RDS")
    assert spec.count("`storage-conductor facts postgresql --hosting amazon-rds`") == 1
    both = spec_of(storage_type="hybrid", backends=["PostgreSQL", "Redis"])
    assert "`storage-conductor facts postgresql`, `storage-conductor facts redis`" in both


@pytest.mark.parametrize(
    ("title", "said", "unsaid"),
    [
        ("Largest item", {"largest_item_bytes": 41_000}, {"largest_item_bytes": 40_000}),
        ("Largest object", {}, {"largest_item_bytes": 1}),
    ],
)
def test_a_limit_stands_where_a_number_comes_near(
    title: str, said: dict[str, Any], unsaid: dict[str, Any]
) -> None:
    def shown(answers: dict[str, Any]) -> bool:
        return f"| [{title}" in section(spec_of(backend="DynamoDB", **answers), "Schema Design")

    assert (shown(said), shown(unsaid)) == (bool(said), False)


def test_a_guarantee_stands_where_answers_or_model_need_it() -> None:
    def told(**answers: Any) -> str:
        return section(spec_of(backend="DynamoDB", **answers), "Data Integrity")

    assert "Reads that see" not in told()
    assert "Reads that see" not in told(consistency="eventual")
    assert "Reads that see" in told(consistency="strong")
    model = {name: MODEL[name] for name in ("entities", "access_patterns")}
    assert "[Foreign keys]" not in told()
    assert "| **no** |" in told(**model)
    assert "[Foreign keys]" in told(**model)
    assert "[Foreign keys]" not in section(spec_of(**MODEL), "Data Integrity")


def test_safe_changes_stand_where_data_will_be() -> None:
    def told(**answers: Any) -> str:
        return section(spec_of(**{"backend": "PostgreSQL", **answers}), "Migration Requirements")

    assert "Safe way" not in told()
    assert "CREATE INDEX CONCURRENTLY" in told(initial_data_gb=5)
    assert "[Add a foreign key" in told(**MODEL)
    lone = {"entities": {"Hit": {"id": "uuid pk"}}, "access_patterns": []}
    assert "[Add a foreign key" not in told(**lone)
    assert "[Add an index]" in told(**lone)


def test_settings_for_security_stand_where_data_is_sensitive() -> None:
    told = section(spec_of(backend="PostgreSQL", sensitive_data="pii"), "Security and Privacy")
    assert "| PostgreSQL setting | How |" in told
    for said in ({}, {"sensitive_data": "none"}):
        spec = spec_of(backend="PostgreSQL", **said)
        assert "| How |" not in section(spec, "Security and Privacy")


def test_a_large_model_folds_into_one_table_and_one_decision() -> None:
    spec = spec_of(**LARGE)
    rows = [line for line in section(spec, "Decisions").splitlines() if "D-full-scan" in line]
    assert len(rows) == 1
    assert all(f"all of {number}," in rows[0].casefold() for number in range(59))
    model = section(spec, "Data Model Requirements")
    assert model.count("\n| --- |") == 1
    assert all(f"| Thing{number} | `thing{number}` |" in model for number in range(60))
    assert len(model) < 8_000


def test_a_plan_has_one_task_for_what_is_the_same_for_each() -> None:
    plan = plan_of(**MODEL)
    assert plan.count("- [ ] Implement the access patterns of") == 1
    for item in ('Implement "lines of an order"', "Store and read `Order`", "Review `Line`"):
        assert plan.count(f"\n  - [ ] {item}\n") == 1
    large = plan_of(**LARGE)
    tasks = [line for line in large.splitlines() if line.startswith("- [ ]")]
    assert len(tasks) < 60


def test_each_use_case_has_its_place_in_the_plan() -> None:
    plan, spec = plan_of(**MODEL), spec_of(**MODEL)
    assert plan.count("pay an order") == 1
    assert '  - [ ] Serve "pay an order"\n' in plan
    assert '  - [ ] Implement "add a line"\n' in plan
    assert 'Serve "add a line"' not in plan
    assert spec.count("pay an order") == 1
    assert '  - [ ] Serve "start page"\n' in plan_of(
        backend="Redis", storage_type="cache", use_cases=["start page"]
    )


@pytest.mark.parametrize("name", EXAMPLES)
def test_no_two_boxes_of_a_plan_say_the_same(name: str) -> None:
    track = track_of(EXAMPLES[name], DOCUMENTS)
    texts = Counter(text for phase in track.phases for task in phase.tasks for text in (
        task.text, *task.items.values()
    ))  # fmt: skip
    assert [text for text, count in texts.items() if count > 1] == []
    assert set(track.task_keys) == set(texts)


def test_a_tick_on_what_was_a_task_of_its_own_stays() -> None:
    track = track_of(MODEL)
    theirs, keys = rendered(track, "plan.md"), track.task_keys
    old = "Review `Order` with its owner: fields, types, key and rules as in the specification"
    base = re.sub(
        r"- \[ \] Review the entities with their owners.*\n(?:  - .*\n)+",
        f"- [ ] {old}\n- [ ] {old.replace('Order', 'Line')}\n",
        theirs,
    )
    assert base.count(f"- [ ] {old}\n") == 1
    known = {**keys, old: keys["Review `Order`"]}
    known[old.replace("Order", "Line")] = keys["Review `Line`"]
    ours = base.replace(f"- [ ] {old}\n", f"- [x] {old}\n  Seen by Ida.\n")
    merged = merge_plan(base, ours, theirs, TaskKeys(known, keys))
    assert merged.conflicts == []
    assert "  - [x] Review `Order`\n    Seen by Ida.\n" in merged.text
    assert merged.text.count("`Order`") == theirs.count("`Order`")
    assert "  - [ ] Review `Line`\n" in merged.text


def test_what_the_application_checks_of_many_entities_is_said_once() -> None:
    spec = spec_of(**{**LARGE, "backend": "DynamoDB"})
    told = section(spec, "Data Integrity")
    assert "| not null |" not in told
    assert "179 required fields are checked by the application" in told
    assert "60 more rules (keys) are refused by the store" in told
    assert told.count("| unique |") == 60
    assert "| ck_thing" not in section(spec_of(**LARGE), "Data Integrity")
