"""A connection of one caller to a store, which takes the steps of a building block."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit
from urllib.request import url2pathname

import sqlalchemy as sa

from ...importing import connecting
from ...schema.block_statements import ReadyStep

SECONDS = 30
"""Longest that one statement of a proof may take."""
_PLACE = re.compile(r"<(\w+)>")
_END = re.compile(r";[^\S\n]*(?:\n|$)")
_COMMENT = re.compile(r"--[^\n]*")
# What a store reports when the whole is to be repeated: serialisation, deadlock, busy.
_LOCKED = "database is locked"
_AGAIN = {"40001", "40P01", "1213", "1205", "1020", _LOCKED}
_BUSY = 10.0  # seconds that a caller waits for SQLite's one writer
_DOUBLE = {"23505", "1062"}
_FORBIDDEN = {"42501"}
_BIND = re.compile(r"(?<![:\w]):(\w+)")


class AgainError(Exception):
    """The store refused for a conflict with others: the whole action is repeated."""


class EndedError(Exception):
    """A step before the one that is taken now ends the action, by its word."""


class Rows(list[dict[str, Any]]):
    """What a step found; for one that changes rows, as many empty rows as were changed."""


@dataclass(frozen=True)
class StoreAddress:
    """Where a store is.

    Args:
        store: Its key in the catalog.
        url: Its address, password included: it stays within the process and its children.
    """

    store: str
    url: str


class StoreSession(Protocol):
    """A connection of one caller."""

    def take(self, step: ReadyStep, values: Mapping[str, Any]) -> Rows:
        """Take a step.

        Raises:
            AgainError: A conflict with others.
            EndedError: What an earlier step asked for is refused now.
        """

    def look(self, query: str, values: Mapping[str, Any]) -> Rows:
        """Look at the state."""

    def reset(self) -> None:
        """Drop what was not committed."""


def file_of(url: str) -> Path:
    """Return the directory that an address names: `file:///DIRECTORY`."""
    return Path(url2pathname(urlsplit(url).path))


class SqlSession:
    """Runs statements on a connection.

    Args:
        connection: To the database.
        waits: Called when it begins to wait for SQLite's one writer, of which no one else can tell.
    """

    def __init__(self, connection: sa.Connection, waits: Callable[[], None]) -> None:
        self._connection = connection
        self._waits = waits
        self._by = ""
        if connecting.store_of(connection) == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys = ON")
            connection.exec_driver_sql("PRAGMA busy_timeout = 0")  # it waits in `_executed`

    def take(self, step: ReadyStep, values: Mapping[str, Any]) -> Rows:
        """Run the statements of a step."""
        found, once = Rows(), bool(step.step.none) or step.step.may_be_there
        if step.by != self._by:
            self._connection.exec_driver_sql(f"SET ROLE {step.by or 'NONE'}")
            self._by = step.by
        for statement in _END.split(_COMMENT.sub("", step.run)):
            if statement.strip():
                found = self._run(statement.strip(), values, once=once)
        return found

    def look(self, query: str, values: Mapping[str, Any]) -> Rows:
        """Run a query, or several statements; return what the last of them finds."""
        found = Rows()
        for statement in _END.split(query):
            if statement.strip():
                found = self._run(statement.strip(), values)
        return found

    def _run(self, statement: str, values: Mapping[str, Any], *, once: bool = False) -> Rows:
        """Run a statement; one that finds its row there, or is forbidden, has changed none."""
        named = {name: values[name] for name in _BIND.findall(statement) if name in values}
        try:
            result = self._executed(statement, named)
        except sa.exc.DBAPIError as error:
            codes = _codes(error)
            if codes & _AGAIN:
                raise AgainError(", ".join(sorted(codes & _AGAIN))) from error
            if once and codes & (_DOUBLE | _FORBIDDEN):
                return Rows()
            raise
        if result.returns_rows:
            return Rows(dict(row._mapping) for row in result)
        return Rows({} for _ in range(max(result.rowcount, 0)))

    def _executed(self, statement: str, named: Mapping[str, Any]) -> sa.CursorResult[Any]:
        """Run a statement; outside a transaction it waits until SQLite can have another writer."""
        raw: Any = self._connection.connection.driver_connection
        until = 0.0
        while True:
            try:
                return self._connection.execute(sa.text(statement), named)
            except sa.exc.OperationalError as error:
                now = time.monotonic()
                if _LOCKED not in _codes(error) or raw.in_transaction or 0 < until < now:
                    raise
                if not until:
                    until = now + _BUSY
                    self._waits()
                time.sleep(random.uniform(0.001, 0.006))  # noqa: S311 - a pause

    def reset(self) -> None:
        """Roll back what was not committed, and be who made the tables again."""
        raw: Any = self._connection.connection.driver_connection
        raw.rollback()
        if self._by:
            self._connection.exec_driver_sql("RESET ROLE")
            self._by = ""


def _codes(error: sa.exc.DBAPIError) -> set[str]:
    """Return the names that a driver gives an error: a state of SQL, or the store's own."""
    first = next(iter(getattr(error.orig, "args", ())), "")
    return {str(getattr(error.orig, "sqlstate", "")), str(first)}


class RedisSession:
    """Runs scripts and commands on a server.

    Args:
        client: From the library `redis`.
        forbidden: What it raises where who is signed in may not do something, or not sign in.
    """

    def __init__(self, client: Any, forbidden: tuple[type[Exception], ...]) -> None:
        self._client = client
        self._forbidden = forbidden
        self._by = ""

    def take(self, step: ReadyStep, values: Mapping[str, Any]) -> Rows:
        """Run the script of a step; one without keys is a command."""
        try:
            self._sign_in(filled_places(step.by, values), values)
            found = self._sent(step, values)
        except self._forbidden:
            if step.step.none:
                return Rows()
            raise
        if isinstance(found, list):
            return Rows({step.step.gives: item} for item in found)
        if found in (0, None):
            return Rows()
        return Rows([{step.step.gives: found} if step.step.gives else {}])

    def _sign_in(self, name: str, values: Mapping[str, Any]) -> None:
        if name != self._by:
            self._command(f"AUTH {name} <password>", values)

    def _sent(self, step: ReadyStep, values: Mapping[str, Any]) -> Any:
        if not step.keys:
            return self._command(step.run, values)
        keys = [filled_places(key, values) for key in step.keys]
        args = [str(values[name]) for name in step.step.args]
        return self._client.eval(step.run, len(keys), *keys, *args)

    def _command(self, text: str, values: Mapping[str, Any]) -> Any:
        words = [filled_places(word, values) for word in text.split()]
        if words[0] == "AUTH":
            self._by = words[1]
        return self._client.execute_command(*words)

    def look(self, query: str, values: Mapping[str, Any]) -> Rows:
        """Send a command, or several, each on a line; return what the last one finds."""
        found: Any = None
        for line in query.splitlines():
            found = self._command(line, values)
        listed = found if isinstance(found, list | set) else [] if found is None else [found]
        return Rows({"value": item} for item in listed)

    def reset(self) -> None:
        """Leave it, as each script is a whole; who was signed in is so no longer."""
        if self._by:
            self._client.connection_pool.disconnect()
            self._by = ""


def filled_places(text: str, values: Mapping[str, Any]) -> str:
    """Return a text with its values: `<name>` stands for one."""
    return _PLACE.sub(lambda found: str(values[found[1]]), text)
