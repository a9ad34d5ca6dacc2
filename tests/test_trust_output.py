"""What others wrote is shown, and acted on by neither a terminal nor a CI runner."""

from __future__ import annotations

import json
import re
import shutil
import unicodedata
from pathlib import Path

import pytest

from .conftest import commit
from .trust_support import LINKS, ONE, STORAGES, TWO, copier, fresh, newer, project, say

RAW = "\x1b[2J\x1b]0;t\x07\r\u202e\u2066\u200b\u200d\ufeff\u00ad\u2028\x85\x9b"
COMMANDS = ("::set-env name=A::b", "##vso[task.setvariable variable=a]b", "##[add-matcher]x")
TRACK = f"{STORAGES}/{ONE}"


def assert_harmless(text: str) -> None:
    for line in text.split("\n"):
        assert not line.lstrip().startswith("::"), line
        assert not re.search(r"##\w*\[", line), line
    hidden = [char for char in text if unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp", "Cs")]
    assert set(hidden) <= {"\n"}, ascii(text)


def spoil(project: Path) -> None:
    """Put hostile text wherever a command shows what it read."""
    for storage_id, evil in zip((ONE, TWO), COMMANDS[:2], strict=True):
        folder = project / STORAGES / storage_id
        path = folder / "metadata.json"
        data = json.loads(path.read_text(encoding="utf-8"))
        data |= {"title": f"{evil}{RAW}", "backend": f"{COMMANDS[2]}{RAW}", "status": evil}
        data[f"{evil}\n{evil}"] = RAW
        path.write_text(json.dumps(data), encoding="utf-8")
        plan = folder / "plan.md"
        text = plan.read_text(encoding="utf-8")
        plan.write_text(
            text.replace("- [ ] ", f"- [ ] {evil} {RAW} ", 1)
            + f"\n- [ ] [a]({evil}.md) x{RAW}\n<<<<<<< {evil}{RAW}\n",
            encoding="utf-8",
        )
    stack = project / "storage-conductor" / "tech-stack.md"
    stack.write_text(f"# Stack\n\n- **Language**: Python {COMMANDS[1]}{RAW}\n", encoding="utf-8")
    registry = project / "storage-conductor" / "tracks.md"
    rows = registry.read_text(encoding="utf-8")
    more = "".join(f"| {evil} | {evil}{RAW} | a | b | c | {evil} | d | e |\n" for evil in COMMANDS)
    registry.write_text(rows.rstrip("\n").replace("Payments", f"::a{RAW}") + "\n" + more, "utf-8")


@pytest.mark.parametrize(
    "arguments",
    [
        ("status",),
        ("status", "--long"),
        ("status", "--markdown"),
        ("status", "--json"),
        ("check", "--strict"),
        ("check", "--json"),
        ("sync", "--dry-run"),
        ("context",),
        ("refresh", "--dry-run", "--trust"),
        ("check", f"::error::x{RAW}".replace("\r", "")),
        (f"::error::x{RAW}",),
    ],
    ids=" ".join,
)
def test_nothing_hidden_and_no_command_is_printed(
    project: Path, arguments: tuple[str, ...]
) -> None:
    spoil(project)
    commit(project, "spoilt")
    done = say(project, *arguments)
    assert done.out + done.err
    assert_harmless(done.out)
    assert_harmless(done.err)
    if "--json" in arguments:
        assert json.loads(done.out)
    elif arguments == ("status", "--long"):
        assert "\\u202e" in done.out


@LINKS
def test_a_path_is_printed_harmlessly(project: Path) -> None:
    shutil.copytree(project / TRACK, project / STORAGES / f"::error::{RAW}")
    (project / TRACK / f"::error::{RAW}.rej").touch()
    for arguments in (("check",), ("status", "--long"), ("sync",), ("status", "--markdown")):
        done = say(project, *arguments)
        assert_harmless(done.out + done.err)
        assert "error::" in done.out


def test_colours_are_the_only_escapes_on_a_terminal() -> None:
    from storage_conductor.errors import printable

    text = "\x1b[1ma\x1b[0m \x1b[2J \x1b]0;t\x07 \x9b1m"
    assert printable(text, coloured=True) == "\x1b[1ma\x1b[0m \\x1b[2J \\x1b]0;t\\x07 \\x9b1m"
    assert "\x1b" not in printable(text)


@pytest.mark.parametrize("source", ["https://me:s3cret@127.0.0.1:1/a.git?private_token=s3cret"])
def test_no_secret_of_an_address_is_printed(project: Path, source: str) -> None:
    path = project / TRACK / ".copier-answers.yml"
    text = re.sub("_src_path: .*", f"_src_path: {source}", path.read_text(encoding="utf-8"))
    path.write_text(text, encoding="utf-8")
    commit(project, "token")
    runs = [
        say(project, *arguments)
        for arguments in (
            ("refresh",),
            ("refresh", "--trust"),
            ("check",),
            ("check", "--json"),
            ("status", "--json"),
            ("new", "--template", source, "--defaults"),
        )
    ]
    for done in runs:
        assert "s3cret" not in done.out + done.err
    assert "127.0.0.1" in runs[0].out


def test_hooks_and_the_closing_text_print_harmlessly(newer: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    data = {
        "title": f"::error::x{RAW}",
        "description": f"##vso[x]{RAW}",
        "backend": "Other",
        "other_backend": f"::set-env name=A::b \u202e{COMMANDS[1]}",
        "retention": f"::error:: {RAW} 7 years",
        "storage_id": ONE,
    }
    arguments = [f"--data={name}={value}" for name, value in data.items()]
    done = copier(project, "copy", "--trust", "--defaults", "--quiet", *arguments, str(newer), ".")
    assert (done.code, done.out) == (0, "")
    assert_harmless(done.err)
    registry = project / "storage-conductor" / "tracks.md"
    text = registry.read_text(encoding="utf-8").replace("Planning", f"::error:: {RAW}")
    registry.write_text(text, encoding="utf-8")
    arguments = [f"--data={name}={value}" for name, value in {**data, "storage_id": TWO}.items()]
    bad = copier(
        project,
        "copy",
        "--trust",
        "--defaults",
        *arguments,
        "--data=rpo_minutes=::e",
        str(newer),
        ".",
    )
    assert bad.code == 1
    assert_harmless(bad.err)
