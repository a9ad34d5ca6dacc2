"""How each of several stores is run: how it is said, and that each is taken as it is run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from storage_conductor.brief import reading as brief
from storage_conductor.context import ProjectContext, read_context
from storage_conductor.errors import ConductorError
from storage_conductor.questions import answers, documented, given, mentions
from tests.conftest import REQUIRED
from tests.specification_reading import Rendered, render

STORES: dict[str, Any] = {
    "storage_type": "hybrid",
    "backends": ["PostgreSQL", "Valkey", "Amazon S3"],
}
EACH = "PostgreSQL: Amazon RDS, Valkey: self-managed, Amazon S3: AWS"


def page(**told: Any) -> Rendered:
    tidied = given.tidy({**REQUIRED, **STORES, **told})
    answers.check(tidied, closed=True)
    return render(tidied)


def run_as(found: Rendered) -> dict[str, str]:
    """Return how each store is run, `?` where that is open."""
    stores = found.track.component.stores
    return {one.name: "?" if one.hosting_open else one.hosting.name for one in stores}


@pytest.mark.parametrize(
    ("hosting", "shown"),
    [
        (EACH, {"PostgreSQL": "Amazon RDS", "Valkey": "self-managed", "Amazon S3": "AWS"}),
        (
            {"postgresql": "amazon-rds", "VALKEY": "Self-managed", "Amazon S3": "AWS"},
            {"PostgreSQL": "Amazon RDS", "Valkey": "self-managed", "Amazon S3": "AWS"},
        ),
        (
            ["Amazon RDS", "S3 Express One Zone"],
            {"PostgreSQL": "Amazon RDS", "Valkey": "?", "Amazon S3": "S3 Express One Zone"},
        ),
        (
            "Amazon RDS for PostgreSQL, AWS",
            {"PostgreSQL": "Amazon RDS", "Valkey": "?", "Amazon S3": "AWS"},
        ),
        (
            "Amazon RDS, AWS",
            {"PostgreSQL": "Amazon RDS", "Valkey": "?", "Amazon S3": "AWS"},
        ),
        (
            "self-managed, Valkey: Google Memorystore",
            {"PostgreSQL": "self-managed", "Valkey": "Google Memorystore", "Amazon S3": "?"},
        ),
        (
            "{PostgreSQL: Neon}",
            {"PostgreSQL": "Neon", "Valkey": "?", "Amazon S3": "?"},
        ),
    ],
    ids=repr,
)
def test_each_store_is_run_as_it_was_said(hosting: Any, shown: dict[str, str]) -> None:
    found = page(hosting=hosting)
    assert run_as(found) == shown
    assert ("D-hosting" in found.decisions) is ("?" in shown.values())
    assert "D-alternatives-hosting" not in found.decisions


@pytest.mark.parametrize(
    "hosting",
    [
        "PostgreSQL: Amazon RDS or Neon, Valkey: self-managed",
        {"PostgreSQL": ["Amazon RDS", "Neon"], "Valkey": "self-managed"},
    ],
    ids=repr,
)
def test_one_store_may_be_open_beside_another_that_is_not(hosting: Any) -> None:
    found = page(hosting=hosting)
    assert run_as(found)["Valkey"] == "self-managed"
    what, default = found.decisions["D-alternatives-hosting"]
    for name in ("Amazon RDS", "Neon"):
        assert f"PostgreSQL: {name}, Valkey: self-managed" in what
    assert "written for PostgreSQL: Amazon RDS, Valkey: self-managed" in default
    row = next(x for x in found.spec.splitlines() if x.startswith("| Stated targets out"))
    assert "not in the catalog" not in row


def test_names_of_one_store_are_open_as_before() -> None:
    found = page(hosting=["Amazon RDS", "Amazon Aurora"])
    assert "Amazon RDS or Amazon Aurora" in found.decisions["D-alternatives-hosting"][0]


@pytest.mark.parametrize(
    ("hosting", "words"),
    [
        ("PostgreSQL: Amazon DRS", "of PostgreSQL must be one of self-managed, Supabase"),
        ("Redis: Upstash", "'redis' is not among Amazon S3, PostgreSQL, Valkey"),
        ("Amazon RDS, Neon", "PostgreSQL is run as Amazon RDS and as Neon; name one of them, `Po"),
        ("AWS, the moon", "not 'the moon'"),
        ({}, "must map each store"),
    ],
    ids=repr,
)
def test_a_mistake_names_the_store_and_what_it_can_be(hosting: Any, words: str) -> None:
    with pytest.raises(ConductorError, match="hosting") as caught:
        page(hosting=hosting)
    assert words in caught.value.message


def test_facts_commands_and_limits_are_those_of_each_stores_own_hosting() -> None:
    found = page(hosting=EACH, rpo_minutes=5, rto_minutes=60)
    assert "Amazon S3 (AWS) + PostgreSQL (Amazon RDS) + Valkey\n" in found.spec
    assert "storage-conductor facts postgresql --hosting amazon-rds" in found.spec
    assert "storage-conductor facts valkey --hosting self-managed" in found.spec
    assert f"run as stated: {EACH}" in found.line("N-hosting")
    assert "pg_basebackup" not in found.spec + found.plan
    own = page(hosting="PostgreSQL: self-managed, Valkey: Amazon ElastiCache")
    assert "pg_basebackup" in own.spec + own.plan
    assert "- Valkey, run by the team itself" in found.spec
    assert "- Valkey, as Amazon ElastiCache" in own.spec


def test_a_decision_says_how_the_open_ones_are_run() -> None:
    decided = {"D-hosting": "self-managed"}
    found = page(hosting="Amazon RDS, AWS", decisions=decided)
    assert run_as(found) == {
        "PostgreSQL": "Amazon RDS",
        "Valkey": "self-managed",
        "Amazon S3": "AWS",
    }
    whole = page(decisions={"D-hosting": EACH})
    assert run_as(whole)["PostgreSQL"] == "Amazon RDS"


@pytest.mark.parametrize(
    ("hosting", "text", "taken"),
    [
        ("", "Rows lie on Amazon RDS, what is hot in Amazon ElastiCache.", "ElastiCache"),
        ("PostgreSQL: Neon", "What is hot lies in Amazon ElastiCache.", "ElastiCache"),
    ],
)
def test_a_text_that_names_one_for_each_store_is_taken(hosting: str, text: str, taken: str) -> None:
    told = {**REQUIRED, **STORES, "hosting": hosting, "description": text}
    (found,) = [it for it in mentions.found_in(answers.parse(told)) if it.answer == "hosting"]
    assert taken in str(found.value)
    assert run_as(render(told))["PostgreSQL"] == ("Neon" if hosting else "Amazon RDS")


def test_a_copy_records_it_and_an_update_keeps_it(start: Callable[..., Path]) -> None:
    track = start(**STORES, hosting={"PostgreSQL": "Amazon RDS", "Valkey": "self-managed"})
    found = yaml.safe_load((track / ".copier-answers.yml").read_text(encoding="utf-8"))
    assert found["hosting"] == "PostgreSQL: Amazon RDS, Valkey: self-managed"
    assert not found["alternatives"]
    assert "(Amazon RDS) + Valkey" in (track / "spec.md").read_text(encoding="utf-8")


DOCUMENTED = [
    ("- PostgreSQL 16 on Amazon RDS\n- Amazon S3 on AWS", "PostgreSQL: Amazon RDS, Amazon S3: AWS"),
    (
        "- PostgreSQL 16\n- Valkey 8\n"
        "- **Hosting**: Amazon RDS for PostgreSQL, ElastiCache for Valkey",
        "PostgreSQL: Amazon RDS, Valkey: Amazon ElastiCache",
    ),
    (
        "- **Database**: PostgreSQL 16 (Amazon RDS)\n- **Cache**: Valkey 8 (self-managed)",
        "PostgreSQL: Amazon RDS, Valkey: self-managed",
    ),
    (
        "| Component | Product | Hosting |\n|---|---|---|\n"
        "| Database | PostgreSQL 16 | Cloud SQL |\n"
        "| Cache | Valkey | Google Memorystore |",
        "PostgreSQL: Google Cloud SQL, Valkey: Google Memorystore",
    ),
    (
        "We use PostgreSQL 16 hosted on Neon and keep sessions in Valkey on Amazon ElastiCache.",
        "PostgreSQL: Neon, Valkey: Amazon ElastiCache",
    ),
    (
        "- **Datenbank**: PostgreSQL 16, selbst betrieben\n"
        "- **Cache**: Valkey bei Amazon ElastiCache",
        "PostgreSQL: self-managed, Valkey: Amazon ElastiCache",
    ),
    ("- **Base de données**: PostgreSQL 16 sur Amazon RDS", "Amazon RDS"),
    ("- **Base de datos**: PostgreSQL 16 en servidores propios", "self-managed"),
    ("- **Database**: PostgreSQL 16\n- **Hosting**: on-premises", "self-managed"),
    ("- **Database**: PostgreSQL 16\n- **Hosting**: managed Kubernetes on AWS", ""),
    ("- **Database**: PostgreSQL 16\n- **Compute**: Cloud Run", ""),
    ("- **Database**: PostgreSQL 16, not on Amazon RDS", ""),
    ("- **Database**: PostgreSQL 16 on Amazon RDS or Amazon Aurora, to be decided", ""),
]


def documents(project: Path, text: str) -> ProjectContext:
    home = project / "storage-conductor"
    home.mkdir(exist_ok=True)
    head = "# Tech Stack\n\n## Storage\n\n"
    (home / "tech-stack.md").write_text(f"{head}{text}\n", encoding="utf-8")
    return read_context(project)


@pytest.mark.parametrize(("text", "hosting"), DOCUMENTED, ids=[text for text, _ in DOCUMENTED])
def test_documents_say_how_each_store_is_run(tmp_path: Path, text: str, hosting: str) -> None:
    found = documents(tmp_path, text)
    backends = documented.documented_backends(found, "hybrid")
    assert documented.documented_hosting(found, backends) == hosting
    assert not [each for each in found.contradictions if "cache" in each]


def test_a_track_is_run_as_the_documents_say_and_asks_what_they_leave_open(
    project: Path, start: Callable[..., Path]
) -> None:
    documents(project, "- PostgreSQL 16 on Amazon RDS\n- Valkey 8 on our Nomad cluster")
    track = start(storage_type="hybrid")
    found = yaml.safe_load((track / ".copier-answers.yml").read_text(encoding="utf-8"))
    assert found["hosting"] == "PostgreSQL: Amazon RDS"
    spec = (track / "spec.md").read_text(encoding="utf-8")
    row = next(line for line in spec.splitlines() if line.startswith("| D-hosting |"))
    assert "how Valkey is run (what comes nearest there is" in row
    assert "“Valkey 8 on our Nomad cluster”" in row
    assert "PostgreSQL 16" not in row
    (asked,) = [it for it in brief.read(project, track.name).choices if it.key == "D-hosting"]
    assert asked.ask


@pytest.mark.parametrize(
    ("backend", "line", "near"),
    [
        ("NFS", "Hosting: Amazon RDS", False),
        ("Valkey", "Hosting: Amazon RDS, Aurora", False),
        ("Valkey", "Hosting: ElastiCache or Memorystore", True),
        ("SQLite", "Hosting: our Nomad cluster", True),
        ("NFS", "Hosting: Google Cloud", True),
    ],
)
def test_only_what_can_run_a_store_is_near_of_how_it_is_run(
    tmp_path: Path, backend: str, line: str, near: bool
) -> None:
    found = documents(tmp_path, f"- {line}")
    assert found.tech_stack.run_on
    row = render({**REQUIRED, "backend": backend, "project_context": found.to_data()}).decisions[
        "D-hosting"
    ]
    assert ("what comes nearest there is" in row[0]) is near
