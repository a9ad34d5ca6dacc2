"""Estimates for one store in operation: pages, disk operations, restore, number spaces, quorum."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ..units import duration, number, size_text, volume_text
from . import formulas as f
from .model import ComputedNumber, Job, known, known_generally
from .workload import Workload

if TYPE_CHECKING:
    from ..schema.common import SmallKey
    from ..schema.model import DataModel

_PAGED = ("relational", "document")
_NOTABLE = 25
"""An overhead below this many percent decides nothing."""

_NEAR = 5
"""A need below a fifth of what is offered decides nothing."""

_COMMIT_BYTES = 40  # of the record of a commit: xact.h of PostgreSQL's src/include/access
_MUCH_LOG = 2**20
"""A log of less than a MiB a second decides nothing."""

_FREEZE_HOURS = 14 * 24
"""Tables that are frozen by force less than once in two weeks need no design."""


def rows_per_page(job: Job) -> Iterator[ComputedNumber]:
    """What an average row takes in the pages of a table."""
    size = job.load.answers.average_item_bytes
    page, header, row_header, pointer = (
        known(job.backend, key)
        for key in ("page_bytes", "page_header_bytes", "row_header_bytes", "row_pointer_bytes")
    )
    moved = known(job.backend, "toast_threshold_bytes")
    if size is None or page is None or header is None or row_header is None or pointer is None:
        return
    row = f.row_bytes(size, row_header.value, pointer.value)
    count = f.rows_per_page(page.value, header.value, row)
    if not job.alone or count < 1 or (moved and size > moved.value):
        return
    overhead = (page.value / count / size - 1) * 100
    if overhead < _NOTABLE:
        return
    yield ComputedNumber(
        "row-overhead",
        f"{size_text(size)} a row",
        f"⌊({number(page.value)} - {number(header.value)}) ÷ {number(row)} B⌋ = {number(count)}"
        f" rows a page; {number(page.value)} ÷ {number(count)} = {number(page.value / count)} B",
        overhead,
        "percent",
        f"{number(overhead)} % on top of the data, before indexes",
        source=page.source,
    )


def commits(job: Job) -> Iterator[ComputedNumber]:
    """Operations a second at peak, at most, against those of the volume."""
    load, offered = job.load, known(job.backend, "iops_default")
    if load.peak_reads is None or load.peak_writes is None or offered is None:
        return
    if job.backend.family not in _PAGED or not job.alone:
        return
    total = load.peak_reads + load.peak_writes
    if total * _NEAR < offered.value:
        return
    yield ComputedNumber(
        "iops",
        f"{number(load.peak_reads)} reads/s and {number(load.peak_writes)} writes/s at peak",
        f"{number(load.peak_reads)} × 1 page + {number(load.peak_writes)} × 1 flush ="
        f" {number(total)}",
        total,
        "operations/s",
        f"about {number(total)} operations/s (the volume offers {number(offered.value)})",
        source=offered.source,
    )


def restore(job: Job) -> Iterator[ComputedNumber]:
    """Time of a copy of the volume, and the throughput that the RTO asks for."""
    load = job.load
    held, rto = load.volume_gb(load.end_months), load.answers.rto_minutes
    families = (*_PAGED, "wide_column", "posix")
    if not held or job.backend.family not in families or not job.alone:
        return
    rate = known(job.backend, "restore_mib_per_second", "throughput_mib_per_second_default")
    if rate is not None:
        minutes = f.transfer_minutes(held, rate.value)
        yield ComputedNumber(
            "transfer-time",
            f"{volume_text(held)} {load.end_text}",
            f"{volume_text(held)} ÷ {number(rate.value)} MiB/s = {duration(minutes)}",
            minutes,
            "minutes",
            duration(minutes),
            source=rate.source,
        )
    needed = f.needed_mib_per_second(held, rto) if rto else 0.0
    if rto and (rate is None or needed * _NEAR >= rate.value):
        yield ComputedNumber(
            "restore-rate",
            f"{volume_text(held)} {load.end_text}, RTO {duration(rto)}",
            f"{volume_text(held)} ÷ {duration(rto)} = {number(needed)} MiB/s",
            needed,
            "MiB/s",
            f"{number(needed)} MiB/s or more",
        )


def backup(job: Job) -> Iterator[ComputedNumber]:
    """Time of a copy with the throughput that the peak load leaves."""
    load, rate = job.load, known(job.backend, "throughput_mib_per_second_default")
    held, size = load.volume_gb(load.end_months), load.answers.average_item_bytes
    if not held or rate is None or not size or load.peak_total is None or not job.alone:
        return
    used = load.peak_total * size / f.MIB
    left = rate.value - used
    if used * _NEAR < rate.value or left <= 0:
        return
    minutes = f.transfer_minutes(held, left)
    yield ComputedNumber(
        "backup-beside-load",
        f"{volume_text(held)} {load.end_text}, {load.total_text} of {size_text(size)} at peak",
        f"{number(rate.value)} - {number(used)} = {number(left)} MiB/s;"
        f" {volume_text(held)} ÷ {number(left)} MiB/s = {duration(minutes)}",
        minutes,
        "minutes",
        duration(minutes),
        source=rate.source,
    )


def transaction_ids(job: Job) -> Iterator[ComputedNumber]:
    """Days until the transaction ids are used up, and time between forced freezes."""
    space, age = (
        known(job.backend, "transaction_id_space"),
        known(job.backend, "freeze_age_default"),
    )
    rate = job.load.writes
    if space is None or age is None or not rate or not job.alone:
        return
    days, hours = f.days_until(space.value, rate), f.days_until(age.value, rate) * 24
    if hours > _FREEZE_HOURS:
        return
    yield ComputedNumber(
        "transaction-ids",
        f"{number(rate)} writes/s",
        f"{number(space.value)} ÷ {number(rate)}/s = {number(days)} days; {number(age.value)} ÷"
        f" {number(rate)}/s = {number(hours)} h",
        days,
        "days",
        f"{number(days)} days without freezing; forced freeze every {duration(hours * 60)}",
        source=space.source,
    )


def log(job: Job) -> Iterator[ComputedNumber]:
    """What the stated writes put into the write-ahead log, where that is much."""
    if job.model is None or not job.alone or not job.logged:
        return
    rows = entries = commits = 0.0
    for pattern in job.model.patterns:
        rate = pattern.per_second if pattern.changes and not pattern.job else None
        if not rate:
            continue
        commits += rate
        for name in (*pattern.touched, *_summed(job.model, pattern.touched)):
            row, more = job.logged.get(name, (0.0, 0.0))
            rows += rate * row
            entries += (
                0.0 if pattern.kind == "delete" or name not in pattern.touched else rate * more
            )
    total = rows + entries + commits * _COMMIT_BYTES
    if total < _MUCH_LOG:
        return
    yield ComputedNumber(
        "log-written",
        f"{number(commits)} writes/s of the access patterns",
        f"rows {size_text(round(rows))}/s + index entries {size_text(round(entries))}/s +"
        f" {number(commits)} commits/s × {_COMMIT_BYTES} B",
        total,
        "B/s",
        f"{number(total / f.MIB)} MiB/s, {volume_text(total * f.SECONDS_PER_DAY / f.GB)} a day",
    )


def _summed(model: DataModel, touched: Iterable[str]) -> list[str]:
    """Return what adds up entities in the transaction that changes them."""
    names = set(touched)
    return [
        entity.name
        for entity in model.entities
        if entity.summary and entity.summary.source in names and entity.summary.way != "recomputed"
    ]


def int_keys(job: Job) -> Iterator[ComputedNumber]:
    """Days until numbered 32-bit keys run out: by table where its rate is known, else for all."""
    space = known(job.backend, "int4_max")
    if space is None or job.model is None or not job.alone:
        return
    from ..schema.common import several

    tables: dict[float, list[str]] = {}
    shared: list[str] = []
    left = 0.0
    for key, rate in int_keyed(job.model, job.load):
        own = key.inserts is not None or key.grows is not None
        named = tables.setdefault(rate, []) if own else shared
        named.append(key.entity.name)
        left = left if own else rate
    rates = [(rate, several(names), "") for rate, names in sorted(tables.items(), reverse=True)]
    if shared:
        told = "all writes" if left == job.load.writes else "all writes that no pattern tells"
        alone = "" if len(shared) == 1 and not tables else f" if {told} go into one of them"
        rates.append((left, several(shared), alone))
    if not rates:
        return
    days = {rate: f.days_until(space.value, rate) for rate, _, _ in rates}
    yield ComputedNumber(
        "int-key",
        "; ".join(f"{number(rate)} inserts/s into {names}{alone}" for rate, names, alone in rates),
        "; ".join(
            f"{number(space.value)} ÷ {number(rate)}/s ÷ 86,400 s = {number(days[rate])} days"
            for rate in days
        ),
        min(days.values()),
        "days",
        "; ".join(
            f"{names}: {'at least ' if alone else ''}{number(days[rate])} days{alone}"
            for rate, names, alone in rates
        ),
        source=space.source,
    )


def int_keyed(model: DataModel, load: Workload) -> Iterator[tuple[SmallKey, float]]:
    """Yield the 32-bit keys that the store numbers, with their inserts a second.

    The inserts are those of the entity's patterns or its stated growth, else all writes of the
    component that no pattern accounts for.
    """
    from ..schema.common import small_keys

    listed = load.listed_writes
    unlisted = load.writes
    if listed.complete and load.writes is not None:
        unlisted = max(load.writes - listed.total, 0.0) if listed.total else load.writes
    for key in small_keys(model):
        # One that was counted, and into which nothing is said to come, stays as it is.
        others = unlisted if key.entity.facts.count is None else None
        rate = next((r for r in (key.inserts, key.grows, others) if r is not None), None)
        if key.bits == 32 and key.entity.generated_key and rate:
            yield key, rate


def quorum(job: Job) -> Iterator[ComputedNumber]:
    """Replicas that reads and writes have to reach so that they overlap."""
    if job.backend.family != "wide_column" or not job.load.answers.consistency:
        return
    if job.load.answers.consistency == "eventual":
        return
    replicas = known_generally("replication_factor")
    needed = f.quorum(int(replicas.value))
    yield ComputedNumber(
        "quorum",
        f"replication factor {number(replicas.value)}, {job.load.answers.consistency} reads",
        f"⌊{number(replicas.value)} ÷ 2⌋ + 1 = {needed}; {needed} + {needed} >"
        f" {number(replicas.value)}",
        float(needed),
        "",
        f"{needed} of {number(replicas.value)} replicas for reads and for writes",
        source=replicas.source,
    )
