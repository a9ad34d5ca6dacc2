"""What a decision drops, puts off or leaves without a mechanism has its task in the plan."""

from __future__ import annotations

from typing import Any

import pytest

from tests.specification_reading import Rendered, render

LOCK = "7 years under an immutability policy"


def page(backend: str, **answers: Any) -> Rendered:
    return render({"description": "Scans of contracts.", "backend": backend, **answers})


def test_a_lock_that_a_decision_drops_leaves_a_task_for_what_takes_its_place() -> None:
    dropped = page("Azure Blob Storage", retention=LOCK, sensitive_data=["pii"])
    assert "D-locked-objects" in dropped.decisions
    assert 'In place of "immutability", protect objects about people' in dropped.plan
    assert "Lock objects of Azure Blob Storage as stated" not in dropped.plan
    kept = page("Azure Blob Storage", retention=LOCK, sensitive_data=["none"])
    assert 'Lock objects of Azure Blob Storage as stated ("immutability")' in kept.plan
    assert "in a container of its own" in kept.plan
    assert "Lock objects" not in page("Azure Blob Storage", retention="7 years").plan


def test_sensitive_files_over_nfs_are_encrypted_on_the_way_or_somebody_decides() -> None:
    asked = page("NFS", hosting="self-managed", sensitive_data=["confidential"])
    assert "encryption on the way" in asked.decisions["D-open-by-default"][0]
    assert "Mount with `sec=krb5p`" in asked.plan
    assert "no_subtree_check,sec=krb5p`" in asked.plan
    plain = page("NFS", hosting="self-managed", sensitive_data=["none"])
    assert "krb5p" not in plain.plan


@pytest.mark.parametrize(
    ("backend", "hosting", "says"),
    [
        ("DynamoDB", "AWS", "Global table carries the writes"),
        ("PostgreSQL", "Amazon RDS", "One region serves all; another one begins from such a copy"),
        ("PostgreSQL", "self-managed", "its backups are copied to another one"),
    ],
)
def test_several_regions_name_what_keeps_them_alike(backend: str, hosting: str, says: str) -> None:
    asked = page(backend, hosting=hosting, regions={"lisbon": "writes", "tallinn": "reads"})
    assert says in asked.decisions["D-region-mechanism"][1]
    assert "lisbon and tallinn" in asked.plan or "second region" in asked.plan
    one = page(backend, hosting=hosting, regions={"lisbon": "writes"})
    assert "D-region-mechanism" not in one.decisions


def test_a_region_that_nothing_feeds_is_not_said_to_read() -> None:
    fed = page("DynamoDB", hosting="AWS", regions=["lisbon", "tallinn"])
    assert "the others read" in fed.decisions["D-missing-region-roles"][1]
    alone = page("SQLite", regions=["lisbon", "tallinn"])
    assert "the others read" not in alone.decisions["D-missing-region-roles"][1]


def test_a_strong_read_of_a_copy_is_a_contradiction() -> None:
    entities = {"Price": {"id": "uuid pk", "cents": "int", "_ttl": "1 minute"}}
    read: dict[str, Any] = {"name": "price of an item", "entity": "Price", "filter": ["id"]}

    def shown(consistency: str, *sources: str) -> Rendered:
        patterns = [{**read, "consistency": consistency}]
        return page("Redis", depends_on=list(sources), entities=entities, access_patterns=patterns)

    what, default = shown("strong", "shop").decisions["D-stale-copies"]
    assert "“price of an item” must see the newest write" in what
    assert "go past Redis, “price of an item” among them" in default
    assert "D-stale-copies" not in shown("eventual", "shop").decisions
    assert "D-stale-copies" not in shown("strong").decisions


