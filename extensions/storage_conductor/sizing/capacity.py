"""Estimates for one store: connections, capacity units, prefixes, parts, memory, partitions."""

from __future__ import annotations

from collections.abc import Iterator

from ..catalog.backend import Backend
from ..units import number, size_text, volume_text
from . import formulas as f
from . import keyspace
from .model import ComputedNumber, Job, Known, free_connections, known
from .units import listed_units
from .workload import HORIZONS, Workload

POOLED = ("relational", "document")
"""Families whose clients take a connection for each statement in flight."""


def pool(job: Job) -> Iterator[ComputedNumber]:
    """Connections in flight at peak, at most."""
    total, p99 = job.load.peak_total, job.load.answers.latency_p99_ms
    if total is None or p99 is None or not job.alone or not _pooled(job.backend):
        return
    busy = f.busy_connections(total, p99 / 1_000)
    free = free_connections(job.backend)
    yield ComputedNumber(
        "pool",
        f"{number(total)} transactions/s at peak, p99 {number(p99)} ms",
        f"⌈{number(total)}/s × {number(p99 / 1_000)} s⌉ = {number(busy)}",
        float(busy),
        "",
        f"at most {number(busy)} busy connections"
        + (f" (the server has {number(free.value)})" if free else ""),
    )


def _pooled(backend: Backend) -> bool:
    """Tell whether its clients take a connection for each statement in flight.

    Those of caches and wide-column stores send many over one, and a service without sessions has
    none.
    """
    counted = any(backend.fact(key) for key in ("connections_default", "connections_max"))
    return counted and backend.family in POOLED and not backend.lacks("nodes")


def units(job: Job) -> Iterator[ComputedNumber]:
    """Read and write units at peak, and the partitions they and the volume need."""
    load, size = job.load, job.load.answers.average_item_bytes
    read_unit, write_unit = (
        known(job.backend, "read_unit_bytes"),
        known(job.backend, "write_unit_bytes"),
    )
    if size is None or read_unit is None or write_unit is None or not job.alone:
        return
    eventual = load.answers.consistency == "eventual"
    shares = 0.0
    for word, rate, unit, weight, most in (
        ("read", load.peak_reads, read_unit, 0.5 if eventual else 1.0, "partition_read_units_max"),
        ("write", load.peak_writes, write_unit, 1.0, "partition_write_units_max"),
    ):
        if rate is None:
            continue
        listed = listed_units(job, word, rate)
        if listed is not None:
            bound = known(job.backend, most)
            shares += listed.result / bound.value if bound else 0.0
            yield listed._replace(source=unit.source)
            continue
        copies = job.copies if word == "write" else 1
        needed = f.capacity_units(rate, size, unit.value, weight) * copies
        bound = known(job.backend, most)
        shares += needed / bound.value if bound else 0.0
        yield ComputedNumber(
            "capacity-units",
            f"{number(rate)} {word}s/s at peak, {size_text(size)} each",
            f"{number(rate)} × ⌈{size_text(size)} ÷ {size_text(unit.value)}⌉"
            f"{' × 0.5' if weight < 1 else ''}{f' × {copies}' if copies > 1 else ''}"
            f" = {number(needed)}",
            needed,
            f"{word} units/s",
            f"{'at most ' if copies > 1 else ''}{number(needed)} {word} units/s",
            key=f"{word}-units",
            source=unit.source,
            values={
                "word": word,
                "eventual": "yes" if weight < 1 else "",
                "indexed": "yes" if job.structures else "",
                "listed": "",
                "rest": "",
            },
        )
    yield from _partitions(job, shares)


def _partitions(job: Job, shares: float) -> Iterator[ComputedNumber]:
    split, held = known(job.backend, "partition_bytes_max"), job.load.volume_gb(HORIZONS[-1])
    if split is None or held is None or not shares:
        return
    count = f.partitions(shares, held * f.GB, split.value)
    by_volume = f.whole(held * f.GB / split.value)
    yield ComputedNumber(
        "partitions",
        f"units above; {volume_text(held)} after {HORIZONS[-1]} months",
        f"max(⌈{number(shares)}⌉ by load, ⌈{volume_text(held)} ÷ {size_text(split.value)}⌉ ="
        f" {number(by_volume)} by volume) = {number(count)}",
        float(count),
        "",
        f"{number(count)} partitions",
        source=split.source,
    )


def prefixes(job: Job) -> Iterator[ComputedNumber]:
    """Key prefixes over which the requests at peak have to spread."""
    load = job.load
    read, write = (
        known(job.backend, "reads_per_second_per_prefix"),
        known(job.backend, "writes_per_second_per_prefix"),
    )
    if load.peak_total is None or read is None or write is None or not job.alone:
        return
    reads, writes = load.peak_reads or 0.0, load.peak_writes or 0.0
    count = f.prefixes(reads, writes, read.value, write.value)
    if count < 2:
        return
    yield ComputedNumber(
        "prefixes",
        f"{number(reads)} reads/s and {number(writes)} writes/s at peak",
        f"⌈max({number(reads)} ÷ {number(read.value)}, {number(writes)} ÷ {number(write.value)})⌉"
        f" = {count}",
        float(count),
        "",
        f"{number(count)} prefixes",
        source=read.source,
    )


