"""What a page shows of load, volume, capacity and cost, each with what is missing for it."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from ..catalog import loading
from ..component.component import Component
from ..component.store import Store
from ..sizing.cost import MonthlyCost
from ..sizing.cost_stores import priced
from ..sizing.headroom import VOLUME, Headroom, Uncompared, headroom
from ..sizing.workload import Workload
from ..units import listed, number, size_text, volume_text
from .board import KnownCost


class Unpriced(NamedTuple):
    """A store without a cost.

    Args:
        store: Its name.
        asked: What has to be stated for it; empty where no statement helps.
        hosting: How it is run; empty where that is not stated.
        offered: The ways of running it that the catalog has list prices for.
    """

    store: str
    asked: tuple[str, ...]
    hosting: str
    offered: tuple[str, ...]


@dataclass(frozen=True)
class SizingView:
    """Load, volume, capacity and cost of a component."""

    component: Component

    @property
    def stated(self) -> list[tuple[str, str]]:
        """Return what is stated of the load, by what it is about; empty where nothing is."""
        load = self.component.sized_load
        return [
            ("Rates", listed(list(_rates(load)))),
            ("Sizes", listed(list(_sizes(load)))),
            ("Volume", listed(list(_volume(load)))),
        ]

    @functools.cached_property
    def _compared(self) -> list[Headroom | Uncompared]:
        whole = self.component.sized_load
        cases = self.component.cases
        return [item for case in cases for item in headroom(case.job, case.estimates, whole)]

    @property
    def capacities(self) -> list[Headroom]:
        """Return how much of each known capacity the load takes."""
        return [item for item in self._compared if isinstance(item, Headroom)]

    @property
    def uncompared(self) -> list[Uncompared]:
        """Return the loads that no known capacity can be put against."""
        return [item for item in self._compared if isinstance(item, Uncompared)]

    @property
    def rooms(self) -> list[Headroom]:
        """Return the limits of the volume as a whole; where several stores share it, none is."""
        found = self.capacities if not self.component.hybrid else ()
        return [item for item in found if item.label == VOLUME]

    @property
    def volumes(self) -> list[tuple[float, float]]:
        """Return months and GB from the first day to the end of what is shown, if they grow."""
        load = self.component.sized_load
        months = sorted({0.0, *load.horizons, load.settled_months or 0.0})
        last = max(load.horizons)
        points = [(month, load.volume_gb(month)) for month in months if month <= last]
        found = [(month, held) for month, held in points if held is not None]
        return found if len({held for _, held in found}) > 1 else []

    @property
    def costs(self) -> tuple[MonthlyCost, ...]:
        """Return what each store costs in a month, where that is known."""
        return tuple(cost for cost in self.component.costs if cost.lines)

    @property
    def unpriced(self) -> list[Unpriced]:
        """Return the stores whose cost is not known, with what is missing."""
        held = {cost.store: cost for cost in self.component.costs}
        known = {cost.store for cost in self.costs}
        left = (store for store in self.component.stores if store.name not in known)
        return [_unpriced(store, held.get(store.name)) for store in left]

    @property
    def whole_cost(self) -> KnownCost | None:
        """Return what all stores cost; no more than the least where not all have prices."""
        if not self.costs:
            return None
        found = [
            KnownCost(cost.low, cost.high, (cost.oldest.region,), cost.oldest.source.dated)
            for cost in self.costs
        ]
        return KnownCost.of(found, whole=len(found) == len(self.component.stores))


def _unpriced(store: Store, cost: MonthlyCost | None) -> Unpriced:
    known = loading.find(store.name)
    whole = loading.load(known.key) if known else store.backend
    offered = tuple(item.name for item in whole.hosting if priced(whole.at(item.key)))
    hosting = "" if store.hosting_open else store.hosting.name
    return Unpriced(store.name, cost.asked if cost else (), hosting, offered)


def _rates(load: Workload) -> Iterator[str]:
    a = load.answers
    for word, rate, peak in (
        ("reads", load.reads, load.peak_reads),
        ("writes", load.writes, load.peak_writes),
    ):
        if rate is not None or peak is not None:
            average = f"{number(rate)} {word}/s" if rate is not None else word
            yield average + ("" if peak in (None, rate) else f" ({number(peak)}/s at peak)")
    if a.throughput_mb_per_second is not None:
        yield f"{number(a.throughput_mb_per_second)} MB/s"
    if a.metadata_operations_per_second is not None:
        yield f"{number(a.metadata_operations_per_second)} metadata operations/s"


def _sizes(load: Workload) -> Iterator[str]:
    a, entities = load.answers, load.model.entities if load.model else ()
    if a.average_item_bytes is not None:
        yield f"{size_text(a.average_item_bytes)} on average"
    if a.largest_item_bytes is not None:
        yield f"{size_text(a.largest_item_bytes)} at most"
    if sized := sum(entity.facts.item_bytes is not None for entity in entities):
        yield f"those of {sized} of {len(entities)} entities"


def _volume(load: Workload) -> Iterator[str]:
    a, entities = load.answers, load.model.entities if load.model else ()
    if load.initial_gb is not None:
        yield f"{volume_text(load.initial_gb)} at the start"
    if load.growth_gb is not None:
        yield f"{volume_text(load.growth_gb)} more a month"
    if load.steady_gb is not None:
        yield f"{volume_text(load.steady_gb)} that the writes leave"
    if a.item_count is not None:
        yield f"{number(a.item_count)} items"
    if load.initial_gb is None and (counted := sum(e.facts.count is not None for e in entities)):
        yield f"the number of {counted} of {len(entities)} entities"
