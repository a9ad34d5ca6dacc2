import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from storage_conductor.review import project_checks

from .command_runner import COMMAND, call, run
from .track_builder import replace, write_registry, write_track

TRACK = "storage-conductor/storages/storage-001"
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def sound(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a valid project, with one open decision."""
    write_track(project, decisions=[("D-a", 1, "open")])
    write_track(project, "storage-002")
    write_registry(project)
    monkeypatch.chdir(project)
    return project


@pytest.fixture
def broken(sound: Path) -> Path:
    """Work in a project with one problem."""
    replace(sound / TRACK / "spec.md", "## Sizing", "## Größe 🗄")
    return sound


def test_nothing_wrong_is_exit_code_0(sound: Path, capsys: Capture) -> None:
    done = call(capsys, "check")
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        "2 tracks checked: nothing is wrong.\n1 decision still open; `check --strict` lists them.\n"
    )


def test_findings_are_exit_code_1_with_place_rule_and_remedy(broken: Path, capsys: Capture) -> None:
    done = call(capsys, "check")
    assert (done.code, done.err) == (1, "")
    last = len((broken / TRACK / "spec.md").read_text(encoding="utf-8").splitlines())
    place, remedy, blank, *summary = done.out.splitlines()
    assert place == f"{TRACK}/spec.md:{last}: section: the section 'Sizing' is missing"
    assert remedy.startswith("  Remedy: Add `## Sizing`")
    assert (blank, summary[0]) == ("", "2 tracks checked: 1 finding.")


def test_open_decisions_fail_only_when_strict(sound: Path, capsys: Capture) -> None:
    done = call(capsys, "check", "--strict")
    assert done.code == 1
    assert f"{TRACK}/spec.md:" in done.out
    assert "open-decision: D-a is open" in done.out
    assert "still open" not in done.out


def test_json_says_the_same(broken: Path, capsys: Capture) -> None:
    done = call(capsys, "check", "--json")
    data = json.loads(done.out)
    assert (done.code, data["tracks"], data["open_decisions"]) == (1, 2, 1)
    (finding,) = data["findings"]
    assert (finding["path"], finding["rule"]) == (f"{TRACK}/spec.md", "section")
    assert set(finding) == {"path", "line", "rule", "message", "remedy"}
    strict = json.loads(call(capsys, "check", "--json", "--strict").out)
    assert [item["rule"] for item in strict["findings"]] == ["open-decision", "section"]


@pytest.mark.parametrize(
    ("folder", "path", "shown"),
    [
        (".", ".", f"{TRACK}/spec.md"),
        ("..", "project", f"project/{TRACK}/spec.md"),
        (TRACK, ".", "spec.md"),
        ("storage-conductor", "storages/storage-001/plan.md", "storages/storage-001/spec.md"),
    ],
)
def test_paths_lead_to_the_files_from_the_working_directory(
    broken: Path, capsys: Capture, folder: str, path: str, shown: str
) -> None:
    os.chdir(broken / folder)  # undone by the fixture
    done = call(capsys, "check", path)
    assert (done.code, done.out.partition(":")[0]) == (1, shown)


def test_several_paths_and_projects_are_checked_together(
    broken: Path, tmp_path: Path, capsys: Capture
) -> None:
    other = tmp_path / "other"
    write_track(other, "storage-009")
    write_registry(other)
    assert call(capsys, "check", "storage-conductor/storages/storage-002").code == 0
    assert call(capsys, "check", TRACK, "storage-conductor/storages/storage-002").code == 1
    done = call(capsys, "check", "../other", TRACK, f"{TRACK}/plan.md", "--json")
    data = json.loads(done.out)
    assert (data["tracks"], len(data["findings"])) == (2, 1)
    assert json.loads(call(capsys, "check", TRACK, ".", "--json").out)["tracks"] == 2


@pytest.mark.parametrize("state", ["missing", "empty", "no tracks", "no path"])
def test_nothing_to_check_is_exit_code_2(
    project: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    home = project / "storage-conductor"
    if state != "missing":
        home.mkdir()
    if state == "no tracks":
        (home / "tracks.md").write_text("# Storage Components\n", encoding="utf-8")
    monkeypatch.chdir(project)
    done = call(capsys, "check", *(["elsewhere"] if state == "no path" else []))
    assert (done.code, done.out) == (2, "")
    assert "\n  Remedy: " in done.err


@pytest.mark.parametrize(
    "arguments", [[], ["chekc"], ["check", "--stric"], ["--nothing"], ["status", "a", "b"]]
)
def test_misuse_is_exit_code_2_and_says_so_on_standard_error(
    sound: Path, capsys: Capture, arguments: list[str]
) -> None:
    done = call(capsys, *arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err
    assert "Traceback" not in done.err


def test_ctrl_c_is_exit_code_130(
    sound: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(project_checks, "survey", stop)
    assert call(capsys, "check") == (130, "", "Stopped.\n")


def test_what_the_system_refuses_is_a_message(
    sound: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied", "storages")

    monkeypatch.setattr(project_checks, "survey", refuse)
    assert call(capsys, "check") == (2, "", "storages: Permission denied\n")


def test_a_process_of_its_own_says_the_same(broken: Path, capsys: Capture) -> None:
    for arguments in (["check"], ["check", "--json", "--strict"], ["check", "elsewhere"]):
        assert run(broken, *arguments) == call(capsys, *arguments)


@pytest.mark.skipif(sys.platform == "win32", reason="pipes end otherwise there")
def test_a_reader_that_goes_away_is_no_error(broken: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [*COMMAND, "check"], cwd=broken, stdout=write, stderr=subprocess.PIPE, check=False
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-16"])
def test_output_to_a_pipe_is_utf_8_whatever_the_machine_prefers(
    broken: Path, encoding: str
) -> None:
    replace(broken / TRACK / "spec.md", "[plan.md](plan.md)", "[plan](größe-🗄.md)")
    done = run(broken, "check", PYTHONIOENCODING=encoding)
    assert done.code == 1
    assert "the link to größe-🗄.md leads nowhere" in done.out


def test_nothing_heavy_is_imported(sound: Path) -> None:
    heavy = ("pydantic", "copier", "markdown_it", "sqlalchemy", "jinja2")
    program = (
        "import sys; from storage_conductor_cli import main;"
        "[main([name]) for name in ('check', 'status', 'sync')];"
        f"print([name for name in {heavy!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=sound, capture_output=True, check=True, text=True
    )
    assert done.stderr == "[]\n"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("storage_id: storage-001", 'storage_id: "storage-001', "is not valid YAML"),
        ("storage_id: storage-001", "storage_id: storage-002", "is of the track 'storage-002'"),
        ("storage_id: storage-001\n", "", "names no track"),
    ],
)
def test_answers_that_an_update_cannot_use_are_found(
    project: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, said: str
) -> None:
    path = write_track(project, "storage-001") / ".copier-answers.yml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    done = call(capsys, "check", str(project))
    assert done.code == 1
    assert f": answers: {said}" in done.out
    assert "so that the track cannot be updated" in done.out
