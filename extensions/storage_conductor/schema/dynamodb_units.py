"""What one run of each access pattern consumes in the chosen layouts of DynamoDB."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..catalog.backend import Backend
from .common import Sizes
from .dynamodb_costs import (
    Prices,
    item_bytes,
    prices,
    read_units,
    uncounted,
    write_units,
)
from .dynamodb_table import KeyedTable
from .model import DataModel, Pattern
from .result import PatternUnits


def pattern_units(
    model: DataModel, tables: Sequence[KeyedTable], backend: Backend, sizes: Sizes
) -> Iterator[PatternUnits]:
    """Yield the units of each pattern with a rate whose items have a known size."""
    counted = prices(backend)
    named = {table.entity.name: table for table in tables}
    if counted is None:
        return
    for pattern in model.patterns:
        units = _units(pattern, named, counted, sizes)
        if units is not None:
            yield units


def _units(
    pattern: Pattern, named: dict[str, KeyedTable], counted: Prices, sizes: Sizes
) -> PatternUnits | None:
    table = named[pattern.entity]
    if pattern.changes:
        each = 0.0
        for name in pattern.touched:
            size = item_bytes(named[name], sizes)
            if size is None:
                return None
            each += write_units(named[name], pattern, size, counted)
        return PatternUnits(pattern.name, changes=True, each=each)
    item = item_bytes(table, sizes)
    if item is None or uncounted(table, pattern):
        return None
    key = table.key_of(pattern) or table.base
    each = read_units(table, pattern, item, counted)
    return PatternUnits(pattern.name, changes=False, each=each, indexed=key is not table.base)
