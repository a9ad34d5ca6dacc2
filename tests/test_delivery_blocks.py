"""The scripts of a track's blocks: written once, and taken by real servers as they are."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from storage_conductor.catalog.building_blocks import load_block
from storage_conductor.schema.block_roles import bind
from storage_conductor.schema.parse import parse_model

from . import schema_servers as servers
from .command_runner import call
from .importing_support import database

Capture = pytest.CaptureFixture[str]
Start = Callable[..., Path]
SQL_BLOCKS = ["hold", "outbox", "idempotency-key"]


def entities(blocks: list[str]) -> dict[str, Any]:
    """Return what the blocks need, as a person would paste it into the answers."""
    found: dict[str, Any] = {}
    for name in reversed(blocks):
        found = dict(bind(load_block(name), found).entities)
    return found


def statements(text: str) -> list[str]:
    lines = [line.partition(" -- ")[0] for line in text.splitlines() if not line.startswith("--")]
    return [part.strip() for part in "\n".join(lines).split(";\n") if part.strip(" ;\n")]


@pytest.mark.parametrize(("backend", "store"), [("PostgreSQL", "postgresql"), ("SQLite", "sqlite")])
def test_a_server_knows_every_name_in_the_statements(
    start: Start, project: Path, capsys: Capture, backend: str, store: str
) -> None:
    given = entities(SQL_BLOCKS)
    track = start(backend=backend, entities=given, access_patterns=[], blocks=SQL_BLOCKS)
    assert call(capsys, "files", track.name, str(project)).code == 0
    written = sorted((track / "files/blocks").glob("*/*.sql"))
    assert {path.parent.name for path in written} == {"hold", "outbox", "idempotency_key"}
    model = parse_model(given, [])
    assert model is not None
    count = 0
    with database(store) as there:
        there.load(model)
        for path in written:
            for statement in statements(path.read_text(encoding="utf-8")):
                # What is in angle brackets is the caller's own.
                if re.match(r"BEGIN|COMMIT|ROLLBACK", statement) or re.search(r"<\w+>", statement):
                    continue
                bound = sa.text(f"EXPLAIN {statement}")
                names = re.findall(r"(?<![:\w]):(\w+)", statement)
                there.connection.execute(bound, dict.fromkeys(names))
                count += 1
    assert count > 6


def test_scripts_are_written_once_and_an_edited_one_stays(
    start: Start, project: Path, capsys: Capture
) -> None:
    track = start(
        backend="SQLite", entities=entities(["hold"]), access_patterns=[], blocks=["hold"]
    )
    assert "would write" in call(capsys, "files", "--dry-run", track.name, str(project)).out
    assert not (track / "files").exists()
    assert call(capsys, "files", track.name, str(project)).code == 0
    mine = track / "files/blocks/hold/confirm.sql"
    assert "-- step: book" in mine.read_text(encoding="utf-8")
    assert "nothing was written" in call(capsys, "files", track.name, str(project)).out
    mine.write_text("-- mine\n", encoding="utf-8")
    again = call(capsys, "files", track.name, str(project))
    assert mine.read_text(encoding="utf-8") == "-- mine\n"
    assert "hold/confirm.sql is not what the answers give now; it stays as it is." in again.out


def test_what_the_answers_lack_is_said(start: Start, project: Path, capsys: Capture) -> None:
    track = start(backend="SQLite", entities={"A": {"id": "uuid pk"}}, blocks=["hold"])
    done = call(capsys, "files", track.name, str(project))
    assert done.code == 0
    assert "No script is written of Hold with expiry: the answers lack" in done.out
    assert not (track / "files/blocks").exists()


def test_redis_loads_and_runs_the_scripts(start: Start, project: Path, capsys: Capture) -> None:
    track = start(
        storage_type="cache",
        backend="Redis",
        entities=entities(["rate-limit", "session"]),
        blocks=["rate-limit", "session"],
    )
    assert call(capsys, "files", track.name, str(project)).code == 0
    folder = track / "files/blocks"
    names = sorted(path.relative_to(folder).as_posix() for path in folder.glob("*/*"))
    assert "rate_limit/admit.lua" in names
    assert "session/begin_look.lua" in names
    with servers.redis() as client:
        for path in folder.glob("*/*.lua"):
            client.script_load(path.read_text(encoding="utf-8"))
        admit = (folder / "rate_limit/admit.lua").read_text(encoding="utf-8")
        answers = [client.eval(admit, 1, "k", 2, 60_000) for _ in range(3)]
    assert answers[0] == answers[1] != answers[2] == 0
