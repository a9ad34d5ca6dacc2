"""The one exception that a person is meant to read, and text that no terminal acts on."""

from __future__ import annotations

import re
from pathlib import Path

# What moves the cursor, turns the direction of reading or shows as nothing: control characters but
# tab and line feed, lone surrogates, and what Unicode lists as default ignorable, but for the
# variation selectors of emoji (https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point).
_HIDDEN = (
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# `::set-env`, after white space too, and `##vso[` anywhere in a line:
# https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands and
# https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands
_COMMAND = r"(?P<colons>^[^\S\n]*:(?=:))|(?P<hash>\#(?=\#\w*\[))"
_COLOUR = "\x1b\\[[0-9;]*m"
_ACTED_ON = re.compile(f"(?P<hidden>{_HIDDEN})|{_COMMAND}", re.MULTILINE)
_ACTED_ON_BUT_COLOUR = re.compile(f"{_COLOUR}|{_ACTED_ON.pattern}", re.MULTILINE)
# A name before `@` in an address, where `git` alone is no secret, and a token behind `?`.
_SECRET = re.compile(
    r"(?<=://)(?!git@)[^/\s\"]*@|(?<=[?&])(?P<name>[\w-]*(?:token|password|secret|key)=)[^&\s\"]+",
    re.IGNORECASE,
)


def printable(text: str, *, coloured: bool = False) -> str:
    r"""Return a text in which everything is visible, and nothing is a command to a CI runner.

    Args:
        text: Any text; its lines stay.
        coloured: Whether colours that a terminal shows stay, too.

    Returns:
        The text, in which `\u202e` stands for that character and a space breaks a command.
    """
    return (_ACTED_ON_BUT_COLOUR if coloured else _ACTED_ON).sub(_shown, without_password(text))


def _shown(found: re.Match[str]) -> str:
    if found["hidden"]:
        return ascii(found[0])[1:-1]
    return found[0] if found[0].startswith("\x1b") else f"{found[0]} "


def without_password(text: str) -> str:
    """Return a text whose addresses show neither passwords nor tokens."""
    return _SECRET.sub(lambda found: f"{found['name']}***" if found["name"] else "***@", text)


class ConductorError(Exception):
    """A mistake or obstacle that a person can mend; nothing has been changed when it is raised.

    Args:
        message: What is wrong, in one sentence.
        path: The file or folder it is about, if any.
        line: 1-based line in that file, if known.
        remedy: What to do about it, in one sentence.
    """

    def __init__(
        self,
        message: str,
        *,
        path: Path | str | None = None,
        line: int | None = None,
        remedy: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.line = line
        self.remedy = remedy

    def __str__(self) -> str:
        """Format as `file:line: message`, with the remedy on its own line."""
        place = "" if self.path is None else Path(self.path).as_posix()
        if place and self.line is not None:
            place = f"{place}:{self.line}"
        text = f"{place}: {self.message}" if place else self.message
        return printable(f"{text}\n  Remedy: {self.remedy}" if self.remedy else text)
