"""The manifest: which files were installed, as they were, so that what a person changed is seen."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path

from ..disk import files, places, writing
from ..errors import ConductorError
from .forms import FORMS


@dataclass
class Manifest:
    """What was installed.

    Args:
        assistants: The assistants, by name.
        files: The hash of each installed file, by its path from the project.
        blocks: The hash of the block in each file, by the file's path.
        joints: What was written before each block, to be removed with it.
    """

    assistants: list[str] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    blocks: dict[str, str] = field(default_factory=dict)
    joints: dict[str, str] = field(default_factory=dict)

    def holds_anything(self) -> bool:
        """Tell whether something is installed, or was left when the rest was removed."""
        return bool(self.assistants or self.files or self.blocks)


def read(project: Path) -> Manifest:
    """Read the manifest of a project; an empty one where there is none.

    Raises:
        ConductorError: It cannot be read.
    """
    path = project / places.ASSISTANTS
    if not path.exists():
        return Manifest()
    try:
        data = json.loads(files.read_text(path))
        names, *maps = (data[key] for key in ("assistants", "files", "blocks", "joints"))
        if not set(names) <= set(FORMS) or not all(map(_is_ours, maps)):
            raise ValueError
        return Manifest(list(names), *maps)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ConductorError(
            "is no manifest of assistants' files",
            path=path,
            line=1,
            remedy="Restore it from git, or delete it; then files that differ are left alone.",
        ) from error


def _is_ours(found: object) -> bool:
    """Tell whether a mapping holds texts by paths that are written here, and no others."""
    return isinstance(found, dict) and all(
        isinstance(text, str) and any(form.is_path(path) for form in FORMS.values())
        for path, text in found.items()
    )


def write(project: Path, manifest: Manifest) -> None:
    """Write the manifest, or remove it where nothing is installed or left.

    Raises:
        ConductorError: It cannot be written.
    """
    path = project / places.ASSISTANTS
    if not manifest.holds_anything():
        writing.remove(path)
        return
    text = json.dumps(vars(manifest), indent=2, sort_keys=True) + "\n"
    if not path.exists() or files.read_text(path) != text:
        writing.write_atomic(path, text)


def digest(text: str) -> str:
    """Return the hash of a text, whatever line ends git gave it on this machine."""
    return hashlib.sha256(text.replace("\r\n", "\n").encode("utf-8")).hexdigest()
