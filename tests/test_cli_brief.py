"""`storage-conductor brief`: one reading of one track, for people and for programs."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from storage_conductor.brief.decided import AGAINST
from storage_conductor.catalog import rulebook
from storage_conductor.component.alternatives import CRITERIA
from storage_conductor.questions.answers import RULES

from .command_runner import Done, call
from .conftest import ROOT
from .track_builder import replace

LEFT_TO_CONTEXT = {
    "rule",
    "code pattern",
    "name",
    "vision",
    "goals",
    "success metrics",
    "target users",
}
Capture = pytest.CaptureFixture[str]
IN_DOCUMENT = "State it in the project's document."
MODEL: dict[str, Any] = {
    "detail": "full",
    "backend": "PostgreSQL",
    "reads_per_second": 900,
    "writes_per_second": 50,
    "latency_p99_ms": 40,
    "rpo_minutes": 0,
    "availability_percent": 99.999,
    "rto_minutes": 60,
    "sensitive_data": ["pii"],
    "retention": "10 years",
    "entities": {"Account": {"id": "uuid pk"}, "Entry": {"id": "bigint pk"}},
    "access_patterns": [{"name": "an entry", "entity": "Entry", "filter": ["id"]}],
}


@pytest.fixture
def track(start: Callable[..., Path], project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a full track, in whose project the tests work."""
    found = start(**MODEL)
    monkeypatch.chdir(project)
    return found


def brief(capsys: Capture, *arguments: str, full: bool = True) -> dict[str, Any]:
    """Return what the command tells, as a rule with nothing left out."""
    done: Done = call(capsys, "brief", *arguments, "--json", *(["--full"] if full else []))
    assert (done.code, done.err) == (0, "")
    data: dict[str, Any] = json.loads(done.out)
    return data


def test_it_tells_what_was_said_from_what_was_assumed(track: Path, capsys: Capture) -> None:
    data = brief(capsys, track.name)
    assert data["known"]["rto_minutes"] == 60
    assert data["known"]["entities"] == ["Account", "Entry"]
    assert data["known"]["access_patterns"] == ["an entry"]
    assumed = {item["answer"]: item["decision"] for item in data["assumed"]}
    assert assumed["hosting"] == "D-hosting"
    assert assumed["rpo_minutes"] == "D-rpo-below-mechanism"
    assert "growth_gb_per_month" in data["unknown"]
    assert not {"hosting", "rto_minutes"} & set(data["known"]) - {"rto_minutes"}
    assert all((Path.cwd() / path).is_file() for path in data["files"].values())


def test_each_decision_names_the_answers_that_end_it(track: Path, capsys: Capture) -> None:
    data = brief(capsys, track.name)
    found = {item["key"]: item for item in data["open_decisions"]}
    assert set(found["D-recovery-budget"]["answers"]) == {"availability_percent", "rto_minutes"}
    assert found["D-retention-erasure"]["answers"] == ["retention", "sensitive_data"]
    missing = found["D-missing-volume"]
    assert missing["answers"] == ["initial_data_gb", "growth_gb_per_month"]
    assert "takes the default's place" in missing["options"][1]["then"]
    assert found["D-hosting"]["answers"] == ["hosting"]
    assert (found["D-retention-erasure"]["ask"], found["D-hosting"]["ask"]) == (True, False)
    for item in found.values():
        assert item["options"][0]["choose"] == item["default"]
        assert "." not in [option["then"] for option in item["options"]]
        assert set(item["answers"]) <= set(RULES)
        spec = (track / "spec.md").read_text(encoding="utf-8").splitlines()
        assert spec[item["line"] - 1].startswith(f"| {item['key']} |")


def texts(data: Any) -> list[str]:
    """Return all texts in a value that are longer than a name."""
    if isinstance(data, str):
        return [data] if len(data) > 30 else []
    values = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    return [text for value in values for text in texts(value)]


def test_what_an_assistant_reads_has_no_text_twice_and_nothing_is_lost(
    track: Path, project: Path, capsys: Capture
) -> None:
    for path in (ROOT / "examples/project/storage-conductor").glob("*.md"):
        if path.name != "tracks.md":
            shutil.copy(path, project / "storage-conductor" / path.name)
    full = brief(capsys, track.name)
    short = brief(capsys, track.name, full=False)
    told = texts(short)
    assert [text for text, times in Counter(told).items() if times > 1] == []
    assert set(short) == set(full)
    assert (
        len(call(capsys, "brief", track.name, "--json").out) < len(json.dumps(full, indent=2)) / 2
    )
    for item, whole in zip(short["open_decisions"], full["open_decisions"], strict=True):
        assert item["options"][0]["choose"] == whole["default"]
        assert {**whole, "options": 0} == {**item, "options": 0, "default": whole["default"]}
        left = [each["choose"] for each in whole["options"]][len(item["options"]) :]
        assert left in ([], [f"State {', '.join(item['answers'])}."], [IN_DOCUMENT])
    for item, whole in zip(short["assumed"], full["assumed"], strict=True):
        if "value" not in item:
            choice = next(
                each for each in short["open_decisions"] if each["key"] == item["decision"]
            )
            value = str(whole["value"])
            assert value.casefold() in choice["options"][0]["choose"].casefold()
    said = {
        (each["file"], each["line"], each["value"])
        for each in full["documents"]
        if each["what"] not in LEFT_TO_CONTEXT
    }
    listed = short["documents"].items()
    assert said == {(file, each["line"], each["value"]) for file, all_ in listed for each in all_}


