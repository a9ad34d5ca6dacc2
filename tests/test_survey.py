import concurrent.futures
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage_conductor.disk.places import REGISTRY
from storage_conductor.errors import ConductorError
from storage_conductor.markdown import outline
from storage_conductor.review import progress, project_checks
from storage_conductor.review.locating import Place, locate

from .command_runner import call
from .conftest import commit, git
from .track_builder import (
    BOXES,
    SOURCE,
    Decision,
    all_done,
    plan,
    replace,
    write_registry,
    write_track,
)

TRACK = "storage-conductor/storages/storage-001"
CONFLICT = "<<<<<<< ours\na\n=======\nb\n>>>>>>> theirs\n"
ROW = "| storage-001 | Payments ledger | database | PostgreSQL | Storage Component | Planning |"


@pytest.fixture
def track(project: Path) -> Path:
    """Return the folder of the first of two valid tracks."""
    write_track(project, "storage-002", title="Sessions", storage_type="cache", backend="Redis")
    folder = write_track(project, decisions=[("D-a", 1, "open"), ("D-b", 2, "decided")])
    write_registry(project)
    return folder


def found(project: Path, *only: str) -> list[tuple[str, str, int]]:
    return [
        (item.rule, item.path, item.line) for item in project_checks.survey(project, only).problems
    ]


def line_of(path: Path, text: str) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if text in line)


def test_a_valid_project_has_no_problem(project: Path, track: Path) -> None:
    report = project_checks.survey(project)
    assert (report.tracks, report.problems) == (2, [])
    (item,) = report.undecided
    assert (item.path, item.line) == (f"{TRACK}/spec.md", line_of(track / "spec.md", "D-a"))
    assert "D-a is open, due before phase 1" in item.message
    assert "begun" not in item.message


def test_what_the_hooks_check_is_checked(project: Path, track: Path) -> None:
    replace(track / "spec.md", "## Sizing", "## Size")
    replace(track / "plan.md", "**Gate**", "Gate")
    assert [rule for rule, _, _ in found(project)] == ["phase", "section"]


@pytest.mark.parametrize("name", ["spec.md", "plan.md", "metadata.json", "notes.txt"])
def test_conflict_markers_are_the_only_thing_said_of_a_file(
    project: Path, track: Path, name: str
) -> None:
    with (track / name).open("a", encoding="utf-8") as stream:
        stream.write(f"{CONFLICT}y\n{CONFLICT}")
    first = line_of(track / name, "<<<<<<<")
    lines = (first, first + 6)
    assert found(project) == [("conflict", f"{TRACK}/{name}", line) for line in lines]


def test_a_conflict_marker_without_its_beginning_is_found(project: Path, track: Path) -> None:
    with (track / "spec.md").open("a", encoding="utf-8") as stream:
        stream.write(">>>>>>> theirs\n")
    assert [rule for rule, _, _ in found(project)] == ["conflict"]


def test_rejected_changes_of_an_update_are_found(project: Path, track: Path) -> None:
    (track / "plan.md.rej").write_text("@@ -1 +1 @@\n", encoding="utf-8")
    assert found(project) == [("conflict", f"{TRACK}/plan.md.rej", 1)]


def test_conflict_markers_in_the_documents_and_the_registry_are_found(
    project: Path, track: Path
) -> None:
    home = project / "storage-conductor"
    (home / "product.md").write_text(f"# Product\n{CONFLICT}", encoding="utf-8")
    replace(home / "tracks.md", "## Status", f"{CONFLICT}\n## Status")
    assert found(project) == [
        ("conflict", "storage-conductor/product.md", 2),
        ("conflict", REGISTRY, line_of(home / "tracks.md", "<<<<<<<")),
    ]


def test_a_conflict_in_the_table_is_told_once(project: Path, track: Path) -> None:
    path = project / REGISTRY
    replace(path, ROW, f"<<<<<<< ours\n{ROW}")
    replace(path, "| storage-002", "=======\n>>>>>>> theirs\n| storage-002")
    assert found(project) == [("registry-conflict", REGISTRY, line_of(path, "<<<<<<<"))]


def test_unmerged_files_are_found(project: Path, track: Path) -> None:
    text = (track / "plan.md").read_text(encoding="utf-8")
    commit(project)
    for branch, tick in (("left", "[x] Draw up 1.1, now"), ("right", "[x] Draw up 1.1, later")):
        git(project, "checkout", "--quiet", "-b", branch, "main")
        replace(track / "plan.md", "[ ] Draw up 1.1", tick)
        commit(project)
    merge = ["git", "merge", "--quiet", "left"]
    assert subprocess.run(merge, cwd=project, check=False, capture_output=True).returncode
    (track / "plan.md").write_text(text, encoding="utf-8")
    assert found(project) == [("unmerged", f"{TRACK}/plan.md", 1)]
    assert found(project, "storage-002") == []


