"""Bytes of rows, index entries and log records as PostgreSQL and InnoDB keep them.

Sources: PostgreSQL documentation, database page layout and B-tree indexes (deduplication), and
itup.h, xlogrecord.h, heapam_xlog.h and nbtxlog.h of its `src/include/access/`; MySQL Reference
Manual, InnoDB row formats, data type storage, physical structure of an InnoDB index, and
innodb_segment_reserve_factor; gserialized_gist.h of PostGIS. A page of a B-tree that is filled in
random order is ln 2 full: A. C. Yao, On random 2-3 trees (1978).
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from .model import Entity
from .result import IndexRow, RowBytes
from .types import SECOND_DIGITS, TIMED, FieldType

ENGINES = ("postgresql", "mysql", "mariadb")
"""Stores whose bytes are computed here."""

_RANDOM_FILL = math.log(2)
_WHOLE = {"smallint": 2, "int": 4, "bigint": 8, "real": 4, "float": 8, "bool": 1, "uuid": 16}
_BOX = (
    28  # bytes of the box that PostGIS keeps of a geography in its index (GIDX, three dimensions)
)
_POSTING = 6  # bytes of one more row under a key that is there already


class _Value(NamedTuple):
    """A stored value.

    Args:
        size: Bytes on average, with those that tell its length.
        align: It begins at a multiple of this.
    """

    size: float
    align: int = 1


def row_bytes(
    entity: Entity,
    indexes: Sequence[IndexRow],
    store: str,
    average: float | None,
    rows_of_key: Mapping[str, float] | None = None,
) -> RowBytes | None:
    """Return what a row takes; None for another store, or where a size is not known.

    The values of a row have the size that was stated for the entity, else that of their types.

    Args:
        entity: The entity.
        indexes: Its indexes.
        store: Key of the store.
        average: Bytes of the values of a row, where neither tells it; None for not stated.
        rows_of_key: Rows that share a key on average, by the name of an index that repeats keys.
    """
    if store not in ENGINES:
        return None
    pages = _PostgreSQL(entity) if store == "postgresql" else _InnoDB(entity)
    values = [pages.value(column.type) for column in entity.columns]
    known = [value for value in values if value is not None]
    stated = entity.facts.item_bytes
    if stated is None and len(known) < len(values):
        stated = average
        if stated is None:
            return None
    fields = [
        column.field
        for column in entity.columns
        if column.type.family == "text" and column.type.length and not column.type.values
    ]
    named = {column.name: value for column, value in zip(entity.columns, values, strict=True)}
    entries = {}
    for row in indexes:
        columns = [name for name, _ in row.columns]
        keyed = [named[name] for name in columns]
        if row.method == "gist" and row.where is None and isinstance(pages, _PostgreSQL):
            entries[row.name] = pages.box()
        if row.where is not None or row.method or None in keyed:
            continue
        if row.kind != "key" or not pages.clustered:
            shared = 1.0 if row.unique else (rows_of_key or {}).get(row.name, 1.0)
            entries[row.name] = pages.entry(columns, named, shared)
    logged = None
    if isinstance(pages, _PostgreSQL):
        found = {
            row.name: [value for name, _ in row.columns if (value := named[name])]
            for row in indexes
            if row.where is None and not row.method
        }
        rising = {row.name: pages.rising([name for name, _ in row.columns]) for row in indexes}
        logged = pages.logged(known, stated, {n: (key, rising[n]) for n, key in found.items()})
    assumed = () if stated is not None else tuple(fields)
    return RowBytes(pages.row(known, stated), entries, assumed, logged)


def value_bytes(entity: Entity) -> float | None:
    """Return the bytes of the values of an entry by their types; None where nothing bounds one."""
    values = [_PostgreSQL(entity).value(column.type) for column in entity.columns]
    return None if None in values else sum(value.size for value in values if value) or None


def _up(size: float, step: int) -> float:
    return math.ceil(size / step) * step


def _packed(values: Iterable[_Value]) -> float:
    """Bytes of values one after the other, each where it may begin."""
    place = 0.0
    for value in values:
        place = (_up(place, value.align) if value.align > 1 else place) + value.size
    return place


def _text_bytes(kind: FieldType) -> tuple[float, float] | None:
    """Average and most bytes of a text: half of its length where that is all that is known."""
    if kind.values:
        sizes = [len(value.encode()) for value in kind.values]
        return sum(sizes) / len(sizes), max(sizes)
    if kind.length is None:
        return None
    return (kind.length if kind.name == "char" else kind.length / 2), float(kind.length)


class _Pages(ABC):
    """How a store keeps rows and index entries in pages.

    Args:
        entity: Whose rows they are.
    """

    clustered = False
    """Whether the table lies in the order of its key, so that this has no entries of its own."""

    def __init__(self, entity: Entity) -> None:
        self.entity = entity

    def value(self, kind: FieldType) -> _Value | None:
        """A value of a type; None where nothing bounds it."""
        if kind.array or kind.document:
            return None
        if kind.family == "text":
            found = _text_bytes(kind)
            return None if found is None else self.text(*found)
        return self.other(kind)

    @abstractmethod
    def text(self, average: float, longest: float) -> _Value:
        """A text of so many bytes on average and at most."""

    @abstractmethod
    def other(self, kind: FieldType) -> _Value | None:
        """A value that is no text."""

    @abstractmethod
    def row(self, values: Sequence[_Value], stated: float | None) -> float:
        """Bytes of a row in its page, of whose values the size may be stated."""

    @abstractmethod
    def entry(
        self, columns: Sequence[str], named: Mapping[str, _Value | None], shared: float
    ) -> float:
        """Bytes of an index entry in its page, of whose key so many rows have the same."""

    def rising(self, columns: Sequence[str]) -> bool:
        """Whether each new row comes last in the order of these columns."""
        first = self.entity.column(columns[0]) if columns else None
        if first is None:
            return False
        made = first.default is not None and first.default.kind == "now"
        return first.name == self.entity.numbered or made


class _PostgreSQL(_Pages):
    page, page_header, special, pointer = 8192, 24, 16, 4
    fill = 0.9  # of a page of an index to which keys are added at its end

    def text(self, average: float, longest: float) -> _Value:
        del longest  # its length is told by the value itself
        short = average <= 126
        return _Value(average + (1 if short else 4), 1 if short else 4)

    def other(self, kind: FieldType) -> _Value | None:
        if kind.name in _WHOLE:
            size = _WHOLE[kind.name]
            return _Value(size, 1 if kind.name == "uuid" else size)
        if kind.name in TIMED:
            return _Value(8, 8)
        if kind.name == "date":
            return _Value(4, 4)
        if kind.name == "decimal":  # groups of four digits, of which half are taken to be there
            return _Value(3 + 2 * math.ceil((kind.precision or 18) / 8))
        if kind.name == "point":
            return _Value(29)  # 28 of PostGIS after the short header of a value
        return _Value(8 + 4 * (kind.length or 0), 4) if kind.name == "vector" else None

    def box(self) -> float:
        """An entry of an index of places, whose pages fill like those of a B-tree at random."""
        each = _up(8 + _BOX, 8) + self.pointer
        return each / _RANDOM_FILL * self.page / (self.page - self.page_header - self.special)

    def row(self, values: Sequence[_Value], stated: float | None) -> float:
        columns = self.entity.columns
        nulls = math.ceil(len(columns) / 8) if any(c.nullable for c in columns) else 0
        data = _packed(values) if stated is None else stated
        size = _up(23 + nulls, 8) + _up(data, 8) + self.pointer
        fitting = math.floor((self.page - self.page_header) / size)
        return self.page / fitting if fitting else size

    def entry(
        self, columns: Sequence[str], named: Mapping[str, _Value | None], shared: float
    ) -> float:
        size = 8 + _up(_packed(value for name in columns if (value := named[name])), 8)
        each = size + self.pointer
        if shared > 1:
            # Rows of one key are listed under it, in lists of at most a third of a page.
            listed = min(shared, (self.page // 3 - size) // _POSTING)
            each = min(each, each / listed + _POSTING)
        full = self.fill if self.rising(columns) else _RANDOM_FILL
        return each / full * self.page / (self.page - self.page_header - self.special)

    def logged(
        self,
        values: Sequence[_Value],
        stated: float | None,
        keys: Mapping[str, tuple[list[_Value], bool]],
    ) -> tuple[float, float]:
        """Bytes of the log of an insert: of the row, and of its entries.

        Args:
            values: Those of the row.
            stated: Their bytes, where they were stated.
            keys: By index, the values of its key, and whether each new one comes last.
        """
        data = _packed(values) if stated is None else stated
        # Record 24, block 20, main data 2 + 3, header of the row 5 and its padding.
        row = _up(24 + 20 + 5 + 5 + 1 + data, 8)
        entries = 0.0
        for key, last in keys.values():
            size = 8 + _up(_packed(key), 8)
            # Record, block, offset 2 + 2; a page that splits logs each entry of its half once more.
            entries += _up(24 + 20 + 4 + size, 8) + (0 if last else size + self.pointer)
        return row, entries


class _InnoDB(_Pages):
    clustered = True
    page = 16_384
    room = 16_384 - 38 - 8 - 56 - 26  # without headers, trailer, first and last record
    fill = 15 / 16
    used = 7 / 8  # of the pages of a segment; the rest is kept free for it
    slot = 2 / 6  # a slot of two bytes in the page's directory for every fourth to eighth record

    def text(self, average: float, longest: float) -> _Value:
        long = longest * 4 > 255 and average > 127  # four bytes for a character at most
        return _Value(average + (2 if long else 1))

    def other(self, kind: FieldType) -> _Value | None:
        if kind.name in _WHOLE:
            return _Value(_WHOLE[kind.name])
        if kind.name in TIMED:
            digits = SECOND_DIGITS if kind.precision is None else kind.precision
            return _Value((3 if kind.name == "time" else 5) + math.ceil(digits / 2))
        if kind.name == "decimal":
            return _Value(_digits((kind.precision or 0) - (kind.scale or 0)) + _digits(kind.scale))
        if kind.name == "point":
            return _Value(26)  # 25 and the byte that tells its length
        return _Value(3) if kind.name == "date" else None

    def row(self, values: Sequence[_Value], stated: float | None) -> float:
        # Transaction and undo pointer, and a number of the row where there is no key.
        hidden = 13 if self.entity.key else 19
        data = sum(value.size for value in values) if stated is None else stated
        nullable = sum(column.nullable for column in self.entity.columns)
        return self._spread(data + hidden, nullable, self.entity.key)

    def _spread(self, data: float, nullable: int, columns: Sequence[str]) -> float:
        record = 5 + math.ceil(nullable / 8) + data + self.slot
        full = (self.fill if self.rising(columns) else _RANDOM_FILL) * self.used
        return record / full * self.page / self.room

    def entry(
        self, columns: Sequence[str], named: Mapping[str, _Value | None], shared: float
    ) -> float:
        del shared  # each row has an entry of its own
        held = list(dict.fromkeys((*columns, *self.entity.key)))
        data = sum(value.size for name in held if (value := named[name]))
        nullable = sum(self.entity.column(name).nullable for name in held)
        return self._spread(data, nullable, columns)


def _digits(count: int | None) -> int:
    """Bytes of packed decimal digits: four for nine, less for the rest."""
    whole, rest = divmod(count or 0, 9)
    return whole * 4 + (0, 1, 1, 2, 2, 3, 3, 4, 4)[rest]
