"""`storage-conductor report`: the tracks of a project as pages to look at."""

from __future__ import annotations

from pathlib import Path

from plumbum import cli

from storage_conductor.disk.places import REPORT

from . import FINE
from .command import MOST_JOBS, Command, line, one_project, shown


class ReportCommand(Command):
    """Writes the tracks as a static site."""

    DESCRIPTION = "Writes the tracks as pages to look at, which need no server and no network."
    DETAILS = f"""
The board lists all tracks with their progress and their open decisions, to search, filter and sort.
Each track has a page with its decisions, diagrams, sizing, recovery, plan and facts, and one with
its specification. The folder, {REPORT} in the project unless --out names another, is
replaced as a whole, and git ignores it. With --single all of it is one file, report.html, for mail
and for CI. PATH can be a project or a track's folder. It needs the extra
"storage-conductor[report]".
"""
    EXAMPLES = (
        "storage-conductor report --open",
        "storage-conductor report --single --out build/report",
    )
    USAGE = "    {progname} [--out DIR] [--single] [--open] [--jobs N] [ID...] [PATH]\n"
    EXIT_CODES = "0 when the pages were written, 2 when they cannot be."

    out = cli.SwitchAttr(["--out"], argname="DIR", default="", help="The folder to write")
    single = cli.Flag(["--single"], help="Write one file that holds everything")
    open = cli.Flag(["--open"], help="Open it in the browser")
    jobs = cli.SwitchAttr(
        ["--jobs", "-j"],
        cli.Range(1, MOST_JOBS),
        argname="N",
        default=0,
        help="Draw many tracks in N processes at once; else in as many as there are processors",
    )

    def main(self, *id_or_path: str) -> int:
        """Write the pages."""
        from storage_conductor.report import site

        project, only = one_project(id_or_path)
        folder = Path(self.out) if self.out else project / REPORT
        page = site.write(project, folder.absolute(), only, single=self.single, jobs=self.jobs)
        print(line(shown(project, str(page))))
        if self.open:
            import webbrowser

            webbrowser.open(page.as_uri())
        return FINE