def test_the_variables_of_a_git_hook_do_not_mislead(
    project: Path, track: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    test_unmerged_files_are_found(project, track)
    (tmp_path / "other").mkdir()
    commit(tmp_path / "other")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other" / ".git"))
    assert [rule for rule, _, _ in found(project)] == ["unmerged"]


@pytest.mark.parametrize(
    ("status", "done", "phases", "expected"),
    [
        ("Completed", all_done(), {}, []),
        ("Completed", {**all_done(), 3: 1}, {}, ["Draw up 3.1"]),
        ("Planning", all_done(), {}, ["# Plan"]),
        ("Planning", {1: 1}, {}, []),
        ("In Progress", all_done(), {}, []),
        ("In Progress", {1: BOXES}, {1: "Completed"}, []),
        ("In Progress", {1: BOXES, 2: 3}, {1: "Completed", 2: "✅ Done"}, ["✅ Done"]),
        ("Cancelled", {}, {}, []),
    ],
)
def test_progress_that_contradicts_a_status_is_found(
    project: Path,
    status: str,
    done: dict[int, int],
    phases: dict[int, str],
    expected: list[str],
) -> None:
    folder = write_track(project, status=status, done=done, phase_status=phases)
    write_registry(project)
    lines = [line_of(folder / "plan.md", text) for text in expected]
    assert found(project) == [("progress", f"{TRACK}/plan.md", line) for line in lines]


@given(st.dictionaries(st.integers(1, 8), st.integers(0, BOXES)))
def test_progress_is_counted_by_phase(done: dict[int, int]) -> None:
    text = "```\n- [x] code\n```\n<!--\n- [x] hidden\n-->\n" + plan("T", done, {})
    read = progress.read_plan(progress_outline(text))
    assert (read.done, read.total) == (sum(done.values()), 8 * BOXES)
    assert [phase.done for phase in read.phases] == [done.get(n, 0) for n in range(1, 9)]
    assert {phase.total for phase in read.phases} == {BOXES}
    assert (read.next is None) == (read.done == read.total)


def progress_outline(text: str) -> outline.Outline:
    return outline.read(text)


def test_decisions_that_were_passed_over_are_told(project: Path) -> None:
    decisions: list[Decision] = [
        ("D-a", 2, "open"),
        ("D-b", 3, "open"),
        ("D-c", 1, "Decided"),
        ("D-d", "", ""),
    ]
    write_track(project, done={2: 1}, decisions=decisions)
    write_registry(project)
    messages = [item.message for item in project_checks.survey(project).undecided]
    assert [message.split()[0] for message in messages] == ["D-a", "D-b", "D-d"]
    assert ["begun" in message for message in messages] == [True, False, False]


def test_other_tables_and_code_are_no_decisions(project: Path, track: Path) -> None:
    table = "| Key | Status |\n|---|---|\n| D-x | open |\n"
    inside = f"```\n{table}```\n\n| Option | State |\n|---|---|\n| open | open |\n"
    replace(track / "spec.md", "## Description", f"{inside}\n## Description\n\n{table}")
    (item,) = project_checks.survey(project).undecided
    assert item.message.startswith("D-a ")


def test_of_a_track_that_a_person_wrote_only_that_is_said(project: Path, track: Path) -> None:
    folder = project / "storage-conductor" / "storages" / "ledger"
    folder.mkdir()
    folder.joinpath("spec.md").write_text("# Ledger\n\nSee [it](gone.md).\n", encoding="utf-8")
    place = "storage-conductor/storages/ledger"
    link = ("link", f"{place}/spec.md", 3)
    assert found(project) == [("answers", f"{place}/.copier-answers.yml", 1), link]
    folder.joinpath("plan.md").write_text("# Plan\n\n## Phase 1: Go\n\n- [ ] a\n", "utf-8")
    folder.joinpath("metadata.json").write_text('{"id": "other"}\n', encoding="utf-8")
    assert found(project) == [("answers", f"{place}/.copier-answers.yml", 1), link]
    problems = project_checks.survey(project).problems
    assert "storage-conductor adopt" in problems[0].remedy
    folder.joinpath(".copier-answers.yml").write_text("_commit: v1.0.0\n", encoding="utf-8")
    assert len(found(project)) > 20


def test_a_missing_answers_file_is_found(project: Path, track: Path) -> None:
    (track / ".copier-answers.yml").unlink()
    assert found(project) == [("answers", f"{TRACK}/.copier-answers.yml", 1)]


@pytest.mark.parametrize(
    ("mine", "other", "is_old"),
    [
        ("v1.0.0", "v1.0.0", False),
        ("v1.9.0", "v1.10.0", True),
        ("1.0.0", "v1.0.1rc1", True),
        ("v1.0.0", "v1.0.0-3-gabcdef0", True),
        ("v1.0.0-3-gabcdef0", "v1.0.0-12-gabcdef1", True),
        ("v1.0.0-3-gabcdef0", "v1.0.1", True),
        ("'1.0'", "2.0", True),
        ("abcdef0", "v1.0.0", False),
    ],
)
def test_a_track_of_an_older_template_version_is_found(
    project: Path, mine: str, other: str, is_old: bool
) -> None:
    write_track(project, version=mine)
    write_track(project, "storage-002", version=other)
    write_track(project, "storage-003", version="v9.0.0", source="https://example.org/fork.git")
    write_registry(project)
    expected = [("old-template", f"{TRACK}/.copier-answers.yml", 2)] if is_old else []
    other_place = "storage-conductor/storages/storage-003/.copier-answers.yml"
    assert found(project) == [*expected, ("other-template", other_place, 1)]
    assert found(project, "storage-001") == expected


@given(st.integers(0, 9), st.integers(0, 9), st.integers(1, 999))
def test_commits_after_a_release_stand_between_it_and_the_next(
    major: int, minor: int, commits: int
) -> None:
    release, following = f"v{major}.{minor}", f"v{major}.{minor + 1}"
    between = progress.version(f"{release}-{commits}-gabcdef0")
    before, after = progress.version(release), progress.version(following)
    assert before
    assert after
    assert between
    assert before < between < after


def test_a_missing_registry_is_found(project: Path, track: Path) -> None:
    (project / REGISTRY).unlink()
    assert found(project) == [("registry", REGISTRY, 1)]


def test_a_registry_without_table_is_found(project: Path, track: Path) -> None:
    (project / REGISTRY).write_text("# Storage Components\n", encoding="utf-8")
    assert found(project) == [("registry-no-table", REGISTRY, 1)]


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("| storage-001 |", "| storage-003 |", "row-without-track"),
        ("| storage-001 |", "| Storage_3 |", "malformed-id"),
    ],
)
def test_rows_and_folders_that_do_not_match_are_found(
    project: Path, track: Path, old: str, new: str, rule: str
) -> None:
    path = project / REGISTRY
    replace(path, old, new)
    assert found(project) == [
        ("track-without-row", REGISTRY, line_of(path, "Storage ID")),
        (rule, REGISTRY, line_of(path, new)),
    ]


