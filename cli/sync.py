"""`storage-conductor sync`: the registry is brought in line with the metadata."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator
from pathlib import Path

from plumbum import cli, colors

from storage_conductor.disk import files
from storage_conductor.disk.places import METADATA, REGISTRY, home
from storage_conductor.errors import ConductorError
from storage_conductor.review import locating, whole_track
from storage_conductor.tracks import metadata, registry_edit, registry_file, registry_sync, starting
from storage_conductor.tracks.registry_edit import RegistryRow
from storage_conductor.update import new_track

from . import FINE
from .command import Command, line, places, shown


class SyncCommand(Command):
    """Rebuilds the rows of the registry."""

    DESCRIPTION = "Brings the registry tracks.md in line with the tracks' metadata."
    DETAILS = """
Adds missing rows, corrects cells, and repairs what a merge left in the table: the rows of both
sides, a row twice, conflict markers. Everything else in the file stays as it is. A status that
differs is kept in both places and named, because only you know which is right.
"""
    EXAMPLES = ("storage-conductor sync --dry-run", "storage-conductor sync")
    USAGE = "    {progname} [--dry-run] [PATH]\n"
    EXIT_CODES = "0 when the registry is in line, 2 when it cannot be read or written."

    dry_run = cli.Flag(["--dry-run", "-n"], help="Show what would change and change nothing")

    def main(self, path: str = ".") -> int:
        """Rebuild the registry and print the changes."""
        ((project, _),) = places([path])
        target = project / REGISTRY
        before = _read(target)
        rows, notes = _rows(project, before)
        starter = "" if before.strip() else new_track.registry_starter()
        if self.dry_run:
            after, said = _would_be(starter or before, rows, target)
        else:
            said = registry_file.rebuild(target, rows, starter)
            after = _read(target)
        for changed in _changes(before, after):
            print(changed)
        for note in [*notes, *said]:
            print(colors.yellow | f"Note: {line(note)}")
        done = "would change" if self.dry_run else "changed"
        state = done if before != after else "is in line with the metadata; nothing changed"
        print(f"{shown(project, REGISTRY)} {state}.")
        return FINE


def _read(path: Path) -> str:
    return files.read_text(path) if os.path.lexists(path) else ""


def _rows(project: Path, text: str) -> tuple[list[RegistryRow], list[str]]:
    """Return the row of each track; the row of one without valid metadata stays as it is."""
    listed = {
        entry.values.get("id", "").casefold(): entry.values for entry in registry_edit.rows(text)
    }
    rows: list[RegistryRow] = []
    notes: list[str] = []
    for storage_id in locating.track_ids(project):
        folder = project / home(storage_id)
        try:
            files.check_readable(folder)
            if not any(folder.iterdir()) or starting.is_marked(folder):
                continue
            rows.append(_row(folder))
        except whole_track.UNREADABLE as error:
            said = error.message if isinstance(error, ConductorError) else error
            notes.append(f"{storage_id}: metadata.json: {said}; its row is left alone.")
            if values := listed.get(storage_id.casefold()):
                names = RegistryRow._fields
                rows.append(RegistryRow(**{name: values.get(name, "") for name in names}))
    return rows, notes


def _row(folder: Path) -> RegistryRow:
    row = metadata.row(metadata.read(folder / METADATA))
    if row.id != folder.name:
        raise ConductorError(f"the id {row.id!r} is not the folder's name")
    return row


def _would_be(text: str, rows: list[RegistryRow], path: Path) -> tuple[str, list[str]]:
    try:
        edit = registry_sync.sync(text, rows)
    except ConductorError as error:
        error.path = error.path or path
        raise
    return edit.text, list(edit.notes)


def _changes(before: str, after: str) -> Iterator[str]:
    """Yield the lines that changed, marked as in a diff."""
    old, new = before.splitlines(), after.splitlines()
    styles = {"+": colors.green, "-": colors.red}
    # The first two lines name the files, and lines with `@@` the places.
    for changed in list(difflib.unified_diff(old, new, n=0, lineterm=""))[2:]:
        if changed[0] in styles:
            yield styles[changed[0]] | line(changed)
