"""The rates of the access patterns, summed up, beside the totals that were stated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from ..units import number

if TYPE_CHECKING:
    from ..schema.model import DataModel, Pattern

ROUNDING = 1.1
"""A total and the sum of its parts differ by less than this factor when both were rounded."""


class PatternRates(NamedTuple):
    """Access patterns of one side, reads or writes.

    Args:
        rates: The rates a second that were stated, with the kind of the pattern.
        complete: Whether every pattern of the side has one, and there is at least one.
        highest: The highest peak a second that was stated of one of them, or 0.
    """

    rates: tuple[tuple[str, float], ...]
    complete: bool
    highest: float = 0.0

    @property
    def total(self) -> float:
        """Return the sum of the rates."""
        return sum(rate for _, rate in self.rates)

    @property
    def text(self) -> str:
        """Return the sum as it is computed: `20 + 36`."""
        return " + ".join(number(rate) for _, rate in self.rates)

    def _of(self, kind: str) -> float:
        return sum(rate for each, rate in self.rates if each == kind)

    @property
    def replacing(self) -> float:
        """Return the rate of the patterns that add nothing."""
        return self._of("update") + self._of("delete")

    def explains(self, total: float) -> bool:
        """Tell whether the patterns account for a total."""
        return self.complete and self.total * ROUNDING >= total

    def added(self, total: float) -> float:
        """Return the items a second that come on top: inserts less deletions.

        Where the patterns do not account for the total, every further write counts as an insert.
        """
        return max(total - self._no_inserts(total) - self._of("delete"), 0.0)

    def _no_inserts(self, total: float) -> float:
        """Return the rate of the writes that add nothing."""
        if self.explains(total):
            return total - self._of("write")
        return min(self.replacing, total)

    def added_text(self, total: float) -> str:
        """Return how that follows."""
        others, deletions = self._no_inserts(total), self._of("delete")
        if not others:
            return f"{number(total)} writes/s"
        known = self.explains(total)
        inserts = number(total - others) if known else f"{number(total)} - {number(others)}"
        if deletions:
            return f"({inserts} - {number(deletions)}) items/s"
        return f"{inserts} new items/s" if known else f"({inserts}) new items/s"


def read_rates(model: DataModel | None) -> PatternRates:
    """Return the rates of the patterns that read."""
    return _listed(item for item in _called(model) if item.reads)


def write_rates(model: DataModel | None) -> PatternRates:
    """Return the rates of the patterns that change something."""
    return _listed(item for item in _called(model) if item.changes)


def _called(model: DataModel | None) -> Iterator[Pattern]:
    """Yield the patterns that callers ask for, and not the clock."""
    yield from (item for item in model.patterns if not item.job) if model else ()


def _listed(found: Iterable[Pattern]) -> PatternRates:
    patterns = list(found)
    rates = tuple((_kind(p), p.per_second) for p in patterns if p.per_second is not None)
    highest = max((item.peak or 0.0 for item in patterns), default=0.0)
    return PatternRates(rates, bool(patterns) and len(rates) == len(patterns), highest)


def _kind(pattern: Pattern) -> str:
    """Return what a pattern does: a write that has to find its item replaces it."""
    return "update" if pattern.kind == "write" and pattern.finds_rows else pattern.kind


def busy_hour(total: float, listed: PatternRates, peak_factor: float | None) -> bool:
    """Tell whether the patterns seem to state the busy hour: above the average, within the peak."""
    return bool(peak_factor) and listed.total <= total * (peak_factor or 1.0) * ROUNDING


def planned(stated: float | None, listed: PatternRates, peak_factor: float | None) -> float | None:
    """Return the average rate that is planned for.

    It is the stated one; the sum of the patterns where none was stated, or where that is larger and
    not the rate of a busy hour.
    """
    if stated is None:
        return listed.total if listed.complete else None
    if listed.total <= stated * ROUNDING or busy_hour(stated, listed, peak_factor):
        return stated
    return listed.total
