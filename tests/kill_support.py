"""Kills a command between any two of its file operations, and does what it is told afterwards."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

# What changes a disk, as https://docs.python.org/3/library/audit_events.html names it.
_EVENTS = frozenset(
    (
        "open",
        "os.chmod",
        "os.link",
        "os.mkdir",
        "os.remove",
        "os.rename",
        "os.rmdir",
        "os.symlink",
        "os.truncate",
        "subprocess.Popen",
    )
)
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_RANDOM = re.compile(r"(?<=\.)[a-z0-9_]{8}(?=\.unfinished$)|(?<=^storage-conductor-)[a-z0-9_]{8}$")
_GIT = ("storage-conductor", "index.lock")
_MINUTES = 10


class Place(NamedTuple):
    """A project, and the folder for temporary files that its commands have."""

    project: Path
    temporary: Path


class Point(NamedTuple):
    """A moment of a run, between two operations in the project.

    Args:
        what: What comes next.
        left: The digest of what a kill leaves.
        of_git: Whether it lies within a run of git, and what is left is made up: a file that is
            half written, and the lock of the index.
    """

    what: str
    left: str
    of_git: bool = False


class _Points:
    """Counts the moments of a run; ends the process at one of them, or keeps what each leaves."""

    def __init__(self, scene: Place, at: int | None = None, kept: Path | None = None) -> None:
        self.found: list[str] = []
        self.lefts: list[str] = []
        self.of_git: list[Point] = []
        self._scene, self._at, self._kept = scene, at, kept
        self._inside = False

    def reach(self, what: str, path: object) -> None:
        """Come to a moment; the process and what it started end here if it is the one."""
        if self._inside:
            return
        self._inside = True
        name = os.fsdecode(path) if isinstance(path, str | bytes | os.PathLike) else ""
        if name.startswith(str(self._scene.project)) or what == "subprocess.Popen":
            self.found.append(f"{what} {name}")
            if self._kept is not None:
                self._keep(self._kept)
            elif len(self.found) - 1 == self._at:
                os.killpg(0, signal.SIGKILL)
                time.sleep(60)
        self._inside = False

    def _keep(self, kept: Path) -> None:
        """Keep what the disk holds now, which is what a kill leaves."""
        left = state(*self._scene)
        if left not in self.lefts:
            self._copy(kept, left)
            if len(self.lefts) > 0 and self.found[-2].startswith("subprocess.Popen"):
                self._keep_halves(kept, self.lefts[-1], left)
        self.lefts.append(left)

    def _copy(self, kept: Path, left: str) -> None:
        shutil.copytree(self._scene.project, kept / left / "project", symlinks=True)
        (kept / left / "temporary").mkdir()
        for path in self._scene.temporary.glob("storage-conductor-*"):
            (kept / left / "temporary" / path.name).mkdir()

    def _keep_halves(self, kept: Path, before: str, after: str) -> None:
        """Keep what a git that changed files leaves when it is killed while it writes one."""
        old, new = content(kept / before / "project"), content(kept / after / "project")
        for name in sorted(name for name, data in new.items() if data != old.get(name)):
            half = f"{after}-{len(self.of_git)}"
            shutil.copytree(kept / before, kept / half, symlinks=True)
            path = kept / half / "project" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(new[name][: len(new[name]) // 2])
            (kept / half / "project" / ".git" / "index.lock").touch()
            self.of_git.append(Point(f"git writes the rest of {name}", half, of_git=True))

    def audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Hear of an operation before it is done."""
        if event not in _EVENTS:
            return
        if event == "open":
            _, mode, flags = arguments
            writes = set(mode or "") & set("wax+") if mode else (flags or 0) & _WRITES
            if not writes or arguments[0] == os.devnull:
                return
        self.reach(event, arguments[0])

    def install(self) -> None:
        """Hear of everything from now on, also of what Python tells no hook of."""
        sys.addaudithook(self.audit)
        real_fsync, real_fdopen = os.fsync, os.fdopen

        def fsync(descriptor: Any) -> None:
            self.reach("fsync", self._scene.project)
            real_fsync(descriptor)
            self.reach("fsynced", self._scene.project)

        def fdopen(*arguments: Any, **named: Any) -> Any:
            self.reach("write", self._scene.project)
            return real_fdopen(*arguments, **named)

        def write_bytes(path: Path, data: bytes) -> int:
            # As the kernel may: a part first.
            with path.open("wb") as stream:
                self.reach("write", path)
                stream.write(data[: len(data) // 2])
                stream.flush()
                self.reach("write the rest", path)
                return stream.write(data[len(data) // 2 :])

        os.fsync = fsync  # type: ignore[assignment]
        os.fdopen = fdopen
        Path.write_bytes = write_bytes  # type: ignore[method-assign, assignment]


def forked(run: Callable[[], object], *, seconds: float = 60) -> tuple[int, str]:
    """Run a function in a copy of this process; return how it ended and what it said."""
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        _be_child(run, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        said = stream.read().decode("utf-8", "replace")
    _, status = os.waitpid(pid, 0)
    until = time.monotonic() + seconds
    while time.monotonic() < until:  # whatever it started
        try:
            os.killpg(pid, 0)
        except ProcessLookupError:
            break
        time.sleep(0.005)
    return os.waitstatus_to_exitcode(status), said


def _be_child(run: Callable[[], object], writing: int) -> None:
    code = 3
    try:
        os.setsid()
        os.dup2(writing, 1)
        os.dup2(writing, 2)
        os.close(writing)
        for name, descriptor in (("stdout", 1), ("stderr", 2)):
            stream = io.TextIOWrapper(os.fdopen(descriptor, "wb", 0), write_through=True)
            setattr(sys, name, stream)
            setattr(sys, f"__{name}__", stream)
        found = run()
        code = found if isinstance(found, int) else 0
    except BaseException as error:  # noqa: BLE001 - told to the parent
        print(f"{type(error).__name__}: {error}", flush=True)
    finally:
        with contextlib.suppress(BaseException):
            end_runs()
        os._exit(code)


def end_runs() -> None:
    """Do what the package does when a process ends, for each version of it, and forget all."""
    for name, module in list(sys.modules.items()):
        if name.endswith(".tracks.ids"):
            module.release()
        elif name.endswith(".for_copier.hooks"):
            module._give_up()
        elif name.endswith(".disk.writing"):
            module._sweep.cache_clear()
        elif name.endswith(".for_copier.questionnaire"):
            module._read.cache_clear()


def points(run: Callable[[], object], place: Place, kept: Path) -> list[Point]:
    """Run a command to its end; return the moments of it.

    Args:
        run: The command.
        place: Where it runs.
        kept: A new folder, for what a kill at each moment leaves: by its digest, once.
    """
    kept.mkdir()

    def counted() -> None:
        heard = _Points(place, kept=kept)
        heard.install()
        run()
        found = [*map(Point, heard.found, heard.lefts), *heard.of_git]
        with (kept / "points").open("w", encoding="utf-8") as stream:
            json.dump(found, stream)

    code, said = forked(counted)
    assert code == 0, said
    return [Point(*each) for each in json.loads((kept / "points").read_text(encoding="utf-8"))]


def kill(run: Callable[[], object], place: Place, at: int) -> bool:
    """Run a command up to a moment and kill it there; tell whether it came so far."""

    def counted() -> object:
        _Points(place, at).install()
        return run()

    code, _ = forked(counted)
    return code == -signal.SIGKILL


def state(project: Path, temporary: Path) -> str:
    """Return a digest of everything that a run leaves, whatever its random names."""
    found = hashlib.sha256()
    for path in sorted(_state_files(project, temporary)):
        inner = [_RANDOM.sub("*", part) for part in path.parts]
        found.update("/".join(inner).encode() + b"\0")
        if path.is_file() and path.suffix != ".unfinished":
            found.update(path.read_bytes())
        elif path.is_file():
            found.update(str(path.stat().st_size).encode())
    return found.hexdigest()


def _state_files(project: Path, temporary: Path) -> Iterator[Path]:
    for path in project.rglob("*"):
        inner = path.relative_to(project).parts
        if inner[0] != ".git" or (len(inner) > 1 and inner[1] in _GIT):
            yield path
    yield from temporary.glob("storage-conductor-*")


def content(project: Path) -> dict[str, bytes]:
    """Return the files and empty folders of a project, without those of git."""
    return {
        path.relative_to(project).as_posix(): path.read_bytes() if path.is_file() else b""
        for path in project.rglob("*")
        if path.relative_to(project).parts[0] != ".git"
        and (path.is_file() or not any(path.iterdir()))
    }


def restore(source: Path, place: Place) -> None:
    """Put a project back into the folder where its command runs.

    Args:
        source: The project, or what a kill left, as `points` kept it.
        place: Where it is to be.
    """
    for folder in place:
        shutil.rmtree(folder, ignore_errors=True)
    if (source / "temporary").is_dir():
        shutil.copytree(source / "temporary", place.temporary)
        source /= "project"
    else:
        place.temporary.mkdir()
    shutil.copytree(source, place.project, symlinks=True)


def grow_old(temporary: Path) -> None:
    """Let what is in the temporary folder be some minutes old."""
    for path in temporary.iterdir():
        os.utime(path, (time.time() - _MINUTES * 60,) * 2)


def follow(project: Path, path: str, remedy: str, run: Callable[[list[str]], object]) -> None:
    """Do literally what a remedy says.

    Args:
        project: The project.
        path: The place of the finding, from the working directory.
        remedy: The remedy.
        run: Runs `storage-conductor` with arguments.
    """
    commands = re.findall("`([^`]+)`", remedy)
    if remedy.startswith(("Delete this folder", "Delete the folder")):
        shutil.rmtree(path)
    elif remedy.startswith("Delete ") and "which a killed git left" in remedy:
        Path(remedy.partition(",")[0].removeprefix("Delete ")).unlink()
        follow(project, path, remedy.partition(" left. ")[2], run)
    elif commands and commands[0].startswith("git "):
        subprocess.run(shlex.split(commands[0]), cwd=project, check=True, capture_output=True)
        for name in re.findall(r"(?<=, delete )/\S+(?=,)", remedy.partition(" If the files")[0]):
            Path(name).unlink()
    elif commands and commands[0].startswith("storage-conductor "):
        name, *arguments = shlex.split(commands[0])[1:]
        # Whose template it is, a person has said when the command was run at first.
        trusted = ["--trust"] if name == "refresh" else []
        run([name, *trusted, *arguments, str(project)])
    else:
        raise AssertionError(f"{path}: {remedy}")
