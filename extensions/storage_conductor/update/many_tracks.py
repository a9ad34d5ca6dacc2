"""The update of a track from two finished renders, in a working tree that others may be part of.

`updating` serves an update that Copier runs: one track, a clean repository. Here the renders are
given, so that many tracks can be brought up to date in one go; the merge is the same.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import yaml

from ..disk import files, git, journal, places, writing
from ..disk.places import ANSWERS, METADATA, REGISTRY, RENDERED
from ..errors import ConductorError
from ..questions import documented
from ..review import unfinished
from ..review.track_checks import TrackProblem
from ..tracks import ids, metadata, registry_edit, starting
from . import merged_track, one_track, recorded_answers
from .conflicts import present
from .recorded_answers import Answers

_SOURCE = re.compile(r"^_src_path:.*\n(?:[ \t]+.*\n)*", re.MULTILINE)

Files = Mapping[str, bytes]


class Rendered(NamedTuple):
    """What a version of the template renders for a track.

    Args:
        files: The files by their path in the track's folder.
        texts: What the version kept of its render, the keys of the plan's tasks among it.
    """

    files: Files
    texts: Mapping[str, str]


@dataclass(frozen=True)
class RecordedTrack:
    """A track as it was made or last updated.

    Args:
        project: The folder that holds `storage-conductor`.
        storage_id: The track.
        answers: What Copier recorded with it, without what concerns the template.
        source: Where the template is, as recorded.
        commit: The version of the template, as recorded.
    """

    project: Path
    storage_id: str
    answers: Answers
    source: str
    commit: str

    @property
    def home(self) -> str:
        """The folder of the track, from the project."""
        return places.home(self.storage_id)

    @property
    def folder(self) -> Path:
        """The folder of the track."""
        return self.project / self.home


@dataclass(frozen=True)
class TrackChange:
    """What a track becomes; nothing of it is written yet.

    Args:
        track: The track.
        update: The texts before, as `updating.finish` takes them.
        theirs: The texts that the new version renders, of the files that are merged.
        written: Other files to write, by name in the track's folder; None removes one.
        touched: The files that differ afterwards, from the project.
        conflicts: What the merge could not decide.
    """

    track: RecordedTrack
    update: one_track.Update
    theirs: Mapping[str, str]
    written: Mapping[str, bytes | None]
    touched: tuple[str, ...]
    conflicts: tuple[TrackProblem, ...]


def read(root: Path, storage_id: str) -> RecordedTrack:
    """Read what is recorded of a track.

    Raises:
        ConductorError: Nothing that can be used is recorded.
    """
    path = root / places.of_track(storage_id, ANSWERS)
    if starting.is_marked(path.parent):
        raise ConductorError("is half a track", path=path.parent, remedy=starting.REMEDY)
    unfinished.refuse(root, storage_id)
    found = recorded_answers.read(path)
    place = [found.get(name) for name in ("_src_path", "_commit")]
    for name, value in zip(("_src_path", "_commit"), place, strict=True):
        if not isinstance(value, str):
            raise ConductorError(
                f"the line `{name}` is missing or is no text, so the template is not known",
                path=path,
                remedy="Restore the line from git.",
            )
    answers = {name: value for name, value in found.items() if not name.startswith("_")}
    return RecordedTrack(root, storage_id, answers, str(place[0]), str(place[1]))


def with_template(text: str, commit: str, source: str) -> str:
    """Record another template in rendered answers than the folder that they were rendered from.

    Args:
        text: The rendered answers file.
        commit: The version, as Copier records it.
        source: The address, as Copier records it.

    Raises:
        ConductorError: The answers file has another form than Copier's documentation shows.
    """
    wanted = {"_commit": commit, "_src_path": source}
    entry = yaml.safe_dump(wanted, sort_keys=False, allow_unicode=True, width=4096)
    text = _SOURCE.sub(lambda _: entry, text, count=1)
    found = files.parse_yaml(text)
    if not isinstance(found, dict) or found | wanted != found:
        raise ConductorError(
            "the template does not write the address of the template on a line of its own",
            path=ANSWERS,
            remedy="Update this track with `copier update`.",
        )
    return text


def change(track: RecordedTrack, old: Rendered, new: Rendered) -> TrackChange:
    """Merge what two versions of the template render with what the user has.

    Args:
        track: The track.
        old: What its version renders.
        new: What the new version renders, the answers file as it is to be.

    Raises:
        ConductorError: A file cannot be read, merged or restored by git.
    """
    documented.preflight(track.project)
    folder = track.folder
    one_track.check_folder(folder)
    path = folder / ANSWERS
    base, theirs = _texts(old), _texts(new)
    ours, index = one_track.versioned(folder, "refresh")
    merged = merged_track.merge(base, ours, theirs)
    shown = [
        (name, present(f"{track.home}/{name}", each, reject=False)) for name, each in merged.items()
    ]
    written = dict(_others(folder, old.files, new.files, merged))
    changed = [name for name, result in shown if result.text != ours[name]]
    touched = [f"{track.home}/{name}" for name in {*changed, *written}]
    if changed:
        touched += _also_touched(track, ours, {name: result.text for name, result in shown})
    return TrackChange(
        track,
        one_track.Update(track.project, track.storage_id, base, ours, index, files.read_text(path)),
        theirs,
        written,
        tuple(sorted(set(touched))),
        tuple(problem for _, result in shown for problem in result.problems),
    )


def _texts(rendered: Rendered) -> dict[str, str]:
    files = rendered.files
    found = {name: files[name].decode("utf-8") for name in RENDERED if name in files}
    return {**rendered.texts, **found}


def _others(
    folder: Path, old: Files, new: Files, merged: Iterable[str]
) -> Iterator[tuple[str, bytes | None]]:
    """Yield the files that are taken over as a whole, and None for those to remove."""
    for name in sorted({*old, *new} - set(merged)):
        path = folder / name
        ours = _bytes(path)
        base, theirs = old.get(name), new.get(name)
        deleted_by_user = ours is None and base is not None
        if ours == theirs or deleted_by_user or _says_the_same(name, ours, theirs):
            continue
        if name == ANSWERS or theirs is None or ours in (base, None):
            yield name, theirs
        elif theirs != base:
            raise ConductorError(
                "was changed here and in the template",
                path=path,
                remedy="Update this track with `copier update`, which merges any file.",
            )


def _says_the_same(name: str, ours: bytes | None, theirs: bytes | None) -> bool:
    """Tell whether the answers file differs in nothing but how a formatter wrote it."""
    if name != ANSWERS or ours is None or theirs is None:
        return False
    return recorded_answers.same(ours.decode("utf-8"), theirs.decode("utf-8"))


def _also_touched(
    track: RecordedTrack, ours: Mapping[str, str], after: Mapping[str, str]
) -> Iterator[str]:
    """Yield the files in which the time of the change is noted, where that changes them."""
    text = after.get(METADATA, ours.get(METADATA))
    listed = track.project / REGISTRY
    if text is None:
        return
    with contextlib.suppress(ConductorError, ValueError, KeyError):
        updated = ids.clock().isoformat()
        text = metadata.with_value(text, "updated", updated)
        if text != ours[METADATA]:
            yield f"{track.home}/{METADATA}"
        before = files.read_text(listed)
        if registry_edit.upsert(before, metadata.row(json.loads(text))).text != before:
            yield REGISTRY


def apply(planned: TrackChange) -> list[str]:
    """Write a change; when that fails, the track is as before.

    Returns:
        What a person should know beside the conflicts.

    Raises:
        ConductorError: A file cannot be written, or git fails.
    """
    folder, written = planned.track.folder, dict(planned.written)
    answers = written.pop(ANSWERS, None)
    writing.require_room(folder, one_track.ROOM)
    before = {name: _text(folder / name) for name in written}
    begun = journal.begin(
        folder, unfinished.REFRESH, {**one_track.before(planned.update), **before}
    ).expect({name: None if data is None else data.decode() for name, data in written.items()})
    update = dataclasses.replace(planned.update, journal=begun)
    try:
        for name, data in written.items():
            _put(folder / name, data)
        new = None if answers is None else answers.decode()
        said = merged_track.finish(update, planned.theirs, answers=new)
    except BaseException:
        one_track.go_back(planned.track.project, begun)
        raise
    known = {str(problem) for problem in planned.conflicts}
    return [note for note in said if note not in known]


def go_back(project: Path, chosen: Iterable[str]) -> list[str]:
    """Go back to before an update that was killed, where nobody has changed a file since.

    Args:
        project: The folder that holds `storage-conductor`.
        chosen: The tracks to look at.

    Returns:
        The tracks that are as they were before.

    Raises:
        ConductorError: A file cannot be written, or git fails.
    """
    found = unfinished.read(project)
    back = [name for name in chosen if name in found and unfinished.can_go_back(found[name])]
    for name in back:
        one_track.go_back(project, found[name])
    return back


def registry_follows(project: Path, changed: Iterable[str]) -> bool:
    """Tell whether the registry differs from what git holds by rows of changed tracks alone.

    So a refresh that was killed leaves it, and `sync`; nothing that a person wrote is in it.

    Args:
        project: The folder that holds `storage-conductor`.
        changed: The files with uncommitted changes, from the project.
    """
    suffix = f"/{METADATA}"
    with contextlib.suppress(ConductorError):
        name = PurePosixPath(REGISTRY).name
        text = "".join(
            git.content(project, entry.blob) for entry in git.entries(project / places.HOME, [name])
        )
        for path in changed:
            if path.endswith(suffix):
                text = registry_edit.upsert(text, metadata.row(metadata.read(project / path))).text
        return text == files.read_text(project / REGISTRY)
    return False


def _bytes(path: Path) -> bytes | None:
    files.check_place(path)
    return files.read_bytes(path) if path.is_file() else None


def _text(path: Path) -> str | None:
    return files.read_text(path) if path.is_file() else None


def _put(path: Path, data: bytes | None) -> None:
    if data is None:
        writing.remove(path)
    else:
        writing.write_atomic(path, data.decode("utf-8"))
