"""The files of the catalog: YAML that is read and validated, with the place of what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from ..disk import cache, files
from ..errors import ConductorError

CATALOG = Path(__file__).parent

_Model = TypeVar("_Model", bound=BaseModel)


class CatalogEntry(BaseModel):
    """Base of everything in the catalog: unknown keys are mistakes, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


def reject_duplicates(what: str, items: Sequence[Any]) -> None:
    """Make sure that each entry of a list has a key of its own.

    Args:
        what: What the list is called in the file.
        items: Its entries.

    Raises:
        ValueError: Two have the same.
    """
    seen: set[str] = set()
    for item in items:
        if item.key in seen:
            raise ValueError(f"{what}: key {item.key!r} stands twice")
        seen.add(item.key)


def read(path: Path) -> dict[str, Any]:
    """Read a file of the catalog.

    Raises:
        ConductorError: It is missing, or holds no YAML mapping.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise ConductorError(
            "is not in the catalog", path=path, remedy="Check the name under catalog/."
        ) from error
    return parse(text, path)


def parse(text: str, path: Path) -> dict[str, Any]:
    """Parse the text of a file, or of a part of it; dates become texts.

    Raises:
        ConductorError: It is no YAML mapping.
    """
    try:
        data = cache.data(text, files.parse_yaml)
    except yaml.YAMLError as error:
        said, line = files.yaml_fault(error)
        raise ConductorError(
            f"is not valid YAML: {said}", path=path, line=line, remedy="Correct the YAML."
        ) from error
    if not isinstance(data, dict):
        raise ConductorError("must hold a mapping", path=path, remedy="Start with `name:`.")
    return data


def validated(model: type[_Model], data: dict[str, Any], path: Path) -> _Model:
    """Return the model of what a file holds.

    Raises:
        ConductorError: It breaks a rule of the model; the message names the place.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ConductorError(
            f"{place}: {first['msg']}" if place else first["msg"],
            path=path,
            remedy="Correct the entry; docs/adding-a-backend.md describes every field.",
        ) from error
