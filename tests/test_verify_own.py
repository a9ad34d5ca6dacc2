"""Checks of a project's own: what they tell, and that nothing runs which nobody allowed."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import stat
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from storage_conductor.errors import ConductorError
from storage_conductor.verification import allowing, commands, queries

from . import schema_servers as servers
from .command_runner import call
from .conftest import commit
from .importing_support import ENGINES, Database, database
from .track_builder import write_registry, write_track
from .verify_support import (
    Capture,
    box,
    evidence,
    found,
    ledger,
    own,
    unproven,
    verify,
)

TASK = "sqlite-migration-ci"
MARK = "ran.txt"
RUN = [sys.executable.rpartition("/")[2], "-c", f"open({MARK!r}, 'a').write('x')"]
CI = sorted(allowing._PROPOSED)


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    for name in CI:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def track(start: Callable[..., Path], project: Path) -> Path:
    """Return a track in a project with a command of its own."""
    folder = ledger(start, "SQLite")
    (project / "migrations").mkdir()
    (project / "migrations" / "0001.sql").write_text("SELECT 1;\n", "utf-8")
    own(project, mine=command())
    commit(project)
    return folder


def command(*arguments: str, **more: Any) -> dict[str, Any]:
    return {
        "tasks": [TASK, "gate-migration"],
        "command": list(arguments) or RUN,
        "covers": ["migrations/**"],
        **more,
    }


def runs(project: Path) -> int:
    """Return how often the command ran."""
    path = project / MARK
    return len(path.read_text("utf-8")) if path.exists() else 0


# ---------------------------------------------------------------------------------------------
# What is run


def test_a_command_runs_only_after_it_was_listed_and_allowed(
    track: Path, project: Path, tmp_path: Path, capsys: Capture
) -> None:
    done = verify(capsys, project, "--tick")
    assert "not run  mine: is the project's own: look at it, then add --allow" in done.out
    dry = verify(capsys, project, "--dry-run", "--allow").out
    assert "would mine" in dry
    listed = json.loads(verify(capsys, project, "--dry-run", "--allow", "--json").out)
    told = [f"would {each['check']}: {each['does']}" for each in listed["would"]]
    assert told == [line for line in dry.splitlines() if line.startswith("would ")]
    assert listed["tasks"]
    assert "migrations" not in (track / "evidence.json").read_text("utf-8")
    assert runs(project) == 0
    assert not (tmp_path / "config").exists()

    done = verify(capsys, project, "--allow", "--tick")
    assert done.err.startswith(f"allowed: mine: run {RUN}, at most 600 seconds\n")
    assert "passed   mine: exit code 0" in done.out
    assert runs(project) == 1
    assert box(project, "Run all migrations in") == "x"
    seen = evidence(project)[TASK]["mine"]
    assert set(seen["covers"]) == {"check mine", "migrations/**"}
    assert evidence(project)["gate-migration"]["mine"] == seen

    kept = tmp_path / "config" / "storage-conductor" / "allowed-checks.json"
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700
    assert str(project) not in kept.read_text("utf-8")
    assert verify(capsys, project).err == ""
    assert runs(project) == 2


@pytest.mark.parametrize(
    ("code", "script"),
    [(0, "raise SystemExit(3)"), (1, "print('the reason'); raise SystemExit(4)")],
)
def test_the_exit_code_decides(
    track: Path, project: Path, capsys: Capture, code: int, script: str
) -> None:
    own(project, mine=command(RUN[0], "-c", script, exit_code=3))
    done = verify(capsys, project, "--allow", "--tick", code=code)
    assert f"exit code {3 + code}" in done.out
    assert ("the reason" in done.out) == bool(code)
    text = (track / "evidence.json").read_text("utf-8")
    assert "the reason" not in text
    assert evidence(project)[TASK]["mine"]["result"] == ("failed" if code else "passed")
    assert box(project, "Run all migrations in") == (" " if code else "x")


def test_a_program_that_is_missing_is_no_evidence(
    track: Path, project: Path, capsys: Capture
) -> None:
    own(project, mine=command("no-such-program-here"))
    done = verify(capsys, project, "--allow", code=1)
    assert "There is no program 'no-such-program-here'" in done.out
    assert TASK not in evidence(project)
    own(project, mine=command(covers=["migration/**"]))
    done = verify(capsys, project, "--allow", code=1)
    assert "means no file" in done.out
    assert runs(project) == 0


def test_a_command_that_takes_too_long_is_killed_with_what_it_started(tmp_path: Path) -> None:
    child = f"import time; time.sleep(3); open({str(tmp_path / MARK)!r}, 'w')"
    parent = (
        f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {child!r}]);"
        " import time; time.sleep(60)"
    )
    before = time.monotonic()
    ended = commands.run(tmp_path, [RUN[0], "-c", parent], 1)
    assert ended.code is None
    assert time.monotonic() - before < 3
    time.sleep(4)
    assert not (tmp_path / MARK).exists()


def test_no_argument_reaches_a_shell(track: Path, project: Path, capsys: Capture) -> None:
    odd = "$(touch a) `touch b`; touch c & *"
    own(project, mine=command(RUN[0], "-c", "import sys; print(sys.argv[1:]); sys.exit(1)", odd))
    done = verify(capsys, project, "--allow", code=1)
    assert repr([odd]) in done.out
    assert not any((project / name).exists() for name in "abc")


def test_a_changed_file_or_check_puts_evidence_out_of_date(
    track: Path, project: Path, capsys: Capture
) -> None:
    verify(capsys, project, "--allow", "--tick")
    assert unproven(capsys, project) == []
    first = project / "migrations" / "0001.sql"
    os.utime(first, (0, 0))
    assert unproven(capsys, project) == []
    (project / "migrations" / "deep").mkdir()
    (project / "migrations" / "deep" / "0002.sql").write_text("SELECT 2;\n", "utf-8")
    (message,) = unproven(capsys, project)
    assert message == f"{TASK} is ticked and out of date (mine: migrations/** changed since)"
    verify(capsys, project)
    assert unproven(capsys, project) == []
    own(project, mine=command(RUN[0], "-c", "pass"))
    (message,) = unproven(capsys, project)
    assert "check mine changed since" in message


# ---------------------------------------------------------------------------------------------
# Queries


@pytest.fixture(scope="module", params=ENGINES)
def store(request: pytest.FixtureRequest) -> Iterator[Database]:
    with database(request.param) as opened:
        opened.empty()
        opened.run("CREATE TABLE entry (id int, amount int, note varchar(9))")
        opened.run("INSERT INTO entry VALUES (1, 5, 'a'), (2, 7, NULL)")
        yield opened


class Held:
    """A store as a subject of a check."""

    def __init__(self, store: Database) -> None:
        self.backend = store.backend


def asked(store: Database, text: str) -> list[list[Any]]:
    held: Any = Held(store)
    server, rows = queries.ask(held, store.url, text, 10)
    assert server.startswith(store.backend.name)
    return rows


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT count(*) FROM entry", 2),
        ("SELECT sum(amount) FROM entry;", 12.0),
        ("SELECT id, note FROM entry ORDER BY id", [[1, "a"], [2, None]]),
        ("WITH wrong AS (SELECT * FROM entry WHERE amount < 0) SELECT * FROM wrong", []),
        ("SELECT '100%' AS a UNION ALL SELECT 'b'", [["100%"], ["b"]]),
    ],
)
def test_a_query_is_answered(store: Database, text: str, expected: Any) -> None:
    rows = asked(store, text)
    assert queries.agrees(rows, expected)
    assert not queries.agrees(rows, [[1, 2, 3]])


@pytest.mark.parametrize(
    "text",
    [
        "DELETE FROM entry",
        "SELECT 1; DELETE FROM entry",
        "COMMIT; DROP TABLE entry; SELECT 1",
        "WITH gone AS (DELETE FROM entry RETURNING id) SELECT * FROM gone",
        "SELECT * INTO copied FROM entry",
        "SELECT 1 /*! INTO OUTFILE '/tmp/x' */",
        "CREATE TABLE other AS SELECT 1",
        "SET default_transaction_read_only = off",
        "EXPLAIN ANALYZE DELETE FROM entry",
        "not a query at all",
        "",
    ],
)
def test_nothing_else_than_one_query_is_sent(store: Database, text: str) -> None:
    with pytest.raises(ConductorError):
        asked(store, text)
    assert asked(store, "SELECT count(*) FROM entry") == [[2]]


def test_a_write_behind_a_query_is_refused_by_the_session() -> None:
    with database("postgresql") as opened:
        opened.empty()
        opened.run(
            "CREATE TABLE entry (id int); INSERT INTO entry VALUES (1);"
            "CREATE FUNCTION gone() RETURNS int LANGUAGE sql AS"
            " 'DELETE FROM entry; SELECT 1'"
        )
        with pytest.raises(ConductorError, match="read-only"):
            asked(opened, "SELECT gone()")
        assert asked(opened, "SELECT count(*) FROM entry") == [[1]]


def test_a_query_of_the_project_is_evidence(track: Path, project: Path, capsys: Capture) -> None:
    with servers.folder() as place:
        path = place / "live.db"
        with contextlib.closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("CREATE TABLE entry (amount int)")
        query = {"query": "SELECT count(*) FROM entry", "expect": 0, "tasks": [TASK]}
        own(project, empty=query)
        url = f"sqlite:///{path.as_posix()}"
        done = verify(capsys, project, "--allow")
        assert "not run  empty: needs the live database, --url" in done.out
        data = found(capsys, project, "--url", url, "--allow", code=1)
        ran = {item["check"]: item["passed"] for item in data["ran"]}
        assert (ran["empty"], ran["drift sqlite"]) == (True, False)
        assert evidence(project)[TASK]["empty"]["server"].startswith("SQLite 3")
        with contextlib.closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("INSERT INTO entry VALUES (1)")
        done = verify(capsys, project, "--url", url, code=1)
        assert "failed   empty: the answer is another one" in done.out
        assert "answer: [[1]]" in done.out
        assert "[[1]]" not in (track / "evidence.json").read_text("utf-8")


# ---------------------------------------------------------------------------------------------
# Trust


def test_what_changed_since_it_was_allowed_asks_again(
    track: Path, project: Path, capsys: Capture
) -> None:
    script = project / "tools" / "check"
    script.parent.mkdir()
    script.write_text(f"#!/bin/sh\nprintf x >> {MARK}\n", "utf-8")
    script.chmod(0o755)
    own(project, mine=command("tools/check"))
    verify(capsys, project, "--allow")
    verify(capsys, project)
    assert runs(project) == 2

    # A branch of a stranger brings other arguments, another check or another script.
    for change in (
        lambda: own(project, mine=command("tools/check", "--all")),
        lambda: own(project, mine=command("tools/check"), more=command("touch", "stolen")),
        lambda: script.write_text(f"#!/bin/sh\nprintf x >> {MARK}; touch stolen\n", "utf-8"),
    ):
        change()
        done = verify(capsys, project)
        assert "add --allow" in done.out
        own(project, mine=command("tools/check"))
    assert runs(project) == 2
    assert not (project / "stolen").exists()
    script.write_text(f"#!/bin/sh\nprintf x >> {MARK}\n", "utf-8")
    verify(capsys, project)
    assert runs(project) == 3, "what was allowed still is"


def test_what_was_allowed_here_is_not_allowed_elsewhere(
    track: Path, project: Path, tmp_path: Path, capsys: Capture
) -> None:
    verify(capsys, project, "--allow")
    other = tmp_path / "stranger"
    project.rename(other)
    assert "add --allow" in verify(capsys, other).out
    assert runs(other) == 1


@pytest.mark.parametrize("name", CI)
def test_on_a_proposed_change_nothing_of_the_project_runs(
    track: Path, project: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    values = allowing._PROPOSED[name]
    assert not allowing.is_proposed({name: "push" if values else "false"})
    for value in values or ("17",):
        monkeypatch.setenv(name, value)
        assert allowing.is_proposed()
    own(project, mine=command("touch", MARK))
    done = verify(capsys, project, "--allow")
    assert "not run  mine: is the project's own, and a pull request may have brought it" in done.out
    assert not (project / MARK).exists()
    if name == "GITHUB_EVENT_NAME":
        assert verify(capsys, project, "--allow-pull-request", code=2).err
        verify(capsys, project, "--allow", "--allow-pull-request")
        assert (project / MARK).exists()


def test_a_push_is_no_proposed_change() -> None:
    for name, value in (
        ("GITHUB_EVENT_NAME", "push"),
        ("CI_PIPELINE_SOURCE", "push"),
        ("BUILD_REASON", "IndividualCI"),
        ("TRAVIS_PULL_REQUEST", "false"),
        ("BUILDKITE_PULL_REQUEST", "false"),
        ("DRONE_BUILD_EVENT", "push"),
    ):
        assert not allowing.is_proposed({name: value})


def test_commands_in_markdown_are_text(track: Path, project: Path, capsys: Capture) -> None:
    attack = (
        "\n- [ ] Verify: `touch stolen` <!-- verify: {command: [touch, stolen]} -->\n"
        "  - [ ] Test: `touch stolen`\n"
        "\n```yaml\nchecks:\n  x:\n    command: [touch, stolen]\n```\n"
        "\n**Gate**: `touch stolen`\n"
    )
    for name in ("plan.md", "spec.md"):
        path = track / name
        path.write_text(path.read_text("utf-8") + attack, "utf-8")
    for place in (track / "verify.yml", project / "verify.yml", project / "proofs.yml"):
        own(project, x=command("touch", "stolen")).rename(place)
    data = json.loads((track / "metadata.json").read_text("utf-8"))
    data["verify"] = {"command": ["touch", "stolen"]}
    (track / "metadata.json").write_text(json.dumps(data), "utf-8")
    (track / "evidence.json").write_text(
        '{\n"x": {"mine": {"at": "2026-01-01T00:00:00+00:00", "result": "failed",'
        ' "says": "\x1b[2J::set-env x::y touch stolen"}},\n"version": 1\n}\n'.replace(
            "\x1b", "\\u001b"
        ),
        "utf-8",
    )
    done = verify(capsys, project, "--allow", "--tick")
    assert "stolen" not in done.out + done.err
    assert not (project / "stolen").exists()
    assert "\x1b" not in call(capsys, "status", str(project)).out


def test_a_link_or_a_folder_of_others_is_not_followed(
    track: Path, project: Path, tmp_path: Path, capsys: Capture
) -> None:
    elsewhere = tmp_path / "verify.yml"
    own(project, mine=command("touch", "stolen")).rename(elsewhere)
    (project / "storage-conductor" / "verify.yml").symlink_to(elsewhere)
    assert "symbolic link" in verify(capsys, project, "--allow", code=2).err
    (project / "storage-conductor" / "verify.yml").unlink()
    (project / "outside").symlink_to(tmp_path)
    own(project, mine=command("outside/program"))
    (tmp_path / "program").write_text("#!/bin/sh\ntouch stolen\n", "utf-8")
    (tmp_path / "program").chmod(0o755)
    assert verify(capsys, project, "--allow", code=2).err
    assert not (project / "stolen").exists()

    kept = tmp_path / "config" / "storage-conductor"
    kept.mkdir(parents=True, exist_ok=True)
    kept.chmod(0o777)
    own(project, mine=command())
    done = verify(capsys, project, "--allow")
    assert "(not remembered: no folder here is yours alone)" in done.err
    assert "add --allow" in verify(capsys, project).out
    assert runs(project) == 1


def test_what_a_command_prints_is_not_acted_on(track: Path, project: Path, capsys: Capture) -> None:
    script = "print('\\x1b[2J'); print('::set-env name=A::b'); raise SystemExit(1)"
    own(project, mine=command(RUN[0], "-c", script))
    done = verify(capsys, project, "--allow", code=1)
    assert "\x1b[2J" not in done.out
    assert "::set-env" not in done.out


# ---------------------------------------------------------------------------------------------
# What cannot be used

WHOLE = "checks:\n  mine:\n    track: ledger\n    tasks: [gate-schema]\n    query: SELECT 1\n"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("checks: [\n", 2, "is not YAML: "),
        ("[]\n", 1, "must be a mapping"),
        ("chekcs: {}\n", 1, "chekcs: is no key that is known here"),
        (f"{WHOLE}    expect: 1\n    comand: [a]\n", 7, "checks.mine.comand: is no key"),
        (f"{WHOLE}    expect: {{a: 1}}\n", 6, "checks.mine.expect: is neither one value nor"),
        (f"{WHOLE}    expect: 1\n    seconds: soon\n", 7, "checks.mine.seconds: Input should be"),
        (WHOLE.replace("[gate-schema]", "gate-schema"), 4, "checks.mine.tasks: must be a list"),
        (WHOLE.replace("    track: ledger\n", ""), 2, "checks.mine: `track` is missing"),
        (WHOLE, 2, "checks.mine: `query` needs `expect`"),
        (f"{WHOLE}    expect: 1\n".replace("ledger", "other"), 3, "there is no track 'other'"),
    ],
)
def test_checks_that_cannot_be_used_are_found_with_their_line(
    project: Path, capsys: Capture, text: str, line: int, said: str
) -> None:
    write_track(project, "ledger")
    write_registry(project)
    (project / "storage-conductor" / "verify.yml").write_text(text, encoding="utf-8")
    for strict in ([], ["--strict"]):
        data = json.loads(call(capsys, "check", str(project), "--json", *strict).out)
        (item,) = (each for each in data["findings"] if each["path"].endswith("/verify.yml"))
        assert (item["rule"], item["line"]) == ("own-checks", line)
        assert said in item["message"]
        assert item["remedy"]


def test_all_that_is_wrong_with_checks_is_found_at_once(project: Path, capsys: Capture) -> None:
    write_track(project, "ledger")
    write_registry(project)
    path = project / "storage-conductor" / "verify.yml"
    wrong = "".join(f"  a{number}: {{x: 1}}\n" for number in range(20_000))
    path.write_text(f"checks:\n{wrong}", encoding="utf-8")
    started = time.monotonic()
    data = json.loads(call(capsys, "check", str(project), "--json").out)
    assert time.monotonic() - started < 10
    assert len(data["findings"]) == 100
