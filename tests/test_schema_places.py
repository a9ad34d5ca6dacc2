"""Places on Earth: read, drafted, sized, and found on real servers by their indexes."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
import yaml

from storage_conductor.catalog import loading
from storage_conductor.catalog.feature_words import near_place
from storage_conductor.component.proposals import clause_of, proposed_model
from storage_conductor.errors import ConductorError
from storage_conductor.importing import connecting, ddl
from storage_conductor.proof import scratch
from storage_conductor.proof.prove import Wish, prove
from storage_conductor.proof.rows import spot
from storage_conductor.proof.subject import Subject
from storage_conductor.schema import places
from storage_conductor.schema.common import Sizes
from storage_conductor.schema.design import design
from storage_conductor.schema.model import DataModel
from storage_conductor.schema.parse import parse_model
from storage_conductor.schema.placed import placed
from storage_conductor.schema.placesql import PlaceSql, Spot
from storage_conductor.schema.result import Design
from tests import schema_servers
from tests.command_shell import postgres
from tests.spec_rendering import rendered, track_of

FIELDS = {
    "id": "bigint pk assigned",
    "status": "enum(free, rented, broken) not null",
    "location": "point not null",
    "seen_at": "timestamptz not null",
}
NEAR = {
    "name": "free bikes near a place",
    "entity": "Bike",
    "filter": ["location near 500 m", "status = free"],
    "page_size": 20,
    "per_second": 50,
}
NEAREST = {"name": "nearest bikes", "entity": "Bike", "kind": "nearest", "page_size": 5}
MAP = {"name": "bikes on the map", "entity": "Bike", "filter": ["location within"]}
MOVE = {
    "name": "move a bike",
    "entity": "Bike",
    "kind": "update",
    "filter": ["id"],
    "fields": ["location"],
    "per_second": 100,
}
ALL = (NEAR, NEAREST, MAP, MOVE)


def model(
    store: str, *patterns: dict[str, Any], fields: dict[str, str] = FIELDS, hosting: str = ""
) -> DataModel:
    parsed = parse_model({"Bike": fields}, list(patterns))
    assert parsed is not None
    return placed(parsed, [loading.load(store).at(hosting)])


def drafted(
    store: str, *patterns: dict[str, Any], hosting: str = "", **options: Any
) -> tuple[Design, str]:
    backend = loading.load(store).at(hosting)
    sizes = options.pop("sizes", Sizes())
    result = design(model(store, *patterns, hosting=hosting, **options), [backend], sizes)
    return result, next((a.text for a in result.artifacts if a.kind in {"schema", "layout"}), "")


def artifact(result: Design, kind: str) -> str:
    return next(item.text for item in result.artifacts if item.kind == kind)


def told(result: Design) -> dict[str, dict[str, Any]]:
    return {finding.key: dict(finding.numbers) for finding in result.findings}


# ── The language ──


@pytest.mark.parametrize(
    ("fields", "pattern", "said"),
    [
        ({"location": "point pk"}, {}, "`point` has no order and cannot be pk"),
        ({"location": "point default here"}, {}, "has no written form"),
        ({"location": "point[]"}, {}, "a list of `point` is not possible"),
        ({"location": "geography(Polygon, 4326)"}, {}, "write `point` for a place on Earth"),
        ({"location": "geometry(Point, 3857)"}, {}, "write `point` for a place on Earth"),
        ({}, {"filter": ["location"]}, "after a place comes `near`"),
        ({}, {"filter": ["location near 0 km"]}, "write `near`, `near 500 m`"),
        ({}, {"filter": ["location near 5 feet"]}, "write `near`, `near 500 m`"),
        ({}, {"filter": ["location near", "location within"]}, "asks of one place"),
        ({}, {"filter": ["location near"], "kind": "update"}, "a change names its entries"),
        ({}, {"kind": "nearest"}, "needs `page_size`"),
        ({"home": "point"}, {"kind": "nearest", "page_size": 3}, "`location`, `home`"),
        ({}, {"sort": ["location"]}, "has no order"),
    ],
)
def test_mistakes_are_named(fields: dict[str, str], pattern: dict[str, Any], said: str) -> None:
    given = {"name": "p", "entity": "Bike", **pattern}
    with pytest.raises(ConductorError, match="mistake") as caught:
        parse_model({"Bike": FIELDS | fields}, [given])
    assert said in str(caught.value)


@pytest.mark.parametrize("word", ["geography(Point,4326)", "geometry(point)", "POINT"])
def test_the_words_of_stores_are_understood(word: str) -> None:
    parsed = parse_model({"Bike": FIELDS | {"location": f"{word} not null"}}, None)
    assert parsed is not None
    assert [str(column.type) for _, column in parsed.points] == ["point"]


@pytest.mark.parametrize(
    ("said", "metres"),
    [("near", None), ("near 500 m", 500), ("near 5 km", 5000), ("near 1mi", 1609.344)],
)
def test_a_distance_is_read(said: str, metres: float | None) -> None:
    (pattern,) = model("postgresql", {**MAP, "filter": [f"location {said}"]}).patterns
    assert pattern.place == places.SoughtPlace(("location",), "near", metres)


# ── The drafts ──


def test_postgresql_has_one_index_where_all_rows_and_some_are_looked_for() -> None:
    result, text = drafted("postgresql", *ALL)
    assert text.index("CREATE EXTENSION IF NOT EXISTS postgis;") < text.index("CREATE TABLE")
    assert "location GEOGRAPHY(Point, 4326) NOT NULL" in text
    assert text.count("CREATE INDEX") == 1
    assert "CREATE INDEX ix_bike_location ON bike USING gist (location);" in text
    assert [row.cost for row in result.patterns] == ["page", "page", "range", "point"]
    assert told(result)["filter-after-range"] == {"columns": "status"}


def test_postgresql_indexes_the_free_ones_alone_where_no_other_is_looked_for() -> None:
    result, text = drafted("postgresql", NEAR)
    assert "USING gist (location) WHERE status = 'free';" in text
    assert "filter-after-range" not in told(result)
    assert "ST_DWithin(location, ST_MakePoint(<lon>, <lat>)::geography, 500)" in text
    assert "ORDER BY location <-> ST_MakePoint(<lon>, <lat>)::geography LIMIT 20" in text


def test_an_index_that_was_asked_for_is_one_of_places() -> None:
    _, text = drafted("postgresql", fields=FIELDS | {"location": "point indexed"})
    assert "-- For: asked for on location\nCREATE INDEX ix_bike_location ON bike USING gist" in text


@pytest.mark.parametrize(("store", "kind"), [("mysql", "POINT SRID 4326"), ("mariadb", "POINT")])
def test_innodb_has_a_spatial_index_and_says_what_it_cannot(store: str, kind: str) -> None:
    result, text = drafted(store, *ALL)
    assert f"  location {kind} NOT NULL,\n" in text
    assert "CREATE SPATIAL INDEX ix_bike_location ON bike (location);" in text
    assert [row.cost for row in result.patterns] == ["sort", "sort", "range", "point"]
    assert told(result)["nearest-by-circles"] == {"rows": 5}
    optional, without = drafted(store, NEAR, fields=FIELDS | {"location": "point"})
    assert "SPATIAL" not in without
    assert told(optional)["place-not-indexed"] == {"field": "location"}


def test_sql_server_has_a_geography_index() -> None:
    result, text = drafted("sql-server", *ALL)
    assert "CREATE SPATIAL INDEX ix_bike_location ON bike (location) USING" in text
    assert "-- nearest bikes: TOP (5) WHERE location.STDistance(" in text
    assert [row.cost for row in result.patterns] == ["sort", "page", "range", "point"]


def test_mongodb_puts_equality_before_the_place() -> None:
    _, text = drafted("mongodb", {**NEAR, "filter": ["location near 1 km", "status"]}, NEAREST)
    assert '.createIndex({"status": 1, "location": "2dsphere"}' in text
    assert '.createIndex({"location": "2dsphere"}' in text
    assert '"coordinates": {' in text


def test_redis_has_a_key_of_places_and_says_that_it_lies_on_one_shard() -> None:
    result, _ = drafted("redis", *ALL, sizes=Sizes(clustered=True))
    held = {row.name: (row.write, row.read) for row in result.keys}
    assert held["bike:by_status_location:<status>"] == (
        "GEOADD bike:by_status_location:<status> <location_lon> <location_lat> <id>",
        "GEOSEARCH bike:by_status_location:<status> FROMLONLAT <location_lon> <location_lat>"
        " BYRADIUS 500 m ASC COUNT 20",
    )
    assert told(result)["place-on-one-shard"] == {"key": "bike:by_location"}
    # A move writes the entry, and the place under both keys.
    assert {u.pattern: u.each for u in result.units}["move a bike"] == 3


@pytest.mark.parametrize("store", ["dynamodb", "cassandra"])
def test_stores_of_keys_find_by_cells(store: str) -> None:
    result, text = drafted(store, NEAR, MAP)
    assert "location_cell6" in text
    found = [f for f in result.findings if f.key == "place-by-cells"]
    assert dict(found[0].numbers) == {
        "cell": "location_cell6", "length": 6, "reads": 9, "height": 611, "width": 1222,
    }  # fmt: skip
    assert told(result)["cell-size"] == {"length": 5, "height": 4886, "width": 4886}


def test_nine_reads_are_counted() -> None:
    sizes = Sizes(average_item_bytes=200)
    near, _ = drafted("dynamodb", NEAR, sizes=sizes)
    same = {**NEAR, "filter": ["seen_at", "status = free"]}
    by_key, _ = drafted("dynamodb", same, sizes=sizes)
    (nine,), (one,) = near.units, by_key.units
    assert nine.each == 9 * one.each


def test_sqlite_without_boxes_finds_by_cells() -> None:
    _, own = drafted("sqlite", NEAR)
    _, hosted = drafted("sqlite", NEAR, hosting="Cloudflare D1")
    assert "USING rtree(n, lat_min, lat_max, lon_min, lon_max, +id);" in own
    assert "rtree" not in hosted
    assert "ON bike (location_cell6) WHERE status = 'free';" in hosted


@pytest.mark.parametrize("store", ["memcached", "amazon-s3", "nfs"])
def test_what_no_store_finds_is_said(store: str) -> None:
    result, _ = drafted(store, NEAR)
    assert result.patterns[0].served_kind == "none"
    assert ("unserved", NEAR["name"]) in [(f.key, f.subject) for f in result.findings]


# ── Cells: the nine hold the circle ──

_BASE32 = "0123456789bcdefghjkmnpqrstuvwxyz"


def geohash(lat: float, lon: float, length: int) -> str:
    """Encode as geohash.org does, to see that what the draft promises of it is true."""
    low, high = [-90.0, -180.0], [90.0, 180.0]
    bits = []
    for number in range(5 * length):
        axis = 1 - number % 2
        value = (lat, lon)[axis]
        middle = (low[axis] + high[axis]) / 2
        bits.append(int(value >= middle))
        (low if value >= middle else high)[axis] = middle
    whole = [int("".join(map(str, bits[i : i + 5])), 2) for i in range(0, len(bits), 5)]
    return "".join(_BASE32[index] for index in whole)


@pytest.mark.parametrize("metres", [30, 500, 611, 2400, 30_000])
def test_nine_cells_hold_what_is_near_up_to_60_degrees(metres: float) -> None:
    chance = random.Random(metres)  # noqa: S311 - no secret
    length = places.cell_length(metres)
    height, width = places.cell_sides(length)
    north, east = (side / places.METRES_OF_A_DEGREE for side in (height, width))
    for _ in range(400):
        lat, lon = chance.uniform(-59.5, 59.5), chance.uniform(-179, 179)
        turn = chance.uniform(0, 2 * math.pi)
        there = lat + metres / places.METRES_OF_A_DEGREE * math.sin(turn)
        beside = metres / places.METRES_OF_A_DEGREE * math.cos(turn) / math.cos(math.radians(lat))
        block = {
            geohash(lat + i * north, lon + j * east, length) for i in (-1, 0, 1) for j in (-1, 0, 1)
        }
        assert geohash(there, lon + beside, length) in block
    longer = min(places.cell_sides(length + 1)[0], places.cell_sides(length + 1)[1] / 2)
    assert longer < metres


# ── On servers ──


@pytest.fixture(scope="module")
def postgis() -> Iterator[str]:
    with postgres() as server:
        url = f"postgresql://postgres@/postgres?host={server.place}&port={server.port}"
        with psycopg.connect(url) as connection:
            asked = "SELECT 1 FROM pg_available_extensions WHERE name = 'postgis'"
            if connection.execute(asked).fetchone() is None:
                schema_servers.missing("PostgreSQL of the system's packages has no PostGIS")
        yield url


@pytest.fixture(scope="module")
def mariadb() -> Iterator[str]:
    with schema_servers.empty_database("mariadb", "bikes") as url:
        yield url


@pytest.fixture(scope="module")
def mysql() -> Iterator[str]:
    with schema_servers.empty_database("mysql", "bikes") as url:
        yield url


@pytest.fixture(params=["postgresql", *schema_servers.INNODB_HERE, "sqlite"])
def store(request: pytest.FixtureRequest) -> tuple[str, str]:
    """A SQL store, and the address of an empty database."""
    fixtures = {"postgresql": "postgis", "mariadb": "mariadb", "mysql": "mysql"}
    name = fixtures.get(request.param)
    return request.param, request.getfixturevalue(name) if name else ""


def test_the_draft_loads_and_its_index_finds(store: tuple[str, str]) -> None:
    key, url = store
    backend = loading.load(key).at("self-managed")
    held = model(key, *ALL, hosting="self-managed")
    subject = Subject("Bikes", backend, held, Sizes(), design(held, [backend], Sizes()))
    outcome = prove(subject, Wish(url, 3000), lambda *_: None)
    assert [str(step) for step in outcome.steps if step.passed is False] == []
    asked = [step.says for step in outcome.steps if step.kind == "pattern"]
    index = subject.design.patterns[0].served_by
    assert all(said.startswith(f"used {index}") for said in asked[:3])


def haversine(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Metres between two places, latitude first, on a sphere."""
    (a, b), (c, d) = (map(math.radians, place) for place in (one, other))
    half = math.sin((c - a) / 2) ** 2 + math.cos(a) * math.cos(c) * math.sin((d - b) / 2) ** 2
    return 2 * 6_371_009 * math.asin(math.sqrt(half))


