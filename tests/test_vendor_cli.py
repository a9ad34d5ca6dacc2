"""What is handed to the vendors' parsers, and what counts as refused."""

from __future__ import annotations

import pytest

from .catalog_commands import Command
from .vendor_cli import Line, lines, refused, report, split


def test_a_line_is_found_in_the_midst_of_a_longer_command() -> None:
    text = "redis-cli --rdb <file>.rdb && aws s3 cp <file>.rdb 's3://<bucket>/a b' | cat"
    assert split(text)[1] == ["aws", "s3", "cp", "name-7.rdb", "s3://name-7/a b"]


def test_placeholders_become_what_they_are_called() -> None:
    (words,) = split("x <days + 1> <utc-time> <hh:mm> <name>")
    assert words == ["x", "7", "2026-01-31T00:00:00Z", "01:00", "name-7"]


def test_every_vendor_has_lines_in_the_catalog() -> None:
    found = list(lines())
    assert {line.vendor for line in found} == {"aws", "az", "gcloud"}
    assert any("&& aws" in line.command.text for line in found)
    assert all("<" not in "".join(line.arguments) for line in found)


@pytest.mark.parametrize(
    ("said", "quoted", "expected"),
    [
        ("", False, False),
        ("error: unrecognized arguments: --limit=1", False, True),
        ("error: unrecognized arguments: --limit=1", True, True),
        ("error: the following arguments are required: --name", False, True),
        ("error: the following arguments are required: --name", True, False),
        ("argument --engine: Invalid choice: 'name-7'.", False, False),
        ("argument --engine: Invalid choice: 'valkay'.", False, True),
    ],
)
def test_what_counts_as_refused(said: str, quoted: bool, expected: bool) -> None:
    line = Line(Command("somewhere", "aws x", quoted), ("aws", "x"))
    assert refused(line, said) is expected


def test_what_was_not_at_hand_is_not_called_checked() -> None:
    text, bad = report({})
    assert text.count("Not checked") == 3
    assert not bad