def part_size(job: Job) -> Iterator[ComputedNumber]:
    """The smallest part with which the largest object can be uploaded."""
    largest = job.load.answers.largest_item_bytes
    count, least = known(job.backend, "part_count_max"), known(job.backend, "part_bytes_min")
    advised = known(job.backend, "multipart_threshold_bytes", "single_put_bytes_max")
    if largest is None or count is None or least is None or advised is None:
        return
    if largest <= advised.value:
        return
    size = f.part_bytes(largest, count.value, least.value)
    parts = f.whole(largest / size)
    yield ComputedNumber(
        "part-size",
        f"largest object {size_text(largest)}",
        f"max(⌈{size_text(largest)} ÷ {number(count.value)}⌉, {size_text(least.value)}) ="
        f" {size_text(size)}; {number(parts)} parts",
        float(size),
        "bytes",
        f"parts of {size_text(size)} or more",
        source=count.source,
    )


def cache_memory(job: Job) -> Iterator[ComputedNumber]:
    """Memory for the cached items with their overhead, without and during a snapshot."""
    load, size = job.load, job.load.answers.average_item_bytes
    overhead = known(job.backend, "key_overhead_bytes")
    held = _held_gb(load)
    if keyspace.kept(job):
        return  # then every key is counted
    if overhead is None or size is None or held is None or not job.alone:
        return
    items = held * f.GB / size
    share = known(job.backend, "memory_headroom_fraction")
    each = overhead.value * job.copies
    memory = f.cache_memory_gb(items, size, each, share.value if share else 1.0)
    more = f" × {job.copies}" if job.copies > 1 else ""
    text = f"{number(items)} items × ({size_text(size)} + {size_text(overhead.value)}{more})"
    text += f" ÷ {number(share.value)}" if share else ""
    bound = load.initial_gb is None or load.outgrown
    inputs = f"{'at most ' if bound else ''}{volume_text(held)} of items, {size_text(size)} each"
    yield _memory("cache-memory", inputs, text, memory, overhead)
    factor = known(job.backend, "save_memory_factor")
    if factor is not None:
        text += f" × {number(factor.value)}"
        yield _memory("cache-memory-saving", inputs, text, memory * factor.value, factor)


def _held_gb(load: Workload) -> float | None:
    """Return the volume that a cache holds: as stated, else what writes leave in a lifetime."""
    if load.initial_gb is not None:
        return load.volume_gb(HORIZONS[-1])
    return load.steady_gb


def _memory(key: str, inputs: str, text: str, gigabytes: float, fact: Known) -> ComputedNumber:
    return ComputedNumber(
        key,
        inputs,
        f"{text} = {volume_text(gigabytes)}",
        gigabytes,
        "GB",
        volume_text(gigabytes),
        source=fact.source,
    )


def partition_rows(job: Job) -> Iterator[ComputedNumber]:
    """Rows that a partition may hold within the recommended bytes and cells."""
    average = job.load.answers.average_item_bytes
    most, cells = (
        known(job.backend, "partition_bytes_recommended"),
        known(job.backend, "partition_cells_recommended"),
    )
    if most is None or not job.alone:
        return
    for entity in job.model.entities if job.model else ():
        size = entity.facts.item_bytes or average
        if size is None:
            continue
        columns, keys = len(entity.columns), len(entity.key)
        per_row = f.partition_values(1, columns, keys)
        metadata = known(job.backend, "cell_metadata_bytes")
        row = f.partition_bytes(1, size, per_row, metadata.value if metadata else 0)
        by_bytes = most.value // row
        by_cells = cells.value // per_row if cells and per_row else by_bytes
        limits = (
            f"; {number(cells.value)} ÷ {number(per_row)} = {number(by_cells)}" if cells else ""
        )
        found = _rows(
            f"{entity.name}: {size_text(size)} and {columns} - {keys} cells a row",
            f"{size_text(most.value)} ÷ {size_text(row)} = {number(by_bytes)}{limits}",
            min(by_bytes, by_cells),
            most,
        )
        named = {"entity": entity.name}
        yield found._replace(key=f"partition-rows-{entity.table}", values=named)
    if not job.model and average is not None:
        rows = most.value // average
        yield _rows(
            f"{size_text(average)} a row",
            f"{size_text(most.value)} ÷ {size_text(average)} = {number(rows)}",
            rows,
            most,
        )


def _rows(inputs: str, text: str, rows: float, fact: Known) -> ComputedNumber:
    return ComputedNumber(
        "partition-rows",
        inputs,
        text,
        rows,
        "rows",
        f"at most {number(rows)} rows a partition",
        source=fact.source,
        values={"entity": ""},
    )
