"""`storage-conductor issues` after a kill and after decisions were settled: one for a task."""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path

import pytest

from .command_runner import call
from .conftest import commit
from .issue_tracker import Tracker
from .kill_scenes import command
from .kill_support import Place, forked, kill, points
from .test_issues import Capture, forge, tasks, track
from .track_builder import replace
from .update_support import first_release
from .update_support import start as start_from

__all__ = ["forge", "track"]
LEAST = 6  # moments of a run: before the listing, and before each request that makes an issue


@pytest.mark.skipif(sys.platform != "linux", reason="needs fork and SIGKILL")
@pytest.mark.parametrize("form", ["--github", "--gitlab"])
def test_a_kill_at_any_moment_makes_no_issue_twice_and_loses_none(
    track: Path, project: Path, forge: Tracker, tmp_path: Path, form: str
) -> None:
    plan = track / "plan.md"
    whole = plan.read_text("utf-8")
    plan.write_text(whole[: whole.index("## Phase 2")], encoding="utf-8")
    names = tasks(track)
    place = Place(project, tmp_path / "temporary")
    place.temporary.mkdir()
    run = command("issues", "ledger", form, str(project))
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}

    moments = points(run, place, tmp_path / "kept")
    assert [each["title"] for each in forge.issues] == names
    assert len(moments) > max(LEAST, len(names))
    left: set[int] = set()
    for at in range(len(moments)):
        forge.issues.clear()
        assert kill(run, place, at)
        left.add(len(forge.issues))
        if len(forge.issues) > 1:  # what somebody wrote into one meanwhile stays theirs
            body = "body" if form == "--github" else "description"
            forge.issues[0][body] += "\nAnn looks at it.\n"
        code, said = forked(run)
        assert code == 0, said
        assert [each["title"] for each in forge.issues] == names, moments[at]
        code, said = forked(run)
        assert (code, said) == (0, "0 changes made.\n")
    assert left == set(range(len(names)))
    assert before == {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}


def test_labels_and_ids_stay_when_decisions_are_settled(
    template: Path, project: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = first_release(template, tmp_path / "template")
    folder = start_from(released, project, storage_id="ledger")
    monkeypatch.chdir(project)

    def rows() -> dict[str, dict[str, str]]:
        found = csv.DictReader(io.StringIO(call(capsys, "issues", "ledger", "--csv").out))
        return {row["Labels"]: row for row in found}

    before = rows()
    spec, plan = folder / "spec.md", folder / "plan.md"
    # All that is due before the first two phases is settled, and its task is ticked.
    lines = spec.read_text("utf-8").splitlines(keepends=True)
    due = [line for line in lines if line.startswith("| D-") and "| open |" in line]
    early = [
        line
        for line in due
        if any(cell.strip() in "12" for cell in line.split("|")[2:-2] if cell.strip())
    ]
    assert early
    for line in early:
        replace(spec, line, line.replace("| open |", "| decided |"))
    text = plan.read_text("utf-8")
    start = text.index("- [ ] Settle the")
    end = text.index("\n- ", start)
    plan.write_text(text[:start] + text[start:end].replace("[ ]", "[x]") + text[end:], "utf-8")
    commit(project)
    done = call(capsys, "revise", "ledger", "--trust", "-d", "retention=7 years")
    assert done.code == 0, done

    after = rows()
    texts = {row["Summary"]: label for label, row in before.items() if row["Issue Type"] == "Task"}
    kept = {row["Summary"]: label for label, row in after.items() if row["Issue Type"] == "Task"}
    both = set(texts) & set(kept)
    assert len(both) > 20
    assert {text: texts[text] for text in both} == {text: kept[text] for text in both}
    settled = next(
        row
        for text, row in ((r["Summary"], r) for r in after.values())
        if text.startswith("Settle the") and row["Status"] == "Done"
    )
    assert settled["Labels"] in before
    assert not [label for label in after if ".own-" in label]
    same = set(before) & set(after)
    assert {k: before[k]["Issue ID"] for k in same} == {k: after[k]["Issue ID"] for k in same}
    # A row is as it was but for what changed: most are byte for byte.
    assert sum(before[label] == after[label] for label in same) > 30
    assert set(after) - set(before), "what came is new"
    commit(project)
    done = call(capsys, "revise", "ledger", "--trust", "-d", "test_driven=true")
    assert done.code == 0, done
    first = rows()
    assert {label for label in first if label not in after} == set(), "tests are now written first"
    assert sum(row["Summary"].startswith("Write the failing test") for row in first.values()) > 10
