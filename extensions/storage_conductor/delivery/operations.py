"""The operations of a track as statements for a load generator, with values from rows there are.

A statement takes its values from a small table of samples, which is made before the run and removed
after it, by the number `{n}` of a sample.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..proof.subject import Subject
from ..schema.model import Column, Entity, Pattern
from ..schema.needs import row_order
from ..schema.sql import Schema
from ..schema.sqlrules import check_clause
from ..schema.types import WHOLE

SAMPLES = 1000
"""Samples of each operation."""
_LOOKED_AT = 100_000  # rows that they are chosen from
_SHORTEST = 12  # characters of a text that is as good as unique


@dataclass(frozen=True)
class LoadOperation:
    """One operation.

    Args:
        name: The person's words, on one line.
        per_second: Its stated rate, or 1 where none is stated of any.
        prepare: Statements that make its samples; empty where it is left out.
        run: What it does, each a statement; `{n}` stands for the number of a sample.
        table: The table of its samples.
        left_out: Why it is left out, or empty.
    """

    name: str
    per_second: float
    prepare: str = ""
    run: tuple[str, ...] = ()
    table: str = ""
    left_out: str = ""


class _RefusedError(Exception):
    """An operation cannot be run without what only the application knows."""


def operations(subject: Subject, schema: Schema) -> Iterator[LoadOperation]:
    """Write the operations of a store, PostgreSQL or MariaDB."""
    rated = any(pattern.per_second for pattern in subject.model.patterns)
    for number, pattern in enumerate(subject.model.patterns, 1):
        rate = pattern.per_second if rated else 1
        if not rate:
            yield LoadOperation(pattern.name, 0, left_out="no rate is stated of it")
            continue
        writer = _Writer(subject, schema, pattern, f"storage_load_{number}")
        try:
            run = tuple(writer.run())
            yield LoadOperation(pattern.name, rate, writer.prepare(), run, writer.table)
        except _RefusedError as refused:
            yield LoadOperation(pattern.name, rate, left_out=str(refused))


class _Writer:
    def __init__(self, subject: Subject, schema: Schema, pattern: Pattern, table: str) -> None:
        self.table = table
        self._pattern = pattern
        self._entity: Entity = subject.model.entity(pattern.entity)
        self._schema = schema
        self._postgresql = subject.backend.key == "postgresql"
        self._dialect = schema.engine.dialect()
        self._sampled: dict[str, None] = {}

    def _name(self, name: str) -> str:
        from ..schema.reserved import quoted

        return str(self._dialect.identifier_preparer.quote(quoted(name)))

    @property
    def _own(self) -> str:
        return self._name(self._entity.table)

    def run(self) -> Iterator[str]:
        """Yield the statements of one run."""
        pattern = self._pattern
        if pattern.job:
            raise _RefusedError("it runs by the clock and not when a caller asks")
        if pattern.vector:
            raise _RefusedError("the vector that it asks for is the application's")
        if pattern.place:
            raise _RefusedError("the place that it asks for is the application's")
        match pattern.kind:
            case "write" if not pattern.finds_rows:
                yield self._insert()
            case "write" | "update":
                yield f"UPDATE {self._own} SET {self._changes()}{self._where()};"  # noqa: S608
            case "delete":
                # The rows stay, so that the next run finds them.
                delete = f"DELETE FROM {self._own}{self._where()};"  # noqa: S608  (quoted)
                yield from ("BEGIN;", delete, "ROLLBACK;")
            case _:
                yield self._select()

    def _select(self) -> str:
        names = ", ".join(map(self._name, self._pattern.fields)) or "*"
        order = [f"{self._name(c)} {w.upper()}" for c, w in row_order(self._entity, self._pattern)]
        text = f"SELECT {names} FROM {self._own}{self._where()}"  # noqa: S608  (quoted)
        text += f" ORDER BY {', '.join(order)}" if order else ""
        page = self._pattern.page_size
        return f"{text} LIMIT {page};" if page else f"{text};"

    def _sample(self, column: str, number: str = "{n}") -> str:
        self._sampled[column] = None
        return f"(SELECT {self._name(column)} FROM {self.table} WHERE n = {number})"  # noqa: S608

    def _where(self) -> str:
        pattern = self._pattern
        found = [f"{self._name(c)} = {self._sample(c)}" for c in pattern.equal]
        found += [f"{self._name(c)} >= {self._sample(c)}" for c in pattern.ranges]
        found += [f"{self._name(c)} IN ({self._sample(c)})" for c in pattern.among]
        found += self._conditions()
        return f" WHERE {' AND '.join(found)}" if found else ""

    def _conditions(self) -> Iterator[str]:
        table = self._schema.metadata.tables[self._entity.table]
        options = {"literal_binds": True, "include_table": False}
        for rule in self._pattern.conditions:
            clause = check_clause(self._schema.engine, table, rule)
            yield f"({clause.compile(dialect=self._dialect, compile_kwargs=options)})"

    def _changes(self) -> str:
        """Give values of another row to what is set, where none of them is the row's alone."""
        alone = {name for group in self._groups() for name in group}
        alone |= {name for check in self._entity.checks if len(check.rule.columns()) > 1
                  for name in check.rule.columns()}  # fmt: skip
        free = [c.name for c in self._entity.columns if c.name not in alone]
        said = [name for name in self._pattern.fields if name in free]
        filters = {*self._pattern.equal, *self._pattern.ranges, *self._pattern.among}
        chosen = said or [name for name in free if name not in filters][:1]
        if not chosen:
            raise _RefusedError("it is not stated what it sets, and no field can be set freely")
        pairs = (f"{self._name(c)} = {self._sample(c, '{m}')}" for c in chosen)
        return ", ".join(pairs)

    def _groups(self) -> list[tuple[str, ...]]:
        entity = self._entity
        own = [tuple(c for c, _ in index.columns) for index in entity.indexes if index.unique]
        return [group for group in (entity.key, *entity.unique, *own) if group]

    def _insert(self) -> str:
        """Write a row like one that is there, with values of its own where rows must differ."""
        entity = self._entity
        counted = entity.numbered
        made: dict[str, str] = {}
        for group in self._groups():
            if counted in group or any(name in made for name in group):
                continue
            name, value = self._fresh(group)
            made[name] = value
        columns = [c.name for c in entity.columns if c.name != counted]
        for name in columns:
            if name not in made:
                self._sampled[name] = None
        names = ", ".join(map(self._name, columns))
        values = ", ".join(made.get(name) or self._name(name) for name in columns)
        return (
            f"INSERT INTO {self._own} ({names}) SELECT {values} FROM {self.table} WHERE n = {{n}};"  # noqa: S608
        )

    def _fresh(self, group: tuple[str, ...]) -> tuple[str, str]:
        """Return a column of those that rows must differ in, and an expression for it.

        Raises:
            _RefusedError: No value is known that keeps all rules.
        """
        referring = {name for key in self._entity.foreign_keys for name in key.columns}
        for name in group:
            column = self._entity.column(name)
            if name in referring or self._entity.checked(name):
                continue
            found = self._made(column)
            if found is None and len(group) > 1:
                found = self._day(column)
            if found is not None:
                return name, found
        raise _RefusedError(f"no new value is known for {', '.join(group)}, in which rows differ")

    def _made(self, column: Column) -> str | None:
        kind = column.type
        if kind.array or kind.values:
            return None
        chance = "random()" if self._postgresql else "RAND()"
        if kind.name == "uuid":
            return "gen_random_uuid()" if self._postgresql else "UUID()"
        if kind.name in WHOLE and (kind.bits or 0) >= 32:
            most = 2_000_000_000 if kind.bits == 32 else 9_000_000_000_000_000
            return f"CAST(FLOOR({chance} * {most}) AS {'bigint' if self._postgresql else 'INT'})"
        if kind.family == "text" and (kind.length or _SHORTEST) >= _SHORTEST:
            whole = f"md5(CAST({chance} AS {'text' if self._postgresql else 'CHAR'}))"
            return f"left({whole}, {min(kind.length or 32, 32)})"
        return None

    def _day(self, column: Column) -> str | None:
        """Return a day or a moment of two centuries, which differs enough beside other columns."""
        word = {"date": "DATE", "timestamp": "TIMESTAMP"}.get(column.type.family)
        if word is None or column.type.array:
            return None
        if self._postgresql:
            moment = "TIMESTAMP '1900-01-01' + random() * INTERVAL '70000 days'"
            return f"CAST({moment} AS {word})"
        return "DATE '1900-01-01' + INTERVAL FLOOR(RAND() * 70000) DAY"

    def prepare(self) -> str:
        """Write what makes the samples: so many, however few rows there are."""
        columns = list(self._sampled)
        names = ", ".join(map(self._name, columns))
        filled = [f"{self._name(c)} IS NOT NULL" for c in self._filters()]
        where = [*filled, *self._conditions()]
        chance = "random()" if self._postgresql else "RAND()"
        kind = "UNLOGGED TABLE" if self._postgresql else "TABLE"
        numbers = f"generate_series(1, {SAMPLES}) AS q(seq)" if self._postgresql else (
            f"seq_1_to_{SAMPLES} AS q")  # fmt: skip
        picked = names or "1 AS one"
        condition = f" WHERE {' AND '.join(where)}" if where else ""
        inner = f"SELECT {picked} FROM {self._own}{condition} LIMIT {_LOOKED_AT}"  # noqa: S608
        chosen = f"SELECT * FROM ({inner}) AS a ORDER BY {chance} LIMIT {SAMPLES}"  # noqa: S608
        counted = (
            f"SELECT b.*, row_number() OVER () AS i, count(*) OVER () AS c FROM ({chosen}) AS b"  # noqa: S608
        )
        kept = ", ".join(["q.seq AS n", *(f"s.{self._name(c)}" for c in columns)])
        return (
            f"CREATE {kind} {self.table} AS SELECT {kept}\n"
            f"FROM {numbers} JOIN ({counted}) AS s ON s.i = 1 + q.seq % s.c;\n"
            f"ALTER TABLE {self.table} ADD PRIMARY KEY (n);"
        )

    def _filters(self) -> Iterable[str]:
        pattern = self._pattern
        names = (*pattern.equal, *pattern.ranges, *pattern.among)
        return [name for name in dict.fromkeys(names) if self._entity.column(name).nullable]
