"""What commands of assistants do to a track, step by step, as their own texts say it.

`Origin` are the five commands of Storage Conductor, `Conductors` those of Conductor
(https://github.com/gemini-cli-extensions/conductor). Neither uses a program: they edit the files,
commit, and write what they did into the plan.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from tests.conftest import commit, git

OPEN = re.compile(r"^(\s*)- \[ \] (.*)$", re.MULTILINE)
LATER = "2026-02-01T12:00:00"


class Replay:
    """Works on a track as one tool's commands do; each step yields how many boxes are ticked."""

    stamp = LATER

    def __init__(self, track: Path) -> None:
        self.track = track
        self.project = track.parents[2]
        self.done = 0

    def implement(self, tasks: int) -> Iterator[str]:
        """Do the first tasks of the plan; yield the task in progress before each is done."""
        self.begin()
        for _ in range(tasks):
            task = self.mark()
            commit(self.project, f"feat(storage): {task[:40]}")
            yield task
            self.tick(git(self.project, "rev-parse", "--short=7", "HEAD").strip())
            commit(self.project, "plan: tick")
        self.end_phase()
        commit(self.project, "plan: end of phase")

    def begin(self) -> None:
        """Say that the work has begun."""

    def mark(self) -> str:
        """Mark the first open task as in progress; return its text."""
        plan = self.plan()
        match = next(each for each in OPEN.finditer(plan) if not each[1])
        self.write(plan[: match.start()] + f"- [~] {match[2]}" + plan[match.end() :])
        return match[2]

    def tick(self, commit_hash: str) -> None:
        """Tick the task in progress, and what belongs to it."""
        plan = self.plan()
        start = plan.index("- [~] ")
        rest = re.compile(r"^(?![ \t])", re.MULTILINE).search(plan, plan.index("\n", start) + 1)
        stop = rest.start() if rest else len(plan)
        block = plan[start:stop].replace("- [~] ", "- [x] ", 1).replace("- [ ] ", "- [x] ")
        self.done += len(re.findall(r"- \[x\] ", block))
        first, newline, others = block.partition("\n")
        self.write(plan[:start] + self.noted(first, commit_hash) + newline + others + plan[stop:])

    def noted(self, task: str, commit_hash: str) -> str:
        """Return a ticked task with what the tool writes behind it."""
        return task

    def end_phase(self) -> None:
        """Write that the first phase was ended, where all of it is done."""

    def plan(self) -> str:
        return (self.track / "plan.md").read_text(encoding="utf-8")

    def write(self, text: str) -> None:
        (self.track / "plan.md").write_text(text, encoding="utf-8")

    def set_status(self, status: str) -> None:
        """Write a status into metadata and registry, with a time that names no zone."""
        path = self.track / "metadata.json"
        data = json.loads(path.read_text(encoding="utf-8"))
        path.write_text(json.dumps(data | {"status": status, "updated": self.stamp}, indent=2))
        registry = self.project / "storage-conductor" / "tracks.md"
        lines = registry.read_text(encoding="utf-8").splitlines(keepends=True)
        for at, line in enumerate(lines):
            if f"| {self.track.name} |" in line:
                cells = line.split(" | ")
                cells[5] = status
                cells[-1] = f"{self.stamp[:10]} |\n"
                lines[at] = " | ".join(cells)
        registry.write_text("".join(lines), encoding="utf-8")


class Origin(Replay):
    """Storage Conductor: statuses of track and phase, and plain ticks."""

    def begin(self) -> None:
        self.set_status("In Progress")
        self.write(self.plan().replace("**Status**: Not Started", "**Status**: In Progress", 1))

    def revert(self, *, remove: bool) -> None:
        """Take everything back: the registry keeps the row, the folder may go."""
        plan = self.plan()
        for mark in ("[x]", "[~]"):
            plan = plan.replace(f"- {mark} ", "- [ ] ")
        self.write(plan.replace("**Status**: In Progress", "**Status**: Not Started"))
        self.set_status("Reverted")
        self.done = 0
        if remove:
            for path in self.track.iterdir():
                path.unlink()
            self.track.rmdir()
        commit(self.project, "revert: storage component")


class Conductors(Replay):
    """Conductor: a commit's hash behind each task, and a checkpoint behind a phase."""

    def begin(self) -> None:
        self.set_status("In Progress")
        path = self.track / "metadata.json"
        data = json.loads(path.read_text(encoding="utf-8"))
        data |= {"track_id": self.track.name, "updated_at": "2026-02-01T12:00:00Z"}
        path.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")

    def noted(self, task: str, commit_hash: str) -> str:
        return f"{task} {commit_hash}"

    def end_phase(self) -> None:
        mark = git(self.project, "rev-parse", "--short=7", "HEAD").strip()
        heading = re.compile(r"^(## Phase 1: .*)$", re.MULTILINE)
        self.write(heading.sub(rf"\1 [checkpoint: {mark}]", self.plan(), count=1))

    def archive(self) -> None:
        """Move the track away, as after its completion; its row stays."""
        above = self.project / "storage-conductor" / "archive"
        above.mkdir()
        self.track.rename(above / self.track.name)
        commit(self.project, "chore: archive the track")
