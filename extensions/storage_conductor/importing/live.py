"""A database that exists, read by SQLAlchemy's inspector and, where that stops, by its catalog."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.reflection import Inspector, ObjectKind

from ..steps.existing import NOTHING_MADE
from .beside import beside, not_own
from .connecting import store_of
from .endings import computed_by
from .found import (
    MY_STORES,
    FoundCheck,
    FoundColumn,
    FoundIndex,
    FoundReference,
    FoundSchema,
    FoundTable,
)
from .identity import words as identity_words
from .making import making
from .supplement import Supplement
from .supplements import SUPPLEMENTS

_OF_TOOLS = ("alembic_version", "flyway_schema_history", "schema_migrations")
_ON_UPDATE = re.compile(r"\s+ON UPDATE ", re.IGNORECASE)
_Key = tuple[str | None, str]


def read(connection: sa.Connection, only: Collection[str] | None = None) -> FoundSchema:
    """Read the tables of the connection's usual schema.

    Args:
        connection: From `connecting`.
        only: Names of the tables that matter; `None` for all.
    """
    store = store_of(connection)
    inspector = sa.inspect(connection)
    others = not_own(connection, store)
    there = [name for name in inspector.get_table_names() if name not in others]
    skipped = _OF_TOOLS if only is None else ()
    names = [n for n in there if n not in skipped and (only is None or n in only)]
    reader = _Reader(connection, store, inspector, names)
    unsaid = () if only is not None else unsaid_of(connection)
    tables = tuple(reader.table(name) for name in sorted(names))
    made = NOTHING_MADE if only is not None else making(connection, store, _OF_TOOLS, unsaid)
    return FoundSchema(store, tables, unsaid=unsaid, making=made).with_uniques_merged()


def unsaid_of(connection: sa.Connection) -> tuple[str, ...]:
    """Return what the connection's usual schema holds and has no place in tables, a line each."""
    store = store_of(connection)
    inspector = sa.inspect(connection)
    tools = [name for name in inspector.get_table_names() if name in _OF_TOOLS]
    return (
        *beside(connection, store, inspector),
        *(f"table {name}, where a migration tool keeps what it applied" for name in tools),
    )


