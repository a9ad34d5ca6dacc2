"""A template in two versions, and tracks that are updated from one to the other."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import copier
import yaml

from tests.conftest import FIRST_TAG, REQUIRED, ROOT, commit, git, tracks

OLD, NEW = FIRST_TAG, "v1.1.0"
FILES = ("spec.md", "plan.md", "metadata.json")

DATABASES = "extensions/storage_conductor/catalog/types/database.yml"
_CATALOG = yaml.safe_load((ROOT / DATABASES).read_text(encoding="utf-8"))


def wording(key: str) -> str:
    """Return how the catalog words a task of databases, up to what is filled in."""
    (text,) = [task["text"] for task in _CATALOG["tasks"] if task["key"] == key]
    return str(text).partition("{")[0].rstrip()


# What the new version says differently of every relational database.
REWORDED = (wording("list-patterns"), f"{wording('list-patterns')}, and who owns each")
ADDED = "Name an owner for every entity"
REMOVED = wording("deploy-order")
MOVED = wording("migration-test")
RECAST = (wording("restore-item"), "Put a single lost entry back while everyone else keeps working")
GATE = "the runbook was followed by someone who did not build the component"
SENTENCE = ("Tick a box when", "Tick a box once")
PARAGRAPH = "Numbers here were checked by the new version."

Change = Callable[[Path], None]


def new_tasks(template: Path) -> None:
    """Reword, add, remove and move a task, do all but add to another, and change a gate."""
    path = template / DATABASES
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    tasks = {task["key"]: task for task in data["tasks"]}
    tasks["list-patterns"]["text"] = REWORDED[1]
    tasks["migration-test"] |= {"phase": "documentation", "order": 1}
    tasks["restore-item"] |= {"phase": "testing", "order": 99, "text": RECAST[1]}
    added = {"key": "owners", "phase": "schema", "order": 10, "text": ADDED}
    kept = [task for task in data["tasks"] if task["key"] != "deploy-order"]
    at = [task["key"] for task in kept].index("list-model") + 1
    data["tasks"] = [*kept[:at], added, *kept[at:]]
    data["gates"]["documentation"] = GATE
    path.write_text(yaml.safe_dump(data, sort_keys=False, width=4096), encoding="utf-8")


def new_sizing(template: Path) -> None:
    """Let the specification say something new."""
    path = template / "parts/spec/sizing.md.jinja"
    path.write_text(path.read_text(encoding="utf-8") + f"\n{PARAGRAPH}\n", encoding="utf-8")


def new_helper(template: Path) -> None:
    """Change a module that the entry point imports: a sentence of the plan reads differently."""
    path = template / "extensions/storage_conductor/wording.py"
    added = (
        f'\nFILTERS["tidy"] = lambda text: tidy(text).replace("{SENTENCE[0]}", "{SENTENCE[1]}")\n'
    )
    path.write_text(path.read_text(encoding="utf-8") + added, encoding="utf-8")


def first_release(template: Path, target: Path) -> Path:
    """Copy what a template needs to be rendered, as its first version.

    Copier clones a template several times in each update, which takes longer with more files.
    """
    for name in ("copier.yml", "extensions", "hooks", "parts", "template"):
        source = template / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            target.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target / name)
    commit(target, "first version", OLD)
    return target


def release(template: Path, *changes: Change, tag: str | None = NEW) -> Path:
    """Change a template and commit that as its next version."""
    for change in changes:
        change(template)
    commit(template, "next version", tag)
    git(template, "gc", "--quiet")
    return template


def start(
    template: Path,
    project: Path,
    *,
    ref: str | None = OLD,
    repository: Path | None = None,
    **data: Any,
) -> Path:
    """Start a track with the old version, commit it, and return its folder."""
    project.mkdir(parents=True, exist_ok=True)
    before = set(tracks(project))
    copier.run_copy(
        str(template),
        project,
        data={**REQUIRED, **data},
        vcs_ref=ref,
        defaults=True,
        quiet=True,
        unsafe=True,
    )
    commit(repository or project, "start")
    (track,) = set(tracks(project)) - before
    return track


def answers_file(track: Path) -> Path:
    """Return the answers file of a track, relative to its project."""
    return track.relative_to(track.parents[2]) / ".copier-answers.yml"


def update(track: Path, **settings: Any) -> None:
    """Update a track in this process, to the newest version unless told otherwise."""
    copier.run_update(
        track.parents[2],
        answers_file=answers_file(track),
        defaults=True,
        overwrite=True,
        quiet=True,
        unsafe=True,
        **settings,
    )


def command_line(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Copier's command line as a user does."""
    return subprocess.run(
        [sys.executable, "-m", "copier", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def edit(path: Path, *changes: tuple[str, str]) -> None:
    """Replace texts that must be there, each once."""
    text = path.read_bytes().decode("utf-8")
    for old, new in changes:
        assert old in text, f"{old!r} is not in {path.name}"
        text = text.replace(old, new, 1)
    path.write_bytes(text.encode("utf-8"))


def texts(track: Path) -> dict[str, str]:
    """Return the files of a track."""
    return {name: (track / name).read_bytes().decode("utf-8") for name in FILES}


def line_with(text: str, words: str) -> str:
    """Return the one line that holds some words."""
    (line,) = [line for line in text.splitlines() if words in line]
    return line


def status(project: Path) -> list[str]:
    """Return what git sees as changed, in its short form."""
    return git(project, "status", "--short", "--untracked-files=all").splitlines()
