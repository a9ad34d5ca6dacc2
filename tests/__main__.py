"""Install what the checks need into `.venv`, then run all of them: format, lint, types, tests.

Usage, from the repository's root: python3 -m tests [PYTEST-ARGUMENTS]
"""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
CHECKS = (
    ("ruff", "format", "--check", "."),
    ("ruff", "check", "."),
    ("mypy",),
)


def main() -> int:
    """Return the exit code of the first step that fails, or of the tests."""
    if not PYTHON.exists():
        venv.create(VENV, with_pip=True)
    install = ("pip", "install", "--quiet", "--disable-pip-version-check", "--editable", ".[dev]")
    tests = ("pytest", *(sys.argv[1:] or ("--numprocesses", "2")))
    for step in (install, *CHECKS, tests):
        print("$ python -m", *step, flush=True)
        code = subprocess.run([PYTHON, "-m", *step], cwd=ROOT, check=False).returncode
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
