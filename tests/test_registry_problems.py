"""The registry: what cannot be understood, and what is found in it all the same."""

from __future__ import annotations

import pytest

from storage_conductor.errors import ConductorError
from storage_conductor.tracks.registry_edit import rows, upsert
from storage_conductor.tracks.registry_read import ids, known_status, parse, parse_for

from .test_registry import HEADER, LINE, ROW, other


@pytest.mark.parametrize(
    ("text", "rule", "line"),
    [
        (f"{HEADER}<<<<<<< HEAD\n{LINE}=======\n>>>>>>> b\n", "registry-conflict", 3),
        (f"<<<<<<< HEAD\n{HEADER}=======\n{HEADER}>>>>>>> b\n", "registry-half-conflict", 4),
        (f"{HEADER}<<<<<<< HEAD\n{LINE}", "registry-half-conflict", 3),
        (f"{HEADER}{LINE}>>>>>>> b\n", "registry-half-conflict", 4),
        (f"{HEADER}\n# Old\n\n{HEADER}", "registry-two-tables", 6),
        (HEADER.splitlines()[0] + "\n" + LINE, "registry-no-delimiter", 1),
        ("Text\n\nStorage ID | Title | Status\n--- | ---\n", "registry-no-delimiter", 3),
        ("| Title | Backend | Status |\n|---|---|---|\n", "registry-no-id-column", 1),
        (f"{HEADER}{LINE}{other('a | b')}", "registry-row", 4),
        (f"{HEADER}{LINE}{LINE}", "registry-duplicate-id", 4),
        (
            HEADER + LINE + LINE.replace("storage-042", "[Storage-042](x)"),
            "registry-duplicate-id",
            4,
        ),
        (f"# A\n\n\0{HEADER}", "registry-binary", 3),
        (f"# A\n\n```\n{HEADER}", "registry-unclosed-block", 3),
    ],
)
def test_what_cannot_be_understood_is_an_error_with_line_and_remedy(
    text: str, rule: str, line: int
) -> None:
    first = parse(text).problems()[0]
    assert (first.rule, first.line) == (rule, line)
    with pytest.raises(ConductorError) as caught:
        upsert(text, ROW)
    assert (caught.value.line, caught.value.remedy) == (line, first.remedy)


def test_conflict_markers_outside_of_the_table_do_not_matter() -> None:
    text = f"{HEADER}{other('storage-001')}\n<<<<<<< HEAD\na\n=======\nb\n>>>>>>> b\n"
    assert upsert(text, ROW).text == text.replace("\n\n<<<", f"\n{LINE}\n<<<")


def test_all_problems_of_a_file_are_listed_in_order() -> None:
    text = (
        f"{HEADER}{other('storage-001', 'Done')}| | Title |\n{LINE}{LINE}{other('a | b')}"
        f"\n{other('storage-002')}"
    )
    found = [(problem.line, problem.rule) for problem in parse(text).problems()]
    assert found == [
        (3, "registry-status"),
        (4, "registry-no-id"),
        (6, "registry-duplicate-id"),
        (7, "registry-row"),
        (9, "registry-cut-off-row"),
    ]


def test_a_file_without_a_table_is_a_problem_for_the_reader_only() -> None:
    assert [problem.rule for problem in parse("Text\n").problems()] == ["registry-no-table"]
    assert rows("Text\n") == []


def test_a_status_is_known_in_any_spelling() -> None:
    assert known_status("✅ **in-progress**") == "In Progress"
    assert known_status("Done") is None


def test_ids_are_found_in_a_registry_however_broken() -> None:
    text = (
        f"<<<<<<< HEAD\n{HEADER}| Orders-DB | t | | | | | | |\n{other('storage-001')}=======\n"
        f"\n| [storage-002](x) | y |\n```\nstorage-cache-003\n20240501 storage-20240501-101112.\n"
    )
    assert ids(text) >= {
        *("orders-db", "storage-001", "storage-002"),
        *("storage-cache-003", "storage-20240501-101112"),
    }
    assert ids("\0 storage-001") == {"storage-001"}


def test_a_line_of_every_row_is_told() -> None:
    text = f"# T\n\n{HEADER}{other('storage-001')}| | | |\n{LINE}"
    assert [(entry.line, entry.values["id"]) for entry in rows(text)] == [
        (5, "storage-001"),
        (7, "storage-042"),
    ]


@pytest.mark.parametrize(
    "written",
    ["storage-042", "Storage-042", "[storage-042](storages/x)", r"storage\-042", "storage&#45;042"],
)
def test_rows_of_some_tracks_are_those_of_the_whole_registry(written: str) -> None:
    text = HEADER + other("storage-001") + LINE.replace("storage-042", written) + LINE
    found = parse_for(text, {"storage-042"})
    assert found.first_entries(["storage-042"]) == parse(text).first_entries(["storage-042"])
    assert parse_for(text, {"storage-001"}).first_entries(["storage-001"])[0].line == 3
    assert parse_for(text, {"storage-002"}).first_entries(["storage-002"]) == []
