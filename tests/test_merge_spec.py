"""Merging specifications: sections, paragraphs, lists, tables and code."""

from __future__ import annotations

import pytest

from storage_conductor.update.merge import merge_spec

BASE = """\
# Ledger entries

**Storage Type**: database
**Storage Backend**: PostgreSQL 16

## Decisions

| Key | Decision | Default taken | Who decides | Before phase | Status |
|---|---|---|---|---|---|
| D-latency-floor | 5 ms p99 | 20 ms | owner | 1 | open |
| D-retention | how long \\| where | 90 days | owner | 2 | open |
| D-residency | which region | eu-west-1 | owner | 2 | open |

## Sizing

The volume grows to 120 GB in 12 months.

- **Pool**: 40 connections
- **Disk**: 200 GB

```sql
CREATE TABLE entry (
  id uuid,
  amount int
);
```

## Dependencies

Not applicable: none was named.

### Upstream

Not applicable: none was named.

## User Impact

Users see nothing.
"""


def change(text: str, *changes: tuple[str, str]) -> str:
    """Replace each old part, which must be there once, by a new one."""
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def merged(ours: str, theirs: str, base: str = BASE) -> str:
    """Merge without conflicts."""
    result = merge_spec(base, ours, theirs)
    assert result.conflicts == []
    assert "<<<<<<<" not in result.text
    return result.text


LATENCY = "| D-latency-floor | 5 ms p99 | 20 ms | owner | 1 | open |\n"
RESIDENCY = "| D-residency | which region | eu-west-1 | owner | 2 | open |\n"


def test_cells_of_one_row_merge_each_by_itself() -> None:
    ours = change(BASE, ("20 ms | owner | 1 | open", "20 ms | Ann | 1 | decided"))
    theirs = change(BASE, ("5 ms p99 | 20 ms", "5 ms at p99 | 25 ms"))
    text = merged(ours, theirs)
    assert "| D-latency-floor | 5 ms at p99 | 25 ms | Ann | 1 | decided |\n" in text


def test_the_status_of_a_decision_is_the_users() -> None:
    ours = change(BASE, ("20 ms | owner | 1 | open", "20 ms | owner | 1 | decided: 20 ms"))
    theirs = change(BASE, ("20 ms | owner | 1 | open", "20 ms | owner | 1 | overdue"))
    assert merged(ours, theirs) == ours


def test_a_cell_that_both_changed_is_a_conflict_around_its_row() -> None:
    ours = change(BASE, ("20 ms | owner | 1 | open", "20 ms | Ann | 1 | decided"))
    theirs = change(BASE, ("5 ms p99 | 20 ms | owner", "5 ms at p99 | 20 ms | lead"))
    result = merge_spec(BASE, ours, theirs)
    assert (
        "|---|---|---|---|---|---|\n"
        "<<<<<<< before updating\n"
        "| D-latency-floor | 5 ms at p99 | 20 ms | Ann | 1 | decided |\n"
        "=======\n"
        "| D-latency-floor | 5 ms at p99 | 20 ms | lead | 1 | decided |\n"
        ">>>>>>> after updating\n"
        "| D-retention" in result.text
    )
    (conflict,) = result.conflicts
    assert conflict.what == "row “D-latency-floor” in “Decisions”"


def test_rows_come_go_and_stay_by_their_key() -> None:
    own = "| D-mine | mine | none | me | 3 | open |\n"
    ours = change(BASE, (LATENCY, ""), (RESIDENCY, f"{RESIDENCY}{own}"))
    new = "| D-pool | how many | 40 | owner | 3 | open |\n"
    theirs = change(
        BASE,
        (LATENCY, LATENCY.replace("20 ms", "25 ms")),
        (RESIDENCY, f"{RESIDENCY}{new}"),
        ("| D-retention | how long \\| where | 90 days | owner | 2 | open |\n", ""),
    )
    text = merged(ours, theirs)
    rows = [line for line in text.split("\n") if line.startswith("| D-")]
    assert rows == [RESIDENCY.strip(), new.strip(), own.strip()]


def test_a_decided_row_that_the_template_removed_stays() -> None:
    ours = change(BASE, ("eu-west-1 | owner | 2 | open", "eu-west-1 | owner | 2 | decided"))
    assert merged(ours, change(BASE, (RESIDENCY, ""))) == ours


