"""User text stays text in every file of a track: neither HTML nor a link nor a template."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from .conftest import REQUIRED
from .trust_support import ONE, copier

EVIL = "<img src=x onerror=alert(1)> [pay](https://evil.example/) `{{ 7 * 7 }}` *b*"
DOCUMENTS = {
    "tech-stack.md": f"# Stack\n\n- **Language**: Python {EVIL}\n- **CI**: GitHub Actions {EVIL}\n"
    f"- **Migration tool**: Alembic {EVIL}\n- **Validation**: Pydantic {EVIL}\n",
    "storage-standards.md": f"# Standards {EVIL}\n\n## Backup {EVIL}\n\n"
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
    for name in ("spec.md", "plan.md"):
        found = list(tokens(track / name))
        assert not [token.content for token in found if token.type.startswith("html")]
        hrefs = [str(token.attrs.get("href", "")) for token in found if token.type == "link_open"]
        assert not [href for href in hrefs if "evil" in href]
        assert not [token for token in found if token.type == "image"]
        assert "49" not in [token.content for token in found]


@pytest.mark.skipif(sys.platform == "win32", reason="rights are other things there")
def test_an_update_of_a_read_only_track_fails(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from .trust_support import LATER, make_project, make_template
    from .update_support import answers_file

    project = make_project(make_template(template, tmp_path / "template"), tmp_path / "project")
    track = project / "storage-conductor" / "storages" / ONE
    listed = project / "storage-conductor" / "tracks.md"
    arguments = ("update", "--trust", "--defaults", "-a", answers_file(track).as_posix())
    for path, mode in ((track, 0o555), (track / "plan.md", 0o444), (listed, 0o444)):
        before = path.stat().st_mode
        path.chmod(mode)
        if os.getuid() == 0:
            done = _unprivileged(tmp_path, project, arguments, LATER)
        else:
            result = copier(project, *arguments)
            done = (result.code, result.err)
        assert done[0] != 0
        assert "read-only" in done[1]
        path.chmod(before)


def _unprivileged(
    top: Path, project: Path, arguments: tuple[str, ...], epoch: str
) -> tuple[int, str]:
    """Run Copier as somebody whom rights bind, in a folder that is theirs."""
    nobody = 65_534
    for folder in (*top.parents, top):
        if folder.is_relative_to("/tmp") and folder != Path("/tmp"):  # noqa: S108
            folder.chmod(0o755)
    for path in (top, *top.rglob("*")):
        os.lchown(path, nobody, nobody)
    done = subprocess.run(
        [sys.executable, "-m", "copier", *arguments],
        cwd=project,
        env={**os.environ, "HOME": str(top), "SOURCE_DATE_EPOCH": epoch},
        user=nobody,
        group=nobody,
        extra_groups=[],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=90,
    )
    return done.returncode, done.stderr.decode("utf-8", "replace")
