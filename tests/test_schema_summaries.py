"""What is counted or added up: which way is taken, and that what is kept stays true on engines."""

from __future__ import annotations

import contextlib
import re
import sqlite3
import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
import sqlglot

from storage_conductor.catalog import loading
from storage_conductor.errors import ConductorError
from storage_conductor.schema.common import Sizes
from storage_conductor.schema.model import DataModel
from storage_conductor.schema.parse import parse_model
from storage_conductor.schema.result import Design
from storage_conductor.schema.summaries import summarised
from tests import schema_servers
from tests.schema_support import design

PRODUCT = {"_count": "100,000", "id": "bigint pk", "name": "varchar(120) not null"}
RATING = {
    "_count": "80 million",
    "product": "ref Product pk",
    "guest": "bigint pk",
    "stars": "smallint not null check(stars between 1 and 5)",
    "weight": "decimal(6,2)",
}
RATE = {"name": "rate", "entity": "Rating", "kind": "write", "per_second": 1, "peak": 50}
AVERAGE = {
    "name": "average rating of a product",
    "entity": "Rating",
    "filter": ["product"],
    "aggregate": ["count", "average stars"],
    "per_second": 900,
}


def model(
    *patterns: dict[str, Any],
    rating: dict[str, Any] | None = None,
    store: str = "postgresql",
    sizes: Sizes | None = None,
) -> DataModel:
    entities = {"Product": PRODUCT, "Rating": {**RATING, **(rating or {})}}
    parsed = parse_model(entities, [*patterns])
    assert parsed is not None
    return summarised(parsed, [loading.load(store)], sizes or Sizes())


def designed(held: DataModel, store: str = "postgresql", sizes: Sizes | None = None) -> Design:
    return design(held, store, sizes=sizes or Sizes())


def way(held: DataModel, sizes: Sizes | None = None) -> str:
    (choice,) = designed(held, sizes=sizes).sums
    return choice.rows[0].word


def test_what_is_one_row_is_not_kept_added_up() -> None:
    """A sum by a unique reference got a table of its own, with a row for each row."""
    held = model(RATE, {**AVERAGE, "filter": ["product", "guest"]})
    assert [entity.name for entity in held.entities] == ["Product", "Rating"]
    assert designed(held).sums == ()


def test_an_average_on_each_page_is_kept_by_its_writers() -> None:
    held = model(RATE, AVERAGE)
    kept = held.entity("RatingByProduct")
    assert [column.name for column in kept.columns] == ["product_id", "entries", "sum_stars"]
    assert kept.key == ("product_id",)
    result = designed(held)
    (row,) = [row for row in result.patterns if row.name == AVERAGE["name"]]
    assert (row.served_by, row.cost) == ("pk_rating_by_product", "point")
    (choice,) = result.sums
    # 80 million ÷ 100,000 = 800 entries; 900 × 800 rows against 900 + 1.
    numbers = {item.word: (item.read, item.written, item.locked) for item in choice.rows}
    assert numbers["added at read"] == (720_000, 0.0, None)
    # 50 writes/s at their peak × 2 ms, all on one product.
    assert numbers["counter"] == pytest.approx((900, 1, 0.1))
    assert [item.verdict for item in choice.rows] == ["chosen", "dearer", "stale"]
    assert [f.key for f in result.findings if f.subject == AVERAGE["name"]] == ["aggregate-kept"]
    (structures,) = [e.writes for e in result.entities if e.entity == "Rating"]
    assert structures == 3  # the table, its key, and the counter


@pytest.mark.parametrize(
    ("rating", "changed", "sizes", "expected"),
    [
        ({"_count": "10 million"}, {}, None, "added at read"),  # 100 each, as few as a page
        ({"_count": "10.1 million"}, {}, None, "counter"),
        ({}, {"peak": 250}, None, "counter"),  # 250/s × 2 ms = half of the time
        ({}, {"peak": 251}, None, "split counter"),
        ({"_count": "100,000", "_growth": "100 million a year"}, {}, None, "counter"),
        ({}, {"per_second": 40}, Sizes(peak_factor=10), "split counter"),
    ],
)
def test_the_rule_looks_at_entries_and_at_the_lock(
    rating: dict[str, Any], changed: dict[str, Any], sizes: Sizes | None, expected: str
) -> None:
    rate = RATE | changed if "per_second" not in changed else RATE | {"peak": None} | changed
    assert way(model(rate, AVERAGE, rating=rating, sizes=sizes), sizes) == expected


