"""metadata.json as people and other tools leave it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from storage_conductor.review import project_checks
from storage_conductor.tracks import metadata

from .command_runner import call
from .track_builder import write_registry, write_track

VALID: dict[str, Any] = {
    "id": "storage-001",
    "title": "Ledger",
    "type": "Storage Component",
    "storage_type": "database",
    "backend": "PostgreSQL",
    "status": "Planning",
    "created": "2026-01-01T08:00:00+00:00",
    "updated": "2026-01-01T08:00:00+00:00",
}
VARIANTS: list[dict[str, Any]] = [
    {},
    {"owner": "Ann", "links": {"jira": ["PAY-1"]}},
    {"created": "2026-01-01T08:00:00"},
    {"updated": "2026-01-01T08:00:00.123456"},
    {"updated": "2026-01-01T08:00:00Z"},
    {"updated": "2026-01-01"},
    {"created": "soon"},
    {"created": None},
    {"status": "new"},
    {"type": "feature"},
    {"storage_type": "queue"},
    {"backend": ""},
    {"title": "two\nlines"},
    {"title": "x" * 501},
    {"id": "Storage_001"},
]


@pytest.mark.parametrize("changes", VARIANTS, ids=str)
def test_it_is_judged_as_a_complete_validator_judges_it(changes: dict[str, Any]) -> None:
    data = {**VALID, **changes}
    found = {".".join(map(str, error.path)) for error in _errors(data)}
    assert {key for key, _ in metadata.problems(data)} == found
    assert found <= set(changes)


@pytest.mark.parametrize("key", VALID)
def test_each_key_is_needed(key: str) -> None:
    data = {name: value for name, value in VALID.items() if name != key}
    assert len(list(_errors(data))) == 1
    assert metadata.problems(data) == [(key, "is missing")]


def _errors(data: dict[str, Any]) -> list[jsonschema.ValidationError]:
    return list(jsonschema.Draft202012Validator(metadata.schema()).iter_errors(data))


def test_keys_of_others_and_times_without_a_zone_are_kept_and_no_finding(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_track(project, created="2026-01-01T08:00:00", updated="2026-01-11T08:00:00")
    path = folder / "metadata.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    text = json.dumps({"owner": "Ann", **data, "links": {"updated": "never"}}, indent=4)
    path.write_text(text, encoding="utf-8")
    registry = write_registry(project)
    monkeypatch.chdir(project)

    assert project_checks.survey(project).problems == []
    (track,) = json.loads(call(capsys, "status", "--json").out)["tracks"]
    assert (track["age_days"], track["idle_days"]) == (30, 20)
    assert "| 2026-01-01 | 2026-01-11 |" in registry.read_text(encoding="utf-8")
    registry.write_text(
        registry.read_text(encoding="utf-8").replace("| 2026-01-11 |", "| 2026-01-05 |"),
        encoding="utf-8",
    )
    assert call(capsys, "sync").code == 0
    assert "| 2026-01-01 | 2026-01-11 |" in registry.read_text(encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text
