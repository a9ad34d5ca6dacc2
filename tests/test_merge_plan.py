"""Merging plans: what survives, what arrives, and where a person has to decide."""

from __future__ import annotations

import pytest

from storage_conductor.update.merge import Conflict, TaskKeys, merge_plan
from tests.plan_reading import read_plan

BASE = """\
# Plan: Ledger entries

Read the [spec](spec.md) first.

## Phase 1: Schema Design

**Status**: Not started

- [ ] Write the access-pattern table for the ledger
  - [ ] List each query with its rate
  - [ ] Ask the owner for review
- [ ] Model the entities of the ledger
  Start from `schema.sql`.
- [ ] Decide the key type

**Gate**: the owner has reviewed the table

## Phase 2: Migration Setup

**Status**: Not started

- [ ] Choose the migration tool
- [ ] Write the first migration and its rollback

**Gate**: the migration runs on an empty database
"""


def change(text: str, *changes: tuple[str, str]) -> str:
    """Replace each old part, which must be there once, by a new one."""
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def merged(ours: str, theirs: str, base: str = BASE) -> str:
    """Merge without conflicts."""
    result = merge_plan(base, ours, theirs)
    assert result.conflicts == []
    assert "<<<<<<<" not in result.text
    return result.text


def boxes_of(text: str) -> list[str]:
    """Return the lines of a plan that have a box."""
    return [line for line in text.splitlines() if line.lstrip().startswith("- [")]


OWNER = "  - [ ] Ask the owner for review\n"
KEY = "- [ ] Decide the key type\n"
TOOL = "- [ ] Choose the migration tool\n"


def test_a_tick_beside_a_new_and_a_reworded_task_does_not_conflict() -> None:
    ours = change(BASE, (KEY, "- [x] Decide the key type\n"))
    theirs = change(
        BASE,
        ("Model the entities of the ledger", "Model the entities of the ledger as a diagram"),
        (KEY, f"{KEY}- [ ] Draw the diagram\n"),
    )
    assert merged(ours, theirs) == change(theirs, (KEY, "- [x] Decide the key type\n"))


@pytest.mark.parametrize("mark", ["x", "X", "-", "~"])
def test_a_mark_stays_as_written_on_a_reworded_task(mark: str) -> None:
    ours = change(BASE, (KEY, f"- [{mark}] Decide the key type\n"))
    theirs = change(BASE, (KEY, "- [ ] Decide the key type of each entity\n"))
    assert f"- [{mark}] Decide the key type of each entity\n" in merged(ours, theirs)


def test_a_tick_goes_with_a_task_that_the_template_moves() -> None:
    ours = change(BASE, (TOOL, "- [x] Choose the migration tool\n  We took Flyway.\n"))
    theirs = change(BASE, (TOOL, ""), (KEY, f"{TOOL}{KEY}"))
    expected = change(theirs, (TOOL, "- [x] Choose the migration tool\n  We took Flyway.\n"))
    assert merged(ours, theirs) == expected


def test_a_ticked_task_that_the_template_removed_stays_on_record() -> None:
    ours = change(BASE, (KEY, "- [x] Decide the key type\n"))
    theirs = change(BASE, (KEY, ""))
    assert merged(ours, theirs) == ours


def test_an_untouched_task_that_the_template_removed_goes() -> None:
    ours = change(BASE, (TOOL, "- [x] Choose the migration tool\n"))
    theirs = change(BASE, (KEY, ""), (OWNER, ""))
    assert merged(ours, theirs) == change(theirs, (TOOL, "- [x] Choose the migration tool\n"))


