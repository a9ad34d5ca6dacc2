"""In which order several stores are written: the one rule that decisions, tasks and texts follow.

A store that decides what exists commits in between: what it refers to is there before, and what
follows from it comes after.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from ..catalog.backend import Backend

if TYPE_CHECKING:
    from ..schema.model import DataModel


class WriteOrder(NamedTuple):
    """The order of writes between the stores of a component; names of stores.

    Args:
        deciders: What decides whether something exists: the databases, else the first store.
        bodies: What holds bodies: they are written first, under names that nothing refers to.
        copies: What holds copies, which follow each commit.
        notes: Whether the draft has an outbox for what is still to be done in other stores.
    """

    deciders: tuple[str, ...]
    bodies: tuple[str, ...]
    copies: tuple[str, ...]
    notes: bool


def write_order(
    backends: Sequence[Backend], keepers: Sequence[Backend], model: DataModel | None
) -> WriteOrder | None:
    """Return the order of writes; None where there is one store.

    Args:
        backends: All stores, as they were chosen.
        keepers: Those whose content cannot be rebuilt.
        model: The entities and operations, with what follows from them.
    """
    if len(backends) < 2:
        return None
    from ..schema.hybrid import holds_bodies
    from ..schema.notes import outbox

    databases = [item for item in keepers if item.storage_type == "database"]
    deciders = databases or list(keepers[:1]) or list(backends[:1])
    others = [item for item in backends if item not in deciders]
    bodies = [item for item in others if item in keepers and holds_bodies(item)]
    copies = [item for item in others if item not in bodies]
    notes = model is not None and outbox(model) is not None
    return WriteOrder(_names(deciders), _names(bodies), _names(copies), notes)


def _names(backends: Sequence[Backend]) -> tuple[str, ...]:
    return tuple(item.name for item in backends)
