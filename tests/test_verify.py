"""`storage-conductor verify`: what is proven is ticked, and what is ticked is proven."""

from __future__ import annotations

import json
import multiprocessing
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from cli import answers_schema
from storage_conductor.catalog import loading, rulebook
from storage_conductor.errors import ConductorError
from storage_conductor.evidence import own_checks
from storage_conductor.schema.parse import parse_model
from storage_conductor.schema.sqltypes import ENGINES
from storage_conductor.tracks import evidence as recorded
from storage_conductor.tracks.evidence import Evidence

from . import schema_servers as servers
from .command_runner import call
from .conftest import commit, git
from .importing_support import Database, database
from .track_builder import write_registry, write_track
from .verify_support import (
    ENTITIES,
    HOME,
    ID,
    PATTERNS,
    Capture,
    box,
    evidence,
    found,
    ledger,
    own,
    unproven,
    verify,
)

PROVE, LIVE = "Run the draft", "Compare the live schema"
SQLITE = "sqlite-prove-draft"


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.fixture(scope="module")
def postgresql() -> Iterator[Database]:
    with database("postgresql") as store:
        yield store


def state(data: dict[str, Any], key: str) -> str:
    named: dict[str, str] = {item["key"]: item["proof"] for item in data["tasks"]}
    return named[key]


def test_a_proof_and_a_comparison_are_evidence_and_tick_what_they_prove(
    start: Callable[..., Path], project: Path, postgresql: Database, capsys: Capture
) -> None:
    track = ledger(start, "PostgreSQL")
    model = parse_model(ENTITIES, PATTERNS)
    assert model is not None
    postgresql.load(model)
    before = (track / "plan.md").read_text("utf-8")

    done = verify(capsys, project)
    assert re.search(r"^passed   prove postgresql: \d+ held, 0 failed \(PostgreSQL \d+", done.out)
    assert "not run  drift postgresql: needs the live database, --url" in done.out
    assert (track / "plan.md").read_text("utf-8") == before
    assert unproven(capsys, project) == []

    data = found(capsys, project, "--url", postgresql.url, "--tick")
    assert [item["check"] for item in data["ran"]] == ["prove postgresql", "drift postgresql"]
    for key in ("prove-draft", "live-schema", "index", "entity-rules"):
        assert state(data, f"postgresql-{key}") == "proven"
    assert box(project, PROVE) == box(project, LIVE) == "x"
    # Each index and entity is seen to; that a test of it was written, nobody saw.
    assert box(project, "Create `ix_entry_account_id`") == "x"
    assert box(project, "Enforce the rules of `Entry`") == "x"
    assert box(project, "Test: the query plan of what each serves names it") == " "
    assert box(project, "Create the indexes of") == " "
    assert state(data, "postgresql-first-migration") == "a person's"
    assert unproven(capsys, project) == []

    again = (track / "plan.md").read_text("utf-8")
    assert [line for line in again.splitlines() if line not in before.splitlines()] == [
        line.replace("[ ]", "[x]")
        for line in before.splitlines()
        if line.replace("[ ]", "[x]") in again.splitlines() and line not in again.splitlines()
    ]
    verify(capsys, project, "--url", postgresql.url, "--tick")
    assert (track / "plan.md").read_text("utf-8") == again

    said = (track / "evidence.json").read_text("utf-8")
    host = postgresql.url.partition("host=")[2].partition("&")[0]
    for secret in (postgresql.url, "postgres@", host, str(project), "scratch"):
        assert secret not in said
    seen = evidence(project)["postgresql-live-schema"]["drift postgresql"]
    assert seen["at"] == "2026-01-31T09:10:00+00:00"
    assert seen["commit"] == git(project, "rev-parse", "HEAD").strip()
    assert seen["server"].startswith("PostgreSQL ")
    assert seen["says"] == "no differences in 2 tables"


def test_what_left_the_model_is_failed_evidence_and_a_finding(
    start: Callable[..., Path], project: Path, postgresql: Database, capsys: Capture
) -> None:
    ledger(start, "PostgreSQL")
    model = parse_model(ENTITIES, PATTERNS)
    assert model is not None
    postgresql.load(model)
    verify(capsys, project, "--url", postgresql.url, "--tick")
    postgresql.run("DROP INDEX ix_entry_account_id")
    done = verify(capsys, project, "--url", postgresql.url, "--tick", code=1)
    assert "failed   drift postgresql: 1 difference in 2 tables" in done.out
    assert "ix_entry_account_id" in done.out
    assert box(project, LIVE) == "x", "nothing is unticked without being asked"
    (message,) = unproven(capsys, project)
    assert message.startswith("postgresql-live-schema is ticked and failed")
    advice = json.loads(call(capsys, "status", str(project), "--json").out)["recommendations"]
    assert any("postgresql-live-schema" in item["message"] for item in advice)

    verify(capsys, project, "--url", postgresql.url, "--untick", code=1)
    assert (box(project, LIVE), box(project, PROVE)) == (" ", "x")
    assert unproven(capsys, project) == []


