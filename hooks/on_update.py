"""The hooks of `copier update`, before the new version is rendered and after Copier's own merge."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from storage_conductor.for_copier.hooks import Run


def before(run: Run) -> Iterable[str]:
    """Make sure that the update can end well, and read the project's documents again."""
    return run.begin_update()


def after(run: Run) -> Iterable[str]:
    """Put the track's own merge in place of Copier's; return what a person should know."""
    return run.finish_update()
