"""Text that is hostile or merely unusual is carried through; mistakes end in one clear message."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from storage_conductor import wording
from storage_conductor.disk import places
from storage_conductor.tracks import registry_edit
from tests.conftest import REQUIRED
from tests.test_copy import cli, contents, copy_arguments

Start = Callable[..., Path]

UNUSUAL = [
    "pipes | and || more |",
    "`code` and ``more``",
    "\"double\" and 'single' quotes",
    "{{ 7 * 7 }} {% raw %} {# no #}",
    "<script>alert(1)</script> <!-- comment",
    "emoji 🗄️ and flags 🇩🇪",
    "مرحبا بالعالم עברית",
    "# heading\n- item\n\n| a | b |",
    "back\\slash \\| and *stars* _under_ ~~gone~~",
    "---",
    "1. first",
    "x" * 500,
    "[link](http://example.org) ![image](x)",
    "$(touch pwned) ; rm -rf . & `id`",
    "&amp; &lt; %s %(name)s {0}",
    "null",
    "2026-01-31",
]


@pytest.mark.parametrize("text", UNUSUAL)
def test_unusual_text_is_carried_through(start: Start, project: Path, text: str) -> None:
    track = start(title=text, description=text, use_cases=[text], affected_users=text)

    literal = " ".join(text.split())
    metadata = json.loads((track / "metadata.json").read_text(encoding="utf-8"))
    assert metadata["title"] == literal
    answers = yaml.safe_load((track / ".copier-answers.yml").read_text(encoding="utf-8"))
    assert answers["title"] == text
    (row,) = registry_edit.rows(
        (project / "storage-conductor/tracks.md").read_text(encoding="utf-8")
    )
    assert row.values["title"] == literal
    spec = (track / "spec.md").read_text(encoding="utf-8")
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(spec)
    assert _shown(tokens[1]) == literal
    assert not (project / "pwned").exists()


def _shown(inline: object) -> str:
    return "".join(child.content for child in inline.children)  # type: ignore[attr-defined]


@settings(max_examples=300)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
def test_escaped_text_reads_as_typed(text: str) -> None:
    shown = " ".join(text.split())
    if not shown:
        return
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    tokens = parser.parse(f"# a {wording.inline(text)} b\n")

    assert tokens[0].type == "heading_open"
    assert _shown(tokens[1]) == f"a {shown} b"


@settings(max_examples=200)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
def test_a_cell_stays_one_cell(text: str) -> None:
    tokens = (
        MarkdownIt("commonmark")
        .enable("table")
        .parse(f"| a | b |\n| --- | --- |\n| {wording.cell(text)} | end |\n")
    )

    cells = [tokens[at + 1].content for at, token in enumerate(tokens) if token.type == "td_open"]
    assert cells[1] == "end"


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"title": ""}, ["title", "must not be empty"]),
        ({"title": "x" * 501}, ["title", "500"]),
        ({"latency_p99_ms": -5}, ["latency_p99_ms", "-5"]),
        ({"latency_p99_ms": "fast"}, ["latency_p99_ms", "'fast'"]),
        ({"availability_percent": 101}, ["availability_percent", "100"]),
        ({"peak_factor": 0.5}, ["peak_factor", "at least 1"]),
        ({"average_item_bytes": 1.5}, ["average_item_bytes", "whole number"]),
        ({"rpo_minutes": "nan"}, ["rpo_minutes", "finite"]),
        ({"storage_type": "databse"}, ["storage_type", "database"]),
        ({"backend": "postgresq"}, ["backend", "PostgreSQL"]),
        ({"backend": "Redis", "storage_type": "database"}, ["backend", "cache"]),
        ({"storage_type": "hybrid", "backends": "[Redis]"}, ["backends", "two or more"]),
        ({"backend": "Other"}, ["other_backend", "must name"]),
        ({"sensitive_data": "pii,none"}, ["sensitive_data", "'none'"]),
        ({"consistency": "strict"}, ["consistency", "strong"]),
        ({"storage_id": "../../x"}, ["storage_id", "../../x"]),
        ({"storage_id": "CON"}, ["storage_id", "CON"]),
        ({"storage_id": "con"}, ["storage_id", "Windows"]),
        ({"storage_id": "a b"}, ["storage_id", "a b"]),
        ({"titel": "x"}, ["titel", "title"]),
        ({"entities": "{A: {id: uid pk}}"}, ["A", "id", "uuid"]),
        (
            {"access_patterns": "[{name: x, entity: Nobody}]"},
            ["access_patterns", "`entities` is empty"],
        ),
        ({"hosting": "the moon"}, ["hosting", "self-managed"]),
        ({"latency_p99_ms": -5, "peak_factor": 0}, ["latency_p99_ms", "peak_factor"]),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_a_mistake_is_named_and_nothing_written(
    folder: Path, project: Path, answers: dict[str, object], words: list[str]
) -> None:
    done = cli(project, *copy_arguments(folder, **answers))

    assert done.returncode == 1
    for word in words:
        assert word in done.stderr
    assert "Traceback" not in done.stderr
    assert "Remedy" in done.stderr
    assert contents(project) == {}
    assert list(project.iterdir()) == []


def test_required_answers_are_named(folder: Path, project: Path) -> None:
    done = cli(project, "copy", "--trust", "--defaults", str(folder), ".")

    assert done.returncode == 1
    assert "title: is required" in done.stderr
    assert "description: is required" in done.stderr
    assert contents(project) == {}


def _no_registry(home: Path) -> None:
    (home / "tracks.md").mkdir()


def _binary_registry(home: Path) -> None:
    (home / "tracks.md").write_bytes(b"\x00\xff\xfe binary")


def _conflicted_registry(home: Path) -> None:
    (home / "tracks.md").write_text(
        "| Storage ID | Title | Status |\n|---|---|---|\n"
        "<<<<<<< ours\n| a | b | Planning |\n=======\n>>>>>>> theirs\n",
        encoding="utf-8",
    )


def _registry_leads_out(home: Path) -> None:
    outside = home.parents[1] / "outside.md"
    outside.write_text("mine", encoding="utf-8")
    (home / "tracks.md").symlink_to(outside)


def _storages_is_a_file(home: Path) -> None:
    (home / "storages").write_text("not a folder", encoding="utf-8")


def _home_leads_out(home: Path) -> None:
    outside = home.parents[1] / "outside"
    outside.mkdir()
    home.rmdir()
    home.symlink_to(outside, target_is_directory=True)


@pytest.mark.skipif(sys.platform == "win32", reason="making links needs a right on Windows")
@pytest.mark.parametrize(
    "spoil",
    [
        _no_registry,
        _binary_registry,
        _conflicted_registry,
        _registry_leads_out,
        _storages_is_a_file,
        _home_leads_out,
    ],
)
def test_a_project_that_cannot_take_a_track(
    folder: Path, project: Path, spoil: Callable[[Path], None]
) -> None:
    home = project / "storage-conductor"
    home.mkdir()
    spoil(home)
    before = contents(project)

    done = cli(project, *copy_arguments(folder))

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "storage-conductor" in done.stderr
    assert "Remedy" in done.stderr
    assert contents(project) == before


@pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() == 0, reason="rights do not bind the administrator"
)
def test_a_read_only_project(folder: Path, project: Path) -> None:
    project.chmod(0o555)
    try:
        done = cli(project, *copy_arguments(folder))
    finally:
        project.chmod(0o755)

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert contents(project) == {}


def test_documents_that_cannot_be_read_are_said(start: Start, project: Path) -> None:
    home = project / "storage-conductor"
    home.mkdir()
    (home / "product.md").write_bytes(b"\xff\xfe\x00binary")
    (home / "workflow.md").write_bytes(b"")

    spec = (start() / "spec.md").read_text(encoding="utf-8")

    assert "product.md is not UTF-8" in spec
    assert "workflow.md is empty" in spec


def test_a_broken_render_leaves_no_track(folder: Path, project: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(folder, broken)
    part = broken / "parts" / "spec" / "users.md.jinja"
    part.write_text("## User Impact\n\n[nowhere](gone.md)\n", encoding="utf-8")

    done = cli(project, *copy_arguments(broken))

    assert done.returncode == 1
    assert "spec.md" in done.stderr
    assert "gone.md" in done.stderr
    assert contents(project) == {}
    assert places.STORAGES not in done.stdout


def test_the_same_answers_give_the_same_bytes(start: Start, tmp_path: Path) -> None:
    results = []
    for name in ("one", "two"):
        into = tmp_path / name
        into.mkdir()
        start(into=into, **REQUIRED)
        results.append(contents(into))

    first, second = (
        {path: data for path, data in result.items() if not path.endswith(".yml")}
        for result in results
    )
    assert first == second
