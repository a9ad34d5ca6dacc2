"""Renders the files of a track without a copy, for tests that look at many."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from storage_conductor import wording
from storage_conductor.catalog import loading
from storage_conductor.component.track import Track, build

from .conftest import REQUIRED, ROOT

_FOLDER = "template/storage-conductor/storages/{{ storage_id }}"


@functools.cache
def _environment() -> Environment:
    environment = Environment(  # noqa: S701 - the result is Markdown
        loader=FileSystemLoader(ROOT),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(wording.FILTERS)
    return environment


def track_of(answers: Mapping[str, Any], documents: Mapping[str, Any] | None = None) -> Track:
    """Build the model of a track, as a copy does."""
    recorded = {"storage_id": "storage-001", "created_at": "2026-01-01T00:00:00+00:00"}
    heading = loading.find(str(answers.get("backend", "")))
    kind = {"storage_type": heading.storage_type} if heading else {}
    return build({**REQUIRED, **recorded, **kind, "project_context": documents or {}, **answers})


def rendered(track: Track, name: str) -> str:
    """Return the text of `spec.md` or `plan.md`."""
    return _environment().get_template(f"{_FOLDER}/{name}.jinja").render(track=lambda: track)


def section(text: str, name: str) -> str:
    """Return what stands under a heading of the second level, without it."""
    return text.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
