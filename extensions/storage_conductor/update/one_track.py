"""What must hold before one track is updated, what an update begins with, and the way back."""

from __future__ import annotations

import contextlib
import dataclasses
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..disk import branches, files, git, journal, places, writing
from ..disk.git import IndexEntry
from ..disk.journal import Journal
from ..disk.places import ANSWERS, METADATA, RENDERED
from ..errors import ConductorError
from ..questions import documented
from ..review import unfinished
from ..tracks import metadata, registry_file
from . import new_track, recorded_answers

# More than the files of any track take.
ROOM = 1 << 19

Texts = Mapping[str, str]


@dataclass(frozen=True)
class Update:
    """An update that has begun.

    Args:
        project: The folder that holds `storage-conductor`.
        storage_id: The track.
        base: The texts that the old version of the template renders, by file name; empty for a
            version that did not keep them.
        ours: The texts that the user has; a file that the user deleted is missing.
        index: What git's index holds of them, by file name.
        answers: The text of the answers file.
        journal: What is left of the update if the process is killed; None before it begins.
    """

    project: Path
    storage_id: str
    base: Texts
    ours: Texts
    index: Mapping[str, IndexEntry]
    answers: str
    journal: Journal | None = None

    @property
    def folder(self) -> Path:
        """The folder of the track."""
        return self.project / places.home(self.storage_id)


def begin(root: Path, answers_file: Path, base: Texts) -> Update:
    """Make sure that an update can end well, and record what the project's documents say now.

    Args:
        root: The folder that holds `storage-conductor`.
        answers_file: The answers of the track, relative to `root`.
        base: The texts that the old version of the template renders, by file name.

    Raises:
        ConductorError: Something is in the way; nothing has been changed.
    """
    _refuse_detour(root)
    branches.refuse_lock(root)
    path = root / answers_file
    check_folder(path.parent)
    unfinished.refuse(root, path.parent.name, by_hand=True)
    answers, text = recorded_answers.read(path), files.read_text(path)
    documented.preflight(root)
    if conflicts := git.unmerged(root):
        raise ConductorError(
            "is in conflict",
            path=conflicts[0].path,
            remedy="Resolve the conflicts of the repository and commit, then update again.",
        )
    folder = path.parent
    ours, index = versioned(folder, "update")
    writing.require_room(folder, ROOM)
    update = Update(root, answers["storage_id"], base, ours, index, text)
    new = recorded_answers.with_current_context(root, text, answers)
    _keep_for_going_back()
    begun = journal.begin(folder, unfinished.UPDATE, before(update)).expect({ANSWERS: new})
    rewrite(path, new)
    return dataclasses.replace(update, journal=begun)


def versioned(folder: Path, command: str) -> tuple[dict[str, str], dict[str, IndexEntry]]:
    """Read the texts of a track, and what git's index holds of them, both by file name.

    Args:
        folder: The folder of the track.
        command: What a person does again after a remedy.

    Raises:
        ConductorError: A file cannot be read, or git could not restore it.
    """
    ours = {name: files.read_text(folder / name) for name in RENDERED if (folder / name).exists()}
    index = {entry.name: entry for entry in git.entries(folder, ours)}
    for name in ours:
        if name not in index:
            raise ConductorError(
                "is not under version control, so git could not restore it",
                path=folder / name,
                remedy=f"Add it with `git add --force` and commit, then {command} again.",
            )
    if METADATA in ours:
        metadata.parse(ours[METADATA], folder / METADATA)
    return ours, index


def before(update: Update) -> dict[str, str | None]:
    """Return the texts of a track to go back to; None for a file that is not there."""
    rejected = {f"{name}.rej": None for name in RENDERED}
    absent = dict.fromkeys(RENDERED)
    return {**rejected, **absent, **update.ours, ANSWERS: update.answers}


def _keep_for_going_back() -> None:
    """Read what `go_back` needs of the template: Copier may have removed its folder by then."""
    metadata.schema()
    new_track.registry_starter()


def go_back(project: Path, begun: Journal) -> None:
    """Go back to before an update that was killed, in the registry too, and forget it.

    Raises:
        ConductorError: A file cannot be written, or git fails; the journal stays.
    """
    begun.go_back()
    path, listed = begun.folder / METADATA, project / places.REGISTRY
    with contextlib.suppress(ConductorError):  # what `check` finds, as it did before
        if listed.exists():
            row = metadata.row(metadata.read(path))
            registry_file.record(listed, row, new_track.registry_starter())
    begun.end()


def check_folder(folder: Path) -> None:
    """Make sure that an update can write what a track's folder holds.

    Args:
        folder: The folder of the track.

    Raises:
        ConductorError: A link or another thing is in the way, or the rights are missing.
    """
    rejected = (f"{name}.rej" for name in RENDERED)
    for path in (folder, *(folder / name for name in (ANSWERS, *RENDERED, *rejected))):
        files.check_place(path)
        if path.exists() and not os.access(path, os.W_OK):
            raise ConductorError(
                "is read-only",
                path=path,
                remedy="Check the rights of the track's folder and files.",
            )


def _refuse_detour(root: Path) -> None:
    """Refuse a destination that is none, or that Copier would lose changes in, half-way through.

    It compares paths as they are written: https://github.com/copier-org/copier/issues/2300.
    """
    if project := places.project_of(root.absolute()):
        raise ConductorError(
            "is a folder within the project, where no update starts",
            path=root,
            remedy=f"Run `copier update` in {project}, with `-a {places.of_track('ID', ANSWERS)}`"
            " for the track ID.",
        )
    if ".." in root.absolute().parts:
        raise ConductorError(
            "leads through `..`, which Copier does not follow in an update",
            path=root,
            remedy="Run `copier update` in the project's own folder, without naming a folder.",
        )


def rewrite(path: Path, text: str) -> None:
    """Write a file of a track unless it already says that."""
    if text != files.read_text(path):
        writing.write_atomic(path, text)
