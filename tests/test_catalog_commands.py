"""Commands of the relational engines, run as the catalog prints them: backup, loss, restore."""

from __future__ import annotations

import getpass
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage_conductor.catalog import BackupMechanism

from .command_shell import Mariadb, bound, mariadb, mechanism, postgres, quoted, wait
from .schema_servers import folder, program

ARCHIVING = """
archive_mode = on
archive_command = 'test ! -f <place>/archive/%f && cp %p <place>/archive/%f'
"""
DIGEST = "SELECT count(*), sum(hashtext(kept::text)) FROM kept"


# PostgreSQL


def base_backup_and_wal(way: BackupMechanism) -> None:
    with postgres(ARCHIVING) as server:
        archive, backup = server.place / "archive", server.place / "backup"
        server.check(f"mkdir {archive}")
        server.sql("CREATE TABLE kept AS SELECT n AS id FROM generate_series(1, 1000) n")
        values = {
            "host": server.place,
            "replication-user": "postgres",
            "backup-dir": backup,
            "data-dir": server.data,
            "archive": archive,
            "log-file": server.place / "log",
        }
        server.check(bound(way.backup, values))
        server.sql("INSERT INTO kept SELECT n FROM generate_series(1001, 2000) n")
        before, moment = server.sql(DIGEST), server.sql("SELECT now()")
        server.sql("DROP TABLE kept")
        server.sql("SELECT pg_switch_wal()")
        wait(lambda: len(list(archive.glob("0*"))) >= 3, "the last segment is archived")
        server.lose()
        server.check(bound(way.restore, {**values, "timestamp": moment}))
        wait(lambda: server.sql("SELECT pg_is_in_recovery()") == "f", "the server is promoted")
        assert server.sql(DIGEST) == before
        server.sql("INSERT INTO kept VALUES (0)")


def streaming_standby(way: BackupMechanism) -> None:
    with postgres() as server:
        standby = server.place / "standby"
        server.sql("CREATE TABLE kept AS SELECT n AS id FROM generate_series(1, 1000) n")
        services = server.place / "services"
        services.write_text(f"[primary]\nport={server.port}\n", encoding="utf-8")
        values = {
            "primary": server.place,
            "replication-user": "postgres",
            "data-dir": standby,
            "slot": "one",
            "log-file": server.place / "standby.log",
        }
        # the standby is on this machine too, so that it needs a port of its own
        other = {"PGPORT": str(server.port + 1)}
        to_primary = {"PGSERVICEFILE": str(services), "PGSERVICE": "primary"}
        server.check(bound(way.backup, values), **other, **to_primary)
        server.sql("INSERT INTO kept SELECT n FROM generate_series(1001, 2000) n")
        before = server.sql(DIGEST)
        wait(lambda: server.sql(DIGEST, **other) == before, "the standby follows")
        server.lose()
        server.check(bound(way.restore, values), **other)
        assert server.sql(DIGEST, **other) == before
        server.sql("INSERT INTO kept VALUES (0)", **other)


SHOP = """
CREATE ROLE owner LOGIN PASSWORD 'secret';
CREATE ROLE reader;
CREATE DATABASE shop OWNER owner;
"""
TABLES = """
SET ROLE owner;
CREATE TABLE kept AS SELECT n AS id FROM generate_series(1, 1000) n;
CREATE INDEX kept_id ON kept (id);
GRANT SELECT ON kept TO reader;
"""
RIGHTS = """
SELECT tableowner, has_table_privilege('reader', 'kept', 'SELECT'),
    (SELECT count(*) > 0 FROM pg_stats WHERE tablename = 'kept')
FROM pg_tables WHERE tablename = 'kept'
"""


def logical_dump(way: BackupMechanism) -> None:
    with postgres() as server:
        for statement in SHOP.strip().split("\n"):
            server.sql(statement)
        server.sql(TABLES, "shop")
        before = server.sql(DIGEST, "shop")
        values = {
            "jobs": 2,
            "dir": server.place / "dump",
            "database": "shop",
            "roles.sql": server.place / "roles.sql",
        }
        server.check(bound(way.backup, values))
        server.lose()
        server.start("")
        server.check(bound(way.restore, values))
        assert server.sql(DIGEST, "shop") == before
        assert server.sql(RIGHTS, "shop") == "owner|t|t"
        login = "SELECT rolcanlogin, rolpassword IS NOT NULL FROM pg_authid WHERE rolname = 'owner'"
        assert server.sql(login) == "t|t"
        (server.place / "dump" / "toc.dat").unlink()
        assert server.run(bound(way.restore, values)).returncode != 0


def logical_dump_from_a_service(way: BackupMechanism) -> None:
    """A service makes nobody superuser: who dumps and restores makes roles and databases alone."""
    master = "CREATE ROLE master LOGIN CREATEROLE CREATEDB IN ROLE pg_read_all_data"
    with postgres() as server:
        for statement in (*SHOP.strip().split("\n"), master):
            server.sql(statement)
        server.sql(TABLES, "shop")
        before = server.sql(DIGEST, "shop")
        values = {
            "host": server.place,
            "jobs": 2,
            "dir": server.place / "dump",
            "database": "shop",
            "owner": "owner",
            "roles.sql": server.place / "roles.sql",
        }
        server.check(bound(way.backup, values), PGUSER="master")
        server.lose()
        server.start("")
        server.sql(master)
        server.check(bound(way.restore, values), PGUSER="master")
        assert server.sql(DIGEST, "shop") == before
        assert server.sql(RIGHTS, "shop") == "owner|t|t"


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


