"""What the stated load takes of each known capacity, and what of it no capacity is known for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from ..catalog.backend import Backend
from ..catalog.statements import Citation
from ..units import number, size_text, volume_text
from .formulas import GB, GIB, MIB
from .keyspace import largest_node
from .model import Job, Known, free_connections, known
from .workload import Workload

REQUESTS, VOLUME, THROUGHPUT, ITEM = "Requests", "Volume", "Throughput", "Largest item"
NEAR = 70.0
"""From this share of a capacity on, in percent, little head-room is left."""
# An estimate beside the facts that it is compared with, the first that a store has.
_OF_ESTIMATES = (
    ("iops", "Disk operations", ("iops_default", "iops_max")),
    ("read-units", "Read units of a table", ("table_read_units_quota",)),
    ("write-units", "Write units of a table", ("table_write_units_quota",)),
)
# All requests at peak against what these serve.
_OF_REQUESTS = (
    ("Requests to one node", "operations_per_second_per_node"),
    ("Requests to the account", "account_requests_per_second"),
    ("Requests to the database", "operations_per_second_default"),
)
# Reads and writes at peak against what each is served with.
_OF_SIDES = (
    ("under one prefix", "reads_per_second_per_prefix", "writes_per_second_per_prefix"),
    ("of a new bucket", "bucket_reads_per_second_initial", "bucket_writes_per_second_initial"),
)
_OF_MEMORY = ("keyspace", "cache-memory")
_OF_VOLUME = ("database_bytes_recommended", "database_bytes_max")
_OF_THROUGHPUT = ("throughput_mib_per_second_default", "throughput_mib_per_second_max")


class Headroom(NamedTuple):
    """A capacity of a store and what is taken of it.

    Args:
        label: What is taken.
        backend: Name of the store.
        taken: What the stated load takes, in the unit of the capacity.
        capacity: What there is.
        taken_text: The first as people read it.
        capacity_text: The second as people read it.
        kind: Whether it is a hard limit, a default, a quota or guidance.
        applies_to: Version, edition or setting that the capacity holds for.
        source: Where the capacity can be read.
    """

    label: str
    backend: str
    taken: float
    capacity: float
    taken_text: str
    capacity_text: str
    kind: str
    applies_to: str
    source: Citation | None

    @property
    def percent(self) -> float:
        """Return the share that is taken, above 100 where there is too little."""
        return self.taken / self.capacity * 100


class Uncompared(NamedTuple):
    """A load of a store that is put against no capacity.

    Args:
        label: What is taken.
        backend: Name of the store.
        taken_text: What the stated load takes; empty where the store's part of it is not stated.
        said: What the catalog says of the capacity in place of a number; empty where it is silent.
    """

    label: str
    backend: str
    taken_text: str
    said: str = ""


def headroom(
    job: Job, estimates: Mapping[str, float], whole: Workload
) -> tuple[Headroom | Uncompared, ...]:
    """Compare the load of a store with each capacity that the catalog has as a number.

    Args:
        job: The store as it is at its hosting, with the load that is its own.
        estimates: What was computed for it, by key.
        whole: The load of the component.
    """
    return (
        *_requests(job, estimates, whole),
        *_connections(job.backend, estimates),
        *_memory(job.backend, estimates),
        *_volume(job, estimates, whole),
        *(_throughput(job) if job.alone else ()),
        *(_largest_item(job) if job.alone else ()),
    )


def _requests(
    job: Job, estimates: Mapping[str, float], whole: Workload
) -> Iterator[Headroom | Uncompared]:
    load, backend, peak = job.load, job.backend, job.load.peak_total
    found = list(_rates(load, backend, estimates))
    yield from found
    if found:
        return
    if peak is not None:
        said = _said(backend, (key for _, key in _OF_REQUESTS))
        yield Uncompared(REQUESTS, backend.name, f"{number(peak)}/s at peak", said)
    elif whole.peak_total is not None:
        yield Uncompared(REQUESTS, backend.name, "")


def _rates(load: Workload, backend: Backend, estimates: Mapping[str, float]) -> Iterator[Headroom]:
    peak = load.peak_total
    taken = [(label, estimates.get(key), facts) for key, label, facts in _OF_ESTIMATES]
    taken += [(label, peak, (key,)) for label, key in _OF_REQUESTS]
    for where, reads, writes in _OF_SIDES:
        taken.append((f"Reads {where}", load.peak_reads, (reads,)))
        taken.append((f"Writes {where}", load.peak_writes, (writes,)))
    for label, rate, facts in taken:
        fact = known(backend, *facts)
        if rate is not None and fact is not None:
            texts = f"{number(rate)}/s", f"{number(fact.value)}/s"
            yield _compared(label, backend, fact, (rate, fact.value), texts)


def _connections(
    backend: Backend, estimates: Mapping[str, float]
) -> Iterator[Headroom | Uncompared]:
    label, busy, free = "Connections in flight", estimates.get("pool"), free_connections(backend)
    if busy is None:
        return
    if free is None:
        said = _said(backend, ("connections_default", "connections_max"))
        yield Uncompared(label, backend.name, number(busy), said)
        return
    texts = number(busy), number(free.value)
    yield _compared(label, backend, free, (busy, free.value), texts)


def _memory(backend: Backend, estimates: Mapping[str, float]) -> Iterator[Headroom]:
    needed = next((estimates[key] for key in _OF_MEMORY if key in estimates), None)
    node = largest_node(backend)
    if needed is not None and node is not None:
        most = node.memory_gib * GIB / GB
        sides, texts = (needed, most), (volume_text(needed), volume_text(most))
        source, kind = backend.sources[node.source], "largest node"
        label = "Memory of one node"
        yield Headroom(label, backend.name, *sides, *texts, kind, node.name, source)


def _volume(
    job: Job, estimates: Mapping[str, float], whole: Workload
) -> Iterator[Headroom | Uncompared]:
    load, backend = job.load, job.backend
    volume, room = load.volume_gb(load.end_months), known(backend, *_OF_VOLUME)
    if volume is None:
        in_memory = any(key in estimates for key in _OF_MEMORY)
        if not job.alone and not in_memory and whole.volume_gb(whole.end_months) is not None:
            yield Uncompared(VOLUME, backend.name, "")
        return
    text = f"{volume_text(volume)} {load.end_text}"
    if room is None:
        yield Uncompared(VOLUME, backend.name, text, _said(backend, _OF_VOLUME))
        return
    most = room.value / GB
    yield _compared(VOLUME, backend, room, (volume, most), (text, volume_text(most)))


def _throughput(job: Job) -> Iterator[Headroom | Uncompared]:
    moved, offered = job.load.answers.throughput_mb_per_second, known(job.backend, *_OF_THROUGHPUT)
    if moved is None:
        return
    taken = moved * 1e6 / MIB
    text = f"{number(taken)} MiB/s"
    if offered is None:
        yield Uncompared(THROUGHPUT, job.backend.name, text, _said(job.backend, _OF_THROUGHPUT))
        return
    texts = text, f"{number(offered.value)} MiB/s"
    yield _compared(THROUGHPUT, job.backend, offered, (taken, offered.value), texts)


def _largest_item(job: Job) -> Iterator[Headroom | Uncompared]:
    largest, item = job.load.answers.largest_item_bytes, known(job.backend, "item_bytes_max")
    if largest is None:
        return
    if item is None:
        said = _said(job.backend, ("item_bytes_max",))
        yield Uncompared(ITEM, job.backend.name, size_text(largest), said)
        return
    texts = size_text(largest), size_text(item.value)
    yield _compared(ITEM, job.backend, item, (largest, item.value), texts)


def _compared(
    label: str, backend: Backend, fact: Known, sides: tuple[float, float], texts: tuple[str, str]
) -> Headroom:
    held = fact.fact
    return Headroom(label, backend.name, *sides, *texts, held.kind, held.applies_to, fact.source)


def _said(backend: Backend, keys: Iterable[str]) -> str:
    """Return what the catalog says of a capacity that it has no number for."""
    facts = (backend.fact(key) for key in keys)
    return next((str(fact.value) for fact in facts if fact and isinstance(fact.value, str)), "")
