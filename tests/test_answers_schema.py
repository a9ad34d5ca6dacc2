"""The published JSON Schema of an answers file is current, and tells right answers from wrong."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from cli import answers_schema
from storage_conductor.questions import answers, given, published, several
from tests.conftest import ROOT

EXAMPLES = sorted((ROOT / "examples" / "answers").glob("*.yml"))
VALIDATOR = Draft202012Validator(published.published())
LINE = "# yaml-language-server: $schema=../../docs/schema/answers.schema.json\n"

# Values that the rule of an answer refuses, by the answer.
WRONG: dict[str, Sequence[Any]] = {
    "title": ["", [], "x" * 501],
    "description": ["", {}],
    "storage_type": ["databse", 5, []],
    "backend": ["Reddis", {}, ["Redis"]],
    "backends": ["Reddis", {}],
    "detail": ["fast", 3],
    "id_scheme": ["dated"],
    **dict.fromkeys(
        ("reads_per_second", "writes_per_second", "initial_data_gb", "growth_gb_per_month"),
        (-1, "many", [], 1e16),
    ),
    **dict.fromkeys(("rpo_minutes", "rto_minutes"), (-0.5, "soon", {})),
    **dict.fromkeys(
        ("latency_p99_ms", "throughput_mb_per_second", "metadata_operations_per_second"),
        (0, -3, "fast"),
    ),
    **dict.fromkeys(
        ("average_item_bytes", "largest_item_bytes", "item_count", "client_count"), (0, 1.5, "few")
    ),
    "peak_factor": [0.9, "double"],
    "availability_percent": [0, 101, "always"],
    "consistency": ["stong"],
    "sensitive_data": ["personal", ["pii", "names"]],
    "entities": [[1], 5],
    "access_patterns": [{"name": "x"}, 5],
    "store_objectives": [["Redis"], {"Redis": 5}, {"Redis": {"rpo": 5}}],
    "blocks": ["holds", ["hold", 5], {}],
    "regions": [{"eu": "writs"}],
    "alternatives": ["Redis or Valkey", {"backnd": ["a", "b"]}, 5],
    "peak_reads_per_second": [-1, "many"],
    "peak_writes_per_second": [-1, "many"],
    "decisions": ["90 min", {"restore-time": "90 min"}, 5],
    "notes": [{"bakup": "x"}, [{"bakup": "x"}]],
    "test_driven": ["maybe", 3],
    "schema_first": ["later"],
    **dict.fromkeys(
        ("scalability", "retention", "language", "migration_tool", "topology", "platform"), ([], {})
    ),
    **dict.fromkeys(("infrastructure_code", "client_library", "affected_users"), ([], {})),
    "other_backend": [[]],
    "use_cases": [{}, [[]]],
    "depends_on": [{}],
    "hosting": [{}],
    "existing": [5, ["customer"]],
}


def data(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def test_the_schema_is_current_where_it_is_shipped_and_published() -> None:
    Draft202012Validator.check_schema(published.published())
    for path in answers_schema.PLACES:
        assert path.read_text(encoding="utf-8") == answers_schema.current(), (
            "run `python -m storage_conductor_cli.answers_schema`"
        )


def test_it_has_every_question_in_its_words() -> None:
    properties = published.published()["properties"]
    assert list(properties) == [
        *(name for name in properties if name in answers.RULES),
        "storage_id",
    ]
    assert set(properties) == {*answers.RULES, "storage_id"}
    questions = data(ROOT / "copier.yml")
    for name in answers.RULES:
        words = re.sub(r"\{\{.*?\}\}", "", questions[name]["help"])
        assert properties[name]["description"] == words


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_are_valid_and_name_the_schema(path: Path) -> None:
    assert list(VALIDATOR.iter_errors(data(path))) == []
    assert path.read_text(encoding="utf-8").startswith(LINE)


def test_every_answer_has_wrong_values_to_try() -> None:
    assert set(WRONG) == set(answers.RULES)


@pytest.mark.parametrize("name", sorted(WRONG))
def test_what_the_rule_refuses_the_schema_refuses(name: str) -> None:
    for value in WRONG[name]:
        told = given.tidy({name: value}) if name == "backend" else {name: value}
        assert answers.broken_rule(name, told[name]), value
        assert not VALIDATOR.is_valid({name: value}), value


@pytest.mark.parametrize("seed", range(200))
def test_one_wrong_answer_drawn_into_a_right_file_is_found(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - the same cases in each run
    right = data(dice.choice(EXAMPLES))
    name = dice.choice(sorted(WRONG))
    wrong = {**right, name: dice.choice(WRONG[name])}
    assert VALIDATOR.is_valid(right)
    places = [list(error.absolute_path)[:1] for error in VALIDATOR.iter_errors(wrong)]
    assert [name] in places


@pytest.mark.parametrize(
    ("said", "valid"),
    [
        ({"titel": "x"}, False),
        ({"backend": "Redis", "hosting": "Amazon RDS"}, False),
        ({"backend": "PostgreSQL", "hosting": "Amazon RDS"}, True),
        ({"backend": "PostgreSQL", "hosting": "Amazon RDS or self-managed"}, True),
        ({"backend": "Redis or Valkey"}, True),
        ({"backend": ["Redis", "KeyDB"]}, True),
        ({"access_patterns": [{"name": "a", "entty": "B"}]}, False),
        ({"reads_per_second": "", "retention": None, "sensitive_data": "pii, phi"}, True),
        ({"reads_per_second": "2,000 an hour", "peak_writes_per_second": "90/min"}, True),
        ({"notes": ["a", {"backup": ["b", "c"]}], "regions": "eu: writes, us"}, True),
        ({"storage_id": "Ledger 1"}, False),
        ({"storage_id": "ledger-1"}, True),
    ],
    ids=repr,
)
def test_answers_against_each_other_and_their_forms(said: dict[str, Any], *, valid: bool) -> None:
    assert VALIDATOR.is_valid(said) == valid


def test_the_examples_of_the_page_are_right_and_its_sections_are_all() -> None:
    page = (ROOT / "docs" / "answers.md").read_text(encoding="utf-8")
    examples = re.findall(r"^```yaml\n(.+?)^```", page, re.M | re.S)
    assert len(examples) == 3
    for at, text in enumerate(examples):
        said = yaml.safe_load(text)
        assert list(VALIDATOR.iter_errors(said)) == []
        answers.check(given.tidy(said), () if at else ("title", "description"), closed=True)
    keys = page.partition("The keys: ")[2].partition(".\n")[0]
    assert tuple(re.findall(r"`([\w-]+)`", keys)) == several.SECTIONS
