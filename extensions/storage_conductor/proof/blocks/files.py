"""Steps of a building block on a file system: each line is a call, named as POSIX names it.

A power loss is played in the way that POSIX lets it end worst: the content that was not flushed is
gone, and a directory that was not flushed has lost its new names, or has kept them all the same.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ...schema.block_statements import ReadyStep
from .sessions import Rows, filled_places

_CALL = re.compile(r"(\w+)\((.*)\)")
_DISK = ".disk"


class FileSession:
    """Takes steps in a directory; files that were opened stay open until it is reset.

    Args:
        root: The directory.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._disk = _Disk(root)
        self._opened: dict[str, int] = {}
        self._calls: dict[str, Callable[..., Any]] = {
            "open": self._open,
            "write": self._write,
            "fsync": self._fsync,
            "link": lambda old, new: os.link(self._path(old), self._path(new)),
            "rename": lambda old, new: os.rename(self._path(old), self._path(new)),  # noqa: PTH104
            "unlink": lambda name: self._path(name).unlink(),
            "chmod": lambda name, mode: self._path(name).chmod(int(mode, 8)),
            "samefile": lambda one, two: self._path(one).samefile(self._path(two)),
            "read": lambda name: self._path(name).read_text(encoding="utf-8"),
            "sha256": self._hash,
            "unlink_older": self._unlink_older,
            "unlink_alone": lambda pattern: self._unlink(pattern, most_links=1),
            "unlink_all": self._unlink,
            "list": lambda name: sorted(path.name for path in self._path(name).iterdir()),
            "power_loss": lambda name, names: self._disk.lose(self._path(name), names),
        }

    def take(self, step: ReadyStep, values: Mapping[str, Any]) -> Rows:
        """Take the calls of a step; a name that is there already, or is not, ends them."""
        found: Any = None
        for line in step.run.splitlines():
            try:
                found = self._call(line, values)
            except (FileExistsError, FileNotFoundError):
                if step.step.none:
                    return Rows()
                if not step.step.may_be_there:
                    raise
        if found is False:
            return Rows()
        return Rows([{step.step.gives: found} if step.step.gives else {}])

    def look(self, query: str, values: Mapping[str, Any]) -> Rows:
        """Return what a call returns, an item a row; nothing where the name is not there."""
        try:
            found = self._call(query, values)
        except FileNotFoundError:
            return Rows()
        return Rows({"value": item} for item in (found if isinstance(found, list) else [found]))

    def reset(self) -> None:
        """Close what is open."""
        for descriptor in self._opened.values():
            os.close(descriptor)
        self._opened.clear()

    def _call(self, line: str, values: Mapping[str, Any]) -> Any:
        match = _CALL.fullmatch(line.strip())
        if match is None:
            raise ValueError(f"{line!r} is not a call")
        words = (word for word in match[2].split(", ") if word)
        return self._calls[match[1]](*(filled_places(word, values) for word in words))

    def _path(self, name: str) -> Path:
        return self._root / name

    def _open(self, name: str, flags: str) -> None:
        path, number = self._path(name), 0
        for flag in flags.split("|"):
            number |= getattr(os, flag)
        new = bool(number & os.O_CREAT) and not path.exists()
        self._opened[name] = os.open(path, number, 0o640)
        if new:
            self._disk.begin(self._opened[name])

    def _write(self, name: str, content: str) -> None:
        data = content.encode()
        while data:
            data = data[os.write(self._opened[name], data) :]

    def _fsync(self, name: str) -> None:
        if name in self._opened:
            os.fsync(self._opened[name])
            self._disk.keep_content(self._opened[name], self._path(name))
            return
        descriptor = os.open(self._path(name), os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        self._disk.keep_names(self._path(name))

    def _hash(self, name: str) -> str:
        import hashlib

        return hashlib.sha256(self._path(name).read_bytes()).hexdigest()

    def _unlink_older(self, pattern: str, seconds: str) -> None:
        before = time.time() - float(seconds)
        for path in self._root.glob(pattern):
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_mtime < before:
                    path.unlink()

    def _unlink(self, pattern: str, most_links: int = sys.maxsize) -> None:
        """Unlink what has at most so many names."""
        for path in self._root.glob(pattern):
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_nlink <= most_links:
                    path.unlink()


class _Disk:
    """What a power loss leaves: the contents and the names that were flushed.

    An inode is used again by another file, so that each file has a name of its own here.
    """

    def __init__(self, root: Path) -> None:
        self._folder = root / _DISK
        self._folder.mkdir(exist_ok=True)

    def begin(self, descriptor: int) -> None:
        """Know a file that was created."""
        self._inode(os.fstat(descriptor).st_ino).write_text(uuid.uuid4().hex)

    def keep_content(self, descriptor: int, path: Path) -> None:
        """Know what was flushed of a file."""
        kept = self._folder / self._id(os.fstat(descriptor).st_ino)
        kept.write_bytes(path.read_bytes())

    def keep_names(self, directory: Path) -> None:
        """Know the names that were flushed of a directory."""
        with self._alone():
            self._names(directory).write_text(json.dumps(self._now(directory)))

    def lose(self, directory: Path, names: str) -> None:
        """Play a power loss.

        Args:
            directory: What was written to.
            names: `kept` if the disk has the names that were not flushed, else `lost`.
        """
        saved = self._names(directory)
        flushed = json.loads(saved.read_text()) if saved.exists() else {}
        left = self._now(directory) if names == "kept" else flushed
        contents = {name: self._folder / kept for name, kept in left.items()}
        data = {n: p.read_bytes() if p.exists() else b"" for n, p in contents.items()}
        for path in directory.iterdir():
            path.unlink()
        for name, content in data.items():
            (directory / name).write_bytes(content)
            kept = uuid.uuid4().hex
            self._inode((directory / name).stat().st_ino).write_text(kept)
            (self._folder / kept).write_bytes(content)
        self.keep_names(directory)

    def _now(self, directory: Path) -> dict[str, str]:
        found = {}
        for path in directory.iterdir():
            with contextlib.suppress(FileNotFoundError):  # another one unlinks it at this moment
                found[path.name] = self._id(path.stat().st_ino)
        return found

    def _id(self, inode: int) -> str:
        path = self._inode(inode)
        return path.read_text() if path.exists() else f"unknown-{inode}"

    def _inode(self, inode: int) -> Path:
        return self._folder / f"inode-{inode}"

    def _names(self, directory: Path) -> Path:
        return self._folder / f"names-{directory.name}"

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        with (self._folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
