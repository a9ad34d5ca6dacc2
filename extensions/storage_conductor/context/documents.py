"""Reading the five documents from disk, in whatever state they are."""

from __future__ import annotations

import stat
from pathlib import Path

from ..disk import files
from .language import to_fill_in
from .markdown import Block, read_blocks
from .model import Document
from .reading import Source

_BYTES_MOST = 1_000_000
_LINES_MOST = 20_000


def read_document(folder: Path, name: str) -> tuple[Document, Source]:
    """A document's state and its blocks; without blocks when it cannot be read. Never raises."""
    if files.leads_out(folder / name):
        state, reason, text = "unreadable", "it is a link that leads out of the project", ""
    else:
        state, reason, text = _text(folder / name)
    blocks: tuple[Block, ...] = ()
    if state == "present":
        try:
            blocks = tuple(read_blocks(text))
        except ImportError:
            raise
        except Exception:  # noqa: BLE001 - a fault of the parser must not stop a person's work
            state, reason = "unreadable", "its Markdown cannot be taken apart"
        else:
            state = "present" if blocks else "empty"
    waiting = sum(to_fill_in(block.text) for block in blocks if block.kind != "code")
    return Document(name, state, reason, waiting > 0, waiting), Source.of(name, blocks)


def _text(path: Path) -> tuple[str, str, str]:
    """State, reason and text of a file."""
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            kind = "a folder" if stat.S_ISDIR(mode) else "not a regular file"
            return "unreadable", f"it is {kind}", ""
        with path.open("rb") as stream:
            data = stream.read(_BYTES_MOST + 1)
        text = data.decode("utf-8") if len(data) <= _BYTES_MOST else ""
    except OSError as error:
        return _unread(path, error)
    except UnicodeDecodeError:
        return "not UTF-8", "", ""
    if len(data) > _BYTES_MOST:
        return "too large", "larger than 1 MB", ""
    if text.count("\n") + text.count("\r") > _LINES_MOST:
        return "too large", "longer than 20,000 lines", ""
    return "present", "", text


def _unread(path: Path, error: OSError) -> tuple[str, str, str]:
    if not isinstance(error, (FileNotFoundError, NotADirectoryError)):
        return "unreadable", error.strerror or type(error).__name__, ""
    if path.is_symlink():
        return "unreadable", "it is a link to a file that does not exist", ""
    return "missing", "", ""
