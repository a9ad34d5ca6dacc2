"""Puts an adopted track where it belongs, as a whole or not at all."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ..context import read_context
from ..disk import files, git, journal, places, writing
from ..disk.journal import Journal
from ..errors import ConductorError
from ..questions import documented
from ..review import track_checks, unfinished
from ..review.library import Library
from ..tracks import ids, metadata, registry_file, starting
from ..update import new_track, one_track
from . import links, merging
from .reading import Handwritten

_CONDUCTOR = "conductor/tracks"


@dataclass(frozen=True)
class Candidate:
    """A folder that holds a track without answers.

    Args:
        folder: The folder.
        storage_id: The id that the track gets; empty for the next free one.
    """

    folder: Path
    storage_id: str


def candidates(project: Path) -> list[Path]:
    """List the folders of a project that hold a track written by hand."""
    found = []
    half_done = _half_done(project)
    for above in (places.STORAGES, _CONDUCTOR):
        folder = project / above
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            is_written = (path / places.SPEC).is_file() and not starting.is_marked(path)
            if is_written and (path in half_done or not (path / places.ANSWERS).exists()):
                found.append(path)
    return found


def _half_done(project: Path) -> Mapping[Path, Journal]:
    """Return what an adoption that was killed began with, by the folder of the track."""
    try:
        found = unfinished.read(project)
    except ConductorError:  # no repository, or what the adoption itself tells
        return {}
    return {
        project / places.home(name): each
        for name, each in found.items()
        if each.command == unfinished.ADOPT
    }


def go_back(project: Path, folder: Path) -> bool:
    """Go back to before an adoption of a track that was killed.

    Returns:
        Whether there was one.

    Raises:
        ConductorError: Somebody changed the track since, or a file cannot be written.
    """
    if (begun := _half_done(project).get(folder)) is None:
        return False
    if not begun.is_untouched():
        unfinished.refuse(project, folder.name)
    one_track.go_back(project, begun)
    return True


def candidate(project: Path, folder: Path) -> Candidate:
    """Return what a folder becomes.

    Raises:
        ConductorError: It updates already, was adopted, or lies where git cannot restore it.
    """
    if (folder / places.ANSWERS).exists():
        raise ConductorError(
            "has answers, so that `copier update` keeps it up to date already",
            path=folder,
            remedy="Name the folder of a track that was written by hand.",
        )
    if folder.parent == project / places.STORAGES:
        if wrong := ids.problem(folder.name):
            raise ConductorError(wrong, path=folder, remedy="Rename the folder, then adopt it.")
        _require_committed(folder)
        return Candidate(folder, folder.name)
    wanted = re.sub(r"[^a-z0-9]+", "-", folder.name.casefold()).strip("-")
    there = project / places.home(wanted)
    if (there / places.ANSWERS).exists() and not starting.is_half_made(there):
        raise ConductorError(
            "was adopted already, or its name is that of another track",
            path=folder,
            remedy=f"Work in {places.home(wanted)}. If that is another one, rename this folder.",
        )
    taken = (there.exists() and not starting.is_half_made(there)) or ids.problem(wanted)
    return Candidate(folder, "" if taken else wanted)


def _require_committed(folder: Path) -> None:
    """Make sure that git can bring back what is about to be written over."""
    if git.uncommitted(folder, (*places.RENDERED, places.ANSWERS), ignored=True):
        raise ConductorError(
            "has changes that are not committed, so that git could not restore them",
            path=folder,
            remedy="Commit them, then adopt the track again.",
        )


def context(project: Path, depends_on: list[str]) -> dict[str, object]:
    """Return what is recorded of the project with the track, which brings starter documents."""
    found = read_context(project, starting=True)
    return documented.snapshot(project, found, depends_on, "hybrid", backend_given=True)


def moved(own: Handwritten, project: Path, folder: Path, storage_id: str) -> Handwritten:
    """Return a track as it reads in the folder that it gets: its links lead where they led."""
    after = places.home(storage_id)
    if not folder.is_relative_to(project) or folder == project / after:
        return own
    before = folder.relative_to(project).as_posix()

    def exists(path: str) -> bool:
        return (project / path).exists()

    texts = {
        name: links.moved(text, before, after, places.RENDERED, exists)
        for name, text in own.texts.items()
    }
    return replace(own, texts=texts)


def merged(own: Handwritten, rendered: Mapping[str, str]) -> dict[str, str]:
    """Return the files of the adopted track, by name.

    Args:
        own: The track as it was written.
        rendered: What the template renders for it.
    """
    spec, plan = own.texts[places.SPEC], own.texts.get(places.PLAN)
    return {
        places.SPEC: merging.spec(spec, rendered[places.SPEC]),
        places.PLAN: rendered[places.PLAN]
        if plan is None
        else merging.plan(plan, rendered[places.PLAN]),
        places.METADATA: merging.data(
            own.data,
            json.loads(rendered[places.METADATA]),
            own.status.value if own.status else "",
        ),
        # What makes it one that updates comes last.
        places.ANSWERS: rendered[places.ANSWERS],
    }


def land(project: Path, storage_id: str, texts: Mapping[str, str]) -> list[str]:
    """Write an adopted track and its row; on a failure everything is as before.

    Returns:
        What a person should know, what `check` finds in it among that.

    Raises:
        ConductorError: A file or the registry cannot be written.
    """
    folder = project.absolute() / places.home(storage_id)
    with _whole_or_not_at_all(project, folder, texts):
        for name, text in texts.items():
            writing.write_atomic(folder / name, text)
        new_track.write_starters(project / places.HOME)
        row = metadata.row(metadata.read(folder / places.METADATA))
        notes = registry_file.record(project / places.REGISTRY, row, new_track.registry_starter())
    found = track_checks.check_track(Library(project), storage_id)
    return [*notes, *map(str, found)]


@contextlib.contextmanager
def _whole_or_not_at_all(project: Path, folder: Path, texts: Mapping[str, str]) -> Iterator[None]:
    """Undo what a failure leaves, and let the next run undo what a kill leaves."""
    if folder.is_dir() and not starting.is_half_made(folder):
        before = {
            name: files.read_text(folder / name) if (folder / name).exists() else None
            for name in texts
        }
        begun = journal.begin(folder, unfinished.ADOPT, before).expect(texts)
        try:
            yield
        except BaseException:
            one_track.go_back(project, begun)
            raise
        begun.end()
        return
    if not starting.take_over(folder):
        ids.claim(project, folder.name)
    starting.begin(folder)
    try:
        yield
    except BaseException:
        starting.give_up(folder)
        raise
    starting.end(folder)
