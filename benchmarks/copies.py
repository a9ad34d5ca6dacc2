"""What `copier copy` of this template costs, as ratios measured side by side in one run.

Usage, from the repository's root: python benchmarks/copies.py [ROUNDS]
"""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.conftest import commit, working_tree

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


def seconds(template: Path, project: Path, *answers: str) -> float:
    """Return how long one copy takes."""
    command = ["copy", "--quiet", "--trust", "--defaults", *answers, str(template), str(project)]
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "copier", *command], check=True)
    return time.perf_counter() - start


def main() -> None:
    """Print both rows of the budget."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        ours = working_tree(scratch / "ours")
        commit(ours, tag="v1.0.0")
        bare = bare_template(scratch / "bare")
        for template in (ours, bare):
            subprocess.run(["git", "gc", "--quiet"], cwd=template, check=True)
        taken: dict[str, list[float]] = {"bare": [], "empty": [], "crowded": []}
        for _ in range(rounds + 1):
            project = scratch / "project"
            taken["bare"].append(seconds(bare, project, ANSWERS[0]))
            shutil.rmtree(project)
            taken["empty"].append(seconds(ours, project, *ANSWERS))
            shutil.rmtree(project)
            crowded_registry(project)
            taken["crowded"].append(seconds(ours, project, *ANSWERS))
            shutil.rmtree(project)
    middle = {what: statistics.median(times[1:]) for what, times in taken.items()}
    unit = 2**20 if sys.platform == "darwin" else 2**10
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / unit
    print(f"bare template                {middle['bare']:.3f} s")
    print(f"this template                {middle['empty']:.3f} s")
    print(f"  against the bare one       {middle['empty'] / middle['bare']:.2f} (at most 1.5)")
    print(f"with {TRACKS:,} tracks          {middle['crowded']:.3f} s")
    print(f"  against none               {middle['crowded'] / middle['empty']:.2f} (at most 1.15)")
    print(f"memory of any of these       {memory:.0f} MB (at most 120)")


if __name__ == "__main__":
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # what a user's Python keeps, it keeps here
    os.environ.setdefault("GIT_CONFIG_GLOBAL", os.devnull)
    for role in ("AUTHOR", "COMMITTER"):
        os.environ.setdefault(f"GIT_{role}_NAME", "A")
        os.environ.setdefault(f"GIT_{role}_EMAIL", "a@example.org")
    main()
