"""Places in SQL: how a query finds those near one, and indexes that SQLAlchemy has no words for."""

# ruff: noqa: S608 - drafts for a reader, whose names are quoted
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import cos, radians

from .model import Entity, Pattern
from .needs import by_distance, row_order
from .places import METRES_OF_A_DEGREE, SoughtPlace
from .result import IndexRow

_LONGITUDE = "-- Longitude comes before latitude in each of these points."
_BOX = " The index finds a box, which the distance then narrows:"
_NOTES = {
    "postgresql": _LONGITUDE,
    "mariadb": _LONGITUDE + _BOX,
    "mysql": _LONGITUDE + _BOX,
    "sqlite": "-- The table of boxes finds a box, which the distance then narrows:",
    "sql-server": "-- geography::Point takes latitude before longitude.",
}
_AROUND = (
    f"-- <south> and <north> are <lat> ∓ <metres> ÷ {METRES_OF_A_DEGREE:,}, <west> and <east> <lon>"
    " ∓ that ÷ cos(<lat>); across 180° they are two boxes."
)


@dataclass(frozen=True)
class Spot:
    """A place that is asked about, as a statement writes its numbers.

    Args:
        metres: How far from it.
        cos: The cosine of its latitude.
    """

    lon: str = "<lon>"
    lat: str = "<lat>"
    metres: str = "<metres>"
    west: str = "<west>"
    south: str = "<south>"
    east: str = "<east>"
    north: str = "<north>"
    cos: str = "<cos lat>"

    @classmethod
    def around(cls, lon: float, lat: float, metres: float) -> Spot:
        """A place with the box around it of which no side is nearer."""
        north = metres / METRES_OF_A_DEGREE
        east = north / cos(radians(lat))
        numbers = (lon, lat, metres, lon - east, lat - north, lon + east, lat + north)
        return cls(*(f"{number:.7f}" for number in (*numbers, cos(radians(lat)))))


@dataclass(frozen=True)
class PlaceQuery:
    """What a query has to say to find places: a condition, and an order; each may be empty."""

    where: str
    order: str


