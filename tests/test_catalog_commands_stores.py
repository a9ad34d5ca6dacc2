"""The commands of stores that fit into a folder, run as the catalog prints them.

Backup, loss, restore, comparison: the texts come from the catalog, so a changed one is run anew.
What manages services and uploads files is a stand-in; servers, clients and file tools are real.
"""

from __future__ import annotations

import contextlib
import getpass
import grp
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from storage_conductor.catalog import loading

from .catalog_commands import PLACEHOLDER, bound, commands
from .catalog_commands import field as command
from .schema_servers import folder, free_port, program

STORES = ("redis", "valkey", "memcached", "local-posix")
LIKE_REDIS = ("redis", "valkey")
# What is not run here, and why.
NOT_RUN = {
    "redis backup-command": "needs Redis 8.10, which no package of today has",
    "memcached mcrouter": "mcrouter is not packaged, and the command only starts it",
    "local-posix local-lvm": "needs the device mapper in the kernel and the rights to use it",
    "local-posix fio": "fio would write 4 GiB; it changes no data of its own",
    **dict.fromkeys(
        (f"redis upstash-{name}" for name in ("replicas", "daily", "export")),
        "only the service of that name runs it",
    ),
    **dict.fromkeys(
        (f"{name} memtier_benchmark" for name in ("redis", "valkey", "memcached")),
        "memtier_benchmark is not packaged, and it changes no data but its own",
    ),
}
RUN = {
    *(f"{name} {entry}" for name in LIKE_REDIS for entry in (
        "rdb-copy", "aof", "replica", "versioned key prefix", "replication to a new instance",
    )),
    "redis redis-benchmark", "valkey valkey-benchmark", "memcached format number in the key",
    "local-posix local-restic", "local-posix rsync",
}  # fmt: skip


def test_every_command_is_run_or_has_a_reason() -> None:
    own = [c for store in STORES for c in commands(store) if not c.quoted]
    entries = {c.place.rpartition(".")[0] for c in own if not re.match(r"(aws|az|gcloud) ", c.text)}
    assert entries == RUN | set(NOT_RUN)


def until(check: Callable[[], bool], what: str) -> None:
    """Wait at most a minute."""
    end = time.monotonic() + 60
    while not check():
        assert time.monotonic() < end, f"not within a minute: {what}"
        time.sleep(0.05)


