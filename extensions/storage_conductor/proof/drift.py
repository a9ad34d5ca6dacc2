"""The live schema and settings of a store against what a track says of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import sqlalchemy as sa

from ..catalog import loading
from ..errors import ConductorError
from ..importing import beside, connecting, live
from ..importing.compare import Difference, differences, told_alike
from ..importing.draft import drafted
from ..importing.found import FoundSchema
from ..schema.sqltypes import ENGINES
from ..steps.existing import Readings, TableReading
from ..steps.parts import renamed
from ..units import counted
from . import keyvalue
from .kept import Beside, kept
from .settings import Seen, of_keys, of_sql, promised, seen
from .subject import Subject
from .versions import other_version

_NOTHING = Seen(0, [], ())
_NOTHING_TOLD = TableReading()


@dataclass(frozen=True)
class Drift:
    """What a comparison found.

    Args:
        server: Product and version of the store.
        tables: How many tables the model has.
        differences: Where the live schema is another, or a setting.
        settings: How many settings the server told.
        untold: Names of settings that it did not tell.
        other_version: As that of a proof.
        uncompared: What an import left as it is and nobody can tell of, a line each.
    """

    server: str
    tables: int
    differences: list[Difference]
    settings: int = 0
    untold: tuple[str, ...] = ()
    other_version: str = ""
    uncompared: tuple[str, ...] = ()

    def summary(self) -> str:
        """Return the result in one line."""
        count = len(self.differences)
        named = ((self.tables, "table"), (self.settings, "setting"))
        looked = [counted(n, name) for n, name in named if n]
        among = f" in {' and '.join(looked)}" if looked else ""
        return f"{counted(count, 'difference') if count else 'no differences'}{among}"


def drift(subject: Subject, address: str, seconds: int, *, settings: bool) -> Drift:
    """Compare; nothing is written, and tables that are not the track's are not read.

    Args:
        subject: The store of the track.
        address: Of the server, or `env:NAME`.
        seconds: Longest that one statement may take.
        settings: Whether the settings that the track promises are looked at as well.

    Raises:
        ConductorError: There is nothing to compare, or the server cannot be read.
    """
    backend = subject.backend
    if backend.key in ENGINES:
        return _of_tables(subject, address, seconds, settings=settings)
    if settings and promised(subject):
        with keyvalue.connected(subject, address, seconds) as client:
            found = seen(subject, of_keys(client, keyvalue.refusal()))
            server = keyvalue.version(client, subject)
        return Drift(server, 0, found.differences, found.asked, found.untold)
    names = ", ".join(loading.load(key).name for key in ENGINES)
    raise ConductorError(
        f"{backend.name} has no schema that can be compared.",
        remedy=f"drift compares {names}, and the settings that a track promises.",
    )


def unexpected(
    store: str, readings: Readings, expected: FoundSchema, found: list[Difference]
) -> list[Difference]:
    """Return what differs without that which an import found so and no migration alters.

    Args:
        store: Catalog key of the store.
        readings: What an import found in place of the draft.
        expected: The draft.
        found: What differs from it.
    """
    # A column has the type and the collation of the one that it refers to.
    referred = {
        (table.name, column): (key.table, other)
        for table in expected.tables
        for key in table.references
        for column, other in zip(key.columns, key.referred, strict=True)
    }

    def told(each: Difference) -> bool:
        return any(
            (kind, place, wanted) == (each.kind, each.subject, each.expected)
            and told_alike(store, kind, there, each.found)
            for kind, place, wanted, there in readings.get(each.table, _NOTHING_TOLD).differences
        )

    def known(each: Difference) -> bool:
        seen = {(each.table, each.subject)}
        while not told(each):
            # A check of a domain is named with its column.
            check, _, own = each.subject.rpartition(" of ")
            table, column = referred.get((each.table, own), ("", ""))
            alike = each.kind in ("type", "collation") or (each.kind == "check" and check)
            if not alike or not column or (table, column) in seen:
                return False
            seen.add((table, column))
            place = f"{check} of {column}" if check else column
            told_there = renamed(each.found, own, column) if check else each.found
            each = replace(each, table=table, subject=place, found=told_there)
        return True

    return [_as_imported(each, readings) for each in found if not known(each)]


def _as_imported(difference: Difference, readings: Readings) -> Difference:
    """Return a difference by the names and the words that the store had, where they are others."""
    reading = readings.get(difference.table, _NOTHING_TOLD)
    place = (difference.kind, difference.subject)
    wanted = {(kind, where): there for kind, where, _, there in reading.differences if there}
    names = {p.name: p.found_name for p in reading.pieces if p.found_name}
    named = difference.kind in ("check", "index")
    return replace(
        difference,
        subject=names.get(difference.subject, difference.subject) if named else difference.subject,
        expected=wanted.get(place, difference.expected),
    )


def _of_tables(subject: Subject, address: str, seconds: int, *, settings: bool) -> Drift:
    backend = subject.backend
    expected = drafted(subject.model, backend, subject.sizes)
    names = {form for t in expected.tables for form in (t.name, t.name.lower())}
    url = connecting.address(address)
    with connecting.connected(url, seconds=seconds) as connection:
        connecting.require_store(connection, backend.key, backend.name)
        there = live.read(connection, names)
        differing = differences(expected, there)
        readings = {} if subject.track is None else subject.track.readings(backend.key)
        found = unexpected(backend.key, readings, expected, differing)
        stays = kept(readings, expected, there, differing, _beside(subject, connection))
        asked = seen(subject, of_sql(connection)) if settings else _NOTHING
        server = connecting.server(connection, backend.name)
        return Drift(
            server,
            len(expected.tables),
            [*found, *stays.lost, *asked.differences],
            asked.asked,
            asked.untold,
            other_version(subject.stated, backend, server),
            stays.uncompared,
        )


def _beside(subject: Subject, connection: sa.Connection) -> Beside:
    """Ask for what is no table, where an import told of any."""
    store = subject.backend.key
    answered = {} if subject.track is None else subject.track.component.answers.existing
    if store not in answered:
        return Beside()
    recorded = tuple(map(str, answered[store].get("beside", ())))
    tables = (f"table {name}" for name in sa.inspect(connection).get_table_names())
    there = (*live.unsaid_of(connection), *tables)
    return Beside(recorded, there, beside.hidden(connection, store))
