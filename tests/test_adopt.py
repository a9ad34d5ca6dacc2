"""`storage-conductor adopt`: tracks that were written by hand update and lose nothing."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from storage_conductor.adoption import links, merging
from storage_conductor.errors import ConductorError
from storage_conductor.markdown import outline
from storage_conductor.markdown.boxes import State
from storage_conductor.phases import PHASES
from storage_conductor.review.progress import read_plan
from storage_conductor.review.track_checks import SPEC_SECTIONS
from storage_conductor.tracks import registry_file

from .command_runner import Done, call
from .conftest import commit
from .track_builder import STARTER, replace
from .update_support import ADDED

Capture = pytest.CaptureFixture[str]
SPEC = """\
# Specification: Payments ledger

- **Storage Type**: Database
- **Storage Backend**: PostgreSQL 16
- **Owner**: Ann

## Description

Every charge and payment of our
*merchants*, kept as it was booked.

## Use Cases

- post a charge
- show what a merchant owes

## Performance Requirements

Statements answer within 40 ms at p99.

## Backup and Recovery

- **RPO**: 5 minutes
- **RTO**: 1 hour

```sql
-- RTO: 9 hours, in code
```

## What we talked about

Ann wants no float anywhere.
"""
PLAN = """\
# Plan

## Phase 1: Schema Design [checkpoint: abc1234]

**Status**: Completed

- [x] Draw the tables (abc1234)
  - [x] Ask Ann
- [X] Choose the keys

## Phase 9: Party

- [~] Buy cake
- [ ] Eat it
"""
CONDUCTOR_SPEC = """\
# Track: Session store

## Overview
Login sessions of the shop, in Redis. A session expires after 30 minutes.

## Functional Requirements
1. Sessions end on logout.
"""
CONDUCTOR_PLAN = """\
# Implementation Plan

## Phase 1: Foundation

- [x] Task: Connect to the server (0a1b2c3)
- [ ] Task: Conductor - User Manual Verification 'Phase 1'
"""


@pytest.fixture
def track(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a committed track that a person wrote, in whose project the tests work."""
    folder = project / "storage-conductor" / "storages" / "ledger"
    folder.mkdir(parents=True)
    (folder / "spec.md").write_text(SPEC, encoding="utf-8")
    (folder / "plan.md").write_text(PLAN, encoding="utf-8")
    (project / "storage-conductor" / "tracks.md").write_text(STARTER, encoding="utf-8")
    commit(project)
    monkeypatch.chdir(project)
    return folder


