"""Items of DynamoDB's tables: as rows are stored, found by a pattern, and counted in units."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from ..schema.dynamodb_table import Key, KeyedTable, attribute_type
from ..schema.model import Column, Pattern
from .rows import Row

Item = dict[str, Any]
"""Attributes by name, each as `{TYPE: value}`."""

PADDING = "padding"
"""An attribute that brings an item to the size that its units were computed from."""
_FAR = 4_102_444_800  # 2100-01-01, as seconds: nothing ends while a proof runs
_COPIED = 100  # items that one request fetches


class Emulator(NamedTuple):
    """An endpoint, and what of it is used.

    Args:
        client: From `boto3`.
    """

    client: Any

    def create(self, definition: dict[str, Any]) -> None:
        """Create a table, and wait until it is there; emulators do not protect it."""
        asked = {k: v for k, v in definition.items() if k != "DeletionProtectionEnabled"}
        self.client.create_table(**asked)
        waiter = self.client.get_waiter("table_exists")
        waiter.wait(TableName=asked["TableName"], WaiterConfig={"Delay": 1, "MaxAttempts": 60})

    def drop(self, name: str) -> None:
        """Delete a table, and wait until it is gone."""
        self.client.delete_table(TableName=name)
        waiter = self.client.get_waiter("table_not_exists")
        waiter.wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})

    def names(self) -> list[str]:
        """Return the names of all tables."""
        return list(self.client.list_tables()["TableNames"])

    def put(self, name: str, item: Item, **options: Any) -> float:
        """Write an item; return the units that were consumed."""
        done = self.client.put_item(
            TableName=name, Item=item, ReturnConsumedCapacity="TOTAL", **options
        )
        return float(done["ConsumedCapacity"]["CapacityUnits"])

    def delete(self, table: KeyedTable, item: Item) -> float:
        """Delete an item; return the units that were consumed."""
        done = self.client.delete_item(
            TableName=table.name, Key=_own_key(table, item), ReturnConsumedCapacity="TOTAL"
        )
        return float(done["ConsumedCapacity"]["CapacityUnits"])

    def put_with_entries(self, table: KeyedTable, item: Item) -> float:
        """Write an item; return its units with those of its index entries.

        An emulator leaves indexes out, so that each entry is written to a table of its own.
        """
        units = self.put(table.name, item)
        for index in table.indexes:
            entry = entry_of(table, index, item)
            if entry is None:
                continue
            hashed, kind = table.attribute(index.partition, index.only)
            copy = f"{table.name}.{index.name}"[:255]
            self.create(
                {
                    "TableName": copy,
                    "AttributeDefinitions": [{"AttributeName": hashed, "AttributeType": kind}],
                    "KeySchema": [{"AttributeName": hashed, "KeyType": "HASH"}],
                    "BillingMode": "PAY_PER_REQUEST",
                }
            )
            try:
                units += self.put(copy, entry)
            finally:
                self.drop(copy)
        return units

    def read(self, table: KeyedTable, pattern: Pattern, row: Row) -> tuple[float, list[Item]]:
        """Read as a pattern does; return the units consumed and the items found."""
        key = table.key_of(pattern) or table.base
        strong = pattern.consistency == "strong" and key is table.base
        common = {"TableName": table.name, "ReturnConsumedCapacity": "TOTAL"}
        if is_point(table, pattern):
            found = self.client.get_item(
                Key=_own_key(table, item_of(table, row)), ConsistentRead=strong, **common
            )
            items = [found["Item"]] if "Item" in found else []
            return float(found["ConsumedCapacity"]["CapacityUnits"]), items
        limit = {"Limit": pattern.page_size} if pattern.page_size else {}
        found = self.client.query(
            **query_of(table, key, pattern, row), ConsistentRead=strong, **limit, **common
        )
        units = float(found["ConsumedCapacity"]["CapacityUnits"])
        items = found["Items"]
        if table.lacks(pattern, key):
            units += self._fetched(table, items)
        return units, items

    def _fetched(self, table: KeyedTable, entries: list[Item]) -> float:
        units = 0.0
        wanted = [_own_key(table, entry) for entry in entries]
        for start in range(0, len(wanted), _COPIED):
            found = self.client.batch_get_item(
                RequestItems={table.name: {"Keys": wanted[start : start + _COPIED]}},
                ReturnConsumedCapacity="TOTAL",
            )
            units += sum(use["CapacityUnits"] for use in found["ConsumedCapacity"])
        return units

    def scan(self, table: KeyedTable) -> tuple[float, int]:
        """Read a whole table; return the units consumed and how many items it has."""
        asked = {"TableName": table.name, "ReturnConsumedCapacity": "TOTAL"}
        pages = [*self.client.get_paginator("scan").paginate(**asked)]
        units = sum(page["ConsumedCapacity"]["CapacityUnits"] for page in pages)
        return float(units), sum(page["Count"] for page in pages)

    def finds(self, table: KeyedTable, pattern: Pattern, row: Row) -> bool:
        """Tell whether a pattern finds a row, on whatever page it stands."""
        key = table.key_of(pattern) or table.base
        wanted = _own_key(table, item_of(table, row))
        asked = {"TableName": table.name, **query_of(table, key, pattern, row)}
        pages = self.client.get_paginator("query").paginate(**asked)
        return any(_own_key(table, item) == wanted for page in pages for item in page["Items"])


def is_point(table: KeyedTable, pattern: Pattern) -> bool:
    """Whether a pattern finds one item by the key of its table."""
    key = table.key_of(pattern) or table.base
    return key is table.base and set(key.columns) <= set(pattern.equal)


def item_of(table: KeyedTable, row: Row, size: float | None = None) -> Item:
    """Return the item of a row.

    Args:
        table: Where it is stored.
        row: The row.
        size: Bytes that it is brought to, where it is smaller.
    """
    item: Item = {}
    for column in table.entity.columns:
        if row[column.name] is not None:
            item[column.name] = _attribute(column, row[column.name])
    for key in table.keys:
        for columns, only in zip(key.schema, (key.only, ""), strict=True):
            whole = all(row[column] is not None for column in columns)
            name, kind = table.attribute(columns, only) if columns else ("", "")
            if name and name not in item and whole and _in_state(table, key, row):
                item[name] = {kind: _joined(table, columns, row)}
    if table.entity.ttl_seconds is not None:
        item[table.ttl_attribute] = {"N": str(_FAR)}
    missing = round(size or 0) - item_size(item) - len(PADDING)
    if missing > 0:
        item[PADDING] = {"S": "x" * missing}
    return item


def _in_state(table: KeyedTable, key: Key, row: Row) -> bool:
    """Whether an index of some items holds a row."""
    if not key.only:
        return True
    return any(
        all(rule.holds(row) for rule in pattern.fixed)
        for pattern in table.patterns
        if pattern.name in key.serves
    )


def entry_of(table: KeyedTable, index: Key, item: Item) -> Item | None:
    """Return what an index holds of an item; None where it does not."""
    roles = [(index, index.only), (table.base, "")]
    keys = [
        table.attribute(columns, word)[0]
        for key, only in roles
        for columns, word in zip(key.schema, (only, ""), strict=True)
        if columns
    ]
    if any(name not in item for name in keys):
        return None
    if index.copied is None:
        return item
    return {name: value for name, value in item.items() if name in {*keys, *index.copied}}


def _own_key(table: KeyedTable, item: Item) -> Item:
    names = [table.attribute(columns)[0] for columns in table.base.schema if columns]
    return {name: item[name] for name in names}


def query_of(table: KeyedTable, key: Key, pattern: Pattern, row: Row) -> dict[str, Any]:
    """Return the query by which a pattern finds the rows that share a row's values."""
    found, kind = table.attribute(key.partition, key.only)
    names, values = {"#k": found}, {":k": {kind: _joined(table, key.partition, row)}}
    condition = "#k = :k"
    ordered = key.schema[1]
    if ordered:
        name, kind = table.attribute(ordered)
        asked = [*_led(ordered, pattern.equal)]
        rest = ordered[len(asked) :]
        if rest and rest[0] in pattern.ranges:
            asked.append(rest[0])
        word = _compared(asked, ordered, pattern)
        if asked and word:
            names["#o"], values[":o"] = name, {kind: _joined(table, tuple(asked), row)}
            condition += word
    way = pattern.sort[0][1] if pattern.sort else "asc"
    index = {"IndexName": key.name} if key is not table.base else {}
    return {
        "KeyConditionExpression": condition,
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": values,
        "ScanIndexForward": way != "desc",
        **index,
    }


