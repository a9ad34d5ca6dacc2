"""The catalog files beside the backends: words of findings, estimates, measures; general facts.

Each is one YAML file with a pydantic model, read once and only when it is needed.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from ..errors import ConductorError
from ..phases import PhaseKey
from .entry import CatalogEntry
from .reading import CATALOG, load
from .statements import Citation, Fact, Key, Text
from .tasks import CatalogTask

MeasureKind = Literal["encryption", "access", "audit", "erasure", "residency", "do-not-log"]
DataKind = Literal["pii", "phi", "pci", "secrets", "confidential"]


class RuleTask(CatalogEntry):
    """The work that a finding brings into the plan; texts as in the catalog's tasks."""

    phase: PhaseKey
    text: Text
    test: str = ""
    steps: tuple[str, ...] = ()
    order: int = 50


class SettledNumber(CatalogEntry):
    """The number of a decision: what another one that is decided takes the place of.

    Args:
        value: The finding's value that the default takes.
        unit: What it is counted in.
        stated: The finding's value that holds where the decision is for what was stated.
        when: The finding's value without which the default takes no number.
    """

    value: Text
    unit: Literal["minutes", "days", "ms", "percent", "bytes", "gb", "count"]
    stated: str = ""
    when: str = ""


class RuleWords(CatalogEntry):
    """The words of a rule: Jinja templates over the finding's values and `a`, the answers.

    Args:
        title: What is wrong or missing, in one sentence.
        default: What is done as long as nobody decides.
        remedy: What to do about it.
        decider: Who decides.
        phase: The phase before which it must be decided.
        source: Where the rule itself can be read, when it rests on no fact of a backend.
        answers: The answers that are missing; what is decided is taken for them.
        settles: The number that is decided, if it is one.
        task: The work that follows, if it is work for the plan.
    """

    key: Key
    title: Text
    default: Text
    remedy: Text
    decider: Text
    phase: PhaseKey
    source: Citation | None = None
    answers: tuple[str, ...] = ()
    settles: SettledNumber | None = None
    task: RuleTask | None = None


class ModelFindingWords(CatalogEntry):
    """The words of what a schema draft makes a reader know; a decision where a default is given.

    Texts are Jinja templates over `subject` and the finding's numbers.
    """

    key: Key
    text: Text
    default: str = ""
    decider: str = ""
    severity: Literal["risk", "choice"] = "risk"

    def check(self) -> None:
        """Make sure that default and decider come together."""
        if bool(self.default) != bool(self.decider):
            raise ValueError(f"{self.key}: default and decider belong together")


class Assumption(CatalogEntry):
    """What the plan assumes when its flags hold; texts are Jinja templates over the track.

    `answer` is the question that states it; empty where a document of the project does.
    """

    key: Key
    answer: str = ""
    when: tuple[str, ...]
    what: Text
    default: Text
    decider: Text
    phase: PhaseKey


class OpenAnswer(CatalogEntry):
    """The decision that an answer becomes which is open between several: see its file."""

    key: Key
    what: Text
    default: Text
    decider: Text
    phase: PhaseKey


class Formula(CatalogEntry):
    """The words of an estimate: `formula` in symbols, `assumptions` as Jinja templates."""

    key: Key
    label: Text
    formula: Text
    source: Citation | None = None
    assumptions: tuple[Text, ...] = ()


class MeasureText(CatalogEntry):
    """A measure of protection and the kinds of data that ask for it (any of them).

    `when` lists further conditions that must all hold: a stated retention, several stores, a cache
    beside another store.
    """

    key: Key
    kind: MeasureKind
    data: Annotated[tuple[DataKind, ...], Field(min_length=1)]
    when: tuple[Literal["retention", "several", "cached"], ...] = ()
    title: Text
    text: Text
    source: Key | None = None


CheckKind = Literal["prove", "drift", "person"]
"""What the template can look at by itself, and a named person's word."""


class ProvenBy(CatalogEntry):
    """The checks that prove a task or the gate of a phase, all of which must pass.

    Args:
        key: Of the task, or of the phase.
        checks: What is to pass.
        when: Flags of the store that must hold, as those of a task.
    """

    key: Key
    checks: Annotated[tuple[CheckKind, ...], Field(min_length=1)]
    when: tuple[str, ...] = ()


