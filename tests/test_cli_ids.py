"""Tracks named by their ids, alone or several, in `status`, `check` and `report`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from storage_conductor.tracks import evidence
from storage_conductor.tracks.evidence import Evidence

from .command_runner import call
from .track_builder import replace, write_registry, write_track
from .verify_support import ID, found, ledger

Capture = pytest.CaptureFixture[str]
IDS = ("storage-001", "storage-002", "sessions")


@pytest.fixture
def team(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a project with three tracks, of which each has something wrong."""
    for storage_id in IDS:
        track = write_track(project, storage_id, done={1: 3}, status="In Progress")
        replace(track / "spec.md", "## Sizing", "## Size")
    write_registry(project)
    monkeypatch.chdir(project)
    return project


def told(capsys: Capture, *arguments: str) -> set[str]:
    """Return the tracks that a command speaks of."""
    done = call(capsys, *arguments, "--json")
    assert done.err == ""
    data: dict[str, Any] = json.loads(done.out)
    if arguments[0] == "status":
        return {each["id"] for each in data["tracks"]}
    named = {each["path"].split("/")[-2] for each in data["findings"]}
    assert data["tracks"] == len(named)
    return named


@pytest.mark.parametrize("command", ["status", "check"])
def test_one_or_more_ids_choose_tracks(team: Path, capsys: Capture, command: str) -> None:
    assert told(capsys, command, "storage-002") == {"storage-002"}
    assert told(capsys, command, "sessions", "storage-001") == {"sessions", "storage-001"}
    assert told(capsys, command, "sessions", str(team)) == {"sessions"}
    assert told(capsys, command, "sessions", f"{team}/storage-conductor/storages/storage-001") == {
        "sessions",
        "storage-001",
    }
    assert told(capsys, command) == told(capsys, command, ".") == set(IDS)
    (team / "sessions").mkdir()
    assert told(capsys, command, "sessions") == {"sessions"}, "a track goes before a folder"


@pytest.mark.parametrize("command", ["status", "check", "report"])
def test_an_unknown_id_is_named_with_those_that_there_are(
    team: Path, capsys: Capture, command: str
) -> None:
    done = call(capsys, command, "storage-003")
    assert (done.code, done.out) == (2, "")
    assert "has no track 'storage-003'" in done.err
    assert "Remedy: Name one of sessions, storage-001, storage-002." in done.err


def test_ids_are_of_the_project_of_the_first_path(
    team: Path, tmp_path: Path, capsys: Capture
) -> None:
    other = tmp_path / "other"
    write_track(other, "storage-009")
    write_registry(other)
    data = json.loads(call(capsys, "check", "storage-001", str(team), str(other), "--json").out)
    assert data["tracks"] == 2
    assert call(capsys, "report", str(team), str(other)).err.startswith("More than one project")
    assert call(capsys, "status", str(team), str(other)).code == 2


@pytest.mark.parametrize("status", ["Reverted", "Cancelled"])
def test_nothing_is_asked_of_a_track_that_was_given_up(
    start: Callable[..., Path], project: Path, capsys: Capture, status: str
) -> None:
    track = ledger(start, "SQLite")
    found(capsys, project, "--tick")
    failed = Evidence("2026-01-02T00:00:00+00:00", "failed", says="1 failed")
    evidence.record(project, ID, {"sqlite-prove-draft": {"prove sqlite": failed}})

    def said() -> tuple[set[str], set[str]]:
        view = json.loads(call(capsys, "status", str(project), "--json").out)
        checked = json.loads(call(capsys, "check", "--strict", str(project), "--json").out)
        rules = {each["rule"] for each in checked["findings"]}
        return {each["rule"] for each in view["recommendations"]}, rules - {"answers"}

    advice, rules = said()
    assert "unproven" in advice
    assert {"contradicted", "open-decision"} <= rules
    for path in (track / "metadata.json", project / "storage-conductor" / "tracks.md"):
        replace(path, "Planning", status)
    assert said() == (set(), set())
