"""Properties of all rules together: keys, order, words, hybrids, and no surprise for any answer."""

from __future__ import annotations

import inspect
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import Environment, meta

from storage_conductor.catalog import loading
from storage_conductor.catalog.backend import Backend
from storage_conductor.catalog.rulebook import rules
from storage_conductor.catalog.tasks import TypeWork
from storage_conductor.context import hazards
from storage_conductor.findings import (
    Demand,
    Demands,
    UnsafeGuidance,
    describe,
    evaluate,
)
from storage_conductor.findings.model import SEVERITIES
from storage_conductor.questions.answers import Answers
from storage_conductor.questions.rules import CONSISTENCY, SENSITIVE, STORAGE_TYPES
from storage_conductor.schema.parse import parse_model
from storage_conductor.sizing import size
from storage_conductor.wording import FILTERS, fill
from tests import test_findings_standards
from tests.findings_support import (
    CACHE,
    KEYED,
    OBJECTS,
    Boundary,
    boundaries,
    fact,
    found,
    one,
    said,
    store,
    table,
)

CASES = boundaries()
PLAIN = Environment(autoescape=False)  # noqa: S701 - only read for the names in its texts
PLAIN.filters.update(FILTERS)
REAL = [
    loading.load(heading.key).at(hosting)
    for heading in loading.headings()
    for hosting in (None, *(item.key for item in loading.load(heading.key).hosting))
]


@pytest.mark.parametrize("boundary", CASES, ids=str)
def test_the_words_of_a_finding_are_complete(boundary: Boundary) -> None:
    answers, findings = boundary.findings(boundary.beyond)
    for finding in findings.values():
        words = describe(finding, answers)
        texts = [words.title, words.default, words.remedy, words.decider]
        if words.task is not None:
            texts += [words.task.text, words.task.test or "none", *words.task.steps]
        for text in texts:
            assert text.strip() == text
            assert text
            assert "{" not in text
            assert "  " not in text
            assert "None" not in text


# What rules of a kind give in common, though not each one's words tell it.
GIVEN_BY_KIND = {"limit", "names", "kind", "entity"}


@pytest.mark.parametrize("boundary", CASES, ids=str)
def test_the_words_of_a_finding_tell_each_value_that_it_has(boundary: Boundary) -> None:
    words = rules()[boundary.rule]
    texts = [words.title, words.default, words.remedy]
    if words.task is not None:
        texts += [words.task.text, words.task.test, *words.task.steps]
    told = {name for text in texts for name in meta.find_undeclared_variables(PLAIN.parse(text))}
    _, findings = boundary.findings(boundary.beyond)
    for finding in findings.values():
        if finding.rule == boundary.rule:
            assert set(finding.values) - told - GIVEN_BY_KIND == set()


@pytest.mark.parametrize("boundary", CASES, ids=str)
def test_what_rests_on_a_fact_names_its_source(boundary: Boundary) -> None:
    _, findings = boundary.findings(boundary.beyond)
    for finding in findings.values():
        if finding.severity == "infeasible":
            assert finding.source is not None
        if "limit" in finding.values:
            assert finding.source is not None
            assert finding.applies_to
            assert finding.arithmetic


def numbers(least: float = 0.0, most: float = 1e12) -> st.SearchStrategy[float | None]:
    return st.none() | st.just(least) | st.floats(least, most, allow_subnormal=False)


def sizes() -> st.SearchStrategy[int | None]:
    return st.none() | st.integers(1, 2**62)


MODELS: list[dict[str, Any]] = [
    {},
    {
        "entities": {
            "Account": {"id": "int pk", "mail": "varchar(5000) unique", "size": "int"},
            "Entry": {
                "id": "bigint pk",
                "account": "ref Account",
                "at": "timestamptz",
                "size": "int check(size > 0)",
            },
        },
        "access_patterns": [
            {
                "name": "newest of {{ x }} | *all*",
                "entity": "Entry",
                "filter": ["account"],
                "sort": ["at desc"],
                "per_second": 900,
                "consistency": "strong",
            },
            {
                "name": "largest",
                "entity": "Entry",
                "filter": ["account"],
                "sort": ["size desc"],
                "consistency": "strong",
            },
            {"name": "add", "entity": "Account", "kind": "write", "per_second": 0},
        ],
    },
]
ANSWERS = st.builds(
    said,
    storage_type=st.sampled_from(STORAGE_TYPES),
    detail=st.sampled_from(("quick", "full")),
    reads_per_second=numbers(),
    writes_per_second=numbers(),
    peak_factor=numbers(1.0, 1e6),
    latency_p99_ms=st.none() | st.floats(1e-6, 1e9),
    average_item_bytes=sizes(),
    largest_item_bytes=sizes(),
    initial_data_gb=numbers(),
    growth_gb_per_month=numbers(),
    availability_percent=st.none() | st.just(100.0) | st.floats(1e-6, 100.0),
    rpo_minutes=numbers(),
    rto_minutes=numbers(),
    consistency=st.sampled_from(("", *CONSISTENCY)),
    retention=st.sampled_from(("", "0 days", "15 minutes", "30 days", "7 years", "immutable")),
    sensitive_data=st.lists(st.sampled_from(SENSITIVE[1:]), unique=True).map(tuple)
    | st.just(("none",)),
)
STANDARDS = st.builds(
    Demands,
    **{
        name: st.none() | st.builds(Demand, st.floats(0.1, 1e6), st.just("{{ said }} | so"))
        for name in (
            "slow_query_ms",
            "backup_retention_days",
            "rpo_minutes",
            "rto_minutes",
            "pool_max",
        )
    },
)
STORES = st.lists(
    st.sampled_from([*REAL, loading.unlisted("{{ Other }} | *db*", "database")]),
    min_size=1,
    max_size=3,
    unique_by=lambda backend: backend.key,
)


