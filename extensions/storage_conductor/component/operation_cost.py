"""What one run of an operation writes: rows with their indexes, units, or requests."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from ..units import counted, number
from ..wording import code
from .store import Store

if TYPE_CHECKING:
    from ..schema.guards import Guard
    from ..schema.model import DataModel, Pattern
    from ..schema.result import Design


class Costs(NamedTuple):
    """The costs of operations on a model.

    Args:
        model: The entities and access patterns.
        design: Their design.
        item_bytes: Bytes of an average item, where no entity says more.
    """

    model: DataModel
    design: Design
    item_bytes: float | None

    def of(self, pattern: Pattern, store: Store, guard: Guard | None, peak: float | None) -> str:
        """Return what one run writes, and what that is at its peak; empty where nothing is known.

        Args:
            pattern: The operation.
            store: The store that holds its entity.
            guard: What keeps it.
            peak: Times a second in the busiest minute.
        """
        if guard is None or not guard.text:
            return ""
        touched = pattern.touched
        if store.backend.key == "dynamodb":
            return self._units(touched, store, peak)
        if store.backend.family in ("relational", "document"):
            return f"{self._rows(pattern, touched)}{_at_peak(len(touched), peak, 'rows')}"
        what = "step" if store.backend.family == "posix" else "request"
        return f"{counted(guard.statements, what)}{_at_peak(guard.statements, peak, f'{what}s')}"

    def _rows(self, pattern: Pattern, touched: tuple[str, ...]) -> str:
        rows = {row.entity: row for row in self.design.entities}
        own = rows[pattern.entity]
        fresh = not pattern.finds_rows
        removed = pattern.kind == "delete"
        # PostgreSQL leaves the entries of a deleted row to vacuum; elsewhere each is written.
        entries = 0 if removed and own.store == "postgresql" else own.writes - 1
        said = f"1 row of {code(own.name)}"
        if (fresh or removed) and entries:
            said += f" and {entries} index {'entries' if entries > 1 else 'entry'}"
        others = [code(rows[name].name) for name in touched if name != pattern.entity]
        said += f", 1 row of {' and of '.join(others)}" if others else ""
        if (fresh or removed) and not others:
            return said
        changed = None if others else self._changed(pattern, own.store)
        if changed is None:
            return f"{said}, and each index of a changed field"
        return f"{said} and {changed} index {'entry' if changed == 1 else 'entries'}"

    def _changed(self, pattern: Pattern, store: str) -> int | None:
        """Return the index entries of an update whose fields are stated.

        PostgreSQL writes a row anew with all its entries, unless no index has a changed field and
        the new row finds room in its page: https://www.postgresql.org/docs/current/storage-hot.html
        """
        if pattern.kind != "update" or not pattern.fields:
            return None
        own = [row for row in self.design.indexes if row.entity == pattern.entity]
        held = [
            {column for column, _ in row.columns} | (row.where.columns() if row.where else set())
            for row in own
        ]
        touched = sum(bool(columns & set(pattern.fields)) for columns in held)
        return len(own) if touched and store == "postgresql" else touched

    def _units(self, touched: tuple[str, ...], store: Store, peak: float | None) -> str:
        """Return write units: of an item and of its indexes, twice the item if together."""
        unit = store.backend.number("write_unit_bytes") or 1.0
        writes = {row.entity: row.writes for row in self.design.entities}
        sizes = [self.model.entity(name).facts.item_bytes or self.item_bytes for name in touched]
        twice = 2 if len(touched) > 1 else 1
        each = [
            math.ceil((size or 1) / unit) * (twice + writes[name] - 1)
            for name, size in zip(touched, sizes, strict=True)
        ]
        assumed = "" if all(sizes) else ", items of 1 KB at most"
        terms = f"{' + '.join(map(str, each))} = " if len(each) > 1 else ""
        whole = f"{terms}{counted(sum(each), 'write unit')}{assumed}"
        return f"{whole}{_at_peak(sum(each), peak, 'units')}"


def _at_peak(each: float, peak: float | None, word: str) -> str:
    return "" if peak is None else f"; at peak × {number(peak)} = {number(each * peak)} {word}/s"
