"""The catalog: every file loads, every statement has its source, and one file adds a backend."""

from __future__ import annotations

import datetime as dt
import functools
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import copier
import pytest
import yaml
from jinja2 import Environment
from markdown_it import MarkdownIt

from storage_conductor.catalog import loading, report
from storage_conductor.catalog.backend import Backend
from storage_conductor.catalog.entry import CatalogEntry
from storage_conductor.catalog.loading import BackendHeading
from storage_conductor.catalog.reading import CATALOG
from storage_conductor.catalog.statements import Fact, Sourced
from storage_conductor.catalog.tasks import TypeWork
from storage_conductor.errors import ConductorError

from .conftest import REQUIRED, ROOT, commit, tracks, working_tree

BACKENDS = sorted(path.stem for path in (CATALOG / "backends").glob("*.yml"))
SHARED = sorted(path.stem for path in (CATALOG / "shared").glob("*.yml"))
TYPES = sorted(path.stem for path in (CATALOG / "types").glob("*.yml"))
GUIDE = ROOT / "docs" / "adding-a-backend.md"
OFFERED = {
    "database": {
        "PostgreSQL", "MySQL", "MariaDB", "SQLite", "SQL Server",
        "MongoDB", "DynamoDB", "Cassandra",
    },
    "object_storage": {
        "Amazon S3", "Google Cloud Storage", "Azure Blob Storage", "S3-compatible",
    },
    "cache": {"Redis", "Valkey", "Memcached"},
    "file_system": {"Local POSIX", "NFS", "Amazon EFS"},
}  # fmt: skip

SMALL: dict[str, Any] = {
    "name": "Small Store",
    "storage_type": "database",
    "family": "key_value",
    "summary": "A store for tests.",
    "sources": {
        "manual": {
            "title": "Manual",
            "url": "https://example.org/manual",
            "dated": "2026-01",
            "checked": dt.date(2026, 1, 31),
        }
    },
    "hosting": [{"key": "self-managed", "name": "self-managed"}],
}


def fact(key: str = "item_bytes_max", **changes: Any) -> dict[str, Any]:
    """Return a fact as it stands in a file."""
    return {
        "key": key,
        "label": "Largest item",
        "value": 1024,
        "unit": "bytes",
        "kind": "default",
        "applies_to": "all releases",
        "source": "manual",
        "confidence": "high",
        **changes,
    }


def without(entry: dict[str, Any], name: str) -> dict[str, Any]:
    """Return an entry with one field left out."""
    return {key: value for key, value in entry.items() if key != name}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return an empty catalog."""
    for name in ("backends", "shared"):
        (tmp_path / name).mkdir()
    return tmp_path


def put(folder: Path, name: str, data: dict[str, Any]) -> Path:
    """Write a file of a catalog, its heading apart from the rest."""
    head = {key: data[key] for key in ("name", "storage_type", "order") if key in data}
    rest = {key: value for key, value in data.items() if key not in head}
    parts = [yaml.safe_dump(part, sort_keys=False) for part in (head, rest) if part]
    path = folder / f"{name}.yml"
    path.write_text("\n".join(parts), encoding="utf-8")
    return path


def loaded(folder: Path, **changes: Any) -> Backend:
    """Load the small store from a catalog of its own."""
    put(folder, "backends/small", {**SMALL, **changes})
    return loading.load("small", folder)


def models(item: CatalogEntry) -> Iterator[CatalogEntry]:
    """Yield an entry and all entries in it."""
    yield item
    for name in item.names():
        value = getattr(item, name)
        values = value.values() if isinstance(value, dict) else value
        for inner in values if isinstance(values, tuple) or values is not value else ():
            if isinstance(inner, CatalogEntry):
                yield from models(inner)


def texts(data: Any, leave_out: tuple[str, ...] = ("sources",)) -> Iterator[str]:
    """Yield every text of a file except of some sections."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, list):
        for item in data:
            yield from texts(item, leave_out)
    elif isinstance(data, dict):
        for name, value in data.items():
            if name not in leave_out:
                yield from texts(value, leave_out)


