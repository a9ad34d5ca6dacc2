import time

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from storage_conductor.markdown.tables import (
    cells,
    clean,
    escape,
    fill,
    line_ending,
    plain,
    scan,
    split_lines,
    unescape,
)

# Lines from which documents are made up. Left out is where this reading differs on purpose: a table
# right below a list, a quote or an HTML tag is taken for the table that was meant.
PIECES = [
    *["", "text", "# heading", "## heading", "***", "---", "text</pre>"],
    *["a | b", "| a | b |", r"| a \| c | b |", "  | x | y |", "    | x | y |", "\t| a | b |"],
    *["|---|---|", "--- | :-:", "| --- |", "| :--- | ---: |", " |---|---| ", "|---||---|"],
    *["```", "````", "~~~", "``` x", "<!--", "-->", "<!-- c -->", "<pre>", "x </script> | a"],
    *["| | |", "|", "||", "| `a` | c |", "| a | b | c |", "| a", "a |", "<b>x</b> | y"],
    *[r"| a | b\|", "| a | b |\\", "<script>"],
]
TEXTS = st.text(st.one_of(st.characters(), st.sampled_from("|\\`&#92;amp[](){}<> \r\n")))

Tables = list[tuple[int, int, list[list[str]]]]


def reference(text: str) -> Tables:
    """Read header line, end and cells of each table with a complete Markdown parser."""
    tables: Tables = []
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        if token.type == "table_open":
            assert token.map is not None
            tables.append((token.map[0], token.map[1], []))
        elif token.type == "tr_open":
            tables[-1][2].append([])
        elif token.type == "inline" and token.level == 4:
            tables[-1][2][-1].append(token.content)
    return tables


def read(text: str) -> Tables:
    lines = split_lines(text)
    tables: Tables = []
    for table in scan(lines).tables:
        width = len(cells(lines[table.header]))
        rows = [lines[table.header], *lines[table.header + 2 : table.stop]]
        texts = [[unescape(cell) for cell in cells(row)] for row in rows]
        whole = [(found + [""] * width)[:width] for found in texts]
        tables.append((table.header, table.stop, whole))
    return tables


@given(st.lists(st.sampled_from(PIECES), max_size=14), st.sampled_from(["\n", "\r\n"]))
@example(["| a | b |", "|---|---|", "| c | d |", "", "a | b", "--- | :-:", "| a"], "\n")
def test_tables_are_where_a_complete_markdown_parser_finds_them(
    pieces: list[str], newline: str
) -> None:
    text = newline.join(pieces) + newline
    assert read(text) == reference(text)


@pytest.mark.parametrize(
    "line", ["# h", "> q", "- item", "1. item", "***", "```", "    code", "\tcode", "<!-- c -->"]
)
def test_another_block_ends_a_table(line: str) -> None:
    text = f"| a | b |\n|---|---|\n| c | d |\n{line}\n"
    assert [table.stop for table in scan(split_lines(text)).tables] == [3]
    assert read(text) == reference(text)


def test_a_fence_that_never_closes_is_told() -> None:
    assert scan(split_lines("text\n```\n| a | b |\n|---|---|\n")).unclosed == 1
    assert scan(split_lines("text\n```\n| a | b |\n```\n")).unclosed is None


def test_rows_after_a_blank_line_or_comment_are_cut_off_rows_of_the_table() -> None:
    text = (
        "| a | b |\n|---|---|\n| 1 | 2 |\n\n| 3 | 4 |\n<!-- c -->\n| 5 | 6 |\n\ntext\n\n| 7 | 8 |\n"
    )
    (table,) = scan(split_lines(text)).tables
    assert (table.rows, table.cut_off, table.end()) == ([2], [4, 6], 7)


