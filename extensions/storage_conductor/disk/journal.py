"""What stood in a folder before a run changed it, kept in git's own folder until the run is done.

A process that is killed then leaves word of where it came from: a later one finds out whether
everything is as it was, goes back by itself where that loses nothing, or says how to go back.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from ..errors import ConductorError
from . import files, git, places, writing
from .branches import git_folder

Texts = Mapping[str, str | None]
_FOLDER = f"{places.HOME}/unfinished"


@dataclass(frozen=True)
class Journal:
    """What a run that has not ended began with.

    Args:
        path: The journal's own file.
        folder: The folder that the run changes.
        place: That folder from the top of the repository, with forward slashes.
        command: The command, as a person knows it.
        commit: The commit that the working tree was on; empty before the first.
        before: The text of each file by its name in the folder; None for one that was not there.
        known: What else the run itself may have left in the files, by name.
    """

    path: Path
    folder: Path
    place: str
    command: str
    commit: str
    before: Texts
    known: Mapping[str, list[str]]

    def is_half_done(self) -> bool:
        """Tell whether the run has begun to write.

        What a person changed before it did, or after going back, is no sign of it.
        """
        return any(
            found != self.before[name] and self._is_known(name, found)
            for name in self.before
            if (found := _text(self.folder / name)) is not None
        )

    def is_untouched(self) -> bool:
        """Tell whether nobody but the run has changed a file since, so that going back is safe."""
        return all(
            found in (before, None) or self._is_known(name, found)
            for name, before in self.before.items()
            for found in [_text(self.folder / name)]
        )

    def _is_known(self, name: str, found: str | None) -> bool:
        """Tell whether the run left a text, or the beginning of one that it was writing."""
        return any(text.startswith(found or "") for text in self.known.get(name, ()))

    def expect(self, after: Texts) -> Journal:
        """Record what the files hold now and what they are about to hold.

        Raises:
            ConductorError: The journal cannot be written.
        """
        known = {name: list(texts) for name, texts in self.known.items()}
        for name, before in self.before.items():
            for text in (_text(self.folder / name), after.get(name)):
                if text is not None and text != before and text not in known.setdefault(name, []):
                    known[name].append(text)
        new = dataclasses.replace(self, known=known)
        new.write()
        return new

    def write(self) -> None:
        """Write the journal.

        Raises:
            ConductorError: It cannot be written.
        """
        data = {name: value for name, value in vars(self).items() if name not in ("path", "folder")}
        writing.write_atomic(self.path, json.dumps(data))

    def go_back(self) -> None:
        """Restore every file, and its entry in git's index; the journal stays.

        Raises:
            ConductorError: A file cannot be written, or git fails.
        """
        for name, text in self.before.items():
            path = self.folder / name
            if text is None:
                writing.remove(path)
            elif _text(path) != text:
                writing.write_atomic(path, text)
        ours = (entry for entry in self._unmerged() if entry.stage == git.OURS)
        git.resolve(
            self.folder, [git.IndexEntry(each.path, each.mode, each.blob, 0) for each in ours]
        )

    def end(self) -> None:
        """Forget the run: it is done, or undone.

        Raises:
            ConductorError: The journal cannot be removed.
        """
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            reason = error.strerror or str(error)
            raise ConductorError(
                f"cannot be removed: {reason}", path=self.path, remedy="Delete this file."
            ) from error

    def by_hand(self) -> str:
        """Return how a person goes back, as a sentence."""
        source = [f"--source={self.commit}"] if self.commit else []
        kept = [f":/{self.place}/{name}" for name, text in self.before.items() if text is not None]
        command = ["git", "restore", *source, "--staged", "--worktree", "--", *kept]
        said = f"Go back by `{shlex.join(command)}`"
        new = [self.folder / name for name, text in self.before.items() if text is None]
        if added := [str(path) for path in new if path.exists()]:
            said += f", delete {', '.join(added)}"
        lock = self.path.parents[2] / "index.lock"
        if lock.exists():
            said = f"Delete {lock}, which a killed git left. {said}"
        return (
            f"{said}, and repeat the command. If the files are right as they are, delete"
            f" {self.path} instead."
        )

    def _unmerged(self) -> list[git.IndexEntry]:
        return [entry for entry in git.entries(self.folder, self.before) if entry.stage]


def begin(folder: Path, command: str, before: Texts) -> Journal:
    """Start a journal; one of an earlier run of the same folder is replaced.

    Args:
        folder: The folder that is about to be changed, in a working tree of git.
        command: The command, as a person knows it.
        before: The text of each file that may change, by its name in the folder; None for one that
            is not there.

    Raises:
        ConductorError: There is no repository, or the journal cannot be written.
    """
    folder = folder.resolve()
    found = git_folder(folder)
    if found is None:
        raise ConductorError(
            "lies in no git repository", path=folder, remedy="Run `git init` and commit first."
        )
    top, own = found
    place = folder.relative_to(top).as_posix()
    commit = ""
    with contextlib.suppress(ConductorError):  # no commit yet
        commit = git.run(folder, "rev-parse", "--verify", "--quiet", "HEAD").strip()
    path = own / _FOLDER / f"{hashlib.sha256(place.encode()).hexdigest()[:32]}.json"
    new = Journal(path, folder, place, command, commit, before, {})
    new.write()
    return new


def unfinished(above: Path) -> Iterator[Journal]:
    """Yield what runs that were killed left half-done in the folders of a folder.

    A journal without a trace in the files does not count: the kill came before the first change,
    or a person went back.

    Raises:
        ConductorError: A journal is damaged, or git fails.
    """
    above = above.resolve()
    found = git_folder(above)
    if found is None or not (found[1] / _FOLDER).is_dir():
        return
    for path in sorted((found[1] / _FOLDER).glob("*.json")):
        each = _read(path, found[0])
        if each.folder.parent == above and each.folder.is_dir() and each.is_half_done():
            yield each


def _read(path: Path, top: Path) -> Journal:
    try:
        data: dict[str, Any] = json.loads(files.read_text(path))
        _check(data)
        return Journal(path=path, folder=top / PurePosixPath(data["place"]), **data)
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
        raise ConductorError(
            "is damaged, so a run that was killed cannot be told",
            path=path,
            remedy="Delete this file, and look at `git diff` for what that run left.",
        ) from error


def _check(data: Mapping[str, Any]) -> None:
    """Make sure that nothing but files of the folder is told of, as `Journal` has it.

    Raises:
        ValueError: Something else is.
    """
    before, known = dict(data["before"].items()), dict(data["known"].items())
    texts = [
        data["command"],
        data["commit"],
        *filter(lambda text: text is not None, before.values()),
    ]
    texts += [text for each in known.values() for text in each]
    names = [PurePosixPath(name) for name in (data["place"], *before, *known)]
    if not all(isinstance(text, str) for text in texts) or data["commit"].startswith("-"):
        raise ValueError("it holds what is no text")
    if any(name.is_absolute() or {"..", ".git"} & set(name.parts) for name in names):
        raise ValueError("it names files elsewhere")


def _text(path: Path) -> str | None:
    """Return a text exactly; bytes that are not UTF-8 become surrogates."""
    return path.read_bytes().decode("utf-8", "surrogateescape") if path.is_file() else None
