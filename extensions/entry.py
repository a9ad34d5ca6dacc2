"""Entry point for Copier: loads this version's package and lets it register what it offers.

Copier executes this file afresh for each template version, but keeps imported modules. The package
is therefore loaded under a name of its own for each folder, so that an update renders the old
version with the old code and the new version with the new code, whatever else is installed. To a
reader and to mypy it is `storage_conductor`, of this very folder.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import hashlib
import importlib
import importlib.util
import marshal
import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, Any

from copier.errors import UserMessageError
from jinja2 import Environment
from jinja2.ext import Extension

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "extensions" / "storage_conductor"
HOOKS = ROOT / "hooks"
# New objects between two searches for garbage. By default these are 700, and a copy makes a hundred
# times as many: each search visits what Copier has loaded, and finds next to nothing.
_UNSEARCHED = 50_000


class StorageConductor(Extension):
    """Makes the functions of `for_copier` globals of an environment, and its filters filters."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        gc.set_threshold(max(_UNSEARCHED, gc.get_threshold()[0]))
        if TYPE_CHECKING:
            from hooks import on_copy, on_update

            from storage_conductor import for_copier
        else:
            for_copier = _imported("for_copier")
            on_copy, on_update = _hook("on_copy"), _hook("on_update")
        hooks = for_copier.Hooks(on_copy.after, on_update.before, on_update.after)
        for_copier.register(environment, hooks)


def _imported(name: str) -> ModuleType:
    """Import a module of this version's package."""
    alias = _alias()
    if alias not in sys.modules or not Path(str(sys.modules[alias].__file__)).exists():
        _load(alias)
    return importlib.import_module(f"{alias}.{name}")


def _hook(name: str) -> ModuleType:
    """Return a file of the folder `hooks` as a module of this version."""
    alias = f"{_alias()}.{name}"
    return sys.modules.get(alias) or _executed(alias, HOOKS / f"{name}.py")


@functools.cache
def _alias() -> str:
    """Return a name for the package that is its own for each version.

    Copier clones one version several times in an update. Those clones share what was imported; they
    are known by their commit, because Copier commits a template's pending changes in its clone.
    """
    version = str(PACKAGE)
    with contextlib.suppress(OSError):
        folder = ROOT / ".git"
        if folder.is_file():
            folder = ROOT / folder.read_text(encoding="utf-8").removeprefix("gitdir: ").strip()
        head = (folder / "HEAD").read_text(encoding="utf-8").strip()
        version = version if head.startswith("ref: ") else head
    return f"storage_conductor_{hashlib.sha256(version.encode()).hexdigest()[:16]}"


def _load(alias: str) -> None:
    """Import the package anew; Copier may have removed the clone that it was imported from."""
    for name in [name for name in sys.modules if name.partition(".")[0] == alias]:
        del sys.modules[name]
    others = [each for each in sys.meta_path if getattr(each, "alias", None) != alias]
    sys.meta_path[:] = [_Finder(alias), *others]
    # Known before the package is, so that the package itself is taken from the cache.
    _executed(f"{alias}.disk.cache_folder", PACKAGE / "disk" / "cache_folder.py")
    _executed(alias, PACKAGE / "__init__.py", submodule_search_locations=[str(PACKAGE)])


def _executed(name: str, path: Path, **package: Any) -> ModuleType:
    """Execute a file of this template as the module of that name."""
    loader = _Loader(name, str(path))
    spec = importlib.util.spec_from_file_location(name, path, loader=loader, **package)
    if spec is None or not path.is_file():
        raise UserMessageError(f"The template is incomplete: {path} is missing.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    loader.exec_module(module)
    return module


class _Finder:
    """Finds the modules of the package under one alias, where nothing else has to look for them."""

    def __init__(self, alias: str) -> None:
        self.alias = alias

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return where a module is, as Python asks each finder; None if it is none of these."""
        del path, target
        alias, *parts = name.split(".")
        if alias != self.alias:
            return None
        place = PACKAGE.joinpath(*parts)
        package = [str(place)] if place.is_dir() else None
        file = place / "__init__.py" if package else place.with_name(f"{place.name}.py")
        if not file.is_file():
            return None
        return importlib.util.spec_from_file_location(
            name, file, loader=_Loader(name, str(file)), submodule_search_locations=package
        )


class _Loader(SourceFileLoader):
    """Loads modules whose code is known by the name and the content of the source alone.

    Copier clones a template into a new folder each time, where Python would compile all anew. It is
    kept also where PYTHONDONTWRITEBYTECODE is set, as in many containers: that speaks of files
    beside the sources, and compiling all of them takes as long as the rest of a copy.
    """

    def get_code(self, fullname: str) -> CodeType:
        """Return the code of a module; kept code that is damaged counts as none."""
        del fullname
        source = self.get_data(self.path)
        # The clone will be gone when a traceback is read.
        name = self.path.removeprefix(f"{ROOT}{os.sep}")
        kept = _kept(name, source)
        if kept is not None:
            with contextlib.suppress(EOFError, OSError, TypeError, ValueError):
                code = marshal.loads(self.get_data(kept))  # noqa: S302 - the folder is private
                if isinstance(code, CodeType):
                    return code
        code = self.source_to_code(source, name)
        if kept is not None:
            self.set_data(kept, marshal.dumps(code), _mode=0o600)
        return code


def _kept(name: str, source: bytes) -> str | None:
    """Return the file in which the code of a source is kept; None where nothing is."""
    decided = sys.modules.get(f"{_alias()}.disk.cache_folder")
    folder = getattr(decided, "folder", lambda: None)()
    if folder is None:
        return None
    head = f"{sys.flags.optimize} {name}\0".encode()
    digest = hashlib.sha256(MAGIC_NUMBER + head + source)
    return f"{folder}{os.sep}{digest.hexdigest()}.code"