# MariaDB


def physical_backup_and_binary_log(way: BackupMechanism) -> None:
    with mariadb() as server:
        _fill(server, 1, 1000)
        me = getpass.getuser()
        owner = me if server.data.owner() == me else server.data.owner()
        values: dict[str, object] = {
            "dir": server.place / "backup",
            "backup-user": "root",
            "server-user": owner,
            "data-dir": server.data,
            "replay.sql": server.place / "replay.sql",
        }
        server.check(bound(way.backup, values))
        _fill(server, 1001, 2000)
        before = server.sql("CHECKSUM TABLE shop.kept")
        wait(_next_second(), "a second passed")
        moment = server.sql("SELECT now()")
        server.sql("DROP TABLE shop.kept")
        server.sql("FLUSH BINARY LOGS")
        (info,) = (server.place / "backup").glob("*_binlog_info")
        name, position = info.read_text(encoding="utf-8").split()[:2]
        logs = sorted((server.place / "binlog").glob("log.0*"))
        values["position"] = position
        values["timestamp"] = moment
        values["binlog-files"] = " ".join(str(log) for log in logs if log.name >= name)
        server.lose()
        server.data.mkdir()
        server.check(bound(way.restore, values))
        assert server.sql("CHECKSUM TABLE shop.kept") == before


def logical_dump_of_mariadb(way: BackupMechanism) -> None:
    with mariadb() as server:
        _fill(server, 1, 1000)
        server.sql("CREATE PROCEDURE shop.counted() SELECT count(*) FROM shop.kept")
        server.sql("CREATE USER app@localhost IDENTIFIED BY 'secret'")
        server.sql("GRANT SELECT ON shop.* TO app@localhost")
        before = server.sql("CHECKSUM TABLE shop.kept")
        values = {
            "database": "shop",
            "file.sql": server.place / "dump.sql",
            "accounts.sql": server.place / "accounts.sql",
        }
        server.check(bound(way.backup, values))
        assert "CHANGE MASTER TO" in (server.place / "dump.sql").read_text(encoding="utf-8")
        server.sql("DROP DATABASE shop")
        server.sql("DROP USER app@localhost")
        server.check(bound(way.restore, values))
        assert server.sql("CHECKSUM TABLE shop.kept") == before
        assert server.sql("CALL shop.counted()") == "1000"
        granted = "mariadb -N -u app -psecret -e 'SELECT count(*) FROM shop.kept'"
        assert server.check(granted).strip() == "1000"


def _fill(server: Mariadb, first: int, last: int) -> None:
    server.sql("CREATE DATABASE IF NOT EXISTS shop")
    server.sql("CREATE TABLE IF NOT EXISTS shop.kept (id INT PRIMARY KEY, word TEXT)")
    numbers = f"shop.seq_{first}_to_{last}"
    server.sql("INSERT INTO shop.kept SELECT seq, md5(seq) FROM " + numbers)


def _next_second() -> Callable[[], bool]:
    began = datetime.now(UTC).replace(microsecond=0)
    return lambda: (datetime.now(UTC) - began).total_seconds() >= 1.1


# SQLite


def online_copy(way: BackupMechanism) -> None:
    program("sqlite3")
    with folder() as place:
        live, copy = place / "live.db", place / "copy.db"
        values = {"database-file": live, "backup-file": copy}
        run = _shell(place)
        with sqlite3.connect(live) as writer:
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
        writer.close()
        assert run(bound(way.restore, values)) == 0
        with sqlite3.connect(live) as reader:
            assert (
                reader.execute("SELECT count(*), sum(id), max(word) FROM kept").fetchall() == before
            )
        reader.close()
        held = live.read_bytes()
        with sqlite3.connect(copy) as damaged:  # an index that misses its rows
            damaged.execute("CREATE INDEX word ON kept (word)")
            damaged.execute("PRAGMA writable_schema = ON")
            damaged.execute(
                "UPDATE sqlite_schema SET sql = sql || ' WHERE id < 0' WHERE name = 'word'"
            )
            damaged.commit()
        damaged.close()
        assert run(bound(way.restore, values)) != 0, "a damaged copy is refused"
        assert live.read_bytes() == held
        copy.unlink()
        assert run(bound(way.restore, values)) != 0, "a missing copy is no empty database"
        assert live.read_bytes() == held


def _shell(place: Path) -> Callable[[str], int]:
    from .command_shell import Shell

    shell = Shell(place, None)
    return lambda text: shell.run(text).returncode


DRILLS: dict[tuple[str, str], Callable[[BackupMechanism], None]] = {
    ("postgresql", "base-backup-wal"): base_backup_and_wal,
    ("postgresql", "streaming-standby"): streaming_standby,
    ("postgresql", "logical-dump"): logical_dump,
    ("postgresql", "logical-dump-managed"): logical_dump_from_a_service,
    ("mariadb", "physical-binlog"): physical_backup_and_binary_log,
    ("mariadb", "logical-dump"): logical_dump_of_mariadb,
    ("sqlite", "online-copy"): online_copy,
}
NOT_RUN = {
    ("sqlite", "streamed-wal"): "Litestream is in no package registry that the tests may use",
}


@pytest.mark.parametrize(("backend", "key"), DRILLS, ids=["/".join(drill) for drill in DRILLS])
def test_a_backup_brings_the_data_back(backend: str, key: str) -> None:
    DRILLS[backend, key](mechanism(backend, key))
