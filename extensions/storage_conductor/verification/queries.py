"""A query of the project's own and its expected answer, in a session that refuses writes."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from ..errors import ConductorError
from ..importing import connecting
from ..importing.extra import need
from ..proof.subject import Subject

_DIALECTS = {"postgresql": "postgres", "sql-server": "tsql", "mariadb": "mysql"}
_MOST_ROWS = 10_000
# Comments whose content MySQL and MariaDB run: https://mariadb.com/docs/server/reference/sql-statements/comment-syntax
_RUN_COMMENT = re.compile(r"/\*M?!")


def require_query(text: str, store: str) -> None:
    """Make sure that a text is one query, so that no second statement undoes what bounds it.

    Raises:
        ConductorError: It is something else.
    """
    sqlglot: Any = need("sqlglot")
    if _RUN_COMMENT.search(text):
        raise _refused()
    try:
        found = sqlglot.parse(text, dialect=_DIALECTS.get(store, store))
    except sqlglot.errors.SqlglotError as error:
        raise _refused() from error
    if len(found) != 1 or not isinstance(found[0], sqlglot.exp.Query):
        raise _refused()
    exp = sqlglot.exp
    if any(found[0].find_all(exp.DML, exp.DDL, exp.Command, exp.Into)):
        raise _refused()


def _refused() -> ConductorError:
    return ConductorError(
        "It is not one query that only reads.", remedy="Write one SELECT, without a second one."
    )


def ask(subject: Subject, address: str, text: str, seconds: int) -> tuple[str, list[list[Any]]]:
    """Ask a store.

    Args:
        subject: The store that must answer.
        address: Its address, or `env:NAME`.
        text: The query.
        seconds: Longest that it may take.

    Returns:
        Product and version of the server, and the rows.

    Raises:
        ConductorError: It cannot be asked, or answers with too many rows.
    """
    require_query(text, subject.backend.key)
    url = connecting.address(address)
    with connecting.connected(url, seconds=seconds) as connection:
        connecting.require_store(connection, subject.backend.key, subject.backend.name)
        fills_in = connection.dialect.paramstyle in ("format", "pyformat")
        result = connection.exec_driver_sql(text.replace("%", "%%") if fills_in else text)
        rows = result.fetchmany(_MOST_ROWS + 1)
        if len(rows) > _MOST_ROWS:
            raise ConductorError(
                f"The answer has more than {_MOST_ROWS:,} rows.", remedy="Count them in the query."
            )
        server = connecting.server(connection, subject.backend.name)
    return server, [list(row) for row in rows]


def agrees(rows: Sequence[Sequence[Any]], expected: Any) -> bool:
    """Tell whether rows are an expected answer: a value, or a list of rows."""
    if not isinstance(expected, (list, tuple)):
        expected = [[expected]]
    return [_alike(row) for row in rows] == [_alike(row) for row in expected]


def _alike(row: Iterable[Any]) -> list[Any]:
    """Return values as they compare: numbers by size, what YAML has no form for as text."""
    return [_value(value) for value in row]


def _value(value: Any) -> Any:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, (bool, int, float, Decimal)):
        return Decimal(str(int(value) if isinstance(value, bool) else value))
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    return str(value)
