from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from storage_conductor.context import DOCUMENTS, ProjectContext, Stated, read_context

from .conftest import ROOT
from .context_support import NAMES, facts, found_anything, read

PARCELS = Path(__file__).parent / "fixtures" / "context" / "parcels"
EXPECTED = yaml.safe_load((PARCELS / "expected.yml").read_text(encoding="utf-8"))

# Words and marks that documents are made of, so that random ones come close to real ones.
MARKS = [
    *("# ", "## ", "- ", "  - ", "1. ", "**", "__", "`", ": ", " - ", "|", "> ", "<!-- ", " -->"),
    *("~~", "[", "](x)", "[e.g., ", "]", "<", ">", "\\", "&amp;"),
]
LINES = ["```\n", "~~~\n", "|---|\n", "\n", "\n\n", "\r\n", "---\n", "===\n"]
WORDS = [
    *("Database", "PostgreSQL 16", "We use ", "Redis", " not ", "RTO", "4 hours", "TDD", "yes"),
    *("Coverage", "90%", "slow queries > 100 ms", "Retention", "backup", "30 days", "BEGIN;\n"),
    *("CREATE INDEX CONCURRENTLY i;\n", "COMMIT;\n", "\x00", "\ufffc", "🚀", "数据库", "\u202e"),
]
PIECES = st.sampled_from([*MARKS, *LINES, *WORDS])
MESSY = st.lists(st.one_of(PIECES, st.text(max_size=6)), max_size=60).map("".join)


def test_a_whole_project() -> None:
    assert read_context(PARCELS).to_data() == EXPECTED


def test_a_whole_project_with_other_line_ends_and_byte_order_marks(tmp_path: Path) -> None:
    folder = tmp_path / "storage-conductor"
    folder.mkdir()
    for name in DOCUMENTS:
        text = (PARCELS / "storage-conductor" / name).read_text(encoding="utf-8")
        (folder / name).write_bytes(("\ufeff" + text.replace("\n", "\r\n")).encode())
    assert read_context(tmp_path).to_data() == EXPECTED


def test_what_was_read_knows_its_line_and_a_snapshot_does_not() -> None:
    context = read_context(PARCELS)
    read_now = context.tech_stack.orm
    recorded = ProjectContext.from_data(context.to_data()).tech_stack.orm
    assert read_now is not None
    assert recorded is not None
    assert (read_now.line, recorded.line) == (16, None)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("product.md", "They scan up to 400 parcels a day.", "They scan a lot.\n\nMore text."),
        ("tech-stack.md", "# Tech Stack\n", "# Tech Stack\n\nRead this first.\n"),
        ("tech-stack.md", "| scans older than 90 days |", "| old scans, mostly  |"),
        ("workflow.md", "- **Response time**: one working day\n", ""),
        ("workflow.md", "[e.g., ktlint]", "[e.g., detekt] or [another]"),
        ("storage-template.md", "id bigint PRIMARY KEY", "id uuid PRIMARY KEY"),
        ("storage-standards.md", "```sql\n", "\n\n```sql\n\n"),
    ],
)
def test_an_unrelated_edit_does_not_change_the_snapshot(
    tmp_path: Path, name: str, old: str, new: str
) -> None:
    folder = tmp_path / "storage-conductor"
    folder.mkdir()
    for each in DOCUMENTS:
        text = (PARCELS / "storage-conductor" / each).read_text(encoding="utf-8")
        assert each != name or old in text
        (folder / each).write_text(text.replace(old, new) if each == name else text, "utf-8")
    assert read_context(tmp_path).to_data() == EXPECTED


def test_the_snapshot_survives_yaml_json_and_reading_it_back() -> None:
    context = read_context(PARCELS)
    data = context.to_data()
    assert yaml.safe_load(yaml.safe_dump(data)) == data
    again = ProjectContext.from_data(json.loads(json.dumps(data)))
    assert again.to_data() == data
    for field in ("product", "tech_stack", "standards", "workflow"):
        assert facts(getattr(again, field)) == facts(getattr(context, field))
    assert (again.patterns, again.unsafe) == (context.patterns, context.unsafe)
    assert again.standards.sections == context.standards.sections
    assert again.workflow.commit_convention is not None
    assert again.workflow.commit_convention.link == "workflow.md#commits"