def test_revising_the_named_answer_ends_the_decision(
    track: Path, start: Callable[..., Path], capsys: Capture
) -> None:
    keys = {item["key"] for item in brief(capsys, track.name)["open_decisions"]}
    other = start(**{**MODEL, "rto_minutes": 0.1, "initial_data_gb": 1, "growth_gb_per_month": 1})
    left = {item["key"] for item in brief(capsys, other.name)["open_decisions"]}
    assert {"D-recovery-budget", "D-missing-volume"} <= keys - left


def test_what_is_open_between_several_has_each_as_an_option(
    start: Callable[..., Path], project: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    track = start(storage_type="cache", backend="Redis or Memcached", retention="1 hour")
    monkeypatch.chdir(project)
    found = {item["key"]: item for item in brief(capsys, track.name)["open_decisions"]}
    choice = found["D-alternatives-backend"]
    assert (choice["ask"], choice["answers"]) == (True, ["backend"])
    assert [option["choose"] for option in choice["options"]] == ["Redis", "Memcached"]
    assert choice["options"][1]["then"].endswith("State backend: Memcached.")
    assert set(AGAINST) == set(CRITERIA)


def test_what_a_person_decided_is_told_and_no_longer_open(track: Path, capsys: Capture) -> None:
    spec = track / "spec.md"
    row = next(x for x in spec.read_text("utf-8").splitlines() if x.startswith("| D-hosting |"))
    cells = row.split(" | ")
    new = " | ".join([*cells[:2], "We run it ourselves on two hosts", *cells[3:]])
    replace(spec, row, new.replace("| open |", "| decided |"))
    mine = "| D-our-own | Who is on call? | Nobody | Ann | 8 | open |"
    replace(
        spec, new.replace("| open |", "| decided |"), f"{new.replace('open', 'decided')}\n{mine}"
    )
    data = brief(capsys, track.name)
    assert {"key": "D-hosting", "decided": "We run it ourselves on two hosts"} in data["decided"]
    own = next(item for item in data["open_decisions"] if item["key"] == "D-our-own")
    assert (own["what"], own["decides"], own["answers"]) == ("Who is on call?", "Ann", [])


def test_documents_that_changed_since_are_told_with_their_lines(
    track: Path, project: Path, capsys: Capture
) -> None:
    assert brief(capsys, track.name)["documents_changed"] is False
    path = project / "storage-conductor" / "tech-stack.md"
    path.write_text("# Stack\n\n- **Migration Tool**: Flyway\n", encoding="utf-8")
    data = brief(capsys, track.name)
    assert data["documents_changed"] is True
    (said,) = [item for item in data["documents"] if item["value"] == "Flyway"]
    assert (said["file"], said["line"]) == ("storage-conductor/tech-stack.md", 3)


@pytest.mark.parametrize("patterns", [[], MODEL["access_patterns"]])
def test_use_cases_without_a_pattern_are_named(
    start: Callable[..., Path],
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Capture,
    patterns: list[dict[str, Any]],
) -> None:
    uses = ["read an entry", "export invoices for the accountants"]
    track = start(**{**MODEL, "use_cases": uses, "access_patterns": patterns})
    monkeypatch.chdir(project)
    unserved = [item["use_case"] for item in brief(capsys, track.name)["unserved_use_cases"]]
    assert unserved == (uses[1:] if patterns else uses)
    assert uses[1] in call(capsys, "brief", track.name).out


def test_building_blocks_are_told_with_what_they_lack(
    start: Callable[..., Path], project: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    track = start(use_cases=["hold a seat for ten minutes"], backend="PostgreSQL")
    monkeypatch.chdir(project)
    # The description speaks of a ledger.
    found, ledger = brief(capsys, track.name)["blocks"]
    assert ledger["decision"] == "D-block-ledger"
    assert (found["key"], found["store"], found["kept"]) == ("hold", "PostgreSQL", True)
    assert found["decision"] == "D-block-hold"
    assert "hold a seat for ten minutes" in found["because"]
    assert found["entities"]["Slot"]["held_until"] == "timestamptz null"
    assert found["steps"] == "storage-conductor prove --block hold --store postgresql --dry-run"
    assert "hold: Hold with expiry on PostgreSQL" in call(capsys, "brief", track.name).out


def test_people_read_the_same(track: Path, capsys: Capture) -> None:
    done = call(capsys, "brief", track.name)
    assert (done.code, done.err) == (0, "")
    data = brief(capsys, track.name)
    for item in data["open_decisions"]:
        assert f"  {item['key']}: {item['decides']}" in done.out
    assert f"Open decisions: {len(data['open_decisions'])}" in done.out
    assert data["gate"].split(";")[0].split()[0] in done.out
    assert all(len(each) <= 100 for each in done.out.splitlines())


def test_a_track_that_cannot_be_meant_or_read_is_one_message(track: Path, capsys: Capture) -> None:
    done = call(capsys, "brief", "storage-404")
    assert (done.code, done.out) == (2, "")
    assert "has no track 'storage-404'" in done.err
    answers = track / ".copier-answers.yml"
    text = answers.read_text(encoding="utf-8")
    answers.write_text(text.replace("rto_minutes: 60", "rto_minutes: soon"), encoding="utf-8")
    done = call(capsys, "brief", track.name)
    assert (done.code, done.out) == (2, "")
    assert "rto_minutes" in done.err


def test_every_assumption_that_an_answer_states_names_it() -> None:
    answers = {item.answer for item in rulebook.assumptions()} - {""}
    assert answers <= set(RULES)
    assert {"backend", "hosting", "migration_tool"} <= answers


def test_a_track_may_be_named_by_its_folder(track: Path, capsys: Capture) -> None:
    assert brief(capsys, str(track)) == brief(capsys, track.name)
