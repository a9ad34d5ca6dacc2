"""Cassandra tables, one for each way the data is asked for."""

from __future__ import annotations

import math
import re
from dataclasses import replace

from ..catalog.backend import Backend
from . import common
from .cassandra_buckets import bucketed, day_of, fewest_parts, most_rows, refuse_impossible
from .common import Sizes
from .cql import Table, Windows, artifacts, cql_type
from .expressions import Missing
from .keys import Served
from .model import Column, DataModel, Direction, Entity, Pattern
from .names import Names
from .needs import few_values, leading, range_findings, sorts_in_memory, useful_tail
from .result import Cost, Design, Finding, KeyRow, ServedKind
from .rules import cases
from .unindexed import key_rules
from .volumes import groups
from .ways import BucketChoice

_NAME_LENGTH = (
    48  # https://cassandra.apache.org/doc/latest/cassandra/developing/cql/definitions.html
)
_WORD = re.compile(r"\w+")
_BYTES = {"uuid": 16, "decimal": 12, "real": 4, "float": 8, "bool": 1, "date": 4, "time": 8}
_TIMES = ("date", "timestamp", "timestamptz")
_TEXT_BYTES = 32  # assumed for a text whose length is not stated


def cassandra_design(model: DataModel, backend: Backend, sizes: Sizes) -> Design:
    """Design a table for each entity's key, and one for each other way its rows are found."""
    names = Names(_NAME_LENGTH)
    bases = {
        entity.name: Table(
            entity,
            names.make(entity.table),
            *_split_key(model, entity),
        )
        for entity in model.in_dependency_order
    }
    plans = [_Plan(model, base, names, backend, sizes) for base in bases.values()]
    served = {name: way for plan in plans for name, way in plan.served.items()}
    rules = key_rules(model)
    return Design(
        backend=backend.key,
        entities=tuple(
            common.entity_table(
                plan.entity,
                "cassandra",
                cql_type,
                name=plan.base.name,
                writes=len(plan.tables),
            )
            for plan in plans
        ),
        relationships=common.relationships(model, enforced=False),
        diagram="",
        patterns=common.pattern_rows(model, served),
        keys=tuple(row for plan in plans for row in plan.rows()),
        findings=tuple(
            [finding for plan in plans for finding in plan.findings]
            + [*common.key_exhaustion(model)]
        ),
        constraints=cases(model, rules, lambda _: False),
        artifacts=artifacts([table for plan in plans for table in plan.tables]),
        buckets=tuple(choice for plan in plans for choice in plan.buckets),
    )


def _split_key(
    model: DataModel, entity: Entity
) -> tuple[tuple[str, ...], tuple[tuple[str, Direction], ...]]:
    """The partition of an entity's own table, and the order within it.

    They are those of the pattern that asks by the fewest columns of a key of several, as what asks
    by more of them is then served too; else the first column of the key is the partition.
    """
    lead = leading(model, entity)
    if lead is None:
        return entity.key[:1], tuple((column, "asc") for column in entity.key[1:])
    tail: list[tuple[str, Direction]] = [(c, way or "asc") for c, way in useful_tail(entity, lead)]
    known = {*lead.equal, *(column for column, _ in tail)}
    way = tail[-1][1] if tail else "asc"
    return lead.equal, (*tail, *((column, way) for column in entity.key if column not in known))


