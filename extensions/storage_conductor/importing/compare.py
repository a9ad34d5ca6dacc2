"""How a schema that was found differs from the one that is expected, by meaning and not by name."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, NamedTuple, TypeVar

from .extra import need
from .found import (
    SQLGLOT_DIALECTS,
    FoundCheck,
    FoundColumn,
    FoundIndex,
    FoundReference,
    FoundSchema,
    FoundTable,
    FoundUnique,
)
from .kinds import family_of, kind_of
from .rules import Rule, read, read_value

DifferenceKind = Literal[
    "table", "column", "type", "null", "default", "numbering", "computed", "collation", "attribute",
    "key", "unique", "check", "reference", "index", "options", "setting", "kept",
]  # fmt: skip
_USUAL = "the usual one"
_SPELLING = re.compile(
    r"::\s*(?:\w+\.)?(?:character varying|double precision|\w+)(?:\(\d+\))?(?:\[\])?|[()\s]"
)
_CAST = re.compile(r"cast\(\(?([^()]*)\)? as [\w.]+(?:\(\d+\))?\)")
"""What PostgreSQL adds within the expression of an index, and a file may leave out."""
_Item = TypeVar("_Item")


class Paired(NamedTuple, Generic[_Item]):
    """A thing of both sides, or of one.

    Args:
        expected: What the model says, if anything.
        found: What there is, if anything.
        same: Whether both mean the same.
    """

    expected: _Item | None
    found: _Item | None
    same: bool


@dataclass(frozen=True)
class Difference:
    """One difference.

    Args:
        table: Its name; empty for a setting of the server, and for what is of no table.
        subject: The column, or the columns and the name of what it is about; empty for the table.
        expected: What the model says; empty where it says nothing.
        found: What the store has; empty where it has nothing.
    """

    table: str
    kind: DifferenceKind
    subject: str
    expected: str
    found: str

    def __str__(self) -> str:
        if self.kind == "setting":
            return f"setting {self.subject} is {self.found}, expected {self.expected}"
        if self.kind == "kept":
            return f"{self.expected} missing, the import kept it"
        place = f"{self.table}.{self.subject}" if self.subject else self.table
        if not self.found:
            return f"{place}: {self.kind} missing: {self.expected}"
        if not self.expected:
            return f"{place}: {self.kind} not in the model: {self.found}"
        return f"{place}: {self.kind} is {self.found}, expected {self.expected}"


def differences(expected: FoundSchema, found: FoundSchema) -> list[Difference]:
    """Compare the tables that are expected with those of the same name.

    Args:
        expected: What the model says.
        found: What there is; other tables in it are not looked at.
    """
    result: list[Difference] = []
    for table in expected.tables:
        there = found.table(table.name) or found.table(table.name.lower())
        if there is None:
            result.append(Difference(table.name, "table", "", f"table {table.name}", ""))
        else:
            result += TablePair(expected.store, table, there).differences()
    return result


class TablePair:
    """One table as it is expected, and as it is.

    Args:
        store: Catalog key of the store.
        expected: What the model says.
        found: What there is.
    """

    def __init__(self, store: str, expected: FoundTable, found: FoundTable) -> None:
        self._store = store
        self._expected = expected
        self._found = found
        # Types that differ are named once, not again by each constant.
        self._families = {
            column.name.lower(): family_of(kind_of(column.type, store))
            for column in (*found.columns, *expected.columns)
        }

    def differences(self) -> Iterator[Difference]:
        """Yield what differs."""
        yield from self._columns()
        if self._expected.key != self._found.key:
            yield self._of("key", "", _listed(self._expected.key), _listed(self._found.key))
        for gone, more, same in self.uniques():
            if not same:
                named = ", ".join((gone or more or FoundUnique(())).columns)
                yield self._of("unique", named, _unique(gone), _unique(more))
        yield from self._checks()
        yield from self._references()
        yield from self._indexes()

    def uniques(self) -> Iterator[Paired[FoundUnique]]:
        """Yield the unique rules, those that are the same together."""

        def columns(rule: FoundUnique) -> Any:
            return frozenset(rule.columns)

        yield from _paired(self._expected.unique_rules, self._found.unique_rules, tuple, columns)

    def checks(self) -> Iterator[Paired[FoundCheck]]:
        """Yield the checks likewise."""

        def content(check: FoundCheck) -> Rule:
            return self._rule(check.text)

        yield from _paired(
            self._expected.checks, self._found.checks, content, lambda check: check.name
        )

    def references(self) -> Iterator[Paired[FoundReference]]:
        """Yield the references likewise."""

        def content(key: FoundReference) -> Any:
            pairs = sorted(zip(key.columns, key.referred, strict=True))
            late = (key.deferred, key.deferrable or key.deferred)
            return (*pairs, key.table, key.on_delete, key.on_update, *late)

        def columns(key: FoundReference) -> Any:
            return tuple(sorted(key.columns))

        yield from _paired(self._expected.references, self._found.references, content, columns)

    def indexes(self) -> Iterator[Paired[FoundIndex]]:
        """Yield the indexes likewise."""

        def content(index: FoundIndex) -> Any:
            return (index.columns, index.unique, self._rule(index.where), index.special)

        yield from _paired(
            self._expected.indexes, self._found.indexes, content, lambda index: index.name
        )

    def _of(self, kind: DifferenceKind, subject: str, expected: str, found: str) -> Difference:
        return Difference(self._expected.name, kind, subject, expected, found)

    def _columns(self) -> Iterator[Difference]:
        there = {column.name.lower(): column for column in self._found.columns}
        for column in self._expected.columns:
            other = there.pop(column.name.lower(), None)
            if other is None:
                yield self._of("column", column.name, column.type, "")
            else:
                yield from self._column(column, other)
        for column in there.values():
            yield self._of("column", column.name, "", column.type)

    def _column(self, expected: FoundColumn, found: FoundColumn) -> Iterator[Difference]:
        name = expected.name
        kinds = kind_of(expected.type, self._store), kind_of(found.type, self._store)
        if kinds[0] != kinds[1] or expected.domain != found.domain:
            types = expected.domain or expected.type, found.domain or found.type
            yield self._of("type", name, *types)
        if expected.nullable != found.nullable:
            words = {True: "null", False: "not null"}
            yield self._of("null", name, words[expected.nullable], words[found.nullable])
        numbering = _numbering(expected), _numbering(found)
        if numbering[0] != numbering[1]:
            yield self._of("numbering", name, *numbering)
        defaults = self._default(expected), self._default(found)
        if defaults[0] != defaults[1] and kinds[0] == kinds[1]:
            yield self._of("default", name, expected.default or "none", found.default or "none")
        if bool(expected.computed) != bool(found.computed):
            yield self._of("computed", name, expected.computed, found.computed)
        if expected.collation.lower() != found.collation.lower() and self._collated(expected):
            collations = expected.collation or _USUAL, found.collation or _USUAL
            yield self._of("collation", name, *collations)

    def _collated(self, expected: FoundColumn) -> bool:
        """Whether a collation is part of what the model says, or of what a person set."""
        return self._store == "postgresql" or bool(expected.collation)

    def _default(self, column: FoundColumn) -> Rule | None:
        if not column.default:
            return None
        family = family_of(kind_of(column.type, self._store))
        value = read_value(column.default, self._store, family)
        return None if str(value[-1]).upper().startswith(("NULL", "CAST(NULL")) else value

    def _rule(self, text: str) -> Rule:
        return read(text, self._store, self._families) if text else ()

    def _checks(self) -> Iterator[Difference]:
        for gone, more, same in self.checks():
            if not same:
                name = (gone or more or FoundCheck("")).name
                yield self._of("check", name, gone.text if gone else "", more.text if more else "")

    def _references(self) -> Iterator[Difference]:
        for gone, more, same in self.references():
            if not same:
                named = ", ".join((gone or more or FoundReference((), "", ())).columns)
                yield self._of("reference", named, _reference(gone), _reference(more))

    def _indexes(self) -> Iterator[Difference]:
        for gone, more, same in self.indexes():
            if not same:
                name = (gone or more or FoundIndex("", ())).name
                yield self._of("index", name, _index(gone), _index(more))


def as_told(table: FoundTable, kind: str, subject: str) -> str:
    """Return what a table has, in the words of a difference; empty where it has nothing.

    Args:
        table: Of either side.
        kind: As a difference has it.
        subject: Likewise.
    """
    match kind:
        case "key":
            return _listed(table.key)
        case "unique":
            return next((_unique(u) for u in table.unique_rules if ", ".join(u[0]) == subject), "")
        case "check":
            return next((check.text for check in table.checks if check.name == subject), "")
        case "reference":
            keys = (key for key in table.references if ", ".join(key.columns) == subject)
            return _reference(next(keys, None))
        case "index":
            return _index(next((i for i in table.indexes if i.name == subject), None))
    columns = (c for c in table.columns if c.name.lower() == subject.lower())
    return next((_of_column(column, kind) for column in columns), "")


def _of_column(column: FoundColumn, kind: str) -> str:
    return {
        "column": column.type,
        "type": column.domain or column.type,
        "null": "null" if column.nullable else "not null",
        "default": column.default or "none",
        "numbering": _numbering(column),
        "computed": column.computed,
        "collation": column.collation or _USUAL,
    }.get(kind, "")


def told_alike(store: str, kind: str, one: str, other: str) -> bool:
    """Tell whether two sources mean the same by what they have in place of a draft.

    A file and its store spell a type or an expression in ways of their own, and a file may leave
    out by which collation texts are compared.

    Args:
        store: Catalog key of the store of both.
        kind: What it is, as a difference has it.
        one: What was found, as that difference has it.
        other: What was found in the other source.
    """
    if one.lower() == other.lower():
        return True
    match kind:
        case "type":
            return kind_of(one, store) == kind_of(other, store)
        case "collation":
            return _USUAL in (one, other)
        case "default" | "computed" | "check":
            return bool(_expression(one, store) == _expression(other, store))
        case "index":
            return _spelled(one) == _spelled(other)
    return False


def _expression(text: str, store: str) -> Any:
    """Return an expression so that two spellings of it are equal; as it is where it is unread."""
    sqlglot = need("sqlglot")
    try:
        read = functools.partial(sqlglot.parse_one, dialect=SQLGLOT_DIALECTS[store])
        # What a file says was written by sqlglot, which puts other functions in place of some.
        node = read(read(text).sql(dialect=SQLGLOT_DIALECTS[store]))
    except (sqlglot.errors.SqlglotError, RecursionError):
        return " ".join(text.lower().split())
    # Nodes are equal whatever the case of a function, so that their texts tell when it is done.
    while repr(bare := node.copy().transform(_plain)) != repr(node):
        node = bare
    return node


def _plain(node: Any) -> Any:
    """Take off what a store writes around a value, such as `(name)::text`, and around names."""
    exp = need("sqlglot").exp
    # What is plain already is returned itself, as what is in it is looked at only then.
    if isinstance(node, exp.Identifier) and (node.quoted or not node.name.islower()):
        return exp.Identifier(this=node.name.lower(), quoted=False)
    if isinstance(node, exp.Paren):
        return node.this
    if isinstance(node, exp.Cast) and (
        node.to.this is exp.DataType.Type.TEXT or isinstance(node.this, exp.Literal | exp.Array)
    ):
        return node.this
    if isinstance(node, exp.Anonymous) and not str(node.this).islower():
        return exp.Anonymous(this=str(node.this).lower(), expressions=node.expressions)
    return node


def _spelled(text: str) -> str:
    return _SPELLING.sub("", _CAST.sub(r"\1", text.lower()))


def _numbering(column: FoundColumn) -> str:
    if not column.numbered:
        return "not counted"
    return "always counted by the store" if column.always else "counted by the store"


def _paired(
    expected: Sequence[_Item],
    found: Sequence[_Item],
    content: Callable[[_Item], Any],
    named: Callable[[_Item], Any],
) -> Iterator[Paired[_Item]]:
    """Yield what is the same on both sides, then the rest, in pairs where both have one name."""
    there = list(found)
    missing = []
    for item in expected:
        same = next((other for other in there if content(other) == content(item)), None)
        if same is None:
            missing.append(item)
        else:
            there.remove(same)
            yield Paired(item, same, same=True)
    for item in missing:
        pair = None
        if named(item):
            pair = next((other for other in there if named(other) == named(item)), None)
        if pair is not None:
            there.remove(pair)
        yield Paired(item, pair, same=False)
    for item in there:
        yield Paired(None, item, same=False)


def _listed(columns: Sequence[str]) -> str:
    return f"({', '.join(columns)})" if columns else ""


def _unique(rule: FoundUnique | None) -> str:
    return "" if rule is None else " ".join(filter(None, (_listed(rule.columns), rule.words)))


def _reference(key: FoundReference | None) -> str:
    if key is None:
        return ""
    actions = f" on delete {key.on_delete}, on update {key.on_update}"
    late = ", checked at commit" if key.deferred else ", deferrable" if key.deferrable else ""
    return f"{_listed(key.columns)} to {key.table}{_listed(key.referred)}{actions}{late}"


def _index(index: FoundIndex | None) -> str:
    if index is None:
        return ""
    columns = [name if way == "asc" else f"{name} desc" for name, way in index.columns]
    where = f" where {index.where}" if index.where else ""
    special = f" ({index.special})" if index.special else ""
    return f"{'unique ' if index.unique else ''}{_listed(columns)}{where}{special}"
