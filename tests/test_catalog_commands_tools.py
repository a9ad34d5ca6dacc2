"""What no other file runs of the catalog's commands: run here, or with the reason why not."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from storage_conductor.catalog import loading
from storage_conductor.catalog.statements import BackupMechanism

from . import test_catalog_commands as relational
from . import test_catalog_commands_stores as stores
from .catalog_commands import Command, commands
from .catalog_commands import field as command
from .command_shell import Shell, bound, mariadb, postgres
from .drills_postgresql import DIGEST
from .schema_servers import program
from .spec_rendering import rendered, track_of
from .test_catalog_commands_stores import files, tree
from .vendor_cli import VENDORS

__all__ = ["files"]  # a fixture, requested by its name

RUN = {
    "postgresql pgbench", "mysql sysbench", "sqlite online-copy",
    "postgresql neon-dump", "postgresql supabase-dump",
    "amazon-s3 rclone", "s3-compatible s3c-second-product",
    "nfs nfs-file-backup", "nfs nfs-azure-snapshot",
}  # fmt: skip
_SERVICE = "only the service of that name answers it"
_UNPACKAGED = "neither it nor its server is among Debian's packages"
_PROJECT = "it belongs to the project that uses it, and runs that project's own files"
# What is not run at all, by the program or the whole line that begins so, and why.
NOT_RUN = {
    **dict.fromkeys(
        (
            "curl", "supabase", "neon", "turso", "wrangler", "npx wrangler", "atlas", "astra",
            "dsbulk", "cqlsh-expansion", "cqlsh -b", "azcopy", "Invoke-AzSqlDatabaseFailover",
        ),
        _SERVICE,
    ),
    **dict.fromkeys(
        (
            "alembic", "python manage.py", "npx prisma", "npx knex", "npx drizzle-kit",
            "npx migrate-mongo", "bin/rails", "dotnet ef", "php bin/console", "terraform",
            "java -jar", "<harness>", "k6",
        ),
        _PROJECT,
    ),
    **dict.fromkeys(("flyway", "liquibase", "migrate", "goose", "sqlx"), _UNPACKAGED),
    **dict.fromkeys(("mongosh", "mongodump", "mongorestore", "pbm"), _UNPACKAGED),
    **dict.fromkeys(("cqlsh", "nodetool", "cassandra-stress", "medusa"), _UNPACKAGED),
    **dict.fromkeys(("mc", "weed", "garage", "warp", "bin/ycsb.sh"), _UNPACKAGED),
    **dict.fromkeys(("sqlpackage", "hammerdbcli"), "SQL Server has a licence to accept"),
    **dict.fromkeys(("ceph", "radosgw-admin"), "a Ceph cluster needs three hosts with disks"),
    "echo \"lock;": "Debian has no SeaweedFS, whose shell reads it",
    "echo '-Dcassandra": "Debian has no Cassandra, whose start reads it",
    "zfs": "needs a kernel module, and the rights to load it",
    "fio": "a part of the load test, which would write 4 GiB",
    "pg_ctl promote": "a part of the command that the standby's drill runs",
}  # fmt: skip


def _entry(found: Command) -> str:
    return found.place if found.quoted else found.place.rpartition(".")[0]


def _reason(text: str) -> str | None:
    return next((NOT_RUN[start] for start in NOT_RUN if text.startswith(start)), None)


def test_every_command_of_the_catalog_is_run_or_parsed_or_says_why_not() -> None:
    drilled = {" ".join(pair) for pair in (*relational.DRILLS, *relational.NOT_RUN)}
    known = RUN | drilled | stores.RUN | set(stores.NOT_RUN) | {"cassandra snapshot"}
    vendors = re.compile(rf"\b({'|'.join(VENDORS)}) ")
    left = [c for c in commands() if _entry(c) not in known and not vendors.search(c.text)]
    unexplained = [f"{c.place}: {c.text}" for c in left if _reason(c.text) is None]
    assert not unexplained, "\n".join(unexplained)
    unused = [start for start in NOT_RUN if not any(c.text.startswith(start) for c in left)]
    assert not unused


# Of these, what makes or fetches the copy is a stand-in here.
STAND_INS = {
    "postgresql supabase-dump",
    "s3-compatible s3c-second-product",
    "nfs nfs-azure-snapshot",
}


def test_the_catalog_says_what_was_run_end_to_end() -> None:
    ways = [(heading.key, way) for heading in loading.headings() for way in _ways(heading.key)]
    names = {f"{backend} {way.key}" for backend, way in ways}
    like_redis = {name for name in stores.RUN if name.startswith("valkey ")}
    run = ({" ".join(pair) for pair in relational.DRILLS} | RUN | stores.RUN) & names
    assert {f"{b} {way.key}" for b, way in ways if way.drilled} == run - STAND_INS - like_redis


def _ways(backend: str) -> Sequence[BackupMechanism]:
    return loading.load(backend).backup


@pytest.mark.parametrize(
    ("backend", "hosting", "run"),
    [
        ("PostgreSQL", "self-managed", True),
        ("PostgreSQL", "Amazon RDS", False),
        ("MongoDB", "", False),
    ],
)
def test_a_specification_tells_of_commands_that_were_not_run(
    backend: str, hosting: str, run: bool
) -> None:
    track = track_of({"backend": backend, "hosting": hosting, "rpo_minutes": 15, "rto_minutes": 60})
    told = rendered(track, "spec.md")
    assert "- **Restore**: " in told
    assert ("neither was run" in told) is not run


def shorter(text: str, times: Mapping[str, str]) -> str:
    """Return a load test of less time; each of its times has to stand in it."""
    for old, new in times.items():
        assert re.search(rf"\b{old}\b", text), f"{old} is not in: {text}"
        text = re.sub(rf"\b{old}\b", new, text)
    return text


def test_the_load_test_of_postgresql_reports_what_it_did() -> None:
    with postgres() as server:
        server.sql("CREATE TABLE kept AS SELECT n AS id FROM generate_series(1, 1000) n")
        own = server.place / "own.sql"
        own.write_text("SELECT count(*) FROM kept;\n", encoding="utf-8")
        text = bound(
            command("postgresql", "pgbench", "command"),
            {
                "host": server.place, "clients": 2, "threads": 2, "own-script.sql": own,
                "peak-tps": 50, "ms": 100, "database": "postgres",
            },
        )  # fmt: skip
        said = server.check(shorter(text, {"1800": "3", "P 10": "P 1"}))
    assert "progress: 1." in said
    assert re.search(r"number of transactions actually processed: [1-9]", said)
    assert "number of transactions above the 100.0 ms latency limit" in said


def test_the_load_test_of_mysql_and_mariadb_reports_what_it_did() -> None:
    program("sysbench")
    with mariadb() as server:
        server.sql("CREATE DATABASE load_test")
        server.sql("CREATE USER tester IDENTIFIED BY 'secret'")
        server.sql("GRANT ALL ON load_test.* TO tester")
        server.sql("DROP USER IF EXISTS ''@localhost")
        text = bound(
            command("mariadb", "sysbench", "command"),
            {
                "host": f"127.0.0.1 --mysql-port={server.port}", "database": "load_test",
                "user": "tester", "password": "secret", "n": 2, "rows": 100, "clients": 2,
                "peak-tps": 10,
            },
        )  # fmt: skip
        said = server.check(shorter(text, {"1800": "3", "interval=10": "interval=1"}))
    assert re.search(r"transactions: +[1-9]", said)
    assert "99th percentile:" in said


@pytest.mark.parametrize("entry", ["neon-dump", "supabase-dump"])
def test_a_dump_of_a_service_of_postgresql_comes_back(entry: str) -> None:
    """The server is a local one, and `supabase` a stand-in that calls `pg_dump`."""
    with postgres() as server:
        for statement in ("CREATE DATABASE shop", "CREATE DATABASE other"):
            server.sql(statement)
        server.sql("CREATE TABLE kept AS SELECT n AS id FROM generate_series(1, 1000) n", "shop")
        before = server.sql(DIGEST, "shop")
        stand_in = server.place / "supabase"
        stand_in.write_text(
            "#!/bin/bash\n"
            '[ "$1 $2 $3" = "db dump --db-url" ] || exit 2\n'
            'only=-s; [ "$5" = --data-only ] && only=-a && set -- "${@:1:4}" "${@:6}"\n'
            'exec pg_dump "$4" $only "${@:5}"\n',
            encoding="utf-8",
        )
        stand_in.chmod(0o755)
        place = server.place.as_posix().replace("/", "%2F")
        first, second = (
            f"postgresql://{place}/{name}?port={server.port}&user=postgres"
            for name in ("shop", "other")
        )
        values = {
            "direct-host": server.place, "jobs": 2, "dir": server.place / "dump",
            "database": "shop", "direct-url": first, "new-url": second,
        }  # fmt: skip
        server.path = (str(server.place), *server.path)
        server.check(bound(command("postgresql", entry, "backup"), values))
        restore = bound(command("postgresql", entry, "restore"), {**values, "database": "other"})
        server.check(restore)
        assert server.sql(DIGEST, "other") == before


def test_the_online_copy_in_steps_is_whole(tmp_path: Path) -> None:
    program("sqlite3")
    (text,) = [c.text for c in commands("sqlite") if c.quoted and c.text.startswith("sqlite3 ")]
    live, copy = tmp_path / "live.db", tmp_path / "copy.db"
    with contextlib.closing(sqlite3.connect(live)) as writer, writer:
        writer.execute("CREATE TABLE kept AS SELECT 7 AS id")
        writer.commit()
        Shell(tmp_path, None).check(bound(text, {"file": live, "copy": copy}))
    writer.close()
    with contextlib.closing(sqlite3.connect(copy)) as reader, reader:
        assert reader.execute("SELECT id FROM kept").fetchall() == [(7,)]
    reader.close()


@pytest.fixture
def remotes(tmp_path: Path) -> Shell:
    """Return a shell whose rclone knows the remotes `one` and `two`, folders of this machine."""
    program("rclone")
    lines = "".join(
        f"[{name}]\ntype = alias\nremote = {tmp_path / name}\n" for name in ("one", "two")
    )
    (tmp_path / "rclone.conf").write_text(lines, encoding="utf-8")
    return Shell(tmp_path, None, environment={"RCLONE_CONFIG": str(tmp_path / "rclone.conf")})


def test_objects_are_copied_and_compared(tmp_path: Path, remotes: Shell, files: Path) -> None:
    files.rename(tmp_path / "one")
    values = {
        "source": "one", "target": "two", "bucket": "ab", "prefix": "", "new-prefix": "new",
    }  # fmt: skip
    remotes.check(bound(command("amazon-s3", "rclone", "apply"), values))
    verify = bound(command("amazon-s3", "rclone", "revert"), values)
    remotes.check(verify)
    assert (tmp_path / "two/ab/new/two with space").read_text(encoding="utf-8") == (
        "ab/two with space"
    )
    (tmp_path / "two/ab/new/one").unlink()
    assert remotes.run(verify).returncode != 0, "a missing object is told"


def test_a_second_product_keeps_what_is_overwritten(
    tmp_path: Path, remotes: Shell, files: Path
) -> None:
    files.rename(tmp_path / "one")
    values = {"source": "one", "backup": "two", "bucket": "ab", "date": "2026-11-30"}
    text = command("s3-compatible", "s3c-second-product", "backup")
    remotes.check(bound(text, values))
    before = tree(tmp_path / "one/ab")
    (tmp_path / "one/ab/one").write_text("a mistake", encoding="utf-8")
    remotes.check(bound(text, values))
    assert (tmp_path / "two/ab-old/2026-11-30/one").read_text(encoding="utf-8") == "ab/one"
    (tmp_path / "one/ab/one").unlink()
    (tmp_path / "one/ab/two with space").unlink()
    (tmp_path / "two/ab/one").write_text("ab/one", encoding="utf-8")
    restore = command("s3-compatible", "s3c-second-product", "restore")
    remotes.check(bound(restore, {**values, "target": "one"}))
    assert set(tree(tmp_path / "one/ab")) == set(before)


def test_files_of_an_export_come_back_from_the_backup(tmp_path: Path, files: Path) -> None:
    program("restic")
    secret = {"RESTIC_PASSWORD": "secret", "RESTIC_CACHE_DIR": str(tmp_path / "c")}
    shell = Shell(tmp_path, None, environment=secret)
    values: dict[str, object] = {
        "repository": tmp_path / "repository", "snapshot-mount": files,
        "snapshot-id": "latest", "path": files / "ab", "new-export": tmp_path / "back",
    }  # fmt: skip
    shell.check(f"restic -r {tmp_path / 'repository'} init")
    shell.check(bound(command("nfs", "nfs-file-backup", "backup"), values))
    before = tree(files / "ab")
    shell.check(bound(command("nfs", "nfs-file-backup", "restore"), values))
    assert tree(tmp_path / "back" / (files / "ab").relative_to("/")) == before


def test_a_file_comes_back_from_a_share_snapshot(tmp_path: Path, files: Path) -> None:
    kept = files / ".snapshots" / "2026-11-30" / "ab"
    kept.mkdir(parents=True)
    (kept / "one").write_text("as it was", encoding="utf-8")
    values = {"mount": files, "snapshot": "2026-11-30", "path": "ab/one"}
    Shell(tmp_path, None).check(bound(command("nfs", "nfs-azure-snapshot", "restore"), values))
    assert (files / "ab" / "one").read_text(encoding="utf-8") == "as it was"
