"""Columns of a file of DDL, and the types of its own that they have."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from .ddl_rules import FileRules
from .ddl_table import FileTable
from .endings import computed_by, ending
from .extra import need
from .found import MY_STORES, SQLGLOT_DIALECTS, FoundCheck, FoundColumn, domain_check
from .identity import words_of
from .kinds import is_text, kind_of
from .statements import ANY

_IN_SCHEMA = re.compile(r"^(?:\w+|\"[^\"]+\")\.(?=\w)")
_OF_SQLITE = {"INT": "INTEGER", "DOUBLE": "REAL", ANY: "ANY"}
"""What sqlglot writes, and what is meant."""
_COUNTED = {"SMALLSERIAL": "SMALLINT", "SERIAL": "INT", "BIGSERIAL": "BIGINT"}
_DOMAIN = re.compile(
    r"CREATE\s+DOMAIN\s+(?:(?:\"[^\"]+\"|\w+)\.)?(\"[^\"]+\"|\w+)\s+(?:AS\s+)?(.+)",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True)
class _Domain:
    """A domain, as a column of it is."""

    column: FoundColumn
    checks: tuple[FoundCheck, ...]


class FileColumns:
    """Reads columns.

    Args:
        store: Catalog key of their store.
        rules: Reads the rules that stand beside them.
    """

    def __init__(self, store: str, rules: FileRules) -> None:
        self._store = store
        self._rules = rules
        self._exp = need("sqlglot").exp
        self._dialect = SQLGLOT_DIALECTS[store]
        self._enums: dict[str, str] = {}
        self._domains: dict[str, _Domain] = {}

    def enum(self, name: str, values: str) -> None:
        """Note an enum of the store's own."""
        self._enums[name.lower()] = f"ENUM({values})"

    def domain(self, text: str) -> str:
        """Note a domain and return its name; empty where a statement makes none."""
        found = _DOMAIN.match(text)
        if found is None:
            return ""
        sqlglot = need("sqlglot")
        name = found[1].strip('"')
        try:
            node = sqlglot.parse_one(f"CREATE TABLE d (VALUE {found[2]})", dialect=self._dialect)
        except (sqlglot.errors.SqlglotError, RecursionError):
            return ""
        table = FileTable(name)
        self.add(table, node.this.expressions[0])
        column = table.columns["VALUE"]
        checks = (replace(c, name=c.name or f"{name}_check") for c in table.checks)
        self._domains[name.lower()] = _Domain(replace(column, declared=name), tuple(checks))
        return name

    def add(self, table: FileTable, node: Any) -> None:
        """Read a column of a table."""
        exp = self._exp
        comment = " ".join(c.strip() for c in node.comments or ())
        column = self._begun(table, node)
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

    def _begun(self, table: FileTable, node: Any) -> FoundColumn:
        """Return a column with what its type alone says."""
        kind = node.args.get("kind")
        own = _named_type(str(kind.sql(self._dialect))) if kind is not None else ""
        if domain := self._domains.get(own):
            checks = (domain_check(check.name, check.text, node.name) for check in domain.checks)
            table.checks += checks
            return replace(domain.column, name=node.name)
        text = self._type(kind)
        plain = _COUNTED.get(text.upper(), text)
        declared = own if own in self._enums else ""
        return FoundColumn(node.name, plain, numbered=plain != text, declared=declared)

    def _rule_of_column(self, table: FileTable, name: str, item: Any) -> bool:
        """Read a rule that stands beside a column and is one of its table."""
        exp = self._exp
        kind = item.kind
        match kind:
            case exp.PrimaryKeyColumnConstraint():
                table.key = (name,)
            case exp.UniqueColumnConstraint():
                self._rules.unique(table, (name,), kind)
            case exp.CheckColumnConstraint():
                named = item.this.name if item.this else ""
                table.checks.append(FoundCheck(kind.this.sql(self._dialect), named))
            case exp.Reference():
                table.references.append(self._rules.reference((name,), kind, ""))
            case _:
                return False
        return True

    def _with(self, table: FileTable, column: FoundColumn, item: Any) -> FoundColumn:
        """Read what is said of a column alone."""
        exp = self._exp
        kind = item.kind
        said: dict[str, Any] = {}
        match kind:
            case exp.NotNullColumnConstraint():
                said = {"nullable": bool(kind.args.get("allow_null"))}
            case exp.DefaultColumnConstraint():
                return self.with_default(column, kind.this.sql(self._dialect))
            case exp.GeneratedAsIdentityColumnConstraint():
                attributes = (*column.attributes, *words_of(item.sql(self._dialect)))
                said = {"numbered": True, "always": kind.this is True, "attributes": attributes}
            case exp.AutoIncrementColumnConstraint():
                said = {"numbered": True}
            case exp.ZeroFillColumnConstraint():
                said = {"type": f"{column.type} ZEROFILL"}
            case exp.ComputedColumnConstraint():
                said = self._computed(kind)
            case exp.CollateColumnConstraint():
                said = {"collation": self._collation(kind)}
        if said:
            return replace(column, **said)
        words = item.sql(self._dialect)[:90]
        if self._store not in MY_STORES:  # which write it again with the column
            table.beside.append(("", f"{words} of {column.name}", (column.name,)))
        return replace(column, attributes=(*column.attributes, words))

    def _computed(self, kind: Any) -> dict[str, Any]:
        text = kind.this.sql(self._dialect)
        # Of PostgreSQL `readable` leaves no other than one that is stored.
        more = computed_by(text, stored=True) if self._store == "postgresql" else ""
        return {"computed": text, "more": more}

    def with_default(self, column: FoundColumn, shown: str) -> FoundColumn:
        """Return a column with a default, or counted by the sequence that it asks."""
        if self._store == "postgresql" and "nextval" in shown.lower():
            return replace(column, default="", numbered=True)
        return replace(column, default=shown)

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

    def compare_by(self, table: FileTable, collation: str) -> None:
        """Note how texts are compared that say nothing of it themselves."""
        for name, column in table.columns.items():
            said = column.collation or "CHARACTER SET" in " ".join(column.attributes)
            if not said and is_text(kind_of(column.type, self._store)):
                table.columns[name] = replace(column, collation=collation)

    def see_documents(self, table: FileTable) -> None:
        """Find columns of JSON: a LONGTEXT with a check, see https://mariadb.com/kb/en/json/."""
        for name, column in table.columns.items():
            valid = [c for c in table.checks if c.text.lower() == f"json_valid(`{name.lower()}`)"]
            if valid and column.type == "LONGTEXT":
                table.columns[name] = replace(column, type="JSON", collation="")
                table.checks.remove(valid[0])


def _named_type(text: str) -> str:
    """A type's name as it is looked up: without its schema, in lower case."""
    return text.rpartition(".")[2].strip('"').lower()