class PlaceSql:
    """Writes about places for one store.

    Args:
        store: Its catalog key.
        quote: Puts a name in quotes where it needs them.
    """

    def __init__(self, store: str, quote: Callable[[str], str]) -> None:
        self._store = store
        self._quote = quote

    def query(self, entity: Entity, place: SoughtPlace, index: str, spot: Spot) -> PlaceQuery:
        """Write how a query finds places by their index.

        Args:
            entity: Whose places they are.
            place: What is asked.
            index: Name of the index.
            spot: The numbers.
        """
        columns = [self._quote(name) for name in place.columns]
        if self._store == "sqlite":
            return self._by_boxes(entity, place, index, spot)
        if self._store == "postgresql":
            return _postgresql(place, columns[0], spot)
        if self._store == "sql-server":
            return _sql_server(place, columns[0], spot)
        return _my(place, columns[0], spot, mysql=self._store == "mysql")

    def _by_boxes(self, entity: Entity, place: SoughtPlace, index: str, spot: Spot) -> PlaceQuery:
        lat, lon = map(self._quote, place.columns)
        keys = ", ".join(map(self._quote, entity.key))
        left = f"({keys})" if len(entity.key) > 1 else keys
        box = (
            f"{left} IN (SELECT {keys} FROM {self._quote(index)} WHERE lat_max >= {spot.south} AND"
            f" lat_min <= {spot.north} AND lon_max >= {spot.west} AND lon_min <= {spot.east})"
        )
        if place.way == "within":
            inside = f"{lat} BETWEEN {spot.south} AND {spot.north}"
            inside += f" AND {lon} BETWEEN {spot.west} AND {spot.east}"
            return PlaceQuery(f"{box} AND {inside}", "")
        north = f"({lat} - {spot.lat})"
        east = f"(({lon} - {spot.lon}) * {spot.cos})"
        distance = f"{north} * {north} + {east} * {east}"
        far = f"{spot.metres} / {METRES_OF_A_DEGREE}.0"
        return PlaceQuery(f"{box} AND {distance} <= ({far}) * ({far})", distance)

    def notes(
        self,
        entities: Sequence[tuple[Entity, Sequence[Pattern]]],
        indexes: Callable[[Pattern], str],
    ) -> list[str]:
        """Say as comments how the queries of patterns must be written to use their indexes.

        Args:
            entities: Each with its patterns.
            indexes: Gives the index that serves a pattern, or an empty text.
        """
        asked: dict[PlaceQuery, list[Pattern]] = {}
        for entity, patterns in entities:
            for pattern in patterns:
                if pattern.by_place and (index := indexes(pattern)):
                    query = self._noted(entity, pattern, pattern.by_place, index)
                    asked.setdefault(query, []).append(pattern)
        if not asked:
            return []
        around = any("<south>" in q.where and "<metres>" in q.where for q in asked)
        lines = [self._note(query, patterns) for query, patterns in asked.items()]
        return [_NOTES[self._store], *([_AROUND] if around else []), *lines]

    def _noted(
        self, entity: Entity, pattern: Pattern, place: SoughtPlace, index: str
    ) -> PlaceQuery:
        metres = "<metres to a corner>" if place.way == "within" else "<metres>"
        query = self.query(entity, place, index, Spot(metres=metres))
        if by_distance(pattern):
            return query
        order = (f"{self._quote(c)} {way.upper()}" for c, way in row_order(entity, pattern))
        return PlaceQuery(query.where, ", ".join(order).replace(" ASC", ""))

    def _note(self, query: PlaceQuery, patterns: Sequence[Pattern]) -> str:
        """The query of patterns that ask alike, with the numbers that they share."""
        named = "; ".join(pattern.name for pattern in patterns)
        sizes = {pattern.page_size for pattern in patterns}
        size = sizes.pop() if len(sizes) == 1 else "<n>"
        top = f" TOP ({size})" if size and self._store == "sql-server" else ""
        text = f"{top} WHERE {query.where}" if query.where else top
        far = {pattern.place.metres for pattern in patterns if pattern.place}
        if len(far) == 1 and (metres := far.pop()) is not None:
            text = text.replace("<metres>", f"{metres:g}")
        text += f" ORDER BY {query.order}" if query.order else ""
        return f"-- {named}:{text}" + (f" LIMIT {size}" if size and not top else "")

    def index(self, entity: Entity, row: IndexRow) -> str:
        """Write an index for which SQLAlchemy has no words, or an empty text."""
        if self._store == "sql-server" and row.method == "spatial":
            ((column, _),) = row.columns
            on = f"{self._quote(entity.table)} ({self._quote(column)})"
            name = self._quote(row.name)
            return f"CREATE SPATIAL INDEX {name} ON {on} USING GEOGRAPHY_AUTO_GRID;"
        return self._boxes(entity, row) if row.method == "rtree" else ""

    def _boxes(self, entity: Entity, row: IndexRow) -> str:
        """A table of boxes of SQLite, and the triggers that keep it; its entries hold the key.

        An entry is found by its place and not by its number, so that any key will do: the number
        of a row changes where the table is rebuilt.
        """
        name, table = self._quote(row.name), self._quote(entity.table)
        place = [column for column, _ in row.columns]
        lat, lon = map(self._quote, place)
        keys = [self._quote(key) for key in entity.key]
        names = ", ".join(("lat_min", "lat_max", "lon_min", "lon_max", *keys))
        held = ", ".join(f"new.{key}" for key in keys)
        entry = f"new.{lat}, new.{lat}, new.{lon}, new.{lon}, {held}"
        there = f"new.{lat} IS NOT NULL AND new.{lon} IS NOT NULL"
        same = " AND ".join(f"{key} = old.{key}" for key in keys)
        found = (
            f"lat_min <= old.{lat} AND lat_max >= old.{lat} AND lon_min <= old.{lon} AND"
            f" lon_max >= old.{lon} AND {same}"
        )
        leave = f"DELETE FROM {name} WHERE n IN (SELECT n FROM {name} WHERE {found});"
        enter = f"INSERT INTO {name} ({names}) SELECT {entry} WHERE {there};"
        watched = ", ".join(dict.fromkeys((lat, lon, *keys)))

        def trigger(event: str, when: str, body: str) -> str:
            called = self._quote(f"{entity.table}_{event}_{place[0]}")
            return f"CREATE TRIGGER {called} AFTER {when} ON {table}\nBEGIN {body} END;"

        columns = ", ".join(("n, lat_min, lat_max, lon_min, lon_max", *(f"+{key}" for key in keys)))
        return "\n".join(
            [
                f"CREATE VIRTUAL TABLE {name} USING rtree({columns});",
                trigger("enters", "INSERT", enter),
                trigger("moves", f"UPDATE OF {watched}", f"{leave} {enter}"),
                trigger("leaves", "DELETE", leave),
            ]
        )

    def fill(self, entity: Entity, row: IndexRow) -> str:
        """Write what fills a table of boxes from the rows that are there."""
        lat, lon = (self._quote(column) for column, _ in row.columns)
        keys = ", ".join(map(self._quote, entity.key))
        return (
            f"INSERT INTO {self._quote(row.name)} (lat_min, lat_max, lon_min, lon_max, {keys})"
            f" SELECT {lat}, {lat}, {lon}, {lon}, {keys} FROM {self._quote(entity.table)}"
            f" WHERE {lat} IS NOT NULL AND {lon} IS NOT NULL;"
        )


def _postgresql(place: SoughtPlace, column: str, spot: Spot) -> PlaceQuery:
    centre = f"ST_MakePoint({spot.lon}, {spot.lat})::geography"
    circle = f"ST_DWithin({column}, {centre}, {spot.metres})"
    if place.way == "within":
        inside = f"ST_X({column}::geometry) BETWEEN {spot.west} AND {spot.east}"
        inside += f" AND ST_Y({column}::geometry) BETWEEN {spot.south} AND {spot.north}"
        return PlaceQuery(f"{circle} AND {inside}", "")
    return PlaceQuery(circle if place.way == "near" else "", f"{column} <-> {centre}")


def _sql_server(place: SoughtPlace, column: str, spot: Spot) -> PlaceQuery:
    distance = f"{column}.STDistance(geography::Point({spot.lat}, {spot.lon}, 4326))"
    if place.way == "nearest":
        return PlaceQuery(f"{distance} IS NOT NULL", distance)
    circle = f"{distance} <= {spot.metres}"
    if place.way == "near":
        return PlaceQuery(circle, distance)
    inside = f"{column}.Lat BETWEEN {spot.south} AND {spot.north}"
    inside += f" AND {column}.Long BETWEEN {spot.west} AND {spot.east}"
    return PlaceQuery(f"{circle} AND {inside}", "")


def _my(place: SoughtPlace, column: str, spot: Spot, *, mysql: bool) -> PlaceQuery:
    def on_earth(shape: str) -> str:
        return f"ST_SRID({shape}, 4326)" if mysql else shape

    corners = f"Point({spot.west}, {spot.south}), Point({spot.east}, {spot.north})"
    box = f"MBRContains({on_earth(f'LineString({corners})')}, {column})"
    if place.way == "within":
        return PlaceQuery(box, "")
    distance = f"ST_Distance_Sphere({column}, {on_earth(f'Point({spot.lon}, {spot.lat})')})"
    return PlaceQuery(f"{box} AND {distance} <= {spot.metres}", distance)
