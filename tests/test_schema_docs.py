"""The page about the data model: its models are designed as it says, and it names every finding."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
import yaml

from storage_conductor.schema.options import OPTIONS
from storage_conductor.schema.parse import parse_model
from storage_conductor.schema.patterns import KEYS
from storage_conductor.schema.result import FindingKey
from storage_conductor.schema.types import FAMILIES
from storage_conductor.schema.words import FLAGS
from tests.schema_support import design

PAGE = (Path(__file__).parents[1] / "docs" / "data-model.md").read_text(encoding="utf-8")
WORKED = re.findall(r"^### (.+?)\n\n```yaml\n(.+?)```\n(.+?)^```\w+\n(.+?)```$", PAGE, re.M | re.S)


@pytest.mark.parametrize(("name", "model", "said", "shown"), WORKED, ids=[w[0] for w in WORKED])
def test_worked_models_give_what_the_page_shows(
    name: str, model: str, said: str, shown: str
) -> None:
    backend = re.findall(r"^# backend: (.+)$", model, re.M)[0]
    backends = re.findall(r"^# backends: (.+)$", model, re.M)
    answers = yaml.safe_load(model)
    parsed = parse_model(answers["entities"], answers["access_patterns"])
    assert parsed is not None
    result = design(parsed, backend, backends[0].split(", ") if backends else ())
    lines = [line for artifact in result.artifacts for line in artifact.text.splitlines()]
    place = 0
    for line in shown.splitlines():
        assert line in lines[place:], line
        place = lines.index(line, place)


def test_the_page_has_a_worked_model_of_each_kind() -> None:
    names = [name for name, *_ in WORKED]
    assert names[:5] == ["Relational", "Document", "Key-value", "Object", "Hybrid"]
    assert names[5:] == ["Existing tables", "Soft delete"]


def test_the_page_names_every_word() -> None:
    codes = " ".join(re.findall(r"`([^`\n]+)`", PAGE))
    words = [*FAMILIES, *OPTIONS, *KEYS, *FLAGS]
    missing = [word for word in words if word not in codes]
    assert missing == []
    listed = re.search(r"^\| Finding \|.+?\n\n", PAGE, re.M | re.S)
    assert listed is not None
    assert set(re.findall(r"`([a-z-]+)`", listed[0])) == set(get_args(FindingKey))