MADE = {
    "postgresql": "ST_MakePoint({1}, {0})",
    "mariadb": "Point({1}, {0})",
    "mysql": "ST_SRID(Point({1}, {0}), 4326)",
    "sqlite": "{0}, {1}",
}
COUNT = 2000


def ids(connection: sa.Connection, text: str) -> list[int]:
    return [row[0] for row in connection.exec_driver_sql(text)]


def test_what_is_found_is_what_is_near(store: tuple[str, str]) -> None:
    key, url = store
    held = model(key, NEAR, fields=FIELDS | {"seen_at": "timestamptz"})
    result = design(held, [loading.load(key)], Sizes())
    (place, index), numbers = (held.patterns[0].place, result.patterns[0].served_by), range(COUNT)
    assert place is not None
    address = connecting.address(url) if url else sa.make_url("sqlite://")
    with connecting.connected(address, writing=True, seconds=60) as connection:
        scratch.run_script(connection, artifact(result, "schema"))
        where = ", ".join(place.columns)
        rows = ", ".join(f"({n}, 'free', {MADE[key].format(*spot(n))})" for n in numbers)
        connection.exec_driver_sql(f"INSERT INTO bike (id, status, {where}) VALUES {rows}")  # noqa: S608
        writer = PlaceSql(key, connection.dialect.identifier_preparer.quote)
        for metres, centre in ((150.0, spot(7)), (2500.0, spot(7)), (2500.0, spot(900))):
            around = Spot.around(centre[1], centre[0], metres)
            query = writer.query(held.entities[0], place, index, around)
            found = ids(
                connection,
                f"SELECT id FROM bike WHERE {query.where} ORDER BY {query.order}",  # noqa: S608
            )
            far = [haversine(centre, spot(n)) for n in numbers]
            # A sphere and a spheroid differ by half of a percent.
            surely = {n for n in numbers if far[n] < metres * 0.994}
            assert surely <= set(found) <= {n for n in numbers if far[n] < metres * 1.006}
            order = [far[n] for n in found]
            assert all(one <= two + 0.006 * metres for one, two in pairwise(order))
        scratch.run_script(connection, artifact(result, "rollback"))


