"""Everything that is measured, in one run: each row of the table in README.md, and more.

Usage, from the repository's root: python -m benchmarks [ROUNDS [MOST]]
MOST is the largest number of tracks.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from .measuring import ROUNDS

FOLDER = Path(__file__).parent


def main() -> None:
    """Run each file in turn, so that nothing else runs beside what is measured."""
    often = sys.argv[1] if len(sys.argv) > 1 else str(ROUNDS)
    most = sys.argv[2] if len(sys.argv) > 2 else "10000"
    runs = {
        "copies.py": (often,),
        "updates.py": ("0", often),
        "refreshes.py": (),
        "commands.py": (often, most),
        "reports.py": (often, most),
    }
    for name, arguments in runs.items():
        print(f"\n── {name}", flush=True)
        subprocess.run([sys.executable, FOLDER / name, *arguments], check=True)


if __name__ == "__main__":
    main()