@pytest.mark.parametrize("status", ["Reverted", "Cancelled"])
def test_what_was_given_up_needs_no_folder(project: Path, track: Path, status: str) -> None:
    write_track(project, "storage-003", status=status)
    write_registry(project)
    assert found(project) == []
    shutil.rmtree(project / "storage-conductor" / "storages" / "storage-003")
    assert found(project) == []


def test_what_lies_in_the_archive_needs_no_folder(project: Path, track: Path) -> None:
    folder = write_track(project, "storage-003", status="Completed", done=all_done())
    write_registry(project)
    archive = project / "storage-conductor" / "archive"
    archive.mkdir()
    folder.rename(archive / "storage-003")
    assert found(project) == []


@pytest.mark.parametrize("emptied", ["storages", "storages/storage-003"])
@pytest.mark.parametrize("status", ["Reverted", "Cancelled"])
def test_a_project_whose_only_track_was_given_up_is_whole(
    status: str, emptied: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_track(project, "storage-003", status=status)
    write_registry(project)
    shutil.rmtree(project / "storage-conductor" / emptied)
    checked = call(capsys, "check", str(project))
    assert (checked.code, checked.out) == (0, "0 tracks checked: nothing is wrong.\n"), checked
    for switches in ((), ("--long",)):
        shown = call(capsys, "status", *switches, str(project))
        assert (shown.code, shown.out) == (0, "No track is being worked on.\n"), shown
    replace(project / REGISTRY, f"| {status} |", "| In Progress |")
    for command in ("check", "status"):
        refused = call(capsys, command, str(project))
        assert refused.code == 2
        assert "holds no track" in refused.err


def test_a_row_twice_is_found(project: Path, track: Path) -> None:
    path = project / REGISTRY
    row = next(line for line in path.read_text(encoding="utf-8").splitlines() if ROW in line)
    replace(path, row, f"{row}\n{row}")
    assert found(project) == [("registry-duplicate-id", REGISTRY, line_of(path, ROW) + 1)]


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("| Payments ledger |", "| Payments |", "title is 'Payments' here"),
        ("| database |", "| cache |", "storage type is 'cache' here"),
        ("| PostgreSQL |", "| MySQL |", "backend is 'MySQL' here"),
        ("| Storage Component |", "| Component |", "type is 'Component' here"),
        ("| Planning |", "| Blocked |", "status is 'Blocked' here and 'Planning' in metadata"),
        ("| 2026-01-01 | 2026-01-01 |", "| 2026-01-02 | 2026-01-01 |", "created is '2026-01-02'"),
        ("| 2026-01-01 | 2026-01-01 |", "| 2026-01-01 | |", "updated is ''"),
    ],
)
def test_a_cell_that_contradicts_the_metadata_is_found(
    project: Path, old: str, new: str, what: str
) -> None:
    write_track(project)
    path = write_registry(project)
    replace(path, old, new)
    (item,) = project_checks.survey(project).problems
    assert (item.rule, item.line) == ("registry-differs", line_of(path, "storage-001"))
    assert what in item.message
    assert ("both" in item.remedy) == ("status" in what)


