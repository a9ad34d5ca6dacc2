"""No specification and no plan contradicts itself, its answers, its decisions or its store."""

from __future__ import annotations

import os
import random
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from storage_conductor.catalog import loading
from storage_conductor.context import read_context
from storage_conductor.disk import places
from tests.conftest import ROOT
from tests.consistency_models import drawn_model
from tests.consistency_readers import SPOKEN, problems
from tests.specification_reading import Rendered, render

# A combination takes about 40 ms; CI asks for all of them, a run by hand for some.
COUNT = int(os.environ.get("CONSISTENCY_CASES", "300"))
CHUNKS = 10
EXAMPLES = sorted((ROOT / "examples" / "answers").glob("*.yml"))

NUMBERS: dict[str, list[Any]] = {
    "reads_per_second": [0.5, 40, 1_200, 30_000],
    "writes_per_second": [0.2, 15, 900, 8_000],
    "peak_factor": [1, 3, 12],
    "latency_p99_ms": [1, 20, 150, 800],
    "average_item_bytes": [120, 4_000, 700_000],
    "largest_item_bytes": [5_000, 3_000_000, 6_000_000_000],
    "initial_data_gb": [0.4, 60, 9_000],
    "growth_gb_per_month": [0.05, 5, 700],
    "availability_percent": [99, 99.9, 99.99, 99.999],
    "rpo_minutes": [0, 1, 5, 45, 1_440],
    "rto_minutes": [2, 30, 240, 2_880],
}
WORDS: dict[str, list[Any]] = {
    "retention": ["7 years", "30 days", "45 minutes", "until the guest leaves", "90 days"],
    "consistency": ["strong", "read-your-writes", "eventual"],
    "sensitive_data": [["none"], ["pii"], ["pci", "phi"]],
    "scalability": ["five times as much in three years"],
    "affected_users": ["the night shift of the harbour"],
    "detail": ["full", "quick"],
    "use_cases": [["book a berth", "list free berths"]],
    "migration_tool": ["Flyway"],
}
# Answers that no run asks for, by a person who gives some of them.
BESIDE: dict[str, list[Any]] = {
    "throughput_mb_per_second": [3, 900],
    "metadata_operations_per_second": [40, 7_000],
    "client_count": [12, 40_000],
    "item_count": [900, 4_000_000, 3_000_000_000],
    "regions": [{"lisbon": "writes"}, "lisbon: writes, tallinn: reads", ["lisbon", "tallinn"]],
    "topology": ["one node and a standby", "one node or three nodes"],
    "platform": ["Kubernetes", "AWS Lambda", "machines on premises"],
    "infrastructure_code": ["Terraform"],
    "client_library": ["a driver of our own"],
    "sensitive_data": [["confidential"], ["confidential", "pii"]],
    "alternatives": [{"hosting": ["self-managed", "Somewhere"]}, {"backend": ["Redis", "SQLite"]}],
    "notes": [["The crane stays."], [{"backup": "Reels of 1983 stay."}]],
}
STANDARDS = """# Storage Standards

## Performance

- Slow query threshold: 50 ms

## Backup

- RPO: 15 minutes
- RTO: 60 minutes
- Backups are kept for 30 days
"""


@cache
def documents() -> list[dict[str, Any]]:
    """Return what different sets of documents state."""
    example = read_context(ROOT / "examples" / "project").to_data()
    return [{}, example]


@pytest.fixture(scope="module", autouse=True)
def _strict_standards(tmp_path_factory: pytest.TempPathFactory) -> None:
    project: Path = tmp_path_factory.mktemp("strict")
    path = project / places.HOME / "storage-standards.md"
    path.parent.mkdir(parents=True)
    path.write_text(STANDARDS, encoding="utf-8")
    documents().append(read_context(project).to_data())


