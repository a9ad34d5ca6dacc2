"""A decision that was taken holds wherever its default stood, in specification and plan."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from storage_conductor.catalog import rulebook
from storage_conductor.component import store, track
from storage_conductor.component.settlement import NOT_WORK, confirms
from storage_conductor.findings import Demands
from storage_conductor.questions.answers import Answers
from storage_conductor.questions.settling import Settled, Unit, answered
from storage_conductor.units import number
from tests.findings_support import Boundary, boundaries, said
from tests.spec_rendering import rendered, track_of
from tests.specification_reading import RECORDED, Rendered, render

OTHERWISE = "a wheel of seven carts"
NUMBERS: dict[Unit, str] = {
    "minutes": "77 min",
    "days": "77 days",
    "ms": "770 ms",
    "percent": "77.7 %",
    "bytes": "7.77 MB",
    "gb": "7,777 GB",
    "count": "77",
}
# What is decided where a rule waits for answers.
ANSWERS = {
    "sensitive_data": "pci",
    "initial_data_gb": "77 GB today and 7 GB a month",
    "rpo_minutes": "lose at most 7 minutes, restored within 77 minutes",
    "reads_per_second": "77 reads a second and 7 writes a second",
    "peak_factor": "7",
    "latency_p99_ms": "77 ms",
    "availability_percent": "99.7 %",
    "consistency": "strong",
    "largest_item_bytes": "77 kB",
    "retention": "77 days",
    "regions": "here: writes",
}
# What these are about is still told, with a link to what was decided of it.
STILL_TOLD = (
    "operation-outside",
    "operation-not-atomic",
    "operation-latency-floor",
    "between-stores",
)
# Its protocol is drafted in the language of a store, which an invented one has not.
ACROSS = "operation-across-stores"


def cases() -> list[Any]:
    """Return a case of each rule, the first that was written."""
    first: dict[str, Boundary] = {}
    for item in boundaries():
        first.setdefault(item.rule, item)
    return [pytest.param(item, id=key) for key, item in first.items() if key != ACROSS]


def drawn(
    boundary: Boundary, monkeypatch: pytest.MonkeyPatch, decisions: dict[str, str]
) -> Rendered:
    """Render the track of a case beyond its boundary, with its invented stores and standards."""
    values = {**boundary.base, **boundary.beyond}
    backends = values.pop("stores", boundary.stores)
    demanded = values.pop("standards", boundary.standards) or Demands()
    found = tuple(store.Store(item, item.hosting[0]) for item in backends)
    monkeypatch.setattr(store, "stores", lambda _: found)
    monkeypatch.setattr(track, "demands", lambda _: demanded)
    several = {"storage_type": "hybrid"} if len(backends) > 1 else {}
    one = {"storage_type": backends[0].storage_type}
    answers: Answers = said(**{**one, **several, **values, "decisions": decisions})
    made = track.of_answers(answers, {**RECORDED, "project_context": {}})
    return Rendered(made, rendered(made, "spec.md"), rendered(made, "plan.md"))


def key_of(found: Rendered, rule: str) -> str:
    named = (finding for finding, _ in found.track.component.raised)
    return next(finding.decision for finding in named if finding.rule == rule)


def row_of(found: Rendered, key: str) -> str:
    return next(line for line in found.spec.splitlines() if line.startswith(f"| {key} |"))


@pytest.mark.parametrize("boundary", cases())
def test_what_was_decided_takes_the_place_of_the_default(
    boundary: Boundary, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = drawn(boundary, monkeypatch, {})
    key, words = key_of(before, boundary.rule), rulebook.rule(boundary.rule)
    default = before.decisions[key][1]
    text = ANSWERS[words.answers[0]] if words.answers else OTHERWISE
    after = drawn(boundary, monkeypatch, {key: text})
    assert row_of(after, key).endswith("| decided |")
    assert default not in after.spec.replace("A decision", "")
    assert f"  - [ ] {key}: " in before.plan
    assert f"  - [ ] {key}: " not in after.plan
    if key in NOT_WORK:
        assert text in after.spec.partition("## Decisions")[0]
    elif words.answers:
        others = [line for line in after.spec.splitlines() if not line.startswith("| D-")]
        assert others != [x for x in before.spec.splitlines() if not x.startswith("| D-")]
        assert "without effect" not in after.spec
    else:
        assert f"Build what was decided in [{key}](spec.md#decisions): {OTHERWISE}" in after.plan
        linked = [line for line in after.spec.splitlines() if f"[{key}](#decisions)" in line]
        assert not linked or boundary.rule in STILL_TOLD


@pytest.mark.parametrize("boundary", [case for case in cases() if rulebook.rule(case.id).settles])
def test_a_number_that_was_decided_is_used_wherever_the_default_was(
    boundary: Boundary, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = drawn(boundary, monkeypatch, {})
    key, held = key_of(before, boundary.rule), rulebook.rule(boundary.rule).settles
    assert held is not None
    after = drawn(boundary, monkeypatch, {key: NUMBERS[held.unit]})
    assert row_of(after, key).endswith("| decided |")
    found = {item.decision: (item, text) for item, text in after.track.component.findings}
    raised = {f.decision: f for f, _ in before.track.component.raised}
    if held.when and not raised[key].values[held.when]:
        assert key not in found
        return
    wanted = Settled(key, NUMBERS[held.unit]).number(held.unit)
    assert found[key][0].values[held.value] == wanted
    assert raised[key].values[held.value] != wanted
    assert "Build what was decided" not in after.plan
    if held.stated:
        kept = drawn(boundary, monkeypatch, {key: "as stated"})
        same = {f.decision: f.values for f, _ in kept.track.component.findings}
        assert same[key][held.value] == raised[key].values[held.stated]


LEDGER: dict[str, Any] = {
    "description": "Payments.",
    "detail": "full",
    "backend": "PostgreSQL",
    "hosting": "self-managed",
    "availability_percent": 99.95,
    "rto_minutes": 60,
    "rpo_minutes": 5,
    "initial_data_gb": 9_000,
    "growth_gb_per_month": 10,
    "sensitive_data": ["pii"],
    "retention": "7 years",
}


def test_every_requirement_and_gate_has_the_number_that_was_decided() -> None:
    found = render({**LEDGER, "decisions": {"D-restore-time": "90 min"}})
    for line in (found.line("N-rto"), found.line("A-restore")):
        assert "1 h 30 min ([D-restore-time](#decisions))" in line
    assert "a restore may take 1 h 30 min" in found.section("Backup and Recovery")
    assert "end (at most 1 h 30 min)" in found.plan
    assert "above 1 h, bring the recorded RTO" in found.plan
    stated = render({**LEDGER, "decisions": {"D-restore-time": "as stated"}})
    assert "a restore takes" not in stated.line("N-rto")
    month = render({**LEDGER, "decisions": {"D-recovery-budget": "as stated"}})
    assert "a month without service" in month.line("N-availability")
    assert "a year without service" in render(LEDGER).line("N-availability")


@pytest.mark.parametrize(
    ("decisions", "words"),
    [
        ({"D-backup-retention": "14 days"}, "**Backups are kept** 14 days ([D-backup-retention]"),
        ({"D-slow-threshold": "250 ms"}, "operations over 250 ms are logged"),
        ({"D-migration-tool": "Flyway"}, "- **Tool**: Flyway"),
        ({"D-missing-owner": "Payments team"}, "- **Owner**: Payments team"),
        ({"D-missing-latency": "20 ms"}, "99 of 100 operations end within 20 ms"),
        ({"D-schema-order": "no"}, "- **Order**: the models first"),
        ({"D-nothing-known": "x"}, "without effect on PostgreSQL: decision D-nothing-known x"),
        ({"D-missing-latency": "ask"}, "without effect on PostgreSQL: decision D-missing-latency"),
    ],
)
def test_what_nobody_stated_is_what_was_decided(decisions: dict[str, str], words: str) -> None:
    assert words not in render(LEDGER).spec
    assert words in render({**LEDGER, "decisions": decisions}).spec


def test_volume_and_rates_are_those_that_were_decided() -> None:
    counted = {
        **{k: v for k, v in LEDGER.items() if k != "initial_data_gb"},
        "initial_data_gb": 1,
        "entities": {"Entry": {"_count": "1 billion", "_size": "1 kB", "id": "uuid pk"}},
    }
    assert "1 TB that there are on the first day" in render(counted).plan
    decided = render({**counted, "decisions": {"D-counts-against-volume": "as stated"}})
    assert "1 GB that there are on the first day" in decided.plan
    other = render({**counted, "decisions": {"D-counts-against-volume": "plan for 50 GB"}})
    assert "50 GB that there are on the first day" in other.plan
    rates = {**LEDGER, "reads_per_second": 10, **MODEL}
    assert "900 reads" in render(rates).line("N-load")
    busy = render({**rates, "decisions": {"D-pattern-rates": "200 reads a second"}})
    assert "200 reads" in busy.line("N-load")


MODEL: dict[str, Any] = {
    "entities": {"Entry": {"id": "uuid pk"}},
    "access_patterns": [{"name": "read", "entity": "Entry", "filter": ["id"], "per_second": 900}],
}


def test_what_was_decided_of_several_stores_replaces_the_protocol() -> None:
    several = {
        "description": "Papers.",
        "storage_type": "hybrid",
        "backends": ["PostgreSQL", "Redis"],
        "entities": {"Row": {"id": "uuid pk"}, "Copy": {"_store": "redis", "id": "uuid pk"}},
        "access_patterns": [
            {"name": "add", "entity": "Row", "kind": "write", "atomic": ["Row", "Copy"]}
        ],
    }
    before = render(several)
    after = render({**several, "decisions": {f"D-{ACROSS}": OTHERWISE}})
    assert "-- for Redis" in before.spec
    assert "-- for Redis" not in after.spec
    assert f"It is built as was decided ([D-{ACROSS}](#decisions))" in after.spec
    assert f"Build what was decided in [D-{ACROSS}](spec.md#decisions): {OTHERWISE}" in after.plan
    assert "Carry “add” from PostgreSQL" not in after.plan


def test_a_lifetime_that_was_decided_is_in_the_draft() -> None:
    cache = {
        "description": "Prices.",
        "backend": "Redis",
        "entities": {"Price": {"id": "uuid pk", "cents": "int not null"}},
        "access_patterns": [{"name": "show", "entity": "Price", "filter": ["id"]}],
    }
    assert "D-ttl-undecided" in render(cache).decisions
    decided = render({**cache, "decisions": {"D-ttl-undecided": "10 minutes"}})
    assert "EX 600" in decided.spec
    assert "Build what was decided" not in decided.plan


def test_a_decision_for_the_default_changes_its_status_alone() -> None:
    open_spec = render(LEDGER)
    key = "D-restore-time"
    agreed = render({**LEDGER, "decisions": {key: "agreed"}})
    one = [line for line in open_spec.spec.splitlines() if not line.startswith(f"| {key} ")]
    assert [x for x in agreed.spec.splitlines() if not x.startswith(f"| {key} ")] == one
    assert row_of(agreed, key).replace("| decided |", "| open |") == row_of(open_spec, key)


def test_a_block_that_was_refused_is_not_built() -> None:
    limited = {**LEDGER, "use_cases": ["no more than 100 requests a minute of one client"]}
    assert "D-block-rate-limit" in render(limited).decisions
    refused = render({**limited, "decisions": {"D-block-rate-limit": "not here"}})
    assert "by its [steps](spec.md#block-rate-limit" in render(limited).plan
    assert "by its [steps](spec.md#block-rate-limit" not in refused.plan


def test_what_is_decided_is_data(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "{{ 7 * 7 }} | <b> *x*"
    found = render({**LEDGER, "decisions": {"D-retention-erasure": text}})
    assert "49" not in row_of(found, "D-retention-erasure")
    assert row_of(found, "D-retention-erasure").replace("\\|", "").count("|") == 7
    assert "{{ 7" in found.plan


def test_words_are_a_default_again_where_only_a_version_words_it_otherwise() -> None:
    assert confirms("An RPO of 15 min counts", "after these failures, an RPO of 15 min counts.")
    assert not confirms("an RPO of 30 min counts", "an RPO of 15 min counts")
    assert not confirms("Restore in parallel", "A standby covers the usual failures")
    assert confirms("agreed", "whatever")


def test_the_row_of_a_specification_goes_before_the_answer() -> None:
    # A cell of a table has spaces around its text.
    row = {"decided": {"D-restore-time": " 2 h, see **ADR 7** "}}
    made = track_of({**LEDGER, "decisions": {"D-restore-time": "90 min"}}, row)
    spec = rendered(made, "spec.md")
    assert "| 2 h, see **ADR 7** |" in spec
    assert "a restore takes at most 2 h ([D-restore-time]" in spec


@pytest.mark.parametrize("unit", get_args(Unit))
def test_each_unit_is_read(unit: Unit) -> None:
    found = Settled("D-x", f"we take {NUMBERS[unit]}, as agreed").number(unit)
    assert found is not None
    assert number(found) != "0"
    assert answered(["latency_p99_ms"], "0.5 s") == {"latency_p99_ms": 500.0}


def test_the_hosting_of_one_store_that_was_decided_leaves_the_stated_one_of_another() -> None:
    both = {"storage_type": "hybrid", "backends": ["PostgreSQL", "Amazon S3"]}
    decided = {"hosting": "Amazon RDS", "decisions": {"D-hosting": "AWS"}}
    spec = rendered(track_of({**both, **decided}), "spec.md")
    assert "PostgreSQL (Amazon RDS)" in spec
    assert "run as stated: Amazon RDS" in spec
