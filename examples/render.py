"""Render the example tracks from `answers/` into `project/`, or check that they are up to date.

Usage: python examples/render.py [--check]
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import copier
import yaml

ROOT = Path(__file__).resolve().parents[1]
ANSWERS = ROOT / "examples" / "answers"
PROJECT = ROOT / "examples" / "project"
# What a copy needs; given as a plain folder, so that Copier takes it as it is and clones nothing.
TEMPLATE = ("copier.yml", "template", "parts", "extensions", "hooks")
# The answers file is left out: it holds the path of the template.
KEPT = ("spec.md", "plan.md", "metadata.json")
EPOCH = "1767607200"  # 2026-01-05T10:00:00Z


def main() -> int:
    """Write the examples, or with `--check` return 1 after naming those that differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, name what differs")
    check = parser.parse_args().check
    wanted = rendered()
    different = differing(wanted)
    for name in different:
        print(name)
        if not check:
            _write(PROJECT / name, wanted.get(name))
    return 1 if check and different else 0


def rendered() -> dict[str, str]:
    """Start a track from each answers file; return the texts by their path in the project."""
    with tempfile.TemporaryDirectory() as scratch:
        return _texts(started(Path(scratch)))


def started(scratch: Path) -> Path:
    """Start a track from each answers file below an empty folder, and return their project."""
    template, project = scratch / "template", scratch / "project"
    for name in TEMPLATE:
        copied(ROOT / name, template / name)
    for document in sorted((PROJECT / "storage-conductor").glob("*.md")):
        if document.name != "tracks.md":
            copied(document, project / "storage-conductor" / document.name)
    with fixed_clock():
        for answers in answers_files():
            copier.run_copy(
                str(template), project, data=answers, defaults=True, quiet=True, unsafe=True
            )
    return project


def answers_files() -> list[dict[str, Any]]:
    """Return the answers by name of their file, those that depend on another track last."""
    paths = sorted(ANSWERS.glob("*.yml"))
    found = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in paths]
    return sorted(found, key=lambda answers: "depends_on" in answers)


def differing(wanted: Mapping[str, str]) -> list[str]:
    """Return the paths in the project that are missing, superfluous or not as they should be."""
    there = _texts(PROJECT)
    return [name for name in sorted({*wanted, *there}) if wanted.get(name) != there.get(name)]


def _texts(project: Path) -> dict[str, str]:
    home = project / "storage-conductor"
    found = [home / "tracks.md"]
    found += [path for path in home.glob("storages/*/*") if path.name in KEPT]
    return {
        path.relative_to(project).as_posix(): path.read_text(encoding="utf-8")
        for path in found
        if path.is_file()
    }


def _write(path: Path, text: str | None) -> None:
    if text is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
        return
    path.unlink()
    if not any(path.parent.iterdir()):
        path.parent.rmdir()


def copied(source: Path, target: Path) -> None:
    """Copy a file, or a folder without what Python left in it."""
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)


@contextmanager
def fixed_clock(now: str = EPOCH) -> Iterator[None]:
    """Let it be the same time always, in seconds since 1970; by default when every track begins."""
    before = os.environ.get("SOURCE_DATE_EPOCH")
    os.environ["SOURCE_DATE_EPOCH"] = now
    try:
        yield
    finally:
        if before is None:
            del os.environ["SOURCE_DATE_EPOCH"]
        else:
            os.environ["SOURCE_DATE_EPOCH"] = before


if __name__ == "__main__":
    sys.exit(main())
