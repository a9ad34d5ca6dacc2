"""Marks of people, assistants and formatters: read alike everywhere, no reason to conflict."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage_conductor.markdown import boxes, outline
from storage_conductor.markdown.boxes import State
from storage_conductor.phases import PHASES
from storage_conductor.review import progress, project_checks
from storage_conductor.update.merge import merge_plan, merge_spec

from .track_builder import write_registry, write_track

TASK = "Write the table of all queries for the ledger and its owner"
NEW = "Write the table of all queries and jobs for the ledger and its owner"
PLAN = f"""\
# Plan

## Phase 1: Schema Design

**Status**: Not started

- [ ] {TASK}
  - [ ] Ask the owner
- [ ] Decide the key type

**Gate**: reviewed
"""


@pytest.mark.parametrize(
    ("line", "state"),
    [
        ("- [ ] a", State.OPEN),
        ("* [] a", State.OPEN),
        ("+ [x] a", State.DONE),
        ("1. [X] a", State.DONE),
        ("12) [~] a", State.BEGUN),
        ("-   [/] a", State.BEGUN),
        ("- [-] a", State.DROPPED),
        ("- [x] ~~a~~", State.DROPPED),
        ("- [x] ~~a~~ (abc1234)", State.DROPPED),
    ],
)
def test_all_forms_of_boxes_are_read(line: str, state: State) -> None:
    (box,) = outline.read(f"# P\n\n{line}\n").boxes
    assert box.state is state


@pytest.mark.parametrize("line", ["[ ] a", "- [link](x) a", "- [y] a", "-[x] a", "- [x]a"])
def test_other_lines_are_no_boxes(line: str) -> None:
    assert outline.read(f"# P\n\n{line}\n").boxes == ()


@pytest.mark.parametrize(
    "note",
    [
        " abc1234",
        " [abc1234]",
        " [1234567]",
        " (abc1234)",
        " `abc1234`",
        " (commit: `abc1234`)",
        " — 0a1b2c3d4e5f60718293a4b5c6d7e8f901234567",
        " [checkpoint: abc1234]",
        " abc1234 [checkpoint: review]",
    ],
)
def test_notes_are_told_from_the_text(note: str) -> None:
    said = boxes.taken_apart(TASK + note)
    assert (said.core, said.notes) == (TASK, note)
    assert said.around(NEW) == NEW + note


@pytest.mark.parametrize(
    "text", ["Load 10000000", "Load 10000000 (20000000)", "Look at the facade", "[x](y)", "abc1234"]
)
def test_numbers_and_words_are_no_hashes(text: str) -> None:
    assert boxes.taken_apart(text).core == text


def test_what_was_dropped_is_no_work(project: Path) -> None:
    text = (
        "# P\n\n## Phase 1: Schema Design [checkpoint: abc1234]\n\n"
        "- [x] a abc1234\n- [-] b\n  - [ ] b1\n  - [x] b2\n- [ ] c\n1. [~] d\n   - [ ] d1\n"
    )
    read = progress.read_plan(outline.read(text))
    assert (read.done, read.total) == (1, 4)
    assert [box.text for box in read.begun] == ["d"]
    assert read.next is not None
    assert read.next.text == "d"
    (phase,) = read.phases
    assert (phase.name, phase.done, phase.total) == ("Schema Design", 1, 4)


@pytest.mark.parametrize(
    ("below", "state", "over"),
    [
        ("  - [ ] b\n", State.BEGUN, 6),
        ("  - [x] b\n  - [~] c\n", State.BEGUN, 7),
        ("  - [x] b\n    - [ ] c\n", State.BEGUN, 7),
        ("  - [x] b\n", State.DONE, 0),
        ("  - [-] b\n    - [ ] c\n", State.DONE, 0),
        ("  - [x] ~~b~~\n", State.DONE, 0),
        ("- [ ] b\n", State.DONE, 0),
        ("\n## Phase 2: More\n\n  - [ ] b\n", State.DONE, 0),
    ],
)
def test_what_is_ticked_over_open_work_is_not_done(below: str, state: State, over: int) -> None:
    found = outline.read(f"# P\n\n## Phase 1: Schema Design\n\n- [x] a\n{below}")
    assert (found.boxes[0].state, found.boxes[0].over) == (state, over)
    read = progress.read_plan(found)
    assert read.phases[0].has_begun(but_for=())
    following = read.next
    assert following is None or following.text in ("b", "c"), "what is ticked is not next"


def test_marks_of_other_tools_are_no_finding(project: Path) -> None:
    track = write_track(project, status="In Progress")
    write_registry(project)
    plan = (track / "plan.md").read_text(encoding="utf-8")
    for number, name in enumerate(PHASES.values(), start=1):
        heading = f"## Phase {number}: {name}\n"
        assert heading in plan
        plan = plan.replace(heading, f"{heading[:-1]} [checkpoint: abc1234]\n")
    plan = plan.replace("  - [ ] ", "    + [-] ")
    plan = plan.replace("- [ ] ", "1. [x] ", 1).replace("- [ ] ", "* [~] ", 1)
    (track / "plan.md").write_text(plan, encoding="utf-8")

    assert project_checks.survey(project).problems == []


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        (f"- [x] {TASK} abc1234", f"- [x] {NEW} abc1234"),
        (f"- [x] {TASK} [abc1234]", f"- [x] {NEW} [abc1234]"),
        (f"- [x] ~~{TASK}~~", f"- [x] ~~{NEW}~~"),
        (f"- [-] ~~{TASK}~~ (abc1234)", f"- [-] ~~{NEW}~~ (abc1234)"),
        (f"- [~] {TASK}", f"- [~] {NEW}"),
        (f"* [X] {TASK}", f"* [X] {NEW}"),
        ("- [x] " + TASK.replace(" for ", "\n      for "), f"- [x] {NEW}"),
        ("- [x] " + TASK.replace(" ", "\n  "), f"- [x] {NEW}"),
        ("- [x] " + TASK.replace(" for ", "\n  for ") + " abc1234", f"- [x] {NEW} abc1234"),
        (
            "- [x] " + TASK.replace(" for ", "\n  for ") + "\n  My note.",
            f"- [x] {NEW}\n  My note.",
        ),
    ],
)
def test_a_reworded_task_conflicts_with_no_mark(own: str, expected: str) -> None:
    ours = PLAN.replace(f"- [ ] {TASK}", own)
    result = merge_plan(PLAN, ours, PLAN.replace(TASK, NEW))
    assert result.conflicts == []
    assert result.text == ours.replace(own, expected)


@pytest.mark.parametrize("break_at", [" of ", " for ", " "])
def test_a_wrapped_task_stays_as_it_is_where_the_template_leaves_it(break_at: str) -> None:
    ours = PLAN.replace(TASK, TASK.replace(break_at, break_at.rstrip() + "\n  "))
    result = merge_plan(PLAN, ours, PLAN.replace("key type", "type of the keys"))
    assert (result.conflicts, result.text) == (
        [],
        ours.replace("key type", "type of the keys"),
    )


def test_a_phase_that_was_reviewed_can_be_renamed() -> None:
    ours = PLAN.replace("Schema Design", "Schema Design [checkpoint: abc1234]")
    result = merge_plan(PLAN, ours, PLAN.replace("Schema Design", "Design of the Schema"))
    assert result.conflicts == []
    assert "## Phase 1: Design of the Schema [checkpoint: abc1234]\n" in result.text


def test_a_wrapped_paragraph_is_no_change() -> None:
    base = "# S\n\n## A\n\nOne two three four five.\n\n## B\n\nSix.\n"
    ours = base.replace("three four", "three\nfour").replace("Six", "Seven")
    result = merge_spec(base, ours, base.replace("five", "six and five"))
    assert result.conflicts == []
    assert result.text == base.replace("five", "six and five").replace("Six", "Seven")
