"""User text stays text in every file of a track: neither HTML nor a link nor a template."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from copier.errors import UserMessageError
from markdown_it import MarkdownIt
from markdown_it.token import Token

from storage_conductor.errors import ConductorError
from storage_conductor.update import one_track

from .conftest import REQUIRED
from .test_registry_file import unprivileged_folder
from .trust_support import ONE, make_project, make_template
from .update_support import update

EVIL = "<img src=x onerror=alert(1)> [pay](https://evil.example/) `{{ 7 * 7 }}` *b*"
DOCUMENTS = {
    "tech-stack.md": f"# Stack\n\n- **Language**: Python {EVIL}\n- **CI**: GitHub Actions {EVIL}\n"
    f"- **Migration tool**: Alembic {EVIL}\n- **Validation**: Pydantic {EVIL}\n",
    "storage-standards.md": f"# Standards {EVIL}\n\n## Backup\n\n"
    f"- Backups are kept for 30 days {EVIL}\n- Migrations are named {EVIL}\n",
    "workflow.md": f"# Workflow\n\n- **Commits**: often {EVIL}\n- **Review**: by two {EVIL}\n",
    "product.md": f"# Product\n\n## Vision\n\nTo sell {EVIL}\n\n"
    f"## Target Users\n\n- Clerks {EVIL}\n",
}
MODEL = {
    "entities": "{Order: {id: uuid pk, note: text}}",
    "access_patterns": f"[{{name: 'find {EVIL}', entity: Order, filter: [id]}}]",
}


def tokens(path: Path) -> Iterator[Token]:
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    for token in parser.parse(path.read_text(encoding="utf-8")):
        yield token
        yield from token.children or ()


def assert_text_is_text(track: Path) -> None:
    for name in ("spec.md", "plan.md"):
        found = list(tokens(track / name))
        assert not [token.content for token in found if token.type.startswith("html")]
        hrefs = [str(token.attrs.get("href", "")) for token in found if token.type == "link_open"]
        assert not [href for href in hrefs if "evil.example" in href]
        assert not [token for token in found if token.type == "image"]
        assert "49" not in [token.content for token in found]


@pytest.mark.parametrize(
    "more",
    [
        {"backend": "Other", "other_backend": f"Store {EVIL}"},
        {"backend": "Other", "storage_type": "cache", "other_backend": f"Store {EVIL}"},
        {
            "storage_type": "hybrid",
            "backends": ["PostgreSQL", "Other"],
            "other_backend": f"Store {EVIL}",
            "sensitive_data": "pii, pci, secrets",
            "consistency": "strong",
        },
        {"backend": "PostgreSQL", **MODEL},
        {"backend": "Amazon S3", "sensitive_data": "pii"},
    ],
    ids=["other", "other cache", "hybrid", "model", "objects"],
)
def test_it_is_neither_html_nor_a_link(
    start: Callable[..., Path], project: Path, more: dict[str, Any]
) -> None:
    home = project / "storage-conductor"
    home.mkdir()
    for name, text in DOCUMENTS.items():
        (home / name).write_text(text, encoding="utf-8")
    track = start(
        **{
            **{name: f"{text} {EVIL}" for name, text in REQUIRED.items()},
            "retention": f"7 years {EVIL}",
            "scalability": f"ten times {EVIL}",
            "language": f"Python {EVIL}",
            "migration_tool": f"Alembic {EVIL}",
            "affected_users": f"all {EVIL}",
            "use_cases": [f"orders {EVIL}"],
            "depends_on": [f"queue {EVIL}"],
            "reads_per_second": 5_000,
            "writes_per_second": 9_000,
            "latency_p99_ms": 0.01,
            "availability_percent": 99.9999,
            "rpo_minutes": 0,
            "rto_minutes": 1,
            "initial_data_gb": 90_000,
            **more,
        }
    )
    assert_text_is_text(track)


HEADINGS = (
    "## {} <img src=x onerror=alert(1)>",
    "## <script>{}</script>",
    "## {} [pay](https://evil.example/) ![i](https://evil.example/i)",
    "## [{}](https://evil.example/a_(b)_c 'title') <https://evil.example>",
    "## [{}][ref] [^1] [x] []",
    "## `{} <b>` ``a ` b`` `",
    "### {{{{ 7 * 7 }}}} {} {{% raw %}}",
    "## *{}* __{}__ ~~{}~~ ***{}***",
    "## \\<b> {} \\[x\\](https://evil.example) &lt;i&gt; &#x202e;",
    "## {} \u202e \u200b \x1b[31m \x00 ::error::x ##vso[x]",
    "## {} | a | b ##",
    "> ## {} <br> \U0001f680 e\u0301 \ufe0f \u3000",
    "- ## {} <!-- c -->",
    "{} <b>x</b>\ngoes on [here](https://evil.example)\n===",
    "## {} " + "[" * 300 + "(" * 300 + "`" * 301,
    "## {} " + "x" * 9000,
    "## {}",
    "## {}",
)
TOPICS = ("Backup", "Naming", "Migrations", "Row-level security", "Data Validation", "Commits")


def test_any_heading_of_a_document_can_be_linked_to(
    start: Callable[..., Path], project: Path
) -> None:
    lines = "- Backups are kept for 30 days\n- RPO: 15 minutes\n- Tables use snake_case\n"
    text = "\n\n".join(
        f"{form.replace('{}', topic).replace('{{', '{').replace('}}', '}')}\n\n{lines}"
        for form in HEADINGS
        for topic in TOPICS
    )
    home = project / "storage-conductor"
    home.mkdir()
    for name in DOCUMENTS:
        (home / name).write_text(f"{text}\n[ref]: https://evil.example/r\n", encoding="utf-8")

    track = start(backend="PostgreSQL", rpo_minutes=60)

    said = (track / "spec.md").read_text(encoding="utf-8")
    assert said.count("](../../storage-standards.md#") > len(TOPICS)
    assert len(said) < 60_000
    assert_text_is_text(track)


@pytest.mark.skipif(sys.platform == "win32", reason="rights are other things there")
@pytest.mark.parametrize("spoilt", ["", "plan.md", ".copier-answers.yml"])
def test_a_read_only_track_is_refused_before_anything_is_written(spoilt: str) -> None:
    with unprivileged_folder() as folder:
        track = folder / "storage-conductor" / "storages" / ONE
        track.mkdir(parents=True)
        for name in ("plan.md", ".copier-answers.yml"):
            (track / name).write_text("storage_id: storage-001\n", encoding="utf-8")
        (track / spoilt).chmod(0o500 if not spoilt else 0o400)
        answers = (track / ".copier-answers.yml").relative_to(folder)
        try:
            with pytest.raises(ConductorError, match="is read-only") as caught:
                one_track.begin(folder, answers, {})
        finally:
            track.chmod(0o700)
        assert caught.value.path == track / spoilt


def test_an_update_whose_registry_cannot_be_written_does_not_end_well(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make_project(make_template(template, tmp_path / "template"), tmp_path / "project")
    allowed = os.access

    def access(path: Any, mode: int, **more: Any) -> bool:
        return Path(path).name != "tracks.md" and allowed(path, mode, **more)

    monkeypatch.setattr(os, "access", access)
    with pytest.raises(UserMessageError, match="is read-only"):
        update(project / "storage-conductor" / "storages" / ONE)
