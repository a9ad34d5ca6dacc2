"""How DynamoDB lays an entity out: what the layouts cost, which is taken, and what it consumes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from storage_conductor.catalog import loading
from storage_conductor.errors import ConductorError
from storage_conductor.proof.dynamodb import client_of
from storage_conductor.proof.dynamodb_items import Emulator, item_of
from storage_conductor.schema import dynamodb_costs
from storage_conductor.schema.common import NOTHING_STATED
from storage_conductor.schema.dynamodb_layouts import chosen
from storage_conductor.schema.model import DataModel
from storage_conductor.schema.parse import parse_model
from storage_conductor.schema.result import Design
from tests.schema_servers import dynalite
from tests.schema_support import design

BACKEND = loading.load("dynamodb")
ENTRY = {
    "id": "uuid pk",
    "account": "varchar(20) not null",
    "amount": "bigint not null",
    "memo": "varchar(2000) not null",
    "state": "enum(open, done) not null",
    "created_at": "timestamptz not null",
}
POST = {"name": "post", "entity": "Entry", "kind": "write", "per_second": 100}
LIST = {
    "name": "list",
    "entity": "Entry",
    "filter": ["account"],
    "sort": ["created_at desc"],
    "per_second": 900,
    "page_size": 20,
    "fields": ["amount"],
}
WHOLE = {key: value for key, value in LIST.items() if key != "fields"}
GET = {"name": "get", "entity": "Entry", "filter": ["id"], "per_second": 10}


def model(*patterns: dict[str, Any], **options: str) -> DataModel:
    parsed = parse_model({"Entry": ENTRY | {f"_{k}": v for k, v in options.items()}}, [*patterns])
    assert parsed is not None
    return parsed


def designed(*patterns: dict[str, Any], **options: str) -> Design:
    return design(model(*patterns, **options), "dynamodb")


def created(result: Design) -> dict[str, Any]:
    (table,) = json.loads(result.artifacts[0].text)
    return dict(table)


def keys(result: Design) -> list[str]:
    return [key["AttributeName"] for key in created(result)["KeySchema"]]


def verdicts(result: Design) -> dict[tuple[str, ...], str]:
    (choice,) = result.layouts
    return {row.words: row.verdict for row in choice.rows}


def test_a_table_is_keyed_by_what_it_is_read_by_where_nothing_reads_by_its_id() -> None:
    result = designed(POST, WHOLE)
    assert keys(result) == ["account", "created_at#id"]
    assert "GlobalSecondaryIndexes" not in created(result)
    assert [f.key for f in result.findings if f.subject == "Entry"][:1] == ["key-of-parent"]
    (rule,) = [case for case in result.constraints if case.kind == "key"]
    assert rule.enforced_by == "application"
    # 2,200 bytes are three write units; twenty of them are 10.7 read units, half when eventual.
    assert (result.layouts[0].rows[0].writes, result.layouts[0].rows[0].reads) == (300, 4950)
    # 300 × 0.625 USD + 4,950 × 0.125 USD for each million seconds of 2.6298 million.
    assert result.layouts[0].rows[0].usd == pytest.approx(2120.28, abs=0.01)


def test_a_narrow_index_beside_the_id_wins_where_reads_are_many_and_read_little() -> None:
    result = designed(POST, LIST)
    assert keys(result) == ["id"]
    # Twenty entries of about 190 bytes are one read unit, half when eventual: 900 × 0.5.
    assert (result.layouts[0].rows[0].writes, result.layouts[0].rows[0].reads) == (400, 450)
    assert verdicts(result)["parent key",] == "dearer"


def test_a_table_that_is_read_by_its_id_keeps_it_as_key() -> None:
    result = designed(POST, WHOLE, GET)
    assert keys(result) == ["id"]
    (rule,) = [case for case in result.constraints if case.kind == "key"]
    assert rule.enforced_by == "store"


@pytest.mark.parametrize("kind", ["update", "delete"])
def test_a_table_whose_items_are_changed_later_keeps_its_key(kind: str) -> None:
    change = {"name": "change", "entity": "Entry", "kind": kind, "filter": ["account"]}
    assert keys(designed(POST, WHOLE, change)) == ["id"]


def test_an_entity_that_others_refer_to_keeps_its_key() -> None:
    parsed = parse_model({"Entry": ENTRY, "Note": {"id": "uuid pk", "entry": "ref Entry"}}, [WHOLE])
    assert parsed is not None
    tables = json.loads(design(parsed, "dynamodb").artifacts[0].text)
    assert [t["KeySchema"][0]["AttributeName"] for t in tables if t["TableName"] == "entry"] == [
        "id"
    ]


def test_an_index_holds_what_its_pattern_reads() -> None:
    result = designed(POST, LIST, GET)
    (index,) = created(result)["GlobalSecondaryIndexes"]
    assert index["Projection"] == {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["amount"]}
    # One write: 2,200 bytes in the table are three units, an entry below 1,024 bytes is one.
    (choice,) = result.layouts
    assert [row.writes for row in choice.rows if row.verdict == "chosen"] == [400]
    assert verdicts(result)["own key", "whole items"] == "dearer"


def test_an_index_holds_whole_items_where_nobody_said_what_is_read() -> None:
    result = designed(POST, LIST | {"fields": []}, GET)
    (index,) = created(result)["GlobalSecondaryIndexes"]
    assert index["Projection"] == {"ProjectionType": "ALL"}


def test_more_attributes_than_an_index_can_name_are_all_of_them() -> None:
    many = {f"f{number}": "int not null" for number in range(21)}
    pattern = LIST | {"fields": [*many]}
    parsed = parse_model({"Entry": ENTRY | many}, [POST, pattern, GET])
    assert parsed is not None
    (index,) = created(design(parsed, "dynamodb"))["GlobalSecondaryIndexes"]
    assert index["Projection"] == {"ProjectionType": "ALL"}


def test_fetching_items_wins_where_reads_are_rare() -> None:
    rare = LIST | {"per_second": 0.01, "fields": ["memo"]}
    result = designed(POST, rare, GET)
    (index,) = created(result)["GlobalSecondaryIndexes"]
    assert index["Projection"] == {"ProjectionType": "KEYS_ONLY"}


def test_a_strong_read_needs_the_table_itself() -> None:
    strong = LIST | {"consistency": "strong"}
    result = designed(POST, strong)
    assert keys(result) == ["account", "created_at#id"]
    assert verdicts(result)["own key", "read fields"] == "stale"
    assert "strong-read-on-index" not in {finding.key for finding in result.findings}


OPEN = WHOLE | {"name": "open ones", "filter": ["account", "state = open"]}


def test_an_index_for_one_state_holds_the_items_in_it_alone() -> None:
    result = designed(POST, GET, OPEN)
    (index,) = created(result)["GlobalSecondaryIndexes"]
    assert index["KeySchema"][0]["AttributeName"] == "account_while_state_open"
    (told,) = [finding for finding in result.findings if finding.key == "sparse-index"]
    assert dict(told.numbers) == {
        "attribute": "account_while_state_open",
        "columns": "account",
        "only": "state = 'open'",
    }
    assert "sparse-index" not in {finding.key for finding in designed(POST, GET, WHOLE).findings}
    (row,) = [key for key in result.keys if key.kind == "index"]
    assert (row.partition, row.only) == (("account",), "state = 'open'")


def test_an_index_for_several_states_holds_them_all() -> None:
    done = OPEN | {"name": "done ones", "filter": ["account", "state = done"]}
    (index,) = created(designed(POST, GET, OPEN, done))["GlobalSecondaryIndexes"]
    assert index["KeySchema"][0]["AttributeName"] == "account#state"


STATES = {"name": "of a state", "entity": "Entry", "filter": ["state"], "sort": ["created_at"],
          "per_second": 1, "page_size": 10}  # fmt: skip


@pytest.mark.parametrize(
    ("rate", "suffixes"), [(100, None), (660, None), (700, 2), (1500, 3), (None, 0)]
)
def test_a_key_of_few_values_is_split_as_far_as_the_writes_ask(
    rate: float | None, suffixes: int | None
) -> None:
    # 2,200 bytes are three units; two states take 1,000 each: 666 writes/s fit.
    result = designed(POST | {"per_second": rate}, GET, STATES, layout="whole items")
    found = [dict(f.numbers)["suffixes"] for f in result.findings if f.key == "hot-partition"]
    assert found == ([] if suffixes is None else [suffixes])


def test_without_rates_nothing_is_compared() -> None:
    quiet = {key: value for key, value in LIST.items() if key != "per_second"}
    result = designed(quiet)
    assert result.layouts == ()
    assert keys(result) == ["account", "created_at#id"]


def test_a_person_overrules() -> None:
    result = designed(POST, WHOLE, layout="own key")
    assert keys(result) == ["id"]
    (index,) = created(result)["GlobalSecondaryIndexes"]
    assert index["Projection"] == {"ProjectionType": "ALL"}
    assert verdicts(result)["own key", "whole items"] == "said"
    assert verdicts(result)["parent key",] == "cheaper"
    assert "layout-choice" not in {finding.key for finding in result.findings}
    assert "layout-choice" in {finding.key for finding in designed(POST, WHOLE).findings}


@pytest.mark.parametrize(
    ("layout", "backend", "said"),
    [
        ("own kei", "dynamodb", "nearest known word is `own key`"),
        ("parent key", "dynamodb", "not possible"),
        ("own key", "postgresql", "Take `_layout` out"),
    ],
)
def test_a_layout_that_cannot_be_had_is_refused(layout: str, backend: str, said: str) -> None:
    with pytest.raises(ConductorError) as caught:
        design(model(POST, LIST, GET, layout=layout), backend)
    assert said in str(caught.value)
    assert "Entry._layout" in str(caught.value)


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    """An emulator that counts consumed units as the service documents them."""
    with dynalite() as url:
        yield Emulator(client_of(url, 30))


LAYOUTS = [
    (key, copies)
    for key in ("parent key", "own key")
    for copies in ("read fields", "whole items", "keys only")
]
ROW = {
    "id": "0" * 36,
    "account": "a" * 20,
    "amount": Decimal("9" * 19),
    "memo": "m" * 2000,
    "state": "open",
    "created_at": "2026-01-31T09:10:00.000000Z",
}


@pytest.mark.parametrize("words", LAYOUTS)
def test_the_emulator_consumes_what_was_computed(
    emulator: Emulator, words: tuple[str, str]
) -> None:
    second = LIST | {"name": "by state", "filter": ["account", "state"]}
    parsed = model(POST, LIST, second, layout=", ".join(words))
    (entity,) = parsed.entities
    name = "-".join(words).replace(" ", "_")
    table, _ = chosen(parsed, entity, name, BACKEND, NOTHING_STATED)
    counted = dynamodb_costs.prices(BACKEND)
    assert counted is not None
    emulator.create(table.definition())
    for number in range(19):
        emulator.put(name, item_of(table, ROW | {"id": f"{number:036}"}))
    written = emulator.put_with_entries(table, item_of(table, ROW | {"id": f"{19:036}"}))
    patterns = {pattern.name: pattern for pattern in parsed.patterns}
    item = dynamodb_costs.item_bytes(table, NOTHING_STATED)
    assert item is not None
    computed = dynamodb_costs.write_units(table, patterns["post"], item, counted)
    assert written == pytest.approx(computed, rel=0.05)
    for pattern in (patterns["list"], patterns["by state"]):
        read, _ = emulator.read(table, pattern, ROW)
        computed = dynamodb_costs.read_units(table, pattern, item, counted)
        assert read == pytest.approx(computed, rel=0.05)


def test_a_specification_compares_the_layouts_and_names_the_decision(start: Any) -> None:
    track = start(
        backend="DynamoDB",
        detail="full",
        retention="90 days",
        entities={"Entry": ENTRY},
        access_patterns=[POST, WHOLE],
    )
    spec = (track / "spec.md").read_text(encoding="utf-8")
    assert "| by what it is read by | 300 | 4,950 | 2,120 |" in spec
    assert "| D-layout-choice | **Choice.** Entry: by the rule laid out as parent key" in spec
    assert "| `entry` | table | account | created_at, id | list | after 90 d |" in spec
