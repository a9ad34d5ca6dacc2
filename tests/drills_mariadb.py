"""Drills of MariaDB: back up, lose the server, restore and compare, as the catalog says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from storage_conductor.catalog.statements import BackupMechanism

from .command_shell import MysqlShell, bound, mariadb, wait


def physical_backup_and_binary_log(way: BackupMechanism) -> None:
    with mariadb() as server:
        _fill(server, 1, 1000)
        values: dict[str, object] = {
            "dir": server.place / "backup",
            "backup-user": "root",
            "server-user": server.data.owner(),
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


def logical_dump(way: BackupMechanism) -> None:
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


def replica(way: BackupMechanism) -> None:
    with mariadb() as source, mariadb("server-id=2\nread-only=1") as copy:
        _fill(source, 1, 1000)
        source.sql("CREATE USER copier@localhost IDENTIFIED BY 'secret'")
        source.sql("GRANT REPLICATION SLAVE ON *.* TO copier@localhost")
        backup = source.place / "backup"
        source.check(f"mariadb-backup --backup --target-dir={backup} --user=root")
        source.check(f"mariadb-backup --prepare --target-dir={backup}")
        (info,) = backup.glob("*_binlog_info")
        owner = copy.data.owner()
        copy.lose()
        copy.check(f"mariadb-backup --copy-back --target-dir={backup}")
        copy.check(f"chown -R {owner}: {copy.data} && systemctl start mariadb")
        values = {
            "gtid": info.read_text(encoding="utf-8").split()[-1],
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
    with mariadb("require-secure-transport=1") as server:
        _fill(server, 1, 1000)
        server.sql("CREATE USER master@localhost IDENTIFIED BY 'secret' REQUIRE SSL")
        server.sql("GRANT ALL ON *.* TO master@localhost")
        server.sql("REVOKE SUPER, RELOAD, BINLOG ADMIN ON *.* FROM master@localhost")
        before = server.sql("CHECKSUM TABLE shop.kept")
        values = {
            "endpoint": "localhost --protocol=tcp --user=master --password=secret",
            "bundle.pem": server.place / "ca.pem",
            "database": "shop",
            "file.sql": server.place / "dump.sql",
        }
        server.check(bound(way.backup, values))
        server.sql("DROP DATABASE shop")
        server.check(bound(way.restore, values))
        assert server.sql("CHECKSUM TABLE shop.kept") == before


def _fill(server: MysqlShell, first: int, last: int) -> None:
    server.sql("CREATE DATABASE IF NOT EXISTS shop")
    server.sql("CREATE TABLE IF NOT EXISTS shop.kept (id INT PRIMARY KEY, word TEXT)")
    rows = "INSERT INTO shop.kept SELECT seq, md5(seq) FROM shop.seq_<first>_to_<last>"
    server.sql(bound(rows, {"first": first, "last": last}))


def _next_second() -> Callable[[], bool]:
    began = datetime.now(UTC).replace(microsecond=0)
    return lambda: (datetime.now(UTC) - began).total_seconds() >= 1.1
