"""The package's rooms: imports go down only, and each room says what lives in it."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from storage_conductor.disk import places
from tests.conftest import ROOT

PACKAGE = ROOT / "extensions" / "storage_conductor"
# From the ground up: a room imports those before it.
ORDER = (
    "errors",
    "phases",
    "units",
    "markdown",
    "disk",
    "wording",
    "context",
    "tracks",
    "catalog",
    "schema",
    "steps",
    "importing",
    "review",
    "questions",
    "update",
    "sizing",
    "findings",
    "component",
    "worklist",
    "proof",
    "evidence",
    "brief",
    "verification",
    "delivery",
    "trackers",
    "report",
    "assistants",
    "adoption",
    "for_copier",
)
MOST_AT_THE_TOP = 10
ROOMS = sorted(path.parent for path in PACKAGE.rglob("__init__.py") if path.parent != PACKAGE)
MODULES = sorted(PACKAGE.rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").as_posix()


def imported(path: Path) -> Iterator[str]:
    """Yield the modules of the package that a module imports, wherever it does."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ImportFrom) or not node.level:
            continue
        base = path.parents[node.level - 1].joinpath(*(node.module or "").split("."))
        for alias in node.names:
            for found in (base / f"{alias.name}.py", base / alias.name / "__init__.py"):
                if found.exists():
                    yield name_of(found)
                    break
            else:
                yield name_of(base / "__init__.py" if base.is_dir() else base.with_suffix(".py"))


def outside(path: Path) -> set[str]:
    """Return the first names of what a module imports from elsewhere."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add(str(node.module).partition(".")[0])
    return found


def room(name: str) -> str:
    return name.partition("/")[0]


def test_every_room_has_its_place_in_the_order() -> None:
    assert {room(name_of(path)) for path in MODULES} - {"__init__"} == set(ORDER)
    assert len(list(PACKAGE.glob("*.py"))) <= MOST_AT_THE_TOP


def test_imports_go_down_only() -> None:
    running_up = [
        f"{name_of(path)} imports {name}"
        for path in MODULES
        for name in imported(path)
        if path != PACKAGE / "__init__.py"
        and ORDER.index(room(name)) > ORDER.index(room(name_of(path)))
    ]
    assert running_up == []


def test_no_module_imports_itself_by_way_of_others() -> None:
    graph = {name_of(path): set(imported(path)) for path in MODULES}
    assert len(list(TopologicalSorter(graph).static_order())) == len(MODULES)


@pytest.mark.parametrize("folder", ROOMS, ids=name_of)
def test_every_room_says_what_lives_in_it_and_what_may_not(folder: Path) -> None:
    said = ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8")))
    assert said
    assert len(said.splitlines()) >= 3, "a line that says what it is, and a paragraph"
    assert re.search(r"\b([Nn]othing|alone)\b", said), "what may not be there"


def test_one_room_knows_copier_and_none_knows_the_package_by_its_name() -> None:
    found = {name_of(path): outside(path) for path in MODULES}
    assert {room(name) for name, names in found.items() if "copier" in names} == {"for_copier"}
    assert not [name for name, names in found.items() if "storage_conductor" in names]


def test_no_other_module_spells_a_path() -> None:
    spelled = {
        places.HOME,
        places.STORAGES,
        places.REGISTRY,
        Path(places.REGISTRY).name,
        Path(places.STORAGES).name,
        places.ANSWERS,
        places.SCHEMA,
        places.ATTRIBUTES,
        places.EVIDENCE,
        places.OWN_CHECKS,
        *places.RENDERED,
        *places.DOCUMENTS,
    }
    allowed = {
        PACKAGE / "disk" / "places.py",
        PACKAGE / "disk" / "cache_folder.py",  # the name of the program
        ROOT / "cli" / "__init__.py",  # the name of the program
        PACKAGE / "tracks" / "metadata.py",  # its own schema, beside it
    }
    found = [
        f"{path.relative_to(ROOT).as_posix()}:{node.lineno}: {node.value}"
        for path in [*MODULES, *ROOT.glob("cli/*.py"), ROOT / "extensions" / "entry.py"]
        if path not in allowed
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and node.value in spelled
    ]
    assert found == []


def test_a_class_name_stands_for_one_thing() -> None:
    names = Counter(
        node.name
        for folder in (PACKAGE, PACKAGE.parents[1] / "cli")
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    assert len(names) > 100
    assert [name for name, often in names.items() if often > 1] == []
