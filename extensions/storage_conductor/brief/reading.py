"""Reads a track as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..catalog import rulebook
from ..component.building_blocks import PlannedBlock
from ..component.track import Track
from ..context.model import Product
from ..context.readout import by_file, read_out
from ..disk import files, places
from ..evidence.standing import ProofState, Proven, standings
from ..evidence.standing import read as verified
from ..markdown import outline
from ..markdown.outline import plain
from ..questions.answers import RULES
from ..questions.documented import documented
from ..review import progress, status
from ..review.progress import decision_rows
from ..update import recorded_answers
from ..wording import sentence
from .causes import IDENTITY, given
from .decided import Choice, choices

# Large answers, of which a reading names the parts.
_NAMED_ONLY = ("entities", "access_patterns")
# What the documents say at length, and of the product; the specification and `context` have it.
_AT_LENGTH = {"rule", "code pattern", *(name.replace("_", " ") for name in Product._fields)}


@dataclass(frozen=True)
class Assumed:
    """A value that holds until someone decides.

    Args:
        answer: The answer that would state it; empty where a document would.
        value: The value, or what is done meanwhile.
        decision: The decision that confirms it.
        because: What speaks for it.
    """

    answer: str
    value: Any
    decision: str
    because: str = ""


@dataclass(frozen=True)
class BriefBlock:
    """A building block that the specification has.

    Args:
        key: What the answer `blocks` calls it.
        name: Its name.
        store: The store that is to keep it.
        kept: Whether its steps on that store are in the catalog.
        decision: The decision that confirms it; empty where a person chose it.
        because: What speaks for it; empty where a person chose it.
        entities: What the answer `entities` lacks for it: entity, field, type.
        steps: The command that prints its steps.
    """

    key: str
    name: str
    store: str
    kept: bool
    decision: str
    because: str
    entities: Mapping[str, Mapping[str, str]]
    steps: str


@dataclass(frozen=True)
class Brief:
    """What there is to know before working on a track.

    Args:
        standing: Where it stands, as `status` has it.
        files: Its files, from the project.
        known: The answers that were given, by name; of entities and access patterns, the names.
        documents: What the project's documents say now: what, value, file and line.
        assumed: What is taken although nobody gave it.
        unknown: The answers that were not given.
        unserved: The use cases that no access pattern seems to serve, each with the nearest ones.
        blocks: The building blocks that were recognised or chosen.
        choices: The decisions of the specification.
        open_keys: The keys of those that nobody has taken.
        gate: What ends the phase of the next task; empty if the plan does not say.
        proofs: The tasks and gates that a check covers, or a person gave their word for.
        outdated: Whether the documents say something else than when the track was last updated.
    """

    standing: Mapping[str, Any]
    files: Mapping[str, str]
    known: Mapping[str, Any]
    documents: list[dict[str, Any]]
    assumed: list[Assumed]
    unknown: list[str]
    unserved: Mapping[str, tuple[str, ...]]
    blocks: list[BriefBlock]
    choices: list[Choice]
    open_keys: frozenset[str]
    gate: str
    proofs: list[Proven]
    outdated: bool

    @property
    def open(self) -> list[Choice]:
        """Return the decisions that nobody has taken."""
        return [item for item in self.choices if item.key in self.open_keys]

    def to_data(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        decided = [item for item in self.choices if item.key not in self.open_keys]
        return {
            **self.standing,
            "files": dict(self.files),
            "known": dict(self.known),
            "documents": self.documents,
            "documents_changed": self.outdated,
            "assumed": [vars(item) for item in self.assumed],
            "unknown": self.unknown,
            "unserved_use_cases": [
                {"use_case": name, "nearest": list(found)} for name, found in self.unserved.items()
            ],
            "blocks": [vars(item) for item in self.blocks],
            "open_decisions": [item.to_data() for item in self.open],
            "decided": [{"key": item.key, "decided": item.default} for item in decided],
            "gate": self.gate,
            "proofs": [item.to_data() for item in self.proofs],
        }

    def short(self) -> dict[str, Any]:
        """Return it as JSON has it, with no text twice.

        The first option of a decision is its default; an assumption does not repeat it, and how
        any decision is ended is left out. What the documents say at length is left to them.
        """
        data = self.to_data()
        defaults = {item.key: sentence(item.default) for item in self.open}
        said = [item for item in self.documents if item["what"] not in _AT_LENGTH]
        return {
            **data,
            "documents": by_file(said),
            "assumed": [
                _told(
                    item,
                    "value"
                    if defaults.get(item["decision"]) == sentence(str(item["value"]))
                    else "",
                )
                for item in data["assumed"]
            ],
            "open_decisions": [item.to_data(short=True) for item in self.open],
            "proofs": [
                _told(
                    item,
                    "because" if item["proof"] == ProofState.MISSING else "",
                    "text" if item["text"] == self.gate else "",
                )
                for item in data["proofs"]
            ],
        }


def _told(data: Mapping[str, Any], *left_out: str) -> dict[str, Any]:
    """Return what is said, without some of it."""
    return {
        key: value
        for key, value in data.items()
        if key not in left_out and (value != "" or key == "answer")
    }


def read(project: Path, storage_id: str) -> Brief:
    """Read a track and what it rests on.

    Args:
        project: The folder that holds `storage-conductor`.
        storage_id: The track.

    Raises:
        ConductorError: Its answers or its specification cannot be read or used.
    """
    paths = {
        name: places.of_track(storage_id, file)
        for name, file in (
            ("spec", places.SPEC),
            ("plan", places.PLAN),
            ("metadata", places.METADATA),
            ("answers", places.ANSWERS),
        )
    }
    recorded = recorded_answers.read(project / paths["answers"])
    covered = verified(project, storage_id)
    track = covered.plan.track
    spec = outline.read(files.read_text(project / paths["spec"], root=project))
    rows = {row.key: row for row in decision_rows(spec)}
    view = status.overview(project, [storage_id])
    (standing,) = view.to_data()["tracks"]
    said = {name: recorded.get(name) for name in _given(track)}
    return Brief(
        standing=standing,
        files=paths,
        known={name: _short(name, value) for name, value in said.items()},
        documents=read_out(project).to_data()["read"],
        assumed=_assumed(track),
        unknown=[name for name in RULES if name not in {*said, *_known_otherwise(track)}],
        unserved=_unserved(track),
        blocks=[_block(item) for item in track.component.blocks],
        choices=list(choices(track, rows)),
        open_keys=frozenset(key for key, row in rows.items() if row.is_open),
        gate=_gate(project / paths["plan"], view.standings[0]),
        proofs=[each for each in standings(covered) if each.is_told],
        outdated=recorded_answers.current_context(project, recorded)
        != recorded.get("project_context"),
    )


def _given(track: Track) -> Iterator[str]:
    """Yield the answers that a person gave; what was found in texts, or chosen, is assumed."""
    component, assumed = track.component, track.plan_inputs.assumed
    for name in given(component.stated):
        if name not in component.taken and name not in assumed:
            yield name


def _known_otherwise(track: Track) -> set[str]:
    """Return the answers that texts or documents give, or that say nothing of what is wanted."""
    conventions = track.conventions
    found = {"language": conventions.language, "migration_tool": conventions.migration_tool}
    found |= {name: documented(track.context, name) for name in ("test_driven", "schema_first")}
    return {*track.component.taken, *IDENTITY, *(name for name, value in found.items() if value)}


def _unserved(track: Track) -> dict[str, tuple[str, ...]]:
    """Return the use cases without a pattern that serves them; all where there is no pattern."""
    component = track.component
    if not component.stated.access_patterns:
        return dict.fromkeys(component.stated.use_cases, ())
    return {item.use_case: item.operations for item in component.coverage if item.perhaps}


def _block(planned: PlannedBlock) -> BriefBlock:
    why = planned.why
    return BriefBlock(
        key=planned.block.key,
        name=planned.block.name,
        store=planned.store.name,
        kept=planned.made is not None,
        decision=why.decision if why else "",
        because=f"{why.place} says: {why.quote}" if why else "",
        entities=planned.bound.proposal,
        steps=planned.command if planned.made else "",
    )


def _short(name: str, value: Any) -> Any:
    if name not in _NAMED_ONLY:
        return value
    items = value if isinstance(value, list) else [{"name": each} for each in value]
    return [item.get("name") if isinstance(item, dict) else str(item) for item in items]


def _assumed(track: Track) -> list[Assumed]:
    """List the values that hold although nobody gave them, each with the decision behind it."""
    component = track.component
    found = [
        Assumed(item.answer, item.value, item.decision, f"{item.place} says: {item.quote}")
        for item in component.mentions
        if item.value is not None
    ]
    told = {item.decision for item in found}
    answers = {f"D-{item.key}": item.answer for item in rulebook.assumptions()}
    found += [
        Assumed(answers.get(item.key, ""), plain(item.default), item.key)
        for item in track.decisions
        if item.severity == "assumption" and item.key not in told
    ]
    for text, decision in component.objectives.decided.items():
        name = text.removeprefix("a.")
        value, stated = (
            getattr(each, name, None) for each in (component.answers, component.stated)
        )
        if value != stated and decision not in told:
            found.append(Assumed(name, value, decision, f"stated is {stated}" if stated else ""))
    return found


def _gate(plan: Path, standing: status.Standing) -> str:
    """Return the gate of the phase that the next task is in."""
    if standing.phase is None:
        return ""
    return plain(progress.gate(outline.read(files.read_text(plan)), standing.phase))
