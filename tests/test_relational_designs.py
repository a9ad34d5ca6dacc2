"""An expert's design of eight models is what comes out, and real engines keep what it promises."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from storage_conductor.component.component import Component
from storage_conductor.proof.prove import Wish, prove
from storage_conductor.proof.subject import Subject
from storage_conductor.schema.result import Design
from tests.spec_rendering import rendered, track_of

from . import schema_servers as servers
from .importing_support import ENGINES, Database, database

MODELS: dict[str, dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent / "fixtures" / "relational_models.yml").read_text(encoding="utf-8")
)
NAMES = {
    "postgresql": "PostgreSQL",
    "mariadb": "MariaDB",
    "mysql": "MySQL",
    "sqlite": "SQLite",
}


@functools.cache
def component(name: str, store: str) -> Component:
    answers = {"detail": "full", "backend": NAMES[store], **MODELS[name]}
    return track_of({"title": name, "description": name, **answers}).component


def designed(name: str, store: str = "postgresql") -> Design:
    found = component(name, store).design
    assert found is not None
    return found


def indexes(name: str, store: str = "postgresql") -> set[str]:
    """Keys and indexes as `table(a, b desc) where rule`, keys with a star."""
    return {
        f"{'*' if row.kind == 'key' else ''}{row.table}"
        f"({', '.join(c + (' desc' if way == 'desc' else '') for c, way in row.columns)})"
        f"{f' where {row.where}' if row.where else ''}"
        for row in designed(name, store).indexes
        if row.kind != "unique"
    }


EXPERT: dict[str, set[str]] = {
    # What sold is kept by product, as 5,400 lines of each are too many to add up; references that
    # nothing is found by keep their index for the day on which their target goes.
    "orders": {
        "*customer(id)", "*product(id)", "*order(id)", "*line(order_id, line)",
        "*line_by_product(product_id)",
        "order(customer_id, placed_at desc, id desc)",
        "order(placed_at, id) where state = 'open'",
        "line(product_id)",
    },
    # The key serves both charts; a day goes as a whole.
    "sensors": {"*sensor(id)", "*reading(sensor_id, taken_at)"},
    "ratings": {
        "*product(id)", "*rating(product_id, user_id)", "*rating_by_product(product_id)",
        "rating(product_id, rated_at desc, user_id desc)",
    },
    # Unread ones are few: an index of them alone; the key has the month that it goes with.
    "inbox": {
        "*mailbox(id)", "*message(id, sent_at)",
        "message(mailbox_id, sent_at desc, id desc)",
        "message(mailbox_id) where read_at is null",
    },
    "bookings": {
        "*room(id)", "*slot(room_id, starts_at)",
        "slot(room_id, starts_at) where state = 'free'",
        "slot(held_until) where state = 'held'",
    },
    "audit": {
        "*audit_event(id, at)",
        "audit_event(actor, at desc, id desc)",
        "audit_event(object_type, object_id, at desc, id desc)",
    },
    "documents": {
        "*tenant(id)", "*document(id)", "*tag(id)", "*document_tag(document_id, tag_id)",
        "*document_by_tenant(tenant_id)",
        "document(tenant_id, changed_at desc, id desc) where deleted_at is null",
        "document(tenant_id)",
        "document_tag(tag_id, document_id)",
    },
    "jobs": {
        "*job(id, created_at)",
        "job(queue, run_at, id) where state = 'ready'",
        "job(created_at desc, id desc) where state = 'failed'",
    },
}  # fmt: skip
SPANS = {
    "sensors": {"Reading": ("taken_at", "day", 92)},
    "inbox": {"Message": ("sent_at", "month", 14)},
    "audit": {"AuditEvent": ("at", "month", 86)},
    "jobs": {"Job": ("created_at", "day", 16)},
}


@pytest.mark.parametrize("name", MODELS)
def test_the_design_is_the_expert_s(name: str) -> None:
    assert indexes(name) == EXPERT[name]
    model = component(name, "postgresql").model
    assert model is not None
    spans = {
        entity.name: (entity.partition.column, entity.partition.unit, entity.partition.count)
        for entity in model.entities
        if entity.partition
    }
    assert spans == SPANS.get(name, {})


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Iterator[Database]:
    with database(request.param) as found:
        yield found


@pytest.mark.parametrize("name", MODELS)
def test_engines_keep_what_is_promised(engine: Database, name: str) -> None:
    found = component(name, engine.store)
    assert found.model is not None
    subject = Subject(name, engine.backend, found.model, found.sizes, designed(name, engine.store))
    wish = Wish("" if engine.store == "sqlite" else engine.url, 2000, 1)
    outcome = prove(subject, wish, lambda *_: None)
    assert [f"{s.kind} {s.name}: {s.says}" for s in outcome.steps if s.passed is False] == []
    says = {step.name: step.says for step in outcome.steps if step.kind == "pattern"}
    for row in designed(name, engine.store).patterns:
        if row.cost in ("point", "page") and row.served_by:
            assert "sorted" not in says[row.name], row.name


@pytest.fixture(scope="module", params=["postgresql", *servers.INNODB_HERE])
def newest(request: pytest.FixtureRequest) -> Iterator[tuple[str, Any]]:
    """A cursor of the newest server, where the draft for sensors is loaded."""
    if request.param == "postgresql":
        opened = servers.postgresql(servers.POSTGRESQL[1])
    else:
        opened = servers.innodb(request.param, "d")
    with opened as connection:
        cursor = connection.cursor()
        for statement in designed("sensors", request.param).artifacts[0].text.split(";\n"):
            if statement.strip():
                cursor.execute(statement)
        cursor.execute("INSERT INTO sensor (id, site, kind) VALUES (1, 'a', 'power')")
        yield request.param, cursor


def of_day(statement: str, day: datetime.date) -> str:
    """A statement of the draft for one day."""
    for prefix in ("reading_", "p_"):
        statement = statement.replace(f"{prefix}<day>", f"{prefix}{day:%Y%m%d}")
    following = day + datetime.timedelta(days=1)
    return statement.replace("<day>", str(day)).replace("<next>", str(following))


def test_days_come_and_go_with_their_rows(newest: tuple[str, Any]) -> None:
    """The statements of the draft: rows go with their day, others stay."""
    store, cursor = newest
    (text,) = [a.text for a in designed("sensors", store).artifacts if a.kind == "upkeep"]
    create, *remove = [line for line in text.splitlines() if not line.startswith("--")]
    days = [datetime.date(2026, 11, day) for day in (1, 2, 3)]
    zone = "+00" if store == "postgresql" else ""
    for day in days:
        cursor.execute(of_day(create, day))
        for time in ("00:00:00", "23:59:59.999999"):
            cursor.execute("INSERT INTO reading VALUES (1, %s, 1)", [f"{day} {time}{zone}"])
    for statement in remove:
        cursor.execute(of_day(statement, days[0]))
    cursor.execute("SELECT min(taken_at), count(*) FROM reading")
    first, count = cursor.fetchone()
    assert (first.date(), count) == (days[1], 4)
    if store == "postgresql":
        with pytest.raises(Exception, match="no partition of relation"):
            cursor.execute("INSERT INTO reading VALUES (1, '2026-11-04 00:00+00', 1)")


def test_a_key_that_got_the_time_still_tells_rows_apart_by_its_own() -> None:
    found = component("jobs", "postgresql")
    assert not [f for f, _ in found.findings if f.rule == "time-in-key"]
    assert found.model is not None
    job = found.model.entity("Job")
    assert (job.key, job.identity, job.generated_key) == (("id", "created_at"), ("id",), True)
    text = designed("jobs").artifacts[0].text
    assert "id BIGINT GENERATED BY DEFAULT AS IDENTITY" in text
    assert {row.name: row.cost for row in designed("jobs").patterns}["finish"] == "point"


@pytest.mark.parametrize(
    ("lifetime", "growth", "expected"),
    [
        ("90 days", "1,000,000 a day", "deleted in batches"),
        ("90 days", "1,000,001 a day", "partitions"),
        ("20 years", "900,000 a day", "partitions"),  # 6.6 billion rows of more than 100 GB
    ],
)
def test_partitions_are_for_many_rows_or_a_large_table(
    lifetime: str, growth: str, expected: str
) -> None:
    reading = MODELS["sensors"]["entities"]["Reading"] | {"_lifetime": lifetime, "_growth": growth}
    answers = MODELS["sensors"] | {
        "entities": MODELS["sensors"]["entities"] | {"Reading": reading},
        "backend": "PostgreSQL",
    }
    found = track_of(answers).component.design
    assert found is not None
    (choice,) = found.expiries
    assert choice.ways[0].word == expected
    assert any(row.columns == (("taken_at", "asc"),) for row in found.indexes) is (
        expected != "partitions"
    )


@pytest.mark.parametrize("rate", [4.0, 4.4, 4.6, 4.8, 5.0, 5.2, 5.4, 5.6, 6.0, 7.0, 8.0])
def test_the_draft_follows_the_comparison_near_the_size_that_is_advised(rate: float) -> None:
    ride = {
        "id": "uuid pk",
        "bike": "int not null indexed",
        "rider": "uuid not null",
        "started_at": "timestamptz not null",
        "ended_at": "timestamptz null",
        "_lifetime": "3 years",
    }
    listed = {"name": "rides of a rider", "entity": "Ride", "filter": ["rider"]}
    start = {"name": "start", "entity": "Ride", "kind": "write", "per_second": rate}
    patterns = [{**listed, "sort": ["started_at desc"], "page_size": 30}, start]
    found = track_of(
        {"backend": "PostgreSQL", "entities": {"Ride": ride}, "access_patterns": patterns}
    ).component.design
    assert found is not None
    (choice,) = found.expiries
    partitioned = "PARTITION BY RANGE" in found.artifacts[0].text
    assert (choice.ways[0].word == "partitions") is partitioned


def test_partitions_that_would_lose_a_rule_are_for_a_person_to_choose() -> None:
    def choice(**more: str) -> Any:
        reading = {"id": "bigint pk", "code": "varchar(9) not null unique", **more}
        entities = MODELS["sensors"]["entities"]
        reading = {
            **entities["Reading"],
            "sensor": "ref Sensor",
            "taken_at": "timestamptz not null",
        } | reading
        note = {"id": "int pk", "reading": "ref Reading on delete cascade"}
        answers = {
            "entities": {**entities, "Reading": reading, "Note": note},
            "backend": "PostgreSQL",
        }
        found = track_of(answers).component.design
        assert found is not None
        return found

    found = choice()
    (compared,) = found.expiries
    assert [way.verdict for way in compared.ways] == ["chosen", "loses"]
    assert compared.ways[1].lost == ("unique code", "reference Note.reading")
    (purge,) = [f for f in found.findings if f.key == "purge-job"]
    assert dict(purge.numbers) | {"by": ""} == {
        "after": "90 days", "daily": 172_800_000, "batches": 172_800, "by": "",
    }  # fmt: skip
    said = choice(_layout="partitions")
    assert said.expiries[0].ways[0].verdict == "said"
    kept = {row.field: row.enforced_by for row in said.relationships}
    assert kept == {"sensor": "store", "reading": "application"}


@pytest.mark.parametrize(
    ("sensors", "page", "wasted"),
    [
        (20_000, 50, 0),  # 777,600 rows of each: the newest partition fills a page
        (2_000_000_000, 50, 4 * 91),  # 8 rows of each: no page is ever full
        (100_000_000, 50, 4 * 29),  # 156 rows of each in 92 days: a page in 50 ÷ 156 × 92 = 30
        (None, 50, None),
    ],
)
def test_a_page_of_a_small_group_is_looked_for_in_every_partition(
    sensors: int | None, page: int, wasted: float | None
) -> None:
    entities = {
        "Sensor": {"id": "bigint pk", **({"_count": sensors} if sensors else {})},
        "Reading": {
            "id": "uuid pk",
            "sensor": "ref Sensor not null",
            "taken_at": "timestamptz not null",
            "_growth": "2,000 a second",
            "_lifetime": "90 days",
        },
    }
    newest = {
        "name": "newest of a sensor",
        "entity": "Reading",
        "filter": ["sensor"],
        "sort": ["taken_at desc"],
        "per_second": 4,
        "page_size": page,
    }
    track = track_of({"backend": "PostgreSQL", "entities": entities, "access_patterns": [newest]})
    assert track.component.design is not None
    (choice,) = track.component.design.expiries
    partitions = next(way for way in choice.ways if way.word == "partitions")
    assert choice.partition.count == 92
    assert partitions.looked == wasted


EVENT = {
    "_growth": "2,000 a second",
    "id": "bigint pk",
    "kind": "varchar(20) not null",
    "at": "timestamptz not null default now()",
}


@pytest.mark.parametrize(
    ("changed", "retention", "word"),
    [
        ({}, "90 days", "partitions"),
        ({}, "", ""),
        ({"_growth": "10 a day"}, "90 days", ""),  # few rows: the store ends nothing by itself
        ({"_layout": "deleted in batches"}, "90 days", "deleted in batches"),
        ({"kind": "varchar(20) not null unique"}, "90 days", ""),  # a rule would be lost
        ({"_keep": "10 years by tax law"}, "90 days", ""),  # more is said of it
    ],
)
def test_the_retention_of_a_component_makes_partitions_too(
    changed: dict[str, str], retention: str, word: str
) -> None:
    answers = {"backend": "PostgreSQL", "entities": {"Event": EVENT | changed}}
    found = track_of({**answers, "retention": retention}).component
    assert found.design is not None
    assert [choice.ways[0].word for choice in found.design.expiries] == ([word] if word else [])
    decided = "D-expiry-choice" in {f"D-{item.key}" for item in found.design.findings}
    assert decided is (word == "partitions")


def test_nothing_is_removed_in_batches_where_all_goes_with_a_partition() -> None:
    answers = {"backend": "PostgreSQL", "retention": "90 days", "detail": "full"}

    def plan(**entities: dict[str, str]) -> str:
        return rendered(track_of({**answers, "entities": entities}), "plan.md")

    assert "Remove entries whose retention is over" not in plan(Event=EVENT)
    assert "Remove entries whose retention is over" in plan(Event=EVENT, Other={"id": "int pk"})