def test_a_changed_model_puts_evidence_out_of_date_and_a_changed_text_does_not(
    start: Callable[..., Path], project: Path, capsys: Capture
) -> None:
    track = ledger(start, "SQLite")
    verify(capsys, project, "--tick")
    assert box(project, PROVE) == "x"
    answers = track / ".copier-answers.yml"
    told = answers.read_text("utf-8")
    for name in ("spec.md", "plan.md", "metadata.json"):
        path = track / name
        path.write_text(path.read_text("utf-8").replace("ledger of all", "Ledger of all"), "utf-8")
    (track / ".copier-answers.yml").touch()
    answers.write_text(told.replace("Double-entry", "Single-entry"), "utf-8")
    assert unproven(capsys, project) == []

    changed = told.replace("amount > 0", "amount >= 0")
    assert changed != told
    answers.write_text(changed, "utf-8")
    assert unproven(capsys, project) == [
        f"{SQLITE} is ticked and out of date (prove sqlite: draft of sqlite changed since)"
    ]
    done = json.loads(call(capsys, "brief", ID, str(project), "--json").out)
    assert {item["key"]: item["proof"] for item in done["proofs"]}[SQLITE] == "out of date"
    verify(capsys, project)
    assert unproven(capsys, project) == []
    (track / "evidence.json").unlink()
    assert unproven(capsys, project) == [
        f"{SQLITE} is ticked and without evidence (prove sqlite: there is no evidence)"
    ]


def test_what_was_not_committed_is_told(
    start: Callable[..., Path], project: Path, capsys: Capture
) -> None:
    track = ledger(start, "SQLite")
    verify(capsys, project, "--tick")
    verify(capsys, project)
    head = git(project, "rev-parse", "HEAD").strip()
    assert evidence(project)[SQLITE]["prove sqlite"]["commit"] == head
    (track / "spec.md").write_text("changed", "utf-8")
    verify(capsys, project)
    assert evidence(project)[SQLITE]["prove sqlite"]["commit"] == f"{head}+changes"
    (project / ".git").rename(project / "elsewhere")
    verify(capsys, project)
    assert "commit" not in evidence(project)[SQLITE]["prove sqlite"]


def test_a_persons_word_is_evidence_of_its_own_kind(
    start: Callable[..., Path], project: Path, capsys: Capture
) -> None:
    track = ledger(start, "SQLite")
    plan = track / "plan.md"
    phase = "## Phase 1: Schema Design\n\n**Status**: "
    plan.write_text(plan.read_text("utf-8").replace(f"{phase}Not Started", f"{phase}Completed"))
    verify(capsys, project, "--tick")
    (message,) = unproven(capsys, project)
    assert message.startswith("gate-schema: the phase is completed and its gate without evidence")
    assert "person: there is no evidence" in message
    word = ("--by", "Ada  Lovelace", "--note", "Reviewed with\nbilling")
    data = found(capsys, project, "--task", "gate-schema", *word)
    assert data["ran"] == []
    assert state(data, "gate-schema") == "proven"
    seen = evidence(project)["gate-schema"]
    assert set(seen) == {"person", "prove sqlite"}
    assert (seen["person"]["by"], seen["person"]["says"]) == (
        "Ada Lovelace",
        "Reviewed with billing",
    )
    assert unproven(capsys, project) == []

    # A word stands in for no check, and says nothing of another draft.
    data = found(capsys, project, "--task", "sqlite-index", *word)
    assert state(data, "sqlite-index") == "without evidence"
    answers = track / ".copier-answers.yml"
    answers.write_text(answers.read_text("utf-8").replace("amount > 0", "amount > 1"), "utf-8")
    verify(capsys, project)
    (message,) = unproven(capsys, project)
    assert "person: draft of sqlite changed since" in message

    # Of a task that no check sees, it covers the text.
    data = found(capsys, project, "--task", "sqlite-runbook", *word)
    assert state(data, "sqlite-runbook") == "proven"
    text = plan.read_text("utf-8")
    own_words = text.replace("Write the runbook: ", "Write the runbook, with a drill: ")
    assert own_words != text
    plan.write_text(own_words, "utf-8")
    for wrong in (["--task", "runbok", *word], ["--task", "sqlite-index", *word[:3], " "]):
        assert verify(capsys, project, *wrong, code=2).err
    assert verify(capsys, project, "--task", "sqlite-index", code=2).err


