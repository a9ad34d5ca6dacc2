"""What `copier copy` of this template costs, as ratios measured side by side in one run.

Usage, from the repository's root: python benchmarks/copies.py [ROUNDS]
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.measuring import ROUNDS, Cost, compared, cost, middle, rounds
from tests.conftest import commit, working_tree

MODEL = "examples/answers/ledger-postgresql.yml"
TRACKS = 10_000
HEADER = (
    "| Storage ID | Title | Storage Type | Backend | Type | Status | Created Date | Updated Date |"
)
ANSWERS = ("--data=title=Payments ledger", "--data=description=All payments")


def bare_template(folder: Path) -> Path:
    """Make a template of one file and one question."""
    (folder / "template").mkdir(parents=True)
    (folder / "copier.yml").write_text("_subdirectory: template\ntitle: {type: str}\n", "utf-8")
    answers = folder / "template" / "{{ _copier_conf.answers_file }}.jinja"
    answers.write_text("{{ _copier_answers | to_nice_yaml }}", encoding="utf-8")
    commit(folder, tag="v1.0.0")
    return folder


def crowded_registry(project: Path) -> None:
    """Fill the registry with rows."""
    rows = "".join(
        f"| storage-{number:05} | Store {number} | database | PostgreSQL | Storage Component"
        " | Planning | 2026-01-31 | 2026-01-31 |\n"
        for number in range(TRACKS)
    )
    home = project / "storage-conductor"
    home.mkdir(parents=True)
    text = f"# Storage Components\n\n{HEADER}\n{'| --- ' * 8}|\n{rows}\n## Status\n"
    (home / "tracks.md").write_text(text, encoding="utf-8", newline="")


def copied(template: Path, project: Path, *answers: str, crowded: bool = False) -> Cost:
    """Start a track in a new project, remove the project, and return what it cost."""
    if crowded:
        crowded_registry(project)
    copy = (sys.executable, "-m", "copier", "copy", "--quiet", "--trust", "--defaults")
    taken = cost((*copy, *answers, template, project))
    shutil.rmtree(project)
    return taken


def main() -> None:
    """Print what each kind of copy costs, against the bare template."""
    often = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        ours = working_tree(scratch / "ours")
        commit(ours, tag="v1.0.0")
        bare = bare_template(scratch / "bare")
        for template in (ours, bare):
            subprocess.run(["git", "gc", "--quiet"], cwd=template, check=True)
        model = f"--data-file={ours / MODEL}"
        project = scratch / "project"
        found = rounds(
            {
                "bare template": lambda: copied(bare, project, ANSWERS[0]),
                "this template": lambda: copied(ours, project, *ANSWERS),
                "full model": lambda: copied(ours, project, model),
                "crowded": lambda: copied(ours, project, *ANSWERS, crowded=True),
            },
            often,
        )
    memory = max(each.memory for costs in found.values() for each in costs)
    print(f"bare template              {middle(found['bare template'])}")
    print(f"this template              {middle(found['this template'])}")
    print(f"  against the bare one     {compared(found, 'this template', 'bare template', 1.25)}")
    print(f"full model on PostgreSQL   {middle(found['full model'])}")
    print(f"  against the bare one     {compared(found, 'full model', 'bare template', 1.5)}")
    print(f"with {TRACKS:,} tracks        {middle(found['crowded'])}")
    print(f"  against none             {compared(found, 'crowded', 'this template', 1.05)}")
    print(f"memory of any of these     {memory:.0f} MB (at most 120)")


if __name__ == "__main__":
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # what a user's Python keeps, it keeps here
    os.environ.setdefault("GIT_CONFIG_GLOBAL", os.devnull)
    for role in ("AUTHOR", "COMMITTER"):
        os.environ.setdefault(f"GIT_{role}_NAME", "A")
        os.environ.setdefault(f"GIT_{role}_EMAIL", "a@example.org")
    main()