def test_boxes_follow_what_moves_and_goes() -> None:
    held = model("sqlite", NEAR, fields=FIELDS | {"location": "point"})
    result = design(held, [loading.load("sqlite")], Sizes())
    boxes = result.patterns[0].served_by
    with connecting.connected(sa.make_url("sqlite://"), writing=True, seconds=60) as connection:

        def run(text: str) -> None:
            connection.exec_driver_sql(text)

        scratch.run_script(connection, artifact(result, "schema"))
        rows = ", ".join(
            f"({n}, 'free', {spot(n)[0]}, {spot(n)[1]}, '2026-01-01')" for n in range(9)
        )
        run(f"INSERT INTO bike VALUES {rows}, (9, 'free', NULL, NULL, '2026-01-01')")  # noqa: S608
        run("UPDATE bike SET location_lat = 10 WHERE id < 3")
        run("UPDATE bike SET id = id + 50 WHERE id = 5")
        run("UPDATE bike SET location_lat = NULL WHERE id = 6")
        run("UPDATE bike SET location_lat = 1, location_lon = 1 WHERE id = 9")
        run("DELETE FROM bike WHERE id IN (1, 7)")
        same = "round(lat_min, 3) = round(location_lat, 3)"
        there = f"SELECT id FROM {boxes} JOIN bike USING (id) WHERE {same} ORDER BY id"  # noqa: S608
        assert ids(connection, there) == [0, 2, 3, 4, 8, 9, 55]
        assert ids(connection, f"SELECT count(*) FROM {boxes}") == [7]  # noqa: S608
        run(f"DELETE FROM {boxes}")  # noqa: S608
        scratch.run_script(connection, artifact(result, "indexes").splitlines()[-1])
        assert ids(connection, there) == [0, 2, 3, 4, 8, 9, 55]