class _Reader:
    """Asks for everything at once: one question for each kind of thing, not for each table."""

    def __init__(
        self, connection: sa.Connection, store: str, inspector: Inspector, names: list[str]
    ) -> None:
        self._store = store
        self._dialect = connection.dialect

        def asked(question: Callable[..., Mapping[_Key, Any]]) -> dict[str, Any]:
            if not names:
                return {}
            found = question(filter_names=names, kind=ObjectKind.TABLE)
            return {name: value for (_, name), value in found.items()}

        with warnings.catch_warnings():
            # What it skips, the supplement tells.
            warnings.filterwarnings("ignore", "Skipped unsupported reflection")
            warnings.filterwarnings("ignore", "Unknown schema content")
            self._columns = asked(inspector.get_multi_columns)
            self._keys = asked(inspector.get_multi_pk_constraint)
            self._references = asked(inspector.get_multi_foreign_keys)
            self._indexes = asked(inspector.get_multi_indexes)
        comments = self._dialect.supports_comments
        self._comments = asked(inspector.get_multi_table_comment) if comments else {}
        self._more = SUPPLEMENTS.get(store, Supplement)(connection, names)
        self._uniques = self._more.uniques or asked(inspector.get_multi_unique_constraints)
        self._checks = self._more.checks or asked(inspector.get_multi_check_constraints)

    def table(self, name: str) -> FoundTable:
        """Put together what was found of a table."""
        columns = [self._column(name, column) for column in self._columns[name]]
        checks = [FoundCheck(c["sqltext"], c["name"] or "") for c in self._checks.get(name, ())]
        documents = self._more.documents.get(name, frozenset())
        key = tuple(self._keys[name]["constrained_columns"])
        uniques = dict(self._unique_rules(name))
        return FoundTable(
            name=name,
            columns=tuple(self._more.keyed(column, key, documents) for column in columns),
            key=key,
            key_name=self._keys[name].get("name") or "",
            uniques=tuple(uniques),
            unique_names=uniques,
            unique_words={
                columns: words
                for columns, rule in uniques.items()
                if (words := self._more.unique_words.get((name, rule)))
            },
            options=self._more.options.get(name),
            beside=tuple(
                (*reader, tuple(columns))
                for reader, columns in self._more.readers.get(name, {}).items()
            ),
            fragile=self._more.fragile.get(name, ()),
            checks=(*checks, *self._more.of_types.get(name, ())),
            references=tuple(self._reference(name, k) for k in self._references.get(name, ())),
            indexes=(
                *(
                    self._index(name, index)
                    for index in self._indexes.get(name, ())
                    if not index.get("duplicates_constraint")
                ),
                *(
                    index
                    for index in self._more.indexes.get(name, ())
                    if index.name not in {each["name"] for each in self._indexes.get(name, ())}
                ),
            ),
            comment=(self._comments.get(name) or {}).get("text") or "",
        )

    def _unique_rules(self, table: str) -> Iterator[tuple[tuple[str, ...], str]]:
        """Yield columns that no two rows share, each with the name of the rule."""
        begun = {
            index["name"]
            for index in self._indexes.get(table, ())
            if any(key.endswith("_length") for key in index.get("dialect_options") or {})
            or self._more.falling.get((table, str(index["name"])))
        }
        for rule in self._uniques.get(table, ()):
            # Of whole values, and not of how they begin; one whose columns fall is an index.
            if rule.get("name") not in begun:
                yield tuple(rule["column_names"]), str(rule.get("name") or "")

    def _column(self, table: str, column: Mapping[str, Any]) -> FoundColumn:
        # What MariaDB and MySQL do on each update stands behind the column.
        default = _ON_UPDATE.split(str(column.get("default") or ""))[0]
        identity = column.get("identity") or {}
        default = default or self._more.defaults.get((table, column["name"]), "")
        asked = self._store == "postgresql" and "nextval(" in default
        counted = bool(identity) or asked
        counted = counted or (self._store in MY_STORES and column.get("autoincrement") is True)
        return FoundColumn(
            name=column["name"],
            type=self._more.types.get((table, column["name"])) or self._type(column["type"]),
            nullable=bool(column["nullable"]),
            default="" if counted or column.get("computed") else default,
            numbered=counted,
            computed=self._more.computed.get((table, column["name"]))
            or (column.get("computed") or {}).get("sqltext", ""),
            comment=column.get("comment") or "",
            collation=self._more.collations.get((table, column["name"]), ""),
            declared=self._more.declared.get((table, column["name"]), ""),
            more=" ".join(
                filter(
                    None,
                    (
                        self._computed(column),
                        self._more.endings.get((table, column["name"]), ""),
                    ),
                )
            ),
            always=bool(identity.get("always")),
            attributes=(
                *self._more.attributes.get((table, column["name"]), ()),
                *identity_words(identity),
            ),
        )

    def _computed(self, column: Mapping[str, Any]) -> str:
        """Return what stands behind a computed column, where it can be written so again."""
        computed = column.get("computed")
        # MariaDB and MySQL take no NOT NULL before it.
        again = self._store == "postgresql" or (self._store in MY_STORES and column["nullable"])
        if not computed or not again:
            return ""
        text = str(computed["sqltext"]).removeprefix("(").removesuffix(")")
        expression = text if self._store in MY_STORES else computed["sqltext"]
        return computed_by(expression, stored=computed.get("persisted") is not False)

    def _type(self, kind: sa.types.TypeEngine[Any]) -> str:
        if isinstance(kind, sa.Enum):
            return "ENUM({})".format(", ".join(f"'{value}'" for value in kind.enums))
        try:
            text = kind.compile(dialect=self._dialect)
        except sa.exc.CompileError:
            return "unknown"
        return re.sub(r" (?:CHARACTER SET|COLLATE) \S+", "", text)

    def _reference(self, table: str, key: Mapping[str, Any]) -> FoundReference:
        columns = tuple(key["constrained_columns"])
        options = (key.get("options") or {}) | self._more.references.get((table, columns), {})
        return FoundReference(
            columns=columns,
            table=key["referred_table"],
            referred=tuple(key["referred_columns"]),
            on_delete=self._action(options.get("ondelete")),
            on_update=self._action(options.get("onupdate")),
            name=key.get("name") or "",
            deferred=str(options.get("initially", "")).upper() == "DEFERRED",
            deferrable=bool(options.get("deferrable")),
        )

    def _action(self, action: str | None) -> str:
        low = (action or "no action").lower()
        # Both are checked at once there: https://mariadb.com/kb/en/foreign-keys/
        return "no action" if self._store in MY_STORES and low == "restrict" else low

    def _index(self, table: str, index: Mapping[str, Any]) -> FoundIndex:
        prefix = {"sql-server": "mssql"}.get(self._store, self._store)
        options = {
            key.removeprefix(f"{prefix}_"): value
            for key, value in (index.get("dialect_options") or {}).items()
            if value not in (None, "", [], {}, False)
        }
        where = str(options.pop("where", ""))
        falling = self._more.falling.get((table, index["name"]), frozenset())
        sorting = index.get("column_sorting") or {}
        texts = index.get("expressions") or index["column_names"]
        columns = []
        operators = options.pop("ops", {})
        special = [f"ops {name}" for name in operators.values()]
        lengths = options.pop("length", {})
        special += [f"length {most} of {name}" for name, most in lengths.items()]
        special += [f"{key} {value}" for key, value in options.items() if key != "clustered"]
        for place, (name, text) in enumerate(zip(index["column_names"], texts, strict=True)):
            ways = sorting.get(name or text, ())
            falls = "desc" in ways or place in falling
            columns.append((name or str(text), "desc" if falls else "asc"))
            if name is None:
                special.append("expression")
            special += [f"{way} {name}" for way in ways if way.startswith("nulls")]
        special += self._more.remarks.get((table, index["name"]), ())
        said = "; ".join(sorted(special))
        return FoundIndex(index["name"], tuple(columns), bool(index["unique"]), where, said)
