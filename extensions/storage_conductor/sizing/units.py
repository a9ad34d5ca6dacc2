"""Capacity units, added up from what a run of each access pattern consumes."""

from __future__ import annotations

from ..units import number
from .model import ComputedNumber, Job
from .rates import ROUNDING


def listed_units(job: Job, word: str, rate: float) -> ComputedNumber | None:
    """Return the units at peak of all reads or writes; `None` where no pattern tells them.

    What the stated rate has beyond the patterns is taken to cost as much as the dearest of them.

    Args:
        job: The store and its load.
        word: `read` or `write`.
        rate: Reads or writes a second at peak, as stated for all.
    """
    terms = _terms(job, changes=word == "write", at_peak=True)
    if not terms:
        return None
    rest = rate - sum(peak for peak, _ in terms)
    beyond = rest > rate * (ROUNDING - 1)
    if beyond:
        terms.append((rest, max(each for _, each in terms)))
    needed = sum(peak * each for peak, each in terms)
    text = " + ".join(f"{number(peak)} × {number(each)}" for peak, each in terms)
    return ComputedNumber(
        "capacity-units",
        f"{number(rate)} {word}s/s at peak, units of each access pattern",
        f"{text} = {number(needed)}",
        needed,
        f"{word} units/s",
        f"{'at most ' if beyond else ''}{number(needed)} {word} units/s",
        key=f"{word}-units",
        values={
            "word": word,
            "eventual": "",
            "indexed": "",
            "listed": "yes",
            "rest": "yes" if beyond else "",
        },
    )


def average_units(job: Job, word: str) -> float | None:
    """Return the units a second on average of all reads or writes whose pattern has a rate.

    Args:
        job: The store and its load.
        word: `read` or `write`.

    Returns:
        The sum, or `None` where no pattern tells them.
    """
    terms = _terms(job, changes=word == "write", at_peak=False)
    return sum(rate * each for rate, each in terms) if terms else None


def _terms(job: Job, *, changes: bool, at_peak: bool) -> list[tuple[float, float]]:
    """Runs a second, on average or at peak, and units of a run, of each pattern with a rate."""
    found = []
    patterns = {pattern.name: pattern for pattern in job.model.patterns} if job.model else {}
    for units in job.units:
        pattern = patterns[units.pattern]
        rate = pattern.per_second
        if at_peak:
            rate = pattern.peak or job.load.usual_peak(rate)
        if units.changes is not changes or not rate:
            continue
        asked = job.load.answers.consistency in ("strong", "read-your-writes")
        twice = asked and not changes and not units.indexed and pattern.consistency is None
        found.append((rate, units.each * (2 if twice else 1)))
    return found