class _Plan:
    def __init__(
        self, model: DataModel, base: Table, names: Names, backend: Backend, sizes: Sizes
    ) -> None:
        self.entity = base.entity
        self.base = base
        self.tables = [base]
        self.served: dict[str, Served] = {}
        self.findings: list[Finding] = []
        self.buckets: list[BucketChoice] = []
        self._model = model
        self._names = names
        self._backend = backend
        patterns = model.patterns_of(self.entity)
        for pattern in patterns:
            self._serve(pattern)
        if not patterns:
            self.findings.append(Finding("no-patterns", self.entity.name))
        windows = _windows(model, self.entity, backend)
        for table in self.tables:
            table.windows = windows
            self._part(table, sizes)
            self._removed(table)
        refuse_impossible(self.entity, self.buckets)
        if windows:
            self._tell_windows(windows)

    def _serve(self, pattern: Pattern) -> None:
        if not pattern.finds_rows:
            self.served[pattern.name] = Served("", "insert", "insert")
            return
        if set(self.entity.key) <= set(pattern.equal):
            self.base.serves.append(pattern.name)
            self.served[pattern.name] = Served(self.base.name, "key", "point")
            return
        if not pattern.equal:
            self.served[pattern.name] = Served("", "scan", "scan")
            if not pattern.whole:
                self.findings.append(Finding("unserved", pattern.name))
            return
        pattern, only = _present(pattern)
        if not pattern.equal:
            self.served[pattern.name] = Served("", "scan", "scan")
            self.findings.append(Finding("unserved", pattern.name))
            return
        table = self._table(pattern, only)
        table.serves.append(pattern.name)
        self._judge(pattern, table)

    def _table(self, pattern: Pattern, only: str) -> Table:
        tail = useful_tail(self.entity, pattern)
        for table in self.tables:
            if table.only == only and _serves(table, pattern.equal, tail):
                return table
        asked: list[tuple[str, Direction]] = [(column, way or "asc") for column, way in tail]
        known = {*pattern.equal, *(column for column, _ in asked)}
        way = asked[-1][1] if asked else "asc"
        rest = [(column, way) for column in self.entity.key if column not in known]
        columns = [*pattern.equal, *(column for column, _ in asked)]
        named = [*columns, *(["while", *_WORD.findall(only)] if only else [])]
        table = Table(
            self.entity,
            self._names.make(self.entity.table, "by", *named),
            pattern.equal,
            (*asked, *rest),
            only=only,
        )
        self.tables.append(table)
        for column in columns:
            if self.entity.column(column).nullable:
                subject = f"{self.entity.name}.{self.entity.column(column).field}"
                self.findings.append(Finding("nullable-key", subject, (("index", table.name),)))
        return table

    def _judge(self, pattern: Pattern, table: Table) -> None:
        sorting = sorts_in_memory(pattern)
        single = any(set(group) <= set(pattern.equal) for group in self.entity.unique)
        cost: Cost = "sort" if sorting else "page" if pattern.page_size else "range"
        cost = "point" if single else cost
        kind: ServedKind = "key" if table is self.base else "table"
        self.served[pattern.name] = Served(table.name, kind, cost)
        found = self.findings
        found += range_findings(pattern, sorting=sorting)
        values = few_values(self.entity, table.partition)
        if values is not None:
            found.append(
                Finding("hot-partition", pattern.name, (("values", values), ("suffixes", 0)))
            )

    def _part(self, table: Table, sizes: Sizes) -> None:
        """Give a table its bucket, or say how many rows a partition takes where nobody knows."""
        row, cells = self.row_bytes(table, sizes), self._values(table)
        # Of the rows that are in a table for a while nobody says how many there are.
        if table.only:
            return
        choice = bucketed(self._model, table, self._backend, row, cells)
        if choice is None:
            return
        table.bucket = choice.bucket
        self.buckets.append(choice)
        if choice.ways:
            best = choice.ways[0]
            if best.verdict != "said" and choice.bucket:
                merged = math.ceil(best.parts) if best.word == "by hash" else 0
                said = (("table", table.name), ("layout", best.word), ("merged", merged))
                self.findings.append(Finding("bucket-choice", self.entity.name, said))
            return
        limits = ((choice.most_bytes, row), (choice.most_cells, cells))
        rows = min((limit // size for limit, size in limits if limit), default=0)
        if rows and not table.bucket:  # run another way, no size is advised against
            fewest, day = fewest_parts(self._model, table, rows), day_of(table)
            parted = ", ".join(name for name in table.partition if name != day)
            told = (
                ("day", day),
                ("by", ", ".join(name for name, _ in table.clustering)),
                ("of", parted),
            )
            numbers = (("row_bytes", row), ("values_per_row", cells), ("rows", rows))
            most = most_rows(self._model, table)
            bounded = most is not None and most <= rows
            if fewest != 1 and not bounded:  # else one alone may take all that comes
                found = (*told, *numbers, ("fewest", fewest))
                self.findings.append(Finding("unbounded-partition", table.name, found))

    def _removed(self, table: Table) -> None:
        """Say where a read meets more deleted rows than the store passes over in silence."""
        days, warn, fail = (
            common.fact(self._backend, key)
            for key in ("tombstone_grace_days", "tombstones_warn", "tombstones_fail")
        )
        rates = [
            pattern.per_second or 0.0
            for pattern in self._model.patterns
            if pattern.kind == "delete" and self.entity.name in pattern.touched
        ]
        count = groups(self._model, self.entity, table.partition)
        if not (days and warn and fail and count) or table.bucket or not table.clustering:
            return
        left = sum(rates) * days * 86_400 / count
        if left > warn:
            numbers = (("left", math.ceil(left)), ("days", days), ("warn", warn), ("fail", fail))
            self.findings.append(Finding("deleted-in-reads", table.name, numbers))

    def _tell_windows(self, windows: Windows) -> None:
        days = common.fact(self._backend, "tombstone_grace_days") or 0
        said = (("windows", str(windows)), ("days", days))
        self.findings.append(Finding("expiry-windows", self.entity.name, said))

    def _values(self, table: Table) -> int:
        return max(1, len(self.entity.columns) - len(table.key))

    def row_bytes(self, table: Table, sizes: Sizes) -> int:
        """Estimated bytes of one row within its partition.

        The clustering columns and values of a row, and some metadata for each value, as in
        "Calculating Size on Disk" of Cassandra's data modeling guide.
        """
        columns = [c for c in self.entity.columns if c.name not in table.partition]
        own = self.entity.facts.item_bytes
        stated = round(own) if own else sizes.average_item_bytes
        content = stated if stated is not None else sum(_column_bytes(c) for c in columns)
        metadata = common.fact(self._backend, "cell_metadata_bytes") or 0
        return content + metadata * self._values(table)

    def rows(self) -> list[KeyRow]:
        """The tables as keys."""
        return [
            KeyRow(
                entity=self.entity.name,
                name=table.name,
                kind="table",
                partition=table.found_by,
                order=table.clustering,
                serves=tuple(table.serves),
                only=table.only,
                ttl_seconds=self.entity.ttl_seconds,
            )
            for table in self.tables
        ]


def _windows(model: DataModel, entity: Entity, backend: Backend) -> Windows | None:
    """The windows for rows that expire and are never changed; None where they would not help.

    Each is a thirtieth of the lifetime, in the largest unit of which that is one at least.
    """
    most = common.fact(backend, "compaction_windows_recommended")
    changed = any(
        pattern.kind in {"update", "delete"} and entity.name in pattern.touched
        for pattern in model.patterns
    )
    # Under any other key a later write replaces an earlier one.
    timed = any(entity.column(name).type.family in _TIMES for name in entity.key)
    drawn = len(entity.key) == 1 and entity.column(entity.key[0]).reference is None
    if not most or entity.ttl_seconds is None or changed or not (timed or drawn):
        return None
    span = entity.ttl_seconds / most
    for unit, seconds in (("DAYS", 86_400), ("HOURS", 3_600)):
        if span >= seconds:
            return Windows(unit, math.ceil(span / seconds))
    return Windows("MINUTES", max(math.ceil(span / 60), 1))


def _present(pattern: Pattern) -> tuple[Pattern, str]:
    """A pattern without the columns that are missing in all that it finds, and that rule."""
    missing = [rule for rule in pattern.fixed if isinstance(rule, Missing)]
    left = {column for rule in missing for column in rule.columns()}
    equal = tuple(column for column in pattern.equal if column not in left)
    return replace(pattern, equal=equal), " and ".join(map(str, missing))


def _serves(
    table: Table,
    equal: tuple[str, ...],
    asked: tuple[tuple[str, Direction | None], ...],
) -> bool:
    """Whether a table finds rows by these columns, in the order asked for or backwards.

    All columns of the partition must be given; further ones come first in its order.
    """
    further = set(equal) - set(table.partition)
    width = len(further)
    first = {column for column, _ in table.clustering[:width]}
    if not set(table.partition) <= set(equal) or first != further:
        return False
    begin = table.clustering[width : width + len(asked)]
    if [column for column, _ in begin] != [column for column, _ in asked]:
        return False
    pairs = zip(begin, asked, strict=True)
    return len({mine == theirs for (_, mine), (_, theirs) in pairs if theirs is not None}) < 2


def _column_bytes(column: Column) -> int:
    if column.type.array:
        return _TEXT_BYTES
    if column.type.length is not None:
        return column.type.length
    if column.type.bits is not None:
        return column.type.bits // 8
    if column.type.values:
        return max(map(len, column.type.values))
    if column.type.name.startswith("timestamp"):
        return 8
    return _BYTES.get(column.type.name, _TEXT_BYTES)
