"""What `storage-conductor refresh` costs, beside a loop of `copier update` and commit, in one run.

Usage, from the repository's root: python benchmarks/refreshes.py [TRACKS [UPDATES]]
The loop is run for UPDATES tracks only; what 100 tracks cost is computed from the runs. Times are
processor time, user and system of all processes, so that they hold on a busy machine, too.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.updates import copier, next_version
from tests.conftest import commit, git, working_tree
from tests.update_support import OLD, new_sizing, new_tasks

OTHER_FILES = 5_000
JOBS = os.cpu_count() or 1
STORAGES = "storage-conductor/storages"


def tracks(template: Path, project: Path, number: int) -> None:
    """Start one track and copy it under other ids, which takes less time than starting each."""
    answers = ("--data=title=Payments ledger", "--data=description=All payments")
    copier(
        "copy",
        "--vcs-ref",
        OLD,
        "--data=storage_id=storage-001",
        *answers,
        str(template),
        str(project),
    )
    first = project / STORAGES / "storage-001"
    for at in range(2, number + 1):
        track = first.with_name(f"storage-{at:03}")
        shutil.copytree(first, track)
        for path in track.iterdir():
            text = path.read_text(encoding="utf-8").replace("storage-001", track.name)
            path.write_text(text, encoding="utf-8", newline="")
    command("sync", project)
    commit(project, "start")


def command(*arguments: str | Path) -> float:
    """Run the command; return the most memory that it took, in MB."""
    words = [sys.executable, "-m", "storage_conductor_cli", *map(str, arguments)]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
    _, code, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(code)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, words)
    return usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def processor() -> float:
    """Return the seconds that all finished child processes took of a processor."""
    times = os.times()
    return times.children_user + times.children_system


def loop(project: Path, updates: int) -> tuple[float, float]:
    """Update and commit some tracks one after the other.

    Returns:
        The medians for one track, in seconds of a processor and of the clock.
    """
    taken, passed = [], []
    for at in range(1, updates + 1):
        begun, clock = processor(), time.perf_counter()
        answers = f"{STORAGES}/storage-{at:03}/.copier-answers.yml"
        copier("update", "--answers-file", answers, str(project))
        commit(project, "updated")
        taken.append(processor() - begun)
        passed.append(time.perf_counter() - clock)
    git(project, "reset", "--quiet", "--hard", f"HEAD~{updates}")
    return statistics.median(taken), statistics.median(passed)


def refreshed(project: Path, *only: str) -> tuple[float, float, float]:
    """Refresh once; the project is as before afterwards.

    Returns:
        Seconds of a processor, seconds of the clock, and the most memory in MB.
    """
    begun, clock = processor(), time.perf_counter()
    memory = command("refresh", "--trust", *only, project)
    cost = processor() - begun, time.perf_counter() - clock, memory
    git(project, "reset", "--quiet", "--hard")
    return cost


def other_files(project: Path) -> None:
    """Fill the repository with files that no track knows."""
    for at in range(OTHER_FILES):
        path = project / "src" / f"part{at // 100:03}" / f"file{at:05}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{at}\n" * 200, encoding="utf-8")
    commit(project, "sources")


def main() -> None:
    """Print both rows of the budget, and what other files in the repository cost."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    updates = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    with tempfile.TemporaryDirectory() as name:
        template, project = Path(name) / "template", Path(name) / "project"
        working_tree(template)
        commit(template, tag=OLD)
        new_tasks(template)
        new_sizing(template)
        next_version(template)
        tracks(template, project, number)
        refreshed(project)  # fills the cache of compiled templates
        update, waited = loop(project, updates)
        one, _, small = refreshed(project, "storage-001")
        every, clock, memory = refreshed(project)
        shared, shared_clock, _ = refreshed(project, "--jobs", str(JOBS))
        other_files(project)
        among_others, _, _ = refreshed(project)
    further = (every - one) / (number - 1)
    print(f"copier update and commit   {update:.2f} s ({waited:.2f} s by the clock)")
    print(f"refresh of 1 track         {one:.2f} s, {small:.0f} MB")
    print(f"refresh of {number} tracks      {every:.2f} s ({clock:.2f} s by the clock)")
    print(f"  memory                   {memory:.0f} MB (at most 120)")
    print(f"  against the loop         {every / (update * number):.3f}")
    print(f"  by the clock             {clock / (waited * number):.3f}")
    print(f"refresh --jobs {JOBS}           {shared:.2f} s ({shared_clock:.2f} s by the clock)")
    print(f"  by the clock             {shared_clock / (waited * number):.3f} of the loop")
    print(f"each further track         {further:.3f} s")
    hundred = (one + 99 * further) / (100 * update)
    print(f"100 tracks, computed       {hundred:.3f} of the loop (at most 0.04)")
    print(f"with {OTHER_FILES:,} other files     {among_others / every:.2f} times as long")


if __name__ == "__main__":
    os.environ |= {"GIT_CONFIG_GLOBAL": os.devnull, "PYTHONDONTWRITEBYTECODE": ""}
    os.environ |= {
        f"GIT_{role}_{part}": "a" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")
    }
    main()
