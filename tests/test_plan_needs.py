"""A task stands in a plan where an answer, a decision or a rule of the catalog leads to it."""

from __future__ import annotations

from typing import Any

from tests.specification_reading import Rendered, render

SEVERAL: dict[str, Any] = {
    "storage_type": "hybrid",
    "backends": ["PostgreSQL", "Amazon S3", "Redis"],
    "initial_data_gb": 3_000,
    "rpo_minutes": 5,
    "availability_percent": 99.95,
    "latency_p99_ms": 120,
    "consistency": "strong",
}


def page(**answers: Any) -> Rendered:
    return render({"description": "Papers of a guest.", **answers})


def tasks(found: Rendered, store: str) -> list[str]:
    return [line for line in found.plan.splitlines() if line.startswith(f"- [ ] {store}: ")]


def test_the_volume_of_the_first_day_is_loaded_where_it_lies() -> None:
    found = page(**SEVERAL)
    loads = sorted(line for line in found.plan.splitlines() if "on the first day" in line)
    assert len(loads) == 2
    assert loads[0].startswith("- [ ] Amazon S3: Copy the 3 TB that there are on the first day")
    assert loads[1].startswith("- [ ] PostgreSQL: Load the rows that there are on the first day")
    alone = page(backend="PostgreSQL", initial_data_gb=80)
    assert "- [ ] Load the 80 GB that there are on the first day" in alone.plan
    counted = page(
        **SEVERAL,
        entities={"Paper": {"_count": "1 million", "_size": "2 kB", "id": "uuid pk"}},
    )
    # Four rows of 2 kB in a page of 8,192 B, and 41 B in the index of the key.
    assert "PostgreSQL: Load the 2.09 GB that there are" in counted.plan
    assert "on the first day" not in page(backend="Amazon S3").plan


def test_a_cache_that_is_rebuilt_keeps_nothing_on_its_disk() -> None:
    rebuilt = "".join(tasks(page(**SEVERAL), "Redis"))
    for words in ("appendonly", "BGSAVE", "min-replicas-to-write", "Fail over by hand"):
        assert words not in rebuilt
    kept = page(backend="Redis", rpo_minutes=5, latency_p99_ms=5, availability_percent=99.9).plan
    for words in ("appendonly", "BGSAVE", "min-replicas-to-write", "Fail over by hand"):
        assert words in kept


def test_keys_are_kept_in_one_slot_where_there_are_several_nodes() -> None:
    assert "CROSSSLOT" not in page(**SEVERAL).plan
    assert "CROSSSLOT" in page(**SEVERAL, topology="a Redis Cluster of three primaries").plan
    assert "CROSSSLOT" in page(backend="Redis", reads_per_second=900_000).plan


FEED: dict[str, Any] = {
    "storage_type": "hybrid",
    "backends": ["PostgreSQL", "Redis"],
    "topology": "a Redis Cluster of three primaries",
    "reads_per_second": 900,
    "peak_factor": 4,
    "entities": {
        "Show": {"id": "uuid pk", "title": "text not null"},
        "Feed": {"_store": "Redis", "_lifetime": "10 minutes", "show": "uuid pk", "xml": "text"},
    },
    "access_patterns": [
        {"name": "title of a show", "entity": "Show", "filter": ["id"], "per_second": 50},
        {"name": "feed of a show", "entity": "Feed", "filter": ["show"], "per_second": 850},
    ],
}


def test_what_is_read_from_one_store_alone_is_what_its_cold_start_meets() -> None:
    assert (
        "Redis: Empty the cache under load and show that the source carries it, which is all"
        " of the 3,400 reads/s" in page(**FEED).plan
    )


def test_keys_that_nothing_works_on_together_need_no_slot_in_common() -> None:
    assert "CROSSSLOT" not in page(**FEED).plan
    both = {"name": "renew", "entity": "Feed", "kind": "update", "atomic": ["Mark"]}
    mark = {"_store": "Redis", "show": "uuid pk", "at": "timestamptz"}
    found = page(
        **FEED
        | {
            "entities": {**FEED["entities"], "Mark": mark},
            "access_patterns": [*FEED["access_patterns"], both],
        }
    )
    assert "CROSSSLOT" in found.plan


KEPT: dict[str, Any] = {
    "backend": "DynamoDB",
    "retention": "90 days",
    "rto_minutes": 30,
    "initial_data_gb": 30,
}


def test_entries_leave_as_their_store_lets_them() -> None:
    entities = {"Grant": {"id": "uuid pk"}}
    (drafted,) = leaving(page(**KEPT, entities=entities))
    assert "expire when their retention is over (90 days), and report" in drafted
    (undrafted,) = leaving(page(**KEPT))
    assert "(90 days), by a time that is written where the retention begins" in undrafted
    for backend in ({"backend": "PostgreSQL"}, {"backend": "Other", "other_backend": "Oracle"}):
        (removed,) = leaving(page(**{**KEPT, **backend}))
        assert "Remove entries whose retention is over (90 days) in batches" in removed


def leaving(found: Rendered) -> list[str]:
    return [line for line in found.plan.splitlines() if "how many went" in line]


def test_a_restore_is_measured_with_the_volume_at_the_end_of_the_retention() -> None:
    assert "the volume at the end of the retention of 90 days and record" in page(**KEPT).plan
    forever = {**KEPT, "retention": ""}
    assert "the volume after 12 months and record" in page(**forever).plan
