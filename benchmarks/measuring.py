"""What a command costs: seconds of a processor and of the clock, and memory; medians of pairs.

Processor time is that of the command and all its processes, user and system, so that it says
something on a busy machine, too. A ratio is the median over rounds, in each of which both sides
were run one after the other.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

ROUNDS = 15
_UNIT = 2**20 if sys.platform == "darwin" else 2**10


class Cost(NamedTuple):
    """What one run took: seconds of a processor, seconds of the clock, MB of memory."""

    processor: float
    clock: float
    memory: float


def cost(command: Sequence[str | Path], *, may_find: bool = False) -> Cost:
    """Run a command and return what it took.

    Args:
        command: The command; what it prints is dropped.
        may_find: Whether it may end with 1, as `check` does with findings.
    """
    begun = time.perf_counter()
    with subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in ((0, 1) if may_find else (0,)):
        raise subprocess.CalledProcessError(process.returncode, list(map(str, command)))
    clock = time.perf_counter() - begun
    return Cost(usage.ru_utime + usage.ru_stime, clock, usage.ru_maxrss / _UNIT)


def rounds(sides: Mapping[str, Callable[[], Cost]], number: int) -> dict[str, list[Cost]]:
    """Run all sides in turn, once to fill the caches and then as often as asked for."""
    found: dict[str, list[Cost]] = {name: [] for name in sides}
    for at in range(number + 1):
        for name, run in sides.items():
            taken = run()
            if at:
                found[name].append(taken)
    return found


def compared(
    found: Mapping[str, list[Cost]], name: str, against: str, at_most: float | None = None
) -> str:
    """Return a line that says how many times as much one side takes as another."""
    ratios = [
        statistics.median(one[part] / other[part] for one, other in zip(*both, strict=True))
        for both in [(found[name], found[against])]
        for part in (0, 1)
    ]
    wanted = "" if at_most is None else f"; at most {at_most}"
    return f"{ratios[0]:.2f} ({ratios[1]:.2f} by the clock{wanted})"


def middle(costs: Sequence[Cost]) -> str:
    """Return the medians, as they are printed."""
    processor, clock = (statistics.median(each[part] for each in costs) for part in (0, 1))
    return f"{processor:.3f} s ({clock:.3f} s by the clock)"
