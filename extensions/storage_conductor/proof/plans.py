"""What a SQL store did for a query: indexes, sorts, rows read, time."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from .writing import ROW_NUMBER, Writer


@dataclass(frozen=True)
class Plan:
    """What was done.

    Args:
        indexes: Names of the indexes that were used.
        sorted: Whether rows were sorted after they were found.
        read: Rows that were looked at, or `None` where the store does not tell.
        returned: Rows of the result.
        milliseconds: How long it took.
    """

    indexes: frozenset[str]
    sorted: bool
    read: int | None
    returned: int
    milliseconds: float


def plan_of(writer: Writer, store: str, query: str) -> Plan:
    """Run a query and look at what was done for it."""
    return _PLANS[store](writer, query)


def _postgresql(writer: Writer, query: str) -> Plan:
    found: Any = writer.ask(f"EXPLAIN (ANALYZE, FORMAT JSON) {query}").scalar()
    data = json.loads(found) if isinstance(found, str) else found
    nodes = list(_nodes(data[0]["Plan"]))
    read = sum(
        (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
        for node in nodes
        if "Scan" in node["Node Type"] and node["Node Type"] != "Bitmap Index Scan"
    )
    names = {node["Index Name"] for node in nodes if "Index Name" in node}
    return Plan(
        frozenset(_whole(writer).get(name, name) for name in names),
        any("Sort" in node["Node Type"] for node in nodes),
        round(read),
        round(data[0]["Plan"]["Actual Rows"]),
        data[0]["Execution Time"],
    )


def _whole(writer: Writer) -> dict[str, str]:
    """By the name of a partition's index: that of the index of the whole table."""
    found = writer.ask(
        "SELECT part.relname, whole.relname FROM pg_inherits"
        " JOIN pg_class part ON part.oid = inhrelid JOIN pg_class whole ON whole.oid = inhparent"
        " WHERE part.relkind = 'i'"
    )
    return {str(part): str(whole) for part, whole in found}


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for inner in node.get("Plans", ()):
        yield from _nodes(inner)


def _innodb(writer: Writer, query: str) -> Plan:
    # The table of old: newer servers of MySQL show a tree unless asked.
    rows = writer.ask(f"EXPLAIN FORMAT=TRADITIONAL {query}").mappings().all()
    writer.ask("FLUSH STATUS")
    returned, took = _timed(writer, query)
    # What the storage engine was asked for: https://mariadb.com/kb/en/server-status-variables/
    counted = writer.ask("SHOW SESSION STATUS LIKE 'Handler_read%'").all()
    return Plan(
        frozenset(str(row["key"]) for row in rows if row["key"]),
        any("filesort" in str(row["Extra"]) for row in rows),
        sum(int(number) for _, number in counted),
        returned,
        took,
    )


def _sqlite(writer: Writer, query: str) -> Plan:
    lines = [str(row[3]) for row in writer.ask(f"EXPLAIN QUERY PLAN {query}")]
    used = re.findall(r"USING (?:COVERING )?(?:INDEX (\S+)|INTEGER PRIMARY KEY)", "\n".join(lines))
    returned, took = _timed(writer, query)
    # Read whole, a table comes in the order of the numbers of its rows, which are its key.
    whole = " WHERE " not in query and any(re.fullmatch(r"SCAN \S+", line) for line in lines)
    key = whole or any("INTEGER PRIMARY KEY" in line for line in lines)
    boxes = re.findall(r"SCAN (\S+) VIRTUAL TABLE INDEX", "\n".join(lines))
    names = [*filter(None, used), *boxes, *([ROW_NUMBER] if key else [])]
    sorts = any("TEMP B-TREE" in line for line in lines)
    return Plan(frozenset(names), sorts, None, returned, took)


def _timed(writer: Writer, query: str) -> tuple[int, float]:
    start = time.perf_counter()
    returned = len(writer.ask(query).all())
    return returned, (time.perf_counter() - start) * 1000


_PLANS: dict[str, Callable[[Writer, str], Plan]] = {
    "postgresql": _postgresql,
    "mysql": _innodb,
    "mariadb": _innodb,
    "sqlite": _sqlite,
}
"""By store."""
