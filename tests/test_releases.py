"""A track of each release becomes one of the working tree, with what people did to it."""

from __future__ import annotations

import io
import itertools
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, commit, working_tree
from tests.update_support import command_line, edit, start, texts, update

# The commit that each release in CHANGELOG.md stands for; tags are not everywhere.
RELEASES = {"v0.1.0": "1979c03", "v0.2.0": "e1dd13f", "v0.3.0": "dbb2a74"}
RENDERED = ("copier.yml", "extensions", "hooks", "parts", "template")

ANSWERS: dict[str, dict[str, Any]] = {
    "quick": {"storage_type": "cache", "backend": "Redis", "use_cases": ["login sessions"]},
    "model": {
        "storage_type": "database",
        "backend": "PostgreSQL",
        "detail": "full",
        "use_cases": ["entries of an account, newest first"],
        "reads_per_second": 900,
        "rpo_minutes": 5,
        "entities": {
            "Account": {"id": "uuid pk", "email": "text unique not null"},
            "Entry": {
                "id": "bigint pk",
                "account": "ref Account on delete restrict",
                "amount_minor": "bigint not null check(amount_minor > 0)",
                "created_at": "timestamptz not null",
            },
        },
        "access_patterns": [
            {
                "name": "entries of an account, newest first",
                "entity": "Entry",
                "filter": ["account"],
                "sort": ["created_at desc"],
                "kind": "read",
                "per_second": 900,
            }
        ],
    },
}
SENTENCE = "Finance asked for this on the first of March."


def released(target: Path, commit_id: str) -> Path:
    """Write the template as a release had it."""
    known = subprocess.run(
        ["git", "cat-file", "-e", f"{commit_id}^{{commit}}"], cwd=ROOT, check=False
    )
    if known.returncode:
        pytest.skip("this checkout has no history of releases: git fetch --unshallow")
    archive = subprocess.run(
        ["git", "archive", commit_id, *RENDERED], cwd=ROOT, check=True, capture_output=True
    ).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(target, filter="data")
    return target


def become_newest(source: Path) -> None:
    """Replace a released template by the working tree, as the next version."""
    for name in RENDERED:
        old = source / name
        shutil.rmtree(old) if old.is_dir() else old.unlink()
    working_tree(source)
    commit(source, "the working tree", "v99.0.0")


@pytest.mark.parametrize("answers", ANSWERS)
@pytest.mark.parametrize("version", RELEASES)
def test_a_track_of_each_release_updates(tmp_path: Path, version: str, answers: str) -> None:
    source = released(tmp_path / "template", RELEASES[version])
    commit(source, "release", version)
    track = start(source, tmp_path / "project", ref=version, **ANSWERS[answers])
    plan = (track / "plan.md").read_text(encoding="utf-8")
    pairs = itertools.pairwise(plan.splitlines())
    ticked = next(a for a, b in pairs if a.startswith("- [ ]") and not b.startswith("  - "))
    edit(track / "plan.md", (ticked, ticked.replace("[ ]", "[x]")))
    edit(track / "spec.md", ("\n\n## ", f"\n\n{SENTENCE}\n\n## "))
    commit(tmp_path / "project", "worked on")

    become_newest(source)
    update(track)

    after = texts(track)
    assert "_commit: v99.0.0" in (track / ".copier-answers.yml").read_text(encoding="utf-8")
    assert SENTENCE in after["spec.md"]
    assert after["plan.md"].count("[x]") == 1
    assert not [text for text in after.values() if "<<<<<<<" in text or ">>>>>>>" in text]
    # What the new version asks for below the ticked task is open, and a finding until it is done.
    lines = after["plan.md"].splitlines()
    at = next(number for number, line in enumerate(lines) if "[x]" in line) + 1
    while lines[at].startswith("  - [ ]"):
        lines[at], at = lines[at].replace("[ ]", "[x]"), at + 1
    (track / "plan.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    commit(tmp_path / "project", "updated")
    check = subprocess.run(
        [sys.executable, "-m", "storage_conductor_cli", "check"],
        cwd=tmp_path / "project",
        capture_output=True,
        text=True,
        check=False,
    )
    assert check.returncode == 0, check.stdout + check.stderr


def test_each_release_of_the_changelog_has_its_commit() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    named = [f"v{line[3:]}" for line in changelog.splitlines() if line.startswith("## ")]
    assert set(named[1:]) == set(RELEASES)


def test_command_line_updates_a_track_of_the_first_release(tmp_path: Path) -> None:
    source = released(tmp_path / "template", RELEASES["v0.1.0"])
    commit(source, "release", "v0.1.0")
    track = start(source, tmp_path / "project", ref="v0.1.0", **ANSWERS["quick"])
    become_newest(source)
    done = command_line(
        tmp_path / "project",
        *("update", "--trust", "--defaults", "--answers-file"),
        str((track / ".copier-answers.yml").relative_to(tmp_path / "project")),
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