def test_a_second_table_after_a_blank_line_is_not_cut_off_rows() -> None:
    text = "| a | b |\n|---|---|\n| 1 | 2 |\n\n| c | d |\n|---|---|\n| 3 | 4 |\n"
    first, second = scan(split_lines(text)).tables
    assert (first.cut_off, second.rows) == ([], [6])


@given(TEXTS)
@example("a&#92;|&amp;#92;\\|\\")
def test_every_text_comes_back_from_a_cell(text: str) -> None:
    line = fill("| | |\n", 2, {0: text, 1: "x"})
    assert split_lines(line) == [line]
    assert [unescape(cell) for cell in cells(line)] == [clean(text), "x"]


@given(TEXTS)
def test_a_complete_markdown_parser_finds_the_same_cells(text: str) -> None:
    row = fill("| | |\n", 2, {0: text, 1: "x"})
    ((_, _, (_, found)),) = reference(f"| a | b |\n|---|---|\n{row}")
    assert found[1] == "x"
    assert found[0] == escape(text).replace(r"\|", "|")


@given(
    st.lists(st.sampled_from(["", " ", "a", " b ", r" c\|d ", " `e` ", "\t"]), max_size=6),
    st.sampled_from(["", "|", "  |"]),
    st.sampled_from(["", "|", "| "]),
    st.dictionaries(st.integers(0, 4), TEXTS, min_size=1, max_size=3),
)
def test_only_the_named_cells_of_a_row_change(
    parts: list[str], start: str, end: str, values: dict[int, str]
) -> None:
    line = start + "|".join(parts) + end + "\r\n"
    assume("|" in line)
    before = [unescape(cell) for cell in cells(line)]
    filled = fill(line, 5, values)
    after = [unescape(cell) for cell in cells(filled)]
    assert line_ending(filled) == "\r\n"
    for column in range(5):
        old = before[column] if column < len(before) else ""
        new = after[column] if column < len(after) else ""
        assert new == (clean(values[column]) if column in values else old)


def test_padding_stays_where_the_text_fits() -> None:
    assert fill("| abc    | d |\n", 2, {0: "xy"}) == "| xy     | d |\n"
    assert fill("|        | d |\n", 2, {0: "xy"}) == "| xy     | d |\n"
    assert fill("|abc|d|\n", 2, {0: "xyz1"}) == "|xyz1|d|\n"
    assert fill("|  | d |\n", 2, {0: "long text"}) == "| long text | d |\n"


def test_a_row_without_outer_pipes_keeps_that_style() -> None:
    assert fill("a | b\n", 2, {1: "c"}) == "a | c\n"
    assert fill("a | b\n", 2, {0: "# c"}) == "|# c | b\n"


def test_a_pipe_in_a_code_span_is_text_where_the_row_would_have_too_many_cells() -> None:
    assert cells("| `a|b` | c |", 2) == [" `a|b` ", " c "]
    assert cells("| `a|b` |", 2) == [" `a", "b` "]
    assert fill("| `a|b` | c |\n", 2, {1: "d"}) == "| `a|b` | d |\n"


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (" storage-001 ", "storage-001"),
        ("[storage-001](./storages/storage-001/)", "storage-001"),
        ("[`storage-001`][ref]", "storage-001"),
        ("**[storage-001]**", "storage-001"),
        ("`a`", "a"),
        (r"a \| b", "a | b"),
        ("", ""),
    ],
)
def test_links_and_emphasis_are_not_part_of_what_a_cell_says(cell: str, text: str) -> None:
    assert plain(cell) == text


def test_time_grows_evenly_with_hostile_text() -> None:
    def seconds(size: int) -> float:
        hostile = ["|" * size, "`" * size, "[" * size, "| `" * size, "* " * size, "-|" * size]
        lines = [line + "\n" for line in hostile]
        start = time.process_time()
        scan(lines)
        for line in lines:
            cells(line, 2)
            plain(line)
            escape("\\" * size + line)
        return time.process_time() - start

    seconds(100)
    assert seconds(4000) < 2
