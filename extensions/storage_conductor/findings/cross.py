"""The answers against each other: contradictions, each with the arithmetic that shows it."""

from __future__ import annotations

from ..sizing.formulas import GB, SECONDS_PER_DAY
from ..sizing.rates import ROUNDING, PatternRates, busy_hour
from ..sizing.workload import BOUNDED_DAYS, OFF, Workload, apart
from ..units import days_text, number, size_text, volume_text
from ..units import listed as listed_words
from ..wording import inline
from .model import HORIZON, ComponentCheck, FeasibilityCase, RuleHit

_READS_A_DAY = 1_000
"""Reading all data this often a day means a small hot set, or a wrong rate or size."""


def growth_above_writes(case: FeasibilityCase) -> RuleHit | None:
    """Growth that the stated writes cannot produce."""
    intake, growth = case.load.intake_gb, case.answers.growth_gb_per_month
    if intake is None or growth is None or growth <= intake * OFF:
        return None
    return RuleHit(
        "contradiction",
        f"{case.load.intake_text}; stated growth: {volume_text(growth)} a month",
        {"intake_gb": intake, "growth_gb": growth},
    )


def growth_below_writes(case: FeasibilityCase) -> RuleHit | None:
    """Writes that would produce far more than the stated growth."""
    a, intake = case.answers, case.load.intake_gb
    growth, days, rate = a.growth_gb_per_month, a.retention_days, case.load.added
    if rate is None or intake is None or growth is None or intake <= growth * OFF:
        return None
    if days is not None and days < BOUNDED_DAYS and _fits_when_full(case.load, intake):
        return None
    inserts = rate * growth / intake
    busy_hours = growth / intake * 24
    return RuleHit(
        "contradiction",
        f"{case.load.intake_text}; stated growth: {volume_text(growth)} a month, which is"
        f" {number(inserts)} new items/s"
        + (f" or the stated rate for {number(busy_hours)} h a day" if busy_hours >= 1 else ""),
        {
            "intake_gb": intake,
            "growth_gb": growth,
            "writes": case.load.writes or 0.0,
            "share_percent": float(f"{growth / intake * 100:.2g}"),
            "known": "yes" if case.load.listed_writes.replacing else "",
            "listed": "yes" if case.load.listed_writes.explains(case.load.writes or 0.0) else "",
            "busy_minutes": busy_hours * 60 if busy_hours >= 1 else "",
        },
    )


def _fits_when_full(load: Workload, intake: float) -> bool:
    """Whether what writes leave within the retention is about the volume that is planned for."""
    left = intake * (load.retention_months or 0.0)
    return left <= (load.volume_gb(load.end_months) or 0.0) * OFF


def initial_above_retention(case: FeasibilityCase) -> RuleHit | None:
    """A start volume that the growth could not have left within the retention."""
    a, months = case.answers, case.load.retention_months
    if a.initial_data_gb is None or not a.growth_gb_per_month or months is None:
        return None
    most = a.growth_gb_per_month * months
    if a.initial_data_gb <= most * OFF:
        return None
    return RuleHit(
        "contradiction",
        f"{volume_text(a.growth_gb_per_month)} a month × {days_text(a.retention_days or 0)} ="
        f" {volume_text(most)}; stated at the start: {volume_text(a.initial_data_gb)}",
        {
            "most_gb": most,
            "initial_gb": a.initial_data_gb,
            "growth_gb": a.growth_gb_per_month,
            "kept_days": a.retention_days or 0.0,
        },
    )


def counted_volume(case: FeasibilityCase) -> RuleHit | None:
    """A number of items that does not fit the start volume at the average size."""
    a = case.answers
    if not a.item_count or not a.average_item_bytes or not a.initial_data_gb:
        return None
    counted = a.item_count * a.average_item_bytes / GB
    if not apart(a.initial_data_gb, counted):
        return None
    return RuleHit(
        "contradiction",
        f"{number(a.item_count)} items × {size_text(a.average_item_bytes)} ="
        f" {volume_text(counted)}; stated at the start: {volume_text(a.initial_data_gb)}",
        {"counted_gb": counted, "initial_gb": a.initial_data_gb},
    )


def largest_below_average(case: FeasibilityCase) -> RuleHit | None:
    """A largest item that is smaller than the average one."""
    average, largest = case.answers.average_item_bytes, case.answers.largest_item_bytes
    if average is None or largest is None or largest >= average:
        return None
    return RuleHit(
        "contradiction",
        f"largest {size_text(largest)} < average {size_text(average)}",
        {"average_bytes": average, "largest_bytes": largest},
    )


def item_above_volume(case: FeasibilityCase) -> RuleHit | None:
    """One item that is larger than all data together."""
    a, volume = case.answers, case.load.volume_gb(HORIZON)
    size = a.largest_item_bytes or a.average_item_bytes
    if size is None or a.initial_data_gb is None or not volume or size <= volume * GB:
        return None
    return RuleHit(
        "contradiction",
        f"one item {size_text(size)} > {case.load.volume_steps(HORIZON)}",
        {"item_bytes": size, "volume_gb": volume},
    )


def reads_above_volume(case: FeasibilityCase) -> RuleHit | None:
    """Reads that go over the whole data many times a day."""
    a, volume, reads = case.answers, case.load.volume_gb(12), case.load.reads
    caches = all(backend.storage_type == "cache" for backend in case.backends)
    if not reads or a.average_item_bytes is None or not volume or caches:
        return None
    daily = reads * a.average_item_bytes * SECONDS_PER_DAY / GB
    times = daily / volume
    if times <= _READS_A_DAY:
        return None
    return RuleHit(
        "risk",
        f"{number(reads)} reads/s × {size_text(a.average_item_bytes)} × 86,400 s ="
        f" {volume_text(daily)} a day ÷ {volume_text(volume)} = {number(times)} times",
        {"daily_gb": daily, "volume_gb": volume, "times": times},
    )


