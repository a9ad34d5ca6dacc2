"""Every rule against a write that breaks it: it must be refused, and its correct twin accepted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from ..schema.model import Entity
from ..schema.rules import Rule, breaking_row
from .outcome import Promise
from .rows import Made, Row, absent
from .subject import Subject
from .writing import Writer


def break_rules(
    subject: Subject,
    connection: sa.Connection,
    writer: Writer,
    rules: list[Rule],
    made: Mapping[str, Made],
) -> Iterator[Promise]:
    """Write the row to spare of each entity, and again with each of its rules broken."""
    accepted: dict[str, str] = {}
    for entity in subject.model.in_dependency_order:
        spare = made[entity.name].spare
        said = "there is no row to try it with"
        if spare is not None:
            said = _refused(connection, writer, entity, spare)[0]
        accepted[entity.name] = said
    for rule in rules:
        foreign = rule.foreign_key
        if foreign is not None and (foreign.entity not in subject.model or not foreign.kept):
            continue
        if rule.lost:
            continue
        problem = accepted[rule.entity.name]
        spare = made[rule.entity.name].spare
        broken = None if spare is None else _broken(rule, spare, made)
        name = rule.name if rule.kind == "not null" else f"{rule.kind} {rule.name}"
        if problem or broken is None:
            reason = problem or "no write is known that breaks it"
            yield Promise("rule", name, None, reason)
            continue
        said, constraint = _refused(connection, writer, rule.entity, broken)
        by = f", by {constraint}" if constraint and constraint != rule.name else ""
        says = f"{rule.violation} was refused{by}" if said else f"{rule.violation} was accepted"
        yield Promise("rule", name, bool(said), says)


def _broken(rule: Rule, spare: Row, made: Mapping[str, Made]) -> Row | None:
    """The row to spare with one rule broken; `None` where no such row is known."""
    last = rule.columns[-1]
    kind = rule.entity.column(last).type
    changed: Row | None = None
    match rule.kind:
        case "key" | "unique":
            changed = _shared(rule, made[rule.entity.name].rows)
        case "not null":
            changed = {last: None}
        case "enum":
            other = "invalid"
            while other in kind.values:
                other += "_"
            changed = {last: other}
        case "length":
            size = (kind.length or 0) + 1
            changed = {last: str([0.5] * size) if kind.name == "vector" else "x" * size}
        case "check" if rule.check is not None:
            values = breaking_row(rule.entity, rule.check)
            changed = None if values is None else dict(values)
        case "reference":
            changed = _dangling(rule, made)
    return None if changed is None else spare | changed


def _shared(rule: Rule, rows: list[Row]) -> Row | None:
    """What a row has that no other may have, with what makes it one that the rule is of."""
    where = rule.index.where if rule.index else None
    names = (*rule.columns, *(where.columns() if where else ()))
    whole = (
        row
        for row in rows
        if all(row[name] is not None for name in rule.columns)
        if where is None or where.holds(row)
    )
    found = next(whole, None)
    return found and {name: found[name] for name in names}


def _dangling(rule: Rule, made: Mapping[str, Made]) -> Row:
    """Values for a reference that no row has."""
    if rule.foreign_key is None:
        return {}
    targets = made[rule.foreign_key.entity].rows
    found: Row = {}
    for name, other in zip(rule.columns, rule.foreign_key.referenced, strict=True):
        kind = rule.entity.column(name).type
        found[name] = absent(kind)
        taken = {repr(row[other]) for row in targets}
        number = 1
        while repr(found[name]) in taken and number < 100:
            found[name], number = absent(kind, number), number + 1
    return found


def _refused(
    connection: sa.Connection, writer: Writer, entity: Entity, row: Row
) -> tuple[str, str]:
    """Try an insert and take it back; say why it was refused, and by which constraint."""
    writer.ask("BEGIN")
    try:
        writer.ask(writer.insert(entity, [row]))
        if connection.dialect.name == "postgresql":
            writer.ask("SET CONSTRAINTS ALL IMMEDIATE")
        if connection.dialect.name == "sqlite":
            _check_deferred(writer, entity)
    except sa.exc.DBAPIError as error:
        if not _is_about_data(error):
            raise
        return str(error.orig).splitlines()[0], _constraint(error.orig)
    finally:
        writer.ask("ROLLBACK")
    return "", ""


def _check_deferred(writer: Writer, entity: Entity) -> None:
    """Find references of SQLite that would be refused at the end of the transaction."""
    quoted = entity.table.replace('"', '""')
    broken = writer.ask(f'PRAGMA foreign_key_check("{quoted}")').first()
    if broken is not None:
        raise sa.exc.IntegrityError("", None, ValueError("a reference to no row"))


def _is_about_data(error: sa.exc.DBAPIError) -> bool:
    """Whether a statement was refused for its values, and is no mistake of another kind."""
    if isinstance(error, sa.exc.IntegrityError | sa.exc.DataError):
        return True
    code = next(iter(getattr(error.orig, "args", ())), None)
    # ER_CONSTRAINT_FAILED of MariaDB and ER_CHECK_CONSTRAINT_VIOLATED of MySQL.
    return code in {4025, 3819}


def _constraint(error: Any) -> str:
    found = getattr(getattr(error, "diag", None), "constraint_name", None)
    return str(found or "")
