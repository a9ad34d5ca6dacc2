"""`storage-conductor status`: where the tracks of a project stand."""

from __future__ import annotations

from plumbum import cli

from storage_conductor.review import status

from . import FINE
from .command import Command, json_switch, places, print_json


class StatusCommand(Command):
    """Shows progress, totals and what to do next."""

    DESCRIPTION = "Shows how far each track is, which task comes next, and what needs attention."
    DETAILS = """
Counts the boxes of each plan and groups the tracks by status. Boxes in code and comments do not
count. A line shows the title, a bar, the boxes and what comes next; --long shows id, age, template
version and phases too, and all recommendations: what has stopped or was forgotten.
Without PATH the whole project is shown; PATH can be a project, a track's folder or a file in it.
"""
    EXAMPLES = (
        "storage-conductor status",
        "storage-conductor status --long",
        "storage-conductor status --markdown > STATUS.md",
    )
    USAGE = "    {progname} [--long | --json | --markdown] [PATH]\n"
    EXIT_CODES = "0 when the tracks were read, 2 when there is none."

    json = json_switch(excludes=["--markdown"])
    markdown = cli.Flag(["--markdown"], excludes=["--json"], help="Print Markdown, for a page")
    long = cli.Flag(
        ["--long"], excludes=["--json", "--markdown"], help="Show all that is known of each track"
    )

    def main(self, path: str = ".") -> int:
        """Print where the tracks stand."""
        ((project, only),) = places([path])
        view = status.overview(project, only)
        if self.json:
            print_json(view.to_data())
        elif self.markdown:
            from .report import markdown

            print(markdown(view), end="")
        else:
            from .screen import screen, short

            print(screen(view) if self.long else short(view), end="")
        return FINE
