"""The catalog's commands as a person pastes them: bound, in bash, as the server's user."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from storage_conductor.catalog import loading
from storage_conductor.catalog.statements import BackupMechanism

from .schema_servers import folder, free_port, missing, program

_PLACEHOLDER = re.compile(r"<([a-z][a-z .:-]*)>")


def mechanism(backend: str, key: str) -> BackupMechanism:
    """Return a way to get data back, as the catalog prints it."""
    return next(item for item in loading.load(backend).backup if item.key == key)


def quoted(backend: str, task: str) -> list[str]:
    """Return the commands that stand in backticks in a task of the catalog."""
    found = next(item for item in loading.load(backend).tasks if item.key == task)
    return re.findall(r"`([^`]+)`", found.text)


def bound(text: str, values: Mapping[str, object]) -> str:
    """Return a command with its placeholders filled in."""
    missing_ones = set(_PLACEHOLDER.findall(text)) - set(values)
    assert not missing_ones, f"no value for {sorted(missing_ones)} in: {text}"
    return _PLACEHOLDER.sub(lambda match: str(values[match.group(1)]), text)


@dataclass
class Shell:
    """Runs commands in a folder of its own, as a user who may run the server.

    Args:
        place: The folder; it holds the server's data and what the commands make.
        user: Whom to run as; None for the user of the tests.
        path: Folders that come first in PATH.
        environment: Added to that of the tests.
    """

    place: Path
    user: str | None
    path: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, text: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run a command in bash; the output of what it starts goes to a file, not to a pipe."""
        output = self.place / "output"
        environment = {**os.environ, "HOME": str(self.place), **self.environment, **more}
        environment["PATH"] = os.pathsep.join((*self.path, os.environ["PATH"]))
        with output.open("w", encoding="utf-8") as file:
            done = subprocess.run(
                [program("bash"), "-c", text],
                cwd=self.place,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                user=self.user,
                group=self.user,
                extra_groups=None if self.user is None else [],
                check=False,
                timeout=120,
                text=True,
            )
        said = output.read_text(encoding="utf-8", errors="replace")
        return subprocess.CompletedProcess(done.args, done.returncode, said, "")

    def check(self, text: str, **more: str) -> str:
        """Run a command that has to succeed, and return what it said."""
        done = self.run(text, **more)
        assert done.returncode == 0, f"{text}\n{done.stdout[-3000:]}"
        return done.stdout


def _server_user(name: str) -> str | None:
    """Return the account that a package made for its server, where tests run as root."""
    if os.geteuid() != 0:
        return None
    import pwd

    try:
        pwd.getpwnam(name)
    except KeyError:
        missing(f"there is no user {name}, and root may not run its server")
    return name


@contextlib.contextmanager
def _place(user: str | None) -> Iterator[Path]:
    with folder() as place:
        if user is not None:
            shutil.chown(place, user)
        yield place


def wait(what: Callable[[], bool], said: str) -> None:
    """Wait until something holds."""
    until = time.monotonic() + 60
    while not what():
        if time.monotonic() > until:
            pytest.fail(f"after a minute still not: {said}")
        time.sleep(0.1)


