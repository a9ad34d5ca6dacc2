"""The way of a request: who asks, how often, for what, through what, and which store answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise

from ..component.building_blocks import PlannedBlock
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
        yield from _by_entity(component, design, stores)
        passed = {name for way in through(component).values() for name in way}
    else:
        passed = set()
        load = component.load
        sides = [
            f"{number(rate)} {word}/s"
            for word, rate in (("reads", load.reads), ("writes", load.writes))
            if rate is not None
        ]
        text = f'|"{label(", ".join(sides))}"|' if sides else ""
        yield from (f"  callers -->{text} {store}" for store in stores.values())
    yield from _blocks(component, stores, passed)
    for at, name in enumerate(needs):
        yield f'  need{at}["{label(name)}"]'
        yield f"  {next(iter(stores.values()))} -.-> need{at}"
    yield from _refills(component, stores)


def _by_entity(component: Component, design: Design, stores: Mapping[str, str]) -> Iterator[str]:
    ways = through(component)
    blocks = {item.block.name: f"block{at}" for at, item in enumerate(component.blocks)}
    asked: dict[str, dict[tuple[str, ...], list[PatternRow]]] = {}
    for pattern in design.patterns:
        asked.setdefault(pattern.entity, {}).setdefault(ways[pattern.name], []).append(pattern)
    passed: dict[str, None] = {}  # an arrow between two blocks is drawn once
    for at, entity in enumerate(design.entities):
        for way, patterns in asked.get(entity.entity, {}).items():
            chain = [*(blocks[name] for name in way), f"entity{at}"]
            what = f"{entity.entity}: {_asked(patterns)}" if way else _asked(patterns)
            yield f'  callers -->|"{label(what)}"| {chain[0]}'
            passed |= dict.fromkeys(f"  {one} --> {other}" for one, other in pairwise(chain))
        if entity.entity in asked:
            yield f'  entity{at}["{label(entity.entity)}"]'
            store = stores.get(entity.store, next(iter(stores.values())))
            yield f"  entity{at} --> {store}"
    yield from passed
    yield from _together(component, design, stores)


def _together(component: Component, design: Design, stores: Mapping[str, str]) -> Iterator[str]:
    """Show what changes in one go, and which store follows another one by a note."""
    entities = {item.entity: f"entity{at}" for at, item in enumerate(design.entities)}
    names = {item.name: stores[item.backend.key] for item in component.stores}
    found: dict[str, None] = {}
    for operation in component.operations:
        first, *others = operation.pattern.touched
        guard = operation.guard
        if guard is not None and guard.leader:
            ways = [f'  {names[guard.leader]} -.->|"note"| {names[it]}' for it in guard.follow]
        else:
            ways = [f'  {entities[first]} ---|"together"| {entities[it]}' for it in others]
        found |= dict.fromkeys(ways)
    yield from found


def _blocks(
    component: Component, stores: Mapping[str, str], passed: Collection[str]
) -> Iterator[str]:
    """Yield the blocks, and a way of a request through those that no operation goes through."""
    for at, item in enumerate(component.blocks):
        if item.made is not None:
            yield f'  block{at}{{{{"{label(item.block.name)}"}}}}'
            if item.block.name not in passed:
                yield f"  callers --> block{at} --> {stores[item.store.backend.key]}"


def through(component: Component) -> dict[str, tuple[str, ...]]:
    """Return the names of the blocks that each operation goes through, in their order.

    An operation that changes what plays a part in a block goes through it.
    """
    ways = sorted(component.blocks, key=lambda item: not item.block.ahead)
    patterns = component.model.patterns if component.model else ()
    return {
        pattern.name: tuple(
            item.block.name
            for item in ways
            if pattern.changes and item.made is not None and _players(item) & {*pattern.touched}
        )
        for pattern in patterns
    }


def _players(item: PlannedBlock) -> set[str]:
    return {role.entity for role in item.bound.roles if not role.proposed}


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
