"""A file of `CREATE TABLE` and its like, read by sqlglot in the dialect that a person names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from ..errors import ConductorError
from .endings import Parted, my_options, parted, plain
from .extra import need
from .found import (
    MY_STORES,
    SQLGLOT_DIALECTS,
    FoundCheck,
    FoundColumn,
    FoundIndex,
    FoundReference,
    FoundSchema,
    FoundTable,
    row_number,
)
from .kinds import is_text, kind_of
from .leftover import Leftover
from .statements import ANY, statements
from .supplement_sqlite import particular
from .supplements import ending

_IDENTITY = re.compile(
    r"ALTER\s+COLUMN\s+\"?(\w+)\"?\s+ADD\s+GENERATED\s+(ALWAYS|BY\s+DEFAULT)\b", re.IGNORECASE
)
_READ = re.compile(r"(?:CREATE|ALTER|COMMENT)\b", re.IGNORECASE)
_IN_SCHEMA = re.compile(r"^(?:\w+|\"[^\"]+\")\.(?=\w)")
_TYPE = re.compile(r"CREATE\s+TYPE\b", re.IGNORECASE)
_ACTION = re.compile(r"ON (DELETE|UPDATE) (CASCADE|SET NULL|SET DEFAULT|RESTRICT|NO ACTION)", re.I)
_OF_SQLITE = {"INT": "INTEGER", "DOUBLE": "REAL", ANY: "ANY"}
"""What sqlglot writes, and what is meant."""
_OWN = re.compile("sqlite_", re.IGNORECASE)
"""How SQLite begins the names of its own tables: https://www.sqlite.org/fileformat2.html#intschema."""
_COUNTED = {"SMALLSERIAL": "SMALLINT", "SERIAL": "INT", "BIGSERIAL": "BIGINT"}


@dataclass
class _Table:
    """A table whose statements are read one by one."""

    name: str
    columns: dict[str, FoundColumn] = field(default_factory=dict)
    key: tuple[str, ...] = ()
    uniques: list[tuple[str, ...]] = field(default_factory=list)
    checks: list[FoundCheck] = field(default_factory=list)
    references: list[FoundReference] = field(default_factory=list)
    indexes: list[FoundIndex] = field(default_factory=list)
    comment: str = ""
    key_name: str = ""
    unique_names: dict[tuple[str, ...], str] = field(default_factory=dict)
    options: str | None = None
    fragile: list[str] = field(default_factory=list)
    beside: list[tuple[str, str, tuple[str, ...]]] = field(default_factory=list)

    def found(self, store: str) -> FoundTable:
        """Return it as it was found."""
        columns = []
        for column in self.columns.values():
            keyed = column.name in self.key
            numbered = column.numbered or (store == "sqlite" and row_number(column, self.key))
            fixed = keyed or numbered
            columns.append(
                replace(column, nullable=column.nullable and not fixed, numbered=numbered)
            )
        return FoundTable(
            self.name,
            tuple(columns),
            self.key,
            tuple(dict.fromkeys(self.uniques)),
            tuple(self.checks),
            tuple(self.references),
            tuple(self.indexes),
            self.comment,
            key_name=self.key_name,
            unique_names=self.unique_names,
            options=self.options,
            fragile=tuple(self.fragile),
            beside=tuple(self.beside),
        )


def read(text: str, store: str) -> FoundSchema:
    """Read statements.

    Args:
        text: The file.
        store: Catalog key of the store whose dialect it is in.

    Raises:
        ConductorError: It has no `CREATE TABLE` that can be read.
    """
    reader = _Reader(store)
    # A type may be made after the table that has it, as dumps are put together by hand.
    for statement in sorted(statements(text, store), key=lambda text: not _TYPE.match(text)):
        if _READ.match(statement):
            reader.take(statement)
        else:  # rows, which a file may have very many of
            reader.leftover.take(statement, reader.tables)
    unsaid = tuple(reader.leftover.lines())
    if not reader.tables:
        broken = next((line for line in unsaid if line.startswith("table ")), "")
        raise ConductorError(
            f"There is no CREATE TABLE that can be read{f': {broken}' if broken else ''}.",
            remedy="Name the dialect of the file with --dialect, or write that statement plainly.",
        )
    return FoundSchema(store, tuple(reader.found()), unsaid=unsaid).with_uniques_merged()


