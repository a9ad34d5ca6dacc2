"""What a managed store costs in a month by list prices: by part, as a range, with what dominates.

A price is a fact of the catalog whose key holds `_usd_`; what it applies to begins with the region
that it is the price of.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ..catalog.statements import Citation, NodeClass
from ..units import number
from .formulas import DAYS_PER_MONTH, SECONDS_PER_DAY
from .model import Job
from .workload import HORIZONS

HOURS_PER_MONTH = 730
"""Hours of a month as cloud providers count them: 365 × 24 ÷ 12."""
SECONDS_PER_MONTH = DAYS_PER_MONTH * SECONDS_PER_DAY
_TELLING = 0.05
"""A part below this share of the sum decides nothing."""
_YEAR = dt.timedelta(days=365)


class Price(NamedTuple):
    """A list price.

    Args:
        usd: In the unit that the line's arithmetic names.
        region: Where it holds.
        source: Where it was read, with the date of the price list.
    """

    usd: float
    region: str
    source: Citation

    @property
    def old(self) -> bool:
        """Tell whether the price list was older than a year when it was looked up."""
        parts = [int(part) for part in self.source.dated.split("-")]
        year, month, day = (*parts, 1, 1)[:3]
        return self.source.checked - dt.date(year, month, day) > _YEAR


class CostLine(NamedTuple):
    """A part of what a store costs in a month.

    Args:
        key: The same in every render, such as `storage`.
        label: What is paid for.
        arithmetic: The calculation.
        low: USD a month at the least.
        high: USD a month at the most; None where what is stated sets no upper bound.
        price: The list price behind it.
    """

    key: str
    label: str
    arithmetic: str
    low: float
    high: float | None
    price: Price

    @property
    def shown(self) -> str:
        """Return the range as people read it."""
        return shown(self.low, self.high)


class MonthlyCost(NamedTuple):
    """What one store costs in a month.

    Args:
        store: Name of the store.
        lines: Its parts, the dearest first.
        beside: The same load bought another way, for comparison; not in the sum.
        asked: What has to be stated for the parts that are missing, or for an upper bound.
    """

    store: str
    lines: tuple[CostLine, ...]
    beside: tuple[CostLine, ...] = ()
    asked: tuple[str, ...] = ()

    @property
    def low(self) -> float:
        """Return USD a month at the least."""
        return sum(line.low for line in self.lines)

    @property
    def high(self) -> float | None:
        """Return USD a month at the most, or None."""
        highs = [line.high for line in self.lines if line.high is not None]
        return sum(highs) if len(highs) == len(self.lines) else None

    @property
    def shown(self) -> str:
        """Return the sum as people read it."""
        return shown(self.low, self.high)

    @property
    def dominant(self) -> str:
        """Return the dearest part and its share, such as `storage, 83 %`.

        It is empty for one part, and where what one of them comes to at most is not known.
        """
        first = next(iter(self.lines), None)
        if first is None or len(self.lines) < 2 or first.high is None or not self.high:
            return ""
        return f"{first.label}, {number(round(first.high / self.high * 100))} %"

    @property
    def telling(self) -> tuple[CostLine, ...]:
        """Return the parts that matter in the sum, at its least or at its most; at most four."""
        most, least = self.high or 0.0, self.low * _TELLING
        found = [
            line
            for line in self.lines
            if line.high is None or line.high >= most * _TELLING or line.low >= least
        ]
        return tuple(found[:4])

    @property
    def oldest(self) -> Price:
        """Return the price that was read longest ago; there is one where there are lines."""
        found = (line.price for line in (*self.lines, *self.beside))
        return min(found, key=lambda price: price.source.dated)


class CostCase(NamedTuple):
    """What the cost of a store may rest on.

    Args:
        job: The store with the load that is its own.
        servers: How many servers of one kind there are, a standby included.
        estimates: The numbers that were computed for it, by key.
        named: Texts in which a person may have named a class of servers.
        copied: Whether the way back after the loss of a region is a copy that is kept up to date.
    """

    job: Job
    servers: int = 1
    estimates: Mapping[str, float] = {}
    named: str = ""
    copied: bool = False

    def price(self, key: str) -> Price | None:
        """Return the price of that key, if the catalog knows it for this hosting."""
        backend = self.job.backend
        fact, usd = backend.fact(key), backend.number(key)
        if fact is None or usd is None:
            return None
        return Price(usd, region(fact.applies_to), backend.sources[fact.source])

    def node_price(self, node: NodeClass) -> Price:
        """Return the price of a server for an hour."""
        source = self.job.backend.sources[node.source]
        return Price(node.usd_per_hour, region(node.applies_to), source)

    @property
    def volumes(self) -> tuple[float, float] | None:
        """Return the GB on the first day and after the months of every limit check, if known."""
        load = self.job.load
        if load.steady_gb is not None:
            return load.steady_gb, load.steady_gb
        end = load.volume_gb(HORIZONS[-1])
        return None if end is None else (min(load.first_gb or 0.0, end), end)


def region(applies_to: str) -> str:
    """Return the region that a price begins with."""
    return applies_to.partition(",")[0]


def shown(low: float, high: float | None) -> str:
    """Return a range of USD: `12.3`, `12.3 to 40`, `from 12.3`."""
    least = usd_text(low)
    if high is None:
        return f"from {least}"
    most = usd_text(high)
    return least if least == most else f"{least} to {most}"


def usd_text(value: float) -> str:
    """Return an amount with three digits that count, and no fraction of a cent."""
    return number(round(float(f"{value:.3g}"), 2))


def ordered(lines: Iterable[CostLine]) -> tuple[CostLine, ...]:
    """Return the parts that cost anything, the dearest first."""

    def most(line: CostLine) -> float:
        return float("inf") if line.high is None else line.high

    return tuple(sorted((line for line in lines if most(line) >= 0.01), key=lambda i: -most(i)))
