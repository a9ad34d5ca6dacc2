"""What the questionnaire takes from the project it runs in, and what must hold before it begins."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..catalog import loading
from ..catalog.backend import Backend
from ..context import ProjectContext, Stated
from ..context.language import stated
from ..context.vocabulary import Hit, find_products
from ..disk import files, places
from ..tracks import ids, registry_file
from . import hosting
from .ways import SELF_MANAGED, ways_named

_CLAUSE = re.compile(r"[;,()]\s*|\s(?:and|und|et|y|e)\s")
_OWN = (
    "Self-hosted",
    "On-premises",
    "Bare metal",
)  # products of the documents that nobody else runs


def preflight(project: Path) -> None:
    """Make sure that a track can be written, before anything is.

    Raises:
        ConductorError: A link or another thing stands where a folder or file of the project
            belongs, or the registry cannot be used.
    """
    home = project / places.HOME
    for name in (places.HOME, places.STORAGES, places.REGISTRY):
        files.check_place(project / name)
    for name in (places.ATTRIBUTES, places.SCHEMA):
        files.check_place(home / name)
    for name in places.DOCUMENTS:
        files.check_readable(home / name)
    # Copier reads it before it knows which track is meant.
    files.check_place(project / places.STORAGES / places.ANSWERS)
    registry_file.preflight(project / places.REGISTRY)


def documented_backends(
    context: ProjectContext, storage_type: str, *, own: bool = False
) -> list[str]:
    """List the catalog's names of the backends that the documents state for a storage type.

    Args:
        context: What the documents state.
        storage_type: The type, or `hybrid` for all.
        own: Whether what other files of the project tell is left out.
    """
    stack = context.tech_stack
    stated = {
        "database": stack.databases,
        "object_storage": _one(stack.object_storage),
        "cache": _one(stack.cache),
    }
    wanted = [storage_type] if storage_type != "hybrid" else list(stated)
    found = (
        _catalog_name(item.value)
        for kind in wanted
        for item in stated.get(kind, ())
        if not (own and item.neighbour)
    )
    return list(dict.fromkeys(name for name in found if name))


def _one(stated: Stated | None) -> tuple[Stated, ...]:
    return () if stated is None else (stated,)


def _catalog_name(stated: str) -> str | None:
    """Find the backend that a statement such as `PostgreSQL 16.2` names; the longest name wins."""
    folded = stated.casefold()
    names = sorted((heading.name for heading in loading.headings()), key=len, reverse=True)
    return next((n for n in names if re.search(rf"\b{re.escape(n.casefold())}\b", folded)), None)


def documented(context: ProjectContext, name: str) -> str:
    """Return what the documents say for an answer, as it may be shown, or an empty text."""
    stack, workflow = context.tech_stack, context.workflow
    stated = {
        "language": next(iter(stack.languages), None),
        "migration_tool": stack.migration_tool,
        "test_driven": workflow.testing,
        "schema_first": workflow.approach or stack.approach,
    }[name]
    return "" if stated is None else stated.value


def documented_hosting(context: ProjectContext, backends: Sequence[str]) -> str:
    """Return how these backends are run by tech-stack.md, each as far as it tells that.

    Args:
        context: What the documents state.
        backends: The names of the backends.
    """
    lines = [each.value for each in context.tech_stack.run_on]
    told = {
        backend.name: name
        for backend in hosting.undecided(backends, "")
        if (name := _run_as(backend, lines))
    }
    return hosting.with_names(backends, "", told)


def _run_as(backend: Backend, lines: Sequence[str]) -> str:
    """Return the one way of running a backend that lines name, the ones about it first."""
    clauses = [part for line in lines for part in _CLAUSE.split(line)]
    named = [[text for text in each if _names(text, backend)] for each in (clauses, lines)]
    rest = [text for text in lines if not any(map(_is_store, find_products(text)))]
    for texts in (*named, rest):
        found = {name for text in texts for name in _ways_said(backend, text)}
        if found:
            return found.pop() if len(found) == 1 else ""
    return ""


def _names(text: str, backend: Backend) -> bool:
    return any(_catalog_name(hit.product.name) == backend.name for hit in find_products(text))


def _is_store(hit: Hit) -> bool:
    """Tell whether a product is a store and not who runs one."""
    return _catalog_name(hit.product.name) is not None and "hosting" not in hit.product.kinds


def _ways_said(backend: Backend, text: str) -> list[str]:
    """Return the ways of running a backend that a text says yes to."""
    if not stated(text):
        return []
    if any(hit.product.name in _OWN for hit in find_products(text)):
        text = f"{text}; {SELF_MANAGED}"
    return [name for _, name in ways_named([each.name for each in backend.hosting], text)]


def snapshot(
    project: Path,
    context: ProjectContext,
    depends_on: Sequence[str],
    storage_type: str,
    *,
    backend_given: bool,
) -> dict[str, Any]:
    """Return what is recorded of the project.

    Args:
        project: The folder that holds `storage-conductor`.
        context: What the documents say.
        depends_on: Names that the component depends on; those that are tracks are recorded.
        storage_type: The type for which a document can name the backend.
        backend_given: Whether a person chose the backend.
    """
    known = backend_given or documented_backends(context, storage_type, own=True)
    found: dict[str, Any] = context.to_data()
    if not known:
        found["assumed"] = ["backend"]
    if tracks := [name for name in depends_on if _is_track(project, name)]:
        found["tracks"] = tracks
    return found


def _is_track(project: Path, name: str) -> bool:
    spec = project / places.of_track(name, places.SPEC)
    return not ids.problem(name) and spec.is_file() and not files.leads_out(spec)
