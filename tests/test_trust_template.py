"""Code runs only of a template that the person trusts, whatever a project says."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from .conftest import commit, git
from .trust_support import (
    ONE,
    STORAGES,
    TWO,
    fresh,
    newer,
    project,
    say,
    set_source,
    stranger,
    trusting,
)


@pytest.mark.parametrize("dry", [(), ("--dry-run",)], ids=["write", "dry-run"])
def test_a_template_that_nobody_trusts_is_not_run(
    project: Path, newer: Path, tmp_path: Path, dry: tuple[str, ...]
) -> None:
    mark = tmp_path / "ran"
    evil = stranger(newer, tmp_path / "evil", mark)
    set_source(project / STORAGES / TWO, str(evil))
    done = say(project, "refresh", *dry, **trusting(tmp_path, str(newer)))
    assert not mark.exists()
    assert done.code == 1
    (line,) = [line for line in done.out.splitlines() if line.startswith("refused")]
    assert TWO in line
    assert f"template {evil} is not trusted" in line
    assert "Remedy: Restore `_src_path`" in done.out
    assert f"Template {newer} is trusted, since Copier's settings list it" in done.out
    assert "1 track updated, 0 unchanged, 0 with conflicts, 1 failed" in done.out
    assert git(project, "status", "--porcelain", f"{STORAGES}/{TWO}") == ""


def test_it_runs_when_the_person_says_so(project: Path, newer: Path, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    evil = stranger(newer, tmp_path / "evil", mark)
    for storage_id in (ONE, TWO):
        set_source(project / STORAGES / storage_id, str(evil))
    assert say(project, "refresh").code == 1
    assert not mark.exists()
    done = say(project, "refresh", "--trust", ONE)
    assert (done.code, done.err) == (0, "")
    assert f"Template {evil} is trusted, since --trust was given." in done.out
    assert mark.exists()


def test_a_folder_of_the_project_is_no_server(project: Path, newer: Path, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    evil = stranger(newer, tmp_path / "evil", mark)
    stand_in = project / "https:" / "127.0.0.1:1" / "acme" / "template.git"
    git(tmp_path, "clone", "--quiet", "--bare", str(evil), str(stand_in))
    source = "https://127.0.0.1:1/acme/template.git"
    set_source(project / STORAGES / ONE, source)
    done = say(project, "refresh", ONE, **trusting(tmp_path, "https://127.0.0.1:1/acme/"))
    assert not mark.exists()
    assert done.code == 1
    assert "cannot be cloned" in done.out
    done = say(project, "new", "--template", source, "--defaults", "--data", "title=A")
    assert not mark.exists()
    assert done.code == 2
    assert "would take for the template" in done.err


@pytest.mark.parametrize(
    "source",
    [
        "fd::3",
        "ext::sh -c touch% {mark}",
        "-u./trap",
        "--upload-pack=./trap",
        "git+-u./trap",
        "foo::https://127.0.0.1:1/a.git",
        "http://127.0.0.1:1/a.git",
        "ssh://-oProxyCommand=./trap/a.git",
        "-oProxyCommand=./trap:a.git",
        "",
    ],
)
def test_an_address_of_another_kind_is_refused(project: Path, tmp_path: Path, source: str) -> None:
    mark = tmp_path / "ran"
    (project / "trap").write_text(f"#!/bin/sh\ntouch '{mark}'\n", encoding="utf-8")
    (project / "trap").chmod(0o755)
    set_source(project / STORAGES / ONE, source.format(mark=mark))
    done = say(project, "refresh", "--trust", ONE)
    assert done.code == 1
    assert "is none that a template is taken from" in done.out
    assert not mark.exists()
    if source:
        done = say(project, "check", f"{STORAGES}/{ONE}")
        assert "other-template" in done.out


def test_check_names_the_track_whose_template_differs(project: Path, newer: Path) -> None:
    assert "other-template" not in say(project, "check").out
    set_source(project / STORAGES / TWO, f"git+file://{newer}")
    assert "other-template" not in say(project, "check").out
    # The last of two spellings counts, as Copier reads it.
    path = project / STORAGES / TWO / ".copier-answers.yml"
    path.write_text(
        path.read_text("utf-8") + '"\\x5fsrc_path": https://example.org/x.git\n', "utf-8"
    )
    done = say(project, "check")
    assert done.code == 1
    found = [line for line in done.out.splitlines() if "other-template" in line]
    assert len(found) == 2  # with two tracks nothing tells which is right
    assert "https://example.org/x.git" in done.out


def test_a_relative_source_is_found_from_any_folder(
    project: Path, newer: Path, tmp_path: Path
) -> None:
    set_source(project / STORAGES / ONE, "../template")
    shutil.copytree(newer, tmp_path / "template", symlinks=True)
    done = say(project / STORAGES / ONE, "refresh", "--trust", ONE)
    assert (done.code, done.err) == (0, "")
    assert "1 track updated" in done.out


def test_a_name_is_the_track_if_there_is_one_and_else_a_folder(project: Path) -> None:
    for name in ("services", ONE):
        (project / name).mkdir()
    done = say(project, "refresh", "--dry-run", "--trust", "services")
    assert "2 tracks updated" in done.out
    done = say(project, "refresh", "--dry-run", "--trust", ONE)
    assert "1 track updated" in done.out
    done = say(project, "refresh", "--trust", "nothing")
    assert done.code == 2
    assert "has no track 'nothing'" in done.err


def test_new_takes_no_source_from_a_project(project: Path, newer: Path, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    evil = stranger(newer, tmp_path / "evil", mark)
    answers = project / STORAGES / ".copier-answers.yml"
    answers.write_text(f"_src_path: {evil}\n_commit: v1.1.0\n", encoding="utf-8")
    (project / ".copier-answers.yml").write_bytes(answers.read_bytes())
    data = ("--data", "title=Third", "--data", "description=One more.")
    say(project, "new", "--template", str(newer), "--defaults", *data)
    assert not mark.exists()


def test_a_commit_that_changed_only_the_source_is_seen(project: Path, newer: Path) -> None:
    """The attack that a review overlooks: one line of one file."""
    third = project / STORAGES / "storage-003"
    shutil.copytree(project / STORAGES / TWO, third)
    set_source(third, "https://example.org/evil.git")
    commit(project)
    (line,) = [each for each in say(project, "check").out.splitlines() if "other-template" in each]
    assert "storage-003" in line
