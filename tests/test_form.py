"""The form of the answers: it reads back what it holds, and shows mistakes where they are."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from storage_conductor.questions import answers, form, given
from tests.test_said import SAID

MISTAKEN = """\
title:
backend: Reddis
entities:
  Buoy:
    id: uuidd pk
    colour: text
access_patterns:
  - name: light a buoy
    entity: Boy
titel: x
"""


def told() -> dict[str, Any]:
    return {name: value for name, (value, _) in SAID.items()}


def test_a_form_has_every_question_and_reads_back_what_it_holds() -> None:
    text = form.written(told())
    assert set(yaml.safe_load(text)) == set(answers.RULES)
    found = form.read(text)
    for name, value in told().items():
        assert answers.RULES[name](found[name]) == answers.RULES[name](value), name
    assert form.read(form.written({})) == {}
    assert form.read("") == {}
    assert text.startswith("# yaml-language-server: $schema=answers.schema.json\n")
    assert max(map(len, text.splitlines())) <= 100


def test_texts_stay_as_they_are_in_a_form() -> None:
    odd = {"title": "007", "retention": "2026-01-31", "use_cases": ["12:30", "yes"]}
    lines = {"description": "One.\n\nTwo: # three\n  four"}
    assert form.read(form.written(odd | lines)) == odd | lines


def test_what_is_left_out_is_not_asked() -> None:
    assert "id_scheme" not in form.written({}, left_out=["id_scheme"])


def test_ways_of_running_are_those_of_the_backend() -> None:
    text = form.written({"backend": "PostgreSQL"})
    assert "# One of self-managed, Supabase, Neon, Amazon RDS" in text
    assert "# One of self-managed" not in form.written({})


def test_mistakes_stand_above_their_lines() -> None:
    _, mistakes = answers.examine(given.tidy(form.read(MISTAKEN)), ["title"], closed=True)
    shown = form.with_mistakes(MISTAKEN, mistakes)
    lines = shown.splitlines()
    for about, mistake in (("title:", "is required"), ("backend: Reddis", "did you mean 'Redis'")):
        assert mistake in lines[lines.index(about) - 1]
    assert "titel: is no question" in lines[lines.index("titel: x") - 1]
    assert form.without_mistakes(shown) == MISTAKEN
    assert form.with_mistakes(shown, mistakes) == shown


def test_mistakes_of_the_model_stand_at_field_and_pattern() -> None:
    right = MISTAKEN.replace("title:\n", "title: A\n").replace("Reddis", "PostgreSQL")
    right = right.replace("titel: x\n", "")
    _, mistakes = answers.examine(given.tidy(form.read(right)), ["title"], closed=True)
    lines = form.with_mistakes(right, mistakes).splitlines()
    assert "unknown type `uuidd`" in lines[lines.index("    id: uuidd pk") - 1]
    assert "unknown entity `Boy`" in lines[lines.index("  - name: light a buoy") - 1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title: A\nuse_cases: [a\n", "line 3: is not YAML"),
        ("title: A\n  b: c\n", "line 2: is not YAML"),
        ("- a\n", "line 1: must map names to answers"),
        ("just words\n", "line 1: must map names to answers"),
    ],
)
def test_what_is_no_form_names_its_line(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message) as raised:
        form.read(text)
    shown = form.with_mistakes(text, [str(raised.value)])
    assert f"#! {raised.value}" in shown
    with pytest.raises(ValueError, match=message):
        form.read(shown)