@settings(max_examples=150)
@given(ANSWERS, STORES, STANDARDS, st.sampled_from(MODELS))
def test_any_answers_give_ordered_unique_repeatable_findings_with_words(
    answers: Answers,
    backends: list[Backend],
    standards: Demands,
    data: dict[str, Any],
) -> None:
    model = parse_model(data.get("entities"), data.get("access_patterns"))
    first = evaluate(answers, backends, standards, model=model)
    assert first == evaluate(answers, backends, standards, model=model)
    assert len({finding.key for finding in first}) == len(first)
    ranks = [SEVERITIES.index(finding.severity) for finding in first]
    assert ranks == sorted(ranks)
    for finding in first:
        words = describe(finding, answers)
        assert words.title
        if words.task is not None:
            assert fill(words.task.text, {})
    assert size(answers, backends, model) == size(answers, backends, model)


@given(STORES, st.sampled_from(STORAGE_TYPES))
def test_without_answers_nothing_is_computed(backends: list[Backend], storage_type: str) -> None:
    findings = evaluate(said(storage_type=storage_type), backends)
    assert {item.rule for item in findings if item.severity != "missing"} <= {
        "backend-unmaintained"
    }
    assert not any(item.arithmetic for item in findings)


def test_few_answers_are_asked_for_in_a_small_component() -> None:
    cache = found(said(storage_type="cache"), store(**CACHE))
    assert list(cache) == ["missing-sensitive-data", "missing-volume", "missing-lifetime"]
    files = found(said(storage_type="file_system"), store(storage_type="file_system"))
    assert len(files) == 3
    everything = found(said(detail="full"), store(**KEYED))
    assert 8 <= len(everything) <= 12


def test_keys_name_the_store_in_a_hybrid_component_only() -> None:
    slow = fact("latency_read_floor_ms", 100, "guidance")
    answers = {"latency_p99_ms": 5.0}
    assert "latency-floor" in found(said(**answers), store(slow, name="Big One"))
    hybrid = found(
        said(storage_type="hybrid", **answers), store(slow, name="Big One"), store(name="B")
    )
    assert "latency-floor-big-one" in hybrid
    assert hybrid["latency-floor-big-one"].decision == "D-latency-floor-big-one"
    assert hybrid["latency-floor-big-one"].backend == "Big One"


def test_a_limit_of_one_store_is_a_matter_of_routing_when_another_fits() -> None:
    small = store(fact("item_bytes_max", 400), name="Small")
    large = store(fact("item_bytes_max", 40_000), name="Large", **OBJECTS)
    answers = said(storage_type="hybrid", largest_item_bytes=4000)
    both = found(answers, small, large)["item-too-large-small"]
    assert both.severity == "risk"
    assert describe(both, answers).title.endswith("go to Large")
    neither = found(answers, small, store(fact("item_bytes_max", 500), name="Large", **OBJECTS))
    assert neither["item-too-large-small"].severity == "infeasible"
    unknown = found(answers, small, store(name="Other", family="unknown"))
    assert unknown["item-too-large-small"].severity == "infeasible"


def test_advice_for_one_store_is_dropped_when_another_takes_the_load() -> None:
    table_store = store(fact("blob_in_table_bytes_recommended", 100, "guidance"), name="Table")
    answers = said(storage_type="hybrid", average_item_bytes=4000)
    assert "blob-in-table-table" in found(answers, table_store, store(name="C", **CACHE))
    assert "blob-in-table-table" not in found(answers, table_store, store(name="O", **OBJECTS))


