"""A file of `CREATE TABLE` and its like, read by sqlglot in the dialect that a person names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ..errors import ConductorError
from ..steps.existing import Making
from .ddl_columns import FileColumns
from .ddl_rules import DISTINCT, FileRules
from .ddl_table import FileTable
from .endings import Parted, my_options, parted, plain
from .extra import need
from .found import MY_STORES, SQLGLOT_DIALECTS, FoundSchema, FoundTable
from .identity import words_of
from .leftover import Leftover
from .statements import makes, readable, statements
from .supplement_sqlite import particular

_IDENTITY = re.compile(
    r"ALTER\s+COLUMN\s+\"?(\w+)\"?\s+ADD\s+GENERATED\s+(ALWAYS|BY\s+DEFAULT)\b", re.IGNORECASE
)
_READ = re.compile(r"(?:CREATE|ALTER|COMMENT)\b", re.IGNORECASE)
_FIRST = (
    re.compile(r"CREATE\s+(?:SCHEMA|EXTENSION)\b", re.IGNORECASE),
    re.compile(r"CREATE\s+(?:TYPE|DOMAIN)\b", re.IGNORECASE),
)
"""What a table may need that is made after it, as dumps are put together by hand."""
_OWN = re.compile("sqlite_", re.IGNORECASE)
"""How SQLite begins the names of its own tables: https://www.sqlite.org/fileformat2.html#intschema."""
_VIEW_DROPPED = re.compile(r"DROP\s+VIEW\s+(?:IF\s+EXISTS\s+)?(\S+)", re.IGNORECASE)
_USUAL_SCHEMAS = {"", "public", "dbo", "main"}


def read(text: str, store: str) -> FoundSchema:
    """Read statements.

    Args:
        text: The file.
        store: Catalog key of the store whose dialect it is in.

    Raises:
        ConductorError: It has no `CREATE TABLE` that can be read.
    """
    reader = _Reader(store)
    for statement in sorted(statements(text, store), key=_place):
        reader.take(statement)
    unsaid = tuple(reader.leftover.lines())
    if not reader.tables:
        broken = next((line for line in unsaid if line.startswith("table ")), "")
        raise ConductorError(
            f"There is no CREATE TABLE that can be read{f': {broken}' if broken else ''}.",
            remedy="Name the dialect of the file with --dialect, or write that statement plainly.",
        )
    found = FoundSchema(store, tuple(reader.found()), unsaid=unsaid, making=reader.making())
    return found.with_uniques_merged()


def _place(statement: str) -> int:
    return next((n for n, begins in enumerate(_FIRST) if begins.match(statement)), len(_FIRST))


