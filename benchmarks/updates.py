"""What `copier update` costs and how often it conflicts, beside plain Copier, in one run.

Usage, from the repository's root: python benchmarks/updates.py [CASES [ROUNDS]]
"""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "extensions"))

import yaml

from benchmarks.copies import bare_template
from benchmarks.measuring import ROUNDS, Cost, compared, cost, middle, rounds
from tests import update_cases
from tests.conftest import commit, git, working_tree
from tests.update_support import NEW, OLD, new_sizing, new_tasks

OTHER_FILES = 20_000
KINDS = (
    "PostgreSQL",
    "Amazon S3",
    "Redis",
    "Local POSIX",
)
ANSWERS = ("--data=title=Payments ledger", "--data=description=All payments")


# ─── Conflicts ───────────────────────────────────────────────────────────────────────────────────


def plain_merge(base: str, ours: str, theirs: str) -> str:
    """Merge a file as Copier does: the user's changes as a patch, else line by line."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for side, text in (("base", base), ("ours", ours), ("theirs", theirs)):
            (folder / side).mkdir()
            (folder / side / "file").write_text(text, encoding="utf-8", newline="")
        patch = _git(folder, "diff", "--no-index", "--inter-hunk-context=-1", "base", "ours").stdout
        patch = re.sub(r"(?<=[ab])/(?:base|ours)/file", "/file", patch)
        _git(folder / "theirs", "apply", "--reject", given=patch)
        if not (folder / "theirs" / "file.rej").exists():
            return (folder / "theirs" / "file").read_text(encoding="utf-8")
        (folder / "theirs" / "file").write_text(theirs, encoding="utf-8", newline="")
        labels = ("-L", "before updating", "-L", "last update", "-L", "after updating")
        _git(folder, "merge-file", *labels, "ours/file", "base/file", "theirs/file")
        return (folder / "ours" / "file").read_text(encoding="utf-8")


def _git(folder: Path, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["git", *arguments], cwd=folder, input=given, capture_output=True, text=True, check=False
    )


def conflicts(template: Path, scratch: Path, cases: int) -> None:
    """Draw updates and count those that end with a conflict, or without one but wrong."""
    renders = list(fresh_tracks(template, scratch))
    print(f"{cases} updates of {len(renders)} kinds of track, each with up to 20 edits by a person")
    print("(two thirds of them ticks and decisions) and up to 6 changes of the template\n")
    counts: Counter[str] = Counter()
    for seed in range(cases):
        choose = update_cases.chooser(seed)
        life = update_cases.born(choose(renders))
        update_cases.live(life, choose)
        count_ours(life, counts)
        count_plain(life, counts)
    print("| per 100 updates | plain Copier | this template |")
    print("|---|---|---|")
    for what in ("updates with a conflict", "conflicts", "updates that lose or double something"):
        shares = (counts[f"{side} {what}"] * 100 / cases for side in ("plain", "ours"))
        print(f"| {what} | {' | '.join(f'{share:.1f}' for share in shares)} |")


def fresh_tracks(template: Path, scratch: Path) -> Iterator[dict[str, str]]:
    """Render a track of each kind."""
    for number, backend in enumerate(KINDS):
        project = scratch / f"kind-{number}"
        start(template, project, f"--data=backend={backend}")
        (track,) = (project / "storage-conductor" / "storages").iterdir()
        yield update_cases.read_texts(track)


def count_ours(life: update_cases.Life, counts: Counter[str]) -> None:
    merged = update_cases.update(life)
    found = sum(len(each.conflicts) for each in merged.values())
    lost = update_cases.losses(life, update_cases.users_side(merged))
    count("ours", found, bool(lost), counts)


def count_plain(life: update_cases.Life, counts: Counter[str]) -> None:
    base, ours, theirs = life.texts()
    merged = {name: plain_merge(base[name], ours[name], theirs[name]) for name in base}
    found = sum(text.count(f"{update_cases.MARKER}before") for text in merged.values())
    lost = not found and update_cases.losses(life, merged)
    count("plain", found, bool(lost), counts)


def count(side: str, found: int, is_wrong: bool, counts: Counter[str]) -> None:
    counts[f"{side} conflicts"] += found
    counts[f"{side} updates with a conflict"] += bool(found)
    counts[f"{side} updates that lose or double something"] += is_wrong


# ─── Cost ────────────────────────────────────────────────────────────────────────────────────────


def start(template: Path, project: Path, *answers: str, ref: str = OLD) -> None:
    """Start a track of a version and commit it."""
    project.mkdir(parents=True, exist_ok=True)
    copier("copy", "--vcs-ref", ref, *ANSWERS, *answers, str(template), str(project))
    commit(project, "start")


def copier(*arguments: str) -> Cost:
    """Run Copier and return what it cost."""
    command = [sys.executable, "-m", "copier", arguments[0], "--quiet", "--trust", "--defaults"]
    return cost([*command, *arguments[1:]])


def measured(project: Path) -> Cost:
    """Update the one track of a project, which is as before afterwards."""
    (answers,) = project.rglob(".copier-answers.yml")
    taken = copier("update", "--answers-file", str(answers.relative_to(project)), str(project))
    git(project, "reset", "--quiet", "--hard")
    git(project, "clean", "--quiet", "--force", "-d")
    return taken


def other_files(project: Path) -> None:
    """Give a project the size of a large repository."""
    text = "".join(f"line {number} of a source file\n" for number in range(240))
    for number in range(OTHER_FILES):
        path = project / "src" / f"part{number // 200:03}" / f"file{number % 200:03}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{number}\n{text}", encoding="utf-8")


def questions_alone(folder: Path) -> Path:
    """Make a template of this one's files and questions, with constants in place of its code."""
    working_tree(folder)
    shutil.rmtree(folder / "template")
    (folder / "template").mkdir()
    answers = folder / "template" / "{{ _copier_conf.answers_file }}.jinja"
    answers.write_text("{{ _copier_answers | to_nice_yaml }}", encoding="utf-8")
    config = yaml.safe_load((folder / "copier.yml").read_text(encoding="utf-8"))
    config = {name: value for name, value in config.items() if not name.startswith("_")}
    for question in config.values():
        question.pop("choices", None)
        question.pop("multiselect", None)
        question["type"] = "yaml"
        for part in ("default", "validator", "help", "when"):
            if "{" in str(question.get(part, "")):
                question[part] = "{{ '' }}"
    config["_subdirectory"] = "template"
    text = yaml.safe_dump(config, sort_keys=False)
    (folder / "copier.yml").write_text(text, encoding="utf-8")
    commit(folder, tag=OLD)
    return folder


