"""What the answers say about load and volume, and what follows from them by arithmetic."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..questions.answers import Answers
from ..questions.settling import answered, settled, settled_number
from ..units import days_text, number, size_text, volume_text
from .entities import Coming, coming, counted, counted_gb, entity_gb, filling, grown_for
from .formulas import DAYS_PER_MONTH, GB, stored_gb, written_gb
from .rates import ROUNDING, PatternRates, planned, read_rates, write_rates

if TYPE_CHECKING:
    from ..schema.model import DataModel

HORIZONS = (6, 12, 36)
"""The months for which volumes are shown; the last one is the horizon of every limit check."""

# Decisions about these numbers.
_RATES = ("reads_per_second", "writes_per_second")
_OF_THE_START = ("counts-against-volume", "counted-volume", "initial-above-retention")
_OF_THE_GROWTH = ("growth-against-entities", "growth-above-writes", "growth-below-writes")

_TERMS = 3  # so many are told one by one
_NEAR = 0.05  # 400 days are said for 13 months
_SMALL = 0.01  # what comes of an entity below this share of the whole growth is not told apart

OFF = 3.0
"""Statements that differ by more than this factor cannot both be meant as stated."""


def apart(stated: float, other: float) -> bool:
    """Tell whether two numbers for one thing cannot both be meant as stated."""
    return not stated / OFF <= other <= stated * OFF


BOUNDED_DAYS = 365
"""With a shorter retention data leaves as it comes, and growth may be what stays of the writes."""


class LoadSide(NamedTuple):
    """Reads, or writes: how many a second on average, at the stated peak, and by the patterns."""

    rate: float | None
    peak: float | None
    listed: PatternRates


class Workload(NamedTuple):
    """The rates, sizes and volumes that were stated, or that follow from those; else None.

    Where a total and its parts do not fit, the number is the one that the decision about it takes
    by default.
    """

    answers: Answers
    model: DataModel | None = None

    @property
    def listed_reads(self) -> PatternRates:
        """The rates of the access patterns that read."""
        return read_rates(self.model)

    @property
    def listed_writes(self) -> PatternRates:
        """The rates of the access patterns that change something."""
        return write_rates(self.model)

    @property
    def reads(self) -> float | None:
        """Reads a second on average: as stated, else what the access patterns add up to."""
        return self._rate("reads_per_second", self.listed_reads)

    @property
    def writes(self) -> float | None:
        """Writes a second on average: as stated, else what the access patterns add up to."""
        return self._rate("writes_per_second", self.listed_writes)

    def _rate(self, name: str, listed: PatternRates) -> float | None:
        """Return a rate as it was decided, or else as it is planned for by default."""
        stated: float | None = getattr(self.answers, name)
        decided = settled(self.answers, "pattern-rates", "patterns-below-total")
        if decided is not None and stated is not None:
            number: float | None = answered(_RATES, decided.text).get(name)
            if decided.as_stated or number is not None:
                return number or stated
        return planned(stated, listed, self.answers.peak_factor)

    @property
    def peak_reads(self) -> float | None:
        """Reads a second at peak; the average itself where no peak was given."""
        return self._planned_peak(self._sides[0])

    @property
    def peak_writes(self) -> float | None:
        """Writes a second at peak; the average itself where no peak was given."""
        return self._planned_peak(self._sides[1])

    @property
    def _sides(self) -> tuple[LoadSide, LoadSide]:
        a = self.answers
        return (
            LoadSide(self.reads, a.peak_reads_per_second, self.listed_reads),
            LoadSide(self.writes, a.peak_writes_per_second, self.listed_writes),
        )

    @property
    def own_peak(self) -> bool:
        """Whether a peak is a rate of its own: stated so, or higher for one operation alone."""
        return any(
            side.peak is not None or self._planned_peak(side) != self.usual_peak(side.rate)
            for side in self._sides
        )

    @property
    def peaks_known(self) -> bool:
        """Whether how high the peak is follows from what was stated, for reads and writes."""
        return not any(self.averaged)

    @property
    def averaged(self) -> tuple[bool, bool]:
        """Whether the average stands for a peak that nobody stated, of reads and of writes."""
        reads, writes = (
            self.answers.peak_factor is None
            and side.rate is not None
            and side.peak is None
            and self._planned_peak(side) == side.rate
            for side in self._sides
        )
        return reads, writes

    @property
    def peak_total(self) -> float | None:
        """Reads and writes a second at peak, of those that were stated."""
        rates = [rate for rate in (self.peak_reads, self.peak_writes) if rate is not None]
        return sum(rates) if rates else None

    def usual_peak(self, rate: float | None) -> float | None:
        """Return the peak of an average rate by the peak factor alone."""
        return None if rate is None else rate * (self.answers.peak_factor or 1.0)

    def _planned_peak(self, side: LoadSide) -> float | None:
        """Return the peak of one side: the largest of what was stated where that does not fit."""
        known = (side.rate, side.peak) if side.peak is not None else (self.usual_peak(side.rate),)
        usual = max((rate for rate in known if rate is not None), default=None)
        if usual is None:
            return side.listed.highest or None
        return usual if side.listed.highest <= usual * ROUNDING else side.listed.highest

    def peak_text(self, rate: float | None, peak: float | None = None) -> str:
        """Return how a peak follows from a stated rate: `300/s × 4`, or from one operation."""
        if peak is not None and peak != self.usual_peak(rate):
            own = (self.answers.peak_reads_per_second, self.answers.peak_writes_per_second)
            return "the stated peak" if peak in own else "one operation alone"
        factor = self.answers.peak_factor
        stated = f"{number(rate or 0)}/s"
        return stated if factor is None else f"{stated} × {number(factor)}"

    @property
    def total_text(self) -> str:
        """Return how the peak of reads and writes together follows from what was stated."""
        if self.own_peak:
            peaks = (self.peak_reads, self.peak_writes)
            return " + ".join(f"{number(peak)}/s" for peak in peaks if peak is not None)
        rates = (self.reads, self.writes)
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
        """The volume on the first day: as stated, else that of the items, or of the entities.

        Where what is stated does not fit the entities, it is the larger.
        """
        a, stated = self.answers, self.answers.initial_data_gb
        decided = settled_number(a, "gb", stated, *_OF_THE_START)
        if decided is not None:
            return decided
        if stated is None and a.item_count is not None and a.average_item_bytes is not None:
            stated = a.item_count * a.average_item_bytes / GB
        return _larger(stated, self.counted_gb)

    @property
    def growth_gb(self) -> float | None:
        """What comes in a month: as stated, or what the entities' growth amounts to.

        Where the two do not fit, it is the larger.
        """
        stated = self.answers.growth_gb_per_month
        decided = settled_number(self.answers, "gb", stated, *_OF_THE_GROWTH)
        return _larger(stated, self.grown_gb) if decided is None else decided

    @property
    def first_gb(self) -> float | None:
        """What is known to be there on the first day, where only some entities are counted too."""
        if self.initial_gb is not None or self.coming is None or self.model is None:
            return self.initial_gb
        average = self.answers.average_item_bytes
        known = [entity_gb(entity, average) for entity in counted(self.model)]
        return sum(gb for gb in known if gb is not None) or None

    @property
    def indexed(self) -> bool:
        """Whether what follows from the entities is with their pages and indexes."""
        derived = self.answers.growth_gb_per_month is None or self.answers.initial_data_gb is None
        stored = [entity.stored_bytes for entity in counted(self.model)] if self.model else []
        return derived and any(stored)

    @property
    def counted_gb(self) -> float | None:
        """Count × size over the entities, where each of them has both."""
        return counted_gb(self.model, self.answers.average_item_bytes)

    @property
    def coming(self) -> tuple[Coming, ...] | None:
        """What comes of each entity that grows, where that of all is known."""
        return coming(self.model, self.answers.average_item_bytes)

    @property
    def _told_growth(self) -> bool:
        """Whether somebody stated what comes of an entity."""
        growths = [entity.facts.growth for entity in self.model.entities] if self.model else []
        return any(growth is not None and not growth.derived for growth in growths)

    @property
    def grown_gb(self) -> float | None:
        """Growth in a month over the entities, where that of each is known."""
        return None if self.coming is None else sum(item.gb for item in self.coming)

    @property
    def grown_text(self) -> str:
        """The arithmetic of `grown_gb`."""
        total, terms = volume_text(self.grown_gb or 0), [item.text for item in self.coming or ()]
        told = (
            " + ".join(terms)
            if all(terms) and len(terms) <= _TERMS
            else "sum of what comes of each"
        )
        return f"{told} = {total} a month"

    @property
    def _ends(self) -> tuple[tuple[float, float | None], ...]:
        """What comes in GB a month, and the months for which it does, in parts that end alike."""
        growth, kept = self.growth_gb or 0.0, self.retention_months
        terms = [(item.gb, grown_for(item.entity, kept)) for item in self.coming or ()]
        if self.coming is None or growth != self.grown_gb:
            # A stated growth is shared out as what the patterns insert.
            found = filling(self.model, self.answers.average_item_bytes)
            terms = [(item.rate * item.size, grown_for(item.entity, kept)) for item in found]
            whole = sum(part for part, _ in terms) or 1.0
            terms = [(part, end) for part, end in terms if part > whole * _SMALL]
            whole = sum(part for part, _ in terms) or 1.0
            terms = [(growth * part / whole, _about(end, kept)) for part, end in terms]
        parts: dict[float | None, float] = {}
        for gb, end in terms or [(growth, kept)]:
            parts[end] = parts.get(end, 0.0) + gb
        return tuple((gb, end) for end, gb in parts.items() if gb) or ((growth, kept),)

    @property
    def settled_months(self) -> float | None:
        """Months after which as much goes as comes: the retention, else the longest lifetime."""
        return None if any(end is None for _, end in self._ends) else self._longest_months

    @property
    def _longest_months(self) -> float | None:
        """Months after which the last of what goes in time goes for the first time."""
        return max((end for _, end in self._ends if end is not None), default=None)

    @property
    def added(self) -> float | None:
        """Items a second by which the data grows: inserts less deletions where both are known."""
        return None if self.writes is None else self.listed_writes.added(self.writes)

    @property
    def added_text(self) -> str:
        """Return how it follows: `10 writes/s`, `(7 - 2) items/s`."""
        return self.listed_writes.added_text(self.writes or 0.0)

    @property
    def intake_gb(self) -> float | None:
        """What a month of added items amounts to in GB, where an average size is stated."""
        if self.added is None or self.answers.average_item_bytes is None:
            return None
        return sum(written_gb(rate, size, DAYS_PER_MONTH) for rate, size in self._added_sizes)

    @property
    def _added_sizes(self) -> tuple[tuple[float, float], ...]:
        """Items a second and bytes of one: of each entity, else all writes at the average size."""
        average, rate = self.answers.average_item_bytes or 0.0, self.added or 0.0
        told = self.listed_writes.explains(self.writes or 0.0)
        found = filling(self.model, average) if told else ()
        if all(item.size == average for item in found):
            return ((rate, average),)
        return tuple((item.rate, item.size) for item in found if item.rate)

    @property
    def intake_text(self) -> str:
        """Return the arithmetic of `intake_gb`."""
        total = volume_text(self.intake_gb or 0)
        return f"{self._added_bytes_text} × 86,400 s × 30.44 d = {total} a month"

    @property
    def _added_bytes_text(self) -> str:
        """Return what is added a second: `7 new items/s × 2 kB`, `(7/s × 2 kB + 1/s × 300 B)`."""
        average = self.answers.average_item_bytes or 0.0
        if self._added_sizes == ((self.added or 0.0, average),):
            return f"{self.added_text} × {size_text(average)}"
        terms = [f"{number(rate)}/s × {size_text(size)}" for rate, size in self._added_sizes]
        return f"({' + '.join(terms)})" if len(terms) > 1 else "".join(terms)

    @property
    def live_gb(self) -> float | None:
        """What constant writes leave within a retention of less than a year, in GB.

        None where growth was stated, which says more, or where an input is missing.
        """
        a, intake, months = self.answers, self.intake_gb, self.retention_months
        short = a.retention_days is not None and a.retention_days < BOUNDED_DAYS
        if not intake or not months or not short or a.growth_gb_per_month or self._told_growth:
            return None
        return intake * months

    @property
    def outgrown(self) -> bool:
        """Tell whether the writes leave far more than the start volume, which then says little."""
        live, start = self.live_gb, self.initial_gb
        return bool(live and start is not None and live > start * OFF)

    @property
    def steady_gb(self) -> float | None:
        """What constant writes leave within the retention in GB, if each adds an item.

        None where a volume was stated that fits them, which is then the better number.
        """
        intake, months = self.intake_gb, self.retention_months
        if self.outgrown:
            return self.live_gb
        stated = self.initial_gb is not None or self.growth_gb is not None
        return None if stated or not intake or not months else intake * months

    @property
    def steady_text(self) -> str:
        """Return the arithmetic of `steady_gb`."""
        days, total = number(self.answers.retention_days or 0), volume_text(self.steady_gb or 0)
        return f"{self._added_bytes_text} × 86,400 s × {days} d = {total}"

    @property
    def read_percent(self) -> float | None:
        """Return the share of reads among all requests in percent, where both were stated."""
        reads, writes = self.reads, self.writes
        if reads is None or writes is None or not reads + writes:
            return None
        return round(reads / (reads + writes) * 100, 1)

    @property
    def horizons(self) -> tuple[float, ...]:
        """Return the months for which volumes are shown, to the end of a longer retention."""
        kept = self._longest_months
        return HORIZONS if kept is None or kept <= HORIZONS[-1] else (*HORIZONS, kept)

    @property
    def end_months(self) -> float:
        """Return the months after which the volume is what it has to carry.

        It is when as much goes as comes, at least of what goes in time; a year where no such time
        or no volume is stated.
        """
        longest = self._longest_months
        if self.volume_gb(12) is None or longest is None:
            return 12.0
        return self.settled_months or max(longest, 12.0)

    @property
    def end_text(self) -> str:
        """Return when that is, as it reads after "the volume"."""
        after, settled = days_text(self.end_months * DAYS_PER_MONTH), self.settled_months
        if self.volume_gb(12) is None or (settled is None and self.end_months == 12):
            return "after 12 months"
        if settled is None:
            return f"after {after}"
        if settled != self.retention_months:
            return f"in the steady state, after {after}"
        return f"at the end of the retention of {days_text(self.answers.retention_days or 0)}"

    def volume_gb(self, months: float) -> float | None:
        """Return the least volume that start and growth lead to, or None.

        Where the writes leave far more than the start volume, it is what they leave.
        """
        initial, growth = self.first_gb, self.growth_gb
        if initial is None and growth is None:
            return None
        if self.outgrown:
            return max(initial or 0.0, min(self.live_gb or 0.0, (self.intake_gb or 0.0) * months))
        start, *later = (initial or 0.0, *self._ends)
        for gb, end in later:
            start = stored_gb(start, gb, months, end)
        return start

    def volume_steps(self, months: float) -> str:
        """Return the arithmetic of `volume_gb`."""
        initial, growth = self.first_gb, self.growth_gb
        total = volume_text(self.volume_gb(months) or 0)
        if self.outgrown and (self.retention_months or 0) <= months:
            return self.steady_text
        if not growth:
            return total
        terms = [] if initial is None else [volume_text(initial)]
        for gb, end in self._ends:
            kept = months if end is None else min(months, end)
            terms.append(f"{volume_text(gb)} × {number(kept)} months")
        return f"{' + '.join(terms)} = {total}"


def _about(end: float | None, kept: float | None) -> float | None:
    """Return the common retention for a lifetime that is said in other words of about that time."""
    return kept if end and kept and abs(end - kept) <= kept * _NEAR else end


def _larger(stated: float | None, derived: float | None) -> float | None:
    """Return the stated number, unless what follows from its parts is far larger."""
    if stated is None or derived is None:
        return derived if stated is None else stated
    return derived if derived > stated * OFF else stated