class _Keyed(CatalogEntry):
    def check(self) -> None:
        """Make sure that each key stands once in its list."""
        for name in self.names():
            items = getattr(self, name)
            keys = [item.key for item in items] if isinstance(items, tuple) else []
            if double := {key for key in keys if keys.count(key) > 1}:
                raise ValueError(f"{name}: {', '.join(sorted(double))} stands twice")


class _Rules(_Keyed):
    rules: tuple[RuleWords, ...]


class _Formulas(_Keyed):
    formulas: tuple[Formula, ...]


class _ModelFindings(_Keyed):
    findings: tuple[ModelFindingWords, ...]


class _Assumptions(_Keyed):
    assumptions: tuple[Assumption, ...]


class _OpenAnswers(_Keyed):
    alternatives: tuple[OpenAnswer, ...]


class _StatedWork(_Keyed):
    tasks: tuple[CatalogTask, ...]


class _Cited(_Keyed):
    sources: dict[Key, Citation]


class Proofs(_Keyed):
    """Which check proves what; `stores` are the backends that it can be run on."""

    stores: dict[CheckKind, tuple[Key, ...]]
    tasks: tuple[CatalogTask, ...]
    proves: tuple[ProvenBy, ...]
    gates: tuple[ProvenBy, ...]


class Privacy(_Cited):
    """The measures for sensitive data."""

    measures: tuple[MeasureText, ...]

    def check(self) -> None:
        """Make sure that every source is listed, and each key once."""
        super().check()
        named = {measure.source for measure in self.measures if measure.source}
        if unknown := named - set(self.sources):
            raise ValueError(f"sources {sorted(unknown)} are not listed")


class General(_Cited):
    """Facts that belong to no backend: legal deadlines, tiers of availability, a usual volume."""

    facts: tuple[Fact, ...]

    def check(self) -> None:
        """Make sure that every source is listed, and each key once."""
        super().check()
        if unknown := {fact.source for fact in self.facts} - set(self.sources):
            raise ValueError(f"sources {sorted(unknown)} are not listed")


@functools.cache
def rules(catalog: Path = CATALOG) -> dict[str, RuleWords]:
    """Return the rules by key, in the order of the file."""
    return {rule.key: rule for rule in load(_Rules, catalog / "rules.yml").rules}


def rule(key: str) -> RuleWords:
    """Return the words of a rule.

    Raises:
        ConductorError: There are none.
    """
    found = rules().get(key)
    if found is None:
        raise ConductorError(
            f"has no words for the rule {key!r}",
            path=CATALOG / "rules.yml",
            remedy=f"Add an entry with `key: {key}`, as docs/adding-a-rule.md shows.",
        )
    return found


@functools.cache
def model_findings(catalog: Path = CATALOG) -> dict[str, ModelFindingWords]:
    """Return the words of what a schema draft makes a reader know, by key."""
    found = load(_ModelFindings, catalog / "model-findings.yml").findings
    return {item.key: item for item in found}


@functools.cache
def assumptions(catalog: Path = CATALOG) -> tuple[Assumption, ...]:
    """Return what the plan may have to assume."""
    return load(_Assumptions, catalog / "assumptions.yml").assumptions


@functools.cache
def open_answers(catalog: Path = CATALOG) -> dict[str, OpenAnswer]:
    """Return the words of what is open between several, by the answer."""
    found = load(_OpenAnswers, catalog / "alternatives.yml").alternatives
    return {item.key: item for item in found}


@functools.cache
def stated_work(catalog: Path = CATALOG) -> tuple[CatalogTask, ...]:
    """Return the tasks that answers bring whatever the type of the storage."""
    return load(_StatedWork, catalog / "stated.yml").tasks


@functools.cache
def proofs(catalog: Path = CATALOG) -> Proofs:
    """Return which check proves what."""
    return load(Proofs, catalog / "proofs.yml")


@functools.cache
def formulas(catalog: Path = CATALOG) -> dict[str, Formula]:
    """Return the words of the estimates by key."""
    return {item.key: item for item in load(_Formulas, catalog / "sizing.yml").formulas}


@functools.cache
def privacy(catalog: Path = CATALOG) -> Privacy:
    """Return the measures for sensitive data."""
    return load(Privacy, catalog / "privacy.yml")


@functools.cache
def general(catalog: Path = CATALOG) -> General:
    """Return the facts that belong to no backend."""
    return load(General, catalog / "general.yml")
