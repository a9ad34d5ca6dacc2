"""Reading Markdown: what is a box, what belongs to what, and no line is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage_conductor.markdown import outline
from storage_conductor.markdown.blocks import BlockKind, cells, conflict_sides, parse
from storage_conductor.markdown.boxes import State
from tests.plan_edits import markdown
from tests.plan_reading import read_plan


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
    text = f"- [ ] a task\n\nText.\n\n{hidden}"
    assert [task.text for task in read_plan(text).tasks] == ["a task"]


@pytest.mark.parametrize("opening", ["```", "~~~ md", "<!--", "> quoted", "| a |\n|---|"])
def test_the_outline_passes_over_what_is_no_box(opening: str) -> None:
    closing = {"<": "-->", "`": "```", "~": "~~~"}.get(opening[0], "")
    inner = {">": "> - [ ] no", "|": "| - [ ] no |"}.get(opening[0], "- [ ] no")
    text = f"- [ ] a task\n\nText.\n\n{opening}\n{inner}\n{closing}\n\n- [x] done\n"
    assert [(box.text, box.state is State.DONE) for box in outline.read(text).boxes] == [
        ("a task", False),
        ("done", True),
    ]


@pytest.mark.parametrize("indent", ["  ", "   ", "    ", "\t", "      ", "        "])
def test_subtasks_may_be_indented_as_people_do(indent: str) -> None:
    text = f"- [ ] a\n{indent}- [x] b\n"
    assert [(box.text, box.state is State.DONE) for box in outline.read(text).boxes] == [
        ("a", False),
        ("b", True),
    ]
    (task,) = read_plan(text).tasks
    assert [(sub.text, sub.mark) for sub in task.subtasks] == [("b", "x")]


def test_a_task_below_text_is_not_nested() -> None:
    plan = read_plan("- [ ] a\n\nText.\n\n  - [ ] b\n")
    assert [task.text for task in plan.tasks] == ["a", "b"]


def test_deep_nesting_is_read() -> None:
    depth = 2000
    text = "".join(f"{' ' * level}- [x] t{level}\n" for level in range(depth))
    (task,) = read_plan(text).tasks
    assert len(list(task.walk())) == len(outline.read(text).boxes) == depth


@given(st.text() | markdown())
def test_reading_blocks_loses_nothing(text: str) -> None:
    document = parse(text)
    lines = [line for block in document.root.walk() for line in block.gap + block.lines]
    again = "\n".join([*lines, *document.end.gap]) + "\n" * document.final_newline
    assert again == text.removeprefix("\ufeff").replace("\r\n", "\n")


def test_blocks_know_their_lines() -> None:
    text = "# T\n\ntext\nmore\n\n| a | b |\n|---|---|\n| x | 1 |\n\n```\ncode\n```\n"
    assert [(b.kind, b.line) for b in parse(text).root.walk()][1:] == [
        (BlockKind.HEADING, 1),
        (BlockKind.TEXT, 3),
        (BlockKind.TABLE, 6),
        (BlockKind.ROW, 8),
        (BlockKind.CODE, 10),
    ]


def test_cells_are_split_at_unescaped_bars() -> None:
    assert cells(r"| a | b \| c |  |") == [" a ", r" b \| c ", "  "]
    assert cells("a | b") == ["a ", " b"]


def test_sides_of_a_conflict_leave_out_the_common_ancestor() -> None:
    block = "<<<<<<< a\nours\n||||||| b\nbase\n=======\ntheirs\n>>>>>>> c"
    assert conflict_sides(block) == (["ours"], ["theirs"])
    assert conflict_sides("ours") is None
