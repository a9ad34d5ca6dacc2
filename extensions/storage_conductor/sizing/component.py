"""Estimates for the component as a whole: load at peak, volume, allowed downtime."""

from __future__ import annotations

from collections.abc import Iterator

from ..units import duration, number, percent, size_text, volume_text
from ..wording import inline
from . import formulas as f
from .model import ComputedNumber
from .workload import Workload


def peak(load: Workload) -> Iterator[ComputedNumber]:
    """Requests a second at peak."""
    factor, total = load.answers.peak_factor, load.peak_total
    if total is None or not (factor or load.own_peak):
        return
    sides = [
        f"{number(rate)} {word}/s"
        for rate, word in ((load.reads, "reads"), (load.writes, "writes"))
        if rate is not None
    ]
    peaks = [
        f"{number(rate)} {word}/s"
        for rate, word in ((load.peak_reads, "reads"), (load.peak_writes, "writes"))
        if rate is not None
    ]
    yield ComputedNumber(
        "peak",
        "; ".join([*sides, f"peak factor {number(factor)}" if factor else "peaks as stated"]),
        load.total_text
        + (f" = {number(total)}/s" if load.total_text != f"{number(total)}/s" else ""),
        total,
        "requests/s",
        " and ".join(peaks),
        values={"averages": "" if load.own_peak else "yes"},
    )


def rates(load: Workload) -> Iterator[ComputedNumber]:
    """Average rates that were not stated and that the access patterns add up to."""
    a = load.answers
    for word, stated, listed, total in (
        ("reads", a.reads_per_second, load.listed_reads, load.reads),
        ("writes", a.writes_per_second, load.listed_writes, load.writes),
    ):
        if stated is None and total is not None:
            count = len(listed.rates)
            yield ComputedNumber(
                "pattern-rates",
                f"{count} access pattern{'s' if count > 1 else ''} with a rate",
                f"{listed.text} = {number(total)}" if count > 1 else listed.text,
                total,
                f"{word}/s",
                f"{number(total)} {word}/s",
                key=f"pattern-rates-{word}",
                values={"word": word},
            )


def entities(load: Workload) -> Iterator[ComputedNumber]:
    """Start volume and growth that were not stated and that the entities add up to."""
    a, model = load.answers, load.model
    count = len(model.entities) if model else 0
    held = volume_text(load.counted_gb or 0)
    for word, stated, total, shown, per in (
        ("volume", a.initial_data_gb, load.counted_gb, f"sum of count × size = {held}", ""),
        ("growth", a.growth_gb_per_month, load.grown_gb, load.grown_text, " a month"),
    ):
        if stated is None and total is not None:
            yield ComputedNumber(
                "entity-totals",
                f"{count} entit{'ies' if count > 1 else 'y'}",
                shown,
                total,
                "GB",
                f"{volume_text(total)}{per}",
                key=f"entity-totals-{word}",
                values={"word": word, "indexed": "yes" if load.indexed else ""},
            )


def volume(load: Workload) -> Iterator[ComputedNumber]:
    """Logical volume at the horizons, from the stated growth or else from the writes."""
    if load.steady_gb is not None:
        yield _steady(load, load.steady_gb)
    elif load.growth_gb is not None:
        yield from _grown(load)


def _grown(load: Workload) -> Iterator[ComputedNumber]:
    a = load.answers
    start, growth = load.first_gb or 0.0, load.growth_gb or 0.0
    for months in load.horizons:
        total = load.volume_gb(months) or 0.0
        bounded = load.settled_months is not None and load.settled_months < months
        yield ComputedNumber(
            "volume",
            ("nothing" if load.first_gb is None else volume_text(start))
            + f" at the start, {volume_text(growth)} a month"
            + (f", retention {a.common_retention}" if bounded and a.common_retention else ""),
            load.volume_steps(months),
            total,
            "GB",
            volume_text(total),
            key=f"volume-{months:.0f}-months",
            values={
                "months": float(months),
                "bounded": "yes" if bounded else "",
                "indexed": "yes" if load.indexed else "",
            },
        )
        if bounded:
            return  # from here on it stays the same


