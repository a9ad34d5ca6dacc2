"""The update of one track: what must hold before it, and the merge after Copier's own.

Copier merges text line by line, so it conflicts where a tick stands beside a changed task, and
where it does not, it may still bring back a task that the user deleted, or leave one twice that
both sides moved. Hence the files of a track are always merged again, from the old render, the
user's file and the new render, each by the rules of what it holds.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import json
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..disk import branches, files, git, journal, places
from ..disk.git import IndexEntry
from ..disk.journal import Journal
from ..disk.places import ANSWERS, METADATA, PLAN, RENDERED, SPEC
from ..errors import ConductorError, printable
from ..markdown import blocks, outline
from ..markdown.blocks import BOM, BlockKind
from ..markdown.boxes import State
from ..questions import documented
from ..review import track_checks, unfinished
from ..tracks import ids, metadata, registry_edit
from . import new_track, recorded_answers, renders
from .conflicts import Presented, present
from .merge import Merged, TaskKeys, merge_metadata, merge_plan, merge_spec

# More than the files of any track take.
ROOM = 1 << 19
_DRAFTED_UNDER = "Schema Design"

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
    files.require_room(folder, ROOM)
    update = Update(root, answers["storage_id"], base, ours, index, text)
    new = recorded_answers.with_current_context(root, text, answers)
    _keep_for_going_back()
    begun = journal.begin(folder, unfinished.UPDATE, before(update)).expect({ANSWERS: new})
    _write(path, new)
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
            registry_edit.record(listed, row, new_track.registry_starter())
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
    """Refuse a destination that Copier would lose changes in, half-way through.

    It compares paths as they are written: https://github.com/copier-org/copier/issues/2300.
    """
    if ".." in root.absolute().parts:
        raise ConductorError(
            "leads through `..`, which Copier does not follow in an update",
            path=root,
            remedy="Run `copier update` in the project's own folder, without naming a folder.",
        )


def merge(base: Texts, ours: Texts, theirs: Texts) -> dict[str, Merged]:
    """Merge the files of a track that all three versions have."""
    keys = None
    if renders.TASKS in base and renders.TASKS in theirs:
        keys = TaskKeys(json.loads(base[renders.TASKS]), json.loads(theirs[renders.TASKS]))
    merges: dict[str, Callable[[str, str, str], Merged]] = {
        SPEC: merge_spec,
        PLAN: functools.partial(merge_plan, keys=keys),
        METADATA: merge_metadata,
    }
    return {
        name: merges[name](base[name], ours[name], theirs[name])
        for name in RENDERED
        if name in base and name in ours and name in theirs
    }


def finish(
    update: Update, theirs: Texts, *, reject: bool = False, answers: str | None = None
) -> list[str]:
    """Put the merge in place of Copier's, and bring the registry up to date.

    What the user deleted stays deleted. Where nothing changed, nothing is written.

    Args:
        update: What `begin` returned.
        theirs: The texts that the new version of the template renders, by file name.
        reject: Whether the template's side of a conflict goes into a file `*.rej`, instead of
            between conflict markers.
        answers: The new text of the answers file; None where Copier has written it.

    Returns:
        What a person should know: each conflict with file and line, and what else is wrong.

    Raises:
        ConductorError: A file cannot be written, or git fails.
    """
    staged = git.entries(update.folder, update.ours)
    base = update.base or _base_of_conflicts(update, staged)
    home = places.home(update.storage_id)
    shown = {
        name: present(f"{home}/{name}", merged, reject=reject)
        for name, merged in merge(base, update.ours, theirs).items()
    }
    texts = _final(update, shown)
    if update.journal is not None:
        update.journal.expect({**texts, ANSWERS: answers})
    for name, text in texts.items():
        _write(update.folder / name, text)
    for name, result in shown.items():
        _write_rejected(update.folder / f"{name}.rej", result)
    _record_in_index(update, staged, shown, base, theirs)
    notes = [str(problem) for result in shown.values() for problem in result.problems]
    notes += _due_migration(update, base, theirs)
    if any(_text(update.folder / name) != text for name, text in update.ours.items()):
        notes += _enter(update)
        if not any(result.is_unmerged for result in shown.values()):
            found = track_checks.check_track(
                track_checks.Library(update.project), update.storage_id
            )
            notes += map(str, found)
    # The version stands in it, so it comes last.
    _record_answers(update, answers)
    if update.journal is not None:
        update.journal.end()
    return list(map(printable, notes))


def _final(update: Update, shown: Mapping[str, Presented]) -> dict[str, str]:
    """Return the texts to write, with the time of the change where there is one."""
    texts = {name: result.text for name, result in shown.items()}
    now = {**{name: _text(update.folder / name) for name in update.ours}, **texts}
    data = now.get(METADATA)
    if data is not None and now != update.ours:
        with contextlib.suppress(ConductorError):  # which `_enter` tells
            metadata.parse(data, update.folder / METADATA)
            texts[METADATA] = with_value(data, "updated", ids.clock().isoformat())
    return texts


def _due_migration(update: Update, base: Texts, theirs: Texts) -> list[str]:
    """Tell that the schema of a store that is being built, or stands, is another one now."""
    before, after = (_drafts(each.get(SPEC, "")) for each in (base, theirs))
    if not before or before == after or not _is_begun(update.ours.get(PLAN, "")):
        return []
    spec = places.of_track(update.storage_id, SPEC)
    return [
        f"{spec}: the draft under {_DRAFTED_UNDER!r} changed, and work on it has begun.\n"
        "  Remedy: Add a task for the migration from the earlier schema; git shows both."
    ]


def _drafts(spec: str) -> list[str]:
    """Return the code blocks of the section that drafts the schema."""
    root = blocks.parse(spec).root
    headings = (block for block in root.walk() if block.kind is BlockKind.HEADING)
    section = next((block for block in headings if block.text == _DRAFTED_UNDER), None)
    code = (block for block in section.walk() if block.kind is BlockKind.CODE) if section else ()
    return ["\n".join(block.lines) for block in code]


def _is_begun(plan: str) -> bool:
    return any(box.state is State.DONE for box in outline.read(plan).boxes)


def _record_answers(update: Update, new: str | None) -> None:
    """Write the answers; as a formatter wrote them where they say the same as before."""
    path = update.folder / ANSWERS
    text = files.read_text(path) if new is None else new
    _write(path, update.answers if recorded_answers.same(text, update.answers) else text)


def _base_of_conflicts(update: Update, staged: Iterable[IndexEntry]) -> Texts:
    """Return what git has of the old renders: those of files with conflict markers."""
    return {
        entry.name: git.content(update.folder, entry.blob)
        for entry in staged
        if entry.stage == git.BASE
    }


def _write(path: Path, text: str) -> None:
    if text != files.read_text(path):
        files.write_atomic(path, text)


def _write_rejected(path: Path, result: Presented) -> None:
    if result.rejected:
        files.write_atomic(path, result.rejected)
    else:
        files.remove(path)


def _record_in_index(
    update: Update,
    staged: Iterable[IndexEntry],
    shown: Mapping[str, Presented],
    base: Texts,
    theirs: Texts,
) -> None:
    """Make git see those files as unmerged that hold conflict markers, and no others."""
    unmerged = {entry.name for entry in staged if entry.stage}
    resolved = [
        update.index[name]
        for name, result in shown.items()
        if name in unmerged and not result.is_unmerged
    ]
    git.resolve(update.folder, resolved)
    for name, result in shown.items():
        if result.is_unmerged and name not in unmerged:
            versions = {git.BASE: base[name], git.THEIRS: theirs[name]}
            git.mark_unmerged(update.folder, update.index[name], versions)


def _text(path: Path) -> str | None:
    return files.read_text(path) if path.exists() else None


def _enter(update: Update) -> list[str]:
    """Note the change in the registry; return what a person should know.

    Raises:
        ConductorError: It cannot be written.
    """
    if METADATA not in update.ours:
        return []
    path = update.folder / METADATA
    listed = update.project / places.REGISTRY
    try:
        row = metadata.row(metadata.read(path))
    except ConductorError as error:
        return [str(error)]
    if not listed.exists():
        return []
    return registry_edit.record(listed, row, new_track.registry_starter())


def with_value(text: str, key: str, value: str) -> str:
    """Set a top-level text of a JSON object; nothing else of the file changes if that is possible.

    Args:
        text: The JSON object.
        key: The key; without it the text stays as it is.
        value: The new value.

    Raises:
        ValueError: The text is not JSON.
    """
    data = json.loads(text.removeprefix(BOM))
    if key not in data:
        return text
    data[key] = value
    pattern = re.compile(rf"({re.escape(json.dumps(key))}\s*:\s*)\"[^\"\n]*\"")
    new = pattern.sub(lambda found: found[1] + json.dumps(value), text, count=1)
    if json.loads(new.removeprefix(BOM)) == data:
        return new
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"
