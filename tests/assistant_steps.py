"""Follows an installed command of an assistant: its own steps, its own commands, nothing beside."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest

from .command_runner import Done, call

_STEP = re.compile(r"^(\d)\. (.*?)(?=^\d\. |\Z)", re.MULTILINE | re.DOTALL)


class Skill:
    """A command as it was installed for Claude.

    Each text between backticks is either run as a command or done by the test as it is said; what
    the test did not do is left over, so that a changed text is replayed anew or not at all.
    """

    def __init__(self, project: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
        text = (project / ".claude" / "skills" / name / "SKILL.md").read_text(encoding="utf-8")
        self._project, self._capsys = project, capsys
        self.steps = {
            int(number): [" ".join(said.split()) for said in re.findall(r"`([^`]+)`", step)]
            for number, step in _STEP.findall(text.split("---\n", 2)[2])
        }
        self._left = {(number, said) for number, words in self.steps.items() for said in words}

    def says(self, step: int, *words: str) -> str:
        """Note that the test does what a step says; return the first of its words."""
        for said in words:
            assert said in self.steps[step], f"step {step} does not say {said!r}"
            self._left.discard((step, said))
        return words[0]

    def run(self, step: int, command: str, *more: str, **names: str) -> Done:
        """Run a command of a step.

        Args:
            step: The number of the step.
            command: How the command begins; one of the step does.
            more: What another part of the step says is to be added.
            names: What stands for the words in capitals.
        """
        (text,) = [each for each in self.steps[step] if each.startswith(command)]
        self._left.discard((step, text))
        capitals = re.compile(rf"\b({'|'.join(names) or '$^'})\b")
        said = [capitals.sub(lambda found: names[found[0]], each) for each in shlex.split(text)]
        program, *arguments = [*said, *more]
        if program == "storage-conductor":
            return call(self._capsys, *arguments)
        done = subprocess.run(
            [program, *arguments], cwd=self._project, capture_output=True, text=True, check=False
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def read(self, step: int, command: str, *more: str, code: int = 0, **names: str) -> Any:
        """Run a command and return the JSON that it prints, which is all that it prints."""
        done = self.run(step, command, *more, **names)
        assert (done.code, done.err) == (code, ""), done
        return json.loads(done.out)

    def left(self) -> set[tuple[int, str]]:
        """Return what steps say and the test did not do."""
        return self._left
