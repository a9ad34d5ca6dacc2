"""The questions of copier.yml and the fields of the answers are the same, and agree."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from storage_conductor.questions import answers
from tests.conftest import REQUIRED, ROOT

SETTINGS = yaml.safe_load((ROOT / "copier.yml").read_text(encoding="utf-8"))
QUESTIONS: dict[str, dict[str, Any]] = {
    name: question for name, question in SETTINGS.items() if not name.startswith("_")
}
COMPUTED = {name for name, question in QUESTIONS.items() if question.get("when") is False}
# Their choices are the rule.
CHOSEN = {"test_driven", "schema_first"}
# Its rule for `--data` is the catalog's; the question wants two of what it offers.
SEVERAL = {"backends"}


def test_each_question_is_a_field_and_each_field_a_question() -> None:
    recorded = {name for name, question in QUESTIONS.items() if "help" not in question} - COMPUTED
    assert recorded == set(answers.RECORDED)
    assert set(QUESTIONS) - COMPUTED - recorded == set(answers.RULES)


@pytest.mark.parametrize("name", sorted(set(answers.RULES) - CHOSEN - SEVERAL))
def test_a_question_is_validated_by_the_rule_of_its_field(name: str) -> None:
    validator = QUESTIONS[name]["validator"]
    if name == "other_backend":  # empty where the backend is another one, so that it is not asked
        condition, validator = validator.split(" %}", 1)
        assert QUESTIONS[name]["when"].strip("{ }") in condition
        validator = validator.removesuffix("{% endif %}")
    assert validator.replace(" ", "") == f"{{{{broken_rule('{name}',{name})}}}}"


@pytest.mark.parametrize(
    "name",
    sorted(n for n in answers.RULES if isinstance(QUESTIONS.get(n, {}).get("choices"), dict)),
)
def test_the_rule_takes_each_choice(name: str) -> None:
    for value in QUESTIONS[name]["choices"].values():
        assert answers.broken_rule(name, value) == ""
    assert answers.broken_rule(name, "something else")


FIXED = {
    name: QUESTIONS[name]["default"]
    for name in answers.RULES
    if "{{" not in str(QUESTIONS.get(name, {}).get("default", "{{"))
}


@pytest.mark.parametrize("name", sorted(FIXED))
def test_a_fixed_default_is_the_default_of_the_field(name: str) -> None:
    given = {"title": "T", "description": "D", name: FIXED[name]}
    assert answers.parse(given) == answers.Answers("T", "D")


def test_what_may_be_left_blank_is_taken_as_not_given() -> None:
    given = dict.fromkeys(("other_backend", "backend", "backends", "use_cases"), "")
    assert answers.check(given) == {}
    assert answers.broken_rule("backend", "")


@pytest.mark.parametrize(
    ("retention", "days"),
    [
        ("ten years", 3_652.5),
        ("Thirty days after the last visit", 30.0),
        ("7 years, looked at every two years", 2_556.75),
        ("looked at every two years", None),
        ("two years, then seven days", None),
        ("often", None),
        ("", None),
    ],
)
def test_a_retention_in_words_is_understood(retention: str, days: float | None) -> None:
    said = answers.Answers(title="T", description="D", retention=retention)
    assert said.retention_days == days


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("7 years", 2556.75),
        ("ten years after the treatment", 3652.5),
        ("10 Jahre nach der Behandlung", 3652.5),
        ("90 Tage", 90),
        ("90 jours après la clôture", 90),
        ("10 ans", 3652.5),
        ("10 años después del tratamiento", 3652.5),
        ("5 anos", 1826.25),
        ("6 mesi", 182.625),
        ("1,5 Jahre", 547.875),
        ("1,000 days", 1000),
        ("5 bewaartermijn: 7 jaar", 2556.75),
        ("30 days, then 5 years", None),
        ("answers in 50 ms", None),
        ("section 5 d", None),
    ],
)
def test_a_retention_is_one_duration_in_any_of_the_languages(text: str, days: float | None) -> None:
    assert answers.parse({**REQUIRED, "retention": text}).retention_days == (
        None if days is None else pytest.approx(days)
    )
