"""`storage-conductor issues`: a task an issue, and a second run changes nothing."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from storage_conductor.markdown import outline
from storage_conductor.markdown.boxes import State
from storage_conductor.markdown.outline import plain

from .command_runner import Done, call
from .issue_tracker import PER_PAGE, Tracker, tracker
from .track_builder import replace

Capture = pytest.CaptureFixture[str]
FORMS = ("--github", "--gitlab")


@pytest.fixture
def track(start: Callable[..., Path], project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a rendered track, in whose project the tests work."""
    folder = start(storage_id="ledger")
    plan = folder / "plan.md"
    whole = plan.read_text(encoding="utf-8")
    plan.write_text(whole[: whole.index("## Phase 3")], encoding="utf-8")  # each task takes a run
    monkeypatch.chdir(project)
    return folder


@pytest.fixture
def forge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tracker]:
    """Return a tracker that `gh` and `glab` speak to."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    with tracker(folder) as found:
        yield found


def issues(capsys: Capture, *arguments: str, code: int = 0) -> Done:
    done = call(capsys, "issues", "ledger", *arguments)
    assert done.code == code, done
    return done


def tasks(track: Path) -> list[str]:
    found = outline.read((track / "plan.md").read_text(encoding="utf-8")).boxes
    tops = (box for box in found if not box.indent and box.state is not State.DROPPED)
    return [title(plain(box.text)) for box in tops]


def title(text: str) -> str:
    return text if len(text) <= 250 else f"{text[:249].rpartition(' ')[0].rstrip(' ,;:')}…"


@pytest.mark.parametrize("form", FORMS)
def test_each_task_is_one_issue_and_a_second_run_changes_nothing(
    track: Path, forge: Tracker, capsys: Capture, form: str
) -> None:
    names = tasks(track)
    assert len(names) > PER_PAGE, "several pages"
    done = issues(capsys, form)
    assert [each["title"] for each in forge.issues] == names
    assert done.out.endswith(f"{len(names)} changes made.\n")
    text = forge.issues[0]["body" if form == "--github" else "description"]
    assert text.startswith("Phase 1, Schema Design, of **Payments ledger**, from")
    assert "- [ ] D-" in text
    assert "The phase ends with: " in text

    before = list(forge.changes)
    assert issues(capsys, form).out == "0 changes made.\n"
    assert forge.changes == before


@pytest.mark.parametrize("form", FORMS)
def test_what_is_done_or_dropped_is_closed_and_new_words_rename(
    track: Path, forge: Tracker, capsys: Capture, form: str
) -> None:
    issues(capsys, form)
    found = outline.read((track / "plan.md").read_text(encoding="utf-8")).boxes
    names = [f"- [ ] {box.text}" for box in found if not box.indent]
    plan = track / "plan.md"
    whole = plan.read_text(encoding="utf-8")
    steps = re.match(r"(?:\n +- .*)*", whole[whole.index(names[2]) + len(names[2]) :])
    below = steps[0] if steps else ""
    mine = f"{names[2]} (abc1234){below}".replace("[ ]", "[x]")
    replace(plan, names[2] + below, mine)
    replace(plan, names[3], names[3].replace("[ ]", "[-]"))
    replace(plan, "\n\n**Gate**", "\n- [ ] Ask Ann for *her* view\n\n**Gate**")
    closed_by_hand = forge.issues[5]
    closed_by_hand["state"] = "closed"
    # An earlier version of the template had other words for the task of the same key.
    forge.issues[6]["title"] = "What it was called before"
    before = list(forge.changes)

    shown = issues(capsys, form, "--dry-run")
    assert forge.changes == before
    done = issues(capsys, form)
    assert done.out.splitlines()[:-1] == shown.out.splitlines()[:-1]
    deeds = Counter(line.split()[0] for line in done.out.splitlines()[:-1])
    assert deeds == {"close": 2, "create": 1, "rename": 1}
    assert forge.issue("Ask Ann for her view")["state"] in ("open", "opened")
    assert [forge.issues[at]["state"] for at in (2, 3)] == ["closed", "closed"]
    if form == "--github":
        reasons = [forge.issues[at]["state_reason"] for at in (2, 3)]
        assert reasons == ["completed", "not_planned"]
    assert closed_by_hand["state"] == "closed"
    assert forge.issues[6]["title"] == title(plain(names[6].removeprefix("- [ ] ")))
    assert issues(capsys, form).out == "0 changes made.\n"


def test_issues_of_another_track_are_none_of_this_one(
    track: Path, forge: Tracker, capsys: Capture, start: Callable[..., Path]
) -> None:
    issues(capsys, "--github")
    other = start(storage_id="other")
    shown = call(capsys, "issues", "other", "--github", "--dry-run").out.splitlines()[:-1]
    assert shown == [f"create {name}" for name in tasks(other)]


def test_text_is_data(track: Path, forge: Tracker, capsys: Capture, tmp_path: Path) -> None:
    evil = f'$(touch {tmp_path / "evil"}) "quoted"; `rm x` --method DELETE é'
    replace(track / "plan.md", "\n\n**Gate**", f"\n- [ ] {evil}\n\n**Gate**")
    issues(capsys, "--github")
    assert not (tmp_path / "evil").exists()
    assert any(each["title"] == plain(evil) for each in forge.issues)


def test_csv_has_all_tasks_with_their_subtasks_and_no_formula(track: Path, capsys: Capture) -> None:
    own = '=HYPERLINK("http://example.org")'
    replace(track / "plan.md", "\n\n**Gate**", f"\n- [x] {own}\n  - [x] a, b\n\n**Gate**")
    done = issues(capsys, "--csv")
    assert issues(capsys, "--csv").out == done.out
    rows = list(csv.DictReader(io.StringIO(done.out)))
    tops = [row for row in rows if row["Issue Type"] == "Task"]
    assert [row["Summary"].removeprefix("'") for row in tops] == tasks(track)
    mine = next(row for row in tops if own in row["Summary"])
    assert (mine["Summary"][0], mine["Status"]) == ("'", "Done")
    (step,) = [row for row in rows if row["Parent"] == mine["Issue ID"]]
    assert (step["Summary"], step["Status"], step["Issue Type"]) == ("a, b", "Done", "Sub-task")
    assert step["Labels"].startswith(f"{mine['Labels']}.")
    assert len({row["Issue ID"] for row in rows}) == len(rows)
    assert len({row["Labels"] for row in rows}) == len(rows)
    assert not any(" " in row["Labels"] for row in rows)
    # Jira finds a parent only above, and takes each mark in the header for a column's end.
    kinds = [row["Issue Type"] for row in rows]
    assert kinds == sorted(kinds, reverse=True)
    assert not re.search(r"[^\w ,]", done.out.splitlines()[0])


@pytest.mark.parametrize("word", ["lengthy", "=words", "\N{ROCKET}\N{ROCKET}"])
def test_a_summary_has_at_most_what_a_tracker_takes_and_the_text_follows(
    track: Path, forge: Tracker, capsys: Capture, word: str
) -> None:
    text = " ".join([word] * 100)
    replace(track / "plan.md", "\n\n**Gate**", f"\n- [ ] {text}\n  - [ ] S {text}\n\n**Gate**")
    rows = list(csv.DictReader(io.StringIO(issues(capsys, "--csv").out)))
    mine = [row for row in rows if text in row["Description"]]
    assert [row["Issue Type"] for row in mine] == ["Task", "Sub-task"]
    for row in mine:
        summary = row["Summary"]
        assert 200 < len(summary.encode("utf-16-le")) // 2 <= 255
        assert summary.endswith(f"{word}…"), "ends with a word"
    issues(capsys, "--github")
    (found,) = [each for each in forge.issues if text in each["body"]]
    assert found["title"].endswith(f"{word}…")
    assert issues(capsys, "--github", "--dry-run").out.count("\n") == 1


@pytest.mark.parametrize(
    ("step", "status", "own"),
    [("[ ]", "In Progress", "To Do"), ("[~]", "In Progress", "In Progress"), ("[-]", "Done", "")],
)
def test_a_task_that_is_ticked_over_an_open_step_is_not_done(
    track: Path, capsys: Capture, step: str, status: str, own: str
) -> None:
    replace(track / "plan.md", "\n\n**Gate**", f"\n- [x] Mine\n  - {step} a step\n\n**Gate**")
    rows = list(csv.DictReader(io.StringIO(issues(capsys, "--csv").out)))
    assert [row["Status"] for row in rows if row["Summary"] == "Mine"] == [status]
    assert [row["Status"] for row in rows if row["Summary"] == "a step"] == ([own] if own else [])
    data = json.loads(call(capsys, "status", "--json").out)["tracks"][0]
    assert data["in_progress"][:1] == (["Mine"] if own else [])
    assert (data["done"] == 0) == bool(own)
    # Only a strict check minds, as a new version of the template may have brought the sub-task.
    told = json.loads(call(capsys, "check", "--json").out)["findings"]
    assert [item for item in told if item["rule"] == "ticked-too-early"] == []
    told = json.loads(call(capsys, "check", "--strict", "--json").out)["findings"]
    found = [item for item in told if item["rule"] == "ticked-too-early"]
    assert bool(found) == bool(own)


def test_what_cannot_be_done_is_one_message(
    track: Path, forge: Tracker, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "no tracker is named" in issues(capsys, code=2).err
    forge.broken = True
    done = issues(capsys, "--gitlab", code=2)
    assert "HTTP 502" in done.err
    assert "glab auth status" in done.err
    monkeypatch.setenv("PATH", os.devnull)
    assert "gh is not installed" in issues(capsys, "--github", code=2).err
    (track / "plan.md").write_text("# Plan\n", encoding="utf-8")
    assert "has no task" in issues(capsys, "--csv", code=2).err


def test_a_run_that_broke_off_goes_on(track: Path, forge: Tracker, capsys: Capture) -> None:
    issues(capsys, "--github")
    del forge.issues[7:]
    done = issues(capsys, "--github")
    assert [each["title"] for each in forge.issues] == tasks(track)
    assert f"{len(tasks(track)) - 7} changes made." in done.out
