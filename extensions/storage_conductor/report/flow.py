"""The way of a request: who asks, how often, for what, and which store answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from ..component.component import Component
from ..schema.result import Design, PatternRow
from ..units import number
from .diagrams import label

# Of more entities than these, a drawing shows the stores alone.
_MOST_ENTITIES = 14


def diagram(component: Component, needs: Sequence[str]) -> str:
    """Draw the way of a request as Mermaid.

    Args:
        component: The component.
        needs: What must be there first.
    """
    return "\n".join(["flowchart LR", *_lines(component, needs)]) + "\n"


def _lines(component: Component, needs: Sequence[str]) -> Iterator[str]:
    yield '  callers["Callers"]'
    names = {item.backend.key: item.name for item in component.stores}
    for at, name in enumerate(names.values()):
        yield f'  store{at}[("{label(name)}")]'
    stores = {key: f"store{at}" for at, key in enumerate(names)}
    design = component.design
    if design is not None and design.patterns and len(design.entities) <= _MOST_ENTITIES:
        yield from _by_entity(design, stores)
    else:
        load = component.load
        sides = [
            f"{number(rate)} {word}/s"
            for word, rate in (("reads", load.reads), ("writes", load.writes))
            if rate is not None
        ]
        text = f'|"{label(", ".join(sides))}"|' if sides else ""
        yield from (f"  callers -->{text} {store}" for store in stores.values())
    for at, name in enumerate(needs):
        yield f'  need{at}["{label(name)}"]'
        yield f"  {next(iter(stores.values()))} -.-> need{at}"
    yield from _refills(component, stores)


def _by_entity(design: Design, stores: dict[str, str]) -> Iterator[str]:
    asked: dict[str, list[PatternRow]] = defaultdict(list)
    for pattern in design.patterns:
        asked[pattern.entity].append(pattern)
    for at, entity in enumerate(design.entities):
        patterns = asked.get(entity.entity, [])
        if patterns:
            yield f'  entity{at}["{label(entity.entity)}"]'
            yield f'  callers -->|"{label(_asked(patterns))}"| entity{at}'
            store = stores.get(entity.store, next(iter(stores.values())))
            yield f"  entity{at} --> {store}"


def _asked(patterns: Sequence[PatternRow]) -> str:
    """Return how often an entity is asked for, by kind: `2 reads, 960/s; 1 write`."""
    kinds: dict[str, list[float | None]] = defaultdict(list)
    for pattern in patterns:
        kinds[pattern.kind].append(pattern.per_second)
    parts = []
    for kind, rates in kinds.items():
        known = [rate for rate in rates if rate is not None]
        what = f"{len(rates)} {kind}{'s' if len(rates) > 1 else ''}"
        parts.append(what + (f", {number(sum(known))}/s" if known else ""))
    return "; ".join(parts)


def _refills(component: Component, stores: dict[str, str]) -> Iterator[str]:
    """Show from which store another one is rebuilt after a loss."""
    keys = {item.name: item.backend.key for item in component.stores}
    rebuilt = [keys[name] for name in component.rebuilt if name in keys]
    owners = [key for key in stores if key not in rebuilt]
    if rebuilt and owners:
        for key in rebuilt:
            yield f'  {stores[owners[0]]} -.->|"rebuilt from"| {stores[key]}'
