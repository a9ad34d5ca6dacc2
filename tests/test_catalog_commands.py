"""Commands of the relational engines, run as the catalog prints them: backup, loss, restore."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from storage_conductor.catalog import loading
from storage_conductor.catalog.statements import BackupMechanism

from . import drills_mariadb, drills_mysql, drills_postgresql
from .command_shell import Shell, bound, mechanism, postgres, quoted
from .schema_servers import folder, program


def online_copy(way: BackupMechanism) -> None:
    program("sqlite3")
    with folder() as place:
        live, copy = place / "live.db", place / "copy.db"
        values = {"database-file": live, "backup-file": copy}
        run = _shell(place)
        with contextlib.closing(sqlite3.connect(live)) as writer, writer:
            writer.execute("PRAGMA journal_mode = WAL")
            writer.execute("CREATE TABLE kept (id INTEGER PRIMARY KEY, word TEXT)")
            writer.executemany(
                "INSERT INTO kept (word) VALUES (?)", [(str(n),) for n in range(5000)]
            )
            writer.commit()
            before = writer.execute("SELECT count(*), sum(id), max(word) FROM kept").fetchall()
            assert run(bound(way.backup, values)) == 0
            writer.execute("DELETE FROM kept")
            writer.commit()
        assert run(bound(way.restore, values)) == 0
        with contextlib.closing(sqlite3.connect(live)) as reader, reader:
            assert (
                reader.execute("SELECT count(*), sum(id), max(word) FROM kept").fetchall() == before
            )
        held = live.read_bytes()
        whole = copy.read_bytes()
        page = int.from_bytes(whole[16:18], "big")  # https://www.sqlite.org/fileformat.html
        copy.write_bytes(whole[: 2 * page] + bytes(page) + whole[3 * page :])
        assert run(bound(way.restore, values)) != 0, "a damaged copy is refused"
        assert live.read_bytes() == held
        copy.unlink()
        assert run(bound(way.restore, values)) != 0, "a missing copy is no empty database"
        assert live.read_bytes() == held


def _shell(place: Path) -> Callable[[str], int]:
    shell = Shell(place, None)
    return lambda text: shell.run(text).returncode


DRILLS: dict[tuple[str, str], Callable[[BackupMechanism], None]] = {
    ("postgresql", "base-backup-wal"): drills_postgresql.base_backup_and_wal,
    ("postgresql", "streaming-standby"): drills_postgresql.streaming_standby,
    ("postgresql", "logical-dump"): drills_postgresql.logical_dump,
    ("postgresql", "logical-dump-managed"): drills_postgresql.logical_dump_from_a_service,
    ("mariadb", "physical-binlog"): drills_mariadb.physical_backup_and_binary_log,
    ("mariadb", "replica"): drills_mariadb.replica,
    ("mariadb", "logical-dump"): drills_mariadb.logical_dump,
    ("mariadb", "logical-dump-rds"): drills_mariadb.logical_dump_from_a_service,
    ("mysql", "replica"): drills_mysql.replica,
    ("mysql", "logical-dump"): drills_mysql.logical_dump,
    ("mysql", "logical-dump-managed"): drills_mysql.logical_dump_from_a_service,
    ("sqlite", "online-copy"): online_copy,
}
NOT_RUN = {
    ("mariadb", "galera"): "a quorum needs three hosts",
    ("mysql", "physical-binlog"): "XtraBackup is not among Debian's packages",
    ("sql-server", "full-and-log"): "SQL Server has a licence to accept",
    ("sql-server", "availability-group"): "SQL Server has a licence to accept",
    ("sqlite", "streamed-wal"): "Litestream is in no package registry that the tests use",
}


@pytest.mark.parametrize(("backend", "key"), DRILLS, ids=["/".join(drill) for drill in DRILLS])
def test_a_backup_brings_the_data_back(backend: str, key: str) -> None:
    DRILLS[backend, key](mechanism(backend, key))


def test_every_way_back_of_a_server_of_ones_own_is_run_or_says_why_not() -> None:
    relational = [item.key for item in loading.headings() if item.storage_type == "database"]
    loaded = [loading.load(key) for key in relational]
    known = {
        (backend.key, way.key)
        for backend in loaded
        if backend.family == "relational"
        for way in backend.at("self-managed").backup
    }
    assert known == (set(DRILLS) & known) | set(NOT_RUN)
    assert not set(DRILLS) & set(NOT_RUN)


def test_what_verifies_postgresql_is_silent_on_a_sound_cluster_and_not_on_a_damaged_one() -> None:
    of_backup, of_cluster = quoted("postgresql", "pg-verify")[:2]
    with postgres() as server:
        server.sql("CREATE TABLE kept AS SELECT n AS id FROM generate_series(1, 1000) n")
        server.sql("CREATE INDEX kept_id ON kept (id)")
        values = {"backup-dir": server.place / "backup"}
        server.check(f"pg_basebackup -D {values['backup-dir']} -X stream -c fast")
        # what it says is one line of success, as its page shows
        assert "backup successfully verified" in server.check(bound(of_backup, values))
        assert server.check(of_cluster) == ""
        server.sql("CHECKPOINT")
        table = server.data / server.sql("SELECT pg_relation_filepath('kept')")
        server.check(f"pg_ctl -D {server.data} stop")
        damaged = bytearray(table.read_bytes())
        damaged[8192 - 60 : 8192] = b"\xff" * 60
        table.write_bytes(damaged)
        (values["backup-dir"] / "PG_VERSION").write_text("1\n", encoding="utf-8")
        server.check(f"pg_ctl -D {server.data} -l {server.place}/log start")
        assert server.run(of_cluster).returncode != 0
        assert server.run(bound(of_backup, values)).returncode != 0
