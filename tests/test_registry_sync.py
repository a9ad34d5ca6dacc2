import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage_conductor.errors import ConductorError
from storage_conductor.tracks.registry_edit import Edit, RegistryRow, rows, upsert
from storage_conductor.tracks.registry_read import parse
from storage_conductor.tracks.registry_sync import sync

from .conftest import commit, git
from .test_registry import HEADER, LINE, ROW, STARTER

A, B, C = (ROW._replace(id=f"storage-00{n}", title=f"Title {n}") for n in (1, 2, 3))


def line(row: RegistryRow) -> str:
    return upsert(HEADER, row).text.removeprefix(HEADER)


def registry(*tracks: RegistryRow) -> str:
    return HEADER + "".join(map(line, tracks))


def order(text: str) -> list[str]:
    return [entry.values["id"] for entry in rows(text)]


def test_a_registry_that_agrees_is_not_touched() -> None:
    text = STARTER.replace("---|\n", "---|\n" + line(B) + line(A))
    assert sync(text, [A, B]) == Edit(text)


def test_rows_keep_their_order_and_missing_ones_follow() -> None:
    text = f"# T\n\n{registry(C, A)}\nText\n"
    assert sync(text, [A, B, C]).text == f"# T\n\n{registry(C, A, B)}\nText\n"


def test_a_file_without_table_gets_one_only_for_rows() -> None:
    assert sync("# T\n", []).text == "# T\n"
    assert order(sync("# T\n", [A, B]).text) == [A.id, B.id]


def test_missing_rows_take_the_place_of_blank_rows() -> None:
    blank = "| | | |\n"
    text = HEADER + blank + line(A) + blank + blank
    assert sync(text, [A, B, C]).text == registry(B, A, C) + blank


def test_changed_cells_come_from_the_metadata_but_not_the_status() -> None:
    old = A._replace(title="Old", backend="Redis", status="Blocked")
    edit = sync(registry(old), [A])
    assert edit.text == registry(A._replace(status="Blocked"))
    assert len(edit.notes) == 1


def test_a_row_without_a_track_is_kept_and_told() -> None:
    edit = sync(registry(A, C), [A])
    assert edit.text == registry(A, C)
    (note,) = edit.notes
    assert note.startswith("storage-003: no track")


