"""The settings of a project's own git run nothing in any command."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from .conftest import commit, git
from .trust_support import LINKS, ONE, STORAGES, make_project, make_template, say

HOOKS = (
    "post-index-change",
    "post-checkout",
    "pre-commit",
    "reference-transaction",
    "fsmonitor-watchman",
)


@pytest.fixture
def project(template: Path, tmp_path: Path) -> Path:
    return make_project(make_template(template, tmp_path / "template"), tmp_path / "project")


@LINKS
def test_nothing_of_the_project_is_run(project: Path, tmp_path: Path) -> None:
    marks, trap = tmp_path / "marks", tmp_path / "trap"
    marks.mkdir()
    trap.write_text(f'#!/bin/sh\ntouch \'{marks}\'/"$(basename "$0")$1"\ncat\n', encoding="utf-8")
    trap.chmod(0o755)
    folder = project / STORAGES / ONE
    (project / ".gitattributes").write_text("*.md filter=a=b diff=d merge=m\n", encoding="utf-8")
    commit(project, "attributes")
    for name in (
        "core.fsmonitor",
        "core.pager",
        "core.editor",
        "core.sshCommand",
        "core.gitProxy",
        "core.askPass",
        "core.alternateRefsCommand",
        "credential.helper",
        "diff.external",
        "diff.d.command",
        "diff.d.textconv",
        "filter.a=b.clean",
        "filter.a=b.smudge",
        "filter.a=b.process",
        "gpg.program",
        "interactive.diffFilter",
        "merge.m.driver",
        "pager.status",
        "uploadpack.packObjectsHook",
    ):
        git(project, "config", name, f"{trap} {name}")
    git(project, "config", "filter.a=b.required", "true")
    for alias in ("status", "ls-files", "rev-parse", "config", "cat-file"):
        git(project, "config", f"alias.{alias}", f"!{trap} alias")
    included = tmp_path / "included"
    included.write_text(f"[core]\n\tfsmonitor = {trap} included\n", encoding="utf-8")
    git(project, "config", "include.path", str(included))
    for name in HOOKS:
        hook = project / ".git" / "hooks" / name
        hook.unlink(missing_ok=True)
        shutil.copy2(trap, hook)
    shutil.rmtree(marks)
    marks.mkdir()
    # Git looks again at what could have changed.
    for path in folder.iterdir():
        os.utime(path, (1, 1))
    for arguments in (("check",), ("status",), ("sync",), ("refresh", "--dry-run", "--trust")):
        done = say(project, *arguments)
        assert done.code in (0, 1)
        assert [path.name for path in marks.iterdir()] == [], arguments
    assert say(project, "refresh", "--trust").code == 0
    assert [path.name for path in marks.iterdir()] == []


@LINKS
def test_a_pipe_in_place_of_git_stops_nothing(project: Path) -> None:
    shutil.rmtree(project / ".git")
    os.mkfifo(project / ".git")
    assert say(project, "check").code == 0
    assert say(project, "status").code == 0