def test_bytes_of_places_are_those_of_a_server(postgis: str) -> None:
    result, text = drafted("postgresql", NEAREST)
    table = result.entities[0].bytes
    assert table is not None
    with psycopg.connect(postgis, autocommit=True) as connection:
        connection.execute(text)
        connection.execute(
            "INSERT INTO bike SELECT i, 'free', ST_MakePoint(13 + random(), 52 + random()), now()"
            " FROM generate_series(1, 60000) i"
        )
        measured = connection.execute(
            "SELECT pg_relation_size('bike') / 6e4, pg_relation_size('ix_bike_location') / 6e4"
        ).fetchone()
        connection.execute("DROP TABLE bike")
    assert measured is not None
    estimates = (table.table, table.indexes["ix_bike_location"])
    assert tuple(map(float, measured)) == pytest.approx(estimates, rel=0.15)


def test_redis_finds_what_is_near() -> None:
    held = model("redis", *ALL)
    backend = loading.load("redis")
    subject = Subject("Bikes", backend, held, Sizes(), design(held, [backend], Sizes()))
    with schema_servers.redis() as client:
        port = client.connection_pool.connection_kwargs["port"]
        outcome = prove(subject, Wish(f"redis://127.0.0.1:{port}/3", 500), lambda *_: None)
    assert [step for step in outcome.steps if step.passed is False] == []
    assert any("GEOSEARCH bike:by_location returned" in step.says for step in outcome.steps)


