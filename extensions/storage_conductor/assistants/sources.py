"""The commands and the block as they are written: one Markdown file each."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

import yaml

_HERE = Path(__file__).parent
_FENCE = "---\n"


@dataclass(frozen=True)
class AssistantCommand:
    """What an assistant is told to do.

    Args:
        name: Its name, of lower-case words joined by hyphens; assistants have commands of their own
            that are called `status` or `review`, so that each name says what it is about.
        description: What it does and when to use it, on one line.
        argument: What follows the name.
        body: The steps, as Markdown.
    """

    name: str
    description: str
    argument: str
    body: str


@functools.cache
def commands() -> tuple[AssistantCommand, ...]:
    """Return the commands by name."""
    return tuple(_command(path) for path in sorted((_HERE / "commands").glob("*.md")))


@functools.cache
def block() -> str:
    """Return what stands in the file that an assistant always reads, without its markers."""
    return (_HERE / "block.md").read_text(encoding="utf-8")


def _command(path: Path) -> AssistantCommand:
    _, head, body = path.read_text(encoding="utf-8").split(_FENCE, 2)
    return AssistantCommand(**yaml.safe_load(head), body=body)
