"""The one exception that a person is meant to read."""

from __future__ import annotations

from pathlib import Path


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
        return f"{text}\n  Remedy: {self.remedy}" if self.remedy else text
