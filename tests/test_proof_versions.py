"""A server of another major version than the project's documents name is told, once."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from storage_conductor.catalog import loading
from storage_conductor.context.model import Stated
from storage_conductor.proof.versions import other_version

from .command_runner import call
from .verify_support import ID, Capture, ledger

SEEN = sqlite3.sqlite_version


def documents(project: Path, version: str) -> None:
    home = project / "storage-conductor"
    home.mkdir()
    text = f"# Stack\n\n- **Database**: SQLite {version}\n"
    (home / "tech-stack.md").write_text(text, encoding="utf-8")


def test_a_proof_on_another_version_says_so_once(
    start: Callable[..., Path], project: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents(project, "2.8")
    track = ledger(start, "SQLite")
    monkeypatch.chdir(project)
    said = (
        f"tech-stack.md names SQLite 2.8, and the server is SQLite {SEEN}:"
        " what was seen here may be otherwise there"
    )
    done = call(capsys, "prove", ID, "--report")
    assert done.code == 0
    assert done.out.endswith(f"\nNote: {said}.\n")
    assert done.out.count("2.8") == 1
    assert f"\n{said}.\n" in (track / "proof.md").read_text("utf-8")
    assert json.loads(call(capsys, "prove", ID, "--json").out)["other_version"] == said
    assert f"; {said} (SQLite" in call(capsys, "verify", ID).out

    (project / "a.db").touch()
    drifted = call(capsys, "drift", ID, "--url", f"sqlite:///{project}/a.db", "--json")
    assert drifted.err == f"Note: {said}.\n"
    json.loads(drifted.out)


@pytest.mark.parametrize("version", ["3", SEEN, "3.1", "2+", ""])
def test_nothing_is_said_of_a_version_that_fits(
    start: Callable[..., Path], project: Path, capsys: Capture, version: str
) -> None:
    documents(project, version)
    ledger(start, "SQLite")
    assert json.loads(call(capsys, "prove", ID, str(project), "--json").out)["other_version"] == ""


@pytest.mark.parametrize(
    ("stated", "server", "is_told"),
    [
        ("PostgreSQL 16", "PostgreSQL 18.1", True),
        ("PostgreSQL 16.3", "PostgreSQL 16.9", False),
        ("PostgreSQL 14+", "PostgreSQL 18.1", False),
        ("PostgreSQL 18+", "PostgreSQL 16.1", True),
        ("PostgreSQL", "PostgreSQL 18.1", False),
        ("MySQL 5.7", "PostgreSQL 18.1", False),
        ("MySQL 8.0", "MySQL 8.4.3", True),
        ("MySQL 8", "MySQL 8.4.3", False),
        ("MariaDB 10.6", "MariaDB 10.11.2", True),
        ("MariaDB 10.11", "MariaDB 10.11.2", False),
        ("Redis 7.2", "Redis 7.4.1", False),
        ("Redis 7.2", "Redis 8.0.0", True),
        ("SQL Server 2022", "SQL Server 16.0.4", False),
    ],
)
def test_versions_are_compared_as_their_series_are_named(
    stated: str, server: str, is_told: bool
) -> None:
    product = re.match(r"\D+", server)
    assert product
    found = loading.find(product[0].strip())
    assert found
    named = [Stated("Go 1.24", "tech-stack.md"), Stated(stated, "tech-stack.md")]
    assert bool(other_version(named, loading.load(found.key), server)) is is_told
