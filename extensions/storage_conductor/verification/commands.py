"""A command of the project's own: a program with arguments, without a shell, for a bounded time."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from ..disk import files
from ..errors import ConductorError

_SHOWN = 4_000  # bytes of output
_SCRIPTS = (".bat", ".cmd")  # which Windows runs by a shell


class Ended(NamedTuple):
    """How a command ended.

    Args:
        code: Its exit code; None if it took too long.
        said: The end of what it printed.
    """

    code: int | None
    said: str


def run(project: Path, command: Sequence[str], seconds: float) -> Ended:
    """Run a command in a project's folder.

    Args:
        project: The folder.
        command: The program, a name on the PATH or a file of the project, and its arguments.
        seconds: How long it may take; then it and what it started is killed.

    Raises:
        ConductorError: There is no such program.
    """
    program = _program(project, command[0])
    try:
        process = subprocess.Popen(
            [program, *command[1:]],
            cwd=project,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        raise ConductorError(
            f"{command[0]} cannot be run: {error.strerror or error}",
            remedy="Check that it is a program, and its rights.",
        ) from error
    with process:
        try:
            out, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            _kill(process)
            return Ended(None, "")
        except BaseException:
            _kill(process)
            raise
    return Ended(process.returncode, out[-_SHOWN:].decode("utf-8", "replace").strip())


def _program(project: Path, name: str) -> str:
    if "/" in name:
        path = project / name
        files.check_readable(path, project)
        found = str(path) if path.is_file() else None
    else:
        found = shutil.which(name)
    if found is None or found.lower().endswith(_SCRIPTS):
        raise ConductorError(
            f"There is no program {name!r} that can be run.",
            remedy="Install it, or correct the command.",
        )
    return found


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and those that it started."""
    if sys.platform == "win32":
        process.kill()
    else:
        with contextlib.suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
    # What it started may hold the pipe open.
    if process.stdout is not None:
        process.stdout.close()
    process.wait()
