"""The questions as a person meets them in a terminal: which are asked, and how many."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT, tracks

if sys.platform == "win32":
    pytest.skip("needs pseudo-terminals", allow_module_level=True)

import pexpect

QUESTIONS: dict[str, dict[str, Any]] = {
    name: question
    for name, question in yaml.safe_load((ROOT / "copier.yml").read_text("utf-8")).items()
    if not name.startswith("_")
}
ENTER, DOWN = "\r", "\x1b[B"
MOST = 10
REQUIRED = [("title", "Ledger" + ENTER), ("description", "All payments" + ENTER)]
LOAD = ["reads_per_second", "writes_per_second", "latency_p99_ms", "scalability"]


def asked(
    folder: Path, project: Path, answers: Sequence[tuple[str, str]], *given: str
) -> list[str]:
    """Answer the questions of a run in a terminal.

    Args:
        folder: The template.
        project: The project.
        answers: Names of questions in the order in which they are asked, with the keys to press.
        given: Answers given beforehand.

    Returns:
        The names of all questions that were asked.
    """
    data = [part for item in given for part in ("--data", item)]
    child = pexpect.spawn(
        sys.executable,
        ["-m", "copier", "copy", "--trust", *data, str(folder), str(project)],
        encoding="utf-8",
        dimensions=(50, 200),
        timeout=30,
    )
    shown = ""
    for name, keys in answers:
        child.expect_exact(QUESTIONS[name]["help"].partition("{{")[0][:60])
        shown += f"{child.before}{child.after}"
        child.send(keys)
    child.expect(pexpect.EOF)
    shown += str(child.before)
    child.close()
    assert child.exitstatus == 0, shown
    text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown)
    return [
        name
        for name, question in QUESTIONS.items()
        if "help" in question and f"🎤 {question['help'].partition('{{')[0][:60]}" in text
    ]


def recorded(project: Path) -> dict[str, Any]:
    (track,) = tracks(project)
    return dict(yaml.safe_load((track / ".copier-answers.yml").read_text(encoding="utf-8")))


def test_a_quick_run_asks_at_most_ten_questions_the_load_among_them(
    folder: Path, project: Path
) -> None:
    skipped = [(name, ENTER) for name in ("storage_type", "backend", "use_cases", *LOAD, "detail")]
    names = asked(folder, project, [*REQUIRED, *skipped])
    assert names == [name for name, _ in [*REQUIRED, *skipped]]
    assert len(names) <= MOST
    found = recorded(project)
    assert [found[name] for name in LOAD] == [""] * len(LOAD)
    assert found["id_scheme"] == "timestamp"
    (track,) = tracks(project)
    assert "Not stated, so that nothing is required of it yet: latency, reads per second" in (
        track / "spec.md"
    ).read_text(encoding="utf-8")


def test_a_quick_run_of_a_hybrid_asks_no_more_and_nothing_that_is_given(
    folder: Path, project: Path
) -> None:
    choices = [("storage_type", DOWN * 4 + ENTER), ("backends", f" {DOWN} {ENTER}")]
    numbers = [
        ("reads_per_second", "900" + ENTER),
        ("writes_per_second", "1e2" + ENTER),
        ("latency_p99_ms", "25" + ENTER),
        ("scalability", "ten times in two years" + ENTER),
    ]
    answers = [*REQUIRED, *choices, ("use_cases", ENTER), *numbers, ("detail", ENTER)]
    names = asked(folder, project, answers, "id_scheme=sequential")
    assert len(names) <= MOST
    assert "id_scheme" not in names
    assert [track.name for track in tracks(project)] == ["storage-001"]
    found = recorded(project)
    assert [float(found[name]) for name in LOAD[:3]] == [900, 100, 25]
    assert found["scalability"] == "ten times in two years"