def test_a_snapshot_of_another_version_is_read_as_far_as_it_goes() -> None:
    data = {
        "documents": {"product.md": "present", "tech-stack.md": "eaten", "other.md": "present"},
        "later": {"a": 1},
        "product": {"name": {"value": "Parcelbook", "since": 3}, "later": {"value": "x"}},
        "tech_stack": {"orm": "Exposed", "cache": {"value": 7}, "languages": {"value": "Kotlin"}},
        "standards": {"sections": ["x", {"heading": "Backup", "rules": [1, "Daily"]}]},
        "patterns": None,
        "unsafe": [{"key": "k"}],
        "workflow": [],
    }
    context = ProjectContext.from_data(data)
    assert facts(context.product) == {"name": "Parcelbook"}
    assert facts(context.tech_stack) == {}
    assert [each.state for each in context.documents] == ["present", *["missing"] * 4]
    (section,) = context.standards.sections
    assert (section.anchor, section.topics, section.rules) == ("backup", ("backup",), ("Daily",))
    assert [each.key for each in context.unsafe] == ["k"]
    assert ProjectContext.from_data({}).to_data() == ProjectContext().to_data()


def test_long_texts_and_lists_are_cut() -> None:
    items = "".join(f"- Goal {number} {'word ' * 100}\n" for number in range(30))
    goals = read(product=f"## Goals\n\n{items}").product.goals
    assert len(goals) == 12
    assert all(len(goal.value) <= 200 and goal.value.endswith("word…") for goal in goals)


def test_a_long_text_ends_with_a_sentence_where_it_can() -> None:
    text = "Every parcel has one history that all of us can read. " * 6
    vision = read(product=f"## Vision\n\n{text}").product.vision
    assert vision is not None
    assert vision.value == ("Every parcel has one history that all of us can read. " * 3).strip()


def test_what_cannot_be_seen_is_left_out_of_texts() -> None:
    goal = "A\u202e\u200b b\x07\tc\u2028d \U000e0041e 👩\u200d🔬"
    assert read(product=f"## Goals\n\n- {goal}").product.goals[0].value == "A b c d e 👩\u200d🔬"


def test_missing_documents(tmp_path: Path) -> None:
    context = read_context(tmp_path)
    assert context.warnings == [f"{name} is missing" for name in DOCUMENTS]
    assert not found_anything(context)
    (tmp_path / "storage-conductor").write_text("a file", "utf-8")
    assert read_context(tmp_path).warnings == context.warnings


@pytest.mark.parametrize(
    ("content", "warning"),
    [
        (b"", "tech-stack.md is empty"),
        (b"\xef\xbb\xbf \r\n\t\n", "tech-stack.md is empty"),
        (b"<!-- nothing yet -->\n", "tech-stack.md is empty"),
        (b"- **Cache**: Redis \xff\n", "tech-stack.md is not UTF-8; nothing was read from it"),
        (
            "- **Cache**: Redis\n".encode("utf-16"),
            "tech-stack.md is not UTF-8; nothing was read from it",
        ),
        (b"x" * 1_000_001, "tech-stack.md is larger than 1 MB; nothing was read from it"),
        (b"a\n" * 20_001, "tech-stack.md is longer than 20,000 lines; nothing was read from it"),
        (b"- **Cache**: TBD\n", "tech-stack.md still has 1 placeholder to fill in"),
        (b"- A: [e.g., x]\n- B: <your b>\n", "tech-stack.md still has 2 placeholders to fill in"),
    ],
)
def test_the_state_of_a_document_is_said(content: bytes, warning: str) -> None:
    context = read(tech_stack=content)
    assert [each for each in context.warnings if each.startswith("tech-stack.md")] == [warning]
    assert not found_anything(context)


def test_code_comments_and_boxes_are_not_placeholders() -> None:
    text = "```\n[e.g., x]\n```\n<!-- [e.g., x] -->\n- [ ] box\n- `list[int]`\n- [a](b)\n- [1]\n"
    assert read(tech_stack=text).documents[1].unfilled is False


def test_a_recorded_warning_has_no_number() -> None:
    context = ProjectContext.from_data(read(tech_stack="- A: [e.g., x]").to_data())
    assert "tech-stack.md still has placeholders to fill in" in context.warnings


def test_a_folder_in_place_of_a_document(tmp_path: Path) -> None:
    (tmp_path / "storage-conductor" / "workflow.md").mkdir(parents=True)
    assert "workflow.md cannot be read: it is a folder" in read_context(tmp_path).warnings


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights and pipes are other things")
def test_links_and_pipes_in_place_of_documents(tmp_path: Path) -> None:
    folder = tmp_path / "storage-conductor"
    folder.mkdir()
    (tmp_path / "shared.md").write_text("- **Cache**: Redis\n", "utf-8")
    (folder / "tech-stack.md").symlink_to(tmp_path / "shared.md")
    (folder / "product.md").symlink_to(tmp_path / "gone.md")
    (folder / "storage-template.md").symlink_to("storage-template.md")
    os.mkfifo(folder / "workflow.md")
    context = read_context(tmp_path)
    assert facts(context.tech_stack) == {"cache": "Redis"}
    reasons = {each.name: each.reason for each in context.documents if each.state == "unreadable"}
    assert reasons["product.md"] == "it is a link to a file that does not exist"
    assert reasons["workflow.md"] == "it is not a regular file"
    assert "storage-template.md" in reasons


