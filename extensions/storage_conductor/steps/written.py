"""What was written of a track as migrations: `files.json`, which lies beside its plan.

It holds the parts of the schema as the last migration leaves it, so that the next step follows from
two files of the repository: whatever clone, template or catalog computes it. It is read by updates,
which record it, and written by the command that writes migrations.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..disk import files
from ..errors import ConductorError
from .parts import SchemaParts


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
    """

    tool: str
    folder: str
    steps: tuple[WrittenStep, ...]
    schema: SchemaParts
    load: tuple[str, int] = ("", 0)

    def to_data(self) -> dict[str, Any]:
        """Return plain values, as JSON has them."""
        return {
            "tool": self.tool,
            "folder": self.folder,
            "steps": [step.to_data() for step in self.steps],
            "schema": self.schema.to_data(),
            **({"load": list(self.load)} if self.load[1] else {}),
        }


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
        )
        for store, found in data.items()
    }


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
