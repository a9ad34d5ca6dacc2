"""Sizing: golden values of every formula, and nothing from a number that nobody gave."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage_conductor.catalog import loading, rulebook
from storage_conductor.catalog.backend import Backend
from storage_conductor.questions.answers import Answers
from storage_conductor.schema.parse import parse_model
from storage_conductor.sizing import (
    COMPONENT,
    STORE,
    Estimate,
    KeptDays,
    block_load,
    capacity,
    size,
)
from storage_conductor.sizing import formulas as f
from storage_conductor.sizing.blocks import BlockCall
from storage_conductor.sizing.model import Job
from storage_conductor.sizing.workload import Workload
from tests.findings_support import CACHE, OBJECTS, UNITS, fact, loaded, said, store, table
from tests.schema_support import design
from tests.spec_rendering import track_of


def sized(answers: Answers, *backends: Backend) -> dict[str, Estimate]:
    model = parse_model(answers.entities, list(answers.access_patterns))
    estimates = size(answers, backends, model)
    by_key = {item.key: item for item in estimates}
    assert len(by_key) == len(estimates)
    return by_key


def test_volume() -> None:
    assert f.written_gb(500, 1536, 365) == pytest.approx(24_220.8, rel=1e-4)
    assert f.stored_gb(50, 40, 12, None) == 530
    assert f.stored_gb(50, 40, 12, 3) == 170
    assert f.stored_gb(50, 40, 2, 3) == 130


def test_rows_of_a_page() -> None:
    assert f.row_bytes(600, 23, 4) == 628
    assert f.row_bytes(1, 23, 4) == 36
    assert f.rows_per_page(8192, 24, 628) == 13


def test_pool_by_littles_law() -> None:
    assert f.busy_connections(800, 0.012, 1.5) == 15
    assert f.busy_connections(4800, 0.02) == 96
    assert f.busy_connections(700, 0.01) == 7  # 7.000000000000001 in floating point


@pytest.mark.parametrize(
    ("item", "unit", "weight", "units"),
    [
        (3500, 4096, 1, 1),
        (3500, 4096, 0.5, 0.5),
        (9 * 1024, 4096, 2, 6),
        (1025, 1024, 1, 2),
        (400 * 1024, 1024, 1, 400),
    ],
)
def test_capacity_units_of_one_request(item: int, unit: int, weight: float, units: float) -> None:
    assert f.capacity_units(1, item, unit, weight) == units


def test_partitions_by_load_and_by_volume() -> None:
    reads = f.capacity_units(12_000, 3500, 4096, 0.5)
    writes = f.capacity_units(2500, 2048, 1024)
    assert (reads, writes) == (6000, 5000)
    assert f.partitions(reads / 3000 + writes / 1000, 0, 10) == 7
    assert f.partitions(reads / 3000 + writes / 1000, 600, 10) == 60
    assert f.capacity_units(500, 2048, 1024) == 1000


def test_prefixes_and_parts() -> None:
    assert f.prefixes(20_000, 9000, 5500, 3500) == 4
    assert f.prefixes(5500, 3500, 5500, 3500) == 1
    assert f.part_bytes(100 * 2**30, 10_000, 5 * 2**20) == 10_737_419
    assert f.part_bytes(2**30, 10_000, 5 * 2**20) == 5 * 2**20


def test_cache_memory() -> None:
    assert f.cache_memory_gb(50_000_000, 300, 85) == 19.25
    assert f.cache_memory_gb(50_000_000, 300, 85, 0.8) == pytest.approx(24.06, rel=1e-3)


def test_transfer_times() -> None:
    assert f.transfer_minutes(2**40 / 1e9, 125) / 60 == pytest.approx(2.33, abs=0.005)
    five_tib = 5 * 2**40
    assert f.transfer_minutes(five_tib / 1e9, 250e6 / 2**20) / 60 == pytest.approx(6.11, abs=0.005)
    assert f.needed_mib_per_second(530, 60) == pytest.approx(140.4, abs=0.05)


def test_cassandra_partitions() -> None:
    assert f.partition_values(1000, 10, 3, 2) == 1000 * (10 - 3 - 2) + 2
    assert f.partition_bytes(1000, 200, 5, 8) == 240_000


@pytest.mark.parametrize(
    ("availability", "month", "year"),
    [(99.9, 43.8, 526), (99.95, 21.9, 263), (99.99, 4.38, 52.6), (99.999, 0.44, 5.3)],
)
def test_downtime(availability: float, month: float, year: float) -> None:
    assert f.downtime_minutes(availability, f.MINUTES_PER_MONTH) == pytest.approx(month, rel=0.01)
    assert f.downtime_minutes(availability, f.MINUTES_PER_YEAR) == pytest.approx(year, rel=0.01)


def test_number_spaces() -> None:
    assert f.days_until(2**31, 5000) == pytest.approx(4.97, abs=0.005)
    assert f.days_until(200e6, 5000) * 24 == pytest.approx(11.1, abs=0.05)
    assert f.days_until(2_147_483_647, 100) == pytest.approx(248.6, abs=0.05)


@given(st.integers(1, 99))
def test_quorums_overlap(replicas: int) -> None:
    assert 2 * f.quorum(replicas) > replicas
    assert f.quorum(3) == 2


LEDGER: dict[str, Any] = {
    "reads_per_second": 900.0,
    "writes_per_second": 300.0,
    "peak_factor": 4.0,
    "latency_p99_ms": 20.0,
    "average_item_bytes": 100,
    "initial_data_gb": 50.0,
    "growth_gb_per_month": 40.0,
    "rto_minutes": 60.0,
    "availability_percent": 99.95,
    "consistency": "strong",
}


def test_a_ledger_on_postgresql() -> None:
    found = sized(said(**LEDGER), loading.load("postgresql").at("self-managed"))
    assert {key: item.shown for key, item in found.items()} == {
        "peak": "3,600 reads/s and 1,200 writes/s",
        "volume-6-months": "290 GB",
        "volume-12-months": "530 GB",
        "volume-36-months": "1.49 TB",
        "downtime": "21 min 55 s a month, 4 h 23 min a year",
        "pool": "at most 96 busy connections (the server has 97)",
        "row-overhead": "34.3 % on top of the data, before indexes",
        "restore-rate": "140 MiB/s or more",
        "transaction-ids": "82.9 days without freezing; forced freeze every 7 d 17 h",
    }
    assert found["pool"].result == 96
    assert found["pool"].arithmetic == "⌈4,800/s × 0.02 s⌉ = 96"
    assert found["volume-36-months"].result == 50 + 36 * 40


def test_a_table_on_dynamodb() -> None:
    answers = said(
        reads_per_second=6000.0,
        writes_per_second=1250.0,
        peak_factor=2.0,
        average_item_bytes=2048,
        initial_data_gb=600.0,
        consistency="eventual",
    )
    found = sized(answers, loading.load("dynamodb"))
    assert found["read-units"].result == 6000
    assert found["write-units"].result == 5000
    assert found["partitions"].result == 56  # 600 GB in partitions of 10 GiB
    assert "All reads are eventually consistent" in found["read-units"].assumptions


def test_uploads_to_amazon_s3() -> None:
    answers = said(
        storage_type="object_storage",
        reads_per_second=20_000.0,
        writes_per_second=9000.0,
        largest_item_bytes=100 * 2**30,
    )
    found = sized(answers, loading.load("amazon-s3"))
    assert found["prefixes"].result == 4
    assert found["part-size"].result == 10_737_419


def test_a_cache_by_its_volume_or_by_its_writes() -> None:
    facts = (
        fact("key_overhead_bytes", 85, "guidance"),
        fact("memory_headroom_fraction", 0.8, "guidance"),
        fact("save_memory_factor", 2, "guidance"),
    )
    cache = store(*facts, **CACHE)
    stated = said(storage_type="cache", initial_data_gb=15.0, average_item_bytes=300)
    found = sized(stated, cache)
    assert found["cache-memory"].result == pytest.approx(19.25 / 0.8)
    assert found["cache-memory-saving"].result == pytest.approx(19.25 / 0.8 * 2)
    written = said(
        storage_type="cache", writes_per_second=100.0, average_item_bytes=1000, retention="1 hour"
    )
    found = sized(written, cache)
    assert found["steady-volume"].shown == "at most 360 MB"
    assert found["cache-memory"].result == pytest.approx(0.36 * 1.085 / 0.8)


def test_what_an_index_adds_to_units_and_memory() -> None:
    load = said(writes_per_second=100.0, average_item_bytes=300, initial_data_gb=15.0)
    facts = (fact("key_overhead_bytes", 85, "guidance"), *UNITS)
    for structures, units, memory in (({}, 100, 19.25), ({"Row": 3, "Other": 1}, 300, 27.75)):
        job = Job(Workload(load), store(*facts, **CACHE), None, True, structures)
        numbers = [*capacity.units(job), *capacity.cache_memory(job)]
        found = {item.key or item.formula: item.result for item in numbers}
        assert found["write-units"] == units
        assert found["cache-memory"] == pytest.approx(memory)


def test_the_throughput_of_a_client_and_a_restore_of_every_file() -> None:
    efs = loading.load("amazon-efs").at("aws")
    load = said(
        storage_type="file_system", average_item_bytes=10_000, initial_data_gb=30.0,
        growth_gb_per_month=0.0, throughput_mb_per_second=4_194.304, client_count=8,
    )  # fmt: skip
    found = sized(load, efs)
    assert found["restore-files"].result == pytest.approx(100)  # 3,000,000 ÷ 500/s ÷ 60
    assert found["transfer-time"].result == pytest.approx(30e9 / 100e6 / 60, rel=1e-3)
    assert found["clients"].result == pytest.approx(500)  # 4,000 MiB/s ÷ 8
    needed = sized(load._replace(client_count=None), efs)["clients"]
    assert needed.result == 3  # ⌈4,000 ÷ 1,500⌉
    assert "clients" not in sized(
        load._replace(client_count=None, throughput_mb_per_second=9.0), efs
    )


def test_backups_take_the_volume_and_what_is_written_while_they_are_kept() -> None:
    files = said(
        average_item_bytes=1_000_000, initial_data_gb=100.0, growth_gb_per_month=0.0,
        writes_per_second=0.01,
    )  # fmt: skip
    found = {e.key: e for e in size(files, [loading.load("nfs")], kept=KeptDays(30.0))}
    # 0.01 × 1 MB × 86,400 s × 30 d = 25.92 GB
    assert found["backup-space"].result == pytest.approx(125.92)
    assert "backup-space" not in {e.key for e in size(files, [loading.load("nfs")])}


def test_only_clients_with_a_connection_for_each_statement_have_a_pool() -> None:
    load = said(reads_per_second=500.0, latency_p99_ms=10.0)
    assert "pool" in sized(load, loading.load("mongodb").at("self-managed"))
    for key in ("redis", "cassandra", "memcached"):
        assert "pool" not in sized(load, loading.load(key))


def test_objects_are_counted_and_their_requests_and_bytes_too() -> None:
    answers = said(
        storage_type="object_storage",
        reads_per_second=2.0,
        writes_per_second=0.1,
        peak_factor=5.0,
        average_item_bytes=2 * 2**20,
        initial_data_gb=6000.0,
        growth_gb_per_month=400.0,
    )
    found = sized(answers, loading.load("amazon-s3"))
    assert found["items"].result == pytest.approx(20_400e9 / 2**21)
    assert found["requests"].shown == "5,259,600 reads and 262,980 writes"
    assert found["transfer"].shown == "11 TB a month, 20 MiB/s at peak"


@pytest.mark.parametrize(("gigabytes", "walked"), [(7.1, False), (7.3, True)])
def test_the_time_to_touch_every_file(gigabytes: float, walked: bool) -> None:
    # 3,000 operations/s for 10 minutes are 1.8 million files
    answers = said(initial_data_gb=gigabytes, average_item_bytes=4000, storage_type="file_system")
    files = store(fact("iops_default", 3000, "default"), storage_type="file_system", family="posix")
    assert ("file-walk" in sized(answers, files)) is walked


@pytest.mark.parametrize(("reads", "shown"), [(24.0, None), (25.0, "10 h 36 min"), (125.0, None)])
def test_a_backup_has_what_the_load_leaves_of_the_throughput(
    reads: float, shown: str | None
) -> None:
    # 25 items of 1 MiB a second are a fifth of 125 MiB/s
    answers = said(reads_per_second=reads, average_item_bytes=2**20, initial_data_gb=4000.0)
    disk = store(fact("throughput_mib_per_second_default", 125, "default"))
    found = sized(answers, disk).get("backup-beside-load")
    assert (found.shown if found else None) == shown


def test_entities_give_the_volume_that_nobody_stated() -> None:
    answers = said(
        entities={
            "A": {"id": "bigint pk", "_count": "2 M", "_size": "1 kB", "_growth": "1 GB a month"},
            "B": {"id": "bigint pk", "_count": "1 M", "_size": "3 kB", "_growth": "2 GB a month"},
        }
    )
    found = sized(answers, loading.load("postgresql"))
    assert found["entity-totals-volume"].shown == "5 GB"
    assert found["entity-totals-growth"].shown == "3 GB a month"
    assert found["volume-12-months"].shown == "41 GB"


def test_partitions_of_cassandra() -> None:
    wide = loading.load("cassandra")
    plain = sized(said(average_item_bytes=1000, consistency="strong"), wide)
    assert plain["partition-rows"].result == 100_000
    assert plain["quorum"].result == 2
    cells = sized(said(average_item_bytes=100, **table(a="int", b="int", c="int", d="int")), wide)
    assert cells["partition-rows-row"].result == 25_000


def test_a_32_bit_key_and_the_disk_of_a_managed_database() -> None:
    answers = said(
        reads_per_second=500.0,
        writes_per_second=100.0,
        initial_data_gb=100.0,
        entities={"Order": {"id": "int pk"}},
    )
    found = sized(answers, loading.load("postgresql").at("amazon-rds"))
    assert found["int-key"].result == pytest.approx(248.6, abs=0.05)
    assert found["iops"].shown == "about 600 operations/s (the volume offers 3,000)"
    assert found["transfer-time"].result == pytest.approx(12.7, abs=0.05)


STRIPED = ("PostgreSQL", "MySQL", "MariaDB")


@pytest.mark.parametrize(
    ("backend", "hosting", "initial_gb", "operations", "rate"),
    [
        # 400 GiB are 429.5 GB
        *((name, "Amazon RDS", 429.0, 3_000, 125) for name in STRIPED),
        *((name, "Amazon RDS", 430.0, 12_000, 500) for name in STRIPED),
        ("SQL Server", "Amazon RDS", 430.0, 3_000, 125),
        ("PostgreSQL", "Azure Database", 429.0, 3_000, 119),
        ("PostgreSQL", "Azure Database", 430.0, 12_000, 477),
    ],
)
def test_the_ordered_storage_decides_what_its_volume_offers(
    backend: str, hosting: str, initial_gb: float, operations: int, rate: int
) -> None:
    answers = said(
        backend=backend,
        hosting=hosting,
        reads_per_second=5000.0,
        writes_per_second=100.0,
        initial_data_gb=initial_gb,
    )
    found = sized(answers, *(item.backend for item in loaded(answers)))
    assert found["iops"].shown.endswith(f"(the volume offers {operations:,})")
    assert f" ÷ {rate} MiB/s" in found["transfer-time"].arithmetic


def test_growth_of_the_first_year_is_ordered_too() -> None:
    grown = said(
        backend="PostgreSQL",
        hosting="Amazon RDS",
        initial_data_gb=70.0,
        growth_gb_per_month=30.0,
    )
    (one,) = loaded(grown)
    assert one.backend.number("iops_default") == 12_000


def test_what_entities_come_to_is_ordered_too() -> None:
    for growth, operations in (("500,000 a day", 3_000), ("1,500,000 a day", 12_000)):
        entities = {"Scan": {"id": "uuid pk", "text": "varchar(2000)", "_growth": growth}}
        (one,) = track_of(
            {"backend": "PostgreSQL", "hosting": "Amazon RDS", "entities": entities}
        ).component.stores
        assert one.backend.number("iops_default") == operations  # 203 and 609 GB in a year


def test_the_volume_of_several_stores_sizes_none_of_them() -> None:
    hybrid = said(
        storage_type="hybrid",
        backends=["PostgreSQL", "Amazon S3"],
        hosting="Amazon RDS",
        initial_data_gb=900.0,
    )
    assert loaded(hybrid)[0].backend.number("iops_default") == 3_000


def test_a_volume_that_retention_holds_is_named_once() -> None:
    kept = {"initial_data_gb": 10.0, "growth_gb_per_month": 4.0}
    short = sized(said(retention="9 months", **kept), loading.load("postgresql"))
    volumes = [item for key, item in short.items() if key.startswith("volume-")]
    assert [item.label for item in volumes] == [
        "Volume after 6 months",
        "Volume after 12 months and later",
    ]
    assert [item.result for item in volumes] == [34.0, 46.0]
    long = sized(said(retention="4 years", **kept), loading.load("postgresql"))
    assert [key for key in long if key.startswith("volume-")] == [
        *(f"volume-{months}-months" for months in (6, 12, 36)),
        "volume-48-months",  # the end of the retention
    ]


def test_stores_that_share_the_load_are_not_sized_by_all_of_it() -> None:
    hybrid = said(storage_type="hybrid", **LEDGER)
    found = sized(hybrid, loading.load("postgresql"), loading.load("amazon-s3"))
    assert set(found) == {
        "peak",
        "volume-6-months",
        "volume-12-months",
        "volume-36-months",
        "downtime",
    }


REAL = [loading.load(heading.key) for heading in loading.headings()]


def test_nothing_is_computed_without_answers() -> None:
    for backend in REAL:
        assert size(said(), [backend]) == ()


@pytest.mark.parametrize("left_out", sorted(LEDGER))
def test_an_estimate_vanishes_with_an_answer_that_it_needs(left_out: str) -> None:
    postgresql = loading.load("postgresql")
    whole = sized(said(**LEDGER), postgresql)
    less = sized(said(**{k: v for k, v in LEDGER.items() if k != left_out}), postgresql)
    word = {
        "reads_per_second": "900 reads",
        "writes_per_second": "300 writes",
        "peak_factor": "peak factor 4",
        "latency_p99_ms": "p99 20",
        "average_item_bytes": "100 B",
        "initial_data_gb": "50 GB",
        "growth_gb_per_month": "40 GB a month",
        "rto_minutes": "RTO",
        "availability_percent": "availability",
        "consistency": "strong",
    }[left_out]
    assert not any(word in item.inputs for item in less.values())
    if left_out != "consistency":
        assert any(word in item.inputs for item in whole.values())


def test_every_estimate_has_words_and_is_used() -> None:
    answers = [
        said(detail="full", storage_type="object_storage", largest_item_bytes=10**9, **LEDGER),
        said(
            average_item_bytes=600, writes_per_second=1.0, retention="1 day", consistency="strong"
        ),
        said(entities={"Order": {"id": "int pk"}}, **LEDGER),
        said(item_count=500, average_item_bytes=900, metadata_operations_per_second=9.0),
        said(item_count=500, initial_data_gb=2.0),
        said(
            average_item_bytes=900,
            initial_data_gb=2.0,
            throughput_mb_per_second=9.0,
            client_count=4,
        ),
        said(
            entities={"Row": {"id": "int pk", "_ttl": "9 days"}},
            average_item_bytes=9,
            growth_gb_per_month=1.0,
            retention="9 days",
        ),
        said(
            entities={"Order": {"id": "int pk"}},
            access_patterns=[
                {
                    "name": "a",
                    "entity": "Order",
                    "filter": ["id"],
                    "per_second": 3,
                    "answer_bytes": "9 kB",
                }
            ],
        ),
        said(entities={"Order": {"id": "int pk", "_count": "1 M", "_size": "1 kB"}}),
        said(average_item_bytes=4000, initial_data_gb=4000.0, reads_per_second=20_000.0),
        said(writes_per_second=1.0, retention="9 days"),
        said(
            entities={"Passage": {"id": "bigint pk", "text": "vector(768)"}},
            access_patterns=[
                {"name": "near", "entity": "Passage", "kind": "nearest", "page_size": 5}
            ],
        ),
    ]
    hosted = [item.at("amazon-rds") for item in REAL]
    keys = itertools.chain.from_iterable(
        sized(said_, backend) for said_ in answers for backend in [*REAL, *hosted]
    )
    call = BlockCall("Hold", "hold", "Slot", 1, 1, 0)
    called = block_load(said(writes_per_second=1.0), None, [call])
    drafted = parse_model({"Row": {"id": "uuid pk", "_count": 9, "_size": 9}}, [
        {"name": "add", "entity": "Row", "kind": "write", "per_second": 1}])  # fmt: skip
    assert drafted is not None
    redis = loading.load("redis")
    counted = size(said(), [redis], drafted, design(drafted, "redis"))
    busy = parse_model({"Row": {"id": "uuid pk"}}, [
        {"name": "add", "entity": "Row", "kind": "write", "per_second": 9_000}])  # fmt: skip
    assert busy is not None
    postgresql = loading.load("postgresql")
    counted = (*counted, *size(said(), [postgresql], busy, design(busy, "postgresql")))
    files = said(average_item_bytes=9, initial_data_gb=1.0, writes_per_second=1.0)
    called = (*called, *size(files, [loading.load("nfs")], kept=KeptDays(9.0)))
    used = {*keys, *(item.key for item in (*called, *counted))}
    for formula in rulebook.formulas():
        stems = (formula, "read-units") if formula == "capacity-units" else (formula,)
        assert any(key.startswith(stems) for key in used), formula
    assert len(COMPONENT) + len(STORE) <= len(rulebook.formulas())


def test_an_object_store_needs_no_restore_rate() -> None:
    objects = store(**OBJECTS)
    assert "restore-rate" not in sized(said(rto_minutes=5.0, initial_data_gb=1.0), objects)


def test_32_bit_keys_are_one_row_with_names_and_rates_by_table() -> None:
    answers = said(
        writes_per_second=120.0,
        entities={name: {"id": "int pk"} for name in "ABC"},
        access_patterns=[{"name": "add", "entity": "C", "kind": "write", "per_second": 100}],
    )
    found = sized(answers, loading.load("postgresql"))
    assert [key for key in found if key.startswith("int-key")] == ["int-key"]
    row = found["int-key"]
    # 2^31 / 20/s / 86,400 s: of 120 writes/s, 100 are told to be of C.
    left = "A, B: at least 1,243 days if all writes that no pattern tells go into one of them"
    assert row.shown == f"C: 249 days; {left}"
    assert row.result == pytest.approx(248.55, abs=0.05)


def test_the_draft_and_the_sizing_count_the_same_inserts_of_a_32_bit_key() -> None:
    answers = said(
        entities={"A": {"id": "int pk"}},
        access_patterns=[
            {"name": "add", "entity": "A", "kind": "write", "per_second": 1},
            {"name": "put", "entity": "A", "kind": "write", "filter": ["id"], "per_second": 99},
        ],
    )
    row = sized(answers, loading.load("postgresql"))["int-key"]
    assert row.result == pytest.approx((2**31 - 1) / 86_400, rel=0.001)
    model = parse_model(answers.entities, list(answers.access_patterns))
    assert model is not None
    keys = {finding.key for finding in design(model, "postgresql").findings}
    assert "int-key-exhaustion" not in keys  # in 68 years


def test_items_give_the_volume_or_the_size_of_one_and_the_length_of_a_pass() -> None:
    backend = store()
    counted = {
        item.key: item
        for item in size(
            said(item_count=4_000_000, average_item_bytes=500, growth_gb_per_month=1.0), [backend]
        )
    }
    assert counted["counted-volume"].arithmetic == "4,000,000 items × 500 B = 2 GB"
    assert counted["volume-12-months"].result == pytest.approx(2 + 12)
    shared = size(said(item_count=4_000_000, initial_data_gb=2.0), [backend])
    assert [(item.key, item.result) for item in shared] == [("counted-size", 500)]
    walked = size(said(item_count=900_000, metadata_operations_per_second=50.0), [backend])
    assert [(item.key, item.shown) for item in walked] == [("walk", "5 h")]
    assert size(said(item_count=900_000), [backend]) == ()


def test_writes_and_a_retention_tell_how_many_items_there_will_be() -> None:
    kept = {"writes_per_second": 100.0, "retention": "10 days"}
    found = sized(said(**kept), loading.load("postgresql"))["steady-count"]
    assert found.result == 100 * 86_400 * 10
    assert found.shown == "at most 86,400,000 items"
    assert found.arithmetic == "100 writes/s × 86,400 s × 10 d = 86,400,000"


@pytest.mark.parametrize(
    "known", [{"average_item_bytes": 100}, {"item_count": 5}, {"initial_data_gb": 1.0}]
)
def test_where_a_volume_is_known_the_number_of_items_is_not_counted(known: dict[str, Any]) -> None:
    answers = said(writes_per_second=100.0, retention="10 days", **known)
    assert "steady-count" not in sized(answers, loading.load("postgresql"))
