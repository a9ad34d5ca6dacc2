"""The hooks of `copier update`, before the new version is rendered and after Copier's own merge."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

# What `before` began and `after` ends.
_begun: list[Any] = []


def before(package: Callable[[str], Any], context: Mapping[str, Any]) -> Iterable[str]:
    """Make sure that the update can end well, and read the project's documents again.

    Args:
        package: Returns a module of the new version's package.
        context: What templates know.

    Returns:
        Nothing that a person should know.
    """
    conf = context["_copier_conf"]
    project, answers_file = Path(conf["dst_path"]), Path(conf["answers_file"])
    base = package("update.renders").take_old(project, answers_file.parent.name)
    _begun[:] = [package("update.one_track").begin(project, answers_file, base)]
    return ()


def after(package: Callable[[str], Any], context: Mapping[str, Any]) -> Iterable[str]:
    """Put the track's own merge in place of Copier's, and bring the registry up to date.

    Args:
        package: Returns a module of the new version's package.
        context: What templates know.

    Returns:
        What a person should know, the conflicts among it.
    """
    if not _begun:
        return ()
    update = _begun.pop()
    theirs = package("update.renders").take_new(update.storage_id)
    reject = context["_copier_conf"]["conflict"] == "rej"
    notes: Iterable[str] = package("update.one_track").finish(update, theirs, reject=reject)
    return notes
