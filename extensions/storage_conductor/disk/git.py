"""The one way in which git is run, and what is asked of the repository that a project is in.

Git runs without a shell, without the variables that a git hook sets for its own repository, and
without what a project's settings or hooks would run. Only a command that says so may use the
network.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, NamedTuple

from ..errors import ConductorError, without_password

SECONDS = 120

# What `git rev-parse --local-env-vars` lists, but for the settings that a person gives in
# GIT_CONFIG_COUNT and GIT_CONFIG_PARAMETERS: git itself hands those on to another repository, and
# they may be what makes this one safe to use. Then what changes the meaning of a path or runs code.
_REMOVED = frozenset(
    (
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_CONFIG",
        "GIT_OBJECT_DIRECTORY",
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_IMPLICIT_WORK_TREE",
        "GIT_GRAFT_FILE",
        "GIT_INDEX_FILE",
        "GIT_NO_REPLACE_OBJECTS",
        "GIT_REPLACE_REF_BASE",
        "GIT_PREFIX",
        "GIT_INTERNAL_SUPER_PREFIX",
        "GIT_SHALLOW_FILE",
        "GIT_COMMON_DIR",
        "GIT_NAMESPACE",
        "GIT_QUARANTINE_PATH",
        "GIT_ATTR_SOURCE",
        "GIT_LITERAL_PATHSPECS",
        "GIT_GLOB_PATHSPECS",
        "GIT_NOGLOB_PATHSPECS",
        "GIT_ICASE_PATHSPECS",
        "GIT_EXTERNAL_DIFF",
        "GIT_PAGER",
    )
)
_SETTINGS = (
    "core.fsmonitor=false",
    f"core.hooksPath={os.devnull}",
    "protocol.ext.allow=never",
    "protocol.fd.allow=never",
)
_OFFLINE = {"GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none"}


if os.name == "nt":
    # A file `git.exe` in the working directory, which may be a stranger's project, would go first:
    # https://learn.microsoft.com/windows/win32/api/processenv/nf-processenv-needcurrentdirectoryforexepathw
    os.environ.setdefault("NoDefaultCurrentDirectoryInExePath", "1")


def run(
    folder: Path,
    *arguments: str,
    given: str = "",
    network: bool = False,
    seconds: float = SECONDS,
    without: Sequence[str] = (),
) -> str:
    """Run git and return what it says; bytes that are not UTF-8 become surrogates.

    Args:
        folder: The folder to run in.
        arguments: What follows `git`.
        given: What git reads.
        network: Whether git may connect to other machines.
        seconds: How long it may take.
        without: Settings that are to be empty.

    Raises:
        ConductorError: Git is missing, fails or takes too long.
    """
    try:
        done = subprocess.run(
            _command(folder, arguments),
            env=_environment(network=network) | _given(map(_empty, without)),
            input=given.encode("utf-8", "surrogateescape"),
            capture_output=True,
            check=True,
            timeout=seconds,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise _failure(folder, arguments, error) from error
    return done.stdout.decode("utf-8", "surrogateescape")


@contextlib.contextmanager
def conversation(
    folder: Path, *arguments: str, seconds: float = SECONDS
) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """Start git to ask it one thing after the other; yield what it reads and what it says.

    Args:
        folder: The folder to run in.
        arguments: What follows `git`.
        seconds: How long all of it may take; then git is stopped and says no more.

    Raises:
        ConductorError: Git is missing.
    """
    try:
        process = subprocess.Popen(
            _command(folder, arguments),
            env=_environment(network=False),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    except OSError as error:
        raise _failure(folder, arguments, error) from error
    limit = threading.Timer(seconds, process.kill)
    limit.start()
    try:
        with process:
            assert process.stdin is not None  # noqa: S101 - for the type checker
            assert process.stdout is not None  # noqa: S101
            yield process.stdin, process.stdout
    finally:
        limit.cancel()


def _command(folder: Path, arguments: Sequence[str]) -> list[str]:
    settings = (word for setting in _SETTINGS for word in ("-c", setting))
    return ["git", "--no-pager", *settings, "-C", str(folder), *arguments]


def _environment(*, network: bool) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in _REMOVED}
    kept |= {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}
    return kept if network else kept | _OFFLINE


def leave_hook() -> None:
    """Forget the repository of a git hook that runs this process: Copier runs git, too."""
    for name in _REMOVED:
        os.environ.pop(name, None)


def nothing_run(folder: Path) -> dict[str, str]:
    """Return variables under which any git runs nothing that a project's settings or hooks name.

    Args:
        folder: A folder of the project.
    """
    settings = (setting.partition("=") for setting in _SETTINGS)
    return _given([*((name, value) for name, _, value in settings), *map(_empty, _filters(folder))])


def _empty(name: str) -> tuple[str, str]:
    return name, "false" if name.endswith(".required") else ""


def _given(settings: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return variables that give settings, whatever their names hold, beside a person's."""
    known = os.environ.get("GIT_CONFIG_COUNT", "")
    first = count = int(known) if known.isdecimal() else 0
    found: dict[str, str] = {}
    for count, (name, value) in enumerate(settings, first + 1):
        found |= {f"GIT_CONFIG_KEY_{count - 1}": name, f"GIT_CONFIG_VALUE_{count - 1}": value}
    return found | {"GIT_CONFIG_COUNT": str(count)} if found else {}