def drawn(seed: int) -> dict[str, Any]:
    """Return one combination of answers, documents, backends and hosting."""
    dice = random.Random(seed)  # noqa: S311 - the same cases in each run
    headings = loading.headings()
    answers: dict[str, Any] = {"description": "Berths of a harbour and who lies there."}
    if dice.random() < 0.15:
        chosen = dice.sample(headings, 2)
        answers |= {"storage_type": "hybrid", "backends": [item.name for item in chosen]}
    else:
        heading = headings[seed % len(headings)]
        variants = [item.name for item in loading.load(heading.key).hosting]
        answers |= {"storage_type": heading.storage_type, "backend": heading.name}
        if dice.random() < 0.8:
            answers["hosting"] = dice.choice(variants)
    share = dice.choice([0.3, 0.7, 1.0])
    for name, values in {**NUMBERS, **WORDS}.items():
        if dice.random() < share:
            answers[name] = dice.choice(values)
    answers |= drawn_model(dice)
    said = dice.sample(list(SPOKEN), dice.choice([0, 0, 1, 3]))
    answers["description"] = " ".join([answers["description"], *said])
    answers["project_context"] = dice.choice(documents())
    if dice.random() < 0.3:
        some = dice.sample(list(BESIDE), dice.choice([1, 4, len(BESIDE)]))
        answers |= {name: dice.choice(BESIDE[name]) for name in some}
    return answers


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_nothing_contradicts_anything(chunk: int) -> None:
    found: dict[str, str] = {}
    for seed in range(chunk, COUNT, CHUNKS):
        answers = drawn(seed)
        for problem in problems(render(answers), answers):
            found.setdefault(problem, f"case {seed}: {_short(answers)}")
    assert not found, "\n".join(f"{problem} ({case})" for problem, case in found.items())


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_no_example_contradicts_itself(path: Path) -> None:
    answers = yaml.safe_load(path.read_text(encoding="utf-8")) | {"project_context": documents()[1]}
    assert problems(render(answers), answers) == []


def _short(answers: Mapping[str, Any]) -> str:
    return str({name: value for name, value in answers.items() if name != "project_context"})


