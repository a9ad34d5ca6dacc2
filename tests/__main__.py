"""Install what the checks need into `.venv`, then run all of them: format, lint, types, tests.

Usage, from the repository's root: python3 -m tests [PYTEST-ARGUMENTS]
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
# All of the drawn combinations; a run of one file by hand takes some of them.
WHOLE = {"CONSISTENCY_CASES": "2000"}
# Proofs of building blocks wait more than they compute, so that two processors have work for three;
# whoever has none left takes some over.
WORKERS = ("--numprocesses", "3", "--dist", "worksteal")
# Tests make many thousands of files and start hundreds of database servers: a file system in memory
# takes them, where there is one with room.
MEMORY = Path("/dev/shm")  # noqa: S108 - the kernel's own
ROOM = 8 << 30  # bytes
CHECKS = (
    ("ruff", "format", "--check", "."),
    ("ruff", "check", "."),
    ("mypy",),
)


@contextmanager
def temporary_files() -> Iterator[dict[str, str]]:
    """Give the environment that says where temporary files go; empty for the usual place.

    What killed programs leave in memory would stay until the machine restarts, so the folder goes
    with the run. Its name is short: servers have sockets in it, whose paths hold 100 characters.
    Some servers and tests act as a user who is not root, so it is as open as the usual place.
    """
    if MEMORY.is_mount() and shutil.disk_usage(MEMORY).free > ROOM and os.access(MEMORY, os.W_OK):
        with tempfile.TemporaryDirectory(
            prefix="tests-", dir=MEMORY, ignore_cleanup_errors=True
        ) as folder:
            Path(folder).chmod(0o1777)
            yield {"TMPDIR": folder}
    else:
        yield {}


def main() -> int:
    """Return the exit code of the first step that fails, or of the tests."""
    if not PYTHON.exists():
        venv.create(VENV, with_pip=True)
    install = ("pip", "install", "--quiet", "--disable-pip-version-check", "--editable", ".[dev]")
    tests = ("pytest", *(sys.argv[1:] or WORKERS))
    with temporary_files() as temporary:
        environment = {**temporary, **({} if sys.argv[1:] else WHOLE), **os.environ}
        for step in (install, *CHECKS, tests):
            print("$ python -m", *step, flush=True)
            done = subprocess.run([PYTHON, "-m", *step], cwd=ROOT, check=False, env=environment)
            if done.returncode:
                return done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
