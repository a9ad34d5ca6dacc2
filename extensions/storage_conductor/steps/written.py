"""What was written of a track as migrations: `files.json`, which lies beside its plan.

It holds the parts of the schema as the last migration leaves it, so that the next step follows from
two files of the repository: whatever clone, template or catalog computes it. It is read by updates,
which record it, and written by the command that writes migrations. Where a store was there before,
what an import found of it, an answer of the track, stands in its place until the first is written.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..disk import files
from ..errors import ConductorError
from .described import DESCRIBED, tables_of
from .existing import Existing, Readings, after, readings_of
from .fitting import as_there
from .growing import grown
from .parts import SchemaParts
from .renames import Renames


@dataclass(frozen=True)
class WrittenStep:
    """One step that was written.

    Args:
        number: 1 for the first migration.
        changes: What it changes, each in a few words; none for the first.
        parts: The parts that it has.
        files: What was written for it, in the folder.
    """

    number: int
    changes: tuple[str, ...]
    parts: tuple[str, ...]
    files: tuple[str, ...] = ()

    def to_data(self) -> dict[str, Any]:
        """Return plain values, as JSON has them."""
        data = {"number": self.number, "changes": list(self.changes), "parts": list(self.parts)}
        return data | ({"files": list(self.files)} if self.files else {})


@dataclass(frozen=True)
class WrittenSchema:
    """What was written for one store.

    Args:
        tool: The tool that the files are for.
        folder: Where they lie, from the project.
        steps: In order.
        schema: What they lead to.
        load: A digest of the load script that was written last, and the number of its folder.
        readings: How the store says what is drafted, where it was there before.
        base: A digest of the import that it began from; empty where the store began empty.
    """

    tool: str
    folder: str
    steps: tuple[WrittenStep, ...]
    schema: SchemaParts
    load: tuple[str, int] = ("", 0)
    readings: Readings = field(default_factory=dict)
    base: str = ""

    @property
    def left(self) -> tuple[str, ...]:
        """What was there before and is not in `schema`, a line each."""
        return tuple(
            f"{table}: {kept.name + ', ' if kept.name else ''}{kept.words}"
            for table, reading in self.readings.items()
            for kept in reading.kept
        )

    @property
    def next_number(self) -> int:
        """The number of the next step; that of the first is taken by what was there before."""
        return self.steps[-1].number + 1 if self.steps else 2

    def target(self, drafted: SchemaParts, renames: Renames) -> tuple[SchemaParts, Readings]:
        """Return what a drafted schema is to be in the words of the store, and how it says them.

        Args:
            drafted: As the model is drafted now.
            renames: What is renamed since.
        """
        readings = grown(after(self.readings, renames, self.schema, drafted), drafted)
        return as_there(drafted, readings), readings

    def to_data(self) -> dict[str, Any]:
        """Return plain values, as JSON has them."""
        return {
            "tool": self.tool,
            "folder": self.folder,
            "steps": [step.to_data() for step in self.steps],
            "schema": self.schema.to_data(),
            **({"load": list(self.load)} if self.load[1] else {}),
            **({"base": self.base} if self.base else {}),
            **({"readings": found} if (found := _readings(self.readings)) else {}),
        }


def _readings(readings: Readings) -> dict[str, Any]:
    return {name: data for name, reading in readings.items() if (data := reading.to_data())}


def read(path: Path) -> dict[str, WrittenSchema]:
    """Read what was written, by the key of the store; nothing where there is no such file.

    Raises:
        ConductorError: It cannot be used; a merge may have broken it.
    """
    if not path.exists():
        return {}
    try:
        return from_data(json.loads(files.read_text(path)))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConductorError(
            "does not say what was written as migrations",
            path=path,
            remedy="Restore it from git. Where two branches each wrote a step, keep the file and"
            " the migrations of one, and run `storage-conductor files` for the other again.",
        ) from error


def from_data(data: Mapping[str, Any]) -> dict[str, WrittenSchema]:
    """Take apart what `text` wrote, or an update recorded.

    Raises:
        ValueError: It has another form, as other errors of that kind.
    """
    return {
        str(store): WrittenSchema(
            str(found["tool"]),
            str(found["folder"]),
            tuple(
                WrittenStep(
                    int(step["number"]),
                    tuple(map(str, step["changes"])),
                    tuple(map(str, step["parts"])),
                    tuple(map(str, step.get("files", ()))),
                )
                for step in found["steps"]
            ),
            SchemaParts.from_data(str(store), found["schema"]),
            (str(found["load"][0]), int(found["load"][1])) if "load" in found else ("", 0),
            readings_of(found.get("readings", {})),
            str(found.get("base", "")),
        )
        for store, found in data.items()
    }


def standing(
    written: Mapping[str, WrittenSchema], existing: Mapping[str, Any]
) -> dict[str, WrittenSchema]:
    """Return from where the next step begins: what was written last, or a newer import.

    Args:
        written: By the key of the store.
        existing: The answer of that name: what an import found, by the key of the store.

    Raises:
        ValueError: The answer has another form.
    """
    found = dict(written)
    for store, data in existing.items():
        if DESCRIBED in data:  # it has no migrations
            tables_of(data)
            continue
        digest = hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:16]
        before = written.get(store)
        if before is not None and before.base == digest:
            continue
        there = Existing.from_data(store, data)
        begun = before or WrittenSchema("", "", (), there.schema)
        found[store] = replace(begun, schema=there.schema, readings=there.readings, base=digest)
    return found


def text(written: Mapping[str, WrittenSchema]) -> str:
    """Write the file."""
    data = {store: found.to_data() for store, found in written.items()}
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def recorded(path: Path) -> dict[str, Any]:
    """Return what an update records of the file: all but what it does not need.

    Raises:
        ConductorError: It cannot be used.
    """
    found = read(path)
    data = {store: each.to_data() for store, each in found.items()}
    for each in data.values():
        each.pop("load", None)
        for step in each["steps"]:
            step.pop("files", None)
    return data
