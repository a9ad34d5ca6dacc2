"""`storage-conductor assistants`: what coding assistants are told about storage tracks."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from plumbum import cli, colors

from storage_conductor.assistants import install, manifest
from storage_conductor.assistants.forms import FORMS
from storage_conductor.assistants.install import Deed, FileStep
from storage_conductor.disk import branches
from storage_conductor.disk.places import HOME
from storage_conductor.errors import ConductorError

from . import FINDINGS, FINE
from .command import Command, line, project_around

_DONE = (Deed.WRITTEN, Deed.UPDATED, Deed.REMOVED)


class AssistantsCommand(Command):
    """Installs the commands of assistants."""

    DESCRIPTION = "Installs, updates or removes the commands by which coding assistants work here."
    DETAILS = f"""
Writes a skill, command or prompt for each of new-storage, storage-implement, storage-status,
storage-revert and storage-review in the form that the assistant reads, and a short block between
markers in the file that it always reads (AGENTS.md, CLAUDE.md or GEMINI.md). NAME is one of
{", ".join(FORMS)}. Without NAME what is installed is brought up to date. A file or block that you
changed is never written over, one that you deleted comes back only when its assistant is named.
All goes to the nearest folder upwards that holds storage-conductor or is the root of a git
repository; else here.
"""
    EXAMPLES = (
        "storage-conductor assistants claude cursor",
        "storage-conductor assistants --check",
        "storage-conductor assistants --remove",
    )
    USAGE = "    {progname} [--check | --remove] [NAME...]\n"
    EXIT_CODES = (
        "0 when all is in place, 1 when --check found something to update or --remove left what"
        " you changed, 2 when the command cannot do its work."
    )

    check = cli.Flag(["--check"], excludes=["--remove"], help="Say what would change, for CI")
    remove = cli.Flag(["--remove"], excludes=["--check"], help="Remove all that was installed")

    def main(self, *name: str) -> int:
        """Install, update or remove."""
        if unknown := sorted(set(name) - set(FORMS)):
            raise ConductorError(
                f"{unknown[0]!r} is no assistant", remedy=f"Name some of {', '.join(FORMS)}."
            )
        project = _project()
        if self.remove:
            if name:
                raise ConductorError("--remove takes no names", remedy="Run it without any.")
            steps = install.remove(project)
            _print(steps)
            return FINDINGS if any(step.deed is Deed.KEPT for step in steps) else FINE
        if not name and not manifest.read(project).assistants:
            raise ConductorError(
                "no assistant is installed here", remedy=f"Name some of {', '.join(FORMS)}."
            )
        steps = install.install(project, name, write=not self.check)
        _print(steps)
        due = self.check and any(step.deed in _DONE for step in steps)
        return FINDINGS if due else FINE


def _project() -> Path:
    """Return the project around the working directory, else the repository around it."""
    project, top = project_around(Path()), branches.top_of(Path().resolve())
    is_nearer = (project / HOME).is_dir() and (top is None or project.is_relative_to(top))
    return project if is_nearer or top is None else top


def _print(steps: Iterable[FileStep]) -> None:
    for step in steps:
        style = colors.green if step.deed in _DONE else colors.reset
        print(f"{line(step.path)}: {style | str(step.deed)}")
