"""The charts of a page, each with its title and what has to be said beside it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from markupsafe import Markup

from ..sizing.cost import MonthlyCost
from ..sizing.headroom import VOLUME
from . import charts
from .charts import LimitLine
from .sizing_view import SizingView


class Figure(NamedTuple):
    """A chart: its title, the drawing, and a note as Markdown."""

    title: str
    drawing: Markup
    note: str


def drawn(sizing: SizingView, title: str) -> Iterator[Figure]:
    """Draw what numbers are known for.

    Args:
        sizing: Volume and cost.
        title: The title of the component.
    """
    if sizing.volumes:
        yield _volume(sizing, title)
    for at, cost in enumerate(sizing.costs):
        yield _cost(cost, title, at)


def _volume(sizing: SizingView, title: str) -> Figure:
    limits = [
        LimitLine(room.capacity, f"{room.capacity_text}, {KINDS.get(room.kind, room.kind)}")
        for room in sizing.rooms
    ]
    says = f"Volume of {title}: " + ", ".join(
        f"{held:,.4g} GB after {month:g} months" for month, held in sizing.volumes
    )
    says += "".join(f"; limit {limit.name}" for limit in limits)
    drawing = charts.over_time(sizing.volumes, limits, "GB", says, "vol")
    return Figure("Volume over time", drawing, "" if limits else _without_limit(sizing))


KINDS = {"hard": "hard limit", "design": "by design"}
"""What a kind of fact is called beside a number, where its own name does not say it."""


def _without_limit(sizing: SizingView) -> str:
    if sizing.component.hybrid:
        return "No limit is drawn: several stores share the volume, and each is compared below."
    (store,) = sizing.component.stores
    said = [item.said for item in sizing.uncompared if item.label == VOLUME and item.said]
    return f"No limit is drawn: {said[0] if said else f'none of {store.name} is known'}."


def _cost(cost: MonthlyCost, title: str, at: int) -> Figure:
    parts = [(line.label, line.low, line.high, line.shown) for line in cost.lines]
    says = f"Cost of {cost.store} of {title} a month in USD: " + ", ".join(
        f"{label} {text}" for label, _, _, text in parts
    )
    oldest = cost.oldest
    note = f"{cost.shown} USD in all, by list prices of {oldest.region}, the oldest of "
    note += f"{oldest.source.dated}{', more than a year ago' if oldest.old else ''}."
    if cost.asked:
        note += f" Closer with {' and '.join(cost.asked)}."
    drawing = charts.ranges(parts, "USD a month", says, f"usd{at}")
    return Figure(f"{cost.store}: cost a month", drawing, note)
