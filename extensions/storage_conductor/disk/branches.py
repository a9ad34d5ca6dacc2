"""What lies in a folder on the branches that a repository knows."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from ..errors import ConductorError
from . import files, git

# A new track must not wait for this.
_SECONDS = 10
# Of a file that holds one path.
_BYTES = 1 << 16


def names_on_branches(project: Path, folder: PurePosixPath) -> Iterator[tuple[str, str]]:
    """Yield the names in a folder on all branches, each with a branch; on local branches last.

    Args:
        project: A folder of the repository.
        folder: The folder, from `project`.

    Raises:
        ConductorError: Git fails, or there is no repository.
        OSError: Git ended before it had said all.
        ValueError: Git said something else than it is known to say.
    """
    options = ("--show-prefix", "--symbolic-full-name", "--remotes", "--branches")
    said = os.fsencode(git.run(project, "rev-parse", *options, seconds=_SECONDS))
    prefix, *rest = said.splitlines()
    refs = [ref for ref in dict.fromkeys(rest) if ref.startswith(b"refs/")]
    *above, last = [part.encode() for part in folder.parts]
    with git.conversation(project, "cat-file", "--batch", seconds=_SECONDS) as pipes:
        seen: set[bytes] = set()
        for ref in refs:
            tree = _tree(*pipes, ref + b":" + prefix + b"/".join(above)).get(last)
            # Many branches hold the same tree.
            if tree is None or tree in seen:
                continue
            seen.add(tree)
            branch = ref.decode("utf-8", "replace").split("/", 2)[2]
            for name in _tree(*pipes, tree):
                yield name.decode("utf-8", "replace"), branch


def is_in_repository(project: Path) -> bool:
    """Tell whether a repository is there, whether or not git agrees to read it."""
    return top_of(project) is not None


def git_folder(project: Path) -> tuple[Path, Path] | None:
    """Return the top of the working tree that a project lies in, and git's own folder for it.

    A linked worktree and a submodule have a folder of their own, which a file `.git` names:
    https://git-scm.com/docs/gitrepository-layout.
    """
    top = top_of(project)
    if top is None or (top / ".git").is_dir():
        return None if top is None else (top, top / ".git")
    with contextlib.suppress(ConductorError, OSError, ValueError):
        text = _line(top / ".git").removeprefix("gitdir:").strip()
        return top, Path(os.path.normpath(top / text))
    return None


def refuse_lock(project: Path) -> None:
    """Make sure that git can write its index, before something asks it to half-way.

    Raises:
        ConductorError: Another git is at work, or was killed.
    """
    found = git_folder(project)
    if found is not None and (lock := found[1] / "index.lock").exists():
        raise ConductorError(
            "is there, so git refuses to work",
            path=lock,
            remedy="Wait for the git that is at work; if there is none, delete this file.",
        )


def common_folder(project: Path) -> Path | None:
    """Return the folder that all linked worktrees of a repository share; None without a repository.

    It is read from the files that gitrepository-layout(5) and git-worktree(1) describe, since a
    process of git takes longer than that.
    """
    found = git_folder(project)
    if found is None or found[1] == found[0] / ".git":
        return None if found is None else found[1]
    with contextlib.suppress(ConductorError, OSError, ValueError):
        shared = Path(os.path.normpath(found[1] / _line(found[1] / "commondir")))
        return shared if shared.is_dir() else None
    return None


def _line(path: Path) -> str:
    """Read a short file of git's own."""
    return files.read_regular(path, _BYTES).decode("utf-8").strip()


def other_worktrees(project: Path) -> list[Path]:
    """List where a project lies in the other worktrees of its repository."""
    common, top = common_folder(project), top_of(project)
    if common is None or top is None:
        return []
    found = [common.parent] if common.name == ".git" else []
    with contextlib.suppress(OSError):
        for linked in sorted((common / "worktrees").iterdir()):
            with contextlib.suppress(ConductorError, OSError, ValueError):
                found.append(Path(_line(linked / "gitdir")).parent)
    inner = project.absolute().relative_to(top)
    return [tree / inner for tree in found if tree.is_dir() and not tree.samefile(top)]


def top_of(project: Path) -> Path | None:
    """Return the top of the working tree that a project lies in."""
    upwards = (project.absolute(), *project.absolute().parents)
    return next((folder for folder in upwards if os.path.lexists(folder / ".git")), None)


def _tree(asked: IO[bytes], answered: IO[bytes], name: bytes) -> dict[bytes, bytes]:
    """Return the entries of a tree with their object ids; none when there is no such tree.

    The format is that of `git cat-file --batch`: a line `<id> <type> <size>`, the content, a line
    feed; the content of a tree is `<mode> <name>`, NUL and the binary id for each entry.
    """
    asked.write(name + b"\n")
    asked.flush()
    found = answered.readline().split()
    if len(found) != 3 or not found[2].isdigit():
        return {}
    content = answered.read(int(found[2]))
    answered.read(1)
    if found[1] != b"tree":
        return {}
    width = len(found[0]) // 2
    entries: dict[bytes, bytes] = {}
    at = 0
    while at < len(content):
        end = content.index(b"\0", at)
        after = end + 1 + width
        entries[content[at:end].partition(b" ")[2]] = content[end + 1 : after].hex().encode()
        at = after
    return entries
