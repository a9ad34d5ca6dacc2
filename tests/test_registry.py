import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage_conductor.errors import ConductorError
from storage_conductor.markdown.tables import clean
from storage_conductor.tracks.registry_edit import RegistryRow, rows, upsert
from storage_conductor.tracks.registry_read import COLUMNS, STATUSES, parse

STARTER = (
    Path(__file__).resolve().parents[1] / "extensions/storage_conductor/starters/tracks.md"
).read_text(encoding="utf-8")
HEADER = (
    "| Storage ID | Title | Storage Type | Backend | Type | Status | Created Date | Updated Date |"
    "\n|----------|-------|--------------|---------|------|--------|--------------|-----------|\n"
)
ROW = RegistryRow(
    id="storage-042",
    title="Payments ledger",
    storage_type="database",
    backend="PostgreSQL",
    status="Planning",
    created="2026-01-31",
    updated="2026-02-01",
)
LINE = (
    "| storage-042 | Payments ledger | database | PostgreSQL | Storage Component | Planning"
    " | 2026-01-31 | 2026-02-01 |\n"
)


def other(storage_id: str, status: str = "Blocked") -> str:
    return (
        f"| {storage_id} | Other | cache | Redis | Storage Component | {status}"
        " | 2025-01-01 | 2025-01-02 |\n"
    )


def fields(text: str, storage_id: str = ROW.id) -> dict[str, str]:
    (found,) = [dict(entry.values) for entry in rows(text) if entry.values.get("id") == storage_id]
    return found


# Where the row goes


def test_the_starter_holds_the_table_that_a_file_without_one_gets() -> None:
    header = "| " + " | ".join(names[0] for names in COLUMNS.values()) + " |\n"
    assert header in STARTER
    assert upsert("Text\n", ROW).text == "Text\n\n" + header + "|" + "---|" * 8 + "\n" + LINE
    registry = parse(STARTER)
    assert (registry.problems(), registry.columns) == ([], list(COLUMNS))
    assert upsert(STARTER, ROW).text == STARTER.replace("---|\n", "---|\n" + LINE)


def test_the_starter_explains_every_status() -> None:
    assert [line[4:].split("**")[0] for line in STARTER.splitlines() if line[:4] == "- **"] == list(
        STATUSES
    )


def test_a_new_row_follows_the_last_row_and_not_the_end_of_the_file() -> None:
    text = f"# Tracks\n\n{HEADER}{other('storage-001')}\n## Status Definitions\n\n- text\n"
    assert upsert(text, ROW).text == text.replace("\n\n## Status", f"\n{LINE}\n## Status")


def test_a_new_row_takes_the_place_of_the_blank_row_and_keeps_its_width() -> None:
    blank = (
        "|            |       |              |         |      |        |              |      |\n"
    )
    text = upsert(f"{HEADER}{blank}\n## More\n", ROW).text
    assert text == (
        HEADER + "| storage-042 | Payments ledger | database     | PostgreSQL | Storage Component"
        " | Planning | 2026-01-31   | 2026-02-01 |\n\n## More\n"
    )


def test_only_the_first_of_several_blank_rows_is_taken() -> None:
    blank = "| | | | | | | | |\n"
    assert upsert(HEADER + blank + other("storage-001") + blank, ROW).text == (
        HEADER + LINE + other("storage-001") + blank
    )


def test_a_table_without_a_final_newline_stays_without_one() -> None:
    text = HEADER + other("storage-001").rstrip("\n")
    assert upsert(text, ROW).text == text + "\n" + LINE.rstrip("\n")


def test_windows_line_endings_and_byte_order_mark_stay() -> None:
    text = "\ufeff" + (HEADER + other("storage-001") + "\nText\n").replace("\n", "\r\n")
    new = upsert(text, ROW).text
    assert new == text.replace("\r\n\r\nText", "\r\n" + LINE.replace("\n", "\r\n") + "\r\nText")


def test_old_mac_line_endings_stay() -> None:
    text = (HEADER + other("storage-001")).replace("\n", "\r")
    assert upsert(text, ROW).text == text + LINE.replace("\n", "\r")


def test_a_table_is_added_before_the_first_section_of_a_file_without_one() -> None:
    new = upsert("# Ours\n\nIntro.\n\n## Rules\n\nText\n", ROW).text
    assert new.startswith("# Ours\n\nIntro.\n\n| Storage ID |")
    assert new.endswith(LINE + "\n## Rules\n\nText\n")
    assert fields(new)["title"] == ROW.title