def test_the_templates_keys_tell_what_words_do_not() -> None:
    ours_tool = TOOL.replace(" ]", "x]")
    ours = change(BASE, (KEY, "- [x] Decide the key type\n"), (TOOL, ours_tool))
    new_key, new_tool = "- [ ] Agree on identifiers\n", "- [ ] Decide the key sort\n"
    theirs = change(BASE, (KEY, ""), (TOOL, f"{new_tool}{new_key}"))
    keys = TaskKeys(
        {"Decide the key type": "key", "Choose the migration tool": "tool"},
        {"Agree on identifiers": "key", "Decide the key sort": "sort"},
    )
    result = merge_plan(BASE, ours, theirs, keys)
    assert result.conflicts == []
    assert sorted(boxes_of(result.text)) == sorted(
        [*boxes_of(change(theirs, (new_key, new_key.replace(" ]", "x]")))), ours_tool.strip()]
    )


def test_a_template_that_words_its_tasks_by_itself_is_matched_by_their_words() -> None:
    ours = change(BASE, (KEY, "- [x] Decide the key type\n"))
    theirs = change(BASE, (KEY, "- [ ] Decide the key type of each entity\n"))
    keys = TaskKeys({"Decide the key type": "key"}, {"Not in the file at all": "key"})
    result = merge_plan(BASE, ours, theirs, keys)
    assert "- [x] Decide the key type of each entity\n" in result.text


@pytest.mark.parametrize(
    "kept",
    [
        "- [ ] Decide the key type, uuid or bigint\n",
        "- [ ] Decide the key type\n  Ann prefers uuid.\n",
        "- [ ] Decide the key type\n  - [ ] Ask Ann\n",
        "- [ ] Decide the key type\n\n  Ann prefers uuid.\n",
    ],
)
def test_a_removed_task_that_the_user_worked_on_stays(kept: str) -> None:
    ours = change(BASE, (KEY, kept))
    assert merged(ours, change(BASE, (KEY, ""))) == ours


def test_a_removed_task_stays_for_a_ticked_sub_task_alone() -> None:
    ours = change(BASE, (OWNER, "  - [x] Ask the owner for review\n"))
    table = BASE[BASE.index("- [ ] Write the access") : BASE.index("- [ ] Model")]
    theirs = change(BASE, (table, ""))
    expected = change(ours, ("  - [ ] List each query with its rate\n", ""))
    assert merged(ours, theirs) == expected


def test_a_removed_phase_stays_whole_around_what_was_done() -> None:
    ours = change(BASE, (TOOL, "- [x] Choose the migration tool\n"))
    theirs = BASE[: BASE.index("\n## Phase 2")]
    expected = change(ours, ("- [ ] Write the first migration and its rollback\n", ""))
    assert merged(ours, theirs) == expected


def test_what_the_user_added_anywhere_survives() -> None:
    ours = change(
        BASE,
        ("# Plan: Ledger entries\n", "# Plan: Ledger entries\n\nOwned by Ann.\n"),
        (OWNER, f"{OWNER}  - [x] Ask Ann as well\n"),
        ("  Start from `schema.sql`.\n", "  Start from `schema.sql`.\n  See https://wiki/12.\n"),
        (KEY, f"> Ann: think of sharding.\n\n{KEY}- [ ] Talk to the team\n"),
        (
            "reviewed the table\n",
            "reviewed the table\n\nReviewed on Monday.\n\n## Notes\n\nMine.\n",
        ),
        (TOOL, f"```\n- [ ] no task\n```\n\n{TOOL}"),
    )
    theirs = change(
        BASE,
        ("Read the [spec](spec.md) first.", "Read the [specification](spec.md) first."),
        (OWNER, ""),
        ("  Start from `schema.sql`.\n", "  Start from `schema/`.\n"),
        (KEY, f"- [ ] Name the constraints\n{KEY}"),
        ("reviewed the table\n", "reviewed the table and signed it\n"),
        (TOOL, "- [ ] Choose and install the migration tool\n"),
    )
    text = merged(ours, theirs)
    for line in set(ours.split("\n")) - set(BASE.split("\n")):
        assert line in text.split("\n")
    for line in set(theirs.split("\n")) - set(BASE.split("\n")):
        assert line in text.split("\n")
    assert "ledger\n  Start from `schema/`.\n  See https://wiki/12.\n> Ann: think" in text


