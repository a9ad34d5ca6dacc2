"""What a database holds that is no table of its own, a line each."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.engine.reflection import Inspector

from .found import MY_STORES
from .virtual import tables_of

_PARTITIONS = (
    "SELECT c.relname FROM pg_class c WHERE c.relispartition AND c.relkind IN ('r', 'p')"
    " AND pg_table_is_visible(c.oid) ORDER BY 1"
)
_OF_EXTENSIONS = (
    "SELECT c.relname FROM pg_class c WHERE pg_table_is_visible(c.oid) AND EXISTS (SELECT FROM"
    " pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')"
)
_RELATIONS = (
    "SELECT CASE relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view'"
    " WHEN 'f' THEN 'foreign table' ELSE 'sequence' END || ' ' || relname"
    " FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace"
    " WHERE nspname = current_schema() AND relkind IN ('v', 'm', 'f', 'S')"
    # Not of an extension, nor a sequence that counts for a column.
    " AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass"
    " AND d.objid = c.oid AND (d.deptype = 'e' OR relkind = 'S' AND d.deptype IN ('a', 'i')))"
    " ORDER BY 1"
)
_MY = (
    ("view", "SELECT TABLE_NAME FROM information_schema.VIEWS WHERE TABLE_SCHEMA = DATABASE()"
     " ORDER BY 1"),
    ("trigger", "SELECT CONCAT(TRIGGER_NAME, ' on ', EVENT_OBJECT_TABLE) FROM"
     " information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()"),
    ("routine", "SELECT ROUTINE_NAME FROM information_schema.ROUTINES"
     " WHERE ROUTINE_SCHEMA = DATABASE()"),
    ("event", "SELECT EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA = DATABASE()"),
)  # fmt: skip
_BESIDE = {
    "postgresql": (
        ("", _RELATIONS),
        # Unlike information_schema, the catalog tells them to a role that may only read.
        ("trigger", "SELECT tgname || ' on ' || c.relname FROM pg_trigger t JOIN pg_class c"
         " ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
         " WHERE n.nspname = current_schema() AND NOT tgisinternal AND NOT c.relispartition"
         " ORDER BY 1"),
        ("rule", "SELECT rulename || ' on ' || tablename FROM pg_rules"
         " WHERE schemaname = current_schema()"),
        ("function", "SELECT proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
         " WHERE n.nspname = current_schema() AND NOT EXISTS (SELECT FROM pg_depend d WHERE"
         " d.objid = p.oid AND d.deptype = 'e')"),
        ("row policy", "SELECT policyname || ' on ' || tablename FROM pg_policies"
         " WHERE schemaname = current_schema()"),
        ("type", "SELECT typname FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace"
         " LEFT JOIN pg_class c ON c.oid = t.typrelid WHERE n.nspname = current_schema()"
         " AND (typtype IN ('d', 'e', 'r') OR c.relkind = 'c')"
         " AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = t.oid AND d.deptype = 'e')"
         " ORDER BY 1"),
        ("extension", "SELECT extname FROM pg_extension WHERE extname <> 'plpgsql' ORDER BY 1"),
        ("statistics", "SELECT stxname FROM pg_statistic_ext s JOIN pg_namespace n"
         " ON n.oid = s.stxnamespace WHERE n.nspname = current_schema()"),
        ("partition", _PARTITIONS),
        ("exclusion constraint", "SELECT conname FROM pg_constraint c JOIN pg_namespace n ON n.oid"
         " = c.connamespace WHERE n.nspname = current_schema() AND contype = 'x'"),
    ),
    "sqlite": (
        ("view", "SELECT name FROM sqlite_master WHERE type = 'view' ORDER BY name"),
        ("trigger", "SELECT name || ' on ' || tbl_name FROM sqlite_master WHERE type = 'trigger'"),
        ("virtual table", "SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL %'"),
    ),
    "mysql": _MY,
    "mariadb": (
        *_MY,
        ("sequence", "SELECT TABLE_NAME FROM information_schema.TABLES"
         " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'SEQUENCE'"),
    ),
}  # fmt: skip
_NEEDED = {
    "view": ("SELECT", "SHOW VIEW"),
    "trigger": ("TRIGGER",),
    "routine": ("EXECUTE", "ALTER ROUTINE"),
    "event": ("EVENT",),
}
"""One of these rights MariaDB and MySQL want before they tell of a thing: pages of
information_schema's tables at https://mariadb.com/kb/en/information-schema-tables/."""
_RIGHTS = (
    "SELECT PRIVILEGE_TYPE FROM information_schema.{0}_PRIVILEGES WHERE GRANTEE ="
    " CONCAT('''', REPLACE(CURRENT_USER(), '@', '''@'''), '''')"
)


def not_own(connection: sa.Connection, store: str) -> frozenset[str]:
    """Return the tables that are parts of others, or an extension's."""
    if store == "sqlite":
        made = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE type = 'table'")
        return frozenset(name for (sql,) in made for name in tables_of(sql or ""))
    if store != "postgresql":
        return frozenset()
    asked = (_PARTITIONS, _OF_EXTENSIONS)
    return frozenset(name for each in asked for (name,) in connection.exec_driver_sql(each))


def beside(connection: sa.Connection, store: str, inspector: Inspector) -> Iterator[str]:
    """Yield what a database holds that is no table."""
    if store not in _BESIDE:
        yield from (f"view {name}" for name in sorted(inspector.get_view_names()))
    for kind, statement in _BESIDE.get(store, ()):
        for (name,) in connection.exec_driver_sql(statement.replace("%", "%%")):
            yield f"{kind} {name}".strip()


def hidden(connection: sa.Connection, store: str) -> frozenset[str]:
    """Return the kinds of things beside tables that the store does not tell to this user."""
    if store not in MY_STORES:
        return frozenset()
    asked = (_RIGHTS.format("USER"), f"{_RIGHTS.format('SCHEMA')} AND DATABASE() LIKE TABLE_SCHEMA")
    rights = {word for each in asked for (word,) in connection.exec_driver_sql(each)}
    return frozenset(kind for kind, needed in _NEEDED.items() if not rights & set(needed))
