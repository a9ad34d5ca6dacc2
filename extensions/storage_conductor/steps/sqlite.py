"""The statements of a step for SQLite, where most changes make a new table of an old one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..catalog.steps import steps
from .changes import Change
from .forms import Statements, filled, form
from .names import StepNames
from .parts import CONSTANT, SchemaParts, TableParts, index_texts, tokens
from .tables import create, indexes

_INDEXES = ("add-index", "drop-index", "change-index")


def statements(found: Sequence[Change], old: SchemaParts, new: SchemaParts) -> Iterator[Statements]:
    """Write the statements of all changes, in any order."""
    names = StepNames(old, new)
    for change in found:
        if change.kind in ("rename-table", "rename-column"):
            values = {"table": names.quote(change.table), "old": names.quote(change.old),
                      "name": names.quote(change.name)}  # fmt: skip
            yield from form(change.kind, "sqlite", values)
        if change.kind in ("add-table", "drop-table"):
            schema = new if change.kind == "add-table" else old
            text = create(schema, change.table, (), names)
            values = {"table": names.quote(change.table), "create": text}
            yield from form(change.kind, "sqlite", values)
    for table in dict.fromkeys(change.table for change in found):
        if table in old.tables and table in new.tables:
            own = [c for c in found if c.table == table and not c.kind.startswith("rename-")]
            yield from _Table(table, own, old, new, names).statements()


def makes_anew(change: Change, found: Sequence[Change], old: SchemaParts, new: SchemaParts) -> bool:
    """Tell whether a change is one for which its table is made anew."""
    own = [c for c in found if c.table == change.table and not c.kind.startswith("rename-")]
    return change in _Table(change.table, own, old, new, StepNames(old, new)).rebuilding


class _Table:
    def __init__(
        self,
        name: str,
        found: Sequence[Change],
        old: SchemaParts,
        new: SchemaParts,
        names: StepNames,
    ) -> None:
        self._name = name
        self._found = found
        self._schemas = old, new
        self._old, self._new = old.tables[name], new.tables[name]
        self._names = names
        self._added = [name for name in self._new.columns if name not in self._old.columns]
        self._lost = [
            name
            for name, column in self._old.columns.items()
            if name not in self._new.columns and not column.nullable and not column.default
        ]

    @property
    def rebuilding(self) -> list[Change]:
        """The changes for which the table is made anew."""
        plain = {name: self._inline(name) for name in self._added}
        inline = {piece for found in plain.values() if found for piece, _ in found}
        return [
            change
            for change in self._found
            if change.kind not in _INDEXES and change.name not in inline
            if not (change.kind == "add-column" and plain[change.name] is not None)
        ]

    def statements(self) -> Iterator[Statements]:
        plain = {name: self._inline(name) for name in self._added}
        rest = self.rebuilding
        for name, pieces in plain.items():
            parts = self._new.columns[name]
            whole = not rest and pieces is not None
            words = self._names.column(name, parts) if whole else self._bare(name)
            checks = [f" CONSTRAINT {self._names.quote(n)} {t}" for n, t in pieces or () if whole]
            values = {
                "table": self._quoted,
                "column": f"{words}{''.join(checks)}",
                # Else the table of before is made anew.
                "drop": ""
                if rest
                else f"ALTER TABLE {self._quoted} DROP COLUMN {self._names.quote(name)};",
            }
            yield from form("add-column", "sqlite", values)
        if rest:
            yield from self._rebuilt()
        if not rest:
            for change in self._found:
                if change.kind in _INDEXES:
                    values = index_texts(change.old, change.new)
                    values["name"] = self._names.quote(change.name)
                    yield from form(change.kind, "sqlite", values)

    @property
    def _quoted(self) -> str:
        return self._names.quote(self._name)

    def _inline(self, name: str) -> list[tuple[str, str]] | None:
        """Return the checks that a column brings with it; None where it needs a new table."""
        parts = self._new.columns[name]
        if not (parts.nullable if not parts.default else CONSTANT.fullmatch(parts.default)):
            return None
        column = self._names.quote(name)
        others = {self._names.quote(other) for other in self._new.columns} - {column}
        about = [(n, t) for n, t in self._new.constraints.items() if column in tokens(t)]
        alone = all(t.startswith("CHECK") and not others & set(tokens(t)) for _, t in about)
        return about if alone else None

    def _bare(self, name: str) -> str:
        """Write a column without rules, or with its constant default alone."""
        parts = self._new.columns[name]
        constant = parts.default if CONSTANT.fullmatch(parts.default) else ""
        return self._names.column(name, replace(parts, nullable=True, default=constant))

    @property
    def _wide(self) -> TableParts:
        """The table before, with columns that were lost empty, and those to come."""
        columns = dict(self._old.columns)
        for name in self._lost:
            columns[name] = replace(columns[name], nullable=True)
        for name in self._added:
            columns[name] = replace(self._new.columns[name], nullable=True, default="")
        # A check of a column that must not be missing may refuse an empty one.
        lost = {self._names.quote(name) for name in self._lost}
        kept = {
            name: text
            for name, text in self._old.constraints.items()
            if not (text.startswith("CHECK") and lost & set(tokens(text)))
        }
        return replace(self._old, columns=columns, constraints=kept)

    def _rebuilt(self) -> Iterator[Statements]:
        """Make the table anew; its columns that both have are copied."""
        old, new = self._schemas
        wide = replace(old, tables={**old.tables, self._name: self._wide})
        both = [name for name in self._old.columns if name in self._new.columns]
        texts = {
            "to_new": self._text(new, [*both, *self._added]),
            "to_wide": self._text(wide, [*both, *self._added]),
            "to_old": self._text(old, list(self._old.columns)) if self._added or self._lost else "",
        }
        yield from form("rebuild", "sqlite", texts)

    def _text(self, schema: SchemaParts, copied: Sequence[str]) -> str:
        found = steps().form("rebuilt", "sqlite")
        second = self._names.made(self._name, "new")
        values = {
            "table": self._quoted,
            "table_text": "'" + self._name.replace("'", "''") + "'",
            "second": second,
            "check": self._names.made(self._name, "check"),
            "columns": ", ".join(map(self._names.quote, copied)),
            "create": create(schema, self._name, (), self._names, called=second),
            "indexes": "\n".join(indexes(schema.tables[self._name], self._names)),
        }
        return "" if found is None else filled(found.moves[0].up, values)
