"""The hook of `copier copy`: starter documents, the validation of the track, the registry's row."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from storage_conductor.for_copier.hooks import Run


def after(run: Run) -> Iterable[str]:
    """Land the track that was just rendered; return what a person should know."""
    return run.land()
