"""Drills of MySQL: back up, lose the server, restore and compare, as the catalog says."""

from __future__ import annotations

from storage_conductor.catalog.statements import BackupMechanism

from .command_shell import MysqlShell, bound, mysql, wait


def logical_dump(way: BackupMechanism) -> None:
    with mysql() as server:
        _fill(server, 1, 1000)
        server.sql("CREATE PROCEDURE shop.counted() SELECT count(*) FROM shop.kept")
        before = server.sql("CHECKSUM TABLE shop.kept")
        values = {"database": "shop", "file.sql": server.place / "dump.sql"}
        server.check(bound(way.backup, values))
        dump = (server.place / "dump.sql").read_text(encoding="utf-8")
        assert "CHANGE REPLICATION SOURCE TO" in dump
        server.sql("DROP DATABASE shop")
        server.check(bound(way.restore, values))
        assert server.sql("CHECKSUM TABLE shop.kept") == before
        assert server.sql("CALL shop.counted()") == "1000"


def replica(way: BackupMechanism) -> None:
    with mysql(_NUMBERED) as source, mysql(f"{_NUMBERED}\nserver-id=2\nread-only=1") as copy:
        _fill(source, 1, 1000)
        source.sql("CREATE USER copier@localhost IDENTIFIED BY 'secret'")
        source.sql("GRANT REPLICATION SLAVE ON *.* TO copier@localhost")
        dump = source.place / "dump.sql"
        source.check(f"mysqldump --all-databases --triggers --routines --events > {dump}")
        copy.check(f"mysql < {dump}")
        values = {
            "host": "127.0.0.1",
            "port": source.port,
            "user": "copier",
            "password": "secret",
        }
        copy.sql(bound(way.backup, values))
        _fill(source, 1001, 2000)
        before = source.sql("CHECKSUM TABLE shop.kept")
        wait(lambda: copy.sql("CHECKSUM TABLE shop.kept") == before, "the replica follows")
        source.lose()
        copy.sql(way.restore)
        _fill(copy, 2001, 2002)
        assert copy.sql("SELECT count(*) FROM shop.kept") == "2002"


def logical_dump_from_a_service(way: BackupMechanism) -> None:
    """A service keeps SUPER and RELOAD to itself, and is reached over TLS alone."""
    with mysql(f"{_NUMBERED}\nrequire-secure-transport=1") as server:
        _fill(server, 1, 1000)
        server.sql("CREATE USER main@localhost IDENTIFIED BY 'secret' REQUIRE SSL")
        server.sql("GRANT ALL ON *.* TO main@localhost")
        server.sql("REVOKE SUPER, RELOAD, FLUSH_TABLES, BINLOG_ADMIN ON *.* FROM main@localhost")
        before = server.sql("CHECKSUM TABLE shop.kept")
        values = {
            "host": f"127.0.0.1 --port={server.port} --user=main --password=secret",
            "ca.pem": server.data / "ca.pem",
            "database": "shop",
            "file.sql": server.place / "dump.sql",
        }
        server.check(bound(way.backup, values))
        server.sql("DROP DATABASE shop")
        server.check(bound(way.restore, values))
        assert server.sql("CHECKSUM TABLE shop.kept") == before


_NUMBERED = "gtid-mode=ON\nenforce-gtid-consistency=ON"


def _fill(server: MysqlShell, first: int, last: int) -> None:
    server.sql("CREATE DATABASE IF NOT EXISTS shop")
    server.sql("CREATE TABLE IF NOT EXISTS shop.kept (id INT PRIMARY KEY, word TEXT)")
    rows = (
        "USE shop; INSERT INTO kept WITH RECURSIVE seq (n) AS (SELECT <first> UNION ALL"
        " SELECT n + 1 FROM seq WHERE n < <last>) SELECT n, sha2(n, 256) FROM seq"
    )
    server.sql(bound(rows, {"first": first, "last": last}))
