"""Writes valid tracks without rendering a template, for tests that need many or odd ones."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from storage_conductor.phases import PHASES
from storage_conductor.review.track_checks import SPEC_SECTIONS
from storage_conductor.tracks import metadata, registry_file

SOURCE = "https://example.org/storage-template.git"
CREATED = "2026-01-01T08:00:00+00:00"
STARTER = "# Storage Components\n\n## Status Definitions\n\n- **Planning**: the plan is written\n"
BOXES = 4  # in each phase: two tasks, each with one sub-task

Decision = tuple[str, int | str, str]  # key, phase before which it is due, status


def write_track(
    project: Path,
    storage_id: str = "storage-001",
    *,
    title: str = "Payments ledger",
    storage_type: str = "database",
    backend: str = "PostgreSQL",
    status: str = "Planning",
    created: str = CREATED,
    updated: str = CREATED,
    done: Mapping[int, int] | None = None,
    phase_status: Mapping[int, str] | None = None,
    decisions: Sequence[Decision] = (),
    version: str = "v1.0.0",
    source: str = SOURCE,
) -> Path:
    """Write a track and return its folder.

    Args:
        done: For each phase the number of boxes ticked, of `BOXES`.
        phase_status: For each phase its Status line, when not `Not Started`.
    """
    folder = project / "storage-conductor" / "storages" / storage_id
    folder.mkdir(parents=True)
    data = {
        "id": storage_id,
        "title": title,
        "type": "Storage Component",
        "storage_type": storage_type,
        "backend": backend,
        "status": status,
        "created": created,
        "updated": updated,
    }
    texts = {
        "metadata.json": json.dumps(data, indent=2, ensure_ascii=False) + "\n",
        "spec.md": spec(title, storage_type, backend, decisions),
        "plan.md": plan(title, done or {}, phase_status or {}),
        ".copier-answers.yml": (
            f"# Recorded\n_commit: {version}\n_src_path: {source}\nstorage_id: {storage_id}\n"
        ),
    }
    for name, text in texts.items():
        (folder / name).write_bytes(text.encode("utf-8"))
    return folder


def spec(title: str, storage_type: str, backend: str, decisions: Sequence[Decision]) -> str:
    """Return a specification with all sections."""
    lines = [
        f"# {title}",
        "",
        "- **Type**: Storage Component",
        f"- **Storage Type**: {storage_type}",
        f"- **Storage Backend**: {backend}",
        "- **Plan**: [plan.md](plan.md)",
    ]
    for name in SPEC_SECTIONS:
        lines += ["", f"## {name}", ""]
        if name == "Decisions" and decisions:
            lines += ["| Key | What | Default taken | Who decides | Before phase | Status |"]
            lines += ["| --- | --- | --- | --- | --- | --- |"]
            lines += [f"| {key} | W | D | Team | {due} | {said} |" for key, due, said in decisions]
        else:
            lines.append("Not applicable: nothing is known yet.")
    return "\n".join(lines) + "\n"


def plan(title: str, done: Mapping[int, int], phase_status: Mapping[int, str]) -> str:
    """Return a plan with all phases."""
    lines = [f"# Plan: {title}"]
    for number, name in enumerate(PHASES.values(), start=1):
        boxes = [
            f"- [ ] Draw up {number}.1, see [the schema](spec.md#schema-design)",
            f"  - [ ] Review {number}.1",
            f"- [ ] Build {number}.2",
            f"  - [ ] Test {number}.2",
        ]
        ticked = done.get(number, 0)
        for at in (1, 0, 3, 2)[:ticked]:  # a task is done after its sub-task
            boxes[at] = boxes[at].replace("[ ]", "[x]")
        state = phase_status.get(number, "Not Started")
        lines += ["", f"## Phase {number}: {name}", "", f"**Status**: {state}", "", *boxes]
        lines += ["", f"**Gate**: The review of phase {number} is recorded."]
    return "\n".join(lines) + "\n"


def write_registry(project: Path) -> Path:
    """Enter all tracks into the registry and return it."""
    home = project / "storage-conductor"
    rows = [
        metadata.row(json.loads((folder / "metadata.json").read_text(encoding="utf-8")))
        for folder in sorted((home / "storages").iterdir())
    ]
    registry_file.rebuild(home / "tracks.md", rows, STARTER)
    return home / "tracks.md"


def all_done() -> dict[int, int]:
    """Return every phase with all its boxes."""
    return dict.fromkeys(range(1, len(PHASES) + 1), BOXES)


def replace(path: Path, old: str, new: str) -> None:
    """Replace a text that a file must contain."""
    text = path.read_bytes().decode("utf-8")
    assert old in text
    path.write_bytes(text.replace(old, new, 1).encode("utf-8"))
