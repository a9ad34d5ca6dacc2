"""The monthly cost of managed stores: hand-computed sums, and nothing that nobody stated."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest

from storage_conductor.catalog import loading
from storage_conductor.catalog.statements import Citation
from storage_conductor.sizing.cost import CostLine, MonthlyCost, Price, ordered, shown, usd_text
from tests.spec_rendering import rendered, track_of

MONTH = 365.25 / 12 * 86_400


def costs(**answers: Any) -> tuple[MonthlyCost, ...]:
    return track_of(answers).component.costs


def parts(cost: MonthlyCost) -> dict[str, CostLine]:
    return {line.key: line for line in (*cost.lines, *cost.beside)}


S3: dict[str, Any] = {
    "storage_type": "object_storage",
    "backend": "Amazon S3",
    "reads_per_second": 10,
    "writes_per_second": 1,
    "average_item_bytes": 1_000_000,
    "initial_data_gb": 1_000,
    "growth_gb_per_month": 100,
}


def test_an_object_store_costs_storage_requests_and_transfer() -> None:
    (cost,) = costs(**S3)
    found = parts(cost)
    assert found["storage"].low == pytest.approx(1_000 * 0.023)
    assert found["storage"].high == pytest.approx((1_000 + 36 * 100) * 0.023)
    # 10 GET/s are 26.298 million a month, at 0.4 USD a million; one PUT/s 2.6298 million at 5.
    assert found["reads"].low == found["reads"].high == pytest.approx(10 * MONTH / 1e6 * 0.4)
    assert found["writes"].low == pytest.approx(MONTH / 1e6 * 5)
    # 26.298 million × 1 MB = 26,298 GB, free within the region.
    assert found["transfer"].low == 0
    assert found["transfer"].high == pytest.approx(10 * MONTH / 1e3 * 0.09)
    assert cost.low == pytest.approx(23 + 10.5192 + 13.149)
    assert cost.dominant == "Transfer out, 95 %"


def test_the_class_for_rare_reads_bills_each_object_at_its_least_size() -> None:
    (whole,) = costs(**S3)
    rare = parts(whole)["infrequent"]
    requests = 10 * MONTH / 1e6 * 1 + MONTH / 1e6 * 10
    assert rare.low == pytest.approx(1_000 * 0.0125 + requests + 10 * MONTH / 1e3 * 0.01)
    # 0.0105 USD saved for each GB, against 0.01 for each GB read and 0.6 USD a million requests.
    assert "dearer from 0.991 reads of an object" in rare.arithmetic  # 10.5e-6 ÷ (10e-6 + 0.6e-6)
    # Objects of 64 KiB are billed as 128 KiB: twice the storage.
    (small,) = costs(**{**S3, "average_item_bytes": 65_536, "reads_per_second": None})
    assert parts(small)["infrequent"].low == pytest.approx(1_000 * 2 * 0.0125 + MONTH / 1e6 * 10)


def test_a_price_that_the_catalog_lacks_is_named() -> None:
    (azure,) = costs(**{**S3, "backend": "Azure Blob Storage", "hosting": "Azure"})
    assert parts(azure)["writes"].low == pytest.approx(MONTH / 1e6 * 5.5)
    assert azure.asked == ("the price of transfer out",)
    (google,) = costs(**{**S3, "backend": "Google Cloud Storage"})
    assert parts(google)["storage"].low == pytest.approx(1_000 * 0.0186)
    assert google.asked == ()


def test_lists_are_billed_like_writes_and_move_no_content() -> None:
    listed = {
        **SHORT,
        "reads_per_second": 12,
        "access_patterns": [
            *SHORT["access_patterns"],
            {"name": "all", "entity": "File", "filter": [], "per_second": 2, "page_size": 2_500},
        ],
    }
    (cost,) = costs(**listed)
    found = parts(cost)
    # Each list of 2,500 names takes three requests.
    assert found["writes"].low == pytest.approx((1 + 2 * 3) * MONTH / 1e6 * 5)
    assert found["reads"].low == pytest.approx(10 * MONTH / 1e6 * 0.4)
    assert found["transfer"].high == pytest.approx(10 * MONTH / 1e3 * 0.09)


def test_a_class_is_not_compared_that_bills_longer_than_objects_stay() -> None:
    (cost,) = costs(**S3, retention="2 weeks")
    assert "infrequent" not in parts(cost)
    (cost,) = costs(**S3, retention="30 days")
    assert "infrequent" in parts(cost)


SHORT: dict[str, Any] = {
    **S3,
    "retention": "10 months",
    "rpo_minutes": 15,
    "entities": {"File": {"id": "uuid pk", "content": "bytes not null", "_ttl": "304 days"}},
    "access_patterns": [
        {"name": "put", "entity": "File", "kind": "write", "per_second": 0.8},
        {"name": "remove", "entity": "File", "kind": "delete", "filter": ["id"],
         "per_second": 0.2},
        {"name": "get", "entity": "File", "filter": ["id"], "per_second": 10},
    ],
}  # fmt: skip


def test_old_versions_and_a_copy_in_another_region_are_paid_for() -> None:
    (cost,) = costs(**SHORT)
    found = parts(cost)
    # 0.2 MB a second for 30 days are 518.4 GB; 30 of 30.44 days of the growth of 100 GB end.
    old = 0.2 * 86_400 * 30 / 1e3 + 100 * 30 / (365.25 / 12)
    assert found["versions"].low == 0
    assert found["versions"].high == pytest.approx(old * 0.023)
    sent = MONTH / 1e3 * 0.02
    assert found["copy"].low == pytest.approx(1_000 * 0.023 + sent)
    text = rendered(track_of(SHORT), "spec.md")
    assert "| Versions that are no longer current | 617 GB on top of the volume |" in text


RDS: dict[str, Any] = {
    "backend": "PostgreSQL",
    "hosting": "Amazon RDS",
    "initial_data_gb": 10,
    "growth_gb_per_month": 0,
    "writes_per_second": 1,
    "average_item_bytes": 1_000,
}


def test_instances_range_to_the_class_whose_memory_holds_all_data() -> None:
    (cost,) = costs(**RDS)
    found = parts(cost)
    # 10 GB are 9.3 GiB: db.r7g.large has 16 GiB, db.t4g.large only 8. The loss of a zone is met
    # by a standby, which is paid for like the first.
    assert found["instances"].low == pytest.approx(2 * 730 * 0.016)
    assert found["instances"].high == pytest.approx(2 * 730 * 0.239)
    assert found["storage"].low == pytest.approx(2 * 10 * 0.115)
    # 35 days of 1 kB a second are 3.024 GB, at most all of them beyond what is free.
    assert found["backups"].high == pytest.approx(3.024 * 0.095)
    assert cost.asked == ("the instance class in `topology`",)


def test_a_range_of_instances_too_wide_to_tell_anything_has_no_upper_end() -> None:
    (cost,) = costs(**{**RDS, "initial_data_gb": 100})
    assert parts(cost)["instances"].high is None
    assert "db.t4g.micro (1 GiB) or more" in parts(cost)["instances"].arithmetic
    assert cost.asked == ("the instance class in `topology`",)


def test_a_class_that_the_answers_name_is_taken() -> None:
    (cost,) = costs(**RDS, topology="one db.r7g.xlarge and a standby in a second zone")
    found = parts(cost)
    assert found["instances"].low == found["instances"].high == pytest.approx(2 * 730 * 0.478)
    assert cost.asked == ()


def test_more_data_than_any_class_holds_has_no_upper_bound() -> None:
    (cost,) = costs(**{**RDS, "initial_data_gb": 5_000})
    assert parts(cost)["instances"].high is None
    assert cost.high is None
    assert cost.shown.startswith("from ")
    assert cost.dominant == ""  # what the instances come to at most is not known


def test_aurora_keeps_its_copies_and_bills_requests_to_storage() -> None:
    (cost,) = costs(**{**RDS, "hosting": "Amazon Aurora", "reads_per_second": 9})
    found = parts(cost)
    assert found["storage"].low == pytest.approx(10 * 0.1)
    assert found["io"].low == pytest.approx(MONTH / 1e6 * 0.2)
    assert found["io"].high == pytest.approx(10 * MONTH / 1e6 * 0.2)
    # 10 GB are 9.3 GiB: db.t4g.large has 8, db.r6g.large 16.
    assert found["instances"].low == pytest.approx(730 * 0.073)
    assert found["instances"].high == pytest.approx(730 * 0.26)
    # Serverless, 9.3 GiB need 5 units of 2 GiB; compared, and not in the sum.
    assert [line.key for line in cost.beside] == ["capacity"]
    each = found["capacity"].low
    assert each % (730 * 0.12) == pytest.approx(0)
    assert found["capacity"].high == pytest.approx(5 * each)


REDIS: dict[str, Any] = {
    "storage_type": "cache",
    "backend": "Redis",
    "hosting": "Amazon ElastiCache",
    "initial_data_gb": 30,
    "growth_gb_per_month": 0,
    "average_item_bytes": 1_000,
    "reads_per_second": 1_000,
    "writes_per_second": 0,
}


def test_a_cache_gets_the_cheapest_nodes_that_hold_the_computed_memory() -> None:
    (cost,) = costs(**REDIS)
    found = parts(cost)
    held = track_of(REDIS).component.estimates
    need = next(item.result for item in held if item.key == "cache-memory")
    gib = need * 1e9 / 2**30
    classes = loading.load("redis").at("amazon-elasticache").node_classes
    cheapest = min(-(-gib // node.memory_gib) * node.usd_per_hour for node in classes)
    assert found["nodes"].low == pytest.approx(730 * cheapest)
    # 1,000 reads of 1 kB are 1,000 units a second.
    data = need * 0.75
    assert found["serverless"].low == pytest.approx(
        data * 730 * 0.125 + 1_000 * MONTH / 1e6 * 0.0034
    )


def test_files_are_billed_by_what_is_stored_and_moved() -> None:
    (cost,) = costs(
        storage_type="file_system",
        backend="Amazon EFS",
        hosting="AWS",
        initial_data_gb=100,
        average_item_bytes=100_000,
        reads_per_second=1,
        writes_per_second=1,
    )
    found = parts(cost)
    moved = MONTH * 100_000 / 1e9
    assert found["storage"].low == pytest.approx(30)
    assert found["bytes-read"].low == 0
    assert found["bytes-read"].high == pytest.approx(moved * 0.03)
    assert found["bytes-write"].low == pytest.approx(moved * 0.06)


def test_units_and_storage_of_dynamodb() -> None:
    answers: dict[str, Any] = {
        "backend": "DynamoDB",
        "initial_data_gb": 40,
        "average_item_bytes": 500,
        "entities": {"Row": {"id": "uuid pk", "group": "uuid not null", "body": "text"}},
        "access_patterns": [
            {"name": "write", "entity": "Row", "kind": "write", "per_second": 10},
            {"name": "of a group", "entity": "Row", "filter": ["group"], "per_second": 5,
             "page_size": 4},
        ],
    }  # fmt: skip
    track = track_of(answers)
    (cost,) = track.component.costs
    found = parts(cost)
    design = track.component.design
    assert design is not None
    units = found["write-units"].low + (found["read-units"].low or 0)
    assert units == pytest.approx(design.layouts[0].rows[0].usd)
    assert found["storage"].low == pytest.approx(10)
    assert not cost.asked


def test_units_of_an_entity_with_one_layout_are_paid_as_well() -> None:
    key = {"gate": "varchar(20) pk", "at": "timestamptz pk", "_size": 900}
    add = {"name": "add", "entity": "Opening", "kind": "write", "per_second": 18}
    look = {"name": "look", "entity": "Opening", "filter": ["gate"], "sort": ["at desc"],
            "page_size": 10, "per_second": 4}  # fmt: skip
    answers = {"backend": "DynamoDB", "entities": {"Opening": key}, "initial_data_gb": 1}
    (cost,) = track_of({**answers, "access_patterns": [add, look]}).component.costs
    found = parts(cost)
    # 900 B are a write unit; a page of 10 of them is 3 read units, half as much when eventual.
    assert found["write-units"].low == pytest.approx(18 * MONTH / 1e6 * 0.625)
    assert found["read-units"].low == pytest.approx(4 * 1.5 * MONTH / 1e6 * 0.125)
    (without,) = track_of(
        {**answers, "access_patterns": [add, {**look, "per_second": None}]}
    ).component.costs
    assert without.asked == ("sizes of the entities and rates of the patterns",)


def test_each_of_several_stores_has_the_load_of_its_own_entities() -> None:
    answers: dict[str, Any] = {
        "storage_type": "hybrid",
        "backends": ["PostgreSQL", "Amazon S3"],
        "initial_data_gb": 900,
        "reads_per_second": 50,
        "entities": {
            "Paper": {"id": "uuid pk", "_count": 1000, "_size": 200, "_store": "postgresql"},
            "Scan": {"id": "uuid pk", "content": "bytes not null", "_count": 1_000_000,
                     "_size": 100_000, "_store": "amazon-s3"},
        },
        "access_patterns": [
            {"name": "a scan", "entity": "Scan", "filter": ["id"], "per_second": 2},
            {"name": "a paper", "entity": "Paper", "filter": ["id"], "per_second": 40},
        ],
    }  # fmt: skip
    (cost,) = costs(**answers)
    assert cost.store == "Amazon S3"
    found = parts(cost)
    assert found["storage"].low == pytest.approx(100 * 0.023)
    assert found["reads"].low == pytest.approx(2 * MONTH / 1e6 * 0.4)


@pytest.mark.parametrize(
    "answers",
    [
        {**S3, "hosting": "S3 Express One Zone"},
        {**RDS, "hosting": "self-managed"},
        {**RDS, "hosting": "", "topology": "db.r7g.large"},
        {"backend": "SQL Server", "hosting": "Amazon RDS", "initial_data_gb": 10},
        {**REDIS, "hosting": "Amazon MemoryDB"},
    ],
)
def test_without_a_list_price_there_is_no_cost(answers: dict[str, Any]) -> None:
    assert costs(**answers) == ()
    assert "Cost a month" not in rendered(track_of(answers), "spec.md")


def test_what_is_not_stated_is_asked_and_not_made_up() -> None:
    (cost,) = costs(**{**S3, "initial_data_gb": None, "growth_gb_per_month": None})
    assert "storage" not in parts(cost)
    assert cost.asked == ("the volume",)
    assert "Closer with the volume." in rendered(
        track_of({**S3, "initial_data_gb": None, "growth_gb_per_month": None}), "spec.md"
    )


def test_the_specification_shows_at_most_six_lines_with_region_date_and_age() -> None:
    text = rendered(track_of(S3), "spec.md")
    table = text.partition("| Cost a month |")[2].partition("\n\n")[0].splitlines()[2:]
    assert 2 <= len(table) <= 5
    said = re.search(r"^Sum (.*) USD, mostly Transfer out, 95 %; list prices of (.*)", text, re.M)
    assert said is not None
    assert said[1] == f"{usd_text(46.67)} to {usd_text(2496.3)}"
    assert said[2].startswith("US East (N. Virginia), the oldest of [2024-07](https://")
    assert "more than a year ago" in said[2]


def test_a_price_list_is_old_after_a_year() -> None:
    def of(dated: str) -> Price:
        source = Citation(
            title="t", url="https://example.org/p", dated=dated, checked=dt.date(2026, 11, 30)
        )
        return Price(1.0, "here", source)

    assert of("2025-11-29").old
    assert not of("2025-11-30").old
    assert of("2025").old
    assert not of("2026-06").old


def test_ranges_as_people_read_them() -> None:
    assert shown(0.5, 0.5) == "0.5"
    assert shown(12.34, 1_234.5) == "12.3 to 1,230"
    assert shown(3, None) == "from 3"
    price = Price(1.0, "here", Citation(title="t", url="https://e.org", dated="2026", checked=dt.date(2026, 1, 1)))  # fmt: skip  # noqa: E501
    lines = [CostLine("a", "A", "", 0.0, 0.004, price), CostLine("b", "B", "", 1.0, 2.0, price)]
    assert [line.key for line in ordered([*lines, lines[1]._replace(key="c", high=None)])] == [
        "c",
        "b",
    ]


def test_every_price_of_the_catalog_names_its_region_and_a_dated_list() -> None:
    seen = 0
    for heading in loading.headings():
        backend = loading.load(heading.key)
        for variant in (backend, *(backend.at(item.key) for item in backend.hosting)):
            prices = [(f.applies_to, f.source) for f in variant.facts if "_usd_" in f.key]
            prices += [(node.applies_to, node.source) for node in variant.node_classes]
            for applies_to, source in prices:
                seen += 1
                assert re.match(r"(US East \(N\. Virginia\)|West US|us-central1),", applies_to)
                assert variant.sources[source].dated
    assert seen > 60  # and not none, by a change of the keys
