"""The files of the catalog: YAML that is read and validated, with the place of what is wrong."""

from __future__ import annotations

import functools
import hashlib
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml

from ..disk import cache, files
from ..errors import ConductorError
from .entry import CatalogEntry

CATALOG = Path(__file__).parent

_Model = TypeVar("_Model", bound=CatalogEntry)
_Made = TypeVar("_Made")


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


def text_of(path: Path) -> str:
    """Return the text of a file of the catalog.

    Raises:
        ConductorError: It is missing.
    """
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise ConductorError(
            "is not in the catalog", path=path, remedy="Check the name under catalog/."
        ) from error


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


def load(model: type[_Model], path: Path) -> _Model:
    """Return the model of what a file holds, validated once for each text and each form of it.

    Raises:
        ConductorError: It is missing, holds no YAML mapping, or breaks a rule of the model.
    """
    text = text_of(path)
    return kept(model, (text,), lambda: validated(model, parse(text, path), path))


def kept(model: type[CatalogEntry], texts: Iterable[str], make: Callable[[], _Made]) -> _Made:
    """Return what was made of some texts before, as long as nothing that it rests on changed.

    Args:
        model: What it is made by.
        texts: What it is made from.
        make: Makes it.
    """
    return cache.objects((_code(model.__module__), model.__qualname__, *texts), make)


@functools.cache
def _code(module: str) -> str:
    """Return a digest of a module with models and of this room, whose models it may hold."""
    own = Path(str(sys.modules[module].__file__))
    code = _room() if own.parent == CATALOG else _room() + own.read_text(encoding="utf-8")
    return hashlib.sha256(code.encode()).hexdigest()


@functools.cache
def _room() -> str:
    return "".join(path.read_text(encoding="utf-8") for path in sorted(CATALOG.glob("*.py")))


def validated(model: type[_Model], data: dict[str, Any], path: Path) -> _Model:
    """Return the model of some data.

    Args:
        model: The model.
        data: What a file holds, or what follows from several.
        path: The file.

    Raises:
        ConductorError: It breaks a rule of the model; the message names the place.
    """
    from pydantic import ValidationError

    try:
        return model.validated(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ConductorError(
            f"{place}: {first['msg']}" if place else first["msg"],
            path=path,
            remedy="Correct the entry; docs/adding-a-backend.md describes every field.",
        ) from error
