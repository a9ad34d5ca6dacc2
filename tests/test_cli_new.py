import filecmp
import json
import shutil
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import copier
import pytest
import yaml

from cli.template import VARIABLE, Template, find, installed_from
from storage_conductor.errors import ConductorError

from .command_runner import COMMAND, Done, call, run
from .conftest import REQUIRED, commit, git, tracks

Capture = pytest.CaptureFixture[str]
QUESTIONS = """
_answers_file: .copier-answers.yml
_tasks: ["{{ _copier_python }} --version"]
title:
  type: str
  validator: "{% if not title %}must not be empty{% endif %}"
size:
  type: int
  default: 1
"""


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small template with two releases and a commit after them."""
    folder = tmp_path_factory.mktemp("small") / "a template"
    folder.mkdir()
    (folder / "copier.yml").write_text(QUESTIONS, encoding="utf-8")
    (folder / "{{ _copier_conf.answers_file }}.jinja").write_text(
        "{{ _copier_answers | to_nice_yaml }}", encoding="utf-8"
    )
    for tag in ("v1.0.0", "v2.0.0", None):
        (folder / "release.txt").write_text(f"{tag}\n", encoding="utf-8")
        commit(folder, tag=tag)
    return folder


@pytest.fixture
def here(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty project, with no template in the environment."""
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.chdir(project)
    return project


def answers(folder: Path) -> dict[str, Any]:
    found = yaml.safe_load((folder / ".copier-answers.yml").read_text(encoding="utf-8"))
    return dict(found)


def new(capsys: Capture, source: Path | str, *arguments: str) -> Done:
    return call(capsys, "new", "--template", str(source), *arguments)


def test_the_newest_release_is_used_and_answers_are_taken(
    small: Path, here: Path, capsys: Capture
) -> None:
    done = new(capsys, small, "--defaults", "--data", "title=a=b", "-d", "size=3")
    assert done.code == 0
    expected = {"_commit": "v2.0.0", "_src_path": str(small), "title": "a=b", "size": 3}
    assert answers(here) == expected


@pytest.mark.parametrize(("ref", "release"), [("v1.0.0", "v1.0.0"), ("HEAD", "None")])
def test_another_version_can_be_named(
    small: Path, here: Path, capsys: Capture, ref: str, release: str
) -> None:
    new(capsys, small, "--vcs-ref", ref, "--defaults", "--data", "title=A", "sub")
    assert (here / "sub" / "release.txt").read_text(encoding="utf-8") == f"{release}\n"


def test_a_folder_is_recorded_as_absolute(small: Path, here: Path, capsys: Capture) -> None:
    shutil.copytree(small, here / "template")
    done = new(capsys, "template", "--defaults", "--data", "title=A", "target")
    assert done.code == 0
    assert answers(here / "target")["_src_path"] == str(here / "template")


def test_the_environment_can_name_the_template(
    small: Path, here: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(small))
    assert call(capsys, "new", "--defaults", "--data", "title=A").code == 0
    assert answers(here)["_src_path"] == str(small)
    assert find("gh:a/b", "v1") == Template("gh:a/b", "v1")


def test_answers_come_from_a_file_and_the_command_line_goes_first(
    small: Path, here: Path, capsys: Capture
) -> None:
    (here / "answers.yml").write_text("title: Größe\nsize: 4\n", encoding="utf-8")
    done = new(capsys, small, "--defaults", "--data-file", "answers.yml", "--data", "size=5", "to")
    assert done.code == 0
    assert (answers(here / "to")["title"], answers(here / "to")["size"]) == ("Größe", 5)


def test_pretending_writes_nothing(small: Path, here: Path, capsys: Capture) -> None:
    assert new(capsys, small, "--defaults", "--pretend", "--data", "title=A").code == 0
    assert list(here.iterdir()) == []


def test_the_track_goes_into_the_project_around(
    small: Path, here: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = here / "storage-conductor" / "storages" / "storage-001"
    inner.mkdir(parents=True)
    monkeypatch.chdir(inner)
    assert new(capsys, small, "--defaults", "--data", "title=A").code == 0
    assert (here / "release.txt").exists()
    assert new(capsys, small, "--defaults", "--data", "title=A", ".").code == 0
    assert (inner / "release.txt").exists()


def test_a_repository_within_a_project_is_a_project_of_its_own(
    small: Path, here: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "storage-conductor" / "storages").mkdir(parents=True)
    own = here / "own"
    own.mkdir()
    git(own, "init", "--quiet")
    monkeypatch.chdir(own)
    assert new(capsys, small, "--defaults", "--data", "title=A").code == 0
    assert (own / "release.txt").exists()
    assert not (here / "release.txt").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--data", "title"], "--data title: is not NAME=VALUE"),
        (["--data", "=x"], "is not NAME=VALUE"),
        (["--data", "title=", "--defaults"], "must not be empty"),
        (["--data", "title=A", "--data", "size=much", "--defaults"], "An answer or"),
        (["--data-file", "missing.yml"], "missing.yml: cannot be read"),
        (["--data-file", "list.yml"], "list.yml:1: must map names to answers"),
        (["--data-file", "broken.yml"], "broken.yml:3: is not YAML"),
        (["--data-file", "latin.yml"], "is not UTF-8"),
        (["--vcs-ref", "v9", "--data", "title=A", "--defaults"], "v9"),
        (["--template", "missing", "--defaults"], "missing"),
        (["--template", "git+file:///missing/x.git", "--defaults"], "cannot be read"),
    ],
)
def test_a_mistake_is_a_message_and_writes_nothing(
    small: Path, here: Path, capsys: Capture, arguments: list[str], said: str
) -> None:
    (here / "list.yml").write_text("- a\n", encoding="utf-8")
    (here / "broken.yml").write_text("a: 1\nb: [\n", encoding="utf-8")
    (here / "latin.yml").write_bytes("a: ö\n".encode("latin-1"))
    given = [] if "--template" in arguments else ["--template", str(small)]
    done = call(capsys, "new", *given, *arguments, "target")
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert not (here / "target").exists()


