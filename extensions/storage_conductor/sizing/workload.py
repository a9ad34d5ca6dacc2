"""What the answers say about load and volume, and what follows from them by arithmetic."""

from __future__ import annotations

from dataclasses import dataclass

from ..questions.answers import Answers
from ..units import days_text, number, size_text, volume_text
from .formulas import DAYS_PER_MONTH, GB, stored_gb, written_gb

HORIZONS = (6, 12, 36)
"""The months for which volumes are shown; the last one is the horizon of every limit check."""


@dataclass(frozen=True)
class Workload:
    """The stated rates, sizes and volumes. What was not stated stays None."""

    answers: Answers

    @property
    def peak_reads(self) -> float | None:
        """Reads a second at peak; the stated rate itself where no peak factor was given."""
        return self._at_peak(self.answers.reads_per_second)

    @property
    def peak_writes(self) -> float | None:
        """Writes a second at peak; the stated rate itself where no peak factor was given."""
        return self._at_peak(self.answers.writes_per_second)

    @property
    def peak_total(self) -> float | None:
        """Reads and writes a second at peak, of those that were stated."""
        rates = [rate for rate in (self.peak_reads, self.peak_writes) if rate is not None]
        return sum(rates) if rates else None

    def _at_peak(self, rate: float | None) -> float | None:
        return None if rate is None else rate * (self.answers.peak_factor or 1.0)

    def peak_text(self, rate: float | None) -> str:
        """Return how a peak rate follows from a stated one: `300/s × 4`."""
        factor = self.answers.peak_factor
        stated = f"{number(rate or 0)}/s"
        return stated if factor is None else f"{stated} × {number(factor)}"

    @property
    def total_text(self) -> str:
        """Return how the peak of reads and writes together follows from what was stated."""
        rates = (self.answers.reads_per_second, self.answers.writes_per_second)
        parts = [number(rate) for rate in rates if rate is not None]
        stated = f"({' + '.join(parts)})/s" if len(parts) > 1 else f"{''.join(parts)}/s"
        factor = self.answers.peak_factor
        return stated if factor is None else f"{stated} × {number(factor)}"

    @property
    def retention_months(self) -> float | None:
        """How long data is kept, in months, where one duration was stated."""
        days = self.answers.retention_days
        return None if days is None else days / DAYS_PER_MONTH

    @property
    def initial_gb(self) -> float | None:
        """The volume on the first day: as stated, else that of the items at their average size."""
        a = self.answers
        if a.initial_data_gb is not None or a.item_count is None or a.average_item_bytes is None:
            return a.initial_data_gb
        return a.item_count * a.average_item_bytes / GB

    @property
    def intake_gb(self) -> float | None:
        """What a month of writes at the stated rate and size amounts to in GB."""
        rate, size = self.answers.writes_per_second, self.answers.average_item_bytes
        return None if rate is None or size is None else written_gb(rate, size, DAYS_PER_MONTH)

    @property
    def intake_text(self) -> str:
        """Return the arithmetic of `intake_gb`."""
        a = self.answers
        return (
            f"{number(a.writes_per_second or 0)} writes/s × {size_text(a.average_item_bytes or 0)}"
            f" × 86,400 s × 30.44 d = {volume_text(self.intake_gb or 0)} a month"
        )

    @property
    def steady_gb(self) -> float | None:
        """What constant writes leave within the retention in GB, if each adds an item.

        None where a volume was stated, which is then the better number.
        """
        a, intake, months = self.answers, self.intake_gb, self.retention_months
        stated = self.initial_gb is not None or a.growth_gb_per_month is not None
        return None if stated or not intake or not months else intake * months

    @property
    def read_percent(self) -> float | None:
        """Return the share of reads among all requests in percent, where both were stated."""
        reads, writes = self.answers.reads_per_second, self.answers.writes_per_second
        if reads is None or writes is None or not reads + writes:
            return None
        return round(reads / (reads + writes) * 100, 1)

    @property
    def horizons(self) -> tuple[float, ...]:
        """Return the months for which volumes are shown, to the end of a longer retention."""
        kept = self.retention_months
        return HORIZONS if kept is None or kept <= HORIZONS[-1] else (*HORIZONS, kept)

    @property
    def end_months(self) -> float:
        """Return the months after which the volume is what it has to carry.

        It is the end of the retention, where growth stops; a year where retention or volume is not
        stated.
        """
        known = self.volume_gb(12) is not None
        return (known and self.retention_months) or 12.0

    @property
    def end_text(self) -> str:
        """Return when that is, as it reads after "the volume"."""
        if self.volume_gb(12) is None or not self.retention_months:
            return "after 12 months"
        return f"at the end of the retention of {days_text(self.answers.retention_days or 0)}"

    def volume_gb(self, months: float) -> float | None:
        """Return the least volume that the stated start and growth lead to, or None."""
        initial, growth = self.initial_gb, self.answers.growth_gb_per_month
        if initial is None and growth is None:
            return None
        return stored_gb(initial or 0.0, growth or 0.0, months, self.retention_months)

    def volume_steps(self, months: float) -> str:
        """Return the arithmetic of `volume_gb`."""
        initial, growth = self.initial_gb, self.answers.growth_gb_per_month
        total = volume_text(self.volume_gb(months) or 0)
        if not growth:
            return total
        kept = min(months, self.retention_months or months)
        start = "" if initial is None else f"{volume_text(initial)} + "
        return f"{start}{volume_text(growth)} × {number(kept)} months = {total}"