def test_a_hot_counter_is_split_so_that_each_row_is_free_half_of_the_time() -> None:
    held = model(RATE | {"peak": 1_000}, AVERAGE)
    (choice,) = designed(held).sums
    # 1,000/s × 2 ms is twice the time there is: 2 ÷ 0.5 = 4 rows.
    assert (choice.rows[0].word, choice.rows[0].slots, choice.rows[0].locked) == (
        "split counter",
        4,
        0.5,
    )
    assert held.entity("RatingByProduct").key == ("product_id", "slot")
    assert {row.word: row.verdict for row in choice.rows}["counter"] == "waits"


def test_an_answer_that_may_be_old_is_computed_anew_where_that_is_less() -> None:
    few = {"_count": "60,000"}
    entities = {"Product": PRODUCT | {"_count": "100"}, "Rating": {**RATING, **few}}
    patterns = [RATE | {"per_second": 30_000, "peak": None}, AVERAGE | {"fresh_within": "10 min"}]
    parsed = parse_model(entities, patterns)
    assert parsed is not None
    held = summarised(parsed, [loading.load("postgresql")], Sizes())
    # 900 + 60,000 ÷ 600 rows read against 900 × 600 and against a counter that waits.
    (choice,) = designed(held).sums
    assert (choice.rows[0].word, choice.rows[0].read) == ("recomputed", 1_000)


def test_without_numbers_entries_without_an_end_are_counted_as_they_come() -> None:
    endless = {"_count": None}
    given = {k: v for k, v in (RATING | endless).items() if v is not None}
    for rates, expected in (({}, "counter"), ({"per_second": 0.5}, "added at read")):
        parsed = parse_model({"Product": PRODUCT, "Rating": given}, [RATE, AVERAGE | rates])
        assert parsed is not None
        held = summarised(parsed, [loading.load("postgresql")], Sizes())
        assert way(held) == expected


def test_of_a_state_there_may_be_few_so_that_is_asked() -> None:
    heavy = AVERAGE | {"filter": ["product", "weight is null"], "aggregate": ["count"]}
    result = designed(model(RATE, heavy))
    assert result.sums[0].rows[0].word == "added at read"
    assert [f.key for f in result.findings if f.subject == AVERAGE["name"]] == ["aggregate-at-read"]
    (index,) = [i for i in result.indexes if i.where is not None]
    assert index.columns == (("product_id", "asc"),)


def test_a_person_overrules_the_choice() -> None:
    held = model(RATE, AVERAGE, rating={"_layout": "added at read"})
    (choice,) = designed(held).sums
    assert [(row.word, row.verdict) for row in choice.rows][:2] == [
        ("added at read", "said"),
        ("counter", "ruled"),
    ]
    assert "RatingByProduct" not in held
    assert not [f for f in designed(held).findings if f.key == "aggregate-kept"]


def test_a_way_that_cannot_be_had_is_an_error() -> None:
    with pytest.raises(ConductorError, match="`split counter` is not possible"):
        model(RATE, AVERAGE, rating={"_layout": "split counter"}, store="sqlite")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("average rating of a product", ["average stars"]),
        ("Durchschnitt je Produkt", ["average stars"]),
        ("number of ratings of a product", ["count"]),
        ("how many rated a product", ["count"]),
        ("sum of the stars of a product", ["sum stars"]),
        ("house number of a product", []),
        ("ratings of a product", []),
    ],
)
def test_a_name_says_what_is_asked_of_many(name: str, expected: list[str]) -> None:
    given = {k: v for k, v in RATING.items() if k != "weight"}
    pattern = {k: v for k, v in AVERAGE.items() if k != "aggregate"} | {"name": name}
    parsed = parse_model({"Product": PRODUCT, "Rating": given}, [RATE, pattern])
    assert parsed is not None
    held = summarised(parsed, [loading.load("postgresql")], Sizes())
    asked = [
        f"{item.function} {item.column}".strip()
        for entity in held.entities
        if entity.summary
        for item in entity.summary.aggregates
    ]
    assert asked == expected


