"""What a draft promises of its indexes, on 200,000 skewed rows and without telling the planner."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
import sqlalchemy as sa

from storage_conductor.catalog import loading
from storage_conductor.importing import connecting
from storage_conductor.proof import scratch
from storage_conductor.proof.plans import Plan, plan_of
from storage_conductor.proof.writing import Writer
from storage_conductor.schema.common import NOTHING_STATED
from storage_conductor.schema.model import DataModel
from storage_conductor.schema.parse import parse_model
from storage_conductor.schema.sql import Schema
from storage_conductor.schema.sqltypes import ENGINES
from tests import schema_servers
from tests.schema_support import design

ENTITIES = {
    "Entry": {
        "id": "bigint pk assigned",
        "account": "bigint not null",
        "state": "enum(open, done) not null",
        "created_at": "timestamptz not null",
        "note": "varchar(80) not null",
    },
}
PATTERNS: list[dict[str, Any]] = [
    {"name": "newest of an account", "entity": "Entry", "filter": ["account"],
     "sort": ["created_at desc"], "page_size": 50},
    {"name": "of an account since", "entity": "Entry", "filter": ["account", "created_at >"],
     "sort": ["created_at"], "page_size": 50},
    {"name": "oldest open", "entity": "Entry", "filter": ["state = open"],
     "sort": ["created_at"], "page_size": 100},
    {"name": "entry by id", "entity": "Entry", "filter": ["id"]},
]  # fmt: skip
ROWS = 200_000
# Most entries are of the first few of 2,000 accounts, and one in two hundred is open.
LOADED = {
    "postgresql": (
        "SELECT setseed(0.25)",
        f"INSERT INTO entry SELECT i, 1 + floor(2000 * power(random(), 3)),"  # noqa: S608
        " CASE WHEN i % 200 = 0 THEN 'open' ELSE 'done' END,"
        " '2026-01-01Z'::timestamptz + i * interval '20 s', repeat('n', 40)"
        f" FROM generate_series(1, {ROWS}) i",
        "ANALYZE",
    ),
    "mariadb": (
        "INSERT INTO entry SELECT seq, 1 + floor(2000 * power(rand(7), 3)),"  # noqa: S608
        " IF(seq % 200 = 0, 'open', 'done'),"
        " TIMESTAMP '2026-01-01 00:00:00' + INTERVAL seq * 20 SECOND,"
        f" repeat('n', 40) FROM seq_1_to_{ROWS}",
        "ANALYZE TABLE entry",
    ),
}


class Filled(NamedTuple):
    """A store with the rows.

    Args:
        store: Its catalog key.
        model: What it holds.
        writer: Writes queries for it.
    """

    store: str
    model: DataModel
    writer: Writer


@pytest.fixture(scope="module", params=LOADED)
def filled(request: pytest.FixtureRequest) -> Iterator[Filled]:
    store = request.param
    model = parse_model(ENTITIES, PATTERNS)
    assert model is not None
    result = design(model, store)
    schema = Schema(model, ENGINES[store](loading.load(store)), NOTHING_STATED)
    place: Any = (
        scratch.postgresql() if store == "postgresql" else schema_servers.empty_database(store, "s")
    )
    with (
        place as address,
        connecting.connected(_url(address), writing=True, seconds=60) as connection,
    ):
        create = next(item.text for item in result.artifacts if item.kind == "schema")
        scratch.run_script(connection, create)
        writer = Writer(connection, schema)
        for statement in LOADED[store]:
            writer.ask(statement)
        yield Filled(store, model, writer)


def _url(address: str | sa.URL) -> sa.URL:
    return connecting.address(address) if isinstance(address, str) else address


def asked(filled: Filled, name: str, account: int) -> Plan:
    pattern = next(item for item in filled.model.patterns if item.name == name)
    late = datetime.datetime(2026, 2, 10, tzinfo=datetime.UTC).isoformat()
    row = {"id": 4711, "account": account, "state": "open", "created_at": late, "note": "n"}
    query = filled.writer.query(filled.model.entity("Entry"), pattern, row)
    return plan_of(filled.writer, filled.store, query)


@pytest.mark.parametrize("account", [1, 1900], ids=["busy", "quiet"])
@pytest.mark.parametrize("name", [item["name"] for item in PATTERNS])
def test_the_promised_index_answers_unasked(filled: Filled, name: str, account: int) -> None:
    promised = {row.name: row for row in design(filled.model, filled.store).patterns}[name]
    plan = asked(filled, name, account)
    key = {"mariadb": "PRIMARY"}.get(filled.store, promised.served_by)
    assert plan.indexes == {key if promised.cost == "point" else promised.served_by}
    page = promised.page_size or 1
    assert not plan.sorted or plan.returned < page  # a few rows are as soon sorted as read in order
    assert plan.read is not None
    assert plan.read <= page + 1
