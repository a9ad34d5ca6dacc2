"""The statements of MariaDB and MySQL, by their `SHOW CREATE`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

import sqlalchemy as sa

from .statements import makes

_COMPOUND = re.compile(r"\s*(?:\w+\s*:\s*)?BEGIN\b", re.IGNORECASE)
_TABLES = (
    "SELECT TABLE_NAME, TABLE_TYPE FROM information_schema.TABLES"
    " WHERE TABLE_SCHEMA = DATABASE() ORDER BY TABLE_TYPE, CREATE_TIME, TABLE_NAME"
)
_TRIGGERS = (
    "SELECT TRIGGER_NAME, EVENT_OBJECT_TABLE, ACTION_TIMING, EVENT_MANIPULATION, ACTION_STATEMENT"
    " FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()"
    " ORDER BY EVENT_OBJECT_TABLE, ACTION_ORDER"
)


def made(connection: sa.Connection, skipped: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield the line that an import writes of a thing, empty for what is of tables, and its text.

    A trigger of several statements is left out, as each client marks its end in its own way, and so
    are routines and events.

    Args:
        connection: To the database.
        skipped: Tables that are no part of it.
    """
    found = [(n, k) for n, k in connection.exec_driver_sql(_TABLES).all() if n not in skipped]
    for name in [name for name, kind in found if kind == "SEQUENCE"]:
        yield f"sequence {name}", _shown(connection, "SEQUENCE", name)
    for name in [name for name, kind in found if kind in ("BASE TABLE", "SYSTEM VERSIONED")]:
        yield "", makes(_shown(connection, "TABLE", name), "mariadb", ())
    for name in [name for name, kind in found if kind == "VIEW"]:
        yield f"view {name}", makes(_shown(connection, "VIEW", name), "mariadb", ())
    for name, table, time, event, action in connection.exec_driver_sql(_TRIGGERS).all():
        if table not in skipped and not _COMPOUND.match(action):
            text = f"CREATE TRIGGER {_quoted(name)} {time} {event} ON {_quoted(table)}"
            yield f"trigger {name} on {table}", f"{text} FOR EACH ROW {action}"


def _shown(connection: sa.Connection, kind: str, name: str) -> str:
    shown = str(connection.exec_driver_sql(f"SHOW CREATE {kind} {_quoted(name)}").one()[1])
    # A sequence that counts is named with its database.
    return shown.replace(f"{_quoted(str(connection.engine.url.database))}.", "")


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
