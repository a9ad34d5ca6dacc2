"""What the catalog has people read and run beside backups: signals, load tests, client defaults."""

from __future__ import annotations

import re
import subprocess

from storage_conductor.catalog import loading

from .command_shell import bound, mariadb, postgres
from .schema_servers import program


def test_what_signals_read_is_there() -> None:
    with postgres("shared_preload_libraries = 'pg_stat_statements'") as server:
        server.sql("CREATE EXTENSION pg_stat_statements")
        read = [item.read for item in loading.load("postgresql").at("self-managed").signals]
        queries = [text for text in read if text.startswith("SELECT ")]
        assert len(queries) > 10
        for query in queries:
            server.sql(query)


def test_what_signals_of_mariadb_read_is_there() -> None:
    with mariadb() as server:
        read = [item.read.strip("`") for item in loading.load("mariadb").at("self-managed").signals]
        queries = [text.split("`")[0] for text in read if text.startswith(("SELECT ", "SHOW "))]
        assert len(queries) > 6
        for query in queries:
            rows = server.sql(query).splitlines()
            names = re.findall(r"'([A-Z]\w+)'", query)  # those of Galera begin small
            assert len(rows) >= len(names), query


def test_clients_of_mariadb_send_packets_as_large_as_the_catalog_says() -> None:
    said = loading.load("mariadb").fact("packet_bytes_default")
    assert said is not None
    of_client, of_dump = (
        int(re.search(r"^max-allowed-packet\s+(\d+)", _help(name), re.MULTILINE).group(1))  # type: ignore[union-attr]
        for name in ("mariadb", "mariadb-dump")
    )
    assert of_client == said.value
    assert f" {of_dump // 2**20} MiB in 1" in said.applies_to


def _help(name: str) -> str:
    command = [program(name), "--no-defaults", "--help"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def test_the_load_test_of_postgresql_runs() -> None:
    (load,) = loading.load("postgresql").load_tests
    with postgres() as server:
        script = server.place / "own.sql"
        script.write_text("SELECT 1;\n", encoding="utf-8")
        values = {
            "host": server.place, "clients": 2, "threads": 1, "own-script.sql": script,
            "peak-tps": 20, "ms": 100, "database": "postgres",
        }  # fmt: skip
        assert " -T 1800 " in load.command
        said = server.check(bound(load.command.replace(" -T 1800 ", " -T 1 "), values))
        assert "number of transactions actually processed" in said


def test_the_load_test_of_mariadb_runs() -> None:
    program("sysbench")
    (load,) = loading.load("mariadb").load_tests
    with mariadb() as server:
        server.sql("CREATE DATABASE shop")
        server.sql("CREATE USER busy@localhost IDENTIFIED BY 'secret'")
        server.sql("GRANT ALL ON shop.* TO busy@localhost")
        values = {
            "host": f"localhost --mysql-socket={server.place}/socket", "database": "shop",
            "user": "busy", "password": "secret", "n": 2, "rows": 100, "clients": 2,
            "peak-tps": 20,
        }  # fmt: skip
        assert " --time=1800 " in load.command
        said = server.check(bound(load.command.replace(" --time=1800 ", " --time=1 "), values))
        assert "99th percentile" in said


URLS = ("url", "dsn", "uri", "connection", "replica-url")


def test_commands_that_nobody_ran_are_at_least_shell() -> None:
    """They parse, and an address, which may hold `&` or `;`, stands in quotes."""
    bash = program("bash")
    for heading in loading.headings():
        backend = loading.load(heading.key)
        if backend.family != "relational":
            continue
        texts = [text for way in backend.backup for text in (way.backup, way.restore)]
        texts += [text for tool in backend.migration_tools for text in (tool.apply, tool.revert)]
        for text in (*texts, *(load.command for load in backend.load_tests)):
            filled = re.sub(r"<[a-z][^<>]*>", "filled", text)
            done = subprocess.run([bash, "-n", "-c", filled], capture_output=True, check=False)
            statement = text.startswith(("BACKUP ", "RESTORE ", "CHANGE ", "STOP ", "SET "))
            assert statement or done.returncode == 0, text
            bare = [name for name in URLS if re.search(rf"[ =:]<{name}>(?!')", text)]
            assert not bare, text
