import json
from pathlib import Path

import pytest

from .command_runner import call
from .conftest import ROOT

Capture = pytest.CaptureFixture[str]
STACK = """# Stack

- **Database**: PostgreSQL 16
- **Persistence style**: whatever the moment asks for
- **ORM**: [e.g., SQLAlchemy]

## Alternatives

- **Database**: MySQL
"""


def write(project: Path, name: str, text: str) -> Path:
    folder = project / "storage-conductor"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_what_was_read_is_shown_with_its_line_and_so_is_the_rest(
    project: Path, capsys: Capture
) -> None:
    folder = write(project, "tech-stack.md", STACK)
    done = call(capsys, "context", str(folder))
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0] == "Read: 1"
    assert "        3  primary database: PostgreSQL 16" in lines
    assert "Not understood: 1" in lines
    assert "        4  Persistence style: whatever the moment asks for" in lines
    assert "Note: product.md is missing" in lines
    assert "MySQL" not in done.out


def test_programs_get_the_same_as_json(project: Path, capsys: Capture) -> None:
    write(project, "tech-stack.md", STACK)
    (project / "go.mod").write_text("module x\n\ngo 1.24\n", encoding="utf-8")
    done = call(capsys, "context", "--json", str(project))
    short = json.loads(done.out)
    file = "storage-conductor/tech-stack.md"
    read = [{"line": 3, "what": "primary database", "value": "PostgreSQL 16"}]
    assert short["read"] == {file: read}
    assert [each["line"] for each in short["not_understood"][file]] == [4]
    data = json.loads(call(capsys, "context", "--json", "--full", str(project)).out)
    assert short["warnings"] == data["warnings"]
    assert data["read"] == [
        {
            "what": "primary database",
            "value": "PostgreSQL 16",
            "file": "storage-conductor/tech-stack.md",
            "line": 3,
            "heading": "Stack",
        }
    ]
    assert [each["line"] for each in data["not_understood"]] == [4]
    assert "tech-stack.md still has 1 placeholder to fill in" in data["warnings"]


def test_what_an_assistant_reads_is_less_than_half_and_says_the_same(
    project: Path, capsys: Capture
) -> None:
    for path in (ROOT / "examples/project/storage-conductor").glob("*.md"):
        write(project, path.name, path.read_text(encoding="utf-8"))
    done = call(capsys, "context", "--json", str(project))
    short = json.loads(done.out)
    full = json.loads(call(capsys, "context", "--json", "--full", str(project)).out)
    assert len(done.out) < len(json.dumps(full, indent=2)) / 2
    for name in ("read", "not_understood"):
        said = {(each["file"], each["line"], each["value"]) for each in full[name]}
        listed = short[name].items()
        assert said == {
            (file, each["line"], each["value"]) for file, all_ in listed for each in all_
        }


def test_a_line_that_names_a_product_is_said_where_nothing_was_read_from_it(
    project: Path, capsys: Capture
) -> None:
    write(
        project,
        "tech-stack.md",
        "# Our app\n\nA small store of files\n\n- sqlite, at least for now?\n\n## Languages\n\n"
        "- Kotlin 2\n\n## Tools\n\n- Kotlin: the build scripts, too\n- Words about nothing\n",
    )
    data = json.loads(call(capsys, "context", "--json", "--full", str(project)).out)
    lines = [each["line"] for each in data["not_understood"]]
    assert 5 in lines, "a product that nothing was read from, below no heading of its kind"
    assert 13 not in lines, "its product was read from another line"


def test_other_files_are_named_where_the_documents_are_missing(
    project: Path, capsys: Capture
) -> None:
    (project / "go.mod").write_text("module x\n\ngo 1.24\n", encoding="utf-8")
    done = call(capsys, "context", str(project))
    assert done.out.startswith("Read: 1\n  go.mod\n        1  languages: Go 1.24\n")


def test_untouched_starters_are_neither_read_nor_not_understood(
    project: Path, capsys: Capture
) -> None:
    for path in (ROOT / "extensions/storage_conductor/starters").glob("*.md"):
        write(project, path.name, path.read_text(encoding="utf-8"))
    done = call(capsys, "context", str(project))
    assert done.out.startswith("Read: 0\nNot understood: 0\nNote: ")


def test_a_path_that_does_not_exist_is_named(tmp_path: Path, capsys: Capture) -> None:
    done = call(capsys, "context", str(tmp_path / "gone"))
    assert (done.code, done.out) == (2, "")
    assert "gone: does not exist" in done.err
    assert "Remedy: Give a project, or a folder in it." in done.err


def test_what_steers_a_terminal_is_left_out(project: Path, capsys: Capture) -> None:
    write(project, "tech-stack.md", "## Data\n- Whatever\x1b[31m you\u202e like\n")
    out = call(capsys, "context", str(project)).out
    assert "\x1b" not in out
    assert "\u202e" not in out