@dataclass
class Postgres(Shell):
    """PostgreSQL from the system's packages, whose commands include every tool and extension."""

    port: int = 0

    @property
    def data(self) -> Path:
        return self.place / "data"

    def start(self, settings: str = "") -> None:
        """Make a cluster of these settings and start it."""
        lines = f"unix_socket_directories = '{self.place}'\nlisten_addresses = ''\n{settings}"
        self.check(f"initdb -D {self.data} -U postgres --auth=trust")
        with (self.data / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write(lines)
        self.check(f"pg_ctl -D {self.data} -l {self.place}/log start")

    def sql(self, text: str, database: str = "postgres", **more: str) -> str:
        return self.check(
            f'psql -qAtX -v ON_ERROR_STOP=1 -d {database} -c "{text}"', **more
        ).strip()

    def lose(self, data: Path | None = None) -> None:
        """Lose the machine: the server dies, and its files are gone."""
        gone = data or self.data
        self.check(f"pg_ctl -D {gone} -m immediate stop")
        shutil.rmtree(gone)


@contextlib.contextmanager
def postgres(settings: str = "") -> Iterator[Postgres]:
    """A PostgreSQL server with this configuration, on a socket in its folder alone."""
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_amcheck"))
    if not binaries:
        missing("PostgreSQL of the system's packages (14 or later) is not installed")
    user = _server_user("postgres")
    with _place(user) as place:
        port = free_port()
        environment = {"PGPORT": str(port), "PGHOST": str(place), "PGUSER": "postgres"}
        server = Postgres(place, user, (str(binaries[-1].parent),), environment, port)
        server.start(settings.replace("<place>", str(place)))
        try:
            yield server
        finally:
            for running in place.glob("*/postmaster.pid"):
                server.run(f"pg_ctl -D {running.parent} -m immediate stop")


@dataclass
class MysqlShell(Shell):
    """MariaDB or MySQL; the programs find the server by the configuration of their HOME.

    Args:
        client: The program that runs statements.
    """

    port: int = 0
    client: str = "mysql"

    @property
    def data(self) -> Path:
        return self.place / "data"

    def sql(self, text: str) -> str:
        return self.check(f'{self.client} -N -e "{text}"').strip()

    def lose(self) -> None:
        """Lose the machine: the server dies, and its files are gone."""
        self.check("kill -9 $(cat pid)")
        shutil.rmtree(self.data)


_SERVICE = """#!/bin/bash
# stands for the service manager, which no test may use
test "$*" = "start mariadb" || exit 1
setsid {server} {user} </dev/null >>{place}/log 2>&1 &
for try in $(seq 300); do mariadb -e 'SELECT 1' >/dev/null 2>&1 && exit 0; sleep 0.1; done
tail -n 30 {place}/log; exit 1
"""
_CONFIGURATION = """[mysqld]
datadir={place}/data
socket={place}/socket
pid-file={place}/pid
bind-address=127.0.0.1
port={port}
ssl-ca={place}/ca.pem
ssl-cert={place}/ca.pem
ssl-key={place}/key.pem
log-bin={place}/binlog/log
binlog-format=ROW
sync-binlog=1
server-id=1
{settings}
[client]
socket={place}/socket
port={port}
user=root
"""
_CERTIFICATE = (
    "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
    " -addext subjectAltName=DNS:localhost -keyout key.pem -out ca.pem"
)


@contextlib.contextmanager
def mariadb(settings: str = "") -> Iterator[MysqlShell]:
    """A MariaDB server with its binary log on, on a socket in its folder and at loopback."""
    server, install = program("mariadbd"), program("mariadb-install-db")
    for needed in ("mariadb-backup", "openssl"):
        program(needed)
    user = _server_user("mysql")
    with _place(user) as place:
        stubs = place / "bin"
        for made in (stubs, place / "data", place / "binlog"):
            made.mkdir()
            if user is not None:
                shutil.chown(made, user)
        port = free_port()
        configuration = _CONFIGURATION.format(place=place, settings=settings, port=port)
        (place / ".my.cnf").write_text(configuration, encoding="utf-8")
        service = stubs / "systemctl"
        as_user = "" if user is None else f"--user={user}"
        service.write_text(_SERVICE.format(server=server, user=as_user, place=place))
        service.chmod(0o755)
        shell = MysqlShell(place, None, (str(stubs),), port=port, client="mariadb")
        shell.check(f"{_CERTIFICATE} && chmod a+r key.pem")
        shell.check(f"{install} {as_user} --auth-root-authentication-method=normal")
        shell.check("systemctl start mariadb")
        try:
            yield shell
        finally:
            shell.run("kill -9 $(cat pid)")


_MYSQL_CONFIGURATION = """[mysqld]
datadir={place}/data
socket={place}/socket
pid-file={place}/pid
bind-address=127.0.0.1
port={port}
mysqlx=OFF
secure-file-priv=NULL
log-bin={place}/data/binlog
server-id=1
{settings}
[client]
socket={place}/socket
port={port}
user=root
"""


@contextlib.contextmanager
def mysql(settings: str = "") -> Iterator[MysqlShell]:
    """A MySQL server with its binary log on, of the programs in a folder that is given."""
    programs = os.environ.get("STORAGE_CONDUCTOR_MYSQL_PROGRAMS")
    if not programs:
        pytest.skip("STORAGE_CONDUCTOR_MYSQL_PROGRAMS does not name a folder with MySQL's programs")
    user = _server_user("mysql")
    with _place(user) as place:
        port = free_port()
        text = _MYSQL_CONFIGURATION.format(place=place, settings=settings, port=port)
        (place / ".my.cnf").write_text(text, encoding="utf-8")
        shell = MysqlShell(place, user, (programs,), port=port)
        server = f"mysqld --defaults-file={place}/.my.cnf"  # those of the system may be MariaDB's
        shell.check(f"{server} --initialize-insecure")
        shell.check(f"(setsid {server} </dev/null >>log 2>&1 &)")
        wait(lambda: shell.run("mysql -e 'SELECT 1'").returncode == 0, "MySQL answers")
        try:
            yield shell
        finally:
            shell.run("kill -9 $(cat pid)")
