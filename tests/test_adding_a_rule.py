"""The page about adding a rule: who does what it says has a rule."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT, commit, working_tree

PAGE = (ROOT / "docs" / "adding-a-rule.md").read_text(encoding="utf-8")
STEPS = re.findall(
    r"^In `(\S+)`, (above|at the end of) (?:`(\w+)`|the file):\n\n```\w+\n(.+?)^```$",
    PAGE,
    re.M | re.S,
)
COMMANDS = re.findall(r"^(?:python -m )?((?:pytest|copier) .+)$", PAGE, re.M)


def follow(template: Path, step: tuple[str, str, str, str]) -> None:
    """Put a block of the page where the page says."""
    name, where, variable, block = step
    path = template / name
    text = path.read_text(encoding="utf-8")
    place = len(text)
    if variable:
        found = re.search(rf"^{variable}\b.*?^(?=[)\]])", text, re.M | re.S)
        assert found is not None
        place = found.start() if where == "above" else found.end()
    if where == "above":
        block += "\n\n"
    path.write_text(text[:place] + block + text[place:], encoding="utf-8")


def run(folder: Path, command: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the page, in this environment."""
    return subprocess.run(
        [sys.executable, "-m", *shlex.split(command)],
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
    )


def test_who_follows_the_page_has_a_rule(tmp_path: Path) -> None:
    template = working_tree(tmp_path / "template")
    commit(template)
    names, cases, copy = COMMANDS
    for step in STEPS[:2]:
        follow(template, step)
    half = run(template, names)
    assert half.returncode == 1, half.stdout
    assert "failover-above-rto: no entry `key: failover-above-rto` in extensions" in half.stdout
    assert 'failover-above-rto: no `Boundary("failover-above-rto", …)` in' in half.stdout

    for step in STEPS[2:]:
        follow(template, step)
    for command in (names, cases):
        done = run(template, command)
        assert done.returncode == 0, done.stdout
    copied = run(template, copy)
    assert copied.returncode == 0, copied.stderr
    (spec,) = (tmp_path / "try").rglob("spec.md")
    title = "One failover of PostgreSQL takes up to 120 s; the RTO is 1 min"
    assert f"| D-failover-above-rto | **Risk.** {title}" in spec.read_text(encoding="utf-8")
    assert "they count against 1 min" in spec.with_name("plan.md").read_text(encoding="utf-8")


def test_there_are_three_steps() -> None:
    titles = re.findall(r"^## (\d)\. ", PAGE, re.M)
    assert titles == ["1", "2", "3"]
    assert [step[2] for step in STEPS] == ["CHECKS", "CHECKS", "", "AVAILABILITY"]
