"""What holds for every merge, whatever the template and the user did.

`HYPOTHESIS_PROFILE=thorough` draws thousands of cases instead of a hundred.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from storage_conductor.markdown.blocks import conflict_sides, parse
from storage_conductor.update.merge import Merged, merge_metadata, merge_plan, merge_spec
from storage_conductor.update.merge.markdown import merge_documents
from storage_conductor.update.merge.text import TextClash, merge_lines
from tests.plan_edits import (
    Phase,
    Plan,
    Versions,
    markdown_versions,
    plan_histories,
    versions,
)
from tests.plan_reading import Task, read_plan

BOX = re.compile(r"\[[ xX~-]?\]")
BULLET = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+")
KEY = re.compile(r"\b[a-z]+[tugp]\d+\b")


def merged_without_shortcuts(base: str, ours: str, theirs: str) -> Merged:
    return merge_documents(parse(base), parse(ours), parse(theirs))


def lines(text: str) -> Counter[str]:
    """Count lines without indentation and bullets, blank ones and the state of boxes."""
    plain = (BULLET.sub("", BOX.sub("[]", line)).strip() for line in text.split("\n"))
    return Counter(line for line in plain if line)


def boxes(text: str) -> dict[str, list[Task]]:
    found: dict[str, list[Task]] = {}
    for top in read_plan(text).tasks:
        for task in top.walk():
            if key := KEY.search(task.text):
                found.setdefault(key[0], []).append(task)
    return found


def assert_markers_are_sound(merged: Merged) -> None:
    """Each conflict is named with its line, and none stands in another."""
    text = merged.text.replace("\r\n", "\n").split("\n")
    starts = [i for i, line in enumerate(text, 1) if line == "<<<<<<< before updating"]
    assert starts == [conflict.line for conflict in merged.conflicts]
    order = [line[0] for line in text if re.fullmatch(r"<{7} .*|={7}|>{7} .*", line)]
    assert order == ["<", "=", ">"] * len(starts)


# ---------------------------------------------------------------------------------------------
# Plans with a known history


@given(versions())
def test_an_untouched_plan_becomes_the_new_one_and_an_unchanged_template_changes_nothing(
    drawn: Versions,
) -> None:
    base, ours, theirs = drawn.texts()
    for merge in (merge_plan, merged_without_shortcuts):
        assert merge(base, base, theirs) == Merged(theirs, [])
        assert merge(base, ours, base) == Merged(ours, [])
        assert merge(base, ours, ours) == Merged(ours, [])


@given(versions())
def test_no_line_and_no_tick_of_the_user_is_lost_or_invented(drawn: Versions) -> None:
    base, ours, theirs = drawn.texts()
    text = merge_plan(base, ours, theirs).text
    assert not lines(ours) - lines(base) - lines(text)
    merged, own = boxes(text), boxes(ours)
    for key, tasks in merged.items():
        expected = own[key][0].mark if key in own else " "
        assert [task.mark for task in tasks] == [expected], key
    ticked = {key for key, tasks in own.items() if tasks[0].mark != " "}
    assert ticked <= set(merged)


@given(versions())
def test_each_task_is_there_once_unless_someone_removed_it(drawn: Versions) -> None:
    base, ours, theirs = ({t.key for t in plan.boxes()} for plan in plans(drawn))
    merged = set(boxes(merge_plan(*drawn.texts()).text))
    assert merged >= ours & theirs
    assert merged >= ours - base
    assert not merged & (base - ours)
    assert theirs - base - merged <= set(under_what_the_user_removed(drawn))
    untouched = {key for key in base & ours - theirs if not was_touched(drawn, key)}
    holders = {task.key for task in drawn.ours.boxes() if task.subtasks}
    assert not merged & (untouched - holders)


@given(versions())
def test_a_conflict_is_only_what_both_sides_worded_differently(drawn: Versions) -> None:
    merged = merge_plan(*drawn.texts())
    base, ours, theirs = (dict(wordings(plan)) for plan in plans(drawn))
    disputed = [
        key
        for key in base.keys() & ours.keys() & theirs.keys()
        if len({base[key], ours[key], theirs[key]}) == 3
    ]
    assert len(merged.conflicts) == len(disputed)
    assert_markers_are_sound(merged)


@given(versions())
def test_merging_the_result_again_changes_nothing(drawn: Versions) -> None:
    base, ours, theirs = drawn.texts()
    text = merge_plan(base, ours, theirs).text
    assert merge_plan(theirs, text, theirs) == Merged(text, [])
    assert merged_without_shortcuts(theirs, text, theirs) == Merged(text, [])


@given(versions())
def test_order_is_the_users_where_the_template_moved_nothing(drawn: Versions) -> None:
    merged = list(boxes(merge_plan(*drawn.texts()).text))
    if not {"move_task", "remove_phase"} & set(drawn.template_edits):
        kept = [task.key for task in drawn.ours.boxes() if task.key in merged]
        assert [key for key in merged if key in kept] == kept
    if not {"move_task", "remove_phase", "remove_task"} & set(drawn.user_edits):
        new = [task.key for task in drawn.theirs.boxes()]
        assert [key for key in merged if key in new] == [key for key in new if key in merged]


@given(versions())
def test_the_users_line_breaks_are_kept(drawn: Versions) -> None:
    base, ours, theirs = drawn.texts()
    merged = merge_plan(base, ours, theirs)
    windows = merge_plan(base, "\ufeff" + ours.replace("\n", "\r\n"), theirs)
    assert windows.text == "\ufeff" + merged.text.replace("\n", "\r\n")
    assert windows.conflicts == merged.conflicts


@given(plan_histories())
def test_ticks_and_additions_never_conflict_over_many_updates(
    history: tuple[str, list[tuple[list[str], str]]],
) -> None:
    base, updates = history
    text = base
    for edits, theirs in updates:
        for edit in edits:
            text = apply_line_edit(text, edit)
        marks = {key: [t.mark for t in tasks] for key, tasks in boxes(text).items()}
        own = Counter({line: n for line, n in lines(text).items() if "mine" in line})
        merged = merge_plan(base, text, theirs)
        assert merged.conflicts == []
        after = boxes(merged.text)
        assert not own - lines(merged.text)
        for key, tasks in boxes(theirs).items():
            assert [t.mark for t in after[key]] == marks.get(key, [t.mark for t in tasks])
        base, text = theirs, merged.text


def apply_line_edit(text: str, edit: str) -> str:
    """Tick the n-th open box (`tick n`), or put a line before the n-th one (`n:line`)."""
    found = text.split("\n")
    number, _, line = edit.partition(":")
    if line:
        index = int(number) % len(found)
        while found[index].startswith("  ") and "[" not in found[index]:
            index += 1  # not between a task and its own lines
        found.insert(index, line)
        return "\n".join(found)
    open_boxes = [index for index, one in enumerate(found) if "[ ]" in one]
    if open_boxes:
        index = open_boxes[int(number) % len(open_boxes)]
        found[index] = found[index].replace("[ ]", "[x]")
    return "\n".join(found)


def plans(drawn: Versions) -> tuple[Plan, Plan, Plan]:
    return drawn.base, drawn.ours, drawn.theirs


def was_touched(drawn: Versions, key: str) -> bool:
    base, ours = ({t.key: t for t in plan.boxes()}[key] for plan in (drawn.base, drawn.ours))
    own = (ours.mark, ours.text, ours.notes)
    return own != (base.mark, base.text, base.notes)


def under_what_the_user_removed(drawn: Versions) -> Iterator[str]:
    """Yield the tasks of the new template under a phase or a task that the user removed."""
    base, ours = (
        {phase.key for phase in plan.phases} | {task.key for task in plan.boxes()}
        for plan in (drawn.base, drawn.ours)
    )
    removed = base - ours
    for phase in drawn.theirs.phases:
        for task in phase.tasks:
            if {phase.key, task.key} & removed:
                yield from (task.key, *(subtask.key for subtask in task.subtasks))


def wordings(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yield what of a plan can be worded differently, under a name that stays the same."""
    for task in plan.boxes():
        yield task.key, task.text
        yield from ((KEY.findall(note)[0], note) for note in task.notes)
    yield from ((KEY.findall(paragraph)[0], paragraph) for paragraph in plan.intro)
    phase: Phase
    for phase in plan.phases:
        yield phase.key, phase.heading
        yield f"gate of {phase.key}", str(phase.gate)


