"""The merge of one track, in place of Copier's own.

Copier merges text line by line, so it conflicts where a tick stands beside a changed task, and
where it does not, it may still bring back a task that the user deleted, or leave one twice that
both sides moved. Hence the files of a track are always merged again, from the old render, the
user's file and the new render, each by the rules of what it holds.
"""

from __future__ import annotations

import contextlib
import functools
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from ..disk import files, git, places, writing
from ..disk.git import IndexEntry
from ..disk.places import ANSWERS, METADATA, PLAN, RENDERED, SPEC
from ..errors import ConductorError, printable
from ..markdown import blocks, outline
from ..markdown.blocks import BlockKind
from ..review import track_checks
from ..review.library import Library
from ..tracks import ids, metadata, registry_file
from . import new_track, recorded_answers, renders
from .conflicts import Presented, present
from .merge import Merged, TaskKeys, merge_metadata, merge_plan, merge_spec
from .one_track import Texts, Update, rewrite

_DRAFTED_UNDER = "Schema Design"
_OF_STEPS = "schema-step-"
"""How the keys of tasks begin that are of a step from what was written, or was there before."""


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
        rewrite(update.folder / name, text)
    for name, result in shown.items():
        _write_rejected(update.folder / f"{name}.rej", result)
    _record_in_index(update, staged, shown, base, theirs)
    notes = [str(problem) for result in shown.values() for problem in result.problems]
    notes += _due_migration(update, base, theirs)
    if any(_text(update.folder / name) != text for name, text in update.ours.items()):
        notes += _enter(update)
        if not any(result.is_unmerged for result in shown.values()):
            found = track_checks.check_track(Library(update.project), update.storage_id)
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
            texts[METADATA] = metadata.with_value(data, "updated", ids.clock().isoformat())
    return texts


def _due_migration(update: Update, base: Texts, theirs: Texts) -> list[str]:
    """Tell that the schema of a store that is being built, or stands, is another one now."""
    before, after = (_drafts(each.get(SPEC, "")) for each in (base, theirs))
    if not before or before == after or not _is_begun(update.ours.get(PLAN, "")):
        return []
    spec = places.of_track(update.storage_id, SPEC)
    remedy = "Add a task for the migration from the earlier schema; git shows both."
    if _OF_STEPS in theirs.get(renders.TASKS, ""):
        command = f"storage-conductor files {update.storage_id}"
        remedy = f"`{command}` writes the step from the schema before; the plan has its task."
    return [
        f"{spec}: the draft under {_DRAFTED_UNDER!r} changed, and work on it has begun.\n"
        f"  Remedy: {remedy}"
    ]


def _drafts(spec: str) -> list[str]:
    """Return the code blocks of the section that drafts the schema."""
    root = blocks.parse(spec).root
    headings = (block for block in root.walk() if block.kind is BlockKind.HEADING)
    section = next((block for block in headings if block.text == _DRAFTED_UNDER), None)
    code = (block for block in section.walk() if block.kind is BlockKind.CODE) if section else ()
    return ["\n".join(block.lines) for block in code]


def _is_begun(plan: str) -> bool:
    return any(box.is_ticked for box in outline.read(plan).boxes)


def _record_answers(update: Update, new: str | None) -> None:
    """Write the answers; as a formatter wrote them where they say the same as before."""
    path = update.folder / ANSWERS
    text = files.read_text(path) if new is None else new
    rewrite(path, update.answers if recorded_answers.same(text, update.answers) else text)


def _base_of_conflicts(update: Update, staged: Iterable[IndexEntry]) -> Texts:
    """Return what git has of the old renders: those of files with conflict markers."""
    return {
        entry.name: git.content(update.folder, entry.blob)
        for entry in staged
        if entry.stage == git.BASE
    }


def _write_rejected(path: Path, result: Presented) -> None:
    if result.rejected:
        writing.write_atomic(path, result.rejected)
    else:
        writing.remove(path)


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
    return registry_file.record(listed, row, new_track.registry_starter())
