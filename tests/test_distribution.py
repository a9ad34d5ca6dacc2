"""The distribution holds every package of the repository."""

from __future__ import annotations

import tomllib

from tests.conftest import ROOT


def test_every_package_is_distributed() -> None:
    setup = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extensions = ROOT / "extensions"
    found = {
        ".".join(path.parent.relative_to(extensions).parts)
        for path in extensions.rglob("__init__.py")
    }

    assert set(setup["tool"]["setuptools"]["packages"]) == found | {"storage_conductor_cli"}
