"""`storage-conductor status`: where the tracks of a project stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from plumbum import cli

from storage_conductor.disk.places import EVIDENCE, of_track
from storage_conductor.review import locating, status

from . import FINE
from .command import Command, json_switch, places, print_json, terminal

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
        proofs = {item.track.id: _proofs(project, item.track.id) for item in view.standings}
        view = replace(view, advice=[*view.advice, *_unproven(proofs)])
        if self.json:
            data = view.to_data()
            for track in data["tracks"]:
                track["proofs"] = [item.to_data() for item in proofs[track["id"]]]
            print_json(data)
        elif self.markdown:
            from .report import markdown

            print(markdown(view), end="")
        else:
            from .screen import screen, short

            known = locating.track_ids(project)
            print(screen(view, proofs) if self.long else short(view, known, terminal()), end="")
        return FINE


def _proofs(project: Path, storage_id: str) -> list[Proven]:
    """Return how far a track is proven; only those that have evidence are read as a whole."""
    if not (project / of_track(storage_id, EVIDENCE)).exists():
        return []
    from storage_conductor.evidence import standing

    return standing.recorded(project, storage_id)


def _unproven(proofs: Mapping[str, list[Proven]]) -> Iterator[status.Advice]:
    """Name the tracks whose evidence does not count any more."""
    for storage_id, items in proofs.items():
        keys = [item.key for item in items if item.proof in ("failed", "out of date")]
        if keys:
            said = f"evidence is out of date or failed for {', '.join(keys)}"
            remedy = f"run `storage-conductor verify {storage_id}`"
            yield status.Advice(storage_id, "unproven", f"{said}; {remedy}")
