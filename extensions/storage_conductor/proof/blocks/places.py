"""Where a block is proven: an empty database by its address, or one that is started for it."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa

from ...catalog import loading
from ...catalog.building_blocks import Realisation
from ...errors import ConductorError
from ...importing import connecting
from ...importing.extra import need
from ...schema.block_roles import BoundBlock
from ...schema.block_statements import SQL, block_model, filled
from ...schema.common import Sizes
from ...schema.design import design
from .. import scratch
from . import servers
from .callers import SILENT, StoreWatch
from .connections import session
from .sessions import SECONDS, StoreAddress

_ENV = "env:"
# Not its table of transactions, which stays as it was while it is read often.
_INNODB_WAITS = "SHOW GLOBAL STATUS LIKE 'Innodb_row_lock_current_waits'"
_LOCK_WAITS = {
    "postgresql": "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'",
    "mariadb": _INNODB_WAITS,
    "mysql": _INNODB_WAITS,
}
_PROCESSES = "SELECT count(*) FROM information_schema.processlist WHERE db = DATABASE()"
_CONNECTED = {
    "postgresql": "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND backend_type = 'client backend'",
    "mariadb": _PROCESSES,
    "mysql": _PROCESSES,
}
_REDIS = ("redis://", "rediss://", "unix://")


@dataclass(frozen=True)
class ProofPlace:
    """A store to prove on.

    Args:
        address: Where it is.
        version: Its product and version.
        watch: What it tells of those who are connected.
        renew: Takes away what was written, where a transaction copies all of it.
    """

    address: StoreAddress
    version: str
    watch: StoreWatch = SILENT
    renew: Callable[[], None] = lambda: None


STARTED = (
    *("postgresql", "sqlite", "valkey", "local-posix", "s3-compatible", "memcached"),
    "dynamodb",
)
"""Stores that are started for a proof where no address is given."""
_SCHEMES = {"file": "local-posix", "http": "s3-compatible", "https": "s3-compatible"}


def store_at(url: str) -> str:
    """Return the key of the store that an address names; of Redis and Valkey the server tells.

    Raises:
        ConductorError: The address cannot be used.
    """
    plain = _plain(url)
    scheme = plain.partition("://")[0]
    if scheme in ("http", "https") and not urlsplit(plain).path.strip("/"):
        return "dynamodb"  # a bucket has its name as the path
    if scheme in (*_SCHEMES, "memcached"):
        return _SCHEMES.get(scheme, scheme)
    if plain.startswith(_REDIS):
        found = _server(plain)
        return "valkey" if str(found.get("server_name", "")) == "valkey" else "redis"
    with connecting.connected(connecting.address(url), seconds=SECONDS) as connection:
        return connecting.store_of(connection)


@contextlib.contextmanager
def opened(
    store: str, url: str, bound: BoundBlock, made: Realisation | None = None
) -> Iterator[ProofPlace]:
    """Prepare a store for a block: its tables are made, and taken away at the end.

    Args:
        store: Key of the store.
        url: An empty database, or `env:NAME`; empty starts one.
        bound: The block, played by its own entities.
        made: How the store keeps it, for what is set up beside the tables.

    Raises:
        ConductorError: There is none, or it is not empty.
    """
    if store == "dynamodb":
        with _dynamodb(_plain(url), bound, made) as found:
            yield found
        return
    if store not in SQL:
        openers = {"redis": _redis, "valkey": _redis}
        opener = openers.get(store, _of_family)(store, _plain(url), bound)
        with opener as found, _set_up(found.address, bound, made):
            yield found
        return
    with contextlib.ExitStack() as held:
        address = connecting.address(url) if url else held.enter_context(_started(store))
        connection = held.enter_context(
            connecting.connected(address, writing=True, seconds=SECONDS)
        )
        scratch.require_empty(connection)
        if store == "sqlite":
            connection.exec_driver_sql("PRAGMA journal_mode = WAL")
        up, down = _scripts(bound, store)
        try:
            scratch.run_script(connection, up)
            text = address.render_as_string(hide_password=False)
            place = ProofPlace(
                StoreAddress(store, text),
                _version(connection, store),
                StoreWatch(
                    lambda: _counted(connection, _LOCK_WAITS.get(store)),
                    lambda: _counted(connection, _CONNECTED.get(store)),
                ),
            )
            with _set_up(place.address, bound, made):
                yield place
        finally:
            scratch.run_script(connection, down)


@contextlib.contextmanager
def _set_up(address: StoreAddress, bound: BoundBlock, made: Realisation | None) -> Iterator[None]:
    """Set up what a block needs beside its tables, and take that away at the end."""
    said = {"setup": made.setup, "teardown": made.teardown} if made else {}
    texts = filled(said, bound, block_model(bound), address.store)
    with contextlib.ExitStack() as held:
        opened_session = held.enter_context(session(address)) if any(texts.values()) else None
        if opened_session and texts["setup"]:
            opened_session.look(texts["setup"], {})
        try:
            yield
        finally:
            if opened_session and texts["teardown"]:
                opened_session.look(texts["teardown"], {})


def _counted(connection: sa.Connection, query: str | None) -> int:
    """Return the number in which the row of a query ends; 0 where this user may not ask."""
    with contextlib.suppress(sa.exc.DBAPIError):
        return int(connection.exec_driver_sql(query).one()[-1]) if query else 0
    return 0


def _plain(url: str) -> str:
    """Return an address; `env:NAME` is taken from the environment."""
    return os.environ.get(url.removeprefix(_ENV), "") if url.startswith(_ENV) else url


@contextlib.contextmanager
def _of_family(store: str, url: str, bound: BoundBlock) -> Iterator[ProofPlace]:
    """Prepare a store that is no database, by the family of the catalog."""
    family = loading.load(store).family
    tables = [item.table for item in block_model(bound).entities]
    opener: contextlib.AbstractContextManager[tuple[str, str]]
    if family == "posix":
        opener = servers.folder(url, tables)
    elif family == "object":
        opener = servers.bucket(url)
    else:
        opener = servers.memcached(url)
    with opener as (place, version):
        yield ProofPlace(StoreAddress(store, place), version)


@contextlib.contextmanager
def _dynamodb(url: str, bound: BoundBlock, made: Realisation | None) -> Iterator[ProofPlace]:
    """Prepare an emulator of DynamoDB: a table for each entity, found by the entity's own key."""
    from ...schema.block_requests import tables
    from .requests import RequestSession

    model = block_model(bound)
    setup = filled({"": made.setup if made else ""}, bound, model, "dynamodb")[""]
    definitions = [table.definition() for table in tables(model)]
    with (
        servers.dynamodb(url) as (place, version),
        contextlib.closing(RequestSession(place)) as opened_session,
    ):
        held = servers.Tables(opened_session, definitions, setup)
        held.create()
        try:
            yield ProofPlace(StoreAddress("dynamodb", place), version, renew=held.renew)
        finally:
            held.drop()