FULL: dict[str, Any] = {
    "description": "Postings of a ledger.",
    "storage_type": "database",
    "backend": "PostgreSQL",
    "hosting": "self-managed",
    "detail": "full",
    "reads_per_second": 300,
    "writes_per_second": 20,
    "peak_factor": 4,
    "latency_p99_ms": 40,
    "average_item_bytes": 4_000,
    "largest_item_bytes": 9_000,
    "initial_data_gb": 90,
    "growth_gb_per_month": 7,
    "availability_percent": 99.5,
    "rpo_minutes": 45,
    "rto_minutes": 240,
    "retention": "7 years",
    "sensitive_data": ["pii"],
    "affected_users": "the accountants",
    "use_cases": ["post a charge"],
}
SLOW_RESTORE = {**FULL, "initial_data_gb": 9_000, "rto_minutes": 30}
KEYED = {**FULL, "backend": "DynamoDB", "hosting": "AWS", "availability_percent": 99.999}
OBJECTS = {
    **FULL,
    "storage_type": "object_storage",
    "backend": "Amazon S3",
    "hosting": "AWS",
    "retention": "until the guest leaves",
}
MODELLED: dict[str, Any] = {
    **FULL,
    "entities": {"Posting": {"id": "uuid pk", "account": "uuid not null indexed"}},
    "access_patterns": [
        {
            "name": "posting by id",
            "entity": "Posting",
            "filter": ["id"],
            "per_second": 280,
            "consistency": "strong",
        },
        {
            "name": "postings of an account",
            "entity": "Posting",
            "filter": ["account"],
            "page_size": 50,
            "per_second": 20,
        },
        {"name": "post", "entity": "Posting", "kind": "write", "per_second": 20},
    ],
}
DERIVED = {name: value for name, value in MODELLED.items() if name != "reads_per_second"}
OUTGROWN = {**FULL, "retention": "60 days", "growth_gb_per_month": 0, "initial_data_gb": 1}
PRICES: dict[str, Any] = {
    "description": "Prices, copied from the shop.",
    "storage_type": "cache",
    "backend": "Redis",
    "depends_on": ["shop"],
    "entities": {"Price": {"id": "uuid pk", "cents": "int not null", "_ttl": "1 minute"}},
    "access_patterns": [
        {"name": "price", "entity": "Price", "filter": ["id"], "fresh_within": "10 minutes"}
    ],
}
SESSIONS: dict[str, Any] = {
    "description": "Login sessions of guests.",
    "storage_type": "cache",
    "backend": "Redis",
}
PRIVATE = (
    "- **A-privacy**: no log line and no error message of the whole test run holds a value of a"
    " field marked sensitive"
)
# A wrong text in place of a right one, and what the reader of that kind says of it.
WRONG = [
    (
        FULL,
        "objective**: at most the last 45 min of writes may be lost",
        "objective**: not stated",
        "rpo_minutes is given and Backup",
    ),
    (
        SLOW_RESTORE,
        " | yes | **no** ([D-restore-time](#decisions)) |",
        " | yes | **no** ([D-recovery-budget](#decisions)) |",
        "too_strict: N-rto does not name",
    ),
    (
        {
            "description": "A ledger. At most five minutes may be lost.",
            "backend": "PostgreSQL",
            "rto_minutes": 60,
        },
        "| D-found-rpo-minutes |",
        "| D-missing-recovery | **Not stated.** rpo_minutes. | X. |\n| D-found-rpo-minutes |",
        "said_unsaid: rpo_minutes is given and D-missing-recovery",
    ),
    (
        FULL,
        "- **N-slow**",
        "- Not stated, so that nothing is required of it yet: latency\n- **N-slow**",
        "latency_p99_ms is given and listed",
    ),
    (
        FULL,
        "| D-test-order |",
        "| D-missing-rates | **Not stated.** No reads_per_second. | X. |\n| D-test-order |",
        "D-missing-rates calls it not stated",
    ),
    (FULL, "end within 40 ms", "end within 30 ms", "numbers_that_differ: latency"),
    (FULL, "carries 1,200 reads", "carries 300 reads", "numbers_that_differ: peak load"),
    (
        FULL,
        "answers again within 4 h of",
        "answers again within 1 h of",
        "numbers_that_differ: recovery time",
    ),
    (FULL, "a year is within", "a month is within", "numbers_that_differ: downtime"),
    (
        FULL,
        "operations over 40 ms are",
        "operations over 90 ms are",
        "late_alarms: slow from 90 ms on, the p99",
    ),
    (
        FULL,
        "with 678 GB, the volume",
        "with 174 GB, the volume at month",
        "numbers_that_differ: volume",
    ),
    (
        SLOW_RESTORE,
        "ends within 20 h 19 min ([D-restore-time](#decisions))",
        "ends within 30 min",
        "numbers_that_differ: restore",
    ),
    (
        FULL,
        "| yes |",
        "| **no** ([D-rpo-below-mechanism](#decisions)) |",
        "too_strict: N-rpo does not name",
    ),
    (
        KEYED,
        "answers 99.99 % of the time ([D-availability-objective](#decisions))",
        "answers 99.999 % of the time",
        "too_strict",
    ),
    (OBJECTS, "over 100 ms are logged", "over 40 ms are logged", "any operation takes"),
    (
        KEYED,
        "is cut off under load",
        "is made to fail over under load",
        "impossible_actions: no node",
    ),
    (
        OBJECTS,
        "- **A-tests**",
        "- **A-migration**: x\n- **A-tests**",
        "impossible_actions: no migration",
    ),
    (
        OBJECTS,
        "- **A-tests**",
        "- an entry one day over its time is gone\n- **A-tests**",
        "impossible_actions: no duration",
    ),
    (FULL, "the accountants", "others", "lost_answers: affected_users"),
    (FULL, "post a charge", "others", "lost_answers: the use case"),
    (FULL, "99.5 %", "99.9 %", "lost_answers: availability_percent"),
    (FULL | {"notes": ["It stays."]}, "- It stays.", "", "lost_statements: the note It stays."),
    (FULL | {"alternatives": {"hosting": ["Ours"]}}, "Ours", "Others", "lost_statements: what is"),
    (MODELLED, "| 280 | strong |", "| not stated | strong |", "per_second of posting by id is"),
    (MODELLED, "| 280 | strong |", "| 28 | strong |", "numbers_that_differ: rate of posting by id"),
    (MODELLED, "Posting", "Thing", "lost_answers: the entity Posting"),
    (MODELLED, "postings of an account", "others", "the access pattern postings of an account"),
    (DERIVED, "280 + 20 = 300", "280 + 20 = 400", "numbers_that_differ: sum: 280 + 20 = 400"),
    (OUTGROWN, " ([D-items-against-retention](#decisions))", "", "follows from no decision"),
    (KEYED, "accepts an item of 9 kB", "accepts an item of 9 MB", "too_strict: N-item asks for"),
    (OBJECTS, "above 100 ms for 10 minutes", "above 200 ms for 10 minutes", "an alarm at 200 ms"),
    (OBJECTS, "lag above 900 s", "lag above 9,000 s", "an alarm at a lag of 9,000 s"),
    (FULL, "7 days, which leaves", "30 days, which leaves", "backups are kept for 30 days"),
    (PRICES, "<cents> EX 60", "<cents> EX 6000", "price lives for 6000 s"),
    (
        {**FULL, "hosting": "Amazon RDS"},
        "ends within 4 h",
        "ends within 4 min",
        "late_alarms: A-restore ends within 4 min",
    ),
    *(
        (answers, "- **A-tests**", f"- {words}\n- **A-tests**", f"impossible_actions: {name}")
        for answers, words, name in (
            (KEYED, "the query plan names the index", "no query plan"),
            (KEYED, "starting with 40 connections", "no connection for each statement"),
            (SESSIONS, "the source behind it carries the refill", "no source"),
            (OBJECTS, "Write the first migration", "no migration of a schema"),
            (OBJECTS, "Create the indexes of the schema", "no index to create"),
        )
    ),
    (
        {**FULL, "entities": {"Posting": {"id": "bigint pk"}}},
        "GENERATED BY DEFAULT AS IDENTITY",
        "GENERATED ALWAYS AS IDENTITY",
        "draft_against_plan: the draft says {'ALWAYS'}",
    ),
    (FULL, PRIVATE, f"{PRIVATE}\n{PRIVATE}", "said_twice: twice in the spec"),
]


@pytest.mark.parametrize(("answers", "right", "wrong", "said"), WRONG)
def test_a_contradiction_is_found(
    answers: dict[str, Any], right: str, wrong: str, said: str
) -> None:
    page = render(answers)
    assert problems(page, answers) == []
    assert right in page.spec
    mutated = Rendered(page.track, page.spec.replace(right, wrong), page.plan)
    assert [found for found in problems(mutated, answers) if said in found]


def test_an_alarm_after_the_objective_is_broken_is_found() -> None:
    page = render(FULL)
    right = "older than 23 min"
    assert right in page.plan
    late = Rendered(page.track, page.spec, page.plan.replace(right, "older than 1 h 30 min"))
    assert "late_alarms: alarm at 1 h 30 min, the objective is 45 min" in problems(late, FULL)


def test_a_gate_that_no_task_leads_to_is_found() -> None:
    page = render(FULL)
    first = r"(?s)(?<=Not Started\n\n)(- \[ \] .*?\n)(?=\n)"
    before, tasks, after = re.split(first, page.plan, maxsplit=1)
    assert tasks
    without = Rendered(page.track, page.spec, before + after)
    expected = "gates_without_work: Phase 1: Schema Design has a gate and no task"
    assert problems(without, FULL) == [expected]
