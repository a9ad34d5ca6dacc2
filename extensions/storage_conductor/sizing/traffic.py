"""Estimates for stores of objects and files: their number, the requests, the bytes moved."""

from __future__ import annotations

from collections.abc import Iterator

from ..units import duration, number, size_text, volume_text
from . import formulas as f
from .model import ComputedNumber, Job, known
from .workload import HORIZONS

_WALK_MINUTES = 10
"""A walk over all files that ends sooner is no matter of design."""


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


def requests(job: Job) -> Iterator[ComputedNumber]:
    """Requests a month, which are billed one by one."""
    load = job.load
    if job.backend.family != "object" or not job.alone:
        return
    sides = [
        (word, rate) for word, rate in (("reads", load.reads), ("writes", load.writes)) if rate
    ]
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
        " and ".join(f"{number(rate * month)} {word}" for word, rate in sides),
    )


def transfer(job: Job) -> Iterator[ComputedNumber]:
    """Bytes read in a month and at peak."""
    load, size = job.load, job.load.answers.average_item_bytes
    moved = job.backend.storage_type in ("object_storage", "file_system")
    if not moved or not job.alone or not size or not load.reads or load.peak_reads is None:
        return
    month = load.reads * size * f.DAYS_PER_MONTH * f.SECONDS_PER_DAY / f.GB
    peak = load.peak_reads * size / f.MIB
    yield ComputedNumber(
        "transfer",
        f"{number(load.reads)} reads/s, {number(load.peak_reads)} at peak, {size_text(size)} each",
        f"{number(load.reads)} × {size_text(size)} × 30.44 d = {volume_text(month)};"
        f" {number(load.peak_reads)} × {size_text(size)} = {number(peak)} MiB/s",
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
