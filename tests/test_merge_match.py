"""Merging plans: which task of another version is the same one, reworded."""

from __future__ import annotations

import time

import pytest

from storage_conductor.update.merge import merge_plan
from tests.plan_reading import read_plan

from .test_merge_plan import change, merged

SAME = [
    ("Write the access-pattern table", "Write down the access patterns of the ledger as a table"),
    ("List each query with its rate", "List every query with its peak rate"),
    ("Model the entities", "Model entities, keys and constraints of the ledger"),
    ("Decide the key type", "Decide the type of the primary keys"),
    ("Choose the migration tool", "Choose and set up the migration tool"),
    ("Choose the migration tool", "Set up the migration tool (Flyway)"),
    ("Write the first migration", "Write migration V1 with its rollback"),
    ("Load test at 900", "Load test at 1,200 requests a second for thirty minutes"),
    ("Restore to a point", "Restore to a point in time, record the duration"),
    ("Implement the `Entry`", "Implement the `Entry` repository until its tests pass"),
    ("Measure the p99", "Run EXPLAIN ANALYZE for each pattern and record the p99 latency"),
]
DIFFERENT = [
    ("Implement the `Entry`", "Implement the `Account` repository"),
    ("Write the failing test for E", "Write the failing test for Account"),
    ("Create index entry_account", "Create index entry_status for the reads"),
    ("Write the runbook for a full", "Write the runbook for replication lag"),
    ("Choose the migration tool", "Restore a backup once a month"),
]
MANY = """\
## Phase 1: All

- [ ] Write the access-pattern table for the ledger
- [ ] List each query with its rate
- [ ] Model the entities of the ledger with keys and constraints
- [ ] Decide the key type
- [ ] Choose the migration tool
- [ ] Write the first migration and its rollback
- [ ] Write the failing test for Entry
- [ ] Implement the `Entry` repository
- [ ] Create index entry_account for the reads
- [ ] Measure the p99 latency of each pattern with EXPLAIN ANALYZE
- [ ] Restore to a point in time and record how long it took
- [ ] Load test at 900 requests a second for ten minutes
- [ ] Write the runbook for a full disk
- [ ] Document how to roll back a migration
"""


def task_line(start: str) -> str:
    return next(line for line in MANY.split("\n") if line.startswith(f"- [ ] {start}"))


@pytest.mark.parametrize(("start", "text"), SAME)
def test_a_rewording_is_known_as_the_same_task(start: str, text: str) -> None:
    line = task_line(start)
    ours = change(MANY, (line, line.replace("[ ]", "[x]")))
    theirs = change(MANY, (line, f"- [ ] {text}"))
    assert merged(ours, theirs, MANY) == change(MANY, (line, f"- [x] {text}"))


@pytest.mark.parametrize(("start", "text"), DIFFERENT)
def test_another_task_in_its_place_is_not_ticked(start: str, text: str) -> None:
    line = task_line(start)
    ours = change(MANY, (line, line.replace("[ ]", "[x]")))
    plan = read_plan(merged(ours, change(MANY, (line, f"- [ ] {text}")), MANY))
    assert [task.text for task in plan.tasks if task.mark == "x"] == [line.removeprefix("- [ ] ")]
    assert text in [task.text for task in plan.tasks if task.mark != "x"]


def test_tasks_that_only_numbers_tell_apart_are_not_mixed_up() -> None:
    base = "".join(f"- [ ] Check the volume after {n} months\n" for n in (6, 12, 36))
    ours = change(base, ("- [ ] Check the volume after 6", "- [x] Check the volume after 6"))
    theirs = "".join(f"- [ ] Check the volume after {n} months\n" for n in (12, 24, 36))
    text = merged(ours, theirs, base)
    assert [(t.text[-9:], t.mark) for t in read_plan(text).tasks] == [
        (" 6 months", "x"),
        ("12 months", " "),
        ("24 months", " "),
        ("36 months", " "),
    ]


def test_a_tick_stays_on_a_task_whose_number_changed() -> None:
    base = "- [ ] Load test at 900 requests\n- [ ] Restore a backup\n"
    ours = change(base, ("- [ ] Load", "- [x] Load"))
    assert merged(ours, change(base, ("900", "1,200")), base) == change(ours, ("900", "1,200"))


def test_a_big_plan_merges_in_time() -> None:
    """What is quadratic in the number of tasks takes minutes here."""
    base = "".join(
        f"## Phase {phase}\n\n"
        + "".join(f"- [ ] Write the part{phase}x{n} test for it\n" for n in range(50))
        for phase in range(30)
    )
    ours = base.replace("7 test", "7 test of ours").replace(
        "- [ ] Write the part3", "- [x] W part3"
    )
    theirs = base.replace("8 test", "8 good test").replace("- [ ] Write the part4", "- [ ] W part4")
    start = time.process_time()
    result = merge_plan(base, ours, theirs)
    assert time.process_time() - start < 10
    assert sum(1 for task in read_plan(result.text).tasks for _ in task.walk()) == 1500
