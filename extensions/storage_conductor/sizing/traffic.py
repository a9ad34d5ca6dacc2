"""Estimates for stores of objects and files: their number, the requests, the bytes moved."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..units import days_text, duration, listed, number, size_text, volume_text
from . import formulas as f
from .model import ComputedNumber, Job, known
from .workload import HORIZONS, Workload

if TYPE_CHECKING:
    from ..schema.model import Pattern

_LISTED_KEYS = 1_000
"""Names that one request for a list returns: ListObjectsV2 of the Amazon S3 API Reference."""

_WALK_MINUTES = 10
"""A walk over all files that ends sooner is no matter of design."""


def restore_files(job: Job) -> Iterator[ComputedNumber]:
    """The time of a restore that takes each file by itself."""
    load, rate = job.load, known(job.backend, "restore_files_per_second")
    held, size = load.volume_gb(load.end_months), load.answers.average_item_bytes
    if rate is None or not held or not size or not job.alone:
        return
    count = held * f.GB / size
    minutes = count / rate.value / 60
    yield ComputedNumber(
        "restore-files",
        f"{volume_text(held)} {load.end_text}, {size_text(size)} each",
        f"{volume_text(held)} ÷ {size_text(size)} = {number(count)} files;"
        f" ÷ {number(rate.value)}/s = {duration(minutes)}",
        minutes,
        "minutes",
        f"at least {duration(minutes)}",
        source=rate.source,
    )


def backup_space(job: Job) -> Iterator[ComputedNumber]:
    """What backups of files take for as long as the project keeps them."""
    load, size = job.load, job.load.answers.average_item_bytes
    held, days = load.volume_gb(load.end_months), job.kept.backups
    if job.backend.storage_type != "file_system" or not job.alone:
        return
    if not held or not size or load.writes is None or days is None:
        return
    changed = f.written_gb(load.writes, size, days)
    total = held + changed
    yield ComputedNumber(
        "backup-space",
        f"{volume_text(held)} {load.end_text}, backups kept for {days_text(days)}",
        f"{volume_text(held)} + {number(load.writes)}/s × {size_text(size)} × 86,400 s ×"
        f" {number(days)} d = {volume_text(total)}",
        total,
        "GB",
        volume_text(total),
    )


def clients(job: Job) -> Iterator[ComputedNumber]:
    """What one client moves at peak, or how many the throughput needs at the least."""
    each = known(job.backend, "client_throughput_mib_per_second_max")
    moved, text = _moved(job)
    if each is None or not moved or job.backend.storage_type != "file_system":
        return
    count = job.load.answers.client_count
    if count:
        share = moved / count
        shown = f"{number(share)} MiB/s each, of {number(each.value)} that one client moves"
        yield ComputedNumber(
            "clients",
            f"{text}, {number(count)} clients",
            f"{number(moved)} MiB/s ÷ {number(count)} = {number(share)} MiB/s",
            share,
            "MiB/s",
            shown,
            source=each.source,
        )
    elif moved > each.value:
        needed = f.whole(moved / each.value)
        yield ComputedNumber(
            "clients",
            text,
            f"⌈{number(moved)} ÷ {number(each.value)} MiB/s⌉ = {needed}",
            float(needed),
            "",
            f"{needed} clients at the least",
            source=each.source,
        )


def _moved(job: Job) -> tuple[float | None, str]:
    """Return the MiB a second at peak, as stated or by reads and size, and where it is from."""
    a, reads = job.load.answers, job.load.peak_reads
    if a.throughput_mb_per_second is not None:
        moved = a.throughput_mb_per_second * 1e6 / f.MIB
        return moved, f"{number(a.throughput_mb_per_second)} MB/s stated"
    if not job.alone or reads is None or not a.average_item_bytes:
        return None, ""
    whole = reads * (1 - listings(job.load) / job.load.reads) if job.load.reads else 0.0
    return whole * a.average_item_bytes / f.MIB, f"{number(whole)} reads/s at peak"


def versions(job: Job) -> Iterator[ComputedNumber]:
    """What replaced and removed objects keep until their versions end."""
    load, size, model = job.load, job.load.answers.average_item_bytes, job.model
    if model is None or not size or not job.alone or job.backend.family != "object":
        return
    from ..schema.objects import version_days

    days = version_days(job.backend, job.kept.versions)
    if days is None or any(entity.ttl_seconds is None for entity in model.entities):
        return  # the drafted rules end the versions of what expires, and of nothing else
    gone = sum(p.per_second or 0.0 for p in model.patterns if p.changes and p.finds_rows)
    replaced = f.written_gb(gone, size, days)
    ends = (load.growth_gb or 0.0) * days / f.DAYS_PER_MONTH if load.retention_months else 0.0
    total = replaced + ends
    if not total:
        return
    terms = []
    if replaced:
        terms.append(f"{number(gone)}/s × {size_text(size)} × {number(days)} d")
    if ends:
        terms.append(f"{volume_text(load.growth_gb or 0)} a month ends × {number(days)} ÷ 30.44")
    yield ComputedNumber(
        "versions",
        "objects that are replaced, removed or whose retention ends",
        f"{' + '.join(terms)} = {volume_text(total)}",
        total,
        "GB",
        f"{volume_text(total)} on top of the volume",
    )


def _items(job: Job) -> tuple[float, float, float] | None:
    """Return the volume at the end in GB, the average size and the number of items."""
    load, size = job.load, job.load.answers.average_item_bytes
    held = load.volume_gb(max(HORIZONS[-1], load.end_months)) or load.steady_gb
    if not job.alone or not size or not held:
        return None
    return held, size, held * f.GB / size


def objects(job: Job) -> Iterator[ComputedNumber]:
    """Objects or files when the volume is complete."""
    found = _items(job)
    if found is None or job.backend.storage_type not in ("object_storage", "file_system"):
        return
    held, size, count = found
    yield ComputedNumber(
        "items",
        f"{volume_text(held)}, {size_text(size)} each",
        f"{volume_text(held)} ÷ {size_text(size)} = {number(count)}",
        count,
        "",
        number(count),
        values={"word": "objects" if job.backend.family == "object" else "files"},
    )


def listings(load: Workload) -> float:
    """Return the reads a second that name entries and move no content, where all are known."""
    return sum(p.per_second or 0.0 for p in _listing(load))


def list_requests(load: Workload) -> float:
    """Return the requests a second for lists, several for one that is longer than an answer."""
    return sum(
        (p.per_second or 0.0) * f.whole((p.page_size or 1) / _LISTED_KEYS) for p in _listing(load)
    )


def _listing(load: Workload) -> list[Pattern]:
    """Return the patterns that find entries by less than their key; none where a rate is open."""
    model = load.model
    if model is None or not load.listed_reads.complete:
        return []
    return [
        p
        for p in model.patterns
        if p.reads and not p.job and not set(model.entity(p.entity).key) <= set(p.equal)
    ]


def requests(job: Job) -> Iterator[ComputedNumber]:
    """Requests a month, which are billed one by one."""
    load = job.load
    if job.backend.family != "object" or not job.alone:
        return
    lists = list_requests(load)
    kinds = (
        ("reads", (load.reads or 0.0) - listings(load)),
        ("writes", load.writes),
        ("lists", lists),
    )
    sides = [(word, rate) for word, rate in kinds if rate]
    if not sides:
        return
    month = f.DAYS_PER_MONTH * f.SECONDS_PER_DAY
    yield ComputedNumber(
        "requests",
        ", ".join(f"{number(rate)} {word}/s" for word, rate in sides),
        "; ".join(
            f"{number(rate)} × {number(month)} s = {number(rate * month)}" for _, rate in sides
        ),
        sum(rate for _, rate in sides) * month,
        "requests",
        listed([f"{number(rate * month)} {word}" for word, rate in sides]),
        values={"lists": "yes" if lists else ""},
    )


def transfer(job: Job) -> Iterator[ComputedNumber]:
    """Bytes read in a month and at peak."""
    load, size = job.load, job.load.answers.average_item_bytes
    moved = job.backend.storage_type in ("object_storage", "file_system")
    if not moved or not job.alone or not size or not load.reads or load.peak_reads is None:
        return
    whole = load.reads - listings(load)
    busy = load.peak_reads * whole / load.reads
    month = whole * size * f.DAYS_PER_MONTH * f.SECONDS_PER_DAY / f.GB
    peak = busy * size / f.MIB
    yield ComputedNumber(
        "transfer",
        f"{number(whole)} reads/s, {number(busy)} at peak, {size_text(size)} each",
        f"{number(whole)} × {size_text(size)} × 30.44 d = {volume_text(month)};"
        f" {number(busy)} × {size_text(size)} = {number(peak)} MiB/s",
        month,
        "GB",
        f"{volume_text(month)} a month, {number(peak)} MiB/s at peak",
    )


def walk(job: Job) -> Iterator[ComputedNumber]:
    """The time to touch every file once: a scan, a copy by file, a clean-up, a restore."""
    found, rate = _items(job), known(job.backend, "read_iops_max", "iops_default", "iops_max")
    if found is None or rate is None or job.backend.storage_type != "file_system":
        return
    if job.load.answers.metadata_operations_per_second is not None:
        return  # then the pass over all names is known better
    _, _, count = found
    minutes = count / rate.value / 60
    if minutes < _WALK_MINUTES:
        return
    yield ComputedNumber(
        "file-walk",
        f"{number(count)} files, {number(rate.value)} operations/s",
        f"{number(count)} ÷ {number(rate.value)}/s = {duration(minutes)}",
        minutes,
        "minutes",
        f"at least {duration(minutes)}",
        source=rate.source,
    )