@dataclass
class Shell:
    """Runs commands of the catalog in a folder, with stand-ins ahead of the real programs."""

    place: Path
    environment: dict[str, str] = field(default_factory=dict)

    def stand_in(self, name: str, script: str) -> None:
        """Put a program of that name ahead of all others."""
        path = self.place / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/bash\n{script}\n", encoding="utf-8")
        path.chmod(0o755)

    def run(
        self, text: str, values: Mapping[str, object] | None = None, **swap: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command with its placeholders bound, and numbers of it changed (`_<old>=<new>`)."""
        names = {found[1] for found in PLACEHOLDER.finditer(text)}
        known = {name: str((values or {})[name]) for name in names}
        for old, new in swap.items():
            assert re.search(rf"\b{old[1:]}\b", text), f"{old[1:]} is not in: {text}"
            text = re.sub(rf"\b{old[1:]}\b", new, text)
        path = f"{self.place / 'bin'}{os.pathsep}{os.environ['PATH']}"
        return subprocess.run(
            [program("bash"), "-c", bound(text, known)],
            cwd=self.place,
            env={**os.environ, "PATH": path, "HOME": str(self.place), **self.environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=120,
        )

    def check(self, text: str, values: Mapping[str, object] | None = None, **swap: str) -> str:
        """Run a command that has to succeed, and return its output."""
        done = self.run(text, values, **swap)
        assert done.returncode == 0, f"{text}\n{done.stdout}{done.stderr}"
        return done.stdout


# Redis and Valkey. No package of Valkey is at hand: its commands reach Redis under Valkey's names.


@dataclass
class Server(Shell):
    """A server with a configuration file of its own, as a service manager would run it."""

    port: int = 0
    tls_port: int = 0

    @property
    def pid(self) -> Path:
        return self.place / "pid"

    @property
    def conf(self) -> Path:
        return self.place / "server.conf"

    @property
    def data(self) -> Path:
        return self.place / "data"

    def configure(self, *lines: str) -> None:
        """Write the configuration and start the server."""
        certificate = self.place / "certificate.pem"
        key = self.place / "key.pem"
        subprocess.run(
            [program("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
             "-subj", "/CN=localhost", "-keyout", key, "-out", certificate],
            check=True, capture_output=True,
        )  # fmt: skip
        self.environment["SSL_CERT_FILE"] = str(certificate)
        self.data.mkdir()
        settings = {
            "port": self.port, "bind": "127.0.0.1", "dir": self.data, "daemonize": "yes",
            "pidfile": self.pid, "logfile": self.place / "log", "tls-port": self.tls_port,
            "tls-cert-file": certificate, "tls-key-file": key, "tls-ca-cert-file": certificate,
            "tls-auth-clients": "no",
        }  # fmt: skip
        text = "".join(f"{name} {value}\n" for name, value in settings.items())
        self.conf.write_text(text + "".join(f"{line}\n" for line in lines), encoding="utf-8")
        for name in LIKE_REDIS:
            real = program("redis-cli")
            self.stand_in(
                f"{name}-cli",
                f"""
                case " $* " in *" --tls "*) port={self.tls_port} ;; *) port={self.port} ;; esac
                exec {real} -p $port "$@" """,
            )
            self.stand_in(f"{name}-check-aof", f'exec {program("redis-check-aof")} "$@"')
            tool = program("redis-benchmark")
            self.stand_in(f"{name}-benchmark", f'exec {tool} -p {self.tls_port} "$@"')
        self.stand_in(
            "systemctl",
            f"""
            case $1 in
            stop) pid=$(cat {self.pid}) && kill "$pid"
                  while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done ;;
            start) rm -f {self.pid}; {program("redis-server")} {self.conf}
                   while sleep 0.05; do
                     redis-cli PING 2>/dev/null | grep -q PONG && exit 0
                     [ ! -s {self.pid} ] || kill -0 "$(cat {self.pid})" 2>/dev/null || exit 1
                   done ;;
            esac""",
        )
        buckets = self.place / "buckets"
        self.stand_in(
            "aws",
            f"""
            [ "$1 $2" = "s3 cp" ] || exit 2
            target={buckets}/${{4#s3://}}; mkdir -p "$target" && cp "$3" "$target" """,
        )
        self.check("systemctl start redis")

    def ask(self, *words: str) -> str:
        """Return the answer to a command, on one line."""
        arguments = [program("redis-cli"), "-p", str(self.port), *words]
        done = subprocess.run(arguments, capture_output=True, encoding="utf-8", check=True)
        return done.stdout.strip()

    def digest(self) -> str:
        """Return a digest of all data."""
        return self.ask("DEBUG", "DIGEST")

    def fill(self, count: int, prefix: str = "k") -> None:
        """Store that many values."""
        script = f"for i = 1, {count} do redis.call('SET', '{prefix}:' .. i, i) end"
        self.ask("EVAL", script, "0")

    def kill(self) -> None:
        """End the server as a crash would."""
        pid = int(self.pid.read_text())
        os.kill(pid, 9)
        until(lambda: not self.answers(), "the server is gone")

    def answers(self) -> bool:
        """Tell whether something listens on the port."""
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def values(self, **more: object) -> dict[str, object]:
        """Return what the placeholders of most commands stand for."""
        user = getpass.getuser()
        group = grp.getgrgid(os.getgid()).gr_name
        return {
            "host": "127.0.0.1", "file": "copy", "bucket": "backups", "date": "2026-11-29",
            "service": "redis", "user": user, "group": group, "dir": self.data,
            "conf": self.conf, "copy": self.place / "kept", **more,
        }  # fmt: skip


@contextlib.contextmanager
def redis_server(*lines: str) -> Iterator[Server]:
    """Run a server in a temporary folder."""
    program("redis-server")
    with folder() as place:
        server = Server(place, port=free_port(), tls_port=free_port())
        try:
            server.configure("enable-debug-command local", *lines)
            yield server
        finally:
            if server.pid.exists():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(server.pid.read_text()), 9)


