import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from cli.app import COMMANDS, ConductorCommand
from cli.reference import reference

from .command_runner import call
from .conftest import ROOT

Capture = pytest.CaptureFixture[str]
PAGE = ROOT / "docs" / "command-line.md"


def test_the_reference_is_that_of_the_help_texts() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference()


def test_the_reference_is_printed_as_the_page_says(tmp_path: Path) -> None:
    said = re.search(r"`python (-m \S+)`", PAGE.read_text(encoding="utf-8"))
    assert said
    done = subprocess.run(
        [sys.executable, *said[1].split()], cwd=tmp_path, capture_output=True, check=True
    )
    assert done.stdout == PAGE.read_bytes()


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_the_help_of_each_command_holds_what_the_reference_says(
    name: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = call(capsys, name, "--help")
    assert (done.code, done.err) == (0, "")
    words = " ".join(done.out.split())
    _, _, section = PAGE.read_text(encoding="utf-8").partition(f"\n## storage-conductor {name}\n")
    section = section.partition("\n## ")[0]
    prose = [part for part in section.split("\n\n") if not part.startswith(("```", "|"))]
    assert len(prose) > 3
    for part in prose:
        assert part == "Examples:" or " ".join(part.split()) in words
    switches = re.findall(r"^\| `(--[a-z-]+)", section, re.MULTILINE)
    assert switches
    for text in (*re.findall(r"^storage-conductor .*", section, re.MULTILINE), *switches):
        assert text in done.out


def test_the_version_is_that_of_the_distribution(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.metadata.version", lambda _: "1.2.3")
    assert call(capsys, "--version") == (0, "storage-conductor 1.2.3\n", "")
    assert call(capsys, "check", "--version").out == "storage-conductor check 1.2.3\n"


def test_the_hooks_call_commands_that_exist() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    commands = [hook["entry"].split() for hook in hooks]
    assert [name for _, name in commands] == ["sync", "check"]
    for hook, (program, name) in zip(hooks, commands, strict=True):
        assert (program, name in COMMANDS) == (ConductorCommand.PROGNAME, True)
        assert hook["id"] == f"{program}-{name}"
        assert hook["pass_filenames"] is False
        files = re.compile(hook["files"])
        assert files.search("storage-conductor/tracks.md")
        assert not files.search("docs/storage-conductor/tracks.md")


def blocks(language: str) -> list[str]:
    text = (ROOT / "docs" / "continuous-integration.md").read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def test_the_documented_configurations_name_what_exists() -> None:
    job, evidence, pre_commit, scheduled = (yaml.safe_load(block) for block in blocks("yaml"))
    jobs = (job["jobs"]["check"], evidence["jobs"]["verify"], scheduled["jobs"]["refresh"])
    steps = [step for one in jobs for step in one["steps"]]
    commands = [step["run"] for step in steps if "run" in step]
    shell = "\n".join([*commands, *blocks("sh")])
    used = re.findall(r"^storage-conductor (\w+)", shell, re.MULTILINE)
    assert set(used) == {"check", "status", "refresh", "verify"}
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    (repository,) = pre_commit["repos"]
    assert [hook["id"] for hook in repository["hooks"]] == [hook["id"] for hook in hooks]