@functools.cache
def raw(kind: str, key: str) -> dict[str, Any]:
    """Return a file of the catalog as it stands, before anything is merged into it."""
    text = (CATALOG / kind / f"{key}.yml").read_text(encoding="utf-8")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return dict(yaml.load(text, Loader=loader))  # noqa: S506  one of the two safe ones


def bases(data: dict[str, Any]) -> set[str]:
    """Return the shared files that a file builds on, directly or through another."""
    named = data.get("extends", [])
    direct = {named} if isinstance(named, str) else set(named)
    return direct.union(*(bases(raw("shared", name)) for name in direct))


# What stands in the catalog


@pytest.mark.parametrize("key", BACKENDS)
def test_every_backend_loads_as_its_heading_says(key: str) -> None:
    backend = loading.load(key)
    heading = next(item for item in loading.headings() if item.key == key)
    order = raw("backends", key).get("order", 100)
    assert heading == BackendHeading(
        key=backend.key, name=backend.name, storage_type=backend.storage_type, order=order
    )
    assert backend.facts
    assert backend.hosting


def test_every_backend_of_the_questionnaire_is_there() -> None:
    found: dict[str, set[str]] = {kind: set() for kind in OFFERED}
    for heading in loading.headings():
        found[heading.storage_type].add(heading.name)
    for kind, names in OFFERED.items():
        assert names <= found[kind]


def test_every_shared_file_is_used() -> None:
    used = set().union(*(bases(raw("backends", key)) for key in BACKENDS))
    assert used == set(SHARED)


@pytest.mark.parametrize("key", BACKENDS)
def test_sources_are_well_formed(key: str) -> None:
    for name, source in loading.load(key).sources.items():
        address = urlsplit(source.url)
        assert address.scheme == "https", name
        assert re.fullmatch(r"([a-z0-9-]+\.)+[a-z]{2,}", address.netloc), name
        assert not re.search(r"[\s<>{}\\]", source.url), name
        assert source.dated <= source.checked.isoformat(), f"{name} is dated after it was checked"


def cited(key: str) -> set[str]:
    """Return the sources that the statements of a backend name."""
    entries = models(loading.load(key))
    return {item.source for item in entries if isinstance(item, Sourced)}


@pytest.mark.parametrize("key", BACKENDS)
def test_every_source_of_a_backend_is_cited(key: str) -> None:
    assert set(raw("backends", key).get("sources", {})) <= cited(key)


def test_every_source_of_a_shared_file_is_cited_somewhere() -> None:
    everywhere = set().union(*(cited(key) for key in BACKENDS))
    for name in SHARED:
        assert set(raw("shared", name).get("sources", {})) <= everywhere, name


@pytest.mark.parametrize("key", BACKENDS)
def test_hard_limits_are_numbers_of_known_confidence(key: str) -> None:
    for item in models(loading.load(key)):
        if isinstance(item, Fact) and item.kind == "hard":
            assert item.confidence in ("high", "medium"), item.key


@pytest.mark.parametrize("key", BACKENDS)
def test_commands_are_plain(key: str) -> None:
    backend = loading.load(key)
    commands = [command for item in backend.backup for command in (item.backup, item.restore)]
    commands += [text for tool in backend.migration_tools for text in (tool.apply, tool.revert)]
    commands += [item.command for item in backend.load_tests]
    assert not [command for command in commands if "`" in command or "\n" in command]


@pytest.mark.parametrize("key", BACKENDS)
def test_only_tasks_are_templates_and_they_parse(key: str) -> None:
    environment = Environment(autoescape=False)  # noqa: S701  Markdown, not HTML
    backend = loading.load(key)
    tasks = [*backend.tasks, *(task for item in backend.hosting for task in item.tasks)]
    for task in tasks:
        for text in (task.text, task.test, *task.steps):
            environment.parse(text)
    for data in [raw("backends", key), *(raw("shared", name) for name in SHARED)]:
        found = texts(data, leave_out=("sources", "tasks"))
        assert not [text for text in found if re.search(r"\{[{%#]", text)]


