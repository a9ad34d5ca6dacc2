"""Access patterns from what a server counted: statements with how often they ran.

PostgreSQL: https://www.postgresql.org/docs/current/pgstatstatements.html; MySQL and MariaDB:
`events_statements_summary_by_digest` of the performance schema.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from ..errors import ConductorError
from .beside import not_own
from .connecting import store_of
from .extra import need
from .found import MY_STORES, SQLGLOT_DIALECTS, FoundSchema
from .naming import Naming
from .sayable import sayable

_PLACEHOLDER = re.compile(r"\$\d+")
_CATALOGS = ("pg_", "information_schema", "performance_schema")
_MOST = 200
"""Statements that are looked at, the most frequent first."""
_POSTGRESQL = (
    "SELECT query, calls / greatest(extract(epoch FROM now() - {since}), 1) FROM pg_stat_statements"
    " WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " ORDER BY calls DESC LIMIT 200"
)
_SINCE = (
    "(SELECT stats_reset FROM pg_stat_statements_info)",
    "(SELECT stats_reset FROM pg_stat_database WHERE datname = current_database())",
)
_MYSQL = (
    "SELECT DIGEST_TEXT, COUNT_STAR / GREATEST(TIMESTAMPDIFF(SECOND, FIRST_SEEN, NOW()), 1)"
    " FROM performance_schema.events_statements_summary_by_digest"
    " WHERE SCHEMA_NAME = DATABASE() ORDER BY COUNT_STAR DESC LIMIT 200"
)
# Where it is switched off, its tables are there and empty.
_COUNTS = "SELECT @@performance_schema"


def added(connection: sa.Connection, found: FoundSchema) -> FoundSchema:
    """Add access patterns from the statistics of a server.

    Raises:
        ConductorError: It keeps none, or this user may not read them.
    """
    named = sayable(found).schema
    patterns, unsaid = patterns_of(_asked(connection), named, _views(connection))
    if not patterns and not unsaid:
        unsaid = ["no access patterns: the server has counted no statement on these tables"]
    return replace(found, patterns=tuple(patterns), unsaid=(*found.unsaid, *unsaid))


def _views(connection: sa.Connection) -> frozenset[str]:
    """Return the names of the views that are no extension's, in lower case."""
    inspector, store = sa.inspect(connection), store_of(connection)
    names = {*inspector.get_view_names()}
    names |= {*inspector.get_materialized_view_names()} if store == "postgresql" else set()
    return frozenset(name.lower() for name in names - not_own(connection, store))


def _asked(connection: sa.Connection) -> list[tuple[str, float]]:
    store = store_of(connection)
    statements: tuple[str, ...] = ()
    if store == "postgresql":
        statements = tuple(_POSTGRESQL.format(since=since) for since in _SINCE)
    elif store in MY_STORES and connection.exec_driver_sql(_COUNTS).scalar():
        statements = (_MYSQL,)
    for statement in statements:
        try:
            rows = connection.exec_driver_sql(statement).all()
        except sa.exc.DBAPIError:
            continue
        return [(str(text), float(rate)) for text, rate in rows if text]
    raise ConductorError(
        "The server keeps no statistics of statements, or this user may not read them.",
        remedy="On PostgreSQL, create the extension pg_stat_statements and grant pg_read_all_stats;"
        " on MySQL and MariaDB, switch the performance schema on. Or leave --statistics out.",
    )


def patterns_of(
    statements: list[tuple[str, float]], found: FoundSchema, views: frozenset[str] = frozenset()
) -> tuple[list[dict[str, Any]], list[str]]:
    """Turn statements into access patterns.

    Args:
        statements: Each with its rate a second, the values replaced by placeholders.
        found: The tables.
        views: Names of the views on them, in lower case.

    Returns:
        The patterns, and the statements on these tables and views that are none.
    """
    naming = Naming(found)
    merged: dict[str, dict[str, Any]] = {}
    unsaid = []
    for text, rate in statements[:_MOST]:
        read = _Statement(found, naming, text, views).pattern()
        if isinstance(read, str):
            if read:
                unsaid.append(f"a statement with {rate:.3g} a second: {read}")
            continue
        key = str({name: value for name, value in read.items() if name != "name"})
        known = merged.setdefault(key, {**read, "per_second": 0.0})
        known["per_second"] += rate
    patterns = list(merged.values())
    names: set[str] = set()
    for pattern in patterns:
        name, number = pattern["name"], 2
        while pattern["name"] in names:
            pattern["name"], number = f"{name} ({number})", number + 1
        names.add(pattern["name"])
        pattern["per_second"] = float(f"{pattern['per_second']:.3g}")
    return patterns, unsaid


