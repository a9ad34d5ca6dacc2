"""Long input takes time in proportion: what was quadratic, each by its name."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import yaml

from cli.screen import screen
from storage_conductor.context import read_context
from storage_conductor.context.hazards import _COMMENT, _SQL_STEP
from storage_conductor.context.text import plain
from storage_conductor.disk import files
from storage_conductor.errors import ConductorError
from storage_conductor.markdown import boxes, outline
from storage_conductor.questions import answers
from storage_conductor.review import project_checks, status
from storage_conductor.tracks import metadata
from tests.conftest import REQUIRED
from tests.track_builder import replace, write_registry, write_track

MOST = 5.0  # seconds of CPU


@pytest.fixture(autouse=True)
def _timed() -> object:
    started = time.process_time()
    yield
    assert time.process_time() - started < MOST


@pytest.mark.parametrize(
    "task", ["a b " * 5000, " " * 20_000, "`" * 20_000, "*a " * 7000, "[" * 20_000, "(1a " * 5000]
)
def test_a_task_of_20_000_characters(project: Path, task: str) -> None:
    track = write_track(project)
    replace(track / "plan.md", "Draw up 1.1", f"Draw{task}up 1.1")
    write_registry(project)
    status.overview(project)
    boxes.taken_apart(task)
    outline.plain(task)


@pytest.mark.parametrize("retention", ["9" * 20_000, "1 " * 10_000, "1-" * 10_000, "1." * 10_000])
def test_a_retention_of_many_digits(retention: str) -> None:
    found = answers.parse({**REQUIRED, "retention": retention})
    assert found.retention_days is None


def test_a_longer_text_is_refused() -> None:
    assert "20000" in answers.broken_rule("retention", "9" * 30_000)


@pytest.mark.parametrize(
    "line",
    [
        *("1" * 900_000, "a" * 900_000, "keep " * 180_000, "é" * 400_000),
        *("RTO backup 1 " * 60_000, ("1" * 3900 + "\n\n") * 230),
        ("keep backup prs " * 240 + "\n\n") * 230,
    ],
    ids=lambda line: line[:12],
)
def test_a_standards_document_of_long_runs(project: Path, line: str) -> None:
    home = project / "storage-conductor"
    home.mkdir()
    (home / "storage-standards.md").write_text(f"# Standards\n\n{line}\n", encoding="utf-8")
    read_context(project)


@pytest.mark.parametrize(
    "code", ["\n" * 20_000, "/*" * 10_000, "mariadb " * 2500, "/* x */\n" * 2000]
)
def test_code_of_a_document(project: Path, code: str) -> None:
    home = project / "storage-conductor"
    home.mkdir()
    (home / "storage-template.md").write_text(f"# T\n\n```sql\n{code}\n```\n", encoding="utf-8")
    read_context(project)
    assert not _COMMENT.sub("", "/* a */ -- b\n# c").strip()
    assert _SQL_STEP.search("  begin;")


def test_a_cut_run_says_so() -> None:
    assert plain("1" * 300) == "1" * 200 + "…"
    assert plain("数" * 300) == "数" * 300


def test_a_number_of_5_000_digits_in_metadata() -> None:
    with pytest.raises(ConductorError, match="too long"):
        metadata.parse('{"id": ' + "9" * 5000 + "}", Path("metadata.json"))


@pytest.mark.parametrize("name", answers.RULES)
def test_no_rule_takes_long(name: str) -> None:
    longest = ("[" * 20_000, "a: &a [*a]", "- " * 10_000, f"[{chr(10) * 19_000}]", "," * 20_000)
    assert len([answers.broken_rule(name, text) for text in longest]) == len(longest)


def test_a_title_of_60_000_characters(project: Path) -> None:
    track = write_track(project)
    title = "x y" * 10_000 + "z" * 30_000
    replace(track / "metadata.json", '"title": "', f'"title": "{title}')
    write_registry(project)
    assert len(screen(status.overview(project), {})) < 20_000


def test_a_file_of_many_faults(project: Path) -> None:
    track = write_track(project)
    write_registry(project)
    with (track / "plan.md").open("a", encoding="utf-8") as stream:
        stream.write("<<<<<<< ours\n" * 30_000)
    with (track / "spec.md").open("a", encoding="utf-8") as stream:
        stream.write(f"[a]({'x' * 300}.md)\n")
    found = project_checks.survey(project).problems
    assert len(found) < 2_000
    assert any(each.message.endswith("more of this kind follow") for each in found)
    assert [each.rule for each in found if each.message.startswith("the link to xxx")] == ["link"]


def test_an_outline_of_many_headings() -> None:
    found = outline.read("# a\n" * 100_000 + "## b\n### c\n## d\n# e\n").headings
    assert [(each.line, each.end) for each in found[-5:]] == [
        (100_000, 100_004),
        (100_001, 100_003),
        (100_002, 100_003),
        (100_003, 100_004),
        (100_004, 100_005),
    ]


def test_metadata_of_many_keys(project: Path) -> None:
    track = write_track(project)
    write_registry(project)
    for keys in (5_000, 400_000):
        text = "{" + ",\n".join(f'"k{number}": 1' for number in range(keys)) + "}"
        (track / "metadata.json").write_text(text, encoding="utf-8")
        assert len(project_checks.survey(project).problems) < 100


def test_more_values_than_memory_should_hold() -> None:
    for text in ("a: [" + "1," * 3_000_000 + "]", "a: {b: c}\n" * 400_000, "- a\n" * 1_000_000):
        with pytest.raises(yaml.YAMLError, match="more than 200,000 values"):
            files.parse_yaml(text)


def test_a_registry_of_many_rows_with_one_id(project: Path) -> None:
    write_track(project)
    write_registry(project)
    registry = project / "storage-conductor" / "tracks.md"
    text = registry.read_text(encoding="utf-8")
    row = next(line for line in text.splitlines(keepends=True) if "storage-001" in line)
    many = "".join(f"| storage-001 | title {number} |\n" for number in range(30_000))
    registry.write_text(text.replace(row, row + many), encoding="utf-8")
    found = project_checks.survey(project).problems
    assert {each.rule for each in found} >= {"registry-duplicate-id"}