@pytest.mark.parametrize(
    "decoy",
    [
        f"```\n{HEADER}```\n",
        f"~~~ md\n{HEADER}\n~~~\n",
        f"<!--\n{HEADER}\n-->\n",
        f"<pre>\n{HEADER}</pre>\n",
        "| Team | Owner | Status |\n|---|---|---|\n| a | b | c |\n",
        "| ID | Title | Status |\n|---|---|---|\n| 7 | A decision | open |\n",
    ],
)
def test_other_tables_and_examples_are_left_alone(decoy: str) -> None:
    assert upsert(f"{decoy}\n{HEADER}", ROW).text == f"{decoy}\n{HEADER}{LINE}"
    assert upsert(f"{HEADER}\n{decoy}", ROW).text == f"{HEADER}{LINE}\n{decoy}"


# Varieties of the table


@pytest.mark.parametrize(
    "header",
    [
        "| **storage id** | `Title` | STORAGE TYPE | Backend | Status | Created | Updated |",
        "Storage_ID | Title | Storage-Type | Backend | Status | Created Date | Updated Date",
        "|Title|Updated|ID|Backend|Storage Type|State|Created On|",
        "  | [Storage ID](#a) |Title| Storage  Type |Backend | Status: | Created at | Updated at |",
    ],
)
def test_columns_are_known_by_name_in_any_order_and_spelling(header: str) -> None:
    delimiter = "|" + ":-:|" * 7
    text = upsert(f"{header}\n{delimiter}\n", ROW).text
    expected = ROW._asdict()
    del expected["type"]
    assert fields(text) == expected


def test_a_teams_own_columns_stay_as_they_are() -> None:
    text = (
        "| Owner | Storage ID | Title | Status | type |Type|\n|---|---|---|---|---|---|\n"
        "| @ann  | storage-042 | Old | Planning | x | y |\n"
    )
    new = upsert(text, ROW).text
    assert "| @ann  | storage-042 | Payments ledger | Planning | Storage Component | y |" in new
    assert fields(new) == {
        "Owner": "@ann",
        "id": ROW.id,
        "title": ROW.title,
        "status": "Planning",
        "type": "Storage Component",
        "Type (6)": "y",
    }
    assert upsert(new, ROW._replace(id="storage-043")).text.endswith(
        "\n| | storage-043 | Payments ledger | Planning | Storage Component | |\n"
    )


def test_an_indented_table_stays_indented() -> None:
    text = "  | ID | Title | Status |\n  |---|---|---|\n"
    assert upsert(text, ROW).text == text + "  | storage-042 | Payments ledger | Planning |\n"


# An existing row


def test_writing_a_row_twice_changes_nothing() -> None:
    once = upsert(STARTER, ROW)
    assert upsert(once.text, ROW) == once


@pytest.mark.parametrize(
    "line",
    [
        LINE.replace(" | ", "|").rstrip("\n"),
        "  " + LINE.strip("| \n"),
        "| [storage-042](./storages/storage-042/) | **Payments ledger** | Database | `PostgreSQL` |"
        " Storage Component | 🚧 planning | 2026-01-31 | 2026-02-01 |   ",
    ],
)
def test_a_row_that_says_the_same_is_not_touched(line: str) -> None:
    text = f"{HEADER}{line}\n\nText\n"
    edit = upsert(text, ROW)
    assert (edit.text, edit.notes) == (text, ())


def test_only_cells_that_say_something_else_change() -> None:
    text = (
        f"{HEADER}| [storage-042](x) | Old title | Database |  | Storage Component | Planning |\n"
    )
    assert upsert(text, ROW).text == (
        f"{HEADER}| [storage-042](x) | Payments ledger | Database | PostgreSQL | Storage Component"
        " | Planning | 2026-01-31 | 2026-02-01 |\n"
    )


def test_a_status_that_a_person_changed_is_kept_and_told() -> None:
    text = HEADER + LINE.replace("Planning", "In Progress")
    edit = upsert(text, ROW)
    assert edit.text == text
    (note,) = edit.notes
    assert "storage-042" in note
    assert "'In Progress'" in note
    assert "'Planning'" in note


def test_an_empty_status_is_filled_without_a_note() -> None:
    edit = upsert(HEADER + LINE.replace("Planning", ""), ROW)
    assert fields(edit.text)["status"] == "Planning"
    assert edit.notes == ()


