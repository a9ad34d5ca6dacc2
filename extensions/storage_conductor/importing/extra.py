"""Libraries that only some commands need, and what to do where one is missing."""

from __future__ import annotations

import importlib
import logging
from typing import Any

from ..errors import ConductorError

EXTRA = "engines"
"""The optional part of this distribution that brings them."""


def need(module: str, extra: str = EXTRA) -> Any:
    """Import a library of an extra.

    Raises:
        ConductorError: It is not installed.
    """
    logging.getLogger("sqlglot").setLevel(logging.ERROR)  # what it cannot read is said here
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ConductorError(
            f"This needs the Python package {module.partition('.')[0]}, which is not installed.",
            remedy=f'Install "storage-conductor[{extra}]" in place of "storage-conductor".',
        ) from error
