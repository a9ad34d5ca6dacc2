"""`verify.yml` of a project: the checks of its own, as data; nothing of them is run here."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ..disk import files, places
from ..errors import ConductorError

_TOLD = 100  # faults
# What is said of the faults that pydantic tells in the words of Python.
_SAID = {
    "extra_forbidden": "is no key that is known here",
    "string_type": "must be text; put it in quotes",
    "tuple_type": "must be a list",
    **dict.fromkeys(("model_type", "dict_type", "mapping_type"), "must be a mapping"),
}
_OF_TRACKS = (places.STORAGES, places.ARCHIVE)
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


def faults(project: Path) -> list[ConductorError]:
    """Return what is wrong with the checks of a project's own, at most a hundred faults.

    Each has the file, the line and the remedy. Without a file there is none.
    """
    path = project / places.OWN_CHECKS
    try:
        own = read(project)
    except ConductorError as error:
        if not isinstance(error.__cause__, ValidationError):
            return [error]
        return list(_broken(error.__cause__, files.read_text(path, root=project), path))
    known = {found.name for above in _OF_TRACKS for found in (project / above).glob("*")}
    unknown = [name for name, check in own.items() if check.track not in known][:_TOLD]
    return [
        fault_at(
            project,
            ("checks", name, "track"),
            f"there is no track {own[name].track!r}",
            f"Name a track of {places.STORAGES}, or remove the check.",
        )
        for name in unknown
    ]


def fault_at(project: Path, way: Sequence[str], said: str, remedy: str) -> ConductorError:
    """Return what is wrong with a value of the file, which can be read.

    Args:
        project: The folder that holds `storage-conductor`.
        way: The keys that lead to the value.
        said: What is wrong with it.
        remedy: What to do about it.
    """
    path = project / places.OWN_CHECKS
    place, line = _place(_composed(files.read_text(path, root=project)), way)
    return ConductorError(f"{place}: {said}", path=path, line=line, remedy=remedy)


@functools.lru_cache(maxsize=1)
def _parsed(text: str, path: Path) -> Mapping[str, OwnCheck]:
    try:
        found = files.parse_yaml(text)
        return OwnChecks.model_validate({} if found is None else found).checks
    except yaml.YAMLError as error:
        said, line = files.yaml_fault(error)
        raise ConductorError(
            f"is not YAML: {said}", path=path, line=line, remedy="Correct that line."
        ) from error
    except ValidationError as error:
        raise next(_broken(error, text, path)) from error


def _broken(error: ValidationError, text: str, path: Path | str | None) -> Iterator[ConductorError]:
    """Tell what is wrong, once for each place in the file."""
    told: set[str] = set()
    root = _composed(text)
    for each in error.errors(include_url=False)[:_TOLD]:
        place, line = _place(root, each["loc"])
        fault = _fault(each, place, line, path)
        if fault.message not in told:
            yield fault
        told.add(fault.message)


def _fault(each: Any, place: str, line: int, path: Path | str | None) -> ConductorError:
    said = _SAID.get(each["type"], str(each["msg"]).removeprefix("Value error, "))
    if each["type"] == "missing":
        said = f"`{each['loc'][-1]}` is missing"
    elif place.endswith(".expect"):  # of each form that it may have, pydantic tells another fault
        said = "is neither one value nor a list of rows"
    return ConductorError(
        f"{place}: {said}" if place else said,
        path=path,
        line=line,
        remedy="Correct it; docs/verifying.md of the template shows the form.",
    )


@functools.lru_cache(maxsize=1)
def _composed(text: str) -> Any:
    return yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def _place(node: Any, loc: Sequence[str | int]) -> tuple[str, int]:
    """Return how far a place leads into a YAML node, with dots between, and the line there."""
    way: list[str] = []
    line = 1
    for part in loc:
        if isinstance(node, yaml.MappingNode):
            pair = next((pair for pair in node.value if pair[0].value == str(part)), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            node = node.value[part]
            line = node.start_mark.line + 1
        else:
            break
        way.append(str(part))
    return ".".join(way), line


def schema() -> dict[str, Any]:
    """Return the JSON Schema of the file."""
    found = OwnChecks.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found}
