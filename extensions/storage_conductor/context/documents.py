"""Reading the five documents from disk, in whatever state they are."""

from __future__ import annotations

import stat
from pathlib import Path

from ..disk import files
from .language import to_fill_in
from .markdown import Block, read_blocks
from .model import Document
from .reading import Source

BYTES_MOST = 1_000_000
"""How much of a file is read at most."""

_LINES_MOST = 20_000


def read_document(folder: Path, name: str) -> tuple[Document, Source]:
    """A document's state and its blocks; without blocks when it cannot be read. Never raises."""
    if files.leads_out(folder / name):
        state, reason, text = "unreadable", "it is a link that leads out of the project", ""
    else:
        state, reason, text = _text(folder / name)
    blocks: tuple[Block, ...] = ()
    if state == "present":
        found = blocks_of(text)
        blocks = found or ()
        if found is None:
            state, reason = "unreadable", "its Markdown cannot be taken apart"
        else:
            state = "present" if blocks else "empty"
    waiting = sum(to_fill_in(block.text) for block in blocks if block.kind != "code")
    return Document(name, state, reason, waiting > 0, waiting), Source.of(name, blocks)


def blocks_of(text: str) -> tuple[Block, ...] | None:
    """The blocks of a Markdown text; None where it cannot be taken apart."""
    try:
        return tuple(read_blocks(text))
    except ImportError:
        raise
    except Exception:  # noqa: BLE001 - a fault of the parser must not stop a person's work
        return None


def too_large(data: bytes) -> str:
    """How a file exceeds what is read, as it reads after `is`; empty where it does not."""
    if len(data) > BYTES_MOST:
        return "larger than 1 MB"
    lines = data.count(b"\n") + data.count(b"\r")
    return "longer than 20,000 lines" if lines > _LINES_MOST else ""


def _text(path: Path) -> tuple[str, str, str]:
    """State, reason and text of a file."""
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            kind = "a folder" if stat.S_ISDIR(mode) else "not a regular file"
            return "unreadable", f"it is {kind}", ""
        with path.open("rb") as stream:
            data = stream.read(BYTES_MOST + 1)
        excess = too_large(data)
        text = "" if excess else data.decode("utf-8")
    except OSError as error:
        return _unread(path, error)
    except UnicodeDecodeError:
        return "not UTF-8", "", ""
    return ("too large", excess, "") if excess else ("present", "", text)


def _unread(path: Path, error: OSError) -> tuple[str, str, str]:
    if not isinstance(error, (FileNotFoundError, NotADirectoryError)):
        return "unreadable", error.strerror or type(error).__name__, ""
    if path.is_symlink():
        return "unreadable", "it is a link to a file that does not exist", ""
    return "missing", "", ""
