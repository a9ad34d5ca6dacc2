"""The README says what is there."""

from __future__ import annotations

import re

import yaml

from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
QUESTIONS = {
    name: details
    for name, details in yaml.safe_load((ROOT / "copier.yml").read_text("utf-8")).items()
    if not name.startswith("_") and details.get("when") is not False
}


def test_every_question_is_explained_in_its_own_words() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", README, re.MULTILINE))
    asked = {name for name, details in QUESTIONS.items() if "help" in details}

    assert set(rows) == asked
    for name in asked:
        words = re.sub(r"\{\{.*?\}\}", "", QUESTIONS[name]["help"])
        assert rows[name].startswith(words), name


def test_help_is_one_sentence() -> None:
    for name, details in QUESTIONS.items():
        if "help" in details:
            words = re.sub(r"\{\{.*?\}\}", "", details["help"])
            assert re.fullmatch(r"[A-Z].*[^.]\.", words), name


def test_each_question_stands_in_the_table_of_how_it_is_asked() -> None:
    tables = {"Always asked": None, "Asked in full": "{{ detail == 'full' }}", "Not asked": False}
    parts = re.split(rf"^\| ({'|'.join(tables)})", README, flags=re.MULTILINE)
    for title, rows in zip(parts[1::2], parts[2::2], strict=True):
        for name in re.findall(r"^\| `(\w+)` \|", rows.partition("\n\n")[0], re.MULTILINE):
            assert QUESTIONS[name].get("ask") == tables[title], name


def test_recorded_answers_are_named() -> None:
    for name, details in QUESTIONS.items():
        if "help" not in details:
            assert f"`{name}`" in README


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert target.startswith("https://") or (ROOT / target).exists(), target