def test_a_task_with_a_persons_open_step_stays_open_and_all_bytes_stay(
    start: Callable[..., Path], project: Path, capsys: Capture
) -> None:
    track = ledger(start, "SQLite")
    plan = track / "plan.md"
    text = plan.read_bytes().decode().replace("\n", "\r\n")
    line = next(line for line in text.splitlines() if PROVE in line)
    mine = f"\ufeff{text}".replace(line, f"{line.replace('- [ ]', '*  [~]')}\r\n    1. [ ] ask Ada")
    plan.write_bytes(mine.encode())
    done = verify(capsys, project, "--tick")
    assert f"left {SQLITE} open: ask Ada" in done.out
    assert plan.read_bytes() == mine.encode()
    plan.write_bytes(mine.replace("1. [ ] ask", "1. [X] ask").encode())
    verify(capsys, project, "--tick")
    wanted = mine.replace("1. [ ] ask", "1. [X] ask").replace("*  [~]", "*  [x]")
    assert plan.read_bytes() == wanted.encode()


def test_a_refresh_and_a_sync_leave_evidence_alone(
    start: Callable[..., Path], project: Path, folder: Path, capsys: Capture
) -> None:
    track = ledger(start, "SQLite")
    verify(capsys, project, "--tick")
    before = (track / "evidence.json").read_bytes()
    commit(project)
    assert call(capsys, "sync", str(project)).code == 0
    answers = track / ".copier-answers.yml"
    answers.write_text(answers.read_text("utf-8") + "reads_per_second: 4000\n", "utf-8")
    commit(project)
    assert call(capsys, "refresh", str(project), "--trust").code in (0, 1)
    assert (track / "evidence.json").read_bytes() == before


def test_evidence_of_two_branches_merges(
    start: Callable[..., Path], project: Path, capsys: Capture
) -> None:
    track = ledger(start, "SQLite")
    keys = [item["key"] for item in found(capsys, project)["tasks"]]
    commit(project)
    git(project, "switch", "--quiet", "--create", "other")
    word = ("--by", "Ada", "--note", "seen")
    for name, chosen in (("other", keys[::2]), ("main", keys[::3])):
        git(project, "switch", "--quiet", name)
        for key in chosen[:8]:
            verify(capsys, project, "--task", key, *word[:1], name, *word[2:])
        commit(project)
    git(project, "merge", "--quiet", "--no-edit", "other")
    assert "<<<<" not in (track / "evidence.json").read_text("utf-8")
    seen = recorded.read(project, ID)
    assert {*keys[::2][:8], *keys[::3][:8]} <= set(seen)
    assert "prove sqlite" in seen[SQLITE]
    verify(capsys, project, "--task", keys[0], *word)
    assert recorded.read(project, ID)[keys[0]]["person"].by == "Ada"


@pytest.mark.parametrize("newer", [0, 1])
def test_of_two_runs_the_newer_counts_wherever_it_stands(tmp_path: Path, newer: int) -> None:
    days = ["2026-01-01", "2026-01-02"]
    lines = [
        json.dumps({"prove": {"at": f"{day}T00:00:00+00:00", "result": result}})
        for day, result in zip(days, ("failed", "passed"), strict=True)
    ]
    ordered = lines if newer else lines[::-1]
    text = "{\n" + "".join(f'"index": {line},\n' for line in ordered) + '"version": 1\n}\n'
    assert recorded.parse(text, tmp_path)["index"]["prove"].passed


def _record(project: Path, number: int) -> None:
    for each in range(10):
        seen = Evidence("2026-01-01T00:00:00+00:00", "passed", says=str(number))
        recorded.record(project, ID, {f"task-{number}-{each}": {"check": seen}})


def test_no_run_loses_the_evidence_of_another(project: Path) -> None:
    context = multiprocessing.get_context("spawn")
    runs = [context.Process(target=_record, args=(project, number)) for number in range(3)]
    for run in runs:
        run.start()
    for run in runs:
        run.join(60)
    assert len(recorded.read(project, ID)) == 30