@pytest.mark.parametrize("key", BACKENDS)
def test_task_keys_are_unique_in_a_plan(key: str) -> None:
    backend = loading.load(key)
    work = {task.key for task in loading.load_type(backend.storage_type).tasks}
    for variant in backend.hosting:
        keys = [task.key for task in backend.at(variant.key).tasks]
        assert len(keys) == len(set(keys))
        assert not work & set(keys)


def test_no_two_backends_share_a_paragraph_of_their_own() -> None:
    own = {
        key: {" ".join(text.split()) for text in texts(raw("backends", key)) if len(text) > 60}
        for key in BACKENDS
    }
    assert sum(map(len, own.values())) > 500
    for one, other in combinations(BACKENDS, 2):
        assert not own[one] & own[other], f"{one} and {other}: put it into catalog/shared/"


def test_a_tool_is_offered_where_it_speaks_with_the_database() -> None:
    with_rust = {
        key
        for key in BACKENDS
        if any("rust" in tool.languages for tool in loading.load(key).migration_tools)
    }
    assert {"postgresql", "mysql", "mariadb", "sqlite"} <= with_rust
    assert "sql-server" not in with_rust, "SQLx does not speak with it"


def hostings(data: dict[str, Any]) -> dict[tuple[str, str], set[str]]:
    """Return the hostings of each statement of a file that lists them."""
    return {
        (name, str(item.get("key", item.get("name", item.get("tool"))))): set(item["hosting"])
        for name, items in data.items()
        if isinstance(items, list)
        for item in items
        if isinstance(item, dict) and item.get("hosting")
    }


@pytest.mark.parametrize("key", BACKENDS)
def test_a_backend_takes_no_hosting_from_a_shared_statement(key: str) -> None:
    own = hostings(raw("backends", key))
    for name in bases(raw("backends", key)):
        for place, shared in hostings(raw("shared", name)).items():
            assert shared <= own.get(place, shared), f"{place}: the list is replaced, not added to"


@pytest.mark.parametrize("kind", TYPES)
def test_the_work_of_every_type_loads(kind: str) -> None:
    assert isinstance(loading.load_type(kind), TypeWork)


# What does not load


def test_a_fact_without_a_source_does_not_load(folder: Path) -> None:
    with pytest.raises(ConductorError, match=r"small\.yml: facts\.0\.source: Field required"):
        loaded(folder, facts=[without(fact(), "source")])


def test_a_fact_with_an_unknown_source_does_not_load(folder: Path) -> None:
    with pytest.raises(ConductorError, match=r"facts item_bytes_max: source 'hearsay' is not"):
        loaded(folder, facts=[fact(source="hearsay")])


POINT = {"key": "a", "title": "A", "text": "Do it."}
STATEMENTS: dict[str, dict[str, Any]] = {
    "capabilities": {"key": "a", "value": "yes", "note": "Always."},
    **dict.fromkeys(("latency", "durability", "consistency", "indexes", "security"), POINT),
    "online_changes": {"key": "a", "change": "A", "hazard": "B", "safe_way": "C"},
    "migration_tools": {"name": "a", "apply": "a"},
    "backup": {
        "key": "a", "name": "A", "protects": ["item"], "rpo_note": "B.",
        "backup": "a", "restore": "b",
    },
    "load_tests": {"tool": "a", "command": "a"},
    "signals": {"key": "a", "name": "A", "read": "a", "threshold": "b", "why": "c"},
}  # fmt: skip


@pytest.mark.parametrize("place", STATEMENTS)
def test_no_statement_loads_without_a_known_source(folder: Path, place: str) -> None:
    entry = STATEMENTS[place]
    with pytest.raises(ConductorError, match=rf"{place}\.0\.source: Field required"):
        loaded(folder, **{place: [entry]})
    with pytest.raises(ConductorError, match=rf"{place}.*: source 'hearsay' is not listed"):
        loaded(folder, **{place: [{**entry, "source": "hearsay"}]})
    assert getattr(loaded(folder, **{place: [{**entry, "source": "manual"}]}), place)


