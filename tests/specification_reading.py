"""Renders specification and plan in process, and reads them back, for tests that need many."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from storage_conductor.catalog import loading
from storage_conductor.component.track import Track, build
from storage_conductor.wording import FILTERS
from tests.conftest import ROOT

_FOLDER = ROOT / "template" / "storage-conductor" / "storages" / "{{ storage_id }}"
RECORDED = {"storage_id": "storage-001", "created_at": "2026-01-01T08:00:00+00:00"}


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(ROOT),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - Markdown, not HTML
    )
    environment.filters.update(FILTERS)
    return environment


@cache
def _template(name: str) -> Template:
    source = Path(_FOLDER, f"{name}.md.jinja").read_text(encoding="utf-8")
    return _environment().from_string(source)


@dataclass(frozen=True)
class Rendered:
    """What a person reads of one track, with the model that it was printed from."""

    track: Track
    spec: str
    plan: str

    def section(self, heading: str) -> str:
        """Return the text of a section of the specification, or nothing."""
        _, found, rest = self.spec.partition(f"\n## {heading}\n")
        return rest.partition("\n## ")[0] if found else ""

    def line(self, key: str) -> str:
        """Return the requirement or criterion with a key such as `N-rpo`, or nothing."""
        lines = self.spec.splitlines()
        return next((line for line in lines if line.startswith(f"- **{key}**")), "")

    @property
    def decisions(self) -> dict[str, tuple[str, str]]:
        """Return what is to be decided and the default taken, by the decision's key."""
        rows = (line for line in self.section("Decisions").splitlines() if line.startswith("| D-"))
        cells = (row.replace("\\|", "¦").split(" | ") for row in rows)
        return {row[0].removeprefix("| "): (row[1], row[2]) for row in cells}


def render(answers: Mapping[str, Any]) -> Rendered:
    """Render what Copier would write for these answers, the same without its questionnaire."""
    heading = loading.find(str(answers.get("backend", "")))
    kind = {"storage_type": heading.storage_type} if heading else {}
    track = build({**RECORDED, **kind, "project_context": {}, "title": "Title", **answers})
    values = {"track": lambda: track}
    return Rendered(track, *(_template(name).render(values) for name in ("spec", "plan")))
