"""The pages for people who change the template: links, paths and the drawing of the rooms hold."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage_conductor.markdown import outline
from tests.conftest import ROOT
from tests.test_schema_paths import mermaid

DOCS = ROOT / "docs"
PACKAGE = ROOT / "extensions" / "storage_conductor"
PAGES = sorted([ROOT / "CONTRIBUTING.md", *DOCS.rglob("*.md")])
INSIDE = [ROOT / "CONTRIBUTING.md", DOCS / "architecture.md", *sorted(DOCS.glob("decisions/*"))]
ARCHITECTURE = (DOCS / "architecture.md").read_text(encoding="utf-8")
(DRAWING,) = re.findall(r"^```mermaid\n(.+?)^```", ARCHITECTURE, re.M | re.S)


def prose(page: Path) -> str:
    """Return a page without its blocks of code."""
    return re.sub(r"^```.+?^```$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_a_page_and_a_heading(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if "://" in target:
            continue
        name, _, anchor = target.partition("#")
        found = page.parent / name if name else page
        assert found.exists(), target
        if anchor:
            assert anchor in outline.read(found.read_text(encoding="utf-8")).anchors, target


def test_the_map_has_every_page() -> None:
    linked = re.findall(r"\]\(([^)#\s]+)", prose(DOCS / "README.md"))
    listed = {(DOCS / name).resolve() for name in linked}
    assert [page for page in PAGES if page not in listed and page != DOCS / "README.md"] == []


@pytest.mark.parametrize("page", INSIDE, ids=lambda page: page.name)
def test_paths_are_there(page: Path) -> None:
    for path in re.findall(r"`([\w.-]+/[\w.*-][\w./*-]*)`", prose(page)):
        assert [*ROOT.glob(path), *PACKAGE.glob(path)], path


def rooms() -> set[str]:
    """Return the names of the rooms, the command's among them."""
    return {path.parent.name for path in PACKAGE.glob("*/__init__.py")} | {"cli"}


def imported() -> Iterator[tuple[str, str]]:
    """Yield each import of one room in another."""
    for room in rooms():
        home, top = (ROOT, room) if room == "cli" else (PACKAGE.parent, f"{PACKAGE.name}/{room}")
        for path in (home / top).rglob("*.py"):
            package = path.relative_to(home).parts[:-1]
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ImportFrom):
                    base = package[: len(package) - node.level + 1] if node.level else ()
                    module = [*base, *filter(None, (node.module or "").split("."))]
                    for alias in node.names:
                        names = [*module, alias.name]
                        if names[0] == PACKAGE.name and names[1] != room:
                            yield room, names[1]


def test_the_drawing_shows_what_each_room_may_import() -> None:
    arrows = re.findall(r"(\w+) --> (\w+)", DRAWING)
    below: dict[str, set[str]] = {}
    for _ in arrows:
        for upper, lower in arrows:
            below.setdefault(upper, set()).update({lower}, below.get(lower, set()))
    assert not [room for room, lower in below.items() if room in lower]
    assert rooms() <= {room for arrow in arrows for room in arrow}
    found = {(upper, lower) for upper, lower in imported() if lower in rooms()}
    assert len(found) > 20
    assert sorted(arrow for arrow in found if arrow[1] not in below.get(arrow[0], ())) == []


def test_every_room_is_described() -> None:
    described = set(re.findall(r"^\| `(\w+)/` \|", ARCHITECTURE, re.M))
    assert rooms() - {"cli"} <= described


def test_the_drawing_can_be_drawn() -> None:
    assert mermaid([DRAWING]) == ["flowchart-v2"]
