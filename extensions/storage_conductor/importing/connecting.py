"""Connections to a store that exists: read-only unless said, limited in time, without a secret.

Messages name the product and never the address, the user or the password: what a server says is
shown only after they were taken out of it.
"""

from __future__ import annotations

import contextlib
import os
import warnings
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL

from ..errors import ConductorError
from .extra import need

SECONDS = 30
"""Longest that one statement may take where nothing else was asked for."""
_VARIABLE = "env:"
_STORES = {
    "postgresql": ("postgresql+psycopg", "psycopg"),
    "postgres": ("postgresql+psycopg", "psycopg"),
    "mysql": ("mysql+pymysql", "pymysql"),
    "mariadb": ("mariadb+pymysql", "pymysql"),
    "sqlite": ("sqlite", "sqlite3"),
    "mssql": ("mssql+pyodbc", "pyodbc"),
}
_NAMES = {
    "postgresql": "PostgreSQL",
    "mysql": "MySQL",
    "mariadb": "MariaDB",
    "sqlite": "SQLite",
    "sql-server": "SQL Server",
}


def is_address(text: str) -> bool:
    """Tell whether a source is the address of a database, or names the variable that holds it."""
    scheme = text.partition("://")[0].partition("+")[0].lower()
    return text.startswith(_VARIABLE) or ("://" in text and scheme in _STORES)


def address(text: str) -> URL:
    """Read an address, or take it from the environment: `env:NAME` keeps it out of the history.

    Raises:
        ConductorError: It cannot be used; the message does not repeat it.
    """
    if text.startswith(_VARIABLE):
        name = text.removeprefix(_VARIABLE)
        text = os.environ.get(name, "")
        if not text:
            raise ConductorError(
                f"The variable {name} is not set.",
                remedy="Put the address of the database into it.",
            )
    try:
        url = sa.make_url(text)
    except (sa.exc.ArgumentError, ValueError) as error:
        raise _unusable() from error
    family = url.drivername.partition("+")[0].lower()
    if family not in _STORES:
        raise _unusable()
    driver, module = _STORES[family]
    need(module)
    return url.set(drivername=driver)


def _unusable() -> ConductorError:
    return ConductorError(
        "The address of the database cannot be used.",
        # What stands before an @ is masked in messages.
        remedy="Write it like postgresql://HOST/DATABASE, with user, colon, password and @ before"
        " the host where they are needed, or mariadb://..., mysql://...,"
        " mssql://... or sqlite:///FILE; `env:NAME` takes it from the environment.",
    )


@contextlib.contextmanager
def connected(
    url: URL, *, writing: bool = False, seconds: int = SECONDS
) -> Iterator[sa.Connection]:
    """Connect to a database; what a server refuses meanwhile is one message.

    Args:
        url: From `address`.
        writing: Whether something will be written; otherwise the session refuses that.
        seconds: Longest that one statement may take.

    Raises:
        ConductorError: The server is not there, refuses, or is another product.
    """
    engine = sa.create_engine(
        _checked_file(url, writing=writing),
        connect_args=_limits(url, writing=writing, seconds=seconds),
        poolclass=sa.NullPool,
    )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", sa.exc.SAWarning)
            with engine.connect() as opened:
                connection = opened.execution_options(isolation_level="AUTOCOMMIT")
                _prepare(connection, writing=writing, seconds=seconds)
                yield connection
    except sa.exc.DBAPIError as error:
        raise _refused(url, error) from error
    except sa.exc.SQLAlchemyError as error:
        raise ConductorError(
            f"The database cannot be read: {_without_secrets(url, str(error))}",
            remedy="Check that it is the product that the address names.",
        ) from error
    finally:
        engine.dispose()


def _checked_file(url: URL, *, writing: bool) -> URL:
    """Return the address of a SQLite file so that it is opened for reading, and never made."""
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return url
    if writing:
        return url
    if not os.path.isfile(str(url.database)):  # noqa: PTH113  (a `file:` address is no path)
        raise ConductorError(
            "There is no such SQLite file.", remedy="Check the path after `sqlite:///`."
        )
    return url.set(database=f"file:{url.database}", query={"mode": "ro", "uri": "true"})


