"""What is set up for the whole repository holds for all of it."""

from __future__ import annotations

import tomllib
from typing import Any

import yaml

from tests.__main__ import CHECKS
from tests.conftest import ROOT, git


def test_every_package_is_distributed() -> None:
    setup = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extensions = ROOT / "extensions"
    found = {
        ".".join(path.parent.relative_to(extensions).parts)
        for path in extensions.rglob("__init__.py")
    }

    assert set(setup["tool"]["setuptools"]["packages"]) == found | {"storage_conductor_cli"}


def test_types_are_checked_in_every_file() -> None:
    setup = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    listed = git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard", "*.py")
    checked = tuple(setup["tool"]["mypy"]["files"])
    assert [name for name in listed.splitlines() if not name.startswith(checked)] == []
    assert ("mypy",) in CHECKS


def test_the_versions_of_python_and_copier_are_the_same_everywhere() -> None:
    setup = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project, jobs = setup["project"], workflow()["jobs"]
    offered = jobs["tests"]["strategy"]["matrix"]["python"]
    named = [text.partition("Python :: ")[2] for text in project["classifiers"]]
    assert named == offered
    assert project["requires-python"] == f">={offered[0]}"
    (lowest,) = [step for step in jobs["lowest"]["steps"] if "setup-python" in step.get("uses", "")]
    assert lowest["with"]["python-version"] == offered[0]
    assert setup["tool"]["mypy"]["python_version"] == offered[0]
    copier = yaml.safe_load((ROOT / "copier.yml").read_text(encoding="utf-8"))
    assert f"copier>={copier['_min_copier_version']}" in project["dependencies"]


def workflow() -> dict[str, Any]:
    """Return what the service for continuous integration runs."""
    text = (ROOT / ".github" / "workflows" / "tests.yml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found
