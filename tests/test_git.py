"""Git is run in one way: for the project alone, running nothing of it, with plain messages."""

from __future__ import annotations

import ast
import os
import re
import sys
from pathlib import Path, PurePosixPath

import pytest

from storage_conductor.disk import branches, clone
from storage_conductor.disk import git as run_git
from storage_conductor.errors import ConductorError, without_password
from tests.conftest import ROOT, commit, git

TRAP = "#!/bin/sh\ntouch '{mark}'\n"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    (folder / "sub" / "names" / "one").mkdir(parents=True)
    (folder / "sub" / "names" / "one" / "a.txt").write_text("a\n", encoding="utf-8")
    commit(folder)
    return folder


_PACKAGE = "extensions/storage_conductor"
STARTS_OTHERS = (
    f"{_PACKAGE}/trackers/forges.py",
    f"{_PACKAGE}/delivery/scripts/pgbench_load.py",
    f"{_PACKAGE}/delivery/scripts/sysbench_load.py",
    f"{_PACKAGE}/verification/commands.py",
    f"{_PACKAGE}/proof/blocks/servers.py",
    "cli/editing.py",
)
"""Modules that start a tracker's program, a load, a task's command, a server, and the editor."""
SETS_SURROUNDINGS = (f"{_PACKAGE}/for_copier/hooks.py", "cli/adopt.py", "cli/new.py")
"""Modules that say in which folder, and under which variables, Copier starts git."""


