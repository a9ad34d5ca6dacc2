"""The typed model of a track: everything that the templates print, and nothing of how."""

from __future__ import annotations

import functools
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..catalog import loading
from ..context import ProjectContext
from ..questions import answers as answers_module
from ..questions import mentions
from . import alternatives, decisions, plan, store
from .component import Component
from .conventions import Conventions
from .decisions import Decision
from .demands import demands
from .links import DocumentLinks
from .plan import PlannedPhase
from .plan_inputs import PlanInputs

if TYPE_CHECKING:
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

    @functools.cached_property
    def schema_steps(self) -> tuple[SchemaStep, ...]:
        """Return what leads the live stores to the model, where migrations were written."""
        if not self.written:
            return ()
        from .schema_steps import schema_steps

        return schema_steps(self.written, self.component)

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
        return decisions.drafted(self.component.design, self.component.findings)

    @functools.cached_property
    def choices(self) -> tuple[alternatives.OpenChoice, ...]:
        """Return what is open between several, with their facts side by side."""
        return alternatives.choices(self.component)

    @functools.cached_property
    def decisions(self) -> tuple[Decision, ...]:
        """Return what someone has to decide, the contradictions first."""
        to_decide, _ = self._drafted
        inputs = self.plan_inputs
        return decisions.decisions(
            self.component.findings,
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
    def design_notes(self) -> list[str]:
        """Return what the schema draft makes a reader know, as Markdown."""
        _, notes = self._drafted
        return notes

    @functools.cached_property
    def phases(self) -> tuple[PlannedPhase, ...]:
        """Return the eight phases of the plan."""
        raised = decisions.tasks(self.decisions, self.component.findings)
        if self.schema_steps:
            from .schema_steps import tasks

            raised = [*raised, *tasks(self.schema_steps)]
        work = loading.load_type(self.component.answers.storage_type)
        return plan.build(self.plan_inputs.parts(raised), work, self.conventions.test_driven)

    @property
    def task_keys(self) -> dict[str, str]:
        """Return the keys of the plan's tasks by their text, of those that only one task has.

        The sub-tasks for one thing each are among them: in older plans each was a task.
        """
        tasks = [task for phase in self.phases for task in phase.tasks]
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
    said = answers_module.parse(raw)
    snapshot = raw["project_context"] or {}
    context = ProjectContext.from_data(snapshot)
    found = mentions.found_in(said)
    said = mentions.taken(said, found)
    component = Component(said, store.stores(said), demands(context), found)
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
    )


def _mapping(snapshot: Mapping[str, object], key: str) -> Mapping[str, Any]:
    """Return a mapping of a snapshot; one that was edited into something else is empty."""
    found = snapshot.get(key)
    return found if isinstance(found, Mapping) else {}


def _names(snapshot: Mapping[str, object], key: str) -> tuple[str, ...]:
    """Return a list of names of a snapshot; one that was edited into something else is empty."""
    found = snapshot.get(key)
    return tuple(map(str, found)) if isinstance(found, list) else ()
