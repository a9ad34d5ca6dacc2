"""Tables, constraints and indexes for SQL stores. Imports SQLAlchemy: load it late."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from functools import cached_property, partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.schema import AddConstraint, CreateIndex, CreateTable, DropConstraint, DropTable

from ..catalog.backend import Backend
from . import common, expiry, summaries
from .common import Sizes
from .keys import Abilities, IndexPlan, Served, plan_indexes
from .model import Action, Column, DataModel, Entity, ForeignKey
from .names import Names
from .partitions import partition_by, partitions
from .placesql import PlaceSql
from .reserved import quoted
from .result import Artifact, Design, EntityTable, IndexRow
from .rules import Rule, cases, rules_of
from .spatial import BY_DISTANCE, Spatial
from .sqlbytes import row_bytes
from .sqlcheck import check_limits, hashed, impossible_cascades, numbered
from .sqlnotes import notes
from .sqlrules import check_clause, filterable, text_literal, type_clause
from .sqltypes import ENGINES, LONG_BYTES, Engine, column_type, default_clause, type_text
from .upkeep import upkeep
from .volumes import kept_rows, rows_of_keys

_SPATIAL = {
    "postgresql": Spatial("gist", limited=True, ordered=BY_DISTANCE),
    "mysql": Spatial("spatial", missing=False),
    "mariadb": Spatial("spatial", missing=False),
    "sqlite": Spatial("rtree"),
    "sql-server": Spatial("spatial", ordered=("nearest",)),
}
_NAME_LENGTH = 128  # for a store without a limit of its own


def sql_design(model: DataModel, backend: Backend, sizes: Sizes) -> Design:
    """Design the schema of a SQL store.

    Raises:
        ConductorError: The store cannot hold the model; all reasons are listed.
    """
    schema = Schema(model, ENGINES[backend.key](backend), sizes)
    sums = tuple(summaries.choices(model, backend, sizes))
    expiries = tuple(expiry.choices(model, backend, sizes))
    summed = Counter(entity.summary.source for entity in model.entities if entity.summary)
    found = [*notes(model, schema.engine, schema.plans, schema.lost_cascades)]
    found += [finding for choice in sums if (finding := summaries.choice_finding(choice))]
    found += [finding for choice in expiries if (finding := expiry.choice_finding(choice))]
    return Design(
        backend=backend.key,
        entities=tuple(
            _sized(schema, model, entity, summed[entity.name], sizes)
            for entity in model.in_dependency_order
        ),
        relationships=common.relationships(model, enforced=True),
        diagram="",
        patterns=common.pattern_rows(model, schema.served),
        indexes=tuple(row for plan in schema.plans.values() for row in plan.indexes),
        findings=tuple(found),
        constraints=cases(model, schema.rules, lambda _: True),
        artifacts=schema.artifacts(),
        sums=sums,
        expiries=expiries,
    )


def _sized(
    schema: Schema, model: DataModel, entity: Entity, summed: int, sizes: Sizes
) -> EntityTable:
    """Describe an entity with what its rows take on disk."""
    plan, rows = schema.plans[entity.name], kept_rows(entity)
    average = None if entity.derived else entity.average_of(sizes.average_item_bytes)
    shared = rows_of_keys(model, entity, plan.indexes, rows)
    table = common.entity_table(
        entity,
        schema.engine.key,
        partial(schema.type_text, entity),
        writes=plan.writes + summed,
    )
    found = row_bytes(entity, plan.indexes, schema.engine.key, average, shared)
    return replace(table, bytes=found, rows=rows)


class Schema:
    """The schema of one SQL store."""

    def __init__(self, model: DataModel, engine: Engine, sizes: Sizes) -> None:
        self._model = model
        self.engine = engine
        self._name = engine.backend.name
        self._large = (sizes.largest_item_bytes or 0) > LONG_BYTES
        longest = common.fact(engine.backend, "identifier_bytes_max") or _NAME_LENGTH
        names = Names(longest, frozenset(entity.table for entity in model.entities))
        abilities = Abilities(
            partial_unique=self._filtered,
            partial=partial(filterable, engine),
            hashed=partial(hashed, engine),
            ascending_references=engine.key == "mysql",
            vector_dimensions=common.fact(engine.backend, "halfvec_indexed_dimensions_max"),
            spatial=_SPATIAL[engine.key],
        )
        self.plans: dict[str, IndexPlan] = {
            entity.name: plan_indexes(model, entity, names, abilities)
            for entity in model.in_dependency_order
        }
        check_limits(model, engine, self.plans)
        self.rules = [
            rule
            for entity in model.in_dependency_order
            for rule in rules_of(entity, self.plans[entity.name], names)
        ]
        self.lost_cascades = impossible_cascades(model, engine)
        self._mandatory = common.mandatory_cycles(model)
        self._places = PlaceSql(engine.key, self._quote)
        self.metadata = sa.MetaData()
        self._tables = {entity.name: self._table(entity) for entity in model.in_dependency_order}
        for rule in self.rules:
            self._constrain(rule)
        self._constrain_types(names)
        self._indexes = [
            (self._index_text(row), row)
            for plan in self.plans.values()
            for row in plan.indexes
            if row.kind == "index"
        ]

    @property
    def _references_optional(self) -> bool:
        """Whether a connection may leave references unchecked, as the catalog says of the store."""
        capability = self.engine.backend.capability("foreign_keys")
        return capability is not None and capability.value != "yes"

    @property
    def _filtered(self) -> bool:
        """Whether a unique constraint would let only one row lack the value."""
        return self.engine.key == "sql-server"

    @cached_property
    def _dialect(self) -> sa.Dialect:
        return self.engine.dialect()

    @property
    def served(self) -> dict[str, Served]:
        """What answers each pattern."""
        return {name: way for plan in self.plans.values() for name, way in plan.served.items()}

    def _in_key(self, entity: Entity) -> frozenset[str]:
        rows = self.plans[entity.name].indexes
        return frozenset(column for row in rows for column, _ in row.columns)

    def type_text(self, entity: Entity, column: Column) -> str:
        """The type of a column as the store writes it."""
        in_key = column.name in self._in_key(entity) or column.reference is not None
        return type_text(self.engine, column.type, in_key=in_key, large=self._large)

    def _table(self, entity: Entity) -> sa.Table:
        columns = [self._column(entity, column) for column in entity.columns]
        # SQLAlchemy imports the dialect of each option that it is given.
        options: dict[str, Any] = {"sqlite_strict": True} if self.engine.key == "sqlite" else {}
        if self.engine.my:
            kinds = {"engine": "InnoDB", "charset": "utf8mb4", "collate": self.engine.collation}
            options = {f"{self.engine.key}_{option}": kind for option, kind in kinds.items()}
        if entity.partition:
            column = self._dialect.identifier_preparer.quote(quoted(entity.partition.column))
            options |= {f"{self.engine.key}_partition_by": partition_by(self.engine.key, column)}
        if entity.summary and self.engine.key == "postgresql":
            # Half of a page is free, so that a change of a counter finds room and touches no index.
            options["postgresql_with"] = {"fillfactor": 50}
        table: sa.Table = sa.Table(quoted(entity.table), self.metadata, *columns, **options)
        return table

    def _column(self, entity: Entity, column: Column) -> sa.Column[Any]:
        generated = column.name == numbered(self.engine, entity)
        numbering = {"postgresql": sa.Identity(), "sql-server": sa.Identity(start=1, increment=1)}
        identity = [numbering[self.engine.key]] if self.engine.key in numbering else []
        text = self.type_text(entity, column)
        if generated and self.engine.my and column.name not in entity.key:
            text += " AUTO_INCREMENT"  # SQLAlchemy writes it for keys alone
        return sa.Column(
            quoted(column.name),
            column_type(column.type, text),
            *(identity if generated else []),
            nullable=column.nullable,
            server_default=default_clause(self.engine, column),
            autoincrement=generated and (bool(identity) or column.name in entity.key),
        )

    def _constrain(self, rule: Rule) -> None:
        table = self._tables[rule.entity.name]
        columns = [table.c[name] for name in rule.columns]
        match rule.kind:
            case "unique" if rule.index is not None:
                pass  # it is drafted among the indexes
            case "key":
                table.append_constraint(sa.PrimaryKeyConstraint(*columns, name=rule.name))
            case "unique" if self._filtered and any(column.nullable for column in columns):
                present = sa.and_(*(column.is_not(None) for column in columns))
                sa.Index(rule.name, *columns, unique=True, mssql_where=present)
            case "unique":
                table.append_constraint(sa.UniqueConstraint(*columns, name=rule.name))
            case "check" if rule.check is not None:
                clause = check_clause(self.engine, table, rule.check)
                table.append_constraint(sa.CheckConstraint(clause, name=rule.name))
            case "enum":
                kind = rule.entity.column(rule.columns[0]).type
                clause = columns[0].in_([text_literal(self.engine, v) for v in kind.values])
                table.append_constraint(sa.CheckConstraint(clause, name=rule.name))
            case "reference" if rule.foreign_key and rule.foreign_key.kept:
                self._refer(rule, rule.foreign_key, table)

    def _constrain_types(self, names: Names) -> None:
        lengths = {
            (rule.entity.name, rule.columns[0]): rule.name
            for rule in self.rules
            if rule.kind == "length"
        }
        for entity in self._model.in_dependency_order:
            table = self._tables[entity.name]
            for column in entity.columns:
                clause = type_clause(self.engine, column, table.c[column.name])
                if clause is not None:
                    name = lengths.get((entity.name, column.name))
                    name = name or names.make("ck", entity.table, column.name, "type")
                    table.append_constraint(sa.CheckConstraint(clause, name=name))

    def _refer(self, rule: Rule, key: ForeignKey, table: sa.Table) -> None:
        if key.entity not in self._model:
            return
        target = self._tables[key.entity]
        place = (rule.entity.name, key.field)
        late = place in self._mandatory and self._deferrable
        table.append_constraint(
            sa.ForeignKeyConstraint(
                [table.c[name] for name in key.columns],
                [target.c[name] for name in key.referenced],
                name=rule.name,
                ondelete=self._action(place, "on_delete", key.on_delete),
                onupdate=self._action(place, "on_update", key.on_update),
                deferrable=late or None,
                initially="DEFERRED" if late else None,
                use_alter=place in self._model.deferred and self.engine.key != "sqlite",
            )
        )

    def _action(self, place: tuple[str, str], event: str, action: Action) -> str | None:
        """What happens to a reference, as the store writes it; `None` for its default."""
        plain = {"no action", "restrict"} if self.engine.key == "sql-server" else {"no action"}
        lost = (*place, event) in self.lost_cascades
        return None if lost or action in plain else action.upper()

    @property
    def _deferrable(self) -> bool:
        return self.engine.key in {"postgresql", "sqlite"}

    @property
    def boxes(self) -> tuple[str, ...]:
        """The tables of boxes beside those of places, quoted where they need it."""
        return tuple(self._quote(row.name) for _, row in self._indexes if row.method == "rtree")

    def _quote(self, name: str) -> str:
        return str(self._dialect.identifier_preparer.quote(quoted(name)))

    def _index_text(self, row: IndexRow) -> str:
        """The statement that makes an index, and the index itself where SQLAlchemy has words."""
        entity = self._model.entity(row.entity)
        return self._places.index(entity, row) or self._compiled(CreateIndex(self._index(row)))

    def _index(self, row: IndexRow) -> sa.Index:
        table = self._tables[row.entity]
        if row.method == "hnsw":
            element: sa.ColumnElement[Any] = sa.literal_column(self._vector_element(row))
            return sa.Index(row.name, element, postgresql_using=row.method, _table=table)
        options: dict[str, Any] = {}
        columns = [
            table.c[name].desc() if way == "desc" else table.c[name] for name, way in row.columns
        ]
        if row.where is not None:
            clause = check_clause(self.engine, table, row.where)
            prefix = {"sql-server": "mssql"}.get(self.engine.key, self.engine.key)
            options = {f"{prefix}_where": clause}
        if row.method == "gist":
            options["postgresql_using"] = row.method
        elif row.method == "spatial":
            options[f"{self.engine.key}_prefix"] = "SPATIAL"
        return sa.Index(row.name, *columns, unique=row.unique, **options)

    def _vector_element(self, row: IndexRow) -> str:
        """What a vector's index holds: cosine distances, in half precision where it must."""
        ((name, _),) = row.columns
        column = self._quote(name)
        size = self._model.entity(row.entity).column(name).type.length or 0
        whole = common.fact(self.engine.backend, "vector_indexed_dimensions_max")
        if whole is None or size <= whole:
            return f"{column} vector_cosine_ops"
        return f"({column}::halfvec({size})) halfvec_cosine_ops"

    def _compiled(self, element: Any) -> str:
        text = str(element.compile(dialect=self._dialect)).strip()
        lines = (line.rstrip().replace("\t", "  ") for line in text.splitlines())
        whole = "\n".join(line for line in lines if line)
        return re.sub(r"\n\)\s*(ENGINE|STRICT|WITH|PARTITION)", r"\n) \1", whole) + ";"

    def _constraints(self, late: bool) -> list[sa.ForeignKeyConstraint]:
        return [
            constraint
            for table in self._tables.values()
            for constraint in sorted(table.foreign_key_constraints, key=lambda item: str(item.name))
            if constraint.use_alter is late
        ]

    def artifacts(self) -> tuple[Artifact, ...]:
        """The schema, its rollback, and its indexes for tables that have rows."""
        name = self._name
        blocks = [
            Artifact(f"{name}: initial schema", "sql", self._create(), "schema"),
            Artifact(f"{name}: rollback", "sql", self._drop(), "rollback"),
        ]
        if self._indexes:
            text = self._online_indexes()
            blocks.append(Artifact(f"{name}: indexes on filled tables", "sql", text, "indexes"))
        if spans := partitions(self._model, self.engine.key):
            blocks.append(Artifact(f"{name}: what comes and goes each day", "sql", spans, "upkeep"))
        if kept := upkeep(self._model, self.engine.key):
            blocks.append(Artifact(f"{name}: what is kept added up", "sql", kept, "upkeep"))
        return tuple(blocks)

    def _create(self) -> str:
        head = [f"-- {self._name}: initial schema."]
        head += self._sqlite_notes()
        kinds = {column.type.name for e in self._model.entities for column in e.columns}
        if self.engine.my and "timestamptz" in kinds:
            head.append("-- A timestamptz is a DATETIME in UTC: convert before writing.")
        parts = ["\n".join([*head, *self._vector_notes(), *self._place_notes()])]
        if self._model.vectors:
            parts.append("CREATE EXTENSION IF NOT EXISTS vector;")
        if self._model.points and self.engine.key == "postgresql":
            parts.append("CREATE EXTENSION IF NOT EXISTS postgis;")
        early = {id(item) for item in self._constraints(late=False)}
        for table in self._tables.values():
            included = [c for c in table.foreign_key_constraints if id(c) in early]
            create = CreateTable(table, include_foreign_key_constraints=included)
            parts.append(self._compiled(create))
        asked = {row.name for _, row in self._indexes}
        for table in self._tables.values():
            unique = [index for index in table.indexes if index.name not in asked]
            for index in sorted(unique, key=lambda index: str(index.name)):
                parts.append(self._compiled(CreateIndex(index)))
        parts += [f"{_purpose(row)}\n{text}" for text, row in self._indexes]
        parts += [self._compiled(AddConstraint(c)) for c in self._constraints(late=True)]
        return "\n\n".join(parts) + "\n"

    def _sqlite_notes(self) -> list[str]:
        """What the statements need of SQLite, as it is run."""
        if self.engine.key != "sqlite":
            return []
        managed = self.engine.backend.lacks("nodes")
        notes = [] if managed else ["-- STRICT tables need SQLite 3.37 or later."]
        if not self._references_optional:
            return notes
        if managed:
            return [
                "-- References are kept where the service sets foreign_keys = ON:",
                "-- insert an orphan by the client in use, and see that it is refused.",
                *notes,
            ]
        return [
            "-- SQLite keeps references only after PRAGMA foreign_keys = ON;",
            "-- run it on every connection, outside a transaction.",
            *notes,
        ]

    def _vector_notes(self) -> list[str]:
        """How a query must be written to use the indexes of vectors."""
        rows = [row for _, row in self._indexes if row.method == "hnsw"]
        if not rows:
            return []
        notes = [
            "-- Vectors are compared by cosine distance: ORDER BY <field> <=> <vector> LIMIT <n>.",
            "-- For another distance, change the operator class: vector_l2_ops serves <->.",
        ]
        if any("halfvec" in self._vector_element(row) for row in rows):
            notes.append("-- Where the index casts to halfvec, the ORDER BY must cast alike.")
        return notes

    def _place_notes(self) -> list[str]:
        """How a query must be written to use the indexes of places."""
        served = self.served
        return self._places.notes(
            [(entity, self._model.patterns_of(entity)) for entity in self._model.entities],
            lambda pattern: served[pattern.name].name,
        )

    def _drop(self) -> str:
        lines = [f"-- {self._name}: removes the initial schema and all rows in it."]
        if self._model.vectors:
            lines.append("-- The extension vector stays: other tables may use it.")
        if self._model.points and self.engine.key == "postgresql":
            lines.append("-- The extension postgis stays: other tables may use it.")
        # SQLite deletes a table's rows before it drops it, and keeps their references meanwhile.
        own = (
            k.entity == e.name and k.on_delete == "restrict"
            for e in self._model.entities
            for k in e.foreign_keys
        )
        circular = self.engine.key == "sqlite" and (bool(self._model.deferred) or any(own))
        optional = self._references_optional
        if circular:
            switch = "foreign_keys = OFF" if optional else "defer_foreign_keys = ON"
            lines.append(f"PRAGMA {switch};")
        lines += [self._compiled(DropConstraint(c)) for c in self._constraints(late=True)]
        lines += [f"DROP TABLE {name};" for name in self.boxes]
        tables = reversed(self._tables.values())
        lines += [self._compiled(DropTable(table)) for table in tables]
        if circular and optional:
            lines.append("PRAGMA foreign_keys = ON;")
        return "\n".join(lines) + "\n"

    def _online_indexes(self) -> str:
        notes = {
            "postgresql": (
                "-- Each statement alone, outside a transaction. A failed one leaves an invalid"
                "\n-- index: DROP INDEX CONCURRENTLY it, then run the statement again."
            ),
            "mysql": "-- Refused instead of blocking writes when it cannot be done online.",
            "mariadb": "-- Refused instead of blocking writes when it cannot be done online.",
            "sqlite": "-- Writers wait while an index is built"
            + (": set busy_timeout above that time." if self.engine.backend.embedded else "."),
            "sql-server": "-- ONLINE needs an edition that has it; not inside a transaction.",
        }
        endings = {
            "mysql": " ALGORITHM=INPLACE LOCK=NONE",
            "mariadb": " ALGORITHM=INPLACE LOCK=NONE",
            "sql-server": " WITH (ONLINE = ON)",
        }
        lines = [notes[self.engine.key]]
        for whole, row in self._indexes:
            text = whole.removesuffix(";")
            if row.method == "rtree":
                lines += [whole, self._places.fill(self._model.entity(row.entity), row)]
                continue
            if self.engine.key == "postgresql" and self._model.entity(row.entity).partition:
                lines.append(
                    "-- On each partition CONCURRENTLY, then ALTER INDEX ... ATTACH PARTITION."
                )
                text = text.replace(" ON ", " ON ONLY ", 1)
            elif self.engine.key == "postgresql":
                text = text.replace(" INDEX ", " INDEX CONCURRENTLY ", 1)
            ending = endings.get(self.engine.key, "")
            if row.method == "spatial":  # built without readers waiting, but writers do
                ending = " ALGORITHM=INPLACE LOCK=SHARED" if self.engine.my else ""
            lines.append(f"{text}{ending};")
        return "\n".join(lines) + "\n"


def _purpose(row: IndexRow) -> str:
    words = {"reference": "reference", "indexed": "asked for on", "expiry": "the end of"}
    reasons = [
        reason.name if reason.kind == "pattern" else f"{words[reason.kind]} {reason.name}"
        for reason in row.why
    ]
    return f"-- For: {'; '.join(reasons)}"