SOUND = Evidence(
    "2026-01-01T00:00:00+00:00", "passed", {"a": f"sha256:{'0' * 64}"}, "0" * 40, "s", "t", "b"
)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("", "", ""),
        ('"version": 1', '"version": 2', "version"),
        ('"passed"', '"fine"', "result"),
        ("T00:00:00+00:00", "", "time zone"),
        ("sha256:", "md5:", "digests"),
        (f'"{"0" * 40}"', '"HEAD"', "commit"),
        ('"s"', "7", "text"),
        ('"says"', '"url"', "url"),
        ('{"check": {', '{"check": [{', "JSON"),
        ("{\n", "<<<<<<< ours\n{\n", "conflict"),
    ],
)
def test_a_check_finds_evidence_of_another_form(
    project: Path, capsys: Capture, old: str, new: str, said: str
) -> None:
    track = write_track(project, ID)
    write_registry(project)
    text = recorded.written({"index": {"check": SOUND}})
    assert old in text
    (track / "evidence.json").write_text(text.replace(old, new, 1), "utf-8")
    done = call(capsys, "check", str(project))
    assert done.code == bool(said), done
    assert said in done.out
    assert not said or f"{HOME}/evidence.json:" in done.out


def test_what_checks_prove_are_tasks_and_gates_of_the_catalog() -> None:
    proofs = rulebook.proofs()
    keys = {task.key for kind in ("database", "cache") for task in loading.load_type(kind).tasks}
    keys |= {task.key for task in proofs.tasks}
    assert {entry.key for entry in proofs.proves} <= keys
    assert {entry.key for entry in proofs.gates} <= set(loading.load_type("database").gates)
    assert set(proofs.stores["drift"]) == set(ENGINES)
    assert {key for keys in proofs.stores.values() for key in keys} <= {
        heading.key for heading in loading.headings()
    }


def test_the_published_schema_is_that_of_the_model() -> None:
    assert answers_schema.CHECKS.read_text("utf-8") == answers_schema.checks()
    Draft202012Validator.check_schema(own_checks.schema())


@pytest.mark.parametrize(
    "wrong",
    [
        {"tasks": [SQLITE]},
        {"tasks": [SQLITE], "query": "SELECT 1"},
        {"tasks": [SQLITE], "command": ["x"]},
        {"tasks": [SQLITE], "command": "make test", "covers": ["a"]},
        {"tasks": [SQLITE], "command": ["../x"], "covers": ["a"]},
        {"tasks": [SQLITE], "command": ["/bin/sh"], "covers": ["a"]},
        {"tasks": [SQLITE], "command": ["x"], "covers": ["../secret"]},
        {"tasks": [SQLITE], "command": ["x"], "covers": ["a"], "query": "SELECT 1", "expect": 1},
        {"tasks": [SQLITE], "command": ["x"], "covers": ["a"], "shell": True},
        {"tasks": [], "command": ["x"], "covers": ["a"]},
        {"tasks": ["sqlite-prove-drft"], "command": ["x"], "covers": ["a"]},
    ],
)
def test_a_check_that_cannot_be_used_is_named(
    start: Callable[..., Path], project: Path, capsys: Capture, wrong: dict[str, Any]
) -> None:
    ledger(start, "SQLite")
    own(project, mine=wrong)
    done = verify(capsys, project, "--allow", code=2)
    assert re.search(r"storage-conductor/verify\.yml:[2-9]: checks\.mine", done.err)
    assert not (project / HOME / "evidence.json").exists()
    assert unproven(capsys, project) != []


def test_a_name_of_the_templates_is_taken(tmp_path: Path) -> None:
    own_path = own_checks_in(tmp_path, "person")
    with pytest.raises(ConductorError, match="is a check of the template's"):
        own_checks.read(own_path)


def own_checks_in(project: Path, name: str) -> Path:
    (project / "storage-conductor").mkdir()
    own(project, **{name: {"tasks": ["a"], "command": ["x"], "covers": ["a"]}})
    return project


def test_two_stores_are_proven_apart(
    start: Callable[..., Path], project: Path, capsys: Capture
) -> None:
    ledger(
        start,
        storage_type="hybrid",
        backends=["PostgreSQL", "Redis"],
        entities={**ENTITIES, "Session": {"id": "uuid pk", "_store": "redis"}},
    )
    data = found(capsys, project, "--tick")
    ran = {item["check"]: item["passed"] for item in data["ran"]}
    assert ran["prove postgresql"] is True
    assert ran["prove redis"] is None
    assert state(data, "redis-prove-draft") == "without evidence"
    assert state(data, "gate-schema") == "without evidence"
    with servers.redis() as store:
        port = store.connection_pool.connection_kwargs["port"]
        url = f"redis://127.0.0.1:{port}/9"
        data = found(capsys, project, "--tick", "--store", "redis", "--scratch", url)
    assert state(data, "redis-prove-draft") == state(data, "postgresql-prove-draft") == "proven"
    assert box(project, "PostgreSQL: Run the draft") == box(project, "Redis: Run the draft") == "x"
