"""What leads the live stores of a track to its model, from what was written as migrations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..catalog.steps import steps as step_words
from ..catalog.tasks import CatalogTask
from ..errors import ConductorError
from ..schema.model import DataModel
from ..steps.changes import changes
from ..steps.parts import SchemaParts, parts_of
from ..steps.renames import stated
from ..steps.step import between, words_of
from ..steps.written import WrittenSchema, from_data, standing
from .component import Component

_MOST = 8  # changes that a task names


@dataclass(frozen=True)
class SchemaStep:
    """A step after the first migration.

    Args:
        store: Catalog key of the store.
        tool: What its files are for.
        number: From 2 on.
        changes: What it changes, each in a few words.
        parts: The parts that it has; none where its migrations cannot be written.
        problem: Why they cannot, or empty.
        statements: For each part what is run, for one that is not written yet.
    """

    store: str
    tool: str
    number: int
    changes: tuple[str, ...]
    parts: tuple[str, ...]
    problem: str = ""
    statements: tuple[tuple[str, str], ...] = ()

    @property
    def ahead(self) -> bool:
        """Tell whether its migrations are still to be written."""
        return bool(self.statements or self.problem)

    def when(self, part: str) -> str:
        """Return when a part may run, in a sentence."""
        return step_words().part(part).when


def schema_steps(recorded: Mapping[str, Any], component: Component) -> tuple[SchemaStep, ...]:
    """Return the steps of all stores, in order, the one ahead of each behind those written.

    Args:
        recorded: What an update recorded of `files.json`; anything else counts as nothing.
        component: The component as it is answered now.
    """
    found: list[SchemaStep] = []
    for store, each in begun(recorded, component).items():
        found += [
            SchemaStep(store, each.tool, step.number, step.changes, step.parts)
            for step in each.steps
            if step.number > 1
        ]
        found += _ahead(store, each, component)
    return tuple(found)


def begun(recorded: Mapping[str, Any], component: Component) -> dict[str, WrittenSchema]:
    """Return where the next step of each store begins; nothing where that cannot be read.

    Args:
        recorded: What an update recorded of `files.json`.
        component: The component as it is answered now.
    """
    try:
        return standing(from_data(recorded), component.answers.existing)
    except (AttributeError, KeyError, TypeError, ValueError):
        return {}


def _ahead(store: str, written: WrittenSchema, component: Component) -> Iterator[SchemaStep]:
    """Yield the step from the last migration to the model, where they differ."""
    model = _held(store, component)
    if model is None:
        return
    schema = _drafted(store, model, component)
    number = written.next_number
    try:
        renames = stated(model, written.schema)
        schema, readings = written.target(schema, renames)
        if schema == written.schema:
            return
        step = between(written.schema, schema, renames, readings)
    except ConductorError as error:
        words = words_of(changes(written.schema, schema))
        yield SchemaStep(store, written.tool, number, words, (), error.message)
        return
    statements = tuple(
        (part, "\n".join(text for group in step.groups if group.part == part for text in group.up))
        for part in step.parts
    )
    yield SchemaStep(store, written.tool, number, step.words, step.parts, "", statements)


def drafted_of(store: str, component: Component) -> SchemaParts:
    """Draft what a store holds now; nothing where it holds nothing any more."""
    model = _held(store, component)
    return SchemaParts(store, {}) if model is None else _drafted(store, model, component)


def _held(store: str, component: Component) -> DataModel | None:
    """Return the part of the model that a store holds; None where it holds none any more."""
    model, design = component.model, component.design
    known = any(item.key == store for item in component.backends)
    if model is None or design is None or not known:
        return None
    own = frozenset(name for name, owner in design.stores if owner == store)
    return model.part(own) if own else None


def _drafted(store: str, model: DataModel, component: Component) -> SchemaParts:
    """Draft what a store holds."""
    from ..schema.sql import Schema
    from ..schema.sqltypes import ENGINES

    backend = next(item for item in component.backends if item.key == store)
    return parts_of(Schema(model, ENGINES[store](backend), component.sizes))


def tasks(found: tuple[SchemaStep, ...]) -> list[CatalogTask]:
    """Return the task of each step; one that was written keeps its words."""
    several = len({step.store for step in found}) > 1
    return [_task(step, named=several) for step in found]


def _task(step: SchemaStep, *, named: bool) -> CatalogTask:
    more = len(step.changes) - _MOST
    listed = "; ".join([*step.changes[:_MOST], *([f"and {more} more"] if more > 0 else [])])
    words = step_words()
    text = words.task.replace("{{ number }}", str(step.number)).replace("{{ changes }}", listed)
    return CatalogTask(
        key=f"schema-step-{step.number}-{step.store}" if named else f"schema-step-{step.number}",
        phase="migration",
        text=_plain(f"{text} ({step.store})" if named else text),
        steps=tuple(f"{words.part(part).task} (step {step.number})" for part in step.parts),
        order=90,
    )


def _plain(text: str) -> str:
    """Return a text that a template leaves as it is."""
    return text.replace("{", "{{ '{' }}")
