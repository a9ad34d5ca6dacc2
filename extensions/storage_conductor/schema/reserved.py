"""Names that a SQL store takes only in quotes. SQLAlchemy is imported for these alone."""

from __future__ import annotations

import functools
import re
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from ..disk import cache

if TYPE_CHECKING:
    from sqlalchemy.sql.elements import quoted_name

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")

_NEWER = {
    # PostgreSQL, pg_get_keywords() of version 18
    "collation",
    "concurrently",
    # MariaDB, https://mariadb.com/docs/server/reference/sql-structure/sql-language-structure/reserved-words
    "body",
    "delete_domain_id",
    "elsif",
    "goto",
    "history",
    "master_demote_to_replica",
    "master_demote_to_slave",
    "minus",
    "others",
    "package",
    "period",
    "portion",
    "raise",
    "rownum",
    "rowtype",
    "sysdate",
    "system_time",
    "vector",
    "versioning",
    # MySQL 8.4, 9.4 and 9.6: https://bugs.mysql.com/bug.php?id=114874, id=118844 and id=119904
    "external",
    "library",
    "manual",
    "parallel",
    "qualify",
    "sets",
    "tablesample",
    # SQLite, https://sqlite.org/src/file/tool/mkkeywordhash.c
    "abort",
    "action",
    "always",
    "exclude",
    "filter",
    "first",
    "following",
    "last",
    "materialized",
    "no",
    "nothing",
    "nulls",
    "preceding",
    "savepoint",
    "ties",
    "unbounded",
    "within",
    # SQL Server, https://learn.microsoft.com/sql/t-sql/language-elements/reserved-keywords-transact-sql
    "label",
    "semantickeyphrasetable",
    "semanticsimilaritydetailstable",
    "semanticsimilaritytable",
    "try_convert",
}
"""Words that one of the stores reserves, or may parse as its own, and SQLAlchemy does not list."""


@functools.cache
def _reserved() -> frozenset[str]:
    # Kept, so that most runs import no dialect but that of their own store, and many none.
    listed = cache.data(f"reserved words of SQLAlchemy {version('sqlalchemy')}", _listed)
    return frozenset(_NEWER.union(listed))


def _listed(_: str) -> list[str]:
    from .sqltypes import DIALECTS

    made = (dialect() for dialect in DIALECTS.values())
    return sorted({word for each in made for word in each.identifier_preparer.reserved_words})


def quoted(name: str) -> quoted_name:
    """A name that is quoted when any of the stores reserves the word, in any case."""
    from sqlalchemy.sql.elements import quoted_name

    return quoted_name(name, quote=True if name.lower() in _reserved() else None)


def in_store(store: str, name: str) -> str:
    """Return a name as a SQL store takes it in a statement.

    Args:
        store: Its catalog key.
        name: The name.
    """
    if _PLAIN.fullmatch(name) and name not in _reserved():
        return name
    text: str = _preparer(store).quote(quoted(name))
    return text


@functools.cache
def _preparer(store: str) -> Any:
    from .sqltypes import DIALECTS

    return DIALECTS[store]().identifier_preparer
