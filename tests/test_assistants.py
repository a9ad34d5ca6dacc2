"""The commands of coding assistants: each form by its own rules, and what is a person's stays."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.app import COMMANDS
from storage_conductor.assistants import blocks, sources
from storage_conductor.assistants.forms import FORMS
from storage_conductor.assistants.install import Deed
from storage_conductor.questions.answers import RULES

from .command_runner import Done, call
from .conftest import git

Capture = pytest.CaptureFixture[str]
NAMES = ["new-storage", "storage-implement", "storage-revert", "storage-review", "storage-status"]
ALWAYS = {"claude": "CLAUDE.md", "gemini": "GEMINI.md"}
MOST_TOKENS = 3_000
MOST_LINES = 12


@pytest.fixture(autouse=True)
def _inside(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project)


def run(capsys: Capture, *arguments: str, code: int = 0) -> Done:
    done = call(capsys, "assistants", *arguments)
    assert done.code == code, done
    return done


def contents(project: Path) -> dict[str, bytes]:
    return {
        path.relative_to(project).as_posix(): path.read_bytes()
        for path in project.rglob("*")
        if path.is_file()
    }


def front(text: str) -> tuple[dict[str, Any], str]:
    empty, head, body = text.split("---\n", 2)
    assert empty == ""
    return yaml.safe_load(head), body


# ---------------------------------------------------------------------------------------------
# Forms


def skill_rules(path: Path, text: str) -> str:
    """Hold the rules of https://agentskills.io/specification."""
    fields, body = front(text)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", fields["name"])
    assert len(fields["name"]) <= 64
    assert fields["name"] == path.parent.name
    assert path.name == "SKILL.md"
    assert 1 <= len(fields["description"]) <= 1024
    assert not re.search(r"[<>]|claude|anthropic", fields["name"] + fields["description"])
    assert len(body.splitlines()) < 500
    return body


def claude_rules(path: Path, text: str) -> str:
    fields, _ = front(text)
    assert set(fields) == {"name", "description", "argument-hint"}
    assert not re.search(r"\$\d|\$ARGUMENTS|!`", text), "would be filled in or run"
    return skill_rules(path, text)


def agents_rules(path: Path, text: str) -> str:
    fields, _ = front(text)
    assert set(fields) == {"name", "description"}
    return skill_rules(path, text)


def cursor_rules(path: Path, text: str) -> str:
    assert path.suffix == ".md"
    assert text.startswith("# "), "what the menu shows; front matter would be read as text"
    return text


def gemini_rules(path: Path, text: str) -> str:
    data = tomllib.loads(text)
    assert set(data) == {"description", "prompt"}
    assert path.suffix == ".toml"
    assert not re.search(r"\{\{args\}\}|!\{|@\{", data["prompt"]), "would be filled in or run"
    prompt: str = data["prompt"]
    return prompt


def copilot_rules(path: Path, text: str) -> str:
    fields, body = front(text)
    assert path.name.endswith(".prompt.md")
    assert set(fields) <= {"description", "name", "argument-hint", "agent", "model", "tools"}
    assert fields["agent"] == "agent"
    assert not re.search(r"\$\{|#file:|\]\((?!http)", body), "would be filled in or looked up"
    return body


JUDGES = {
    "agents": agents_rules,
    "claude": claude_rules,
    "codex": agents_rules,
    "copilot": copilot_rules,
    "cursor": cursor_rules,
    "gemini": gemini_rules,
}


@pytest.mark.parametrize("assistant", FORMS)
def test_each_form_keeps_its_own_rules_and_says_the_same(
    assistant: str, project: Path, capsys: Capture
) -> None:
    run(capsys, assistant)
    always = ALWAYS.get(assistant, "AGENTS.md")
    found = contents(project)
    del found["storage-conductor/assistants.json"]
    del found[always]
    assert len(found) == len(NAMES)
    bodies = {command.name: command.body for command in sources.commands()}
    assert sorted(bodies) == NAMES
    for name, data in found.items():
        body = JUDGES[assistant](Path(name), data.decode("utf-8"))
        (named,) = {part.partition(".")[0] for part in Path(name).parts} & set(NAMES)
        assert body == bodies[named]