def _sides(case: FeasibilityCase) -> tuple[tuple[str, float | None, PatternRates], ...]:
    """Return the word for reads and writes, the stated total and what the patterns list."""
    a, load = case.answers, case.load
    return (
        ("reads", a.reads_per_second, load.listed_reads),
        ("writes", a.writes_per_second, load.listed_writes),
    )


def pattern_rates(case: FeasibilityCase) -> RuleHit | None:
    """The rates of the access patterns against the stated total."""
    factor = case.answers.peak_factor
    found: dict[str, str] = {}
    busy: list[str] = []
    sums: list[str] = []
    for word, total, listed in _sides(case):
        if total is not None and listed.total > total * ROUNDING:
            terms = f"{listed.text} = " if len(listed.rates) > 1 else ""
            found[word] = (
                f"{terms}{number(listed.total)} {word}/s in patterns;"
                f" stated: {number(total)}/s on average"
                + (f", {number(total * factor)}/s at peak" if factor else "")
            )
            sums.append(f"{number(listed.total)} {word}/s where {number(total)}/s are stated")
            busy += [word] if busy_hour(total, listed, factor) else []
    if not found:
        return None
    return RuleHit(
        "contradiction",
        "; ".join(found.values()),
        {
            "sums": listed_words(sums),
            "busy": listed_words(busy),
            "planned": listed_words([word for word in found if word not in busy]),
        },
    )


def patterns_below_total(case: FeasibilityCase) -> RuleHit | None:
    """A stated total that the access patterns, all with a rate, do not account for."""
    for word, total, listed in _sides(case):
        if total and listed.complete and listed.total * OFF < total:
            rest = total - listed.total
            return RuleHit(
                "contradiction",
                f"{listed.text} = {number(listed.total)} {word}/s in patterns;"
                f" {number(total)}/s - {number(listed.total)}/s = {number(rest)}/s",
                {"kind": word, "sum": listed.total, "total": total},
            )
    return None


def items_against_retention(case: FeasibilityCase) -> RuleHit | None:
    """What the writes leave within a short retention against the volume at the start."""
    a, live, days = case.answers, case.load.live_gb, case.answers.retention_days
    if live is None or days is None or not a.initial_data_gb:
        return None
    more = a.initial_data_gb > live * OFF
    if not more and not case.load.outgrown:
        return None
    return RuleHit(
        "contradiction",
        f"{case.load.intake_text} × {days_text(days)} = {volume_text(live)}; stated at the start:"
        f" {volume_text(a.initial_data_gb)}",
        {
            "live_gb": live,
            "initial_gb": a.initial_data_gb,
            "kept_days": days,
            "more": "yes" if more else "",
        },
    )


def pattern_consistency(case: FeasibilityCase) -> RuleHit | None:
    """Patterns that need the newest write in a component that is said not to."""
    if case.model is None or case.answers.consistency != "eventual":
        return None
    names = [pattern.name for pattern in case.model.patterns if pattern.consistency == "strong"]
    if not names:
        return None
    return RuleHit(
        "contradiction",
        f"stated: eventual; {len(names)} pattern{'s' if len(names) > 1 else ''} stated: strong",
        {"patterns": "; ".join(map(inline, names))},
    )


def peak_without_rates(case: FeasibilityCase) -> RuleHit | None:
    """A peak factor that multiplies nothing."""
    if case.answers.peak_factor is None or case.load.peak_total is not None:
        return None
    factor = case.answers.peak_factor
    return RuleHit("missing", "", {"peak": factor})


def peak_against_average(case: FeasibilityCase) -> RuleHit | None:
    """A peak that was stated as a rate against the average, and against the average's multiple."""
    a, load = case.answers, case.load
    sides = (
        ("reads", load.reads, a.peak_reads_per_second),
        ("writes", load.writes, a.peak_writes_per_second),
    )
    for word, average, peak in sides:
        usual = load.usual_peak(average)
        if average is None or peak is None or usual is None:
            continue
        off = a.peak_factor is not None and not peak / ROUNDING <= usual <= peak * ROUNDING
        if peak < average or off:
            larger = max(peak, average)
            shown = (
                f"{load.peak_text(average)} = {number(usual)}/s" if off else f"{number(average)}/s"
            )
            return RuleHit(
                "contradiction",
                f"{word}: {shown}; stated at peak: {number(peak)}/s",
                {"kind": word, "peak": peak, "usual": usual, "larger": larger},
            )
    return None


def growing_cache(case: FeasibilityCase) -> RuleHit | None:
    """A cache whose content only grows."""
    growth = case.answers.growth_gb_per_month
    caches = bool(case.backends) and all(b.storage_type == "cache" for b in case.backends)
    if not caches or not growth or case.answers.retention:
        return None
    return RuleHit(
        "risk",
        f"{case.load.volume_steps(HORIZON)}; no lifetime stated",
        {"growth_gb": growth},
    )


CHECKS = (
    ComponentCheck(growth_above_writes),
    ComponentCheck(growth_below_writes),
    ComponentCheck(initial_above_retention),
    ComponentCheck(counted_volume),
    ComponentCheck(largest_below_average),
    ComponentCheck(item_above_volume),
    ComponentCheck(items_against_retention),
    ComponentCheck(pattern_rates),
    ComponentCheck(patterns_below_total),
    ComponentCheck(pattern_consistency),
    ComponentCheck(reads_above_volume),
    ComponentCheck(growing_cache),
    ComponentCheck(peak_without_rates),
    ComponentCheck(peak_against_average),
)