class _Statement:
    def __init__(
        self, found: FoundSchema, naming: Naming, text: str, views: frozenset[str]
    ) -> None:
        self._found = found
        self._naming = naming
        self._text = " ".join(text.split())
        self._views = views
        self._table = ""
        self._fields: dict[str, str] = {}

    def pattern(self) -> dict[str, Any] | str:
        """Return the pattern; or why there is none, empty where it is not about these tables."""
        sqlglot = need("sqlglot")
        exp = sqlglot.exp
        dialect = SQLGLOT_DIALECTS.get(self._found.store)
        # Without a space, `$1,$2` begins a text in dollars to sqlglot.
        plain = _PLACEHOLDER.sub(r"\g<0> ", self._text.replace("...", "?"))
        try:
            node = sqlglot.parse_one(plain, dialect=dialect)
        except (sqlglot.errors.SqlglotError, RecursionError):
            return self._unread()
        kinds: Mapping[Any, str] = {
            exp.Select: "read",
            exp.Insert: "write",
            exp.Update: "update",
            exp.Delete: "delete",
        }
        kind = kinds.get(type(node))
        tables = {table.name for table in node.find_all(exp.Table)}
        known = [name for name in map(self._known, tables) if name]
        viewed = sorted(name for name in tables if name.lower() in self._views)
        if kind is not None and viewed:
            return f"of the view {', '.join(viewed)}: {self._text[:120]}"
        if kind is None or not known:
            return ""
        if len(tables) > 1 or node.find(exp.Subquery):
            return f"several tables: {self._text[:120]}"
        self._table = known[0]
        # The digest of MariaDB and MySQL has a name that is a word of SQL in capitals: `ID`.
        self._fields = {
            column.lower(): field
            for (table, column), field in self._naming.fields.items()
            if table == self._table
        }
        filters = list(self._filters(node))
        if None in filters:
            return f"a condition that no index narrows: {self._text[:120]}"
        return self._written(node, kind, [text for text in filters if text])

    def _known(self, name: str) -> str:
        """The table of this name, in whatever case it is written; empty where there is none."""
        names = [table.name for table in self._found.tables]
        alike = [each for each in names if each.lower() == name.lower()]
        return name if name in names else next(iter(alike), "")

    def _unread(self) -> str:
        """What is said of a statement that cannot be parsed, if it is about these tables."""
        words = re.findall(r"\w+", self._text.lower())
        ours = {table.name.lower() for table in self._found.tables} & set(words)
        asked = {"select", "insert", "update", "delete", "with"}
        catalog = any(word.startswith(_CATALOGS) for word in words)
        told = ours and words[0] in asked and not catalog
        return f"cannot be read: {self._text[:120]}" if told else ""

    def _written(self, node: Any, kind: str, filters: list[str]) -> dict[str, Any]:
        exp = need("sqlglot").exp
        entity = self._naming.entities[self._table]
        sort = []
        order = node.args.get("order")
        for item in order.expressions if order else ():
            field = self._field(item.this)
            if field:
                sort.append(f"{field} desc" if item.args.get("desc") else field)
        limit = node.args.get("limit")
        size = limit.expression if limit is not None else None
        whole = kind == "read" and not filters and limit is None
        words = [f"{'scan' if whole else kind} {entity}"]
        words += [f"by {', '.join(filters)}"] if filters else []
        words += [f"in the order of {', '.join(sort)}"] if sort else []
        pattern: dict[str, Any] = {"name": " ".join(words), "entity": entity}
        if kind != "read" or whole:
            pattern["kind"] = "scan" if whole else kind
        if filters:
            pattern["filter"] = filters
        if sort:
            pattern["sort"] = sort
        if isinstance(size, exp.Literal) and size.is_int:
            pattern["page_size"] = int(size.this)
        return pattern

    def _field(self, node: Any) -> str | None:
        name = node.name if isinstance(node, need("sqlglot").exp.Column) else None
        return self._fields.get(name.lower()) if name else None

    def _filters(self, node: Any) -> Iterator[str | None]:
        exp = need("sqlglot").exp
        where = node.args.get("where")
        parts = where.this.flatten() if where and isinstance(where.this, exp.And) else []
        if where and not isinstance(where.this, exp.And):
            parts = [where.this]
        words: Mapping[Any, str] = {
            exp.EQ: "",
            exp.GT: " >",
            exp.GTE: " >=",
            exp.LT: " <",
            exp.LTE: " <=",
            exp.Between: " between",
            exp.In: " in",
        }
        seen: dict[str, str] = {}
        for part in parts:
            bare = part.unnest()
            field = self._field(bare.this) if bare.this is not None else None
            if isinstance(bare, exp.Is) and isinstance(bare.expression, exp.Null) and field:
                yield None if bare.args.get("negate") else f"{field} is null"
            elif field is None or type(bare) not in words:
                yield None
            elif isinstance(bare, exp.EQ) and isinstance(bare.expression, exp.Any):
                seen[field] = " in"
            else:
                seen[field] = " between" if field in seen else words[type(bare)]
        yield from (f"{field}{word}" for field, word in seen.items())