@pytest.mark.parametrize(
    ("aggregate", "more", "message"),
    [
        (["mean stars"], {}, "unknown word `mean`"),
        (["sum star"], {}, "no field `star`"),
        (["count stars"], {}, "takes no field"),
        (["count"], {"page_size": 10}, "gives one answer"),
    ],
)
def test_a_mistake_is_named(aggregate: list[str], more: dict[str, Any], message: str) -> None:
    with pytest.raises(ConductorError, match=message):
        model(RATE, AVERAGE | {"aggregate": aggregate} | more)


STORES = ("postgresql", *schema_servers.INNODB_HERE, "sqlite")
ALL = AVERAGE | {"aggregate": ["count", "average stars", "sum weight", "average weight"]}


def parts(held: DataModel, store: str) -> dict[str, str]:
    """The statements of what is kept, by the comment above them."""
    (text,) = [a.text for a in designed(held, store).artifacts if a.kind == "upkeep"]
    found: dict[str, str] = {}
    head = ""
    for line in text.splitlines():
        if line.startswith("--"):
            head = (
                line
                if line.startswith(("-- With", "-- Once", "-- Read", "-- Each row", "-- By"))
                else head
            )
        else:
            found[head] = f"{found.get(head, '')}{line}\n"
    keys = {
        "add": "With each new",
        "take": "With each row",
        "fill": "Once",
        "read": "Read",
        "wrong": "Each row is",
    }
    return {
        key: next(text for head, text in found.items() if head.startswith(f"-- {start}"))
        for key, start in keys.items()
    }


@pytest.fixture(scope="module", params=STORES)
def server(request: pytest.FixtureRequest) -> Iterator[tuple[str, Any]]:
    opened: dict[str, Callable[[], Any]] = {
        "postgresql": lambda: schema_servers.postgresql(schema_servers.POSTGRESQL[1]),
        **{
            store: partial(schema_servers.innodb, store, "kept")
            for store in schema_servers.INNODB_HERE
        },
        "sqlite": schema_servers.python_sqlite,
    }
    with opened[request.param]() as connection:
        yield request.param, connection


def run(connection: Any, statement: str, **values: Any) -> list[Any]:
    """Run a statement with its named values filled in."""

    def shown(found: re.Match[str]) -> str:
        value = values[found[1]]
        return "NULL" if value is None else str(value)

    cursor = connection.cursor()
    cursor.execute(re.sub(r":(\w+)", shown, statement.strip().rstrip(";")))
    return list(cursor.fetchall()) if cursor.description else []


@pytest.mark.parametrize("slots", [1, 4])
def test_what_is_kept_stays_true(server: tuple[str, Any], slots: int) -> None:
    store, connection = server
    slots = 1 if store == "sqlite" else slots  # one writer at a time: nothing to split
    held = model(RATE | {"peak": 1_000 if slots > 1 else 1}, ALL, store=store)
    said = parts(held, store)
    texts = {a.kind: a.text for a in designed(held, store).artifacts}
    for statement in texts["schema"].split(";\n"):
        if statement.strip():
            connection.cursor().execute(statement)
    cursor = connection.cursor()
    cursor.execute("INSERT INTO product (id, name) VALUES (1, 'a'), (2, 'b')")
    rows = [(1, 1, 5, 2.5), (1, 2, 4, None), (2, 1, 1, 1), (1, 3, 3, 1.5)]

    try:
        for number, row in enumerate(rows):
            run(
                connection,
                "INSERT INTO rating VALUES (:a, :b, :c, :d)",
                **dict(zip("abcd", row, strict=True)),
            )
            run(
                connection,
                said["add"],
                product_id=row[0],
                stars=row[2],
                weight=row[3],
                slot=number % slots,
            )
        assert run(connection, said["wrong"]) == []
        (answer,) = run(connection, said["read"], product_id=1)
        assert [float(value) for value in answer] == [3, 4, 4, 2]
        cursor.execute("DELETE FROM rating WHERE product_id = 1 AND guest = 1")
        assert [row[0] for row in run(connection, said["wrong"])] == [1]
        run(connection, said["take"], product_id=1, stars=5, weight=2.5, slot=slots - 1)
        assert run(connection, said["wrong"]) == []
        (answer,) = run(connection, said["read"], product_id=1)
        assert [float(value) for value in answer] == [2, 3.5, 1.5, 1.5]
        cursor.execute("DELETE FROM rating WHERE product_id = 2")
        assert [row[0] for row in run(connection, said["wrong"])] == [2]  # kept for nothing
        cursor.execute("DELETE FROM rating_by_product")
        run(connection, said["fill"])
        assert run(connection, said["wrong"]) == []
    finally:
        for statement in texts["rollback"].split(";\n"):
            if "DROP" in statement:
                connection.cursor().execute(statement[statement.index("DROP") :])


