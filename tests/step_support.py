"""Pairs of models, rows for them, and the parts of a step on a real database."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from hypothesis import strategies as st

from storage_conductor.catalog.backend import Backend
from storage_conductor.proof.rows import make
from storage_conductor.proof.writing import Writer
from storage_conductor.schema.common import NOTHING_STATED
from storage_conductor.schema.model import DataModel
from storage_conductor.schema.parse import parse_model
from storage_conductor.schema.reserved import quoted
from storage_conductor.schema.sql import Schema
from storage_conductor.schema.sqltypes import ENGINES
from storage_conductor.steps.parts import SchemaParts, parts_of
from storage_conductor.steps.step import Group, MigrationStep

from . import schema_models as models
from . import schema_servers as servers
from .importing_support import Database

ROWS = 3
_WIDER = {
    "smallint": ("int", "bigint"),
    "int": ("bigint",),
    "real": ("float",),
    "varchar(20)": ("varchar(60)", "text"),
    "date": ("timestamp", "text"),
}
_NEW = ("int", "text", "bool", "varchar(20)", "uuid", "timestamptz", "date", "decimal(12,2)")


def model_of(entities: dict[str, Any]) -> DataModel:
    found = parse_model(entities, [])
    assert found is not None
    return found


def schema_of(model: DataModel, backend: Backend) -> Schema:
    return Schema(model, ENGINES[backend.key](backend), NOTHING_STATED)


def parts(model: DataModel, backend: Backend) -> SchemaParts:
    return parts_of(schema_of(model, backend))


@st.composite
def pairs(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """Entities, and what a person made of them later."""
    old, _ = draw(models.answers())
    new = copy.deepcopy(old)
    for name, fields in new.items():
        indexed = {
            word.split()[0]
            for index in fields.get("_indexes", ())
            for word in (*index["fields"], index.get("where", "-"))
        }
        for field in [each for each in fields if not each.startswith("_")]:
            words = fields[field]
            if " pk" in words or " as " in words or field in indexed:
                continue
            if (edited := draw(_edited(field, words))) is None:
                del fields[field]
            else:
                fields[field] = edited
        if "_indexes" in fields and draw(st.booleans()):
            del fields["_indexes"]
        for number in range(draw(st.integers(0, 2))):
            flag = draw(st.sampled_from(["", "not null", "unique", "indexed", "not null indexed"]))
            fields[f"new_{number}"] = f"{draw(st.sampled_from(_NEW))} {flag}"
        if draw(st.booleans()):
            fields["up"] = f"ref {name}"
    if draw(st.booleans()):
        first = next(iter(new))
        new["Fresh"] = {"id": "uuid pk", "of": f"ref {first} not null", "kind": "enum(a, b)"}
    pair = [old, new]
    if draw(st.booleans()):
        pair.reverse()
    return pair[0], pair[1]


@st.composite
def _edited(draw: st.DrawFn, field: str, words: str) -> str | None:
    """Return a field with something changed, or None for one that goes."""
    kind, _, rest = words.partition(" ")
    if words.startswith("ref "):
        ways = [words.replace("cascade", "restrict"), words.replace("unique", ""), None]
        return draw(st.sampled_from([words, *ways]))
    ways = [words, words, None]
    ways.append(words.replace("not null", "") if "not null" in words else f"{words} not null")
    if "[]" not in kind and kind not in ("json", "bytes"):
        ways.append(words.replace("unique", "") if "unique" in words else f"{words} unique")
    if "check" not in rest:
        ways += [f"{wider} {rest}" for wider in _WIDER.get(kind, ())]
        ways += [f"{words} check({field} >= 0)"] * (kind in ("int", "bigint", "smallint"))
    return draw(st.sampled_from(ways))


def _other(name: str, rows: list[dict[str, Any]], base: dict[str, Any]) -> Any:
    """A value of another row, which is one of the later model's, else that of the row before."""
    return next((row[name] for row in rows if row.get(name) is not None), base[name])


