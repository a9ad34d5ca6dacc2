"""Estimates for Redis and Valkey: memory of every key and index, commands at peak, shards."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from ..catalog.backend import Backend
from ..catalog.statements import NodeClass
from ..units import listed, number, volume_text
from . import formulas as f
from . import redis_memory as redis
from .entities import entries_at_once, inserting, item_bytes, steady_state
from .model import ComputedNumber, Job, known
from .rates import ROUNDING
from .workload import HORIZONS, Workload

if TYPE_CHECKING:
    from ..schema.model import Column, DataModel, Entity, Pattern
    from ..schema.result import KeyRow

_MEASURED = ("redis", "valkey")
_SHORT_LIFE = 3_600
"""Seconds of a life that a peak may outlast."""
_PLACE = re.compile(r"<(?:from |to |padded )?([^<>]+)>")
_BYTES = {"uuid": 36, "bool": 1, "date": 13, "time": 15, "timestamp": 13, "timestamptz": 13}
"""Bytes of a value as the drafts write it: times in milliseconds since 1970."""
_DIGITS = {"smallint": 6, "int": 11, "bigint": 20, "real": 9, "float": 17}


class Kept(NamedTuple):
    """The keys of one pattern, all together.

    Args:
        name: The pattern of the keys.
        kind: What they hold: `hash`, `string`, `set` or `sorted set`.
        keys: How many there are.
        each: Bytes of one, with its value and its part of the tables.
        most: Whether there may be fewer keys, each with more members.
    """

    name: str
    kind: str
    keys: float
    each: float
    most: bool


def kept(job: Job) -> list[Kept] | None:
    """Return the keys of all entities; None where the number or size of one is not known."""
    found: list[Kept] = []
    if job.model is None or not job.keys or job.backend.key not in _MEASURED:
        return None
    owned = {row.entity for row in job.keys}
    for entity in (item for item in job.model.entities if item.name in owned):
        count = _count(job, entity, alone=len(owned) == 1)
        size = item_bytes(entity, job.load.answers.average_item_bytes)
        if count is None or size is None:
            return None
        rows = [row for row in job.keys if row.entity == entity.name]
        found += [_kept(job, entity, row, count, size) for row in rows]
    return found


def _count(job: Job, entity: Entity, *, alone: bool) -> float | None:
    """Return the entries that are there at once: what comes and stays, else what was counted."""
    average = job.load.answers.average_item_bytes
    counted = entity.facts.count is not None or steady_state(entity, average) is not None
    held = job.load.volume_gb(HORIZONS[-1]) or job.load.steady_gb
    if not counted and alone and job.alone and held and average:
        return held * f.GB / average
    usual = None if job.model is None else entries_at_once(job.model, entity)
    return _larger(usual, _at_peak(job, entity))


def _at_peak(job: Job, entity: Entity) -> float | None:
    """Return what lives at the peak that an insert states of itself; None without one.

    Its busiest minute lasts as long as a short life at the most; what lives for longer has the
    minutes beside it too, of which nobody stated anything.
    """
    life, inserted = entity.ttl_seconds, [p for p in _inserts(job.model, entity) if p.peak]
    if life is None or life > _SHORT_LIFE or not inserted or job.model is None:
        return None
    others = (p.per_second or 0.0 for p in _inserts(job.model, entity) if not p.peak)
    return (sum(p.peak or 0.0 for p in inserted) + sum(others)) * life


def _inserts(model: DataModel | None, entity: Entity) -> list[Pattern]:
    return [p for p in model.patterns_of(entity) if inserting(p)] if model else []


def _larger(one: float | None, other: float | None) -> float | None:
    known = [value for value in (one, other) if value is not None]
    return max(known, default=None)


def _kept(job: Job, entity: Entity, row: KeyRow, count: float, size: float) -> Kept:
    member = ":".join(f"<{name}>" for name in entity.key)
    named, expires = _length(entity, row.name), row.ttl_seconds is not None
    if row is next(item for item in job.keys if item.entity == entity.name):
        fields = _fields(entity, size)
        value = redis.hashed(fields) if row.kind == "hash" else redis.string(size)
        return _whole(row, count, redis.key(named, expires=expires) + value, expires)
    if row.kind == "string":
        value = redis.string(_length(entity, member))
        return _whole(row, count, redis.key(named, expires=expires) + value, expires)
    groups = _groups(job, entity, row, count)
    many = count / groups if groups else 1.0
    length = _length(entity, _member(row, member))
    value = redis.members(many, length) if row.kind == "set" else redis.ordered(many, length)
    keys = groups or count
    each = redis.key(named, expires=expires) + value
    return _whole(row, keys, each, expires)._replace(most=groups is None)


def _whole(row: KeyRow, keys: float, each: float, expires: bool) -> Kept:
    tables = redis.buckets(keys) / max(keys, 1.0) * (2 if expires else 1)
    return Kept(row.name, row.kind, keys, each + tables, most=False)


def _member(row: KeyRow, member: str) -> str:
    """Return what a member looks like: the last word of the command that adds it."""
    words = {"GEOADD": 4, "ZADD": 3}
    first = row.write.splitlines()[0]
    return first.split(" ", words.get(first.partition(" ")[0], 2))[-1] or member


def _groups(job: Job, entity: Entity, row: KeyRow, count: float) -> float | None:
    """Return how many collections there are: one, or one for each value that is known."""
    if not row.partition:
        return 1.0
    product = 1.0
    for name in row.partition:
        kind = entity.column(name).type
        values: float | None = 2 if kind.name == "bool" else len(kind.values) or None
        reference = entity.column(name).reference
        if reference is not None and job.model is not None and reference.entity in job.model:
            values = job.model.entity(reference.entity).facts.count or values
        if values is None:
            return None
        product *= values
    return min(product, count)


def _fields(entity: Entity, size: float) -> list[tuple[float, float]]:
    """Return name and value of each field: bounded ones by type, the others share the rest."""
    columns = [column for column in entity.columns if column.name not in entity.key]
    bounded = {column.name: _value(column) for column in columns}
    open_ones = [name for name, length in bounded.items() if length is None]
    taken = sum(length for length in bounded.values() if length is not None)
    rest = max(size - taken, 0.0) / len(open_ones) if open_ones else 0.0
    scale = 1.0 if open_ones and size >= taken else size / taken if taken else 1.0
    return [
        (len(name), rest if length is None else length * scale) for name, length in bounded.items()
    ]


def _value(column: Column) -> float | None:
    """Return the most bytes of a value, or None where nothing bounds it."""
    kind = column.type
    if kind.array:
        return None
    if kind.values:
        return max(len(value.encode()) for value in kind.values)
    if kind.name in _DIGITS:
        return _DIGITS[kind.name]
    if kind.precision is not None:
        return kind.precision + 2
    return _BYTES.get(kind.name, kind.length)


def _length(entity: Entity, template: str) -> float:
    """Return the bytes of a name with values in the places; one without a bound counts as 36."""
    values = [_value(entity.column(name)) for name in _PLACE.findall(template)]
    return len(_PLACE.sub("", template)) + sum(36 if v is None else v for v in values)


def largest_node(backend: Backend) -> NodeClass | None:
    """Return the node with the most memory that a service rents."""
    return max(backend.node_classes, key=lambda node: node.memory_gib, default=None)


def largest_node_gb(backend: Backend) -> float | None:
    """Return the memory for data of the largest node that a service rents, in GB."""
    share, most = known(backend, "memory_headroom_fraction"), largest_node(backend)
    return None if most is None else most.memory_gib * f.GIB / f.GB * (share.value if share else 1)


def outgrows(backend: Backend, load: Workload) -> bool:
    """Tell whether the volume alone is more than the largest node of a cache holds."""
    most, held = largest_node_gb(backend), load.volume_gb(HORIZONS[-1])
    return backend.family == "cache" and bool(most and held and held > most)


def replica_sets(backend: Backend, load: Workload) -> int:
    """Return how many replica sets the volume needs; zero where a number for that is not known."""
    most, held = backend.number("replica_set_bytes_max"), load.volume_gb(HORIZONS[-1])
    return f.whole(held * f.GB / most) if most and held else 0


def memory(job: Job) -> Iterator[ComputedNumber]:
    """Memory of every key, index and set, without and during a snapshot."""
    found = kept(job)
    if not found:
        return
    total = sum(item.keys * item.each for item in found) / f.GB
    share = known(job.backend, "memory_headroom_fraction")
    needed = total / share.value if share else total
    text = " + ".join(f"{item.kind} {number(item.keys)} × {number(item.each)} B" for item in found)
    text += f" = {volume_text(total)}"
    text += f"; ÷ {number(share.value)} = {volume_text(needed)}" if share else ""
    short = [e.name for e in job.model.entities if _at_peak(job, e)] if job.model else []
    text += f"; {listed(short)} at the peak of what is inserted" if short else ""
    most = "at most " if any(item.most for item in found) else ""
    node = largest_node_gb(job.backend)
    nodes = f.whole(total / node) if node else 0
    several = f"; {nodes} nodes or more, so a cluster" if nodes > 1 else ""
    names = listed([item.name for item in found])
    said = f"{most}{volume_text(needed)}{several}"
    spread = {"several": "yes" if several else ""}
    yield ComputedNumber("keyspace", names, text, needed, "GB", said, values=spread)
    factor = known(job.backend, "save_memory_factor")
    if factor is not None:
        yield ComputedNumber(
            "cache-memory-saving",
            names,
            f"{volume_text(needed)} × {number(factor.value)} ="
            f" {volume_text(needed * factor.value)}",
            needed * factor.value,
            "GB",
            volume_text(needed * factor.value),
            source=factor.source,
        )


def commands(job: Job) -> Iterator[ComputedNumber]:
    """Commands a second at peak, against what one node takes: how many shards carry them."""
    node = known(job.backend, "operations_per_second_per_node")
    terms = _terms(job)
    if node is None or not terms:
        return
    total = sum(peak * each for peak, each in terms)
    shards = max(f.whole(total / node.value), 1)
    text = " + ".join(f"{number(peak)} × {number(each)}" for peak, each in terms)
    verdict = "one shard takes them" if shards == 1 else f"a cluster of {shards} shards"
    yield ComputedNumber(
        "commands",
        "commands of each access pattern",
        f"{text} = {number(total)}, {number(round(total / node.value * 100, 1))} % of the"
        f" {number(node.value)} of a node",
        total,
        "commands/s",
        f"{number(total)} commands/s; {verdict}",
        source=node.source,
        values={"several": "yes" if shards > 1 else ""},
    )


def _terms(job: Job) -> list[tuple[float, float]]:
    """Runs a second at peak and commands of a run, and the stated rest at one command each."""
    patterns = {item.name: item for item in job.model.patterns} if job.model else {}
    found: list[tuple[float, float]] = []
    load = job.load
    for changes, rate in ((False, load.peak_reads), (True, load.peak_writes)):
        side = []
        for units in job.units:
            pattern = patterns.get(units.pattern)
            if pattern is None or units.changes is not changes:
                continue
            peak = pattern.peak or load.usual_peak(pattern.per_second)
            side += [(peak, units.each)] if peak else []
        rest = (rate or 0.0) - sum(peak for peak, _ in side)
        if side and job.alone and rest > (rate or 0.0) * (ROUNDING - 1):
            side.append((rest, 1.0))
        found += side
    return found
