"""`copier copy` from end to end: what a user gets, and what stays untouched."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from markdown_it import MarkdownIt

from storage_conductor.catalog import loading, rulebook
from storage_conductor.disk import places
from storage_conductor.phases import PHASES
from storage_conductor.review import track_checks
from storage_conductor.review.library import Library
from storage_conductor.schema.result import FindingKey
from storage_conductor.tracks import registry_read
from storage_conductor.update import new_track
from tests.conftest import REQUIRED, commit, git, tracks

Start = Callable[..., Path]
TYPES: dict[str, dict[str, Any]] = {
    "database": {"backend": "PostgreSQL"},
    "object_storage": {"storage_type": "object_storage", "backend": "Amazon S3"},
    "cache": {"storage_type": "cache", "backend": "Redis"},
    "file_system": {"storage_type": "file_system", "backend": "Local POSIX"},
    "hybrid": {"storage_type": "hybrid", "backends": ["PostgreSQL", "Amazon S3", "Redis"]},
}
FULL = {
    "detail": "full",
    "use_cases": ["record a payment", "show a balance"],
    "reads_per_second": 900,
    "writes_per_second": 300,
    "peak_factor": 4,
    "latency_p99_ms": 20,
    "average_item_bytes": 600,
    "largest_item_bytes": 8192,
    "initial_data_gb": 50,
    "growth_gb_per_month": 40,
    "scalability": "ten times in two years",
    "availability_percent": 99.95,
    "rpo_minutes": 5,
    "rto_minutes": 60,
    "consistency": "strong",
    "retention": "7 years",
    "sensitive_data": ["pii"],
    "language": "Python",
    "migration_tool": "Alembic",
    "test_driven": True,
    "affected_users": "merchants",
}


def cli(
    project: Path, *arguments: str, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run Copier's command line as a user does, with more in its environment."""
    return subprocess.run(
        [sys.executable, "-m", "copier", *arguments],
        cwd=project,
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def copy_arguments(template: Path, *more: str, **data: object) -> list[str]:
    """Return the arguments of a copy without questions."""
    pairs = [f"--data={name}={value}" for name, value in {**REQUIRED, **data}.items()]
    return ["copy", "--trust", "--defaults", *pairs, *more, str(template), "."]


def contents(project: Path) -> dict[str, bytes]:
    """Return every file of a project but git's own."""
    return {
        path.relative_to(project).as_posix(): path.read_bytes()
        for path in sorted(project.rglob("*"))
        if path.is_file() and ".git" not in path.parts
    }


def registry(project: Path) -> str:
    return (project / "storage-conductor" / "tracks.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("answers", [{}, FULL], ids=["quick", "full"])
def test_a_track_of_each_type_is_complete(
    start: Start, project: Path, kind: str, answers: dict[str, Any]
) -> None:
    track = start(**TYPES[kind], **answers)

    assert {path.name for path in track.iterdir()} == {
        "spec.md",
        "plan.md",
        "metadata.json",
        ".copier-answers.yml",
    }
    assert not track_checks.check_track(Library(project), track.name, syntax=track_checks.SYNTAX)
    metadata = json.loads((track / "metadata.json").read_text(encoding="utf-8"))
    assert metadata["storage_type"] == kind
    assert metadata["status"] == "Planning"
    assert registry_read.ids(registry(project)) == {track.name}


@pytest.mark.parametrize("kind", TYPES)
def test_markdown_says_the_same_to_a_real_parser(start: Start, kind: str) -> None:
    track = start(**TYPES[kind], **FULL)
    parser = MarkdownIt("commonmark").enable("table")
    spec, plan = (
        parser.parse((track / name).read_text(encoding="utf-8")) for name in ("spec.md", "plan.md")
    )

    def headings(tokens: list, tag: str) -> list[str]:  # type: ignore[type-arg]
        return [
            tokens[at + 1].content
            for at, token in enumerate(tokens)
            if token.type == "heading_open" and token.tag == tag
        ]

    assert headings(spec, "h2") == list(track_checks.SPEC_SECTIONS)
    assert headings(plan, "h2") == [
        f"Phase {number}: {name}" for number, name in enumerate(PHASES.values(), start=1)
    ]
    pipes = [
        token.content
        for token in spec
        if token.type == "inline" and re.search(r"\|.*\|", token.content)
    ]
    assert not pipes, "a table row that no parser reads as one"


def test_numbers_of_the_user_stand_in_requirements(start: Start) -> None:
    spec = (start(**FULL) / "spec.md").read_text(encoding="utf-8")

    requirements = spec[spec.index("## Requirements") : spec.index("## Dependencies")]
    for number in ("20 ms", "3,600 reads and 1,200 writes per second", "99.95 %", "7 years"):
        assert number in requirements


def test_every_backend_of_the_catalog_renders(start: Start, project: Path) -> None:
    for heading in loading.headings():
        quick = start(storage_type=heading.storage_type, backend=heading.name)
        assert f"**Storage Backend**: {heading.name}" in (quick / "spec.md").read_text("utf-8")
        start(storage_type=heading.storage_type, backend=heading.name, **FULL)
    assert len(registry_read.ids(registry(project))) == 2 * len(loading.headings())


@pytest.mark.parametrize("kind", ["database", "object_storage", "cache", "file_system"])
def test_a_backend_by_name(start: Start, kind: str) -> None:
    track = start(storage_type=kind, backend="Other", other_backend="Tiger|Beetle")

    metadata = json.loads((track / "metadata.json").read_text(encoding="utf-8"))
    assert metadata["backend"] == "Tiger|Beetle"


def test_documents_of_the_project_are_never_touched(start: Start, project: Path) -> None:
    home = project / "storage-conductor"
    home.mkdir()
    (home / "product.md").write_bytes(b"# Ours\r\n\r\nby us")
    (home / "workflow.md").write_bytes(b"")

    start()

    assert (home / "product.md").read_bytes() == b"# Ours\r\n\r\nby us"
    assert (home / "workflow.md").read_bytes() == b""
    assert {path.name for path in home.iterdir() if path.is_file()} == {
        *places.DOCUMENTS,
        "tracks.md",
        "metadata.schema.json",
        ".gitattributes",
    }


def test_unfilled_starters_state_nothing(start: Start, project: Path) -> None:
    start()
    second = start()

    answers = yaml.safe_load((second / ".copier-answers.yml").read_text(encoding="utf-8"))
    assert set(answers["project_context"]) <= {"documents", "unfilled", "assumed"}


def test_the_first_row_replaces_the_placeholder(start: Start, project: Path) -> None:
    home = project / "storage-conductor"
    home.mkdir()
    before = (
        "# Storage Components\n\n"
        "| Storage ID | Title | Storage Type | Backend | Type | Status"
        " | Created Date | Updated Date |\n"
        "|---|---|---|---|---|---|---|---|\n"
        "|   |   |   |   |   |   |   |   |\n\n"
        "## Status Definitions\n\n- **Planning**: planned\n"
    )
    (home / "tracks.md").write_text(before, encoding="utf-8", newline="")

    track = start()

    old, new = before.splitlines(), registry(project).splitlines()
    assert [line for line in new if line not in old] == [
        f"| {track.name} | Payments ledger | database | PostgreSQL | Storage Component"
        " | Planning | 2026-01-31 | 2026-01-31 |"
    ]
    assert len(old) == len(new)


@pytest.mark.parametrize(
    ("scheme", "expected"),
    [
        ("timestamp", ["storage-20260131-091000", "storage-20260131-091001"]),
        ("sequential", ["storage-001", "storage-002"]),
        ("typed", ["storage-database-001", "storage-database-002"]),
    ],
)
def test_ids_by_scheme(start: Start, scheme: str, expected: list[str]) -> None:
    assert [start(id_scheme=scheme).name for _ in expected] == expected


def test_an_id_on_another_branch_is_taken(start: Start, project: Path) -> None:
    commit(project)
    git(project, "switch", "--quiet", "--create", "other")
    start(id_scheme="sequential")
    commit(project)
    git(project, "switch", "--quiet", "main")

    assert start(id_scheme="sequential").name == "storage-002"


def test_an_id_of_ones_own(start: Start, folder: Path, project: Path) -> None:
    assert start(storage_id="ledger-2026").name == "ledger-2026"
    before = contents(project)

    again = cli(project, *copy_arguments(folder, storage_id="ledger-2026"))

    assert again.returncode == 1
    assert "ledger-2026" in again.stderr
    assert "Traceback" not in again.stderr
    assert contents(project) == before


@pytest.mark.parametrize("scheme", ["timestamp", "sequential", "typed"])
def test_twenty_at_the_same_moment(folder: Path, project: Path, scheme: str) -> None:
    command = [sys.executable, "-m", "copier", *copy_arguments(folder, "-q", id_scheme=scheme)]
    running = [
        subprocess.Popen(command, cwd=project, stderr=subprocess.PIPE, text=True) for _ in range(20)
    ]
    errors = [process.communicate()[1] for process in running]

    assert [process.returncode for process in running] == [0] * 20, errors
    found = {track.name for track in tracks(project)}
    assert len(found) == 20
    assert registry_read.ids(registry(project)) == found


def test_recorded_answers_lead_to_the_same_track(start: Start, project: Path) -> None:
    track = start(**FULL)
    before = contents(project)

    answers = track.relative_to(project) / ".copier-answers.yml"
    done = cli(project, "recopy", "--trust", "--defaults", "--overwrite", "-a", str(answers))

    assert done.returncode == 0, done.stderr
    assert contents(project) == before


def test_landing_twice_changes_nothing(start: Start, project: Path) -> None:
    track = start()
    before = contents(project)

    assert new_track.land(project, track.name) == []
    assert contents(project) == before


def test_pretending_changes_nothing(folder: Path, project: Path) -> None:
    done = cli(project, *copy_arguments(folder, "--pretend"))

    assert done.returncode == 0, done.stderr
    assert contents(project) == {}
    assert list(project.iterdir()) == []


def test_a_project_folder_that_does_not_exist_yet(template: Path, tmp_path: Path) -> None:
    arguments = copy_arguments(template)[:-1]

    done = cli(tmp_path, *arguments, "new/project")

    assert done.returncode == 0, done.stderr
    assert len(list(tracks(tmp_path / "new" / "project"))) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends processes another way")
def test_a_kill_at_any_moment_leaves_a_whole_registry(
    start: Start, folder: Path, project: Path
) -> None:
    start()
    command = [sys.executable, "-m", "copier", *copy_arguments(folder, "--quiet")]
    begun = time.perf_counter()
    subprocess.run(command, cwd=project, check=True)
    usual = time.perf_counter() - begun

    for part in range(6):
        before = registry(project)
        process = subprocess.Popen(command, cwd=project, start_new_session=True)
        time.sleep(usual * (0.4 + 0.12 * part))
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # the hook is a process of its own
        process.wait()

        after = registry(project)
        added = registry_read.ids(after) - registry_read.ids(before)
        assert after == before or len(added) == 1
        assert before.splitlines()[:6] == after.splitlines()[:6]

    known = registry_read.ids(registry(project))
    subprocess.run(command, cwd=project, check=True)  # may take the id of what was left half-done
    assert len(registry_read.ids(registry(project)) - known) == 1
    assert registry_read.parse(registry(project)).problems() == []


def test_every_finding_of_a_schema_draft_has_words() -> None:
    assert set(rulebook.model_findings()) == set(get_args(FindingKey))
