"""What is to be written of a track: the first migration, or the step from it to the model."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ..catalog import loading
from ..component import track
from ..disk import files, places, writing
from ..errors import ConductorError
from ..proof.subject import Subject, part
from ..schema.sql import Schema
from ..schema.sqltypes import ENGINES
from ..steps import written
from ..steps.existing import Existing, Readings
from ..steps.parts import SchemaParts, parts_of
from ..steps.renames import stated
from ..steps.step import between
from ..steps.written import WrittenSchema, WrittenStep
from ..update import recorded_answers
from . import blocks, load, migration
from .tools import TOOLS, Files, Tool


@dataclass(frozen=True)
class Wanted:
    """What a person asked for.

    Args:
        tool: Key of a tool; empty for the one that is stated.
        folder: Where migrations go, from the project; empty for the track's own.
        store: Catalog key; may be left out where one store holds entities.
    """

    tool: str = ""
    folder: str = ""
    store: str = ""


@dataclass(frozen=True)
class Delivery:
    """What is written, and what was there before.

    Args:
        files: Texts by path from the project.
        manifest: The path of `files.json`, from the project, and its text; None where no migration
            is written.
        remarks: What a person should know, each in a sentence.
    """

    files: Files
    manifest: tuple[str, str] | None
    remarks: tuple[str, ...]

    def write(self, project: Path) -> tuple[list[str], list[str]]:
        """Write what is not there; what is there stays as it is.

        Returns:
            The paths that were written, and those that were left.

        Raises:
            ConductorError: A file cannot be written.
        """
        done: list[str] = []
        left: list[str] = []
        for path, text in self.files.items():
            (done if writing.write_new(project / path, text) else left).append(path)
        if self.manifest is None:
            return done, left
        path, text = self.manifest
        if not (project / path).exists() or files.read_text(project / path) != text:
            writing.write_atomic(project / path, text)
            done.append(path)
        return done, left


def plan(project: Path, storage_id: str, wanted: Wanted) -> Delivery:
    """Compute what is to be written.

    Args:
        project: The folder that holds `storage-conductor`.
        storage_id: The track.
        wanted: What was asked for.

    Raises:
        ConductorError: The track cannot be read, has no entities, or the store is not said or has
            no migrations, or a change has no safe form.
    """
    answers = recorded_answers.read(project / places.of_track(storage_id, places.ANSWERS))
    built = track.build(answers)
    subject = part(built, storage_id, wanted.store)
    store = subject.backend.key
    scripts, said = _blocks(project, storage_id, built, store)
    if store not in ENGINES:
        if scripts or said:
            return Delivery(scripts, None, tuple(said))
        names = ", ".join(loading.load(key).name for key in ENGINES)
        raise ConductorError(
            f"{subject.backend.name} has no schema that migrations are written for.",
            remedy=f"Migrations are written for {names}.",
        )
    manifest = places.of_track(storage_id, places.WRITTEN)
    known = written.read(project / manifest)
    before = known.get(store)
    tool, remarks = _tool(storage_id, built.conventions.migration_tool, before, wanted)
    folder = _folder(storage_id, before, wanted)
    drafted = parts_of(Schema(subject.model, ENGINES[store](subject.backend), subject.sizes))
    start = written.standing(known, built.component.answers.existing).get(store)
    if start is None:
        coming = _first(subject, drafted)
    else:
        told = built.component.answers.existing.get(store)
        there = Existing.from_data(store, told) if told else Existing(start.schema, {})
        coming = _from(start, subject, drafted, there)
    remarks += coming.remarks
    found: Files = {}
    taken = before.steps if before else ()
    if coming.migrations:
        number = _start(project / folder, tool, coming.migrations, before)
        found = tool.written(coming.migrations, number, project / folder)
        taken = (*taken, *_recorded(coming.steps, found))
        if start is not None and not start.steps:
            remarks.insert(0, _marked(tool, folder, number, next(iter(found)), subject))
    paths = {f"{folder}/{name}": text for name, text in found.items()}
    loads, more = load.script(subject, built)
    written_load = before.load if before else ("", 0)
    digest = hashlib.sha256(json.dumps(loads).encode()).hexdigest()[:16]
    if loads and digest != written_load[0]:
        written_load = (digest, written_load[1] + 1)
        home = f"{places.of_track(storage_id, places.FILES)}/load-{written_load[1]}"
        paths |= {f"{home}/{name}": text for name, text in loads.items()}
        remarks += more
    elif before is None:
        remarks += more
    remarks += said
    base = start.base if start else ""
    now = WrittenSchema(tool.key, folder, taken, coming.schema, written_load, coming.readings, base)
    text = written.text({**known, store: now})
    return Delivery(paths | scripts, (manifest, text), tuple(remarks))


@dataclass(frozen=True)
class _Coming:
    """What is written next, and what it leads to."""

    steps: tuple[WrittenStep, ...]
    migrations: list[migration.Migration]
    schema: SchemaParts
    readings: Readings
    remarks: tuple[str, ...] = ()


def _first(subject: Subject, drafted: SchemaParts) -> _Coming:
    """Return the migration of a store that is empty."""
    up, down = subject.artifact("schema"), subject.artifact("rollback")
    found = migration.first(subject.title, subject.backend.key, up, down)
    return _Coming((WrittenStep(1, (), ("expand",)),), found, drafted, {})


def _from(start: WrittenSchema, subject: Subject, drafted: SchemaParts, there: Existing) -> _Coming:
    """Return the step from what is there, behind a baseline where nothing was written yet.

    Args:
        start: What is there.
        subject: The store.
        drafted: What is to be, as it is drafted.
        there: What an import found.
    """
    title, renames = subject.title, stated(subject.model, start.schema)
    schema, readings = start.target(drafted, renames)
    taken: list[WrittenStep] = []
    found: list[migration.Migration] = []
    remarks: list[str] = []
    if not start.steps:
        taken.append(WrittenStep(1, (), ("expand",)))
        left = (*start.left, *there.beside)
        found += migration.baseline(title, start.schema, there.making, left)
    if schema != start.schema:
        step = between(start.schema, schema, renames, readings)
        taken.append(WrittenStep(start.next_number, step.words, step.parts))
        found += migration.later(title, start.next_number, step)
        remarks += step.questions
    elif not start.steps:
        remarks.append("The store has all that the model says: no step was written.")
    return _Coming(tuple(taken), found, schema, readings, tuple(remarks))


def _recorded(steps_: tuple[WrittenStep, ...], found: Files) -> tuple[WrittenStep, ...]:
    """Return steps with their files; all are noted with the last, as they are written at once."""
    return (*steps_[:-1], replace(steps_[-1], files=tuple(found)))


def _marked(tool: Tool, folder: str, number: int, name: str, subject: Subject) -> str:
    """Say how the baseline is marked as applied on the store that is there."""
    begin = f"{folder}/{name} is what {subject.backend.name} had before"
    if not tool.baseline:
        return f"{begin}: run it on an empty store alone; on the one that is there begin behind it."
    values = {"folder": folder, "number": number, "name": Path(name).stem}
    tried = "" if tool.run else "; the tests of this template did not run this command"
    return (
        f"{begin}: on the store that is there do not run it, but mark it as applied:"
        f" `{tool.baseline.format(**values)}`{tried}."
    )


def _blocks(
    project: Path, storage_id: str, built: track.Track, store: str
) -> tuple[Files, list[str]]:
    """Return the scripts of blocks that are not there yet, by path, and what is to be known."""
    home = f"{places.of_track(storage_id, places.FILES)}/blocks"
    texts, remarks = blocks.scripts(built.component, store)
    found = {f"{home}/{name}": text for name, text in texts.items()}
    there = {path for path in found if os.path.lexists(project / path)}
    for path in sorted(there):
        if not (project / path).is_file() or files.read_text(project / path) != found[path]:
            remarks.append(f"{path} is not what the answers give now; it stays as it is.")
    return {path: text for path, text in found.items() if path not in there}, remarks


def _tool(
    storage_id: str, stated: str, before: WrittenSchema | None, wanted: Wanted
) -> tuple[Tool, list[str]]:
    if before is not None:
        if wanted.tool and wanted.tool != before.tool:
            raise ConductorError(
                f"The migrations of {storage_id} are written for {before.tool}.",
                remedy="Leave --tool out.",
            )
        return TOOLS[before.tool], []
    if wanted.tool:
        return TOOLS[wanted.tool], []
    fit = next((tool for tool in TOOLS.values() if tool.name == stated.casefold()), None)
    if fit is not None:
        return fit, []
    said = f"{stated} is stated, for which no files of its own are written" if stated else (
        "No migration tool is stated")  # fmt: skip
    return TOOLS["sql"], [f"{said}: this is plain SQL; --tool takes {', '.join(TOOLS)}."]


def _folder(storage_id: str, before: WrittenSchema | None, wanted: Wanted) -> str:
    if before is None:
        own = f"{places.of_track(storage_id, places.FILES)}/migrations"
        return wanted.folder or own
    if wanted.folder and wanted.folder != before.folder:
        raise ConductorError(
            f"The migrations of {storage_id} lie in {before.folder}.",
            remedy="Leave --out out; to move them, move the files and `folder` in files.json.",
        )
    return before.folder


def _start(
    folder: Path, tool: Tool, migrations: list[migration.Migration], before: WrittenSchema | None
) -> int:
    """Return the next free number; what a killed run began with the same texts is no other's."""
    there: Mapping[str, int] = {
        path.name: int(found[1])
        for path in (folder.iterdir() if folder.is_dir() else ())
        if (found := tool.number.match(path.name))
    }
    own = {name for step in before.steps for name in step.files} if before else set()
    last = max((number for name, number in there.items() if name in own), default=0)
    for start in (last + 1, max(there.values(), default=0) + 1):
        names = tool.written(migrations, start, folder)
        if all(
            number < start or (name in names and files.read_text(folder / name) == names[name])
            for name, number in there.items()
        ):
            return start
    return max(there.values(), default=0) + 1