@pytest.mark.parametrize("store", LIKE_REDIS)
def test_a_copied_snapshot_brings_the_data_back_with_the_log_on(store: str) -> None:
    with redis_server("appendonly yes") as server:
        server.fill(1000)
        before = server.digest()
        server.check(command(store, "rdb-copy", "backup"), server.values())
        copy = server.place / "buckets" / "backups" / "2026-11-29" / "copy.rdb"
        assert copy.stat().st_size
        server.ask("FLUSHALL")
        (server.place / "copy.rdb").unlink()
        shutil.copy(copy, server.place)
        server.check(command(store, "rdb-copy", "restore"), server.values())
        assert server.digest() == before
        assert (server.data / "dump.rdb").stat().st_mode & 0o777 == 0o640
        # as the note says: the log again, and a restart that reads it
        server.check("redis-cli -e CONFIG SET appendonly yes")
        until(lambda: "aof_rewrite_in_progress:0" in server.ask("INFO", "persistence"), "rewrite")
        server.check("redis-cli -e CONFIG REWRITE")
        server.ask("SET", "k:new", "1")
        newer = server.digest()
        server.check("systemctl stop redis && systemctl start redis")
        assert server.digest() == newer


@pytest.mark.parametrize("store", LIKE_REDIS)
def test_the_log_survives_a_crash_and_a_damaged_end(store: str) -> None:
    with redis_server("save ''", "aof-load-truncated no") as server:
        server.fill(1000)
        server.check(command(store, "aof", "backup"), server.values())
        until(lambda: "aof_rewrite_in_progress:0" in server.ask("INFO", "persistence"), "rewrite")
        assert "appendonly yes" in server.conf.read_text()
        server.fill(10, "late")
        before = server.digest()
        server.ask("SET", "torn", "x" * 100)
        server.kill()
        (incremental,) = (server.data / "appendonlydir").glob("*.incr.aof")
        with incremental.open("r+b") as file:
            file.truncate(incremental.stat().st_size - 20)
        assert server.run("systemctl start redis").returncode != 0
        server.check(command(store, "aof", "restore"), server.values())
        assert server.digest() == before
        assert (server.place / "kept" / incremental.name).exists()


@pytest.mark.parametrize("store", LIKE_REDIS)
def test_a_replica_stays_one_after_a_restart_and_is_promoted(store: str) -> None:
    with redis_server() as primary, redis_server() as replica:
        primary.fill(1000)
        place = primary.values(primary="127.0.0.1", replica=f"127.0.0.1 -p {replica.port}")
        port = str(primary.port)
        replica.check(command(store, "replica", "backup"), place, _6379=port)
        until(lambda: "master_link_status:up" in replica.ask("INFO", "replication"), "in step")
        assert replica.digest() == primary.digest()
        replica.check("systemctl stop redis && systemctl start redis")
        until(
            lambda: "master_link_status:up" in replica.ask("INFO", "replication"), "in step again"
        )
        with sentinel(primary) as watcher:
            until(lambda: "num-slaves\n1" in watcher.ask("SENTINEL", "MASTER", "mine"), "seen")
            text, port = command(store, "replica", "restore"), str(watcher.port)

            def begun() -> bool:
                return replica.run(text, {"name": "mine"}, _26379=port).returncode == 0

            def promoted() -> bool:
                # Whoever is connected when it becomes the primary is disconnected.
                with contextlib.suppress(subprocess.CalledProcessError):
                    return "role:master" in replica.ask("INFO", "replication")
                return False

            until(begun, "Sentinel finds the replica good enough")
            until(promoted, "promoted")
        assert replica.digest() == primary.digest()


