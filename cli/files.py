"""`storage-conductor files`: migrations and a load script, as files of the project."""

from __future__ import annotations

import os
from pathlib import Path

from plumbum import cli

from storage_conductor.errors import ConductorError

from . import FINE
from .command import Command, json_switch, line, one_track, print_json, shown, store_switch

_TOOLS = ("alembic", "flyway", "golang-migrate", "sql")


class FilesCommand(Command):
    """Writes what a track gives to its repository."""

    DESCRIPTION = (
        "Writes migrations, a load script and the scripts of blocks, as files of the project."
    )
    DETAILS = """
The first run writes the drafted schema as the first migration. After the model changed, the next
one writes the step from the last migration to the model, with the way back: in the form that is
safe for tables with rows, in parts that may wait for each other (expand, fill, enforce, contract).
What lies in a file then is yours: no file is ever written over. files.json in the track holds the
schema as the last migration leaves it; commit it with them. PostgreSQL, MariaDB, MySQL and SQLite
get steps, SQL Server the first migration alone. PostgreSQL and MariaDB get a load script: the
track's operations in the stated proportions, with the stated p99 as limit. SQL stores, Redis and
Valkey get the statements and scripts of their building blocks. ID may be left out in a track's
folder.
"""
    EXAMPLES = (
        "storage-conductor files storage-001",
        "storage-conductor files storage-001 --tool flyway --out db/migration",
        "storage-conductor files storage-001 --dry-run",
    )
    USAGE = "    {progname} [SWITCHES] ID [PATH]\n"
    EXIT_CODES = "0 when all is written, 2 when it cannot be."

    out = cli.SwitchAttr(
        ["--out"],
        argname="DIR",
        default="",
        help="Where migrations go, in the project; else files/migrations in the track",
    )
    tool = cli.SwitchAttr(
        ["--tool"],
        cli.Set(*_TOOLS),
        argname="TOOL",
        default="",
        help="alembic, flyway, golang-migrate or sql; else the one that is stated, or sql",
    )
    store = store_switch()
    dry_run = cli.Flag(["--dry-run", "-n"], help="Say what would be written and write nothing")
    json = json_switch()

    def main(self, *id_or_path: str) -> int:
        """Write."""
        from storage_conductor.delivery.plan import Wanted, plan

        project, storage_id = one_track(id_or_path)
        wanted = Wanted(str(self.tool), _inside(project, self.out), self.store)
        found = plan(project, storage_id, wanted)
        if self.dry_run:
            done = [path for path in found.files if not os.path.lexists(project / path)]
            left = [path for path in found.files if path not in done]
        else:
            done, left = found.write(project)
        if self.json:
            print_json({"written": done, "left": left, "remarks": list(found.remarks)})
            return FINE
        for path in done:
            print(f"{'would write' if self.dry_run else 'written'}: {line(shown(project, path))}")
        for path in left:
            print(f"left as it is: {line(shown(project, path))}")
        for remark in found.remarks:
            print(line(remark))
        if not done and not left:
            print("The migrations lead to the model already; nothing was written.")
        return FINE


def _inside(project: Path, folder: str) -> str:
    """Return a folder as a path from the project.

    Raises:
        ConductorError: It lies outside.
    """
    if not folder:
        return ""
    place = Path(os.path.abspath(folder))  # noqa: PTH100  (a link stays a link)
    try:
        return place.relative_to(project).as_posix()
    except ValueError as error:
        raise ConductorError(
            "lies outside the project", path=folder, remedy=f"Name a folder in {project.name}."
        ) from error
