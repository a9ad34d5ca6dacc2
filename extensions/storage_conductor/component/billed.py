"""What the monthly cost of each store of a component rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ..sizing import Estimate
from ..sizing.cost import CostCase
from ..sizing.model import Job
from ..sizing.workload import Workload
from .store import Store

if TYPE_CHECKING:
    from ..schema.result import Design, PatternUnits


class PaidFor(NamedTuple):
    """What of a store runs all the time, so that it is paid for.

    Args:
        servers: How many servers, a standby included.
        copied: Whether a copy in another region is kept up to date.
    """

    servers: int
    copied: bool


def cost_cases(
    load: Workload,
    stores: Sequence[Store],
    design: Design | None,
    estimates: Sequence[Estimate],
    running: Mapping[str, PaidFor],
) -> Iterator[CostCase]:
    """Yield what the cost of each store rests on: of several, each with its own entities' load.

    Args:
        load: Rates and volumes of the component.
        stores: The stores, as they are run.
        design: The draft that follows from the model, if there is one.
        estimates: What was computed.
        running: What of each store runs, by its name.
    """
    a = load.answers
    named = " ".join((a.topology, a.hosting, *(note.text for note in a.notes)))
    alone = len(stores) == 1
    for store in stores:
        backend, suffix = store.backend, "" if alone else f"-{store.backend.key}"
        own = load if alone else _own(load, design, backend.key)
        yield CostCase(
            Job(own, backend, own.model, alone, units=_units(own, design)),
            servers=running[store.name].servers,
            estimates={
                item.key.removesuffix(suffix): item.result
                for item in estimates
                if item.key.endswith(suffix)
            },
            named=named,
            copied=running[store.name].copied,
        )


def _units(own: Workload, design: Design | None) -> list[PatternUnits]:
    """Return what a run of each pattern of a store consumes, where the draft tells it."""
    names = {pattern.name for pattern in own.model.patterns} if own.model else set()
    return [item for item in (design.units if design else ()) if item.pattern in names]


def _own(load: Workload, design: Design | None, key: str) -> Workload:
    """Return the load that the entities of a store bring, by what is said of each.

    What was stated of several stores together says nothing of one of them.
    """
    names = {name for name, owner in (design.stores if design else ()) if owner == key}
    own = None
    if load.model is not None and names:
        own = load.model.part(frozenset(names))
    sizes = {item.facts.item_bytes for item in own.entities} if own else set()
    size = sizes.pop() if len(sizes) == 1 else None
    answers = load.answers._replace(
        reads_per_second=None,
        writes_per_second=None,
        peak_reads_per_second=None,
        peak_writes_per_second=None,
        average_item_bytes=None if size is None else round(size),
        item_count=None,
        initial_data_gb=None,
        growth_gb_per_month=None,
    )
    return Workload(answers, own)
