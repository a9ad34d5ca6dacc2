"""Keys, rules and indexes of a file of DDL."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .ddl_table import FileTable
from .extra import need
from .found import IGNORED, MY_STORES, SQLGLOT_DIALECTS, FoundCheck, FoundIndex, FoundReference
from .leftover import Leftover

_ACTION = re.compile(r"ON (DELETE|UPDATE) (CASCADE|SET NULL|SET DEFAULT|RESTRICT|NO ACTION)", re.I)
_LATE = re.compile(r"(?<!NOT )DEFERRABLE")
DISTINCT = re.compile(r"\s+NULLS\s+NOT\s+DISTINCT\b", re.IGNORECASE)
"""What sqlglot reads of a rule and not of an index."""


class FileRules:
    """Reads what holds of the tables of a file.

    Args:
        store: Catalog key of its store.
        tables: Those that were read so far.
        leftover: Takes what has no place.
    """

    def __init__(self, store: str, tables: Mapping[str, FileTable], leftover: Leftover) -> None:
        self._store = store
        self._exp = need("sqlglot").exp
        self._dialect = SQLGLOT_DIALECTS[store]
        self._tables = tables
        self._leftover = leftover

    def constraint(self, table: FileTable, node: Any) -> None:
        """Read a constraint that stands by itself."""
        if isinstance(node, self._exp.Constraint):
            for item in node.expressions:
                self._rule(table, item, node.name)
        else:
            self._rule(table, node, "")

    def _rule(self, table: FileTable, node: Any, name: str) -> None:
        exp = self._exp
        match node:
            case exp.PrimaryKey():
                table.key = tuple(self._names(node.expressions))
                table.key_name = name
                if words := self._words(node):
                    table.fragile.append(f"PRIMARY KEY {words}")
            case exp.UniqueColumnConstraint() if self._is_ordered(node):
                columns_, special = self._ordered(node.this.expressions)
                table.indexes.append(FoundIndex(node.this.name, columns_, True, "", special))
            case exp.UniqueColumnConstraint():
                columns = tuple(self._names(node.this.expressions))
                inner = node.this if isinstance(node.this, exp.Schema) else None
                self.unique(table, columns, node, name or (inner.name if inner else ""))
            case exp.ForeignKey():
                columns = tuple(self._names(node.expressions))
                table.references.append(
                    self.reference(columns, node.args["reference"], name, node.sql(self._dialect))
                )
            case exp.CheckColumnConstraint() if not any("NOT ENFORCED" in c for c in _said(node)):
                table.checks.append(FoundCheck(node.this.sql(self._dialect), name))
            case exp.IndexColumnConstraint():
                table.indexes.append(self._own_index(node))
            case _:
                self._leave(table, node, name)

    def _is_ordered(self, node: Any) -> bool:
        """Tell whether a unique rule is on how values begin, or has columns that fall."""
        falling = (each.args.get("desc") for each in node.find_all(self._exp.Ordered))
        return any(falling) or node.find(self._exp.ColumnPrefix) is not None

    def _leave(self, table: FileTable, node: Any, name: str) -> None:
        """Keep a line about a rule that has no place, and the columns that it names."""
        words = " ".join([node.sql(self._dialect, comments=False)[:90], *_said(node)])
        self._leftover.note(f"{table.name}: {words}")
        named = {each.name for each in node.find_all(self._exp.Identifier)} & set(table.columns)
        table.beside.append((node.name or name or "a rule", words, tuple(sorted(named))))

    def unique(self, table: FileTable, columns: tuple[str, ...], node: Any, name: str = "") -> None:
        """Read a unique rule of a table, or of a column."""
        table.uniques.append(columns)
        if name:
            table.unique_names[columns] = name
        distinct = "NULLS NOT DISTINCT" if node.args.get("nulls") else ""
        if words := " ".join(filter(None, (distinct, self._words(node)))):
            table.unique_words[columns] = words

    def _words(self, node: Any) -> str:
        """What else a key or a unique rule says, as PostgreSQL tells it."""
        if self._store != "postgresql":
            return ""
        params = node.args.get("include")
        more = (params.args.get("include") if params is not None else None) or ()
        included = f"INCLUDE ({', '.join(column.name for column in more)})" if more else ""
        options = (str(each).upper() for each in node.args.get("options") or ())
        late = [each for each in options if each not in ("NOT DEFERRABLE", "INITIALLY IMMEDIATE")]
        return " ".join(filter(None, (included, *late)))

    def _names(self, nodes: Any) -> Iterator[str]:
        for node in nodes:
            yield node.this.name if isinstance(node, self._exp.Ordered) else node.name

    def reference(
        self, columns: tuple[str, ...], node: Any, name: str, text: str = ""
    ) -> FoundReference:
        """Read a reference of some columns; `text` is the whole of it, where it is a rule."""
        target = node.this
        there = target.this.name if isinstance(target, self._exp.Schema) else target.name
        referred = tuple(item.name for item in target.expressions)
        words = f"{text} {node.sql(self._dialect)}".upper()
        actions = {event.lower(): action.lower() for event, action in _ACTION.findall(words)}
        plain = {"restrict": "no action"} if self._store in MY_STORES else {}
        found = {e: plain.get(a, a) for e, a in actions.items()}
        return FoundReference(
            columns,
            there,
            referred or self._key_of(there),
            found.get("delete", "no action"),
            found.get("update", "no action"),
            name,
            "INITIALLY DEFERRED" in words,
            # SQLite asks a transaction nothing: https://www.sqlite.org/foreignkeys.html#fk_deferred
            self._store == "postgresql" and bool(_LATE.search(words)),
        )

    def _key_of(self, table: str) -> tuple[str, ...]:
        known = self._tables.get(table)
        return known.key if known else ()

    def _ordered(self, nodes: Iterable[Any]) -> tuple[tuple[tuple[str, str], ...], str]:
        exp = self._exp
        columns, special = list[tuple[str, str]](), list[str]()
        for node in nodes:
            inner = node.this if isinstance(node, exp.Ordered) else node
            falls = isinstance(node, exp.Ordered) and bool(node.args.get("desc"))
            if isinstance(inner, exp.Opclass):
                operators = inner.expression.sql(self._dialect).removeprefix("public.")
                special.append(f"ops {operators}")
                inner = inner.this
            name, more = self._element(inner)
            columns.append((name, "desc" if falls and more != "expression" else "asc"))
            special += [more] if more else []
            if self._store == "postgresql" and isinstance(node, exp.Ordered):
                first = bool(node.args.get("nulls_first"))
                # The usual place of what is missing is that of the greatest value.
                if first is not falls:
                    special.append(f"nulls_{'first' if first else 'last'} {name}")
        return tuple(columns), "; ".join(sorted(special))

    def _element(self, node: Any) -> tuple[str, str]:
        """Return what an index holds, and what is particular about that."""
        exp = self._exp
        if isinstance(node, exp.Column | exp.Identifier):
            return node.name, ""
        if isinstance(node, exp.Collate) and isinstance(node.this, exp.Column):
            name = node.this.name
            return name, f"collate {node.expression.name} of {name}"
        if isinstance(node, exp.ColumnPrefix):
            return node.this.name, f"length {node.expression.sql()} of {node.this.name}"
        return node.sql(self._dialect), "expression"

    def _own_index(self, node: Any) -> FoundIndex:
        """Read an index that stands among the columns of its table."""
        columns, special = self._ordered(node.expressions)
        kind = str(node.args.get("kind") or "").upper()  # such as SPATIAL
        hidden = any(each.args.get("visible") is False for each in node.args.get("options") or ())
        words = (special, f"prefix {kind}" if kind else "", IGNORED if hidden else "")
        return FoundIndex(node.name, columns, special="; ".join(filter(None, words)))

    def index(self, node: Any, text: str) -> None:
        """Read a statement that makes an index."""
        index = node.this
        table = self._tables.get(index.args["table"].name)
        if table is None:
            self._leftover.note(f"index {index.name} of a table that is not there")
            return
        params = index.args.get("params")
        columns, special = self._ordered(params.args.get("columns") or ())
        words = special.split("; ") if special else []
        using = params.args.get("using")
        if using is not None and using.name.lower() != "btree":
            words.append(f"using {using.name.lower()}")
        if more := params.args.get("include"):
            words.append(f"include {[column.name for column in more]}")
        if storage := params.args.get("with_storage"):
            words.append(
                f"with { ({each.this.name: each.args['value'].name for each in storage}) }"
            )
        if DISTINCT.search(text):
            words.append("nulls_not_distinct True")
        where = params.args.get("where")
        shown = where.this.sql(self._dialect) if where is not None else ""
        unique = bool(node.args.get("unique"))
        found = FoundIndex(index.name, columns, unique, shown, "; ".join(sorted(words)))
        table.indexes.append(found)


def _said(node: Any) -> list[str]:
    """Return what a comment says that MySQL runs and the grammar does not know."""
    return [re.sub(r"^!\d*", "", each).strip() for each in node.comments or ()]
