"""`implement`, `status`, `review` and `revert` by their own installed steps, executed literally."""

from __future__ import annotations

import contextlib
import json
import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from cli.template import VARIABLE
from storage_conductor.markdown.outline import plain
from storage_conductor.phases import PHASES

from .assistant_steps import Skill
from .command_runner import call
from .conftest import commit, git
from .track_builder import replace
from .update_support import ADDED, start, update
from .verify_support import ENTITIES, PATTERNS

Capture = pytest.CaptureFixture[str]
BLOCK = re.compile(r"^- \[.\] .*\n(?:[ \t].*\n)*", re.MULTILINE)
REVISE = "storage-conductor revise ID --data NAME=VALUE"
HASH = re.compile(r" \[[0-9a-f]{7,}\]$", re.MULTILINE)
# What is for other plans, and what a user decides.
FOR_OTHERS = {(3, "In Progress"), (4, REVISE), (5, "--scratch"), (5, "--store"), (5, "--allow")}
FOR_OTHERS.add((5, "--task KEY --by NAME --note TEXT"))


class Assistant:
    """Works on the one track of a project as the installed commands say."""

    def __init__(self, track: Path, capsys: Capture) -> None:
        self.track, self.capsys = track, capsys
        self.project, self.id = track.parents[2], track.name
        self.done = 0

    def skill(self, name: str) -> Skill:
        return Skill(self.project, name, self.capsys)

    def plan(self) -> str:
        return (self.track / "plan.md").read_text(encoding="utf-8")

    def edit(self, old: str, new: str) -> None:
        replace(self.track / "plan.md", old, new)

    def set_status(self, status: str) -> None:
        """Write a status into metadata.json and into the row of tracks.md."""
        path = self.track / "metadata.json"
        before = json.loads(path.read_text(encoding="utf-8"))["status"]
        replace(path, f'"status": "{before}"', f'"status": "{status}"')
        registry = self.project / "storage-conductor" / "tracks.md"
        row = next(line for line in registry.read_text("utf-8").splitlines() if self.id in line)
        replace(registry, row, row.replace(f"| {before} |", f"| {status} |"))

    def standing(self) -> dict[str, Any]:
        """Return where the track stands by the command `storage-status`."""
        skill = self.skill("storage-status")
        (found,) = skill.read(1, "storage-conductor status")["tracks"]
        brief = skill.read(1, "storage-conductor brief", ID=self.id)
        assert skill.read(2, "storage-conductor check")["findings"] == []
        skill.says(3, "next_phase")
        assert (skill.left(), found["next_phase"]) == (set(), brief["next_phase"])
        assert isinstance(found, dict)
        return found

    def implement(self) -> Skill:
        """Build a phase, and answer as a user who agrees; return what was followed."""
        skill = self.skill("storage-implement")
        (found,) = skill.read(1, "storage-conductor status")["tracks"]
        self.id = found["id"]
        brief = skill.read(2, "storage-conductor brief", ID=self.id)
        number = brief["next_phase"]
        skill.says(2, "before_phase", "next_phase")
        for each in brief["open_decisions"]:
            if each["before_phase"] <= number:
                self.decide(each["line"], skill.says(2, "decided"))
        skill.says(3, "status", "**Status**")
        if found["status"] == "Planning":
            self.set_status(skill.says(3, "In Progress"))
        heading = self.heading(number)
        begun = re.sub(r"(?m)^(\*\*Status\*\*): .*$", r"\1: In Progress", self.phase(heading))
        self.edit(self.phase(heading), begun)
        skill.says(4, "proofs")
        proven = {each["text"] for each in brief["proofs"] if "text" in each}
        for block in BLOCK.findall(self.phase(heading)):
            if "- [ ] " in block:
                self.build(skill, block, proven)
        verified = skill.run(5, "storage-conductor verify", *self.live(skill), ID=self.id)
        assert verified.code == 0, verified
        self.done += verified.out.count("\nticked ")
        self.edit(self.phase(heading), self.phase(heading).replace("In Progress", "Completed"))
        skill.says(5, "**Gate**", "**Status**", "Completed")
        checked = skill.run(5, "storage-conductor check")
        assert checked.code == 0, checked
        commit(self.project, f"docs: end of phase {number}")
        return skill

    def live(self, skill: Skill) -> list[str]:
        """Return what is added where there is a live schema."""
        told = skill.says(5, "--url env:DATABASE_URL").split()
        return told if (self.project / "live.db").exists() else []

    def decide(self, line: int, status: str) -> None:
        row = (self.track / "spec.md").read_text(encoding="utf-8").splitlines()[line - 1]
        replace(self.track / "spec.md", row, row.replace("| open |", f"| {status} |"))

    def heading(self, number: int) -> str:
        """Return how the heading of a phase begins."""
        return f"## Phase {number}: {list(PHASES.values())[number - 1]}"

    def reopened(self) -> list[str]:
        """Return the phases that were completed and have an open task again, all that is found."""
        findings = json.loads(call(self.capsys, "check", "--json").out)["findings"]
        assert {each["rule"] for each in findings} == {"progress"}
        return [each["message"].partition(" is Completed")[0] for each in findings]

    def phase(self, heading: str) -> str:
        """Return the text of a phase."""
        return heading + self.plan().partition(heading)[2].partition("\n## ")[0]

    def build(self, skill: Skill, block: str, proven: set[str]) -> None:
        """Do a task, and commit it as the step says."""
        box, task = block[3], block.partition("\n")[0][6:]
        begun = f"- {skill.says(4, '[~]')} {task}\n"
        self.edit(f"- [{box}] {task}\n", begun)
        if not self.done:
            assert self.standing()["in_progress"] == [plain(task)]
        if task.startswith("Write the first migration"):
            assert skill.run(4, "storage-conductor files", ID=self.id).code == 0
            self.migrate()
        (self.project / f"work{self.done}.py").write_text("done\n", encoding="utf-8")
        which = r"- \[ \] (?=Test: )" if plain(task) in proven else r"- \[[ ~]\] "
        before = block.replace(f"- [{box}] {task}\n", begun)
        after = re.sub(which, f"- {skill.says(4, '[x]')} ", before)
        self.edit(before, after)
        self.done += after.count("- [x] ") - block.count("- [x] ")
        commit(self.project, f"feat: {plain(task)}")
        if box == " " and f"- [x] {task}\n" in after:
            short = git(self.project, "rev-parse", "--short", "HEAD").strip()
            self.edit(f"- [x] {task}\n", f"- [x] {task} [{short}]\n")
            commit(self.project, "docs: note the commit")

    def migrate(self) -> None:
        """Run the first migration on the live database."""
        (first,) = (self.track / "files" / "migrations").glob("*.up.sql")
        ddl = first.read_text(encoding="utf-8")
        with contextlib.closing(sqlite3.connect(self.project / "live.db")) as live, live:
            live.executescript(ddl)

    def revert(self, count: int) -> None:
        """Undo the newest tasks of the plan by the command `storage-revert`."""
        skill = self.skill("storage-revert")
        assert skill.read(1, "storage-conductor status")["tracks"][0]["id"] == self.id
        done = re.findall(r"^- \[x\] (.*) \[([0-9a-f]{7,})\]$", self.plan(), re.MULTILINE)[-count:]
        for task, short in reversed(done):
            found = skill.run(2, "git log", plain(task), "--format=%h")
            assert short in found.out.split()
            # The first meets a conflict in the plan; the second settles it.
            skill.run(3, "git revert", HASH=short)
            assert skill.run(3, "git checkout").code == 0
        for task, short in done:
            block = re.search(
                rf"^- \[x\] {re.escape(task)} \[{short}\]\n(?:[ \t].*\n)*",
                self.plan(),
                re.MULTILINE,
            )
            assert block
            self.done -= block[0].count("- [x] ")
            self.edit(block[0], block[0].replace("- [x] ", "- [ ] ").replace(f" [{short}]\n", "\n"))
        skill.says(4, "**Status**", "status", "Reverted")
        phase = self.phase(self.heading(2))
        self.edit(phase, phase.replace("Completed", "In Progress"))
        checked = skill.run(5, "storage-conductor check")
        assert checked.code == 0, checked
        assert skill.left() == set()
        commit(self.project, "revert: two tasks")


