"""What the stated load consumes in a layout of DynamoDB: units a second and bytes an entry."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..catalog.backend import Backend
from ..units import DAYS_PER_YEAR
from .common import Sizes
from .dynamodb_table import Key, KeyedTable, attribute_type
from .model import Column, DataModel, Pattern
from .needs import few_values
from .places import CELLS
from .result import Finding

_BYTES = {"uuid": 36, "date": 10, "time": 15, "timestamp": 26, "timestamptz": 27, "bool": 1}
"""Bytes of a value as it is stored: of texts in ISO 8601, with microseconds."""
_DIGITS = {"smallint": 5, "int": 10, "bigint": 19, "real": 9, "float": 17}
"""Most digits of a number."""
_SECONDS_A_MONTH = DAYS_PER_YEAR / 12 * 86_400


@dataclass(frozen=True)
class Prices:
    """What the backend counts and charges, from its facts.

    Args:
        read_bytes: Bytes of a read unit.
        write_bytes: Bytes of a write unit.
        read_usd: Price of a read unit.
        write_usd: Price of a write unit.
        overhead: Bytes that the store adds to each stored entry.
    """

    read_bytes: float
    write_bytes: float
    read_usd: float
    write_usd: float
    overhead: float


@dataclass(frozen=True)
class Costed:
    """A layout and what it comes to.

    Args:
        writes: Write units a second.
        reads: Read units a second.
        stored: Bytes of an entry, with those of its index entries.
        stale: How many strong reads it cannot give.
        usd: Price of the units of a month.
    """

    table: KeyedTable
    writes: float
    reads: float
    stored: float
    stale: int
    usd: float

    @property
    def rank(self) -> tuple[int, float, float]:
        """Strong reads that it cannot give, what its units cost, what it stores."""
        return self.stale, round(self.usd, 6), self.stored


def prices(backend: Backend) -> Prices | None:
    """Return what a backend counts and charges, if the catalog knows all of it."""
    values = [
        backend.number(key)
        for key in (
            "read_unit_bytes",
            "write_unit_bytes",
            "read_unit_usd_per_million",
            "write_unit_usd_per_million",
            "entry_overhead_bytes",
        )
    ]
    read, write, read_price, write_price, overhead = values
    if None in values or not read_price:
        return None
    return Prices(read or 1, write or 1, read_price / 1e6, (write_price or 0) / 1e6, overhead or 0)


def cost(model: DataModel, table: KeyedTable, counted: Prices, sizes: Sizes) -> Costed | None:
    """Add up what the patterns with a rate consume; `None` where no size is known."""
    item = item_bytes(table, sizes)
    if item is None:
        return None
    writes = reads = 0.0
    stale = 0
    for pattern in model.patterns:
        rate = pattern.per_second or 0.0
        if pattern.changes and table.entity.name in pattern.touched:
            writes += rate * write_units(table, pattern, item, counted)
    for pattern in model.patterns_of(table.entity):
        rate = pattern.per_second or 0.0
        if not pattern.changes and not uncounted(table, pattern):
            reads += rate * read_units(table, pattern, item, counted)
        key = table.key_of(pattern)
        stale += pattern.consistency == "strong" and key is not None and key is not table.base
    entries = [item, *(_entry_bytes(table, index, item) for index in table.indexes)]
    stored = sum(entries) + counted.overhead * len(entries)
    usd = (writes * counted.write_usd + reads * counted.read_usd) * _SECONDS_A_MONTH
    return Costed(table, writes, reads, stored, stale, usd)


def uncounted(table: KeyedTable, pattern: Pattern) -> bool:
    """Whether the units of a pattern are unknown: no rate, or no end of its answer."""
    if pattern.per_second is None:
        return True
    served = table.served[pattern.name]
    return pattern.finds_rows and served.cost not in {"point", "page"}


def write_units(table: KeyedTable, pattern: Pattern, item: float, counted: Prices) -> float:
    """Units of one write in a table: of the item, and of each index entry that changes.

    The item counts twice where several change together. An update is taken to change every index
    whose content it may touch. One that changes an index key removes the old entry and puts a new
    one.
    """

    def units(size: float) -> int:
        return math.ceil(size / counted.write_bytes)

    total = float(units(item)) * (2 if len(pattern.touched) > 1 else 1)
    own = pattern.entity == table.entity.name
    for index in table.indexes:
        entry = units(_entry_bytes(table, index, item))
        if own and pattern.kind == "update" and pattern.fields:
            changed = set(pattern.fields)
            if changed & (index.columns - table.base.columns):
                total += 2 * entry
            elif index.copied is None or changed & set(index.copied):
                total += entry
        else:
            total += entry
    return total


def read_units(table: KeyedTable, pattern: Pattern, item: float, counted: Prices) -> float:
    """Units of one read; rows of a page add up before they are rounded, single items do not.

    What is near a place is read by a query for each of the cells around it.
    """
    queries = CELLS if pattern.place and pattern.place.cell else 1
    weight = 1.0 if pattern.consistency == "strong" else 0.5
    key = table.key_of(pattern) or table.base
    single = math.ceil(item / counted.read_bytes) * weight
    rows = 1 if table.served[pattern.name].cost == "point" else pattern.page_size or 1
    if key is table.base:
        page = math.ceil(rows * item / counted.read_bytes) * weight
        return queries * (single if rows == 1 else page)
    entries = math.ceil(rows * _entry_bytes(table, key, item) / counted.read_bytes) * 0.5
    return queries * (entries + (rows * single if table.lacks(pattern, key) else 0.0))


def item_bytes(table: KeyedTable, sizes: Sizes) -> float | None:
    """Bytes of an item: as stated for the entity, else from its types, else the stated average.

    What its types give holds the attributes that are joined for keys too.
    """
    if table.entity.facts.item_bytes is not None:
        return table.entity.facts.item_bytes
    held = [(column.name,) for column in table.entity.columns]
    parts = [(part, only) for key in table.keys for part, only in _parts(key)]
    found = _bytes_of(table, [*((part, "") for part in held), *parts])
    return sizes.average_item_bytes if found is None else found


def _entry_bytes(table: KeyedTable, index: Key, item: float) -> float:
    """Bytes of an index entry, at most those of the item where a value has no bound."""
    if index.copied is None:
        return item
    copied = [((name,), "") for name in index.copied]
    found = _bytes_of(table, [*_parts(index), *_parts(table.base), *copied])
    return item if found is None else min(item, found)


def _parts(key: Key) -> list[tuple[tuple[str, ...], str]]:
    """The attributes of a key: the columns that each is made of, and when it is set."""
    found, ordered = key.schema
    return [(found, key.only), (ordered, "")]


def _bytes_of(table: KeyedTable, attributes: Iterable[tuple[tuple[str, ...], str]]) -> float | None:
    """Bytes of attributes, given as in `_parts`; `None` where a value is unbounded."""
    total = 0.0
    named = {table.attribute(columns, only)[0]: columns for columns, only in attributes if columns}
    for name, columns in named.items():
        values = [_value_bytes(table.entity.column(column)) for column in columns]
        known = [value for value in values if value is not None]
        if len(known) < len(values):
            return None
        total += len(name.encode()) + sum(known) + len(columns) - 1
    return total


def _value_bytes(column: Column) -> float | None:
    """Most bytes of a value, or `None` where nothing bounds it.

    Source: DynamoDB Developer Guide, item sizes and formats.
    """
    kind = column.type
    if kind.array:
        return None
    if attribute_type(column) == "N":
        digits = kind.precision or _DIGITS.get(kind.name)
        return None if digits is None else math.ceil(digits / 2) + 1
    if kind.values:
        return max(len(value.encode()) for value in kind.values)
    return _BYTES.get(kind.name, kind.length)


def hot_keys(
    model: DataModel, table: KeyedTable, backend: Backend, sizes: Sizes
) -> Iterator[Finding]:
    """Yield the keys of few values, but for those whose partitions take the stated rates.

    The load is taken to spread evenly over the values. Where a rate is missing, a key of few values
    is named without a number of suffixes.
    """
    for key in table.keys:
        values = few_values(table.entity, key.partition)
        if values is None:
            continue
        suffixes = _suffixes(model, table, key, backend, sizes)
        if suffixes is None or suffixes > 1:
            numbers = (("values", values), ("suffixes", suffixes or 0))
            yield from (Finding("hot-partition", name, numbers) for name in key.serves)


def _suffixes(
    model: DataModel, table: KeyedTable, key: Key, backend: Backend, sizes: Sizes
) -> int | None:
    """Parts that one value of a key needs, so that each stays below what one key takes."""
    counted, item = prices(backend), item_bytes(table, sizes)
    values = few_values(table.entity, key.partition) or 1
    most = [backend.number(f"partition_{way}_units_max") for way in ("write", "read")]
    patterns = model.patterns_of(table.entity)
    changes = [_busiest(p) for p in patterns if p.changes]
    reading = [p for p in patterns if p.name in key.serves and p.kind == "read"]
    known = bool(changes) and all(changes)
    if counted is None or item is None or not known or any(uncounted(table, p) for p in reading):
        return None
    entry = item if key is table.base else _entry_bytes(table, key, item)
    written = math.ceil(entry / counted.write_bytes) * sum(changes)
    read = sum(_busiest(p) * read_units(table, p, item, counted) for p in reading)
    shares = [
        load / values / limit for load, limit in zip((written, read), most, strict=True) if limit
    ]
    return max(1, *(math.ceil(share) for share in shares)) if shares else None


def _busiest(pattern: Pattern) -> float:
    """Times a second in its own busiest minute, else on average; 0 where neither was stated."""
    return pattern.peak or pattern.per_second or 0.0
