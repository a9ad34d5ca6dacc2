"""What a specification says of documents in which something was not found."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from .conftest import ROOT

Start = Callable[..., Path]
ABSENT = re.compile(
    r"\bnothing (?:names|says|states)\b|\b(?:does|do) not (?:say|state|name|mention)\b"
    r"|\bneither the answers nor\b|\bno (?:standard|document) (?:says|names|states)\b"
    r"|\bis not stated in\b|\bnames no\b",
    re.IGNORECASE,
)


def document(project: Path, name: str, text: str) -> None:
    folder = project / "storage-conductor"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")


def decision(track: Path, key: str) -> str:
    spec = (track / "spec.md").read_text(encoding="utf-8")
    return next((line for line in spec.splitlines() if line.startswith(f"| {key} ")), "")


def test_no_text_claims_that_a_document_is_silent() -> None:
    catalog = ROOT / "extensions/storage_conductor/catalog"
    known = yaml.safe_load((catalog / "assumptions.yml").read_text(encoding="utf-8"))
    texts = [f"{item['what']} {item['default']}" for item in known["assumptions"]]
    for folder in ("parts", "template"):
        for path in (ROOT / folder).rglob("*.jinja"):
            texts.append(path.read_text(encoding="utf-8"))
    assert len(texts) > 20
    assert [text for text in texts if ABSENT.search(text)] == []


def test_what_was_not_found_comes_with_the_nearest_lines_and_a_line_that_states_it(
    start: Start, project: Path
) -> None:
    document(
        project,
        "tech-stack.md",
        "# Stack\n\n- **Language**: Go\n- The database team decides where orders | rows go\n",
    )
    document(project, "workflow.md", "# Workflow\n\n- Tests matter to us\n")
    track = start()
    backend = decision(track, "D-backend")
    assert "was not found in [tech-stack.md](../../tech-stack.md)" in backend
    assert "“The database team decides where orders \\| rows go”" in backend
    assert "`- **Primary Database**: PostgreSQL`" in backend
    order = decision(track, "D-test-order")
    assert "not found in [workflow.md](../../workflow.md)" in order
    assert "“Tests matter to us”" in order
    assert "`- **Test-Driven Development**: yes`" in order
    said = (track / "spec.md").read_text("utf-8") + (track / "plan.md").read_text("utf-8")
    assert not ABSENT.search(said)


@pytest.mark.parametrize(
    ("stack", "tool"),
    [
        ("- **ORM**: TypeORM\n\n## Do not add\n\nPrisma, Mongoose\n", ""),
        ("- **ORM**: Prisma 6\n", "Prisma Migrate"),
        ("- Do not use Prisma here.\n", "Knex"),
    ],
)
def test_the_tool_that_is_assumed_is_that_of_the_mapper_and_none_that_is_ruled_out(
    start: Start, project: Path, stack: str, tool: str
) -> None:
    document(
        project,
        "tech-stack.md",
        f"# Stack\n\n- **Language**: TypeScript\n- **Database**: PostgreSQL 16\n{stack}",
    )
    track = start()
    said = (track / "spec.md").read_text("utf-8") + (track / "plan.md").read_text("utf-8")
    assert ("Prisma Migrate" in said) == (tool == "Prisma Migrate")
    shown = tool or "None named in the plan"
    assert shown in decision(track, "D-migration-tool")


def test_a_backend_of_another_file_is_said_with_its_source(start: Start, project: Path) -> None:
    text = "services:\n  db:\n    image: mysql:8.4\n"
    (project / "compose.yaml").write_text(text, encoding="utf-8")
    track = start()
    backend = decision(track, "D-backend")
    assert "MySQL follows from another file of the project ([compose.yaml]" in backend
    assert "(../../../compose.yaml)" in backend
    assert (track / "../../../compose.yaml").resolve() == (project / "compose.yaml").resolve()


def test_lists_that_are_cut_say_that_there_is_more(start: Start, project: Path) -> None:
    users = "".join(f"- Crew {number}\n" for number in range(8))
    document(project, "product.md", f"## Target users\n\n{users}")
    spec = (start() / "spec.md").read_text(encoding="utf-8")
    assert "Crew 4, Crew 5, and more (" in spec


def answers(track: Path) -> dict[str, Any]:
    found = yaml.safe_load((track / ".copier-answers.yml").read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def test_what_is_recorded_of_the_rest_stays_small(start: Start, project: Path) -> None:
    document(project, "tech-stack.md", "# Stack\n" + "- A database for each of us\n" * 900)
    nearest = answers(start())["project_context"]["nearest"]
    assert [len(lines) for lines in nearest.values()] == [2]