# ---------------------------------------------------------------------------------------------
# Any Markdown


@given(markdown_versions())
def test_any_markdown_merges_without_loss(drawn: tuple[str, str, str]) -> None:
    base, ours, theirs = drawn
    # A text that holds marks of conflicts by itself is taken whole where one side changed nothing.
    marked = "<<<<<<<" in base + ours + theirs
    merge = merge_spec if marked else merged_without_shortcuts
    assert merge(base, base, theirs).text == theirs
    assert merge(base, ours, base).text == ours
    assert merge(base, ours, ours).text == ours
    merged = merge_spec(base, ours, theirs)
    own = {line for line in lines(ours) if re.search(r"\bu\d[a-h]", line)}
    if not marked:
        assert own <= set(lines(merged.text))
        assert len(merged.conflicts) == merged.text.count("<<<<<<< before updating")
    again = merged_without_shortcuts(theirs, merged.text, theirs)
    assert again.text == merged.text


# ---------------------------------------------------------------------------------------------
# Runs of lines

RUNS = st.lists(st.sampled_from("abcde"), max_size=8)


@given(RUNS, RUNS, RUNS)
def test_a_run_of_lines_keeps_what_one_side_alone_changed(
    base: list[str], ours: list[str], theirs: list[str]
) -> None:
    assert merge_lines(base, ours, base) == ours
    assert merge_lines(base, base, theirs) == theirs
    assert merge_lines(base, ours, ours) == ours


