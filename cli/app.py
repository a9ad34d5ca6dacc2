"""The command line's root: which sub-commands there are."""

from __future__ import annotations

from importlib import metadata

from storage_conductor.errors import ConductorError

from . import PROGRAM
from .command import Command

# A sub-command's module is imported when the sub-command is called for.
COMMANDS = {
    "adopt": "adopt.AdoptCommand",
    "assistants": "assistants.AssistantsCommand",
    "brief": "brief.BriefCommand",
    "check": "check.CheckCommand",
    "context": "context.ContextCommand",
    "drift": "drift.DriftCommand",
    "facts": "facts.FactsCommand",
    "files": "files.FilesCommand",
    "import": "importing.ImportCommand",
    "issues": "issues.IssuesCommand",
    "new": "new.NewCommand",
    "prove": "prove.ProveCommand",
    "refresh": "refresh.RefreshCommand",
    "report": "pages.ReportCommand",
    "revise": "revise.ReviseCommand",
    "status": "status.StatusCommand",
    "sync": "sync.SyncCommand",
    "verify": "verify.VerifyCommand",
}


class ConductorCommand(Command):
    """The root of the command line."""

    PROGNAME = PROGRAM
    DESCRIPTION = "Starts, checks and maintains the storage component tracks of a project."
    DETAILS = """
A track is a folder in storage-conductor/storages/ with the specification, the plan and the metadata
of one storage component; storage-conductor/tracks.md lists all tracks. Every sub-command finds the
project from any folder in it.
"""
    EXAMPLES = ("storage-conductor new", "storage-conductor status")
    EXIT_CODES = "0 when all is well, 1 with findings, 2 when the command cannot do its work."
    SUBCOMMAND_HELPMSG = False
    USAGE = "    {progname} SUB-COMMAND [SWITCHES] [PATH]\n"

    @property
    def VERSION(self) -> str:  # type: ignore[override] # noqa: N802 - plumbum's name
        """Return the version of the installed distribution."""
        try:
            return metadata.version(PROGRAM)
        except metadata.PackageNotFoundError:
            return "(not installed)"

    def main(self, *unknown: str) -> int:
        """Refuse to run without a known sub-command."""
        if not self.nested_command:
            what = f"unknown sub-command {unknown[0]!r}" if unknown else "no sub-command given"
            remedy = f"Use one of {', '.join(COMMANDS)}; `{PROGRAM} --help` explains them."
            raise ConductorError(f"{PROGRAM}: {what}", remedy=remedy)
        return 0


for _name, _place in COMMANDS.items():
    ConductorCommand.subcommand(_name, f"{__package__}.{_place}")
