"""Availability: the downtime that is allowed against failovers, restores and maintenance."""

from __future__ import annotations

from ..catalog.backend import Backend
from ..sizing.formulas import (
    GB,
    MINUTES_PER_MONTH,
    MINUTES_PER_YEAR,
    downtime_minutes,
    needed_mib_per_second,
    transfer_minutes,
)
from ..units import duration, listed, number, percent, size_text, volume_text
from .model import (
    HORIZON,
    ComponentCheck,
    FeasibilityCase,
    Limit,
    RuleHit,
    StoreCheck,
    cite,
    general_limit,
    limit,
    without_nodes,
)

_NEEDS_FAILOVER = 99.9
"""From here on, a person who is called and restores by hand takes longer than the budget."""

_NEEDS_ONLINE = 99.95
_NEEDS_ALL_ONLINE = 99.99
"""From here on, changes that stop the service (if only some do) do not fit beside its failures."""


def availability_objective(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """The stated availability against the one the service is designed or liable for."""
    bound, stated = limit(backend, "availability_percent"), case.answers.availability_percent
    if bound is None or stated is None or stated <= bound.value:
        return None
    allowed = downtime_minutes(stated, MINUTES_PER_YEAR)
    served = downtime_minutes(bound.value, MINUTES_PER_YEAR)
    return bound.hit(
        f"{percent(stated)} allows {duration(allowed)} a year; {percent(bound.value)} means"
        f" {duration(served)}",
        {"stated_percent": stated, "limit_percent": bound.value},
        "risk",
    )


def stores_in_series(case: FeasibilityCase) -> RuleHit | None:
    """The product of the stores' objectives, as a request that needs all of them sees it."""
    stated = case.answers.availability_percent
    known = [
        (backend.name, bound.value)
        for backend in case.keepers
        if (bound := limit(backend, "availability_percent")) is not None
    ]
    if stated is None or len(known) < 2 or any(stated > value for _, value in known):
        return None
    product = 100.0
    for _, value in known:
        product *= value / 100
    if stated <= product:
        return None
    return RuleHit(
        "risk",
        f"{' × '.join(percent(value) for _, value in known)} = {product:.4f} % < {percent(stated)}",
        {"stated_percent": stated, "stores": listed([name for name, _ in known])},
    )


def automatic_failover(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """An objective that leaves no time for a person, against a store without failover."""
    capability = backend.capability("automatic_failover")
    stated = case.answers.availability_percent
    if capability is None or stated is None or stated < _NEEDS_FAILOVER:
        return None
    if capability.value == "yes" or limit(backend, "availability_percent"):
        return None
    budget = downtime_minutes(stated, MINUTES_PER_MONTH)
    return cite(
        backend,
        capability,
        "risk",
        f"(100 - {number_of(stated)}) % × 43,830 min = {duration(budget)} a month",
        {
            "stated_percent": stated,
            "budget_minutes": budget,
            "note": capability.note,
            "partly": "yes" if capability.value == "partial" else "",
            "embedded": "yes" if backend.embedded else "",
        },
    )


def number_of(value: float) -> str:
    """Return a percentage without its sign, with all its nines."""
    return percent(value).removesuffix(" %")


def failover_budget(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """One failover against the downtime of a month."""
    bound, stated = limit(backend, "failover_seconds"), case.answers.availability_percent
    if bound is None or stated is None:
        return None
    budget = downtime_minutes(stated, MINUTES_PER_MONTH) * 60
    if bound.value <= budget:
        return None
    return bound.hit(
        f"(100 - {number_of(stated)}) % × 43,830 min = {number(budget)} s a month"
        f" < {number(bound.value)} s for one failover",
        {"stated_percent": stated, "budget_minutes": budget / 60},
        "risk",
    )


def several_regions(case: FeasibilityCase) -> RuleHit | None:
    """An objective that one region does not reach, where no service says so itself."""
    tier, stated = (
        general_limit("single_region_availability_percent"),
        (case.answers.availability_percent),
    )
    if stated is None or stated <= tier.value:
        return None
    if any(availability_objective(case, backend) for backend in case.keepers):
        return None
    budget = downtime_minutes(stated, MINUTES_PER_YEAR)
    return tier.hit(
        f"{percent(stated)} > {percent(tier.value)}; {duration(budget)} a year",
        {"stated_percent": stated, "budget_minutes": budget},
        "risk",
    )


def recovery_budget(case: FeasibilityCase) -> RuleHit | None:
    """One recovery that takes its full RTO against the downtime that is allowed."""
    a, rto = case.answers, case.rto_minutes
    if rto is None or a.availability_percent is None:
        return None
    month = downtime_minutes(a.availability_percent, MINUTES_PER_MONTH)
    year = downtime_minutes(a.availability_percent, MINUTES_PER_YEAR)
    if rto <= month:
        return None
    beyond = rto > year
    return RuleHit(
        "contradiction" if beyond else "risk",
        f"(100 - {number_of(a.availability_percent)}) % = {duration(month)} a month,"
        f" {duration(year)} a year; RTO {duration(rto)}",
        {
            "stated_percent": a.availability_percent,
            "rto_minutes": rto,
            "month_minutes": month,
            "year_minutes": year,
            "beyond": "yes" if beyond else "",
        },
    )


def offline_changes(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """Schema changes that stop the service against the downtime that is allowed."""
    capability = backend.capability("online_schema_change")
    stated = case.answers.availability_percent
    if capability is None or stated is None or capability.value == "yes":
        return None
    partly = capability.value == "partial"
    if stated < (_NEEDS_ALL_ONLINE if partly else _NEEDS_ONLINE):
        return None
    if partly and backend.family != "relational":
        return None
    budget = downtime_minutes(stated, MINUTES_PER_MONTH)
    return cite(
        backend,
        capability,
        "risk",
        f"(100 - {number_of(stated)}) % × 43,830 min = {duration(budget)} a month for failures and"
        " changes together",
        {"stated_percent": stated, "budget_minutes": budget, "note": capability.note},
    )


_COUNTED = ("object", "cache", "key_value", "unknown")
"""Families whose restore is no transfer of one volume."""


def restore_time(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """The restore of the volume at the end of the retention, else after a year, against the RTO."""
    rto, volume = _held_rto(case), case.load.volume_gb(case.load.end_months)
    if rto is None or case.hybrid:
        return None
    typical = limit(backend, "restore_hours_typical")
    if typical is not None:
        return _typical_restore(case, typical, rto, without_nodes(backend))
    if volume is None or backend.family in _COUNTED:
        return None
    fixed = limit(backend, "restore_mib_per_second")
    most = fixed or limit(backend, "throughput_mib_per_second_max")
    usual = fixed or limit(backend, "throughput_mib_per_second_default")
    offered = usual or most or general_limit("volume_throughput_mib_per_second")
    if (hit := _restore_by_files(case, backend, volume, rto)) is not None:
        return hit
    if transfer_minutes(volume, offered.value) <= rto:
        return None
    hit = _slow_restore(case, offered, volume, rto, fixed=fixed is not None)
    beyond = most is not None and transfer_minutes(volume, most.value) > rto
    return hit._replace(severity="infeasible" if beyond and most and most.hard else "risk")


def _held_rto(case: FeasibilityCase) -> float | None:
    """Return the RTO that holds: no longer than a year's downtime, by the decision about both."""
    found = recovery_budget(case)
    if found is None or not found.values["beyond"]:
        return case.rto_minutes
    return float(found.values["year_minutes"])


def _restore_by_files(
    case: FeasibilityCase, backend: Backend, volume: float, rto: float
) -> RuleHit | None:
    """A restore that takes each file by itself, where that is slower than the bytes."""
    each, size = limit(backend, "restore_files_per_second"), case.answers.average_item_bytes
    rate = limit(backend, "restore_mib_per_second")
    if each is None or rate is None or not size:
        return None
    files = volume * GB / size
    minutes = files / each.value / 60
    if minutes <= rto or minutes <= transfer_minutes(volume, rate.value):
        return None
    text = f"{volume_text(volume)} ÷ {size_text(size)} = {number(files)} files;"
    text += f" ÷ {number(each.value)}/s = {duration(minutes)} > {duration(rto)}"
    values = dict(_slow_restore(case, rate, volume, rto, fixed=True).values)
    return each.hit(
        text, values | {"restore_minutes": minutes, "rate": f"{number(each.value)} files/s"}
    )


def _slow_restore(
    case: FeasibilityCase, rate: Limit, volume: float, rto: float, *, fixed: bool
) -> RuleHit:
    minutes, later = transfer_minutes(volume, rate.value), case.load.volume_gb(HORIZON) or volume
    steps = case.load.volume_steps(case.load.end_months)
    text = f"{steps}; ÷ {number(rate.value)} MiB/s = {duration(minutes)} > {duration(rto)}"
    if later > volume:
        after = duration(transfer_minutes(later, rate.value))
        text += f"; {volume_text(later)} after {HORIZON} months: {after}"
    return rate.hit(
        text,
        {
            "volume_gb": volume,
            "volume_when": case.load.end_text,
            "rto_minutes": rto,
            "restore_minutes": minutes,
            "rate": f"{number(rate.value)} MiB/s",
            "needed": needed_mib_per_second(volume, rto) if rto and not fixed else "",
            "fixed": "yes" if fixed else "",
            "nodeless": "",
            "year_minutes": "",
        },
    )


def _typical_restore(
    case: FeasibilityCase, typical: Limit, rto: float, nodeless: bool
) -> RuleHit | None:
    minutes = typical.value * 60
    if minutes <= rto:
        return None
    year = downtime_minutes(case.answers.availability_percent or 0, MINUTES_PER_YEAR)
    return typical.hit(
        f"{duration(minutes)} > {duration(rto)}",
        {
            "volume_gb": "",
            "volume_when": case.load.end_text,
            "rto_minutes": rto,
            "restore_minutes": minutes,
            "rate": "",
            "needed": "",
            "fixed": "",
            "nodeless": "yes" if nodeless else "",
            "year_minutes": year if minutes > year else "",
        },
    )


CHECKS = (
    ComponentCheck(recovery_budget),
    StoreCheck(availability_objective, keepers_only=True),
    ComponentCheck(stores_in_series),
    ComponentCheck(several_regions),
    StoreCheck(automatic_failover, keepers_only=True),
    StoreCheck(failover_budget, keepers_only=True),
    StoreCheck(offline_changes, keepers_only=True),
    StoreCheck(restore_time, keepers_only=True),
)
