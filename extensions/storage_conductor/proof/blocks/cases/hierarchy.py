"""Hierarchy: each node reaches its root, and what is found under a node is what hangs there."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

from ..callers import DONE
from ..trial import Request, Trial, won


def case(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    """Yield what should not be."""
    yield from _grows(trial, next(numbers), next(numbers))
    yield from _opposed(trial, next(numbers))
    yield from _added_meanwhile(trial, numbers)
    yield from _at_once(trial, next(numbers))
    for after in trial.deaths("plant"):
        yield from _plant_dies(trial, next(numbers), after)
    number = next(numbers)
    _planted(trial, number)
    for after in trial.deaths("add"):
        yield from _add_dies(trial, number, after)
    for after in trial.deaths("move"):
        yield from _move_dies(trial, number, after)


def _node(number: int, name: str) -> str:
    return f"n{number}{name}"


def _planting(number: int) -> dict[str, Any]:
    return {"tree": f"t{number}", "id": _node(number, "r")}


def _adding(number: int, name: str, parent: str) -> dict[str, Any]:
    return {"tree": f"t{number}", "id": _node(number, name), "parent": _node(number, parent)}


def _moving(number: int, name: str, parent: str) -> Request:
    mine = {"tree": f"t{number}", "node": _node(number, name)}
    return "move", {**mine, "new_parent": _node(number, parent)}


def _moved(trial: Trial, number: int, name: str, parent: str) -> bool:
    action, values = _moving(number, name, parent)
    return trial.do(action, **values).word == DONE


def _planted(trial: Trial, number: int) -> None:
    """Have a tree: a with b and c, and d with e, under the root."""
    trial.do("plant", **_planting(number))
    for name, parent in ("ar", "ba", "cb", "dr", "ed"):
        if not trial.failures:  # each one that never ends takes its time
            trial.do("add", **_adding(number, name, parent))


def _parents(trial: Trial, number: int) -> dict[str, str | None]:
    """Return the parent of each node of a tree, without the number of the tree in their names."""
    found: dict[str, str | None] = {}
    for row in trial.look("parents", tree=f"t{number}"):
        whole = row.get("value")
        found |= whole if isinstance(whole, Mapping) else {row["id"]: row["parent"]}
    prefix = _node(number, "")
    return {
        node.removeprefix(prefix): parent.removeprefix(prefix) if parent else None
        for node, parent in found.items()
    }


def _above(parents: Mapping[str, str | None], node: str) -> list[str]:
    """Return a node and all that it hangs under; it ends where it comes round again."""
    found: list[str] = []
    at: str | None = node
    while at is not None and at not in found:
        found.append(at)
        at = parents.get(at)
    return found


def _sound(trial: Trial, number: int, when: str) -> Iterator[str]:
    parents = _parents(trial, number)
    above = {node: _above(parents, node) for node in parents}
    for node, chain in above.items():
        if chain[-1] != "r":
            yield f"{when} {node} does not hang under the root: {parents}"
    for node in parents:
        rows = trial.do("below", tree=f"t{number}", node=_node(number, node)).rows
        found = sorted(str(row.get("below")).removeprefix(_node(number, "")) for row in rows)
        if found != (hangs := sorted(other for other, chain in above.items() if node in chain)):
            yield f"{when} under {node} are found {found}, and {hangs} hang there"


def _grows(trial: Trial, number: int, other: int) -> Iterator[str]:
    for tree in (number, other):
        _planted(trial, tree)
    yield from _sound(trial, number, "after nodes were added")
    if _parents(trial, number) != dict([*zip("abcde", "rabrd", strict=True), ("r", None)]):
        yield f"nodes do not hang where they were added: {_parents(trial, number)}"
    if not _moved(trial, number, "b", "d"):
        yield "a node cannot be moved"
    if _parents(trial, number).get("b") != "d":
        yield "a node that was moved is where it was"
    yield from _sound(trial, number, "after a move")
    yield from _refused(trial, number, other)


def _refused(trial: Trial, number: int, other: int) -> Iterator[str]:
    """What would make a ring, or leave the tree, is refused and changes nothing."""
    before = _parents(trial, number)
    for node, parent in ("dc", "dd", "rb"):
        if _moved(trial, number, node, parent):
            yield f"{node} was moved under {parent}, which is under it"
    foreign = {**_moving(number, "a", "d")[1], "new_parent": _node(other, "a")}
    if won([trial.do("move", **foreign)]):
        yield "a node was moved into another tree"
    stolen = {**_moving(number, "a", "d")[1], "node": _node(other, "e")}
    if won([trial.do("move", **stolen)]):
        yield "a node of another tree was moved into this one"
    strange = {**_adding(number, "x", "a"), "parent": _node(other, "a")}
    if won([trial.do("add", **strange)]):
        yield "a node was added under one of another tree"
    if won([trial.do("add", **_adding(number, "b", "a"))]):
        yield "a node was added that is there already"
    if (after := _parents(trial, number)) != before:
        yield f"what was refused changed {before} to {after}"
    yield from _sound(trial, number, "after refused moves")
    yield from _sound(trial, other, "beside another tree")


def _opposed(trial: Trial, number: int) -> Iterator[str]:
    """One stands within a move, and another one moves the other way."""
    _planted(trial, number)
    for before in ("lock", "commit"):
        trial.meanwhile(_moving(number, "b", "e"), before, [_moving(number, "d", "c")])
        yield from _sound(trial, number, f"after two opposed moves, one stopped before {before}")
        for name, parent in ("br", "dr", "ba", "dr"):
            _moved(trial, number, name, parent)


def _added_meanwhile(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    """A node is added under one that moves, whoever of the two stands and waits."""
    for action, before in (("add", "node"), ("add", "commit"), ("move", "commit")):
        number = next(numbers)
        _planted(trial, number)
        asked = {"add": ("add", _adding(number, "x", "c")), "move": _moving(number, "b", "d")}
        first = asked.pop(action)
        trial.meanwhile(first, before, [*asked.values()])
        yield from _sound(trial, number, f"after {action} stopped before {before}")


def _at_once(trial: Trial, number: int) -> Iterator[str]:
    _planted(trial, number)
    pairs = zip("adcbea", "eardcr", strict=True)
    trial.together([_moving(number, node, parent) for node, parent in pairs])
    yield from _sound(trial, number, "after many moves at once")


def _plant_dies(trial: Trial, number: int, after: int) -> Iterator[str]:
    """After a crash there is a root that nodes can hang under, at the latest when planted again."""
    when = f"after a crash after step {after + 1} of plant"
    trial.kill("plant", after, **_planting(number))
    if not _parents(trial, number):
        trial.do("plant", **_planting(number))
    if not won([trial.do("add", **_adding(number, "a", "r"))]):
        yield f"{when} nothing can be added"
    yield from _sound(trial, number, when)


def _add_dies(trial: Trial, number: int, after: int) -> Iterator[str]:
    when, name = f"after a crash after step {after + 1} of add", f"x{after}"
    adding = _adding(number, name, "c")
    trial.kill("add", after, **adding)
    yield from _sound(trial, number, when)
    if name not in _parents(trial, number) and not won([trial.do("add", **adding)]):
        yield f"{when} it cannot be done again"


def _move_dies(trial: Trial, number: int, after: int) -> Iterator[str]:
    when = f"after a crash after step {after + 1} of move"
    trial.kill("move", after, **_moving(number, "b", "d")[1])
    yield from _sound(trial, number, when)
    if _parents(trial, number)["b"] != "d" and not _moved(trial, number, "b", "d"):
        yield f"{when} it cannot be done again"
    yield from _sound(trial, number, f"{when}, and done again,")
    _moved(trial, number, "b", "a")
