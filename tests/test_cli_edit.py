"""`new --edit` and `revise --edit` in a real terminal, with an editor that a person drives."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli import editing
from storage_conductor.errors import ConductorError
from tests.command_runner import COMMAND, run
from tests.conftest import ROOT, tracks
from tests.update_support import status

if sys.platform == "win32":
    pytest.skip("needs pseudo-terminals", allow_module_level=True)

import pexpect

EDITOR = ROOT / "tests" / "scripted_editor.py"


def shown(
    folder: Path, commands: list[str], *arguments: str, **environment: str
) -> tuple[int, str]:
    """Run the command in a terminal, telling the editor what to do; return code and output."""
    inherited = {name: text for name, text in os.environ.items() if name not in editing.VARIABLES}
    child = pexpect.spawn(
        COMMAND[0],
        [*COMMAND[1:], *arguments],
        cwd=folder,
        env={**inherited, "TERM": "xterm", "NO_COLOR": "1", **environment},
        dimensions=(50, 200),
        encoding="utf-8",
        timeout=40,
    )
    text = ""
    for command in commands:
        child.expect_exact("edit> ")
        text += f"{child.before}{child.after}"
        child.sendline(command)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus is not None
    return child.exitstatus, (text + str(child.before)).replace("\r\n", "\n")


@pytest.fixture
def editor(tmp_path: Path) -> dict[str, str]:
    """Return an environment with the editor at a path with spaces, and an own temporary folder."""
    script = tmp_path / "an editor" / "it's.py"
    script.parent.mkdir()
    script.write_text(EDITOR.read_text(encoding="utf-8"), encoding="utf-8")
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    command = f"{shlex.quote(sys.executable)} -B {shlex.quote(str(script))}"
    return {"VISUAL": command, "EDITOR": "false", "TMPDIR": str(temporary)}


def kept(editor: Mapping[str, str]) -> list[Path]:
    return sorted(Path(editor["TMPDIR"]).glob("storage-answers-*/answers.yml"))


def recorded(track: Path) -> dict[str, Any]:
    return dict(yaml.safe_load((track / ".copier-answers.yml").read_text(encoding="utf-8")))


def test_a_track_starts_from_a_form_whose_mistakes_are_shown_in_it(
    folder: Path, project: Path, editor: dict[str, str]
) -> None:
    wrong = ["backend=Reddis", "reads_per_second=many", "+titel: x", "save"]
    right = ["title=Sessions", "backend=Redis", "reads_per_second=900", "save"]
    start = ("new", "--edit", "--template", str(folder), "--data", "description=Log-ins")
    code, text = shown(project, [*wrong, *right, "save"], *start, **editor)
    assert code == 2
    first, second, third = text.split("EDITING answers.yml\n")[1:]
    assert "#!" not in first
    for words in ("title: is required", "did you mean 'Redis'?", "must be a number", "is no quest"):
        assert words in second.partition("edit>")[0]
    assert third.partition("edit>")[0].count("#!") == 1
    assert "The form still has mistakes:\n  - titel: is no question" in third
    assert list(tracks(project)) == []

    (form,) = kept(editor)
    left = form.read_text(encoding="utf-8")
    assert f"What you wrote is kept in {form}." in text
    form.write_text(left.replace("titel: x\n", ""), encoding="utf-8")
    done = run(project, "new", "--template", str(folder), "--defaults", "--data-file", str(form))
    assert done.code == 0, done.err
    (track,) = tracks(project)
    assert (recorded(track)["title"], recorded(track)["reads_per_second"]) == ("Sessions", 900)


@pytest.mark.parametrize("commands", [["save"], ["all=", "save"]])
def test_a_form_that_is_left_or_emptied_starts_nothing(
    folder: Path, project: Path, editor: dict[str, str], commands: list[str]
) -> None:
    start = ("new", "--edit", "--template", str(folder), "--data", "title=A")
    code, text = shown(project, commands, *start, **editor)
    assert code == 2
    assert "The form was left as it was or emptied: no track was started." in text
    assert list(project.iterdir()) == []
    assert list(Path(editor["TMPDIR"]).iterdir()) == []


def test_an_editor_that_fails_changes_nothing(
    folder: Path, project: Path, editor: dict[str, str]
) -> None:
    start = ("new", "--edit", "--template", str(folder))
    code, text = shown(project, ["title=A", "quit 3"], *start, **editor)
    assert code == 2
    assert re.search(r"The editor '.*' ended with 3; nothing was changed", text)
    assert kept(editor)
    missing = {**editor, "VISUAL": "", "EDITOR": "/no/such/editor --wait"}
    code, text = shown(project, [], *start, **missing)
    assert code == 2
    assert "The editor '/no/such/editor' cannot be started: No such file" in text
    assert list(tracks(project)) == []


def test_a_track_is_revised_in_a_form_of_its_answers(
    template: Path, project: Path, editor: dict[str, str]
) -> None:
    from tests.update_support import start

    track = start(template, project, ref=None, storage_id="ledger", retention="7 years")
    command = ("revise", "ledger", "--trust", "--edit")
    code, text = shown(project, ["save"], *command, **editor)
    assert (code, status(project)) == (0, [])
    assert "ledger: the form was left as it was or emptied; no change." in text
    wrong = ["retention=", "rpo_minutes=-5", "save"]
    code, text = shown(project, [*wrong, "rpo_minutes=5", "save"], *command, **editor)
    assert code == 0, text
    assert "#! rpo_minutes: must not be negative, not -5" in text
    assert "revised ledger: rpo_minutes, retention" in text
    assert (recorded(track)["rpo_minutes"], recorded(track)["retention"]) == (5, "")
    spec = (track / "spec.md").read_text(encoding="utf-8")
    assert "at most the last 5 min of writes may be lost" in spec
    assert "7 years" not in spec
    assert list(Path(editor["TMPDIR"]).iterdir()) == []


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ({"VISUAL": "a b", "EDITOR": "c"}, ["a", "b"]),
        ({"VISUAL": " ", "EDITOR": "'my editor' -w"}, ["my editor", "-w"]),
    ],
)
def test_the_editor_is_that_of_visual_then_editor(
    monkeypatch: pytest.MonkeyPatch, named: dict[str, str], words: list[str]
) -> None:
    for name, value in named.items():
        monkeypatch.setenv(name, value)
    assert editing.command_line() == words


def test_a_broken_command_line_and_no_editor_are_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("VISUAL", "vi 'x")
    with pytest.raises(ConductorError, match="VISUAL: is no command line"):
        editing.command_line()
    for name in editing.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConductorError, match="There is no editor"):
        editing.command_line()
