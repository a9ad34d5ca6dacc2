"""The description of a DynamoDB table, as `aws dynamodb describe-table` prints it.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..steps.described import DescribedTable
from .documents import part
from .found import FoundColumn, FoundSchema, FoundTable
from .naming import Naming

_TYPES = {"S": "text", "N": "bigint", "B": "bytes"}
_SAID = {"TableName", "KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes"}
_SAID |= {"LocalSecondaryIndexes"}
_SAID |= {"ItemCount", "TableSizeBytes"}
# What AWS tells of a table at a moment, and nobody decided.
_STATE = {"TableArn", "TableId", "TableStatus", "CreationDateTime"}
_STATE |= {"LatestStreamArn", "LatestStreamLabel", "WarmThroughput"}


def read(tables: list[Mapping[str, Any]]) -> FoundSchema:
    """Read descriptions: the keys become the entity, each way to ask an access pattern."""
    found: list[FoundTable] = []
    unsaid: list[str] = []
    for table in tables:
        with part("the table", table.get("TableName")):
            found.append(_table(table))
            unsaid += _unsaid(table)
    schema = FoundSchema("dynamodb", tuple(found))
    naming = Naming(schema)
    patterns = tuple(p for table in tables for p in _patterns(table, naming))
    described = {str(table["TableName"]): _described(table) for table in tables}
    return FoundSchema("dynamodb", tuple(found), patterns, tuple(unsaid), described=described)


def _described(table: Mapping[str, Any]) -> DescribedTable:
    return DescribedTable(
        _attributes(table),
        {str(index["IndexName"]): _attributes(index) for index in _indexes(table)},
        frozenset(str(i["IndexName"]) for i in table.get("LocalSecondaryIndexes") or ()),
    )


def _attributes(described: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(item["AttributeName"]) for item in _ordered(described))


def _table(table: Mapping[str, Any]) -> FoundTable:
    key = _attributes(table)
    columns = [
        FoundColumn(
            item["AttributeName"],
            _TYPES.get(item["AttributeType"], "text"),
            nullable=item["AttributeName"] not in key,
        )
        for item in table["AttributeDefinitions"]
    ]
    count, size = (int(table.get(name) or 0) for name in ("ItemCount", "TableSizeBytes"))
    return FoundTable(
        table["TableName"],
        tuple(columns),
        key,
        count=count or None,
        item_bytes=-(-size // count) if count and size else None,
    )


def _ordered(described: Mapping[str, Any]) -> list[Mapping[str, str]]:
    return sorted(described["KeySchema"], key=lambda item: str(item["KeyType"]) != "HASH")


def _indexes(table: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from table.get("GlobalSecondaryIndexes") or ()
    yield from table.get("LocalSecondaryIndexes") or ()


def _patterns(table: Mapping[str, Any], naming: Naming) -> Iterator[dict[str, Any]]:
    name = table["TableName"]
    for described in (table, *_indexes(table)):
        fields = [naming.fields[name, item["AttributeName"]] for item in _ordered(described)]
        index = described.get("IndexName")
        pattern: dict[str, Any] = {
            "name": f"{name} by {index or ' and '.join(fields)}",
            "entity": naming.entities[name],
            "filter": fields[:1],
        }
        if len(fields) > 1:
            pattern["sort"] = fields[1:]
        yield pattern


def _unsaid(table: Mapping[str, Any]) -> Iterator[str]:
    name = table["TableName"]
    yield f"{name}: attributes that no key names are not in the description"
    for item in table["AttributeDefinitions"]:
        if item["AttributeType"] == "N":
            yield f"{name}.{item['AttributeName']}: a number, written as bigint"
    for index in table.get("LocalSecondaryIndexes") or ():
        # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LSI.html
        yield (
            f"{name}: index {index['IndexName']} is a local one, which the table has for as long as"
            " it is there; the draft has a global one, without strong reads"
        )
    for index in _indexes(table):
        projection = index.get("Projection") or {}
        listed = ", ".join(projection.get("NonKeyAttributes") or ())
        kind = str(projection.get("ProjectionType", "ALL"))
        if kind != "ALL":
            yield f"{name}: index {index['IndexName']} holds {kind} {listed}".rstrip()
    for key in sorted(table.keys() - _SAID - _STATE):
        value = table[key]
        if value not in (None, False, [], {}):
            yield f"{name}: {key}"
