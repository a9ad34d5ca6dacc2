"""What a person leaves open between several: a decision, with facts on all sides or no verdict."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from storage_conductor.component.alternatives import Cell, OpenChoice
from storage_conductor.component.track import Track
from storage_conductor.context import read_context
from storage_conductor.disk import places
from storage_conductor.questions import answers, given, several
from tests.spec_rendering import rendered, track_of


def made(**raw: Any) -> Track:
    told = given.tidy(raw)
    answers.check(told, closed=True)
    return track_of(told)


def decided(track: Track, key: str) -> tuple[str, str]:
    (found,) = [item for item in track.decisions if item.key == key]
    assert found.label == "Choice"
    return found.what, found.default


@pytest.mark.parametrize(
    "said",
    [
        {"backend": "Redis or Valkey"},
        {"backend": ["Redis", "Valkey"]},
        {"backend": "Redis", "alternatives": "backend: Valkey"},
        {"alternatives": {"backend": ["Redis", "Valkey"]}},
        {"alternatives": "backend: Redis or Valkey"},
    ],
    ids=repr,
)
def test_every_form_of_a_choice_is_one_decision(said: dict[str, Any]) -> None:
    track = made(**said)
    assert track.component.backend_text == "Redis"
    what, default = decided(track, "D-alternatives-backend")
    assert what.startswith("Redis or Valkey: which one is open; [side by side](#alternatives-back")
    assert default.startswith("the specification and the plan are written for Redis; the facts")
    spec = rendered(track, "spec.md")
    assert "| What counts against it | Redis | Valkey |" in spec
    assert "D-found-backend" not in spec


def table(track: Track, answer: str) -> list[list[str]]:
    spec = rendered(track, "spec.md")
    part = re.split(r"\n#+ ", spec.partition(f"### Alternatives: {answer}")[2])[0]
    rows = [line.strip("| ").split(" | ") for line in part.splitlines() if line.startswith("|")]
    return rows[:1] + rows[2:]


def test_the_facts_speak_for_the_one_with_least_against_it() -> None:
    track = made(backend="Memcached or Redis", rpo_minutes=5, consistency="strong")
    assert "speak for Redis" in decided(track, "D-alternatives-backend")[1]
    head, *rows = table(track, "backend")
    assert [len(row) for row in rows] == [len(head)] * 4
    spec = rendered(track, "spec.md")
    assert "Redis has least against it: the first row that differs decides" in spec


def test_equal_facts_give_no_verdict() -> None:
    track = made(backend="MySQL or MySQL or Redis or mysql", alternatives="backend: MySQL")
    assert track.choices[0].options == ("MySQL", "Redis", "mysql")
    same = made(backend="MySQL", alternatives="backend: mysql")
    assert "the facts give no verdict" in decided(same, "D-alternatives-backend")[1]


def test_what_the_catalog_does_not_know_gives_no_verdict() -> None:
    track = made(backend="Redis or KeyDB", rpo_minutes=5)
    assert "the facts give no verdict" in decided(track, "D-alternatives-backend")[1]
    head, *rows = table(track, "backend")
    assert head[1:] == ["Redis", "KeyDB"]
    assert {row[2] for row in rows} == {"not known"}
    unknown = made(backend="KeyDB or Dragonfly")
    assert unknown.component.backend_text == "KeyDB"


def test_a_database_that_would_be_a_cache_without_a_source_has_no_verdict() -> None:
    flags = {"storage_type": "database", "backend": "PostgreSQL or Redis"}
    track = made(**flags, reads_per_second=20_000, latency_p99_ms=5)
    assert "the facts give no verdict" in decided(track, "D-alternatives-backend")[1]
    lost = next(row for row in table(track, "backend") if row[0].startswith("Failures"))
    assert lost == ["Failures after which too much is lost", "a region", "not known"]
    sourced = made(**flags, depends_on=["the flag service"], latency_p99_ms=5)
    assert "speak for Redis" in decided(sourced, "D-alternatives-backend")[1]


def test_what_the_documents_say_is_against_no_store(tmp_path: Path) -> None:
    standards = tmp_path / places.HOME / places.STANDARDS
    standards.parent.mkdir()
    text = "# Standards\n\n## Monitoring\n\n- Log queries slower than 100 ms\n"
    standards.write_text(text, encoding="utf-8")
    stated = {"storage_type": "database", "backend": "PostgreSQL or Redis", "latency_p99_ms": 5}
    context = read_context(tmp_path).to_data()
    track = track_of({**given.tidy(stated), "project_context": context})
    assert "D-standard-slow-query" in rendered(track, "spec.md")
    risks = next(row for row in table(track, "backend") if row[0].startswith("Risks"))
    assert "D-standard" not in " ".join(risks)


def test_ways_of_running_it_are_compared() -> None:
    track = made(backend="PostgreSQL", hosting="Amazon RDS or self-managed", rpo_minutes=1)
    assert track.component.stores[0].hosting.name == "Amazon RDS"
    assert "how it is run is open" in decided(track, "D-alternatives-hosting")[0]
    assert table(track, "hosting")[0][1:] == ["Amazon RDS", "self-managed"]
    spec = rendered(track, "spec.md")
    assert "**N-hosting**: run as stated: Amazon RDS (D-alternatives-hosting)" in spec


@pytest.mark.parametrize(
    "said",
    [
        {"topology": "one primary, two standbys or three equal nodes"},
        {"topology": "one primary, two standbys", "alternatives": "topology: three equal nodes"},
        {"alternatives": {"topology": ["one primary, two standbys", "three equal nodes"]}},
    ],
    ids=repr,
)
def test_layouts_are_a_decision_without_a_verdict(said: dict[str, Any]) -> None:
    track = made(backend="PostgreSQL", **said)
    what, default = decided(track, "D-alternatives-topology")
    assert what.startswith("one primary, two standbys or three equal nodes: how it is laid out")
    assert default.startswith("one primary, two standbys, until each was run under the load")
    assert "### Alternatives" not in rendered(track, "spec.md")
    assert "Lay it out as stated: one primary, two standbys\n" in rendered(track, "plan.md")


def test_a_typing_mistake_in_a_backend_stays_a_mistake() -> None:
    told = given.tidy({"backend": "Reddis", "alternatives": "backend: Redis or Valkey"})
    assert told["backend"] == "Reddis"
    assert "did you mean 'Redis'" in answers.broken_rule("backend", told["backend"])


def test_a_choice_of_one_is_listed_as_without_effect() -> None:
    track = made(backend="Redis", alternatives="backend: Redis")
    assert track.choices == ()
    spec = rendered(track, "spec.md")
    assert "Stated, and without effect on Redis: alternatives of backend Redis" in spec


@pytest.mark.parametrize(
    ("rule", "value", "words"),
    [
        (several.alternatives, "Redis or Valkey", "such as `backend: Redis or Valkey`"),
        (several.alternatives, {"backnd": ["a", "b"]}, "did you mean 'backend'"),
        (several.alternatives, 5, "must say what is open"),
        (several.regions, "eu: writs", "did you mean 'writes'"),
        (several.regions, "eu, eu", "name each region once"),
        (several.regions, [[1]], "must be text"),
        (several.notes, [{"bakup": "x"}], "did you mean 'backup'"),
        (several.notes, [{"backup": {"a": "b"}}], "must be text"),
    ],
)
def test_a_mistake_names_its_rule(rule: Callable[[Any], Any], value: Any, words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        rule(value)


def test_a_track_starts_from_a_choice_and_records_it(start: Callable[..., Path]) -> None:
    track = start(backend="Redis or Valkey", notes=["It stays.", {"backup": "So does this."}])
    found = yaml.safe_load((track / ".copier-answers.yml").read_text(encoding="utf-8"))
    assert (found["backend"], found["storage_type"]) == ("Redis", "cache")
    assert found["alternatives"] == {"backend": ["Redis", "Valkey"]}
    assert found["notes"] == ["It stays.", {"backup": "So does this."}]
    spec = (track / "spec.md").read_text(encoding="utf-8")
    assert "Stated, not computed with:\n\n- It stays.\n" in spec


def test_a_choice_that_a_text_tells_of_is_compared_too() -> None:
    track = made(backend="Valkey", description="Log-ins, in Redis or Valkey.", rpo_minutes=5)
    (found,) = [item for item in track.decisions if item.key == "D-found-backend"]
    assert found.what.endswith("decided by their facts; [side by side](#alternatives-backend)")
    assert table(track, "backend")[0][1:] == ["Valkey", "Redis"]
    assert not [item for item in track.decisions if item.key == "D-alternatives-backend"]


@pytest.mark.parametrize(
    "said",
    [
        {"backend": "PostgreSQL", "description": "Its cache is Redis or Valkey."},
        {"backend": "Redis", "description": "Log-ins, in Redis or H2."},
    ],
    ids=repr,
)
def test_a_choice_in_a_text_that_is_not_about_the_chosen_one_is_not_compared(
    said: dict[str, Any],
) -> None:
    assert made(**said).choices == ()


def test_of_three_the_least_in_the_first_row_that_differs_is_told() -> None:
    def choice(*cells: tuple[int, int, int]) -> str:
        rows: dict[str, tuple[Cell, ...]] = {
            str(at): tuple(("x",) * n for n in row) for at, row in enumerate(cells)
        }
        return OpenChoice("backend", ("A", "B", "C"), rows).verdict

    assert choice((0, 0, 3), (1, 0, 0)) == "B"
    assert choice((0, 0, 3), (1, 1, 0)) == ""
    assert choice((2, 1, 3), (0, 9, 0)) == "B"
