"""What a report is of: the project's name, and the state of its tracks.

Nothing asks for the clock, so that the same tracks give the same pages.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from markupsafe import Markup, escape

from ..context import read_context
from ..disk import git, places
from ..errors import ConductorError
from ..review.status import Standing

_SECONDS = 20.0


class Edition(NamedTuple):
    """What a report is of.

    Args:
        name: The project's name.
        state: Which state of the tracks is shown, as it stands after the name; may be empty.
    """

    name: str
    state: str


IN_PLACE = Edition(Markup("<!--project-->"), Markup("<!--state-->"))
"""What stands in a kept page for the edition, which may have changed since it was drawn."""


def put(edition: Edition, page: bytes) -> bytes:
    """Return a page that was kept, with the edition in its place."""
    for mark, text in zip(IN_PLACE, edition, strict=True):
        page = page.replace(mark.encode(), str(escape(text)).encode(errors="replace"))
    return page


def read(project: Path, standings: Iterable[Standing]) -> Edition:
    """Return what a report of a project is of.

    The name is that of `product.md`, else that of the project's folder. The state is the last
    commit of the tracks and documents, else the last change that a track records.

    Args:
        project: The folder that holds `storage-conductor`.
        standings: Where its tracks stand.
    """
    return Edition(_name(project), _commit(project) or _changed(standings))


def _name(project: Path) -> str:
    with contextlib.suppress(ConductorError):
        found = read_context(project).product.name
        if found is not None and found.value:
            return found.value
    return project.resolve().name


def _commit(project: Path) -> str:
    asked = ("log", "-1", "--no-show-signature", "--format=%cs, commit %h", "--", places.HOME)
    try:
        found = git.run(project, *asked, seconds=_SECONDS).strip()
        changed = found and git.uncommitted(project, [places.HOME])
    except ConductorError:
        return ""
    if not found:
        return ""
    return f"as of {found}{' and changes that are not committed' if changed else ''}"


def _changed(standings: Iterable[Standing]) -> str:
    last = max((item.track.text("updated")[:10] for item in standings), default="")
    return f"last changed {last}" if last else ""