def test_no_counter_is_lost_between_parallel_writers() -> None:
    """Eight writers on one product; without the lock of the statement some would be lost."""
    psycopg = pytest.importorskip("psycopg")
    held = model(RATE, AVERAGE)
    said = parts(held, "postgresql")
    with schema_servers.postgresql() as connection:
        connection.execute(designed(held).artifacts[0].text)
        connection.execute("INSERT INTO product (id, name) VALUES (1, 'a')")
        address = connection.info.dsn

        def writer(guest: int) -> None:
            with psycopg.connect(address, autocommit=True) as own:
                for number in range(40):
                    with own.transaction():
                        run(
                            own,
                            "INSERT INTO rating VALUES (1, :guest, 3)",
                            guest=guest * 100 + number,
                        )
                        run(own, said["add"], product_id=1, stars=3)

        threads = [threading.Thread(target=writer, args=(guest,)) for guest in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert run(connection, said["wrong"]) == []
        assert run(connection, said["read"], product_id=1)[0][0] == 320


@pytest.mark.parametrize("store", ["sql-server", "mysql"])
@pytest.mark.parametrize("peak", [1, 1_000])
def test_what_is_kept_can_be_read_by_the_grammar(store: str, peak: int) -> None:
    for text in parts(model(RATE | {"peak": peak}, ALL, store=store), store).values():
        found = sqlglot.parse(text, dialect={"sql-server": "tsql", "mysql": "mysql"}[store])
        assert found
        assert not any(isinstance(item, sqlglot.exp.Command) for item in found)


def test_sqlite_is_read_by_its_own_parser() -> None:
    held = model(RATE, ALL, store="sqlite")
    with contextlib.closing(sqlite3.connect(":memory:")) as connection, connection:
        connection.executescript(designed(held, "sqlite").artifacts[0].text)
        for statement in parts(held, "sqlite").values():
            names = dict.fromkeys(re.findall(r":(\w+)", statement), 1)
            connection.execute(f"EXPLAIN {statement}", names)


def test_what_is_computed_anew_is_true_whatever_was_there() -> None:
    held = model(RATE, ALL, rating={"_layout": "recomputed"}, store="sqlite")
    (text,) = [a.text for a in designed(held, "sqlite").artifacts if a.kind == "upkeep"]
    anew, _, read = text.partition("-- Read:\n")
    with contextlib.closing(sqlite3.connect(":memory:")) as connection, connection:
        connection.executescript(designed(held, "sqlite").artifacts[0].text)
        connection.execute("INSERT INTO product (id, name) VALUES (1, 'a')")
        connection.execute("INSERT INTO rating_by_product VALUES (1, 9, 9, 9, 9)")
        connection.execute("INSERT INTO rating VALUES (1, 1, 4, 2.5), (1, 2, 5, NULL)")
        connection.executescript(anew)
        (answer,) = run(connection, read, product_id=1)
        assert answer == (2, 4.5, 2.5, 2.5)


def test_entries_of_no_group_are_left_out() -> None:
    given = {"id": "bigint pk", "product": "ref Product", "_count": "80 million"}
    count = AVERAGE | {"aggregate": ["count"]}
    parsed = parse_model({"Product": PRODUCT, "Rating": given}, [RATE, count])
    assert parsed is not None
    held = summarised(parsed, [loading.load("sqlite")], Sizes())
    (text,) = [a.text for a in designed(held, "sqlite").artifacts if a.kind == "upkeep"]
    assert "each new row of rating that meets product_id IS NOT NULL" in text
    with contextlib.closing(sqlite3.connect(":memory:")) as connection, connection:
        connection.executescript(designed(held, "sqlite").artifacts[0].text)
        connection.execute("INSERT INTO product (id, name) VALUES (1, 'a')")
        connection.execute("INSERT INTO rating (product_id) VALUES (1), (NULL), (1)")
        connection.execute(parts(held, "sqlite")["fill"])
        assert connection.execute("SELECT * FROM rating_by_product").fetchall() == [(1, 2)]
        assert run(connection, parts(held, "sqlite")["wrong"]) == []
