"""Words that a SQL store refuses as a name without quotes. Imports SQLAlchemy: load it late."""

from __future__ import annotations

import functools

import sqlalchemy as sa
from sqlalchemy.sql.elements import quoted_name

from ..disk import cache
from .sqltypes import DIALECTS

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
    # Kept, so that most runs import no more than the dialect of their own store.
    listed = cache.data(f"reserved words of SQLAlchemy {sa.__version__}", _listed)
    return frozenset(_NEWER.union(listed))


def _listed(_: str) -> list[str]:
    made = (dialect() for dialect in DIALECTS.values())
    return sorted({word for each in made for word in each.identifier_preparer.reserved_words})


def quoted(name: str) -> quoted_name:
    """A name that is quoted when any of the stores reserves the word, in any case."""
    return quoted_name(name, quote=True if name.lower() in _reserved() else None)