def test_the_users_wording_stays_where_the_template_changed_nothing() -> None:
    ours = change(BASE, (KEY, "- [ ] Decide the key type: uuid\n"))
    theirs = change(BASE, (TOOL, f"{TOOL}- [ ] Install it in the build\n"))
    assert "- [ ] Decide the key type: uuid\n" in merged(ours, theirs)


def test_two_wordings_are_a_conflict_around_that_line_with_the_tick_on_both_sides() -> None:
    ours = change(BASE, (KEY, "- [x] Decide the key type: uuid\n  See ADR 7.\n"))
    theirs = change(BASE, (KEY, "- [ ] Decide the key type of each entity\n"))
    result = merge_plan(BASE, ours, theirs)
    assert result.text == change(
        BASE,
        (
            KEY,
            "<<<<<<< before updating\n"
            "- [x] Decide the key type: uuid\n"
            "=======\n"
            "- [x] Decide the key type of each entity\n"
            ">>>>>>> after updating\n"
            "  See ADR 7.\n",
        ),
    )
    what = "task “Decide the key type: uuid” in “Phase 1: Schema Design”"
    assert result.conflicts == [Conflict(14, what)]


def test_a_gate_that_both_changed_is_a_conflict() -> None:
    ours = change(BASE, ("has reviewed the table", "and Ann have reviewed the table"))
    theirs = change(BASE, ("has reviewed the table", "has signed the table"))
    result = merge_plan(BASE, ours, theirs)
    assert result.conflicts == [Conflict(16, "line “gate” in “Phase 1: Schema Design”")]


def test_a_deleted_task_stays_deleted_though_the_template_rewords_it() -> None:
    ours = change(BASE, (KEY, ""))
    theirs = change(BASE, (KEY, "- [ ] Decide the key type of each entity\n"))
    assert merged(ours, theirs) == ours


def test_the_users_order_wins_and_new_tasks_follow_their_neighbour() -> None:
    first = "- [ ] Write the first migration and its rollback\n"
    ours = change(BASE, (f"{TOOL}{first}", f"{first}{TOOL}"))
    theirs = change(BASE, (TOOL, f"{TOOL}- [ ] Install it in the build\n"))
    assert f"{first}{TOOL}- [ ] Install it in the build\n" in merged(ours, theirs)


def test_a_task_that_the_user_moved_stays_there_and_is_reworded_there() -> None:
    ours = change(BASE, (TOOL, ""), (KEY, f"{KEY}{TOOL}"))
    theirs = change(BASE, (TOOL, "- [ ] Choose the migration tool by the standard\n"))
    expected = change(ours, (TOOL, "- [ ] Choose the migration tool by the standard\n"))
    assert merged(ours, theirs) == expected


def test_the_template_may_reorder_what_the_user_left_in_place() -> None:
    first = "- [ ] Write the first migration and its rollback\n"
    theirs = change(BASE, (f"{TOOL}{first}", f"{first}{TOOL}"))
    ours = change(BASE, (TOOL, f"{TOOL}  - [x] Ask Ann\n"))
    assert f"{first}{TOOL}  - [x] Ask Ann\n" in merged(ours, theirs)


def test_the_phase_status_is_the_users() -> None:
    ours = change(BASE, ("Design\n\n**Status**: Not started", "Design\n\n**Status**: In Progress"))
    theirs = BASE.replace("Not started", "Planned")
    text = merged(ours, theirs)
    assert read_plan(text).statuses == ["In Progress", "Planned"]