@pytest.fixture
def conductors(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a track as Conductor writes it."""
    folder = project / "conductor" / "tracks" / "sessions_20260110"
    folder.mkdir(parents=True)
    (folder / "spec.md").write_text(CONDUCTOR_SPEC, encoding="utf-8")
    (folder / "plan.md").write_text(CONDUCTOR_PLAN, encoding="utf-8")
    data = {
        "track_id": "sessions_20260110",
        "type": "feature",
        "status": "in_progress",
        "created_at": "2026-01-10T10:00:00Z",
        "updated_at": "2026-01-11T10:00:00Z",
        "description": "Session store for the shop",
    }
    (folder / "metadata.json").write_text(json.dumps(data), encoding="utf-8")
    commit(project)
    monkeypatch.chdir(project)
    return folder


def adopt(capsys: Capture, template: Path, *arguments: str, code: int = 0) -> Done:
    switches = ("--template", str(template), "--vcs-ref", "v1.0.0", "--defaults")
    done = call(capsys, "adopt", *switches, *arguments)
    assert done.code == code, done
    return done


def lost(before: str, after: str) -> Counter[str]:
    """Return the lines of a text that are missing in another, each as often as it is."""
    return Counter(filter(str.strip, before.splitlines())) - Counter(after.splitlines())


def findings(capsys: Capture) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(call(capsys, "check", "--json").out)["findings"]
    return found


def test_answers_are_read_with_their_lines(track: Path, newer: Path, capsys: Capture) -> None:
    done = adopt(capsys, newer, "--dry-run", "--json")
    read = {item["answer"]: item for item in json.loads(done.out)["answers"]}
    lines = SPEC.splitlines()
    for name, value, words in (
        ("title", "Payments ledger", "# Specification"),
        ("storage_type", "database", "Storage Backend"),
        ("backend", "PostgreSQL", "Storage Backend"),
        ("use_cases", ["post a charge", "show what a merchant owes"], "## Use Cases"),
        ("latency_p99_ms", 40.0, "Statements answer"),
        ("rpo_minutes", 5.0, "RPO"),
        ("rto_minutes", 60.0, "**RTO**"),
    ):
        assert read[name]["value"] == value
        assert words in lines[read[name]["line"] - 1]
        assert read[name]["file"] == "storage-conductor/storages/ledger/spec.md"
    text = "Every charge and payment of our merchants, kept as it was booked."
    assert read["description"]["value"] == text
    assert not (track / ".copier-answers.yml").exists()


def test_nothing_of_its_text_is_lost_and_the_template_is_in_it(
    track: Path, newer: Path, capsys: Capture
) -> None:
    done = adopt(capsys, newer)
    spec = (track / "spec.md").read_text(encoding="utf-8")
    plan = (track / "plan.md").read_text(encoding="utf-8")
    assert not lost(SPEC, spec)
    assert not lost(PLAN, plan)
    assert spec.index("| Key | What |") < spec.index("Every charge and payment")
    assert spec.index("## Backup and Recovery") < spec.index("- **RPO**: 5 minutes")
    assert plan.count("## Phase 1: Schema Design") == 1
    assert plan.count("**Status**: ") == len(PHASES)
    assert findings(capsys) == []
    answers = yaml.safe_load((track / ".copier-answers.yml").read_text(encoding="utf-8"))
    assert (answers["rto_minutes"], answers["_commit"]) == (60.0, "v1.0.0")
    metadata = json.loads((track / "metadata.json").read_text(encoding="utf-8"))
    assert (metadata["id"], metadata["status"]) == ("ledger", "Planning")
    assert "| ledger |" in (track.parents[1] / "tracks.md").read_text(encoding="utf-8")
    assert "ledger updates from now on" in done.out
    states = Counter(box.state for box in outline.read(plan).boxes)
    assert (states[State.DONE], states[State.BEGUN]) == (3, 1)


def test_an_adopted_track_updates_without_a_conflict(
    track: Path, project: Path, newer: Path, capsys: Capture
) -> None:
    begun = PLAN.replace("**Status**: Completed", "**Status**: In Progress")
    (track / "plan.md").write_text(begun, encoding="utf-8")
    commit(project)
    adopt(capsys, newer)
    commit(project, "adopted")
    done = call(capsys, "refresh", "--trust")
    assert (done.code, done.err) == (0, "")
    plan = (track / "plan.md").read_text(encoding="utf-8")
    assert f"- [ ] {ADDED}" in plan
    assert not lost(begun, plan)
    assert not lost(SPEC, (track / "spec.md").read_text(encoding="utf-8"))
    assert findings(capsys) == []


def test_a_track_of_conductor_is_copied_and_left(
    conductors: Path, project: Path, newer: Path, capsys: Capture
) -> None:
    before = {path: path.read_bytes() for path in conductors.iterdir()}
    done = adopt(capsys, newer, str(conductors))
    assert {path: path.read_bytes() for path in conductors.iterdir()} == before
    folder = project / "storage-conductor" / "storages" / "sessions-20260110"
    spec = (folder / "spec.md").read_text(encoding="utf-8")
    assert not lost(CONDUCTOR_SPEC, spec)
    plan = (folder / "plan.md").read_text(encoding="utf-8")
    # Its first phase is not the template's.
    assert lost(CONDUCTOR_PLAN, plan) == {"## Phase 1: Foundation": 1}
    assert "\n## The plan as it was adopted\n\n### Phase 1: Foundation\n\n- [x] Task: Co" in plan
    assert [phase.number for phase in read_plan(outline.read(plan)).phases] == [*range(1, 9)]
    assert "(Redis)" not in spec
    metadata = json.loads((folder / "metadata.json").read_text(encoding="utf-8"))
    assert (metadata["title"], metadata["backend"]) == ("Session store", "Redis")
    assert (metadata["status"], metadata["type"]) == ("In Progress", "Storage Component")
    assert metadata["created"] == "2026-01-10T10:00:00Z"
    assert metadata["track_id"] == "sessions_20260110"
    assert metadata["before_adoption"] == {"type": "feature", "status": "in_progress"}
    assert "is left as it was" in done.out
    assert "was adopted already" in adopt(capsys, newer, str(conductors), code=2).err
    assert [path.name for path in folder.parent.iterdir()] == ["sessions-20260110"]
    assert findings(capsys) == []


def test_the_links_of_a_copied_track_lead_to_the_same_files(
    conductors: Path, project: Path, newer: Path, capsys: Capture
) -> None:
    (project / "conductor" / "our product.md").write_text("# Product\n\n## Goals\n", "utf-8")
    (conductors / "diagram (1).png").write_bytes(b"")
    written = [
        "See [goals](<../../our product.md#goals>), [goals](../../our%20product.md)"
        " and `[x](../../y)`",
        "![drawn](diagram%20(1).png) [plan](plan.md)"
        " [web](https://example.org/a) [none](../gone.md)",
        "[here](#overview) [folder](../../tracks/) [root](/README.md) [a [b]][p]",
        "",
        "[p]: ../../our%20product.md 'The product'",
        "",
        "```",
        "[code](../../our%20product.md)",
        "```",
    ]
    for name in ("spec.md", "plan.md"):
        path = conductors / name
        path.write_text(path.read_text("utf-8") + "\n" + "\n".join(written) + "\n", "utf-8")
    commit(project)
    adopt(capsys, newer, str(conductors), code=1)
    folder = project / "storage-conductor" / "storages" / "sessions-20260110"
    up = "../../../conductor"
    wanted = [
        f"See [goals](<{up}/our product.md#goals>), [goals]({up}/our%20product.md)"
        " and `[x](../../y)`",
        f"![drawn]({up}/tracks/sessions_20260110/diagram%20%281%29.png) [plan](plan.md)"
        " [web](https://example.org/a) [none](../gone.md)",
        f"[here](#overview) [folder]({up}/tracks/) [root](/README.md) [a [b]][p]",
        f"[p]: {up}/our%20product.md 'The product'",
        "[code](../../our%20product.md)",
    ]
    for name in ("spec.md", "plan.md"):
        lines = (folder / name).read_text("utf-8").splitlines()
        assert [line for line in wanted if line not in lines] == []
    broken = {item["message"] for item in findings(capsys)}
    assert all(re.search(r"gone\.md|#overview", message) for message in broken), broken


@given(st.text(), st.text("ab/.#?%20<>()[]: `"))
def test_a_link_to_nothing_stays_byte_for_byte(text: str, target: str) -> None:
    for written in (text, f"[a]({target})", f"[a]: {target}", text + target):
        assert links.moved(written, "a/b", "c", (), lambda _: False) == written


def test_what_is_not_clear_is_not_taken_and_can_be_given(
    track: Path, newer: Path, capsys: Capture
) -> None:
    text = SPEC.replace("- **RTO**: 1 hour", "- **RTO**: 1 hour\n- An RTO of 4 hours is fine.")
    (track / "spec.md").write_text(text, encoding="utf-8")
    commit(track.parents[2])
    done = adopt(capsys, newer, "--data", "rto_minutes=90")
    assert "Unclear, so not taken: rto_minutes: 60 (spec.md:" in done.out
    answers = yaml.safe_load((track / ".copier-answers.yml").read_text(encoding="utf-8"))
    assert answers["rto_minutes"] == 90


def test_what_prose_leaves_open_is_shown_with_its_line(
    track: Path, project: Path, newer: Path, capsys: Capture
) -> None:
    more = "\nAbout 200 requests a second, on 2 million rows.\nOf them 30 writes per second.\n"
    replace(track / "spec.md", "Ann wants no float anywhere.\n", f"Ann wants none.\n{more}")
    commit(project, "more")
    line = (track / "spec.md").read_text("utf-8").splitlines().index(more.splitlines()[1]) + 1
    told = adopt(capsys, newer, "--dry-run").out.splitlines()
    assert f"  writes_per_second: 30 (spec.md:{line + 1})" in told
    is_open = [text.removeprefix("  Unclear, so not taken: ") for text in told if "Unclear" in text]
    assert is_open[0].startswith(f"reads_per_second: About 200 requests a second (spec.md:{line}):")
    assert is_open[1].startswith(f"item_count: on 2 million rows (spec.md:{line}): how many")
    data = json.loads(adopt(capsys, newer, "--dry-run", "--json").out)
    assert [item for item in data["unclear"] if item in is_open] == is_open


def test_phases_under_drawn_lines_are_lowered_too() -> None:
    own = "# P\n\nPhase 1: Ours\n-------------\n\n- [ ] a\n\n### Sub\n\n- [ ] b\n\n## Notes\n"
    result = merging.plan(own, RENDERED_PLAN)
    assert [phase.number for phase in read_plan(outline.read(result)).phases] == [*range(1, 9)]
    assert (
        "\n### Phase 1: Ours\n-------------\n\n- [ ] a\n\n#### Sub\n\n- [ ] b\n\n## Notes\n"
        in result
    )


def test_several_stores_make_a_hybrid_component(track: Path, newer: Path, capsys: Capture) -> None:
    text = SPEC.replace("PostgreSQL 16", "PostgreSQL 16, with Redis in front")
    (track / "spec.md").write_text(text, encoding="utf-8")
    commit(track.parents[2])
    read = json.loads(adopt(capsys, newer, "--dry-run", "--json").out)["answers"]
    values = {item["answer"]: item["value"] for item in read}
    assert values["storage_type"] == "hybrid"
    assert values["backends"] == ["PostgreSQL", "Redis"]
    assert "backend" not in values


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: (t / "spec.md").unlink(), "no track without answers"),
        (lambda t: (t / "spec.md").write_text("# A\n\n```\n", encoding="utf-8"), "never closes"),
        (lambda t: (t / "plan.md").write_text("# Changed\n", encoding="utf-8"), "not committed"),
        (lambda t: (t / "metadata.json").write_text("{", encoding="utf-8"), "not committed"),
        (lambda t: t.rename(t.with_name("Ledger_1")), "Ledger_1"),
    ],
)
def test_what_cannot_be_adopted_is_named_and_stays(
    track: Path, newer: Path, capsys: Capture, change: Any, said: str
) -> None:
    project = track.parents[2]
    change(track)
    if "committed" not in said:
        commit(project)
    before = {path: path.read_bytes() for path in project.rglob("*.md")}
    done = adopt(capsys, newer, code=2)
    assert said in done.err
    assert {path: path.read_bytes() for path in project.rglob("*.md")} == before


def test_nothing_is_read_through_a_link_that_leads_out(
    conductors: Path, tmp_path: Path, newer: Path, capsys: Capture
) -> None:
    secret = tmp_path / "secret.md"
    secret.write_text("# Secret\n", encoding="utf-8")
    (conductors / "plan.md").unlink()
    (conductors / "plan.md").symlink_to(secret)
    done = adopt(capsys, newer, str(conductors), code=2)
    assert "plan.md" in done.err
    assert not (conductors.parents[2] / "storage-conductor").exists()


def test_a_wrong_answer_changes_nothing(
    track: Path, project: Path, newer: Path, capsys: Capture
) -> None:
    done = adopt(capsys, newer, "--data", "rto_minutes=soon", code=2)
    assert "rto_minutes" in done.err
    assert (track / "spec.md").read_text(encoding="utf-8") == SPEC
    assert not (track / ".copier-answers.yml").exists()


def test_a_failure_while_writing_leaves_everything_as_it_was(
    track: Path, newer: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ConductorError("cannot be written")

    monkeypatch.setattr(registry_file, "record", fail)
    adopt(capsys, newer, code=2)
    assert (track / "spec.md").read_text(encoding="utf-8") == SPEC
    assert sorted(path.name for path in track.iterdir()) == ["plan.md", "spec.md"]


def test_a_track_that_updates_already_is_refused(track: Path, newer: Path, capsys: Capture) -> None:
    adopt(capsys, newer)
    assert "keeps it up to date already" in adopt(capsys, newer, str(track), code=2).err


# ---------------------------------------------------------------------------------------------
# Every line stays

RENDERED = "\n".join(
    ["# Payments ledger", "", "- **Type**: Storage Component", "- **Plan**: [plan.md](plan.md)"]
    + [line for name in SPEC_SECTIONS for line in ("", f"## {name}", "", f"Text of {name}.", "")]
)
RENDERED_PLAN = "\n".join(
    ["# Plan: Payments ledger", "", "Tick what is done."]
    + [
        line
        for number, name in enumerate(PHASES.values(), start=1)
        for line in (
            *("", f"## Phase {number}: {name}", "", "**Status**: Not Started", ""),
            *(f"- [ ] Task {number}", f"  - [ ] Test {number}", "", f"**Gate**: Gate {number}."),
        )
    ]
)
LINES = st.sampled_from(
    [
        *(
            "",
            "Text.",
            "  Indented.",
            "---",
            "===",
            "- item",
            "| a | b |",
            "| --- | --- |",
            "> quote",
        ),
        *(
            "# Title",
            "## Description",
            "## Decisions",
            "##  Description  ##",
            "### Sub",
            "Description",
        ),
        *(
            "## Phase 1: Schema Design",
            "## Phase 2: Migration Setup [checkpoint: abc1234]",
            "## Own",
        ),
        *(
            "**Status**: Completed",
            "**Status**: Not Started",
            "**Gate**: Gate 1.",
            "**Gate**: Ours.",
        ),
        *(
            "- [x] Task 1",
            "- [ ] Task 1 abc1234",
            "  - [x] Test 1",
            "* [~] Own task",
            "1. [X] Task 2",
        ),
        *(
            "```",
            "<!-- note -->",
            "- **Type**: Storage Component",
            "Text of Description.",
            "\u2028",
        ),
    ]
)
DOCUMENTS = st.lists(LINES, max_size=25).map("\n".join)


@given(DOCUMENTS, st.sampled_from(["\n", "\r\n"]))
def test_every_line_of_a_specification_stays(text: str, newline: str) -> None:
    own = text.replace("\n", newline)
    result = merging.spec(own, RENDERED)
    assert not _missing(own, result)
    # A heading that both have stands as the person wrote it.
    assert all(line.startswith("#") for line in _missing(RENDERED, result))


@given(DOCUMENTS)
def test_every_line_of_a_plan_stays(own: str) -> None:
    result = merging.plan(own, RENDERED_PLAN)
    assert not _missing(own, result)
    if outline.read(own).unclosed is None and not {"Task", "Completed"} & set(
        re.findall(r"\w+", own)
    ):
        boxes = {box.text for box in outline.read(result).boxes}
        assert {f"Task {number}" for number in range(1, 9)} <= boxes


def _missing(before: str, after: str) -> Counter[str]:
    lines = Counter(line.rstrip("\r") for line in before.split("\n") if line.strip())
    return lines - Counter(line.rstrip("\r") for line in after.split("\n"))
