"""Finding and loading the backends of the catalog; a file may build on shared ones by `extends`."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from .backend import Backend, Hosting, StorageType
from .entry import CatalogEntry
from .reading import CATALOG, kept, parse, text_of, validated
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
    heads = {
        path: text_of(path).split("\n\n", 1)[0]
        for path in sorted((catalog / "backends").glob("*.yml"))
    }

    def made() -> tuple[BackendHeading, ...]:
        found = [_heading(path, head) for path, head in heads.items()]
        return tuple(sorted(found, key=lambda item: (item.order, item.name)))

    return kept(BackendHeading, (f"{path.stem}\n{head}" for path, head in heads.items()), made)


def _heading(path: Path, head: str) -> BackendHeading:
    data = {**parse(head, path), "key": path.stem}
    known = {name: data[name] for name in BackendHeading.names() if name in data}
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
    layers = list(_layers(path, catalog))

    def made() -> Backend:
        data = _merged(layers)
        data.pop("order", None)
        return validated(Backend, {**data, "key": key}, path)

    return kept(Backend, (key, *(layer.text for layer in layers)), made)


@functools.cache
def load_type(storage_type: str, catalog: Path = CATALOG) -> TypeWork:
    """Load and validate the work of a storage type (`hybrid` for what lies between stores).

    Raises:
        ConductorError: The file is missing or breaks the schema; the message names the place.
    """
    path = catalog / "types" / f"{storage_type}.yml"
    layers = list(_layers(path, catalog))
    return kept(
        TypeWork,
        (layer.text for layer in layers),
        lambda: validated(TypeWork, _merged(layers), path),
    )


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


class _Layer(NamedTuple):
    """A file of the catalog: its text, and what it holds."""

    text: str
    data: dict[str, Any]


def _layers(path: Path, catalog: Path) -> Iterator[_Layer]:
    """Yield what a file builds on by `extends`, and the file itself as the last."""
    text = text_of(path)
    data = parse(text, path)
    bases = data.pop("extends", [])
    for base in [bases] if isinstance(bases, str) else bases:
        yield from _layers(catalog / "shared" / f"{base}.yml", catalog)
    yield _Layer(text, data)


def _merged(layers: Iterable[_Layer]) -> dict[str, Any]:
    return functools.reduce(_merge, (layer.data for layer in layers), {})


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
