"""`storage-conductor issues`: the tasks of a plan in an issue tracker."""

from __future__ import annotations

from plumbum import cli

from storage_conductor.errors import ConductorError

from . import FINE
from .check import count
from .command import Command, line, one_track


class IssuesCommand(Command):
    """Makes issues of tasks."""

    DESCRIPTION = "Makes an issue of each open task of a plan, and closes those of what is done."
    DETAILS = """
Works by the program `gh` or `glab` in the repository that the project is in, or prints CSV that
Jira imports. An issue is known by a key in its text, so that a second run changes nothing, a task
in new words renames its issue, and what people write there stays. Sub-tasks are boxes in the text,
in CSV sub-tasks, for which Jira's administrators have the import from external systems; each row
has a label that stays, and an ID made of it. An issue that somebody closed is not opened again.
"""
    EXAMPLES = (
        "storage-conductor issues storage-001 --github --dry-run",
        "storage-conductor issues storage-001 --csv > tasks.csv",
    )
    USAGE = "    {progname} (--github | --gitlab | --csv) [--dry-run] ID [PATH]\n"
    EXIT_CODES = (
        "0 when the tracker shows the plan, 2 when it cannot be reached or the plan not read."
    )

    github = cli.Flag(["--github"], excludes=["--gitlab", "--csv"], help="Use GitHub, by `gh`")
    gitlab = cli.Flag(["--gitlab"], excludes=["--github", "--csv"], help="Use GitLab, by `glab`")
    csv = cli.Flag(["--csv"], excludes=["--github", "--gitlab"], help="Print CSV")
    dry_run = cli.Flag(["--dry-run", "-n"], help="Show what would change and change nothing")

    def main(self, *id_or_path: str) -> int:
        """Bring the tracker in line with the plan."""
        from storage_conductor.trackers import changes, forges, sheet, tasks

        if not (self.github or self.gitlab or self.csv):
            raise ConductorError("no tracker is named", remedy="Add --github, --gitlab or --csv.")
        project, storage_id = one_track(id_or_path)
        track = tasks.read(project, storage_id)
        if self.csv:
            print(sheet.sheet(track), end="")
            return FINE
        forge = forges.FORGES["github" if self.github else "gitlab"]
        due = list(changes.changes(track, forge.listed(project)))
        for change in due:
            if not self.dry_run:
                forge.carry_out(project, track, change)
            number = f"#{change.number} " if change.number is not None else ""
            print(f"{change.deed} {number}{line(tasks.title(change.task))}")
        total = count(len(due), "change")
        print(f"{total} to make." if self.dry_run else f"{total} made.")
        return FINE
