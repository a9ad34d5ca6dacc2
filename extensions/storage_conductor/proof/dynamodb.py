"""DynamoDB's draft on an emulator: tables made, items written, patterns run, units compared."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from ..errors import ConductorError
from ..importing.extra import need
from ..schema import dynamodb_costs as costs
from ..schema.dynamodb import layouts
from ..schema.dynamodb_table import KeyedTable
from ..schema.model import Pattern
from ..units import counted, number
from . import scratch
from .asking import typical
from .blocks.servers import SERVICE
from .dynamodb_items import Emulator, is_point, item_of, item_size
from .outcome import Progress, Promise
from .rows import Made, Row
from .subject import Subject

_VARIABLE = "env:"
_AT_ONCE = 25  # items of one request
_BOUNDED = {"point", "page"}


@contextlib.contextmanager
def opened(subject: Subject, address: str, seconds: int) -> Iterator[Emulator]:
    """Connect to an emulator without tables.

    The service itself is refused, and no key of an account is ever sent: a proof creates tables and
    deletes them.

    Args:
        subject: The store of the track.
        address: `http://HOST:PORT`, or `env:NAME`.
        seconds: Longest that one request may take.

    Raises:
        ConductorError: It is not there, refuses, or has tables.
    """
    name = subject.backend.name
    if address.startswith(_VARIABLE):
        address = os.environ.get(address.removeprefix(_VARIABLE), "")
    host = urlsplit(address).hostname or ""
    if not address.startswith(("http://", "https://")) or host.endswith(SERVICE):
        raise scratch.needs_address(subject.backend)
    errors = need("botocore.exceptions", "dynamodb")
    try:
        emulator = Emulator(client_of(address, seconds))
        if there := emulator.names():
            raise ConductorError(
                f"The emulator is not empty: it has {counted(len(there), 'table')}.",
                remedy="Start another one; a proof creates tables and deletes them.",
            )
        yield emulator
    except (errors.EndpointConnectionError, errors.HTTPClientError) as error:
        raise ConductorError(
            f"{name} does not answer at that address.",
            remedy="Check host and port, and that the emulator runs.",
        ) from error
    except (errors.BotoCoreError, errors.ClientError, ValueError) as error:
        raise ConductorError(
            f"The emulator refuses: {refusal(error)}.",
            remedy="Check that the address is that of an emulator of DynamoDB.",
        ) from error


def client_of(address: str, seconds: int) -> Any:
    """Return a client of an emulator, which takes any keys.

    Raises:
        ConductorError: `boto3` is not installed.
    """
    library: Any = need("boto3", "dynamodb")
    config: Any = need("botocore.config", "dynamodb")
    limits = {"connect_timeout": 10, "read_timeout": seconds, "retries": {"max_attempts": 1}}
    return library.client(
        "dynamodb",
        region_name="us-east-1",
        endpoint_url=address,
        aws_access_key_id="proof",
        aws_secret_access_key="proof",  # noqa: S106  (no secret)
        config=config.Config(**limits),
    )


def refusal(error: Exception) -> str:
    """Return by which of its errors an endpoint refuses a request."""
    told: Mapping[str, Any] = getattr(error, "response", {})
    return str(told.get("Error", {}).get("Code") or type(error).__name__)


class _Run(NamedTuple):
    subject: Subject
    emulator: Emulator
    tables: list[KeyedTable]
    made: Mapping[str, Made]
    progress: Progress

    def table(self, entity: str) -> KeyedTable:
        return next(table for table in self.tables if table.entity.name == entity)

    def size(self, table: KeyedTable) -> float | None:
        return costs.item_bytes(table, self.subject.sizes)


def steps(
    subject: Subject, emulator: Emulator, made: Mapping[str, Made], progress: Progress
) -> Iterator[Promise]:
    """Make the tables, fill them, run each access pattern, and delete the tables.

    Args:
        subject: The store of the track.
        emulator: From `opened`.
        made: The rows.
        progress: Told what is done.
    """
    tables = [table for table, _ in layouts(subject.model, subject.backend, subject.sizes)]
    run = _Run(subject, emulator, tables, made, progress)
    try:
        progress("creating the tables, deleting them and creating them again")
        yield _up(run, "up")
        yield _down(run, "down")
        yield _up(run, "up again")
        for table in tables:
            yield _written(run, table)
        progress(f"running {counted(len(subject.model.patterns), 'access pattern')}")
        for pattern in subject.model.patterns:
            yield _asked(run, pattern)
        for table in tables:
            yield from _keys(run, table)
    finally:
        last = _down(run, "down, with items")
    yield last


def _up(run: _Run, name: str) -> Promise:
    """Create the tables, and compare their keys and indexes with what was asked for."""
    wrong = []
    for table in run.tables:
        asked = table.definition()
        run.emulator.create(asked)
        there = run.emulator.client.describe_table(TableName=table.name)["Table"]
        if _keys_of(there) != _keys_of(asked):
            wrong.append(table.name)
    says = f"not as asked for: {', '.join(wrong)}" if wrong else ""
    tables = counted(len(run.tables), "table")
    return Promise("migration", name, not wrong, says or f"{tables} as the model says")


def _keys_of(description: Mapping[str, Any]) -> list[Any]:
    """What finds the items of a table, and what its indexes hold."""
    indexes = description.get("GlobalSecondaryIndexes", ())
    return [
        description["KeySchema"],
        sorted(
            (i["IndexName"], repr(i["KeySchema"]), sorted(map(repr, i["Projection"].items())))
            for i in indexes
        ),
    ]


def _down(run: _Run, name: str) -> Promise:
    there = set(run.emulator.names())
    for table in run.tables:
        if table.name in there:
            run.emulator.drop(table.name)
    left = [table.name for table in run.tables if table.name in run.emulator.names()]
    says = f"left {', '.join(left)}" if left else "nothing is left"
    return Promise("migration", name, not left, says)


def _written(run: _Run, table: KeyedTable) -> Promise:
    made = run.made[table.entity.name]
    size, rows = run.size(table), made.rows
    for start in range(0, len(rows), _AT_ONCE):
        what = f"writing {counted(len(rows), 'item')} of {table.entity.name}"
        run.progress(what, start / len(rows))
        items = [item_of(table, row, size) for row in rows[start : start + _AT_ONCE]]
        wanted = {table.name: [{"PutRequest": {"Item": item}} for item in items]}
        while wanted:
            wanted = run.emulator.client.batch_write_item(RequestItems=wanted)["UnprocessedItems"]
    said = counted(len(rows), "item")
    said += f" of {round(size):,} bytes, as estimated" if size else ""
    name = table.entity.name
    return Promise("rows", name, None if made.problem else True, made.problem or said)


def _asked(run: _Run, pattern: Pattern) -> Promise:
    table = run.table(pattern.entity)
    made = run.made[pattern.entity]
    row = typical(pattern, made.rows) if pattern.finds_rows else made.spare
    if row is None:
        return Promise("pattern", pattern.name, None, "no row was made that it would find or write")
    if not pattern.finds_rows:
        item = item_of(table, row, run.size(table))
        return _compared(run, pattern, run.emulator.put_with_entries(table, item), item_size(item))
    if table.key_of(pattern) is None:
        units, count = run.emulator.scan(table)
        said = f"the whole table, as said: {counted(units, 'unit')} for {counted(count, 'item')}"
        return Promise("pattern", pattern.name, count > 0, said, {"units": units})
    return (_changed if pattern.changes else _read)(run, table, pattern, row)


def _read(run: _Run, table: KeyedTable, pattern: Pattern, row: Row) -> Promise:
    units, items = run.emulator.read(table, pattern, row)
    if not items or not (is_point(table, pattern) or run.emulator.finds(table, pattern, row)):
        said = f"{counted(units, 'unit')}, without the row that was looked for"
        return Promise("pattern", pattern.name, False, said)
    largest = max(item_size(item) for item in items)
    return _compared(run, pattern, units, largest, len(items))


def _changed(run: _Run, table: KeyedTable, pattern: Pattern, row: Row) -> Promise:
    """Write an item over itself, or delete it and write it again."""
    item = item_of(table, row, run.size(table))
    deleted = run.emulator.delete(table, item) if pattern.kind == "delete" else None
    written = run.emulator.put(table.name, item)
    units = written if deleted is None else deleted
    return _compared(run, pattern, units, item_size(item))


def _compared(
    run: _Run, pattern: Pattern, units: float, bytes_each: int, returned: int | None = None
) -> Promise:
    """Compare consumed units with those that the specification computes for one run."""
    table = run.table(pattern.entity)
    size, prices = run.size(table), costs.prices(run.subject.backend)
    numbers = {"units": units} | ({} if returned is None else {"returned": float(returned)})
    said = f"consumed {counted(units, 'unit')}"
    said += "" if returned is None else f" for {counted(returned, 'item')}"
    bounded = pattern.changes or table.served[pattern.name].cost in _BOUNDED
    if size is None or prices is None or not bounded or len(pattern.touched) > 1:
        return Promise("pattern", pattern.name, True, f"{said}; none were computed", numbers)
    count = costs.write_units if pattern.changes else costs.read_units
    computed = count(table, pattern, size, prices)
    said += f", computed {number(computed)}"
    if pattern.changes and pattern.finds_rows and table.indexes:
        said += " with index entries, which an emulator leaves out"
    numbers["computed"] = computed
    if units <= computed:
        return Promise("pattern", pattern.name, True, said, numbers)
    if bytes_each > size:
        said += f"; an item here has {bytes_each:,} bytes, and {round(size):,} were estimated"
        return Promise("pattern", pattern.name, None, said, numbers)
    return Promise("pattern", pattern.name, False, said, numbers)


def _keys(run: _Run, table: KeyedTable) -> Iterator[Promise]:
    """Write an item whose key is taken, on the condition that it is not: it must be refused."""
    kept = any(
        case.entity == table.entity.name and case.enforced_by == "store"
        for case in run.subject.design.constraints
    )
    rows = run.made[table.entity.name].rows
    if not kept or not rows:
        return
    name = f"key of {table.entity.name}"
    attribute, _ = table.attribute(table.base.partition)
    errors: Any = run.emulator.client.exceptions
    try:
        run.emulator.put(
            table.name,
            item_of(table, rows[0]),
            ConditionExpression="attribute_not_exists(#k)",
            ExpressionAttributeNames={"#k": attribute},
        )
    except errors.ConditionalCheckFailedException:
        yield Promise("rule", name, True, "an item whose key is taken was refused")
        return
    yield Promise("rule", name, False, "an item whose key is taken was written")