def _led(ordered: tuple[str, ...], equal: tuple[str, ...]) -> Iterator[str]:
    for column in ordered:
        if column not in equal:
            return
        yield column


def _compared(asked: list[str], ordered: tuple[str, ...], pattern: Pattern) -> str:
    """How the attribute that orders items is compared with the values that are asked for."""
    if asked and asked[-1] in pattern.ranges:
        return " AND #o >= :o"
    return " AND #o = :o" if len(asked) == len(ordered) else " AND begins_with(#o, :o)"


def _joined(table: KeyedTable, columns: tuple[str, ...], row: Row) -> Any:
    entity = table.entity
    if len(columns) == 1 and attribute_type(entity.column(columns[0])) == "B":
        return row[columns[0]]
    return "#".join(_text(row[name]) for name in columns)


def _attribute(column: Column, value: Any) -> dict[str, Any]:
    kind = attribute_type(column)
    if kind == "L":
        return {"L": [_plain(one) for one in value]}
    if kind == "M":
        return _plain(json.loads(value) if isinstance(value, str) else value)
    return {kind: value if kind in {"BOOL", "B"} else _text(value)}


def _plain(value: Any) -> dict[str, Any]:
    """Write a value of JSON, or of a list."""
    match value:
        case bool():
            return {"BOOL": value}
        case int() | float() | Decimal():
            return {"N": _text(value)}
        case dict():
            return {"M": {name: _plain(one) for name, one in value.items()}}
        case list():
            return {"L": [_plain(one) for one in value]}
        case None:
            return {"NULL": True}
        case _:
            return {"S": str(value)}


def _text(value: Any) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def item_size(item: Item) -> int:
    """Bytes of an item as DynamoDB counts them: names, and values by their type."""
    return sum(len(name.encode()) + _size(value) for name, value in item.items())


def _size(attribute: dict[str, Any]) -> int:
    kind: str
    value: Any
    ((kind, value),) = attribute.items()
    match kind:
        case "N":
            digits = value.lstrip("-").replace(".", "").strip("0")
            return (len(digits) + 1) // 2 + 1 + int(value.startswith("-"))
        case "BOOL" | "NULL":
            return 1
        case "L":
            return 3 + sum(1 + _size(one) for one in value)
        case "M":
            return 3 + sum(1 + len(name.encode()) + _size(one) for name, one in value.items())
        case "B":
            return len(bytes(value))
        case _:
            return len(str(value).encode())
