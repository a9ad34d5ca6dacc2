"""Installs, updates and removes the files of assistants; what a person changed stays theirs."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from ..disk import files, places, writing
from . import blocks, manifest
from .forms import AGENTS_FILE, FORMS
from .manifest import Manifest, digest
from .sources import block, commands


class Deed(StrEnum):
    """What becomes of a file."""

    WRITTEN = "written"
    UPDATED = "updated"
    SAME = "up to date"
    KEPT = "left as it is, since it was changed by hand"
    DELETED = "left out, as you deleted it"
    REMOVED = "removed"


class FileStep(NamedTuple):
    """What becomes of one file: its path from the project, and its new text if it gets one."""

    path: str
    deed: Deed
    text: str | None = None


def install(project: Path, names: Collection[str], *, write: bool = True) -> list[FileStep]:
    """Install what assistants need, or bring it up to date.

    Args:
        project: The project's folder.
        names: Assistants to install; those that are installed are brought up to date with them.
        write: Whether anything is written.

    Returns:
        What became of each file, by path.

    Raises:
        ConductorError: A file cannot be read or written; those before it are, and are recorded.
    """
    known = manifest.read(project)
    chosen = sorted({*known.assistants, *names})
    wanted = _wanted(chosen)
    always = {_always(project, FORMS[name].always) for name in chosen}
    again = {FORMS[name].path for name in names}
    steps = [
        _file_step(project, path, text, known, restore=form in again)
        for path, (form, text) in sorted(wanted.items())
    ]
    steps += [_block_step(project, path, known, restore=bool(names)) for path in sorted(always)]
    gone = [path for path in (*known.files, *known.blocks) if path not in {*wanted, *always}]
    steps += [_removal(project, path, known) for path in sorted(gone)]
    known.assistants = chosen
    if write:
        # How a block was joined, its text does not tell: a kill may come before that is recorded.
        manifest.write(project, known)
        _carry_out(project, steps, known)
    return steps


def remove(project: Path) -> list[FileStep]:
    """Remove all that was installed, but for what a person changed, which stays recorded.

    Raises:
        ConductorError: A file cannot be read or removed.
    """
    known = manifest.read(project)
    steps = [_removal(project, path, known) for path in sorted({*known.files, *known.blocks})]
    known.assistants = []
    _carry_out(project, steps, known)
    return steps


def _wanted(names: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Return the text of each file, with the form that it has, by its path."""
    return {
        form.path.format(name=command.name): (form.path, form.render(command))
        for form in (FORMS[name] for name in names)
        for command in commands()
    }


def _always(project: Path, name: str) -> str:
    """Return the file that is read: that of all assistants where an assistant's own leads to it."""
    path = project / name
    if name != AGENTS_FILE and path.exists():
        linked = path.is_symlink() and path.resolve() == (project / AGENTS_FILE).resolve()
        lines = [] if linked else files.read_text(path, root=project).splitlines()
        if linked or any(
            line.strip() in (f"@{AGENTS_FILE}", f"@./{AGENTS_FILE}") for line in lines
        ):
            return AGENTS_FILE
    return name


def _text(project: Path, path: str) -> str | None:
    """Return what stands in a file, None where it is not there.

    Raises:
        ConductorError: It lies behind a link, or cannot be read.
    """
    files.check_place(project / path, project)
    if not os.path.lexists(project / path):
        return None
    return files.read_text(project / path, root=project)


def _file_step(project: Path, path: str, text: str, known: Manifest, *, restore: bool) -> FileStep:
    found, recorded = _text(project, path), known.files.get(path)
    if found is None:
        deleted = recorded is not None and not restore
        return FileStep(path, Deed.DELETED) if deleted else FileStep(path, Deed.WRITTEN, text)
    if digest(found) == digest(text):
        return FileStep(path, Deed.SAME, found)
    if digest(found) == recorded:
        return FileStep(path, Deed.UPDATED, text)
    return FileStep(path, Deed.KEPT)


def _block_step(project: Path, path: str, known: Manifest, *, restore: bool) -> FileStep:
    inner = block().strip()
    found, recorded = _text(project, path), known.blocks.get(path)
    placed = blocks.find(found or "")
    if placed is None:
        if recorded is not None and not restore:
            return FileStep(path, Deed.DELETED)
        between = blocks.joint(found or "")
        known.joints[path] = between
        return FileStep(path, Deed.WRITTEN, blocks.append(found or "", inner, between))
    if digest(placed.inner) == digest(inner):
        return FileStep(path, Deed.SAME, found)
    if digest(placed.inner) == recorded:
        return FileStep(path, Deed.UPDATED, blocks.replace(placed, inner))
    return FileStep(path, Deed.KEPT)


def _removal(project: Path, path: str, known: Manifest) -> FileStep:
    """Return how a file, or the block in it, goes: an empty text removes the file."""
    found = _text(project, path)
    if found is None:
        return FileStep(path, Deed.REMOVED)
    if path in known.files:
        changed = digest(found) != known.files[path]
        return FileStep(path, Deed.KEPT) if changed else FileStep(path, Deed.REMOVED, "")
    placed = blocks.find(found)
    if placed is None:
        return FileStep(path, Deed.REMOVED)
    if digest(placed.inner) != known.blocks[path]:
        return FileStep(path, Deed.KEPT)
    return FileStep(path, Deed.REMOVED, blocks.without(placed, known.joints.get(path, "")))


def _carry_out(project: Path, steps: Iterable[FileStep], known: Manifest) -> None:
    try:
        for step in steps:
            _do(project, step, known)
    finally:
        manifest.write(project, known)
        if not known.holds_anything():
            _remove_empty(project, (project / places.ASSISTANTS).parent)


def _do(project: Path, step: FileStep, known: Manifest) -> None:
    path = project / step.path
    if step.deed is Deed.REMOVED:
        if step.text:
            writing.write_atomic(path, step.text)
        else:
            if step.text is not None:
                path.unlink(missing_ok=True)
            _remove_empty(project, path.parent)
        _forget(known, step.path)
    elif step.text is not None:
        if step.deed is not Deed.SAME:
            writing.write_atomic(path, step.text)
        _record(known, step.path, step.text)


def _record(known: Manifest, path: str, text: str) -> None:
    placed = blocks.find(text)
    if placed is not None and path in _block_files():
        known.blocks[path] = digest(placed.inner)
        known.joints.setdefault(path, "")
    else:
        known.files[path] = digest(text)


def _block_files() -> Iterator[str]:
    return (form.always for form in FORMS.values())


def _forget(known: Manifest, path: str) -> None:
    for kept in (known.files, known.blocks, known.joints):
        kept.pop(path, None)


def _remove_empty(project: Path, folder: Path) -> None:
    """Remove the folders that nothing is left in, upwards; one that is not there counts as such."""
    while folder != project and not (folder.is_dir() and any(folder.iterdir())):
        if folder.is_dir():
            folder.rmdir()
        folder = folder.parent