class Steps:
    """A database in which steps are taken.

    Args:
        store: It.
    """

    def __init__(self, store: Database) -> None:
        self.store = store

    def up(self, step: MigrationStep, *wanted: str) -> None:
        for group in step.groups:
            if group.part in wanted:
                self.run(group, group.up)

    def down(self, step: MigrationStep, *wanted: str) -> None:
        for group in reversed(step.groups):
            if group.part in wanted:
                self.run(group, group.down)

    def run(self, group: Group, statements: Iterable[str]) -> None:
        """Run a group as tools do: a transaction, or each statement by itself."""
        if group.transaction == "shared" and self.store.store not in servers.INNODB:
            if text := "\n".join(statements):
                self.store.run(f"BEGIN;\n{text}\nCOMMIT;")
            return
        for text in statements:
            self.store.run(text)

    def empty(self, tables: Iterable[str]) -> None:
        quote = self._quote
        if self.store.store == "postgresql":
            self.store.run(f"TRUNCATE {', '.join(map(quote, tables))} CASCADE")
            return
        self._unchecked(on=True)
        for table in tables:
            self.store.run(f"DELETE FROM {quote(table)}")  # noqa: S608  (quoted)
        self._unchecked(on=False)

    def _quote(self, name: str) -> str:
        return str(self.store.connection.dialect.identifier_preparer.quote(quoted(name)))

    def _unchecked(self, *, on: bool) -> None:
        if self.store.store in servers.INNODB:
            self.store.run(f"SET foreign_key_checks = {int(not on)}")
        elif self.store.store == "sqlite":
            self.store.run(f"PRAGMA foreign_keys = {'OFF' if on else 'ON'}")

    def fill(self, model: DataModel, rows: int = ROWS) -> int:
        """Write the rows that the code for a model writes; return how many."""
        writer = Writer(self.store.connection, schema_of(model, self.store.backend))
        made = make(model, {entity.name: rows for entity in model.entities}, 1)
        self._unchecked(on=True)
        writer.ask("BEGIN")
        try:
            for entity in model.in_dependency_order:
                if made[entity.name].rows:
                    writer.ask(writer.insert(entity, made[entity.name].rows))
            writer.ask("COMMIT")
        except sa.exc.DBAPIError:
            writer.ask("ROLLBACK")
            raise
        self._unchecked(on=False)
        return sum(len(each.rows) for each in made.values())

    def fill_both(self, old: DataModel, new: DataModel) -> int:
        """Write rows that have the columns of two models, with values for the second one."""
        writer = Writer(self.store.connection, schema_of(new, self.store.backend))
        both = [
            make(model, {entity.name: ROWS for entity in model.entities}, 1) for model in (old, new)
        ]
        count = 0
        self.store.run("PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF")
        for entity in new.entities:
            before = old.entity(entity.name) if entity.name in old else entity
            rows = both[1][entity.name].rows
            lost = [c for c in before.columns if c.name not in {x.name for x in entity.columns}]
            other = [*(both[0][before.name].rows if before is not entity else ()), *rows]
            columns = (*entity.columns, *lost)
            whole = replace(entity, columns=columns)
            needed = {c.name for c in before.columns if not c.nullable}
            filled = [
                {**base, **row}
                | {n: _other(n, rows, base) for n in needed & base.keys() if row.get(n) is None}
                for base, row in zip(other, rows, strict=False)
            ]
            count += len(filled)
            if filled:
                writer.ask(writer.insert(whole, filled))
        self.store.run("PRAGMA ignore_check_constraints = OFF; PRAGMA foreign_keys = ON")
        return count

    def takes(self, model: DataModel) -> bool:
        """Load the draft of a model and fill it; whether rows were found that keep its rules."""
        self.store.load(model)
        try:
            return self.fill(model) > 0
        except sa.exc.IntegrityError:
            return False

    def count(self, model: DataModel) -> int:
        quote = self._quote
        found = 0
        for entity in model.entities:
            text = f"SELECT count(*) FROM {quote(entity.table)}"  # noqa: S608  (quoted)
            found += int(self.store.connection.exec_driver_sql(text).scalar() or 0)
        return found
