"""The index of the repository that a track is in, read and written through git itself."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors import ConductorError

BASE, OURS, THEIRS = 1, 2, 3


@dataclass(frozen=True)
class Entry:
    """An entry of the index.

    Args:
        path: From the top of the repository, with forward slashes.
        mode: The file mode, in octal digits.
        blob: The object id of the content.
        stage: 0, or 1 to 3 where the file is unmerged.
    """

    path: str
    mode: str
    blob: str
    stage: int

    @property
    def name(self) -> str:
        """The name of the file."""
        return self.path.rpartition("/")[2]


def entries(folder: Path, names: Iterable[str]) -> list[Entry]:
    """List what the index holds of files in a folder.

    Raises:
        ConductorError: Git fails.
    """
    return _entries(folder, "--", *names) if names else []


def unmerged(folder: Path) -> list[Entry]:
    """List the unmerged entries of the whole repository that a folder is in.

    Raises:
        ConductorError: Git fails.
    """
    return _entries(folder, "--unmerged", "--", ":/")


def _entries(folder: Path, *arguments: str) -> list[Entry]:
    listed = _git(folder, "ls-files", "--stage", "--full-name", "-z", *arguments)
    found = []
    for line in filter(None, listed.split("\0")):
        facts, path = line.split("\t", 1)
        mode, blob, stage = facts.split(" ")
        found.append(Entry(path, mode, blob, int(stage)))
    return found


def content(folder: Path, blob: str) -> str:
    """Return the text of an object.

    Raises:
        ConductorError: Git fails.
    """
    return _git(folder, "cat-file", "blob", blob)


def resolve(folder: Path, resolved: Iterable[Entry]) -> None:
    """Let the index hold one version of files again, as it does after a merge without conflict.

    Args:
        folder: Any folder in the repository.
        resolved: The version of each file that the index is to hold.

    Raises:
        ConductorError: Git fails.
    """
    lines = []
    for entry in resolved:
        lines += [_removal(entry), f"{entry.mode} {entry.blob} 0\t{entry.path}"]
    _update(folder, lines)


def mark_unmerged(folder: Path, ours: Entry, others: Mapping[int, str]) -> None:
    """Record three versions of a file, so that git treats it as a conflict.

    Args:
        folder: Any folder in the repository.
        ours: The version before the update.
        others: The texts of the other two versions by stage.

    Raises:
        ConductorError: Git fails.
    """
    lines = [_removal(ours), f"{ours.mode} {ours.blob} {OURS}\t{ours.path}"]
    for stage, text in others.items():
        blob = _git(folder, "hash-object", "-w", "--stdin", given=text).strip()
        lines.append(f"{ours.mode} {blob} {stage}\t{ours.path}")
    _update(folder, lines)


def _removal(entry: Entry) -> str:
    return f"0 {'0' * len(entry.blob)}\t{entry.path}"


def _update(folder: Path, lines: list[str]) -> None:
    if lines:
        given = "".join(f"{line}\0" for line in lines)
        _git(folder, "update-index", "-z", "--index-info", given=given)


def _git(folder: Path, *arguments: str, given: str = "") -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments],  # noqa: S607 - the git that Copier uses
            input=given.encode(),
            capture_output=True,
            check=True,
        )
        return done.stdout.decode()
    except (OSError, UnicodeDecodeError) as error:
        reason = str(error)
    except subprocess.CalledProcessError as error:
        reason = error.stderr.decode(errors="replace").strip()
    raise ConductorError(
        f"git {arguments[0]} failed: {reason}", path=folder, remedy="Mend the repository."
    )