def test_the_untouched_starters_state_nothing(tmp_path: Path) -> None:
    (tmp_path / "storage-conductor").mkdir()
    for name in DOCUMENTS:
        text = (ROOT / "extensions/storage_conductor/starters" / name).read_text(encoding="utf-8")
        assert text.count("\n") < 60
        (tmp_path / "storage-conductor" / name).write_text(text, "utf-8")
    context = read_context(tmp_path)
    assert not found_anything(context)
    assert [each.name for each in context.documents if each.unfilled] == list(DOCUMENTS)


FILLED: dict[str, dict[str, tuple[str, str, Any]]] = {
    "tech-stack.md": {
        "[e.g., Python 3.12, TypeScript 5]": ("languages", "Rust 1.80", ["Rust 1.80"]),
        "[e.g., PostgreSQL 16]": ("primary_database", "MariaDB 11", "MariaDB 11"),
        "[e.g., ClickHouse 24]": ("additional_databases", "DuckDB 1", ["DuckDB 1"]),
        "[e.g., Amazon S3]": ("object_storage", "MinIO", "MinIO"),
        "[e.g., Valkey 8]": ("cache", "Memcached", "Memcached"),
        "[e.g., SQLAlchemy 2]": ("orm", "Diesel", "Diesel"),
        "[e.g., Pydantic 2]": ("validation_library", "JSON Schema", "JSON Schema"),
        "[e.g., Alembic]": ("migration_tool", "dbmate 2", "dbmate 2"),
        "[e.g., versioned migrations, schema-first]": ("migration_approach", "by hand", "by hand"),
        "[e.g., pytest, Testcontainers]": ("test_tools", "cargo test", ["cargo test"]),
        "[e.g., pgBackRest]": ("backup_tools", "restic", ["restic"]),
        "[e.g., Amazon RDS in eu-central-1]": ("hosting", "Hetzner", "Hetzner"),
        "[e.g., GitHub Actions]": ("ci", "GitLab CI", "GitLab CI"),
    },
    "product.md": {
        "[e.g., Ledgerly]": ("name", "Parcelbook", "Parcelbook"),
        "[e.g., one or two sentences: who can do what that they could not do before]": (
            "vision",
            "All see it.",
            "All see it.",
        ),
    },
    "storage-standards.md": {
        "[e.g., snake_case, plural]": ("naming", "singular", ["Tables: singular"]),
        "[e.g., `YYYYMMDDHHMMSS_description.sql`]": (
            "migration_naming",
            "`0001_x.sql`",
            "0001_x.sql",
        ),
        "[e.g., daily backups for 30 days, monthly backups for 1 year]": (
            "backup_retention",
            "35 days",
            ["35 days"],
        ),
        "[e.g., 1 hour]": ("rto_minutes", "2 hours", "120"),
        "[e.g., 5 minutes]": ("rpo_minutes", "0 min", "0"),
        "[e.g., 200 ms]": ("slow_query_ms", "300 ms", "300"),
        "[e.g., 20]": ("pool_maximum", "25", "25"),
    },
    "workflow.md": {
        "[e.g., schema-first or code-first]": ("approach", "code-first", "code-first"),
        "[e.g., yes or no]": ("testing", "no", "not test-driven"),
        "[e.g., 85%]": ("coverage_percent", "80%", "80"),
        "[e.g., `YYYYMMDDHHMMSS_description.sql`]": ("migration_naming", "V1__x.sql", "V1__x.sql"),
        "[e.g., Conventional Commits]": ("commit_convention", "gitmoji", "gitmoji"),
        "[e.g., after each task]": ("commit_frequency", "daily", "daily"),
        "[e.g., at least one person who knows the database]": ("review", "Ada", ["Reviewers: Ada"]),
        "[e.g., all tests pass in continuous integration]": ("verification", "green", ["green"]),
    },
}


@pytest.mark.parametrize("name", FILLED)
def test_each_place_of_a_starter_that_is_filled_in_becomes_its_fact(name: str) -> None:
    text = (ROOT / "extensions/storage_conductor/starters" / name).read_text(encoding="utf-8")
    key = next(key for key, document in NAMES.items() if document == name)
    for placeholder, (field, filling, expected) in FILLED[name].items():
        assert placeholder in text
        context = read(**{key: text.replace(placeholder, filling)})
        assert facts(getattr(context, key)) == {field: expected}


