"""The statements of a step for a store whose tables change while they are in use."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from . import mysql, renaming, waiting
from .casts import cast, cast_back, widens
from .changes import Change
from .enums import literal
from .forms import Statements, Values, form
from .names import StepNames
from .parts import (
    CONSTANT,
    SchemaParts,
    TableParts,
    columns_of,
    constants,
    create_index,
    index_texts,
    is_index,
    renamed,
    target_of,
    tokens,
    unique_texts,
)
from .tables import create, late_references


def statements(
    found: Sequence[Change], old: SchemaParts, new: SchemaParts, searched: Collection[str] = ()
) -> Iterator[Statements]:
    """Write the statements of all changes, in any order.

    Args:
        found: The changes.
        old: The schema before.
        new: What it is to be.
        searched: Tables of InnoDB with an index on words or places that the schemas do not tell.
    """
    return _Online(found, old, new, searched).statements()


class _Online:
    def __init__(
        self,
        found: Sequence[Change],
        old: SchemaParts,
        new: SchemaParts,
        searched: Collection[str],
    ) -> None:
        self._found = found
        self._schemas = old, new
        self._old = old
        self._new = new
        self._store = new.store
        self._names = StepNames(old, new)
        names = waiting.placed(old, new).union(searched)
        self._searched = set(map(self._names.quote, names))
        self._moved = {
            (change.table, self._names.quote(change.name))
            for change in found
            if change.kind == "change-type" and self._moves(change)
        }
        self._added = {c.table for c in found if c.kind == "add-table"}
        self._gone = {c.table for c in found if c.kind == "drop-table"}
        self._seen_to = {(c.table, c.name) for c in found}

    def _moves(self, change: Change) -> bool:
        return self._store == "postgresql" and not widens(change.old, change.new)

    def statements(self) -> Iterator[Statements]:
        yield from self._extension()
        for change in self._found:
            if not self._left_to_a_move(change):
                yield from self._change(change)
        for table, name, text in late_references(self._new, self._added, self._names):
            yield from self._named(Change("add-reference", table, name, "", text))
        for table, name, text in late_references(self._old, self._gone, self._names):
            yield from self._form("drop-last-reference", self._texts(table, name, text, ""))

    def _extension(self) -> Iterator[Statements]:
        kinds = [
            {column.type.partition("(")[0] for t in schema.tables.values() for column in
             t.columns.values()}
            for schema in (self._old, self._new)
        ]  # fmt: skip
        new = kinds[1] - kinds[0] if self._store == "postgresql" else set()
        for kind, name in (("VECTOR", "vector"), ("GEOGRAPHY", "postgis")):
            if kind in new:
                yield from self._form("extension", {"name": name})

    def _form(self, key: str, values: Values) -> Iterator[Statements]:
        for item in form(key, self._store, values):
            yield waiting.waiting(key, item, values.get("table", ""), self._searched)

    def _left_to_a_move(self, change: Change) -> bool:
        """Whether a change is about a column, or names one, whose type changes by a second one."""
        if change.kind == "change-type":
            return False
        own = {column for table, column in self._moved if table == change.table}
        words = {self._names.quote(change.name), *tokens(change.old), *tokens(change.new)}
        return bool(own & words)

    def _change(self, change: Change) -> Iterator[Statements]:
        match change.kind:
            case "add-table" | "drop-table":
                schema = self._new if change.kind == "add-table" else self._old
                among = self._added if change.kind == "add-table" else self._gone
                text = create(schema, change.table, among, self._names)
                values = {"table": self._names.quote(change.table), "create": text}
                yield from self._form(change.kind, values)
            case "add-column":
                yield from self._added_column(change)
            case "drop-column":
                yield from self._dropped_column(change)
            case "change-type" | "add-value":
                yield from self._typed(change)
            case "rename-table":
                values = renaming.of_table(change, self._old, self._names)
                yield from self._form(change.kind, values)
            case "rename-column":
                yield from self._renamed_column(change)
            case _ if change.kind.startswith("rename-"):
                yield from self._form(change.kind, renaming.of_piece(change, self._names))
            case "set-null" | "set-not-null" | "set-default" | "drop-default":
                yield from self._form(change.kind + self._of_a_text(change), self._column(change))
            case _:
                yield from self._named(change)

    def _column(self, change: Change) -> dict[str, str]:
        """Return what forms name of a column."""
        quote = self._names.quote
        parts = self._new.tables.get(change.table, TableParts({})).columns.get(change.name)
        parts = parts or self._old.tables[change.table].columns[change.name]
        return {
            "table": quote(change.table),
            "name": quote(change.name),
            "old": change.old,
            "new": change.new,
            "type": parts.type,
            "column": self._names.column(change.name, parts),
            "not_null": self._names.made("ck", change.table, change.name, "present"),
            **self._modified(change),
            **mysql.algorithms([s.tables.get(change.table) for s in self._schemas], quote),
            "old_default": f"SET DEFAULT {change.old}" if change.old else "DROP DEFAULT",
        }

    def _of_a_text(self, change: Change) -> str:
        """Return the end of a form's key, where a default is a part of the whole column alone."""
        if self._store != "mysql" or change.kind in ("set-null", "set-not-null"):
            return ""
        column = self._new.tables[change.table].columns[change.name]
        return "-of-a-text" if mysql.is_large(column) else ""

    def _modified(self, change: Change) -> dict[str, str]:
        """Return the whole of a column as it is before, in and after a step."""
        tables = (schema.tables.get(change.table, TableParts({})) for schema in self._schemas)
        before, after = (table.columns.get(change.name) for table in tables)
        old = before or after
        new = after or before
        if old is None or new is None:
            return {}
        loose = old.nullable or new.nullable
        default = new.default or old.default
        wanted = {
            "old_column": old,
            "loose_column": replace(old, nullable=True),
            "wide_column": replace(new, nullable=loose, default=old.default),
            "wide_old": replace(old, nullable=loose),
            "default_column": replace(new, nullable=loose),
            "former_column": replace(new, default=old.default),
            "firm_column": replace(new, nullable=False, default=default),
            "soft_column": replace(new, nullable=True, default=default),
        }
        return {name: self._names.column(change.name, each) for name, each in wanted.items()}

    def _added_column(self, change: Change) -> Iterator[Statements]:
        parts = self._new.tables[change.table].columns[change.name]
        values = self._column(change)
        if (not parts.default and parts.nullable) or (
            parts.default and CONSTANT.fullmatch(parts.default)
        ):
            copied = self._store == "mysql" and parts.default.startswith("(")
            yield from self._form("add-column" + "-by-a-copy" * copied, values)
        else:
            # Rows that are there get no value that nobody stated, such as the time of the step.
            bare = f"{values['name']} {parts.type}"
            yield from self._form("add-column", {**values, "column": bare})
            if parts.default:
                again = {**values, "new": parts.default, "old_default": "DROP DEFAULT"}
                again |= {"default_column": values["soft_column"], "wide_column": bare}
                yield from self._form("set-default" + self._of_a_text(change), again)
            if not parts.nullable:
                yield from self._form("set-not-null", values)

    def _typed(self, change: Change) -> Iterator[Statements]:
        values = self._column(change)
        if change.kind == "change-type" and self._moves(change):
            yield from self._moved_column(change)
        elif change.kind == "change-type":
            yield from self._form("widen-type", values)
        elif self._store == "postgresql":
            for value in constants(change.new):
                yield from self._form(change.kind, {**values, "value": literal(value)})
        else:  # which write the whole type
            yield from self._form(change.kind, values)

    def _dropped_column(self, change: Change) -> Iterator[Statements]:
        parts = self._old.tables[change.table].columns[change.name]
        values = self._column(change)
        required = not (parts.nullable or parts.default or parts.counted)
        if required:
            # New code does not write it any more, and its rows must not be refused.
            yield from self._form("set-null", values)
            values["column"] = self._names.column(change.name, parts, nullable=True)
        yield from self._form("drop-column", values)

    def _renamed_column(self, change: Change) -> Iterator[Statements]:
        """A column under another name: a second one, which takes over all that the first has."""
        values = renaming.of_column(change, self._old, self._new, self._names)
        yield from self._form(change.kind, values)
        if not self._new.tables[change.table].columns[change.name].nullable:
            own = Change("set-not-null", change.table, change.name)
            yield from self._form("set-not-null", self._column(own))
        before = self._old.tables[change.table]
        if self._store == "mysql" and not before.columns[change.old].nullable:
            # Whether a trigger may fill what an INSERT leaves out is not known there.
            own = Change("set-null", change.table, change.old)
            yield from self._form("set-null", self._column(own))
        left = {name for table, name in self._seen_to if table == change.table}
        for piece in renaming.tied(change, before, left, self._names):
            self._seen_to.add((piece.table, piece.name))
            yield from renaming.with_the_column(self._named(piece))

    def _texts(self, table: str, name: str, old: str, new: str) -> dict[str, str]:
        """Return what forms name of a constraint or an index."""
        return {
            "table": self._names.quote(table),
            "name": self._names.quote(name),
            **index_texts(old, new),
            "columns": ", ".join(columns_of(new or old)),
            **unique_texts(new or old),
            "either": f"CHECK ({_inside(old)} OR {_inside(new)})" if old and new else "",
            "second": self._names.made(name, "new"),
            "orphans": self._orphans(self._names.quote(table), new),
        }

    def _orphans(self, table: str, reference: str) -> str:
        """Count the rows that refer to none, for a reference."""
        if not reference.startswith("FOREIGN"):
            return ""
        target = target_of(reference)
        there = tokens(reference.partition("REFERENCES")[2].partition("(")[2].partition(")")[0])
        pairs = list(zip(columns_of(reference), there, strict=True))
        joined = " AND ".join(f"o.{here} = p.{other}" for here, other in pairs)
        own = " AND ".join(f"o.{here} IS NOT NULL" for here, _ in pairs)
        found = f"SELECT 1 FROM {target} AS p WHERE {joined}"  # noqa: S608  (quoted)
        return f"SELECT count(*) FROM {table} AS o WHERE {own} AND NOT EXISTS ({found})"  # noqa: S608

    def _named(self, change: Change) -> Iterator[Statements]:
        key = str(change.kind)
        if key in ("add-index", "drop-index") and "UNIQUE" in (change.old or change.new)[:6]:
            key = key.replace("-index", "-unique-index")
        if self._store in ("mariadb", "mysql") and key in ("drop-unique", "drop-index"):
            key += "-first" * self._retyped(change)
        yield from self._form(key, self._texts(change.table, change.name, change.old, change.new))

    def _retyped(self, change: Change) -> bool:
        """Whether the type of a column changes that a constraint or an index is on."""
        words = set(tokens(change.old))
        return any(
            other.kind == "change-type"
            and other.table == change.table
            and self._names.quote(other.name) in words
            for other in self._found
        )

    def _moved_column(self, change: Change) -> Iterator[Statements]:
        """A type that changes by a second column; all that names the column is built on that."""
        quote, table = self._names.quote, self._names.quote(change.table)
        name, second = quote(change.name), self._names.made(change.name, "new")
        old, new = self._old.tables[change.table], self._new.tables[change.table]
        pieces = [
            (piece, text, self._names.made(piece, "new"))
            for piece, text in (*new.constraints.items(), *new.indexes.items())
            if name in tokens(text)
        ]
        renames, back = [], []
        for piece, text, other in pieces:
            of = "ALTER INDEX {} RENAME TO {};" if is_index(text) else (
                f"ALTER TABLE {table} RENAME CONSTRAINT {{}} TO {{}};")  # fmt: skip
            renames.append(of.format(other, quote(piece)))
            back.append(of.format(quote(piece), other))
            yield from self._piece(change.table, other, renamed(text, name, second))
        values = self._column(change) | {"second": second}
        column = new.columns[change.name]
        if column.default:
            renames.append(f"ALTER TABLE {table} ALTER COLUMN {name} SET DEFAULT {column.default};")
        if not column.nullable:
            yield from self._form("set-not-null", {**values, "name": second})
        trigger = self._names.made(change.table, change.name, "sync")
        moved = {
            "trigger": trigger,
            "table_text": table.replace("'", "''"),
            "cast": cast(change.old, change.new, name) or "",
            "cast_new": cast(change.old, change.new, f"NEW.{name}") or "",
            "cast_back": cast_back(change.old, change.new, second),
            "renames": "\n".join(renames),
            "renames_back": "\n".join(reversed(back)),
            "restore_old": "\n".join(self._restored(change, old)),
        }
        yield from self._form("change-type", {**values, **moved})

    def _piece(self, table: str, quoted: str, text: str) -> Iterator[Statements]:
        """Write a constraint or an index under a name that is quoted already."""
        kind = "index" if is_index(text) else text.split(maxsplit=1)[0].split("(", maxsplit=1)[0]
        if kind == "index" and text.startswith("UNIQUE"):
            kind = "unique-index"
        key = {"CHECK": "add-check", "UNIQUE": "add-unique"}.get(kind, f"add-{kind}")
        yield from self._form(key, {**self._texts(table, "x", "", text), "name": quoted})

    def _restored(self, change: Change, old: TableParts) -> Iterator[str]:
        table, name = self._names.quote(change.table), self._names.quote(change.name)
        column = old.columns[change.name]
        if column.default:
            yield f"ALTER TABLE {table} ALTER COLUMN {name} SET DEFAULT {column.default};"
        if not column.nullable:
            yield f"ALTER TABLE {table} ALTER COLUMN {name} SET NOT NULL;"
        for piece, text in (*old.constraints.items(), *old.indexes.items()):
            if name not in tokens(text):
                continue
            own = self._names.quote(piece)
            if is_index(text):
                yield create_index(own, text)
            else:
                yield f"ALTER TABLE {table} ADD CONSTRAINT {own} {text};"


def _inside(check: str) -> str:
    """Return the condition of a check, in its brackets."""
    return check.removeprefix("CHECK ")
