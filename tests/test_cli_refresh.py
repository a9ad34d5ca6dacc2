"""`storage-conductor refresh`: the same as a loop of `copier update`, in one go."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from .command_runner import COMMAND, Done, call, run
from .conftest import EPOCH, commit, git
from .update_support import (
    ADDED,
    NEW,
    OLD,
    RECAST,
    REWORDED,
    answers_file,
    edit,
    first_release,
    line_with,
    new_sizing,
    new_tasks,
    release,
    start,
    status,
    update,
)

Capture = pytest.CaptureFixture[str]
SECONDS = 30
LATER = str(int(EPOCH) + 3 * 86_400)
STORAGES = "storage-conductor/storages"
REGISTRY = "storage-conductor/tracks.md"
TITLES = {"storage-001": "Payments", "storage-002": "Ledger of fees", "storage-003": "Accounts"}


@pytest.fixture(scope="module")
def newer(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the template with a second version, and a prerelease of a third."""
    target = first_release(template, tmp_path_factory.mktemp("newer") / "template")
    release(target, new_tasks, new_sizing)
    commit(target, "not yet released", "v2.0.0rc1")
    return target


@pytest.fixture(scope="module")
def fresh(newer: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a committed project with three tracks of the old version."""
    target = tmp_path_factory.mktemp("fresh") / "project"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", EPOCH)
        for storage_id, title in TITLES.items():
            start(newer, target, storage_id=storage_id, title=title)
    return target


@pytest.fixture
def project(fresh: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of that project, three days later."""
    target = tmp_path / "project"
    shutil.copytree(fresh, target, symlinks=True)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", LATER)
    return target


def contents(project: Path) -> dict[str, bytes]:
    """Return every file of a project but git's own."""
    return {
        path.relative_to(project).as_posix(): path.read_bytes()
        for path in project.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(project).parts
    }


def refresh(capsys: Capture, project: Path, *arguments: str) -> Done:
    return call(capsys, "refresh", "--trust", *arguments, str(project))


def tick(project: Path, storage_id: str) -> None:
    plan = project / STORAGES / storage_id / "plan.md"
    edit(
        plan,
        (f"- [ ] {REWORDED[0]}", f"- [x] {REWORDED[0]}\n  - [ ] Ask Ann"),
        (f"- [ ] {RECAST[0]}", f"- [x] {RECAST[0]}"),
    )


def clash(project: Path, storage_id: str) -> None:
    """Reword what the new version rewords, too."""
    plan = project / STORAGES / storage_id / "plan.md"
    edit(plan, (REWORDED[0], f"{REWORDED[0]} with the team's own words"))


def test_it_does_what_updates_one_after_the_other_do(
    project: Path, tmp_path: Path, capsys: Capture
) -> None:
    tick(project, "storage-001")
    edit(
        project / STORAGES / "storage-001" / "spec.md",
        ("## Sizing\n", "## Sizing\n\nWe measured 40 GB.\n"),
    )
    edit(
        project / STORAGES / "storage-001" / "metadata.json",
        ('"status": "Planning"', '"status": "In Progress"'),
    )
    clash(project, "storage-002")
    (project / STORAGES / "storage-003" / "spec.md").unlink()
    edit(project / REGISTRY, ("| Payments |", "| Payments \\| old |"))
    (project / "storage-conductor" / "tech-stack.md").write_text(
        "# Tech Stack\n\n## Databases\n\n- **Primary**: PostgreSQL 16\n", encoding="utf-8"
    )
    commit(project, "work")
    one_by_one = tmp_path / "one-by-one"
    shutil.copytree(project, one_by_one, symlinks=True)
    unmerged = ""
    for storage_id in TITLES:
        update(one_by_one / STORAGES / storage_id)
        unmerged += git(one_by_one, "ls-files", "--unmerged")
        commit(one_by_one, "updated")

    done = refresh(capsys, project)

    assert contents(project) == contents(one_by_one), done.out
    assert git(project, "ls-files", "--unmerged") == unmerged != ""
    assert git(project, "rev-list", "--count", "HEAD") == "4\n", "no commit of its own"
    assert (done.code, done.err) == (1, "")
    changed = git(project, "diff", "--name-only", "HEAD").splitlines()
    assert changed == git(one_by_one, "diff", "--name-only", "HEAD~3").splitlines()


def test_conflicts_are_named_with_file_and_line(project: Path, capsys: Capture) -> None:
    clash(project, "storage-002")
    commit(project, "work")
    done = refresh(capsys, project)
    plan = project / STORAGES / "storage-002" / "plan.md"
    lines = plan.read_text(encoding="utf-8").splitlines()
    line = lines.index("<<<<<<< before updating") + 1
    assert done.code == 1
    assert f"{STORAGES}/storage-002/plan.md:{line}: " in done.out
    assert "2 tracks updated, 0 unchanged, 1 with conflicts, 0 failed." in done.out
    assert [text for text in status(project) if text.startswith("UU")] == [
        f"UU {STORAGES}/storage-002/plan.md"
    ]


def test_only_the_tracks_named_are_refreshed(project: Path, capsys: Capture) -> None:
    done = refresh(capsys, project, "storage-003")
    assert (done.code, done.err) == (0, "")
    assert "1 track updated, 0 unchanged, 0 with conflicts, 0 failed." in done.out
    assert status(project) == [
        f" M {STORAGES}/storage-003/{name}"
        for name in (".copier-answers.yml", "metadata.json", "plan.md", "spec.md")
    ] + [f" M {REGISTRY}"]
    metadata = json.loads((project / STORAGES / "storage-003" / "metadata.json").read_text())
    assert metadata["updated"] == "2026-02-03T09:10:00+00:00"


def test_a_track_may_be_named_by_its_folder(project: Path, capsys: Capture) -> None:
    done = call(capsys, "refresh", "--trust", str(project / STORAGES / "storage-002"))
    assert "1 track updated" in done.out
    assert not [line for line in status(project) if "storage-001" in line]


def test_a_version_can_be_named_and_nothing_goes_back(project: Path, capsys: Capture) -> None:
    done = refresh(capsys, project, "--to", "v2.0.0rc1", "storage-001")
    assert done.code == 0
    recorded = yaml.safe_load(
        (project / answers_file(project / STORAGES / "storage-001")).read_text()
    )
    assert recorded["_commit"] == "v2.0.0rc1"
    before = contents(project)
    done = refresh(capsys, project, "--to", NEW, "storage-001")
    assert done.code == 1
    assert (
        f"failed storage-001: The track is on version v2.0.0rc1 of its template; {NEW} is older"
        in (done.out)
    )
    done = refresh(capsys, project, "--to", "--upload-pack=x", "storage-001")
    assert "has no version '--upload-pack=x'" in done.out
    assert contents(project) == before


def test_a_track_that_needs_a_migration_is_left_to_copier(
    template: Path, tmp_path: Path, capsys: Capture
) -> None:
    source = first_release(template, tmp_path / "template")
    settings = "_migrations:\n  - {version: v1.0.9, command: [git, --version]}\n"
    release(source, lambda root: edit(root / "copier.yml", ("_migrations:\n", settings)))
    project = tmp_path / "project"
    start(source, project, storage_id="storage-001")
    start(source, project, storage_id="storage-002", ref=NEW)
    done = refresh(capsys, project)
    assert done.code == 1
    assert "failed storage-001: Version v1.0.9 of the template changes a format" in done.out
    assert "copier update --trust -a storage-conductor/storages/storage-001/" in done.out
    assert "storage-002" not in done.out
    assert status(project) == []


def test_settings_that_copier_can_read_do_not_stand_in_the_way(
    template: Path, tmp_path: Path, capsys: Capture
) -> None:
    def included(root: Path) -> None:
        """Spell the settings in another way that Copier knows: a name, parts, an included file."""
        text = (root / "copier.yml").read_text(encoding="utf-8")
        (root / "copier.yml").unlink()
        (root / "more.yml").write_text("_min_copier_version: 9.19.0\n", encoding="utf-8")
        text = f"---\n!include more.yml\n---\n{text}"
        (root / "copier.yaml").write_text(text, encoding="utf-8")

    source = first_release(template, tmp_path / "template")
    release(source, included, new_tasks)
    project = tmp_path / "project"
    start(source, project, storage_id="storage-001")
    done = refresh(capsys, project)
    assert (done.code, done.err) == (0, ""), done.out
    assert "1 track updated" in done.out


def test_up_to_date_means_that_no_file_is_written(project: Path, capsys: Capture) -> None:
    refresh(capsys, project)
    commit(project, "refreshed")
    before = {path: path.stat() for path in project.rglob("*") if ".git" not in path.parts}
    done = refresh(capsys, project)
    assert (done.code, done.err) == (0, "")
    *_, last = done.out.splitlines()
    assert last == "0 tracks updated, 3 unchanged, 0 with conflicts, 0 failed."
    assert {path: path.stat() for path in project.rglob("*") if ".git" not in path.parts} == before


def test_a_terminal_shows_a_bar_that_goes_away(
    project: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    done = refresh(capsys, project, "--to", OLD)
    assert "] 1/3 storage-001" in done.err
    assert "] 3/3 storage-003" in done.err
    assert done.err.endswith("\r\x1b[K")
    assert "\x1b" not in done.out


def test_new_standards_arrive_without_a_new_version(project: Path, capsys: Capture) -> None:
    standards = project / "storage-conductor" / "tech-stack.md"
    standards.write_text("# Tech Stack\n\n## Databases\n\n- **Primary**: PostgreSQL 16\n", "utf-8")
    commit(project, "a stack")
    done = refresh(capsys, project, "--to", OLD)
    assert "3 tracks updated" in done.out
    assert "updated storage-001: the project's documents\n" in done.out


def test_a_dry_run_says_the_same_and_changes_nothing(project: Path, capsys: Capture) -> None:
    clash(project, "storage-002")
    commit(project, "work")
    before = contents(project)
    dry = refresh(capsys, project, "--dry-run")
    assert contents(project) == before
    assert status(project) == []
    wet = refresh(capsys, project)
    assert dry.out.replace("Nothing was changed; this would be: ", "") == wet.out
    assert dry.code == wet.code == 1


@pytest.mark.parametrize("name", [f"{STORAGES}/storage-002/plan.md", REGISTRY])
def test_a_file_with_uncommitted_changes_that_it_would_touch_is_refused(
    project: Path, capsys: Capture, name: str
) -> None:
    path = project / name
    path.write_text(path.read_text(encoding="utf-8") + "\nMine.\n", encoding="utf-8")
    before = contents(project)
    done = refresh(capsys, project)
    assert (done.code, done.out) == (2, "")
    assert name.rpartition("/")[2] in done.err
    assert "Commit or stash" in done.err
    assert contents(project) == before


def test_other_uncommitted_changes_do_not_matter(project: Path, capsys: Capture) -> None:
    clash(project, "storage-001")
    (project / "notes.txt").write_text("mine", encoding="utf-8")
    git(project, "mv", "storage-conductor/workflow.md", "elsewhere.md")
    done = refresh(capsys, project, "storage-002")
    assert (done.code, done.err) == (0, "")
    refresh_again = refresh(capsys, project, "storage-001")
    assert refresh_again.code == 2


@pytest.mark.parametrize(
    ("break_it", "reason"),
    [
        (lambda path: path.write_bytes(b"\xff\xfe"), "is not UTF-8 text"),
        (lambda path: path.write_text("a: [", "utf-8"), "is not valid YAML"),
        (lambda path: edit(path, ("_src_path: ", "_src_path: /nowhere")), "cannot be cloned"),
        (lambda path: edit(path, (f"_commit: {OLD}", "_commit: v0.0.1")), "no version 'v0.0.1'"),
        (lambda path: edit(path, ("_src_path: ", "_elsewhere: ")), "`_src_path` is missing"),
        (lambda path: edit(path, ("title: Ledger of fees", "title: ''")), "title"),
        (lambda path: path.unlink(), "cannot be read"),
    ],
)
def test_a_bad_track_is_named_and_left_while_the_others_go_on(
    project: Path, capsys: Capture, break_it: object, reason: str
) -> None:
    break_it(project / answers_file(project / STORAGES / "storage-002"))  # type: ignore[operator]
    commit(project, "broken")
    done = refresh(capsys, project)
    assert (done.code, done.err) == (1, "")
    (said,) = [line for line in done.out.splitlines() if line.startswith("failed storage-002: ")]
    assert reason in done.out, said
    assert "2 tracks updated, 0 unchanged, 0 with conflicts, 1 failed." in done.out
    assert not [line for line in status(project) if "storage-002" in line]


def test_a_failure_while_writing_leaves_the_track_as_it_was(
    project: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    from storage_conductor.disk import writing

    write = writing.write_atomic

    def full(path: Path, text: str) -> None:
        if path.name == "plan.md" and ADDED in text and path.parent.name == "storage-002":
            raise OSError(28, "No space left on device")
        write(path, text)

    monkeypatch.setattr(writing, "write_atomic", full)
    done = refresh(capsys, project)
    assert "failed storage-002: " in done.out
    assert "No space left on device" in done.out
    assert not [line for line in status(project) if "storage-002" in line]
    assert "2 tracks updated" in done.out


def test_new_and_removed_files_of_the_template_follow(
    newer: Path, fresh: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = tmp_path / "template", tmp_path / "project"
    shutil.copytree(newer, source, symlinks=True)
    folder = source / "template/storage-conductor/storages/{{ storage_id }}"
    (folder / "runbook.md.jinja").write_text("# {{ title }}\n", encoding="utf-8")
    commit(source, "a runbook", "v3.0.0")
    (folder / "runbook.md.jinja").rename(folder / "operations.md.jinja")
    commit(source, "renamed", "v4.0.0")
    shutil.copytree(fresh, target, symlinks=True)
    for storage_id in TITLES:
        edit(
            target / STORAGES / storage_id / ".copier-answers.yml",
            (f"_src_path: {newer}\n", f"_src_path: git+file://{source.as_posix()}\n"),
        )
    commit(target, "moved")

    assert refresh(capsys, target, "--to", "v3.0.0").code == 0
    runbook = target / STORAGES / "storage-001" / "runbook.md"
    assert runbook.read_text(encoding="utf-8") == "# Payments\n"
    (target / STORAGES / "storage-002" / "runbook.md").unlink()
    commit(target, "refreshed")
    assert refresh(capsys, target).code == 0
    assert not runbook.exists()
    assert (target / STORAGES / "storage-002" / "operations.md").exists()


def test_it_works_in_a_folder_of_a_large_repository(
    project: Path, tmp_path: Path, capsys: Capture
) -> None:
    repository = tmp_path / "repository"
    service = repository / "services" / "pay"
    shutil.rmtree(project / ".git")
    shutil.copytree(project, service)
    commit(repository, "service")
    for number in range(500):
        (repository / f"other-{number}.txt").write_text("unrelated", encoding="utf-8")
    done = run(service / STORAGES, "refresh", "--trust", SOURCE_DATE_EPOCH=LATER)
    assert (done.code, done.err) == (0, "")
    assert "3 tracks updated" in done.out
    changed = [line for line in status(repository) if "other-" not in line]
    assert changed
    assert all(line.startswith(" M services/pay/storage-conductor/") for line in changed)
    edit(service / STORAGES / "storage-001" / "plan.md", ("# Plan", "# My plan"))
    assert "storage-001" in line_with(refresh(capsys, service, "--to", "v2.0.0rc1").err, "would")


def test_what_cannot_be_refreshed_at_all_is_said(
    project: Path, tmp_path: Path, capsys: Capture
) -> None:
    done = refresh(capsys, project, "storage-009")
    assert (done.code, done.out) == (2, "")
    assert "has no track 'storage-009'" in done.err
    shutil.rmtree(project / ".git")
    done = refresh(capsys, project)
    assert (done.code, done.out) == (2, "")
    assert "not a git repository" in done.err


def test_several_processes_do_the_same_as_one(project: Path, tmp_path: Path) -> None:
    tick(project, "storage-001")
    clash(project, "storage-002")
    broken = project / answers_file(project / STORAGES / "storage-003")
    broken.write_text("- no answers\n", encoding="utf-8")
    commit(project, "work")
    alone = tmp_path / "alone"
    shutil.copytree(project, alone, symlinks=True)
    ones = run(alone, "refresh", "--trust")
    twos = run(project, "refresh", "--trust", "--jobs", "2")
    assert twos == ones
    assert (ones.code, ones.err) == (1, "")
    assert "1 track updated, 0 unchanged, 1 with conflicts, 1 failed." in ones.out
    assert contents(project) == contents(alone)
    assert git(project, "ls-files", "--unmerged") == git(alone, "ls-files", "--unmerged") != ""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems list processes another way")
def test_processes_end_with_the_one_that_started_them(project: Path) -> None:
    begun = subprocess.Popen([*COMMAND, "refresh", "--trust", "--jobs", "2"], cwd=project)
    helpers: list[Path] = []
    while not helpers and begun.poll() is None:
        helpers = [path for path in _children(begun.pid) if b"spawn_main" in _command(path)]
    begun.kill()
    begun.wait()
    assert helpers
    deadline = time.monotonic() + SECONDS
    while any(b"spawn_main" in _command(path) for path in helpers):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _children(process: int) -> list[Path]:
    found = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="utf-8")
    return [Path(f"/proc/{child}") for child in found.split()]


def _command(process: Path) -> bytes:
    try:
        return (process / "cmdline").read_bytes()
    except OSError:
        return b""
