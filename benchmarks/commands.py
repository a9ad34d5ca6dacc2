"""What `check`, `status` and `brief` cost with many tracks, beside reading the same files.

Usage, from the repository's root: python benchmarks/commands.py [ROUNDS [MOST]]
Projects of 10, 100, 1,000 and 10,000 tracks are measured, up to MOST. The exponent says how the
cost grows: 1 is in proportion, 0 not at all. `first` is with an empty cache folder, the rest with
what that run kept.
"""

from __future__ import annotations

import functools
import itertools
import math
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.measuring import ROUNDS, Cost, compared, cost, middle, rounds
from benchmarks.updates import copier
from tests.conftest import commit, working_tree

SIZES = (10, 100, 1_000, 10_000)
FULL = 1_000
ANSWERS = ("--data=title=Payments ledger", "--data=description=All payments")
COMMAND = (sys.executable, "-m", "storage_conductor_cli")
# Reads every file of all tracks, and parses their JSON and YAML.
PLAIN = """
import json, pathlib, sys, yaml
for path in pathlib.Path(sys.argv[1]).glob("*/*"):
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        json.loads(text)
    elif path.suffix == ".yml":
        yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
"""


def project(template: Path, folder: Path, number: int) -> Path:
    """Start one track and copy it under other ids, registry and git included."""
    copier("copy", "--data=storage_id=storage-00001", *ANSWERS, str(template), str(folder))
    storages = folder / "storage-conductor" / "storages"
    first = storages / "storage-00001"
    for at in range(2, number + 1):
        track = storages / f"storage-{at:05}"
        shutil.copytree(first, track)
        for path in track.iterdir():
            text = path.read_text(encoding="utf-8").replace(first.name, track.name)
            path.write_text(text, encoding="utf-8", newline="")
    cost((*COMMAND, "sync", folder))
    commit(folder, "start")
    return folder


def main() -> None:
    """Print the ratios for 1,000 tracks, and how each command grows with their number."""
    often = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    most = int(sys.argv[2]) if len(sys.argv) > 2 else SIZES[-1]
    with tempfile.TemporaryDirectory() as name:
        os.environ["XDG_CACHE_HOME"] = name
        template = working_tree(Path(name) / "template")
        commit(template, tag="v1.0.0")
        found: dict[int, dict[str, list[Cost]]] = {}
        for size in (size for size in SIZES if size <= most):
            found[size] = rounds(sides(project(template, Path(name) / str(size), size)), often)
    if FULL in found:
        against_plain(found[FULL])
    growth(found)


def sides(folder: Path) -> dict[str, Callable[[], Cost]]:
    """Return what is measured in a project."""
    storages = folder / "storage-conductor" / "storages"
    one = storages / "storage-00001"
    commands = {
        "plain reading": (sys.executable, "-c", PLAIN, storages),
        "check, first": (*COMMAND, "check", folder),
        "check": (*COMMAND, "check", folder),
        "status, first": (*COMMAND, "status", folder),
        "status": (*COMMAND, "status", folder),
        "check of one": (*COMMAND, "check", one),
        "status of one": (*COMMAND, "status", one),
        "brief of one": (*COMMAND, "brief", one),
    }
    return {
        name: functools.partial(_cost, command, first=name.endswith("first"))
        for name, command in commands.items()
    }


def _cost(command: tuple[str | Path, ...], *, first: bool) -> Cost:
    if first:
        for path in cache_folder().glob("*.results"):
            path.unlink()
    return cost(command, may_find=True)


def cache_folder() -> Path:
    """Return where the commands keep what they found."""
    return Path(os.environ["XDG_CACHE_HOME"]) / "storage-conductor"


def against_plain(found: dict[str, list[Cost]]) -> None:
    """Print what the commands for all tracks cost against reading and parsing the same files."""
    print(f"{FULL:,} tracks")
    print(f"  plain reading and parsing  {middle(found['plain reading'])}")
    for name, at_most in (
        ("check, first", None),
        ("check", 3),
        ("status, first", None),
        ("status", 2),
    ):
        print(f"  {name:26} {middle(found[name])}")
        print(f"    against plain reading    {compared(found, name, 'plain reading', at_most)}")
    memory = max(each.memory for name in ("check", "status") for each in found[name])
    print(f"  memory of any of these     {memory:.0f} MB (at most 120)")


def growth(found: dict[int, dict[str, list[Cost]]]) -> None:
    """Print the processor time of each command by the number of tracks, and the exponents."""
    sizes = list(found)
    print(f"\n| seconds of a processor | {' | '.join(f'{size:,}' for size in sizes)} | exponents |")
    print("|---|" + "---|" * (len(sizes) + 1))
    for name in found[sizes[0]]:
        taken = [statistics.median(each.processor for each in found[size][name]) for size in sizes]
        powers = [
            math.log(after / before) / math.log(more / few)
            for (few, before), (more, after) in itertools.pairwise(zip(sizes, taken, strict=True))
        ]
        shown = " | ".join(f"{seconds:.3f}" for seconds in taken)
        ratio = f"; {taken[-1] / taken[0]:.2f} in all" if name.endswith("of one") else ""
        print(f"| {name} | {shown} | {', '.join(f'{each:.2f}' for each in powers)}{ratio} |")


if __name__ == "__main__":
    os.environ |= {"GIT_CONFIG_GLOBAL": os.devnull, "PYTHONDONTWRITEBYTECODE": ""}
    os.environ |= {
        f"GIT_{role}_{part}": "a" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")
    }
    main()
