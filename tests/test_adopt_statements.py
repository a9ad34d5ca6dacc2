"""What `storage-conductor adopt` reads beside labels in bold, and says of the rest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from .command_runner import call
from .conftest import commit
from .test_adopt import Capture, adopt, conductors, findings, track

__all__ = ["conductors", "track"]
BARE = """\
# Payments ledger

- **Storage Backend**: PostgreSQL

Every payment of our *merchants*,
kept as it was booked.

It has grown since.

## Load

- **Peak reads**: 1,200 per second
- Writes per second: 50
- 400 per second, said Ann
- a page has 30 rows
| What | How much |
| --- | --- |
| Reads | 300/s |
"""


def written(track: Path, spec: str) -> Path:
    """Let the specification of a track be another."""
    (track / "spec.md").write_text(spec, encoding="utf-8")
    commit(track.parents[2])
    return track


def told(capsys: Capture, template: Path, *arguments: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(adopt(capsys, template, "--json", *arguments).out)
    return data


def test_paragraphs_labels_and_tables_are_read_and_other_amounts_are_notes(
    track: Path, newer: Path, capsys: Capture
) -> None:
    written(track, BARE)
    data = told(capsys, newer, "--dry-run")
    lines = BARE.splitlines()
    read = {item["answer"]: (item["value"], lines[item["line"] - 1]) for item in data["answers"]}
    assert read["description"] == (
        "Every payment of our merchants, kept as it was booked.",
        "Every payment of our *merchants*,",
    )
    assert read["peak_reads_per_second"] == (1200.0, "- **Peak reads**: 1,200 per second")
    assert read["writes_per_second"] == (50.0, "- Writes per second: 50")
    assert read["reads_per_second"] == (300.0, "| Reads | 300/s |")
    notes = {item["text"]: lines[item["line"] - 1] for item in data["notes"]}
    assert notes == {
        "400 per second, said Ann": "- 400 per second, said Ann",
        "a page has 30 rows": "- a page has 30 rows",
    }
    assert {item["file"] for item in data["notes"]} == {"storage-conductor/storages/ledger/spec.md"}
    shown = adopt(capsys, newer, "--dry-run").out
    assert "  notes: 400 per second, said Ann (spec.md:14)\n" in shown

    done = told(capsys, newer)
    assert (done["id"], done["folder"]) == ("ledger", "storage-conductor/storages/ledger")
    assert {**done, "id": "", "folder": "", "findings": []} == {
        **data,
        "id": "",
        "folder": "",
        "findings": [],
    }
    assert done["findings"] == findings(capsys) == []
    recorded = yaml.safe_load((track / ".copier-answers.yml").read_text("utf-8"))
    assert recorded["notes"] == list(notes)
    spec = (track / "spec.md").read_text("utf-8")
    assert [line for line in lines if line not in spec] == []


def test_what_is_missing_or_unclear_is_told_with_the_way_to_give_it(
    track: Path, newer: Path, capsys: Capture
) -> None:
    written(track, "# Payments ledger\n\n- **RTO**: 1 hour\n- RTO: 4 hours\n")
    data = told(capsys, newer, "--dry-run")
    assert data["missing"] == ["description"]
    assert [text.partition(":")[0] for text in data["unclear"]] == ["rto_minutes"]
    shown = adopt(capsys, newer, "--dry-run").out
    assert "Not said, and needed: description; give it by --data description=TEXT." in shown
    assert "Give it by --data rto_minutes=VALUE." in shown

    before = (track / "spec.md").read_bytes()
    done = adopt(capsys, newer, code=2)
    assert "spec.md:1: does not say its description" in done.err
    assert "Remedy: Add --data description=TEXT to the command" in done.err
    assert (track / "spec.md").read_bytes() == before
    given = ("--data", "description=All payments", "--data", "rto_minutes=240")
    assert told(capsys, newer, *given)["missing"] == []
    recorded = yaml.safe_load((track / ".copier-answers.yml").read_text("utf-8"))
    assert (recorded["description"], recorded["rto_minutes"]) == ("All payments", 240)
    assert recorded["notes"] == ["RTO: 1 hour", "RTO: 4 hours"]


@pytest.mark.parametrize(
    ("registry", "metadata", "expected"),
    [
        ("- [~] **Track: Sessions**\n*Link: [x](./tracks/NAME/)*\n", "new", ("In Progress", 7)),
        ("## [x] Track: Sessions\n*Link: [x](./tracks/NAME/)*\n", "pending", ("Completed", 7)),
        ("- [~] **Track: Other**\n*Link: [x](./tracks/NAME_2/)*\n", "new", ("Planning", 0)),
        ("- [ ] **Track: Sessions**\n*Link: [x](./tracks/NAME/)*\n", "[~]", ("In Progress", 0)),
    ],
)
def test_the_status_of_conductors_registry_is_taken(
    conductors: Path,
    newer: Path,
    capsys: Capture,
    *,
    registry: str,
    metadata: str,
    expected: tuple[str, int],
) -> None:
    status, line = expected
    above = "# Project Tracks\n\n- [x] **Track: First**\n*Link: [y](./tracks/first/)*\n\n---\n"
    path = conductors.parents[1] / "tracks.md"
    path.write_text(above + registry.replace("NAME", conductors.name), encoding="utf-8")
    data = json.loads((conductors / "metadata.json").read_text("utf-8")) | {"status": metadata}
    (conductors / "metadata.json").write_text(json.dumps(data, indent=1), encoding="utf-8")
    commit(conductors.parents[2])
    found = told(capsys, newer, "--dry-run", str(conductors))["status"]
    where = "conductor/tracks.md" if line else "conductor/tracks/sessions_20260110/metadata.json"
    assert (found["value"], found["file"]) == (status, where)
    if line:
        assert found["line"] == line
    shown = adopt(capsys, newer, "--dry-run", str(conductors)).out
    assert f"  status: {status} ({where}:{found['line']})\n" in shown


def test_the_status_of_our_registry_stays(track: Path, newer: Path, capsys: Capture) -> None:
    registry = track.parents[1] / "tracks.md"
    registry.write_text(
        "# Storage Components\n\n| Storage ID | Title | Status | Updated Date |\n"
        "| --- | --- | --- | --- |\n| ledger | Payments ledger | [~] | 2026-01-10 |\n",
        encoding="utf-8",
    )
    commit(track.parents[2])
    assert told(capsys, newer)["status"]["value"] == "In Progress"
    (found,) = json.loads(call(capsys, "status", "ledger", "--json").out)["tracks"]
    assert found["status"] == "In Progress"
    assert "| [~] |" in registry.read_text("utf-8"), "a person's way to say it"
    assert findings(capsys) == []
