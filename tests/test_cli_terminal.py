import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.command import columns

from .command_runner import COMMAND, run
from .track_builder import replace, write_registry, write_track

if sys.platform == "win32":
    pytest.skip("needs pseudo-terminals", allow_module_level=True)

import os

import pexpect

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture
def broken(project: Path) -> Path:
    """Return a project with one finding and non-ASCII text."""
    title = "Zahlungsbücher und 漢字 " * 6
    folder = write_track(project, title=title, status="In Progress", done={1: 4})
    write_track(project, "storage-002", status="Blocked", backend="PostgreSQL + Redis " * 5)
    write_registry(project)
    replace(folder / "spec.md", "## Sizing", "## Size")
    return project


def shown(folder: Path, *arguments: str, width: int = 80, **environment: str) -> tuple[int, str]:
    """Run the command in a terminal; return its exit code and all that the terminal got."""
    inherited = {
        name: text for name, text in os.environ.items() if name not in ("COLUMNS", "LINES")
    }
    child = pexpect.spawn(
        COMMAND[0],
        [*COMMAND[1:], *arguments],
        cwd=folder,
        env={**inherited, "TERM": "xterm-256color", **environment},
        dimensions=(24, width),
        encoding="utf-8",
        timeout=300,
    )
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus is not None
    return child.exitstatus, (child.before or "").replace("\r\n", "\n")


@pytest.mark.parametrize("command", ["check", "status"])
def test_colours_are_for_terminals_that_want_them(broken: Path, command: str) -> None:
    code, coloured = shown(broken, command)
    assert ESCAPE.search(coloured)
    plain = ESCAPE.sub("", coloured)
    assert shown(broken, command, NO_COLOR="1") == (code, plain)
    piped = run(broken, command, COLUMNS="80", LINES="24")
    assert (piped.code, piped.out) == (code, plain)


@pytest.mark.parametrize("width", [80, 120])
def test_twenty_tracks_fit_the_terminal_and_are_whole_in_a_pipe(project: Path, width: int) -> None:
    title = "Ledger of all payments of the port and its guests, with a title that is long"
    for at in range(20):
        write_track(project, f"storage-202601{at + 1:02}-093000", title=title, done={1: at % 5})
    code, coloured = shown(project, "status", width=width)
    lines = ESCAPE.sub("", coloured).splitlines()
    assert code == 0
    assert len(lines) <= 23
    assert max(map(columns, lines)) <= width
    assert all(
        line.split()[0].endswith(f"{at:02}-093000") for at, line in enumerate(lines[1:21], 1)
    )
    assert all("1: Draw up 1.1, see the schema" in line for line in lines[1:21] if " 0%" in line)
    piped = run(project, "status").out
    assert not ESCAPE.search(piped)
    assert piped.count(title) == 20
    assert piped.count("storage-202601") >= 20


def test_a_terminal_alone_sees_how_far_a_proof_is(
    start: Callable[..., Path], project: Path
) -> None:
    track = start(backend="SQLite", entities={"Note": {"id": "bigint pk", "text": "text"}})
    code, text = shown(project, "prove", track.name, "--rows", "2000")
    assert code == 0
    assert "[##########..........]  50%  loading 2,000 rows of Note" in text
    last = text.rpartition("\x1b[K")[2]
    assert ESCAPE.sub("", last).startswith("yes")
    assert "loading" not in run(project, "prove", track.name).err


@pytest.mark.parametrize("width", [40, 80, 200])
def test_the_status_fits_the_terminal(broken: Path, width: int) -> None:
    code, text = shown(broken, "status", width=width)
    assert code == 0
    widest = max(columns(line) for line in ESCAPE.sub("", text).splitlines())
    assert min(width, 100) - 20 < widest <= min(width, 160)


def test_help_fits_the_terminal_and_names_every_sub_command(broken: Path) -> None:
    code, text = shown(broken, "--help")
    assert code == 0
    assert max(map(len, text.splitlines())) <= 80
    for name in ("check", "new", "status", "sync"):
        assert re.search(rf"^    {name} +[A-Z]", text, re.MULTILINE)


def test_a_terminal_that_knows_only_ascii_gets_what_it_can_show(broken: Path) -> None:
    ascii_only = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "NO_COLOR": "1"}
    code, text = shown(broken, "status", width=120, **ascii_only)
    assert code == 0
    assert "Zahlungsb?cher und ?..." in text


def test_errors_reach_the_terminal_without_traceback(project: Path) -> None:
    code, text = shown(project, "check")
    assert code == 2
    assert text.startswith(".: has no folder storage-conductor")
