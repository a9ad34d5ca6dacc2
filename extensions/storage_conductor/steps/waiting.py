"""Where InnoDB has writers wait: a statement asks for no more than it gives.

https://mariadb.com/docs/server/server-usage/storage-engines/innodb/innodb-online-ddl
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import replace

from .forms import Statements
from .parts import SchemaParts

_OF_COLUMNS = ("add-column", "drop-column", "set-null", "set-not-null")
_COPIED = """\
-- The index on words or places makes writers wait while the table is copied: for a large one use
-- pt-online-schema-change."""
_PLACES = re.compile(r"^(CREATE SPATIAL INDEX .*) LOCK=NONE;$", re.MULTILINE)


def placed(*schemas: SchemaParts) -> set[str]:
    """Return the names of tables with an index of places."""
    return {
        name
        for schema in schemas
        for name, table in schema.tables.items()
        if any(text.startswith("SPATIAL") for text in table.indexes.values())
    }


def waiting(key: str, item: Statements, table: str, searched: Collection[str]) -> Statements:
    """Return statements with the lock that they get.

    Args:
        key: Of their form.
        item: The statements.
        table: Quoted.
        searched: Quoted names of tables with an index on words or places.
    """
    change: Callable[[str], str] = _copied if key in _OF_COLUMNS and table in searched else _made
    return replace(item, up=change(item.up), down=change(item.down))


def _made(text: str) -> str:
    return _PLACES.sub(r"-- Writers wait while the index is made.\n\1 LOCK=SHARED;", text)


def _copied(text: str) -> str:
    shared = re.sub(r", ALGORITHM=(?:INSTANT|INPLACE, LOCK=NONE)", ", LOCK=SHARED", text)
    return f"{_COPIED}\n{shared}" if shared != text else text