def test_a_stated_retention_is_a_lifetime_where_the_store_ends_one() -> None:
    entities = {"Pass": {"id": "uuid pk"}, "Duty": {"id": "uuid pk", "_keep": "10 years by law"}}
    asked = page("DynamoDB", retention="90 days", entities=entities)
    assert "update-time-to-live --table-name pass " in asked.spec
    assert "update-time-to-live --table-name duty" not in asked.spec
    assert "update-time-to-live" not in page("DynamoDB", entities=entities).spec
    until = page("DynamoDB", retention="until the guest leaves", entities=entities)
    assert "update-time-to-live" not in until.spec


def test_the_retention_of_one_store_is_the_lifetime_of_what_it_holds() -> None:
    entities = {"Row": {"id": "uuid pk"}, "Board": {"_store": "redis", "id": "uuid pk"}}
    several: dict[str, Any] = {
        "storage_type": "hybrid",
        "backends": ["PostgreSQL", "Redis"],
        "entities": entities,
        "access_patterns": [{"name": "board", "entity": "Board", "filter": ["id"]}],
    }
    own = {"Redis": {"retention": "2 days"}}
    asked = render({"description": "Boards.", **several, "store_objectives": own})
    assert "EX 172800" in asked.spec
    assert "D-ttl-undecided" not in asked.decisions
    silent = render({"description": "Boards.", **several})
    assert "EX 172800" not in silent.spec


def test_a_throughput_below_its_rates_is_required_as_the_rates_are() -> None:
    rates = {"reads_per_second": 100, "average_item_bytes": 1_000_000}
    asked = page("Amazon S3", throughput_mb_per_second=40, **rates)
    assert asked.line("N-throughput").startswith("- **N-throughput**: moves 100 MB per second")
    assert "([D-throughput-against-rates](#decisions))" in asked.line("N-throughput")
    assert "holds 100 MB per second" in asked.line("A-throughput")
    assert "Move 100 MB per second" in asked.plan
    fits = page("Amazon S3", throughput_mb_per_second=140, **rates)
    assert "D-throughput-against-rates" not in fits.decisions
    assert "moves 140 MB per second" in fits.line("N-throughput")


def test_what_is_rebuilt_is_refilled_and_not_restored() -> None:
    several: dict[str, Any] = {"storage_type": "hybrid", "backends": ["PostgreSQL", "Redis"]}
    own = {"Redis": {"rto_minutes": 10}}
    asked = render({"description": "Boards.", **several, "store_objectives": own})
    assert "within 10 min" in asked.line("A-refill-redis")
    assert not asked.line("A-restore-redis")
    kept = {"Redis": {"rto_minutes": 10, "rpo_minutes": 5}}
    held = render({"description": "Boards.", **several, "store_objectives": kept})
    assert held.line("A-restore-redis")
    assert not held.line("A-refill-redis")


def test_the_bytes_of_an_answer_are_part_of_the_sizing() -> None:
    entities = {"Tile": {"id": "uuid pk"}}
    read = {"name": "tile", "entity": "Tile", "filter": ["id"], "per_second": 50}
    sized = page("PostgreSQL", entities=entities, access_patterns=[read | {"answer_bytes": "2 MB"}])
    assert "50/s × 2 MB = 95.4 MiB/s" in sized.section("Sizing")
    assert (
        "Bytes of answers" not in page("PostgreSQL", entities=entities, access_patterns=[read]).spec
    )


def test_a_copy_in_a_cache_beside_a_store_with_an_objective_may_be_too_old() -> None:
    entities = {"Row": {"id": "uuid pk"}, "Board": {"_store": "redis", "id": "uuid pk"}}
    entities["Board"]["_lifetime"] = "1 day"
    read = {"name": "board", "entity": "Board", "filter": ["id"], "fresh_within": "1 minute"}
    several: dict[str, Any] = {"storage_type": "hybrid", "backends": ["PostgreSQL", "Redis"]}
    model = {"entities": entities, "access_patterns": [read]}
    asked = render({"description": "Slots.", **several, **model, "rpo_minutes": 5})
    assert "D-stale-beyond-bound-redis" in asked.decisions
