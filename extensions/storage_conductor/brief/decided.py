"""The decisions of a track as its specification lists them, with the choice that each one is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..component.alternatives import OpenChoice
from ..component.decisions import Decision
from ..component.track import Track
from ..findings import FindingWords
from ..markdown.outline import plain
from ..phases import phase_number
from ..review.progress import DecisionRow
from ..wording import sentence
from .causes import causes

# What stands between the answers, or is beyond what the store can do, makes the design another one.
_GRAVE = ("contradiction", "infeasible")
_IN_DOCUMENT = "State it in the project's document."
AGAINST = {
    "unreachable": "targets out of reach",
    "unkept": "guarantees not kept",
    "lost": "failures that lose too much",
    "risks": "risks",
}


@dataclass(frozen=True)
class Option:
    """A way to end a decision.

    Args:
        choose: What is done.
        then: What follows from it; empty where nothing is known.
        usual: Whether that is only how any decision of its kind is ended.
    """

    choose: str
    then: str
    usual: bool = False

    def to_data(self, *, short: bool = False) -> dict[str, str]:
        """Return it as JSON has it."""
        told = not short or (self.then and not self.usual)
        return {"choose": self.choose, **({"then": self.then} if told else {})}


@dataclass(frozen=True)
class Choice:
    """A decision, as it is put to the one who takes it.

    Args:
        key: Its key.
        kind: A severity of findings, `choice`, `assumption`, or empty for one that a person wrote.
        what: What is to be decided, as plain text.
        default: What the plan does meanwhile, or what was decided.
        decides: Who decides.
        before_phase: The phase before which it is due, if the specification says so.
        line: 1-based line in the specification.
        ask: Whether it changes the design, so that the user has to be asked before work begins.
        answers: The answers to revise.
        options: The ways to end it; the first is what is done meanwhile.
    """

    key: str
    kind: str
    what: str
    default: str
    decides: str
    before_phase: int | None
    line: int
    ask: bool
    answers: tuple[str, ...]
    options: tuple[Option, ...]

    def to_data(self, *, short: bool = False) -> dict[str, Any]:
        """Return it as JSON has it; in short without what its first option and `answers` say."""
        left = (_stating(self.answers), _IN_DOCUMENT) if short else ()
        options = [each.to_data(short=short) for each in self.options if each.choose not in left]
        data = {**vars(self), "options": options}
        return {name: value for name, value in data.items() if not (short and name == "default")}


def choices(track: Track, rows: Mapping[str, DecisionRow]) -> Iterator[Choice]:
    """Put each row of the table of decisions together with what the model knows of it.

    Args:
        track: The model of the track.
        rows: The rows of the specification, by key.
    """
    modelled = {item.key: item for item in track.decisions}
    words = {finding.decision: texts for finding, texts in track.component.findings}
    behind = causes(track)
    between = {item.decision: item for item in track.choices}
    for key, row in rows.items():
        decision = modelled.get(key)
        kind = decision.severity if decision else ""
        yield Choice(
            key=key,
            kind=kind,
            what=plain(row.what),
            default=plain(row.default),
            decides=plain(row.decides),
            before_phase=row.phase,
            line=row.line,
            ask=kind in (*_GRAVE, "choice")
            or (row.phase == 1 and kind != "assumption")
            or behind.get(key) == ("backend",)
            or (key == "D-hosting" and bool(track.links.run_on(track.component.openly_run))),
            answers=behind.get(key, ()),
            options=tuple(
                _between(between[key])
                if key in between
                else _options(row, decision, words.get(key), behind.get(key, ()))
            ),
        )


def _between(choice: OpenChoice) -> Iterator[Option]:
    """Yield what an answer is open between, each with what is known to speak against it."""
    for at, option in enumerate(choice.options):
        known = {name: cells[at] for name, cells in choice.cells.items()}
        against = "; ".join(
            f"{AGAINST[name]}: {', '.join(keys)}" for name, keys in known.items() if keys
        )
        said = f"Against it: {against}." if against else "Nothing that is known speaks against it."
        if None in known.values() or not known:
            said += " Not all of it is known."
        yield Option(option, f"{said} State {choice.answer}: {option}.")


def _options(
    row: DecisionRow,
    decision: Decision | None,
    words: FindingWords | None,
    answers: tuple[str, ...],
) -> Iterator[Option]:
    """Yield the default, what else can be done, and what each brings."""
    task = words.task if words else None
    work = f"Phase {phase_number(task.phase)} has the task: {plain(task.text)}" if task else ""
    yield Option(plain(row.default), sentence(work) if work else "")
    named, kind = ", ".join(answers), decision.severity if decision else ""
    if words is not None:
        yield Option(sentence(plain(words.remedy)), _then(kind, named), usual=True)
    elif named:
        then = "Specification and plan follow what is stated."
        yield Option(_stating(answers), then, usual=True)
    elif kind == "assumption":
        then = "`storage-conductor refresh` brings it into this track and all others."
        yield Option(_IN_DOCUMENT, then)


def _stating(answers: tuple[str, ...]) -> str:
    return f"State {', '.join(answers)}."


def _then(kind: str, named: str) -> str:
    if kind == "missing" and named:
        return f"State {named}; it takes the default's place everywhere."
    if kind in _GRAVE and named:
        return f"Revise {named}; specification and plan follow."
    rest = f"; if {named} was not meant so, revise it" if named else ""
    return f"State it in `decisions`, or write it into its row and update{rest}."
