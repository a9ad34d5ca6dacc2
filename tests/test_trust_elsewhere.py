"""What `brief`, `import`, `prove`, `drift`, `issues`, `adopt` and others print acts on nothing."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from pathlib import Path

import pytest
import yaml

from .conftest import commit
from .test_trust_output import COMMANDS, RAW, TRACK, assert_harmless, spoil
from .trust_support import LINKS, ONE, fresh, newer, project, say

__all__ = ["fresh", "newer", "project"]
EVIL = f"{COMMANDS[0]} {COMMANDS[1]} \x1b]8;;http://a\x1b\\b {RAW}"
LINE = f"::error::x\n{EVIL}"
BY_HAND = "storage-conductor/storages/by-hand"
BROKEN = json.dumps({"tables": [{"name": LINE, "columns": [{"name": LINE, "type": LINE}]}]})
JSON = (("brief", ONE, "--json"), ("revise", ONE, "--trust", "-n", "--json", "-d", "rto_minutes=9"))


def spoil_the_rest(project: Path) -> None:
    """Put hostile text into what else is read: answers, a handwritten track, sources."""
    spoil(project)
    path = project / TRACK / ".copier-answers.yml"
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    # What the rule of the answer itself refuses cannot stand there.
    said = LINE.replace("\udc00", "")
    data |= {"title": EVIL, "description": said, "retention": said, "use_cases": [EVIL]}
    data |= {"notes": f"backup: {EVIL}", "language": EVIL, "backend": "SQLite", "hosting": ""}
    data["entities"] = "A:\n  id: int pk\n  b: text\n"
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    (project / BY_HAND).mkdir()
    spec = f"# {EVIL}\n\n- **Storage Backend**: PostgreSQL {EVIL}\n- **RTO**: {EVIL}\n"
    spec += f"\n## Use Cases\n\n- {EVIL}\n"
    (project / BY_HAND / "spec.md").write_text(spec, encoding="utf-8")
    (project / "a.sql").write_text(f"CREATE TABLE ({LINE}\n", encoding="utf-8")
    table = f'CREATE TABLE "{EVIL}" (id int PRIMARY KEY, "{EVIL}" text)'
    (project / "b.sql").write_text(f"{table};\n", encoding="utf-8")
    (project / "c.dbml").write_text(f"Table {LINE} {{\n", encoding="utf-8")
    (project / "d.json").write_text(BROKEN, encoding="utf-8")
    with contextlib.closing(sqlite3.connect(project / "live.db")) as live, live:
        live.execute(table)
    live.close()
    commit(project, "spoilt")


@LINKS
@pytest.mark.parametrize(
    "arguments",
    [
        ("brief", ONE),
        ("issues", "--csv", ONE),
        ("revise", ONE, "--trust", "--dry-run", "-d", f"title={EVIL}"),
        ("revise", ONE, "--trust", "--dry-run", "-d", f"backend={EVIL}"),
        ("adopt", "--dry-run", BY_HAND),
        ("adopt", "--dry-run", "--json", BY_HAND),
        ("adopt", "--defaults", "-d", f"backend={EVIL}", BY_HAND),
        ("assistants", EVIL),
        ("facts", EVIL),
        ("import", "a.sql"),
        ("import", "b.sql"),
        ("import", "c.dbml"),
        ("import", "d.json"),
        ("import", "b.sql", "--into", ONE, "--trust", "--dry-run"),
        ("import", "sqlite:///live.db"),
        ("prove", ONE),
        ("prove", ONE, "--url", f"sqlite:///{EVIL}"),
        ("drift", ONE, "--url", "sqlite:///live.db"),
        ("drift", ONE, "--url", "sqlite:///live.db", "--json"),
        ("new", "--defaults", "-d", f"title={EVIL}", "-d", f"backend={EVIL}"),
        *JSON,
    ],
    ids=lambda arguments: " ".join(word for word in arguments if word.isprintable()),
)
def test_nothing_that_is_printed_is_acted_on(project: Path, arguments: tuple[str, ...]) -> None:
    spoil_the_rest(project)
    done = say(project, *(word.replace("\0", "") for word in arguments))
    assert done.out + done.err
    assert_harmless(done.out)
    assert_harmless(done.err)
