"""The load script: the track's own operations, in their proportions, against their limits."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from storage_conductor.component import track
from storage_conductor.delivery import load
from storage_conductor.proof.subject import Subject
from storage_conductor.schema.common import NOTHING_STATED

from . import schema_models as models
from . import schema_servers as servers
from .importing_support import Database, database
from .schema_support import design
from .step_support import Steps

RATES = {
    "entries of an account, newest first": 900,
    "entry by number": 300,
    "account by address": 50,
    "post an entry": 100,
    "settle an entry": 40,
    "drop old entries": 10,
}
SECONDS = 10


@dataclass
class Loaded:
    """A database with rows, and its operations."""

    database: Database
    subject: Subject
    answers: dict[str, Any]


@pytest.fixture(scope="module", params=["postgresql", "mariadb"])
def loaded(request: pytest.FixtureRequest) -> Iterator[Loaded]:
    servers.program({"postgresql": "pgbench", "mariadb": "sysbench"}[request.param])
    patterns = [
        {**each, "per_second": RATES[each["name"]]}
        for each in models.LEDGER_PATTERNS
        if each["name"] in RATES
    ]
    patterns.append({"name": "never said how often", "entity": "Entry", "filter": "status"})
    with database(request.param) as found:
        name = found.backend.name
        answers = {
            "storage_id": "ledger",
            "created_at": "2026-01-01T00:00:00+00:00",
            "title": "Ledger",
            "description": "All payments",
            "backend": name,
            "latency_p99_ms": 500,
            "entities": models.LEDGER_ENTITIES,
            "access_patterns": patterns,
        }
        model = track.build(answers).component.model
        assert model is not None
        found.load(model)
        Steps(found).fill(model, rows=300)
        if request.param == "postgresql":  # rows with numbers of their own leave its count behind
            found.run("SELECT setval(pg_get_serial_sequence('entry', 'id'), 10000)")
        subject = Subject("Ledger", found.backend, model, NOTHING_STATED, design(model, name))
        yield Loaded(found, subject, answers)


def write(loaded: Loaded, folder: Path, **answers: Any) -> list[str]:
    texts, remarks = load.script(loaded.subject, track.build({**loaded.answers, **answers}))
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return remarks


def run(loaded: Loaded, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    url = sa.make_url(loaded.database.url)
    if loaded.database.store == "mariadb":
        named = ["--socket", str(url.query["unix_socket"]), "--user", str(url.username)]
        arguments = (*arguments, *named, "--database", str(url.database))
    place = {
        "PGHOST": str(url.query.get("host")),
        "PGPORT": str(url.query.get("port")),
        "PGUSER": str(url.username),
        "PGDATABASE": str(url.database),
    }
    return subprocess.run(
        [sys.executable, str(folder / "run.py"), *arguments],
        env={**os.environ, **place},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_operations_run_in_their_proportions_and_keep_their_limits(
    loaded: Loaded, tmp_path: Path
) -> None:
    remarks = write(loaded, tmp_path)
    assert remarks == ["Not in the load script: never said how often: no rate is stated of it."]
    entries = Steps(loaded.database).count(loaded.subject.model)
    done = run(loaded, tmp_path, "--seconds", str(SECONDS), "--rate", "400")
    assert done.returncode == 0, done.stdout + done.stderr
    assert Steps(loaded.database).count(loaded.subject.model) > entries
    names = sa.inspect(loaded.database.connection).get_table_names()
    assert not [name for name in names if name.startswith("storage_load")]
    if loaded.database.store == "mariadb":  # sysbench measures all operations together
        assert "ok   all operations: p99" in done.stdout
        return
    lines = [line for line in done.stdout.splitlines() if line.startswith("ok")]
    counts = Counter(
        {
            line.split("ok   ")[1].split(":")[0]: int(line.split(": ")[1].split()[0])
            for line in lines
        }
    )
    assert set(counts) == set(RATES)
    whole = sum(counts.values())
    assert whole > 200 * SECONDS / 2
    for name, rate in RATES.items():
        assert counts[name] / whole == pytest.approx(rate / sum(RATES.values()), abs=0.05), name


def test_a_limit_that_is_not_kept_fails_the_run(loaded: Loaded, tmp_path: Path) -> None:
    write(loaded, tmp_path)
    path = tmp_path / "operations.json"
    settings = json.loads(path.read_text(encoding="utf-8"))
    for each in [*settings["operations"], settings]:
        if "p99_ms" in each:
            assert each["p99_ms"] == 500
            each["p99_ms"] = 0.0001
    path.write_text(json.dumps(settings), encoding="utf-8")
    done = run(loaded, tmp_path, "--seconds", "1")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "FAIL" in done.stdout


def test_an_operation_that_is_too_rare_to_run_fails_nothing(loaded: Loaded, tmp_path: Path) -> None:
    write(loaded, tmp_path)
    if loaded.database.store == "mariadb":  # below one a second, sysbench would have no limit
        done = run(loaded, tmp_path, "--seconds", "2", "--rate", "0.4")
        assert done.returncode in {0, 2}, done.stdout + done.stderr
        assert re.search(r"total number of events: +[0-9]\n", done.stdout)
        return
    path = tmp_path / "operations.json"
    settings = json.loads(path.read_text(encoding="utf-8"))
    for each in settings["operations"]:
        each["weight"] = 1 if each["name"] == "drop old entries" else 100_000
    path.write_text(json.dumps(settings), encoding="utf-8")
    done = run(loaded, tmp_path, "--seconds", "1", "--rate", "100")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "none drop old entries: too rare to run in 1 seconds: --seconds 500001" in done.stdout


def test_a_server_that_is_not_there_is_said(loaded: Loaded, tmp_path: Path) -> None:
    write(loaded, tmp_path)
    nowhere = ["--socket", str(tmp_path / "s"), "--user", "me", "--database", "d"]
    nowhere = nowhere if loaded.database.store == "mariadb" else []
    done = subprocess.run(
        [sys.executable, str(tmp_path / "run.py"), *nowhere],
        env={**os.environ, "PGHOST": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
