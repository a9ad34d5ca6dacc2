"""What the calls of a building block cost its store: requests, rows or commands, and bytes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from ..sizing.blocks import BlockCall
from ..units import counted, size_text
from ..wording import code

if TYPE_CHECKING:
    from ..schema.block_roles import BoundBlock
    from ..schema.block_statements import ReadyAction, ReadyStep

_ROWS = re.compile(r"^(?:INSERT|UPDATE|DELETE FROM)\b", re.MULTILINE)
_COMMANDS = re.compile(r"\bredis\.call\(")
_INSERTS = re.compile(r"INSERT INTO \{\{ (\w+)\.table \}\}|\{\{ (\w+)\.insert(?:_once)? \}\}")


def block_calls(bound: BoundBlock, actions: Sequence[ReadyAction]) -> Iterator[BlockCall]:
    """Yield what a call of each action costs, with the entity whose changes call it."""
    entities = {role.role.key: role.entity for role in bound.roles}
    sizes = {role.role.key: role.role.bytes for role in bound.roles}
    for ready in actions:
        asked = [it for it in ready.steps if not it.step.outside]
        added = (
            sizes[role] for it in asked for found in _INSERTS.findall(it.step.run) for role in found
            if role
        )  # fmt: skip
        yield BlockCall(
            block=bound.block.name,
            action=ready.action.key,
            entity=entities.get(ready.action.rate, ""),
            requests=len(asked),
            writes=sum(map(_writes, asked)),
            bytes=sum(added),
        )


def _writes(item: ReadyStep) -> int:
    return len(_ROWS.findall(item.run)) or len(_COMMANDS.findall(item.run))


def cost_text(calls: Iterable[BlockCall], family: str) -> str:
    """Return what each action costs in a family of stores: `apply` 5 requests, 3 rows, 300 B."""
    requests = "step" if family == "posix" else "request"
    writes = {"cache": "command", "key_value": "write unit"}.get(family, "row")
    return "; ".join(
        f"{code(call.action)} "
        + ", ".join(
            [
                counted(call.requests, requests),
                *([counted(call.writes, writes)] if call.writes else []),
                *([counted(call.reads, "read unit")] if call.reads else []),
                *([size_text(call.bytes)] if call.bytes else []),
            ]
        )
        for call in calls
    )