def test_a_table_that_the_template_removed_stays_with_the_users_rows() -> None:
    ours = change(BASE, ("eu-west-1 | owner | 2 | open", "eu-west-1 | owner | 2 | decided"))
    section = BASE[BASE.index("## Decisions") : BASE.index("## Sizing")]
    text = merged(ours, change(BASE, (section, "")))
    rows = ours[ours.index("| D-latency") : ours.index("| D-residency")]
    assert text == change(ours, (rows, ""))


def test_columns_come_from_both_sides() -> None:
    def with_column(text: str, name: str, cell: str) -> str:
        lines = text.split("\n")
        for index, line in enumerate(lines):
            if line.startswith("|"):
                end = name if "Key" in line else "---" if "---" in line else cell
                lines[index] = f"{line} {end} |"
        return "\n".join(lines)

    ours = with_column(BASE, "Ticket", "#12")
    theirs = with_column(change(BASE, ("20 ms", "25 ms")), "Source", "docs")
    text = merged(ours, theirs)
    assert "| Before phase | Status | Source | Ticket |\n" in text
    assert "| D-latency-floor | 5 ms p99 | 25 ms | owner | 1 | open | docs | #12 |\n" in text


def test_a_removed_column_stays_when_the_user_wrote_in_it() -> None:
    theirs = change(
        BASE,
        ("| Key | Decision | Default taken |", "| Key | Decision |"),
        ("|---|---|---|---|---|---|", "|---|---|---|---|---|"),
        ("5 ms p99 | 20 ms |", "5 ms p99 |"),
        ("where | 90 days |", "where |"),
        ("which region | eu-west-1 |", "which region |"),
    )
    decided = change(BASE, ("1 | open", "1 | decided"))
    assert "Default taken" not in merged(decided, theirs)
    edited = change(BASE, ("| 20 ms |", "| 15 ms |"))
    text = merged(edited, theirs)
    assert "| D-latency-floor | 5 ms p99 | 15 ms | owner | 1 | open |\n" in text


def test_a_renamed_and_a_deleted_column_stay_so() -> None:
    base = "| Key | Owner | Note |\n|---|---|---|\n| a | Ann | x |\n| b | Bob | y |\n"
    theirs = base.replace("Ann", "Anne").replace("| y |", "| z |")
    renamed = base.replace("Owner", "Lead")
    assert merged(renamed, theirs, base) == theirs.replace("Owner", "Lead")
    deleted = "| Key | Owner |\n|---|---|\n| a | Ann |\n| b | Bob |\n"
    assert merged(deleted, theirs, base) == deleted.replace("Ann", "Anne")


def test_columns_of_one_name_are_kept_apart() -> None:
    base = "| a | a | a |\n|---|---|---|\n| k | 1 | 2 |\n"
    ours, theirs = base.replace("1", "one"), base.replace("2", "two")
    assert merged(ours, theirs, base) == ours.replace("2", "two")


def test_a_reformatted_table_still_takes_changes() -> None:
    ours = BASE.replace("| 20 ms |", "| 20 ms         |").replace("|---|", "| --- |", 1)
    theirs = change(BASE, ("90 days", "365 days"), ("which region", "which regions"))
    text = merged(ours, theirs)
    assert "| D-latency-floor | 5 ms p99 | 20 ms         |" in text
    assert "| D-retention | how long \\| where | 365 days | owner | 2 | open |\n" in text


def test_a_row_with_a_cell_too_many_is_merged_as_a_line() -> None:
    ours = change(BASE, ("1 | open |", "1 | open | see #12 |"))
    theirs = change(BASE, ("90 days", "365 days"))
    assert "20 ms | owner | 1 | open | see #12 |\n" in merged(ours, theirs)
    both = merge_spec(BASE, ours, change(BASE, ("20 ms", "25 ms")))
    assert len(both.conflicts) == 1


def test_labelled_lines_merge_each_by_itself() -> None:
    ours = change(BASE, ("database\n", "database\n**Owner**: Ann\n"))
    theirs = change(BASE, ("PostgreSQL 16", "PostgreSQL 17"))
    expected = "**Storage Type**: database\n**Owner**: Ann\n**Storage Backend**: PostgreSQL 17\n"
    assert expected in merged(ours, theirs)


def test_numbers_of_the_template_arrive_beside_the_users_notes() -> None:
    ours = change(
        BASE,
        ("in 12 months.\n", "in 12 months.\nBob doubts it.\n"),
        ("- **Disk**: 200 GB\n", "- **Disk**: 200 GB\n- **Backup**: 900 GB\n"),
    )
    theirs = change(BASE, ("120 GB", "140 GB"), ("40 connections", "60 connections"))
    expected = change(ours, ("120 GB", "140 GB"), ("40 connections", "60 connections"))
    assert merged(ours, theirs) == expected