def _with_default(column: FoundColumn, shown: str) -> FoundColumn:
    if "nextval" in shown.lower():
        return replace(column, default="", numbered=True)
    return replace(column, default=shown)


class _Reader:
    def __init__(self, store: str) -> None:
        self._store = store
        self._exp = need("sqlglot").exp
        self._dialect = SQLGLOT_DIALECTS[store]
        self.tables: dict[str, _Table] = {}
        self._enums: dict[str, str] = {}
        self.leftover = Leftover()

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
        exp = self._exp
        sqlglot = need("sqlglot")
        table = parted(text, self._store)
        try:
            node = sqlglot.parse_one(table.definition if table else text, dialect=self._dialect)
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
                self._index(node)
            case exp.Create() if node.kind == "TYPE" and isinstance(node.expression, exp.DataType):
                values = ", ".join(value.sql() for value in node.expression.expressions)
                self._enums[node.this.name.lower()] = f"ENUM({values})"
                self.leftover.note(f"type {node.this.name}")
            case exp.Create() if node.kind == "VIEW" and self._store == "postgresql":
                self._view(node)
                self._leave(text)
            case exp.Alter():
                self._alter(node, text)
            case exp.Comment() if isinstance(node.expression, exp.Literal):
                self._comment(node)
            case exp.Command() if self._identity(text):
                pass
            case _:
                self._leave(text)

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
        known.columns[found[1]] = replace(known.columns[found[1]], numbered=True, always=always)
        return True

    def _create(self, node: Any, statement: Parted) -> None:
        exp = self._exp
        name = node.this.this.name
        if name in self.tables and name not in self.leftover.dropped:
            self.leftover.note(f"a second table {name}")
            return
        table = self.tables[name] = _Table(name)
        for item in node.this.expressions:
            if isinstance(item, exp.ColumnDef):
                self._column(table, item)
            elif isinstance(item, exp.Identifier):  # SQLite takes it without a type
                self._column(table, exp.ColumnDef(this=item))
            else:
                self._constraint(table, item)
        told = plain(statement.ending, self._store)
        table.options = told if told or self._store not in MY_STORES else None
        if self._store in MY_STORES:
            options = my_options(statement.ending)
            table.comment = options.comment
            self._compare_by(table, options.collation)
        if self._store == "mariadb":
            _see_documents(table)
        if self._store == "sqlite":
            table.fragile += particular(statement.definition)
        if statement.unlogged:
            table.fragile.append("UNLOGGED")

    def _compare_by(self, table: _Table, collation: str) -> None:
        """Note how texts are compared that say nothing of it themselves."""
        for name, column in table.columns.items():
            said = column.collation or "CHARACTER SET" in " ".join(column.attributes)
            if not said and is_text(kind_of(column.type, self._store)):
                table.columns[name] = replace(column, collation=collation)

    def _column(self, table: _Table, node: Any) -> None:
        exp = self._exp
        text = self._type(node.args.get("kind"))
        numbered = text.upper() in _COUNTED
        comment = " ".join(c.strip() for c in node.comments or ())
        declared = self._declared(node.args.get("kind"))
        column = FoundColumn(
            node.name, _COUNTED.get(text.upper(), text), numbered=numbered, declared=declared
        )
        for item in node.constraints:
            if isinstance(item.kind, exp.CommentColumnConstraint):
                comment = item.kind.this.name
            elif not self._rule_of_column(table, node.name, item):
                column = self._with(table, column, item)
        if column.collation:  # it is of one character set
            own = tuple(word for word in column.attributes if not word.startswith("CHARACTER SET"))
            column = replace(column, attributes=own)
        column = replace(column, nullable=column.nullable and not column.numbered, comment=comment)
        if self._store in MY_STORES:
            more = ending(column.collation, *column.attributes, comment=comment)
            column = replace(column, more=more)
        table.columns[node.name] = column

    def _rule_of_column(self, table: _Table, name: str, item: Any) -> bool:
        """Read a rule that stands beside a column and is one of its table."""
        exp = self._exp
        kind = item.kind
        match kind:
            case exp.PrimaryKeyColumnConstraint():
                table.key = (name,)
            case exp.UniqueColumnConstraint():
                table.uniques.append((name,))
            case exp.CheckColumnConstraint():
                named = item.this.name if item.this else ""
                table.checks.append(FoundCheck(kind.this.sql(self._dialect), named))
            case exp.Reference():
                table.references.append(self._reference((name,), kind, ""))
            case _:
                return False
        return True

    def _with(self, table: _Table, column: FoundColumn, item: Any) -> FoundColumn:
        """Read what is said of a column alone."""
        exp = self._exp
        kind = item.kind
        said: dict[str, Any] = {}
        match kind:
            case exp.NotNullColumnConstraint():
                said = {"nullable": bool(kind.args.get("allow_null"))}
            case exp.DefaultColumnConstraint():
                return _with_default(column, kind.this.sql(self._dialect))
            case exp.GeneratedAsIdentityColumnConstraint():
                said = {"numbered": True, "always": kind.this is True}
            case exp.AutoIncrementColumnConstraint():
                said = {"numbered": True}
            case exp.ZeroFillColumnConstraint():
                said = {"type": f"{column.type} ZEROFILL"}
            case exp.ComputedColumnConstraint():
                said = {"computed": kind.this.sql(self._dialect)}
            case exp.CollateColumnConstraint():
                said = {"collation": self._collation(kind)}
        if said:
            return replace(column, **said)
        words = item.sql(self._dialect)[:90]
        if self._store not in MY_STORES:  # which write it again with the column
            table.beside.append(("", f"{words} of {column.name}", (column.name,)))
        return replace(column, attributes=(*column.attributes, words))

    def _collation(self, kind: Any) -> str:
        # So dumps of PostgreSQL name those that come with it.
        return str(kind.this.sql(self._dialect)).removeprefix("pg_catalog.").strip('"')

    def _type(self, kind: Any) -> str:
        if kind is None:
            return "BLOB"  # what SQLite takes a column without a type for
        # For SQLite, sqlglot writes the type that a value has, and not the one that was declared.
        text = str(kind.sql("" if self._store == "sqlite" else self._dialect))
        if self._store == "sqlite" and text in _OF_SQLITE:
            return _OF_SQLITE[text]
        if self._store == "postgresql":
            text = _IN_SCHEMA.sub("", text)
        return self._enums.get(_named_type(text), text)

    def _declared(self, kind: Any) -> str:
        """The name of a type of the store's own that is taken apart; else empty."""
        name = _named_type(str(kind.sql(self._dialect))) if kind is not None else ""
        return name if name in self._enums else ""

    def _constraint(self, table: _Table, node: Any) -> None:
        exp = self._exp
        name = ""
        if isinstance(node, exp.Constraint):
            name = node.name
            for item in node.expressions:
                self._rule(table, item, name)
        else:
            self._rule(table, node, name)

    def _rule(self, table: _Table, node: Any, name: str) -> None:
        exp = self._exp
        match node:
            case exp.PrimaryKey():
                table.key = tuple(self._names(node.expressions))
                table.key_name = name
            case exp.UniqueColumnConstraint() if node.find(exp.ColumnPrefix):
                columns_, special = self._ordered(node.this.expressions)
                table.indexes.append(FoundIndex(node.this.name, columns_, True, "", special))
            case exp.UniqueColumnConstraint():
                columns = tuple(self._names(node.this.expressions))
                table.uniques.append(columns)
                inner = node.this if isinstance(node.this, exp.Schema) else None
                table.unique_names[columns] = name or (inner.name if inner else "")
            case exp.ForeignKey():
                columns = tuple(self._names(node.expressions))
                table.references.append(
                    self._reference(columns, node.args["reference"], name, node.sql(self._dialect))
                )
            case exp.CheckColumnConstraint():
                table.checks.append(FoundCheck(node.this.sql(self._dialect), name))
            case exp.IndexColumnConstraint():
                columns_, special = self._ordered(node.expressions)
                prefix = f"prefix {_kind_of(node)}" if _kind_of(node) else ""
                special = "; ".join(filter(None, (special, prefix)))
                table.indexes.append(FoundIndex(node.name, columns_, special=special))
            case _:
                words = node.sql(self._dialect)[:90]
                self.leftover.note(f"{table.name}: {words}")
                named = {each.name for each in node.find_all(exp.Identifier)} & set(table.columns)
                table.beside.append((node.name or name or "a rule", words, tuple(sorted(named))))

    def _names(self, nodes: Any) -> Iterator[str]:
        for node in nodes:
            yield node.this.name if isinstance(node, self._exp.Ordered) else node.name

    def _reference(
        self, columns: tuple[str, ...], node: Any, name: str, text: str = ""
    ) -> FoundReference:
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
        )

    def _key_of(self, table: str) -> tuple[str, ...]:
        known = self.tables.get(table)
        return known.key if known else ()

    def _ordered(self, nodes: Any) -> tuple[tuple[tuple[str, str], ...], str]:
        exp = self._exp
        columns, special = [], []
        for node in nodes:
            inner = node.this if isinstance(node, exp.Ordered) else node
            falls = isinstance(node, exp.Ordered) and bool(node.args.get("desc"))
            if isinstance(inner, exp.Column | exp.Identifier):
                columns.append((inner.name, "desc" if falls else "asc"))
            elif isinstance(inner, exp.Collate) and isinstance(inner.this, exp.Column):
                columns.append((inner.this.name, "desc" if falls else "asc"))
                special.append(f"collate {inner.expression.name} of {inner.this.name}")
            elif isinstance(inner, exp.ColumnPrefix):
                columns.append((inner.this.name, "desc" if falls else "asc"))
                special.append(f"length {inner.expression.sql()} of {inner.this.name}")
            else:
                columns.append((inner.sql(self._dialect), "asc"))
                special.append("expression")
        return tuple(columns), "; ".join(special)

    def _index(self, node: Any) -> None:
        index = node.this
        table = self.tables.get(index.args["table"].name)
        if table is None:
            self.leftover.note(f"index {index.name} of a table that is not there")
            return
        params = index.args.get("params")
        columns, special = self._ordered(params.args.get("columns") or ())
        using = params.args.get("using")
        method = using.name.lower() if using is not None else "btree"
        if method != "btree":
            special = "; ".join(filter(None, (special, f"using {method}")))
        if more := params.args.get("include"):
            named = f"include {[column.name for column in more]}"
            special = "; ".join(sorted(filter(None, (special, named))))
        where = params.args.get("where")
        shown = where.this.sql(self._dialect) if where is not None else ""
        found = FoundIndex(index.name, columns, bool(node.args.get("unique")), shown, special)
        table.indexes.append(found)

    def _alter(self, node: Any, text: str) -> None:
        exp = self._exp
        table = self.tables.get(node.this.name)
        if table is None:
            self._leave(text)
            return
        for action in node.args.get("actions") or ():
            if isinstance(action, exp.AddConstraint):
                for item in action.expressions:
                    self._constraint(table, item)
            elif isinstance(action, exp.ColumnDef):
                self._column(table, action)
            elif isinstance(action, exp.AlterColumn) and action.args.get("default") is not None:
                shown = action.args["default"].sql(self._dialect)
                table.columns[action.name] = _with_default(table.columns[action.name], shown)
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


def _see_documents(table: _Table) -> None:
    """Find columns of JSON: a LONGTEXT with a check, see https://mariadb.com/kb/en/json/."""
    for name, column in table.columns.items():
        valid = [c for c in table.checks if c.text.lower() == f"json_valid(`{name.lower()}`)"]
        if valid and column.type == "LONGTEXT":
            table.columns[name] = replace(column, type="JSON", collation="")
            table.checks.remove(valid[0])


def _named_type(text: str) -> str:
    """A type's name as it is looked up: without its schema, in lower case."""
    return text.rpartition(".")[2].strip('"').lower()


def _kind_of(node: Any) -> str:
    """What stands before the word INDEX within a table, such as SPATIAL."""
    return str(node.args.get("kind") or "").upper()
