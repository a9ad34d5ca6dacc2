"""Settings that a track promises, on servers that keep them and that do not."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from storage_conductor.catalog import loading
from storage_conductor.catalog.settings import settings
from storage_conductor.schema.parse import parse_model

from . import schema_servers as servers
from .command_runner import call
from .importing_support import database

Capture = pytest.CaptureFixture[str]
Start = Callable[..., Path]
ENTITIES: dict[str, Any] = {"Account": {"id": "uuid pk", "email": "text not null unique"}}
SAID: dict[str, Any] = {
    "entities": ENTITIES,
    "access_patterns": [],
    "sensitive_data": ["pii"],
    "hosting": "self-managed",
    "detail": "full",
    "rpo_minutes": 1,
    "rto_minutes": 30,
}


@pytest.mark.parametrize("item", settings(), ids=lambda item: f"{item.stores[0]}-{item.name}")
def test_what_promises_a_setting_is_a_statement_or_a_task_of_each_store(item: Any) -> None:
    for store in item.stores:
        backend = loading.load(store)
        known: set[str] = set()
        for hosting in backend.hosting:
            whole = backend.at(hosting.key)
            known |= {p.key for p in (*whole.security, *whole.durability, *whole.consistency)}
            known |= {task.key for task in whole.tasks}
        assert known & set(item.of), (store, item.name)


def test_postgresql_is_asked_for_what_the_track_promises(
    start: Start, project: Path, capsys: Capture
) -> None:
    track = start(backend="PostgreSQL", **SAID)
    model = parse_model(ENTITIES, [])
    assert model is not None
    with database("postgresql") as store:
        store.load(model)
        arguments = ("drift", track.name, str(project), "--url", store.url)
        done = call(capsys, *arguments)
        assert done.code == 1
        assert "setting ssl is off, expected on\n" in done.out
        assert "setting archive_mode is off, expected on or always\n" in done.out
        assert "setting lines of pg_hba.conf" not in done.out
        assert "setting fsync" not in done.out
        data = json.loads(call(capsys, *arguments, "--json").out)
        assert {item["kind"] for item in data} == {"setting"}
        done = call(capsys, *arguments, "--schema-only")
        assert (done.code, done.out) == (0, "no differences in 1 table\n")
        store.run(
            "CREATE ROLE reader LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader;"
        )
        store.run("GRANT USAGE ON SCHEMA public TO reader")
        weak = re.sub(r"//[^@]*@", "//reader@", store.url)
        done = call(capsys, "drift", track.name, str(project), "--url", weak)
        assert "setting lines of pg_hba.conf that let others in without TLS: the server" in done.err


def test_mariadb_is_asked_for_what_the_track_promises(
    start: Start, project: Path, capsys: Capture
) -> None:
    track = start(backend="MariaDB", **SAID)
    model = parse_model(ENTITIES, [])
    assert model is not None
    with database("mariadb") as store:
        store.load(model)
        arguments = ("drift", track.name, str(project), "--url", store.url)
        done = call(capsys, *arguments)
        assert "setting require_secure_transport is 0, expected 1 or on\n" in done.out
        assert "setting log_bin is 0, expected 1 or on\n" in done.out
        store.run("SET GLOBAL sync_binlog = 1; SET GLOBAL require_secure_transport = 1")
        done = call(capsys, *arguments)
        assert "require_secure_transport" not in done.out
        assert "sync_binlog" not in done.out


def test_redis_is_asked_for_its_settings_alone(
    start: Start, project: Path, capsys: Capture
) -> None:
    track = start(storage_type="cache", backend="Redis", **SAID)
    with servers.redis() as client:
        client.set("theirs", 1)
        port = client.connection_pool.connection_kwargs["port"]
        arguments = ("drift", track.name, str(project), "--url", f"redis://127.0.0.1:{port}/0")
        done = call(capsys, *arguments)
        assert done.code == 1
        assert "setting appendonly is no, expected yes\n" in done.out
        assert "setting maxmemory is 0, expected at least 1\n" in done.out
        client.config_set("appendonly", "yes")
        client.config_set("maxmemory", "100mb")
        client.config_set("min-replicas-to-write", 1)
        done = call(capsys, *arguments)
        assert (done.code, done.err) == (0, "")
        assert re.fullmatch(r"no differences in \d settings\n", done.out)
        client.execute_command("ACL SETUSER weak on nopass ~* +info +ping")
        weak = f"redis://weak:x@127.0.0.1:{port}/0"
        done = call(capsys, "drift", track.name, str(project), "--url", weak)
        assert done.code == 0
        assert "setting appendonly: the server does not tell it to this user" in done.err
        assert client.dbsize() == 1
