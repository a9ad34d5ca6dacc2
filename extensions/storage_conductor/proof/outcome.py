"""What a proof found, as plain data, and its report for the track."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, Protocol

PromiseKind = Literal["migration", "rows", "pattern", "rule"]
_TITLES: dict[PromiseKind, str] = {
    "migration": "Migration",
    "rows": "Rows",
    "pattern": "Access patterns",
    "rule": "Rules",
}


class Progress(Protocol):
    """Receives what is done now, and which share of it is done where that can be told."""

    def __call__(self, text: str, share: float | None = None, /) -> None:
        """Receive it."""


@dataclass(frozen=True)
class Promise:
    """One promise that was looked at.

    Args:
        name: The pattern, the rule, the entity or the part of the migration.
        passed: Whether it held; `None` where it could not be told.
        says: What was seen, in a few words.
        numbers: Measured values by name; milliseconds and rows.
        tested: Whether it is a promise of the draft; what the application keeps is not.
    """

    kind: PromiseKind
    name: str
    passed: bool | None
    says: str
    numbers: Mapping[str, float] | None = None
    tested: bool = True


@dataclass(frozen=True)
class Outcome:
    """A whole proof.

    Args:
        title: The track's title.
        backend: The store's name.
        server: Product and version that it ran on.
        seed: What the rows were made from.
        other_version: What is to be said of a server of another version than the project's
            documents name; empty where there is nothing.
    """

    title: str
    backend: str
    server: str
    seed: int
    steps: tuple[Promise, ...]
    other_version: str = ""

    @property
    def passed(self) -> bool:
        """Whether nothing failed."""
        return all(step.passed is not False for step in self.steps)

    def to_data(self) -> dict[str, Any]:
        """Return it for programs."""
        return {**asdict(self), "passed": self.passed}

    def summary(self) -> str:
        """Return the result in one line."""
        held = sum(step.passed is True for step in self.steps)
        failed = sum(step.passed is False for step in self.steps)
        untested = sum(not step.tested for step in self.steps)
        open_steps = len(self.steps) - held - failed - untested
        said = f"{held} held, {failed} failed"
        said += f", {open_steps} could not be told" if open_steps else ""
        return f"{said}, {untested} not tested by the draft" if untested else said

    def markdown(self) -> str:
        """Return the report as a page."""
        return "\n".join(self._page()) + "\n"

    def _page(self) -> Iterator[str]:
        yield f"# Proof of {_cell(self.title)}\n"
        yield f"The draft for {self.backend} on {self.server}, with rows of seed {self.seed}:"
        yield f"{self.summary()}."
        if self.other_version:
            yield f"\n{_cell(self.other_version)}.\n"
        for kind, title in _TITLES.items():
            steps = [step for step in self.steps if step.kind == kind]
            if steps:
                yield f"\n## {title}\n"
                yield "| | Held | Seen |\n| --- | --- | --- |"
            for step in steps:
                yield f"| {_cell(step.name)} | {word(step)} | {_cell(step.says)} |"


def word(step: Promise) -> str:
    """Return whether a step held, in a word."""
    if not step.tested:
        return "not tested"
    return {True: "yes", False: "no", None: "not told"}[step.passed]


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
