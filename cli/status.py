"""`storage-conductor status`: where the tracks of a project stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from plumbum import cli

from storage_conductor.review import locating, status
from storage_conductor.tracks.registry_read import GIVEN_UP

from . import FINE, proofs
from .command import Command, json_switch, one_project, print_json, terminal

if TYPE_CHECKING:
    from storage_conductor.evidence.standing import Proven


class StatusCommand(Command):
    """Shows progress, totals and what to do next."""

    DESCRIPTION = "Shows how far each track is, which task comes next, and what needs attention."
    DETAILS = """
Counts the boxes of each plan, those in code and comments left out. A line for each track, by
status, shows the id, the share that is done, the status and what comes next, and the title where
there is room, as much as the terminal holds. Of an id that is too long it shows an ending that
commands take for it. What goes to a file or a pipe is whole, or as wide as COLUMNS where that is
set. --long shows age, template version, phases and what is proven as well, and all recommendations:
what has stopped or was forgotten.
Without ID and PATH the whole project is shown; PATH can be a project, a track's folder or a file
in it.
"""
    EXAMPLES = (
        "storage-conductor status",
        "storage-conductor status storage-001 --long",
        "storage-conductor status --markdown > STATUS.md",
    )
    USAGE = "    {progname} [--long | --json | --markdown] [ID...] [PATH]\n"
    EXIT_CODES = "0 when the tracks were read, 2 when there is none."

    json = json_switch(excludes=["--markdown"])
    markdown = cli.Flag(["--markdown"], excludes=["--json"], help="Print Markdown, for a page")
    long = cli.Flag(
        ["--long"], excludes=["--json", "--markdown"], help="Show all that is known of each track"
    )

    def main(self, *id_or_path: str) -> int:
        """Print where the tracks stand."""
        project, only = one_project(id_or_path)
        view = status.overview(project, only, proofs.ticked_by_checks)
        proven = {item.track.id: proofs.proofs(project, item.track.id) for item in view.standings}
        given_up = [item.track.id for item in view.standings if item.status in GIVEN_UP]
        alive = {name: items for name, items in proven.items() if name not in given_up}
        view = replace(view, advice=[*view.advice, *_unproven(project, alive)])
        if self.json:
            data = view.to_data()
            for track in data["tracks"]:
                track["proofs"] = [item.to_data() for item in proven[track["id"]]]
            print_json(data)
        elif self.markdown:
            from .report import markdown

            print(markdown(view), end="")
        elif not view.standings:
            print("No track is being worked on.")
        else:
            from .screen import screen, short

            known = locating.track_ids(project)
            print(screen(view, proven) if self.long else short(view, known, terminal()), end="")
        return FINE


def _unproven(project: Path, proven: Mapping[str, list[Proven]]) -> Iterator[status.Advice]:
    """Name the tracks whose evidence cannot be read, or does not count any more."""
    for storage_id, items in proven.items():
        keys = [item.key for item in items if item.proof in ("failed", "out of date")]
        if keys:
            said = f"evidence is out of date or failed for {', '.join(keys)}"
            remedy = f"run `storage-conductor verify {storage_id}`"
            yield status.Advice(storage_id, "unproven", f"{said}; {remedy}")
        elif not items and (broken := proofs.unread(project, storage_id)):
            said = f"{broken.path}:{broken.line}: {broken.message}. {broken.remedy}"
            yield status.Advice(storage_id, "unreadable", said)
