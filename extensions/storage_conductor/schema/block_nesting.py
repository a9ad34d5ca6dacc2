"""Blocks on one entity: the steps of one take the place of what another leaves to the application.

A request that takes effect once, an event that is written with its change and a job that ends with
its effect each leave a change to the application, within their transaction. Where another block
makes that change, its steps stand there, without their own beginning and end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from .block_roles import BoundBlock
from .block_statements import ReadyAction, ReadyStep, as_part

_FRAME = ("begin", "commit")


@dataclass(frozen=True)
class Nesting:
    """An action of one block within an action of another.

    Args:
        outer: The key of the block around.
        action: Its action.
        step: The step whose place is taken.
        inner: The key of the block within.
        within: Its action.
    """

    outer: str
    action: str
    step: str
    inner: str
    within: str


def nestings(bound: Sequence[BoundBlock], store: str) -> tuple[Nesting, ...]:
    """Return what stands within what: each change at most once, by the order of the blocks.

    Args:
        bound: The blocks that one store keeps, in their order, bound to the same entities.
        store: Key of the store.
    """
    found = []
    for at, outer in enumerate(bound):
        for action, step, entity in _left(outer, store):
            inner = next(
                (hit for it in bound[at + 1 :] if (hit := _changes(it, store, entity))), None
            )
            if inner is not None:
                found.append(Nesting(outer.block.key, action, step, *inner))
    return tuple(found)


def _left(bound: BoundBlock, store: str) -> list[tuple[str, str, str]]:
    """Return what a block leaves to the application: action, step, entity."""
    made = bound.block.realised(store)
    entities = {item.role.key: item.entity for item in bound.roles}
    return [
        (action.key, step.key, entities[step.wraps])
        for action in (made.actions if made else ())
        for step in action.steps
        if step.wraps
    ]


def _changes(bound: BoundBlock, store: str, entity: str) -> tuple[str, str] | None:
    """Return the block and its first action that changes an entity at its own rate."""
    made = bound.block.realised(store)
    entities = {item.role.key: item.entity for item in bound.roles}
    rated = [
        action.key
        for action in (made.actions if made else ())
        if action.rate and entities[action.rate] == entity
    ]
    return (bound.block.key, rated[0]) if rated else None


def nested(
    actions: Mapping[tuple[str, str], ReadyAction], found: Sequence[Nesting], key: tuple[str, str]
) -> ReadyAction:
    """Return an action with all that stands within it.

    Args:
        actions: The actions of all blocks, by block and key.
        found: What stands within what.
        key: The block and the action.
    """
    whole = actions[key]
    for item in found:
        if (item.outer, item.action) == key:
            inner = nested(actions, found, (item.inner, item.within))
            whole = _put(whole, item.step, inner)
    return whole


def _put(outer: ReadyAction, step: str, inner: ReadyAction) -> ReadyAction:
    own = [_within(outer, it, inner) for it in inner.steps if it.step.key not in _FRAME]
    steps: list[ReadyStep] = []
    for item in outer.steps:
        steps += own if item.step.key == step else [item]
    return ReadyAction(outer.action, tuple(steps))


def _within(outer: ReadyAction, item: ReadyStep, inner: ReadyAction) -> ReadyStep:
    """Return a step under a name of its own, taken by whoever takes the action around it."""
    key = f"{inner.action.key}-{item.step.key}"
    run = as_part(item.run)
    return replace(item, run=run, step=item.step.replace(key=key), by=outer.by)