def test_how_a_cell_is_written_does_not_matter(project: Path) -> None:
    write_track(project, title=r"A | B \ C", storage_type="object_storage", status="In Progress")
    path = write_registry(project)
    replace(path, "| storage-001 |", "| [**storage-001**](storages/storage-001/spec.md) |")
    replace(path, "| object_storage |", "| Object Storage |")
    replace(path, "| In Progress |", "| **in-progress** |")
    replace(path, "| PostgreSQL |", "| `PostgreSQL` |")
    assert found(project) == []


def test_columns_of_a_team_do_not_matter(project: Path, track: Path) -> None:
    path = project / REGISTRY
    lines = path.read_text(encoding="utf-8").splitlines()
    ends = {"| Storage ID": " Owner |", "|---": "---|", "| storage-": " ann |"}
    for start, end in ends.items():
        lines = [line + end if line.startswith(start) else line for line in lines]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert found(project) == []


def test_an_empty_folder_is_found_but_not_missed_in_the_registry(
    project: Path, track: Path
) -> None:
    (track.parent / "storage-003").mkdir()
    (item,) = project_checks.survey(project).problems
    assert (item.rule, item.path) == ("empty-track", "storage-conductor/storages/storage-003")
    assert "unless" in item.remedy


def test_files_and_hidden_folders_beside_the_tracks_do_not_matter(
    project: Path, track: Path
) -> None:
    (track.parent / "README.md").write_text("x", encoding="utf-8")
    (track.parent / ".cache").mkdir()
    assert found(project) == []


def test_malformed_and_repeated_ids_are_found(project: Path, track: Path) -> None:
    copy = track.rename(track.with_name("Storage_1"))
    write_track(project)
    assert [(rule, path) for rule, path, _ in found(project)] == [
        ("malformed-id", str(copy.relative_to(project).as_posix())),
        ("answers", f"{copy.relative_to(project).as_posix()}/.copier-answers.yml"),
        ("id", f"{copy.relative_to(project).as_posix()}/metadata.json"),
        ("track-without-row", REGISTRY),
    ]


def test_only_the_tracks_asked_for_are_reported(project: Path, track: Path) -> None:
    replace(track / "spec.md", "## Sizing", "## Size")
    replace(track.parent / "storage-002" / "spec.md", "## Sizing", "## Size")
    replace(project / REGISTRY, "| Sessions |", "| Session |")
    replace(project / REGISTRY, "## Status", f"{CONFLICT}## Status")
    assert [path for _, path, _ in found(project, "storage-001")] == [f"{TRACK}/spec.md"]
    assert [path for _, path, _ in found(project, "storage-002")] == [
        f"{TRACK[:-1]}2/spec.md",
        REGISTRY,
    ]


@pytest.fixture
def broken(project: Path) -> Path:
    """Return a project with a problem in every other track."""
    for number in range(6):
        folder = write_track(project, f"storage-00{number}", decisions=[("D-a", 1, "open")])
        if number % 2:
            replace(folder / "spec.md", "## Sizing", "## Size")
    write_registry(project)
    return project


def no_processes(*_: object) -> None:
    raise OSError("no semaphores")


