"""What ticks of checks say to other commands, and what is said of one that a check contradicts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from storage_conductor.schema.parse import parse_model

from .command_runner import call
from .importing_support import Database, database
from .track_builder import replace
from .verify_support import (
    ENTITIES,
    ID,
    PATTERNS,
    Capture,
    box,
    found,
    ledger,
    verify,
)

LIVE, INDEX = "Compare the live schema", "Create the indexes of"
STEP = "Create `ix_entry_account_id`"
TEST = "Test: the query plan of what each serves names it"


@pytest.fixture
def store() -> Iterator[Database]:
    """Return a database that agrees with the model of the track."""
    model = parse_model(ENTITIES, PATTERNS)
    assert model is not None
    with database("sqlite") as found_store:
        found_store.load(model)
        yield found_store


def check(capsys: Capture, project: Path, *arguments: str) -> list[dict[str, Any]]:
    """Return the findings of `check`."""
    done = call(capsys, "check", str(project), "--json", *arguments)
    findings: list[dict[str, Any]] = json.loads(done.out)["findings"]
    assert done.code == bool(findings)
    # The tracks come from a folder, which has no version.
    return [each for each in findings if each["rule"] != "answers"]


def overdue(capsys: Capture, project: Path) -> list[str]:
    """Return the decisions that are said to be overdue, of which both commands say the same."""
    told = json.loads(call(capsys, "status", str(project), "--json").out)["recommendations"]
    advice = [each["message"] for each in told if each["rule"] == "overdue-decision"]
    named = advice[0].rpartition(" deciding ")[2].split(", ") if advice else []
    findings = check(capsys, project, "--strict")
    begun = [each["message"] for each in findings if "which has begun" in each["message"]]
    assert sorted(message.partition(" ")[0] for message in begun) == sorted(named)
    return named


def test_what_a_check_ticks_has_begun_no_phase(
    start: Callable[..., Path], project: Path, store: Database, capsys: Capture
) -> None:
    plan = ledger(start, "SQLite") / "plan.md"
    ticked = found(capsys, project, "--url", store.url, "--tick")
    assert box(project, LIVE) == box(project, STEP) == "x"
    assert overdue(capsys, project) == []
    # The same JSON tells what was ticked, as the plan says now.
    done = {item["key"] for item in ticked["tasks"] if item["done"]}
    assert {"sqlite-prove-draft", "sqlite-live-schema"} <= done
    assert "sqlite-index" not in done

    # What a person ticks in phase 2 has begun that phase, and no later one.
    replace(plan, "- [ ] Write the first migration", "- [x] Write the first migration")
    due = overdue(capsys, project)
    assert due
    view = json.loads(call(capsys, "brief", ID, str(project), "--json").out)
    phases = {item["key"]: item["before_phase"] for item in view["open_decisions"]}
    assert {key for key, phase in phases.items() if phase is not None and phase <= 2} == {*due}
    assert max(phase for phase in phases.values() if phase is not None) > 2


def test_a_box_that_evidence_contradicts_is_a_finding_of_the_plain_check(
    start: Callable[..., Path], project: Path, store: Database, capsys: Capture
) -> None:
    ledger(start, "SQLite")
    found(capsys, project, "--url", store.url, "--tick")
    assert check(capsys, project) == []
    store.run("DROP INDEX ix_entry_account_id")

    done = verify(capsys, project, "--url", store.url, "--tick", code=1)
    said = "sqlite-live-schema is ticked and its check failed; --untick opens it"
    assert said in done.out.splitlines()
    assert said in found(capsys, project, "--url", store.url, "--tick", code=1)["boxes"]
    (finding,) = check(capsys, project)
    assert finding["rule"] == "contradicted"
    assert finding["message"].startswith("sqlite-live-schema is ticked and failed (drift sqlite: ")
    assert f"`storage-conductor verify {ID} --untick`" in finding["remedy"]
    strict = check(capsys, project, "--strict")
    assert [each for each in strict if "sqlite-live-schema" in each["message"]] == [finding]

    verify(capsys, project, "--url", store.url, "--untick", code=1)
    assert (box(project, LIVE), box(project, STEP)) == (" ", " ")
    assert check(capsys, project) == []


def test_a_task_that_is_ticked_over_an_open_step_is_told_alike_by_all(
    start: Callable[..., Path], project: Path, store: Database, capsys: Capture
) -> None:
    plan = ledger(start, "SQLite") / "plan.md"
    replace(plan, f"- [ ] {INDEX}", f"- [x] {INDEX}")
    told = found(capsys, project, "--url", store.url, "--tick")
    assert f"sqlite-index is ticked over what is open: {TEST}" in told["boxes"]
    (index,) = [item for item in told["tasks"] if item["key"] == "sqlite-index"]
    assert (index["proof"], index["done"]) == ("proven", True)
    assert check(capsys, project) == []
    strict = [
        each for each in check(capsys, project, "--strict") if each["rule"] != "open-decision"
    ]
    assert [each["rule"] for each in strict] == ["ticked-too-early"]

    store.run("DROP INDEX ix_entry_account_id")
    told = found(capsys, project, "--url", store.url, "--tick", code=1)
    failed = {each["message"].partition(" ")[0] for each in check(capsys, project)}
    assert failed >= {"sqlite-index", "sqlite-live-schema"}
    assert failed == {
        item["key"] for item in told["tasks"] if item["done"] and item["proof"] == "failed"
    }
