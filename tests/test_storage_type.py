"""What is stored decides where it goes while nobody says it: files never slip into a table."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.command_runner import call

Start = Callable[..., Path]
STACK = "# Tech Stack\n\n- **Primary Database**: PostgreSQL 16\n"


def kind(track: Path) -> tuple[str, str]:
    found = json.loads((track / "metadata.json").read_text(encoding="utf-8"))
    return found["storage_type"], found["backend"]


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        ({"title": "PDF invoices"}, "object_storage"),
        ({"use_cases": "upload photos, show them"}, "object_storage"),
        ({"description": "Recordings of the crane's camera."}, "object_storage"),
        ({"title": "Invoices", "description": "No PDF is kept, only its number."}, "database"),
        ({"title": "PDF invoices", "storage_type": "database"}, "database"),
        ({"title": "PDF invoices", "backend": "Redis"}, "cache"),
    ],
)
def test_files_go_to_an_object_store(start: Start, data: dict[str, str], wanted: str) -> None:
    assert kind(start(**data))[0] == wanted


def test_the_backend_that_nobody_chose_is_asked_for(
    start: Start, project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "storage-conductor").mkdir()
    (project / "storage-conductor" / "tech-stack.md").write_text(STACK, encoding="utf-8")
    track = start(title="PDF invoices", description="One for each order.")
    assert kind(track) == ("object_storage", "Amazon S3")
    spec = (track / "spec.md").read_text(encoding="utf-8")
    assert "an object store since “PDF” are files" in spec
    monkeypatch.chdir(project)
    done = call(capsys, "brief", track.name, "--json")
    rows = {item["key"]: item for item in json.loads(done.out)["open_decisions"]}
    assert rows["D-backend"]["ask"] is True
    assert rows["D-test-order"]["ask"] is False


def test_files_in_a_database_that_was_chosen_are_asked_about(start: Start) -> None:
    track = start(title="PDF invoices", backend="PostgreSQL")
    spec = (track / "spec.md").read_text(encoding="utf-8")
    plan = (track / "plan.md").read_text(encoding="utf-8")
    assert "| D-files-in-table | **Not stated.** “PDF” are files, and PostgreSQL would hold" in spec
    assert "Measure a sample of the files (“PDF”)" in plan
    sized = start(title="PDF invoices", backend="PostgreSQL", average_item_bytes=900_000)
    assert "D-files-in-table" not in (sized / "spec.md").read_text(encoding="utf-8")
    assert "D-blob-in-table" in (sized / "spec.md").read_text(encoding="utf-8")
