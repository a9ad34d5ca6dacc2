"""Cassandra: a table for each way of asking, in the grammar that cqlsh itself uses."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings

from storage_conductor.errors import ConductorError
from storage_conductor.schema.common import Sizes
from storage_conductor.schema.model import DataModel
from storage_conductor.schema.parse import parse_model
from storage_conductor.schema.result import Design
from tests.schema_support import design

from . import schema_models as models
from . import schema_servers as servers


def parsed(entities: object, patterns: object = None) -> DataModel:
    model = parse_model(entities, patterns)
    assert model is not None
    return model


def text(result: Design, kind: str = "schema") -> str:
    return next(artifact.text for artifact in result.artifacts if artifact.kind == kind)


def statements(script: str) -> list[str]:
    lines = [line for line in script.splitlines() if not line.startswith("--")]
    parts = ("\n".join(lines) + "\n").split(";\n")
    return [f"{' '.join(part.split())};" for part in parts if part.strip()]


def pieces(statement: str) -> Iterator[str]:
    """Statements that together hold every word of one: its parser doubles its time a column."""
    found = re.fullmatch(r"(CREATE TABLE \S+ \( )(.*?)(, PRIMARY KEY \(.*)", statement)
    if found is None:
        yield statement
        return
    columns = found[2].split(", ")
    named = set(re.findall(r'"?\w+"?', found[3]))
    key = [column for column in columns if column.split()[0] in named]
    yield f"{found[1]}{', '.join(key)}{found[3]}"
    rest = [column for column in columns if column not in key]
    for start in range(0, len(rest), 4):
        some = ", ".join(rest[start : start + 4])
        yield f"{found[1]}{some}, k1 int, k2 int, PRIMARY KEY (k1, k2) );"


@pytest.fixture(scope="module")
def grammar() -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from cqlshlib.cql3handling import CqlRuleSet
    except ImportError as error:
        servers.missing(f"cqlsh cannot be imported: {error}")

    def reads(statement: str) -> bool:
        tokens = CqlRuleSet.lex(statement)
        return bool(
            CqlRuleSet.cql_whole_parse_tokens(tokens, srcstr=statement, startsymbol="Start")
        )

    assert reads("CREATE TABLE a (b int, c int, PRIMARY KEY (b, c));")
    assert not reads("CREATE TABLE a (b int, c int PRIMARY KEY (b, c));")
    assert not reads("CREATE TABLE table (b int, c int, PRIMARY KEY (b, c));")
    return reads


@settings(max_examples=25)
@given(models.answers())
def test_every_drawn_model_is_in_the_grammar(grammar: Any, given: models.Answers) -> None:
    result = design(models.drawn(given), "cassandra")
    created = statements(text(result))
    for statement in (*created, *statements(text(result, "rollback"))):
        for piece in pieces(statement):
            assert grammar(piece), statement
    assert len(created) == len(result.keys) == len({key.name for key in result.keys})
    assert all(len(key.name) <= 48 for key in result.keys)


def test_the_ledger_has_a_table_for_each_way_of_asking() -> None:
    result = design(models.ledger(), "cassandra")
    entries = [
        (key.partition, key.order, key.serves) for key in result.keys if key.entity == "Entry"
    ]
    assert entries == [
        (("id",), (), ("entry by number", "settle an entry")),
        (
            ("account_id",),
            (("created_at", "desc"), ("id", "desc")),
            ("entries of an account, newest first",),
        ),
        (
            ("account_id", "status"),
            (("booked", "asc"), ("id", "asc")),
            ("open entries of an account since a day",),
        ),
    ]
    assert [table.writes for table in result.entities] == [2, 3, 2]
    unserved = {f.subject for f in result.findings if f.key == "unserved"}
    assert unserved == {"newest accounts", "drop old entries"}
    assert "PRIMARY KEY (account_id, created_at, id)\n" in text(result)
    assert "WITH CLUSTERING ORDER BY (created_at DESC, id DESC);" in text(result)
    assert "PRIMARY KEY ((account_id, status), booked, id)" in text(result)


def test_a_table_read_backwards_or_in_part_serves_too() -> None:
    patterns = [
        {"name": "up", "entity": "A", "filter": ["x"], "sort": ["y", "z"]},
        {"name": "down", "entity": "A", "filter": ["x"], "sort": ["y desc", "z desc"]},
        {"name": "mixed", "entity": "A", "filter": ["x"], "sort": ["y desc", "z"]},
        {"name": "since", "entity": "A", "filter": ["x", "y >"]},
        {"name": "plain", "entity": "A", "filter": ["x"]},
    ]
    fields = {"id": "uuid pk", "x": "int not null", "y": "int not null", "z": "int not null"}
    result = design(parsed({"A": fields}, patterns), "cassandra")
    assert [key.serves for key in result.keys[1:]] == [("up", "down", "since", "plain"), ("mixed",)]


def test_partitions_are_sized() -> None:
    model = parsed(
        {
            "Reading": {
                "sensor": "uuid pk",
                "at": "timestamptz pk",
                "value": "float",
                "unit": "char(4)",
            }
        },
    )
    (finding,) = (f for f in design(model, "cassandra").findings if f.key == "unbounded-partition")
    # 8 bytes of time, 8 of value and 4 of unit, and 8 of metadata for each of the two values.
    told = {"day": "", "by": "at", "of": "sensor", "fewest": 0}
    small = {"row_bytes": 36, "values_per_row": 2, "rows": 50_000}
    assert dict(finding.numbers) == {**told, **small}
    stated = design(model, "cassandra", sizes=Sizes(4984)).findings
    (finding,) = (f for f in stated if f.key == "unbounded-partition")
    hosted = design(model, "cassandra", sizes=Sizes(4984), hosting="Amazon Keyspaces").findings
    assert "unbounded-partition" not in {found.key for found in hosted}
    large = {"row_bytes": 5000, "values_per_row": 2, "rows": 20_000}
    assert dict(finding.numbers) == {**told, **large}


def test_a_partition_of_a_day_holds_what_comes_in_a_day() -> None:
    fields = {"meter": "uuid pk", "day": "date pk", "at": "timestamptz pk", "value": "bigint"}
    write = {"name": "store", "entity": "Reading", "kind": "write"}
    read = {"name": "of a day", "entity": "Reading", "filter": ["meter", "day"], "sort": ["at"]}

    def told(rate: float, **said: Any) -> list[dict[str, Any]]:
        patterns = [read, {**write, "per_second": rate}]
        found = design(parsed({"Reading": {**fields, **said}}, patterns), "cassandra").findings
        return [dict(f.numbers) for f in found if f.key == "unbounded-partition"]

    # 450/s × 86,400 s ÷ 100,000 rows of one value: 389 meters or more, whatever the lifetime.
    for said in ({}, {"_ttl": "400 days"}):
        (day,) = told(450, **said)
        assert (day["day"], day["of"], day["fewest"]) == ("day", "meter", 389)
    assert not told(1.1)  # 95,040 a day fit into one partition


def test_the_days_of_a_partition_are_compared_by_what_a_day_brings() -> None:
    fields = {"meter": "ref Meter pk", "day": "date pk", "at": "timestamptz pk", "value": "bigint"}
    entities = {"Meter": {"id": "uuid pk", "_count": 100}, "Reading": fields}
    write = {"name": "store", "entity": "Reading", "kind": "write", "per_second": 450}
    read = {"name": "of a day", "entity": "Reading", "filter": ["meter", "day"], "sort": ["at"]}
    result = design(parsed(entities, [read, write]), "cassandra")
    (choice,) = (item for item in result.buckets if item.entity == "Reading")
    # 450/s ÷ 100 × 86,400 s = 388,800 a day; an hour has 16,200
    assert (choice.ways[0].word, choice.bucket is not None) == ("by hour", True)


def test_a_column_called_after_an_entity_has_as_many_values_as_that_has_rows() -> None:
    """A store of keys has no references: `meter_id` was a column of which nobody knew anything."""
    fields = {"meter_id": "uuid pk", "day": "date pk", "at": "timestamptz pk", "value": "bigint"}
    now = {"site": "varchar(9) pk", "meter_id": "uuid pk", "value": "bigint"}
    write = {"name": "store", "entity": "Reading", "kind": "write", "per_second": 450}

    def drafted(count: int) -> Design:
        meters = {"id": "uuid pk", "_count": count}
        given = {"Meter": meters, "Reading": fields, "Now": now}
        return design(parsed(given, [write]), "cassandra")

    (choice,) = (item for item in drafted(100).buckets if item.entity == "Reading")
    assert choice.ways[0].word == "by hour"
    told = [f.subject for f in drafted(100).findings if f.key == "unbounded-partition"]
    assert told == []
    told = [f.subject for f in drafted(200_000).findings if f.key == "unbounded-partition"]
    assert told == ["now"]


def test_hours_of_a_year_are_few() -> None:
    fields = {"meter": "uuid pk", "year": "int pk", "hour": "timestamptz pk", "value": "bigint"}
    hours = design(
        parsed(
            {"Mean": fields},
            [{"name": "of", "entity": "Mean", "filter": ["meter", "year"], "sort": ["hour"]}],
        ),
        "cassandra",
    )
    assert not [f for f in hours.findings if f.key == "unbounded-partition"]
    minute = {"meter": "uuid pk", "year": "int pk", "minute": "timestamptz pk", "value": "bigint"}
    minutes = design(
        parsed(
            {"Mean": minute},
            [{"name": "of", "entity": "Mean", "filter": ["meter", "year"], "sort": ["minute"]}],
        ),
        "cassandra",
    )
    assert [f for f in minutes.findings if f.key == "unbounded-partition"]


def test_findings_and_lifetimes() -> None:
    model = parsed(
        {"A": {"id": "uuid pk", "state": "bool not null", "n": "int", "m": "int", "_ttl": "1 day"}},
        [
            {"name": "by state", "entity": "A", "filter": ["state"], "sort": ["n"]},
            {"name": "ranges", "entity": "A", "filter": ["m", "n >", "state >"]},
        ],
    )
    result = design(model, "cassandra")
    assert [(f.key, f.subject) for f in result.findings if f.key != "unbounded-partition"] == [
        ("nullable-key", "A.n"),
        ("hot-partition", "by state"),
        ("nullable-key", "A.m"),
        ("nullable-key", "A.n"),
        ("filter-after-range", "ranges"),
        ("expiry-windows", "A"),
        ("enforced-in-application", "A"),
    ]
    assert text(result).count("default_time_to_live = 86400") == 3


SENSOR = {"_count": "20,000", "id": "int pk"}
READING = {
    "_growth": "20,000 a second",
    "sensor": "ref Sensor pk",
    "taken_at": "timestamptz pk",
    "value": "float not null",
}
LAST = {"name": "last", "entity": "Reading", "filter": ["sensor"], "sort": ["taken_at desc"]}
BEST = {"name": "best", "entity": "Reading", "filter": ["sensor"], "sort": ["value desc"]}


def readings(*patterns: dict[str, Any], hosting: str = "", **more: str) -> Design:
    entities = {"Sensor": SENSOR, "Reading": READING | {f"_{k}": v for k, v in more.items()}}
    return design(parsed(entities, list(patterns) or [LAST]), "cassandra", hosting=hosting)


def keyed(result: Design) -> list[tuple[str, ...]]:
    return [key.partition for key in result.keys if key.entity == "Reading"]


def test_a_partition_gets_the_longest_span_that_stays_within_what_is_advised() -> None:
    result = readings(lifetime="90 days")
    (choice,) = result.buckets
    ways = {way.word: way for way in choice.ways}
    # 20,000/s over 20,000 sensors are one a second each: 90 × 86,400 rows of one value, each of
    # 8 bytes of time, 8 of value and 8 of metadata; 100,000 values are the limit that counts.
    assert (ways["one partition"].rows, ways["one partition"].size) == (7_776_000, 186_624_000)
    assert (ways["by day"].rows, ways["by day"].cells, ways["by day"].parts) == (86_400, 86_400, 90)
    assert [(way.word, way.verdict) for way in choice.ways] == [
        ("by day", "chosen"), ("one partition", "large"), ("by month", "large"),
        ("by hour", "more"),
    ]  # fmt: skip
    assert keyed(result) == [("sensor_id", "taken_at_day")]
    assert "PRIMARY KEY ((sensor_id, taken_at_day), taken_at)" in text(result)
    assert [f.subject for f in result.findings if f.key == "bucket-choice"] == ["Reading"]


@pytest.mark.parametrize(
    ("growth", "expected"),
    [
        ("257 a second", ("sensor_id",)),  # × 90 × 86,400 s ÷ 20,000 = 99,921 values
        ("258 a second", ("sensor_id", "taken_at_month")),
        ("24,000 a second", ("sensor_id", "taken_at_hour")),
        ("23,000 a second", ("sensor_id", "taken_at_day")),
    ],
)
def test_the_rule_looks_at_the_values_of_a_partition(
    growth: str, expected: tuple[str, ...]
) -> None:
    assert keyed(readings(lifetime="90 days", growth=growth)) == [expected]


def test_growth_follows_from_the_writes_where_nobody_states_it() -> None:
    write = {"name": "store", "entity": "Reading", "kind": "write", "per_second": 20_000}
    entities = {"Sensor": SENSOR, "Reading": {**READING, "_lifetime": "90 days"}}
    del entities["Reading"]["_growth"]
    counted = design(parsed(entities, [LAST, write]), "cassandra")
    assert keyed(counted) == keyed(readings(lifetime="90 days"))
    unrated = design(parsed(entities, [LAST, {**write, "per_second": None}]), "cassandra")
    assert keyed(unrated) == [("sensor_id",)]
    assert "unbounded-partition" in {finding.key for finding in unrated.findings}


def test_rows_in_another_order_are_parted_by_a_hash() -> None:
    result = readings(LAST, BEST, lifetime="90 days")
    assert keyed(result) == [("sensor_id", "taken_at_day"), ("sensor_id", "bucket")]
    _, hashed = result.buckets
    # The order by value has no cell that is not in the key, so a row counts as one value.
    assert (hashed.ways[0].word, hashed.ways[0].parts) == ("by hash", 78)  # 7.776 million ÷ 100,000
    assert "bucket smallint" in text(result)


def test_a_service_that_advises_no_size_gets_a_bucket_only_by_a_person() -> None:
    hosted = readings(lifetime="90 days", hosting="Amazon Keyspaces")
    assert keyed(hosted) == [("sensor_id",)]
    assert "compaction" not in text(hosted)
    said = readings(lifetime="90 days", layout="by day", hosting="Amazon Keyspaces")
    assert keyed(said) == [("sensor_id", "taken_at_day")]


def test_a_bucket_that_no_table_can_have_is_refused() -> None:
    with pytest.raises(ConductorError, match=r"Reading\._layout: `by hash` is not possible here"):
        readings(layout="by hash")
    with pytest.raises(ConductorError, match=r"unknown word `by dya`; .*`by day`"):
        readings(layout="by dya")


@pytest.mark.parametrize(
    ("lifetime", "window"),
    [
        ("90 days", "'DAYS', 'compaction_window_size': 3"),
        ("400 days", "'DAYS', 'compaction_window_size': 14"),  # 13.3
        ("2 days", "'HOURS', 'compaction_window_size': 2"),  # 1.6
        ("1 hour", "'MINUTES', 'compaction_window_size': 2"),
    ],
)
def test_what_expires_and_never_changes_is_compacted_in_windows(lifetime: str, window: str) -> None:
    assert f"'compaction_window_unit': {window}" in text(readings(ttl=lifetime))
    change = {"name": "fix", "entity": "Reading", "kind": "update", "filter": ["sensor"]}
    assert "compaction" not in text(readings(LAST, change, ttl=lifetime))


def test_what_a_later_write_replaces_is_compacted_as_usual() -> None:
    newest = {"site": "uuid pk", "meter": "uuid pk", "value": "float not null", "_ttl": "90 days"}
    alone = {"id": "uuid pk", "value": "float not null", "_ttl": "90 days"}
    assert "compaction" not in text(design(parsed({"Newest": newest}), "cassandra"))
    assert "compaction" in text(design(parsed({"Reading": alone}), "cassandra"))


@pytest.mark.parametrize(("rate", "left"), [(23, None), (24, 1037)])
def test_deleted_rows_that_a_read_passes_over_are_counted(rate: int, left: int | None) -> None:
    taken = {"name": "take", "entity": "Reading", "kind": "delete", "per_second": rate}
    taken |= {"filter": ["sensor", "taken_at"]}
    result = readings(LAST, taken, growth="1 a second")
    # 24/s × 10 days ÷ 20,000 sensors; the store logs from 1,000 on.
    found = [dict(f.numbers)["left"] for f in result.findings if f.key == "deleted-in-reads"]
    assert found == ([] if left is None else [left])
