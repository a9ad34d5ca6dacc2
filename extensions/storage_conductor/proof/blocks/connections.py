"""The connection of one caller to the store at an address."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa

from ...importing import connecting
from ...importing.extra import need
from ...schema.block_statements import SQL
from .sessions import SECONDS, RedisSession, SqlSession, StoreAddress, StoreSession, file_of


@contextlib.contextmanager
def session(
    address: StoreAddress, waits: Callable[[], None] = lambda: None
) -> Iterator[StoreSession]:
    """Connect to a store.

    Args:
        address: Where it is.
        waits: Called when it begins to wait for what another one has locked, where only the
            caller can know that.

    Raises:
        ConductorError: It is not there, refuses, or is another product.
    """
    if address.store in SQL:
        with connecting.connected(
            sa.make_url(address.url), writing=True, seconds=SECONDS
        ) as connection:
            yield SqlSession(connection, waits)
        return
    if address.store in ("redis", "valkey"):
        library: Any = need("redis")
        client = library.Redis.from_url(address.url, decode_responses=True)
        with contextlib.closing(client):
            errors = library.exceptions
            yield RedisSession(client, (errors.NoPermissionError, errors.AuthenticationError))
        return
    if address.url.startswith("file:"):
        from .files import FileSession

        yield FileSession(file_of(address.url))
        return
    from .memcached import MemcachedSession
    from .objects import ObjectSession
    from .requests import RequestSession

    kinds: dict[str, type[MemcachedSession | RequestSession]] = {
        "memcached": MemcachedSession,
        "dynamodb": RequestSession,
    }
    with contextlib.closing(kinds.get(address.store, ObjectSession)(address.url)) as found:
        yield found