def test_a_phase_that_the_user_renamed_still_gets_the_templates_changes() -> None:
    ours = change(BASE, ("## Phase 1: Schema Design", "## Phase 1: Our model"))
    theirs = change(BASE, (KEY, f"{KEY}- [ ] Name the constraints\n"), ("has reviewed", "signed"))
    expected = change(theirs, ("## Phase 1: Schema Design", "## Phase 1: Our model"))
    assert merged(ours, theirs) == expected


def test_a_new_phase_goes_between_its_neighbours_and_numbers_change() -> None:
    theirs = change(
        BASE,
        (
            "## Phase 2",
            "## Phase 2: Sizing\n\n**Status**: Not started\n\n- [ ] Count\n\n## Phase 3",
        ),
    )
    ours = change(BASE, (TOOL, "- [x] Choose the migration tool\n"))
    expected = change(theirs, (TOOL, "- [x] Choose the migration tool\n"))
    assert merged(ours, theirs) == expected


def test_a_new_task_is_there_though_the_user_dissolved_its_phase() -> None:
    heading = BASE[BASE.index("\n## Phase 2") : BASE.index(TOOL)]
    ours = change(BASE, (heading, "\n"))
    theirs = change(BASE, (TOOL, f"{TOOL}- [ ] Install it in the build\n"))
    assert f"{TOOL}- [ ] Install it in the build\n" in merged(ours, theirs)


def test_a_task_that_the_user_added_first_is_there_once_and_keeps_its_tick() -> None:
    ours = change(BASE, (KEY, f"{KEY}- [x] Name the constraints\n"))
    theirs = change(BASE, (KEY, f"- [ ] Name the constraints\n{KEY}"))
    assert merged(ours, theirs) == ours


def test_new_tasks_follow_the_users_bullets_and_indentation() -> None:
    ours = BASE.replace("- [ ]", "* [ ]").replace("  * [ ]", "    * [ ]")
    theirs = change(BASE, (OWNER, f"{OWNER}  - [ ] Ask the team\n"), (KEY, f"{KEY}- [ ] Name it\n"))
    text = merged(ours, theirs)
    assert "    * [ ] Ask the owner for review\n    * [ ] Ask the team\n" in text
    assert "* [ ] Decide the key type\n* [ ] Name it\n" in text


def test_an_open_conflict_is_kept_and_takes_the_templates_next_wording() -> None:
    ours = change(BASE, (KEY, "- [x] Decide the key type: uuid\n"))
    second = change(BASE, (KEY, "- [ ] Decide the key type of each entity\n"))
    third = change(BASE, (KEY, "- [ ] Decide the key type of each table\n"))
    open_conflict = merge_plan(BASE, ours, second).text
    later = change(second, (TOOL, f"{TOOL}- [ ] Install it in the build\n"))
    kept = merge_plan(second, open_conflict, later)
    assert kept.text == change(open_conflict, (TOOL, f"{TOOL}- [ ] Install it in the build\n"))
    again = merge_plan(second, open_conflict, third).text
    assert again.count("<<<<<<<") == 1
    assert "- [x] Decide the key type: uuid\n" in again
    assert "- [ ] Decide the key type of each table\n" in again


def test_what_both_changed_alike_is_no_conflict() -> None:
    ours = change(BASE, (KEY, "- [x] Decide the key type of each entity\n"))
    theirs = change(BASE, (KEY, "- [ ] Decide the key type of each entity\n"))
    assert merged(ours, theirs) == ours


def test_final_newline_and_line_breaks_are_the_users() -> None:
    theirs = change(BASE, (KEY, f"{KEY}- [ ] Name the constraints\n"))
    ours = change(BASE, (TOOL, "- [x] Choose the migration tool\n"))
    expected = change(theirs, (TOOL, "- [x] Choose the migration tool\n"))
    assert merged(ours.rstrip("\n"), theirs) == expected.rstrip("\n")
    assert merged(BASE.replace("\n", "\r\n"), theirs) == theirs.replace("\n", "\r\n")
    assert merged(f"\ufeff{ours}", theirs) == f"\ufeff{expected}"