@given(RUNS, RUNS, RUNS)
def test_a_clash_of_lines_holds_both_sides(
    base: list[str], ours: list[str], theirs: list[str]
) -> None:
    for piece in merge_lines(base, ours, theirs):
        if isinstance(piece, TextClash):
            assert piece.ours
            assert piece.theirs
            assert piece.ours != piece.theirs
            assert piece.base not in (piece.ours, piece.theirs)


# ---------------------------------------------------------------------------------------------
# Metadata

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner),
    max_leaves=5,
)
OBJECTS = st.dictionaries(st.sampled_from(["id", "title", "status", "updated", "own"]), VALUES)


def dumped(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def same(one: object, two: object) -> bool:
    return json.dumps(one, sort_keys=True) == json.dumps(two, sort_keys=True)


@given(OBJECTS, OBJECTS, OBJECTS)
def test_metadata_keeps_what_one_side_alone_changed(
    base: dict[str, object], ours: dict[str, object], theirs: dict[str, object]
) -> None:
    old, own, new = map(dumped, (base, ours, theirs))
    assert merge_metadata(old, own, old) == Merged(own, [])
    assert merge_metadata(old, own, own) == Merged(own, [])
    assert merge_metadata(old, old, new) == Merged(new, [])
    text = merge_metadata(old, own, new).text
    assert merge_metadata(new, text, new) == Merged(text, [])
    merged = json.loads(text)
    for key, value in ours.items():
        if key not in base or not same(base[key], value):
            assert isinstance(value, dict) or same(merged[key], value)
            assert key in merged
    assert not merged.keys() & (base.keys() - ours.keys())
    assert merged.keys() >= theirs.keys() - base.keys()


def test_sides_are_found_again_in_what_is_written() -> None:
    merged = merge_plan("- [ ] a b c\n", "- [x] a b c, mine\n", "- [ ] a b c, new\n")
    (line,) = parse(merged.text).root.children[0].lines
    assert conflict_sides(line) == (["- [x] a b c, mine"], ["- [x] a b c, new"])
