"""What a version of a template says in its copier.yml, beside the questions."""

from __future__ import annotations

import contextlib
import copy
import functools
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml
from packaging.version import InvalidVersion, Version

_SINCE_TAG = re.compile(r"-\d+-g[0-9a-f]+$")


def pending_migration(folder: Path, old: str, new: str) -> str | None:
    """Return a version whose migration Copier would run between two, None where there is none.

    Args:
        folder: The files of the newer version.
        old: The name of the older version.
        new: The name of the newer one.
    """
    before, after = _version(old), _version(new)
    for named in _migrations(folder):
        version = _version(named)
        is_due = version is None or before is None or before < version
        if is_due and (version is None or after is None or version <= after):
            return named
    return None


class _Settings(yaml.SafeLoader):
    """Reads a template's settings without what they include, which is Copier's to read."""


_Settings.add_multi_constructor("!", lambda *_: None)


@functools.cache
def _migrations(folder: Path) -> tuple[str, ...]:
    """Return the versions that the migrations of a template are for."""
    found: list[str] = []
    for path in sorted(folder.glob("copier.y*ml")):
        for part in yaml.load_all(path.read_text(encoding="utf-8"), _Settings):
            declared = part.get("_migrations") if isinstance(part, dict) else None
            found += [
                str(item["version"])
                for item in declared or ()
                if isinstance(item, dict) and "version" in item
            ]
    return tuple(found)


def _version(name: str) -> Version | None:
    """Return the version of what `git describe` says, as of its tag; None without a tag."""
    try:
        return Version(_SINCE_TAG.sub("", name))
    except InvalidVersion:
        return None


@contextlib.contextmanager
def settings_read_once(known: dict[Path, dict[str, Any]]) -> Iterator[None]:
    """Let Copier parse the settings of a version once, instead of once for each track.

    It does that by a parser in Python, which takes a quarter of a refresh. A Copier that has
    another function for it does as ever.

    Args:
        known: What was parsed before, by path; the files do not change meanwhile.
    """
    from copier import _template

    read: Callable[..., dict[str, Any]] | None = getattr(_template, "load_template_config", None)
    if read is None:
        yield
        return

    def remembered(conf_path: Path, quiet: bool = False) -> dict[str, Any]:
        if conf_path not in known:
            known[conf_path] = read(conf_path, quiet)
        return copy.deepcopy(known[conf_path])

    _template.load_template_config = remembered
    try:
        yield
    finally:
        _template.load_template_config = read
