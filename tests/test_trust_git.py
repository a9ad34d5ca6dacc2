"""The settings of a project's own git run nothing in any command."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from .conftest import commit, git
from .trust_support import LINKS, ONE, STORAGES, TWO, copier, fresh, newer, project, say

__all__ = ["fresh", "newer", "project"]
HOOKS = (
    "post-index-change",
    "post-checkout",
    "pre-commit",
    "reference-transaction",
    "fsmonitor-watchman",
)
PROGRAMS = (
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
)
NOWHERE = "ssh://127.0.0.1:1/template.git"
DDL = "CREATE TABLE account (id int PRIMARY KEY);\n"


@pytest.fixture
def marks(project: Path, tmp_path: Path) -> Path:
    """Plant a program wherever git takes one; return the folder where it leaves its marks.

    Where a file `only` is, it leaves them while what that names is there, and else always.
    """
    found, trap = tmp_path / "marks", tmp_path / "trap"
    lines = (
        "#!/bin/sh",
        f"if ! test -e '{tmp_path}/only' || ls $(cat '{tmp_path}/only') >/dev/null 2>&1",
        f'then touch \'{found}\'/"$(basename "$0")$1"',
        "fi",
        "cat",
    )
    trap.write_text("\n".join(lines), encoding="utf-8")
    trap.chmod(0o755)
    by_hand = project / STORAGES / "by-hand"
    by_hand.mkdir()
    spec = "# By hand\n\n- **Storage Backend**: PostgreSQL\n\n## Description\n\nAll orders.\n"
    (by_hand / "spec.md").write_text(spec, encoding="utf-8")
    (project / "model.sql").write_text(DDL, encoding="utf-8")
    (project / ".gitattributes").write_text("*.md filter=a=b diff=d merge=m\n", encoding="utf-8")
    commit(project, "attributes")
    for name in PROGRAMS:
        git(project, "config", name, f"{trap} {name}")
    git(project, "config", "filter.a=b.required", "true")
    for alias in ("status", "ls-files", "rev-parse", "config", "cat-file", "ls-remote", "clone"):
        git(project, "config", f"alias.{alias}", f"!{trap} alias")
    included = tmp_path / "included"
    included.write_text(f"[core]\n\tfsmonitor = {trap} included\n", encoding="utf-8")
    git(project, "config", "include.path", str(included))
    for name in HOOKS:
        hook = project / ".git" / "hooks" / name
        hook.unlink(missing_ok=True)
        shutil.copy2(trap, hook)
    found.mkdir()
    # Git looks again at what could have changed.
    for path in (project / STORAGES).glob("*/*"):
        os.utime(path, (1, 1))
    return found


@LINKS
@pytest.mark.parametrize(
    "arguments",
    [
        ("check",),
        ("status",),
        ("sync",),
        ("context",),
        ("report",),
        ("brief", ONE),
        ("issues", "--csv", ONE),
        ("assistants", "claude"),
        ("refresh", "--dry-run", "--trust"),
        ("refresh", "--trust"),
        ("revise", ONE, "--trust", "-d", "rto_minutes=60"),
        ("import", "model.sql", "--into", ONE, "--trust"),
    ],
    ids=" ".join,
)
def test_nothing_of_the_project_is_run(
    project: Path, marks: Path, arguments: tuple[str, ...]
) -> None:
    done = say(project, *arguments)
    assert done.code in (0, 1), done.err
    assert [path.name for path in marks.iterdir()] == []


@LINKS
def test_a_new_track_runs_nothing_of_the_project(project: Path, marks: Path, newer: Path) -> None:
    given = ("--defaults", "--template", str(newer), "-d", "title=a", "-d", "description=b")
    assert say(project, "new", *given).code == 0
    assert say(project, "adopt", *given, f"{STORAGES}/by-hand").code in (0, 1)
    assert [path.name for path in marks.iterdir()] == []
    for command in ("new", "adopt"):
        done = say(project, command, *(word.replace(str(newer), NOWHERE) for word in given))
        assert done.code == 2
    assert [path.name for path in marks.iterdir()] == []


def test_the_repository_of_a_hook_is_not_that_of_the_template(
    project: Path, newer: Path, tmp_path: Path
) -> None:
    """In a linked worktree Copier checked the template out into the project's own tree."""
    beside = tmp_path / "beside"
    git(project, "tag", "v1.0.0")
    git(project, "worktree", "add", "--quiet", "-b", "beside", str(beside))
    inner = git(beside, "rev-parse", "--absolute-git-dir").strip()
    hook = {"GIT_DIR": inner, "GIT_INDEX_FILE": f"{inner}/index", "GIT_WORK_TREE": str(beside)}
    given = ("--defaults", "--template", str(newer), "-d", "title=a", "-d", "description=b")
    done = say(beside, "new", *given, **hook)
    assert done.code == 0, done.err
    assert git(beside, "symbolic-ref", "--short", "HEAD") == "beside\n"
    assert git(beside, "diff", "--cached", "--name-only") == ""


@LINKS
def test_an_update_runs_nothing_once_the_template_is_loaded(
    project: Path, marks: Path, tmp_path: Path
) -> None:
    """What Copier asks of git before that is beyond the template's reach, as SECURITY.md says."""
    begun = project / ".git" / "storage-conductor" / "unfinished" / "*.json"
    (tmp_path / "only").write_text(str(begun), encoding="utf-8")
    for name in ("required", "process"):  # Copier would not come so far
        git(project, "config", "--unset", f"filter.a=b.{name}")
    answers = f"{STORAGES}/{TWO}/.copier-answers.yml"
    done = copier(project, "update", "--trust", "--defaults", "--answers-file", answers)
    assert done.code == 0, done.err
    assert [path.name for path in marks.iterdir()] == []


@LINKS
def test_a_pipe_in_place_of_git_stops_nothing(project: Path) -> None:
    shutil.rmtree(project / ".git")
    os.mkfifo(project / ".git")
    assert say(project, "check").code == 0
    assert say(project, "status").code == 0
