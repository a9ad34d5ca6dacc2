"""Virtual tables of SQLite, and the tables in which their modules keep what they hold.

Those are made with the virtual table, and nobody else may write them:
https://www.sqlite.org/vtab.html#the_xshadowname_method
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_MADE = re.compile(
    r"CREATE\s+VIRTUAL\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(?:\w+\.)?"
    r"(?P<name>\"[^\"]+\"|'[^']+'|`[^`]+`|\[[^\]]+\]|\w+)\s+USING\s+(?P<module>\w+)",
    re.IGNORECASE,
)
_OF_TEXT = ("content", "docsize", "segdir", "segments", "stat")
_OF_PLACES = ("node", "parent", "rowid")
_KEPT_IN = {
    "fts3": _OF_TEXT,
    "fts4": _OF_TEXT,
    "fts5": ("config", "content", "data", "docsize", "idx"),
    "geopoly": _OF_PLACES,
    "rtree": _OF_PLACES,
    "rtree_i32": _OF_PLACES,
}
"""Endings of their names: https://www.sqlite.org/fts5.html#fts5_data_structures,
https://www.sqlite.org/fts3.html#shadow_tables, https://www.sqlite.org/rtree.html#internals."""


def tables_of(statement: str) -> Iterator[str]:
    """Yield the names of a virtual table and of those that it is kept in, none of another kind."""
    if found := _MADE.match(statement):
        name = found["name"].strip("\"'`[]")
        yield name
        endings = _KEPT_IN.get(found["module"].lower(), ())
        yield from (f"{name}_{ending}" for ending in endings)