def test_a_paragraph_that_both_changed_is_a_conflict() -> None:
    ours = change(BASE, ("The volume grows", "As Bob said, the volume grows"))
    theirs = change(BASE, ("120 GB", "140 GB"))
    result = merge_spec(BASE, ours, theirs)
    assert [conflict.what for conflict in result.conflicts] == ["paragraph in “Sizing”"]
    assert result.text.count("\n") == BASE.count("\n") + 4


def test_code_merges_line_by_line() -> None:
    ours = change(BASE, ("  amount int\n", "  amount bigint\n"))
    theirs = change(BASE, ("  id uuid,\n", "  id uuid primary key,\n"))
    text = merged(ours, theirs)
    assert "  id uuid primary key,\n  amount bigint\n);\n```\n" in text
    clash = merge_spec(BASE, ours, change(BASE, ("  amount int\n", "  amount numeric\n")))
    assert (
        "  id uuid,\n<<<<<<< before updating\n  amount bigint\n=======\n  amount numeric\n"
        ">>>>>>> after updating\n);\n```\n" in clash.text
    )


def test_sections_come_go_and_stay() -> None:
    impact = "## User Impact\n\nUsers see nothing.\n"
    ours = change(
        BASE,
        ("## Sizing\n", "## Budget\n\nMine.\n\n## Sizing\n"),
        (impact, ""),
        ("### Upstream\n\nNot applicable: none was named.\n", "### Upstream\n\nAccounts.\n"),
    )
    theirs = change(
        BASE,
        ("## Dependencies\n", "## Risks\n\nThe disk fills.\n\n## Dependencies\n"),
        ("Users see nothing.", "Users see a pause."),
    )
    expected = change(
        ours, ("## Dependencies\n", "## Risks\n\nThe disk fills.\n\n## Dependencies\n")
    )
    assert merged(ours, theirs) == expected


def test_a_moved_and_renamed_section_takes_the_templates_changes_where_it_is() -> None:
    section = BASE[BASE.index("## Sizing") : BASE.index("## Dependencies")]
    ours = change(BASE, (section, ""), ("## Decisions", f"{section}## Decisions"))
    ours = change(ours, ("## Sizing", "## How big it gets"))
    theirs = change(BASE, ("**Disk**: 200 GB", "**Disk**: 300 GB"))
    assert merged(ours, theirs) == change(ours, ("**Disk**: 200 GB", "**Disk**: 300 GB"))


def test_an_edited_paragraph_of_a_removed_section_stays_under_its_heading() -> None:
    ours = change(BASE, ("The volume grows", "As Bob said, the volume grows"))
    section = BASE[BASE.index("## Sizing") : BASE.index("## Dependencies")]
    text = merged(ours, change(BASE, (section, "")))
    kept = "## Sizing\n\nAs Bob said, the volume grows to 120 GB in 12 months.\n\n"
    assert text == change(BASE, (section, kept))


def test_equal_headings_and_paragraphs_are_told_apart_by_their_place() -> None:
    base = "# T\n\n## A\n\n### Notes\n\nNone.\n\n## B\n\n### Notes\n\nNone.\n"
    ours = change(base, ("## B\n\n### Notes\n\nNone.", "## B\n\n### Notes\n\nSome of B."))
    theirs = change(base, ("## A\n\n### Notes\n\nNone.", "## A\n\n### Notes\n\nNone at all."))
    expected = change(ours, ("## A\n\n### Notes\n\nNone.", "## A\n\n### Notes\n\nNone at all."))
    assert merged(ours, theirs, base) == expected


@pytest.mark.parametrize("underline", ["===", "---"])
def test_underlined_headings_are_headings(underline: str) -> None:
    base = f"Title\n{underline}\n\nText of the template.\n"
    ours = change(base, ("Title", "Our title"))
    theirs = change(base, ("Text of the template.", "Text of the new template."))
    assert merged(ours, theirs, base) == change(
        theirs,
        ("Title", "Our title"),
    )


def test_a_file_that_both_sides_added_keeps_everything() -> None:
    result = merge_spec("", "# T\n\nmine\n", "# T\n\ntheirs\n")
    assert result.text == "# T\n\nmine\n\ntheirs\n"
    assert result.conflicts == []