def _failure(
    folder: Path, arguments: Sequence[str], error: OSError | subprocess.SubprocessError
) -> ConductorError:
    command = f"git {next((word for word in arguments if not word.startswith('-')), '')}".rstrip()
    if isinstance(error, FileNotFoundError):
        return ConductorError(
            f"{command} cannot be run: git is not installed", path=folder, remedy="Install git."
        )
    if isinstance(error, subprocess.TimeoutExpired):
        reason = f"it did not end within {error.timeout:g} seconds"
        remedy = "Run it by hand to see what it waits for."
    elif isinstance(error, subprocess.CalledProcessError):
        said = error.stderr.decode("utf-8", "replace").strip()
        reason = without_password(said) or f"exit code {error.returncode}"
        remedy = "Mend what git names; `git status` in that folder shows more."
    else:
        reason, remedy = str(error), "Check the rights of the folder and of git."
    return ConductorError(f"{command} failed: {reason}", path=folder, remedy=remedy)


BASE, OURS, THEIRS = 1, 2, 3


class IndexEntry(NamedTuple):
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


def entries(folder: Path, names: Iterable[str]) -> list[IndexEntry]:
    """List what the index holds of files in a folder.

    Raises:
        ConductorError: Git fails.
    """
    return _entries(folder, "--", *names) if names else []


def unmerged(folder: Path) -> list[IndexEntry]:
    """List the unmerged entries of the whole repository that a folder is in.

    Raises:
        ConductorError: Git fails.
    """
    return _entries(folder, "--unmerged", "--", ":/")


def unmerged_among(folder: Path, paths: Iterable[str]) -> list[str]:
    """List the unmerged files at or below paths, which like the result start at a folder.

    Raises:
        ConductorError: Git fails.
    """
    said = run(folder, "--literal-pathspecs", "ls-files", "--unmerged", "-z", "--", *paths)
    return sorted({line.partition("\t")[2] for line in said.split("\0") if line})


def uncommitted(folder: Path, paths: Iterable[str], *, ignored: bool = False) -> set[str]:
    """List the files with uncommitted changes, untracked ones too, as paths from a folder.

    Args:
        folder: A folder of the repository.
        paths: The files and folders to look at, from that folder.
        ignored: Whether files count that git is told to ignore.

    Raises:
        ConductorError: Git fails.
    """
    prefix = run(folder, "rev-parse", "--show-prefix").removesuffix("\n")
    options = ("--porcelain", "-z", "--no-renames", "--untracked-files=all")
    said = run(
        folder,
        "--literal-pathspecs",
        "status",
        *options,
        *(["--ignored"] if ignored else []),
        "--ignore-submodules",
        "--",
        *paths,
        without=_filters(folder),
    )
    return {line[3:].removeprefix(prefix) for line in said.split("\0") if line}


def _filters(folder: Path) -> list[str]:
    """List the settings of a project that name a program which reads its files.

    Git runs it where it has to compare a file, as https://git-scm.com/docs/gitattributes says of
    `filter`. What a person set for all projects stays.
    """
    try:
        said = run(
            folder, "config", "--null", "--show-scope", "--name-only", "--get-regexp", "^filter\\."
        )
    except ConductorError:  # there is none
        return []
    words = said.split("\0")
    own = zip(words[::2], words[1::2], strict=False)
    return [name for scope, name in own if scope in ("local", "worktree")]


def _entries(folder: Path, *arguments: str) -> list[IndexEntry]:
    listed = run(folder, "ls-files", "--stage", "--full-name", "-z", *arguments)
    found = []
    for line in filter(None, listed.split("\0")):
        facts, path = line.split("\t", 1)
        mode, blob, stage = facts.split(" ")
        found.append(IndexEntry(path, mode, blob, int(stage)))
    return found


def content(folder: Path, blob: str) -> str:
    """Return the text of an object.

    Raises:
        ConductorError: Git fails, or the object is not UTF-8 text.
    """
    text = run(folder, "cat-file", "blob", blob)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ConductorError(
            f"git holds the object {blob}, which is not UTF-8 text",
            path=folder,
            remedy="Save the file as UTF-8 and commit it.",
        ) from error
    return text


def resolve(folder: Path, resolved: Iterable[IndexEntry]) -> None:
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


def mark_unmerged(folder: Path, ours: IndexEntry, others: Mapping[int, str]) -> None:
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
        blob = run(folder, "hash-object", "-w", "--stdin", given=text).strip()
        lines.append(f"{ours.mode} {blob} {stage}\t{ours.path}")
    _update(folder, lines)


def _removal(entry: IndexEntry) -> str:
    return f"0 {'0' * len(entry.blob)}\t{entry.path}"


def _update(folder: Path, lines: list[str]) -> None:
    if lines:
        given = "".join(f"{line}\0" for line in lines)
        run(folder, "update-index", "-z", "--index-info", given=given)
