"""Numbers as people read them: grouped digits, sizes, volumes and durations.

A short exact number stays exact (99.95 is never shown as 100); a long one is cut to three digits.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence

_BINARY = ("KiB", "MiB", "GiB", "TiB", "PiB")
_DECIMAL = ("kB", "MB", "GB", "TB", "PB")
_SPANS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))
DAYS_PER_YEAR = 365.25


def number(value: float) -> str:
    """Return a number with grouped digits, exact to two decimals or cut to three digits."""
    if not math.isfinite(value):
        return str(value)
    if value == round(value) or abs(value) >= 1_000:
        return f"{value:,.0f}"
    if abs(value) > 0.005 and abs(value * 100 - round(value * 100)) < 1e-7:
        return f"{value:.2f}".rstrip("0").rstrip(".")
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:.{digits}f}".rstrip("0").rstrip(".") if digits else f"{value:,.0f}"


def percent(value: float) -> str:
    """Return a percentage with all its nines: `99.999 %`."""
    return f"{value:.10g} %"


def size_text(size: float) -> str:
    """Return bytes in the unit in which they are a round number, else in a binary one."""
    if abs(size) < 1_000:
        return f"{number(size)} B"
    binary, decimal = _scaled(size / 1024, 1024, _BINARY), _scaled(size / 1000, 1000, _DECIMAL)
    value, unit = decimal if _round(decimal[0]) and not _round(binary[0]) else binary
    return f"{number(value)} {unit}"


def volume_text(gigabytes: float) -> str:
    """Return a volume given in GB (10^9 bytes) in the largest decimal unit that it has one of."""
    if not gigabytes:
        return "0 GB"
    value, unit = _scaled(gigabytes * 1e6, 1000, _DECIMAL)
    return f"{number(value)} {unit}"


def duration(minutes: float) -> str:
    """Return a duration given in minutes in its two largest units: `4 h 30 min`."""
    seconds = minutes * 60
    if seconds < 60:
        return f"{number(seconds)} s" if seconds else "0 min"
    for (span, unit), (lesser, lesser_unit) in itertools.pairwise(_SPANS):
        rounded = math.floor(seconds / lesser + 0.5) * lesser
        if rounded >= span:
            whole, rest = divmod(rounded, span)
            tail = f" {rest // lesser:.0f} {lesser_unit}" if rest else ""
            return f"{whole:,.0f} {unit}{tail}"
    return f"{number(seconds)} s"


def days_text(days: float) -> str:
    """Return a period given in days as years or months where it is a whole number of them."""
    years, months = days / DAYS_PER_YEAR, days / DAYS_PER_YEAR * 12
    if years >= 1 and abs(years - round(years)) < 0.01:
        return counted(round(years), "year")
    if months >= 1 and abs(months - round(months)) < 0.001:
        return counted(round(months), "month")
    if days < 1:
        return duration(days * 1_440)
    return counted(days, "day")


_BY_SUFFIX = {
    "bytes": size_text,
    "gb": volume_text,
    "minutes": duration,
    "days": days_text,
    "percent": percent,
}


def listed(names: Sequence[str], last: str = "and") -> str:
    """Return names as a list in a sentence: `A, B and C`."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {last} {names[-1]}"


def counted(count: float, noun: str) -> str:
    """Return how many there are of something, `1 rule` or `2 rules`; a noun is in the singular."""
    plural = f"{noun[:-1]}ies" if noun.endswith("y") and noun[-2:-1] not in "aeiou" else f"{noun}s"
    return f"{number(count)} {noun if count == 1 else plural}"


def shown(values: Mapping[str, str | float]) -> dict[str, str]:
    """Return values as text; the last word of a name (`largest_bytes`) tells the unit."""
    return {
        name: value if isinstance(value, str) else _format(name, value)
        for name, value in values.items()
    }


def _format(name: str, value: float) -> str:
    return _BY_SUFFIX.get(name.rpartition("_")[2], number)(value)


def _scaled(size: float, base: int, units: Sequence[str]) -> tuple[float, str]:
    """Return a size given in the first unit in the largest one of which it is shown as one."""
    at = 0
    while at < len(units) - 1 and float(number(abs(size)).replace(",", "")) >= base:
        size, at = size / base, at + 1
    return size, units[at]


def _round(value: float) -> bool:
    return abs(value * 10 - round(value * 10)) < 1e-9
