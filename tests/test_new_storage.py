"""`new-storage` by its own written steps, executed literally in three projects."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli.template import VARIABLE
from storage_conductor.assistants import sources

from .command_runner import Done, call
from .conftest import ROOT, commit, tracks
from .track_builder import replace

Capture = pytest.CaptureFixture[str]
FIXTURES = ROOT / "tests" / "fixtures" / "assistants"
SENTENCE = "An order that was sent is never changed: the accountants compare it with the invoice."


class Session:
    """Follows the steps: runs each command of the text as it stands, with the track's id."""

    def __init__(self, project: Path, capsys: Capture) -> None:
        self.project = project
        self.capsys = capsys
        text = next(each.body for each in sources.commands() if each.name == "new-storage")
        self.steps = dict(re.findall(r"^(\d)\. (.*?)(?=^\d\. |\Z)", text, re.M | re.S))
        self.id = "ID"

    def run(self, step: int) -> list[Done]:
        """Run the commands of a step, but for what is only for a store that exists."""
        found = re.findall(r"`((?:storage-conductor|copier) [^`]*)`", self.steps[str(step)])
        return [self._run(" ".join(each.split())) for each in found if "SOURCE" not in each]

    def _run(self, text: str) -> Done:
        program, *arguments = shlex.split(re.sub(r"\bID\b", self.id, text))
        if program == "storage-conductor":
            return call(self.capsys, *arguments)
        done = subprocess.run(
            [sys.executable, "-m", program, *arguments],
            cwd=self.project,
            capture_output=True,
            text=True,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def decisions(self, done: Done) -> dict[str, dict[str, Any]]:
        assert (done.code, done.err) == (0, "")
        return {each["key"]: each for each in json.loads(done.out)["open_decisions"]}


@pytest.fixture(params=sorted(path.name for path in FIXTURES.iterdir()))
def sample(
    request: pytest.FixtureRequest, project: Path, newer: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Return the folder of a sample, whose project the tests work in."""
    found: Path = FIXTURES / request.param
    shutil.copytree(found / "project", project, dirs_exist_ok=True)
    commit(project)
    settings = project.parent / "settings.yml"
    settings.write_text(yaml.safe_dump({"trust": [str(newer)]}), encoding="utf-8")
    monkeypatch.setenv("COPIER_SETTINGS_PATH", str(settings))
    monkeypatch.setenv(VARIABLE, str(newer))
    monkeypatch.chdir(project)
    return found


def test_the_steps_lead_to_a_track_in_which_nothing_derivable_is_open(
    sample: Path, project: Path, capsys: Capture
) -> None:
    session = Session(project, capsys)
    assert [done.code for done in session.run(1)] in ([0, 0], [0, 2])

    answers = yaml.safe_load((sample / "answers.yml").read_text(encoding="utf-8"))
    wrong = {**answers, "retention_days": 7}
    (project / "answers.yml").write_text(yaml.safe_dump(wrong), encoding="utf-8")
    (refused,) = session.run(3)
    assert refused.code == 2
    assert "retention_days: is no question; did you mean retention?" in refused.err
    assert not list(tracks(project))

    (project / "answers.yml").write_text(yaml.safe_dump(answers), encoding="utf-8")
    (started,) = session.run(3)
    assert started.code == 0
    (new,) = json.loads(started.out)["started"]
    track, session.id = project / new["folder"], new["id"]
    commit(project)

    (brief,) = session.run(4)
    before = session.decisions(brief)
    settled = yaml.safe_load((sample / "settled.yml").read_text(encoding="utf-8"))
    asked = {key for key, each in before.items() if each["ask"]}
    ended = {key for key in asked if set(before[key]["answers"]) & set(settled)}
    assert ended, "the user is asked what changes the design"

    (project / "answers.yml").write_text(yaml.safe_dump({**answers, **settled}), encoding="utf-8")
    commit(project)
    (revised,) = session.run(5)
    assert revised.code == 0, revised
    assert set(json.loads(revised.out)["answers"]) == set(settled)
    commit(project)
    after = session.decisions(session.run(4)[0])
    assert not ended & set(after)
    for key, each in after.items():
        if each["ask"]:
            row = (track / "spec.md").read_text("utf-8").splitlines()[each["line"] - 1]
            assert row.startswith(f"| {key} |")
            replace(track / "spec.md", row, row.replace("| open |", "| decided |"))
    left = session.decisions(session.run(4)[0])
    assert not [key for key, each in left.items() if each["ask"]]

    (proved,) = session.run(6)
    assert proved.code in (0, 2), proved.out

    replace(track / "spec.md", "\n## Sizing\n", f"\n{SENTENCE}\n\n## Sizing\n")

    (checked,) = session.run(8)
    assert checked.code == 0, checked.out
    (project / "answers.yml").unlink()
    recorded = yaml.safe_load((track / ".copier-answers.yml").read_text(encoding="utf-8"))
    assert {name: recorded[name] for name in settled} == settled
    commit(project)

    assert call(capsys, "refresh").code == 0
    assert SENTENCE in (track / "spec.md").read_text(encoding="utf-8")
    assert "<<<<<<<" not in (track / "spec.md").read_text(encoding="utf-8")
    (checked,) = session.run(8)
    assert checked.code == 0, checked.out