def test_without_a_terminal_nothing_is_asked(small: Path, here: Path) -> None:
    done = run(here, "new", "--template", str(small))
    assert (done.code, "Interactive session required" in done.err) == (2, True)
    assert "Traceback" not in done.err


def test_a_program_reads_nothing_but_json(folder: Path, here: Path) -> None:
    given = ("-d", "title=A", "-d", "description=B", "-d", "backend=Redis")
    done = run(here, "new", "--template", str(folder), "--defaults", "--json", *given)
    assert (done.code, done.out[:1]) == (0, "{"), done
    (started,) = json.loads(done.out)["started"]
    assert [started["id"]] == [track.name for track in tracks(here)]
    assert done.err == ""


def test_a_failing_task_is_a_message(
    small: Path, here: Path, tmp_path: Path, capsys: Capture
) -> None:
    failing = tmp_path / "failing"
    shutil.copytree(small, failing)
    questions = (failing / "copier.yml").read_text(encoding="utf-8")
    changed = questions.replace("--version", "-c 'raise SystemExit(3)'")
    (failing / "copier.yml").write_text(changed, encoding="utf-8")
    commit(failing, tag="v3.0.0")
    done = new(capsys, failing, "--defaults", "--data", "title=A")
    assert (done.code, "non-zero exit status 3" in done.err) == (2, True)


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({}, None),
        ({"url": "https://example.org/a.zip", "archive_info": {}}, None),
        ({"url": "https://example.org/a", "vcs_info": {"vcs": "hg", "commit_id": "1"}}, None),
        (
            {"url": "https://github.com/a/b", "vcs_info": {"vcs": "git", "commit_id": "1"}},
            Template("https://github.com/a/b", None),
        ),
        (
            {
                "url": "https://example.org/a.git",
                "vcs_info": {"vcs": "git", "commit_id": "1", "requested_revision": "v1"},
            },
            Template("https://example.org/a.git", "v1"),
        ),
        (
            {"url": "ssh://git@example.org/a", "vcs_info": {"vcs": "git", "commit_id": "1"}},
            Template("git+ssh://git@example.org/a", None),
        ),
    ],
)
def test_the_installation_says_where_the_template_is(
    record: dict[str, Any], expected: Template | None
) -> None:
    assert installed_from(record) == expected


@pytest.mark.parametrize("editable", [True, False])
def test_an_installation_from_a_folder_leads_there(tmp_path: Path, *, editable: bool) -> None:
    folder = tmp_path / "a folder with ü"
    record = {"url": folder.as_uri(), "dir_info": {"editable": editable}}
    assert installed_from(record) == Template(str(folder), None)


class Installed:
    """Stands for an installed distribution."""

    def __init__(self, record: dict[str, Any]) -> None:
        self.record = record

    def read_text(self, name: str) -> str | None:
        return json.dumps(self.record) if name == "direct_url.json" and self.record else None


def test_without_any_template_the_message_names_the_switch(
    here: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metadata, "distribution", lambda _: Installed({}))
    done = call(capsys, "new")
    assert done.code == 2
    assert "--template" in done.err
    assert VARIABLE in done.err


def test_the_installed_template_is_used(
    here: Path, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = {"url": small.as_uri(), "dir_info": {}}
    monkeypatch.setattr(metadata, "distribution", lambda _: Installed(record))
    assert find(None, None) == Template(str(small), None)
    assert find(None, "v1") == Template(str(small), "v1")

    def missing(_: str) -> None:
        raise metadata.PackageNotFoundError

    monkeypatch.setattr(metadata, "distribution", missing)
    with pytest.raises(ConductorError):
        find(None, None)


def same_files(left: Path, right: Path) -> bool:
    compared = filecmp.dircmp(left, right)
    below = all(same_files(left / name, right / name) for name in compared.common_dirs)
    differ = compared.left_only + compared.right_only + compared.diff_files + compared.funny_files
    return below and not differ


def test_the_result_is_that_of_copier_copy(
    template: Path, here: Path, tmp_path: Path, capsys: Capture
) -> None:
    data = {**REQUIRED, "backend": "Redis"}
    copier.run_copy(str(template), tmp_path / "copied", data=data, defaults=True, unsafe=True)
    given = [f"--data={name}={value}" for name, value in data.items()]
    done = new(capsys, template, "--defaults", *given)
    assert done.code == 0, done.err
    assert same_files(tmp_path / "copied", here)
    assert len(list(tracks(here))) == 1
    assert call(capsys, "check").code == 0


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.parametrize("stop", [False, True])
def test_questions_are_asked_on_a_terminal(small: Path, here: Path, *, stop: bool) -> None:
    import pexpect

    child = pexpect.spawn(
        COMMAND[0], [*COMMAND[1:], "new", "--template", str(small)], cwd=here, encoding="utf-8"
    )
    child.expect("title")
    if stop:
        child.sendcontrol("c")
    else:
        child.sendline("Ledger")
        child.expect("size")
        child.sendline("")
    child.expect(pexpect.EOF, timeout=30)
    child.close()
    assert child.exitstatus == (130 if stop else 0)
    assert "Traceback" not in (child.before or "")
    assert (here / ".copier-answers.yml").exists() != stop