def test_the_block_is_short_and_names_every_command(project: Path, capsys: Capture) -> None:
    run(capsys, "claude")
    text = (project / "CLAUDE.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MOST_LINES
    assert all(f"`{name}`" in text for name in NAMES)


@pytest.mark.parametrize("assistant", FORMS)
def test_all_that_one_assistant_reads_is_below_the_budget(
    assistant: str, project: Path, capsys: Capture
) -> None:
    run(capsys, assistant)
    found = contents(project)
    del found["storage-conductor/assistants.json"]
    assert sum(tokens(data.decode("utf-8")) for data in found.values()) < MOST_TOKENS


def tokens(text: str) -> int:
    """Count no fewer tokens than the tokenizers o200k and cl100k, which count 2,030 for all.

    Each mark is one, and each word one for every six characters begun: 1.3 times as many.
    """
    words = re.findall(r"[A-Za-z]+|\d{1,3}|[^\sA-Za-z\d]", text)
    return sum(-(-len(word) // 6) for word in words)


def test_every_command_and_question_that_is_named_exists() -> None:
    texts = "\n".join([sources.block(), *(command.body for command in sources.commands())])
    named = set(re.findall(r"`storage-conductor (\w+)", texts))
    assert {"new", "brief", "check", "status", "context"} <= named <= set(COMMANDS)
    step = next(c.body for c in sources.commands() if c.name == "new-storage")
    step = step.partition("**Write `answers.yml`**")[2].partition("3. **Start.**")[0]
    asked = set(re.findall(r"`([a-z]+_[a-z0-9_]+|title|backend|backends|hosting)`", step))
    assert len(asked) > 20
    assert asked <= {*RULES, "per_second"}
    assert "notes" in RULES


# ---------------------------------------------------------------------------------------------
# What is whose


def test_a_second_run_changes_nothing(project: Path, capsys: Capture) -> None:
    run(capsys, *FORMS)
    before = contents(project)
    assert len(before) == 4 + 5 * len(NAMES)
    times = {path: path.stat().st_mtime_ns for path in project.rglob("*")}
    assert "up to date" in run(capsys).out
    assert run(capsys, "--check").code == 0
    assert contents(project) == before
    assert {path: path.stat().st_mtime_ns for path in project.rglob("*")} == times


def test_what_is_untouched_is_updated_and_what_was_changed_is_not(
    project: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "AGENTS.md").write_text("# Ours\n", encoding="utf-8")
    run(capsys, "cursor", "claude")
    mine = project / ".cursor/commands/new-storage.md"
    mine.write_text("# Our own way\n", encoding="utf-8")
    gone = project / ".cursor/commands/storage-revert.md"
    gone.unlink()
    changed = project / ".cursor/commands/storage-status.md"
    # What git writes on another machine is no change.
    changed.write_bytes(changed.read_bytes().replace(b"\n", b"\r\n"))
    new = [
        sources.AssistantCommand(each.name, each.description, each.argument, each.body + "More.\n")
        for each in sources.commands()
    ]
    monkeypatch.setattr("storage_conductor.assistants.install.commands", lambda: new)
    monkeypatch.setattr("storage_conductor.assistants.install.block", lambda: "New block.\n")

    before = contents(project)
    due = run(capsys, "--check", code=1)
    assert contents(project) == before
    done = run(capsys)
    assert done.out == due.out
    assert mine.read_text(encoding="utf-8") == "# Our own way\n"
    assert f"{mine.relative_to(project).as_posix()}: left" in done.out
    assert not gone.exists()
    assert changed.read_text(encoding="utf-8").endswith("More.\n")
    assert (project / "AGENTS.md").read_text("utf-8").startswith("# Ours\n\n<!-- storage-")
    assert "New block." in (project / "CLAUDE.md").read_text(encoding="utf-8")
    run(capsys, "cursor")
    assert gone.exists()
    assert mine.read_text(encoding="utf-8") == "# Our own way\n"


def test_a_block_that_was_changed_stays_and_one_that_was_deleted_stays_away(
    project: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(capsys, "claude", "cursor")
    mine = project / "CLAUDE.md"
    mine.write_text(mine.read_text("utf-8").replace("Tick", "Always tick"), encoding="utf-8")
    (project / "AGENTS.md").write_text("# Only this\n", encoding="utf-8")
    monkeypatch.setattr("storage_conductor.assistants.install.block", lambda: "New block.\n")
    run(capsys)
    assert "Always tick" in mine.read_text(encoding="utf-8")
    assert (project / "AGENTS.md").read_text(encoding="utf-8") == "# Only this\n"


@pytest.mark.parametrize(
    "text", [None, "", "# Ours\n", "# Ours", "# Ours\r\n\r\nText\r\n", "\ufeff# Ours\n\n\n"]
)
def test_removal_leaves_nothing_behind(text: str | None, project: Path, capsys: Capture) -> None:
    if text is not None:
        (project / "CLAUDE.md").write_bytes(text.encode("utf-8"))
    (project / ".github").mkdir()
    (project / ".github" / "CODEOWNERS").write_text("* @ann\n", encoding="utf-8")
    before = contents(project)
    run(capsys, *FORMS)
    if text and "\r\n" in text:
        assert b"\n" not in (project / "CLAUDE.md").read_bytes().replace(b"\r\n", b"")
    run(capsys, "--remove")
    before.pop("CLAUDE.md", None) if not text else None
    assert contents(project) == before
    assert sorted(path.name for path in project.iterdir() if path.is_dir()) == [".github"]


def test_removal_leaves_what_was_changed_and_what_was_written_around_it(
    project: Path, capsys: Capture
) -> None:
    run(capsys, "claude")
    mine = project / ".claude/skills/storage-status/SKILL.md"
    mine.write_text(mine.read_text("utf-8") + "And smile.\n", encoding="utf-8")
    always = project / "CLAUDE.md"
    always.write_text("# Before\n" + always.read_text("utf-8") + "After\n", encoding="utf-8")
    done = run(capsys, "--remove", code=1)
    assert "storage-status/SKILL.md: left" in done.out
    manifest = "storage-conductor/assistants.json"
    left = {".claude/skills/storage-status/SKILL.md", "CLAUDE.md"}
    assert set(contents(project)) == {*left, manifest}
    assert always.read_text(encoding="utf-8") == "# Before\nAfter\n"

    again = run(capsys, "--remove", code=1)
    assert again.out == f"{mine.relative_to(project).as_posix()}: {Deed.KEPT}\n"
    assert "no assistant is installed" in run(capsys, code=2).err
    assert set(contents(project)) == {*left, manifest}
    mine.unlink()
    run(capsys, "--remove")
    assert set(contents(project)) == {"CLAUDE.md"}
    assert not (project / "storage-conductor").exists()


def test_a_block_that_was_changed_is_left_each_time(project: Path, capsys: Capture) -> None:
    run(capsys, "claude")
    always = project / "CLAUDE.md"
    before = always.read_text("utf-8")
    always.write_text(before.replace("storage-status", "store-status"), encoding="utf-8")
    for _ in range(2):
        assert f"CLAUDE.md: {Deed.KEPT}" in run(capsys, "--remove", code=1).out
    always.write_text(before, encoding="utf-8")
    run(capsys, "--remove")
    assert contents(project) == {}


def test_a_repository_without_tracks_gets_them_at_its_root(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    inner = project / "services" / "ledger"
    inner.mkdir(parents=True)
    git(project, "init", "--quiet")
    monkeypatch.chdir(inner)
    run(capsys, "claude")
    assert (project / ".claude").is_dir()
    assert not list(inner.iterdir())
    run(capsys, "--check")
    run(capsys, "--remove")

    (project / "services" / "storage-conductor").mkdir()
    run(capsys, "claude")
    assert (project / "services" / ".claude").is_dir()
    assert not (project / ".claude").exists()

    git(inner, "init", "--quiet")
    run(capsys, "claude")
    assert (inner / ".claude").is_dir()


@settings(max_examples=50)
@given(
    st.text(alphabet="a#\n\r -", max_size=30).map(lambda text: text.replace("\r\n", "\n")),
    st.text(alphabet="b\n", max_size=10),
)
def test_a_block_goes_without_a_trace(text: str, later: str) -> None:
    between = blocks.joint(text)
    with_block = blocks.append(text, "Inner.", between)
    placed = blocks.find(with_block + later)
    assert placed is not None
    assert placed.inner == "Inner."
    assert blocks.without(placed, between) == text + later


def test_a_file_of_another_that_is_in_the_way_is_left(project: Path, capsys: Capture) -> None:
    path = project / ".cursor/commands/new-storage.md"
    path.parent.mkdir(parents=True)
    path.write_text("# Mine\n", encoding="utf-8")
    assert "new-storage.md: left" in run(capsys, "cursor").out
    assert path.read_text(encoding="utf-8") == "# Mine\n"
    run(capsys, "--remove", code=0)
    assert path.read_text(encoding="utf-8") == "# Mine\n"


@pytest.mark.parametrize("line", ["@AGENTS.md", "@./AGENTS.md"])
def test_where_one_file_leads_to_another_the_block_stands_once(
    line: str, project: Path, capsys: Capture
) -> None:
    (project / "CLAUDE.md").write_text(f"{line}\n", encoding="utf-8")
    run(capsys, "claude", "cursor")
    assert (project / "CLAUDE.md").read_text(encoding="utf-8") == f"{line}\n"
    assert blocks.BEGIN in (project / "AGENTS.md").read_text(encoding="utf-8")


def test_nothing_is_written_through_links(project: Path, tmp_path: Path, capsys: Capture) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (project / ".claude").symlink_to(outside, target_is_directory=True)
    done = run(capsys, "claude", code=2)
    assert "symbolic link" in done.err
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "no manifest"),
        ("[]", "no manifest"),
        ('{"assistants": [], "files": [], "blocks": {}, "joints": {}}', "no manifest"),
        (
            '{"assistants": ["cursor"], "files": {"../x": "0"}, "blocks": {}, "joints": {}}',
            "no manifest",
        ),
        (
            '{"assistants": ["emacs"], "files": {}, "blocks": {}, "joints": {}}',
            "no manifest",
        ),
    ],
)
def test_a_manifest_that_cannot_be_right_is_named(
    text: str, said: str, project: Path, capsys: Capture
) -> None:
    (project / "storage-conductor").mkdir()
    (project / "storage-conductor" / "assistants.json").write_text(text, encoding="utf-8")
    done = run(capsys, "claude", code=2)
    assert said in done.err
    assert "assistants.json" in done.err
    assert not (project / ".claude").exists()


def test_an_unknown_or_missing_name_is_one_message(project: Path, capsys: Capture) -> None:
    assert "'emacs' is no assistant" in run(capsys, "emacs", code=2).err
    assert "no assistant is installed" in run(capsys, code=2).err
    assert "takes no names" in run(capsys, "--remove", "claude", code=2).err
    assert contents(project) == {}