@pytest.fixture
def assistant(
    newer: Path, project: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> Assistant:
    monkeypatch.chdir(project)
    monkeypatch.setenv(VARIABLE, str(newer))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{project / 'live.db'}")
    data: dict[str, Any] = {"backend": "SQLite", "entities": ENTITIES, "access_patterns": PATTERNS}
    track = start(newer, project, **data)
    assert call(capsys, "assistants", "claude").code == 0
    (project / ".gitignore").write_text("live.db\n", encoding="utf-8")
    commit(project, "chore: commands")
    return Assistant(track, capsys)


def test_a_track_is_built_reviewed_updated_and_reverted(
    assistant: Assistant, project: Path
) -> None:
    track = assistant.track
    assistant.implement()
    # What Conductor writes behind a phase.
    heading = assistant.heading(1)
    assistant.edit(f"{heading}\n", f"{heading} [checkpoint: abc1234]\n")
    commit(project, "docs: checkpoint")
    skill = assistant.skill("storage-implement")
    revised = skill.run(
        4, "storage-conductor revise", ID=track.name, NAME="retention", VALUE="9 years"
    )
    assert (revised.code, revised.err) == (0, ""), revised
    assert assistant.reopened() == ["phase 1"]
    commit(project, "docs: an answer was wrong")
    assistant.implement()
    skill = assistant.implement()
    assert {said for said in skill.left() if said[0] < 6} == FOR_OTHERS
    found = assistant.standing()
    assert (found["status"], found["done"]) == ("In Progress", assistant.done)
    assert found["in_progress"] == []
    assert found["next_phase"] == 3

    review = assistant.skill("storage-review")
    assert review.read(1, "storage-conductor check")["findings"] == []
    assert review.read(1, "storage-conductor brief", ID=track.name)["in_progress"] == []
    assert review.read(2, "storage-conductor drift", ID=track.name) == []
    with contextlib.closing(sqlite3.connect(project / "live.db")) as live, live:
        live.execute("DROP INDEX ix_entry_account_id")
    (missing,) = review.read(2, "storage-conductor drift", code=1, ID=track.name)
    assert "ix_entry_account_id" in json.dumps(missing)
    (project / "live.db").unlink()
    assistant.migrate()
    assert review.left() == {(2, "--store"), (4, REVISE)}

    before = assistant.plan()
    update(track)
    plan = assistant.plan()
    assert f"- [ ] {ADDED}" in plan
    assert "<<<<<<<" not in plan + (track / "spec.md").read_text(encoding="utf-8")
    assert HASH.findall(plan) == HASH.findall(before)
    assert f"{heading} [checkpoint: abc1234]\n" in plan
    assert assistant.reopened() == ["phase 1"]
    commit(project, "chore: update")
    assistant.implement()

    assistant.revert(2)
    found = assistant.standing()
    assert (found["status"], found["done"]) == ("In Progress", assistant.done)
    assert found["next_phase"] == 2
    done = call(assistant.capsys, "refresh")
    assert "0 tracks updated, 1 unchanged" in done.out, done
    given_up(assistant)


def given_up(assistant: Assistant) -> None:
    """Revert the whole track, then move it away."""
    project, track, capsys = assistant.project, assistant.track, assistant.capsys
    assistant.set_status(assistant.skill("storage-revert").says(4, "Reverted"))
    assert assistant.standing()["status"] == "Reverted"
    commit(project, "revert: the track")

    archive = project / "storage-conductor" / "archive"
    archive.mkdir()
    track.rename(archive / track.name)
    commit(project, "chore: archive")
    assert json.loads(call(capsys, "check", "--json").out)["findings"] == []
    assert call(capsys, "status").out == "No track is being worked on.\n"
