"""Writes docs/command-line.md from the help texts of the command.

Usage: python -m storage_conductor_cli.reference > docs/command-line.md
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module

from plumbum.cli.switches import SwitchInfo

from . import PROGRAM
from .app import COMMANDS, ConductorCommand
from .command import Command


def reference() -> str:
    """Return the reference of the command line as Markdown."""
    return "\n".join(_page()) + "\n"


def _page() -> Iterator[str]:
    yield f"# The `{PROGRAM}` command\n"
    yield "<!-- Written by `python -m storage_conductor_cli.reference` from the help texts. -->\n"
    yield from _texts(ConductorCommand, PROGRAM)
    yield "\n| Switch | Meaning |\n| --- | --- |"
    yield "| `--help`, `-h` | Explains the command, or the sub-command before it. |"
    yield "| `--version`, `-v` | Prints the version. |\n"
    yield "Errors go to standard error with the place and the remedy. Colours appear on a terminal"
    yield "only, and not where `NO_COLOR` is set. Output to a file or pipe is UTF-8."
    for name, place in COMMANDS.items():
        module, _, title = place.rpartition(".")
        yield f"\n## {PROGRAM} {name}\n"
        yield from _command(getattr(import_module(f".{module}", __package__), title), name)


def _command(command: type[Command], name: str) -> Iterator[str]:
    yield from _texts(command, f"{PROGRAM} {name}")
    infos = [getattr(value, "_switch_info", None) for value in vars(command).values()]
    yield "\n| Switch | Meaning |\n| --- | --- |"
    for info in infos:
        if isinstance(info, SwitchInfo):
            more = " May be given several times." if info.list else ""
            yield f"| {_names(info)} | {info.help}.{more} |"


def _texts(command: type[Command], program: str) -> Iterator[str]:
    usage = (command.USAGE or "").format(progname=program).strip()
    yield f"{command.DESCRIPTION}\n"
    yield f"```console\n{usage}\n```\n"
    yield f"{command.DETAILS.strip()}\n"
    yield "\n".join(("Examples:\n", "```console", *command.EXAMPLES, "```\n"))
    yield f"Exit code: {command.EXIT_CODES}"


def _names(info: SwitchInfo) -> str:
    value = f" {info.argname}" if info.argtype else ""
    names = sorted(info.names, key=len, reverse=True)
    return ", ".join(f"`{'-' if len(name) == 1 else '--'}{name}{value}`" for name in names)


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr]
    sys.stdout.write(reference())