@contextlib.contextmanager
def sentinel(primary: Server) -> Iterator[Server]:
    """Run a Sentinel that watches a primary."""
    with folder() as place:
        watcher = Server(place, port=free_port())
        watcher.conf.write_text(
            f"port {watcher.port}\nbind 127.0.0.1\ndaemonize yes\npidfile {watcher.pid}\n"
            f"dir {place}\nlogfile {place / 'log'}\n"
            f"sentinel monitor mine 127.0.0.1 {primary.port} 1\n",
            encoding="utf-8",
        )
        subprocess.run([program("redis-server"), watcher.conf, "--sentinel"], check=True)
        until(watcher.pid.exists, "Sentinel runs")
        until(watcher.answers, "Sentinel answers")
        try:
            yield watcher
        finally:
            os.kill(int(watcher.pid.read_text()), 9)


@pytest.mark.parametrize("store", LIKE_REDIS)
def test_a_new_instance_takes_over(store: str) -> None:
    with redis_server() as old, redis_server() as new:
        old.fill(1000)
        place = {"old": "127.0.0.1", "new": f"127.0.0.1 -p {new.port}"}
        move = "replication to a new instance"
        new.check(command(store, move, "apply"), place, _6379=str(old.port))
        until(lambda: "master_link_status:up" in new.ask("INFO", "replication"), "in step")
        new.check(command(store, move, "revert"), place)
        assert "role:master" in new.ask("INFO", "replication")
        assert new.digest() == old.digest()


@pytest.mark.parametrize("store", LIKE_REDIS)
def test_only_the_old_version_of_the_keys_is_removed(store: str) -> None:
    with redis_server() as server:
        text = command(store, "versioned key prefix", "apply")
        server.check(text, {"prefix": "user"})  # nothing there yet
        server.fill(250, "user:v1")
        server.ask("SET", "user:v1:it's a name", "1")
        server.fill(3, "user:v2")
        server.check(text, {"prefix": "user"})
        assert server.ask("DBSIZE") == "3"


@pytest.mark.parametrize("store", LIKE_REDIS)
def test_the_benchmark_takes_its_options(store: str) -> None:
    with redis_server() as server:
        text = command(store, f"{store}-benchmark", "command")
        values = server.values(keys=100, bytes=64)
        assert "requests per second" in server.check(text, values, _1000000="200")


@pytest.mark.parametrize("store", LIKE_REDIS)
def test_the_applications_user_can_work_and_not_more(store: str) -> None:
    points = {point.key: point for point in loading.load(store).security}
    (text,) = re.findall(r"`(ACL SETUSER [^`]*)`", points["acl"].text)
    words = [bound(word, {"app": "app", "secret": "s", "prefix": "mine"}) for word in text.split()]
    with redis_server() as server:
        assert server.ask(*words) == "OK"
        mine = ("--user", "app", "--pass", "s", "--no-auth-warning")
        assert server.ask(*mine, "PING") == "PONG"
        assert server.ask(*mine, "SET", "mine:1", "x") == "OK"
        assert server.ask(*mine, "MULTI") == "OK"
        for denied in (("KEYS", "*"), ("FLUSHALL",), ("CONFIG", "GET", "*"), ("GET", "other")):
            assert server.ask(*mine, *denied).startswith("NOPERM"), denied


# Memcached


