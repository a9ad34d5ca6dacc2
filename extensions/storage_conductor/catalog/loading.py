"""Finding and loading the backends of the catalog; a file may build on shared ones by `extends`."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .backend import Backend, Hosting, StorageType
from .reading import CATALOG, CatalogEntry, parse, read, validated
from .statements import Key, Text
from .tasks import TypeWork


class BackendHeading(CatalogEntry):
    """What the questionnaire needs of a backend: the first lines of its file."""

    key: Key
    name: Text
    storage_type: StorageType
    order: int = 100


@functools.cache
def headings(catalog: Path = CATALOG) -> tuple[BackendHeading, ...]:
    """List all backends, ordered as they are offered, reading only the head of each file."""
    found = [_heading(path) for path in sorted((catalog / "backends").glob("*.yml"))]
    return tuple(sorted(found, key=lambda item: (item.order, item.name)))


def _heading(path: Path) -> BackendHeading:
    head = path.read_text(encoding="utf-8").split("\n\n", 1)[0]
    data = {**parse(head, path), "key": path.stem}
    known = {name: data[name] for name in BackendHeading.model_fields if name in data}
    return validated(BackendHeading, known, path)


def find(name: str, catalog: Path = CATALOG) -> BackendHeading | None:
    """Find a backend by its name or key, in any case; None if the catalog lacks it."""
    wanted = name.strip().casefold()
    return next((h for h in headings(catalog) if wanted in (h.key, h.name.casefold())), None)


@functools.cache
def load(key: str, catalog: Path = CATALOG) -> Backend:
    """Load and validate the backend of that key.

    Raises:
        ConductorError: The file is missing or breaks the schema; the message names the place.
    """
    path = catalog / "backends" / f"{key}.yml"
    data = _with_base(path, catalog)
    data.pop("order", None)
    return validated(Backend, {**data, "key": key}, path)


@functools.cache
def load_type(storage_type: str, catalog: Path = CATALOG) -> TypeWork:
    """Load and validate the work of a storage type (`hybrid` for what lies between stores).

    Raises:
        ConductorError: The file is missing or breaks the schema; the message names the place.
    """
    path = catalog / "types" / f"{storage_type}.yml"
    return validated(TypeWork, _with_base(path, catalog), path)


def unlisted(name: str, storage_type: StorageType) -> Backend:
    """Return a backend of that name that the catalog knows nothing about."""
    return Backend(
        key="other",
        name=name,
        storage_type=storage_type,
        family="unknown",
        summary=f"{name} is not in the catalog; its limits are to be looked up.",
        hosting=(Hosting(key="self-managed", name="self-managed"),),
    )


def _with_base(path: Path, catalog: Path) -> dict[str, Any]:
    data = read(path)
    bases = data.pop("extends", [])
    merged: dict[str, Any] = {}
    for base in [bases] if isinstance(bases, str) else bases:
        merged = _merge(merged, _with_base(catalog / "shared" / f"{base}.yml", catalog))
    return _merge(merged, data)


def _merge(base: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    """Merge raw entries: maps by key, lists of keyed maps by their key, else the newer value."""
    merged = dict(base)
    for name, value in data.items():
        old = merged.get(name)
        if isinstance(old, dict) and isinstance(value, dict):
            merged[name] = {**old, **value}
        elif isinstance(old, list) and isinstance(value, list):
            merged[name] = _merge_lists(old, value)
        else:
            merged[name] = value
    return merged


def _merge_lists(old: list[Any], new: list[Any]) -> list[Any]:
    if not any(isinstance(item, Mapping) for item in (*old, *new)):
        return new

    def identity(item: Any) -> str | None:
        if not isinstance(item, Mapping):
            return None
        found = item.get("key", item.get("name", item.get("tool")))
        return None if found is None else str(found)

    replaced = {identity(item): item for item in new if identity(item) is not None}
    kept = [_combined(item, replaced.pop(identity(item), None)) for item in old]
    rest = [item for item in new if identity(item) is None or identity(item) in replaced]
    return kept + rest


def _combined(old: Any, new: Any) -> Any:
    if new is None:
        return old
    return _merge(old, new) if isinstance(old, dict) and isinstance(new, dict) else new