def test_the_statements_of_a_hosting_variant_need_known_sources_too(folder: Path) -> None:
    hosting = [{"key": "cloud", "name": "Cloud", "facts": [fact(source="hearsay")]}]
    with pytest.raises(ConductorError, match=r"hosting cloud facts item_bytes_max: source"):
        loaded(folder, hosting=hosting)


def test_a_hard_limit_of_low_confidence_does_not_load(folder: Path) -> None:
    with pytest.raises(ConductorError, match=r"facts\.0.*needs medium or high confidence"):
        loaded(folder, facts=[fact(kind="hard", confidence="low")])
    assert loaded(folder, facts=[fact(kind="hard", confidence="medium")]).facts


STEPS = [
    {"from_gib": 400, "value": 12_000, "applies_to": "400 GiB or more"},
    {"from_gib": 1000, "value": 20_000, "applies_to": "1,000 GiB or more"},
]


@pytest.mark.parametrize(
    ("gib", "value"), [(1, 1024), (399.9, 1024), (400, 12_000), (999.9, 12_000), (1000, 20_000)]
)
def test_a_fact_steps_up_with_the_size_of_the_storage(folder: Path, gib: float, value: int) -> None:
    backend = loaded(folder, facts=[fact("iops_default", steps=STEPS), fact("other")])
    assert backend.number("iops_default") == 1024
    sized = backend.stepped("from_gib", gib)
    assert sized.number("iops_default") == value
    assert sized.number("other") == 1024
    said = {1024: "all releases"} | {step["value"]: step["applies_to"] for step in STEPS}
    stepped = sized.fact("iops_default")
    assert stepped is not None
    assert stepped.applies_to == said[value]


@pytest.mark.parametrize(("rate", "value"), [(0.3, 1024), (1, 300), (199.9, 300), (200, 60)])
def test_a_fact_steps_with_the_rate_of_writes(folder: Path, rate: float, value: int) -> None:
    steps = [
        {"from_writes_per_second": 1, "value": 300, "applies_to": "1 a second or more"},
        {"from_writes_per_second": 200, "value": 60, "applies_to": "200 a second or more"},
    ]
    backend = loaded(folder, facts=[fact("loss", steps=steps)])
    assert backend.stepped("from_writes_per_second", rate).number("loss") == value
    assert backend.stepped("from_gib", rate).number("loss") == 1024


@pytest.mark.parametrize(
    "steps",
    [
        STEPS[::-1],
        [STEPS[0], STEPS[0]],
        [{**STEPS[0], "from_gib": 0}],
        [{**STEPS[0], "from_writes_per_second": 1}],
        [without(STEPS[0], "from_gib")],
        [STEPS[0], {**without(STEPS[1], "from_gib"), "from_writes_per_second": 1000}],
    ],
)
def test_steps_out_of_order_do_not_load(folder: Path, steps: list[dict[str, Any]]) -> None:
    with pytest.raises(ConductorError, match=r"facts\.0.*(ascend|greater than 0|only one)"):
        loaded(folder, facts=[fact("iops_default", steps=steps)])


def test_an_unknown_field_is_named_with_file_and_place(folder: Path) -> None:
    with pytest.raises(ConductorError) as caught:
        loaded(folder, facts=[fact(vlaue=3)])
    message = str(caught.value)
    assert (folder / "backends" / "small.yml").as_posix() in message
    assert "facts.0.vlaue" in message
    assert "docs/adding-a-backend.md" in message


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("url", "http://example.org"),
        ("dated", "January 2026"),
        ("dated", 2026),
        ("checked", "soon"),
    ],
)
def test_a_source_of_bad_form_does_not_load(folder: Path, field: str, value: object) -> None:
    source = {**SMALL["sources"]["manual"], field: value}
    with pytest.raises(ConductorError, match=rf"sources\.manual\.{field}"):
        loaded(folder, sources={"manual": source})