def test_a_cache_beside_the_data_need_not_be_durable_or_available() -> None:
    loses = {"synchronous_replication": "no", "persistence": "no", "automatic_failover": "no"}
    cache = store(can=loses, name="Cache", **CACHE)
    answers = said(storage_type="hybrid", rpo_minutes=0.0, availability_percent=99.9)
    assert not [key for key in found(answers, store(name="Db"), cache) if key.endswith("-cache")]
    alone = found(said(storage_type="cache", rpo_minutes=0.0, availability_percent=99.9), cache)
    assert {"replication-loss", "cache-system-of-record", "automatic-failover"} <= set(alone)


def test_entities_of_a_hybrid_component_count_for_their_own_store() -> None:
    narrow = fact("columns_max", 2)
    data = {
        "entities": {
            "Wide": {"id": "uuid pk", "a": "int", "b": "int", "_store": "B"},
            "Slim": {"id": "uuid pk"},
        }
    }
    answers = said(storage_type="hybrid", **data)
    hybrid = found(answers, store(narrow, name="A"), store(narrow, name="B", **KEYED))
    assert [key for key in hybrid if key.startswith("column-count")] == ["column-count-b"]


def test_what_a_person_wrote_stays_text_in_titles_and_tasks() -> None:
    name = "{{ 7 * 7 }} *x*"
    other = loading.unlisted(name, "database")
    answers = said(backend="Other", other_backend=name)
    words = describe(found(answers, other)["backend-unlisted"], answers)
    assert "{{ 7 \\* 7 }} \\*x\\*" in words.title
    assert words.task is not None
    assert "{{ 7 \\* 7 }} \\*x\\*" in fill(words.task.text, {})


def test_standards_are_cited_with_their_words_and_link() -> None:
    stated = Demand(15, "RPO: 15 minutes", "../../storage-standards.md#recovery")
    finding = found(said(rpo_minutes=60.0), store(), standards=Demands(rpo_minutes=stated))
    assert finding["standard-rpo"].standard == stated


def test_one_finding_covers_example_and_rule_about_concurrent_indexes() -> None:
    keys = ("concurrent-index-in-transaction", "one-transaction-rule")
    standards = Demands(unsafe=tuple(UnsafeGuidance(key, "Migrations") for key in keys))
    online = test_findings_standards.CONCURRENT
    findings = found(said(), *one(online_changes=(online,)), standards=standards)
    assert "standard-concurrent-index-in-transaction" in findings
    assert "standard-one-transaction-rule" not in findings


def test_every_hazard_of_the_documents_has_a_rule() -> None:
    reported = re.findall(r'(?:yield |Unsafe\()"([a-z-]+)"', inspect.getsource(hazards))
    assert len(reported) >= 5
    assert {f"standard-{key}" for key in reported} <= set(rules())


def test_tasks_of_the_catalog_refer_to_rules_that_exist() -> None:
    works: list[Backend | TypeWork] = [*REAL, *map(loading.load_type, STORAGE_TYPES)]
    flags = {flag.lstrip("!") for work in works for task in work.tasks for flag in task.when}
    named = {flag.removeprefix("finding:") for flag in flags if flag.startswith("finding:")}
    assert named
    assert named <= set(rules())


def test_one_key_is_compared_with_the_whole_load_as_nobody_states_its_share() -> None:
    units = (fact("read_unit_bytes", 4096), fact("write_unit_bytes", 1024))
    keyed = store(*units, fact("partition_write_units_max", 1000), **KEYED)
    answers = said(writes_per_second=5000.0, average_item_bytes=1000)
    unknown = found(answers, keyed)["hot-partition"]
    assert (unknown.severity, unknown.values["most_percent"]) == ("risk", 20.0)


def test_the_arithmetic_of_a_contradiction_can_be_followed() -> None:
    answers = said(writes_per_second=500.0, average_item_bytes=1536, growth_gb_per_month=50.0)
    finding = found(answers, store())["growth-below-writes"]
    assert finding.arithmetic == (
        "500 writes/s × 1.5 KiB × 86,400 s × 30.44 d = 2.02 TB a month; stated growth: 50 GB a"
        " month, which is 12.4 new items/s"
    )
    assert "2.5 % of the writes" in describe(finding, answers).title


@pytest.mark.parametrize(
    ("writes", "initial", "raised"), [(12.0, 90_000.0, True), (0.1, 90_000.0, False)]
)
def test_a_short_retention_does_not_hide_what_writes_leave_within_it(
    writes: float, initial: float, raised: bool
) -> None:
    answers = said(
        writes_per_second=writes,
        average_item_bytes=30_000_000,
        growth_gb_per_month=6_000.0,
        initial_data_gb=initial,
        retention="90 days",
    )
    assert ("growth-below-writes" in found(answers, store())) is raised


def test_entities_without_patterns_are_enough_for_the_rules_about_columns() -> None:
    answers = said(**table(a="int", b="int"))
    assert "column-count" in found(answers, store(fact("columns_max", 2)))