def _limits(url: URL, *, writing: bool, seconds: int) -> dict[str, Any]:
    match url.get_backend_name():
        case "postgresql":
            options = f"-c statement_timeout={seconds * 1000} -c timezone=UTC"
            if not writing:
                options += " -c default_transaction_read_only=on"
            return {"connect_timeout": 10, "options": options}
        case "mysql" | "mariadb":
            return {"connect_timeout": 10, "read_timeout": seconds + 5}
        case "sqlite":
            return {"timeout": 10}
        case _:
            return {"timeout": 10}


def _prepare(connection: sa.Connection, *, writing: bool, seconds: int) -> None:
    match store_of(connection):
        case "postgresql":
            said = str(connection.exec_driver_sql("SELECT version()").scalar())
            if not said.startswith("PostgreSQL"):
                raise ConductorError(
                    f"The server is {said.partition(' ')[0]} and not PostgreSQL.",
                    remedy="Give the address of a PostgreSQL server.",
                )
        case "mariadb" | "mysql" as store:
            limit = f"max_statement_time = {seconds}"
            if store == "mysql":
                limit = f"max_execution_time = {seconds * 1000}"
            connection.exec_driver_sql(f"SET SESSION {limit}")
            connection.exec_driver_sql("SET SESSION time_zone = '+00:00'")
            if not writing:
                connection.exec_driver_sql("SET SESSION TRANSACTION READ ONLY")
        case "sqlite" if not writing:
            connection.exec_driver_sql("PRAGMA query_only = ON")


def store_of(connection: sa.Connection) -> str:
    """Return the catalog key of the store at the other end."""
    dialect = connection.dialect
    if dialect.name in {"mysql", "mariadb"}:
        return "mariadb" if getattr(dialect, "is_mariadb", False) else "mysql"
    return {"mssql": "sql-server"}.get(dialect.name, dialect.name)


def server(connection: sa.Connection, name: str) -> str:
    """Return product and version of the server.

    Args:
        connection: From `connected`.
        name: The product, in words.
    """
    found = connection.dialect.server_version_info or ()
    return f"{name} {'.'.join(str(part) for part in found[:3])}".strip()


def require_store(connection: sa.Connection, wanted: str, name: str) -> None:
    """Make sure that the server is the product of a track.

    Raises:
        ConductorError: It is another.
    """
    found = store_of(connection)
    if found != wanted:
        raise ConductorError(
            f"The server is {_NAMES.get(found, found)}, and the track is for {name}.",
            remedy=f"Give the address of a {name} database.",
        )


def _refused(url: URL, error: sa.exc.DBAPIError) -> ConductorError:
    name = _NAMES.get({"mssql": "sql-server"}.get(url.get_backend_name(), url.get_backend_name()))
    said = str(error.orig)
    low = said.lower()
    if any(word in low for word in ("authentication failed", "access denied", "no password")):
        return ConductorError(
            f"{name} refuses the login.", remedy="Check the user and the password in the address."
        )
    if any(word in low for word in ("unknown database", "does not exist\n")) or (
        "database" in low and low.rstrip().endswith("does not exist")
    ):
        return ConductorError(
            f"{name} has no such database.", remedy="Check the last part of the address."
        )
    away = ("refused", "can't connect", "could not translate", "timed out", "timeout expired")
    if any(word in low for word in (*away, "no such file", "failed to resolve", "unreachable")):
        return ConductorError(
            f"{name} does not answer at that address.",
            remedy="Check host and port, that the server runs, and that this machine may reach it.",
        )
    if any(word in low for word in ("statement timeout", "max_statement_time", "interrupted")):
        return ConductorError(
            f"{name} took longer than the time limit for one statement.",
            remedy="Raise --timeout, or try again when the server has less to do.",
        )
    first = next(iter(_without_secrets(url, said).strip().splitlines()), "")
    return ConductorError(
        f"{name} refuses: {first}",
        remedy="Check the address, and the rights of its user.",
    )


def _without_secrets(url: URL, text: str) -> str:
    for part in (url.password, url.username, url.host, url.database):
        if part and len(str(part)) > 2:
            text = text.replace(str(part), "***")
    return text
