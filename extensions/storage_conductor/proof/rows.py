"""Rows for a model: the same for the same seed, skewed as real ones are, and keeping every rule."""

from __future__ import annotations

import datetime
import itertools
import json
import math
import random
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from ..schema.expressions import ColumnValue, Constant, constants
from ..schema.model import Column, DataModel, Entity, ForeignKey
from ..schema.types import FieldType

Row = dict[str, Any]
"""Values by column: Decimal, str, bool, bytes, a list of them, or None."""

_START = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
_MISSING = 0.3  # share of rows that lack a value which may be missing
_GROUPS = 0.05  # different values of a column that is searched by, as a share of the rows
_TRIES = 400
_FAR = 10_000_000  # number of a value that no row has


@dataclass
class Made:
    """The rows of one entity.

    Args:
        rows: Those to load.
        spare: One more that could be loaded as well; `None` where none was found.
        problem: What kept rows from being made; empty where nothing did.
    """

    rows: list[Row] = field(default_factory=list)
    spare: Row | None = None
    problem: str = ""


def counts(model: DataModel, most: int) -> dict[str, int]:
    """How many rows each entity gets: in the proportion of the stated inserts.

    Args:
        model: The entities and patterns.
        most: Rows of the largest entity.
    """
    rates: dict[str, float] = {}
    for entity in model.entities:
        inserts = [p.per_second for p in model.patterns_of(entity) if not p.finds_rows]
        rates[entity.name] = sum(rate for rate in inserts if rate is not None)
    top = max(rates.values(), default=0)
    least = max(1, most // 10)
    return {
        name: most if not top or not rate else max(least, round(most * rate / top))
        for name, rate in rates.items()
    }


def make(model: DataModel, wanted: Mapping[str, int], seed: int) -> dict[str, Made]:
    """Make rows for all entities, so that those that are referred to come first."""
    made: dict[str, Made] = {}
    for entity in model.in_dependency_order:
        chance = random.Random(f"{seed} {entity.name}")  # noqa: S311  (no secret)
        made[entity.name] = Made()
        _Maker(model, entity, made, chance).make(wanted[entity.name])
    for entity in model.in_dependency_order:
        _close(model, entity, made)
    return made


def _close(model: DataModel, entity: Entity, made: dict[str, Made]) -> None:
    """Let references that must not be missing and close a circle point to rows made later."""
    for key in entity.foreign_keys:
        late = (entity.name, key.field) in model.deferred
        if not late or any(entity.column(name).nullable for name in key.columns):
            continue
        targets = made[key.entity].rows
        rows = [*made[entity.name].rows, *filter(None, [made[entity.name].spare])]
        for number, row in enumerate(rows):
            if targets:
                target = targets[number % len(targets)]
                row |= dict(zip(key.columns, (target[c] for c in key.referenced), strict=True))


class _Targets:
    """Rows that a reference may point to, found by some of their values; more may be made.

    Args:
        rows: All that were made.
        needed: The columns that must have a value.
        shared: The columns by which they are found.
    """

    def __init__(self, rows: list[Row], needed: Sequence[str], shared: Sequence[str]) -> None:
        self._rows, self._needed, self._shared = rows, needed, shared
        self._known = 0
        self._found: dict[tuple[Any, ...], list[Row]] = {}

    def having(self, values: Iterable[Any]) -> list[Row]:
        """Return those with some values, in the order in which they were made."""
        for row in self._rows[self._known :]:
            if all(row[name] is not None for name in self._needed):
                place = tuple(_plain(row[name]) for name in self._shared)
                self._found.setdefault(place, []).append(row)
        self._known = len(self._rows)
        return self._found.get(tuple(map(_plain, values)), [])


class _Maker:
    def __init__(
        self, model: DataModel, entity: Entity, made: dict[str, Made], chance: random.Random
    ) -> None:
        self._model = model
        self._entity = entity
        self._made = made
        self._chance = chance
        own = (tuple(c for c, _ in i.columns) for i in entity.indexes if i.unique)
        self._groups = [group for group in (entity.key, *entity.unique, *own) if group]
        self._single = {group[0] for group in self._groups if len(group) == 1}
        self._seen: list[set[tuple[Any, ...]]] = [set() for _ in self._groups]
        self._referring = {c for key in entity.foreign_keys for c in key.columns}
        self._spots: dict[str, int] = {}
        for pattern in model.patterns_of(entity):
            if pattern.place and len(pattern.place.columns) > 1:
                self._spots |= {name: i for i, name in enumerate(pattern.place.columns)}
        self._targets_of: dict[tuple[tuple[str, ...], tuple[str, ...]], _Targets] = {}

    def make(self, wanted: int) -> None:
        """Make rows, and one to spare."""
        result = self._made[self._entity.name]
        failed = 0
        number = 0
        while len(result.rows) <= wanted and failed < _TRIES:
            row = self._row(number, max(wanted, 1))
            number += 1
            if row is None:
                failed += 1
                continue
            result.rows.append(row)
        if len(result.rows) > 1:
            result.spare = result.rows.pop()
        if len(result.rows) < min(wanted, 2):
            result.problem = "no rows were found that keep all its rules"

    def _row(self, number: int, wanted: int) -> Row | None:
        row: Row = {}
        for column in self._entity.columns:
            if column.name not in self._referring:
                row[column.name] = self._value(column, number, wanted)
        for key in self._entity.foreign_keys:
            if not self._refer(key, row, number):
                return None
        for column in self._entity.columns:
            row.setdefault(column.name, self._value(column, number, wanted))
        if not self._keeps(row) and not self._mended(row, number):
            return None
        return row if self._fresh(row) else None

    def _value(self, column: Column, number: int, wanted: int) -> Any:
        if column.nullable and self._chance.random() < _MISSING:
            return None
        if column.name in self._single or column.name in self._entity.key:
            return value(column.type, number)
        if column.name in self._spots:
            return Decimal(str(spot(number)[self._spots[column.name]]))
        if column.type.name == "point":
            return value(column.type, number)
        groups = max(2, round(wanted * _GROUPS))
        return value(column.type, self._skewed(groups))

    def _skewed(self, size: int) -> int:
        """A number below `size`, small ones far more often."""
        return min(size - 1, int(size * self._chance.random() ** 3))

    def _refer(self, key: ForeignKey, row: Row, number: int) -> bool:
        if key.entity not in self._model:
            return True
        optional = any(self._entity.column(name).nullable for name in key.columns)
        fixed = {name: row[name] for name in key.columns if name in row}
        targets = self._targets(key, fixed) if key.entity in self._made else []
        alone = set(key.columns) in [set(group) for group in self._groups]
        missing = optional and (not targets or self._chance.random() < _MISSING)
        if key.entity not in self._made or missing:
            row |= {name: None for name in key.columns if name not in row}
            return True
        if not targets:
            return False
        place = number % len(targets) if alone else self._skewed(len(targets))
        target = targets[place]
        row |= dict(zip(key.columns, (target[name] for name in key.referenced), strict=True))
        return True

    def _targets(self, key: ForeignKey, fixed: Row) -> list[Row]:
        """Rows that a reference may point to, given the columns that it shares with another."""
        asked = (key.columns, tuple(fixed))
        if asked not in self._targets_of:
            pairs = dict(zip(key.columns, key.referenced, strict=True))
            shared = tuple(pairs[name] for name in fixed)
            rows = self._made[key.entity].rows
            self._targets_of[asked] = _Targets(rows, key.referenced, shared)
        return self._targets_of[asked].having(fixed.values())

    def _keeps(self, row: Row) -> bool:
        return all(check.rule.holds(row) is not False for check in self._entity.checks)

    def _mended(self, row: Row, number: int) -> bool:
        """Change values of the checks that are broken until all hold."""
        broken = [c.rule for c in self._entity.checks if c.rule.holds(row) is False]
        names = sorted({name for rule in broken for name in rule.columns()} - self._referring)
        options = [self._options(name, number) for name in names]
        for values in itertools.islice(itertools.product(*options), _TRIES):
            changed = row | dict(zip(names, values, strict=True))
            if self._keeps(changed):
                row |= changed
                return True
        return False

    def _options(self, name: str, number: int) -> list[Any]:
        column = self._entity.column(name)
        found: list[Any] = []
        for check in self._entity.checks:
            for operand, constant in constants(check.rule):
                if operand.column == name:
                    found += _near(operand, constant, column.type, number)
        found += [value(column.type, number + step) for step in range(3)]
        return [*found, None] if column.nullable else found

    def _fresh(self, row: Row) -> bool:
        """Note the values that no other row may share; false where one has them already."""
        entries = [tuple(_plain(row[name]) for name in group) for group in self._groups]
        for entry, seen in zip(entries, self._seen, strict=True):
            if None not in entry and entry in seen:
                return False
        for entry, seen in zip(entries, self._seen, strict=True):
            seen.add(entry)
        return True


def _plain(one: Any) -> Any:
    return tuple(one) if isinstance(one, list) else one


def _near(operand: ColumnValue, constant: Constant, kind: FieldType, number: int) -> Iterator[Any]:
    """Values at a constant and on both sides of it."""
    at = constant.value
    if operand.length and isinstance(at, Decimal):
        for size in (at, at + 1, at - 1):
            if 0 <= size <= (kind.length or 100_000):
                yield f"{number}".rjust(int(size), "x")[-int(size) :] if size else ""
    elif isinstance(at, Decimal):
        step = Decimal(1) if kind.bits else Decimal(1).scaleb(-(kind.scale or 0))
        yield from (at, at + step * (1 + number % 97), at - step * (1 + number % 97))
    elif kind.family in {"date", "timestamp", "timestamptz"} and isinstance(at, str):
        moment = datetime.datetime.fromisoformat(at)
        for days in (0, 1 + number % 97, -1 - number % 97):
            shifted = moment + datetime.timedelta(days=days)
            yield shifted.date().isoformat() if kind.family == "date" else shifted.isoformat()
    else:
        yield at


def value(kind: FieldType, number: int) -> Any:
    """Return a value of a type, another one for each number as far as the type has so many."""
    if kind.array:
        return [value(replace(kind, array=False), number)]
    if kind.values:
        return kind.values[number % len(kind.values)]
    return _text(kind, number) if kind.family == "text" else _OTHERS[kind.name](kind, number)


def absent(kind: FieldType, number: int = 0) -> Any:
    """Return a value that no row has, as far as the type has so many."""
    if kind.bits:
        return Decimal(2 ** (kind.bits - 1) - 7 - number)
    return value(kind, _FAR + number)


def _text(kind: FieldType, number: int) -> str:
    text = f"v{number}"
    if kind.length is None or len(text) <= kind.length:
        return text
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    short = ""
    while len(short) < kind.length:
        number, rest = divmod(number, len(digits))
        short = digits[rest] + short
    return short


def _decimal(kind: FieldType, number: int) -> Decimal:
    whole = 10 ** min((kind.precision or 9) - (kind.scale or 0), 15)
    return Decimal(number % whole if whole > 1 else 0)


def _moment(number: int) -> datetime.datetime:
    return _START + datetime.timedelta(minutes=number)


def _json(_: FieldType, number: int) -> str:
    return json.dumps({"n": number})


def spot(number: int) -> tuple[float, float]:
    """Return latitude and longitude of a place in or around a town, another for each number.

    They lie on a spiral (Vogel, 1979), the first ones in its middle.
    """
    turn, far = number * 2.399963, 0.002 * math.sqrt(number % 100_000)
    return round(52.52 + far * math.sin(turn), 6), round(13.405 + far * math.cos(turn), 6)


_OTHERS: dict[str, Any] = {
    "uuid": lambda _, number: str(uuid.uuid5(uuid.NAMESPACE_OID, str(number))),
    "smallint": lambda _, number: Decimal(1 + number % 32_000),
    "int": lambda _, number: Decimal(1 + number % 2_000_000_000),
    "bigint": lambda _, number: Decimal(1 + number),
    "decimal": _decimal,
    "real": lambda _, number: Decimal(number % 1_000_000),
    "float": lambda _, number: Decimal(number),
    "bool": lambda _, number: number % 2 == 0,
    "date": lambda _, n: (_START + datetime.timedelta(days=n % 700_000)).date().isoformat(),
    "time": lambda _, number: _moment(number).time().isoformat(),
    "timestamp": lambda _, number: _moment(number).replace(tzinfo=None).isoformat(),
    "timestamptz": lambda _, number: _moment(number).isoformat(),
    "json": _json,
    "bytes": lambda _, number: number.to_bytes(8, "big"),
    "point": lambda _, number: "POINT({1} {0})".format(*spot(number)),
    "vector": lambda kind, number: str([round(1 / (1 + (number + i) % 97), 4)
                                        for i in range(kind.length or 1)]),
}  # fmt: skip
"""Values of the types that are no text, by type and number."""
