"""Sizing: what follows from the stated numbers by arithmetic.

Here lie the formulas and what they need; their wording lies in the catalog. Nothing is computed
from a number that nobody gave.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..catalog import rulebook
from ..catalog.backend import Backend
from ..questions.answers import Answers
from ..units import shown
from ..wording import fill
from . import blocks, capacity, component, keyspace, operation, traffic, vectors
from .blocks import BlockCall
from .model import KEPT, ComputedNumber, Estimate, Job, KeptDays
from .workload import Workload

if TYPE_CHECKING:
    from ..schema.model import DataModel
    from ..schema.result import Design

__all__ = ["Estimate", "KeptDays", "size"]

COMPONENT = (
    component.rates,
    component.entities,
    component.peak,
    component.counted,
    component.volume,
    component.kept,
    component.walk,
    component.answered,
    component.downtime,
)
STORE = (
    capacity.pool,
    capacity.units,
    capacity.prefixes,
    capacity.part_size,
    keyspace.memory,
    capacity.cache_memory,
    keyspace.commands,
    traffic.objects,
    traffic.requests,
    traffic.transfer,
    traffic.versions,
    traffic.walk,
    traffic.restore_files,
    traffic.backup_space,
    traffic.clients,
    capacity.partition_rows,
    operation.rows_per_page,
    operation.commits,
    operation.restore,
    operation.backup,
    operation.log,
    operation.transaction_ids,
    operation.int_keys,
    operation.quorum,
    vectors.columns,
    vectors.indexes,
)


def size(
    answers: Answers,
    backends: Sequence[Backend],
    model: DataModel | None = None,
    design: Design | None = None,
    kept: KeptDays = KEPT,
) -> tuple[Estimate, ...]:
    """Compute every estimate for which all inputs were given.

    Where several stores share the load, nothing is computed for one of them from numbers that were
    stated for the component as a whole.

    Args:
        answers: What was said.
        backends: The stores, each as it is at its hosting.
        model: The parsed entities and access patterns.
        design: The draft that follows from the model.
        kept: How long backups are kept, and versions.

    Returns:
        The estimates, always in the same order.
    """
    load = Workload(answers, model)
    found = [_worded(outcome, "") for estimate in COMPONENT for outcome in estimate(load)]
    alone = len(backends) == 1
    for backend in backends:
        job = _job(load, backend, design, alone=alone)
        job = job._replace(kept=kept)
        suffix = "" if alone else f"-{backend.key}"
        found += [_worded(item, suffix) for estimate in STORE for item in estimate(job)]
    return tuple(found)


def sharded(load: Workload, backends: Sequence[Backend], design: Design) -> bool:
    """Tell whether keys or commands of a draft at peak are more than one node of a store takes."""
    for backend in backends:
        job = _job(load, backend, design, alone=len(backends) == 1)
        estimates = (*keyspace.commands(job), *keyspace.memory(job))
        if any(item.values.get("several") for item in estimates):
            return True
    return False


def _job(load: Workload, backend: Backend, design: Design | None, *, alone: bool) -> Job:
    """Return what estimates of a store look at, with the part of the draft that is its own."""
    if design is None:
        return Job(load, backend, load.model, alone)
    owners = dict(design.stores)
    places = {row.name: owners.get(row.entity, backend.key) for row in design.patterns}
    return Job(
        load,
        backend,
        load.model,
        alone,
        {row.entity: row.writes for row in design.entities},
        [item for item in design.units if places.get(item.pattern, backend.key) == backend.key],
        [row for row in design.keys if owners.get(row.entity, backend.key) == backend.key],
        logged={e.entity: e.bytes.logged for e in design.entities if e.bytes and e.bytes.logged},
    )


def block_load(
    answers: Answers, model: DataModel | None, calls: Sequence[BlockCall]
) -> tuple[Estimate, ...]:
    """Compute what building blocks cost on top, where the rate of their calls is known.

    Args:
        answers: What was said.
        model: The parsed entities and access patterns.
        calls: What a call costs, those of a block together.
    """
    found = blocks.block_load(Workload(answers, model), calls)
    return tuple(_worded(outcome, "") for outcome in found)


def _worded(outcome: ComputedNumber, suffix: str) -> Estimate:
    words = rulebook.formulas()[outcome.formula]
    values = shown(outcome.values)
    return Estimate(
        key=(outcome.key or outcome.formula) + suffix,
        label=fill(words.label, values),
        inputs=outcome.inputs,
        arithmetic=outcome.arithmetic,
        result=outcome.result,
        unit=outcome.unit,
        shown=outcome.shown,
        formula=words.formula,
        source=outcome.source or words.source,
        assumptions=tuple(text for item in words.assumptions if (text := fill(item, values))),
    )
