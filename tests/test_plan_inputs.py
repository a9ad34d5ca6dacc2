"""Flags and values: what the catalog asks for can be there, and what is there is asked for."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

from jinja2 import meta
from jinja2.sandbox import SandboxedEnvironment

from storage_conductor import wording
from storage_conductor.catalog import loading, rulebook
from storage_conductor.catalog.backend import Backend, Family, Hosting
from storage_conductor.catalog.tasks import CatalogTask
from storage_conductor.component import track as track_module
from storage_conductor.component.plan import applies
from storage_conductor.component.track import Track
from storage_conductor.context import read_context
from storage_conductor.importing import answers as imported
from storage_conductor.importing import dynamodb
from storage_conductor.importing.sources import SourceOptions, read
from storage_conductor.questions.rules import OTHER, STORAGE_TYPES

from .conftest import REQUIRED, ROOT
from .test_existing_keyed import TABLE

DOCUMENTS = read_context(ROOT / "examples" / "project").to_data()
TYPES = {name: loading.load_type(name) for name in STORAGE_TYPES}
MODEL: dict[str, Any] = {
    "entities": {"Thing": {"id": "uuid pk", "name": "varchar(80) unique not null", "at": "date"}},
    "access_patterns": [
        {"name": "things by day", "entity": "Thing", "filter": ["at"], "per_second": 3},
        {"name": "record a thing", "entity": "Thing", "kind": "write", "per_second": 2},
    ],
}
KEPT = {
    "entities": {
        "Thing": {**MODEL["entities"]["Thing"], "_lifetime": "30 days idle", "_count": "9 k"},
        "Part": {"id": "uuid pk", "thing": "ref Thing not null", "_lifetime": "until taken down"},
        "Hit": {"at": "timestamptz pk", "_lifetime": "30 days", "_growth": "90 a second"},
    },
    "access_patterns": [
        *MODEL["access_patterns"],
        {
            "name": "add a part", "entity": "Part", "kind": "write", "peak": 40, "per_second": 2,
            "p99_ms": 300, "atomic": ["Thing"],
            "invariant": "never more than nine parts of a thing",
        },
        {
            "name": "take a part", "entity": "Part", "kind": "delete", "filter": ["id"],
            "races": True,
        },
        {
            "name": "count parts", "entity": "Part", "filter": ["thing"], "aggregate": ["count"],
            "per_second": 90,
        },
        {"name": "sweep", "entity": "Part", "kind": "job", "every": "day at 02:00", "items": 900},
    ],
}  # fmt: skip
VECTORS = {
    "entities": {"Thing": {"id": "uuid pk", "meaning": "vector(8) not null"}},
    "access_patterns": [
        {"name": "like things", "entity": "Thing", "kind": "nearest", "page_size": 9}
    ],
}
PLACES = {
    "entities": {"Thing": {"id": "uuid pk", "location": "point not null"}},
    "access_patterns": [
        {"name": "things near me", "entity": "Thing", "filter": ["location near 500 m"]}
    ],
}
# What a person may say beside the backend: nothing, or all of it in one way or another.
SAYINGS: tuple[dict[str, Any], ...] = (
    {},
    {
        "reads_per_second": 40, "writes_per_second": 20, "peak_factor": 3, "latency_p99_ms": 50,
        "average_item_bytes": 900, "largest_item_bytes": 9000, "initial_data_gb": 20,
        "growth_gb_per_month": 2, "availability_percent": 99.9, "rpo_minutes": 15,
        "rto_minutes": 60, "consistency": "strong", "retention": "7 years",
        "sensitive_data": "pii", "schema_first": "false", "language": "Python",
        "migration_tool": "Flyway", "test_driven": "true", "use_cases": ["find a thing"], **MODEL,
        "throughput_mb_per_second": 80, "metadata_operations_per_second": 9, "client_count": 7,
        "regions": "a: writes, b: reads", "topology": "a cluster of two nodes", "platform": "Nomad",
        "infrastructure_code": "Pulumi", "client_library": "a driver",
    },
    {"sensitive_data": "pci", "latency_p99_ms": 900, "retention": "2 weeks", **KEPT},
    {"sensitive_data": "pii", "rpo_minutes": 0, "test_driven": "false"},
    {
        "title": "Login sessions", "description": "Who is signed in.",
        "use_cases": ["revoke a session"],
    },
    {"title": "Login sessions", "description": "Who is signed in."},
    {"retention": "a year under object lock"},
)  # fmt: skip
MIXED = [["PostgreSQL", "Redis"], ["DynamoDB", "Amazon S3", "Amazon EFS"], ["MongoDB", OTHER]]


def _track(documents: dict[str, Any], **answers: Any) -> Track:
    raw = {**REQUIRED, "storage_id": "storage-001", "created_at": "2026-01-01T00:00:00+00:00"}
    return track_module.build({**raw, "project_context": documents, **answers})


@functools.cache
def drawn() -> list[Track]:
    """Return tracks of every backend at every hosting, with and without documents and answers."""
    stores: list[dict[str, Any]] = [
        {"storage_type": kind, "backend": OTHER, "other_backend": "Acme", "backends": names}
        for kind in STORAGE_TYPES
        for names in (MIXED if kind == "hybrid" else [[]])
    ]
    for heading in loading.headings():
        named = {"backend": heading.name, "storage_type": heading.storage_type}
        stores += [
            {**named, "hosting": variant.name} for variant in loading.load(heading.key).hosting
        ]
        stores += [named, {**named, "retention": "for ever"}]
    postgresql = loading.load("postgresql")
    stores += [
        {"backend": postgresql.name, "storage_type": "database", "hosting": variant.name, **model}
        for variant in postgresql.hosting
        for model in (VECTORS, PLACES)
    ]
    there = read(str(ROOT / "tests/fixtures/existing/sqlite.sql"), SourceOptions("sqlite"))
    stores.append({"access_patterns": [], **imported.answers(there).values})
    stores.append(imported.answers(dynamodb.read([TABLE])).values)
    recorded: list[dict[str, Any]] = [{"assumed": ["backend"]}, DOCUMENTS]
    return [
        _track(documents, **(said | answers))
        for answers, said, documents in itertools.product(stores, SAYINGS, recorded)
    ]


def catalog_tasks() -> dict[tuple[str, str], CatalogTask]:
    """Return every task of the catalog by its backend or storage type, and by its key."""
    found = {(kind, task.key): task for kind, work in TYPES.items() for task in work.tasks}
    found |= {("stated", task.key): task for task in rulebook.stated_work()}
    found |= {("proofs", task.key): task for task in rulebook.proofs().tasks}
    for heading in loading.headings():
        backend = loading.load(heading.key)
        held: tuple[Backend | Hosting, ...] = (backend, *backend.hosting)
        found |= {(backend.key, task.key): task for owner in held for task in owner.tasks}
    return found


def planned(track: Track) -> Iterator[tuple[str, str]]:
    """Yield the tasks of the catalog that stand in the plan of a track, named as in it."""
    stores = track.component.stores
    kinds = {item.name: (item.backend.storage_type, item.backend.key) for item in stores}
    shared = dict.fromkeys(rulebook.stated_work(), ("stated",))
    shared |= dict.fromkeys(rulebook.proofs().tasks, ("proofs",))
    for part in track.plan_inputs.parts(()):
        for task in part.tasks:
            occurs = task.each is None or part.repeats.get(task.each)
            if occurs and applies(task.when, part.flags):
                owners = shared.get(task, kinds.get(part.name, ("hybrid",)))
                yield from ((kind, task.key) for kind in owners)


def test_every_task_of_the_catalog_stands_in_some_plan() -> None:
    seen = {name for track in drawn() for name in planned(track)}
    assert set(catalog_tasks()) - seen == set()


def test_no_phase_of_a_plan_is_without_a_task() -> None:
    empty = [
        (track.component.backend_text, track.component.answers.title, phase.name)
        for track in drawn()
        for phase in track.phases
        if not phase.tasks
    ]
    assert empty == []


def test_every_assumption_is_made_in_some_track() -> None:
    seen = {decision.key for track in drawn() for decision in track.decisions}
    assert {f"D-{item.key}" for item in rulebook.assumptions()} - seen == set()


def test_every_flag_is_named_in_the_catalog() -> None:
    named = {flag for task in catalog_tasks().values() for flag in task.when}
    named |= {flag for item in rulebook.assumptions() for flag in item.when}
    named |= {flag for entry in rulebook.proofs().proves for flag in entry.when}
    given: set[str] = set()
    for track in drawn():
        given |= track.plan_inputs.assumption_flags
        given = given.union(*(part.flags for part in track.plan_inputs.parts(())))
    # One flag of each of these kinds holds in any case, whether or not a task asks for it.
    kinds = {*STORAGE_TYPES, *get_args(Family)}
    free = {flag for flag in given if flag.startswith(("hosting:", "finding:"))} | kinds
    assert given - free - {flag.removeprefix("!") for flag in named} == set()


def texts() -> Iterator[str]:
    """Yield every text that is filled with the values of a track."""
    for task in catalog_tasks().values():
        yield from (task.text, task.test, *task.steps)
    for work in TYPES.values():
        yield from work.gates.values()
    for item in rulebook.assumptions():
        yield from (item.what, item.default)


def test_values_are_those_that_the_texts_read() -> None:
    environment = SandboxedEnvironment()
    environment.filters.update(wording.FILTERS)
    read = {
        name for text in texts() for name in meta.find_undeclared_variables(environment.parse(text))
    }
    given: set[str] = set()
    for track in drawn():
        given = given.union(*(part.values for part in track.plan_inputs.parts(())))
    assert read - set(wording.FILTERS) - {"it"} == given | {"its"}


def test_a_cache_beside_a_database_hides_no_assumption_about_the_database(
    start: Callable[..., Path],
) -> None:
    def assumed(**answers: Any) -> set[str]:
        spec = (start(**answers) / "spec.md").read_text(encoding="utf-8")
        return {key for key in ("D-backup-retention", "D-slow-threshold") if f"| {key} |" in spec}

    both = {"D-backup-retention", "D-slow-threshold"}
    assert assumed(backend="PostgreSQL") == both
    assert assumed(storage_type="hybrid", backends=["PostgreSQL", "Redis"]) == both
    assert assumed(storage_type="cache", backend="Redis") == set()
    assert assumed(storage_type="file_system", backend="NFS") == {"D-backup-retention"}
