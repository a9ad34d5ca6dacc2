# ruff: noqa: S608 - drafts for a reader; nothing here runs them
"""Guards in SQL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from ..catalog.backend import Backend
from ..units import listed
from .claims import Claim, claims, kept_by_key
from .guards import Guard, Shape, inserted
from .invariants import summed
from .model import DataModel, Entity, Pattern
from .notes import PAGE as NOTES_PAGE
from .notes import outbox
from .reserved import in_store
from .totals import find

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
_FIRST = {"sql-server": "OFFSET 0 ROWS FETCH NEXT {} ROWS ONLY"}
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
    return [in_store(store, name) for name in named]


def across_guard(
    pattern: Pattern,
    model: DataModel,
    backend: Backend,
    here: frozenset[str],
    others: tuple[str, ...],
) -> Guard:
    """Return what the deciding store of an operation across stores runs.

    Args:
        pattern: The operation.
        model: The whole model, with an entity of notes.
        backend: The store that decides, as it is run.
        here: The entities that it holds.
        others: Names of the stores that follow.
    """
    batched = _batched(backend)
    return _Writer(model, backend.key).across(pattern, here, others, batched=batched)


def send_guard(pattern: Pattern, model: DataModel, backend: Backend) -> Guard:
    """Return how a job carries notes out.

    Args:
        pattern: The job.
        model: The whole model, with an entity of notes.
        backend: The store of the notes, as it is run.
    """
    return _Writer(model, backend.key).send(pattern)


def _batched(backend: Backend) -> bool:
    """Whether a transaction is one batch, in which nothing can be read and decided."""
    capability = backend.capability("multi_item_transactions")
    return capability is not None and capability.value == "partial"


class _Writer:
    def __init__(self, model: DataModel, key: str) -> None:
        self._model = model
        self._key = key
        self._name = partial(in_store, key)
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
        lines += self._note(pattern.operation.tells)
        return "\n".join(lines)

    def transaction(self, pattern: Pattern) -> Guard:
        """Lock what the rule is about, look again, and write; with a note of who is to be told."""
        taken = claims(pattern, self._model)
        if taken:
            return self._claim(pattern, taken)
        if self._only_new(pattern):
            return self._together(pattern)
        locks = list(self._locks(pattern)) or list(self._held(pattern))
        alone = self._key == "sqlite"
        asked = pattern.operation
        by_key = kept_by_key(pattern, self._model)
        rules = bool(asked.invariants) or len(asked.atomic) > 1 or not asked.tells
        looks = rules and not by_key
        strict = looks and not (locks or alone)
        begin = _SERIALIZABLE[self._key] if strict else _BEGIN[self._key]
        before = list(self._referring(pattern))
        others = ", ".join(name for name in self._others(pattern) if name not in before)
        first = ", ".join(before)
        rule = "; ".join(asked.invariants) or "what must hold"
        lines = [
            begin,
            *([] if alone else [statement for _, statement in locks]),
            *([f"-- look again here: {rule}; else ROLLBACK"] if looks else []),
            *(
                [f"-- first the rows of {first} that refer to it: deleted, or changed"]
                if first
                else []
            ),
            self._own(pattern) + (" -- a second one is refused: ROLLBACK" if by_key else ""),
            *([f"-- and the changes of {others}"] if others else []),
            *(added := self._added_up(pattern)),
            *(notes := self._note(asked.tells)),
            "COMMIT;",
        ]
        held = () if alone else tuple(table for table, _ in locks)
        count = len(held) + 1 + len(pattern.touched) + len(added) + bool(notes)
        return Guard("several", "sql", "\n".join(lines), count, held, repeated=strict)

    def _only_new(self, pattern: Pattern) -> bool:
        """Tell whether nothing is asked but a new row together with those that refer to it."""
        asked, own = pattern.operation, pattern.entity
        others = [self._model.entity(name) for name in asked.atomic if name != own]
        ruled = asked.invariants or asked.races or pattern.finds_rows
        return bool(others) and not ruled and all(self._reached(each, own) for each in others)

    def _together(self, pattern: Pattern) -> Guard:
        """Write new rows in one transaction: nobody else knows them yet."""
        notes = self._note(pattern.operation.tells)
        others = f"-- and the changes of {', '.join(self._others(pattern))}"
        lines = [_BEGIN[self._key], self._own(pattern), others, *notes, "COMMIT;"]
        return Guard("together", "sql", "\n".join(lines), 1 + len(pattern.touched) + bool(notes))

    def _added_up(self, pattern: Pattern) -> list[str]:
        """Return what adds up the parts that an operation writes, where a rule says their total."""
        total = find(self._model)
        if total is None or not total.signed or not any(map(summed, pattern.operation.invariants)):
            return []
        if not {total.parts.name, total.whole.name} & set(pattern.touched):
            return []
        own = pattern.entity == total.whole.name
        keys = total.whole.key if own else total.within
        pairs = zip(total.within, keys, strict=True)
        where = " AND ".join(f"{self._name(c)} = {self._value(value)}" for c, value in pairs)
        table, amount = self._name(total.parts.table), self._name(total.column)
        return [f"SELECT SUM({amount}) FROM {table} WHERE {where}; -- not 0: ROLLBACK"]

    def _claim(self, pattern: Pattern, taken: Sequence[Claim]) -> Guard:
        """Take rows that are free, in the order of their key, and count them."""
        own = self._model.entity(pattern.entity)
        locked, written = [], []
        for claim in taken:
            table, rows = self._name(claim.entity.table), f"<{claim.entity.table}>"
            columns = zip(claim.reference.columns, claim.reference.referenced, strict=True)
            pairs = [(self._name(here), self._value(there)) for here, there in columns]
            order = ", ".join(map(self._name, claim.entity.key))
            locked.append(
                f"{self._lock(claim.entity, rows, order)} -- so that none waits in a circle"
            )
            values = ", ".join(f"{name} = {value}" for name, value in pairs)
            free = " AND ".join(f"{name} IS NULL" for name, _ in pairs)
            written.append(
                f"UPDATE {table} SET {values} WHERE {rows} AND {free};"
                " -- fewer rows than asked for: ROLLBACK"
            )
        names = [item.entity.name for item in taken]
        others = [name for name in pattern.operation.atomic if name not in (own.name, *names)]
        rest = ", ".join(self._name(self._model.entity(name).table) for name in others)
        lines = [
            _BEGIN[self._key],
            *([] if self._key == "sqlite" else locked),
            f"{self._insert(own)};",
            *written,
            *([f"-- and the changes of {rest}"] if rest else []),
            *(notes := self._note(pattern.operation.tells)),
            "COMMIT;",
        ]
        tables = tuple(self._name(item.entity.table) for item in taken)
        count = len(locked) + 1 + len(pattern.touched) + bool(notes)
        return Guard("claim", "sql", "\n".join(lines), count, tables)

    def across(
        self, pattern: Pattern, here: frozenset[str], others: tuple[str, ...], *, batched: bool
    ) -> Guard:
        """Change what lies in this store, with a note of the rest in the same transaction."""
        asked = pattern.operation
        atomic = tuple(name for name in asked.atomic if name in here)
        told = (*others, *asked.tells)
        if pattern.entity in here:
            part = replace(pattern, operation=replace(asked, atomic=atomic, tells=told))
            if batched:
                return Guard("across", "sql", self.batch(part))
            return replace(self.transaction(part), shape="across")
        tables = ", ".join(self._name(self._model.entity(name).table) for name in atomic)
        changes = f"-- the changes of {tables}, and what must hold of them"
        lines = [_BEGIN[self._key], changes, *self._note(told), "COMMIT;"]
        return Guard("across", "sql", "\n".join(lines), len(atomic) + 2)

    def send(self, pattern: Pattern) -> Guard:
        """Carry notes out, oldest first, and remove each once it was answered."""
        notes = outbox(self._model)
        if notes is None:
            return Guard("job")
        told, about = listed(pattern.operation.tells), pattern.operation.told_of
        count = int(pattern.operation.items or pattern.page_size or NOTES_PAGE)
        first = _FIRST.get(self._key, "LIMIT {}").format(count)
        rows = f"SELECT {', '.join(self._name(c.name) for c in notes.columns)}"
        table, key = self._name(notes.table), self._name(notes.key[0])
        oldest = f"{rows} FROM {table} ORDER BY {key} {first};"
        lines = [
            oldest,
            *([f"-- one for each {about}, written with that change"] if about else []),
            f"-- tell {told}, with the number of the note, by which a repeat is known there",
            f"DELETE FROM {table} WHERE {key} = {self._value(notes.key[0])}; -- after the answer",
        ]
        return Guard("send", "sql", "\n".join(lines), 2)

    def _note(self, told: Sequence[str]) -> list[str]:
        notes = outbox(self._model)
        if not told or notes is None:
            return []
        return [f"{self._insert(notes)}; -- for {listed(told)}"]

    def _others(self, pattern: Pattern) -> Iterator[str]:
        for name in pattern.operation.atomic:
            if name != pattern.entity:
                yield self._name(self._model.entity(name).table)

    def _referring(self, pattern: Pattern) -> Iterator[str]:
        """Yield the tables whose rows keep a row from being deleted, those furthest away first."""
        if pattern.kind != "delete":
            return
        others = {*pattern.operation.atomic} - {pattern.entity}
        for entity in reversed(self._model.in_dependency_order):
            if entity.name in others and self._reached(entity, pattern.entity):
                yield self._name(entity.table)

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
                goes = pattern.kind == "delete" and entity is own
                lock = self._lock(entity, found[entity.name], goes=goes)
                yield self._name(entity.table), lock

    def _held(self, pattern: Pattern) -> Iterator[tuple[str, str]]:
        """Yield what rows that are written together refer to: those asked for, in order."""
        touched = [self._model.entity(name) for name in pattern.touched if name in self._model]
        parts = [entity for entity in touched if entity.name != pattern.entity]
        referred = {key.entity for entity in parts for key in entity.foreign_keys}
        for entity in parts:
            if entity.name in referred:
                order = ", ".join(map(self._name, entity.key))
                yield self._name(entity.table), self._lock(entity, f"<{entity.table}>", order)

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

    def _lock(self, entity: Entity, where: str, order: str = "", *, goes: bool = False) -> str:
        table = self._name(entity.table)
        sorted_by = f" ORDER BY {order}" if order else ""
        if self._key == "sql-server":
            return f"SELECT 1 FROM {table} WITH (UPDLOCK, HOLDLOCK) WHERE {where}{sorted_by};"
        # A foreign key's check takes a share of the key. The weaker lock lets it pass; before a
        # delete it has to wait, or a row that refers to this one comes in between.
        weaker = self._key == "postgresql" and not goes
        strength = "NO KEY UPDATE" if weaker else "UPDATE"
        return f"SELECT 1 FROM {table} WHERE {where}{sorted_by} FOR {strength};"