@pytest.mark.parametrize("place", ["facts", "hosting"])
def test_a_key_that_stands_twice_does_not_load(folder: Path, place: str) -> None:
    twice = {"facts": [fact(), fact(value=2)], "hosting": SMALL["hosting"] * 2}
    with pytest.raises(ConductorError, match="stands twice"):
        loaded(folder, **{place: twice[place]})


def test_broken_yaml_is_named_with_its_line(folder: Path) -> None:
    path = put(folder, "backends/small", SMALL)
    path.write_text(path.read_text(encoding="utf-8") + "facts: [\n  - ]: {\n", encoding="utf-8")
    with pytest.raises(ConductorError, match=r"small\.yml:\d+: is not valid YAML"):
        loading.load("small", folder)


def test_a_missing_shared_file_is_named(folder: Path) -> None:
    with pytest.raises(ConductorError, match=r"shared/nowhere\.yml: is not in the catalog"):
        loaded(folder, extends="nowhere")


# Hosting variants and shared files


def test_a_hosting_variant_replaces_and_adds(folder: Path) -> None:
    capability = {"key": "pitr", "value": "no", "note": "None.", "source": "manual"}
    mechanism = {
        "key": "dump", "name": "Dump", "protects": ["item"], "rpo_note": "Daily.",
        "backup": "dump", "restore": "load", "source": "manual",
    }  # fmt: skip
    backend = loaded(
        folder,
        facts=[fact(), fact("key_bytes_max")],
        capabilities=[capability],
        backup=[mechanism, {**mechanism, "key": "snapshot", "hosting": ["cloud"]}],
        hosting=[
            *SMALL["hosting"],
            {
                "key": "cloud",
                "name": "The Cloud",
                "facts": [fact(value=2048), fact("iops_default")],
                "capabilities": [{**capability, "value": "yes"}],
            },
        ],
    )
    cloud = backend.at("the cloud")
    assert [item.key for item in cloud.facts] == ["item_bytes_max", "key_bytes_max", "iops_default"]
    assert cloud.number("item_bytes_max") == 2048
    assert backend.number("item_bytes_max") == 1024
    assert cloud.capability("pitr") != backend.capability("pitr")
    assert [item.key for item in cloud.backup] == ["dump", "snapshot"]
    assert [item.key for item in backend.at("self-managed").backup] == ["dump"]
    assert backend.at("cloud") == cloud
    assert backend.at("elsewhere") == backend.at(None) == backend


def test_a_statement_holds_for_the_hostings_that_it_names(folder: Path) -> None:
    point = {"key": "conf", "title": "File", "text": "Edit it.", "source": "manual"}
    mine, both = {**point, "hosting": ["self-managed"]}, {**point, "key": "both"}
    backend = loaded(
        folder,
        facts=[fact(hosting=["cloud"])],
        security=[mine, both],
        load_tests=[{"tool": "t", "command": "c", "source": "manual", "hosting": ["cloud"]}],
        hosting=[*SMALL["hosting"], {"key": "cloud", "name": "The Cloud"}],
    )
    cloud, own = backend.at("cloud"), backend.at("self-managed")
    assert [item.key for item in cloud.security] == ["both"]
    assert [item.key for item in own.security] == ["conf", "both"]
    assert (cloud.number("item_bytes_max"), own.number("item_bytes_max")) == (1024, None)
    assert (len(cloud.load_tests), len(own.load_tests)) == (1, 0)


def test_what_a_feature_forbids_is_neither_shown_nor_counted(folder: Path) -> None:
    point = {"key": "a", "title": "A", "text": "Do it.", "source": "manual"}
    backend = loaded(
        folder,
        facts=[fact(not_with=["object_lock"]), fact("other")],
        durability=[point, {**point, "key": "b", "not_with": ["synchronous_replication"]}],
    )
    locked = backend.using({"object_lock"})
    assert (locked.number("item_bytes_max"), locked.number("other")) == (None, 1024)
    assert [item.key for item in locked.durability] == ["a", "b"]
    assert [item.key for item in backend.using({"synchronous_replication"}).durability] == ["a"]
    assert backend.using(()) == backend


