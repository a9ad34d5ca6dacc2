"""What an import found beside the model and left as it is: whether the store still has it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import cast, get_args

from ..importing.compare import Difference, DifferenceKind, as_told, told_alike
from ..importing.found import MY_STORES, FoundSchema, FoundTable
from ..importing.identity import IDENTITY
from ..steps.existing import KeptPart, Readings, TableReading

_PIECES = ("unique", "check", "reference", "index")
_ELSEWHERE = (*(f"{kind} " for kind in _PIECES), "a ", "trigger ")
_COUNT = re.compile(r" \(\d+ times\)$")
_LINE = re.compile(
    r"(virtual table|materialized view|view|foreign table|sequence|trigger|rule|function|procedure"
    r"|routine|event|row policy|type|extension|statistics|exclusion constraint"
    r"|table(?=.*(?:, where a migration tool|; it stays as it is$))) (.+)"
)
"""What a live store tells as well; partitions come and go, and statements are not asked for."""
_NOTE = ", which the import kept"


@dataclass(frozen=True)
class Beside:
    """What a store holds that is no table.

    Args:
        recorded: When it was imported, a line each.
        there: Now.
        hidden: Kinds that it does not tell to this user.
    """

    recorded: tuple[str, ...] = ()
    there: tuple[str, ...] = ()
    hidden: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Stays:
    """What became of what an import left as it was.

    Args:
        lost: What is gone, or is another now.
        uncompared: What nobody can tell of, in the words of the import.
    """

    lost: tuple[Difference, ...]
    uncompared: tuple[str, ...]


def kept(
    readings: Readings,
    expected: FoundSchema,
    there: FoundSchema,
    found: Collection[Difference],
    beside: Beside,
) -> Stays:
    """Compare what an import left as it is with the store.

    Args:
        readings: What the import found in place of the draft, table by table.
        expected: The draft.
        there: The store.
        found: How the store differs from the draft.
        beside: What it holds that is no table.
    """
    lost, uncompared = list[Difference](), list[str]()
    names = {_name(expected.store, line) or line for line in beside.there}
    for name, reading in readings.items():
        draft = expected.table(name)
        table = there.table(name) or there.table(name.lower())
        if draft is not None and table is not None:
            differing = [each for each in found if each.table == name]
            compared = _Table(expected.store, reading, draft, table, differing)
            lost += compared.lost()
            lost += compared.rules_lost(names)
            uncompared += compared.uncompared()
    for line in beside.recorded:
        told = _name(expected.store, line)
        if told in names or line.partition(": ")[0] in readings:
            continue
        on = _COUNT.sub("", line).partition(" on ")[2]
        moved = on and expected.table(on) is None  # renamed, or gone with what stood on it
        if not told or moved or told.partition(" ")[0] in beside.hidden:
            uncompared.append(line)
        else:
            shown = told if told.startswith("table ") else line  # which says why it was kept
            lost.append(Difference("", "kept", "", shown, ""))
    return Stays(tuple(lost), tuple(uncompared))


class _Table:
    def __init__(
        self,
        store: str,
        reading: TableReading,
        draft: FoundTable,
        table: FoundTable,
        found: Collection[Difference],
    ) -> None:
        self._store = store
        self._reading = reading
        self._draft = draft
        self._table = table
        self._found = found
        self._nature = {*table.fragile, *(f"column {column.name}" for column in table.columns)}
        self._gone = {
            part.name for part in reading.kept if not self._has(part.columns) and part.name
        }

    def lost(self) -> Iterator[Difference]:
        """Yield what differed from the draft, and is gone or as the draft says it."""
        for kind, subject, drafted, told in self._reading.differences:
            if kind == "attribute":
                yield from self._attribute(subject, told)
            elif told and kind in get_args(DifferenceKind) and not self._differs(kind, subject):
                yield from self._compared(cast("DifferenceKind", kind), subject, drafted, told)

    def rules_lost(self, names: Collection[str]) -> Iterator[Difference]:
        """Yield what no difference tells: the nature of the table, and rules that exclude rows.

        Args:
            names: Of what the store holds beside tables.
        """
        for part in self._reading.kept:
            place = self._place(part)
            if (place == "nature" and part.words not in self._nature) or (
                place == "exclusion"
                and f"exclusion constraint {part.name}" not in names
                and self._has(part.columns)
            ):
                words = " ".join(filter(None, (f"{self._draft.name}:", part.name, part.words)))
                yield Difference(self._draft.name, "kept", "", words, "")

    def uncompared(self) -> Iterator[str]:
        """Yield what a file told and a live store does not, or not under a name."""
        name = self._draft.name
        for part in self._reading.kept:
            if self._place(part) == "only in files":
                yield f"{name}: {part.words}"
        for kind, subject, _, told in self._reading.differences:
            if kind == "attribute" and self._attribute_of(told) is None:
                yield f"{name}.{subject}: {told}"
            elif kind in ("check", "index") and not subject and not self._alike(kind, told):
                yield f"{name}: {kind} {told}"

    def _compared(
        self, kind: DifferenceKind, subject: str, drafted: str, told: str
    ) -> Iterator[Difference]:
        named = kind in _PIECES
        if subject in self._gone or (named and (not subject or self._alike(kind, told))):
            return
        there = as_told(self._table, kind, subject)
        if named and there and told_alike(self._store, kind, there, told):
            return  # the model says it by now
        if not named and (not drafted or as_told(self._draft, kind, subject) != drafted):
            return  # the model has no such column, or says another thing by now
        yield Difference(self._draft.name, kind, subject, told + _NOTE, there)

    def _attribute(self, column: str, told: str) -> Iterator[Difference]:
        there = self._table.column(column)
        wanted = self._attribute_of(told)
        if wanted is None or there is None or self._draft.column(column) is None:
            return
        if wanted not in map(self._attribute_of, there.attributes):
            shown = ", ".join(there.attributes) or "none"
            yield Difference(self._draft.name, "attribute", column, told + _NOTE, shown)

    @staticmethod
    def _attribute_of(told: str) -> str | None:
        """Return an attribute that a live store tells, without its spelling."""
        words = told.upper().replace("()", "")
        return words if words.startswith(("ON UPDATE", "INVISIBLE", IDENTITY)) else None

    def _differs(self, kind: str, subject: str) -> bool:
        """Tell whether something still differs there, so that it is judged by what it is."""
        return bool(subject or kind == "key") and any(
            (each.kind, each.subject) == (kind, subject) for each in self._found
        )

    def _alike(self, kind: str, told: str) -> bool:
        return any(
            each.kind == kind and told_alike(self._store, kind, each.found, told)
            for each in self._found
            if each.found
        )

    def _has(self, columns: Collection[str]) -> bool:
        """Tell whether the model still has columns; what named another went with it."""
        return all(self._draft.column(column) for column in columns)

    def _place(self, part: KeptPart) -> str:
        """Return where a live store tells of something that is kept."""
        told = {f"{kind} {found} of {name}" for kind, name, _, found in self._reading.differences}
        if part.words.startswith(_ELSEWHERE) or part.words in told:
            return "differences and lines"
        if not part.name and not part.columns:
            return "nature"
        named = part.name not in ("", "a rule")
        return "exclusion" if named and "EXCLUDE" in part.words.split() else "only in files"


def _name(store: str, line: str) -> str:
    """Return the kind and the name of a line beside tables; empty where it has none.

    A file says procedure where a database that is asked says function or routine, and a table may
    have another name by now.
    """
    found = _LINE.fullmatch(_COUNT.sub("", line))
    if found is None:
        return ""
    kind, name = found[1], found[2].partition(" on ")[0]
    if kind == "table":
        name = re.split(r", where a migration tool|: ", name)[0]
    if kind in ("function", "procedure"):
        kind = "routine" if store in MY_STORES else "function"
    return f"{kind} {name}"
