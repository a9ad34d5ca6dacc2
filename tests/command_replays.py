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

from storage_conductor.phases import PHASES
from tests.conftest import commit, git

OPEN = re.compile(r"^(\s*)- \[ \] (.*)$", re.MULTILINE)
LATER = "2026-02-01T12:00:00"
ORIGIN_DOCUMENTS = {
    "product.md": "# Product\n\nA shop that ships within a day.\n",
    "tech-stack.md": "# Stack\n\n- **Language**: Go 1.24\n- **Database**: PostgreSQL 17\n",
    "storage-standards.md": "# Storage Standards\n\n- Backups are kept for 35 days.\n",
    "storage-template.md": "# Template\n\n## Repository\n\n```go\ntype Orders interface{}\n```\n",
    "workflow.md": "# Workflow\n\n- Tests are written before the code.\n",
    "tracks.md": "# Storage Components\n\n"
    "| Storage ID | Title | Storage Type | Backend | Status | Created Date | Updated Date |\n"
    "| --- | --- | --- | --- | --- | --- | --- |\n| | | | | | | |\n\n"
    "## Status Definitions\n\n- **Planning**: the plan is written\n",
}
ORIGIN_SPEC = """\
# Orders

**Type**: Storage Component
**Storage Type**: database
**Storage Backend**: PostgreSQL

## Description

Orders of the shop, as the [product](../../product.md) needs them.

## Data Integrity

An order has at least one line.
"""
CONDUCTOR_DOCUMENTS = {
    "index.md": "# Project Context\n\n- [Product Definition](./product.md)\n"
    "- [Tech Stack](./tech-stack.md)\n- [Workflow](./workflow.md)\n- [Tracks](./tracks.md)\n",
    "product.md": "# Initial Concept\n\nA shop that ships within a day.\n",
    "product-guidelines.md": "# Product Guidelines\n\nPlain words.\n",
    "tech-stack.md": "# Tech Stack\n\n- **Language**: Go 1.24\n- **Database**: PostgreSQL 17\n",
    "workflow.md": "# Workflow\n\n1. **Test-Driven Development:** Write unit tests first.\n",
    "tracks.md": "# Project Tracks\n\nThis file tracks all major tracks for the project.\n",
}
CONDUCTOR_SPEC = """\
# Specification: Order store

## Overview
Orders of the shop, in PostgreSQL, as the [product](../../product.md) needs them.

## Functional Requirements
1. An order has at least one line.

## Out of Scope
- Invoices, see the [index](./index.md)
"""
CONDUCTOR_PLAN = """\
# Implementation Plan

## Phase 1: Schema

- [ ] Task: Write the tables
    - [ ] Write Tests
    - [ ] Implement
- [ ] Task: Conductor - User Manual Verification 'Schema' (Protocol in workflow.md)
"""


def short_hash(project: Path) -> str:
    """Return the hash of the newest commit; after one that reads as a number, of another one."""
    while True:
        found = git(project, "rev-parse", "--short=7", "HEAD").strip()
        if not (found.isdigit() or found.isalpha()):
            return found
        git(project, "commit", "--quiet", "--allow-empty", "--message", "on")


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
            self.tick(short_hash(self.project))
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
        columns = next(line.split(" | ") for line in lines if line.startswith("| Storage ID"))
        for at, line in enumerate(lines):
            if f"| {self.track.name} |" in line:
                cells = line.split(" | ")
                cells[columns.index("Status")] = status
                cells[-1] = f"{self.stamp[:10]} |\n"
                lines[at] = " | ".join(cells)
        registry.write_text("".join(lines), encoding="utf-8")


