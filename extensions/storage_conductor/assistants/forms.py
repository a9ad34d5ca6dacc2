"""The form in which each assistant reads a command, and the file that it always reads.

| Assistant | Form |
| --- | --- |
| claude | skills, https://code.claude.com/docs/en/skills |
| agents | skills, https://agentskills.io/specification |
| codex | the same skills, https://developers.openai.com/codex/skills |
| cursor | plain Markdown, https://cursor.com/docs/context/commands |
| gemini | TOML, https://geminicli.com/docs/cli/custom-commands |
| copilot | prompt files, https://code.visualstudio.com/docs/copilot/customization/prompt-files |
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

import yaml

from .sources import AssistantCommand

AGENTS_FILE = "AGENTS.md"
CLAUDE_FILE = "CLAUDE.md"
GEMINI_FILE = "GEMINI.md"


@dataclass(frozen=True)
class Form:
    """Where and how an assistant reads commands.

    Args:
        path: The file of a command, from the project, with `{name}`.
        render: Writes a command.
        always: The file that the assistant reads at the start of every session.
    """

    path: str
    render: Callable[[AssistantCommand], str]
    always: str = AGENTS_FILE

    def is_path(self, path: str) -> bool:
        """Tell whether a path can be that of a command in this form, or of the block."""
        before, _, after = self.path.partition("{name}")
        command = rf"{re.escape(before)}[a-z]+(-[a-z]+)*{re.escape(after)}"
        return path in (self.always, AGENTS_FILE) or re.fullmatch(command, path) is not None


def _headed(fields: dict[str, str], body: str) -> str:
    head = yaml.safe_dump(fields, sort_keys=False, allow_unicode=True, width=4096)
    return f"---\n{head}---\n{body}"


def _skill(command: AssistantCommand) -> str:
    return _headed({"name": command.name, "description": command.description}, command.body)


def _claude(command: AssistantCommand) -> str:
    fields = {
        "name": command.name,
        "description": command.description,
        "argument-hint": f"[{command.argument}]",
    }
    return _headed(fields, command.body)


def _copilot(command: AssistantCommand) -> str:
    fields = {
        "name": command.name,
        "description": command.description,
        "argument-hint": command.argument,
        "agent": "agent",
    }
    return _headed(fields, command.body)


def _plain(command: AssistantCommand) -> str:
    return command.body


def _toml(command: AssistantCommand) -> str:
    # A basic string of TOML takes every escape that JSON writes.
    return f"description = {json.dumps(command.description)}\nprompt = '''\n{command.body}'''\n"


_SKILLS = Form(".agents/skills/{name}/SKILL.md", _skill)
FORMS: dict[str, Form] = {
    "agents": _SKILLS,
    "claude": Form(".claude/skills/{name}/SKILL.md", _claude, CLAUDE_FILE),
    "codex": _SKILLS,
    "copilot": Form(".github/prompts/{name}.prompt.md", _copilot),
    "cursor": Form(".cursor/commands/{name}.md", _plain),
    "gemini": Form(".gemini/commands/{name}.toml", _toml, GEMINI_FILE),
}