def test_a_section_of_the_template_starter_that_is_filled_in_becomes_a_pattern() -> None:
    text = (ROOT / "extensions/storage_conductor/starters" / "storage-template.md").read_text(
        encoding="utf-8"
    )
    placeholders = [line for line in text.split("\n") if line.startswith("[e.g.")]
    topics: list[str] = []
    for placeholder in placeholders:
        (pattern,) = read(template=text.replace(placeholder, "```\ncode\n```")).patterns
        topics += pattern.topics
    assert topics == [
        "schema", "migration", "repository", "transactions", "queries", "connection", "validation",
        "backup", "errors", "tests",
    ]  # fmt: skip


@given(st.sampled_from(list(NAMES)), st.binary(max_size=300))
def test_no_bytes_are_an_error(key: str, content: bytes) -> None:
    read(**{key: content}).to_data()


@given(st.sampled_from(list(NAMES)), MESSY)
def test_no_text_is_an_error_and_every_snapshot_can_be_recorded(key: str, text: str) -> None:
    context = read(**{key: text.encode("utf-8", "ignore")})
    data = context.to_data()
    assert yaml.safe_load(yaml.safe_dump(data, allow_unicode=True)) == data
    assert ProjectContext.from_data(data).to_data() == data
    for stated in _all_stated(context):
        assert 0 < len(stated.value) <= 200
        assert stated.value == " ".join(stated.value.split())
        assert stated.value.replace("\u200d", "").replace("\u200c", "").isprintable()


def _all_stated(context: ProjectContext) -> Iterator[Stated]:
    for group in (context.product, context.tech_stack, context.standards, context.workflow):
        for value in group._asdict().values():
            yield from [value] if isinstance(value, Stated) else value or ()


@given(st.sampled_from(list(NAMES)), MESSY)
def test_what_stands_in_a_comment_is_not_read(key: str, text: str) -> None:
    inside = text.replace("--", "").replace(">", "").encode("utf-8", "ignore").decode()
    assert not found_anything(read(**{key: f"<!--\n{inside}\n-->\n"}))
    line = inside.replace("\r", "\n").split("\n")[0]
    assert not found_anything(read(**{key: f"- <!-- {line} -->\n"}))


@given(st.sampled_from(["product", "tech_stack", "workflow"]), MESSY)
def test_what_stands_in_a_fence_is_not_a_fact(key: str, text: str) -> None:
    inside = text.replace("`", "").encode("utf-8", "ignore").decode()
    context = read(**{key: f"````\n{inside}\n````\n"})
    assert not _stated_names(context)


def _stated_names(context: ProjectContext) -> list[str]:
    groups = (context.product, context.tech_stack, context.standards, context.workflow)
    return [name for group in groups for name in facts(group)]


@pytest.mark.parametrize(
    "text",
    [
        ">" * 100_000,
        "- " * 50_000,
        "".join(" " * (2 * depth) + "- a\n" for depth in range(400)),
        "[" * 100_000,
        "`" * 99_999 + "x",
        "*a " * 30_000,
        "~~a " * 30_000,
        "|a" * 500 + "|\n" + "|-" * 500 + "|\n" + "|a\n" * 50,
        "We use PostgreSQL and " * 5_000,
        "<!-- " * 20_000,
        "a" * 100_000,
        "# Stack\n" + "- **Database**: X9 (and more), Y8\n" * 3_000,
        "## Target users\n" + "### A\n- x\n" * 3_000,
        "- **Backend**: " + "(Java) " * 30_000,
        "- **Tests**: " + "Aa1, " * 30_000,
        ("Tests commit before " * 190 + "\n\n") * 50,
    ],
)
def test_deep_and_long_texts_take_bounded_time(text: str) -> None:
    start = time.process_time()
    for key in NAMES:
        read(**{key: text})
    assert time.process_time() - start < 10


@pytest.mark.parametrize("there", [(), ("workflow.md",), DOCUMENTS[:-1], DOCUMENTS])
def test_a_starter_that_is_about_to_be_written_counts_as_written(
    tmp_path: Path, there: tuple[str, ...]
) -> None:
    home = tmp_path / "storage-conductor"
    home.mkdir()
    starters = ROOT / "extensions/storage_conductor/starters"
    for name in there:
        (home / name).write_bytes((starters / name).read_bytes())
    before = read_context(tmp_path, starting=True).to_data()

    for name in DOCUMENTS:
        (home / name).write_bytes((starters / name).read_bytes())

    assert read_context(tmp_path).to_data() == before