def test_a_mechanism_of_an_unknown_hosting_does_not_load(folder: Path) -> None:
    mechanism = {
        "key": "dump", "name": "Dump", "protects": ["item"], "rpo_note": "Daily.",
        "backup": "dump", "restore": "load", "source": "manual", "hosting": ["moon"],
    }  # fmt: skip
    with pytest.raises(ConductorError, match=r"backup dump: unknown hosting \['moon'\]"):
        loaded(folder, backup=[mechanism])


def test_files_build_on_shared_ones_and_the_later_one_wins(folder: Path) -> None:
    put(folder, "shared/lowest", {"facts": [fact("a"), fact("b")], "sources": SMALL["sources"]})
    put(folder, "shared/lower", {"extends": "lowest", "facts": [{"key": "b", "value": 2}]})
    put(folder, "shared/beside", {"facts": [fact("c", value=3), {"key": "a", "value": 9}]})
    backend = loaded(
        folder,
        extends=["lower", "beside"],
        sources={"other": SMALL["sources"]["manual"]},
        facts=[{"key": "c", "label": "Ours"}, fact("d", source="other")],
    )
    assert [(item.key, item.value, item.label) for item in backend.facts] == [
        ("a", 9, "Largest item"),
        ("b", 2, "Largest item"),
        ("c", 3, "Ours"),
        ("d", 1024, "Largest item"),
    ]
    assert set(backend.sources) == {"manual", "other"}


def test_a_hosting_variant_is_merged_with_the_shared_one(folder: Path) -> None:
    put(folder, "shared/cloud", {"hosting": [{"key": "cloud", "name": "C", "facts": [fact("a")]}]})
    ours = [*SMALL["hosting"], {"key": "cloud", "facts": [{"key": "a", "value": 7}, fact("b")]}]
    cloud = loaded(folder, extends="cloud", hosting=ours).at("cloud")
    assert [(item.key, item.value) for item in cloud.facts] == [("a", 7), ("b", 1024)]


def test_headings_are_ordered_and_read_alone(folder: Path) -> None:
    for name, order in (("late", 20), ("early", 10), ("unordered", None)):
        extra = {} if order is None else {"order": order}
        put(folder, f"backends/{name}", {"name": name, "storage_type": "cache", **extra})
    with (folder / "backends" / "early.yml").open("a", encoding="utf-8") as stream:
        stream.write("\n\nnothing: [of: this is read\n")
    assert [item.key for item in loading.headings(folder)] == ["early", "late", "unordered"]


def test_a_backend_is_found_by_name_and_key_in_any_case() -> None:
    assert loading.find("amazon S3") == loading.find("AMAZON-S3")
    assert loading.find("Amazon S4") is None


# The guide


def example() -> str:
    """Return the file that the guide shows."""
    tokens = MarkdownIt().parse(GUIDE.read_text(encoding="utf-8"))
    return next(token.content for token in tokens if token.type == "fence")


def add_example(folder: Path) -> None:
    """Add the guide's backend to a catalog, which is one file."""
    (folder / "backends" / "acme-store.yml").write_text(example(), encoding="utf-8")


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """Return a copy of the catalog with the guide's backend."""
    folder = tmp_path / "catalog"
    shutil.copytree(CATALOG, folder)
    add_example(folder)
    return folder


def test_one_file_adds_a_backend_that_is_offered(copied: Path) -> None:
    before, after = loading.headings(), loading.headings(copied)
    (new,) = set(after) - set(before)
    assert (new.name, new.storage_type) == ("Acme Object Store", "object_storage")
    assert loading.find("acme object store", copied) == new
    backend = loading.load("acme-store", copied)
    assert backend.number("item_bytes_max") == 1024**4
    assert backend.number("key_bytes_max") == loading.load("amazon-s3").number("key_bytes_max")
    assert backend.at("acme-edge").number("latency_read_floor_ms") == 80


