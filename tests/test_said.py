"""What somebody wrote in an answer never disappears: each answer is used, or listed as unused."""

from __future__ import annotations

import re
from typing import Any

import pytest

from storage_conductor.questions import answers, given, several
from tests.spec_rendering import rendered, track_of

# An answer by its question: what is said, and what then stands in the specification or the plan.
SAID: dict[str, tuple[Any, str]] = {
    "title": ("Quay ledger", "Quay ledger"),
    "description": ("Postings of the quay.", "Postings of the quay."),
    "other_backend": ("Quaybase", "Quaybase"),
    "use_cases": ("moor a boat, ring a bell", "ring a bell"),
    "reads_per_second": (917, "917 reads"),
    "writes_per_second": (31, "31 writes"),
    "peak_reads_per_second": (2_751, "2,751 reads"),
    "peak_writes_per_second": (213, "213 writes"),
    "peak_factor": (3.5, r"peak \(3.5 times\)|peak factor 3.5"),
    "latency_p99_ms": (473, "473 ms"),
    "scalability": ("nine quays by 2031", "nine quays by 2031"),
    "throughput_mb_per_second": (61, "61 MB per second"),
    "metadata_operations_per_second": (83, "83 (per second|operations)"),
    "client_count": (19, "19 clients"),
    "average_item_bytes": (707, "707 B"),
    "largest_item_bytes": (9_300, "9[.,]3"),
    "item_count": (8_151, "8,151"),
    "initial_data_gb": (13.7, "13.7 GB"),
    "growth_gb_per_month": (1.9, "1.9 GB a month"),
    "availability_percent": (99.37, "99.37 %"),
    "rpo_minutes": (1_380, "23 h"),
    "rto_minutes": (1_260, "21 h"),
    "consistency": ("read-your-writes", "same caller made before"),
    "retention": ("17 months", "17 months"),
    "sensitive_data": ("confidential", "confidential content"),
    "entities": ({"Buoy": {"id": "uuid pk", "colour": "text"}}, "Buoy"),
    "access_patterns": ([{"name": "light a buoy", "entity": "Buoy", "kind": "write"}], "light a"),
    "blocks": ("hold", "Block: Hold with expiry"),
    "regions": (
        "north-quay: writes, south-quay: reads",
        r"north-quay \(takes writes\), south-quay",
    ),
    "topology": ("one primary, two standbys", "one primary, two standbys"),
    "platform": ("Nomad on premises", "Nomad on premises"),
    "infrastructure_code": ("Pulumi", "Pulumi"),
    "client_library": ("quaylib", "quaylib"),
    "language": ("Ada", "Ada"),
    "migration_tool": ("Quayway", "Quayway"),
    "depends_on": ("tide tables", "tide tables"),
    "affected_users": ("harbour masters", "harbour masters"),
    "alternatives": ("topology: three quays or four quays", "(?i)three quays or four quays"),
    "notes": ("- The crane stays.\n- backup: Reels of 1983 stay.", "Reels of 1983 stay"),
}
# Answers with a few words each, or that only decide how the track is written, or name stores.
CHOSEN = {
    "storage_type",
    "backend",
    "backends",
    "detail",
    "id_scheme",
    "hosting",
    "test_driven",
    "schema_first",
    "store_objectives",
    "decisions",
    "existing",
}
STORES: list[dict[str, Any]] = [
    {"storage_type": "database", "backend": "PostgreSQL"},
    {"storage_type": "database", "backend": "DynamoDB"},
    {"storage_type": "object_storage", "backend": "Amazon S3"},
    {"storage_type": "cache", "backend": "Redis"},
    {"storage_type": "file_system", "backend": "NFS"},
    {"storage_type": "hybrid", "backends": ["PostgreSQL", "Redis"]},
    {"storage_type": "database", "backend": "Other", "other_backend": "Unheard-of store"},
]
ABOUT = {"access_patterns": {"entities": SAID["entities"][0]}}


def test_every_question_is_tried() -> None:
    assert set(SAID) | CHOSEN == set(answers.RULES)


def written(raw: dict[str, Any]) -> str:
    """Return specification and plan of a track."""
    told = given.tidy(raw)
    answers.check(told, closed=True)
    track = track_of(told)
    return rendered(track, "spec.md") + rendered(track, "plan.md")


