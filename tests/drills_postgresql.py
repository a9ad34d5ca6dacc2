"""Drills of PostgreSQL: back up, lose the server, restore and compare, as the catalog says."""

from __future__ import annotations

from storage_conductor.catalog.statements import BackupMechanism

from .command_shell import bound, postgres, wait

ARCHIVING = """
archive_mode = on
archive_command = 'test ! -f <place>/archive/%f && cp %p <place>/archive/%f'
"""
DIGEST = "SELECT count(*), sum(hashtext(kept::text)) FROM kept"


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
        last = server.sql("SELECT pg_walfile_name(pg_current_wal_lsn())")
        server.sql("SELECT pg_switch_wal()")
        archived = "SELECT last_archived_wal FROM pg_stat_archiver"
        wait(lambda: server.sql(archived) >= last, "the last segment is archived")
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
