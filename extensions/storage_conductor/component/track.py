"""The typed model of a track: everything that the templates print, and nothing of how."""

from __future__ import annotations

import functools
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..catalog import loading
from ..catalog.tasks import CatalogTask
from ..context import ProjectContext
from ..questions import answers as answers_module
from ..questions import mentions
from ..questions.answers import Answers
from . import alternatives, decisions, plan, settlement, store
from .component import Component
from .conventions import Conventions
from .decisions import Decision
from .demands import demands
from .in_force import settles_number
from .links import DocumentLinks
from .plan import PlannedPhase
from .plan_inputs import PlanInputs
from .settlement import NOTHING, TakenDecisions

if TYPE_CHECKING:
    from ..steps.existing import Readings
    from .existing import ExistingStore
    from .schema_steps import SchemaStep


@dataclass(frozen=True)
class Track:
    """A storage component track, as it follows from answers, documents and catalog.

    Args:
        id: The storage id.
        created: Time of creation, ISO 8601.
        tracks: Ids of other tracks that this one depends on.
        context: What the project's documents say.
        component: What is built.
        conventions: How the work is done here.
        links: Links to what the documents say.
        plan_inputs: What decides and fills the tasks of the plan.
        written: What was written as migrations when the documents were read last.
        taken: The decisions that were taken.
        open_ones: The decisions as they are while nothing is decided, where something is.
    """

    id: str
    created: str
    tracks: tuple[str, ...]
    context: ProjectContext
    component: Component
    conventions: Conventions
    links: DocumentLinks
    plan_inputs: PlanInputs
    written: Mapping[str, Any]
    taken: TakenDecisions = NOTHING
    open_ones: tuple[Decision, ...] = ()

    @property
    def owner(self) -> str:
        """Return who answers for the data, as Markdown, where that was decided."""
        return self.taken.shown.get("D-missing-owner", "")

    @functools.cached_property
    def schema_steps(self) -> tuple[SchemaStep, ...]:
        """Return what leads the live stores to the model, where migrations were written."""
        if not (self.written or self.component.answers.existing):
            return ()
        from .schema_steps import schema_steps

        return schema_steps(self.written, self.component)

    def readings(self, store: str) -> Readings:
        """Return how a store that was there before says what is drafted; of another nothing."""
        if not self.component.answers.existing:
            return {}
        from .schema_steps import begun

        start = begun(self.written, self.component).get(store)
        return start.readings if start else {}

    @functools.cached_property
    def existing(self) -> tuple[ExistingStore, ...]:
        """Return the stores that were there before the track."""
        if not self.component.answers.existing:
            return ()
        from .existing import stores

        return tuple(stores(self.component))

    @property
    def metadata(self) -> dict[str, str]:
        """Return the content of metadata.json; a person or a command changes the status later."""
        return {
            "id": self.id,
            "title": self.component.answers.title,
            "type": "Storage Component",
            "storage_type": self.component.answers.storage_type,
            "backend": self.component.backend_text,
            "status": "Planning",
            "created": self.created,
            "updated": self.created,
        }

    def complete(self) -> None:
        """Compute everything that a template may print, so that mistakes show at once."""
        _ = self.component.design, self.component.estimates, self.decisions, self.phases

    @functools.cached_property
    def _drafted(self) -> tuple[list[Decision], list[str]]:
        return decisions.drafted(self.component.design, self.component.raised)

    @functools.cached_property
    def choices(self) -> tuple[alternatives.OpenChoice, ...]:
        """Return what is open between several, with their facts side by side."""
        return alternatives.choices(self.component)

    @functools.cached_property
    def decisions(self) -> tuple[Decision, ...]:
        """Return what someone has to decide or has decided, the contradictions first."""
        if not self.open_ones:
            return self._open
        now = {item.key: item for item in self._open}
        known = {item.key for item in self.open_ones}
        rows = [item for item in self._open if item.key not in known]
        for item in self.open_ones:
            if item.key in self.taken.shown:
                rows.append(item._replace(default=self.taken.shown[item.key], status="decided"))
            elif item.key in self.taken.confirmed:
                rows.append(now.get(item.key, item)._replace(status="decided"))
            elif item.key in now:
                rows.append(now[item.key])
        return tuple(rows)

    @functools.cached_property
    def _open(self) -> tuple[Decision, ...]:
        to_decide, _ = self._drafted
        inputs = self.plan_inputs
        return decisions.decisions(
            self.component.raised,
            [
                *decisions.alternatives(self.choices),
                *to_decide,
                *decisions.mentioned(self.component.mentions, inputs.values, self.choices),
                *decisions.recognised_blocks(self.component.blocks),
            ],
            inputs.assumption_flags,
            inputs.values,
        )

    @property
    def own_designs(self) -> list[Decision]:
        """Return the decisions for what is no number, no answer and no default."""
        numbers = {
            finding.decision
            for finding, _ in self.component.raised
            if settles_number(finding, self.component.stated)
        }
        still_open = {item.key for item in self._open}
        return [
            item
            for item in self.decisions
            if item.key in self.taken.words
            and item.key not in (*numbers, *settlement.NOT_WORK)
            and not (item.key == "D-ttl-undecided" and item.key not in still_open)
            and not item.answers
        ]

    @property
    def design_notes(self) -> list[str]:
        """Return what the schema draft makes a reader know, as Markdown."""
        _, notes = self._drafted
        return notes

    @functools.cached_property
    def phases(self) -> tuple[PlannedPhase, ...]:
        """Return the eight phases of the plan."""
        raised = decisions.tasks(self.decisions, self.component.judged, self.own_designs)
        if self.schema_steps:
            from .schema_steps import tasks

            raised = [*raised, *tasks(self.schema_steps)]
        return self._planned(raised)

    def _planned(self, raised: Sequence[CatalogTask]) -> tuple[PlannedPhase, ...]:
        work = loading.load_type(self.component.answers.storage_type)
        return plan.build(self.plan_inputs.parts(raised), work, self.conventions.test_driven)

    @property
    def task_keys(self) -> dict[str, str]:
        """Return the keys of the plan's tasks by their text, of those that only one task has.

        The sub-tasks for one thing each are among them: in older plans each was a task.
        """
        return _keys(self.phases)

    @property
    def lasting_task_keys(self) -> dict[str, str]:
        """Return the same with the tasks of what was decided, which a plan keeps once ticked."""
        own = self.task_keys
        before = _keys(self._planned(decisions.tasks_of_before(self.component.judged)))
        taken = set(own.values())
        return {text: key for text, key in before.items() if key not in taken} | own