class Origin(Replay):
    """Storage Conductor: statuses of track and phase, and plain ticks."""

    @staticmethod
    def setup(project: Path) -> None:
        """Write the documents of a project, and a registry with a row to fill in."""
        home = project / "storage-conductor"
        home.mkdir()
        for name, text in ORIGIN_DOCUMENTS.items():
            (home / name).write_text(text, encoding="utf-8")
        commit(project, "chore: set up storage conductor")

    @staticmethod
    def new_track(project: Path) -> Path:
        """Write a track by hand, and its row."""
        track = project / "storage-conductor" / "storages" / "storage-20260110-100000"
        track.mkdir(parents=True)
        (track / "spec.md").write_text(ORIGIN_SPEC, encoding="utf-8")
        phases = (
            f"## Phase {number}: {name}\n\n**Status**: Not Started\n\n- [ ] Work on {name}\n"
            for number, name in enumerate(PHASES.values(), start=1)
        )
        (track / "plan.md").write_text("# Plan: Orders\n\n" + "\n".join(phases), encoding="utf-8")
        data = {
            "id": track.name,
            "title": "Orders",
            "type": "Storage Component",
            "storage_type": "database",
            "backend": "PostgreSQL",
            "status": "Planning",
            "created": "2026-01-10T10:00:00Z",
            "updated": "2026-01-10T10:00:00Z",
        }
        (track / "metadata.json").write_text(json.dumps(data, indent=2), encoding="utf-8")
        registry = project / "storage-conductor" / "tracks.md"
        day = data["created"][:10]
        row = f"| {track.name} | Orders | database | PostgreSQL | Planning | {day} | {day} |"
        text = registry.read_text(encoding="utf-8")
        registry.write_text(text.replace("| | | | | | | |", row), encoding="utf-8")
        commit(project, "chore(storage): add track Orders")
        return track

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

    @staticmethod
    def setup(project: Path) -> None:
        """Write the documents of a project, and a registry without tracks."""
        home = project / "conductor"
        home.mkdir()
        for name, text in CONDUCTOR_DOCUMENTS.items():
            (home / name).write_text(text, encoding="utf-8")
        commit(project, "conductor(setup): Add conductor setup files")

    @staticmethod
    def new_track(project: Path) -> Path:
        """Write a track with an index of its files, and a section in the registry."""
        home = project / "conductor"
        track = home / "tracks" / "orders_20260110"
        track.mkdir(parents=True)
        data = {
            "track_id": track.name,
            "type": "feature",
            "status": "new",
            "created_at": "2026-01-10T10:00:00Z",
            "updated_at": "2026-01-10T10:00:00Z",
            "description": "Order store of the shop",
        }
        files = {
            "spec.md": CONDUCTOR_SPEC,
            "plan.md": CONDUCTOR_PLAN,
            "metadata.json": json.dumps(data, indent=2),
            "index.md": f"# Track {track.name} Context\n\n- [Specification](./spec.md)\n"
            "- [Implementation Plan](./plan.md)\n- [Metadata](./metadata.json)\n",
        }
        for name, text in files.items():
            (track / name).write_text(text, encoding="utf-8")
        link = f"./tracks/{track.name}/"
        with (home / "tracks.md").open("a", encoding="utf-8") as registry:
            registry.write("\n---\n\n- [ ] **Track: Order store of the shop**\n")
            registry.write(f"*Link: [{link}]({link})*\n")
        commit(project, "chore(conductor): Add new track 'Order store of the shop'")
        return track

    def begin(self) -> None:
        self.set_status("In Progress")
        path = self.track / "metadata.json"
        data = json.loads(path.read_text(encoding="utf-8"))
        data |= {"track_id": self.track.name, "updated_at": "2026-02-01T12:00:00Z"}
        path.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")

    def noted(self, task: str, commit_hash: str) -> str:
        return f"{task} {commit_hash}"

    def end_phase(self) -> None:
        mark = short_hash(self.project)
        heading = re.compile(r"^(## Phase 1: .*)$", re.MULTILINE)
        self.write(heading.sub(rf"\1 [checkpoint: {mark}]", self.plan(), count=1))

    def archive(self) -> None:
        """Move the track away, as after its completion; its row stays."""
        above = self.project / "storage-conductor" / "archive"
        above.mkdir()
        self.track.rename(above / self.track.name)
        commit(self.project, "chore: archive the track")
