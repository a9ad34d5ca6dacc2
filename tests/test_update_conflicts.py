"""Where a person and the template disagree: what an update leaves, says and tells git."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import commit, git
from tests.update_support import (
    ADDED,
    OLD,
    REWORDED,
    answers_file,
    command_line,
    edit,
    first_release,
    new_tasks,
    release,
    start,
    status,
    update,
)


@pytest.fixture(scope="module")
def newer(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the template with a second version."""
    target = first_release(template, tmp_path_factory.mktemp("newer") / "template")
    return release(target, new_tasks)


@pytest.fixture
def track(newer: Path, project: Path) -> Path:
    """Return a committed track of the old version."""
    return start(newer, project)


def disagree(track: Path) -> str:
    """Reword the task that the new version rewords too; return the user's line."""
    ours = "- [x] List the access patterns as Ann does"
    edit(track / "plan.md", (f"- [ ] {REWORDED[0]}", ours))
    commit(track.parents[2], "work")
    return ours


def test_only_a_line_that_both_changed_conflicts_and_it_is_named(
    track: Path, project: Path
) -> None:
    ours = disagree(track)
    name = (track / "plan.md").relative_to(project).as_posix()

    done = command_line(project, "update", "--trust", "--defaults", "-a", str(answers_file(track)))

    assert done.returncode == 0, done.stderr
    lines = (track / "plan.md").read_text(encoding="utf-8").splitlines()
    at = lines.index("<<<<<<< before updating")
    assert lines[at + 1 : at + 5] == [
        ours,
        "=======",
        f"- [x] {REWORDED[1]}",
        ">>>>>>> after updating",
    ]
    assert sum(line.startswith("<<<<<<<") for line in lines) == 1
    assert f"{name}:{at + 1}: conflict: " in done.stderr
    assert "git add" in done.stderr
    stages = git(project, "ls-files", "--unmerged").splitlines()
    assert [line.split()[2] for line in stages] == ["1", "2", "3"]
    assert REWORDED[0] in git(project, "show", f":1:{name}")
    assert ours in git(project, "show", f":2:{name}")
    assert REWORDED[1] in git(project, "show", f":3:{name}")

    text = "\n".join([*lines[:at], ours, *lines[at + 5 :]]) + "\n"
    (track / "plan.md").write_text(text, encoding="utf-8")
    commit(project, "resolved")
    update(track)
    assert status(project) == [], "a resolved conflict does not come back"


def test_with_rejects_the_file_keeps_the_users_line_and_the_other_stands_beside_it(
    track: Path, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ours = disagree(track)
    update(track, conflict="rej")
    plan = (track / "plan.md").read_text(encoding="utf-8")
    assert ours in plan.splitlines()
    assert ADDED in plan
    assert "<<<<<<<" not in plan
    rejected = (track / "plan.md.rej").read_text(encoding="utf-8").splitlines()
    assert f"-{ours}" in rejected
    assert f"+- [x] {REWORDED[1]}" in rejected
    line = plan.splitlines().index(ours) + 1
    assert f"plan.md:{line}: conflict: " in capsys.readouterr().err
    assert git(project, "ls-files", "--unmerged") == ""


def test_with_rejects_a_merge_without_a_conflict_leaves_none(track: Path, project: Path) -> None:
    edit(track / "plan.md", (f"- [ ] {REWORDED[0]}", f"- [x] {REWORDED[0]}"))
    commit(project, "work")
    update(track, conflict="rej")
    assert f"- [x] {REWORDED[1]}" in (track / "plan.md").read_text(encoding="utf-8")
    assert not list(project.rglob("*.rej"))


def test_both_values_of_the_metadata_are_named_and_the_users_is_kept(
    track: Path, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(track / "metadata.json", ('"Payments ledger"', '"The ledger"'))
    commit(project, "work")
    update(track, vcs_ref=OLD, data={"title": "Ledger of payments"})
    data = json.loads((track / "metadata.json").read_text(encoding="utf-8"))
    assert data["title"] == "The ledger"
    said = capsys.readouterr().err
    assert "metadata.json:3: conflict: " in said
    assert "Ledger of payments" in said
    assert git(project, "ls-files", "--unmerged") == ""


def test_a_version_that_did_not_keep_its_renders_merges_from_gits_index(
    template: Path, tmp_path: Path, project: Path
) -> None:
    source = first_release(template, tmp_path / "template")
    registration = source / "extensions/storage_conductor/for_copier/registration.py"
    keeping = registration.read_text(encoding="utf-8")
    edit(registration, ("    environment.template_class = Remembered\n", ""))
    commit(source, "early version", "v1.0.1")
    registration.write_text(keeping, encoding="utf-8")
    release(source, new_tasks)
    track = start(source, project, ref="v1.0.1")
    edit(track / "plan.md", (f"- [ ] {REWORDED[0]}", f"- [x] {REWORDED[0]}"))
    commit(project, "work")

    update(track)

    plan = (track / "plan.md").read_text(encoding="utf-8")
    assert f"- [x] {REWORDED[1]}" in plan
    assert "<<<<<<<" not in plan
    assert git(project, "ls-files", "--unmerged") == ""
