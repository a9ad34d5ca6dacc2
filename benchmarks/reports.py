"""What `report` costs, beside rendering the same Markdown by markdown-it-py alone.

Usage, from the repository's root: python benchmarks/reports.py [ROUNDS [MOST]]
Projects of 10, 100 and 1,000 tracks are measured, up to MOST. They are the examples over and over,
each with an id and numbers of its own, so that no two tracks have the same pages or charts.
`first` is with an empty cache folder, `again` with what that run kept, `one changed` after a tick.
"""

from __future__ import annotations

import functools
import itertools
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from examples import render

from benchmarks.measuring import ROUNDS, Cost, compared, cost, middle, rounds

SIZES = (10, 100, 1_000)
REPORT = (sys.executable, "-m", "storage_conductor_cli", "report")
PLAIN = """
import pathlib, sys
from markdown_it import MarkdownIt
parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
for path in pathlib.Path(sys.argv[1]).glob("*/*.md"):
    parser.render(path.read_text(encoding="utf-8"))
"""
AT_MOST = 2
MEMORY = 120


def project(examples: Path, folder: Path, number: int) -> Path:
    """Make a project of so many tracks from those of another one."""
    tracks = itertools.cycle(sorted((examples / "storage-conductor" / "storages").iterdir()))
    for at, example in enumerate(itertools.islice(tracks, number)):
        track = folder / "storage-conductor" / "storages" / f"storage-{at:05}"
        shutil.copytree(example, track)
        for path in track.iterdir():
            text = path.read_text(encoding="utf-8").replace(example.name, track.name)
            if path.suffix == ".yml":
                text = re.sub(
                    r"^((?:reads_per_second|average_item_bytes): )(\d+)",
                    lambda found: f"{found[1]}{int(found[2]) + at}",  # noqa: B023 - at once
                    text,
                    flags=re.MULTILINE,
                )
            path.write_text(text, encoding="utf-8", newline="")
    return folder


def sides(folder: Path, scratch: Path) -> dict[str, Callable[[], Cost]]:
    """Return what is measured in a project, in the order in which one follows from the other."""
    storages = folder / "storage-conductor" / "storages"
    out = ("--out", scratch / "out", folder)
    return {
        "plain": functools.partial(cost, (sys.executable, "-c", PLAIN, storages)),
        "first": functools.partial(_first, (*REPORT, *out), scratch / "cache"),
        "again": functools.partial(cost, (*REPORT, *out)),
        "one changed": functools.partial(_after_a_tick, (*REPORT, *out), storages),
        "single": functools.partial(_single, (*REPORT, "--single", *out)),
    }


def _first(command: tuple[str | Path, ...], cache: Path) -> Cost:
    shutil.rmtree(cache, ignore_errors=True)
    return cost(command)


def _after_a_tick(command: tuple[str | Path, ...], storages: Path) -> Cost:
    plan = storages / "storage-00000" / "plan.md"
    text = plan.read_text(encoding="utf-8").replace("- [ ]", "- [x]", 1)
    plan.write_text(text, encoding="utf-8", newline="")
    return cost(command)


def _single(command: tuple[str | Path, ...]) -> Cost:
    cost(command)  # keeps the pages in the form that one file has
    return cost(command)


def main() -> None:
    """Print what each side costs against rendering the same Markdown, and its memory."""
    often = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    most = int(sys.argv[2]) if len(sys.argv) > 2 else SIZES[-1]
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        examples = render.started(scratch / "examples")
        os.environ["XDG_CACHE_HOME"] = str(scratch / "cache")
        for size in (size for size in SIZES if size <= most):
            found = rounds(sides(project(examples, scratch / f"{size}", size), scratch), often)
            print(f"{size:,} tracks")
            print(f"  markdown-it-py alone   {middle(found['plain'])}")
            for side in ("first", "again", "one changed", "single"):
                memory = max(each.memory for each in found[side])
                print(f"  {side:22} {middle(found[side])}, {memory:.0f} MB (at most {MEMORY})")
                print(f"    against it           {compared(found, side, 'plain', AT_MOST)}")
            file = scratch / "out" / "report.html"
            print(f"  one file               {file.stat().st_size / 1e6:.1f} MB", flush=True)


if __name__ == "__main__":
    os.environ["PYTHONDONTWRITEBYTECODE"] = ""
    main()