@pytest.mark.parametrize("executor", [concurrent.futures.ProcessPoolExecutor, no_processes])
def test_many_tracks_are_checked_by_several_processes_with_the_same_result(
    broken: Path, monkeypatch: pytest.MonkeyPatch, executor: Callable[..., object]
) -> None:
    alone = project_checks.survey(broken)
    assert len(alone.problems) == 3
    assert len(alone.undecided) == 6
    monkeypatch.setattr(project_checks, "_WORTH_A_PROCESS", 2)
    monkeypatch.setattr(concurrent.futures, "ProcessPoolExecutor", executor)
    assert project_checks.survey(broken) == alone


@pytest.mark.parametrize(
    ("place", "track_id"),
    [
        (".", None),
        ("src/deep", None),
        ("storage-conductor", None),
        ("storage-conductor/tracks.md", None),
        ("storage-conductor/storages", None),
        ("storage-conductor/storages/README.md", None),
        (TRACK, "storage-001"),
        (f"{TRACK}/plan.md", "storage-001"),
        (f"{TRACK}/more/deep", "storage-001"),
    ],
)
def test_a_project_is_found_from_any_place_in_it(
    project: Path, track: Path, place: str, track_id: str | None
) -> None:
    (project / "src" / "deep").mkdir(parents=True)
    (track / "more" / "deep").mkdir(parents=True)
    (track.parent / "README.md").write_text("x", encoding="utf-8")
    assert locate(project / place) == Place(project, track_id)


def test_a_folder_that_only_has_the_name_is_no_project(project: Path) -> None:
    inner = project / "storage-conductor" / "src"
    inner.mkdir(parents=True)
    for place, message in (
        (inner, "nor has any folder above"),
        (project, "holds neither tracks nor a registry"),
        (project / "missing", "does not exist"),
    ):
        with pytest.raises(ConductorError, match=message) as caught:
            locate(place)
        assert caught.value.remedy


def test_a_project_without_tracks_is_an_error(project: Path, track: Path) -> None:
    for folder in list(track.parent.iterdir()):
        folder.rename(project / folder.name)
    for _ in range(2):
        with pytest.raises(ConductorError, match="holds no track"):
            project_checks.survey(project)
        if track.parent.exists():
            track.parent.rmdir()


def test_the_source_in_the_tests_is_an_address_that_is_recorded(track: Path) -> None:
    text = (track / ".copier-answers.yml").read_text(encoding="utf-8")
    assert progress.read_origin(text) == progress.Origin(SOURCE, "v1.0.0", 2)


def test_files_of_two_tracks_of_one_id_are_told_from_a_reworded_title(
    project: Path, track: Path
) -> None:
    answers = track / ".copier-answers.yml"
    said = "title: Payments ledger\nbackend: PostgreSQL\ncreated_at: '2026-01-01T08:00:00Z'\n"
    replace(answers, "storage_id", f"{said}storage_id")
    replace(track / "metadata.json", "Payments ledger", "Ledger of payments")
    replace(project / REGISTRY, "Payments ledger", "Ledger of payments")
    assert found(project) == []
    replace(track / "metadata.json", "2026-01-01T08:00", "2026-01-02T08:00")
    replace(project / REGISTRY, "2026-01-01", "2026-01-02")
    (problem,) = project_checks.survey(project).problems
    assert (problem.rule, problem.path) == ("two-tracks", f"{TRACK}/.copier-answers.yml")
    assert "title is 'Payments ledger' here and 'Ledger of payments' there" in problem.message
    replace(track / "metadata.json", "Ledger of payments", "Payments ledger")
    replace(project / REGISTRY, "Ledger of payments", "Payments ledger")
    assert found(project) == []  # as of an adopted track, which keeps its own time
    replace(track / "metadata.json", "PostgreSQL", "Redis")
    replace(project / REGISTRY, "PostgreSQL", "Redis")
    assert [rule for rule, _, _ in found(project)] == ["two-tracks"]


def test_a_row_of_another_track_with_the_id_is_told_and_kept(
    project: Path, track: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project)
    other = ROW.replace("Payments ledger | database | PostgreSQL", "Carts | cache | Redis")
    path = project / REGISTRY
    replace(path, f"{ROW} 2026-01-01 |", f"{other} 2026-01-02 |")
    expected = [("registry-other-track", REGISTRY, line_of(path, "Carts"))]
    assert found(project) == found(project, "storage-001") == expected
    assert "'Carts' and 'Payments ledger' have the same id" in call(capsys, "sync").out
    expected = [("registry-duplicate-id", REGISTRY, line_of(path, "Payments ledger"))]
    assert found(project) == found(project, "storage-001") == expected
    before = path.read_bytes()
    assert "nothing changed" in call(capsys, "sync").out
    assert path.read_bytes() == before