class _Reader:
    def __init__(self, store: str) -> None:
        self._store = store
        self._exp = need("sqlglot").exp
        self._dialect = SQLGLOT_DIALECTS[store]
        self.tables: dict[str, FileTable] = {}
        self.leftover = Leftover()
        self._rules = FileRules(store, self.tables, self.leftover)
        self._columns = FileColumns(store, self._rules)
        self._made: list[str] = []
        self._lacking = Leftover()

    def making(self) -> Making:
        """Return the statements that make all this on an empty store."""
        return Making(tuple(self._made), tuple(self._lacking.lines()))

    def found(self) -> Iterator[FoundTable]:
        """Yield the tables that are no parts of others, each with what fires on it."""
        for table, words in self.leftover.triggers:
            if table in self.tables:
                self.tables[table].fragile.append(words)
        others = self.leftover.parts | self.leftover.virtual
        own = (each for name, each in self.tables.items() if name not in others)
        yield from (each.found(self._store) for each in own)

    def take(self, text: str) -> None:
        """Read one statement."""
        if gone := self._placeholder(text):
            self._made.remove(gone)
        elif made := makes(text, self._store, self.tables):
            self._made.append(made)
        else:
            self._lacking.take(text)
        if _READ.match(text):
            self._read(readable(text, self._store))
        else:  # rows, which a file may have very many of
            self._leave(text)

    def _placeholder(self, text: str) -> str:
        """Return what a dump made in place of a view until its tables are there, and drops now."""
        dropped = _VIEW_DROPPED.match(text)
        named = re.compile(rf"CREATE\b[^(]*\bVIEW\s+{re.escape(dropped[1])}\s" if dropped else "$^")
        return next((made for made in self._made if named.match(made)), "")

    def _read(self, text: str) -> None:
        exp = self._exp
        sqlglot = need("sqlglot")
        table = parted(text, self._store)
        plain_text = text if table or not _is_index(text) else DISTINCT.sub("", text)
        try:
            whole = table.definition if table else plain_text
            node = sqlglot.parse_one(whole, dialect=self._dialect)
        except (sqlglot.errors.SqlglotError, RecursionError) as error:
            deep = isinstance(error, RecursionError)
            self._leave(text, "it is nested too deeply" if deep else str(error).partition(".")[0])
            return
        match node:
            case exp.Create() if self._store == "sqlite" and _OWN.match(node.this.this.name):
                pass
            case exp.Create() if table is not None and isinstance(node.this, exp.Schema):
                self._create(node, table)
            case exp.Create() if isinstance(node.this, exp.Index):
                self._rules.index(node, text)
            case exp.Create() if node.kind == "VIEW" and self._store == "postgresql":
                self._view(node)
                self._leave(text)
            case exp.Alter():
                self._alter(node, text)
            case exp.Comment() if isinstance(node.expression, exp.Literal):
                self._comment(node)
            case _ if not (self._type(node, text) or self._identity(text)):
                self._leave(text)

    def _type(self, node: Any, text: str) -> bool:
        """Read a type of the store's own; tell whether a statement makes one."""
        exp = self._exp
        made = isinstance(node, exp.Create) and node.kind == "TYPE"
        if made and isinstance(node.expression, exp.DataType):
            values = ", ".join(value.sql() for value in node.expression.expressions)
            self._columns.enum(node.this.name, values)
            self.leftover.note(f"type {node.this.name}")
            return True
        name = self._columns.domain(text)
        if name:
            self.leftover.note(f"type {name}")
        return bool(name)

    def _view(self, node: Any) -> None:
        """Note which columns a view reads, as far as its text tells; all of them for a star."""
        exp = self._exp
        named = {column.name for column in node.find_all(exp.Column)}
        stars = node.find_all(exp.Star)
        whole = any(not isinstance(star.parent, exp.Count) for star in stars)
        view = node.this.find(exp.Table).name
        for name in dict.fromkeys(table.name for table in node.expression.find_all(exp.Table)):
            there = self.tables.get(name)
            read = [c for c in there.columns if whole or c in named] if there else []
            if there and read:
                there.beside.append((view, "a view", tuple(read)))

    def _leave(self, text: str, reason: str = "") -> None:
        words = text.split()
        if reason and " ".join(words[:2]).upper() == "CREATE TABLE":
            self.leftover.note(f"table {words[2]} cannot be read: {reason}")
        else:
            self.leftover.take(text, self.tables)

    def _identity(self, text: str) -> bool:
        found = _IDENTITY.search(text)
        table = re.search(r"TABLE\s+(?:ONLY\s+)?(?:\"?\w+\"?\.)?\"?(\w+)\"?", text, re.IGNORECASE)
        known = self.tables.get(table[1]) if found and table else None
        if found is None or known is None or found[1] not in known.columns:
            return False
        always = found[2].upper() == "ALWAYS"
        column = known.columns[found[1]]
        known.columns[found[1]] = replace(
            column, numbered=True, always=always, attributes=words_of(text)
        )
        return True

    def _create(self, node: Any, statement: Parted) -> None:
        exp = self._exp
        name = node.this.this.name
        if name in self.tables and name not in self.leftover.dropped:
            self.leftover.note(f"a second table {name}")
            return
        schema = node.this.this.db
        if schema not in _USUAL_SCHEMAS:
            self.leftover.note(f"{name}: in the schema {schema}, which the answers do not say")
        table = self.tables[name] = FileTable(name)
        for item in node.this.expressions:
            if isinstance(item, exp.ColumnDef):
                self._columns.add(table, item)
            elif isinstance(item, exp.Identifier):  # SQLite takes it without a type
                self._columns.add(table, exp.ColumnDef(this=item))
            else:
                self._rules.constraint(table, item)
        told = plain(statement.ending, self._store)
        table.options = told if told or self._store not in MY_STORES else None
        if self._store in MY_STORES:
            options = my_options(statement.ending)
            table.comment = options.comment
            self._columns.compare_by(table, options.collation)
        if self._store == "mariadb":
            self._columns.see_documents(table)
        if self._store == "sqlite":
            table.fragile += particular(statement.definition)
        if statement.unlogged:
            table.fragile.append("UNLOGGED")

    def _alter(self, node: Any, text: str) -> None:
        exp = self._exp
        table = self.tables.get(node.this.name)
        if table is None:
            self._leave(text)
            return
        for action in node.args.get("actions") or ():
            if isinstance(action, exp.AddConstraint):
                for item in action.expressions:
                    self._rules.constraint(table, item)
            elif isinstance(action, exp.ColumnDef):
                self._columns.add(table, action)
            elif isinstance(action, exp.ModifyColumn):
                self._columns.add(table, action.this)
            elif isinstance(action, exp.AlterColumn) and action.args.get("default") is not None:
                shown = action.args["default"].sql(self._dialect)
                column = table.columns[action.name]
                table.columns[action.name] = self._columns.with_default(column, shown)
            else:
                self._leave(text)

    def _comment(self, node: Any) -> None:
        text = node.expression.name
        if node.args.get("kind") == "TABLE" and node.this.name in self.tables:
            self.tables[node.this.name].comment = text
        elif node.args.get("kind") == "COLUMN" and node.this.table in self.tables:
            table = self.tables[node.this.table]
            if node.this.name in table.columns:
                table.columns[node.this.name] = replace(table.columns[node.this.name], comment=text)
        else:
            self.leftover.note(f"comment on {node.this.sql()[:90]}")


def _is_index(text: str) -> bool:
    return bool(re.match(r"CREATE\s+UNIQUE\s+INDEX\b", text, re.IGNORECASE))
