"""The pictures of the README: of what the report shows now, small, and named in words."""

from __future__ import annotations

import re

from examples import pictures

from tests.conftest import ROOT


def test_they_were_made_from_what_is_there() -> None:
    made_from = pictures.DIGEST.read_text(encoding="utf-8").strip()
    assert made_from == pictures.digest(), "run `python examples/pictures.py` and look at them"


def test_they_are_few_and_small() -> None:
    found = sorted(pictures.PICTURES.glob("*.png"))
    assert [each.name for each in found] == ["report.png", "specification.png"]
    assert all(each.stat().st_size <= pictures.MOST_BYTES for each in found)


def test_the_readme_shows_each_with_what_is_on_it() -> None:
    shown = re.findall(r"!\[([^\]]+)\]\(docs/pictures/([^)]+)\)", (ROOT / "README.md").read_text())
    assert {name for _, name in shown} == {"report.png", "specification.png"}
    assert all(len(text.split()) > 5 for text, _ in shown)
