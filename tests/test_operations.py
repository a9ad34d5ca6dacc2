"""Operations in a specification and a plan: what they keep, cost and take, and who serves what."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage_conductor.catalog import loading
from storage_conductor.catalog.protocols import protocol, protocols
from storage_conductor.component.operations import TimeLimits
from storage_conductor.schema.guards import keeps
from tests.spec_rendering import rendered, track_of
from tests.specification_reading import Rendered, render

ENTITIES: dict[str, Any] = {
    "Section": {"id": "uuid pk", "capacity": "int not null"},
    "Enrolment": {"section": "ref Section pk", "student": "uuid pk", "state": "enum(in, out)"},
}
TAKE: dict[str, Any] = {
    "name": "take a seat",
    "entity": "Enrolment",
    "kind": "write",
    "atomic": ["Section"],
    "invariant": "never more enrolments than seats | of *one* section",
    "peak": 720,
    "p99_ms": 300,
}
DROP: dict[str, Any] = {
    "name": "drop a seat",
    "entity": "Enrolment",
    "kind": "delete",
    "filter": ["section", "student"],
}


def page(*patterns: dict[str, Any], **answers: Any) -> Rendered:
    heading = loading.find(str(answers.get("backend", "PostgreSQL")))
    assert heading is not None
    base = {
        "description": "Seats of courses.",
        "backend": heading.name,
        "storage_type": heading.storage_type,
        "entities": ENTITIES,
        "access_patterns": list(patterns),
    }
    return render({**base, **answers})


def test_a_plain_read_stays_a_row_of_the_table() -> None:
    plain = {"name": "seats of a section", "entity": "Enrolment", "filter": ["section"]}
    assert "### Operations" not in page(plain).spec
    assert "[protocol]" not in page(plain).plan
    timed = page({**plain, "p99_ms": 50})
    assert "| seats of a section | 50 ms |" in timed.section("Query Patterns")


def test_an_operation_says_what_it_keeps_by_which_statements_at_which_cost() -> None:
    found = page(TAKE, DROP)
    told = found.section("Query Patterns")
    assert "“never more enrolments than seats | of \\*one\\* section”" in told
    assert "SELECT 1 FROM section WHERE id = :section_id FOR NO KEY UPDATE;" in told
    assert "Cost: 1 row of `enrolment` and 1 index entry, 1 row of `section`" in told
    assert "× 720 = 1,440 rows/s" in told
    assert "Without that lock the same rows change in “drop a seat”" in told
    assert "never more enrolments than seats" in found.line("F-invariants")
    assert "take a seat 300 ms at 720/s" in found.line("N-operations")
    assert "take a seat" in found.line("A-operations")
    assert "take a seat 240 ms" in found.section("Observability")
    assert "“take a seat” 720/s within 300 ms" in found.plan


def test_its_task_has_a_test_that_must_fail_without_the_guard() -> None:
    plan = page(TAKE, DROP, test_driven=True).plan
    task = plan.partition("- [ ] Build “take a seat” by its")[2].partition("\n- [ ]")[0]
    first, second = re.findall(r"^  - \[ \] (.+)$", task, re.MULTILINE)
    assert first.startswith("Write the failing test first: 20 callers at once")
    assert second == "Leave out the lock in “take a seat”: the test must fail"
    assert 'Implement "take a seat"' not in plan
    assert 'Implement "drop a seat"' in plan


def test_operations_of_one_kind_share_their_task_and_its_test() -> None:
    close = {"name": "close", "entity": "Section", "kind": "update", "filter": ["id"]}
    race = {"races": True, "invariant": "once"}
    plan = page({**close, **race}, {**DROP, **race}).plan
    assert "- [ ] Build “close” and “drop a seat” by their [protocol](spec.md#operations)" in plan
    assert plan.count("  - [ ] Build “close”\n") == 1
    assert plan.count("for each of them, 20 callers at once") == 1
    assert plan.count("Leave out the condition in “close” and “drop a seat”: the test must") == 1


def test_the_latency_of_all_leaves_out_what_has_its_own() -> None:
    own, none = page(TAKE, latency_p99_ms=90), page(DROP, latency_p99_ms=90)
    assert "operations that have no limit of their own end within 90 ms" in own.line("N-latency")
    assert "operations end within 90 ms" in none.line("N-latency")
    asked = {"detail": "full"}
    assert "D-missing-latency" not in page(TAKE, **asked).decisions
    assert "D-missing-latency" in page(DROP, **asked).decisions


@pytest.mark.parametrize(
    ("backend", "decision"),
    [("Amazon S3", True), ("Memcached", True), ("Cassandra", True), ("DynamoDB", False)],
)
def test_what_a_store_does_not_keep_is_a_decision(backend: str, decision: bool) -> None:
    found = page(TAKE, backend=backend)
    told = found.section("Query Patterns")
    assert ("D-operation-not-atomic" in found.decisions) is decision
    assert ("does not keep this ([D-operation-not-atomic](#decisions))" in told) is decision
    assert ("TransactItems" in told) is not decision


@pytest.mark.parametrize(
    ("backend", "run"), [("PostgreSQL", True), ("MongoDB", False), ("SQL Server", False)]
)
def test_statements_that_nobody_ran_say_so(backend: str, run: bool) -> None:
    told = page(TAKE, backend=backend).section("Query Patterns")
    assert ("were not run by those who wrote them" in told) is not run
    assert "### Operations" in told


def test_what_lies_in_several_stores_is_never_called_one_change() -> None:
    entities = {**ENTITIES, "Section": {"_store": "redis", **ENTITIES["Section"]}}
    several = {"storage_type": "hybrid", "backends": ["PostgreSQL", "Redis"], "backend": None}
    found = render(
        {
            "description": "Seats.",
            **several,
            "entities": entities,
            "access_patterns": [TAKE],
        }
    )
    assert "D-operation-across-stores" in found.decisions
    assert "PostgreSQL decides and commits, Redis follows" in found.section("Query Patterns")
    assert "FROM section" not in found.section("Query Patterns")
    assert "Carry “take a seat” from PostgreSQL to the other stores" in found.plan


def test_a_p99_below_the_store_is_replaced_by_its_floor_everywhere() -> None:
    fast = {"name": "read a seat", "entity": "Enrolment", "filter": ["section", "student"]}
    found = page({**fast, "p99_ms": 1}, backend="Amazon S3")
    assert "D-operation-latency-floor" in found.decisions
    assert "([D-operation-latency-floor](#decisions))" in found.line("N-operations")
    assert "read a seat 1 ms" not in found.line("N-operations")
    assert "within 1 ms" not in found.plan


def test_a_job_is_named_timed_and_watched() -> None:
    job = {
        "name": "nightly import",
        "entity": "Enrolment",
        "kind": "write",
        "every": "day at 02:00",
        "items": 7_200,
        "within": "2 hours",
    }
    found = page(job)
    told = "runs each day at 02:00, 7,200 entries a run, within 2 h, that is 1/s"
    assert told in found.section("Query Patterns")
    assert "is missing so long after its start: nightly import 2 h" in found.section(
        "Observability"
    )
    assert "Build “nightly import” by its [protocol]" in found.plan


def test_a_use_case_names_what_serves_it_or_is_asked() -> None:
    found = page(
        {**TAKE, "serves": ["enrol online"]},
        use_cases=["enrol online", "take a seat", "invoice the students"],
    )
    told = found.section("Description")
    assert "- enrol online: “take a seat”\n- take a seat\n" in told
    assert "- invoice the students ([D-use-case-unserved](#decisions))" in told
    assert "“invoice the students”" in found.decisions["D-use-case-unserved"][0]
    assert 'Serve "invoice the students"' in found.plan
    assert 'Serve "enrol online"' not in found.plan


@pytest.mark.parametrize(
    ("use", "served"),
    [
        ("take a seat for a friend from the portal or the app", True),
        ("take a seat everywhere", False),
        ("take seats", True),
    ],
)
def test_a_use_case_that_begins_as_an_operation_is_served_by_it(use: str, served: bool) -> None:
    found = page(TAKE, use_cases=[use])
    assert (f"- {use}: “take a seat”\n" in found.section("Description")) is served
    assert (f'Serve "{use}"' not in found.plan) is served
    assert "app" not in str(found.decisions.get("D-noun-unstored"))


@pytest.mark.parametrize(
    ("name", "filters", "kind"),
    [
        ("change the capacity", [], "update"),
        ("Kapazität ändern", [], "write"),
        ("ändere die Kapazität", [], "update"),
        ("open a section", [], "write"),
        ("exchange a section", [], "write"),
    ],
)
def test_a_write_that_changes_what_is_there_by_its_name_adds_nothing(
    name: str, filters: list[str], kind: str
) -> None:
    change = {"name": name, "entity": "Section", "kind": "write", "per_second": 6, "races": True}
    found = page(change)
    assert f"| {name} | Section | {kind} | 6 |" in found.section("Query Patterns")
    updates = "UPDATE section SET" in found.section("Query Patterns")
    assert updates is (kind == "update")
    said = "taken as a change of one entry, found by its key" in found.section("Schema Design")
    assert said is updates


def test_new_rows_that_come_together_need_no_look_and_no_lock() -> None:
    entities = {**ENTITIES, "Seat": {"section": "ref Section pk", "number": "int pk"}}
    opening = {"name": "open", "entity": "Section", "kind": "write", "atomic": ["Seat"]}
    plan = page(opening, entities=entities).plan
    assert "Leave out the transaction in “open”: the test must fail" in plan
    assert "a process killed before COMMIT leaves nothing, one killed after it leaves all" in plan
    ruled = page({**opening, "invariant": "as many seats as planned"}, entities=entities)
    assert "-- look again here" in ruled.section("Query Patterns")
    joined = {**TAKE, "invariant": []}
    assert "FOR NO KEY UPDATE" in page(joined).section("Query Patterns")


def test_lifetimes_stand_in_the_model_the_requirements_and_the_plan() -> None:
    entities = {
        "Session": {"id": "uuid pk", "_lifetime": "30 days idle", "_count": "9 k", "_size": "2 kB"},
        "Notice": {"id": "uuid pk", "_lifetime": "until taken down", "_erase": "on request"},
        "Town": {"id": "uuid pk"},
    }
    found = page({"name": "read", "entity": "Session", "filter": ["id"]}, entities=entities)
    model = found.section("Data Model Requirements")
    assert "| Session | 9,000 × 2 kB | 30 days idle (each use renews it) | — |" in model
    assert "| Notice | — | until taken down (a condition, no time) | on request |" in model
    assert "Town" not in found.line("F-lifetimes")
    assert "writes the new time at most once in a tenth of it" in found.plan
    assert "“until taken down”" in found.decisions["D-nothing-removes"][0]
    assert "D-missing-retention" not in found.decisions
    assert "End `Town`" not in found.plan


@pytest.mark.parametrize(
    ("backend", "fields", "said"),
    [
        ("PostgreSQL", ["note"], "1 row of `seat` and 0 index entries"),
        ("PostgreSQL", ["state"], "1 row of `seat` and 3 index entries"),  # each entry anew
        ("PostgreSQL", ["place"], "1 row of `seat` and 3 index entries"),
        ("MariaDB", ["place"], "1 row of `seat` and 1 index entry"),
        ("PostgreSQL", [], "1 row of `seat`, and each index of a changed field"),
    ],
)
def test_an_update_costs_the_entries_of_what_it_changes(
    backend: str, fields: list[str], said: str
) -> None:
    seat = {"id": "uuid pk", "place": "int indexed", "note": "text", "state": "enum(a, b) not null"}
    free = {"name": "free", "entity": "Seat", "filter": ["place", "state = a"]}
    change = {"name": "change", "entity": "Seat", "kind": "update", "filter": ["id"], "races": True}
    found = page(free, change | {"fields": fields}, entities={"Seat": seat}, backend=backend)
    assert f"Cost: {said}" in found.section("Query Patterns")


@pytest.mark.parametrize(
    ("backend", "said"),
    [("PostgreSQL", "1 row of `seat`\n"), ("MariaDB", "1 row of `seat` and 3 index entries\n")],
)
def test_a_row_that_goes_takes_its_index_entries_along_where_no_vacuum_does(
    backend: str, said: str
) -> None:
    seat = {"id": "uuid pk", "place": "int indexed", "state": "enum(a, b) not null indexed"}
    gone = {"name": "drop", "entity": "Seat", "kind": "delete", "filter": ["id"], "races": True}
    found = page(gone, entities={"Seat": seat}, backend=backend)
    assert f"Cost: {said}" in found.section("Query Patterns").replace(".\n", "\n")


@pytest.mark.parametrize(
    ("lifetime", "end"),
    [
        ("2 years", "1,500"),
        ("2 years after the stay", "at least 1,500"),
        ("30 days idle", ""),
    ],
)
def test_an_entity_is_counted_at_the_end_of_its_lifetime(lifetime: str, end: str) -> None:
    night = {"id": "uuid pk", "_count": 500, "_growth": "500 a year", "_size": 200}
    entities = {"Night": {**night, "_lifetime": lifetime}}
    found = page({"name": "a night", "entity": "Night", "filter": ["id"]}, entities=entities)
    model = found.section("Data Model Requirements")
    assert (" | Comes to |" in model) is bool(end)
    assert f" | {end} |" in model or not end
    on_disk = page({"name": "a night", "entity": "Night"}, entities=entities, backend="SQLite")
    told = on_disk.section("Data Model Requirements")
    assert ("In the steady state" in told) is bool(end)
    assert f" | {end}, 300 kB |" in told or not end


@settings(max_examples=40, deadline=None)
@given(
    st.floats(0.5, 100_000),
    st.sampled_from(["PostgreSQL", "SQLite", "Redis", "DynamoDB", "Cassandra"]),
)
def test_time_limits_never_add_up_to_more_than_the_p99(p99: float, backend: str) -> None:
    for item in page({**TAKE, "p99_ms": p99}, backend=backend).track.component.operations:
        assert item.limits is not None
        assert item.p99 is not None
        assert item.limits.sum_ms <= item.p99.value * 1.000001
        assert item.limits.each_ms > 0


def test_a_sum_of_time_limits_counts_every_part() -> None:
    assert TimeLimits(wait_ms=20, each_ms=30, count=3, rest_ms=10).sum_ms == 120


def test_every_guard_that_a_store_keeps_has_words() -> None:
    lacking = []
    for heading in loading.headings():
        for variant in loading.load(heading.key).hosting:
            backend = loading.load(heading.key).at(variant.key)
            for shape in ("insert", "single", "several", "job"):
                kept = shape == "job" or keeps(shape, backend)
                if kept and protocol(shape, backend, variant.key) is None:
                    lacking.append((heading.key, variant.key, shape))
    assert lacking == []
    keys = [item.key for item in protocols()]
    assert len(set(keys)) == len(keys)


def test_the_peak_of_one_operation_is_planned_for_where_the_total_is_lower() -> None:
    model = {
        "backend": "PostgreSQL",
        "detail": "full",
        "reads_per_second": 20,
        "writes_per_second": 1,
        "peak_factor": 2,
        "entities": {"Seat": {"id": "uuid pk"}},
        "access_patterns": [
            {"name": "take a seat", "entity": "Seat", "kind": "write", "per_second": 1, "peak": 90}
        ],
    }
    spec = rendered(track_of(model), "spec.md")
    assert "D-operation-peaks" in spec
    assert "| Load, peak | 40 reads and 90 writes per second ([D-operation-peaks]" in spec
    assert "carries 40 reads and 90 writes per second at peak ([D-operation-peaks]" in spec
    assert "2 writes per second" not in spec