@pytest.mark.parametrize("store", [STORES[0], STORES[3]], ids=lambda store: store["storage_type"])
@pytest.mark.parametrize("name", SAID)
def test_an_answer_alone_is_used_or_listed(name: str, store: dict[str, Any]) -> None:
    value, words = SAID[name]
    text = written({**store, **ABOUT.get(name, {}), name: value})
    assert re.search(words, text.replace("\\", ""))


@pytest.mark.parametrize("detail", ["quick", "full"])
@pytest.mark.parametrize("store", STORES, ids=lambda store: str(store["storage_type"]))
def test_all_answers_together_are_used_or_listed(store: dict[str, Any], detail: str) -> None:
    said = {name: value for name, (value, _) in SAID.items()}
    text = written({**said, **store, "detail": detail}).replace("\\", "")
    given_away = "other_backend" if "other_backend" in store else ""
    lost = [name for name, (_, words) in SAID.items() if not re.search(words, text)]
    assert [name for name in lost if name != given_away] == []


def test_the_kind_of_backend_that_is_not_used_is_listed() -> None:
    text = written({**STORES[0], "backends": ["MySQL", "Redis"]})
    assert "Stated, and without effect on PostgreSQL: backends Redis, MySQL" in text
    text = written({**STORES[5], "backend": "MySQL"})
    assert "Stated, and without effect on PostgreSQL + Redis: backend MySQL" in text


def test_objectives_of_one_store_are_used() -> None:
    text = written({**STORES[5], "store_objectives": {"Redis": {"latency_p99_ms": 473}}})
    assert "473 ms" in text


@pytest.mark.parametrize("section", several.SECTIONS)
def test_a_note_stands_word_for_word_in_its_section(section: str) -> None:
    told = "Ask *Jo* | before `x`; 3 < 4."
    page = rendered(track_of({**STORES[0], "notes": [{section: told}]}), "spec.md")
    (place,) = [part for part in re.split(r"^## ", page, flags=re.M) if "Ask " in part]
    title = place.partition("\n")[0].casefold().replace(" ", "-")
    assert section.partition("-")[0].rstrip("s") in title
    assert "Stated, not computed with:\n\n- Ask " in place
    assert told in re.sub(r"\\(?=[*`|<_])", "", place)


def test_a_note_without_a_section_stands_beneath_the_description() -> None:
    page = rendered(track_of({**STORES[0], "notes": ["First.", "Second: of two."]}), "spec.md")
    assert page.count("Stated, not computed with:") == 1
    place = page.partition("## Description")[2].partition("\n## ")[0]
    assert "- First.\n- Second: of two." in place


def test_what_a_note_says_of_a_number_is_found_there() -> None:
    told = {**STORES[0], "notes": ["About 500 reads/s and 20 writes/s.", "Ask Jo first."]}
    page = written(told)
    assert "No rate" not in page
    assert "Not stated, so that nothing is required of it yet: reads" not in page
    assert "Found in the notes, “About 500 reads/s and 20 writes/s”" in page
    place = page.partition("## Description")[2].partition("\n## ")[0]
    assert "Stated, not computed with but for what a [decision](#decisions) is named for:" in place
    assert "20 writes/s. (D-found-reads-per-second, D-found-writes-per-second)\n" in place
    assert "- Ask Jo first.\n" in place


@pytest.mark.parametrize("given", ["keep a, b; find it", "keep a, b\nfind it;"])
def test_semicolons_separate_in_place_of_commas(given: str) -> None:
    said = answers.parse({**STORES[0], "title": "T", "description": "D", "use_cases": given})
    assert said.use_cases[0].startswith("keep a, b")
    assert said.use_cases[-1] == "find it"


def test_confidential_content_is_protected_and_not_vaulted_as_a_secret() -> None:
    page = written({**STORES[2], "sensitive_data": "confidential"})
    assert "confidential content encrypted on the way and at rest" in page
    assert "**Confidential content not in logs**" in page
    secret = written({**STORES[2], "sensitive_data": "secrets"})
    for words in ("**Envelope encryption**", "D-stored-secrets"):
        assert words in secret
        assert words not in page
