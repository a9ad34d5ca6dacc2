"""`storage-conductor context`: what was read from the project's documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from plumbum import colors

from storage_conductor.context import Stated

from . import FINE
from .command import Command, full_switch, json_switch, line, print_json, project_around


class ContextCommand(Command):
    """Shows what the documents are understood to say."""

    DESCRIPTION = "Shows what was read from the project's documents, and what was not understood."
    DETAILS = """
Lists each statement with the file and the line that it was read from, as a new track would take it:
from the documents in storage-conductor/ and, where they say nothing of the stack, from other files
of the project such as conductor/tech-stack.md, AGENTS.md, pyproject.toml or compose.yaml. Below
that stand the lines under a fitting heading that nothing was read from; reword them as the starters
show it, one statement a line. The JSON has them by file; with --full each names its file and
heading. PATH is the project or a folder in it.
"""
    EXAMPLES = ("storage-conductor context", "storage-conductor context --json")
    USAGE = "    {progname} [--json [--full]] [PATH]\n"
    EXIT_CODES = "0 when the documents were read, 2 when PATH does not exist."

    json = json_switch()
    full = full_switch()

    def main(self, path: str = ".") -> int:
        """Print what was read and what was not understood."""
        from storage_conductor.context.readout import read_out

        found = read_out(project_around(Path(path)))
        if self.json:
            print_json(found.to_data() if self.full else found.by_file())
            return FINE
        told = [(f"{each.what}: {each.stated.value}", each.stated) for each in found.read]
        _print("Read", told)
        _print("Not understood", [(each.value, each) for each in found.not_understood])
        for warning in found.warnings:
            print(colors.yellow | f"Note: {line(warning)}")
        return FINE


def _print(title: str, told: list[tuple[str, Stated]]) -> None:
    print(colors.bold | f"{title}: {len(told)}")
    for each in _lines(told):
        print(each)


def _lines(told: Iterable[tuple[str, Stated]]) -> Iterator[str]:
    """Return the statements by file, each with its line."""
    file = ""
    for text, stated in told:
        if stated.file != file:
            file = stated.file
            yield f"  {line(file)}"
        yield f"    {stated.line or '':>5}  {line(text)}"