def test_the_guide_shows_and_explains_every_field(copied: Path) -> None:
    shown: dict[type[CatalogEntry], set[str]] = {}
    for item in models(loading.load("acme-store", copied)):
        shown.setdefault(type(item), set()).update(vars(item))
    any_statement = {"hosting", "not_with"}
    for model, names in shown.items():
        assert set(model.names()) - any_statement == names - any_statement
    guide = GUIDE.read_text(encoding="utf-8")
    fields = {"extends", "order"}.union(*shown.values())
    assert not {field for field in fields if f"`{field}`" not in guide}


def test_the_guide_names_every_flag_that_backends_use() -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    families = {loading.load(key).family for key in BACKENDS} | set(OFFERED)
    for key in BACKENDS:
        backend = loading.load(key)
        variants = {f"hosting:{item.key}" for item in backend.hosting}
        for task in [*backend.tasks, *(task for item in backend.hosting for task in item.tasks)]:
            for flag in (flag.removeprefix("!") for flag in task.when):
                known = f"`{flag}`" in guide or flag in families | variants
                assert known or flag.startswith("finding:"), f"{key} {task.key}: {flag}"


def test_a_track_starts_with_the_guides_backend(tmp_path: Path) -> None:
    template = working_tree(tmp_path / "template")
    add_example(template / "extensions" / "storage_conductor" / "catalog")
    commit(template, tag="v9.0.0")
    project = tmp_path / "project"
    project.mkdir()
    answers = {
        **REQUIRED, "storage_type": "object_storage", "backend": "Acme Object Store",
        "growth_gb_per_month": 40, "largest_item_bytes": 2 * 1024**4,
    }  # fmt: skip
    copier.run_copy(str(template), project, data=answers, defaults=True, quiet=True, unsafe=True)
    (track,) = tracks(project)
    spec = (track / "spec.md").read_text(encoding="utf-8")
    plan = (track / "plan.md").read_text(encoding="utf-8")
    assert "https://docs.example.com/platform/object-store" in spec
    assert "acmectl object restore" in spec
    assert "Order quota for 12 months of growth (40 GB a month)" in plan
    assert "  - [ ] Route the alert for Refused writes\n" in plan


# The report


def listed_facts(text: str) -> tuple[list[str], list[str]]:
    """Return the facts that a report lists, the old and the doubtful ones."""
    old, _, doubtful = text.partition("\n\n")
    return tuple(  # type: ignore[return-value]
        [line.split(" = ")[0].strip() for line in part.splitlines()[1:]] for part in (old, doubtful)
    )


def test_the_report_lists_what_was_checked_more_than_a_year_ago(folder: Path) -> None:
    newer = {**SMALL["sources"]["manual"], "checked": dt.date(2026, 2, 1)}
    loaded(
        folder,
        sources={**SMALL["sources"], "newer": newer},
        facts=[fact("old"), fact("new", source="newer")],
        hosting=[{"key": "cloud", "name": "Cloud", "facts": [fact("old_too")]}],
    )
    year_later = dt.date(2027, 1, 31)
    assert listed_facts(report.report(year_later, folder)) == ([], [])
    day_more = report.report(year_later + dt.timedelta(days=1), folder)
    assert listed_facts(day_more) == (["small: old", "small at cloud: old_too"], [])
    assert "checked 2026-01-31, https://example.org/manual" in day_more


def test_the_report_lists_what_is_of_low_confidence(folder: Path) -> None:
    loaded(folder, facts=[fact("sure"), fact("guess", confidence="low")])
    text = report.report(dt.date(2026, 2, 1), folder)
    assert listed_facts(text) == ([], ["small: guess"])


def test_the_report_lists_prices_of_node_classes_too() -> None:
    text = report.report(dt.date(2030, 1, 1))
    assert "valkey at amazon-elasticache: cache-r7g-large = 0.1752 USD an hour (checked" in text


def test_the_report_runs_as_a_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "storage_conductor.catalog.report", "--today", "2200-01-01"],
        env={**os.environ, "PYTHONPATH": str(ROOT / "extensions"), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    everything = sum(1 for _ in report.listed())
    assert f"before 2200-01-01: {everything}\n" in done.stdout


def test_the_report_refuses_a_day_that_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        report.main(["--today", "yesterday"])
    assert "--today" in capsys.readouterr().err
