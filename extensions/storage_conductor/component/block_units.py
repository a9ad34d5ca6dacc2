"""What the calls of a building block cost DynamoDB: requests, capacity units and bytes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import yaml

from ..catalog.backend import Backend
from ..schema.result import PatternUnits
from ..sizing.blocks import BlockCall

if TYPE_CHECKING:
    from ..schema.block_roles import BoundBlock, BoundRole
    from ..schema.block_statements import ReadyAction
    from ..schema.model import DataModel, Pattern

_WRITES = ("PutItem", "UpdateItem", "DeleteItem")
_READS = ("GetItem", "Query")
_TWICE = 2
"""Units of an item in a transaction, which is prepared and committed; one that is looked at too.

Source: Amazon DynamoDB Developer Guide, Transactions: capacity management.
"""


def unit_calls(
    bound: BoundBlock,
    model: DataModel,
    actions: Sequence[ReadyAction],
    backend: Backend,
    average_bytes: float | None,
) -> Iterator[BlockCall]:
    """Yield what a call of each action costs, with the entity whose changes call it.

    Args:
        bound: The block.
        model: From `block_model`.
        actions: What callers do.
        backend: The store, for the bytes of a unit.
        average_bytes: Bytes of an item of which no entity says more; one unit where unknown.
    """
    sizes = {model.entity(it.entity).table: _bytes(it, model, average_bytes) for it in bound.roles}
    entities = {it.role.key: it.entity for it in bound.roles}
    write, read = (backend.number(f"{kind}_unit_bytes") or 1.0 for kind in ("write", "read"))
    for ready in actions:
        requests = writes = reads = added = 0
        for step in (it for it in ready.steps if not it.step.outside):
            asked = yaml.safe_load(step.run)
            if isinstance(asked, list):
                for part in asked:
                    ((name, said),) = part.items()
                    writes += _TWICE * math.ceil(sizes[said["TableName"]] / write)
                    added += _added(bound, model, said) if name == "Put" else 0
                continue
            ((name, said),) = asked.items()
            requests += name != "ClientRequestToken"
            if name in _WRITES:
                writes += math.ceil(sizes[said["TableName"]] / write)
                added += _added(bound, model, said) if name == "PutItem" else 0
            elif name in _READS:
                reads += math.ceil(sizes[said["TableName"]] * said.get("Limit", 1) / read)
        entity = entities.get(ready.action.rate, "")
        own = math.ceil(sizes[model.entity(entity).table] / write) if entity else 0
        yield BlockCall(
            bound.block.name, ready.action.key, entity, requests, writes, added, reads, own
        )


def _bytes(item: BoundRole, model: DataModel, average_bytes: float | None) -> float:
    return model.entity(item.entity).facts.item_bytes or item.role.bytes or average_bytes or 1.0


def _added(bound: BoundBlock, model: DataModel, said: Mapping[str, Any]) -> int:
    """Return the bytes of an item that is put, where it is the block's own."""
    return sum(
        it.role.bytes for it in bound.roles if model.entity(it.entity).table == said["TableName"]
    )


def units_with_blocks(
    units: Sequence[PatternUnits], patterns: Sequence[Pattern], calls: Sequence[BlockCall]
) -> Iterator[PatternUnits]:
    """Yield the units of patterns with what blocks add to those that call them.

    Args:
        units: Of each pattern alone.
        patterns: The patterns.
        calls: What a call of each block costs. An entity that is added passes through each action
            that its changes call, one that is changed through one of them: the dearest.
    """
    named = {pattern.name: pattern for pattern in patterns}
    for item in units:
        pattern = named[item.pattern]
        called = [it for it in calls if item.changes and it.entity in pattern.touched]
        blocks = dict.fromkeys(it.block for it in called)
        twice = _TWICE * len(pattern.touched) if len(pattern.touched) > 1 else 1
        costs = [_passed(pattern, [it for it in called if it.block == name]) for name in blocks]
        more = sum(max(it.writes - it.own * twice, 0) for it in costs)
        yield replace(item, each=item.each + more)
        if read := sum(it.reads for it in costs):
            yield PatternUnits(item.pattern, changes=False, each=float(read), indexed=True)


def _passed(pattern: Pattern, calls: Sequence[BlockCall]) -> BlockCall:
    """Return what the calls of one block that one run of a pattern leads to cost."""
    dearest = max(calls, key=lambda it: it.writes)
    own = [it for it in calls if it.entity == pattern.entity]
    if pattern.finds_rows or not own:
        return dearest
    writes, reads = sum(it.writes for it in own), sum(it.reads for it in own)
    return max(own[0]._replace(writes=writes, reads=reads), dearest, key=lambda it: it.writes)
