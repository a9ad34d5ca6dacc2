"""Reading the five documents from disk, in whatever state they are."""

from __future__ import annotations

import stat
from pathlib import Path

from .language import to_fill_in
from .markdown import read_blocks
from .model import Document
from .reading import Source

_BYTES_MOST = 1_000_000
_LINES_MOST = 20_000


def read_document(folder: Path, name: str) -> tuple[Document, Source]:
    """A document's state and its blocks; without blocks when it cannot be read. Never raises."""
    nothing = Source.of(name, ())
    text = _text(folder / name, name)
    if isinstance(text, Document):
        return text, nothing
    try:
        source = Source.of(name, tuple(read_blocks(text)))
    except Exception:  # noqa: BLE001 - a fault of the parser must not stop a person's work
        return Document(name, "unreadable", "its Markdown cannot be taken apart"), nothing
    waiting = sum(to_fill_in(block.text) for block in source.blocks if block.kind != "code")
    state = "present" if source.blocks else "empty"
    return Document(name, state, unfilled=waiting > 0, placeholders=waiting), source


def _text(path: Path, name: str) -> str | Document:
    """The text of a file, or the state that says why there is none."""
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            return Document(name, "unreadable", "it is a folder")
        if not stat.S_ISREG(mode):
            return Document(name, "unreadable", "it is not a regular file")
        with path.open("rb") as stream:
            data = stream.read(_BYTES_MOST + 1)
    except (FileNotFoundError, NotADirectoryError):
        if path.is_symlink():
            return Document(name, "unreadable", "it is a link to a file that does not exist")
        return Document(name, "missing")
    except OSError as error:
        return Document(name, "unreadable", error.strerror or type(error).__name__)
    if len(data) > _BYTES_MOST:
        return Document(name, "too large", "larger than 1 MB")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return Document(name, "not UTF-8")
    if text.count("\n") + text.count("\r") > _LINES_MOST:
        return Document(name, "too large", "longer than 20,000 lines")
    return text if text.strip("\ufeff \t\r\n") else Document(name, "empty")
