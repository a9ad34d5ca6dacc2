"""Marks that neighbours' commands and formatters leave in a real track, through every command."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from storage_conductor.markdown import outline
from storage_conductor.markdown.boxes import State
from tests.command_runner import call
from tests.conftest import commit
from tests.track_builder import replace
from tests.update_support import NEW, first_release, new_tasks, release, start, texts

# What stands in place of the first boxes of the plan, and what each of them means.
MARKS = (
    ("- [~] {}", State.BEGUN),
    ("* [X] {}", State.DONE),
    ("1. [x] {} abc1234", State.DONE),
    ("+ [x] {} [abc1234]", State.DONE),
    ("- [x] ~~{}~~", State.DROPPED),
    ("- [-] {}", State.DROPPED),
    ("-   [x] {} (abc1234)", State.DONE),
)
BOX = re.compile(r"- \[ \] (.*)")


@pytest.fixture(scope="module")
def newer(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the template with a second version that rewords, moves, adds and removes tasks."""
    target = first_release(template, tmp_path_factory.mktemp("newer") / "template")
    return release(target, new_tasks)


def marked(plan: str) -> tuple[str, dict[str, State]]:
    """Write the marks of the neighbours into a plan; return it with the meaning of each task.

    What they tick has its sub-tasks ticked, too.
    """
    lines = plan.splitlines()
    meant: dict[str, State] = {}
    tops = [(at, match) for at, line in enumerate(lines) if (match := BOX.fullmatch(line))]
    for (form, state), (at, match) in zip(MARKS, tops, strict=False):
        lines[at] = form.format(match[1])
        meant[match[1]] = state
        if state is State.DONE:
            meant |= tick_below(lines, at)
    at, match = tops[len(MARKS)]
    lines[at] = "- [x] " + "\n      ".join(match[1].rsplit(" ", 1))
    meant[match[1]] = State.DONE
    meant |= tick_below(lines, at)
    text = "\n".join(lines) + "\n"
    text = re.sub(r"^(## Phase [12]: .*)$", r"\1 [checkpoint: abc1234]", text, flags=re.MULTILINE)
    return text.replace("\n  - [ ]", "\n    - [ ]"), meant


def tick_below(lines: list[str], at: int) -> dict[str, State]:
    """Tick the sub-tasks of a task, and return them."""
    ticked = {}
    while (line := lines[at := at + 1]).startswith("  - [ ]"):
        lines[at] = line.replace("[ ]", "[x]")
        ticked[lines[at]] = State.DONE
    return ticked


def test_no_mark_is_a_finding_or_a_conflict_and_each_counts_as_it_is_meant(
    newer: Path, project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    track = start(newer, project)
    plan, meant = marked((track / "plan.md").read_text(encoding="utf-8"))
    (track / "plan.md").write_text(plan, encoding="utf-8")
    data = json.loads((track / "metadata.json").read_text(encoding="utf-8"))
    data |= {"status": "In Progress", "updated": "2026-01-31T10:00:00", "owner": "Ann"}
    (track / "metadata.json").write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")
    registry = project / "storage-conductor" / "tracks.md"
    row = next(line for line in registry.read_text("utf-8").splitlines() if track.name in line)
    gone = row.replace(track.name, "storage-001").replace("| Planning |", "| Reverted |")
    kept = row.replace(track.name, "storage-002")
    mine = row.replace("| Planning |", "| In Progress |")
    replace(registry, f"{row}\n", f"{mine}\n{gone}\n{kept}\n")
    archived = project / "storage-conductor" / "archive" / "storage-002"
    archived.mkdir(parents=True)
    (archived / "plan.md").write_text("# Plan\n", encoding="utf-8")
    commit(project, "work")
    monkeypatch.chdir(project)

    assert json.loads(call(capsys, "check", "--json").out)["findings"] == []
    standing = json.loads(call(capsys, "status", "--json").out)["tracks"][0]
    assert standing["done"] == sum(state is State.DONE for state in meant.values())
    found = outline.read(plan).boxes
    assert standing["total"] == sum(box.state is not State.DROPPED for box in found)
    begun = [outline.plain(text) for text, state in meant.items() if state is State.BEGUN]
    assert standing["in_progress"] == begun
    assert standing["next_task"] == begun[0]

    updated = call(capsys, "refresh", "--trust")
    assert (updated.code, updated.err) == (0, "")
    assert NEW in (track / ".copier-answers.yml").read_text(encoding="utf-8")
    after = texts(track)
    assert "<<<<<<<" not in "".join(after.values())
    states = [box.state for box in outline.read(after["plan.md"]).boxes]
    for state in (State.DONE, State.BEGUN):
        assert states.count(state) == list(meant.values()).count(state)
    assert after["plan.md"].count("[checkpoint: abc1234]") == 2
    assert after["plan.md"].count("abc1234") == plan.count("abc1234")
    assert {**data, "updated": "x"} == {**json.loads(after["metadata.json"]), "updated": "x"}
    assert json.loads(call(capsys, "check", "--json").out)["findings"] == []
    assert gone in registry.read_text(encoding="utf-8")