def next_version(template: Path) -> None:
    commit(template, "next", NEW)
    git(template, "gc", "--quiet")


def costs(ours: Path, scratch: Path, often: int) -> None:
    """Measure updates of this template and of bare ones, in small and large repositories."""
    bare, asking = bare_template(scratch / "bare"), questions_alone(scratch / "asking")
    for template in (bare, asking):
        (template / "template" / "README.md").write_text("# Read me\n", encoding="utf-8")
        next_version(template)
    projects = {}
    for name, template in (("bare", bare), ("asking", asking), ("ours", ours)):
        for size in ("small", "large"):
            project = scratch / f"{name}-{size}"
            if size == "large":
                other_files(project)
            start(template, project)
            git(project, "gc", "--quiet")
            projects[f"{name} {size}"] = project
    found = rounds(
        {name: functools.partial(measured, project) for name, project in projects.items()}, often
    )
    for size, what in (("small", "an empty project"), ("large", f"{OTHER_FILES:,} other files")):
        bare_one, constants, this = (f"{name} {size}" for name in ("bare", "asking", "ours"))
        print(f"\ncopier update in {what}")
        print(f"  bare template            {middle(found[bare_one])}")
        print(f"  with these questions     {middle(found[constants])}")
        print(f"  this template            {middle(found[this])}")
        print(f"    against the bare one   {compared(found, this, bare_one)}")
        print(f"    against the questions  {compared(found, this, constants, 1.15)}")
        alone, ours_too = (max(one.memory for one in found[name]) for name in (bare_one, this))
        print(f"  memory                   {ours_too:.0f} MB ({alone:.0f} MB of the bare one)")


def main() -> None:
    """Print the conflicts, then the cost."""
    cases = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    often = int(sys.argv[2]) if len(sys.argv) > 2 else ROUNDS
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        ours = working_tree(scratch / "ours")
        commit(ours, tag=OLD)
        new_tasks(ours)
        new_sizing(ours)
        next_version(ours)
        if cases:
            conflicts(ours, scratch, cases)
        if often:
            costs(ours, scratch, often)


if __name__ == "__main__":
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # what a user's Python keeps, it keeps here
    os.environ |= {
        "GIT_CONFIG_GLOBAL": os.devnull,
        # Nothing of git's own may run in the background of a measurement.
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "gc.auto",
        "GIT_CONFIG_VALUE_0": "0",
        **{f"GIT_{role}_NAME": "A" for role in ("AUTHOR", "COMMITTER")},
        **{f"GIT_{role}_EMAIL": "a@example.org" for role in ("AUTHOR", "COMMITTER")},
    }
    main()