@pytest.mark.parametrize("base", ["", f"||||||| 1a2b3c\n{line(C)}"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_conflict_keeps_the_rows_of_both_sides(base: str, newline: str) -> None:
    text = f"{HEADER}<<<<<<< HEAD\n{line(B)}{base}=======\n{line(A)}>>>>>>> feature\n\nText\n"
    edit = sync(text.replace("\n", newline), [A, B])
    assert edit == Edit((registry(B, A) + "\nText\n").replace("\n", newline))


def test_a_conflict_about_one_row_ends_with_one_row_that_agrees_with_the_metadata() -> None:
    other = A._replace(status="Completed", updated="2025-12-31")
    for ours, theirs in ((A, other), (other, A)):
        text = f"{HEADER}<<<<<<< HEAD\n{line(ours)}=======\n{line(theirs)}>>>>>>> b\n{line(B)}"
        assert sync(text, [A, B]) == Edit(registry(A, B))


def test_a_row_twice_becomes_one() -> None:
    assert sync(registry(A, B, A, A), [A, B]) == Edit(registry(A, B))
    assert sync(registry(C, C), []).text == registry(C)


def test_two_different_rows_without_a_track_are_both_kept() -> None:
    text = registry(C, C._replace(title="Other"))
    edit = sync(text, [])
    assert edit.text == text
    assert len(edit.notes) == 1


def test_what_a_person_wrote_into_either_of_two_rows_is_kept_or_told() -> None:
    text = (
        "| ID | Title | Status | Owner | Link |\n|---|---|---|---|---|\n"
        "| storage-001 | Title 1 | Blocked | | x |\n"
        "| storage-001 | Title 1 | Reverted | ann | y |\n"
    )
    edit = sync(text, [A])
    assert edit.text.endswith("---|\n| storage-001 | Title 1 | Blocked | ann | x |\n")
    link, status, difference = edit.notes
    assert ("'y'" in link, "'x' is kept" in link) == (True, True)
    assert ("'Reverted'" in status, "'Blocked' is kept" in status) == (True, True)
    assert "both are kept" in difference


def test_rows_that_a_blank_line_or_comment_cut_off_join_the_table() -> None:
    text = f"{registry(A)}\n{line(B)}<!-- archive -->\n{line(C)}\nText\n"
    edit = sync(text, [A, B, C])
    assert edit.text == f"{registry(A, B, C)}<!-- archive -->\n\nText\n"
    assert parse(edit.text).problems() == []


@pytest.mark.parametrize(
    ("text", "at"),
    [
        (f"{HEADER}<<<<<<< HEAD\n{LINE}\n## A\n=======\n\n## B\n>>>>>>> b\n", 3),
        (f"<<<<<<< HEAD\n# A\n\n{HEADER}=======\n# B\n>>>>>>> b\n", 6),
        (f"{HEADER}<<<<<<< HEAD\n{LINE}<<<<<<< HEAD\n=======\n>>>>>>> b\n", 5),
        (f"{HEADER}{LINE}\n# Again\n\n{HEADER}", 7),
    ],
)
def test_what_sync_cannot_resolve_is_an_error_with_its_line(text: str, at: int) -> None:
    with pytest.raises(ConductorError) as caught:
        sync(text, [ROW])
    assert (caught.value.line, bool(caught.value.remedy)) == (at, True)


def test_the_merge_of_two_branches_that_add_a_row_is_repaired(tmp_path: Path) -> None:
    tracks = tmp_path / "tracks.md"
    for style, attributes in (("merge", ""), ("diff3", ""), ("merge", "tracks.md merge=union\n")):
        folder = tmp_path / f"{style}{len(attributes)}"
        folder.mkdir()
        tracks = folder / "tracks.md"
        (folder / ".gitattributes").write_text(attributes, encoding="utf-8")
        tracks.write_text(upsert(STARTER, A).text, encoding="utf-8")
        commit(folder)
        for branch, row in (("left", B), ("right", C)):
            git(folder, "checkout", "--quiet", "-b", branch, "main")
            changed = A._replace(status="Completed" if row is C else "Blocked")
            tracks.write_text(upsert(upsert(STARTER, changed).text, row).text, encoding="utf-8")
            commit(folder)
        merge = ["git", "-c", f"merge.conflictStyle={style}", "merge", "--quiet", "left"]
        subprocess.run(merge, cwd=folder, check=False, capture_output=True)
        merged = tracks.read_text(encoding="utf-8")
        assert parse(merged).faults
        done = A._replace(status="Completed")
        edit = sync(merged, [done, B, C])
        assert parse(edit.text).problems() == []
        assert sorted(order(edit.text)) == [A.id, B.id, C.id]
        assert edit.notes == ()
        assert edit.text.partition("## ")[2] == STARTER.partition("## ")[2]


@given(st.permutations([A, B, C, A, B]), st.integers(0, 5), st.booleans())
def test_sync_is_done_after_one_run(tracks: list[RegistryRow], cut: int, conflict: bool) -> None:
    ours, theirs = ("".join(map(line, part)) for part in (tracks[:cut], tracks[cut:]))
    marked = f"<<<<<<< a\n{ours}=======\n{theirs}>>>>>>> b\n"
    text = f"# T\n\n{HEADER}{marked if conflict else ours + theirs}\nText\n"
    edit = sync(text, [A, B, C])
    assert edit.text == f"# T\n\n{registry(*dict.fromkeys(tracks))}\nText\n"
    assert sync(edit.text, [A, B, C]) == edit


def track(title: str, storage_type: str, backend: str, status: str = "Planning") -> RegistryRow:
    day = "2026-01-01"
    return RegistryRow("storage-002", title, storage_type, backend, status, day, day)


def test_two_tracks_with_one_id_both_keep_their_rows() -> None:
    orders, carts = track("Orders", "database", "PostgreSQL"), track("Carts", "cache", "Redis")
    text = registry(orders, carts)
    edit = sync(text, [carts])
    assert edit.text == text
    (note,) = edit.notes
    assert "'Orders' and 'Carts' have the same id" in note
    (fault,) = parse(text).problems()
    assert fault.rule == "registry-duplicate-id"
    assert "'Orders' and 'Carts'" in fault.message


def test_a_row_that_one_branch_renamed_is_one_track() -> None:
    old = track("Orders", "database", "PostgreSQL")
    new = old._replace(title="Orders of guests")
    assert sync(registry(old, new), [new]) == Edit(registry(new))


@pytest.mark.parametrize("status", ["Reverted", "cancelled"])
def test_a_row_that_was_given_up_is_kept_without_a_word(status: str) -> None:
    text = registry(track("Orders", "database", "PostgreSQL", status))
    assert sync(text, []) == Edit(text)
