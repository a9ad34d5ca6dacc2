"""The shard keys of a collection of MongoDB that were compared, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

Sharding = Literal["id hash", "filter first", "filter hash", "unique first"]
"""What `_layout` takes in MongoDB over shards: the hash of the document's key; the field that most
patterns ask by and then the key, or its hash; or the fields of a unique rule."""
SHARDED: tuple[Sharding, ...] = ("id hash", "filter first", "filter hash", "unique first")

ShardVerdict = Literal[
    "chosen", "said", "few", "missing", "rising", "loses", "dearer", "whole", "ruled"
]
"""Why a key is taken or not: by the rule or by a person. Beside those it has too few values; may be
missing; rises, so that all inserts meet on one shard; loses a unique rule; asks more shards; keeps
all of one value on one shard; or the rule takes it and a person did not."""


class ShardWay(NamedTuple):
    """One shard key.

    Args:
        word: The way.
        columns: The columns of the key in their order.
        hashed: Whether it is the hash of its only column.
        asked: Shards asked a second; runs of each pattern count once where no rate is stated.
        lost: Unique rules that the shards do not keep by it.
        verdict: Why it is taken or not.
    """

    word: Sharding
    columns: tuple[str, ...]
    hashed: bool
    asked: float
    lost: tuple[tuple[str, ...], ...]
    verdict: ShardVerdict


@dataclass(frozen=True)
class ShardChoice:
    """The shard keys of an entity that were compared, the chosen one first.

    Args:
        shards: How many shards there are at least.
        rated: Whether the rate of every pattern that is asked is stated.
    """

    entity: str
    ways: tuple[ShardWay, ...]
    shards: int
    rated: bool