# ── From what exists, and from words ──


@pytest.mark.parametrize(
    ("store", "statement"),
    [
        ("postgresql", "CREATE TABLE b (id int PRIMARY KEY, l geography(Point,4326) NOT NULL);"
         " CREATE INDEX x ON b USING gist (l);"),
        ("mysql", "CREATE TABLE `b` (`id` int NOT NULL, `l` point NOT NULL /*!80003 SRID 4326 */,"
         " PRIMARY KEY (`id`), SPATIAL KEY `x` (`l`)) ENGINE=InnoDB;"),
        ("mariadb", "CREATE TABLE `b` (`id` int NOT NULL, `l` point NOT NULL,"
         " PRIMARY KEY (`id`), SPATIAL KEY `x` (`l`)) ENGINE=InnoDB;"),
    ],
)  # fmt: skip
def test_what_exists_is_read_with_its_index(store: str, statement: str) -> None:
    from storage_conductor.importing.language import write

    written = write(ddl.read(statement, store))
    assert written.entities["B"]["l"] == "point not null indexed"
    assert written.unsaid["B"] == []


@pytest.mark.parametrize(
    ("text", "thing", "near"),
    [
        ("find free bikes near a place", "Bike", "location near"),
        ("show stations within 5 km of a user", "Station", "location near 5 km"),
        ("find nearby restaurants", "Restaurant", "location near"),
        ("list shops on the map", "Shop", "location within"),
        ("freie Räder im Umkreis von 500 m finden", "Rader", "location near 500 m"),
        ("chercher les stations à proximité", "Station", "location near"),
        ("buscar bicicletas cerca de un punto", "Bicicleta", "location near"),
        ("cercare stazioni vicino a un punto", "Stazioni", "location near"),
    ],
)
def test_words_of_several_languages_ask_for_a_place(text: str, thing: str, near: str) -> None:
    clause = clause_of(text)
    assert clause is not None
    assert (clause.thing, clause.near) == (thing, near)


@pytest.mark.parametrize(
    "text", ["near real time counts", "entries near the limit", "not near a place", "5 m rows"]
)
def test_other_words_ask_for_none(text: str) -> None:
    assert near_place(text) is None


def test_what_is_proposed_can_be_handed_in() -> None:
    proposed = proposed_model(["find free bikes within 500 m of a rider"], "database")
    assert proposed is not None
    given = yaml.safe_load(proposed.text)
    parsed = parse_model(given["entities"], given["access_patterns"])
    assert parsed is not None
    assert parsed.patterns[0].place == places.SoughtPlace(("location",), "near", 500)


def test_a_place_that_no_pattern_asks_for_is_asked_about() -> None:
    answers = {
        "title": "Bikes",
        "description": "Bikes of a town",
        "backend": "PostgreSQL",
        "use_cases": ["find free bikes near a place"],
    }
    spec = rendered(track_of(answers), "spec.md")
    assert "| D-place-undeclared |" in spec
    entities = {"Bike": FIELDS}
    track = track_of(answers | {"entities": entities, "access_patterns": [NEAR]})
    assert "D-place-undeclared" not in rendered(track, "spec.md")
    assert "PostGIS 3 on every server" in rendered(track, "plan.md")