@contextlib.contextmanager
def memcached(*options: str) -> Iterator[int]:
    """Run Memcached and give its port."""
    port = free_port()
    arguments = [program("memcached"), "-u", getpass.getuser(), "-l", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen([*arguments, *options], stderr=subprocess.PIPE) as process:
        try:
            until(lambda: process.poll() is not None or open_at(port), "Memcached answers")
            yield port
        finally:
            process.terminate()


def open_at(port: int) -> bool:
    """Tell whether something listens on the port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_a_new_generation_is_there_whether_or_not_the_old_one_was_evicted() -> None:
    program("nc")
    text = command("memcached", "format number in the key", "apply")
    with memcached() as port, folder() as place:
        shell, values = Shell(place), {"component": "shop", "host": "127.0.0.1"}
        found = []
        for _ in range(2):
            assert "STORED" in shell.check(text, values, _11211=str(port))
            read = f"printf 'get shop:generation\\r\\nquit\\r\\n' | nc 127.0.0.1 {port}"
            found.append(int(shell.check(read).split("\n")[1]))
            time.sleep(1.1)
        assert found[0] < found[1]


@pytest.mark.parametrize(
    ("options", "runs"),
    [
        (("-I", "32m"), True),
        (("-I", "33m"), False),
        (("-m", "2048", "-I", "1024m"), True),
        (("-m", "4096", "-I", "1025m"), False),
    ],
)
def test_the_largest_item_is_half_of_the_memory(options: tuple[str, ...], runs: bool) -> None:
    with memcached(*options) as port:
        assert open_at(port) == runs


# Files of one host


def tree(root: Path) -> dict[str, tuple[str, int, int]]:
    """Return content, mode and links of each file below a folder."""
    return {
        path.relative_to(root).as_posix(): (
            path.read_text(encoding="utf-8"),
            path.stat().st_mode,
            path.stat().st_nlink,
        )
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Return a folder with files, one of them linked twice and one hard to name."""
    root = tmp_path / "data"
    (root / "ab").mkdir(parents=True)
    for name in ("ab/one", "ab/two with space", "three"):
        (root / name).write_text(name, encoding="utf-8")
    (root / "ab" / "one").chmod(0o640)
    (root / "link").hardlink_to(root / "three")
    return root


def test_a_backup_to_another_place_brings_the_files_back(tmp_path: Path, files: Path) -> None:
    program("restic")
    shell = Shell(tmp_path, {"RESTIC_PASSWORD": "secret", "RESTIC_CACHE_DIR": str(tmp_path / "c")})
    values = {
        "repository": tmp_path / "repository", "directory": files,
        "host": socket.gethostname(), "new-directory": tmp_path / "back",
    }  # fmt: skip
    backup = next(item for item in loading.load("local-posix").backup if item.key == "local-restic")
    (create,) = re.findall(r"`(restic [^`]*init)`", backup.restore_note)
    shell.check(create, values)
    shell.check(backup.backup, values)
    before = tree(files)
    other = tmp_path / "other"
    other.mkdir()
    (other / "later").write_text("of another job", encoding="utf-8")
    shell.check(backup.backup, {**values, "directory": other})
    shutil.rmtree(files)
    shell.check(backup.restore, values)
    assert tree(tmp_path / "back" / files.relative_to("/")) == before
    (verify,) = re.findall(r"`(restic [^`]*check[^`]*)`", backup.restore_note)
    shell.check(verify, values)


def test_a_tree_is_copied_with_links_modes_and_deletions(tmp_path: Path, files: Path) -> None:
    program("rsync")
    text = command("local-posix", "rsync", "apply")
    values = {"old": files, "new": tmp_path / "new"}
    shell = Shell(tmp_path)
    shell.check(text, values)
    assert tree(tmp_path / "new") == tree(files)
    (files / "ab" / "one").unlink()
    (files / "four").write_text("four", encoding="utf-8")
    shell.check(text, values)
    assert tree(tmp_path / "new") == tree(files)


# Cassandra's node is a stand-in that only leaves files; what copies them is real.


def test_a_snapshot_of_a_node_leaves_it_and_nothing_else_does(tmp_path: Path) -> None:
    program("rsync")
    shell = Shell(tmp_path, {"RSYNC_RSH": str(tmp_path / "bin" / "rsh")})
    table = tmp_path / "data" / "shop" / "orders-1"
    (table / "backups").mkdir(parents=True)
    for name in ("na-1-big-Data.db", "backups/na-0-big-Data.db"):
        (table / name).write_text(name, encoding="utf-8")
    shell.stand_in("rsh", 'shift; exec "$@"')
    shell.stand_in(
        "nodetool",
        f"""
        [ "$1 $2 $4" = "snapshot -t shop" ] || exit 2
        for name in "$3" other; do
          mkdir -p {table}/snapshots/$name && ln {table}/*.db {table}/snapshots/$name/
        done""",
    )
    values = {
        "name": "daily", "keyspace": "shop", "data-directory": tmp_path / "data",
        "backup-host": "elsewhere", "directory-of-the-node": tmp_path / "copy",
    }  # fmt: skip
    shell.check(command("cassandra", "snapshot", "backup"), values)
    assert list(tree(tmp_path / "copy")) == ["orders-1/snapshots/daily/na-1-big-Data.db"]
