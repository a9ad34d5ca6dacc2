"""`verify.yml` of a project: the checks of its own, as data; nothing of them is run here."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ..disk import files, places
from ..errors import ConductorError

_TAKEN = frozenset(("prove", "drift", "person"))  # by the template
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
Text = Annotated[str, Field(min_length=1, max_length=20_000, pattern=r"^[^\x00]*$")]
Value = str | int | float | bool | None
Rows = Annotated[tuple[tuple[Value, ...], ...], Field(max_length=10_000)]


class OwnCheck(BaseModel):
    """A check of the project's own: a query with its answer, or a command with its exit code."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    track: Annotated[str, Field(description="Id of the track.")]
    tasks: Annotated[
        tuple[str, ...],
        Field(
            min_length=1,
            description="Keys of the tasks and gates that it proves, as `storage-conductor verify"
            " ID --dry-run` lists them.",
        ),
    ]
    query: Annotated[
        Text | None,
        Field(description="One SQL query that only reads; it is sent to the database of --url."),
    ] = None
    expect: Annotated[
        Value | Rows,
        Field(description="The answer: one value, or a list of rows, each a list of values."),
    ] = None
    store: Annotated[
        str, Field(description="Key of the backend that is asked, where a track has several.")
    ] = ""
    command: Annotated[
        tuple[Text, ...] | None,
        Field(
            min_length=1,
            description="Program and arguments, each an item. It runs in the project's folder,"
            " without a shell. The program is a name on the PATH, or a file of the project.",
        ),
    ] = None
    exit_code: Annotated[
        int, Field(ge=0, le=255, description="The exit code of a command that passed.")
    ] = 0
    seconds: Annotated[int, Field(ge=1, le=3600, description="Longest that it may take.")] = 600
    covers: Annotated[
        tuple[Text, ...],
        Field(
            description="Files of the project that it is about, as patterns like `migrations/**`:"
            " when one changes, its evidence is out of date. A command needs at least one."
        ),
    ] = ()

    @model_validator(mode="after")
    def _is_whole(self) -> OwnCheck:
        if (self.query is None) == (self.command is None):
            raise ValueError("has either `query` or `command`")
        if self.query is not None and "expect" not in self.model_fields_set:
            raise ValueError("`query` needs `expect`")
        if self.command is not None and not self.covers:
            raise ValueError("`command` needs `covers`")
        if self.command is not None and not _is_program(self.command[0]):
            raise ValueError("the program of `command` is a name, or a file of the project")
        if not all(map(_is_inside, self.covers)):
            raise ValueError("`covers` names files of the project, from its folder")
        return self


class OwnChecks(BaseModel):
    """Checks of a project's own, by name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    checks: Mapping[Name, OwnCheck] = {}

    @model_validator(mode="after")
    def _names_are_free(self) -> OwnChecks:
        if taken := sorted(_TAKEN & set(self.checks)):
            raise ValueError(f"{taken[0]!r} is a check of the template's; give it another name")
        return self


def _is_program(text: str) -> bool:
    return _is_inside(text) and not text.startswith("-")


def _is_inside(text: str) -> bool:
    parts = text.replace("\\", "/").split("/")
    return bool(parts[0]) and ".." not in parts and ":" not in parts[0] and parts[0] != ".git"


def read(project: Path) -> Mapping[str, OwnCheck]:
    """Read the checks of a project's own, by name; none where there is no file.

    Raises:
        ConductorError: The file cannot be read or used.
    """
    path = project / places.OWN_CHECKS
    if not path.exists():
        return {}
    return _parsed(files.read_text(path, root=project), path)


@functools.lru_cache(maxsize=1)
def _parsed(text: str, path: Path) -> Mapping[str, OwnCheck]:
    try:
        return OwnChecks.model_validate(files.parse_yaml(text) or {}).checks
    except yaml.YAMLError as error:
        said, line = files.yaml_fault(error)
        raise ConductorError(
            f"is not YAML: {said}", path=path, line=line, remedy="Correct that line."
        ) from error
    except ValidationError as error:
        first: Any = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        said = str(first["msg"]).removeprefix("Value error, ")
        raise ConductorError(
            f"{place}: {said}" if place else said,
            path=path,
            line=1,
            remedy="docs/verifying.md shows the form.",
        ) from error


def schema() -> dict[str, Any]:
    """Return the JSON Schema of the file."""
    found = OwnChecks.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found}
