"""Places on Earth: what a pattern asks of them, and the cells by which stores of keys find them."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from .tokens import MistakeError

PlaceWay = Literal["near", "within", "nearest"]

METRES_OF_A_DEGREE = 111_195
"""Of a meridian: a 360th of the circumference of a sphere with Earth's mean radius, 6,371,009 m."""

CELLS = 9
"""The cell of a place and its eight neighbours."""
USUAL_CELL = 5
"""Characters of a cell where nobody stated how far is looked: sides of 4.9 km at the equator."""
_LONGEST_CELL = 9
_AT_60_DEGREES = 0.5  # the cosine of the latitude to which a block of cells covers the distance
_UNITS = {"m": 1.0, "km": 1000.0, "mi": 1609.344}
_WORDS = re.compile(r"(near)(?: (\d+(?:\.\d+)?) ?(m|km|mi))?|(within)", re.IGNORECASE)


class SoughtPlace(NamedTuple):
    """What a pattern asks of a place.

    Args:
        columns: The point; or its latitude and longitude, where the store has no type for it.
        way: Those at most so far away, nearest first where no order is given; those in a box of
            latitudes and longitudes; or the nearest ones, however far.
        metres: How far; `None` where the caller says it.
        cell: The column with the cell in which it lies, where a store finds it by that.
    """

    columns: tuple[str, ...]
    way: PlaceWay
    metres: float | None = None
    cell: str = ""

    @property
    def words(self) -> str:
        """It as the filter of a pattern says it."""
        far = "" if self.metres is None else f" {distance(self.metres)}"
        return f"{self.columns[0]} {self.way}{far}"


def distance(metres: float) -> str:
    """Write a distance in metres or kilometres."""
    return f"{metres:g} m" if metres < 1000 else f"{metres / 1000:g} km"


def read_place(column: str, rest: str) -> SoughtPlace | None:
    """Read what stands after a field in a filter; `None` where it is about no place.

    Raises:
        MistakeError: The distance is none.
    """
    word = rest.split(" ", maxsplit=1)[0].lower()
    if word not in {"near", "within"}:
        return None
    found = _WORDS.fullmatch(rest)
    if found is None or (found[2] and not float(found[2])):
        raise MistakeError(
            f"`{rest}`: write `near`, `near 500 m` or `near 5 km` (m, km, mi), or `within`"
        )
    if found[4]:
        return SoughtPlace((column,), "within")
    return SoughtPlace(
        (column,), "near", float(found[2]) * _UNITS[found[3].lower()] if found[2] else None
    )


def cell_sides(length: int) -> tuple[float, float]:
    """Return height and width in metres, at the equator, of a geohash of so many characters.

    Each character halves the Earth five times, by turns in longitude and in latitude: G. Niemeyer,
    geohash.org (2008).
    """
    halvings = 5 * length
    height = 180 / 2 ** (halvings // 2) * METRES_OF_A_DEGREE
    width = 360 / 2 ** (halvings - halvings // 2) * METRES_OF_A_DEGREE
    return height, width


def cell_length(metres: float | None) -> int:
    """Return the characters of the smallest cells of which nine hold a circle of that radius.

    They hold it up to 60 degrees of latitude, where a cell is half as wide as at the equator.
    """
    if metres is None:
        return USUAL_CELL
    lengths = range(_LONGEST_CELL, 1, -1)
    return next((n for n in lengths if _narrowest(n) >= metres), 1)


def _narrowest(length: int) -> float:
    height, width = cell_sides(length)
    return min(height, width * _AT_60_DEGREES)
