# ruff: noqa: S608 - drafts for a reader; nothing here runs them
"""Guards in SQL. Imports SQLAlchemy for the names of its dialects: load it late."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from ..catalog.backend import Backend
from .guards import Guard, Shape, inserted
from .model import DataModel, Entity, Pattern
from .reserved import quoted
from .sqltypes import DIALECTS

_HOPS = 3
_BEGIN = {
    "postgresql": "BEGIN;",
    "mysql": "SET TRANSACTION ISOLATION LEVEL READ COMMITTED;\nSTART TRANSACTION;",
    "mariadb": "SET TRANSACTION ISOLATION LEVEL READ COMMITTED;\nSTART TRANSACTION;",
    "sqlite": "BEGIN IMMEDIATE; -- one writer at a time from here",
    "sql-server": "BEGIN TRANSACTION;",
}
# Where no row stands for what the rule is about, the store itself notices the conflict.
_SERIALIZABLE = {
    "postgresql": "BEGIN ISOLATION LEVEL SERIALIZABLE; -- error 40001: again after a pause",
    "mysql": "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; -- error 1213: again after a pause\n"
    "START TRANSACTION;",
    "mariadb": "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; -- error 1213: again after a pause\n"
    "START TRANSACTION;",
    "sql-server": "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; -- error 1205: again, later\n"
    "BEGIN TRANSACTION;",
}
_SECOND = {
    "mysql": "error 1062",
    "mariadb": "error 1062",
    "sql-server": "error 2627 or 2601",
}


def sql_guard(shape: Shape, pattern: Pattern, model: DataModel, backend: Backend) -> Guard:
    """Return the statements that keep an operation.

    Args:
        shape: `insert`, `single` or `several`.
        pattern: The operation.
        model: The whole model.
        backend: The store as it is run.
    """
    writer = _Writer(model, backend.key)
    entity = model.entity(pattern.entity)
    if shape == "insert":
        return Guard(shape, "sql", writer.insert_once(entity))
    if shape == "single":
        return Guard(shape, "sql", f"{writer.change(pattern)} AND <condition>; -- 0 rows: refused")
    if backend.lacks("multi_item_transactions") or _batched(backend):
        return Guard(shape, "sql", writer.batch(pattern), statements=1)
    return writer.transaction(pattern)


def row_statements(model: DataModel, name: str, store: str) -> dict[str, str]:
    """Return the statements about one row of an entity, without their ends.

    Args:
        model: The model that has the entity.
        name: The entity.
        store: Key of a SQL store.

    Returns:
        `insert`; `insert_once`, which changes nothing where the row is there; `lock`; and `is`, the
        condition for the row by its key.
    """
    writer = _Writer(model, store)
    return writer.of_row(model.entity(name))


def once(store: str) -> str:
    """Return the end of an insert that changes nothing where the row is there."""
    if store in ("postgresql", "sqlite"):
        return "\nON CONFLICT DO NOTHING; -- 0 rows: another was first"
    return f"; -- {_SECOND[store]}: another was first"


def begin(store: str) -> str:
    """Return how a transaction begins in which rows are locked before they are looked at."""
    return _BEGIN[store]


def quoted_names(store: str, named: Sequence[str]) -> list[str]:
    """Return names as a SQL store takes them, in quotes where it has to be."""
    prepare = DIALECTS[store]().identifier_preparer
    return [_quote(prepare, name) for name in named]


def _batched(backend: Backend) -> bool:
    """Whether a transaction is one batch, in which nothing can be read and decided."""
    capability = backend.capability("multi_item_transactions")
    return capability is not None and capability.value == "partial"


class _Writer:
    def __init__(self, model: DataModel, key: str) -> None:
        self._model = model
        self._key = key
        prepare = DIALECTS[key]().identifier_preparer
        self._name = partial(_quote, prepare)
        self._value = "@{}".format if key == "sql-server" else ":{}".format

    def _insert(self, entity: Entity) -> str:
        columns = inserted(entity)
        names = ", ".join(map(self._name, columns))
        values = ", ".join(map(self._value, columns))
        return f"INSERT INTO {self._name(entity.table)} ({names}) VALUES ({values})"

    def insert_once(self, entity: Entity) -> str:
        """Insert a row that a key or unique rule lets be there once."""
        return f"{self._insert(entity)}{once(self._key)}"

    def of_row(self, entity: Entity) -> dict[str, str]:
        """Return the statements about one row."""
        pairs = (f"{self._name(c)} = {self._value(f'{entity.table}_{c}')}" for c in entity.key)
        condition = " AND ".join(pairs)
        return {
            "is": condition,
            "insert": f"{self._insert(entity)};",
            "insert_once": self.insert_once(entity),
            "lock": self._lock(entity, condition),
        }

    def change(self, pattern: Pattern) -> str:
        """Change the rows that a pattern finds, without the end of the statement."""
        entity = self._model.entity(pattern.entity)
        table = self._name(entity.table)
        where = " AND ".join(self._found(pattern, entity))
        verb = f"DELETE FROM {table}" if pattern.kind == "delete" else f"UPDATE {table}"
        return f"{verb}{'' if pattern.kind == 'delete' else ' SET <changes>'} WHERE {where}"

    def _found(self, pattern: Pattern, entity: Entity) -> Iterator[str]:
        columns = pattern.equal or entity.key
        yield from (f"{self._name(column)} = {self._value(column)}" for column in columns)
        yield from (f"{self._name(column)} IN (<{column}>)" for column in pattern.among)
        yield from map(str, pattern.conditions)

    def _own(self, pattern: Pattern) -> str:
        entity = self._model.entity(pattern.entity)
        return f"{self._insert(entity) if not pattern.finds_rows else self.change(pattern)};"

    def batch(self, pattern: Pattern) -> str:
        """Write what a condition allows in one batch, where nothing can be read in between."""
        entity = self._model.entity(pattern.entity)
        if pattern.finds_rows:
            first = f"{self.change(pattern)} AND <condition>;"
        else:
            insert, _, values = self._insert(entity).partition(" VALUES (")
            first = f"{insert}\nSELECT {values.removesuffix(')')} WHERE <condition>;"
        others = ", ".join(self._others(pattern))
        lines = ["-- one batch: all of it or nothing; 0 rows of the first: refused", first]
        if others:
            lines.append(f"-- and the changes of {others}, each with the condition that the first")
            lines.append("-- statement took effect: nothing can be looked at in between")
        return "\n".join(lines)

    def transaction(self, pattern: Pattern) -> Guard:
        """Lock what the rule is about, look again, and write."""
        locks = list(self._locks(pattern))
        alone = self._key == "sqlite"
        begin = _BEGIN[self._key] if locks or alone else _SERIALIZABLE[self._key]
        others = ", ".join(self._others(pattern))
        rule = "; ".join(pattern.operation.invariants) or "what must hold"
        lines = [
            begin,
            *([] if alone else [statement for _, statement in locks]),
            f"-- look again here: {rule}; else ROLLBACK",
            self._own(pattern),
            *([f"-- and the changes of {others}"] if others else []),
            "COMMIT;",
        ]
        written = len(pattern.touched)
        taken = () if alone else tuple(table for table, _ in locks)
        return Guard("several", "sql", "\n".join(lines), len(taken) + 1 + written, taken)

    def _others(self, pattern: Pattern) -> Iterator[str]:
        for name in pattern.operation.atomic:
            if name != pattern.entity:
                yield self._name(self._model.entity(name).table)

    def _locks(self, pattern: Pattern) -> Iterator[tuple[str, str]]:
        """Yield the rows that are locked, referenced ones first: each table with its statement."""
        own = self._model.entity(pattern.entity)
        atomic = [name for name in pattern.operation.atomic if name != own.name]
        found = {name: where for name in atomic if (where := self._reached(own, name))}
        if not found and not pattern.finds_rows:
            required = {
                key.entity
                for key in own.foreign_keys
                if key.entity in self._model
                and key.entity != own.name
                and not any(own.column(column).nullable for column in key.columns)
            }
            found = {name: self._reached(own, name) for name in required}
        if pattern.finds_rows:
            found[own.name] = " AND ".join(self._found(pattern, own))
        for entity in self._model.in_dependency_order:
            if entity.name in found:
                yield self._name(entity.table), self._lock(entity, found[entity.name])

    def _reached(self, own: Entity, name: str) -> str:
        """Return the condition for the row of an entity that a row points to; empty for none."""
        ways: list[tuple[Entity, dict[str, str]]] = [(own, {})]
        for _ in range(_HOPS):
            further = []
            for entity, known in ways:
                for key in entity.foreign_keys:
                    if key.entity not in self._model or key.entity == own.name:
                        continue
                    values = {
                        there: self._pointed(entity, here, known, direct=entity is own)
                        for here, there in zip(key.columns, key.referenced, strict=True)
                    }
                    if key.entity == name:
                        pairs = (f"{self._name(c)} = {value}" for c, value in values.items())
                        return " AND ".join(pairs)
                    further.append((self._model.entity(key.entity), values))
            ways = further
        return ""

    def _pointed(self, entity: Entity, column: str, known: dict[str, str], *, direct: bool) -> str:
        if direct:
            return self._value(column)
        if column in known:
            return known[column]
        where = " AND ".join(f"{self._name(c)} = {value}" for c, value in known.items())
        return f"(SELECT {self._name(column)} FROM {self._name(entity.table)} WHERE {where})"

    def _lock(self, entity: Entity, where: str) -> str:
        table = self._name(entity.table)
        if self._key == "sql-server":
            return f"SELECT 1 FROM {table} WITH (UPDLOCK, HOLDLOCK) WHERE {where};"
        # A foreign key's check takes a share of the key, which this lock lets pass.
        strength = "NO KEY UPDATE" if self._key == "postgresql" else "UPDATE"
        return f"SELECT 1 FROM {table} WHERE {where} FOR {strength};"


def _quote(prepare: object, name: str) -> str:
    text: str = prepare.quote(quoted(name))  # type: ignore[attr-defined]
    return text
