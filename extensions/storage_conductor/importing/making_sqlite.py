"""The statements of SQLite, which keeps each as it was written."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import sqlalchemy as sa

from .virtual import tables_of

_ASKED = (
    "SELECT type, name, tbl_name, sql FROM sqlite_master"
    " WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    " ORDER BY CASE type WHEN 'table' THEN 0 WHEN 'index' THEN 1 WHEN 'view' THEN 2 ELSE 3 END,"
    " rowid"
)


def made(connection: sa.Connection, skipped: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield the line that an import writes of a thing, empty for what is of tables, and its text.

    Args:
        connection: To the database.
        skipped: Tables that are no part of it.
    """
    rows = connection.exec_driver_sql(_ASKED).all()
    inner = {name for *_, sql in rows for name in list(tables_of(sql))[1:]}
    for kind, name, table, sql in rows:
        if table in skipped or table in inner:
            continue
        virtual = next(tables_of(sql), "")
        line = {"view": f"view {name}", "trigger": f"trigger {name} on {table}"}.get(kind, "")
        yield f"virtual table {name}" if virtual else line, sql.strip()