def counted(load: Workload) -> Iterator[ComputedNumber]:
    """What follows from the number of items: the volume, or the size of one."""
    a = load.answers
    if a.item_count is None or load.initial_gb is None:
        return
    count, volume = number(a.item_count), volume_text(load.initial_gb)
    if a.initial_data_gb is None:
        shown = f"{count} items × {size_text(a.average_item_bytes or 0)} = {volume}"
        inputs = f"{count} items, average {size_text(a.average_item_bytes or 0)}"
        yield ComputedNumber("counted-volume", inputs, shown, load.initial_gb, "GB", volume)
    elif a.average_item_bytes is None and a.initial_data_gb:
        size = a.initial_data_gb * f.GB / a.item_count
        shown = f"{volume} ÷ {count} items = {size_text(size)}"
        inputs = f"{count} items, {volume} at the start"
        yield ComputedNumber("counted-size", inputs, shown, size, "bytes", size_text(size))


def kept(load: Workload) -> Iterator[ComputedNumber]:
    """How many items constant writes leave within the retention, where their size is not known."""
    a = load.answers
    if not load.added or not a.retention_days or a.average_item_bytes is not None:
        return
    if a.item_count is not None or load.initial_gb is not None or load.growth_gb is not None:
        return
    count = load.added * f.SECONDS_PER_DAY * a.retention_days
    yield ComputedNumber(
        "steady-count",
        f"{load.added_text}, retention {a.common_retention}",
        f"{load.added_text} × 86,400 s × {number(a.retention_days)} d = {number(count)}",
        count,
        "",
        f"at most {number(count)} items",
    )


def walk(load: Workload) -> Iterator[ComputedNumber]:
    """How long one pass over the names of all items takes."""
    items, rate = load.answers.item_count, load.answers.metadata_operations_per_second
    if items is None or rate is None:
        return
    minutes = items / rate / 60
    shown = f"{number(items)} items ÷ {number(rate)}/s = {duration(minutes)}"
    inputs = f"{number(items)} items, {number(rate)} metadata operations/s"
    yield ComputedNumber("walk", inputs, shown, minutes, "minutes", duration(minutes))


def _steady(load: Workload, total: float) -> ComputedNumber:
    a = load.answers
    return ComputedNumber(
        "steady-volume",
        f"{load.added_text}, {size_text(a.average_item_bytes or 0)} each,"
        f" retention {a.common_retention}",
        load.steady_text,
        total,
        "GB",
        f"at most {volume_text(total)}",
    )


def answered(load: Workload) -> Iterator[ComputedNumber]:
    """Bytes of the answers whose size is stated, at the peak of their operations."""
    usual = load.answers.peak_factor
    found = [
        (item, item.operation.answer_bytes, peak)
        for item in (load.model.patterns if load.model else ())
        if item.reads and item.operation.answer_bytes
        if (peak := item.peak or (item.per_second or 0) * (usual or 1))
    ]
    if not found:
        return
    total = sum(size * peak for _, size, peak in found)
    yield ComputedNumber(
        "answered",
        "; ".join(f"{inline(item.name)}: {size_text(size)}" for item, size, _ in found),
        " + ".join(f"{number(peak)}/s × {size_text(size)}" for _, size, peak in found)
        + f" = {number(total / f.MIB)} MiB/s",
        total / f.MIB,
        "MiB/s",
        f"{number(total / f.MIB)} MiB/s at peak",
    )


def downtime(load: Workload) -> Iterator[ComputedNumber]:
    """Minutes a month and a year for which the component may be down."""
    stated = load.answers.availability_percent
    if stated is None:
        return
    month = f.downtime_minutes(stated, f.MINUTES_PER_MONTH)
    year = f.downtime_minutes(stated, f.MINUTES_PER_YEAR)
    yield ComputedNumber(
        "downtime",
        f"availability {percent(stated)}",
        f"(100 % - {percent(stated)}) × 43,830 min = {number(month)} min;"
        f" × 525,960 min = {number(year)} min",
        month,
        "minutes",
        f"{duration(month)} a month, {duration(year)} a year",
    )
