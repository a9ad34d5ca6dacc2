"""What an access pattern asks of many entries at once: their count, a sum, an average."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Function = Literal["count", "sum", "average"]


@dataclass(frozen=True)
class Aggregate:
    """One number that is asked of all entries that a pattern finds.

    Args:
        function: What is computed.
        column: Stored name of what is added up; empty for `count`.
    """

    function: Function
    column: str = ""
