"""What evidence holds for, as digests: a change of it, and no date, makes evidence out of date."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ..disk import files
from ..errors import ConductorError
from ..proof.subject import Subject
from .own_checks import OwnCheck

_MOST_FILES = 20_000


def of_text(text: str) -> str:
    """Return the digest of a text."""
    return f"sha256:{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"


def of_draft(subject: Subject) -> dict[str, str]:
    """Return what a proof or a comparison covers: what the draft of a store promises.

    Words of the template are no part of it, so that a new version of them keeps evidence.
    """
    design = subject.design
    parts = {
        "store": subject.backend.key,
        "draft": [(item.kind, item.text) for item in design.artifacts],
        "patterns": [(row.name, row.served_by, row.cost) for row in design.patterns],
        "indexes": [(row.name, row.table, row.columns, row.kind) for row in design.indexes],
        "rules": [(case.entity, case.title, case.enforced_by) for case in design.constraints],
        "keys": [asdict(row) for row in design.keys],
    }
    return {f"draft of {subject.backend.key}": of_text(_plain(parts))}


def of_own(project: Path, name: str, check: OwnCheck) -> dict[str, str]:
    """Return what a check of the project's own covers: itself, and the files that it names.

    Raises:
        ConductorError: A file cannot be read, or there are too many.
    """
    found = {f"check {name}": of_text(check.model_dump_json(exclude={"tasks", "seconds"}))}
    return found | {pattern: _of_files(project, pattern) for pattern in check.covers}


def _of_files(project: Path, pattern: str) -> str:
    listed = [(name, _of_file(project / name)) for name in _matching(project, pattern)]
    return of_text(_plain(listed))


def _matching(project: Path, pattern: str) -> list[str]:
    """List the files of a project that a pattern means, without git's own.

    Raises:
        ConductorError: There are none, or too many.
    """
    found = []
    for path in _below(project, pattern):
        if path.is_file() and not path.is_symlink():
            found.append(path.relative_to(project).as_posix())
        if len(found) > _MOST_FILES:
            raise ConductorError(
                f"`covers` {pattern!r} means more than {_MOST_FILES:,} files",
                remedy="Name the folders that the check is about.",
            )
    if not found:
        raise ConductorError(
            f"`covers` {pattern!r} means no file",
            remedy="Name files of the project, from its folder.",
        )
    return sorted(set(found))


def _below(project: Path, pattern: str) -> Iterator[Path]:
    # What ends in `**` means folders alone until Python 3.13.
    whole = f"{pattern}/*" if pattern.endswith("**") else pattern
    for path in project.glob(whole):
        if ".git" not in path.relative_to(project).parts and not files.leads_out(path, project):
            yield path


def _of_file(path: Path) -> str:
    return hashlib.sha256(files.read_regular(path)).hexdigest()


def _plain(value: Any) -> str:
    return json.dumps(value, default=str, sort_keys=True)
