"""Project documents for the tests of what is read from them."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from storage_conductor.context import ProjectContext, read_context
from storage_conductor.context.model import Stated
from storage_conductor.disk.places import PRODUCT, STANDARDS, TECH_STACK, TEMPLATE, WORKFLOW

NAMES = {
    "product": PRODUCT,
    "tech_stack": TECH_STACK,
    "standards": STANDARDS,
    "template": TEMPLATE,
    "workflow": WORKFLOW,
}
NOTHING: dict[str, Any] = {}


def read(**documents: str | bytes) -> ProjectContext:
    """Read documents given by the keys of `NAMES`."""
    with tempfile.TemporaryDirectory() as project:
        folder = Path(project) / "storage-conductor"
        folder.mkdir()
        for key, content in documents.items():
            data = content.encode() if isinstance(content, str) else content
            (folder / NAMES[key]).write_bytes(data)
        return read_context(Path(project))


def facts(group: Any) -> dict[str, Any]:
    """The values of a group that are stated, without sections and lines on who runs something."""
    found: dict[str, Any] = {}
    for name, value in group._asdict().items():
        if isinstance(value, Stated):
            found[name] = value.value
        elif value and name not in ("sections", "run_on"):
            found[name] = [each.value for each in value]
    return found


def stack(text: str) -> dict[str, Any]:
    return facts(read(tech_stack=text).tech_stack)


def workflow(text: str) -> dict[str, Any]:
    return facts(read(workflow=text).workflow)


def standards(text: str) -> dict[str, Any]:
    return facts(read(standards=text).standards)


def product(text: str) -> dict[str, Any]:
    return facts(read(product=text).product)


def found_anything(context: ProjectContext) -> bool:
    """Whether anything beyond the state of the documents was found."""
    return bool(context.to_data().keys() - {"documents", "unfilled"})
