import json
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage_conductor.review import project_checks

from .command_runner import call
from .conftest import commit, git
from .track_builder import replace, write_registry, write_track

Capture = pytest.CaptureFixture[str]
TRACKS = "storage-conductor/tracks.md"
REST = "\n## Status Definitions\n\n- **Planning**: the plan is written\n"


@pytest.fixture
def registry(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a valid project and return its registry."""
    write_track(project)
    write_track(project, "storage-002", title="Sessions", storage_type="cache", backend="Redis")
    path = write_registry(project)
    monkeypatch.chdir(project)
    return path


def rules(project: Path) -> list[str]:
    return [item.rule for item in project_checks.survey(project).problems]


def test_a_registry_in_line_is_left_alone(registry: Path, capsys: Capture) -> None:
    before = registry.stat()
    done = call(capsys, "sync")
    assert done == (0, f"{TRACKS} is in line with the metadata; nothing changed.\n", "")
    assert registry.stat() == before


def test_changes_are_made_and_shown(registry: Path, project: Path, capsys: Capture) -> None:
    whole = registry.read_text(encoding="utf-8")
    row = next(line for line in whole.splitlines() if "storage-002" in line)
    replace(registry, f"{row}\n", "")
    replace(registry, "| Payments ledger |", "| Payments |")
    wrong = next(line for line in registry.read_text("utf-8").splitlines() if "storage-001" in line)
    done = call(capsys, "sync")
    right = wrong.replace("| Payments |", "| Payments ledger |")
    assert done == (0, f"-{wrong}\n+{right}\n+{row}\n{TRACKS} changed.\n", "")
    assert registry.read_text(encoding="utf-8") == whole
    assert rules(project) == []


def test_a_dry_run_shows_the_same_and_changes_nothing(registry: Path, capsys: Capture) -> None:
    replace(registry, "| Payments ledger |", "| Payments |")
    before = registry.read_bytes()
    dry = call(capsys, "sync", "--dry-run")
    assert registry.read_bytes() == before
    wet = call(capsys, "sync")
    assert dry.out == wet.out.replace(" changed.", " would change.")
    assert (dry.code, wet.code) == (0, 0)


def test_a_status_that_differs_is_kept_and_named(registry: Path, capsys: Capture) -> None:
    replace(registry, "| Planning | 2026-01-01 | 2026-01-01 |", "| Blocked | 2026-01-01 | |")
    done = call(capsys, "sync")
    assert "| Blocked | 2026-01-01 | 2026-01-01 |" in registry.read_text(encoding="utf-8")
    assert "Note: storage-001: the status is 'Blocked' in the registry" in done.out


@pytest.mark.parametrize("attributes", ["", "tracks.md merge=union\n"])
def test_what_a_merge_left_is_repaired(
    registry: Path, project: Path, capsys: Capture, attributes: str
) -> None:
    (registry.parent / ".gitattributes").write_text(attributes, encoding="utf-8")
    commit(project)
    for branch, storage_id in (("left", "storage-003"), ("right", "storage-004")):
        git(project, "checkout", "--quiet", "-b", branch, "main")
        write_track(project, storage_id)
        metadata = project / "storage-conductor/storages/storage-001/metadata.json"
        replace(metadata, "ledger", "ledger and refunds")
        write_registry(project)
        replace(registry, "| Sessions |", f"| Sessions, {branch} |")
        commit(project)
    merge = ["git", "merge", "--quiet", "left"]
    merged = subprocess.run(merge, cwd=project, check=False, capture_output=True)
    assert bool(merged.returncode) == (not attributes)
    assert rules(project)
    done = call(capsys, "sync")
    assert (done.code, done.err, "Note" in done.out) == (0, "", False)
    git(project, "add", "--all")
    assert rules(project) == []
    text = registry.read_text(encoding="utf-8")
    assert text.endswith(REST)
    assert text.count("| storage-00") == 4
    assert "nothing changed" in call(capsys, "sync").out


def test_a_missing_registry_is_written_anew(registry: Path, project: Path, capsys: Capture) -> None:
    registry.unlink()
    dry = call(capsys, "sync", "-n")
    assert not registry.exists()
    assert call(capsys, "sync").code == 0
    assert f"\n{dry.out}".count("\n+") == registry.read_text(encoding="utf-8").count("\n")
    assert rules(project) == []


@pytest.mark.parametrize("listed", [True, False])
@pytest.mark.parametrize("text", ["{", '{"id": "storage-001"}', None])
def test_a_track_whose_metadata_is_no_use_is_named_and_its_row_stays(
    registry: Path, capsys: Capture, text: str | None, listed: bool
) -> None:
    metadata = registry.parent / "storages/storage-002/metadata.json"
    # Without a text of its own, the folder is a copy of the other track's.
    other = registry.parent / "storages/storage-001/metadata.json"
    metadata.write_text(text or other.read_text(encoding="utf-8"), encoding="utf-8")
    if not listed:
        lines = registry.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = "".join(line for line in lines if "storage-002" not in line)
        registry.write_text(kept, encoding="utf-8")
    before = registry.read_bytes()
    done = call(capsys, "sync")
    assert registry.read_bytes() == before
    assert (done.code, done.out.count("Note: ")) == (0, 1)
    assert "Note: storage-002: metadata.json: " in done.out


def test_a_reserved_folder_is_no_track_yet(registry: Path, capsys: Capture) -> None:
    (registry.parent / "storages" / "storage-003").mkdir()
    assert "nothing changed" in call(capsys, "sync").out


@pytest.mark.parametrize("arguments", [[], ["--dry-run"]])
def test_a_registry_that_cannot_be_understood_is_an_error_and_stays(
    registry: Path, capsys: Capture, arguments: list[str]
) -> None:
    text = registry.read_text(encoding="utf-8")
    registry.write_text(text + text, encoding="utf-8")
    done = call(capsys, "sync", *arguments)
    assert (done.code, done.out) == (2, "")
    assert "tracks.md:" in done.err.splitlines()[0]
    assert "  Remedy: " in done.err
    assert registry.read_text(encoding="utf-8") == text + text


def test_it_works_from_any_folder_of_the_project(
    registry: Path, project: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(registry.parent / "storages")
    replace(registry, "| Payments ledger |", "| Payments |")
    assert call(capsys, "sync", "storage-001").out.endswith("../tracks.md changed.\n")
    assert rules(project) == []


def test_no_project_is_exit_code_2(project: Path, capsys: Capture) -> None:
    assert call(capsys, "sync", str(project)).code == 2


ROW = "| storage-002 | Sessions | cache | Redis | Storage Component | Planning |"


DAMAGES = {
    "registry-row": (ROW.replace("Sessions", "Users | Sessions"), r"Users \| Sessions"),
    "registry-half-conflict": ("<<<<<<< HEAD\n" + ROW, "Sessions"),
    "registry": (ROW.replace("Sessions", "S\xe9ssions"), "S\xe9ssions"),
}


@pytest.mark.parametrize("rule", DAMAGES)
def test_check_and_sync_name_the_same_remedy_and_it_works(
    registry: Path, project: Path, capsys: Capture, rule: str
) -> None:
    damaged, mended = DAMAGES[rule]
    whole = registry.read_bytes()
    registry.write_bytes(whole.replace(ROW.encode(), damaged.encode("latin-1")))
    (found,) = project_checks.survey(project).problems
    at = whole.decode().splitlines().index(f"{ROW} 2026-01-01 | 2026-01-01 |")
    assert (found.rule, found.line) == (rule, at + 1)
    part = project_checks.survey(project, ["storage-002"]).problems
    assert part == ([] if "conflict" in rule else [found])
    done = call(capsys, "sync")
    assert (done.code, done.err.splitlines()[1]) == (2, f"  Remedy: {found.remedy}")
    assert "sync" not in found.remedy
    registry.write_bytes(whole.replace(b"| Sessions", f"| {mended}".encode()))
    assert call(capsys, "sync").code == 0
    assert rules(project) == []


titles = st.text(min_size=1, max_size=40).filter(lambda text: not set("\r\n") & set(text))


@settings(max_examples=30)
@given(st.lists(titles, min_size=1, max_size=3), st.booleans())
def test_after_sync_nothing_is_wrong_with_the_registry(
    tmp_path_factory: pytest.TempPathFactory, names: list[str], crlf: bool
) -> None:
    project = tmp_path_factory.mktemp("titles")
    for number, title in enumerate(names):
        folder = write_track(project, f"storage-{number:03}")
        data = json.loads((folder / "metadata.json").read_text(encoding="utf-8"))
        text = json.dumps({**data, "title": title}, indent=2)
        (folder / "metadata.json").write_text(text, encoding="utf-8")
    path = write_registry(project)
    if crlf:
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert rules(project) == []
    before = path.read_bytes()
    write_registry(project)
    assert path.read_bytes() == before
