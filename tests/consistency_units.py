"""Numbers as they stand in a rendered track, read back."""

from __future__ import annotations

import re

_MINUTES = {"s": 1 / 60, "min": 1, "h": 60, "d": 1_440}
SPAN = r"((?:\d[\d,.]* (?:s|min|h|d)\b ?)+)"


def size(text: str) -> float:
    """Return a size such as `4 kB` or `2 MiB` in bytes."""
    amount, unit = text.split()
    powers = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
    powers |= {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}
    return float(amount.replace(",", "")) * powers[unit]


def minutes(text: str) -> float:
    """Return a duration such as `4 h 30 min` in minutes."""
    parts = re.findall(r"(\d[\d,.]*) (s|min|h|d)\b", text)
    return sum(float(amount.replace(",", "")) * _MINUTES[unit] for amount, unit in parts)


def number(text: str) -> float:
    """Return a number such as `1,200` or `0.5`."""
    return float(text.replace(",", ""))