def test_a_row_that_a_blank_line_cut_off_is_found() -> None:
    text = f"{HEADER}{other('storage-001')}\n{LINE}"
    assert upsert(text, ROW).text == text
    new = upsert(text, ROW._replace(id="storage-043")).text
    assert new.index("storage-001") < new.index("storage-043") < new.index("storage-042")
    assert [problem.rule for problem in parse(new).problems()] == ["registry-cut-off-row"]


# Any text

TITLES = [
    "a | b || c |",
    "ends with a backslash \\",
    "\\| \\\\| &#92; &amp;#92;",
    "`code | span` and ``",
    "{{ config }} {% raw %}",
    "<b>bold</b> <!-- hidden --> <script>alert(1)</script>",
    "[link](https://example.org) **bold**",
    "مدفوعات 🧾 支付",
    "x" * 500,
    "<<<<<<< HEAD",
    "--- | ---",
]


@pytest.mark.parametrize("title", TITLES)
def test_a_title_is_carried_literally(title: str) -> None:
    row = ROW._replace(title=title)
    text = upsert(STARTER, row).text
    assert fields(text)["title"] == title
    assert upsert(text, row).text == text
    assert parse(text).problems() == []


@pytest.mark.parametrize(
    ("title", "read"),
    [
        ("a\nb", "a b"),
        ("a\r\nb", "a b"),
        ("\ta\x00\x1b[31mb\ud800 ", "a[31mb"),
        ("a\u2028b", "a b"),
    ],
)
def test_what_a_cell_cannot_hold_is_made_one_line(title: str, read: str) -> None:
    text = upsert(STARTER, ROW._replace(title=title)).text
    assert fields(text)["title"] == read
    assert len(text.splitlines()) == len(STARTER.splitlines()) + 1


WORDS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\\|\r\n\0"), max_size=12),
    st.sampled_from(["", "-", "`a", "x \\", r"\|", "storage-042", "<!--", "```", "=======", "> a"]),
)


@st.composite
def tables(draw: st.DrawFn) -> list[str]:
    """Draw the lines of a track table in which up to four tracks are named id-0, id-1 and so on."""
    names = [draw(st.sampled_from(COLUMNS[field])) for field in COLUMNS]
    own = draw(st.lists(st.sampled_from(["Owner", "Link", r"A \| b"]), max_size=2))
    columns = draw(st.permutations(names + own))
    at = columns.index(names[0])
    body = []
    for number in range(draw(st.integers(0, 4))):
        cells = [f" {draw(WORDS)} " for _ in columns]
        cells[at] = f"id-{number}"
        body.append(f"|{'|'.join(cells)}|")
    return [f"|{'|'.join(columns)}|", "|" + "---|" * len(columns), *body]


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, str]:
    """Draw a registry file and the newline that it uses."""
    before = ["", "# Title", "text", "## Section", "- a | b", "```\n| x |\n```"]
    after = ["", "## Section", "text", "<!--\n| x |\n-->", "> | a |"]
    lines = [
        *draw(st.lists(st.sampled_from(before))),
        *["", *draw(tables()), ""],
        *draw(st.lists(st.sampled_from(after))),
    ]
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    text = "\n".join(lines) + draw(st.sampled_from(["", "\n"]))
    return draw(st.sampled_from(["", "\ufeff"])) + text.replace("\n", newline), newline


@given(documents(), st.text(max_size=30), st.sampled_from(["id-0", "id-2", "new-id"]))
def test_nothing_but_the_own_row_changes(
    document: tuple[str, str], title: str, storage_id: str
) -> None:
    text, newline = document
    row = ROW._replace(id=storage_id, title=f"T{title}")
    edit = upsert(text, row)
    new, old = edit.text.split(newline), text.split(newline)
    at = next(n for n, line in enumerate(new) if storage_id in line)
    known = any(entry.values["id"] == storage_id for entry in rows(text))
    assert new[:at] + new[at + 1 :] == old[:at] + old[at + known :]
    found = fields(edit.text, storage_id)
    told = row._asdict() | {"title": clean(row.title), "status": found["status"]}
    assert found == found | told
    assert upsert(edit.text, row) == edit


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_gets_the_row_or_an_error_with_line_and_remedy(text: str) -> None:
    if faults := parse(text).faults:
        with pytest.raises(ConductorError, match=re.escape(faults[0].message)):
            upsert(text, ROW)
        assert faults[0].line > 0
        assert faults[0].remedy
    else:
        edit = upsert(text, ROW)
        assert fields(edit.text)["title"] == ROW.title
        assert upsert(edit.text, ROW) == edit
