"""The form of what is kept in the user's cache folder: behind its own digest, of known classes."""

from __future__ import annotations

import contextlib
import hashlib
import pickle
import sys
from pathlib import Path
from typing import Any

from ..errors import ConductorError
from . import writing

# What a file that cannot be read, or is no longer what was written, may raise.
DAMAGE = (
    AttributeError,
    EOFError,
    ImportError,
    IndexError,
    KeyError,
    OSError,
    TypeError,
    pickle.UnpicklingError,
    ValueError,
)


def keep(path: Path, data: bytes) -> None:
    """Write something behind its own digest, by which a power loss is noticed, where it can be."""
    with contextlib.suppress(ConductorError):
        writing.write_bytes(path, hashlib.sha256(data).digest() + data, durable=False)


def checked(content: bytes) -> bytes:
    """Return what stands behind its own digest.

    Raises:
        ValueError: It is something else than what was written.
    """
    size = hashlib.sha256().digest_size
    if hashlib.sha256(content[size:]).digest() != content[:size]:
        raise ValueError("damaged")
    return content[size:]


class Unpickler(pickle.Unpickler):
    """Finds the classes of this package, whatever its name was when they were written."""

    def find_class(self, module: str, name: str) -> Any:
        """Return a class of a module that is imported already.

        Raises:
            KeyError: It is not.
        """
        here = f"{__name__.partition('.')[0]}.{module.partition('.')[2]}"
        return getattr(sys.modules[here if here in sys.modules else module], name)
