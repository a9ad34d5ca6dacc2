"""What is set up for the whole repository holds for all of it."""

from __future__ import annotations

import tomllib

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
