"""A clone of a template's repository, and its versions as plain folders."""

from __future__ import annotations

from pathlib import Path

from ..errors import ConductorError
from . import address, git

# A large template over a slow line.
_SECONDS = 900


class Clone:
    """A repository without a work tree.

    Args:
        source: Where it is cloned from; a relative folder starts at the working directory.
        folder: The folder to be made for it; its own parent must exist.

    Raises:
        ConductorError: The address is none that git is given, or it cannot be cloned.
    """

    def __init__(self, source: str, folder: Path) -> None:
        self._folder = folder
        options = ("--quiet", "--bare", "--", address.expanded(source, Path()), str(folder))
        # Not in a project, where a folder could have the name of a server.
        git.run(folder.parent, "clone", *options, network=True, seconds=_SECONDS)

    def tags(self) -> list[str]:
        """List the names of all tags.

        Raises:
            ConductorError: Git fails.
        """
        return self._git("for-each-ref", "--format=%(refname:strip=2)", "refs/tags").splitlines()

    def commit(self, ref: str) -> str | None:
        """Return the commit that a tag, branch or commit names, None where there is none."""
        wanted = f"{ref}^{{commit}}"
        try:
            said = self._git("rev-parse", "--verify", "--quiet", "--end-of-options", wanted)
        except ConductorError:
            return None
        return said.splitlines()[-1]

    def name(self, commit: str) -> str:
        """Return the name of a commit by the tag before it, as Copier records it.

        Raises:
            ConductorError: Git fails.
        """
        return self._git("describe", "--tags", "--always", commit).strip()

    def contains(self, newer: str, older: str) -> bool:
        """Tell whether a commit has another one among its ancestors, or is that one.

        Raises:
            ConductorError: Git fails.
        """
        only_in_older = ("rev-list", "--count", "--max-count=1", older, f"^{newer}")
        return self._git(*only_in_older).strip() == "0"

    def check_out(self, commit: str, folder: Path) -> None:
        """Write the files of a commit, those of its submodules too, into a new folder.

        Raises:
            ConductorError: Git fails.
        """
        self._git("worktree", "add", "--quiet", "--force", "--detach", str(folder), commit)
        if (folder / ".gitmodules").exists():
            options = ("--quiet", "update", "--init", "--recursive")
            git.run(folder, "submodule", *options, network=True, seconds=_SECONDS)
        (folder / ".git").unlink()

    def _git(self, *arguments: str) -> str:
        # Named, because git can be told not to find a bare repository by itself.
        return git.run(self._folder, "--git-dir", str(self._folder), *arguments)
