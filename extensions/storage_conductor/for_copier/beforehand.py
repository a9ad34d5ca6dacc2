"""What Copier takes as answered before it asks: given by a person, or recorded beside the track.

Copier hands the answers to no function, so the question that is being computed is looked up among
its callers. Where that finds nothing, the answers stay as they are and are only checked.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any

from ..disk import git
from ..errors import ConductorError
from ..questions import given

Answers = MutableMapping[str, Any]


def tidy(data: Answers, *, starting: bool) -> None:
    """Put given answers into the form in which Copier can read each of them.

    Args:
        data: What was given, as Copier's settings show it; changed in place.
        starting: Whether a new track is made. Then nothing can have been recorded for it: what
            Copier found in the project's root belongs to another template.
    """
    found = _answers()
    for answers in (data, *([found.init] if found else [])):
        tidied = given.tidy(answers)
        answers.clear()
        answers.update(tidied)
    if found and starting:
        found.last.clear()
    elif found and "alternatives" not in found.init:
        left = given.left_open(found.init, found.last)
        if left is not None:
            found.init["alternatives"] = left


def _answers() -> Any:
    """Return Copier's map of the answers by origin, `init` and `last` among them, or None."""
    frame = sys._getframe()
    while frame := frame.f_back:  # type: ignore[assignment]
        found = getattr(frame.f_locals.get("self"), "answers", None)
        if all(isinstance(getattr(found, name, None), dict) for name in ("init", "last")):
            return found
    return None


def check_version(conf: Mapping[str, Any], recorded: Mapping[str, Any]) -> None:
    """Make sure that Copier read the template as git has it, so that a track can be updated.

    Args:
        conf: Copier's settings.
        recorded: What will be recorded, `_commit` among it.

    Raises:
        ConductorError: The template is a repository, or a version of it was asked for, and Copier
            takes it for a plain folder.
    """
    if recorded.get("_commit"):
        return
    folder = Path(conf["src_path"])
    if (folder / ".git").exists():
        try:
            git.run(folder, "rev-parse", "--show-toplevel")
            reason = "git does not show it as a repository"
        except ConductorError as error:
            reason = error.message
        raise ConductorError(
            f"the template's version cannot be read, so that no update could follow: {reason}",
            path=folder,
            remedy="Install git, or allow the folder by"
            f" `git config --global --add safe.directory {folder}`, and run the same again.",
        )
    if conf["vcs_ref"] not in (None, "HEAD"):
        raise ConductorError(
            f"is no git repository, so that it has no version {conf['vcs_ref']!r}",
            path=folder,
            remedy="Leave the version out, or give the repository.",
        )
