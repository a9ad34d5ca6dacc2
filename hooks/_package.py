"""Makes this template's own package importable, whatever other version is installed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "extensions"))


def run(work: Callable[[], None]) -> int:
    """Run a hook's work; a person's mistake becomes a message and exit code 1."""
    from storage_conductor.errors import ConductorError

    try:
        work()
    except ConductorError as error:
        print(error, file=sys.stderr)
        return 1
    return 0