def _scripts(bound: BoundBlock, store: str) -> tuple[str, str]:
    made = design(block_model(bound), [loading.load(store)], Sizes())
    texts = {item.kind: item.text for item in made.artifacts}
    return texts["schema"], texts["rollback"]


@contextlib.contextmanager
def _started(store: str) -> Iterator[sa.engine.URL]:
    if store == "postgresql":
        with scratch.postgresql() as url:
            yield url
    elif store == "sqlite":
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            yield sa.make_url(f"sqlite:///{Path(folder, 'proof.db').as_posix()}")
    else:
        raise scratch.needs_address(loading.load(store))


def _version(connection: sa.Connection, store: str) -> str:
    found = connection.dialect.server_version_info or ()
    return f"{loading.load(store).name} {'.'.join(str(part) for part in found[:3])}"


@contextlib.contextmanager
def _redis(store: str, url: str, bound: BoundBlock) -> Iterator[ProofPlace]:
    if store == "valkey" and not url:
        with servers.valkey() as started, _redis(store, started, bound) as found:
            yield found
        return
    if not url.startswith(_REDIS):
        raise scratch.needs_address(loading.load(store))
    info = _server(url)
    version = info.get(f"{store}_version") or info.get("redis_version")
    library: Any = need("redis")
    with contextlib.closing(library.Redis.from_url(url, decode_responses=True)) as client:
        if client.dbsize():
            raise ConductorError(
                f"The database is not empty: it has {client.dbsize()} keys.",
                remedy="Give the number of an empty database; a proof writes and removes keys.",
            )
        try:
            yield ProofPlace(StoreAddress(store, url), f"{loading.load(store).name} {version}")
        finally:
            for item in block_model(bound).entities:  # what others wrote meanwhile stays
                for key in client.scan_iter(f"{item.table}:*"):
                    client.delete(key)


def _server(url: str) -> Mapping[str, Any]:
    library: Any = need("redis")
    try:
        with contextlib.closing(
            library.Redis.from_url(url, socket_connect_timeout=10, socket_timeout=SECONDS)
        ) as client:
            found: Mapping[str, Any] = client.info("server")
    except (library.exceptions.RedisError, ValueError) as error:
        raise ConductorError(
            f"The server at the address does not answer, or refuses: {type(error).__name__}.",
            remedy="Check host, port and login, that the server runs, and that this machine may"
            " reach it.",
        ) from error
    return found