def _keys(phases: Iterable[PlannedPhase]) -> dict[str, str]:
    tasks = [task for phase in phases for task in phase.tasks]
    named = [(task.key, task.text) for task in tasks]
    named += [item for task in tasks for item in task.items.items()]
    often = Counter(text for _, text in named) + Counter(key for key, _ in named)
    return {text: key for key, text in named if often[text] == often[key] == 1}


def build(raw: Mapping[str, object]) -> Track:
    """Build the model of a track from Copier's answers; the same answers give the same object.

    Raises:
        ConductorError: An answer breaks its rule, or the data model has mistakes.
    """
    names = (*answers_module.RULES, *answers_module.RECORDED)
    return _build(json.dumps({name: raw.get(name) for name in names}, default=str))


@functools.lru_cache(maxsize=2)
def _build(recorded: str) -> Track:
    raw = json.loads(recorded)
    return of_answers(answers_module.parse(raw), raw)


def of_answers(said: Answers, raw: Mapping[str, Any]) -> Track:
    """Build the model of a track from typed answers, with the decisions that were taken.

    Args:
        said: The answers.
        raw: What is recorded beside them: id, time and snapshot of the documents.
    """
    snapshot = raw["project_context"] or {}
    rows = {key: str(text) for key, text in _mapping(snapshot, "decided").items()}
    first = _track(said._replace(decisions={}), raw, snapshot)
    if not (said.decisions or rows):
        return first
    taken = settlement.taken(said.decisions, rows, first.decisions)
    if not (taken.words or taken.confirmed or taken.unheard):
        return first
    answered, taken = settlement.with_answers(said, taken, first.decisions, first.component.design)
    return _track(answered, raw, snapshot, taken, first.decisions)


def _track(
    said: Answers,
    raw: Mapping[str, Any],
    snapshot: Mapping[str, Any],
    taken: TakenDecisions = NOTHING,
    open_ones: tuple[Decision, ...] = (),
) -> Track:
    """Build the model of a track from answers, with the decisions that were taken."""
    context = ProjectContext.from_data(snapshot)
    found = mentions.found_in(said)
    said = mentions.taken(said, found)
    demanded = settlement.with_demands(demands(context), said)
    component = Component(said, store.stores(said), demanded, found, taken.unheard).at_its_load()
    conventions = Conventions(said, context, component.stores)
    links = DocumentLinks(context, component.migrates)
    assumed = _names(snapshot, "assumed")
    return Track(
        id=raw["storage_id"],
        created=raw["created_at"],
        tracks=_names(snapshot, "tracks"),
        context=context,
        component=component,
        conventions=conventions,
        links=links,
        plan_inputs=PlanInputs(raw["storage_id"], component, conventions, context, links, assumed),
        written=_mapping(snapshot, "written"),
        taken=taken,
        open_ones=open_ones,
    )


def _mapping(snapshot: Mapping[str, object], key: str) -> Mapping[str, Any]:
    """Return a mapping of a snapshot; one that was edited into something else is empty."""
    found = snapshot.get(key)
    return found if isinstance(found, Mapping) else {}


def _names(snapshot: Mapping[str, object], key: str) -> tuple[str, ...]:
    """Return a list of names of a snapshot; one that was edited into something else is empty."""
    found = snapshot.get(key)
    return tuple(map(str, found)) if isinstance(found, list) else ()