def test_no_other_module_starts_git() -> None:
    found = []
    for path in [
        *ROOT.glob("extensions/**/*.py"),
        *ROOT.glob("cli/*.py"),
        *ROOT.glob("hooks/*.py"),
    ]:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        imported = {
            name
            for node in ast.walk(tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
            for name in [getattr(node, "module", None), *(alias.name for alias in node.names)]
        }
        if imported & {"subprocess", "local"}:
            found.append(path.relative_to(ROOT).as_posix())
    known = [f"{_PACKAGE}/disk/git.py", *STARTS_OTHERS, *SETS_SURROUNDINGS]
    assert sorted(found) == sorted(known)
    for name in SETS_SURROUNDINGS:
        used = re.findall(r"(?<![\w.])local\W\w*", (ROOT / name).read_text(encoding="utf-8"))
        assert set(map(str.strip, used)) <= {"local", "local.cwd", "local.env"}
    for name in STARTS_OTHERS:
        tree = ast.parse((ROOT / name).read_text(encoding="utf-8"))
        texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
        assert "git" not in texts


def test_variables_of_another_repository_do_not_matter(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in git(repository, "rev-parse", "--local-env-vars").split():
        if name not in ("GIT_CONFIG_COUNT", "GIT_CONFIG_PARAMETERS"):
            monkeypatch.setenv(name, str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_LITERAL_PATHSPECS", "1")
    (repository / "sub" / "new.txt").write_text("b\n", encoding="utf-8")
    assert [
        entry.path for entry in run_git.entries(repository / "sub" / "names" / "one", ["a.txt"])
    ]
    assert run_git.unmerged(repository) == []
    assert run_git.uncommitted(repository / "sub", ["names", "new.txt"]) == {"new.txt"}
    found = branches.names_on_branches(repository, PurePosixPath("sub", "names"))
    assert list(found) == [("one", "main")]


@pytest.mark.skipif(sys.platform == "win32", reason="the trap is a shell script")
def test_nothing_that_a_project_sets_is_run(repository: Path, tmp_path: Path) -> None:
    mark, trap = tmp_path / "ran", tmp_path / "trap"
    trap.write_text(TRAP.format(mark=mark), encoding="utf-8")
    trap.chmod(0o755)
    for name in ("core.fsmonitor", "core.pager", "diff.external", "core.sshCommand"):
        git(repository, "config", name, str(trap))
    git(repository, "config", "core.hooksPath", str(tmp_path / "hooks"))
    (tmp_path / "hooks").mkdir()
    for name in ("post-index-change", "post-checkout", "reference-transaction"):
        (tmp_path / "hooks" / name).symlink_to(trap)
    os.utime(repository / "sub" / "names" / "one" / "a.txt", (1, 1))
    folder = repository / "sub" / "names" / "one"
    (entry,) = run_git.entries(folder, ["a.txt"])
    run_git.uncommitted(repository, ["sub"])
    run_git.mark_unmerged(folder, entry, {run_git.BASE: "x\n", run_git.THEIRS: "y\n"})
    assert run_git.unmerged_among(repository / "sub", ["names"]) == ["names/one/a.txt"]
    run_git.resolve(folder, [entry])
    assert run_git.content(folder, entry.blob) == "a\n"
    list(branches.names_on_branches(repository, PurePosixPath("sub", "names")))
    assert not mark.exists()
    with pytest.raises(ConductorError, match="ext"):
        clone.Clone(f"ext::touch {mark}", tmp_path / "clone")
    assert not mark.exists()


def test_a_failure_names_command_folder_reason_and_remedy(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ConductorError) as caught:
        run_git.entries(tmp_path, ["a.txt"])
    assert caught.value.path == tmp_path
    assert caught.value.message.startswith("git ls-files failed: ")
    assert "not a git repository" in caught.value.message
    assert caught.value.remedy
    with pytest.raises(ConductorError, match=r"git rev-parse failed: it did not end within 1e-09"):
        run_git.run(repository, "rev-parse", "HEAD", seconds=1e-9)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConductorError, match="git is not installed"):
        run_git.unmerged(repository)


def test_a_file_that_is_not_text_is_named(repository: Path) -> None:
    path = repository / "sub" / "names" / "one" / "a.txt"
    path.write_bytes(b"\xff\n")
    git(repository, "add", "--all")
    (entry,) = run_git.entries(path.parent, ["a.txt"])
    with pytest.raises(ConductorError, match="not UTF-8 text"):
        run_git.content(repository, entry.blob)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("https://me:s3cret@host/a.git", "https://***@host/a.git"),
        ("https://token@host/a", "https://***@host/a"),
        ("ssh://me:p@ss@host:22/a", "ssh://***@host:22/a"),
        ("ssh://git@host/a and git@host:a", "ssh://git@host/a and git@host:a"),
        ("https://host/a@b", "https://host/a@b"),
    ],
)
def test_no_message_shows_a_password(said: str, shown: str) -> None:
    assert without_password(said) == shown


def test_a_clone_that_fails_does_not_show_the_password(tmp_path: Path) -> None:
    with pytest.raises(ConductorError) as caught:
        clone.Clone("https://me:s3cret@127.0.0.1:1/a.git", tmp_path / "clone")
    assert "s3cret" not in str(caught.value)
    assert "127.0.0.1" in str(caught.value)


def test_versions_become_folders_with_their_submodules(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Git refuses submodules from a folder unless a person allows them.
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "protocol.file.allow")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "always")
    outer = tmp_path / "outer"
    outer.mkdir()
    commit(outer, tag="v1.0.0")
    git(outer, "submodule", "--quiet", "add", str(repository), "inner")
    commit(outer)
    monkeypatch.chdir(tmp_path)
    template = clone.Clone("outer", tmp_path / "clone")
    assert template.tags() == ["v1.0.0"]
    first, last = template.commit("v1.0.0"), template.commit("HEAD")
    assert first
    assert last
    assert template.commit("v2.0.0") is template.commit("--all") is None
    assert template.name(first) == "v1.0.0"
    assert template.name(last).startswith("v1.0.0-1-g")
    assert template.contains(last, first)
    assert not template.contains(first, last)
    template.check_out(last, tmp_path / "files")
    assert (tmp_path / "files" / "inner" / "sub" / "names" / "one" / "a.txt").is_file()
    assert not (tmp_path / "files" / ".git").exists()
