"""Reading plans: what is a task, what belongs to what, and what counts as done."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage_conductor.markdown.blocks import Kind, cells, conflict_sides, parse
from storage_conductor.review.plan_file import Plan, Progress, parse_plan, progress
from tests.plan_edits import markdown

PLAN = """\
# Plan: Ledger entries

Read the [spec](spec.md) first.

- [ ] Name an owner

## Phase 1: Schema Design

**Status**: In Progress

- [x] Write the access-pattern table
  - [X] List each query
  - [ ] Ask the owner
- [~] Model the entities
  See `schema.sql`,
  and [the notes](notes.md).
- [-] Draw a diagram

**Gate**: the table is reviewed

### Done earlier

* [x] Choose the backend

## Notes of the team

1. [ ] Call Ann

## Phase 2 — Migration Setup

**Status:** Not started
"""


def texts(plan: Plan) -> list[str]:
    return [box.text for task in plan.tasks for box in task.walk()]


def test_a_plan_is_read_with_its_lines() -> None:
    plan = parse_plan(PLAN)
    assert plan.title == "Ledger entries"
    assert [(p.number, p.name, p.line) for p in plan.phases] == [
        (1, "Schema Design", 7),
        (2, "Migration Setup", 29),
    ]
    first, notes, second = plan.sections
    assert (first.status, first.status_line) == ("In Progress", 9)
    assert (first.gate, first.gate_line) == ("the table is reviewed", 19)
    assert (second.status, second.gate) == ("Not started", None)
    assert (notes.number, notes.name) == (None, "Notes of the team")
    assert [(task.text, task.mark, task.line) for task in first.tasks] == [
        ("Write the access-pattern table", "x", 11),
        ("Model the entities", "~", 14),
        ("Draw a diagram", "-", 17),
        ("Choose the backend", "x", 23),
    ]
    assert [sub.text for sub in first.tasks[0].subtasks] == ["List each query", "Ask the owner"]
    assert first.tasks[1].notes == ["See `schema.sql`,", "and [the notes](notes.md)."]
    assert [task.text for task in plan.preamble.tasks] == ["Name an owner"]


def test_progress_counts_boxes_and_top_level_tasks_without_dropped_ones() -> None:
    plan = parse_plan(PLAN)
    assert progress(plan) == Progress(done=3, total=7, tasks_done=2, tasks=5)
    assert progress(plan.phases[0]) == Progress(done=3, total=5, tasks_done=2, tasks=3)
    assert progress(parse_plan("")) == Progress(0, 0, 0, 0)


def test_the_next_open_box_is_the_innermost() -> None:
    plan = parse_plan(PLAN.replace("- [ ] Name an owner\n\n", ""))
    next_open = plan.next_open()
    assert next_open is not None
    assert next_open.text == "Ask the owner"
    assert parse_plan("- [x] a\n- [-] b\n").next_open() is None


@pytest.mark.parametrize(
    "hidden",
    [
        "```\n- [ ] no task\n```\n",
        "~~~ md\n- [ ] no task\n",
        "<!--\n- [ ] no task\n-->\n",
        "<details>\n- [ ] no task\n</details>\n",
        "\n    - [ ] no task\n",
        "> - [ ] no task\n",
        "- [link](x) no task\n- [1] no task\n",
        "| - [ ] no task |\n|---|\n",
    ],
)
def test_boxes_in_code_comments_and_quotes_are_no_tasks(hidden: str) -> None:
    assert texts(parse_plan(f"- [ ] a task\n\nText.\n\n{hidden}")) == ["a task"]


@pytest.mark.parametrize("indent", ["  ", "   ", "    ", "\t", "      ", "        "])
def test_subtasks_may_be_indented_as_people_do(indent: str) -> None:
    (task,) = parse_plan(f"- [ ] a\n{indent}- [x] b\n").tasks
    assert [(sub.text, sub.done) for sub in task.subtasks] == [("b", True)]


def test_a_task_below_text_is_not_nested() -> None:
    plan = parse_plan("- [ ] a\n\nText.\n\n  - [ ] b\n")
    assert [task.text for task in plan.tasks] == ["a", "b"]


def test_a_task_in_an_open_conflict_counts_once() -> None:
    text = "- [ ] a\n<<<<<<< before\n- [x] b, mine\n=======\n- [x] b, new\n>>>>>>> after\n- [ ] c\n"
    plan = parse_plan(text)
    assert progress(plan) == Progress(1, 3, 1, 3)
    assert [task.line for task in plan.tasks] == [1, 2, 7]


def test_windows_line_breaks_and_byte_order_mark_change_nothing() -> None:
    assert parse_plan("\ufeff" + PLAN.replace("\n", "\r\n")) == parse_plan(PLAN)


def test_deep_nesting_is_read() -> None:
    depth = 2000
    plan = parse_plan("".join(f"{' ' * level}- [x] t{level}\n" for level in range(depth)))
    assert progress(plan).total == depth


@given(st.text() | markdown())
def test_every_text_is_a_plan(text: str) -> None:
    plan = parse_plan(text)
    lines = text.replace("\r\n", "\n").split("\n")
    for task in plan.tasks:
        for box in task.walk():
            place = lines[box.line - 1]
            assert box.text in place or place.startswith("<<<<<<<")


@given(st.text() | markdown())
def test_reading_blocks_loses_nothing(text: str) -> None:
    document = parse(text)
    lines = [line for block in document.root.walk() for line in block.gap + block.lines]
    again = "\n".join([*lines, *document.end.gap]) + "\n" * document.final_newline
    assert again == text.removeprefix("\ufeff").replace("\r\n", "\n")


def test_blocks_know_their_lines() -> None:
    text = "# T\n\ntext\nmore\n\n| a | b |\n|---|---|\n| x | 1 |\n\n```\ncode\n```\n"
    assert [(b.kind, b.line) for b in parse(text).root.walk()][1:] == [
        (Kind.HEADING, 1),
        (Kind.TEXT, 3),
        (Kind.TABLE, 6),
        (Kind.ROW, 8),
        (Kind.CODE, 10),
    ]


def test_cells_are_split_at_unescaped_bars() -> None:
    assert cells(r"| a | b \| c |  |") == [" a ", r" b \| c ", "  "]
    assert cells("a | b") == ["a ", " b"]


def test_sides_of_a_conflict_leave_out_the_common_ancestor() -> None:
    block = "<<<<<<< a\nours\n||||||| b\nbase\n=======\ntheirs\n>>>>>>> c"
    assert conflict_sides(block) == (["ours"], ["theirs"])
    assert conflict_sides("ours") is None
