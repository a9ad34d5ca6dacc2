"""Neighbours' commands work on our tracks: no false finding, the right status, no conflict."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from storage_conductor.markdown.outline import plain
from tests.command_replays import Conductors, Origin, Replay
from tests.command_runner import call
from tests.conftest import commit
from tests.update_support import ADDED, start

Capture = pytest.CaptureFixture[str]
Patch = pytest.MonkeyPatch


@pytest.fixture
def track(newer: Path, project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a committed track, in whose project the tests work."""
    monkeypatch.chdir(project)
    return start(newer, project)


def findings(capsys: Capture) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(call(capsys, "check", "--json").out)["findings"]
    return found


def standing(capsys: Capture) -> dict[str, Any]:
    (found,) = json.loads(call(capsys, "status", "--json").out)["tracks"]
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("tool", [Origin, Conductors])
def test_a_track_is_implemented_reviewed_and_updated(
    tool: type[Replay], track: Path, project: Path, capsys: Capture
) -> None:
    replay = tool(track)
    for begun in replay.implement(4):
        now = standing(capsys)
        assert (now["status"], now["in_progress"]) == ("In Progress", [plain(begun)])
        assert now["next_task"] == plain(begun)
        assert now["done"] == replay.done
        assert findings(capsys) == []
    assert standing(capsys)["done"] == replay.done > 4
    assert findings(capsys) == []

    done = call(capsys, "refresh", "--trust")
    assert (done.code, done.err) == (0, "")
    assert f"- [ ] {ADDED}" in replay.plan()
    assert standing(capsys)["done"] == replay.done
    assert findings(capsys) == []
    commit(project, "refresh")
    # The work goes on after it, and the next update has nothing to do.
    for _ in replay.implement(1):
        pass
    assert standing(capsys)["done"] == replay.done
    assert "0 tracks updated, 1 unchanged" in call(capsys, "refresh", "--trust").out


@pytest.mark.parametrize("remove", [False, True])
def test_a_track_is_reverted(
    remove: bool, track: Path, project: Path, newer: Path, capsys: Capture
) -> None:
    replay = Origin(track)
    list(replay.implement(2))
    replay.revert(remove=remove)
    other = start(newer, project)
    assert findings(capsys) == []
    tracks = json.loads(call(capsys, "status", "--json").out)["tracks"]
    statuses = {item["id"]: (item["status"], item["done"]) for item in tracks}
    gone = {} if remove else {track.name: ("Reverted", 0)}
    assert statuses == {**gone, other.name: ("Planning", 0)}
    done = call(capsys, "refresh", "--trust")
    assert (done.code, done.err) == (0, "")
    assert findings(capsys) == []
    registry = (project / "storage-conductor" / "tracks.md").read_text(encoding="utf-8")
    assert f"| {track.name} |" in registry
    assert call(capsys, "sync").code == 0
    assert (project / "storage-conductor" / "tracks.md").read_text("utf-8") == registry


def test_a_track_is_archived(track: Path, project: Path, newer: Path, capsys: Capture) -> None:
    replay = Conductors(track)
    list(replay.implement(1))
    replay.archive()
    other = start(newer, project)
    assert other.name != track.name
    assert findings(capsys) == []
    assert standing(capsys)["id"] == other.name
    done = call(capsys, "refresh", "--trust")
    assert (done.code, done.err) == (0, "")
    assert findings(capsys) == []


@pytest.mark.parametrize("tool", [Origin, Conductors])
def test_a_project_that_the_tool_set_up_gets_a_track_of_ours(
    tool: type[Origin | Conductors], project: Path, newer: Path, capsys: Capture, monkeypatch: Patch
) -> None:
    monkeypatch.chdir(project)
    tool.setup(project)
    before = {path: path.read_bytes() for path in project.glob("*conductor/*") if path.is_file()}
    track = start(newer, project)
    changed = {path.name for path, text in before.items() if path.read_bytes() != text}
    assert changed == ({"tracks.md"} if tool is Origin else set())
    assert "Go 1.24" in (track / ".copier-answers.yml").read_text("utf-8"), "the stack was read"
    assert findings(capsys) == []
    replay = tool(track)
    list(replay.implement(1))
    assert standing(capsys)["done"] == replay.done
    assert findings(capsys) == []


@pytest.mark.parametrize("tool", [Origin, Conductors])
def test_a_track_that_the_tool_wrote_becomes_one_that_updates(
    tool: type[Origin | Conductors], project: Path, newer: Path, capsys: Capture, monkeypatch: Patch
) -> None:
    monkeypatch.chdir(project)
    tool.setup(project)
    written = tool.new_track(project)
    before = {path: path.read_text("utf-8") for path in written.iterdir()}
    source = ("--template", str(newer), "--vcs-ref", "v1.0.0", "--defaults")
    done = call(capsys, "adopt", *source, str(written))
    assert (done.code, done.err) == (0, ""), done
    assert findings(capsys) == []
    (folder,) = (project / "storage-conductor" / "storages").iterdir()
    for name in ("spec.md", "plan.md"):
        text = (folder / name).read_text("utf-8")
        lines = before[written / name].splitlines()
        assert [line for line in lines if line not in text and "](" not in line] == []
    spec = (folder / "spec.md").read_text("utf-8")
    product = "../../product.md" if tool is Origin else "../../../conductor/product.md"
    assert f"[product]({product})" in spec
    if tool is Conductors:
        assert {path: path.read_text("utf-8") for path in written.iterdir()} == before
        assert "[index](../../../conductor/tracks/orders_20260110/index.md)" in spec
    commit(project, "adopt")

    replay = tool(folder)
    list(replay.implement(2))
    assert standing(capsys)["done"] == replay.done
    done = call(capsys, "refresh", "--trust")
    assert (done.code, done.err) == (0, ""), done
    assert f"- [ ] {ADDED}" in replay.plan()
    assert standing(capsys)["done"] == replay.done
    assert findings(capsys) == []
