"""A proof from start to end: load, compare, take away, load again, fill, ask, break, take away."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from ..catalog import rulebook
from ..errors import ConductorError
from ..importing import connecting, live, metadata
from ..importing.compare import differences
from ..schema.sql import Schema
from ..schema.sqltypes import ENGINES
from ..units import counted
from . import dynamodb, keyvalue, scratch
from .asking import ask_patterns
from .breaking import break_rules
from .outcome import Outcome, Progress, Promise
from .rows import Made, counts, make
from .subject import Subject
from .untested import untested
from .versions import other_version
from .writing import Writer

SEED = 1
_LAST = "up again"
ROWS = 2000
"""Rows of the largest table where nothing else was asked for."""
_KEYED = ("redis", "valkey")
_AT_ONCE = 500  # rows of one INSERT


@dataclass(frozen=True)
class Wish:
    """How a proof is run.

    Args:
        address: An empty database, or `env:NAME`; empty starts one.
        rows: Rows of the largest table.
        seed: What the rows are made from.
        seconds: Longest that one statement may take.
    """

    address: str = ""
    rows: int = ROWS
    seed: int = SEED
    seconds: int = 60


def require_provable(subject: Subject) -> None:
    """Make sure that a draft can be run.

    Raises:
        ConductorError: It is of a store that no proof runs on.
    """
    stores = rulebook.proofs().stores["prove"]
    if subject.backend.key not in stores:
        own = [f"--store {key}" for key in subject.beside if key in stores]
        raise ConductorError(
            f"A draft for {subject.backend.name} cannot be proven here.",
            remedy=f"Prove that of another store of the track: {' or '.join(own)}."
            if own
            else f"prove runs drafts for {', '.join(stores)}; let tests of the code show what"
            " this one promises.",
        )


def intent(subject: Subject, wish: Wish) -> list[str]:
    """Say what a proof would do, one line for each part of it.

    Raises:
        ConductorError: It could not be run.
    """
    require_provable(subject)
    wanted = counts(subject.model, wish.rows)
    rows = ", ".join(f"{name} {count}" for name, count in wanted.items())
    place = scratch.place(subject, wish.address)
    kept = sum(case.enforced_by == "store" for case in subject.design.constraints)
    if subject.backend.key == "dynamodb":
        return [
            "use the emulator at the address, and leave nothing in it",
            f"create {counted(len(subject.design.entities), 'table')}, delete them and create them"
            " again",
            f"write items of seed {wish.seed}, of the estimated sizes: {rows}",
            f"run {counted(len(subject.model.patterns), 'access pattern')} and compare the units",
            "delete the tables",
        ]
    if subject.backend.key in _KEYED:
        return [
            f"use {place}, and leave nothing in it",
            f"write rows of seed {wish.seed} under"
            f" {counted(len(subject.design.keys), 'key pattern')}: {rows}",
            f"read them by {counted(len(subject.model.patterns), 'access pattern')}",
            "remove all keys",
        ]
    return [
        f"use {place}, and leave nothing in it",
        f"load the draft for {subject.backend.name}, compare it, roll it back and load it again",
        f"insert rows of seed {wish.seed}: {rows}",
        f"run {counted(len(subject.model.patterns), 'access pattern')} and look at their plans",
        f"try {counted(kept, 'write')} that must be refused",
        "roll the draft back",
    ]


def prove(subject: Subject, wish: Wish, progress: Progress) -> Outcome:
    """Run the draft of a store.

    Raises:
        ConductorError: It could not be run.
    """
    require_provable(subject)
    if subject.backend.key in _KEYED:
        return _prove_keys(subject, wish, progress)
    if subject.backend.key == "dynamodb":
        return _prove_tables(subject, wish, progress)
    schema = Schema(subject.model, ENGINES[subject.backend.key](subject.backend), subject.sizes)
    with scratch.opened(subject, wish.address, wish.seconds) as connection:
        with _taken_away(connection, schema):
            steps = (*_steps(subject, wish, connection, schema, progress), *untested(subject))
        server = connecting.server(connection, subject.backend.name)
    return _outcome(subject, server, wish, steps)


def _prove_keys(subject: Subject, wish: Wish, progress: Progress) -> Outcome:
    with keyvalue.opened(subject, wish.address, wish.seconds) as client:
        progress("making rows")
        made = make(subject.model, counts(subject.model, wish.rows), wish.seed)
        steps = (*keyvalue.steps(subject, client, made, progress), *untested(subject))
        server = keyvalue.version(client, subject)
    return _outcome(subject, server, wish, steps)


def _prove_tables(subject: Subject, wish: Wish, progress: Progress) -> Outcome:
    with dynamodb.opened(subject, wish.address, wish.seconds) as emulator:
        progress("making rows")
        made = make(subject.model, counts(subject.model, wish.rows), wish.seed)
        steps = (*dynamodb.steps(subject, emulator, made, progress), *untested(subject))
    return _outcome(subject, f"an emulator of {subject.backend.name}", wish, steps)


def _outcome(subject: Subject, server: str, wish: Wish, steps: tuple[Promise, ...]) -> Outcome:
    return Outcome(
        title=subject.title,
        backend=subject.backend.name,
        server=server,
        seed=wish.seed,
        steps=steps,
        other_version=other_version(subject.stated, subject.backend, server),
    )


@contextlib.contextmanager
def _taken_away(connection: sa.Connection, schema: Schema) -> Iterator[None]:
    """Leave a database as empty as it was, whatever happens."""
    try:
        yield
    finally:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        for name in schema.boxes:
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS {name}")
        schema.metadata.drop_all(connection)


def _steps(
    subject: Subject,
    wish: Wish,
    connection: sa.Connection,
    schema: Schema,
    progress: Progress,
) -> Iterator[Promise]:
    progress("migrating up, down and up again")
    migrated = list(_migrated(subject, connection, schema))
    yield from migrated
    if migrated[-1].name != _LAST:
        return
    progress("making rows")
    made = make(subject.model, counts(subject.model, wish.rows), wish.seed)
    writer = Writer(connection, schema)
    yield from _filled(subject, writer, made, progress)
    progress(f"running {counted(len(subject.model.patterns), 'access pattern')}")
    yield from ask_patterns(subject, writer, made)
    progress(f"trying {counted(len(schema.rules), 'write')} that must be refused")
    yield from break_rules(subject, connection, writer, schema.rules, made)
    progress("migrating down with rows in the tables")
    yield _down(subject, connection, "down, with rows")


def _migrated(subject: Subject, connection: sa.Connection, schema: Schema) -> Iterator[Promise]:
    """Migrate; the last step is `_LAST` where the tables are there to work with."""
    expected = metadata.read(schema.metadata, subject.backend.key)
    for name in ("up", _LAST):
        problem = _run(connection, subject.artifact("schema"))
        if problem:
            yield Promise("migration", "schema", False, problem)
            return
        found = differences(expected, live.read(connection))
        says = (
            "; ".join(map(str, found[:3]))
            or f"{counted(len(expected.tables), 'table')} as the model says"
        )
        yield Promise("migration", name, not found, says)
        if name == "up":
            yield _down(subject, connection, "down")


def _down(subject: Subject, connection: sa.Connection, name: str) -> Promise:
    problem = _run(connection, subject.artifact("rollback"))
    left = scratch.own_tables(connection)
    says = problem or (f"left {', '.join(left)}" if left else "nothing is left")
    return Promise("migration", name, not (problem or left), says)


def _run(connection: sa.Connection, script: str) -> str:
    """Run a part of the draft, and say why the store refuses it; empty where it does not."""
    try:
        scratch.run_script(connection, script)
    except (sa.exc.DBAPIError, sqlite3.Error) as error:
        return str(getattr(error, "orig", error)).splitlines()[0]
    return ""


def _filled(
    subject: Subject,
    writer: Writer,
    made: Mapping[str, Made],
    progress: Progress,
) -> Iterator[Promise]:
    """Load the rows in one transaction, as references of a circle are checked at its end."""
    my = subject.backend.key in {"mysql", "mariadb"}
    for entity in subject.model.entities:
        if entity.partition and not my:
            # The rows here lie in no calendar's order: one partition takes them all.
            whole = writer.name(f"{entity.table}_all")
            writer.ask(f"CREATE TABLE {whole} PARTITION OF {writer.name(entity.table)} DEFAULT")
    if my:
        writer.ask("SET SESSION foreign_key_checks = 0")  # a circle has no order there
    writer.ask("BEGIN")
    try:
        for entity in subject.model.in_dependency_order:
            rows = made[entity.name].rows
            for start in range(0, len(rows), _AT_ONCE):
                what = f"loading {counted(len(rows), 'row')} of {entity.name}"
                progress(what, start / len(rows))
                writer.ask(writer.insert(entity, rows[start : start + _AT_ONCE]))
            problem = made[entity.name].problem
            yield Promise(
                "rows", entity.name, None if problem else True, problem or counted(len(rows), "row")
            )
        writer.ask("COMMIT")
    except sa.exc.DBAPIError:
        writer.ask("ROLLBACK")
        raise
    finally:
        if my:
            writer.ask("SET SESSION foreign_key_checks = 1")
    for entity in subject.model.in_dependency_order:
        statement = "ANALYZE TABLE" if my else "ANALYZE"
        writer.ask(f"{statement} {writer.name(entity.table)}")
