"""Objectives of one store of several: how they are said, and where they hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from storage_conductor.context import read_context
from storage_conductor.disk import places
from storage_conductor.errors import ConductorError
from storage_conductor.questions import answers
from storage_conductor.questions.store_objectives import store_objectives
from tests.specification_reading import Rendered, render

GIVEN: dict[str, Any] = {
    "description": "Papers of guests.",
    "storage_type": "hybrid",
    "backends": ["PostgreSQL", "Redis"],
    "rpo_minutes": 5,
    "rto_minutes": 60,
    "latency_p99_ms": 120,
}


def page(**own: Any) -> Rendered:
    return render({**GIVEN, "store_objectives": {"Redis": own} if own else None})


def test_a_store_keeps_its_own_numbers_and_the_others_keep_those_of_all() -> None:
    found = page(rpo_minutes=90, rto_minutes=20, latency_p99_ms=5, retention="30 minutes idle")
    row = "| Redis | 5 ms | as the component | 1 h 30 min | 20 min | 30 minutes idle |"
    assert row in found.section("Performance Requirements")
    assert "need no Redis end within 120 ms" in found.line("N-latency")
    own = found.line("N-store-redis")
    for told in ("the last 1 h 30 min", "within 20 min", "within 5 ms", "30 minutes idle"):
        assert told.removeprefix("the last ") in own
    assert "within 20 min" in found.line("A-restore-redis")
    assert "at most the last 5 min" in found.line("A-failure-postgresql")
    shared = page()
    assert "Store alone" not in shared.spec
    assert shared.line("N-store-redis") == ""
    assert "need no" not in shared.line("N-latency")


def test_what_one_store_cannot_promise_is_an_exception_of_that_store_alone() -> None:
    found = render(
        {
            **GIVEN,
            "rpo_minutes": 30,
            "backends": ["PostgreSQL", "Amazon S3"],
            "store_objectives": {"Amazon S3": {"rpo_minutes": 0}},
        }
    )
    assert "D-rpo-below-mechanism-amazon-s3" not in found.line("N-rpo")
    own = found.line("N-store-amazon-s3")
    assert "but after the loss of a region (Amazon S3) at most 15 min" in own
    assert "D-rpo-below-mechanism-amazon-s3" in own


@pytest.mark.parametrize("spelled", ["Redis", "redis", "REDIS"])
def test_a_store_is_named_in_any_spelling(spelled: str) -> None:
    entities = {"A": {"id": "uuid pk"}, "B": {"id": "uuid pk", "_store": spelled}}
    found = render(
        {**GIVEN, "entities": entities, "store_objectives": {spelled: {"rpo_minutes": 9}}}
    )
    design = found.track.component.design
    assert design is not None
    assert dict(design.stores) == {"A": "postgresql", "B": "redis"}
    assert "9 min" in found.line("N-store-redis")


def test_a_store_that_the_catalog_lacks_is_named_by_its_name() -> None:
    entities = {"A": {"id": "uuid pk"}, "B": {"id": "uuid pk", "_store": "rustFS"}}
    stores = {"backends": ["PostgreSQL", "Other"], "other_backend": "RustFS"}
    design = render({**GIVEN, **stores, "entities": entities}).track.component.design
    assert design is not None
    assert dict(design.stores) == {"A": "postgresql", "B": "other"}


def test_a_recovery_point_of_its_own_makes_a_cache_recover() -> None:
    recovery = page(rpo_minutes=90).section("Backup and Recovery")
    assert "| Redis | RDB snapshots copied off the host | 1 h | yes |" in recovery
    strict = page(rpo_minutes=30)
    assert "D-rpo-below-mechanism-redis" in strict.section("Backup and Recovery")
    assert "D-rpo-below-mechanism-redis" in strict.decisions
    assert "**Redis**: rebuilt from its source" in page().section("Backup and Recovery")


def test_what_a_store_cannot_do_is_a_decision_about_that_store() -> None:
    found = render(
        {
            **GIVEN,
            "backends": ["PostgreSQL", "Amazon S3"],
            "store_objectives": {"Amazon S3": {"latency_p99_ms": 5}},
        }
    )
    assert "D-latency-floor-amazon-s3" in found.decisions
    assert "([D-latency-floor-amazon-s3](#decisions))" in found.line("N-store-amazon-s3")
    assert "within 5 ms" not in found.line("N-store-amazon-s3")
    assert "D-latency-floor" not in found.line("N-latency")


@pytest.mark.parametrize(("minutes", "link"), [(15, ""), (16, "([D-standard-rpo]")])
def test_the_standard_goes_before_a_longer_objective_of_one_store(
    tmp_path: Path, minutes: int, link: str
) -> None:
    standards = tmp_path / places.HOME / "storage-standards.md"
    standards.parent.mkdir()
    standards.write_text("# Standards\n\n## Backup\n\n- RPO: 15 minutes\n", encoding="utf-8")
    raw = {**GIVEN, "store_objectives": {"Redis": {"rpo_minutes": minutes}}}
    found = render({**raw, "project_context": read_context(tmp_path).to_data()})
    assert f"at most 15 min of writes {link}".rstrip() in found.line("N-store-redis")
    assert ("D-standard-rpo" in found.decisions) is (minutes > 15)
    assert "at most 5 min of writes" in found.line("N-rpo")
    assert "D-standard-rpo" not in found.line("N-rpo")


def test_all_stores_with_an_objective_leave_nothing_to_ask() -> None:
    own = {"rpo_minutes": 5, "rto_minutes": 60}
    for stores, asked in ((["PostgreSQL"], False), ([], True)):
        found = render(
            {
                **GIVEN,
                "rpo_minutes": None,
                "rto_minutes": None,
                "store_objectives": dict.fromkeys(stores, own),
            }
        )
        assert ("D-missing-recovery" in found.decisions) is asked


@pytest.mark.parametrize(
    ("value", "mistake"),
    [
        (["Redis"], "must map each store to its objectives"),
        ({"Redis": 5}, "must map rpo_minutes, rto_minutes"),
        ({"Redis": {"rpo": 5}}, "unknown word 'rpo'; the nearest is rpo_minutes"),
        ({"Redis": {"rpo_minutes": -1}}, "'Redis'.rpo_minutes: must not be negative"),
        ({"Redis": {"rpo_minutes": 1}, "redis": {"rpo_minutes": 1}}, "is there twice"),
    ],
)
def test_a_mistake_names_store_and_word(value: Any, mistake: str) -> None:
    with pytest.raises(ValueError, match=r"must|unknown|twice") as raised:
        store_objectives(value)
    assert mistake in str(raised.value)


def test_a_store_that_was_not_chosen_is_a_mistake() -> None:
    raw = {"title": "T", **GIVEN, "store_objectives": {"MongoDB": {"rpo_minutes": 5}}}
    with pytest.raises(ConductorError, match="is not among PostgreSQL, Redis"):
        answers.check(raw)
    named = {**raw, "backends": ["PostgreSQL", "Other"], "other_backend": "MongoDB Lite"}
    named["store_objectives"] = {"mongodb lite": {"rpo_minutes": 5}}
    assert answers.parse(named).own("other", "MongoDB Lite") == {"rpo_minutes": 5}


def test_what_one_store_may_lose_is_no_loss_of_the_others() -> None:
    """A restore of PostgreSQL could lack a day, as Redis with an RPO of its own may."""
    page = render(
        {
            "description": "Orders and the waiting room.",
            "storage_type": "hybrid",
            "backends": ["PostgreSQL", "Redis"],
            "hosting": "PostgreSQL: Amazon RDS, Redis: Amazon ElastiCache",
            "rpo_minutes": 1,
            "rto_minutes": 60,
            "store_objectives": {"Redis": {"rpo_minutes": 60, "rto_minutes": 5}},
        }
    )
    assert "lacks at most the last 5 min of writes" in page.line("A-restore")
    assert "lacks at most the last 1 d of writes" in page.line("A-restore-redis")
