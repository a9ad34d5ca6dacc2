"""The hook of `copier copy`: starter documents, the validation of the track, the registry's row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any


def after(package: Callable[[str], Any], context: Mapping[str, Any]) -> Iterable[str]:
    """Land the track that was just rendered.

    Args:
        package: Returns a module of the template's package.
        context: What templates know.

    Returns:
        What a person should know.
    """
    project = Path(context["_copier_conf"]["dst_path"])
    notes: Iterable[str] = package("update.new_track").land(project, context["storage_id"])
    return notes
