"""The questions in a real terminal, answered by typing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.conftest import tracks

if sys.platform == "win32":
    pytest.skip("pseudo-terminals are a matter of POSIX", allow_module_level=True)

import pexpect

DOWN, ENTER, INTERRUPT = "\x1b[B", "\r", "\x03"


@pytest.fixture
def terminal(folder: Path, project: Path) -> Iterator[pexpect.spawn[str]]:
    child = pexpect.spawn(
        sys.executable,
        ["-m", "copier", "copy", "--trust", str(folder), "."],
        cwd=str(project),
        encoding="utf-8",
        timeout=60,
        dimensions=(40, 160),
    )
    yield child
    child.close(force=True)


def answer(child: pexpect.spawn[str], question: str, keys: str) -> None:
    child.expect_exact(question)
    child.expect(r"\x1b\[\?25h|\x1b\[0m")  # the prompt has been drawn
    child.send(keys)


def recorded(project: Path) -> dict[str, object]:
    (track,) = tracks(project)
    return dict(yaml.safe_load((track / ".copier-answers.yml").read_text(encoding="utf-8")))


def test_quick_asks_seven_questions(terminal: pexpect.spawn[str], project: Path) -> None:
    answer(terminal, "Name of the storage component", f"Sessions{ENTER}")
    answer(terminal, "What it stores", f"Login sessions{ENTER}")
    answer(terminal, "Kind of storage", f"{DOWN}{DOWN}{ENTER}")
    answer(terminal, "Product or service", ENTER)
    answer(terminal, "What it is used for", f"keep a login{ENTER}")
    answer(terminal, "Quick asks no more", ENTER)
    answer(terminal, "How the component's id is made", f"{DOWN}{ENTER}")
    terminal.expect_exact("spec.md")
    terminal.expect(pexpect.EOF)
    terminal.wait()

    assert terminal.exitstatus == 0
    found = recorded(project)
    assert found["storage_type"] == "cache"
    assert found["backend"] == "Redis"
    assert found["storage_id"] == "storage-001"
    assert found["latency_p99_ms"] is None


def test_a_broken_rule_is_named_and_asked_again(
    terminal: pexpect.spawn[str], project: Path
) -> None:
    answer(terminal, "Name of the storage component", ENTER)
    terminal.expect_exact("must not be empty")
    terminal.send(f"Sessions{ENTER}")
    terminal.expect_exact("What it stores")
    terminal.send(INTERRUPT)
    terminal.expect(pexpect.EOF)
    terminal.wait()

    assert terminal.exitstatus != 0
    assert list(project.iterdir()) == []
