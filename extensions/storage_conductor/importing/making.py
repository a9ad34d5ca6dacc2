"""The statements that make on an empty store what one has, as it tells them itself."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from ..steps.existing import NOTHING_MADE, Making
from . import making_innodb, making_postgresql, making_sqlite

_MADE = {
    "postgresql": making_postgresql.made,
    "mariadb": making_innodb.made,
    "mysql": making_innodb.made,
    "sqlite": making_sqlite.made,
}


def making(
    connection: sa.Connection, store: str, skipped: Iterable[str], unsaid: Iterable[str]
) -> Making:
    """Ask a store; nothing where it is none of those that tell.

    Args:
        connection: From `connecting`.
        store: Catalog key of the store.
        skipped: Tables that are no part of it.
        unsaid: What it holds that is no table, a line each.
    """
    ask = _MADE.get(store)
    if ask is None:
        return NOTHING_MADE
    made = list(ask(connection, frozenset(skipped)))
    if not made:
        return NOTHING_MADE
    held = {line for line, _ in made}
    return Making(
        tuple(text for _, text in made if text), tuple(line for line in unsaid if line not in held)
    )
