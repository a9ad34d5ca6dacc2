"""After `copier copy`: write missing starter documents, validate the track, enter it in tracks.md.

Usage: after_copy.py STORAGE_ID, with the project as working directory.
"""

from __future__ import annotations

import sys
from pathlib import Path

from _package import run


def main() -> None:
    """Land the track named on the command line."""
    from storage_conductor.landing import land

    for note in land(Path.cwd(), sys.argv[1]):
        print(note, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(run(main))
